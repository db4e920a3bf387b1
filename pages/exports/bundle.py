"""Several files as one ZIP, with a list of what they are."""

import io
import zipfile
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple


class Entry(NamedTuple):
    """A file of a bundle, and when it was made; a ZIP tells that to two seconds."""

    name: str
    content: bytes
    at: datetime


def as_zip(entries: Iterable[Entry]) -> bytes:
    """The files in their order: equal entries, equal bytes.

    They are stored as they are: PDF and Excel are packed already, and what packing makes of a file
    hangs on the machine.
    """
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as bundle:
        for entry in entries:
            about = zipfile.ZipInfo(entry.name, entry.at.timetuple()[:6])
            about.create_system = 3  # on every machine
            about.external_attr = 0o644 << 16
            bundle.writestr(about, entry.content)
    return content.getvalue()
