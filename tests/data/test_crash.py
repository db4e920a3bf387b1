"""Killed at any moment: what was acknowledged is whole, anything else is whole or absent.

``--kills N`` kills at N random moments instead of a few.
"""

from __future__ import annotations

import os
import random
import shutil
import time
from pathlib import Path

import pytest
from deeds import Deed, Expected, course, describe
from files import registers_of_two_townships
from keeping import Contents, contents, county, upload
from killed import Worker, back_up, do_at_the_desk, open_and_close, restore, turn_round

from data import backups
from data.journal import Job, Journal
from data.problems import MENDED_BY_A_BACKUP, DatabaseUnavailable
from data.store import Store, examine, open_store
from data.uploads import originals, tables
from data.uploads.check import check_all, registers
from data.uploads.formats import FORMATS
from data.uploads.ledger import upload_together

pytestmark = pytest.mark.skipif(os.name == "nt", reason="SIGKILL and fork are things of Unix")


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an office with the registers of two townships, and no records yet."""
    folder = tmp_path_factory.mktemp("clean")
    store = open_store(folder / "office.duckdb")
    upload(store, *registers_of_two_townships())
    store.close()
    return folder


@pytest.fixture
def database(clean: Path, tmp_path: Path) -> Path:
    return shutil.copytree(clean, tmp_path / "office") / "office.duckdb"


def another(clean: Path, place: Path) -> Path:
    """The database of a fresh copy of the office's folder."""
    shutil.rmtree(place, ignore_errors=True)
    return shutil.copytree(clean, place) / "office.duckdb"


# --- after the crash --------------------------------------------------------------------------


def make_sure(database: Path, deeds: list[Deed], told: list[int | None]) -> None:
    """The database opens; what was told is there, and of the next deed all or nothing; what was
    left undone can be done, and what was done comes no second time.
    """
    expected = Expected(3)
    for deed, number in zip(deeds, told, strict=False):
        assert number in (None, expected.number_of(deed))
        expected.after(deed, number)
    pending = deeds[len(told) :]
    house = open_store(database, create=False)
    interrupted = house.journal.interrupted()
    found = describe(house)
    is_done = bool(pending) and found != expected.described
    if is_done:  # it was committed, and the word of it was not heard
        deed = pending.pop(0)
        expected.after(deed, expected.number_of(deed))
        make_sure_of_job(interrupted, deed, expected)
    elif pending:
        make_sure_of_job(interrupted, pending[0], None)
    else:
        assert interrupted == []
    assert found == expected.described
    make_sure_of_ledger(house)
    if is_done and deed.format:
        come_again(house, [deed])
    for deed in pending:
        number = expected.number_of(deed)
        if deed.format:
            [receipt] = upload_together(house, check_all([deed.sent], registers(house)))
            assert receipt.upload_id == (number if receipt.outcome == "stored" else None)
            expected.after(deed, receipt.upload_id)
        else:
            turn_round(house, number)
            expected.after(deed, number)
    assert describe(house) == expected.described
    come_again(house, expected.sent_again())
    make_sure_of_ledger(house)
    for name in house.query("select checksum from uploads")["checksum"]:
        if (originals.folder(database) / name).exists():
            assert originals.read(database, name) is not None
    house.close()
    assert Journal(database).version == house.version


def make_sure_of_job(interrupted: list[Job], deed: Deed, expected: Expected | None) -> None:
    """Only the deed that was under way is told of, with the upload that came of it, if any."""
    told = [(file["checksum"], file["upload_id"]) for job in interrupted for file in job.files]
    if deed.format:
        number = max(expected.uploads) if expected else None
        assert told in ([], [(deed.sent.checksum, number)])
    else:
        assert told == []


def make_sure_of_ledger(house: Store) -> None:
    """Counts and digests are those of the rows, and of the cells."""
    ledger = house.query("select upload_id, kept, digest from uploads order by 1")
    for tally in (tables.tallies([f"stored_{name}" for name in FORMATS]), tables.recomputed()):
        found = house.query(f"from ({tally}) order by 1")
        assert found.to_dict("records") == ledger.to_dict("records")


def come_again(house: Store, deeds: list[Deed]) -> None:
    """Files whose upload stands are sent again, and nothing changes."""
    version = house.version
    for deed in deeds:
        [receipt] = upload_together(house, check_all([deed.sent], registers(house)))
        assert receipt.outcome == "unchanged"
    assert house.version == version


# --- at any moment ----------------------------------------------------------------------------


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "kill" in metafunc.fixturenames:
        metafunc.parametrize("kill", range(metafunc.config.getoption("kills")))


def test_killed_at_any_moment(database: Path, kill: int) -> None:
    """Killed at a random moment of uploads, replacements, undos and redos: what was acknowledged
    is there, the rest whole or absent, and the work goes on.
    """
    rng = random.Random(kill)
    deeds = course(kill)
    worker = Worker(do_at_the_desk, database, deeds)
    for _ in range(rng.randrange(len(deeds))):
        worker.hear()
    time.sleep(rng.uniform(0, 0.25))
    worker.kill()
    make_sure(database, deeds, worker.told)


DEEDS = [
    Deed("activities", "2026Q3", True, (("007", "接待选民", "2026-07-01", ""),) * 2),
    Deed(turn=0),
]


def test_killed_at_each_step_of_a_deed(clean: Path, tmp_path: Path) -> None:
    """The same between any two steps of an upload and of its undo."""
    steps = []
    for step in range(1, 1000):
        database = another(clean, tmp_path / "office")
        worker = Worker(do_at_the_desk, database, DEEDS, step=step)
        is_killed = worker.wait()
        if not is_killed:
            break
        steps.append(worker.told.pop())
        make_sure(database, DEEDS, worker.told)
    assert steps.count("killed before commit") == 3  # the first is of the opening
    assert steps.count("killed before fsync") > 10


# --- while opening, backing up, restoring -----------------------------------------------------


def test_killed_at_each_step_of_the_first_opening(tmp_path: Path) -> None:
    """A database whose creation was cut short is completed, or begun anew; it opens."""
    told = []
    for step in range(1, 1000):
        database = tmp_path / str(step) / "office.duckdb"
        worker = Worker(open_and_close, database, step=step)
        if not worker.wait():
            break
        told += worker.told
        house = open_store(database)
        upload(house, *registers_of_two_townships())
        house.close()
    assert told.count("killed before commit") >= 4


def make_sure_of_backups(database: Path, told: list[str]) -> None:
    """Every backup that is listed is whole, those told of among them; halves are swept away."""
    listed = backups.listed(database)
    assert {backup.name for backup in listed} >= set(told)
    for backup in listed:
        backups.verify(backup)
    house = open_store(database)
    made = backups.save(house, "daily")
    backups.verify(made)
    house.close()
    place = backups.folder(database)
    whole = {backup.name for backup in backups.listed(database)}
    assert {file.name for file in place.glob("*.duckdb")} == whole
    assert not [*place.glob("*.part*"), *place.glob("*.note"), *place.glob("*.wal")]


def test_killed_at_each_step_of_a_backup(clean: Path, tmp_path: Path) -> None:
    """No half backup is ever listed, and the next one is made as if nothing had been."""
    for step in range(1, 1000):
        database = another(clean, tmp_path / "office")
        worker = Worker(back_up, database, 1, step=step)
        if not worker.wait():
            break
        worker.told.pop()
        make_sure_of_backups(database, worker.told)
    assert step > 10


def test_killed_at_any_moment_of_a_backup(database: Path) -> None:
    """The same in the midst of a copy."""
    for seed in range(3):
        worker = Worker(back_up, database, 8)
        worker.hear()
        time.sleep(random.Random(seed).uniform(0, 0.2))
        worker.kill()
        make_sure_of_backups(database, worker.told)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[int, Contents]]:
    """The folder of an office with backups, and what each data version held."""
    folder = tmp_path_factory.mktemp("kept")
    return folder, county(folder)


def fault_of(database: Path) -> str | None:
    """Why the database would not open, if so."""
    try:
        examine(database)
    except DatabaseUnavailable as fault:
        return fault.code
    return None


@pytest.mark.parametrize("state", ["open", "damaged"])
def test_killed_at_each_step_of_a_restore(
    state: str, kept: tuple[Path, dict[int, Contents]], tmp_path: Path
) -> None:
    """A restore that was cut short has restored, or changed nothing, or can be done again; and
    the files of a damaged database are kept.
    """
    folder, held = kept
    first, last = min(held), max(held)
    oldest = backups.listed(folder / "office.duckdb")[-1]
    assert oldest.version == first
    damaged = b"damaged"
    for step in range(1, 1000):
        database = another(folder, tmp_path / "office")
        if state == "damaged":
            database.write_bytes(damaged)
        worker = Worker(restore, database, oldest.name, state == "open", step=step)
        if not worker.wait():
            break
        worker.told.pop()
        if (fault := fault_of(database)) is None:
            house = open_store(database, create=False)
            restored = house.query("select count(*) as n from restores")["n"].item()
            assert contents(house) == held[first if restored else last]
            assert restored or not worker.told
            house.close()
        else:
            assert (state, fault in MENDED_BY_A_BACKUP) == ("damaged", True)
        backups.restore(database, oldest.name, "李")
        house = open_store(database)
        assert contents(house) == held[first]
        house.close()
        assert not list(backups.folder(database).glob("restoring*"))
        if state == "damaged":
            aside = [file.read_bytes() for file in tmp_path.glob("office/*damaged-*/office.duckdb")]
            assert damaged in aside
    assert step > 10
