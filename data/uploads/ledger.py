"""Storing a checked file: all its rows and its entry in the ledger in one transaction; and undo.

Every row of a stored file is kept, also one that stood already; ``standing.settle`` marks which
rows count. Nothing stored is ever altered or removed, so any upload can be taken back.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import pandas as pd
import pyarrow as pa

from data.problems import Problem
from data.store import Cursor, NothingChanged, Store
from data.uploads import originals
from data.uploads.check import Checked, check_all, registers
from data.uploads.formats import FORMATS, Column, Format
from data.uploads.standing import orphaned, settle
from data.uploads.tables import digest

# outdated: somebody else's upload has changed what this one would do since it was looked at.
Outcome = Literal["stored", "unchanged", "refused", "outdated"]
Action = Literal["undo", "redo"]
SHOWN = 500  # changed cells and missing rows that a preview lists, of each


@dataclass(frozen=True)
class Receipt:
    """What became of a file, or would; counts are of rows.

    ``missing`` are rows of earlier uploads, of the quarter and the townships that the file covers,
    that it lacks: with *add* they stay, with *replace* they no longer stand. ``effect`` is equal
    for equal effects of the same rows. ``known_as``: the upload that has the same rows already,
    some of which later ones may have changed.
    """

    outcome: Outcome
    checked: Checked
    rows: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    missing: int = 0
    upload_id: int | None = None
    effect: str = ""
    known_as: int | None = None

    @property
    def problems(self) -> list[Problem]:
        return self.checked.problems


@dataclass(frozen=True)
class Preview:
    """What storing a file would do, row by row; the lists end after ``SHOWN`` lines.

    ``changes``: row_number, row (what it is about), column, before, after. ``missing``: upload_id,
    row_number and the format's columns. ``townships``: township, standing, in_file, missing.
    """

    receipt: Receipt
    changes: pd.DataFrame = field(default_factory=pd.DataFrame)
    missing: pd.DataFrame = field(default_factory=pd.DataFrame)
    townships: pd.DataFrame = field(default_factory=pd.DataFrame)


@dataclass(frozen=True)
class Reversal:
    """What taking an upload back, or putting it in force again, did: rows that no longer stand
    and rows that stand now, by the number of the upload that they came with; ``later`` are the
    rows of this upload that later ones had changed, replaced or repeated, by these.
    """

    gone: dict[int, int]
    back: dict[int, int]
    later: dict[int, int]


class StillNeeded(ValueError):
    """An undo would leave records without their delegate or township; ``uploads`` hold these."""

    def __init__(self, uploads: Sequence[int]) -> None:
        super().__init__(f"uploads {list(uploads)} depend on it")
        self.uploads = list(uploads)


class NotReversible(ValueError):
    """There is no such upload in the state that the action starts from, or doing it would now do
    something else than was looked at.
    """


# --- storing ----------------------------------------------------------------------------------


def upload_together(
    store: Store,
    batch: Sequence[Checked],
    by: str | None = None,
    seen: Sequence[Receipt] | None = None,
    own: frozenset[str] | None = None,
) -> list[Receipt]:
    """Store files that were checked one upon the other, in one transaction.

    Checks them again if the database has moved on since; what is compared and what is stored are
    then read under one lock, so of two uploads of the same rows the second finds them there. A
    refused file leaves the others as they are; an error of the database leaves nothing of any.
    Warnings that nobody has seen, as they came up only now, refuse the whole batch; if ``seen``,
    the receipts of the preview, promised another effect, the batch is *outdated*. ``own`` are the
    townships that who sends them speaks for, None for all: other people's rows refuse a file.
    """
    for checked in batch:
        originals.keep(store.path, checked.sent)
    with store.write("upload", by) as cursor:
        receipts = list(_store_each(store, cursor, batch, batch, by, own))
        if seen is not None and [_said(r) for r in receipts] != [_said(r) for r in seen]:
            receipts = [Receipt("outdated", receipt.checked) for receipt in receipts]
        if not any(receipt.outcome == "stored" for receipt in receipts):
            raise NothingChanged
    return receipts


def _store_each(
    store: Store,
    cursor: Cursor,
    batch: Sequence[Checked],
    looked_at: Sequence[Checked],
    by: str | None,
    own: frozenset[str] | None,
) -> Iterator[Receipt]:
    """Store one file after the other; ``arriving`` and ``missing`` are the last one's."""
    if any((checked.version, checked.own) != (store.version, own) for checked in batch):
        batch = check_all([checked.sent for checked in batch], registers(store, own))
    seen = warnings(batch) <= warnings(looked_at)
    order = list(FORMATS.values())  # registers go before the records that name their people
    for checked in sorted(batch, key=lambda c: order.index(c.format) if c.format else len(order)):
        yield _store(cursor, checked, by) if seen else Receipt("refused", checked)


def _said(receipt: Receipt) -> tuple[str, Outcome, str]:
    return receipt.checked.sent.checksum, receipt.outcome, receipt.effect


def warnings(batch: Sequence[Checked]) -> set[tuple[str, str, int | None, str]]:
    """The batch's warnings: file, code, row, and what the sentence says."""
    return {
        (checked.sent.checksum, problem.code, problem.row, problem.sentence)
        for checked in batch
        for problem in checked.problems
        if problem.level == "warning"
    }


@contextmanager
def supposing_stored(
    store: Store,
    batch: Sequence[Checked],
    looked_at: Sequence[Checked],
    own: frozenset[str] | None = None,
) -> Iterator[list[Preview]]:
    """What storing the batch would do; within, this thread's queries see it as if it were done.

    ``looked_at`` are the files as the clerk saw them checked, with their warnings; ``own`` as for
    ``upload_together``.
    """
    with store.supposing() as cursor:
        receipts = _store_each(store, cursor, batch, looked_at, None, own)
        yield [_preview(cursor, receipt) for receipt in receipts]


def _store(cursor: Cursor, checked: Checked, by: str | None) -> Receipt:
    if checked.has_errors or checked.rows is None or checked.format is None:
        return Receipt("refused", checked)
    total, fmt = len(checked.rows), checked.format
    rows = checked.rows.rename_axis("row_number").reset_index()
    cursor.register("sent", pa.Table.from_pandas(rows, preserve_index=False))
    [(repeats,)] = cursor.execute(_REPEATS).fetchall()
    _compare(cursor, checked, fmt, repeats)
    [(added, changed, unchanged, effect)] = cursor.execute(_COUNTED).fetchall()
    [(missing,)] = cursor.execute("select count(*) from missing").fetchall()
    counts = {"added": added, "changed": changed, "unchanged": unchanged}
    quarter = str(checked.quarter) if checked.quarter else None
    entry = {
        "format": fmt.name,
        "quarter": quarter,
        "filename": checked.filename,
        "checksum": checked.sent.checksum,
        "bytes": len(checked.sent.content),
        "rows": total,
        **counts,
        "mode": "replace" if checked.replaces else "add",
        "by_delegate": fmt.whose == "delegate_id",
        "uploaded_by": by,
        "uploaded_at": datetime.now(),  # noqa: DTZ005 - the office's own clock
    }
    known_as = None
    if not (checked.replaces or added or (fmt.is_register and changed)):
        # An old file does not take corrections back, but a register's latest file is the truth;
        # and rows that were replaced since it may bring again.
        asked = {name: entry[name] for name in ("format", "quarter", "checksum")}
        known_as = next((number for (number,) in cursor.execute(_STANDS, asked).fetchall()), None)
    if known_as or (checked.replaces and not added + changed + missing):
        cursor.unregister("sent")
        return Receipt("unchanged", checked, total, unchanged=unchanged, known_as=known_as)
    [(upload_id,)] = cursor.execute(_ENTRY, entry).fetchall()
    cursor.execute("update house set last_upload = ?", [upload_id])
    columns = ", ".join(["fingerprint", *_names(fmt)])
    nth = "join arriving using (row_number)" if repeats else "cross join (select 1 as nth)"
    cursor.execute(
        f"insert into stored_{fmt.name} (upload_id, row_number, nth, {columns})"
        f" select {upload_id}, row_number, nth, {columns} from sent {nth}"
    )
    cursor.unregister("sent")
    if checked.replaces or added < total:  # rows that are all new change no other's standing
        settle(cursor, fmt, checked.quarter)
    return Receipt(
        "stored", checked, total, **counts, missing=missing, upload_id=upload_id, effect=effect
    )


def _names(fmt: Format) -> list[str]:
    return [column.name for column in fmt.columns]


def _compare(cursor: Cursor, checked: Checked, fmt: Format, repeats: bool) -> None:
    """Lay the rows ``sent`` beside those that stand, in two tables that last as long as the cursor.

    ``arriving``: of each row what becomes of it (fate: new, changed, same) and the standing row
    that it meets. ``missing``: the standing rows that the file lacks, as ``Receipt`` says.
    """
    quarter = checked.quarter
    in_quarter = f"{fmt.date} between $starts and $ends" if quarter else "true"
    span = {"starts": quarter.start, "ends": quarter.end} if quarter else {}
    same = fmt.key or ("fingerprint", "nth")
    on_roster = fmt.whose == "delegate_id" and not fmt.is_register
    home, homes = ("home", _HOMES) if on_roster else (_own_home(fmt), "")
    nth = "row_number() over (partition by fingerprint order by row_number)" if repeats else "1"

    def equals(name: str) -> str:
        """Cells of a key that may be empty are the same when both are."""
        return "is not distinct from" if fmt.key and not fmt.column(name).required else "="

    cursor.execute(
        f"""
        create or replace temp table arriving as
        with fresh as (
            select
                {", ".join(dict.fromkeys(("row_number", "fingerprint", *fmt.key)))},
                {nth} as nth,
                coalesce({home}, '') as home,
                {in_quarter} as in_quarter
            from sent
            {homes}
        )
        select
            fresh.row_number,
            fresh.nth,
            fresh.home,
            fresh.in_quarter,
            case
                when stood.upload_id is null then 'new'
                when stood.fingerprint = fresh.fingerprint then 'same'
                else 'changed'
            end as fate,
            stood.upload_id as met_upload,
            stood.row_number as met_row
        from fresh
        left join {fmt.name} as stood
            on {" and ".join(f"stood.{name} {equals(name)} fresh.{name}" for name in same)}
        """,
        span,
    )
    cursor.execute(
        f"""
        create or replace temp table missing as
        select stood.*
        from (select *{"" if on_roster else f", {home} as home"} from {fmt.name} {homes}) as stood
        anti join arriving
            on arriving.met_upload = stood.upload_id and arriving.met_row = stood.row_number
        where {in_quarter}
            and coalesce(home, '') in (select home from arriving where in_quarter)
        """,
        span,
    )
    if checked.replaces and fmt.has("record_id"):
        # Without a key a row in place of another is known by its record number.
        cursor.execute(_PAIRED)
        cursor.execute(
            "delete from missing using arriving where missing.upload_id = arriving.met_upload"
            " and missing.row_number = arriving.met_row"
        )


def _own_home(fmt: Format) -> str:
    return "township" if fmt.has("township") else "null::varchar"


_REPEATS = "select count(*) > count(distinct fingerprint) from sent"
_HOMES = "left join (select delegate_id, township as home from delegates) using (delegate_id)"

_PAIRED = """
update arriving set fate = 'changed', met_upload = pairs.upload_id, met_row = pairs.row_number
from (
    select arriving.row_number as arriving_row, missing.upload_id, missing.row_number
    from arriving
    join sent using (row_number)
    join missing
        on missing.delegate_id = sent.delegate_id and missing.record_id = sent.record_id
    where arriving.fate = 'new'
    qualify row_number() over (partition by arriving.row_number order by missing.row_number) = 1
        and row_number() over (
            partition by missing.upload_id, missing.row_number order by arriving.row_number
        ) = 1
) as pairs
where arriving.row_number = pairs.arriving_row
"""

_COUNTED = """
select
    count(*) filter (where fate = 'new'),
    count(*) filter (where fate = 'changed'),
    count(*) filter (where fate = 'same'),
    concat_ws('-',
        bit_xor(hash(row_number, fate, home, met_upload, met_row)),
        (select bit_xor(hash(fingerprint, row_number)) from sent),
        (select bit_xor(hash(upload_id, row_number)) from missing)
    )
from arriving
"""

# Whether an upload that stands has the very rows of this one, or came in the very same file.
_STANDS = f"""
select upload_id
from uploads
where state = 'stands' and format = $format and quarter is not distinct from $quarter
    and (checksum = $checksum
        or (kept, digest) = (select (count(*), {digest("fingerprint")}) from sent))
order by upload_id desc
limit 1
"""

_ENTRY = f"""
insert into uploads by name
select
    (select last_upload + 1 from house) as upload_id,
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
    $mode as mode,
    list_sort(list_distinct(list(home) filter (where in_quarter))) as townships,
    case
        when $mode <> 'replace' then null
        when $by_delegate then (
            select list(delegate_id)
            from delegates
            where coalesce(township, '') in (select home from arriving where in_quarter)
        )
        else list_sort(list_distinct(list(home) filter (where in_quarter)))
    end as covers,
    count(*) as kept,
    (select {digest("fingerprint")} from sent) as digest,
    $uploaded_by as uploaded_by,
    $uploaded_at as uploaded_at
from arriving
returning upload_id
"""


# --- what it would do, row by row -------------------------------------------------------------


def _preview(cursor: Cursor, receipt: Receipt) -> Preview:
    fmt = receipt.checked.format
    if receipt.upload_id is None or fmt is None:
        return Preview(receipt)
    missing = cursor.execute(f"from missing order by upload_id, row_number limit {SHOWN}").df()
    return Preview(
        receipt,
        _changes(cursor, fmt, receipt.upload_id),
        missing[["upload_id", "row_number", *_names(fmt)]],
        cursor.execute(_BY_TOWNSHIP).df(),
    )


def _changes(cursor: Cursor, fmt: Format, upload_id: int) -> pd.DataFrame:
    """The cells that differ, a line each: row_number, row (what it is about), column, both texts."""
    cells = ", ".join(
        f"[{_text(column, 'stood')}, {_text(column, 'now')}] as {column.name}"
        for column in fmt.columns
    )
    about = [*fmt.key, *(["delegate_id"] if fmt.has("delegate_id") else [])]
    pairs = cursor.execute(
        f"""
        select arriving.row_number, {cells}
        from arriving
        join stored_{fmt.name} as now
            on now.upload_id = {upload_id} and now.row_number = arriving.row_number
        join stored_{fmt.name} as stood
            on stood.upload_id = arriving.met_upload and stood.row_number = arriving.met_row
        where fate = 'changed'
        order by arriving.row_number
        limit {SHOWN}
        """
    ).fetchall()
    lines = []
    for row_number, *texts in pairs:
        after = {c.name: text[1] for c, text in zip(fmt.columns, texts, strict=True)}
        row = " ".join(after[name] or "" for name in dict.fromkeys(about))
        lines += [
            (row_number, row, column.header, before, now)
            for column, (before, now) in zip(fmt.columns, texts, strict=True)
            if before != now
        ]
    frame = pd.DataFrame(lines, columns=["row_number", "row", "column", "before", "after"])
    return frame.head(SHOWN)


def _text(column: Column, table: str) -> str:
    """The expression of a cell as a clerk reads it."""
    cell = f"{table}.{column.name}"
    match column.kind:
        case "identifiers":
            return f"array_to_string({cell}, '；')"
        case "boolean":
            return f"case {cell} when true then '是' when false then '否' end"
        case "number":
            return f"format('{{:g}}', {cell})"
        case "choice" if column.choices:
            shown = " ".join(f"when '{v}' then '{k}'" for k, v in column.choices.items())
            return f"case {cell} {shown} else {cell} end"
    return f"{cell}::varchar"


_BY_TOWNSHIP = """
select
    nullif(home, '') as township,
    count(*) filter (where fate is null or fate <> 'new') as standing,
    count(*) filter (where fate is not null) as in_file,
    count(*) filter (where fate is null) as missing
from (
    select home, fate from arriving where in_quarter
    union all by name
    select coalesce(home, '') as home, null as fate from missing
)
group by home
order by missing desc, township
"""


# --- undo -------------------------------------------------------------------------------------


def reverse(
    store: Store,
    upload_id: int,
    action: Action,
    reason: str,
    by: str,
    seen: Reversal | None = None,
) -> Reversal:
    """Take an upload back (*undo*), or put it in force again (*redo*), with the reason.

    What other uploads hold stands up again where this one had taken its place. Raises StillNeeded
    or NotReversible, also where it would not do what was ``seen``; then nothing has changed.
    """
    with store.write("undo", by) as cursor:
        done = _reverse(cursor, upload_id, action, reason, by)
        if seen is not None and done != seen:
            raise NotReversible("it would do something else than was looked at")
        return done


@contextmanager
def supposing_reversed(store: Store, upload_id: int, action: Action) -> Iterator[Reversal]:
    """What ``reverse`` would do; within, this thread's queries see it as if it were done."""
    with store.supposing() as cursor:
        yield _reverse(cursor, upload_id, action, "", "")


def _reverse(cursor: Cursor, upload_id: int, action: Action, reason: str, by: str) -> Reversal:
    before, after = ("stands", "reverted") if action == "undo" else ("reverted", "stands")
    found = cursor.execute(
        "update uploads set state = ? where upload_id = ? and state = ? returning format",
        [after, upload_id, before],
    ).fetchall()
    if not found:
        raise NotReversible(f"upload {upload_id} is not in the state {before}")
    fmt = FORMATS[found[0][0]]
    orphans = set(orphaned(cursor))
    later = cursor.execute(
        f"select superseded_by, count(*) from stored_{fmt.name} where upload_id = $upload"
        " and superseded_by > $upload group by superseded_by order by superseded_by",
        {"upload": upload_id},
    ).fetchall()
    cursor.execute(
        f"create or replace temp table stood as select upload_id, row_number from {fmt.name}"
    )
    settle(cursor, fmt)
    if left_alone := set(orphaned(cursor)) - orphans:
        raise StillNeeded(sorted(left_alone))
    cursor.execute(_REVERSED, [upload_id, action, reason, by, datetime.now()])  # noqa: DTZ005
    gone, back = (
        dict(
            cursor.execute(
                f"select upload_id, count(*) from {these} anti join {those}"
                " using (upload_id, row_number) group by upload_id order by upload_id"
            ).fetchall()
        )
        for these, those in (("stood", fmt.name), (fmt.name, "stood"))
    )
    return Reversal(gone, back, dict(later))


_REVERSED = """
insert into reversals by name
select
    (select coalesce(max(reversal_id), 0) + 1 from reversals) as reversal_id,
    ? as upload_id,
    ? as action,
    ? as reason,
    ? as reversed_by,
    ? as reversed_at
"""
