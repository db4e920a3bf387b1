"""The problem workbook: an uploaded file's rows, each bad cell coloured, its sentence as a comment.

It is mended in Excel or WPS and uploaded again; so every cell is the text that was read, at its
row and column, and there is nothing beside the table that an upload would not read.
"""

import io
from collections.abc import Iterable, Mapping, Sequence

import xlsxwriter

COLOURS = {"error": "#FFC7A0", "warning": "#FFF2B3", "note": "#EDEDED"}
CELL_LIMIT = 32_767  # characters, Excel's
_WIDEST = 40

Marks = Mapping[int, Mapping[int, Sequence[tuple[str, str]]]]


def as_workbook(rows: Iterable[tuple[int, Sequence[str]]], marks: Marks, sheet: str) -> bytes:
    """The rows (number from 1, cells) as XLSX, memory bounded by the marks.

    ``marks``: row number → column from 0 → what is wrong there, each as (level, sentence), the
    gravest first. Text is written as text: identifiers keep their zeros, and what looks like a
    formula is none.
    """
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"constant_memory": True})
    paper = book.add_worksheet(sheet[:31])
    text = book.add_format({"num_format": "@"})
    coloured = {
        level: book.add_format({"num_format": "@", "bg_color": colour, "border": 1})
        for level, colour in COLOURS.items()
    }
    widths: dict[int, int] = {}
    for number, cells in rows:
        marked = marks.get(number, {})
        for column, cell in enumerate([*cells, *[""] * (max(marked, default=-1) + 1 - len(cells))]):
            style = coloured[marked[column][0][0]] if column in marked else text
            paper.write_string(number - 1, column, cell[:CELL_LIMIT], style)
            width = sum(2 if ord(c) > 0x2E7F else 1 for c in cell[:_WIDEST])
            widths[column] = min(max(widths.get(column, 8), width + 2), _WIDEST)
        for column, found in marked.items():
            said = "\n".join(sentence for _level, sentence in found)
            paper.write_comment(number - 1, column, said, {"x_scale": 2.2, "y_scale": 1.2})
    for column, width in widths.items():
        paper.set_column(column, column, width)
    book.close()
    return content.getvalue()
