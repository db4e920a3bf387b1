"""The files as they were sent, kept beside the database under their checksums, never removed."""

import hashlib
import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from data.problems import unavailable
from data.uploads.check import Sent


def folder(database: Path) -> Path:
    return database.with_suffix(".originals")


def keep(database: Path, sent: Sent) -> None:
    """Keep the bytes of a file before its rows are stored; raises DatabaseUnavailable."""
    place = folder(database) / sent.checksum
    if place.exists() and place.stat().st_size == len(sent.content):
        return
    try:
        place.parent.mkdir(exist_ok=True)
        with NamedTemporaryFile(dir=place.parent, suffix=".part", delete=False) as file:
            file.write(sent.content)
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).replace(place)
    except OSError as error:
        with suppress(OSError, NameError):
            Path(file.name).unlink()
        raise unavailable(place.parent, error) from error


def read(database: Path, checksum: str) -> bytes | None:
    """The bytes of an upload's file; None if they are not there or no longer what was sent."""
    place = folder(database) / checksum
    if not place.is_file():
        return None
    content = place.read_bytes()
    return content if hashlib.sha256(content).hexdigest() == checksum else None
