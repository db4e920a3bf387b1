"""The journal: a copy of the ledger outside the database, and the storings under way.

A truncated or deleted WAL, or an older copy put back, opens without complaint with rows gone.
The journal beside the database (``delegates.duckdb`` → ``delegates.journal``) is what notices: one
JSON line per commit, appended and forced to the disk before the clerk is told. Each line carries a
checksum over itself and the line before, so none can change, go or change places unseen.

It also keeps what a clerk has begun to store, so that after a crash nobody is left in doubt; and
the newest seal of the record of deeds, which cannot notice by itself that its end was cut off.
"""

import json
import logging
import os
import threading
import zlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb

from data.problems import DatabaseUnavailable, unavailable

Line = dict[str, Any]
# Of an upload, what the journal keeps.
COLUMNS = (
    *("upload_id", "format", "quarter", "filename", "checksum"),
    *("kept", "digest", "state", "uploaded_by"),
)
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Stand:
    """A database at one moment: its data version, whose data, its ledger, its restores.

    ``restored`` says which backup a data version was restored from.
    """

    version: int
    sample: str | None
    uploads: Mapping[int, Line]
    restored: Mapping[int, str]

    @classmethod
    def of(cls, cursor: duckdb.DuckDBPyConnection) -> "Stand":
        """As the cursor sees it; a database from before a migration lacks what that adds."""
        [(version, sample)] = cursor.execute("select data_version, sample from house").fetchall()
        ledger = cursor.execute("select * from uploads order by upload_id")
        names = [name for name, *_ in ledger.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in ledger.fetchall()]
        uploads = {row["upload_id"]: {name: row.get(name) for name in COLUMNS} for row in rows}
        keeps_restores = cursor.execute(
            "select 1 from duckdb_tables() where table_name = 'restores'"
        ).fetchall()
        restored = (
            cursor.execute("select version_after, backup from restores").fetchall()
            if keeps_restores
            else []
        )
        return cls(version, sample, uploads, dict(restored))

    @property
    def ledger(self) -> str:
        """A checksum of the ledger: equal ledgers, equal checksums."""
        return sha256(_text(list(self.uploads.values()))).hexdigest()


@dataclass
class Job:
    """A storing that a clerk began. ``files`` are as they were announced; in ``interrupted`` each
    with ``upload_id``, the upload that it became, or None if nothing of it was stored.
    """

    job: str
    by: str | None
    at: datetime
    files: list[Line] = field(default_factory=list)


class Journal:
    """The journal of the database at ``database``; read once, then kept in step.

    ``version``, ``sample``, ``uploads`` are as after the last commit written down, ``last_upload``
    the highest number among all uploads it ever knew. ``anchors`` are the numbers and seals of
    entries that the record of deeds had when a line was written. ``damaged`` says that a line
    other than the last does not hold; the rest is then only what can still be read of it.
    """

    def __init__(self, database: Path) -> None:
        self.database = database
        self.path = beside(database)
        self._writing = threading.RLock()
        self._running: set[str] = set()
        self._forget()
        if self.path.exists():
            self._read(self.path.read_bytes())

    def _forget(self) -> None:
        self.version = 0
        self.sample: str | None = None
        self.uploads: dict[int, Line] = {}
        self.last_upload = 0
        self.damaged = False
        self.anchors: list[tuple[int, str]] = []
        self._jobs: dict[str, Job] = {}
        self._length = 0  # of the lines that hold; what a crash left behind them is overwritten
        self._checksum = 0

    def _read(self, content: bytes) -> None:
        lines = content.splitlines(keepends=True)
        for number, line in enumerate(lines, 1):
            holds = False
            with suppress(ValueError, KeyError, TypeError, AttributeError):
                entry = json.loads(line)
                checksum = entry.pop("checksum")
                holds = line.endswith(b"\n") and checksum == self._checked(entry)
                if holds or self.damaged or number < len(lines):
                    self._take(entry)
            if not holds:
                # If it is the last line: a crash while it was appended. What it told of either was
                # not acknowledged, or it is in the database, which is then ahead.
                self.damaged |= number < len(lines)
                continue
            self._length += len(line)
            self._checksum = checksum

    def check(self, stand: Stand) -> None:
        """Raise DatabaseUnavailable if the database lacks what the journal says was committed.

        The database may be ahead, as after a crash between commit and line; an upload may then
        have changed its state. That uploads are gone is right only where a backup was restored or
        the sample emptied since.
        """
        if self.damaged:
            raise DatabaseUnavailable("journal", path=str(self.path))
        ahead = stand.version > self.version
        if ahead and (
            any(version > self.version for version in stand.restored)
            or (self.sample is not None and stand.sample is None)
        ):
            return
        lacking = [
            line
            for number, line in self.uploads.items()
            if _told(stand.uploads.get(number), ahead) != _told(line, ahead)
        ]
        if lacking or stand.version < self.version:
            raise DatabaseUnavailable("behind", path=str(self.database), uploads=named(lacking))

    def record(self, stand: Stand) -> None:
        """Append what is new or changed in the ledger since the last line; OSError if that fails.

        What a failed append left out is still new at the next one.
        """
        with self._writing:
            if not self.path.exists():
                self._forget()
            gone = [number for number in self.uploads if number not in stand.uploads]
            news = [line for n, line in stand.uploads.items() if self.uploads.get(n) != line]
            if not gone and not news and stand.version == self.version:
                return
            restored = [name for v, name in stand.restored.items() if v > self.version]
            self._append(
                {
                    "version": stand.version,
                    "sample": stand.sample,
                    "uploads": news,
                    **({"gone": gone} if gone else {}),
                    **({"restored": restored[-1]} if restored else {}),
                }
            )

    def begun(self, job: str, by: str | None, files: Sequence[Mapping[str, Any]]) -> None:
        """Note that the files are about to be stored; DatabaseUnavailable if it cannot be noted.

        A file is a dict with filename, checksum, format, quarter and mode.
        """
        self._running.add(job)
        try:
            self._append({"begun": job, "by": by, "files": [dict(file) for file in files]})
        except OSError as error:
            self._running.discard(job)
            raise unavailable(self.path, error) from error

    def ended(self, job: str, outcomes: Sequence[Any] | Mapping[str, Any] = ()) -> None:
        """Note what became of a job; also closes one that was interrupted.

        A failure to note it is logged: the job then shows as interrupted after the next start.
        """
        try:
            self._append({"ended": job, "outcomes": outcomes})
        except OSError as error:
            _log.warning("the journal does not say that job %s ended: %s", job, error)
        self._running.discard(job)

    def anchor(self) -> None:
        """Append a line for the newest seal of the record alone; a failure is logged.

        A journal is not begun for it: it would tell of a database that held something.
        """
        try:
            if self.path.exists():
                self._append({"anchored": True})
        except OSError as error:
            _log.warning("the journal does not name the record's newest seal: %s", error)

    def interrupted(self) -> list[Job]:
        """The jobs that were begun and never ended, and are not running in this process."""
        with self._writing:
            return [job for name, job in self._jobs.items() if name not in self._running]

    def _append(self, entry: Line) -> None:
        from data import record

        with self._writing:
            entry = {"at": datetime.now().isoformat(timespec="seconds"), **entry}  # noqa: DTZ005 - the office's own clock
            if anchor := record.head(self.database):
                entry["record"] = anchor
            checksum = self._checked(entry)
            line = _text({**entry, "checksum": checksum}) + b"\n"
            fresh = not self.path.exists()
            with self.path.open("xb" if fresh else "r+b") as file:
                file.truncate(self._length)
                file.seek(self._length)
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
            if fresh:
                to_disk(self.path.parent)
            self._take(json.loads(line))
            self._length += len(line)
            self._checksum = checksum

    def _checked(self, entry: Line) -> int:
        return zlib.crc32(_text(entry), self._checksum)

    def _take(self, entry: Line) -> None:
        """Let the state follow a line."""
        if anchor := entry.get("record"):
            number, seal = anchor
            self.anchors.append((number, seal))
        if "begun" in entry:
            files = [{**file, "upload_id": None} for file in entry["files"]]
            at = datetime.fromisoformat(entry["at"])
            self._jobs[entry["begun"]] = Job(entry["begun"], entry["by"], at, files)
        elif "ended" in entry:
            self._jobs.pop(entry["ended"], None)
        elif "anchored" not in entry:
            self.version, self.sample = entry["version"], entry["sample"]
            for number in entry.get("gone", ()):
                self.uploads.pop(number, None)
            for line in entry["uploads"]:
                if line["upload_id"] not in self.uploads:
                    self._found(line)
                self.uploads[line["upload_id"]] = line
                self.last_upload = max(self.last_upload, line["upload_id"])

    def _found(self, line: Line) -> None:
        """Whatever open job meant to store this upload has stored it."""
        for job in self._jobs.values():
            for file in job.files:
                if all(file.get(key) == line[key] for key in ("checksum", "format", "quarter")):
                    file["upload_id"] = line["upload_id"]


def beside(database: Path) -> Path:
    """Where the journal of a database lies."""
    return database.with_suffix(".journal")


def named(uploads: Sequence[Line]) -> str:
    """The uploads by number and file name, the first of many; — for none."""
    shown = [f"{line['upload_id']}（{line['filename']}）" for line in uploads[:5]]
    return "、".join([*shown, "…"] if len(uploads) > 5 else shown) or "—"


def to_disk(path: Path) -> None:
    """Force a file's content, or a folder's names, to the disk."""
    if path.is_dir():
        if os.name == "nt":  # Windows has no such thing for folders
            return
        handle = os.open(path, os.O_RDONLY)
    else:
        handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _told(line: Line | None, but_state: bool) -> Line | None:
    return line and {k: v for k, v in line.items() if not (but_state and k == "state")}


def _text(entry: Any) -> bytes:
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":"), default=str).encode()
