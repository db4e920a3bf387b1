"""From the bytes of a file to a table of text cells with its spreadsheet row numbers.

What a file may look like: formats.md, "What a file may look like". Nothing is guessed: bytes that
are no text, and text that is no table, are refused with what they are and what to do.
"""

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import pandas as pd

from data.problems import Problem
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
    (b"<!doctype", "网页"),
    (b"<?xml", "XML 文件"),
)
_TOTALS = {"合计", "总计", "小计", "共计"}
_INVISIBLE = dict.fromkeys([0xAD, *range(0x200B, 0x2010), 0x2060, 0xFEFF])


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


def fold(text: str) -> str:
    """How text is compared: NFKC, no zero-width characters, single inner spaces."""
    if text.isascii():
        return " ".join(text.split())
    return " ".join(unicodedata.normalize("NFKC", text).translate(_INVISIBLE).split())


def decode(content: bytes) -> str:
    """The text of a file: byte-order mark, strict UTF-8, GB18030, in that order.

    Encoding detectors guess wrong on short Chinese files, so there is none. Raises Refused.
    """
    if not content.strip():
        raise Refused(Problem("empty_file"))
    if len(content) > SIZE_LIMIT:
        size, limit = -(-len(content) // 2**20), SIZE_LIMIT // 2**20
        raise Refused(Problem("too_large", details={"size": size, "limit": limit}))
    start = content[:64].lstrip().lower()
    for signature, what in _SIGNATURES:
        if start.startswith(signature.lower()):
            raise Refused(Problem("not_a_table", details={"what": what}))
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
        # Much good UTF-8 before the fault is damaged UTF-8, which GB18030 would turn to nonsense.
        if sum(byte >= 0xE0 for byte in content[: error.start]) > 20:
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
    delimiter, header_row, header, recognised = _find_header(text, fmt)
    columns = _match(header, header_row, recognised)
    problems: list[Problem] = []

    numbers: list[int] = []
    rows: list[list[str]] = []
    width = len(header)
    folded_header = [fold(cell) for cell in header]
    for number, row in _records(text, delimiter):
        if number == header_row or not any(map(str.strip, row)):
            continue
        if number < header_row:
            problems.append(Problem("title_row", number, value=_first(row)))
            continue
        if row[0] == header[0] and [fold(cell) for cell in row] == folded_header:
            problems.append(Problem("repeated_header", number))
            continue
        if len(row) > width and any(map(str.strip, row[width:])):
            problems.append(Problem("too_many_cells", number, value=_first(row[width:])))
        numbers.append(number)
        rows.append(row if len(row) >= width else row + [""] * (width - len(row)))
        last_width = len(row)
    if rows and fold(_first(rows[-1])) in _TOTALS:
        problems.append(Problem("total_row", numbers.pop(), value=_first(rows.pop())))
    elif rows and last_width < width and not text.endswith(("\n", "\r")):
        problems.append(Problem("cut_row", numbers[-1]))
    if not rows:
        raise Refused(Problem("no_rows"))

    transposed = list(zip(*(row[:width] for row in rows), strict=True))
    for position, name in enumerate(header):
        if position not in columns and (
            example := next(filter(str.strip, transposed[position]), "")
        ):
            label = fold(name) or f"第 {position + 1} 列"
            problems.append(Problem("unknown_column", header_row, label, example))
    cells = pd.DataFrame(
        {column.name: transposed[position] for position, column in columns.items()},
        index=pd.Index(numbers, name="row"),
        dtype="str",
    )
    return Table(recognised, cells, problems)


def recognise(content: bytes) -> Format | None:
    """The format that the header names best, None if the file has no header."""
    try:
        return _find_header(decode(content), None)[3]
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


def _find_header(text: str, fmt: Format | None) -> tuple[str, int, list[str], Format]:
    """The delimiter, the row and the format whose columns the header names best."""
    best: tuple[int, int] = (1, 0)  # a single familiar word may stand in a title
    found: tuple[str, int, list[str], Format] | None = None
    for delimiter in _DELIMITERS:
        for number, row in _first_records(text, delimiter):
            names = {fold(cell).replace(" ", "").lower() for cell in row}
            for candidate in (fmt,) if fmt else FORMATS.values():
                matched = len({c.name for n in names if (c := _headers(candidate.name).get(n))})
                fit = (matched, matched - len(candidate.columns))
                if fit > best:
                    best, found = fit, (delimiter, number, row, candidate)
    if found is None:
        raise Refused(Problem("no_header"))
    if len(found[2]) > COLUMN_LIMIT:
        details = {"count": len(found[2]), "limit": COLUMN_LIMIT}
        raise Refused(Problem("too_many_columns", found[1], details=details))
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


@cache
def _headers(format_name: str) -> dict[str, Column]:
    """What a header cell may say, folded → the column."""
    columns = FORMATS[format_name].columns
    return {name: c for c in columns for name in (fold(c.header).lower(), c.name.lower())}


def _match(header: list[str], header_row: int, fmt: Format) -> dict[int, Column]:
    known = _headers(fmt.name)
    columns: dict[int, Column] = {}
    for position, cell in enumerate(header):
        column = known.get(fold(cell).replace(" ", "").lower())
        if column is None:
            continue
        if column in columns.values():
            details = {"column": column.header}
            raise Refused(Problem("repeated_column", header_row, column.header, details=details))
        columns[position] = column
    present = {column.name for column in columns.values()}
    missing = [
        c.header
        for c in fmt.columns
        if c.required
        and c.name not in present
        and not (c.name == "delegate_id" and fmt.names_the_delegate and "name" in present)
    ]
    if missing:
        details = {"format": fmt.title, "columns": "、".join(missing)}
        raise Refused(Problem("missing_columns", header_row, details=details))
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
