"""From text cells to typed rows, with everything wrong said at once.

What a cell may look like: formats.md, "What a cell may look like". Cells are converted column by
column (each distinct text once), the declared rules are checked by pandera, then the rows against
each other and against the registers.
"""

import hashlib
import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pandera.errors
import pandera.pandas as pa

from data.period import Period
from data.problems import Problem
from data.store import Store
from data.uploads.decode import Refused, Table, fold, quarter_in_name, read_table, recognise
from data.uploads.formats import FORMATS, Column, Format

TEXT_LIMIT = 2000

_NUMBER = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?")
_FULL_WIDTH = str.maketrans("０１２３４５６７８９．，－＋", "0123456789.,-+")
_MIDNIGHT = r"(?:[ T]0{1,2}:00(?::00(?:\.0+)?)?)?"
_DATES = (
    re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})" + _MIDNIGHT),
    re.compile(r"(\d{4})()(\d{2})(\d{2})" + _MIDNIGHT),
    re.compile(r"(\d{4})(年)(\d{1,2})月(\d{1,2})日" + _MIDNIGHT),
)
_SERIAL = re.compile(r"\d{5}(\.0+)?")
_SERIAL_EPOCH = date(1899, 12, 30)  # Excel's day 0, as it counts from March 1900 on
_YEARS = range(1900, 2200)
_BOOLEANS = {"是": True, "有": True, "1": True, "√": True, "y": True} | {
    "否": False, "无": False, "0": False, "×": False, "n": False
}  # fmt: skip
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_FORMULA = re.compile(r"[=@]|[+\-][\w.$]*[(*/+|!]")
_MARKUP = re.compile(r"<\s*[A-Za-z/!?]|javascript:", re.IGNORECASE)
_SQL = re.compile(
    r"\b(drop|alter|create|truncate)\s+(table|view|schema|database)\b|\bdelete\s+from\b"
    r"|\binsert\s+into\b|\bunion\s+(all\s+)?select\b|\bselect\b.+\bfrom\b|\bupdate\b.+\bset\b"
    r"|'\s*(or|and)\s+.+=|;\s*--",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True)
class Sent:
    """A file as it was sent; format and quarter are recognised unless the clerk chose them."""

    filename: str
    content: bytes
    format: Format | None = None
    quarter: Period | None = None

    @property
    def checksum(self) -> str:
        """SHA-256 of the file, in hex."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class Registers:
    """What the checks look up: the rows that stand, plus files checked before in one batch.

    ``delegates`` has one row per delegate; ``records`` holds, by format, the standing rows that
    later files may touch (key, delegate, date, fingerprint).
    """

    version: int
    townships: frozenset[str]
    delegates: pd.DataFrame
    records: dict[str, pd.DataFrame]


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


@dataclass(frozen=True)
class _Bad:
    code: str
    details: dict[str, Any] = field(default_factory=dict)


def registers(store: Store) -> Registers:
    """What stands in the database now."""
    version = store.version
    return Registers(
        version,
        frozenset(store.query("select township from townships")["township"]),
        store.query("select delegate_id, name, township, start_date, end_date from delegates"),
        {
            f.name: store.query(f"select {', '.join(_looked_up(f))} from {f.name}")
            for f in FORMATS.values()
            if not f.is_register
        },
    )


def _looked_up(fmt: Format) -> list[str]:
    extra = ["record_id"] if fmt.has("record_id") else []
    return list(dict.fromkeys([*fmt.key, "delegate_id", "date", *extra, "fingerprint"]))


def _including(known: Registers, checked: Checked) -> Registers:
    """The registers as they will be once ``checked`` is stored."""
    if checked.has_errors or checked.rows is None or checked.format is None:
        return known
    name, rows = checked.format.name, checked.rows
    if name == "townships":
        return replace(known, townships=known.townships | set(rows["township"]))
    if name == "delegates":
        merged = pd.concat([known.delegates, rows[known.delegates.columns]])
        return replace(known, delegates=merged.drop_duplicates("delegate_id", keep="last"))
    added = pd.concat([known.records[name], rows[known.records[name].columns]])
    return replace(known, records={**known.records, name: added})


def check_all(files: Sequence[Sent], known: Registers) -> list[Checked]:
    """Check files sent together, each upon the ones before it; registers go first."""
    order = [*FORMATS, ""]
    found = [f.format or recognise(f.content) for f in files]
    checked = []
    for file, _ in sorted(
        zip(files, found, strict=True),
        key=lambda pair: order.index(pair[1].name if pair[1] else ""),
    ):
        checked.append(check(file, known))
        known = _including(known, checked[-1])
    return checked


def check(sent: Sent, known: Registers) -> Checked:
    """Read and check one file; never raises for what is in it."""
    try:
        table = read_table(sent.content, sent.format)
    except Refused as refusal:
        return Checked(sent, sent.format, sent.quarter, None, refusal.problems, known.version)
    quarter = sent.quarter
    rows, problems = _convert(table)
    problems = table.problems + problems
    fmt = table.format
    if fmt.is_register:
        quarter = None
    elif quarter is None:
        quarter = _recognise_quarter(sent.filename, rows["date"], fmt)
        if quarter is None:
            problems.append(Problem("unknown_quarter"))
    problems += _check_declared(rows, table, problems)
    if fmt.name != "delegates" and fmt.has("delegate_id"):
        problems += _identify_delegates(rows, known.delegates, fmt)
    problems += _check_townships(rows, known, fmt)
    problems += _check_order(rows, fmt)
    problems += _check_meaning(rows, known, fmt)
    rows = _with_defaults(rows, fmt)
    rows.insert(0, "fingerprint", _fingerprints(rows, fmt))
    problems += _check_repeats(rows, fmt)
    if quarter is not None:
        problems += _check_against_known(rows, known.records[fmt.name], fmt, quarter)
    problems.sort(key=lambda p: p.row or 0)
    return Checked(sent, fmt, quarter, rows, problems, known.version)


# --- cells ------------------------------------------------------------------------------------


def _convert(table: Table) -> tuple[pd.DataFrame, list[Problem]]:
    """The cells as typed columns; what cannot be read is missing, and a problem."""
    problems: list[Problem] = []
    columns: dict[str, pd.Series[Any]] = {}
    index = table.cells.index
    for column in table.format.columns:
        if column.name not in table.cells:
            columns[column.name] = _typed([None] * len(index), column, index)
            continue
        codes, texts = pd.factorize(table.cells[column.name])
        values: list[Any] = [_read_cell(text, column) for text in texts]
        bad = {i: value for i, value in enumerate(values) if isinstance(value, _Bad)}
        for position in np.flatnonzero(np.isin(codes, list(bad))) if bad else ():
            fault = bad[codes[position]]
            value = texts[codes[position]][:100]
            problems.append(
                Problem(fault.code, int(index[position]), column.header, value, fault.details)
            )
        values = [None if isinstance(value, _Bad) else value for value in values]
        columns[column.name] = _typed(values, column, None).take(codes).set_axis(index)
    return pd.DataFrame(columns), problems


def _typed(values: list[Any], column: Column, index: Any) -> "pd.Series[Any]":
    if column.kind == "date":
        return pd.Series(pd.to_datetime(pd.Series(values, index=index, dtype="object")))
    dtype = {
        "integer": "Int64",
        "number": "Float64",
        "boolean": "boolean",
        "identifiers": "object",
    }.get(column.kind, "str")
    return pd.Series(values, index=index, dtype=dtype)


def _read_cell(text: str, column: Column) -> Any:
    """The value of one cell, None if empty, or what is wrong with it."""
    if _CONTROL.search(text):
        return _Bad("control_character")
    if column.kind == "prose":
        # Kept as written, Chinese punctuation and all; only white space is made even.
        value = " ".join(text.replace("\u200b", "").replace("\ufeff", "").split())
        return _harmless(value, fold(text)) or value or None
    folded = fold(text)
    if not folded:
        return None
    if column.kind == "date":
        return _read_date(folded)
    if column.kind in ("integer", "number"):
        return _read_number(" ".join(text.translate(_FULL_WIDTH).split()), column)
    if column.kind == "boolean":
        return _BOOLEANS.get(folded.lower(), _Bad("bad_boolean"))
    if column.choices is not None:
        return _read_choice(folded, column)
    if fault := _harmless(folded, folded):
        return fault
    if column.kind == "identifiers":
        return [part for part in re.split(r"[;、,\s]+", folded) if part] or None
    return folded


def _harmless(value: str, folded: str) -> _Bad | None:
    """Whether text is only text: no formula, no markup, no SQL, no novel."""
    if _FORMULA.match(folded):
        return _Bad("formula")
    if _MARKUP.search(folded):
        return _Bad("markup")
    if _SQL.search(folded):
        return _Bad("sql")
    if len(value) > TEXT_LIMIT:
        return _Bad("text_too_long", {"limit": TEXT_LIMIT})
    return None


def _read_date(text: str) -> date | _Bad:
    for notation in _DATES:
        if match := notation.fullmatch(text):
            year, month, day = int(match[1]), int(match[3]), int(match[4])
            try:
                return date(year, month, day) if year in _YEARS else _Bad("bad_date")
            except ValueError:
                return _Bad("bad_date")
    if _SERIAL.fullmatch(text):
        return _SERIAL_EPOCH + timedelta(days=int(float(text)))
    return _Bad("bad_date")


def _read_number(text: str, column: Column) -> float | int | _Bad:
    if not _NUMBER.fullmatch(text):
        return _Bad("formula") if _FORMULA.match(text) else _Bad("bad_number")
    number = float(text.replace(",", ""))
    if column.kind == "number":
        return number
    return int(number) if number.is_integer() and abs(number) < 2**53 else _Bad("bad_integer")


def _read_choice(text: str, column: Column) -> str | _Bad:
    assert column.choices is not None
    if text in column.choices:
        return column.choices[text]
    if text.lower() in column.choices.values():
        return text.lower()
    if column.name == "level" and text == "市级":
        return _Bad("ambiguous_level")
    return _Bad("bad_choice", {"choices": "、".join(column.choices)})


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


def _check_declared(rows: pd.DataFrame, table: Table, found: list[Problem]) -> Iterable[Problem]:
    fmt = table.format
    try:
        declared(fmt.name).validate(rows, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        reported = {(p.row, p.column) for p in found}
        for case in errors.failure_cases.itertuples():
            column = fmt.column(case.column)
            row = int(case.index)
            if (row, column.header) in reported:
                continue  # it is empty because it could not be read
            if case.check == "not_nullable":
                if not (column.name == "delegate_id" and fmt.names_the_delegate):
                    yield Problem("required", row, column.header)
                continue
            yield Problem(
                case.check,
                row,
                column.header,
                table.cells.at[row, column.name],
                {
                    "low": f"{column.low:g}" if column.low is not None else "",
                    "high": f"{column.high:g}" if column.high is not None else "",
                    "choices": "、".join(column.choices or ()),
                },
            )


# --- the rows ---------------------------------------------------------------------------------


def _recognise_quarter(filename: str, dates: "pd.Series[Any]", fmt: Format) -> Period | None:
    """The file name's quarter; else the commonest, or of records that live on the latest."""
    if named := quarter_in_name(filename):
        return Period.parse(named)
    quarters = dates.dropna().dt.to_period("Q")
    if quarters.empty:
        return None
    common = quarters.max() if fmt.lives_on else quarters.mode().iloc[0]
    return Period(common.year, common.quarter, common.quarter)


def _identify_delegates(rows: pd.DataFrame, delegates: pd.DataFrame, fmt: Format) -> list[Problem]:
    """Fill in 代表编号 where 姓名 identifies the delegate, and say who is unknown.

    Rule: formats.md, "Delegates in records". Changes ``rows`` in place.
    """
    problems: list[Problem] = []
    header = fmt.column("delegate_id").header
    roster = delegates.set_index("delegate_id")
    if fmt.names_the_delegate:
        for row in rows.index[rows["delegate_id"].isna()]:
            problems += _identify_by_name(rows, row, delegates, fmt.has("township"))
    given = rows["delegate_id"].dropna()
    unknown = given[~given.isin(roster.index)]
    problems += [Problem("unknown_delegate", int(r), header, v) for r, v in unknown.items()]
    identified = given.drop(unknown.index)
    mandate = roster.reindex(identified).set_axis(identified.index)
    for name in ("name", "township"):
        if not fmt.has(name):
            continue
        said, expected = rows.loc[identified.index, name], mandate[name]
        for row in identified.index[said.notna() & (said != expected)]:
            known = "、".join(str(v) for v in mandate.loc[row, ["name", "township"]].dropna())
            details = {"id": identified[row], "expected": known}
            problems.append(
                Problem("delegate_disagrees", int(row), fmt.column(name).header, said[row], details)
            )
    dates = rows.loc[identified.index, "date"]
    start, end = pd.to_datetime(mandate["start_date"]), pd.to_datetime(mandate["end_date"])
    for row in identified.index[(dates < start) | (dates > end)]:
        details = {
            "start": f"{start[row]:%Y-%m-%d}",
            "end": f"{end[row]:%Y-%m-%d}" if pd.notna(end[row]) else "今",
        }
        value = f"{dates[row]:%Y-%m-%d}"
        problems.append(
            Problem("outside_mandate", int(row), fmt.column("date").header, value, details)
        )
    return problems


def _identify_by_name(
    rows: pd.DataFrame, row: Hashable, delegates: pd.DataFrame, has_township: bool
) -> list[Problem]:
    name, day = rows.at[row, "name"], rows.at[row, "date"]
    township = rows.at[row, "township"] if has_township else None
    at = int(row)  # type: ignore[call-overload]
    if pd.isna(name):
        return [Problem("required", at, "代表编号")]
    if pd.isna(day):
        return []  # the date is a problem already
    namesakes = delegates[
        (delegates["name"] == name)
        & (pd.to_datetime(delegates["start_date"]) <= day)
        & ~(pd.to_datetime(delegates["end_date"]) < day)
    ]
    if township is not None and pd.notna(township):
        namesakes = namesakes[namesakes["township"] == township]
    if len(namesakes) == 1:
        rows.at[row, "delegate_id"] = namesakes["delegate_id"].iloc[0]
        return []
    if namesakes.empty:
        return [Problem("no_delegate_named", at, "姓名", name, {"name": name})]
    candidates = "、".join(
        f"{d.delegate_id}（{d.township if pd.notna(d.township) else '未填镇街'}）"
        for d in namesakes.itertuples()
    )
    details = {"name": name, "candidates": candidates}
    return [Problem("several_delegates_named", at, "姓名", name, details)]


def _check_townships(rows: pd.DataFrame, known: Registers, fmt: Format) -> list[Problem]:
    if fmt.name == "townships" or not fmt.has("township"):
        return []
    said = rows["township"].dropna()
    header = fmt.column("township").header
    return [
        Problem("unknown_township", int(row), header, value)
        for row, value in said[~said.isin(known.townships)].items()
    ]


def _check_order(rows: pd.DataFrame, fmt: Format) -> list[Problem]:
    problems = []
    for column in fmt.columns:
        if column.not_before is None:
            continue
        earlier = fmt.column(column.not_before)
        for row in rows.index[rows[column.name] < rows[earlier.name]]:
            details = {
                "column": earlier.header,
                "other": f"{rows.at[row, earlier.name]:%Y-%m-%d}",
            }
            value = f"{rows.at[row, column.name]:%Y-%m-%d}"
            problems.append(Problem("wrong_order", int(row), column.header, value, details))
    return problems


def _check_meaning(rows: pd.DataFrame, known: Registers, fmt: Format) -> list[Problem]:
    """What one format alone demands of a row."""
    check_format: dict[str, Callable[[], Iterable[Problem]]] = {
        "suggestions": lambda: _check_suggestions(rows, set(known.delegates["delegate_id"])),
        "duty_reports": lambda: _check_votes(rows),
        "adjustments": lambda: _check_adjustments(rows),
    }
    return list(check_format.get(fmt.name, tuple)())


def _check_suggestions(rows: pd.DataFrame, roster: set[str]) -> Iterable[Problem]:
    for row, cosigners in rows["cosigner_ids"].dropna().items():
        for cosigner in cosigners:
            if cosigner not in roster:
                yield Problem(
                    "unknown_cosigner", int(row), "附议代表编号", cosigner, {"id": cosigner}
                )
    for row in rows.index[rows["replied"].notna() & rows["outcome"].isna()]:
        yield Problem("outcome_missing", int(row), "办理结果", details={"column": "答复日期"})


def _check_votes(rows: pd.DataFrame) -> Iterable[Problem]:
    total = rows[["approve", "partly", "disapprove"]].sum(axis=1)
    for row in rows.index[(total > rows["voters"]).fillna(False)]:
        details = {"total": int(total[row]), "voters": int(rows.at[row, "voters"])}
        yield Problem("votes_exceed", int(row), "到会选民", str(details["voters"]), details)


def _check_adjustments(rows: pd.DataFrame) -> Iterable[Problem]:
    for kinds, name, header in (
        (["加分", "扣分"], "points", "分值"),
        (["等次上限"], "grade", "等次"),
    ):
        for row in rows.index[rows["kind"].isin(kinds) & rows[name].isna()]:
            details = {"kind": rows.at[row, "kind"], "column": header}
            yield Problem("points_missing", int(row), header, details=details)


def _with_defaults(rows: pd.DataFrame, fmt: Format) -> pd.DataFrame:
    return rows.fillna({c.name: c.default for c in fmt.columns if c.default is not None})


def _fingerprints(rows: pd.DataFrame, fmt: Format) -> list[str]:
    """What makes two rows the same in every column: a hash over the filled cells with names.

    Only filled cells enter, so that a column added to a format later changes no fingerprint.
    """
    columns = []
    for column in fmt.columns:
        values = rows[column.name]
        texts = values.map(lambda v: f"{column.name}={v}\x1f", na_action="ignore")  # noqa: B023
        columns.append(texts.astype("object").fillna("").tolist())
    return [
        hashlib.blake2b("".join(cells).encode(), digest_size=16).hexdigest()
        for cells in zip(*columns, strict=True)
    ]


def _check_repeats(rows: pd.DataFrame, fmt: Format) -> list[Problem]:
    """A key that stands twice is an error; a whole row that stands twice wants a second look."""
    names = list(fmt.key) or ["fingerprint"]
    keys = rows[names].dropna()
    repeated = keys[keys.duplicated(keep=False)]
    first: dict[tuple[Any, ...], int] = {}
    problems = []
    for row, key in zip(repeated.index, repeated.itertuples(index=False, name=None), strict=True):
        other = first.setdefault(key, int(row))
        if other == row:
            continue
        if fmt.key:
            titles = "、".join(fmt.column(n).header for n in names)
            value = " ".join(_shown(v) for v in key)
            problems.append(
                Problem(
                    "duplicate_key",
                    int(row),
                    fmt.column(names[0]).header,
                    value,
                    {"other": other, "columns": titles},
                )
            )
        else:
            problems.append(Problem("duplicate_row", int(row), details={"other": other}))
    return problems


def _shown(value: Any) -> str:
    return f"{value:%Y-%m-%d}" if isinstance(value, date) else str(value)


def _check_against_known(
    rows: pd.DataFrame, standing: pd.DataFrame, fmt: Format, quarter: Period
) -> list[Problem]:
    """The quarter's edges, and rows whose number belongs to another row already."""
    start, end = pd.Timestamp(quarter.start), pd.Timestamp(quarter.end)
    outside = rows["date"].notna() & ~rows["date"].between(start, end)
    problems: list[Problem] = []
    if fmt.key and "date" not in fmt.key:
        before = standing.set_index(list(fmt.key))
        before = before[~before.index.duplicated(keep="last")]
        keys = (
            pd.MultiIndex.from_frame(rows[list(fmt.key)]) if len(fmt.key) > 1 else rows[fmt.key[0]]
        )
        matched = before.reindex(keys).set_axis(rows.index)
        again = matched["date"].notna()
        then = pd.to_datetime(matched["date"])
        if fmt.lives_on:
            outside &= ~again
            other_day = again & rows["date"].notna() & (then != rows["date"])
            other_delegate = again & (matched["delegate_id"] != rows["delegate_id"])
            suspects = [("key_taken", other_day & other_delegate)]
            suspects += [("key_differs", other_day ^ other_delegate)]
        else:
            suspects = [("key_taken", again & ~outside & ~then.between(start, end))]
        for code, mask in suspects:
            for row in rows.index[mask]:
                details = {"date": f"{then[row]:%Y-%m-%d}"}
                who = matched.at[row, "delegate_id"] if "delegate_id" in matched else None
                details["delegate"] = who if who is not None else rows.at[row, "delegate_id"]
                column = fmt.column(fmt.key[0])
                problems.append(
                    Problem(code, int(row), column.header, rows.at[row, column.name], details)
                )
    elif fmt.has("record_id"):
        numbered = rows.dropna(subset=["record_id", "delegate_id"])
        pairs = numbered.reset_index()[["row", "record_id", "delegate_id", "fingerprint"]].merge(
            standing[pd.to_datetime(standing["date"]).between(start, end)].dropna(
                subset=["record_id"]
            ),
            on=["record_id", "delegate_id"],
        )
        same = set(pairs.loc[pairs["fingerprint_x"] == pairs["fingerprint_y"], "row"])
        for row in sorted(set(pairs["row"]) - same):
            value = rows.at[row, "record_id"]
            problems.append(Problem("record_number_reused", int(row), "记录号", value))
    for row in rows.index[outside]:
        problems.append(
            Problem(
                "outside_quarter",
                int(row),
                fmt.column("date").header,
                f"{rows.at[row, 'date']:%Y-%m-%d}",
                {"quarter": str(quarter)},
            )
        )
    return problems
