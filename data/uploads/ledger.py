"""Storing a checked file: its rows and its entry in the ledger in one transaction.

A file whose rows all stand already is *unchanged*: nothing is written. Of other files the rows
that are new or changed are added; nothing stored is ever altered (``tables``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import pandas as pd

from data.period import Period
from data.problems import Problem
from data.store import Cursor, NothingChanged, Store
from data.uploads.check import Checked, check_all, registers
from data.uploads.formats import Format

Outcome = Literal["stored", "unchanged", "refused"]


@dataclass(frozen=True)
class Receipt:
    """What became of a file: counts are of its data rows."""

    outcome: Outcome
    checked: Checked
    rows: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0

    @property
    def problems(self) -> list[Problem]:
        return self.checked.problems


def upload_together(store: Store, batch: Sequence[Checked]) -> list[Receipt]:
    """Store files that were checked one upon the other, in one transaction.

    Checks them again if the database has moved on since; what is compared and what is stored are
    then read under one lock, so of two uploads of the same rows the second finds them there. A
    refused file leaves the others as they are; an error of the database leaves nothing of any.
    Warnings that nobody has seen, as they came up only now, refuse the whole batch.
    """
    with store.write() as cursor:
        seen = batch
        if any(checked.version != store.version for checked in batch):
            batch = check_all([checked.sent for checked in batch], registers(store))
        if warnings(batch) <= warnings(seen):
            receipts = [_store(cursor, checked) for checked in batch]
        else:
            receipts = [Receipt("refused", checked) for checked in batch]
        if not any(receipt.outcome == "stored" for receipt in receipts):
            raise NothingChanged
    return receipts


def warnings(batch: Sequence[Checked]) -> set[tuple[str, str, int | None]]:
    """Where the batch's warnings are: file, code, row."""
    return {
        (checked.sent.checksum, problem.code, problem.row)
        for checked in batch
        for problem in checked.problems
        if problem.level == "warning"
    }


def _store(cursor: Cursor, checked: Checked) -> Receipt:
    if checked.has_errors or checked.rows is None or checked.format is None:
        return Receipt("refused", checked)
    total = len(checked.rows)
    rows, counts = _news(cursor, checked.rows, checked.format, checked.quarter)
    if rows.empty or _stands(cursor, checked, checked.format):
        return Receipt("unchanged", checked, total, unchanged=total)
    _enter(cursor, checked, checked.format, rows, counts)
    return Receipt("stored", checked, total, **counts)


def _stands(cursor: Cursor, checked: Checked, fmt: Format) -> bool:
    """Whether this very file, to the byte, has been uploaded for this format and quarter."""
    found = cursor.execute(
        "select 1 from uploads where state = 'stands' and checksum = ?"
        " and format = ? and quarter is not distinct from ?",
        [checked.sent.checksum, fmt.name, str(checked.quarter) if checked.quarter else None],
    )
    return bool(found.fetchall())


def _news(
    cursor: Cursor, rows: pd.DataFrame, fmt: Format, quarter: Period | None
) -> tuple[pd.DataFrame, dict[str, int]]:
    """The rows that do not stand yet, and how many are added, changed, unchanged.

    With a key: rows whose key is new or whose cells differ. Without: the file may hold a row n
    times and the database m times; n - m of them are new.
    """
    columns = [*fmt.key, "fingerprint"]
    sql = f"select {', '.join(columns)} from {fmt.name}"
    span: list[date] = []
    if quarter is not None and not fmt.lives_on:
        sql, span = f"{sql} where date between ? and ?", [quarter.start, quarter.end]
    standing = cursor.execute(sql, span).df()
    if fmt.key:
        names = list(fmt.key)
        if "date" in names:
            standing["date"] = pd.to_datetime(standing["date"])
        before = rows[names].merge(standing, on=names, how="left")["fingerprint"]
        before = before.set_axis(rows.index)
        same = before == rows["fingerprint"]
        changed = before.notna() & ~same
    else:
        times = rows["fingerprint"].map(standing["fingerprint"].value_counts()).fillna(0)
        same = rows.groupby("fingerprint").cumcount() < times
        changed = pd.Series(False, index=rows.index)
    return rows[~same], {
        "added": int((~same & ~changed).sum()),
        "changed": int(changed.sum()),
        "unchanged": int(same.sum()),
    }


def _enter(
    cursor: Cursor, checked: Checked, fmt: Format, rows: pd.DataFrame, counts: dict[str, int]
) -> None:
    assert checked.rows is not None
    entry = {
        "format": fmt.name,
        "quarter": str(checked.quarter) if checked.quarter else None,
        "filename": checked.filename,
        "checksum": checked.sent.checksum,
        "bytes": len(checked.sent.content),
        "rows": len(checked.rows),
        **counts,
        "uploaded_at": datetime.now(),  # noqa: DTZ005 - the office's own clock
    }
    [(upload_id,)] = cursor.execute(_ENTRY, entry).fetchall()
    stored = rows.assign(upload_id=upload_id, row_number=rows.index)
    cursor.append(f"stored_{fmt.name}", stored, by_name=True)


_ENTRY = """
insert into uploads by name
select
    (select coalesce(max(upload_id), 0) + 1 from uploads) as upload_id,
    $format as format,
    $quarter as quarter,
    $filename as filename,
    $checksum as checksum,
    $bytes as bytes,
    $rows as rows,
    $added as added,
    $changed as changed,
    $unchanged as unchanged,
    'stands' as state,
    $uploaded_at as uploaded_at
returning upload_id
"""
