"""Reports: the last of each big paper, kept beside the database with what it says of itself.

``delegates.duckdb`` → ``delegates.reports/``: each file lies under its SHA-256, and a JSON note of
what it is names it. Putting the note in its place is the one step that counts, so that a crash
leaves the report before or the new one, whole. A note counts that the record of deeds knows by its
SHA-256 as made here; any other is not even read.
"""

import json
import os
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import file_digest, sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import NamedTuple

from data.access import Visitor
from data.journal import Stand, to_disk
from data.problems import unavailable
from data.record import Value, record
from data.store import store

MOST = 400  # reports that are kept: those made last
REPLACED_STAYS = timedelta(days=1)  # for the pages that still offer it
_keeping = threading.RLock()


class Subject(NamedTuple):
    """What a report is; of equal ones the last is kept. ``of`` None: of the whole county."""

    kind: str
    of: str | None
    period: str
    language: str


@dataclass(frozen=True)
class Basis:
    """The data that a report is made from: equal ones, equal data.

    ``founded`` is when the database got its first upload, which tells it from another one that
    came to lie at its place; a restore keeps that, and never takes the version back.
    """

    version: int
    ledger: str
    founded: str
    sample: bool

    def offers(self, earlier: "Basis") -> bool:
        """Whether this is what became of the earlier one."""
        return (earlier.founded, earlier.sample) == (self.founded, self.sample) and (
            earlier.version < self.version or earlier == self
        )


@dataclass(frozen=True)
class Report:
    """A report that was made; ``said`` goes on record when it leaves.

    ``scheme`` is the scheme's name, ``checksum`` identifies its version; ``lacking`` are the signs
    that its fonts lack, each with the texts where it stands.
    """

    subject: Subject
    basis: Basis
    title: str
    filename: str
    scheme: str
    checksum: str
    by: str
    at: datetime
    said: Mapping[str, Value]
    lacking: Mapping[str, list[str]]
    sha256: str
    bytes: int

    @property
    def ending(self) -> str:
        return self.filename.rpartition(".")[2]


def folder(database: Path) -> Path:
    """Where the reports of a database lie."""
    return database.with_suffix(".reports")


def basis() -> Basis:
    """What a report that is made now is made from."""
    with store().cursor() as cursor:
        cursor.execute("begin")
        stand = Stand.of(cursor)
        first = cursor.execute(
            "select uploaded_at::varchar from uploads order by upload_id limit 1"
        ).fetchone()
        cursor.execute("rollback")
    return Basis(stand.version, stand.ledger, first[0] if first else "", stand.sample is not None)


def digest(content: bytes) -> str:
    """By what a file is known: its SHA-256."""
    return sha256(content).hexdigest()


def keep(report: Report, content: bytes, by: Visitor) -> None:
    """Put on record that they had it made, and let it take the place of the one before; raises
    DatabaseUnavailable, and that stays.
    """
    place, written = folder(store().path), _written(report)
    said = {**report.said, "kind": report.ending, "sha256": report.sha256, "bytes": report.bytes}
    with _keeping:
        try:
            place.mkdir(exist_ok=True)
            note = _note(place, report.subject)
            before = _noted(place).get(note)
            _put(place / report.sha256, content)
            record().note("report_made", by, **said, note=digest(written))
            _put(note, written)
        except OSError as error:
            raise unavailable(place, error) from error
        if before is not None:
            with suppress(OSError):
                (place / before.sha256).touch()  # its last day begins
        _sweep(place, basis())


def kept() -> dict[Subject, Report]:
    """The last report of each subject, of this very database and to the byte what was made; raises
    DatabaseUnavailable where the record cannot be read.
    """
    place, now = folder(store().path), basis()
    return {
        report.subject: report
        for report in _noted(place).values()
        if now.offers(report.basis) and _is_whole(place / report.sha256, report)
    }


def content(report: Report) -> bytes:
    """The file; raises OSError where it is no longer what was made, or of another database, and
    DatabaseUnavailable as ``kept`` does.

    A report that another took the place of is still there for a day.
    """
    found = (folder(store().path) / report.sha256).read_bytes()
    made = digest(found) == report.sha256 and digest(_written(report)) in _made()
    if not made or not basis().offers(report.basis):
        raise OSError(f"the report {report.filename} is damaged or of other data")
    return found


def _note(place: Path, subject: Subject) -> Path:
    # A township's name need not be fit for a file's.
    named = digest(json.dumps(subject, ensure_ascii=False).encode())
    return place / f"{named[:32]}.json"


def _written(report: Report) -> bytes:
    return json.dumps(asdict(report), ensure_ascii=False, default=datetime.isoformat).encode()


def _made() -> set[str]:
    """The SHA-256 of every note that was made here, as the record has it."""
    entries = record().entries()
    return {str(what.get("note")) for what in entries["what"][entries["deed"] == "report_made"]}


def _noted(place: Path) -> dict[Path, Report]:
    """The notes that were made here, with what they say, the newest first."""
    made, found = _made(), {}
    for note in place.glob("*.json"):
        try:
            written = note.read_bytes()
            if digest(written) not in made:
                continue
            said = json.loads(written)
            said["subject"] = Subject(*said["subject"])
            said["basis"] = Basis(**said["basis"])
            said["at"] = datetime.fromisoformat(said["at"])
            if set(said) == {field.name for field in fields(Report)}:
                report = Report(**said)
                if note == _note(place, report.subject):  # no copy under another name
                    found[note] = report
        except (OSError, ValueError, TypeError, KeyError):
            continue  # just replaced, or of another version of the program
    return dict(sorted(found.items(), key=lambda known: known[1].at, reverse=True))


def _put(path: Path, content: bytes) -> None:
    """Write a file that is never there half written."""
    with NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
        part = Path(file.name)
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            file.close()
            _replace(path, part)
        except OSError:
            file.close()
            part.unlink(missing_ok=True)
            raise
    to_disk(path.parent)


def _replace(path: Path, part: Path) -> None:
    """Windows refuses while somebody reads the one before, which is soon over."""
    for pause in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5):
        try:
            part.replace(path)
        except PermissionError:
            time.sleep(pause)
        else:
            return
    part.replace(path)


def _is_whole(path: Path, report: Report) -> bool:
    try:
        state = path.stat()
        return state.st_size == report.bytes and (
            _sha256(path, state.st_size, state.st_mtime_ns) == report.sha256
        )
    except OSError:
        return False


@lru_cache(maxsize=2 * MOST)
def _sha256(path: Path, _size: int, _changed: int) -> str:
    """Computed anew where size or time of change tell of a change."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _sweep(place: Path, now: Basis) -> None:
    """Remove what is not offered any more, and what a crash left half made."""
    notes = _noted(place)
    ours = [note for note, report in notes.items() if now.offers(report.basis)][:MOST]
    named = {notes[note].sha256 for note in ours}
    long_ago = (datetime.now() - REPLACED_STAYS).timestamp()  # noqa: DTZ005 - a file's time
    for file in place.iterdir():
        with suppress(OSError):  # somebody may be reading it
            if (file.suffix == ".part" or (file in notes and file not in ours)) or (
                not file.suffix and file.name not in named and file.stat().st_mtime < long_ago
            ):
                file.unlink()
