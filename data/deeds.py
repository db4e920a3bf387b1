"""Doing something in the office's name: by somebody who may, and on record.

What writes or hands out calls ``demand`` first, whatever the page has checked before, and says
afterwards what was done.
"""

import logging

import pandas as pd

from data.access import Forbidden, Right, Visitor
from data.record import Deed, Value, record

_log = logging.getLogger(__name__)


def demand(by: Visitor, right: Right) -> None:
    """Raise Forbidden, and put that on record, unless the visitor may and is still signed in."""
    try:
        by.demand(right)
    except Forbidden:
        refuse(by, right)


def refuse(by: Visitor, right: Right) -> None:
    """Put on record that it was tried, and raise Forbidden."""
    done("refused", by, right=right)
    raise Forbidden(right)


def done(deed: Deed, by: Visitor, **what: Value) -> None:
    """Put on record what is done already. It stands even where that fails; then the log says so."""
    try:
        record().note(deed, by, **what)
    except Exception:
        _log.exception("%s by %s is not on record: %s", deed, by.account or by.name, what)


def handed_out(deed: Deed, by: Visitor, **what: Value) -> None:
    """Put on record what is about to leave; raises DatabaseUnavailable, and then it must not."""
    record().note(deed, by, **what)


def exported(sha256: str) -> pd.DataFrame:
    """The entries of files with this SHA-256 that were handed out, newest first; columns as in
    ``data.record.Entry``. Raises DatabaseUnavailable.
    """
    entries = record().entries()
    said = [what.get("sha256") == sha256 for what in entries["what"]]
    return entries[(entries["deed"] == "export") & pd.Series(said, entries.index, dtype=bool)]
