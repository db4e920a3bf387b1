"""A table as CSV and as an Excel workbook, for papers and further work in Excel or WPS.

Text that a spreadsheet would take for a formula is marked as text: in a CSV with an apostrophe, in
a workbook by the cell, whose text stays whole. Numbers stay numbers.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import pandas as pd

from pages.exports.book import HEAD, Book, Field, fitting, shown, width
from queries.formulas import neutral

Kind = Literal["text", "count", "score", "share"]
_WIDEST_TITLE = 16  # a longer one goes over several lines


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
    tables: Sequence[Table],
    about_sheet: str,
    about: Sequence[tuple[str, str]],
    at: datetime,
) -> bytes:
    """A workbook: a sheet per table, ready to be filtered and printed, and one of what they are.

    ``about`` are the lines of the last sheet: label and text. The first table's title is the
    workbook's; ``at`` is when it is made, the only time in it.
    """
    book = Book(tables[0].title, at)
    for table in tables:
        sheet = book.sheet(table.title)
        fields = [Field(column.name, column.title, column.kind) for column in table.columns]
        for position, field in enumerate(fields):
            book.put(sheet, 0, position, field.title, "text", **HEAD)
            fit = fitting(table.frame[field.name], field.shape)
            title = min(width(field.title), _WIDEST_TITLE) + 3  # room for the filter's arrow
            sheet.set_column(position, position, max(fit, title))
        book.rows(sheet, 1, fields, table.frame)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, len(table.frame), len(table.columns) - 1)
        sheet.repeat_rows(0)
    book.facts(about_sheet, about)
    return book.content()


def file_name(*parts: Any, ending: str) -> str:
    """A file name of the parts, without signs that Windows forbids or that do not show."""
    name = "_".join(str(part) for part in parts)
    return re.sub(r'[\\/:*?"<>|]', "-", shown(name, "-")) + ending
