"""The database: one DuckDB file, a cursor per read, a transaction per write, the data version.

One process holds the file and one connection; ``Store.query`` takes a cursor of its own for each
call, because a connection shared by threads returns other queries' rows. Writers take one lock.
"""

import logging
import os
import shutil
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from data import scheme
from data.journal import Journal, Stand, beside, named, to_disk
from data.problems import DatabaseUnavailable, is_full, unavailable

MIGRATIONS = Path(__file__).with_name("schema")
DEFAULT_PATH = Path(__file__).with_name("files") / "delegates.duckdb"

Cursor = duckdb.DuckDBPyConnection

_CONFIG: dict[str, Any] = {
    # With more, DuckDB 1.5.5 shows readers rows of a large insert before they are committed, and its
    # window operator at times loses a race and gives the whole database up (duckdb#25713).
    "threads": 1,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "python_enable_replacements": False,
    # A commit goes to the WAL and nowhere else; `Store.write` checkpoints after it.
    "checkpoint_threshold": "1TB",
}
# What `copy from database` sets while it runs; all other settings are locked.
_SETTABLE = "current_transaction_invalidation_policy"
SPARE = 16 * 2**20  # of the disk, besides a backup and a checkpoint
_log = logging.getLogger(__name__)


class NothingChanged(Exception):
    """Raised inside ``Store.write``: the transaction had nothing to write, and ends quietly."""


class Store:
    """An open database. Make one with ``open_store``; ``close`` it when done.

    ``version`` is the data version, ``sample`` whose data it is (schema: house); ``journal`` the
    copy of the ledger beside it.
    """

    def __init__(self, path: Path, connection: Cursor, journal: Journal) -> None:
        self.path = path
        self.journal = journal
        self.closed = threading.Event()
        self._connection = connection
        self._writing = threading.Lock()
        self._reopening = threading.Lock()
        self._supposed = threading.local()
        stand = Stand.of(connection)
        self.version, self.sample = stand.version, stand.sample
        if journal.path.exists() or stand.uploads:
            if not journal.version and stand.uploads:
                _log.info("no journal beside %s: begun anew from its ledger", path)
            self._write_down(stand)

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """The rows of one SELECT, read from one snapshot; from the supposed one if in ``supposing``."""
        supposed: Cursor | None = getattr(self._supposed, "cursor", None)
        if supposed is not None:
            return supposed.execute(sql, parameters or {}).df()
        try:
            with self._connection.cursor() as cursor:
                return cursor.execute(sql, parameters or {}).df()
        except (duckdb.FatalException, duckdb.ConnectionException):
            with self.cursor() as cursor:
                return cursor.execute(sql, parameters or {}).df()

    @contextmanager
    def write(self, why: str = "upload", by: str | None = None) -> Iterator[Cursor]:
        """One transaction under the writers' lock; all of it is kept, or nothing.

        The state before is backed up (``why`` and ``by`` whom: backups.WHY), and the commit is
        written down in the journal, both before this returns. The data version moves in the same
        transaction, so whatever was cached is out of date exactly when what it was computed from
        has changed. Raises DatabaseUnavailable, with nothing stored, where the disk is full or the
        backup fails. Not for nesting.
        """
        from data import backups

        with self._writing, self.cursor() as cursor:
            self._demand_room()
            try:
                with _transaction(cursor):
                    yield cursor
                    cursor.execute("update house set data_version = data_version + 1")
                    stand = Stand.of(cursor)
                    with self._connection.cursor() as before:
                        backups.save_before(self.path, before, why, by)
            except NothingChanged:
                return
            except duckdb.Error as error:
                if is_full(error):
                    raise DatabaseUnavailable("full", path=str(self.path)) from error
                raise
            self.version, self.sample = stand.version, stand.sample
            self._write_down(stand)
            _checkpoint(cursor)

    @contextmanager
    def still(self) -> Iterator[Cursor]:
        """A cursor to read with while nobody writes."""
        with self._writing, self.cursor() as cursor:
            yield cursor

    @contextmanager
    def supposing(self) -> Iterator[Cursor]:
        """A transaction under the writers' lock that is always rolled back: what would be, if.

        Within it this thread's ``query`` reads what the cursor has written; other threads read on
        undisturbed, and the data version stays. Not for nesting.
        """
        with self._writing, self.cursor() as cursor:
            cursor.execute("begin")
            self._supposed.cursor = cursor
            try:
                yield cursor
            finally:
                self._supposed.cursor = None
                with suppress(duckdb.Error):  # a failed transaction may have ended already
                    cursor.execute("rollback")

    @property
    def supposes(self) -> bool:
        """Whether this thread is within ``supposing``."""
        return getattr(self._supposed, "cursor", None) is not None

    def close(self) -> None:
        self.closed.set()
        self._connection.close()

    def cursor(self) -> Cursor:
        """A cursor of its own."""
        if not self._works():
            self._reopen()
        return self._connection.cursor()

    def _works(self) -> bool:
        try:
            with self._connection.cursor() as cursor:
                cursor.execute("select 1")
        except (duckdb.FatalException, duckdb.ConnectionException):
            return self.closed.is_set()
        return True

    def _reopen(self) -> None:
        """Open the file anew after DuckDB gave it up, as it does where a checkpoint fails.

        What was committed is in the WAL. The old instance lives as long as another thread has a
        cursor on it, that is until its answer ends. Raises DatabaseUnavailable.
        """
        with self._reopening:
            for _ in range(100):
                if self._works():
                    return
                self._connection.close()
                time.sleep(0.02)
                try:
                    self._connection = connect(self.path)
                    if self._works():
                        _lock_settings(self._connection, self.path)
                except (duckdb.Error, OSError) as error:
                    raise unavailable(self.path, error) from error
            raise DatabaseUnavailable("full", path=str(self.path))

    def _demand_room(self) -> None:
        """Refuse before anything is written what would fill the disk half-way.

        Besides the new rows, a backup and a checkpoint each need up to the size of the file.
        """
        if shutil.disk_usage(self.path.parent).free < 2 * self.path.stat().st_size + SPARE:
            raise DatabaseUnavailable("full", path=str(self.path))

    def _write_down(self, stand: Stand) -> None:
        """Put a commit into the journal. It stands even if that fails; the next one tells both."""
        try:
            self.journal.record(stand)
        except OSError as error:
            _log.error(
                "the journal lacks version %s until the next commit: %s", stand.version, error
            )


def _checkpoint(cursor: Cursor) -> None:
    """Leave no WAL behind: a copy of a live file without it has lost rows.

    It fails while somebody reads what was before, hence a few tries. What is committed stays
    committed in the WAL if all fail, so that is only noted.
    """
    for pause in (0.01, 0.02, 0.05, 0.1, None):
        try:
            cursor.execute("checkpoint")
            return
        except duckdb.TransactionException:
            if pause is not None:
                time.sleep(pause)
                continue
            _log.info("somebody reads; the WAL stays until the next commit")
        except duckdb.Error as error:
            _log.warning("checkpoint failed, the WAL stays: %s", error)
            return


_open: dict[Path, Store] = {}
_opening = threading.Lock()
_chosen: Path | None = None


def database_path() -> Path:
    """Where this office's database lies: DELEGATES_DATABASE, or the default place."""
    return (_chosen or Path(os.environ.get("DELEGATES_DATABASE") or DEFAULT_PATH)).resolve()


def use(path: Path) -> Store:
    """Let ``store`` be the existing database at ``path``; raises DatabaseUnavailable."""
    global _chosen
    path = path.resolve()
    with _opening:
        if path not in _open:
            _open[path] = open_store(path, create=False)
        _chosen = path
        return _open[path]


def store() -> Store:
    """This process's store, opened at the first call; raises DatabaseUnavailable."""
    path = database_path()
    with _opening:
        if path not in _open:
            _open[path] = open_store(path)
        return _open[path]


def opened(path: Path) -> Store | None:
    """This process's store for the database at ``path``, if it has it open."""
    found = _open.get(path.resolve())
    return None if found is None or found.closed.is_set() else found


def version() -> int:
    """The data version: equal versions, equal answers."""
    return store().version


def is_supposing() -> bool:
    """Whether this thread reads what would be (``Store.supposing``): not for keeping."""
    return store().supposes


def is_sample() -> bool:
    """Whether the database holds the invented county."""
    return store().sample is not None


def open_store(path: Path, *, create: bool = True) -> Store:
    """Open the database at ``path``, bring it up to date and lock its settings.

    A missing file is created unless ``create`` is False. Raises DatabaseUnavailable with the
    reason when the file is held by another program, is not this program's database, is damaged or
    lacks what was committed, or cannot be opened; the file is then left as it was.
    """
    fresh = not path.exists() and not _remains(path)
    if fresh and not create:
        raise DatabaseUnavailable("missing", path=str(path))
    if not fresh:
        examine(path)
    try:
        if fresh:
            _create(path)
        connection = connect(path)
        try:
            changed = bring_up_to_date(connection)
            _lock_settings(connection, path)
            opened = Store(path, connection, Journal(path))
        except BaseException:
            connection.close()
            raise
    except (duckdb.Error, OSError) as error:
        raise unavailable(path, error) from error
    if changed is not None:
        _put_on_record(path, changed)
    return opened


def _put_on_record(path: Path, changed: tuple[str, str]) -> None:
    from data.record import SYSTEM, record

    old, new = (checksum[:12] for checksum in changed)
    try:
        record(path).note(
            "scheme_adopted", SYSTEM, scheme=scheme.load().name, before=old, after=new
        )
    except DatabaseUnavailable as fault:  # adopted it is, and assessed by
        _log.error("not on record that scheme %s took the place of %s: %s", new, old, fault)


def _create(path: Path) -> None:
    """A new database, whole before it bears its name: one cut short would be no database of ours."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    for left in (part, part.with_name(f"{part.name}.wal")):
        left.unlink(missing_ok=True)
    with connect(part) as connection:
        bring_up_to_date(connection)
        connection.execute("checkpoint")
    to_disk(part)
    part.replace(path)


def examine(path: Path) -> Stand:
    """What the database at ``path`` holds, once it is found whole: compared with its journal and
    its own ledger, and read to the last row. Changes no file.

    Raises DatabaseUnavailable with what is wrong.
    """
    if path.is_dir():
        raise DatabaseUnavailable("directory", path=str(path))
    try:
        if not path.exists():
            if left := _remains(path):
                # DuckDB would drop the log and begin an empty database.
                raise DatabaseUnavailable("lost", path=str(path), left="、".join(left))
            raise DatabaseUnavailable("missing", path=str(path))
        with path.open("rb") as file:
            if file.read(12)[8:] != b"DUCK":  # DuckDB would look for another reader of it
                raise DatabaseUnavailable("not_a_database", path=str(path))
        with connect(path, read_only=True) as connection:
            _check_ours(path, connection)
            stand = Stand.of(connection)
            Journal(path).check(stand)
            _read_all(connection)
            _check_sound(path, connection)
            return stand
    except (duckdb.Error, OSError) as error:
        raise unavailable(path, error) from error


def _remains(path: Path) -> list[str]:
    """What is left beside a database that is gone."""
    wal = path.with_name(f"{path.name}.wal")
    return [str(file) for file in (wal, beside(path)) if file.exists()]


def connect(path: Path, *, read_only: bool = False) -> Cursor:
    """The file at ``path`` as DuckDB opens it, with this program's settings."""
    return duckdb.connect(path, read_only=read_only, config=_CONFIG)


def _lock_settings(connection: Cursor, path: Path) -> None:
    connection.execute(f"set allowed_directories = ['{quoted(path.parent)}']")
    connection.execute("set enable_external_access = false")
    connection.execute(f"set allowed_configs = ['{_SETTABLE}']")
    connection.execute("set lock_configuration = true")


def quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _check_ours(path: Path, connection: Cursor) -> None:
    """Refuse a DuckDB file that another program, or a newer version of this one, made."""
    tables = set(tables_of(connection))
    if not tables:
        # Creating one ends with its tables in it; what has none is a copy that lacks its WAL.
        raise DatabaseUnavailable("no_tables", path=str(path))
    if not {"migrations", "house", "uploads"} <= tables:
        raise DatabaseUnavailable("foreign", path=str(path))
    applied = {n for (n,) in connection.execute("select number from migrations").fetchall()}
    if not applied <= {number for number, _ in _migrations()}:
        raise DatabaseUnavailable("newer", path=str(path))


def tables_of(connection: Cursor) -> list[str]:
    found = connection.execute(
        "select table_name from duckdb_tables() where database_name = current_database()"
    )
    return [name for (name,) in found.fetchall()]


def _read_all(connection: Cursor) -> None:
    """Read every column of every table; DuckDB compares each block with its checksum.

    Not covered: blocks that hold no rows (free ones, and the indexes of the primary keys, which
    DuckDB reads when it writes).
    """
    for table in tables_of(connection):
        connection.execute(f'select bit_xor(hash(t)) from "{table}" as t').fetchall()


def _check_sound(path: Path, connection: Cursor) -> None:
    """Compare the rows that are there with those the ledger says are there."""
    from data.uploads import tables

    columns = {name for name, *_ in connection.execute("describe uploads").fetchall()}
    if "digest" not in columns:  # from before this was kept
        return
    if wrong := disagreeing(connection, tables.tallies(tables_of(connection))):
        raise DatabaseUnavailable("inconsistent", path=str(path), uploads=wrong)


def disagreeing(connection: Cursor, tallies: str) -> str:
    """The uploads whose rows are not those the ledger says, named; '' if there are none."""
    found = connection.execute(
        "select coalesce(uploads.upload_id, tallied.upload_id) as upload_id,"
        " coalesce(uploads.filename, '—') as filename"
        f" from uploads full join ({tallies}) as tallied using (upload_id)"
        " where uploads.upload_id is null or (uploads.kept is not null and"
        " (uploads.kept <> coalesce(tallied.kept, 0)"
        " or uploads.digest <> coalesce(tallied.digest, '0'))) order by 1"
    )
    wrong = [{"upload_id": number, "filename": name} for number, name in found.fetchall()]
    return named(wrong) if wrong else ""


def bring_up_to_date(connection: Cursor) -> tuple[str, str] | None:
    """The tables as this version of the program has them, and the scheme in force.

    Returns the checksums of the scheme before and now, if another was in force.
    """
    _migrate(connection)
    changed = _adopt_scheme(connection)
    _checkpoint(connection)
    return changed


def _migrations() -> list[tuple[int, Path]]:
    return sorted((int(file.name[:4]), file) for file in MIGRATIONS.glob("[0-9]*.sql"))


def _migrate(connection: Cursor) -> None:
    """Apply each missing migration together with its record, then the declared tables."""
    from data.uploads import tables

    connection.execute(
        "create table if not exists migrations (number integer primary key, name varchar not null)"
    )
    applied = {n for (n,) in connection.execute("select number from migrations").fetchall()}
    for number, file in _migrations():
        if number not in applied:
            with _transaction(connection):
                connection.execute(file.read_text("utf-8"))
                connection.execute("insert into migrations values (?, ?)", [number, file.stem])
    with _transaction(connection):
        tables.follow_declarations(connection)


def _adopt_scheme(connection: Cursor) -> tuple[str, str] | None:
    """Put the scheme file into its tables; a changed scheme moves the data version."""
    adopted = scheme.load()
    current = connection.execute("select checksum from scheme").fetchone()
    if current == (adopted.checksum,):
        return None
    with _transaction(connection):
        for table, rows in adopted.tables.items():
            connection.execute(f"delete from {table}")
            connection.append(table, rows, by_name=True)
        connection.execute("update house set data_version = data_version + 1")
    return None if current is None else (current[0], adopted.checksum)


@contextmanager
def _transaction(connection: Cursor) -> Iterator[None]:
    connection.execute("begin")
    try:
        yield
        connection.execute("commit")
    except BaseException:
        with suppress(duckdb.Error):  # a failed commit has rolled back already
            connection.execute("rollback")
        raise
