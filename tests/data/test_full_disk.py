"""No room left on the disk: the clerk is told, nothing is half stored, and it goes on afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from deeds import WANG, Deed, describe
from files import registers_of_two_townships
from keeping import upload
from killed import Worker

from data import store as stores
from data.problems import DATABASE
from data.store import open_store
from data.uploads import desk, tables

pytestmark = pytest.mark.skipif(os.name == "nt", reason="limits and mounts are things of Unix")

MANY = tuple(("007", "接待选民", f"2026-07-{1 + n % 30:02}", "") for n in range(20_000))
FIRST = Deed("activities", "2026Q3", False, MANY[:100])
SECOND = Deed("activities", "2026Q3", True, (*MANY, ("D2", "接待选民", "2026-08-01", "")))


def try_at_the_desk(deed: Deed) -> str:
    """Store it as the upload page does; the outcome, or the code of the fault."""
    checked = desk.check([deed.sent], WANG)
    with desk.supposing_stored(checked, checked, WANG) as previews:
        pass
    storing = desk.start(previews, WANG)
    assert storing.wait(60)
    if storing.fault:
        assert storing.receipts is None
        assert str(storing.fault) == DATABASE[storing.fault.code].format(**storing.fault.details)
        return storing.fault.code
    assert storing.receipts is not None
    return storing.receipts[0].outcome


def fill_and_store(
    database: Path, rooms: list[float], filling: Any, tell: Callable[[Any], None]
) -> None:
    """Store with so little room, again and again, then with enough; nothing is left half done."""
    house = stores.use(database)
    stores.SPARE = -(10**12)  # let it begin: the room ends in the middle
    before, version = describe(house), house.version
    for room in rooms:
        with filling(database, room):
            outcome = try_at_the_desk(SECOND)
            assert house.query("select count(*) as n from activities")["n"].item() in (100, 20_001)
        tell((room, outcome))
        if outcome == "stored":
            for action in ("undo", "redo"):
                with desk.supposing_reversed(4, action, WANG) as seen:
                    pass
                desk.reverse(4, action, "错了", WANG, seen)
            break
        assert describe(house) == before
        assert house.version == version
    else:
        assert try_at_the_desk(SECOND) == "stored"
    tell(house.journal.interrupted() and "interrupted")
    house.close()


@contextmanager
def limited(database: Path, room: float) -> Iterator[None]:
    """No file can grow beyond this share of the database's size."""
    import resource  # not on Windows

    free = resource.getrlimit(resource.RLIMIT_FSIZE)
    limit = int(room * database.stat().st_size)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, free[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, free)


@contextmanager
def filled(database: Path, room: float) -> Iterator[None]:
    """The disk is filled up to this share of the database's size."""
    filler = database.with_name("filler")
    left = shutil.disk_usage(database.parent).free - int(room * database.stat().st_size)
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, left))
    try:
        yield
    finally:
        filler.unlink()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of its own, of 60 MB."""
    mount, place = shutil.which("mount"), tmp_path / "disk"
    place.mkdir()
    command = [mount or "mount", "-t", "tmpfs", "-o", "size=60m", "tmpfs", str(place)]
    if not mount or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("only an administrator may mount a disk")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=False)


@pytest.mark.parametrize("how", ["limit", "disk"])
def test_room_that_ends(how: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Wherever the room ends, the clerk gets a sentence, readers their answers, and of the file
    nothing is stored; with room again the same process stores it, and the file opens whole.
    """
    place = tmp_path if how == "limit" else request.getfixturevalue("small_disk")
    database = place / "office.duckdb"
    house = open_store(database)
    upload(house, *registers_of_two_townships())
    upload(house, FIRST.sent)
    before = describe(house)
    house.close()
    shares = [0, 0.02, 0.1, 0.2, 0.4, 0.6, 0.8, 0.9, 1, 1.2, 1.5, 2, 3, 5, 8]
    worker = Worker(fill_and_store, database, shares, limited if how == "limit" else filled)
    assert not worker.wait()
    *tries, interrupted = worker.told
    assert not interrupted
    outcomes = [outcome for _, outcome in tries]
    assert set(outcomes) <= {"original_not_kept", "full", "no_backup", "stored"}, outcomes
    assert len(outcomes) > 3, outcomes
    print(how, tries)
    house = open_store(database)
    found = describe(house)
    assert found["uploads"].keys() == before["uploads"].keys() | {4}
    assert found["rows"][4] == list(SECOND.lines)
    assert sum(found["standing"]["activities"].values()) == len(SECOND.lines)
    ledger = house.query("select upload_id, kept, digest from uploads order by 1")
    assert ledger.equals(house.query(f"from ({tables.recomputed()}) order by 1"))
    house.close()
