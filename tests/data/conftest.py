"""A small county in an open database, for tests that store something."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from files import registers_of_two_townships

from data.store import Store, open_store
from data.uploads.check import Registers, Sent, check_all, registers
from data.uploads.ledger import Receipt, upload_together


def upload(store: Store, *files: Sent) -> list[Receipt]:
    return upload_together(store, check_all(files, registers(store)))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Store]:
    """An open store with two townships and four delegates."""
    store = open_store(tmp_path / "house.duckdb")
    upload(store, *registers_of_two_townships())
    yield store
    store.close()


@pytest.fixture(scope="session")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registers]:
    """What the checks look up in the small county, with no records yet."""
    store = open_store(tmp_path_factory.mktemp("known") / "known.duckdb")
    upload(store, *registers_of_two_townships())
    yield registers(store)
    store.close()
