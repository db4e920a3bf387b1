"""One office behind accounts for the tests that leave it as it is, fresh ones for the others."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from knocking import Office, office


@pytest.fixture(scope="session")
def shared_office(
    case_database: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    """The worked cases behind accounts. Nothing in it is disabled, signed out by force or stored."""
    with office(case_database, tmp_path_factory.mktemp("office")) as served:
        yield served


@pytest.fixture
def fresh_office(case_database: Path, tmp_path: Path) -> Iterator[Callable[..., Office]]:
    """An office of the test's own: ``fresh_office()``."""
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(office(case_database, tmp_path, **settings))
