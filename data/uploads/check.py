"""From text cells to typed rows, with everything wrong said at once.

Cells are converted column by column (each distinct text once, plain ones all together), the
declared rules are checked by pandera, then the rows against each other and against what stands.
The frames find the faulty rows; ``_rows_where`` hands them on as plain values, so a problem never
holds a pandas scalar, and no more of them than are listed.
"""

import hashlib
from collections import ChainMap
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache, cached_property
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pandas as pd
import pandera.pandas as pandera
import pyarrow as pa
import pyarrow.compute as pc
from pandera.errors import SchemaErrors

from data.period import Period
from data.problems import LISTED, Problem, Refused, listed, more
from data.store import Store
from data.uploads.cells import TEXT_LIMIT, Fault, Value, read_cell, tidy
from data.uploads.decode import Table, quarter_in_name, read_table, recognise
from data.uploads.formats import FORMATS, STATION_KINDS, Column, Format
from data.uploads.tables import fingerprint

_TOGETHER = 200_000  # rows whose fingerprints are computed at a time

Progress = Callable[[str, float], None]  # the file's name, the share of it that is done


@dataclass(frozen=True)
class Sent:
    """A file as it was sent; format and quarter are recognised unless the clerk chose them.

    ``replace``: it takes the place of the earlier rows of its format and quarter, of the townships
    that it covers.
    """

    filename: str
    content: bytes
    format: Format | None = None
    quarter: Period | None = None
    replace: bool = False

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

    ``stations`` are kind and parent of the 阵地 by number, ``groups`` the 代表小组 of the roster,
    ``indicators`` the scheme's codes by code and by name, ``in_percent`` those that are shares.
    ``records`` holds, by format, what later files may touch (``_looked_up``). ``own`` are the
    townships that the sender speaks for, None for all. ``delegates`` are then only theirs, so that
    no problem tells of others what the file does not say itself; of these, ``elsewhere`` has the
    townships by number.
    """

    version: int
    townships: frozenset[str]
    delegates: Mapping[str, Mandate]
    records: Mapping[str, pd.DataFrame]
    stations: Mapping[str, tuple[str, str | None]] = field(default_factory=dict)
    groups: frozenset[str] = frozenset()
    indicators: Mapping[str, str] = field(default_factory=dict)
    in_percent: frozenset[str] = frozenset()
    own: frozenset[str] | None = None
    elsewhere: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Checked:
    """A file after its checks; ``rows`` (index: spreadsheet row) may be stored if it has no error.

    ``rows`` is None when the file is no table that the sender may send at all. ``version`` is the
    data version it was checked against, ``own`` the townships that the sender speaks for.
    """

    sent: Sent
    format: Format | None
    quarter: Period | None
    rows: pd.DataFrame | None
    problems: list[Problem]
    version: int
    own: frozenset[str] | None = None

    @property
    def filename(self) -> str:
        return self.sent.filename

    @property
    def replaces(self) -> bool:
        """Whether it takes the place of earlier rows; a register only ever updates its own."""
        return self.sent.replace and self.format is not None and not self.format.is_register

    @property
    def has_errors(self) -> bool:
        return self.rows is None or any(p.level == "error" for p in self.problems)

    @property
    def has_warnings(self) -> bool:
        return any(p.level == "warning" for p in self.problems)


def registers(store: Store, own: frozenset[str] | None = None) -> Registers:
    """What stands in the database now, for a sender who speaks for their ``own`` townships."""
    version = store.version  # read first: should a commit come between, the file is checked again
    indicators = store.query("select indicator, name, rule from scheme_indicators")
    people = store.query(f"select {', '.join(_ROSTER)}, group_name from delegates")
    roster = _mandates(people)
    others = {n: m.township for n, m in roster.items() if own is not None and m.township not in own}
    return Registers(
        version,
        frozenset(store.query("select township from townships")["township"]),
        {number: mandate for number, mandate in roster.items() if number not in others},
        _Standing(store),
        _network(store.query("select station_id, kind, parent_id from stations")),
        frozenset(people["group_name"].dropna()),
        {said: code for _, code, name, _ in _rows_where(None, indicators) for said in (code, name)},
        frozenset(indicators.loc[indicators["rule"] == "share", "indicator"]),
        own,
        others,
    )


def _network(stations: pd.DataFrame) -> dict[str, tuple[str, str | None]]:
    """Kind and parent by number, of the stations that have number and kind."""
    named = stations[["station_id", "kind", "parent_id"]].dropna(subset=["station_id", "kind"])
    return {number: (kind, parent) for _, number, kind, parent in _rows_where(None, named)}


class _Standing(Mapping[str, pd.DataFrame]):
    """The rows that stand, by format; read when a format is first asked for."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._read: dict[str, pd.DataFrame] = {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._read:
            columns = ", ".join(_looked_up(FORMATS[name]))
            self._read[name] = self._store.query(f"select {columns} from {name}")
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return (f.name for f in FORMATS.values() if not f.is_register)

    def __len__(self) -> int:
        return sum(1 for _ in self)


_ROSTER = ["delegate_id", "name", "township", "start_date", "end_date"]


def _mandates(roster: pd.DataFrame) -> dict[str, Mandate]:
    return {row[1]: Mandate(*row[1:]) for row in _rows_where(None, roster[_ROSTER])}


def _looked_up(fmt: Format) -> list[str]:
    columns = [*fmt.key, fmt.whose, "date"]
    columns += ["record_id"] if fmt.has("record_id") else []
    if fmt.lives_on:
        columns += [*_about(fmt), *(c.name for c in _answers(fmt))]
    return [*dict.fromkeys(columns), "fingerprint"]


def _about(fmt: Format) -> list[str]:
    """The columns beside the key that say whose a record is, of which day, and what it is about."""
    matter = next(c.name for c in fmt.columns if c.kind == "prose")
    return [name for name in (fmt.whose, "date", matter) if name not in fmt.key]


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
        return replace(
            known,
            delegates={**known.delegates, **_mandates(rows)},
            groups=known.groups | set(rows["group_name"].dropna()),
        )
    if name == "stations":
        return replace(known, stations={**known.stations, **_network(rows)})
    if checked.format.is_register:
        return known
    standing = known.records[name]
    added = pd.concat([standing, rows[standing.columns]], ignore_index=True)
    if checked.format.key:
        added = added.drop_duplicates(list(checked.format.key), keep="last")
    return replace(known, records=ChainMap({name: added}, known.records))  # type: ignore[arg-type]


def check_all(
    files: Sequence[Sent], known: Registers, progress: Progress = lambda name, share: None
) -> list[Checked]:
    """Check files sent together, each upon the ones before it; registers go first."""
    return list(check_each(files, known, progress))


def check_each(
    files: Sequence[Sent], known: Registers, progress: Progress = lambda name, share: None
) -> Iterator[Checked]:
    """The same, one after the other, for who wants to tell how far it is."""
    order = {fmt: place for place, fmt in enumerate(FORMATS)}
    found = [file.format or recognise(file.content) for file in files]
    before: list[Checked] = []
    for file, _ in sorted(
        zip(files, found, strict=True),
        key=lambda pair: order[pair[1].name] if pair[1] else len(order),
    ):
        checked = check(file, known, progress)
        checked = replace(
            checked, problems=[*_replaced_in_batch(checked, before, known), *checked.problems]
        )
        before.append(checked)
        yield checked
        known = _including(known, checked)


def _replaced_in_batch(
    checked: Checked, before: Sequence[Checked], known: Registers
) -> Iterator[Problem]:
    """A file that replaces what another of its batch holds, or is replaced by it."""
    for other in before:
        if (other.format, other.quarter) != (checked.format, checked.quarter) or not (
            other.replaces or checked.replaces
        ):
            continue
        common = _covered(checked, known) & _covered(other, known)
        if common:
            named = "、".join(sorted(common - {""})) or "未填镇街"
            details = {
                "other": other.filename,
                "quarter": str(checked.quarter),
                "townships": named,
            }
            yield Problem("replaced_in_batch", details=details)


def _covered(checked: Checked, known: Registers) -> set[str]:
    """The townships ("" for none) whose records, or whose delegates', of the quarter it holds."""
    if checked.rows is None or checked.quarter is None:
        return set()
    days = pd.Timestamp(checked.quarter.start), pd.Timestamp(checked.quarter.end)
    rows = checked.rows[checked.rows["date"].between(*days)]
    if checked.format is not None and checked.format.whose == "township":
        return set(rows["township"].fillna(""))
    found = (known.delegates.get(number) for number in rows["delegate_id"].dropna().unique())
    return {mandate.township or "" for mandate in found if mandate}


def check(sent: Sent, known: Registers, progress: Progress = lambda name, share: None) -> Checked:
    """Read and check one file; never raises for what is in it.

    ``progress`` is told from time to time how far it is.
    """

    def reached(share: float) -> None:
        progress(sent.filename, share)

    try:
        table = read_table(sent.content, sent.format, reached)
    except Refused as refusal:
        return Checked(
            sent, sent.format, sent.quarter, None, refusal.problems, known.version, known.own
        )
    fmt = table.format
    if known.own is not None and not fmt.is_of_townships:
        problems = [Problem("of_the_county", details={"format": fmt.title})]
        return Checked(sent, fmt, None, None, problems, known.version, known.own)
    problems = list(table.problems)
    rows, faults, unread = _convert(table)
    told = {(p.row, p.column) for p in problems if p.column}
    problems += [p for p in faults if (p.row, p.column) not in told]
    reached(0.7)
    quarter = (
        None if fmt.is_register else sent.quarter or _recognise_quarter(sent.filename, rows, fmt)
    )
    problems += _check_declared(rows, table, unread)
    if fmt.names_the_delegate:
        misread = unread.get("delegate_id", np.array([]))
        problems += _name_delegates(rows, misread, known.delegates.values())
    if fmt.has("delegate_id") and not fmt.is_register:
        problems += _check_delegates(rows, known, fmt)
    if fmt.name != "townships" and fmt.has("township"):
        problems += _check_townships(rows, known.townships)
    if fmt.name != "stations" and fmt.has("station_id"):
        problems += _check_stations(rows, known.stations.keys(), fmt)
    problems += _check_order(rows, fmt)
    if check_meaning := _MEANINGS.get(fmt.name):
        problems += check_meaning(rows, known)
    reached(0.8)
    for column in fmt.columns:
        if column.default is None or not (empty := rows[column.name].isna()).any():
            continue
        if empty.all():
            default = _array([column.default], column)
            rows[column.name] = default.take(np.zeros(len(rows), dtype="int64"))
        else:
            rows[column.name] = rows[column.name].fillna(column.default)
    prints, suspects = _fingerprints(rows, fmt)
    rows.insert(0, "fingerprint", prints)
    reached(0.9)
    problems += _check_repeats(rows, suspects, fmt)
    if quarter is not None:
        standing = known.records[fmt.name]
        if known.own is not None:
            theirs = standing[fmt.whose].isin(known.elsewhere.keys())
            problems += _check_against_others(rows, standing[theirs], fmt)
            standing = standing[~theirs]
        covered = _covered(Checked(sent, fmt, quarter, rows, [], known.version), known)
        goes = _replaced(standing, covered if sent.replace else set(), quarter, known, fmt)
        problems += _check_against_standing(rows, standing, goes, fmt, quarter)
    elif not fmt.is_register:
        problems.append(Problem("unknown_quarter"))
    problems = listed(problems)
    order = {column.header: place for place, column in enumerate(fmt.columns)}
    problems.sort(key=lambda p: (p.row or 0, order.get(p.column or "", -1)))
    reached(1.0)
    return Checked(sent, fmt, quarter, rows, problems, known.version, known.own)


def _rows_where(mask: "pd.Series[bool] | None", frame: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    """The rows under ``mask`` (None: all) in plain values: the row number, then each column.

    Of more than LISTED rows only the first; ``more`` tells of the rest. A missing value is None,
    a day a ``date``.
    """
    if mask is not None:
        frame = frame.iloc[np.flatnonzero(mask)[:LISTED]]
        if frame.empty:
            return iter(())
    return zip(frame.index.tolist(), *(_plain(frame[name]) for name in frame), strict=True)


def _plain(column: "pd.Series[Any]") -> list[Any]:
    if column.dtype.kind == "M":
        days: list[Any] = column.to_numpy().astype("datetime64[D]").tolist()
        return days
    return column.astype("object").where(column.notna(), None).tolist()


# --- cells ------------------------------------------------------------------------------------


def _convert(
    table: Table,
) -> tuple[pd.DataFrame, list[Problem], dict[str, "np.ndarray[Any, Any]"]]:
    """The cells as typed columns; what cannot be read is missing, and a problem.

    The third is the row numbers of these cells, by column.
    """
    problems: list[Problem] = []
    columns: dict[str, Any] = {}
    unread: dict[str, np.ndarray[Any, Any]] = {}
    given = set(table.cells.column_names)
    for column in table.format.columns:
        if column.name not in given:
            nothing = np.zeros(len(table.numbers), dtype="int64")
            columns[column.name] = _array([None], column).take(nothing)
            continue
        read = _read_prose if column.kind == "prose" else _read_texts
        columns[column.name], faults = read(table.cells.column(column.name), column)
        unread[column.name] = table.numbers[faults.places]
        problems += _fault_problems(faults, column, table)
    return pd.DataFrame(columns, index=pd.Index(table.numbers, name="row")), problems, unread


class _Faults(NamedTuple):
    """Where the faulty cells are in the column, and for each its text's code in ``by_code``."""

    places: "np.ndarray[Any, np.dtype[np.int64]]"
    codes: "np.ndarray[Any, np.dtype[np.int64]]"
    by_code: Mapping[int, tuple[str, Fault]]


def _fault_problems(faults: _Faults, column: Column, table: Table) -> Iterator[Problem]:
    for at, code in zip(faults.places[:LISTED].tolist(), faults.codes.tolist(), strict=False):
        text, fault = faults.by_code[code]
        row = int(table.numbers[at])
        yield Problem(fault.code, row, column.header, text[:100], fault.details)
    yield from more(len(faults.places))


def _read_texts(cells: pa.ChunkedArray, column: Column) -> tuple[Any, _Faults]:
    """A column of which each distinct text is read once."""
    if not pa.types.is_dictionary(cells.type):
        cells = cells.dictionary_encode()
    coded = cells.unify_dictionaries().combine_chunks()
    if isinstance(coded, pa.ChunkedArray):  # of no chunks
        coded = pa.array([], cells.type)
    codes = coded.indices.to_numpy(zero_copy_only=False)
    texts = coded.dictionary.to_pylist()
    values: list[Value] = list(texts)
    faults: dict[int, tuple[str, Fault]] = {}
    for at in np.flatnonzero(~_tidy(coded.dictionary, column)).tolist():
        value = read_cell(texts[at], column)
        if isinstance(value, Fault):
            faults[at], value = (texts[at], value), None
        values[at] = value
    faulty = np.zeros(len(texts), dtype=bool)
    faulty[list(faults)] = True
    places = np.flatnonzero(faulty[codes])
    return _array(values, column).take(codes), _Faults(places, codes[places], faults)


def _read_prose(cells: pa.ChunkedArray, column: Column) -> tuple[Any, _Faults]:
    """A column of which hardly two texts are the same; those that are tidy are left as they are."""
    cells = pa.chunked_array(
        [c.dictionary_decode() if pa.types.is_dictionary(c.type) else c for c in cells.chunks],
        pa.string(),
    )
    untidy = ~_tidy(cells, column)
    places = np.flatnonzero(untidy)
    if not len(places):
        return _texts(cells), _Faults(places, places, {})
    read, faults = _read_texts(cells.filter(pa.array(untidy)), column)
    whole = pc.replace_with_mask(
        pa.array(_texts(cells)).cast(pa.large_string()),
        pa.array(untidy),
        pa.array(read).cast(pa.large_string()),
    )
    return _texts(whole), faults._replace(places=places[faults.places])


def _tidy(texts: pa.Array, column: Column) -> "np.ndarray[Any, np.dtype[np.bool_]]":
    """Which texts ``read_cell`` would give back as they are."""
    patterns = tidy(column.kind)
    if patterns is None:
        return np.zeros(len(texts), dtype=bool)
    plain, telling = patterns
    fits = pc.and_(
        pc.match_substring_regex(texts, plain),
        pc.less_equal(pc.binary_length(texts), TEXT_LIMIT),
    )
    return np.asarray(pc.and_not(fits, pc.match_substring_regex(texts, telling)))


def _texts(texts: pa.Array) -> Any:
    return pd.array(texts.cast(pa.large_string()), dtype="str")


def _array(values: list[Value], column: Column) -> Any:
    if column.kind == "date":
        return np.array(values, dtype="datetime64[D]").astype("datetime64[us]")
    dtype = {
        "integer": "Int64",
        "number": "Float64",
        "boolean": "boolean",
        "identifiers": "object",
    }.get(column.kind, "str")
    if dtype == "str":
        return _texts(pa.array(values, pa.large_string()))
    return pd.Series(values, dtype=dtype).array


# --- the declared rules -----------------------------------------------------------------------


@cache
def declared(format_name: str) -> pandera.DataFrameSchema:
    """The declaration as a pandera schema: what may be empty, and which numbers may stand."""
    return pandera.DataFrameSchema(
        {
            c.name: pandera.Column(checks=_number_checks(c), nullable=not c.required)
            for c in FORMATS[format_name].columns
        }
    )


def _number_checks(column: Column) -> list[pandera.Check]:
    checks = []
    if column.low is not None:
        checks.append(pandera.Check.in_range(column.low, column.high, error="out_of_range"))
    if column.kind == "integer" and column.choices:
        checks.append(pandera.Check.isin([int(v) for v in column.choices], error="bad_choice"))
    return checks


def _check_declared(
    rows: pd.DataFrame, table: Table, unread: Mapping[str, "np.ndarray[Any, Any]"]
) -> Iterator[Problem]:
    """What the declaration demands of each cell; ``unread`` rows of a column are told already."""
    fmt = table.format
    try:
        declared(fmt.name).validate(rows, lazy=True)
    except SchemaErrors as errors:
        for (name, check), cases in errors.failure_cases.groupby(["column", "check"], sort=False):
            column = fmt.column(name)
            numbers = cases["index"].to_numpy().astype("int64")
            if check != "not_nullable":
                details = {
                    "low": f"{column.low:,.10g}" if column.low is not None else "",
                    "high": f"{column.high:,.10g}" if column.high is not None else "",
                    "choices": "、".join(column.choices or ()),
                }
                places = np.searchsorted(table.numbers, numbers[:LISTED])
                values = table.cells.column(name).take(pa.array(places)).to_pylist()
                for row, value in zip(numbers[:LISTED].tolist(), values, strict=True):
                    yield Problem(check, row, column.header, value[:100], details)
            elif name == "delegate_id" and fmt.names_the_delegate:
                continue
            else:
                numbers = np.setdiff1d(numbers, unread.get(name, []))
                for row in numbers[:LISTED].tolist():
                    yield Problem("required", row, column.header)
            yield from more(len(numbers))


# --- the rows ---------------------------------------------------------------------------------


def _recognise_quarter(filename: str, rows: pd.DataFrame, fmt: Format) -> Period | None:
    """The file name's quarter; else the commonest, or of records that live on the latest."""
    if named := quarter_in_name(filename):
        return Period.parse(named)
    days = rows["date"].value_counts()
    if days.empty:
        return None
    quarters = days.groupby(pd.DatetimeIndex(days.index).to_period("Q")).sum()
    common: Any = quarters.index.max() if fmt.lives_on else quarters.idxmax()
    return Period(common.year, common.quarter, common.quarter)


def _name_delegates(
    rows: pd.DataFrame, misread: "np.ndarray[Any, Any]", roster: Iterable[Mandate]
) -> Iterator[Problem]:
    """Fill in 代表编号 where 姓名, with 镇街, identifies the delegate; changes ``rows``.

    Rule: formats.md, "Delegates in records".
    """
    unnumbered = rows["delegate_id"].isna() & ~rows.index.isin(misread)
    if not unnumbered.any():
        return
    namesakes: dict[str, list[Mandate]] = {}
    for mandate in roster:
        namesakes.setdefault(mandate.name, []).append(mandate)
    given = ["name", "date", *(["township"] if "township" in rows else [])]
    said = rows.loc[unnumbered, given]
    groups = said.groupby(given, dropna=False, sort=False).ngroup()
    answers = [
        _who(name, day, township, namesakes)
        for _, name, day, *township in _rows_where(None, said[~groups.duplicated()])
    ]
    numbers = _texts(pa.array([a if isinstance(a, str) else None for a in answers]))
    identified = pd.Series(numbers.take(groups.to_numpy()), groups.index)
    rows["delegate_id"] = rows["delegate_id"].fillna(identified)
    unclear = pd.Series([isinstance(a, Problem) for a in answers]).take(groups.to_numpy())
    unclear.index = groups.index
    for row, group in _rows_where(unclear, groups.to_frame()):
        yield replace(answers[group], row=row)
    yield from more(int(unclear.sum()))


def _who(
    name: str | None, day: date | None, township: list[str], namesakes: Mapping[str, list[Mandate]]
) -> str | Problem | None:
    """The number of the one delegate so named in office on that day, or why there is none."""
    if name is None:
        return Problem("required", column="代表编号")
    if day is None:
        return None  # without its date, which is a problem already, nobody is in office
    candidates = [
        mandate
        for mandate in namesakes.get(name, [])
        if mandate.covers(day) and township in ([], [None], [mandate.township])
    ]
    if len(candidates) == 1:
        return candidates[0].delegate_id
    if not candidates:
        return Problem("no_delegate_named", None, "姓名", name, {"name": name})
    told = "、".join(f"{m.delegate_id}（{m.township or '未填镇街'}）" for m in sorted(candidates))
    details = {"name": name, "candidates": told}
    return Problem("several_delegates_named", None, "姓名", name, details)


def _check_delegates(rows: pd.DataFrame, known: Registers, fmt: Format) -> Iterator[Problem]:
    """Who is unknown, not the sender's, bears another name, or was not in office."""
    mandates = known.delegates
    codes, distinct = pd.factorize(rows["delegate_id"])
    found = [mandates.get(number) for number in distinct]
    header = fmt.column("delegate_id").header
    # The last stands for a missing number, whose code is -1.
    unknown = pd.Series(np.array([*(m is None for m in found), False])[codes], rows.index)
    elsewhere = unknown & rows["delegate_id"].isin(known.elsewhere.keys())
    for row, number in _rows_where(elsewhere, rows[["delegate_id"]]):
        details = {"township": known.elsewhere[number] or "未填镇街"}
        yield Problem("delegate_elsewhere", row, header, number, details)
    yield from more(int(elsewhere.sum()))
    unknown &= ~elsewhere
    for row, number in _rows_where(unknown, rows[["delegate_id"]]):
        yield Problem("unknown_delegate", row, header, number)
    yield from more(int(unknown.sum()))
    identified = pd.Series(np.array([*(m is not None for m in found), False])[codes], rows.index)
    for name in ("name", "township"):
        if not fmt.has(name) or rows[name].isna().all():
            continue
        expected = _texts(pa.array([*(getattr(m, name, None) for m in found), None], pa.string()))
        other = rows[name] != pd.Series(expected.take(codes), rows.index)
        other &= identified & rows[name].notna()
        for row, number, value in _rows_where(other, rows[["delegate_id", name]]):
            mandate = mandates[number]
            said = "、".join(filter(None, (mandate.name, mandate.township)))
            details = {"id": number, "expected": said}
            yield Problem("delegate_disagrees", row, fmt.column(name).header, value, details)
        yield from more(int(other.sum()))
    starts, ends = (
        np.array([getattr(m, edge, None) for m in [*found, None]], dtype="datetime64[D]")[codes]
        for edge in ("start", "end")
    )
    days = rows["date"].to_numpy().astype("datetime64[D]")
    outside = pd.Series((days < starts) | (days > ends), rows.index)
    for row, number, day in _rows_where(outside, rows[["delegate_id", "date"]]):
        details = {"start": str(mandates[number].start), "end": str(mandates[number].end or "今")}
        yield Problem("outside_mandate", row, fmt.column("date").header, str(day), details)
    yield from more(int(outside.sum()))


def _check_townships(rows: pd.DataFrame, townships: frozenset[str]) -> Iterator[Problem]:
    said = rows[["township"]]
    unknown = said["township"].notna() & ~said["township"].isin(townships)
    for row, township in _rows_where(unknown, said):
        yield Problem("unknown_township", row, "镇街", township)
    yield from more(int(unknown.sum()))


def _check_stations(
    rows: pd.DataFrame, stations: Collection[str], fmt: Format
) -> Iterator[Problem]:
    """Numbers that the register of stations lacks; an office that keeps none is not asked."""
    said = rows[["station_id"]]
    unknown = said["station_id"].notna() & ~said["station_id"].isin(stations)
    for row, number in _rows_where(unknown if stations else unknown & False, said):
        yield Problem("unknown_station", row, fmt.column("station_id").header, number)
    yield from more(int(unknown.sum()) if stations else 0)


def _check_order(rows: pd.DataFrame, fmt: Format) -> Iterator[Problem]:
    for column in fmt.columns:
        if column.not_before is None:
            continue
        earlier = fmt.column(column.not_before)
        days = rows[[column.name, earlier.name]]
        wrong = days[column.name] < days[earlier.name]
        for row, day, other in _rows_where(wrong, days):
            details = {"column": earlier.header, "other": str(other)}
            yield Problem("wrong_order", row, column.header, str(day), details)
        yield from more(int(wrong.sum()))


def _check_roster(rows: pd.DataFrame, known: Registers) -> Iterator[Problem]:
    names = {number: mandate.name for number, mandate in known.delegates.items()}
    before = rows["delegate_id"].map(names)
    renamed = before.notna() & rows["name"].notna() & (before != rows["name"])
    told = rows[["delegate_id", "name"]].assign(before=before)
    for row, number, name, other in _rows_where(renamed, told):
        yield Problem("delegate_renamed", row, "姓名", name, {"id": number, "name": other})
    yield from more(int(renamed.sum()))


def _check_suggestions(rows: pd.DataFrame, known: Registers) -> Iterator[Problem]:
    signed = rows["cosigner_ids"].dropna().explode()
    strange = ~signed.isin(known.delegates.keys() | known.elsewhere.keys())
    for row, cosigner in _rows_where(strange, signed.to_frame()):
        yield Problem("unknown_cosigner", row, "附议代表编号", cosigner, {"id": cosigner})
    yield from more(int(strange.sum()))
    without = rows["replied"].notna() & rows["outcome"].isna()
    for row, _ in _rows_where(without, rows[["replied"]]):
        yield Problem("outcome_missing", row, "办理结果", details={"column": "答复日期"})
    yield from more(int(without.sum()))


def _check_votes(rows: pd.DataFrame, known: Registers) -> Iterator[Problem]:
    votes = rows[["voters"]].assign(total=rows[["approve", "partly", "disapprove"]].sum(axis=1))
    exceed = (votes["total"] > votes["voters"]).fillna(False).astype(bool)
    for row, voters, total in _rows_where(exceed, votes):
        details = {"total": total, "voters": voters}
        yield Problem("votes_exceed", row, "到会选民", str(voters), details)
    yield from more(int(exceed.sum()))


def _check_adjustments(rows: pd.DataFrame, known: Registers) -> Iterator[Problem]:
    for kinds, name, header in (
        (["加分", "扣分"], "points", "分值"),
        (["等次上限"], "grade", "等次"),
    ):
        without = rows["kind"].isin(kinds) & rows[name].isna()
        for row, kind in _rows_where(without, rows[["kind"]]):
            details = {"kind": kind, "column": header}
            yield Problem("points_missing", row, header, details=details)
        yield from more(int(without.sum()))


def _check_network(rows: pd.DataFrame, known: Registers) -> Iterator[Problem]:
    """Every station but the centre is in a township, and below one of a kind before its own."""
    placeless = rows["township"].isna() & rows["kind"].notna() & (rows["kind"] != "服务中心")
    for row, _ in _rows_where(placeless, rows[["kind"]]):
        yield Problem("required", row, "镇街")
    yield from more(int(placeless.sum()))
    network = {**known.stations, **_network(rows)}
    order = {kind: place for place, kind in enumerate(STATION_KINDS)}
    above = rows["parent_id"].map({number: kind for number, (kind, _) in network.items()})
    unknown = rows["parent_id"].notna() & above.isna()
    for row, parent in _rows_where(unknown, rows[["parent_id"]]):
        yield Problem("unknown_parent", row, "上级编号", parent)
    yield from more(int(unknown.sum()))
    wrong = above.map(order) >= rows["kind"].map(order)
    told = rows[["parent_id", "kind"]].assign(above=above)
    for row, parent, kind, upper in _rows_where(wrong, told):
        yield Problem("wrong_parent", row, "上级编号", parent, {"kind": kind, "above": upper})
    yield from more(int(wrong.sum()))
    # With another kind a station may no longer stand above those that stand below it.
    sent = set(rows["station_id"])
    lowest: dict[str, str] = {}
    for number, (kind, parent) in known.stations.items():
        if parent is not None and number not in sent:
            lowest[parent] = min(kind, lowest.get(parent, kind), key=order.__getitem__)
    below = rows["station_id"].map(lowest)
    outgrown = below.map(order) <= rows["kind"].map(order)
    for row, kind, lower in _rows_where(outgrown, rows[["kind"]].assign(below=below)):
        yield Problem("wrong_parent", row, "类型", kind, {"kind": lower, "above": kind})
    yield from more(int(outgrown.sum()))


def _check_assignments(rows: pd.DataFrame, known: Registers) -> Iterator[Problem]:
    for kind, code, units in (
        ("镇街", "unknown_township", known.townships),
        ("代表小组", "unknown_group", known.groups),
    ):
        said = rows[["unit"]]
        unknown = (rows["unit_kind"] == kind) & said["unit"].notna() & ~said["unit"].isin(units)
        for row, unit in _rows_where(unknown, said):
            yield Problem(code, row, "对象", unit)
        yield from more(int(unknown.sum()))


def _check_plan(rows: pd.DataFrame, known: Registers) -> Iterator[Problem]:
    """Of an indicator its code is stored, however it was written; changes ``rows``."""
    said = rows["indicator"]
    codes = said.map(known.indicators)
    unknown = said.notna() & codes.isna()
    for row, indicator in _rows_where(unknown, rows[["indicator"]]):
        names = "、".join(name for name, code in known.indicators.items() if name != code)
        yield Problem("unknown_indicator", row, "指标", indicator, {"indicators": names})
    yield from more(int(unknown.sum()))
    rows["indicator"] = codes.astype("str")
    small = codes.isin(known.in_percent) & rows["target"].between(0, 1, inclusive="right")
    for row, target in _rows_where(small.fillna(False).astype(bool), rows[["target"]]):
        yield Problem(
            "percent_as_fraction", row, "目标", f"{target:g}", {"percent": f"{100 * target:g}"}
        )
    yield from more(int(small.sum()))


# How offices write that there was nothing to find; as text it would count as a finding.
_NO_FINDING = r"((无|没有|未)(发现|存在|任何)*(问题|异常)?|正常|合格|良好|符合要求)[。.]?|[-—/]+"


def _check_guidance(rows: pd.DataFrame, known: Registers) -> Iterator[Problem]:
    nothing = rows["finding"].str.fullmatch(_NO_FINDING).fillna(False).astype(bool)
    for row, finding in _rows_where(nothing, rows[["finding"]]):
        yield Problem("no_finding", row, "发现问题", finding)
    yield from more(int(nothing.sum()))
    without = rows["fixed"].notna() & rows["finding"].isna()
    for row, _ in _rows_where(without, rows[["item"]]):
        yield Problem("finding_missing", row, "发现问题")
    yield from more(int(without.sum()))


# What one format alone demands of a row.
_MEANINGS: dict[str, Callable[[pd.DataFrame, Registers], Iterator[Problem]]] = {
    "stations": _check_network,
    "delegates": _check_roster,
    "assignments": _check_assignments,
    "plan": _check_plan,
    "guidance": _check_guidance,
    "suggestions": _check_suggestions,
    "duty_reports": _check_votes,
    "adjustments": _check_adjustments,
}


@cache
def _scratch() -> duckdb.DuckDBPyConnection:
    """A database in memory that holds nothing: it computes what the stored tables compute."""
    return duckdb.connect()


def _fingerprints(rows: pd.DataFrame, fmt: Format) -> tuple[Any, "pd.Series[bool]"]:
    """What makes two rows the same, as ``tables.fingerprint`` says it for rows that are stored.

    And which rows may stand twice: by key, or in every column, as far as a short hash tells.
    """
    texts = pa.list_(pa.string())
    table = pa.table(
        {
            c.name: pa.array(rows[c.name], texts if c.kind == "identifiers" else None)
            if c.kind != "date"
            else pa.array(rows[c.name].to_numpy().astype("datetime64[D]"))
            for c in fmt.columns
        }
    )
    same = ", ".join(fmt.key) or "fingerprint"
    sql = f"select fingerprint, hash({same}) as same from (select {fingerprint(fmt)} as fingerprint, * from rows)"

    def compute(start: int) -> pa.Table:
        with _scratch().cursor() as cursor:
            cursor.register("rows", table.slice(start, _TOGETHER))
            return cursor.execute(sql).to_arrow_table()

    with ThreadPoolExecutor() as pool:  # the database alone would use one core
        computed = pa.concat_tables(pool.map(compute, range(0, len(rows), _TOGETHER)))
    hashes = pd.Series(computed["same"].to_numpy(), rows.index)
    return _texts(computed["fingerprint"]), hashes.duplicated(keep=False)


def _check_repeats(
    rows: pd.DataFrame, suspects: "pd.Series[bool]", fmt: Format
) -> Iterator[Problem]:
    """A key that stands twice is an error; a whole row that stands twice wants a second look."""
    names = list(fmt.key) or ["fingerprint"]
    repeated = suspects.copy()
    for name in {*fmt.key, *(["delegate_id"] if fmt.has("delegate_id") else [])}:
        if fmt.column(name).required:
            repeated &= rows[name].notna()
    if not repeated.any():
        return
    keys = rows.loc[repeated, names]
    rows_of_a_key = pd.Series(keys.index, keys.index).groupby(
        [keys[n] for n in names], dropna=False
    )
    first = rows_of_a_key.transform("first")
    again = first != keys.index
    for row, other, *key in _rows_where(again, keys.assign(first=first)[["first", *names]]):
        if fmt.key:
            titles = [fmt.column(name).header for name in names]
            details = {"other": other, "columns": "、".join(titles)}
            yield Problem("duplicate_key", row, titles[0], " ".join(map(str, key)), details)
        else:
            yield Problem("duplicate_row", row, details={"other": other})
    yield from more(int(again.sum()))


def _replaced(
    standing: pd.DataFrame, covered: set[str], quarter: Period, known: Registers, fmt: Format
) -> "pd.Series[bool]":
    """Which standing rows a file replaces that covers these townships: those of its quarter, of
    the delegates who belong to them now, or else of the townships themselves.
    """
    whose = covered
    if fmt.whose == "delegate_id":
        whose = {n for n, m in known.delegates.items() if (m.township or "") in covered}
    days = pd.Timestamp(quarter.start), pd.Timestamp(quarter.end)
    return standing[fmt.whose].fillna("").isin(whose) & standing["date"].between(*days)


def _check_against_others(
    rows: pd.DataFrame, theirs: pd.DataFrame, fmt: Format
) -> Iterator[Problem]:
    """Rows that would take the place of a record of somebody who is not the sender's."""
    if not fmt.key or "delegate_id" in fmt.key:
        return
    key = list(fmt.key)
    taken = pd.MultiIndex.from_frame(rows[key]).isin(pd.MultiIndex.from_frame(theirs[key]))
    number = fmt.column(key[0])
    for row, value in _rows_where(pd.Series(taken, rows.index), rows[[number.name]]):
        yield Problem("key_elsewhere", row, number.header, value)
    yield from more(int(taken.sum()))


def _check_against_standing(
    rows: pd.DataFrame,
    standing: pd.DataFrame,
    replaced: "pd.Series[bool]",
    fmt: Format,
    quarter: Period,
) -> Iterator[Problem]:
    """The quarter's edges, and rows that would take the place of another record."""
    days = pd.Timestamp(quarter.start), pd.Timestamp(quarter.end)
    outside = rows["date"].notna() & ~rows["date"].between(*days)
    if fmt.has("record_id"):
        left = standing[standing["date"].between(*days) & ~replaced]
        yield from _check_record_numbers(rows, left)
    elif fmt.key and ("date" not in fmt.key or fmt.lives_on):
        key = list(fmt.key)
        standing = standing.assign(replaced=replaced)
        before = rows[key].merge(standing, on=key, how="left").set_axis(rows.index)
        again = before["fingerprint"].notna()
        if fmt.lives_on:
            outside &= ~again
            if again.any():
                yield from _check_successors(rows[again], before[again], fmt)
            if fmt.name == "guidance":
                yield from _check_reworded(rows[~again], standing[~replaced])
        else:
            elsewhere = again & ~before["date"].between(*days)
            yield from _key_problems("key_taken", elsewhere & ~outside, rows, before, fmt)
    for row, day in _rows_where(outside, rows[["date"]]):
        header = fmt.column("date").header
        yield Problem("outside_quarter", row, header, str(day), {"quarter": str(quarter)})
    yield from more(int(outside.sum()))


def _check_successors(rows: pd.DataFrame, before: pd.DataFrame, fmt: Format) -> Iterator[Problem]:
    """Rows with the number of a standing row: the same matter further on, or another one?"""
    differing = pd.DataFrame(
        {c: rows[c].notna() & before[c].notna() & (rows[c] != before[c]) for c in _about(fmt)},
        rows.index,
    )
    # One difference may be a correction; two make it another record, unless that one goes anyway.
    differences = differing.sum(axis=1)
    taken = (differences > 1) & ~before["replaced"].astype(bool)
    yield from _key_problems("key_taken", taken, rows, before, fmt)
    yield from _key_problems("key_differs", (differences > 0) & ~taken, rows, before, fmt)
    for column in _answers(fmt):
        emptied = rows[column.name].isna() & before[column.name].notna()
        for row, value in _rows_where(emptied, before[[column.name]]):
            details = {"column": column.header, "before": str(value)}
            yield Problem("answer_emptied", row, column.header, details=details)
        yield from more(int(emptied.sum()))


def _check_reworded(rows: pd.DataFrame, standing: pd.DataFrame) -> Iterator[Problem]:
    """New findings of a check that has one on record: another one, or the same in other words?"""
    check = ["date", "leader", "township", "item"]
    found = rows.dropna(subset=["finding"]).reset_index()
    met = found.merge(standing.dropna(subset=["finding"]), on=check, suffixes=("", "_before"))
    elsewhere = met["station_id"].notna() & met["station_id_before"].notna()
    elsewhere &= met["station_id"] != met["station_id_before"]
    met = met[~elsewhere].drop_duplicates("row").set_index("row")
    for row, finding, before in _rows_where(None, met[["finding", "finding_before"]].head(LISTED)):
        yield Problem("finding_beside", row, "发现问题", finding, {"before": before})
    yield from more(len(met))


def _key_problems(
    code: str, mask: "pd.Series[bool]", rows: pd.DataFrame, before: pd.DataFrame, fmt: Format
) -> Iterator[Problem]:
    number = fmt.column(fmt.key[0])
    seen = before[[fmt.whose, "date"]].assign(number=rows[number.name])
    for row, whose, day, value in _rows_where(mask, seen):
        details = {"whose": whose or "未填镇街", "date": str(day)}
        yield Problem(code, row, number.header, value, details)
    yield from more(int(mask.sum()))


def _check_record_numbers(rows: pd.DataFrame, standing: pd.DataFrame) -> Iterator[Problem]:
    """A delegate's record number that stands in the quarter, with other content."""
    number = ["record_id", "delegate_id"]
    stands = standing[[*number, "fingerprint"]].dropna(subset=number)
    numbered = rows.loc[rows["record_id"].isin(stands["record_id"]), [*number, "fingerprint"]]
    numbered = numbered.dropna(subset=number)
    if numbered.empty:
        return
    numbers = pd.MultiIndex.from_frame(numbered[number])
    rowwise = pd.MultiIndex.from_frame(numbered)
    reused = numbers.isin(pd.MultiIndex.from_frame(stands[number])) & ~rowwise.isin(
        pd.MultiIndex.from_frame(stands)
    )
    for row, value in _rows_where(pd.Series(reused, numbered.index), numbered[["record_id"]]):
        yield Problem("record_number_reused", row, "记录号", value)
    yield from more(int(reused.sum()))
