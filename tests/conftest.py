"""Databases that many tests read: loaded once per session, through the very upload path.

Each fixture gives the path of a closed database. One process holds a database, so a test that
writes, or that opens it in another process, copies the file first.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from files import worked_cases

from data import sample
from data import store as stores
from data.store import open_store
from data.uploads.check import check_all, registers
from data.uploads.ledger import upload_together
from queries.sight import EVERYTHING, seeing


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--kills",
        type=int,
        default=6,
        help="how often tests/data/test_crash.py kills a process at a random moment",
    )


# What starts servers and browsers, kills processes, fills disks or goes through every role; the
# rest takes two minutes.
SLOW = (
    *("test_hostile_text.py", "test_browser.py", "test_attacks.py", "test_clerk_day.py"),
    *("test_crash.py", "test_backups.py", "test_office_day.py", "test_roles.py"),
    *("test_own_townships.py", "test_record.py", "test_sample.py", "test_sight.py"),
    *("test_standing.py", "pages/test_matters.py", "test_together.py", "test_command_line.py"),
    *("test_bounds.py", "pages/test_reports.py", "parts/test_export.py", "papers/test_dossier.py"),
    *("pages/test_sessions.py", "pages/test_stations.py", "test_single_sign_on.py"),
    *("test_full_disk.py", "test_record_page.py", "papers/test_bulletin.py"),
    *("papers/test_booklet.py", "pages/test_campaigns.py", "pages/test_loop.py"),
    *("queries/test_package.py", "pages/test_verify.py", "queries/test_mine.py"),
    *("queries/test_loop.py", "queries/test_stations.py", "queries/test_matters.py"),
    *("queries/test_campaigns.py", "pages/test_mine.py", "test_accounts_page.py"),
    *("test_paper.py", "test_previews.py"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.as_posix().endswith(SLOW):
            item.add_marker("slow")


@pytest.fixture(scope="session", autouse=True)
def _all_is_seen() -> Iterator[None]:
    """What a test itself asks is answered in full; pages, on threads of their own, say for whom."""
    with seeing(EVERYTHING):
        yield


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    """Which database a test chooses is forgotten after it, and which page it made the main script:
    a process that is forked later would run that first.
    """
    chosen, main = stores._chosen, sys.modules["__main__"]
    yield
    stores._chosen = chosen
    sys.modules["__main__"] = main


@pytest.fixture(scope="session")
def sample_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole sample county."""
    path = tmp_path_factory.mktemp("sample") / "sample.duckdb"
    store = open_store(path)
    sample.begin(store)
    sample.load(store)
    sample.finish(store)
    store.close()
    return path


@pytest.fixture(scope="session")
def case_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The worked cases of tests/cases."""
    path = tmp_path_factory.mktemp("cases") / "cases.duckdb"
    store = open_store(path)
    receipts = upload_together(store, check_all(worked_cases(), registers(store)))
    assert {receipt.outcome for receipt in receipts} == {"stored"}
    store.close()
    return path
