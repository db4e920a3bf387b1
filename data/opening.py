"""Opening the office's database when the server starts, without making anyone wait in the dark.

A database that does not exist yet at the default place begins with the sample county, loaded in
the background while the pages show how far it is. An office that names its own database
(DELEGATES_DATABASE) never gets invented people in it. Once it is open, it is backed up every day.
"""

import logging
import os
import threading
from dataclasses import dataclass

from data import backups, store
from data.access import settings
from data.problems import DatabaseUnavailable
from data.record import SYSTEM, Deed, Value, record

_log = logging.getLogger(__name__)


@dataclass
class Opening:
    """How far the opening is: ``ready``, or the ``fault`` that stopped it.

    ``progress`` (0–1) is how much of the sample county is loaded, None if none is to be.
    """

    progress: float | None = None
    ready: bool = False
    fault: DatabaseUnavailable | None = None


_opening: Opening | None = None
_lock = threading.Lock()


def begin() -> Opening:
    """Start opening in the background, once per process; returns how far it is."""
    with _lock:
        return _opening or _start()


def again() -> Opening:
    """Start opening once more, after a fault."""
    with _lock:
        return _start()


def _start() -> Opening:
    global _opening
    _opening = Opening()
    threading.Thread(target=_run, args=(_opening,), name="opening", daemon=True).start()
    return _opening


def _run(opening: Opening) -> None:
    try:
        _open(opening)
    except DatabaseUnavailable as fault:
        _log.error("%s", fault)
        opening.fault = fault
    except Exception as error:
        _log.exception("opening the database failed")
        opening.fault = DatabaseUnavailable(
            "unopenable", path=str(store.database_path()), reason=str(error)
        )


def _open(opening: Opening) -> None:
    wants_sample = not os.environ.get("DELEGATES_DATABASE") and not store.database_path().exists()
    house = store.store()
    if wants_sample or house.sample == "loading":
        from data import sample

        opening.progress = 0.0
        if wants_sample:
            sample.begin(house)
        sample.load(house, progress=lambda share: setattr(opening, "progress", share))
        sample.finish(house)
        _put_on_record("sample_loaded", version=house.version)
    _put_on_record("started", way=settings.door(house.path).way, version=house.version)
    house.journal.anchor()
    backups.every_day(house)
    opening.ready = True


def _put_on_record(deed: Deed, **what: Value) -> None:
    """Say what was done; where people sign in, nothing is open without a record."""
    try:
        record().note(deed, SYSTEM, **what)
    except DatabaseUnavailable as fault:
        if settings.door(store.database_path()).way != "computer":
            raise
        _log.error("not on record: %s: %s", deed, fault)
