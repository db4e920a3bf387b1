"""From text cells to typed rows, with everything wrong said at once.

Cells are converted column by column (each distinct text once), the declared rules are checked by
pandera, then the rows against each other and against what stands. The frames find the faulty
rows; ``_rows_where`` hands them on as plain values, so a problem never holds a pandas scalar.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pandera.errors
import pandera.pandas as pa

from data.period import Period
from data.problems import Problem
from data.store import Store
from data.uploads.cells import Fault, Value, read_cell
from data.uploads.decode import Refused, Table, quarter_in_name, read_table, recognise
from data.uploads.formats import FORMATS, Column, Format


@dataclass(frozen=True)
class Sent:
    """A file as it was sent; format and quarter are recognised unless the clerk chose them."""

    filename: str
    content: bytes
    format: Format | None = None
    quarter: Period | None = None

    @cached_property
    def checksum(self) -> str:
        """SHA-256 of the file, in hex."""
        return hashlib.sha256(self.content).hexdigest()


class Mandate(NamedTuple):
    """What records are held against: a line of the roster."""

    delegate_id: str
    name: str
    township: str | None
    start: date
    end: date | None

    def covers(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day <= self.end)


@dataclass(frozen=True)
class Registers:
    """What the checks look up: the rows that stand, plus files checked before in one batch.

    ``records`` holds, by format, what later files may touch (``_looked_up``).
    """

    version: int
    townships: frozenset[str]
    delegates: Mapping[str, Mandate]
    records: Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Checked:
    """A file after its checks; ``rows`` (index: spreadsheet row) may be stored if it has no error.

    ``rows`` is None when the file is no table of a known format at all. ``version`` is the data
    version it was checked against.
    """

    sent: Sent
    format: Format | None
    quarter: Period | None
    rows: pd.DataFrame | None
    problems: list[Problem]
    version: int

    @property
    def filename(self) -> str:
        return self.sent.filename

    @property
    def has_errors(self) -> bool:
        return self.rows is None or any(p.level == "error" for p in self.problems)

    @property
    def has_warnings(self) -> bool:
        return any(p.level == "warning" for p in self.problems)


def registers(store: Store) -> Registers:
    """What stands in the database now."""
    version = store.version  # read first: should a commit come between, the file is checked again
    roster = store.query(f"select {', '.join(_ROSTER)} from delegates")
    return Registers(
        version,
        frozenset(store.query("select township from townships")["township"]),
        _mandates(roster),
        {
            f.name: store.query(f"select {', '.join(_looked_up(f))} from {f.name}")
            for f in FORMATS.values()
            if not f.is_register
        },
    )


_ROSTER = ["delegate_id", "name", "township", "start_date", "end_date"]


def _mandates(roster: pd.DataFrame) -> dict[str, Mandate]:
    return {row[1]: Mandate(*row[1:]) for row in _rows_where(None, roster[_ROSTER])}


def _looked_up(fmt: Format) -> list[str]:
    columns = [*fmt.key, "delegate_id", "date"]
    columns += ["record_id"] if fmt.has("record_id") else []
    if fmt.lives_on:
        columns += [_matter(fmt), *(c.name for c in _answers(fmt))]
    return [*dict.fromkeys(columns), "fingerprint"]


def _matter(fmt: Format) -> str:
    """The column that says what a record is about."""
    return next(c.name for c in fmt.columns if c.kind == "prose" and c.required)


def _answers(fmt: Format) -> list[Column]:
    """What is filled in as a matter goes on: its later days and outcomes."""
    return [c for c in fmt.columns if c.kind in ("date", "choice") and not c.required]


def _including(known: Registers, checked: Checked) -> Registers:
    """The registers as they will be once ``checked`` is stored."""
    if checked.has_errors or checked.rows is None or checked.format is None:
        return known
    name, rows = checked.format.name, checked.rows
    if name == "townships":
        return replace(known, townships=known.townships | set(rows["township"]))
    if name == "delegates":
        return replace(known, delegates={**known.delegates, **_mandates(rows)})
    standing = known.records[name]
    added = pd.concat([standing, rows[standing.columns]], ignore_index=True)
    if checked.format.key:
        added = added.drop_duplicates(list(checked.format.key), keep="last")
    return replace(known, records={**known.records, name: added})


def check_all(files: Sequence[Sent], known: Registers) -> list[Checked]:
    """Check files sent together, each upon the ones before it; registers go first."""
    return list(check_each(files, known))


def check_each(files: Sequence[Sent], known: Registers) -> Iterator[Checked]:
    """The same, one after the other, for who wants to tell how far it is."""
    order = {fmt: place for place, fmt in enumerate(FORMATS)}
    found = [file.format or recognise(file.content) for file in files]
    for file, _ in sorted(
        zip(files, found, strict=True),
        key=lambda pair: order[pair[1].name] if pair[1] else len(order),
    ):
        checked = check(file, known)
        yield checked
        known = _including(known, checked)


def check(sent: Sent, known: Registers) -> Checked:
    """Read and check one file; never raises for what is in it."""
    try:
        table = read_table(sent.content, sent.format)
    except Refused as refusal:
        return Checked(sent, sent.format, sent.quarter, None, refusal.problems, known.version)
    fmt = table.format
    rows, problems = _convert(table)
    problems += table.problems
    quarter = (
        None if fmt.is_register else sent.quarter or _recognise_quarter(sent.filename, rows, fmt)
    )
    problems += _check_declared(rows, table, problems)
    if fmt.names_the_delegate:
        problems += _name_delegates(rows, known.delegates.values())
    if not fmt.is_register:
        problems += _check_delegates(rows, known.delegates, fmt)
    if fmt.name != "townships" and fmt.has("township"):
        problems += _check_townships(rows, known.townships)
    problems += _check_order(rows, fmt)
    if check_meaning := _MEANINGS.get(fmt.name):
        problems += check_meaning(rows, known)
    rows = rows.fillna({c.name: c.default for c in fmt.columns if c.default is not None})
    rows.insert(0, "fingerprint", _fingerprints(rows, fmt))
    problems += _check_repeats(rows, fmt)
    if quarter is not None:
        problems += _check_against_standing(rows, known.records[fmt.name], fmt, quarter)
    elif not fmt.is_register:
        problems.append(Problem("unknown_quarter"))
    order = {column.header: place for place, column in enumerate(fmt.columns)}
    problems.sort(key=lambda p: (p.row or 0, order.get(p.column or "", -1)))
    return Checked(sent, fmt, quarter, rows, problems, known.version)


def _rows_where(mask: "pd.Series[bool] | None", frame: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    """The rows under ``mask`` (None: all) in plain values: the row number, then each column.

    A missing value is None, a day a ``date``.
    """
    if mask is not None:
        if not mask.any():
            return iter(())
        frame = frame[mask]
    return zip(frame.index.tolist(), *(_plain(frame[name]) for name in frame), strict=True)


def _plain(column: "pd.Series[Any]") -> list[Any]:
    if column.dtype.kind == "M":
        days: list[Any] = column.to_numpy().astype("datetime64[D]").tolist()
        return days
    return column.astype("object").where(column.notna(), None).tolist()


# --- cells ------------------------------------------------------------------------------------


def _convert(table: Table) -> tuple[pd.DataFrame, list[Problem]]:
    """The cells as typed columns; what cannot be read is missing, and a problem."""
    problems: list[Problem] = []
    columns: dict[str, pd.Series[Any]] = {}
    index = table.cells.index
    for column in table.format.columns:
        if column.name in table.cells:
            codes, texts = pd.factorize(table.cells[column.name])
        else:
            codes, texts = np.zeros(len(index), dtype="int64"), pd.Index([""])
        cells = [read_cell(text, column) for text in texts]
        faults = {code: cell for code, cell in enumerate(cells) if isinstance(cell, Fault)}
        for row, code in zip(index.tolist(), codes.tolist(), strict=True) if faults else ():
            if fault := faults.get(code):
                value = texts[code][:100]
                problems.append(Problem(fault.code, row, column.header, value, fault.details))
        values = [None if isinstance(cell, Fault) else cell for cell in cells]
        columns[column.name] = pd.Series(_array(values, column).take(codes), index=index)
    return pd.DataFrame(columns), problems


def _array(values: list[Value], column: Column) -> Any:
    if column.kind == "date":
        return np.array(values, dtype="datetime64[D]").astype("datetime64[us]")
    dtype = {
        "integer": "Int64",
        "number": "Float64",
        "boolean": "boolean",
        "identifiers": "object",
    }.get(column.kind, "str")
    return pd.Series(values, dtype=dtype).array


# --- the declared rules -----------------------------------------------------------------------


@cache
def declared(format_name: str) -> pa.DataFrameSchema:
    """The declaration as a pandera schema: what may be empty, and which numbers may stand."""
    return pa.DataFrameSchema(
        {
            c.name: pa.Column(checks=_number_checks(c), nullable=not c.required)
            for c in FORMATS[format_name].columns
        }
    )


def _number_checks(column: Column) -> list[pa.Check]:
    checks = []
    if column.low is not None:
        checks.append(pa.Check.in_range(column.low, column.high, error="out_of_range"))
    if column.kind == "integer" and column.choices:
        checks.append(pa.Check.isin([int(v) for v in column.choices], error="bad_choice"))
    return checks


def _check_declared(
    rows: pd.DataFrame, table: Table, found: Sequence[Problem]
) -> Iterator[Problem]:
    fmt = table.format
    try:
        declared(fmt.name).validate(rows, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        unreadable = {(p.row, p.column) for p in found}
        for case in errors.failure_cases.itertuples():
            row, column = int(case.index), fmt.column(case.column)
            if case.check != "not_nullable":
                details = {
                    "low": f"{column.low:,.10g}" if column.low is not None else "",
                    "high": f"{column.high:,.10g}" if column.high is not None else "",
                    "choices": "、".join(column.choices or ()),
                }
                value = str(table.cells.at[row, column.name])
                yield Problem(case.check, row, column.header, value, details)
            elif (row, column.header) not in unreadable and not (
                column.name == "delegate_id" and fmt.names_the_delegate
            ):
                yield Problem("required", row, column.header)


# --- the rows ---------------------------------------------------------------------------------


def _recognise_quarter(filename: str, rows: pd.DataFrame, fmt: Format) -> Period | None:
    """The file name's quarter; else the commonest, or of records that live on the latest."""
    if named := quarter_in_name(filename):
        return Period.parse(named)
    quarters = rows["date"].dropna().dt.to_period("Q")
    if quarters.empty:
        return None
    common = quarters.max() if fmt.lives_on else quarters.mode().iloc[0]
    return Period(common.year, common.quarter, common.quarter)


def _name_delegates(rows: pd.DataFrame, roster: Iterable[Mandate]) -> Iterator[Problem]:
    """Fill in 代表编号 where 姓名, with 镇街, identifies the delegate; changes ``rows``.

    Rule: formats.md, "Delegates in records".
    """
    unnumbered = rows["delegate_id"].isna()
    if not unnumbered.any():
        return
    namesakes: dict[str, list[Mandate]] = {}
    for mandate in roster:
        namesakes.setdefault(mandate.name, []).append(mandate)
    identified: dict[int, str] = {}
    given = ["name", "date", *(["township"] if "township" in rows else [])]
    for row, name, day, *township in _rows_where(unnumbered, rows[given]):
        if name is None:
            yield Problem("required", row, "代表编号")
        if name is None or day is None:
            continue  # without its date, which is a problem already, nobody is in office
        candidates = [
            mandate
            for mandate in namesakes.get(name, [])
            if mandate.covers(day) and township in ([], [None], [mandate.township])
        ]
        if len(candidates) == 1:
            identified[row] = candidates[0].delegate_id
        elif candidates:
            told = "、".join(
                f"{m.delegate_id}（{m.township or '未填镇街'}）" for m in sorted(candidates)
            )
            details = {"name": name, "candidates": told}
            yield Problem("several_delegates_named", row, "姓名", name, details)
        else:
            yield Problem("no_delegate_named", row, "姓名", name, {"name": name})
    rows["delegate_id"] = rows["delegate_id"].fillna(pd.Series(identified, dtype="str"))


def _check_delegates(
    rows: pd.DataFrame, mandates: Mapping[str, Mandate], fmt: Format
) -> Iterator[Problem]:
    """Who is unknown, bears another name, or was not in office."""
    beside = [name for name in ("name", "township") if fmt.has(name)]
    for row, number, day, *said in _rows_where(None, rows[["delegate_id", "date", *beside]]):
        if number is None:
            continue
        mandate = mandates.get(number)
        if mandate is None:
            yield Problem("unknown_delegate", row, fmt.column("delegate_id").header, number)
            continue
        for name, value in zip(beside, said, strict=True):
            if value is not None and value != getattr(mandate, name):
                known = "、".join(filter(None, (mandate.name, mandate.township)))
                details = {"id": number, "expected": known}
                yield Problem("delegate_disagrees", row, fmt.column(name).header, value, details)
        if day is not None and not mandate.covers(day):
            details = {"start": str(mandate.start), "end": str(mandate.end or "今")}
            yield Problem("outside_mandate", row, fmt.column("date").header, str(day), details)


def _check_townships(rows: pd.DataFrame, townships: frozenset[str]) -> Iterator[Problem]:
    said = rows[["township"]]
    unknown = said["township"].notna() & ~said["township"].isin(townships)
    for row, township in _rows_where(unknown, said):
        yield Problem("unknown_township", row, "镇街", township)


def _check_order(rows: pd.DataFrame, fmt: Format) -> Iterator[Problem]:
    for column in fmt.columns:
        if column.not_before is None:
            continue
        earlier = fmt.column(column.not_before)
        days = rows[[column.name, earlier.name]]
        for row, day, other in _rows_where(days[column.name] < days[earlier.name], days):
            details = {"column": earlier.header, "other": str(other)}
            yield Problem("wrong_order", row, column.header, str(day), details)


def _check_roster(rows: pd.DataFrame, known: Registers) -> Iterator[Problem]:
    for row, number, name in _rows_where(None, rows[["delegate_id", "name"]]):
        before = known.delegates.get(number)
        if before and name is not None and name != before.name:
            details = {"id": number, "name": before.name}
            yield Problem("delegate_renamed", row, "姓名", name, details)


def _check_suggestions(rows: pd.DataFrame, known: Registers) -> Iterator[Problem]:
    signed = rows[["cosigner_ids"]]
    for row, cosigners in _rows_where(signed["cosigner_ids"].notna(), signed):
        for cosigner in cosigners:
            if cosigner not in known.delegates:
                details = {"id": cosigner}
                yield Problem("unknown_cosigner", row, "附议代表编号", cosigner, details)
    for row, _ in _rows_where(rows["replied"].notna() & rows["outcome"].isna(), rows[["replied"]]):
        yield Problem("outcome_missing", row, "办理结果", details={"column": "答复日期"})


def _check_votes(rows: pd.DataFrame, known: Registers) -> Iterator[Problem]:
    votes = rows[["voters"]].assign(total=rows[["approve", "partly", "disapprove"]].sum(axis=1))
    for row, voters, total in _rows_where(votes["total"] > votes["voters"], votes):
        details = {"total": total, "voters": voters}
        yield Problem("votes_exceed", row, "到会选民", str(voters), details)


def _check_adjustments(rows: pd.DataFrame, known: Registers) -> Iterator[Problem]:
    for kinds, name, header in (
        (["加分", "扣分"], "points", "分值"),
        (["等次上限"], "grade", "等次"),
    ):
        without = rows["kind"].isin(kinds) & rows[name].isna()
        for row, kind in _rows_where(without, rows[["kind"]]):
            details = {"kind": kind, "column": header}
            yield Problem("points_missing", row, header, details=details)


# What one format alone demands of a row.
_MEANINGS: dict[str, Callable[[pd.DataFrame, Registers], Iterator[Problem]]] = {
    "delegates": _check_roster,
    "suggestions": _check_suggestions,
    "duty_reports": _check_votes,
    "adjustments": _check_adjustments,
}


def _fingerprints(rows: pd.DataFrame, fmt: Format) -> list[str]:
    """What makes two rows the same in every column: a hash over the filled cells with names.

    Only filled cells enter, so that a column added to a format later changes no fingerprint; and
    not what the delegate's number says already, so that a file may name the delegates or not.
    """
    texts: list[list[str]] = []
    for column in fmt.columns:
        if fmt.names_the_delegate and column.name in ("name", "township"):
            continue
        values = rows[column.name]
        if column.kind == "identifiers":
            values = values.map("；".join, na_action="ignore")
        codes, distinct = pd.factorize(values)
        cells = [f"{column.name}={value}\x1f" for value in distinct]
        cells.append("")  # at -1: the code of what is missing
        texts.append([cells[code] for code in codes])
    return [
        hashlib.blake2b("".join(cells).encode(), digest_size=16).hexdigest()
        for cells in zip(*texts, strict=True)
    ]


def _check_repeats(rows: pd.DataFrame, fmt: Format) -> Iterator[Problem]:
    """A key that stands twice is an error; a whole row that stands twice wants a second look."""
    names = list(fmt.key) or ["fingerprint"]
    keys = rows[names]
    first: dict[tuple[Any, ...], int] = {}
    told = [*names, *(["delegate_id"] if fmt.has("delegate_id") else [])]
    repeated = keys.duplicated(keep=False) & rows[told].notna().all(axis=1)
    for row, *key in _rows_where(repeated, keys):
        other = first.setdefault(tuple(key), row)
        if other == row:
            continue
        if fmt.key:
            titles = [fmt.column(name).header for name in names]
            details = {"other": other, "columns": "、".join(titles)}
            yield Problem("duplicate_key", row, titles[0], " ".join(map(str, key)), details)
        else:
            yield Problem("duplicate_row", row, details={"other": other})


def _check_against_standing(
    rows: pd.DataFrame, standing: pd.DataFrame, fmt: Format, quarter: Period
) -> Iterator[Problem]:
    """The quarter's edges, and rows that would take the place of another record."""
    days = pd.Timestamp(quarter.start), pd.Timestamp(quarter.end)
    outside = rows["date"].notna() & ~rows["date"].between(*days)
    if fmt.has("record_id"):
        yield from _check_record_numbers(rows, standing[standing["date"].between(*days)])
    elif fmt.key and "date" not in fmt.key:
        key = list(fmt.key)
        before = rows[key].merge(standing, on=key, how="left").set_axis(rows.index)
        again = before["date"].notna()
        if fmt.lives_on:
            outside &= ~again
            if again.any():
                yield from _check_successors(rows[again], before[again], fmt)
        else:
            elsewhere = again & ~before["date"].between(*days)
            yield from _key_problems("key_taken", elsewhere & ~outside, rows, before, fmt)
    for row, day in _rows_where(outside, rows[["date"]]):
        header = fmt.column("date").header
        yield Problem("outside_quarter", row, header, str(day), {"quarter": str(quarter)})


def _check_successors(rows: pd.DataFrame, before: pd.DataFrame, fmt: Format) -> Iterator[Problem]:
    """Rows with the number of a standing row: the same matter further on, or another one?"""
    about = ["delegate_id", "date", _matter(fmt)]
    differing = pd.DataFrame({c: rows[c].notna() & (rows[c] != before[c]) for c in about})
    # One difference may be a correction; two make it another record.
    differences = differing.sum(axis=1)
    yield from _key_problems("key_taken", differences > 1, rows, before, fmt)
    yield from _key_problems("key_differs", differences == 1, rows, before, fmt)
    for column in _answers(fmt):
        emptied = rows[column.name].isna() & before[column.name].notna()
        for row, value in _rows_where(emptied, before[[column.name]]):
            details = {"column": column.header, "before": str(value)}
            yield Problem("answer_emptied", row, column.header, details=details)


def _key_problems(
    code: str, mask: "pd.Series[bool]", rows: pd.DataFrame, before: pd.DataFrame, fmt: Format
) -> Iterator[Problem]:
    number = fmt.column(fmt.key[0])
    seen = before[["delegate_id", "date"]].assign(number=rows[number.name])
    for row, delegate, day, value in _rows_where(mask, seen):
        details = {"delegate": delegate, "date": str(day)}
        yield Problem(code, row, number.header, value, details)


def _check_record_numbers(rows: pd.DataFrame, standing: pd.DataFrame) -> Iterator[Problem]:
    """A delegate's record number that stands in the quarter, with other content."""
    number = ["record_id", "delegate_id"]
    numbered = rows[[*number, "fingerprint"]].dropna(subset=number)
    if numbered.empty:
        return
    numbers = pd.MultiIndex.from_frame(numbered[number])
    rowwise = pd.MultiIndex.from_frame(numbered)
    stands = standing[[*number, "fingerprint"]].dropna(subset=number)
    reused = numbers.isin(pd.MultiIndex.from_frame(stands[number])) & ~rowwise.isin(
        pd.MultiIndex.from_frame(stands)
    )
    for row, value in _rows_where(pd.Series(reused, numbered.index), numbered[["record_id"]]):
        yield Problem("record_number_reused", row, "记录号", value)
