"""From the bytes of a file to a table of text cells with its spreadsheet row numbers.

What a file may look like: formats.md, "What a file may look like". Nothing is guessed: bytes that
are no text, and text that is no table, are refused with what they are and what to do.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import pandas as pd

from data.problems import Problem
from data.uploads.cells import fold
from data.uploads.formats import FORMATS, Column, Format

SIZE_LIMIT = 50 * 1024 * 1024
COLUMN_LIMIT = 1000
HEADER_WITHIN = 20  # rows: title rows may stand above the header

_DELIMITERS = (",", ";", "\t", "，")
_SIGNATURES = (
    (b"PK\x03\x04", "Excel 工作簿（XLSX）或压缩包"),
    (b"\xd0\xcf\x11\xe0", "旧版 Excel 或 Word 文件"),
    (b"%PDF", "PDF 文件"),
    (b"\x89PNG", "图片"),
    (b"\xff\xd8\xff", "图片"),
    (b"GIF8", "图片"),
    (b"Rar!", "压缩包"),
    (b"7z\xbc\xaf", "压缩包"),
    (b"<html", "网页"),
    (b"<table", "网页"),
    (b"<!doctype", "网页"),
    (b"<?xml", "XML 文件"),
)
_TOTALS = {"合计", "总计", "小计", "共计"}
# Four Chinese characters in a row in UTF-8; bytes that practically never occur in GB18030.
_CHINESE_IN_UTF8 = re.compile(rb"(?:[\xe3-\xe9][\x80-\xbf]{2}){4}")


class Refused(Exception):
    """The file is no table of the format; ``problems`` say why."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*(p.sentence for p in problems))
        self.problems = list(problems)


@dataclass(frozen=True)
class Table:
    """The cells of the known columns, as text; the index is the row number in the spreadsheet."""

    format: Format
    cells: pd.DataFrame
    problems: list[Problem]


@dataclass(frozen=True)
class _Header:
    """Where the header stands and what it names; ``row`` counts from 1."""

    delimiter: str
    row: int
    cells: list[str]
    format: Format


def decode(content: bytes) -> str:
    """The text of a file: byte-order mark, strict UTF-8, GB18030, in that order.

    Encoding detectors guess wrong on short Chinese files, so there is none. Raises Refused.
    """
    if len(content) > SIZE_LIMIT:
        size, limit = -(-len(content) // 2**20), SIZE_LIMIT // 2**20
        raise Refused(Problem("too_large", details={"size": size, "limit": limit}))
    start = content[:64].removeprefix(codecs.BOM_UTF8).lstrip().lower()
    for signature, what in _SIGNATURES:
        if start.startswith(signature.lower()):
            raise Refused(Problem("not_a_table", details={"what": what}))
    text = _text(content)
    if not text.strip():
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
        if _CHINESE_IN_UTF8.search(content):
            raise _unreadable(error.start) from None
    return _strict(content, "gb18030", 0)


def _strict(content: bytes, encoding: str, skipped: int) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise _unreadable(error.start + skipped) from None


def _unreadable(offset: int) -> Refused:
    return Refused(Problem("unreadable_text", details={"offset": offset + 1}))


def read_table(content: bytes, fmt: Format | None = None) -> Table:
    """Decode a file and find its header; ``fmt`` None: the format is recognised by the header.

    Raises Refused when the file is no table or lacks columns; lesser faults are in ``problems``.
    """
    text = decode(content)
    header = _find_header(text, fmt)
    columns = _match(header)
    numbers, rows, problems = _data_rows(text, header)
    if not rows:
        raise Refused(Problem("no_rows"))
    width = len(header.cells)
    transposed = list(zip(*(row[:width] for row in rows), strict=True))
    for position, cell in enumerate(header.cells):
        if position not in columns and (
            example := next(filter(str.strip, transposed[position]), "")
        ):
            label = fold(cell) or f"第 {position + 1} 列"
            problems.append(Problem("unknown_column", header.row, label, example[:100]))
    cells = pd.DataFrame(
        {column.name: transposed[position] for position, column in columns.items()},
        index=pd.Index(numbers, name="row"),
        dtype="object",
    )
    return Table(header.format, cells, problems)


def _data_rows(text: str, header: _Header) -> tuple[list[int], list[list[str]], list[Problem]]:
    """The rows under the header, at least as wide as it, and what was passed over or is amiss.

    Short rows are filled up: Excel leaves out the empty cells at the end of a row.
    """
    problems: list[Problem] = []
    numbers: list[int] = []
    rows: list[list[str]] = []
    titles = _trimmed(header.cells)
    width = last_width = len(header.cells)
    quoted = '"' in text
    for number, row in _records(text, header.delimiter):
        if number == header.row or not any(map(str.strip, row)):
            continue
        if number < header.row:
            filled = sum(map(bool, map(str.strip, row)))
            like_data = filled > 2 and 2 * filled > len(titles)
            code = "row_above_header" if like_data else "title_row"
            problems.append(Problem(code, number, value=_first(row)))
            continue
        if fold(row[0]) == titles[0] and _trimmed(row) == titles:
            problems.append(Problem("repeated_header", number))
            continue
        if any(map(str.strip, row[width:])):
            problems.append(Problem("too_many_cells", number, value=_first(row[width:])))
        elif quoted and _swallows_rows(row, header):
            problems.append(Problem("broken_quotes", number))
        numbers.append(number)
        last_width = len(row)
        rows.append(row + [""] * (width - last_width))
    # Where some rows alone have a cell more, and it is empty, a delimiter too many shifted them.
    long = [number for number, row in zip(numbers, rows, strict=True) if len(row) > width]
    if len(long) < len(rows):
        told = {p.row for p in problems if p.code == "too_many_cells"}
        problems += [Problem("too_many_cells", number) for number in long if number not in told]
    if rows and fold(_first(rows[-1])).replace(" ", "").rstrip(":") in _TOTALS:
        problems.append(Problem("total_row", numbers.pop(), value=_first(rows.pop())))
    elif last_width < len(titles) and not text.endswith(("\n", "\r")):
        problems.append(Problem("cut_row", numbers[-1]))
    return numbers, rows, problems


def _trimmed(row: list[str]) -> list[str]:
    """The folded cells without the empty ones at the end."""
    folded = [fold(cell) for cell in row]
    while folded and not folded[-1]:
        folded.pop()
    return folded


def _swallows_rows(row: list[str], header: _Header) -> bool:
    """Whether one cell holds, after a line break, as many delimiters as a whole row."""
    return any(
        cell.count(header.delimiter) >= len(header.cells) - 1 and ("\n" in cell or "\r" in cell)
        for cell in row
    )


def recognise(content: bytes) -> Format | None:
    """The format that the header names best, None if the file has no header."""
    try:
        return _find_header(decode(content), None).format
    except Refused:
        return None


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
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


def _first(row: list[str]) -> str:
    return next((cell.strip() for cell in row if cell.strip()), "")


def _find_header(text: str, fmt: Format | None) -> _Header:
    """The row whose cells name the most columns of one format.

    Of formats that share these columns, the one that has all it requires. Raises Refused.
    """
    # A single familiar word may stand in a title; of a chosen format it is a beginning.
    best = (0 if fmt else 1, False)
    found: _Header | None = None
    rival = False
    for delimiter in _DELIMITERS:
        for number, row in _first_records(text, delimiter):
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


def _first_records(text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """The rows among which the header is looked for; an unreadable one ends the look."""
    records: list[tuple[int, list[str]]] = []
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


def quarter_in_name(filename: str) -> str | None:
    """The quarter that a file name states, such as 2026Q3 or 2026年第三季度."""
    match = re.search(
        r"(20\d\d)\D{0,3}?(?:Q|第)?([1-4一二三四])(?:季度|季)", filename
    ) or re.search(r"(20\d\d)[ _-]?[Qq]([1-4])", filename)
    if not match:
        return None
    number = {"一": "1", "二": "2", "三": "3", "四": "4"}.get(match[2], match[2])
    return f"{match[1]}Q{number}"
