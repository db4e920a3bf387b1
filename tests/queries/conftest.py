"""What the tests of the queries share: the worked cases, asked."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import asking

from data.store import Store


@pytest.fixture(scope="module")
def cases(case_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The queries ask the worked cases; a module may write to its copy."""
    path = tmp_path_factory.mktemp("asked") / "cases.duckdb"
    shutil.copy(case_database, path)
    with asking(path) as house:
        yield house
