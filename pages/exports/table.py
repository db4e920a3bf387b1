"""A table as CSV and as an Excel workbook, for papers and further work in Excel or WPS.

Text that a spreadsheet would take for a formula is marked as text with an apostrophe; numbers
stay numbers.
"""

import io
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd
import xlsxwriter

Kind = Literal["text", "count", "score", "share"]
_FORMULA = re.compile(r"[=+\-@＝＋－＠\t\r\n]")  # full-width ones too, in Chinese versions
_HIDDEN = ("Cc", "Cf", "Cs", "Zl", "Zp")  # of Unicode's categories
_NUMBER_FORMATS = {"count": "#,##0", "score": "0.00", "share": "0.0%"}


@dataclass(frozen=True)
class Column:
    """A column to export: its name in the frame, its title, and what its values are."""

    name: str
    title: str
    kind: Kind = "text"


@dataclass(frozen=True, eq=False)
class Table:
    """A table to export: its title, its rows, and what its columns are."""

    title: str
    frame: pd.DataFrame
    columns: Sequence[Column]


def neutral(text: str) -> str:
    """Text that no spreadsheet runs: formula signs at its start get an apostrophe before them."""
    return f"'{text}" if _FORMULA.match(text) else text


def as_csv(frame: pd.DataFrame, columns: Sequence[Column]) -> bytes:
    """UTF-8 with byte-order mark, as Excel and WPS expect it; missing values are empty.

    Scores and shares carry all their digits, shares as numbers from 0 to 1.
    """
    values = [
        frame[c.name].map(lambda v: neutral(str(v)), na_action="ignore")
        if c.kind == "text"
        else frame[c.name].astype("Int64")
        if c.kind == "count"
        else frame[c.name]
        for c in columns
    ]
    out = pd.concat(values, axis=1).set_axis([c.title for c in columns], axis=1)
    return out.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig")


def as_xlsx(
    frame: pd.DataFrame,
    columns: Sequence[Column],
    sheet: str,
    about_sheet: str,
    about: Sequence[tuple[str, str]],
) -> bytes:
    """A workbook: the table with frozen header, filter and widths, and a sheet of what it is.

    ``about`` are the lines of the second sheet: label and text.
    """
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    font = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "vcenter"}
    header = book.add_format(
        {
            **font,
            "bold": True,
            "bg_color": "#DCE6F1",
            "border": 1,
            "text_wrap": True,
            "align": "center",
        }
    )
    formats = {
        kind: book.add_format({**font, "border": 1, "border_color": "#D9DEE4", "num_format": shape})
        for kind, shape in {**_NUMBER_FORMATS, "text": "@"}.items()
    }
    table = book.add_worksheet(_sheet_name(sheet))
    for position, column in enumerate(columns):
        table.write_string(0, position, column.title, header)
        shape = formats[column.kind]
        width = _width(column.title) + 3  # room for the filter's arrow
        for row, value in enumerate(frame[column.name], 1):
            if pd.isna(value):
                table.write_blank(row, position, None, shape)
            elif column.kind == "text":
                table.write_string(row, position, neutral(str(value)), shape)
                width = max(width, _width(str(value)) + 1)
            else:
                table.write_number(row, position, float(value), shape)
        table.set_column(position, position, min(width, 40))
    table.freeze_panes(1, 0)
    table.autofilter(0, 0, len(frame), len(columns) - 1)
    table.set_landscape()
    table.set_paper(9)  # A4
    table.repeat_rows(0)
    table.fit_to_pages(1, 0)
    table.set_footer("&C&P / &N")
    notes = book.add_worksheet(_sheet_name(about_sheet))
    notes.set_column(0, 0, max(_width(label) for label, _text in about) + 2)
    notes.set_column(1, 1, 80)
    plain = book.add_format({**font, "text_wrap": True, "align": "left"})
    for row, (label, text) in enumerate(about):
        notes.write_string(row, 0, label, header)
        notes.write_string(row, 1, neutral(text), plain)
    book.close()
    return buffer.getvalue()


def _sheet_name(title: str) -> str:
    """What Excel takes for the name of a sheet: 31 signs, and not all of them."""
    return re.sub(r"[\[\]:*?/\\]", "-", title)[:31].strip("'")


def _width(text: str) -> int:
    """Columns that a text takes: two for each East Asian wide character."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def file_name(*parts: Any, ending: str) -> str:
    """A file name of the parts, without signs that Windows forbids or that do not show."""
    name = "_".join(str(part) for part in parts)
    shown = ("-" if unicodedata.category(sign) in _HIDDEN else sign for sign in name)
    return re.sub(r'[\\/:*?"<>|]', "-", "".join(shown)) + ending
