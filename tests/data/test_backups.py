"""Damage is noticed before a number is served, and a backup brings back every row."""

from __future__ import annotations

import json
import logging
import os
import random
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from keeping import ROOT, Contents, activity, checksums, contents, county, crash, upload

from data import backups, store
from data.__main__ import main
from data.journal import Journal
from data.problems import DATABASE, MENDED_BY_A_BACKUP, DatabaseUnavailable
from data.store import Store, examine, open_store

State = tuple[Path, dict[int, Contents]]


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> State:
    """The folder of an office that shut its program down, and what each data version held."""
    folder = tmp_path_factory.mktemp("clean")
    return folder, county(folder)


@pytest.fixture(scope="module")
def killed(clean: State, tmp_path_factory: pytest.TempPathFactory) -> State:
    """The same after one more upload, in a process killed before its checkpoint."""
    folder = tmp_path_factory.mktemp("killed") / "office"
    shutil.copytree(clean[0], folder)
    crash(folder, "checkpoint")
    assert (folder / "office.duckdb.wal").stat().st_size > 0
    return folder, clean[1]


@pytest.fixture
def house(clean: State, tmp_path: Path) -> Iterator[Store]:
    """The clean office, opened."""
    shutil.copytree(clean[0], tmp_path / "办公 o'neil")
    opened = open_store(tmp_path / "办公 o'neil" / "office.duckdb")
    yield opened
    opened.close()


def fault_of(path: Path) -> str:
    with pytest.raises(DatabaseUnavailable) as refused:
        open_store(path)
    return refused.value.code


# --- damage -----------------------------------------------------------------------------------


def flip(file: Path, place: int) -> None:
    content = bytearray(file.read_bytes())
    content[place] ^= 0x10
    file.write_bytes(content)


def foreign(database: Path) -> None:
    database.unlink()
    with duckdb.connect(database) as other:
        other.execute("create table shop (a int)")


def behind_the_back(*statements: str) -> Callable[[Path], None]:
    def change(database: Path) -> None:
        with duckdb.connect(database) as other:
            for statement in statements:
                other.execute(statement)

    return change


def older_copy(database: Path) -> None:
    shutil.copy(backups.listed(database)[0].path, database)


def into_a_folder(database: Path) -> None:
    database.unlink()
    database.mkdir()


def cut(file: Path, share: float) -> None:
    os.truncate(file, int(file.stat().st_size * share))


def wal(database: Path) -> Path:
    return database.with_name("office.duckdb.wal")


def journal(database: Path) -> Path:
    return database.with_suffix(".journal")


def spoil_line(database: Path, number: int) -> None:
    lines = journal(database).read_bytes().splitlines(keepends=True)
    lines[number] = lines[number].replace("王".encode(), "汪".encode())
    journal(database).write_bytes(b"".join(lines))


# What is done to the files, of a process that was killed or shut down → the fault it is told as.
DAMAGE: dict[str, tuple[str, Callable[[Path], object], str | None]] = {
    "wal deleted": ("killed", lambda db: wal(db).unlink(), "behind"),
    "wal emptied": ("killed", lambda db: cut(wal(db), 0), "behind"),
    "wal cut in the middle": ("killed", lambda db: cut(wal(db), 0.5), "behind"),
    "wal cut at its end": ("killed", lambda db: cut(wal(db), 0.99), "behind"),
    "wal with a flipped bit": (
        "killed",
        lambda db: flip(wal(db), wal(db).stat().st_size // 2),
        "not_a_database",
    ),
    "database deleted, its wal left": ("killed", Path.unlink, "lost"),
    "database deleted": ("clean", Path.unlink, "lost"),
    "database cut": ("clean", lambda db: cut(db, 0.6), "not_a_database"),
    "database emptied": ("clean", lambda db: cut(db, 0), "not_a_database"),
    "text in its place": ("clean", lambda db: db.write_text("镇街,类型\n" * 999), "not_a_database"),
    "another program's": ("clean", foreign, "foreign"),
    "a folder in its place": ("clean", into_a_folder, "directory"),
    "a newer program's": (
        "clean",
        behind_the_back("insert into migrations values (9999, 'later')"),
        "newer",
    ),
    "older copy put in place": ("clean", older_copy, "behind"),
    "a row deleted": (
        "clean",
        behind_the_back("delete from stored_delegates where delegate_id = 'D2'"),
        "inconsistent",
    ),
    "a row doubled": (
        "clean",
        behind_the_back("insert into stored_townships from stored_townships limit 1"),
        "inconsistent",
    ),
    "an upload deleted from the ledger": (
        "clean",
        behind_the_back("delete from uploads where upload_id = 4"),
        "behind",
    ),
    "an upload deleted with its rows": (
        "clean",
        behind_the_back(
            "delete from uploads where upload_id = 4",
            "delete from stored_activities where upload_id = 4",
        ),
        "behind",
    ),
    "journal changed in the middle": ("clean", lambda db: spoil_line(db, 1), "journal"),
    "journal without its first line": (
        "clean",
        lambda db: journal(db).write_bytes(journal(db).read_bytes().split(b"\n", 1)[1]),
        "journal",
    ),
    "journal's last line torn": ("clean", lambda db: cut(journal(db), 0.98), None),
    "journal missing": ("clean", lambda db: journal(db).unlink(), None),
    "nothing": ("killed", lambda db: None, None),
}


@pytest.mark.parametrize("case", DAMAGE)
def test_damage(case: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Each damage is told as what it is, before anything is served; no file is touched by that;
    restoring the newest backup brings back its every row, and the damaged files are kept.
    """
    state, damage, code = DAMAGE[case]
    folder, held = request.getfixturevalue(state)
    office = tmp_path / "office"
    shutil.copytree(folder, office)
    database = office / "office.duckdb"
    damage(database)
    before = checksums(office)
    if code is None:
        examine(database)
        assert checksums(office) == before
        opened = open_store(database)
        assert opened.query("select count(*) as n from uploads")["n"].item() == (
            5 if state == "killed" else 4
        )
        assert Journal(database).version == opened.version
        opened.close()
        assert open_store(database).close() is None
        return
    assert fault_of(database) == code
    assert checksums(office) == before
    newest = backups.listed(database)[0]
    if code not in MENDED_BY_A_BACKUP:
        with pytest.raises(DatabaseUnavailable) as refused:
            backups.restore(database, newest.name)
        assert (refused.value.code, checksums(office)) == (code, before)
        return
    backups.restore(database, newest.name, "李")
    moved = [
        f
        for f in before
        if f.startswith("office.duckdb") or (code == "journal" and f.endswith("journal"))
    ]
    [aside] = office.glob("office.damaged-*") if moved else [office]
    assert {f: checksums(aside)[f] for f in moved} == {f: before[f] for f in moved}
    opened = open_store(database)
    assert contents(opened) == held[newest.version]
    assert opened.version > max(held)
    assert opened.query("select restored_by, backup from restores").values.tolist() == [
        ["李", newest.name]
    ]
    opened.close()


def test_work_goes_on_after_a_restore(killed: State, tmp_path: Path) -> None:
    """What was lost may be uploaded again, under a number never given before."""
    office = tmp_path / "office"
    shutil.copytree(killed[0], office)
    database = office / "office.duckdb"
    wal(database).unlink()
    backups.restore(database, backups.listed(database)[0].name, "李")
    opened = open_store(database)
    upload(opened, activity(9))
    assert opened.query("select max(upload_id) as n from uploads")["n"].item() == 6
    opened.close()
    open_store(database).close()


def test_any_flipped_bit_in_the_rows_is_noticed(clean: State, tmp_path: Path) -> None:
    """Of bits flipped all over the file, each is noticed, or changes nothing that is read."""
    folder, held = clean
    chance = random.Random(7)
    database = tmp_path / "office.duckdb"
    content = (folder / "office.duckdb").read_bytes()
    codes = set()
    for _ in range(20):
        place = chance.randrange(len(content))
        database.write_bytes(content)
        flip(database, place)
        try:
            examine(database)
        except DatabaseUnavailable as fault:
            codes.add(fault.code)
        else:
            opened = open_store(database)
            assert contents(opened) == held[max(held)], place
            opened.close()
            journal(database).unlink()
    assert codes == {"not_a_database"}


def test_a_fault_names_what_is_lost(killed: State, tmp_path: Path) -> None:
    """The sentence names the upload that is gone, by its number and file."""
    office = tmp_path / "office"
    shutil.copytree(killed[0], office)
    wal(office / "office.duckdb").unlink()
    with pytest.raises(DatabaseUnavailable, match=r"5（last\.csv）"):
        open_store(office / "office.duckdb")


# --- making backups ---------------------------------------------------------------------------


def test_each_change_is_preceded_by_a_backup(house: Store, clean: State) -> None:
    """The state before each commit can be had again; the first, of nothing, is not kept."""
    made = backups.listed(house.path)
    assert [(b.version, b.why, b.uploads) for b in made] == [(3, "upload", 3), (2, "upload", 2)]
    with house.write("undo", "李") as cursor:
        cursor.execute("update uploads set state = 'reverted' where upload_id = 4")
    [newest, *_] = backups.listed(house.path)
    assert (newest.version, newest.why, newest.by, newest.uploads) == (4, "undo", "李", 4)
    with duckdb.connect(newest.path, read_only=True) as connection:
        assert connection.execute("select count(*) from stored_activities").fetchall() == [(2,)]
    # Its file and its note, and nothing else.
    names = {file.name for file in backups.folder(house.path).iterdir()}
    assert names == {
        b.path.with_suffix(end).name for b in [newest, *made] for end in (".duckdb", ".json")
    }


def test_one_state_is_backed_up_once(house: Store) -> None:
    """A second writer after a daily backup of the same state makes no other one."""
    backups.save(house, "daily")
    count = len(backups.listed(house.path))
    upload(house, activity(5))
    assert len(backups.listed(house.path)) == count
    upload(house, activity(6))
    assert len(backups.listed(house.path)) == count + 1


def test_no_backup_while_the_sample_loads(house: Store) -> None:
    """The invented county is not backed up between its years."""
    with house.write() as cursor:
        cursor.execute("update house set sample = 'loading'")
    count = len(backups.listed(house.path))
    upload(house, activity(5))
    assert len(backups.listed(house.path)) == count


def test_a_backup_that_fails_stops_the_change(
    house: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the backup nothing is stored, and the sentence says so; later it succeeds."""
    version, count = house.version, len(backups.listed(house.path))
    with monkeypatch.context() as broken:

        def refuse(path: Path) -> None:
            raise PermissionError(13, "Permission denied")

        broken.setattr(backups, "to_disk", refuse)
        with pytest.raises(DatabaseUnavailable) as refused:
            upload(house, activity(5))
    assert refused.value.code == "no_backup"
    assert house.version == version
    assert house.query("select count(*) as n from uploads")["n"].item() == 4
    assert len(backups.listed(house.path)) == count
    upload(house, activity(5))
    assert house.version == version + 1


def test_a_full_disk_is_told_before_anything_is_written(
    house: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With too little room left nothing is begun; with room again it succeeds."""
    before = checksums(house.path.parent)
    with monkeypatch.context() as full:
        full.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, 10**6))  # type: ignore[attr-defined]
        with pytest.raises(DatabaseUnavailable) as refused:
            upload(house, activity(5))
    assert refused.value.code == "full"
    backed_up = {f: s for f, s in checksums(house.path.parent).items() if "originals" not in f}
    assert backed_up.items() <= before.items()
    upload(house, activity(5))


LIMITED = """
import resource, sys
from pathlib import Path
from data import store
from data.problems import DatabaseUnavailable
sys.path.insert(0, "tests/support")
from keeping import activity, contents, upload
opened = store.open_store(Path(sys.argv[1]))
free = resource.getrlimit(resource.RLIMIT_FSIZE)
size = opened.path.stat().st_size
for share in (0, 0.3, 0.6, 0.8, 0.9, 0.95, 1, 1.05, 1.1, 2):
    limit = int(share * size)
    before, version = contents(opened), opened.version
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, free[1]))
    try:
        upload(opened, activity(3, what=f"第{limit}次"))
        print("stored", "and reopened" if not opened._works() else "", end=" ")
    except DatabaseUnavailable as fault:
        print(fault.code, end=" ")
        resource.setrlimit(resource.RLIMIT_FSIZE, free)
        assert (contents(opened), opened.version) == (before, version), limit
    resource.setrlimit(resource.RLIMIT_FSIZE, free)
    assert opened.query("select data_version as v from house")["v"].item() == opened.version
with opened.write():
    pass
opened.close()
store.open_store(Path(sys.argv[1])).close()
"""


@pytest.mark.skipif(os.name == "nt", reason="a limit on the size of files is a thing of Unix")
def test_wherever_the_space_ends(clean: State, tmp_path: Path) -> None:
    """Writing fails at whatever size: each time the file is stored or refused with a sentence and
    all is as before; the process goes on; in the end the database is found whole.
    """
    office = tmp_path / "office"
    shutil.copytree(clean[0], office)
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, office / "office.duckdb"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    outcomes = set(done.stdout.split())
    assert outcomes == {"full", "stored", "and", "reopened"}


# --- which are kept ---------------------------------------------------------------------------


def day(text: str) -> datetime:
    return datetime.fromisoformat(f"{text} 12:00")


NOON = day("2026-11-22")  # a Sunday
KEPT: dict[str, tuple[list[datetime], list[datetime]]] = {
    "none": ([], []),
    "the only one, however old": ([day("2001-01-01")], [day("2001-01-01")]),
    "ten on one day": (
        [NOON - timedelta(minutes=n) for n in range(10)],
        [NOON - timedelta(minutes=n) for n in range(10)],
    ),
    "the eleventh of a day goes": (
        [NOON - timedelta(minutes=n) for n in range(13)],
        [NOON - timedelta(minutes=n) for n in range(10)],
    ),
    "the newest of each of seven days, beside a busy one": (
        [NOON - timedelta(minutes=n) for n in range(20)]
        + [NOON - timedelta(days=d, hours=h) for d in range(1, 7) for h in (0, 1)],
        [NOON - timedelta(minutes=n) for n in range(10)]
        + [NOON - timedelta(days=d) for d in range(1, 7)],
    ),
    "daily for two years": (
        [NOON - timedelta(days=d) for d in range(730)],
        # ten newest; Sundays of five weeks; last days of twelve months
        [NOON - timedelta(days=d) for d in range(10)]
        + [NOON - timedelta(days=d) for d in (14, 21, 28)]
        + [
            day("2026-10-31"),
            day("2026-09-30"),
            day("2026-08-31"),
            day("2026-07-31"),
            day("2026-06-30"),
            day("2026-05-31"),
            day("2026-04-30"),
            day("2026-03-31"),
            day("2026-02-28"),
            day("2026-01-31"),
            day("2025-12-31"),
        ],
    ),
    "after years of rest, the last that were": (
        [NOON, *(day("2020-01-01") - timedelta(days=400 * n) for n in range(20))],
        [NOON, *(day("2020-01-01") - timedelta(days=400 * n) for n in range(11))],
    ),
}


@pytest.mark.parametrize("case", KEPT)
def test_which_backups_are_kept(case: str) -> None:
    """The newest ten, and the newest of each of seven days, five weeks, twelve months."""
    times, expected = KEPT[case]
    shuffled = random.Random(1).sample(times, len(times))
    assert sorted(backups.kept(shuffled)) == sorted(expected)


def test_old_backups_go_and_other_files_stay(house: Store) -> None:
    """What the rule does not keep is deleted with its note; what is not a backup is left alone."""
    place = backups.folder(house.path)
    for name in ("我的备份.duckdb", "notes.json", "office-20200101-000000-v1.duckdb"):
        (place / name).write_text("[]")
    for _ in range(12):
        backups.save(house, "daily")
        made = backups.listed(house.path)[0]
        made.path.rename(place / f"{made.made_at:%f}.duckdb")
        made.path.with_suffix(".json").rename(place / f"{made.made_at:%f}.json")
    assert len(backups.listed(house.path)) == 10
    names = {file.name for file in place.iterdir()}
    assert {"我的备份.duckdb", "notes.json", "office-20200101-000000-v1.duckdb"} <= names
    assert len(names) == 23


def test_once_a_day(house: Store) -> None:
    """A backup is due when the newest is a day old, or was made when the clock was wrong."""
    newest = backups.listed(house.path)[0].made_at
    due = {h: backups.is_due(house, newest + timedelta(hours=h)) for h in (0, 23, 24, 999, -48)}
    assert due == {0: False, 23: False, 24: True, 999: True, -48: True}


def test_daily_backups_are_made(house: Store, caplog: pytest.LogCaptureFixture) -> None:
    """The daily thread makes one at start if none is young enough, and ends with the store."""
    for note in backups.folder(house.path).glob("*.json"):
        said = json.loads(note.read_text("utf-8"))
        note.write_text(json.dumps({**said, "made_at": "2026-01-01T00:00:00"}), "utf-8")
    backups.every_day(house)
    for _ in range(200):
        if backups.listed(house.path)[0].why == "daily":
            break
        threading.Event().wait(0.02)
    assert backups.listed(house.path)[0].why == "daily"
    [thread] = [t for t in threading.enumerate() if t.name == "backups"]
    house.close()
    thread.join(5)
    assert not thread.is_alive()
    assert not [r for r in caplog.records if r.levelno >= logging.ERROR]


# --- putting one back -------------------------------------------------------------------------


def test_restore(house: Store, clean: State, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every table is again what it was; version and upload numbers go up; the state before the
    restore has its backup, and going back to that one brings it back.
    """
    monkeypatch.setattr(store, "_open", {house.path: house})
    held = clean[1]
    upload(house, activity(7))
    latest, version = contents(house), house.version
    chosen = next(b for b in backups.listed(house.path) if b.version == 3)
    backups.restore(house.path, chosen.name, "李")
    assert contents(house) == held[3]
    assert house.version == version + 1
    assert house.query("select last_upload from house")["last_upload"].item() == 5
    before = backups.listed(house.path)[0]
    assert (before.version, before.why, before.by) == (version, "restore", "李")
    backups.restore(house.path, before.name, "李")
    assert contents(house) == latest
    assert house.query("select backup from restores order by version_after")["backup"].tolist() == [
        chosen.name,
        before.name,
    ]
    house.close()
    again = open_store(house.path)
    assert contents(again) == latest
    again.close()


def test_readers_during_a_restore_see_one_state_or_the_other(
    house: Store, clean: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody ever sees a mixture, and nobody is turned away."""
    monkeypatch.setattr(store, "_open", {house.path: house})
    seen: set[tuple[int, int, int]] = set()
    failed: list[Exception] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            try:
                row = house.query(
                    "select (select count(*) from uploads) as u, (select data_version from house)"
                    " as v, (select count(*) from activities) as a"
                ).iloc[0]
            except Exception as error:
                failed.append(error)
                return
            seen.add((int(row["u"]), int(row["v"]), int(row["a"])))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    oldest = backups.listed(house.path)[-1]
    backups.restore(house.path, oldest.name, "李")
    done.set()
    for reader in readers:
        reader.join()
    assert failed == []
    assert seen <= {(4, 4, 2), (2, 5, 0)}
    assert contents(house) == clean[1][2]


def test_a_restore_cut_short_leaves_the_state_before(
    house: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error in the middle of a restore changes nothing but adds the backup before it."""
    monkeypatch.setattr(store, "_open", {house.path: house})
    before, version = contents(house), house.version

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(backups, "_enter", fail)
    with pytest.raises(ZeroDivisionError):
        backups.restore(house.path, backups.listed(house.path)[-1].name, "李")
    assert (contents(house), house.version) == (before, version)
    assert not list(backups.folder(house.path).glob("restoring*"))
    upload(house, activity(7))


CUT_SHORT = """
import os, sys
from pathlib import Path
from data import backups, journal
owner, name = {"in it": (backups, "_enter"), "after it": (journal.Journal, "record")}[sys.argv[2]]
database = Path(sys.argv[1])
opened = backups.stores.use(database)
setattr(owner, name, lambda *_: os._exit(9))
backups.restore(database, backups.listed(database)[-1].name, "李")
"""


@pytest.mark.parametrize(("moment", "version", "restored"), [("in it", 4, 0), ("after it", 2, 1)])
def test_a_crash_leaves_the_old_state_or_the_new(
    moment: str, version: int, restored: int, clean: State, tmp_path: Path
) -> None:
    """Killed before the commit of a restore the database is as before; killed after it, restored;
    either way it opens, and another restore is not hindered by what the crash left.
    """
    office = tmp_path / "office"
    shutil.copytree(clean[0], office)
    database = office / "office.duckdb"
    done = subprocess.run(
        [sys.executable, "-c", CUT_SHORT, database, moment], cwd=ROOT, check=False
    )
    assert done.returncode == 9
    opened = open_store(database)
    assert contents(opened) == clean[1][version]
    assert opened.query("select count(*) as n from restores")["n"].item() == restored
    opened.close()
    assert (backups.folder(database) / "restoring.copy").exists()
    backups.restore(database, backups.listed(database)[-1].name, "李")
    assert not list(backups.folder(database).glob("restoring*"))


def spoil(backup: backups.Backup) -> None:
    flip(backup.path, backup.path.stat().st_size // 2)


def spoil_knowingly(backup: backups.Backup) -> None:
    """Rows gone, and the note made to fit."""
    with duckdb.connect(backup.path) as connection:
        connection.execute("delete from stored_delegates")
    note = backup.path.with_suffix(".json")
    said = json.loads(note.read_text("utf-8"))
    note.write_text(json.dumps({**said, "sha256": backups._sha256(backup.path)}), "utf-8")


@pytest.mark.parametrize("damage", [spoil, spoil_knowingly])
def test_a_damaged_backup_is_refused(
    damage: Callable[[backups.Backup], None], clean: State, tmp_path: Path
) -> None:
    """A backup that is not to the byte what was made, or not whole, changes nothing; the
    rehearsal tells of it.
    """
    office = tmp_path / "office"
    shutil.copytree(clean[0], office)
    database = office / "office.duckdb"
    newest = backups.listed(database)[0]
    damage(newest)
    before = checksums(office)
    with pytest.raises(DatabaseUnavailable) as refused:
        backups.restore(database, newest.name, "李")
    assert refused.value.code == "backup_damaged"
    assert checksums(office) == before
    found = backups.drill(database)
    assert found is not None
    assert found.fault is not None
    assert found.fault.code == "backup_damaged"


def test_an_unknown_backup_is_refused(house: Store) -> None:
    """What is not in the list is not restored, wherever it lies."""
    for name in ("none.duckdb", "../office.duckdb"):
        with pytest.raises(DatabaseUnavailable) as refused:
            backups.restore(house.path, name)
        assert refused.value.code == "backup_missing"


def test_an_older_programs_backup_is_brought_up_to_date(
    house: Store, clean: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup from before a migration is restored with the tables of now."""
    monkeypatch.setattr(store, "_open", {house.path: house})
    chosen = backups.listed(house.path)[0]
    with duckdb.connect(chosen.path) as connection:
        connection.execute("alter table house drop column last_upload")
        connection.execute("alter table uploads drop column uploaded_by")
        connection.execute("alter table uploads drop column townships")
        connection.execute("alter table uploads drop column covers")
        connection.execute("alter table uploads drop column mode")
        connection.execute("alter table uploads drop column kept")
        connection.execute("alter table uploads drop column digest")
        connection.execute("drop table reversals")
        connection.execute("drop table restores")
        connection.execute("delete from migrations where number = 3")
    note = chosen.path.with_suffix(".json")
    said = json.loads(note.read_text("utf-8"))
    note.write_text(json.dumps({**said, "sha256": backups._sha256(chosen.path)}), "utf-8")
    backups.restore(house.path, chosen.name, "李")
    assert contents(house)["stored_activities"] == clean[1][3]["stored_activities"]
    house.close()
    open_store(house.path).close()


def test_drill(house: Store) -> None:
    """The rehearsal compares the newest backup and says how much; the database is left alone."""
    before = checksums(house.path.parent)
    found = backups.drill(house.path)
    assert found is not None
    assert (found.fault, found.uploads, found.rows) == (None, 3, 7)
    assert found.backup == backups.listed(house.path)[0]
    assert checksums(house.path.parent) == before


def test_drill_without_a_backup(tmp_path: Path) -> None:
    """Without a backup there is nothing to rehearse."""
    assert backups.drill(tmp_path / "none.duckdb") is None


def test_drill_finds_a_changed_cell(clean: State, tmp_path: Path) -> None:
    """A cell changed with its fingerprint left as it was comes out in the rehearsal."""
    office = tmp_path / "office"
    shutil.copytree(clean[0], office)
    newest = backups.listed(office / "office.duckdb")[0]
    with duckdb.connect(newest.path) as connection:
        connection.execute("update stored_activities set content = '修桥'")
    note = newest.path.with_suffix(".json")
    said = json.loads(note.read_text("utf-8"))
    note.write_text(json.dumps({**said, "sha256": backups._sha256(newest.path)}), "utf-8")
    found = backups.drill(office / "office.duckdb")
    assert found is not None
    assert found.fault is not None
    assert found.fault.code == "inconsistent"
    assert "3（activities.csv）" in str(found.fault)


# --- the command line -------------------------------------------------------------------------


def test_commands(clean: State, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """check says what is wrong and how to go on, backups lists, restore mends."""
    office = tmp_path / "office"
    shutil.copytree(clean[0], office)
    database = office / "office.duckdb"
    assert main(["check", "--database", str(database)]) == 0
    assert "数据库完好" in capsys.readouterr().out
    newest = backups.listed(database)[0]
    older_copy(database)
    assert main(["check", "--database", str(database)]) == 1
    told = capsys.readouterr().err
    assert told.startswith(DATABASE["behind"][:4])
    assert "python -m data restore" in told
    assert main(["backups", "--database", str(database)]) == 0
    assert newest.name in capsys.readouterr().out
    assert main(["restore", "--database", str(database), "--by", "李", newest.name]) == 0
    assert main(["check", "--database", str(database)]) == 0
    assert main(["restore", "--database", str(database), "none"]) == 1
    assert "没有找到备份" in capsys.readouterr().err
    assert main(["backups", "--database", str(tmp_path / "none.duckdb")]) == 0
    assert "还没有备份" in capsys.readouterr().out
