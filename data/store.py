"""The database: one DuckDB file, a cursor per read, a transaction per write, the data version.

One process holds the file and one connection; ``Store.query`` takes a cursor of its own for each
call, because a connection shared by threads returns other queries' rows. Writers take one lock.
"""

import logging
import os
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from data import scheme
from data.problems import DatabaseUnavailable

MIGRATIONS = Path(__file__).with_name("schema")
DEFAULT_PATH = Path(__file__).with_name("files") / "delegates.duckdb"

Cursor = duckdb.DuckDBPyConnection

_CONFIG: dict[str, Any] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "python_enable_replacements": False,
}
_log = logging.getLogger(__name__)


class NothingChanged(Exception):
    """Raised inside ``Store.write``: the transaction had nothing to write, and ends quietly."""


class Store:
    """An open database. Make one with ``open_store``; ``close`` it when done.

    ``version`` is the data version, ``sample`` whose data it is (schema: house).
    """

    def __init__(self, path: Path, connection: Cursor) -> None:
        self.path = path
        self._connection = connection
        self._writing = threading.Lock()
        self.version, self.sample = _house(connection)

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """The rows of one SELECT, read from one snapshot."""
        with self._connection.cursor() as cursor:
            return cursor.execute(sql, parameters or {}).df()

    @contextmanager
    def write(self) -> Iterator[Cursor]:
        """One transaction under the writers' lock; all of it is kept, or nothing.

        The data version moves in the same transaction, so whatever was cached is out of date
        exactly when what it was computed from has changed. Not for nesting.
        """
        with self._writing, self._connection.cursor() as cursor:
            try:
                with _transaction(cursor):
                    yield cursor
                    cursor.execute("update house set data_version = data_version + 1")
                    house = _house(cursor)
            except NothingChanged:
                return
            self.version, self.sample = house
            _checkpoint(cursor)

    def close(self) -> None:
        self._connection.close()


def _house(cursor: Cursor) -> tuple[int, str | None]:
    [(version, sample)] = cursor.execute("select data_version, sample from house").fetchall()
    return version, sample


def _checkpoint(cursor: Cursor) -> None:
    """Leave no WAL behind: a copy of a live file without it has lost rows.

    What is committed stays committed in the WAL if this fails, so a failure is only noted.
    """
    try:
        cursor.execute("checkpoint")
    except duckdb.Error as error:
        _log.warning("checkpoint failed, the WAL stays: %s", error)


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


def version() -> int:
    """The data version: equal versions, equal answers."""
    return store().version


def is_sample() -> bool:
    """Whether the database holds the invented county."""
    return store().sample is not None


def open_store(path: Path, *, create: bool = True) -> Store:
    """Open the database at ``path``, bring it up to date and lock its settings.

    A missing file is created unless ``create`` is False. Raises DatabaseUnavailable with the
    reason when the file is held by another program, is not this program's database, or cannot be
    opened; the file is then left as it was.
    """
    fresh = not path.exists()
    if path.is_dir():
        raise DatabaseUnavailable("directory", path=str(path))
    if fresh and path.with_name(f"{path.name}.wal").exists():
        # DuckDB would drop the log and begin an empty database.
        raise DatabaseUnavailable("lost", path=str(path))
    if fresh and not create:
        raise DatabaseUnavailable("missing", path=str(path))
    try:
        if fresh:
            path.parent.mkdir(parents=True, exist_ok=True)
        else:
            with path.open("rb") as file:
                if file.read(12)[8:] != b"DUCK":  # DuckDB would look for another reader of it
                    raise DatabaseUnavailable("not_a_database", path=str(path))
            with duckdb.connect(path, read_only=True, config=_CONFIG) as connection:
                _check_ours(path, connection)
        connection = duckdb.connect(path, config=_CONFIG)
        try:
            _migrate(connection)
            _adopt_scheme(connection)
            _checkpoint(connection)
            connection.execute(f"set allowed_directories = ['{_quoted(path.parent)}']")
            connection.execute("set enable_external_access = false")
            connection.execute("set lock_configuration = true")
            return Store(path, connection)
        except BaseException:
            connection.close()
            raise
    except (duckdb.Error, OSError) as error:
        raise _unavailable(path, error) from error


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _unavailable(path: Path, error: Exception) -> DatabaseUnavailable:
    """What DuckDB's refusal means to the reader."""
    reason = str(error)
    if "Could not set lock" in reason or "being used by another process" in reason:
        holder = re.search(r"PID (\d+)", reason)
        return DatabaseUnavailable(
            "held", path=str(path), holder=f"（进程号 {holder[1]}）" if holder else ""
        )
    if isinstance(error, PermissionError) or "ermission denied" in reason:
        return DatabaseUnavailable("denied", path=str(path))
    if "newer version" in reason or "storage version" in reason:
        return DatabaseUnavailable("newer", path=str(path))
    if isinstance(error, duckdb.SerializationException) or any(
        sign in reason for sign in ("not a valid DuckDB", "orrupt", "checksum", "enough bytes")
    ):
        return DatabaseUnavailable("not_a_database", path=str(path))
    return DatabaseUnavailable("unopenable", path=str(path), reason=reason.splitlines()[0])


def _check_ours(path: Path, connection: Cursor) -> None:
    """Refuse a DuckDB file that another program, or a newer version of this one, made."""
    tables = {
        name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()
    }
    if not tables:
        # Creating one ends with its tables in it; what has none is a copy that lacks its WAL.
        raise DatabaseUnavailable("no_tables", path=str(path))
    if not {"migrations", "house", "uploads"} <= tables:
        raise DatabaseUnavailable("foreign", path=str(path))
    applied = {n for (n,) in connection.execute("select number from migrations").fetchall()}
    if not applied <= {number for number, _ in _migrations()}:
        raise DatabaseUnavailable("newer", path=str(path))


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


def _adopt_scheme(connection: Cursor) -> None:
    """Put the scheme file into its tables; a changed scheme moves the data version."""
    adopted = scheme.load()
    current = connection.execute("select checksum from scheme").fetchone()
    if current == (adopted.checksum,):
        return
    with _transaction(connection):
        for table, rows in adopted.tables.items():
            connection.execute(f"delete from {table}")
            connection.append(table, rows, by_name=True)
        connection.execute("update house set data_version = data_version + 1")


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
