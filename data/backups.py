"""Backups: whole copies of the database in a folder beside it, and putting one back.

``delegates.duckdb`` → ``delegates.backups/``: each copy is a DuckDB file with a JSON beside it that
says when, why and by whom it was made, and its SHA-256. Neither ever lies there half written. The
list needs no open database.
"""

import json
import logging
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from hashlib import file_digest
from pathlib import Path
from typing import Any

import duckdb

from data import deeds
from data import store as stores
from data.access import Visitor
from data.journal import Journal, Stand, to_disk
from data.problems import MENDED_BY_A_BACKUP, DatabaseUnavailable, is_full, unavailable
from data.store import Cursor, Store
from data.uploads.tables import recomputed

# Why a backup was made, as the reader is told.
WHY = {
    "upload": "上传之前",
    "undo": "撤销之前",
    "clear": "清空之前",
    "restore": "恢复之前",
    "daily": "每日备份",
}
DAY = timedelta(days=1)
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Backup:
    """A copy of the database. ``version`` is its data version, ``uploads`` how many of its uploads
    stand, ``ledger`` a checksum of all of them, ``migration`` its schema's number.
    """

    path: Path
    made_at: datetime
    why: str
    by: str | None
    version: int
    migration: int
    uploads: int
    ledger: str
    bytes: int
    sha256: str

    @property
    def name(self) -> str:
        return self.path.name


def folder(database: Path) -> Path:
    """Where the backups of a database lie."""
    return database.with_suffix(".backups")


def listed(database: Path) -> list[Backup]:
    """The backups of a database, newest first."""
    found = []
    for note in folder(database).glob("*.json"):
        try:
            said = json.loads(note.read_text("utf-8"))
            said["made_at"] = datetime.fromisoformat(said["made_at"])
            backup = Backup(path=note.with_suffix(".duckdb"), **said)
        except (OSError, ValueError, TypeError, KeyError):
            continue  # not ours
        if backup.path.exists():
            found.append(backup)
    return sorted(found, key=lambda backup: backup.made_at, reverse=True)


def find(database: Path, name: str) -> Backup:
    """The backup of that file name; raises DatabaseUnavailable if there is none."""
    for backup in listed(database):
        if backup.name == name:
            return backup
    raise DatabaseUnavailable("backup_missing", path=str(folder(database) / name))


# --- making them ------------------------------------------------------------------------------


def save(store: Store, why: str, by: str | None = None) -> Backup:
    """Back up the database as it is; raises DatabaseUnavailable."""
    with store.still() as cursor:
        return _save(store.path, cursor, Stand.of(cursor), why, by)


def save_before(database: Path, cursor: Cursor, why: str, by: str | None) -> None:
    """Back up what ``cursor`` sees, before a writer commits; raises DatabaseUnavailable.

    Nothing is saved where nothing was uploaded yet, while the sample is loading, and where this
    very state has its backup.
    """
    stand = Stand.of(cursor)
    if not stand.uploads or stand.sample == "loading":
        return
    state = (stand.version, stand.ledger)
    if all((backup.version, backup.ledger) != state for backup in listed(database)):
        _save(database, cursor, stand, why, by)


def _save(database: Path, cursor: Cursor, stand: Stand, why: str, by: str | None) -> Backup:
    made_at = datetime.now()  # noqa: DTZ005 - the office's own clock
    place = folder(database)
    while True:
        path = place / f"{database.stem}-{made_at:%Y%m%d-%H%M%S}-v{stand.version}.duckdb"
        if not path.exists():
            break
        made_at += timedelta(seconds=1)
    part = path.with_suffix(".part")
    try:
        place.mkdir(exist_ok=True)
        _sweep(place)
        with _attached(cursor, part, "_backup") as copy:
            [(source,)] = cursor.execute("select current_database()").fetchall()
            cursor.execute(f'copy from database "{source}" to {copy}')
            [(migration,)] = cursor.execute(f"select max(number) from {copy}.migrations").fetchall()
            cursor.execute(f"checkpoint {copy}")
        backup = Backup(
            path,
            made_at,
            why,
            by,
            version=stand.version,
            migration=migration,
            uploads=sum(line["state"] == "stands" for line in stand.uploads.values()),
            ledger=stand.ledger,
            bytes=part.stat().st_size,
            sha256=_sha256(part),
        )
        said = {k: v for k, v in asdict(backup).items() if k != "path"}
        note = part.with_suffix(".note")
        note.write_text(json.dumps(said, ensure_ascii=False, default=datetime.isoformat), "utf-8")
        for file in (note, part):
            to_disk(file)
        # In this order: a note without its copy is not listed.
        note.replace(path.with_suffix(".json"))
        part.replace(path)
        to_disk(place)
    except (duckdb.Error, OSError) as error:
        _sweep(place)
        if is_full(error):
            raise DatabaseUnavailable("full", path=str(place)) from error
        reason = str(error).splitlines()[0]
        raise DatabaseUnavailable("no_backup", path=str(place), reason=reason) from error
    _keep_to_the_rule(database, backup)
    return backup


@contextmanager
def _attached(cursor: Cursor, path: Path, name: str) -> Iterator[str]:
    """Another database file within reach, under ``name``."""
    cursor.execute(f"detach database if exists {name}")
    cursor.execute(f"attach '{stores.quoted(path)}' as {name}")
    try:
        yield name
    finally:
        with suppress(duckdb.Error):  # what failed before this is what counts
            cursor.execute(f"detach {name}")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _sweep(place: Path) -> None:
    """Remove what a crash or a full disk left half made."""
    for half in [*place.glob("*.part"), *place.glob("*.note")]:
        _remove(half)


def _remove(database: Path) -> None:
    for file in (database, database.with_name(f"{database.name}.wal")):
        with suppress(OSError):
            file.unlink(missing_ok=True)


def _keep_to_the_rule(database: Path, made: Backup) -> None:
    backups = listed(database)
    keep = kept([backup.made_at for backup in backups]) | {made.made_at}
    for backup in backups:
        if backup.made_at not in keep:
            try:
                backup.path.unlink()
                backup.path.with_suffix(".json").unlink()
            except OSError as error:  # somebody may be reading it
                _log.warning("an old backup stays: %s", error)


def kept(times: Sequence[datetime]) -> set[datetime]:
    """Of backups made at these times, which stay: the newest 10, and the newest of each of the
    last 7 days, 5 weeks and 12 months that have one.
    """
    latest = sorted(set(times), reverse=True)
    keep = set(latest[:10])
    periods: list[tuple[int, Callable[[datetime], Any]]] = [
        (7, lambda time: time.date()),
        (5, lambda time: time.isocalendar()[:2]),
        (12, lambda time: (time.year, time.month)),
    ]
    for count, period in periods:
        newest: dict[Any, datetime] = {}
        for time_ in latest:
            newest.setdefault(period(time_), time_)
        keep |= set(list(newest.values())[:count])
    return keep


def every_day(store: Store) -> None:
    """Begin to back up the store once a day, until it is closed."""
    threading.Thread(target=_every_day, args=(store,), name="backups", daemon=True).start()


def _every_day(store: Store) -> None:
    while not store.closed.is_set():
        try:
            if is_due(store, datetime.now()):  # noqa: DTZ005 - the office's own clock
                save(store, "daily")
        except (DatabaseUnavailable, duckdb.Error) as error:
            if not store.closed.is_set():
                _log.error("no daily backup: %s", error)
        store.closed.wait(600)


def is_due(store: Store, now: datetime) -> bool:
    """Whether the newest backup is a day old, and there is something to back up."""
    if not store.journal.uploads or store.sample == "loading":
        return False
    nothing = timedelta(0)  # a backup of tomorrow was made when the clock was wrong
    return not any(nothing <= now - backup.made_at < DAY for backup in listed(store.path))


# --- putting one back -------------------------------------------------------------------------


def restore(database: Path, name: str, by: str | None = None) -> None:
    """Let the database be again what it was when the backup was made.

    A database that is open, or opens, is backed up first and then replaced in one transaction,
    undisturbed for its readers. One that does not open is moved, as it is, into a folder beside
    it. Either way the data version goes up. Raises DatabaseUnavailable, with nothing changed,
    where the backup is missing or damaged, or another program holds the database.
    """
    backup = find(database, name)
    with _up_to_date_copy(backup) as copy:
        store = stores.opened(database)
        if store is not None:
            _replace_rows(store, copy, backup, by)
            return
        try:
            store = stores.open_store(database, create=False)
        except DatabaseUnavailable as fault:
            if fault.code not in MENDED_BY_A_BACKUP:
                raise
            _put_in_place(database, copy, backup, by)
            store = stores.open_store(database)
        else:
            _replace_rows(store, copy, backup, by)
        store.close()


def verify(backup: Backup) -> None:
    """Raise DatabaseUnavailable unless the backup is, to the byte, what was made, and whole."""
    damaged = DatabaseUnavailable("backup_damaged", path=str(backup.path))
    try:
        if _sha256(backup.path) != backup.sha256:
            raise damaged
        stores.examine(backup.path)
    except OSError as error:
        raise damaged from error
    except DatabaseUnavailable as fault:
        if fault.code == "newer":
            raise
        raise damaged from fault


_copying = threading.Lock()


@contextmanager
def _up_to_date_copy(backup: Backup) -> Iterator[Path]:
    """A copy of the verified backup with the tables of this version of the program."""
    copy = backup.path.with_name("restoring.copy")
    with _copying:
        verify(backup)
        _remove(copy)  # what a crash left
        try:
            try:
                shutil.copyfile(backup.path, copy)
                with stores.connect(copy) as connection:
                    stores.bring_up_to_date(connection)
            except (duckdb.Error, OSError) as error:
                raise unavailable(copy, error) from error
            yield copy
        finally:
            _remove(copy)


def _replace_rows(store: Store, copy: Path, backup: Backup, by: str | None) -> None:
    """Load the copy into the open store in one transaction."""
    with (
        store.cursor() as attaching,
        _attached(attaching, copy, "_restored") as restored,
        store.write("restore", by) as cursor,
    ):
        [before] = cursor.execute("select data_version, last_upload from house").fetchall()
        for table in stores.tables_of(cursor):
            rows = f'select * from {restored}."{table}"'
            if table == "restores":  # a history of its own: nothing in it is taken back
                cursor.execute(
                    f"insert into restores by name ({rows} except select * from restores)"
                )
                continue
            cursor.execute(f'delete from "{table}"')
            cursor.execute(f'insert into "{table}" by name {rows}')
        _enter(cursor, backup, by, *before)
        cursor.execute("update house set data_version = data_version - 1")  # write() adds it


def _put_in_place(database: Path, copy: Path, backup: Backup, by: str | None) -> None:
    """Move the damaged files aside and the copy into their place."""
    journal = Journal(database)
    known = max([journal.version, *(b.version for b in listed(database))])
    now = datetime.now()  # noqa: DTZ005 - the office's own clock
    while True:
        aside = database.with_name(f"{database.stem}.damaged-{now:%Y%m%d-%H%M%S}")
        if not aside.exists():
            break
        now += timedelta(seconds=1)
    try:
        with stores.connect(copy) as connection:
            _enter(connection, backup, by, known, journal.last_upload)
            connection.execute("checkpoint")
        to_disk(copy)
        aside.mkdir()
        for file in list(database.parent.iterdir()):
            if file.name == database.name or file.name.startswith(f"{database.name}."):
                file.replace(aside / file.name)
        copy.replace(database)
        if journal.damaged:  # last: without it, and with no database yet, a new one would begin
            journal.path.replace(aside / journal.path.name)
        to_disk(database.parent)
    except (duckdb.Error, OSError) as error:
        raise unavailable(database, error) from error


def _enter(cursor: Cursor, backup: Backup, by: str | None, version: int, last_upload: int) -> None:
    """Note the restore, and raise above ``version`` and ``last_upload`` what never goes back."""
    cursor.execute(
        "update house set data_version = greatest(data_version, ?) + 1,"
        " last_upload = greatest(last_upload, ?)",
        [version, last_upload],
    )
    cursor.execute(
        "insert into restores select ?, ?, ?, ?, data_version from house",
        [datetime.now(), by, backup.name, version],  # noqa: DTZ005 - the office's own clock
    )


# --- trying one out ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Drill:
    """What a rehearsal found: of which backup, how much was compared, and the fault, if any."""

    backup: Backup
    uploads: int
    rows: int
    seconds: float
    fault: DatabaseUnavailable | None


def drill(database: Path) -> Drill | None:
    """Rehearse restoring the newest backup, up to the last step; None if there is no backup.

    Its file is compared with its SHA-256, a copy is opened as a restore opens it, and of each
    upload the number of rows and the digest, computed anew from the cells, with the ledger.
    """
    backups = listed(database)
    if not backups:
        return None
    [backup, *_] = backups
    begun = time.monotonic()
    uploads = rows = 0
    found = None
    try:
        with _up_to_date_copy(backup) as copy, stores.connect(copy, read_only=True) as connection:
            [(uploads, rows)] = connection.execute(
                "select count(*), coalesce(sum(kept), 0)::bigint from uploads"
            ).fetchall()
            if wrong := stores.disagreeing(connection, recomputed()):
                raise DatabaseUnavailable("inconsistent", path=str(backup.path), uploads=wrong)
    except DatabaseUnavailable as fault:
        found = fault
    return Drill(backup, uploads, rows, time.monotonic() - begun, found)


# --- asked for by a visitor -------------------------------------------------------------------


def restore_for(by: Visitor, database: Path, name: str) -> None:
    """``restore``, by who may, and on record."""
    deeds.demand(by, "backups")
    restore(database, name, by.name)
    deeds.done("restore", by, backup=name)


def drill_for(by: Visitor, database: Path) -> Drill | None:
    """``drill``, by who may, and on record."""
    deeds.demand(by, "backups")
    found = drill(database)
    if found is not None:
        outcome = "whole" if found.fault is None else found.fault.code
        deeds.done("drill", by, backup=found.backup.name, outcome=outcome)
    return found


def content_for(by: Visitor, backup: Backup) -> bytes:
    """The backup's file, to keep elsewhere: handed to who may, and on record before."""
    deeds.demand(by, "backups")
    content = backup.path.read_bytes()
    deeds.handed_out("backup_downloaded", by, backup=backup.name)
    return content
