"""The clerk's desk: what the upload page does with files, on this process's database."""

from collections.abc import Sequence

from data import sample
from data.store import store
from data.uploads.check import Checked, Sent, check_all, registers
from data.uploads.ledger import Receipt, upload_together, warnings

__all__ = ["Checked", "Receipt", "Sent", "begin_with_own_data", "check", "keep"]


def check(files: Sequence[Sent]) -> list[Checked]:
    """Check files that were dropped together, and answer in their order; nothing is stored."""
    checked = {id(c.sent): c for c in check_all(files, registers(store()))}
    return [checked[id(file)] for file in files]


def keep(chosen: Sequence[Checked]) -> list[Receipt]:
    """Store the files that the clerk let through.

    They are checked once more without the files left out, upon which they may have relied; a
    warning that the clerk has not seen then refuses them all.
    """
    batch = check_all([checked.sent for checked in chosen], registers(store()))
    if not warnings(batch) <= warnings(chosen):
        return [Receipt("refused", checked) for checked in batch]
    return upload_together(store(), batch)


def begin_with_own_data() -> None:
    """Empty the sample database; raises ValueError if the database is no sample."""
    sample.leave(store())
