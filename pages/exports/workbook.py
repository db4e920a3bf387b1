"""The sheets of the ranking workbook: a list with totals and bars, groups, a matrix, charts.

Each function makes one sheet of a ``Book`` out of plain values; all words come in. Every sheet is
one table with its header on each printed page. The only formulas are the totals above a list,
which follow its filter.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from xlsxwriter.utility import xl_range_abs
from xlsxwriter.worksheet import Worksheet

from pages.exports.book import (
    FONT,
    HEAD,
    LINE,
    Book,
    Colours,
    Field,
    Shape,
    aside,
    fitting,
    tall,
    width,
)

BLUE, BAR, INK, SOFT = "#1B5E9B", "#B5D0E8", "#1D2733", "#55606B"
_SUM = {"bold": True, "bg_color": "#E6EDF4"}  # the look of rows that stand for others
LOW, MIDDLE, HIGH = "#F2B98D", "#FFFFFF", "#7FB0D9"  # orange to blue: told apart by everybody
COMMENT = {"font_name": FONT, "font_size": 9, "width": 260, "height": 90, "color": "#FFFBE6"}
FUNCTIONS = {"count": 103, "numbers": 102, "mean": 101}  # of SUBTOTAL, of the rows in sight


class Total(NamedTuple):
    """What stands above a column of a list: of which column, which of FUNCTIONS, in which words.

    ``words`` has ``{}`` where the number stands; ``value`` is what it is before anybody filters.
    """

    above: str
    of: str
    function: str
    words: str
    value: float


@dataclass(frozen=True, eq=False)
class Listing:
    """A table: its sheet's name, its title, the small print under it, its columns and rows.

    ``colours`` are fill and ink of a text, by the name of its column.
    """

    sheet: str
    title: str
    notes: Sequence[str]
    fields: Sequence[Field]
    frame: pd.DataFrame
    colours: Mapping[str, Colours] = field(default_factory=dict)


class Block(NamedTuple):
    """Rows one after the other, how many, and which value fills the bar in which column."""

    rows: int
    full: Mapping[str, float]


def ranked(
    book: Book,
    listing: Listing,
    totals: Sequence[Total],
    caption: str,
    blocks: Sequence[Block],
    faint: pd.DataFrame,
) -> None:
    """The list to filter: totals of what is in sight above it, data bars from zero to full.

    ``faint`` says of some columns which of the rows' values are not to be added up.
    """
    frozen = [f.name for f in listing.fields].index("name") + 1
    least = {total.above: width(total.words.format(f"{total.value:,.2f}")) + 1 for total in totals}
    sheet, first = _listed(book, listing, frozen, least)
    place = {f.name: number for number, f in enumerate(listing.fields)}
    last = first + len(listing.frame) - 1
    book.put(sheet, first - 2, 0, caption, "text", border=0, font_color=SOFT)
    for total in totals if len(listing.frame) else ():
        cells = xl_range_abs(first, place[total.of], last, place[total.of]).replace("$", "")
        before, after = (f'"{part}"' if part else "" for part in total.words.split("{}"))
        form = "0.00" if total.function == "mean" else "#,##0"
        look = book.look(
            "count",
            **{"num_format": f"{before}{form}{after}", "bold": True, "font_color": BLUE},
            **{"align": "left", "border": 0},
        )
        sum_up = f'=IFERROR(SUBTOTAL({FUNCTIONS[total.function]},{cells}),"")'
        value = "" if pd.isna(total.value) else total.value
        sheet.write_formula(first - 2, place[total.above], sum_up, look, value)
    top = first
    for block in blocks:
        for name, full in block.full.items():
            sheet.conditional_format(
                *(top, place[name], top + block.rows - 1, place[name]),
                {
                    **{"type": "data_bar", "data_bar_2010": True, "bar_solid": True},
                    **{"bar_color": BAR, "bar_no_border": True},
                    **{"min_type": "num", "min_value": 0, "max_type": "num", "max_value": full},
                },
            )
        top += block.rows
    for name in faint:
        column, shape = place[name], listing.fields[place[name]].shape
        for row in np.flatnonzero(faint[name]):
            value = listing.frame[name].iloc[row]
            book.put(sheet, first + row, column, value, shape, italic=True, font_color=SOFT)


def grouped(
    book: Book, listing: Listing, groups: Iterable[tuple[Mapping[str, Any], pd.DataFrame]]
) -> None:
    """Rows under the head of their group, which they fold into; ``listing`` has no rows itself.

    A head has values by the names of columns; so has each of its rows.
    """
    sheet, row = _listed(book, listing, 1, filtered=False)
    sheet.outline_settings(symbols_below=False)
    widths = [_wide(f, listing.frame[f.name]) for f in listing.fields]
    for head, rows in groups:
        members = rows.reindex(columns=[f.name for f in listing.fields])
        for column, f in enumerate(listing.fields):
            value = head.get(f.name)
            book.put(sheet, row, column, value, f.shape, **_SUM, **aside(f.shape))
            widths[column] = max(widths[column], _wide(f, [value]), _wide(f, members[f.name]))
        sheet.set_row(row, LINE)
        book.rows(sheet, row + 1, listing.fields, members, listing.colours, level=1)
        row += 1 + len(members)
    for column, wide in enumerate(widths):
        sheet.set_column(column, column, wide)
    _tall_head(sheet, len(listing.notes) + 1, listing.fields, widths)


def compared(book: Book, listing: Listing, title: str, names: str, values: str, drawn: int) -> None:
    """A table, and below it a bar for each of the first ``drawn`` rows."""
    sheet, first = _listed(book, listing, 1)
    if drawn:
        place = {f.name: number for number, f in enumerate(listing.fields)}
        last = first + drawn - 1
        _bars(
            *(book, sheet, title, first + len(listing.frame) + 1),
            (first, place[names], last, place[names]),
            (first, place[values], last, place[values]),
            "score",
        )


def shaded(
    book: Book, listing: Listing, rates: Sequence[str], whole: Mapping[str, Any], title: str
) -> None:
    """Rates from 0 to 1 in heat colours, those of the ``whole`` below them and drawn as bars."""
    sheet, first = _listed(book, listing, 1)
    place = {f.name: number for number, f in enumerate(listing.fields)}
    low, high = place[rates[0]], place[rates[-1]]
    end = first + len(listing.frame)
    for column, f in enumerate(listing.fields):
        book.put(sheet, end, column, whole.get(f.name), f.shape, **_SUM, **aside(f.shape))
    sheet.set_row(end, LINE)
    if len(listing.frame):
        sheet.conditional_format(
            *(first, low, end - 1, high),
            {
                "type": "3_color_scale",
                **{"min_type": "num", "mid_type": "num", "max_type": "num"},
                **{"min_value": 0, "mid_value": 0.5, "max_value": 1},
                **{"min_color": LOW, "mid_color": MIDDLE, "max_color": HIGH},
            },
        )
    if not all(pd.isna(whole[rate]) for rate in rates):
        head = first - 1
        _bars(book, sheet, title, end + 2, (head, low, head, high), (end, low, end, high), "share")


def defined(book: Book, listing: Listing) -> None:
    """A table that is read: whole sentences over several lines."""
    _listed(book, listing, 2)


def _listed(
    book: Book,
    listing: Listing,
    frozen: int,
    least: Mapping[str, int] | None = None,
    *,
    filtered: bool = True,
) -> tuple[Worksheet, int]:
    """A sheet of title, notes, header and rows, and the row where the rows begin.

    ``least`` are widths by column that a line above the header takes, which then has its room.
    """
    sheet = book.sheet(listing.sheet)
    sheet.hide_gridlines(2)
    book.put(sheet, 0, 0, listing.title, "text", border=0, bold=True, font_size=14)
    sheet.set_row(0, 24)
    for row, note in enumerate(listing.notes, 1):
        book.put(sheet, row, 0, note, "text", border=0, font_color=SOFT, font_size=9)
    head = len(listing.notes) + 1 + bool(least)
    for column, f in enumerate(listing.fields):
        book.put(sheet, head, column, f.title, "text", **HEAD)
        if f.meaning:
            sheet.write_comment(head, column, f.meaning, COMMENT)
    widths = [
        max(_wide(f, listing.frame[f.name]), (least or {}).get(f.name, 0)) for f in listing.fields
    ]
    for column, wide in enumerate(widths):
        sheet.set_column(column, column, wide)
    _tall_head(sheet, head, listing.fields, widths)
    book.rows(sheet, head + 1, listing.fields, listing.frame, listing.colours)
    sheet.freeze_panes(head + 1, frozen)
    sheet.repeat_rows(head)
    if filtered:
        last = max(head + 1, head + len(listing.frame))
        sheet.autofilter(head, 0, last, len(listing.fields) - 1)
    return sheet, head + 1


def _wide(f: Field, values: Iterable[Any]) -> int:
    """The width of a column: what its values take, and its title over a few lines."""
    return max(min(fitting(values, f.shape), f.wide) + (f.shape == "text"), _head(f.title))


def _head(title: str) -> int:
    """The width that a title takes over three lines at most, none within an English word."""
    word = max(map(width, re.split("[ 、]", title)))
    return max(-(-width(title) // 3), word if title.isascii() else 4) + 2


def _tall_head(sheet: Worksheet, row: int, fields: Sequence[Field], widths: Sequence[int]) -> None:
    heights = (tall(f.title, wide) for f, wide in zip(fields, widths, strict=True))
    sheet.set_row(row, 6 + max(heights, default=LINE))


def _bars(
    book: Book,
    sheet: Worksheet,
    title: str,
    row: int,
    names: tuple[int, int, int, int],
    values: tuple[int, int, int, int],
    shape: Shape,
) -> None:
    """Bars from zero, each with its name and its value, the first on top."""
    count = max(values[2] - values[0], values[3] - values[1]) + 1
    chart = book.chart(type="bar")
    chart.add_series(
        {
            "categories": [sheet.get_name(), *names],
            "values": [sheet.get_name(), *values],
            "fill": {"color": BLUE},
            "gap": 40,
            "data_labels": {
                "value": True,
                "num_format": "0.0%" if shape == "share" else "0.0",
                "font": {"size": 11, "color": INK},
            },
        }
    )
    font = {"size": 11, "color": INK}
    chart.set_title({"name": title, "name_font": {"size": 14, "color": INK}, "overlay": False})
    chart.set_legend({"none": True})
    chart.set_y_axis({"reverse": True, "num_font": font, "line": {"color": "#8A949E"}})
    chart.set_x_axis(
        {
            **{"min": 0, "visible": False, "major_gridlines": {"visible": False}},
            **({"max": 1.1} if shape == "share" else {}),  # room for the numbers
        }
    )
    chart.set_size({"width": 1200, "height": 80 + 28 * count})
    chart.show_hidden_data()
    sheet.insert_chart(row, 0, chart, {"object_position": 3})
