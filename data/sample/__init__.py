"""The sample county: invented people, loaded through the very upload path."""

from collections.abc import Callable
from itertools import groupby

from data.sample.county import county, write
from data.sample.roster import FEWEST
from data.store import Store
from data.uploads.check import Sent, check_each, registers
from data.uploads.formats import FORMATS
from data.uploads.ledger import upload_together
from data.uploads.tables import clear

__all__ = ["FEWEST", "begin", "finish", "leave", "load", "write"]


def begin(store: Store) -> None:
    """Mark the database as holding invented people, before the first of them is in it."""
    _mark(store, "loading")


def finish(store: Store) -> None:
    _mark(store, "loaded")


def _mark(store: Store, state: str | None) -> None:
    with store.write() as cursor:
        cursor.execute("update house set sample = ?", [state])


def load(
    store: Store,
    delegates: int = 968,
    progress: Callable[[float], None] = lambda share: None,
) -> int:
    """Upload every file of the sample county that is not there yet; returns the number of files.

    A load that was cut short goes on where it stopped. Raises ValueError if a file is refused:
    the generator writes clean files.
    """
    files = county(delegates)
    done = 0
    for _year, group in groupby(files, key=lambda file: (file.quarter or "")[:4]):
        batch = []
        sent = [Sent(f.name, f.content(), FORMATS[f.format]) for f in group]
        for checked in check_each(sent, registers(store)):
            batch.append(checked)
            done += 1
            progress(done / len(files))
        for receipt in upload_together(store, batch):  # a transaction a year
            if receipt.outcome == "refused":
                sentences = "; ".join(p.sentence for p in receipt.problems[:3])
                raise ValueError(f"{receipt.checked.filename}: {sentences}")
    return len(files)


def leave(store: Store) -> None:
    """Empty the sample database, so that an office starts with its own data."""
    with store.write("clear") as cursor:
        if store.sample is None:
            raise ValueError("only a sample database may be emptied")
        clear(cursor)
        cursor.execute("update house set sample = null")
