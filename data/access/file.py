"""The accounts file, ``delegates.accounts`` beside ``delegates.duckdb``: SQLite.

It is apart from the database so that it can be mended on the command line while the server holds
that, and is not put back with an old backup. Whoever reads it still cannot come in: passwords are
there as argon2 hashes, codes and session tokens as SHA-256. What is damaged or cannot be read
opens nothing: every call raises DatabaseUnavailable.
"""

import os
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from data.journal import to_disk
from data.problems import DatabaseUnavailable

_OURS, _VERSION = 0x44474154, 1  # application_id and user_version of the file
# Files from before it was kept lack this one; programs from before do not mind it.
_HEAD = """
create table if not exists head (  -- the newest entry of the record of deeds
    one integer primary key check (one = 1), number integer not null, seal text not null
) strict"""
_SCHEMA = f"""
create table accounts (
    key text primary key,  -- the name as it is compared
    account text not null,
    name text not null,
    role text not null,
    townships text not null,  -- JSON
    disabled integer not null default 0,
    password text,
    subject text unique,  -- whom single sign-on vouched for at first
    era integer not null default 0,  -- browsers known in an earlier one are strangers
    created_at real not null,
    last_sign_in real
) strict;
create table codes (  -- key null: for the first administrator
    code blob primary key, key text, until real not null
) strict;
create table sessions (
    token blob primary key,
    ticket text not null unique,
    key text not null references accounts,
    address text not null,
    begun_at real not null,
    seen_at real not null
) strict;
create table tries (
    counted_on blob primary key, count integer not null, at real not null, until real not null
) strict;
create table secrets (name text primary key, value blob not null) strict;
{_HEAD};
pragma application_id = {_OURS};
pragma user_version = {_VERSION};
"""


PATIENCE = 5.0  # seconds that a change waits for other writers


def now() -> float:
    """Seconds, as all times in the file."""
    return time.time()


def digest(text: str) -> bytes:
    """What is kept of a text that must not be read here."""
    return sha256(text.encode("utf-8", "surrogatepass")).digest()


class File:
    """The file at ``path``, made if it is missing; raises DatabaseUnavailable.

    Safe for threads, and for several processes at once. Reading has a connection and a lock of its
    own: every request reads, and must not wait for whoever writes, here or in another process.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._reading, self._writing = threading.Lock(), threading.RLock()
        self._changing: int | None = None  # the thread within ``change``
        with self._telling():
            if not path.exists():
                _create(path)
            self._db = _open(path)
            self._reader = _connect(path)
            self._reader.execute("pragma query_only = on")

    def rows(self, query: str, *parameters: object) -> list[sqlite3.Row]:
        """What is committed; within ``change`` also what that has written."""
        if self._changing == threading.get_ident():
            return self._db.execute(query, parameters).fetchall()
        with self._reading, self._telling():
            return self._reader.execute(query, parameters).fetchall()

    def row(self, query: str, *parameters: object) -> sqlite3.Row | None:
        found = self.rows(query, *parameters)
        return found[0] if found else None

    @contextmanager
    def change(
        self, *, durable: bool = True, wait: float = PATIENCE
    ) -> Iterator[sqlite3.Connection]:
        """One transaction; ``durable``: forced to the disk before this returns. Not for nesting.

        Raises DatabaseUnavailable ("busy") if others have not done writing after ``wait`` seconds.
        """
        until = time.monotonic() + wait
        if not self._writing.acquire(timeout=wait):
            raise DatabaseUnavailable("busy", path=str(self.path))
        try:
            with self._telling():
                left = max(0.0, until - time.monotonic())
                self._db.execute(f"pragma busy_timeout = {round(left * 1000)}")
                self._db.execute(f"pragma synchronous = {'full' if durable else 'normal'}")
                self._db.execute("begin immediate")
                self._changing = threading.get_ident()
                try:
                    yield self._db
                    self._db.execute("commit")
                except BaseException:
                    with suppress(sqlite3.Error):
                        self._db.execute("rollback")
                    raise
                finally:
                    self._changing = None
        finally:
            self._writing.release()

    def close(self) -> None:
        with self._writing, self._reading:
            self._reader.close()
            self._db.close()

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Says in the reader's words why the file cannot be used."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise _unavailable(self.path, error) from error


def _create(path: Path) -> None:
    """A new file, whole before it bears its name, that only this user of the computer can read."""
    wal = path.with_name(f"{path.name}-wal")
    if wal.exists() and not path.exists():
        # Of a file that is gone. SQLite would put its pages into the new one.
        raise DatabaseUnavailable("accounts", path=str(wal))
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        with closing(sqlite3.connect(part)) as db:
            db.executescript(_SCHEMA)
        try:
            os.link(part, path)  # unlike a renamed one, never takes the place of another's
        except FileExistsError:
            return
        except OSError:  # a file system without links
            part.rename(path)
        to_disk(path.parent)
    finally:
        part.unlink(missing_ok=True)


def _open(path: Path) -> sqlite3.Connection:
    if path.is_dir():
        raise DatabaseUnavailable("directory", path=str(path))
    db = _connect(path)
    try:
        ours, version, sound = (
            db.execute(f"pragma {about}").fetchone()[0]
            for about in ("application_id", "user_version", "integrity_check")
        )
        if ours != _OURS or sound != "ok":
            raise DatabaseUnavailable("accounts", path=str(path))
        if version > _VERSION:
            raise DatabaseUnavailable("newer", path=str(path))
        with suppress(OSError):  # another user's
            path.chmod(0o600)
        db.execute("pragma journal_mode = wal")
        db.execute("pragma foreign_keys = on")
        db.execute(_HEAD)
    except BaseException:
        db.close()
        raise
    return db


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
    db.row_factory = sqlite3.Row
    return db


def _unavailable(path: Path, error: sqlite3.Error | OSError) -> DatabaseUnavailable:
    """What a refusal by SQLite or the system means to the reader."""
    code = getattr(error, "sqlite_errorcode", None)
    # The low byte is the kind of error.
    kind = None if code is None else code & 0xFF
    if kind in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return DatabaseUnavailable("busy", path=str(path))
    if kind == sqlite3.SQLITE_FULL:
        return DatabaseUnavailable("full", path=str(path))
    denied = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM)
    if kind in denied or isinstance(error, PermissionError):
        return DatabaseUnavailable("denied", path=str(path))
    if kind in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return DatabaseUnavailable("accounts", path=str(path))
    return DatabaseUnavailable("unopenable", path=str(path), reason=str(error))
