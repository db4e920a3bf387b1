"""The clerk's desk: what the upload pages do with files, on this process's database.

A storing runs on a thread of its own, so that a refresh or a lost connection does not touch it;
``storings`` tells every page what became of it. Each function checks for itself whether ``by``
may, and puts on record what was done.
"""

import logging
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from data import deeds, sample
from data.access import Visitor
from data.journal import Job
from data.problems import DatabaseUnavailable, unavailable
from data.store import database_path, store
from data.uploads import ledger, originals
from data.uploads.check import Checked, Progress, Sent, check_all, registers
from data.uploads.decode import as_sent
from data.uploads.ledger import (
    SHOWN,
    Action,
    NotReversible,
    Preview,
    Receipt,
    Reversal,
    StillNeeded,
)

__all__ = [
    "SHOWN",
    "Action",
    "Checked",
    "NotReversible",
    "Preview",
    "Receipt",
    "Reversal",
    "Sent",
    "StillNeeded",
    "Storing",
    "begin_with_own_data",
    "check",
    "dismiss",
    "has_original",
    "header_of",
    "interrupted",
    "original",
    "reverse",
    "rows_as_sent",
    "start",
    "storings",
    "supposing_reversed",
    "supposing_stored",
]

_KEPT = 20  # storings that are remembered after their end
_log = logging.getLogger(__name__)


@dataclass
class Storing:
    """Files on their way into the database: under way until there are ``receipts`` or a ``fault``."""

    job: str
    sender: Visitor
    files: list[str]
    begun: datetime
    receipts: list[Receipt] | None = None
    fault: DatabaseUnavailable | None = None
    _ended: threading.Event = field(default_factory=threading.Event)

    @property
    def by(self) -> str:
        return self.sender.name

    @property
    def is_under_way(self) -> bool:
        return not self._ended.is_set()

    @property
    def is_settled(self) -> bool:
        """Whether it ended with what the preview had said, refusals included."""
        return self.receipts is not None and all(r.outcome != "outdated" for r in self.receipts)

    def wait(self, seconds: float) -> bool:
        """Whether it has ended, after waiting for that at most so long."""
        return self._ended.wait(seconds)


_storings: list[Storing] = []


def check(
    files: Sequence[Sent], by: Visitor, progress: Progress = lambda filename, share: None
) -> list[Checked]:
    """Check files that were dropped together, and answer in their order; nothing is stored."""
    deeds.demand(by, "upload")
    known = registers(store(), by.townships)
    checked = {id(c.sent): c for c in check_all(files, known, progress)}
    return [checked[id(file)] for file in files]


def header_of(checked: Checked) -> tuple[int, dict[str, int]]:
    """The row number of the file's header, and at which position (from 0) each column stands."""
    sent = as_sent(checked.sent.content, checked.format)
    return sent.header, sent.places


def rows_as_sent(checked: Checked, by: Visitor) -> Iterator[tuple[int, list[str]]]:
    """Every row of the file as it was read, titles and all, with its number, to take it away."""
    deeds.demand(by, "upload")
    deeds.handed_out("export", by, title="问题表", file=checked.filename, kind="xlsx")
    return as_sent(checked.sent.content, checked.format).rows


def supposing_stored(
    chosen: Sequence[Checked], among: Sequence[Checked], by: Visitor
) -> AbstractContextManager[list[Preview]]:
    """What storing the files would do; within, queries see it as if it were done.

    Without the files left out, upon which they may have relied, they are checked once more; a
    warning that the clerk has not seen then refuses them all.
    """
    deeds.demand(by, "upload")
    batch = chosen
    if len(chosen) < len(among):
        batch = check_all([checked.sent for checked in chosen], registers(store(), by.townships))
    return ledger.supposing_stored(store(), batch, chosen, by.townships)


def start(previews: Sequence[Preview], by: Visitor) -> Storing:
    """Begin to store what was previewed; if it would now do anything else, nothing is stored."""
    deeds.demand(by, "upload")
    seen = [preview.receipt for preview in previews]
    storing = Storing(
        uuid.uuid4().hex,
        by,
        [receipt.checked.filename for receipt in seen],
        datetime.now(),  # noqa: DTZ005 - the office's own clock
    )
    _storings.append(storing)
    del _storings[:-_KEPT]
    threading.Thread(target=_store, args=(storing, seen), name="storing").start()
    return storing


def _store(storing: Storing, seen: list[Receipt]) -> None:
    """Store on this thread; whatever happens, the storing ends and says how."""
    try:
        house = store()
        files = [{**_announced(r.checked), "account": storing.sender.account} for r in seen]
        house.journal.begun(storing.job, storing.by, files)
        try:
            batch = [receipt.checked for receipt in seen]
            receipts = ledger.upload_together(
                house, batch, storing.by, seen, storing.sender.townships
            )
            storing.receipts = [_without_rows(receipt) for receipt in receipts]
            outcomes = [str(receipt.outcome) for receipt in receipts]
        except Exception as error:
            outcomes = [str(error)]
            raise
        finally:
            house.journal.ended(storing.job, outcomes)
    except DatabaseUnavailable as fault:
        storing.fault = fault
    except Exception as error:
        _log.exception("storing %s failed", storing.files)
        storing.fault = unavailable(database_path(), error)
    finally:
        for receipt in storing.receipts or seen:
            outcome = receipt.outcome if storing.receipts else "failed"
            _record(storing.sender, receipt, outcome)
        storing._ended.set()


def _record(by: Visitor, receipt: Receipt, outcome: str) -> None:
    said = _announced(receipt.checked)
    deeds.done(
        "upload",
        by,
        file=said["filename"],
        upload=receipt.upload_id if outcome == "stored" else None,
        format=said["format"],
        quarter=said["quarter"],
        outcome=outcome,
    )


def _without_rows(receipt: Receipt) -> Receipt:
    """A receipt to remember: what was stored need not be held in memory as well."""
    checked = receipt.checked
    if receipt.outcome not in ("stored", "unchanged") or checked.rows is None:
        return receipt
    sent = replace(checked.sent, content=b"")
    return replace(receipt, checked=replace(checked, sent=sent, rows=checked.rows.head(0).copy()))


def _announced(checked: Checked) -> dict[str, Any]:
    return {
        "filename": checked.filename,
        "checksum": checked.sent.checksum,
        "format": checked.format.name if checked.format else None,
        "quarter": str(checked.quarter) if checked.quarter else None,
        "mode": "replace" if checked.replaces else "add",
    }


def storings(by: Visitor) -> list[Storing]:
    """The storings of this process that concern the visitor, the latest first; those under way and
    the last ones ended. Who speaks for some townships has a part only in their own.
    """
    return [
        s for s in reversed(_storings) if by.townships is None or s.sender.account == by.account
    ]


def interrupted(by: Visitor) -> list[Job]:
    """What was begun before a crash and never said to have ended, likewise."""
    return [
        job
        for job in store().journal.interrupted()
        if by.townships is None or any(f.get("account") == by.account for f in job.files)
    ]


def dismiss(job: str, by: Visitor) -> None:
    """Say no more of a storing that failed or was interrupted: the clerk has read it."""
    deeds.demand(by, "upload")
    if job not in {s.job for s in storings(by)} | {j.job for j in interrupted(by)}:
        return
    _storings[:] = [storing for storing in _storings if storing.job != job]
    store().journal.ended(job)


def supposing_reversed(
    upload_id: int, action: Action, by: Visitor
) -> AbstractContextManager[Reversal]:
    """What an undo or redo would do; within, queries see it as if it were done."""
    deeds.demand(by, "undo")
    return ledger.supposing_reversed(store(), upload_id, action)


def reverse(upload_id: int, action: Action, reason: str, by: Visitor, seen: Reversal) -> Reversal:
    """Take an upload back, or put it in force again, as it was ``seen`` to do.

    Raises StillNeeded, NotReversible or DatabaseUnavailable; then nothing has changed.
    """
    deeds.demand(by, "undo")
    done = ledger.reverse(store(), upload_id, action, reason, by.name, seen)
    deeds.done(action, by, upload=upload_id, reason=reason)
    return done


def has_original(checksum: str, size: int) -> bool:
    """Whether the file of an upload seems to be there, at its size."""
    return originals.has(store().path, checksum, size)


def original(checksum: str, by: Visitor) -> bytes:
    """The file of an upload as it was sent; raises OSError if it is no longer that.

    Who speaks for some townships gets only files of which every row is theirs.
    """
    deeds.demand(by, "uploads")
    bearing = [
        (number, filename)
        for number, filename, townships in store()
        .query(_UPLOADS_OF, {"checksum": checksum})
        .itertuples(index=False, name=None)
        if by.townships is None or by.townships.issuperset(townships)
    ]
    if not bearing:
        deeds.refuse(by, "uploads")
    [(number, filename), *_] = bearing
    content = originals.read(store().path, checksum)
    deeds.handed_out("original_downloaded", by, upload=number, file=filename)
    return content


_UPLOADS_OF = """
select upload_id, filename, coalesce(upload_homes.townships, [null]) as townships
from uploads left join upload_homes using (upload_id)
where checksum = $checksum
order by upload_id desc
"""


def begin_with_own_data(by: Visitor) -> None:
    """Empty the sample database; raises ValueError if the database is no sample."""
    deeds.demand(by, "undo")
    sample.leave(store())
    deeds.done("sample_emptied", by)
