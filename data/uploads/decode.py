"""From the bytes of a file to a table of text cells with its spreadsheet row numbers.

What a file may look like: formats.md, "What a file may look like". Nothing is guessed: bytes that
are no text, and text that is no table, are refused with what they are and what to do.

A text whose quotes are regular is read by pyarrow, and of its rows only those are looked at one
by one whose ``anchor`` cell is in doubt: blank rows, headers, totals and remarks are among them. Everything else goes row by row through Python's strict reader. Both ways read the same.
"""

import codecs
import csv
import heapq
import io
import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from data.problems import LISTED, Problem, Refused, more
from data.uploads import workbook
from data.uploads.cells import fold
from data.uploads.formats import FORMATS, Column, Format

__all__ = ["Refused", "Table", "quarter_in_name", "read_table", "recognise"]

SIZE_LIMIT = 50 * 1024 * 1024
COLUMN_LIMIT = 1000
ROW_LIMIT = 2_000_000  # lines; a sheet has half of that
HEADER_WITHIN = 20  # rows: title rows may stand above the header
_HEAD = 1 << 20  # characters among which these rows are looked for
_SOME = 20_000  # rows that are held as Python lists at a time

_DELIMITERS = (",", ";", "\t", "，")
_SIGNATURES = (
    (b"%PDF", "PDF 文件"),
    (b"\x89PNG", "图片"),
    (b"\xff\xd8\xff", "图片"),
    (b"GIF8", "图片"),
    (b"Rar!", "压缩包"),
    (b"7z\xbc\xaf", "压缩包"),
    (b"\x1f\x8b", "压缩包"),
    (b"<html", "网页"),
    (b"<table", "网页"),
    (b"<!doctype", "网页"),
    (b"<meta", "网页"),
    (b"<?xml", "XML 文件"),
    (b"{\\rtf", "Word 文件"),
)
_TOTAL = re.compile(r".{0,12}(合 ?计|总 ?计|小 ?计|共 ?计|累 ?计) ?:?")
# 填表人：… 审核人：… 备注：…, as offices close a sheet.
_REMARK = re.compile(r"[\u4e00-\u9fff]{1,8}(\([\u4e00-\u9fff]{1,8}\))?:.*", re.DOTALL)
# The characters of our headers as Big5 has them.
_SIMPLIFIED = str.maketrans(
    "編號鎮類數點陣內題證實狀態動結時見訴來辦層級轉議標領銜別屆單複滿況選職達對導務計劃戶聯舉專業長別責屬監督據準體員縣鄉紀錄記導話參與姓會視",
    "编号镇类数点阵内题证实状态动结时见诉来办层级转议标领衔别届单复满况选职达对导务计划户联举专业长别责属监督据准体员县乡纪录记导话参与姓会视",
)

Row = tuple[int, list[str]]
Progress = Callable[[float], None]


@dataclass(frozen=True)
class Table:
    """The cells of the known columns, as text; ``numbers`` are their rows in the spreadsheet.

    The columns of ``cells`` are strings, or dictionaries of strings where they repeat.
    """

    format: Format
    numbers: "np.ndarray[tuple[int], np.dtype[np.int64]]"
    cells: pa.Table
    problems: list[Problem]


@dataclass(frozen=True)
class _Header:
    """Where the header stands and what it names; ``row`` counts from 1."""

    delimiter: str
    row: int
    cells: list[str]
    format: Format


# --- bytes and text ---------------------------------------------------------------------------


def decode(content: bytes) -> str:
    """The text of a file: byte-order mark, strict UTF-8, GB18030, in that order.

    Encoding detectors guess wrong on short Chinese files, so there is none. Raises Refused.
    """
    start = content[:64].removeprefix(codecs.BOM_UTF8).lstrip().lower()
    for signature, what in _SIGNATURES:
        if start.startswith(signature.lower()):
            raise Refused(Problem("not_a_table", details={"what": what}))
    text = _text(content)
    if not text or text.isspace():
        raise Refused(Problem("empty_file"))
    return text


def _text(content: bytes) -> str:
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if content.startswith(mark):
            return _strict(content[len(mark) :], encoding, len(mark))
    if b"\0" in content:
        raise Refused(Problem("not_a_table", details={"what": "二进制文件"}))
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        # Damaged UTF-8 is no GB18030, which would turn all of it to nonsense.
        if _chinese_in_utf8(content):
            raise _unreadable(error.start) from None
    try:
        text = _strict(content, "gb18030", 0)
    except Refused:
        if _as_big5(content):
            raise Refused(_BIG5) from None
        raise
    # Big5 read as GB18030 falls into the codes without a character, which no office types.
    if 50 * len(_UNASSIGNED.findall(text, 0, _HEAD)) > min(len(text), _HEAD):
        in_big5 = _as_big5(content)
        if in_big5 and not _UNASSIGNED.search(in_big5):
            raise Refused(_BIG5)
    return text


_UNASSIGNED = re.compile(r"[\ue000-\uf8ff]")
_BIG5 = Problem("other_encoding", details={"encoding": "Big5"})


def _as_big5(content: bytes) -> str:
    """The text in Big5, empty if it is none."""
    try:
        return content.decode("cp950")
    except UnicodeDecodeError:
        return ""


def _chinese_in_utf8(content: bytes) -> bool:
    """Whether four Chinese characters in a row stand in UTF-8; practically never in GB18030."""
    for start in range(0, len(content), _HEAD):
        some = np.frombuffer(content, np.uint8, min(_HEAD + 12, len(content) - start), start)
        behind = (some & 0xC0) == 0x80
        one = ((some[:-2] - np.uint8(0xE3)) < 7) & behind[1:-1] & behind[2:]
        if (one[:-9] & one[3:-6] & one[6:-3] & one[9:]).any():
            return True
    return False


def _strict(content: bytes, encoding: str, skipped: int) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise _unreadable(error.start + skipped) from None


def _unreadable(offset: int) -> Refused:
    return Refused(Problem("unreadable_text", details={"offset": offset + 1}))


# --- the file ---------------------------------------------------------------------------------


def read_table(
    content: bytes, fmt: Format | None = None, progress: Progress = lambda share: None
) -> Table:
    """Read a file and find its header; ``fmt`` None: the format is recognised by the header.

    Raises Refused when the file is no table or lacks columns; lesser faults are in ``problems``.
    """
    if len(content) > SIZE_LIMIT:
        size, limit = -(-len(content) // 2**20), SIZE_LIMIT // 2**20
        raise Refused(Problem("too_large", details={"size": size, "limit": limit}))
    if workbook.is_one(content):
        return _read_workbook(content, fmt, progress)
    text = decode(content)
    header = _header_of_text(text, fmt, content)
    progress(0.2)
    columns = _match(header)
    lines = max(text.count("\n"), text.count("\r"), 1)
    if lines > ROW_LIMIT:
        raise Refused(Problem("too_many_rows", details={"count": lines, "limit": ROW_LIMIT}))
    reading = _Reading(header, columns, '"' in text)
    complete = text.endswith(("\n", "\r"))
    if not _read_regular(text, reading, progress):
        for number, row in _records(text, header.delimiter):
            reading.look_at(number, row)
            if not number % _SOME:
                progress(0.2 + 0.4 * min(1.0, number / lines))
    return reading.table(complete)


def _read_workbook(content: bytes, fmt: Format | None, progress: Progress) -> Table:
    with workbook.opened(content) as book:
        sheet = book.choose(_sheet_names(fmt))
        header = _find_header({"": list(sheet.rows(until=HEADER_WITHIN))}, fmt)
        columns = _match(header)
        reading = _Reading(header, columns)
        for number, row in sheet.rows(width=len(header.cells)):
            reading.look_at(number, row)
            if not number % _SOME:
                progress(0.6 * sheet.share_read)
        table = reading.table(complete=True)
        problems = table.problems
        for name in book.others(sheet):
            problems.append(Problem("unread_sheet", value=name, details={"read": sheet.name}))
        problems += _amiss(sheet, table, columns)
    return table


def _amiss(sheet: workbook.Sheet, table: Table, columns: dict[int, Column]) -> Iterator[Problem]:
    """What the workbook knows of a cell and its text does not say, in the rows that are read."""
    for row, position, code, value in sheet.faults:
        column = columns.get(position)
        at = int(np.searchsorted(table.numbers, row))
        if column is None or at == len(table.numbers) or table.numbers[at] != row:
            continue
        if code == "digits_lost" and column.kind not in ("label", "identifiers", "prose"):
            continue
        if code == "bad_date" and column.kind != "date":
            continue
        yield Problem(code, row, column.header, value[:100])
    for merged in sheet.merged:
        first, last = np.searchsorted(table.numbers, [merged.top, merged.bottom + 1])
        known = [c for at, c in columns.items() if merged.left <= at <= merged.right]
        if first < last and known:
            row = int(table.numbers[first])
            yield Problem("merged_cells", row, known[0].header, details={"range": merged.name})


def _sheet_names(fmt: Format | None) -> set[str]:
    """What the sheet of the format, or of any, may be called."""
    return {_key(name) for f in ((fmt,) if fmt else FORMATS.values()) for name in (f.title, f.name)}


@dataclass(frozen=True)
class AsSent:
    """A file's rows as they stand in it, titles and all; ``header`` is the number of the header's
    row, ``places`` tells at which position (from 0) each known column stands.
    """

    header: int
    places: dict[str, int]
    rows: Iterator[Row]


def as_sent(content: bytes, fmt: Format | None) -> AsSent:
    """The whole sheet, for a file whose header can be read; raises Refused as ``read_table``."""
    if workbook.is_one(content):
        with workbook.opened(content) as book:
            sheet = book.choose(_sheet_names(fmt))
            header = _find_header({"": list(sheet.rows(until=HEADER_WITHIN))}, fmt)
            rows = iter(list(sheet.rows()))
    else:
        text = decode(content)
        header = _header_of_text(text, fmt, content)
        rows = _records(text, header.delimiter)
    places = {column.header: at for at, column in _match(header).items()}
    return AsSent(header.row, places, rows)


def recognise(content: bytes) -> Format | None:
    """The format that the beginning of the file names best, None if there is no header."""
    try:
        if len(content) > SIZE_LIMIT:
            return None
        if workbook.is_one(content):
            with workbook.opened(content) as book:
                sheet = book.choose(_sheet_names(None))
                return _find_header({"": list(sheet.rows(until=HEADER_WITHIN))}, None).format
        # Whether the rest can be read is for ``read_table`` to say.
        end = max(content.rfind(b"\n", 0, _HEAD), content.rfind(b"\r", 0, _HEAD)) + 1
        if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            end = _HEAD
        head = content if len(content) <= _HEAD else content[: end or _HEAD]
        return _header_of_text(decode(head), None, head).format
    except Refused:
        return None


# --- the header -------------------------------------------------------------------------------


def _header_of_text(text: str, fmt: Format | None, content: bytes) -> _Header:
    try:
        return _find_header({d: _first_records(text[:_HEAD], d) for d in _DELIMITERS}, fmt)
    except Refused as refusal:
        if refusal.problems[0].code == "no_header" and not text.isascii():
            in_big5 = _as_big5(content[:_HEAD]) or _as_big5(content)
            simplified = in_big5[:_HEAD].translate(_SIMPLIFIED)
            try:
                _find_header({d: _first_records(simplified, d) for d in _DELIMITERS}, fmt)
            except Refused:
                pass
            else:
                raise Refused(_BIG5) from None
        raise


def _find_header(first: dict[str, list[Row]], fmt: Format | None) -> _Header:
    """The row whose cells name the most columns of one format, among the first of each delimiter.

    Of formats that share these columns, the one that has all it requires. Raises Refused.
    """
    # A single familiar word may stand in a title; of a chosen format it is a beginning.
    best = (0 if fmt else 1, False)
    found: _Header | None = None
    rival = False
    for delimiter, rows in first.items():
        for number, row in rows:
            names = {_key(cell) for cell in row}
            for candidate in (fmt,) if fmt else FORMATS.values():
                known = _headers(candidate.name)
                present = {known[name].name for name in names & known.keys()}
                if len(present) < best[0]:
                    continue
                fit = (len(present), not _missing(candidate, present))
                if fit > best:
                    best, found, rival = fit, _Header(delimiter, number, row, candidate), False
                elif found and fit == best and candidate is not found.format:
                    rival = True
    if found is None:
        raise Refused(Problem("no_header"))
    if len(found.cells) > COLUMN_LIMIT:
        details = {"count": len(found.cells), "limit": COLUMN_LIMIT}
        raise Refused(Problem("too_many_columns", found.row, details=details))
    if rival:
        raise Refused(Problem("unknown_format", found.row))
    return found


def _first_records(text: str, delimiter: str) -> list[Row]:
    """The rows among which the header is looked for; an unreadable one ends the look."""
    records: list[Row] = []
    try:
        for record in _records(text, delimiter):
            records.append(record)
            if record[0] == HEADER_WITHIN:
                break
    except Refused:
        pass
    return records


def _key(cell: str) -> str:
    """A header cell as it is compared."""
    return fold(cell).replace(" ", "").lower()


@cache
def _headers(format_name: str) -> dict[str, Column]:
    """What a header cell may say, as it is compared → the column."""
    columns = FORMATS[format_name].columns
    return {_key(name): c for c in columns for name in (c.header, c.name)}


def _missing(fmt: Format, present: set[str]) -> list[str]:
    """The headers of the required columns that are not among ``present``."""
    return [
        c.header
        for c in fmt.columns
        if c.required
        and c.name not in present
        and not (c.name == "delegate_id" and fmt.names_the_delegate and "name" in present)
    ]


def _match(header: _Header) -> dict[int, Column]:
    """Position → column; raises Refused if one stands twice or a required one is missing."""
    fmt, known = header.format, _headers(header.format.name)
    columns: dict[int, Column] = {}
    for position, cell in enumerate(header.cells):
        column = known.get(_key(cell))
        if column is None:
            continue
        if column in columns.values():
            details = {"column": column.header}
            raise Refused(Problem("repeated_column", header.row, column.header, details=details))
        columns[position] = column
    if missing := _missing(fmt, {column.name for column in columns.values()}):
        details = {"format": fmt.title, "columns": "、".join(missing)}
        raise Refused(Problem("missing_columns", header.row, details=details))
    return columns


# --- the rows ---------------------------------------------------------------------------------


class _Block(NamedTuple):
    """Rows under the header: their numbers, and a column of strings per header cell."""

    numbers: "np.ndarray[tuple[int], np.dtype[np.int64]]"
    columns: pa.Table


class _Row(NamedTuple):
    """A row that was looked at: as wide as the header, and how wide it was."""

    number: int
    cells: list[str]
    width: int


_TELLING_KINDS = ("date", "choice", "integer")


@dataclass
class _Reading:
    """The rows of a file as a careful person reads them: what is data, what is passed over.

    Rows come in order through ``look_at``, except those of ``plain``, which are data beyond doubt.
    """

    header: _Header
    columns: dict[int, Column]
    quoted: bool = False  # whether a cell may hold what looks like rows
    problems: list[Problem] = field(default_factory=list)
    plain: list[_Block] = field(default_factory=list)
    _held: list[_Row] = field(default_factory=list)
    _remarks: deque[_Row] = field(default_factory=deque)  # rows like a remark, no data below yet
    _longer: int = 0  # data rows with more cells than the header, all of them empty
    _longer_rows: list[int] = field(default_factory=list)
    _amiss: int = 0
    _last: _Row | None = None

    def __post_init__(self) -> None:
        self._width = len(self.header.cells)
        self._titles = _trimmed(self.header.cells)
        self._required = [at for at, column in self.columns.items() if column.required]
        # A required day, choice or year: only data rows say something of their own there. Without
        # one the last required column, since totals and remarks begin at the first.
        telling = (at for at in self._required if self.columns[at].kind in _TELLING_KINDS)
        self.anchor = next(telling, self._required[-1])

    def is_doubtful(self, anchor: str) -> bool:
        """Whether the row of such an anchor may be another than a data row."""
        said = fold(anchor)
        return (
            not said
            or said == self._titles[self.anchor]
            or bool(_TOTAL.fullmatch(said) or _REMARK.fullmatch(said))
        )

    def look_at(self, number: int, row: list[str]) -> None:
        header = self.header
        if number == header.row or not any(cell and not cell.isspace() for cell in row):
            return
        if number < header.row:
            filled = sum(map(bool, map(str.strip, row)))
            like_data = filled > 2 and 2 * filled > len(self._titles)
            code = "row_above_header" if like_data else "title_row"
            self.problems.append(Problem(code, number, value=_first(row)[:100]))
            return
        if self.is_doubtful(row[self.anchor] if self.anchor < len(row) else ""):
            said = _trimmed(row)
            if not said:
                return
            if said == self._titles:
                self._note("repeated_header", number)
                return
            if self._is_total(said):
                self._note("total_row", number, _first(row))
                return
            if _is_remark(said):
                self._remarks.append(_Row(number, self._fitted(row), len(row)))
                return
        self._take_back_remarks(number)
        self._keep(_Row(number, self._fitted(row), len(row)), row)

    def _fitted(self, row: list[str]) -> list[str]:
        return row[: self._width] + [""] * (self._width - len(row))

    def _keep(self, kept: _Row, row: list[str]) -> None:
        number = kept.number
        if any(map(str.strip, row[self._width :])):
            self._note("too_many_cells", number, _first(row[self._width :]))
        elif self.quoted and _swallows_rows(row, self.header):
            self._note("broken_quotes", number)
        elif len(row) > self._width:
            self._longer += 1
            if self._longer <= LISTED:
                self._longer_rows.append(number)
        if self._last is None or self._last.number < number:
            self._last = kept
        self._held.append(kept)
        if len(self._held) >= _SOME:
            self._pack()

    def _note(self, code: str, number: int, value: str | None = None) -> None:
        self._amiss += 1
        if self._amiss <= LISTED:
            self.problems.append(Problem(code, number, value=value and value[:100]))

    def _is_total(self, said: list[str]) -> bool:
        """A total stands in the row, and no required column of text holds anything else."""
        totals = [bool(cell) and bool(_TOTAL.fullmatch(cell)) for cell in said]
        return any(totals) and all(
            totals[at] or not said[at] or self.columns[at].kind in ("integer", "number")
            for at in self._required
            if at < len(said)
        )

    def _take_back_remarks(self, number: int) -> None:
        """Where data stand below them, the rows were no closing remarks."""
        while self._remarks and self._remarks[0].number < number:
            remark = self._remarks.popleft()
            self._keep(remark, remark.cells)

    def _pack(self) -> None:
        if self._held:
            numbers = np.array([row.number for row in self._held], dtype=np.int64)
            columns = zip(*(row.cells for row in self._held), strict=True)
            arrays = [pa.array(column, pa.string()) for column in columns]
            names = [str(at) for at in range(self._width)]
            self.plain.append(_Block(numbers, pa.table(arrays, names)))
            self._held = []

    def table(self, complete: bool) -> Table:
        """All rows in their order; ``complete``: the file does not end within a row."""
        problems, header = self.problems, self.header
        self._take_back_remarks(
            max((int(b.numbers[-1]) for b in self.plain if len(b.numbers)), default=0)
        )
        for remark in self._remarks:
            self._note("remark_row", remark.number, _first(remark.cells))
        self._pack()
        blocks = [block for block in self.plain if len(block.numbers)]
        if not blocks:
            raise Refused(Problem("no_rows"))
        numbers = np.concatenate([block.numbers for block in blocks])
        table = pa.concat_tables(_alike([block.columns for block in blocks]))
        if len(numbers) > 1 and (np.diff(numbers) < 0).any():
            order = np.argsort(numbers, kind="stable")
            numbers, table = numbers[order], table.take(order)
        # Where some rows alone have a cell more, and it is empty, a delimiter too many shifted them.
        if self._longer < len(numbers):
            for number in self._longer_rows:
                self._note("too_many_cells", number)
            self._amiss += self._longer - len(self._longer_rows)
        problems += more(self._amiss)
        last = self._last
        if (
            not complete
            and last
            and last.number == numbers[-1]
            and last.width < len(self._titles)
            and not self._remarks
        ):
            problems.append(Problem("cut_row", last.number))
        for position, cell in enumerate(header.cells):
            if position not in self.columns and (example := _example(table.column(position))):
                label = fold(cell)[:100] or f"第 {position + 1} 列"
                problems.append(Problem("unknown_column", header.row, label, example[:100]))
        cells = table.select(list(self.columns))
        return Table(
            header.format,
            numbers,
            cells.rename_columns([c.name for c in self.columns.values()]),
            problems,
        )


def _is_remark(said: list[str]) -> bool:
    """Whether all that the row says is a remark, or several beside each other."""
    return all(_REMARK.fullmatch(cell) for cell in said if cell)


def _trimmed(row: list[str]) -> list[str]:
    """The folded cells without the empty ones at the end."""
    folded = [fold(cell) for cell in row]
    while folded and not folded[-1]:
        folded.pop()
    return folded


def _swallows_rows(row: list[str], header: _Header) -> bool:
    """Whether one cell holds, after a line break, as many delimiters as a whole row."""
    return any(
        ("\n" in cell or "\r" in cell) and cell.count(header.delimiter) >= len(header.cells) - 1
        for cell in row
    )


def _first(row: list[str]) -> str:
    return next((cell.strip() for cell in row if cell.strip()), "")


def _example(column: pa.ChunkedArray) -> str:
    """The first cell of the column that is not blank."""
    for chunk in column.chunks:
        strings = chunk.dictionary_decode() if pa.types.is_dictionary(chunk.type) else chunk
        for text in strings.filter(pc.greater(pc.binary_length(strings), 0)):
            if said := text.as_py().strip():
                return str(said)
    return ""


def _alike(tables: list[pa.Table]) -> list[pa.Table]:
    """The tables with the column types of the first, where they are dictionaries."""
    schema = tables[0].schema
    return [table if table.schema == schema else table.cast(schema) for table in tables]


def _records(text: str, delimiter: str) -> Iterator[Row]:
    """The records of the text, numbered from 1 as the spreadsheet numbers its rows."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, row in enumerate(reader, 1):
            yield number, row
    except csv.Error as error:
        if "field larger" in str(error):
            limit = csv.field_size_limit()
            raise Refused(Problem("cell_too_long", number + 1, details={"limit": limit})) from None
        raise Refused(Problem("broken_quotes", number + 1)) from None


def _read_regular(text: str, reading: _Reading, progress: Progress) -> bool:
    """Read by pyarrow what it provably reads as Python's strict reader does; False: nothing read.

    It reads the same where each quote opens or closes a whole cell (``_regular``) and no cell is
    longer than Python takes. Rows of another width than the header's it hands back as text.
    """
    header = reading.header
    if len(header.delimiter.encode()) > 1 or len(header.cells) < 2:
        return False
    data = text.encode()
    across_lines = not _regular(data, header.delimiter, inside=rb"\r\n")
    if across_lines and not _regular(data, header.delimiter, inside=b""):
        return False
    uneven: list[tuple[int, str]] = []

    def hand_back(row: pa.csv.InvalidRow) -> str:
        if row.number is None:
            return "error"
        uneven.append((row.number, row.text))
        return "skip"

    names = [str(at) for at in range(len(header.cells))]
    types = {
        str(at): pa.dictionary(pa.int32(), pa.string())
        for at, column in reading.columns.items()
        if column.kind != "prose"
    }

    def parse(threads: bool) -> pa.Table:
        uneven.clear()
        return pa.csv.read_csv(
            pa.BufferReader(data),
            pa.csv.ReadOptions(use_threads=threads, column_names=names, block_size=1 << 22),
            pa.csv.ParseOptions(
                delimiter=header.delimiter,
                newlines_in_values=across_lines,
                ignore_empty_lines=False,
                invalid_row_handler=hand_back,
            ),
            pa.csv.ConvertOptions(
                check_utf8=False,
                column_types={name: types.get(name, pa.string()) for name in names},
                strings_can_be_null=False,
            ),
        )

    try:
        table = parse(threads=True)
    except pa.ArrowInvalid:
        try:
            table = parse(threads=False)  # only so does it say which row is uneven
        except pa.ArrowInvalid:
            return False
    texts = (text for _, text in uneven)
    try:
        cells = list(csv.reader(texts, delimiter=header.delimiter, strict=True))
    except csv.Error:
        return False
    if len(cells) < len(uneven):
        return False
    odd = [(number, row) for (number, _), row in zip(uneven, cells, strict=True)]
    progress(0.5)
    table = table.unify_dictionaries()
    if any(_longest(column) > csv.field_size_limit() for column in table.columns):
        return False
    numbers = np.arange(1, table.num_rows + len(odd) + 1)
    numbers = np.delete(numbers, [number - 1 for number, _ in odd])
    doubtful = numbers <= header.row
    doubtful |= _flags(
        table.column(reading.anchor),
        lambda texts: pa.array(map(reading.is_doubtful, texts.to_pylist()), pa.bool_()),
    )
    if across_lines:
        for column in table.columns:
            doubtful |= _flags(column, lambda some: pc.match_substring_regex(some, "[\r\n]"))
    blank = doubtful.copy()
    for column in table.columns:
        if blank.any():
            blank &= _flags(column, lambda some: pc.equal(pc.binary_length(some), 0))
    doubtful &= ~blank
    for number, row in heapq.merge(odd, _rows(numbers[doubtful], table.filter(pa.array(doubtful)))):
        reading.look_at(number, row)
    plain = ~doubtful & ~blank
    first = int(plain.argmax())
    below = table.slice(first)  # as a rule all of it is plain, and no copy is made
    reading.plain.append(
        _Block(
            numbers[plain],
            below if plain[first:].all() else below.filter(pa.array(plain[first:])),
        )
    )
    progress(0.6)
    return True


def _rows(numbers: "np.ndarray[Any, Any]", table: pa.Table) -> Iterator[Row]:
    for start in range(0, len(numbers), _SOME):
        columns = [c.to_pylist() for c in table.slice(start, _SOME).columns]
        yield from zip(
            numbers[start : start + _SOME].tolist(),
            map(list, zip(*columns, strict=True)),
            strict=True,
        )


def _regular(data: bytes, delimiter: str, inside: bytes) -> bool:
    """Whether every quote belongs to a cell that is quoted from its beginning to its end.

    ``inside``: the characters, as in a regular expression, that may not stand in such a cell.
    """
    if b'"' not in data:
        return True
    between = re.escape(delimiter).encode()
    whole = rb'"(?<![^%s\n\r]")(?:[^"%s]|"")*+"(?=[%s\r\n]|\Z)' % (between, inside, between)
    return b'"' not in re.sub(whole, b"", data)


def _flags(
    column: pa.ChunkedArray, judge: Callable[[pa.Array], pa.Array]
) -> "np.ndarray[Any, np.dtype[np.bool_]]":
    """What ``judge`` says of each cell; of a dictionary it is asked once for each text."""
    flags = [
        np.asarray(judge(chunk.dictionary))[np.asarray(chunk.indices)]
        if pa.types.is_dictionary(chunk.type)
        else judge(chunk).to_numpy(zero_copy_only=False)
        for chunk in column.chunks
        if len(chunk)
    ]
    return np.concatenate(flags) if flags else np.zeros(0, dtype=bool)


def _longest(column: pa.ChunkedArray) -> int:
    texts = [c.dictionary if pa.types.is_dictionary(c.type) else c for c in column.chunks]
    return max((pc.max(pc.binary_length(some)).as_py() or 0 for some in texts), default=0)


def quarter_in_name(filename: str) -> str | None:
    """The quarter that a file name states, such as 2026Q3 or 2026年第三季度."""
    match = re.search(
        r"(20\d\d)\D{0,3}?(?:Q|第)?([1-4一二三四])(?:季度|季)", filename
    ) or re.search(r"(20\d\d)[ _-]?[Qq]([1-4])", filename)
    if not match:
        return None
    number = {"一": "1", "二": "2", "三": "3", "四": "4"}.get(match[2], match[2])
    return f"{match[1]}Q{number}"
