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


def has(database: Path, checksum: str, size: int) -> bool:
    """Whether a file of this size is kept under the checksum."""
    place = folder(database) / checksum
    return place.is_file() and place.stat().st_size == size


def read(database: Path, checksum: str) -> bytes:
    """The bytes of an upload's file; raises OSError if they are not there or not what was sent."""
    content = (folder(database) / checksum).read_bytes()
    if hashlib.sha256(content).hexdigest() != checksum:
        raise OSError(f"the original {checksum} is damaged")
    return content
