"""A workbook in the house's look: its formats, what fits, and how it goes onto paper.

What a cell holds is a number or a text, never a formula or a link that somebody typed. Text that
looks like a formula stays whole and is marked as text in the way of Excel itself (the apostrophe
that stands before the cell, not in it); so it stays text when the cell is edited.
"""

import io
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from queries.formulas import runs

FONT = "Microsoft YaHei"
_HIDDEN = ("Cc", "Cf", "Cs", "Zl", "Zp")  # of Unicode's categories
CELL_LIMIT = 32_767  # characters, Excel's
WIDEST = 40  # longer texts go over several lines
_A4 = 9
_FACTS = 110  # the width of the facts' text
LINE, _TALLEST = 18, 409  # points that a row of one line takes, and a row at most
_LOOK = {
    **{"font_name": FONT, "font_size": 10, "valign": "vcenter"},
    **{"border": 1, "border_color": "#D9DEE4"},
}
_FILL = {"bold": True, "bg_color": "#DCE6F1", "align": "center", "border_color": "#B8C4CF"}
HEAD = {**_FILL, "text_wrap": True}
# How the values of each kind are shown: Excel's format, and Python's for the same.
_SHAPES = {
    "count": ("#,##0", ",.0f"),
    "change": ('"▲"0;"▼"0;"＝"', "+.0f"),  # of a rank
    "amount": ("General", ".10g"),
    "score": ("0.00", ".2f"),
    "signed": ("+0.00;-0.00;0.00", "+.2f"),
    "share": ("0.0%", ".1%"),
}
Shape = Literal["text", "count", "change", "amount", "score", "signed", "share"]


Colours = Mapping[str, tuple[str, str]]  # fill and ink, by text


class Field(NamedTuple):
    """A column of a sheet: its name in the frame, its title, how its values look, what it means."""

    name: str
    title: str
    shape: Shape = "text"
    wide: int = WIDEST  # what is longer goes over several lines
    meaning: str = ""  # shown as a comment where the pointer rests on the title


class Book:
    """A workbook under way; ``content`` closes it.

    ``at`` is the only time in it, so that its bytes are a function of what was put in.
    """

    def __init__(self, title: str, at: datetime) -> None:
        self._title = shown(title)
        self._content = io.BytesIO()
        self._book = xlsxwriter.Workbook(
            self._content,
            {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False},
        )
        self._book.set_properties({"title": self._title, "created": at})
        self._formats: dict[tuple[Any, ...], Format] = {}
        self._names: set[str] = set()

    def sheet(self, title: str) -> Worksheet:
        """A new sheet, for A4 across, as wide as the page, with title and page numbers below."""
        name = self._name(title)
        sheet = self._book.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        left, middle = (shown(text)[:80].replace("&", "&&") for text in (self._title, name))
        sheet.set_footer(f"&L{left}&C{middle if middle != left else ''}&R&P / &N")
        return sheet

    def _name(self, title: str) -> str:
        """What Excel takes for the name of a sheet: 31 signs, not all of them, each name once."""
        whole = re.sub(r"[\[\]:*?/\\]", "-", shown(title)).strip("' ") or "-"
        name, number = _cut(whole, 31), 1
        while name.lower() in {*self._names, "history"}:
            number += 1
            ending = f" ({number})"
            name = _cut(whole, 31 - len(ending)) + ending
        self._names.add(name.lower())
        return name

    def look(self, shape: Shape, **more: Any) -> Format:
        """How a cell of this shape looks; ``more`` as XlsxWriter names it."""
        key = (shape, *more.items())
        if key not in self._formats:
            form = _SHAPES[shape][0] if shape in _SHAPES else "@"
            self._formats[key] = self._book.add_format({**_LOOK, "num_format": form, **more})
        return self._formats[key]

    def put(
        self, sheet: Worksheet, row: int, column: int, value: Any, shape: Shape, **more: Any
    ) -> None:
        """Write a value; a missing one leaves its cell empty."""
        if pd.isna(value):
            sheet.write_blank(row, column, None, self.look(shape, **more))
        elif shape == "text":
            text, mark = _whole(str(value))
            sheet.write_string(row, column, text, self.look("text", **more, **mark))
        else:
            sheet.write_number(row, column, float(value), self.look(shape, **more))

    def rows(
        self,
        sheet: Worksheet,
        top: int,
        fields: Sequence[Field],
        frame: pd.DataFrame,
        colours: Mapping[str, Colours] = MappingProxyType({}),
        level: int = 0,
    ) -> None:
        """Write the rows of a frame from row ``top`` on, folded below a head if of some level.

        ``colours`` are those of texts by the name of their column.
        """
        heights = [LINE] * len(frame)
        for column, field in enumerate(fields):
            values = frame[field.name]
            number = self.look(field.shape, **aside(field.shape))
            texts: dict[str, tuple[str, Format, int]] = {}
            for row, (value, missing) in enumerate(zip(values, values.isna(), strict=True)):
                if missing:
                    sheet.write_blank(top + row, column, None, number)
                elif field.shape != "text":
                    sheet.write_number(top + row, column, float(value), number)
                else:
                    said = str(value)
                    if said not in texts:
                        texts[said] = self._text(said, field.wide, colours.get(field.name, {}))
                    text, look, height = texts[said]
                    sheet.write_string(top + row, column, text, look)
                    heights[row] = max(heights[row], height)
        for row, height in enumerate(heights, top):
            sheet.set_row(row, height, None, {"level": level} if level else {})

    def _text(self, text: str, wide: int, colours: Colours) -> tuple[str, Format, int]:
        """A text as a cell holds it, how it looks, and how tall it is."""
        whole, mark = _whole(text)
        height = tall(text, wide)
        more: dict[str, Any] = {**aside("text"), **mark}
        if text in colours:
            more["bg_color"], more["font_color"] = colours[text]
        if height > LINE:
            more["text_wrap"] = True
        return whole, self.look("text", **more), height

    def facts(self, title: str, lines: Sequence[tuple[str, str]]) -> Worksheet:
        """The sheet that says what the others are: label and text of each line."""
        sheet = self.sheet(title)
        sheet.set_column(0, 0, max((width(label) for label, _text in lines), default=0) + 2)
        sheet.set_column(1, 1, _FACTS)
        for row, (label, text) in enumerate(lines):
            sheet.set_row(row, tall(text, _FACTS))
            self.put(sheet, row, 0, label, "text", **_FILL)
            self.put(sheet, row, 1, text, "text", text_wrap=True, indent=1)
        return sheet

    def chart(self, **options: Any) -> Any:
        return self._book.add_chart(options)

    def content(self) -> bytes:
        self._book.close()
        return self._content.getvalue()


def aside(shape: Shape) -> dict[str, int]:
    """Text stands a little aside, so that it does not touch the number before it."""
    return {"indent": 1} if shape == "text" else {}


def shown(text: str, instead: str = " ") -> str:
    """Text without signs that do not show, or that hide or turn what stands beside them."""
    return "".join(instead if unicodedata.category(sign) in _HIDDEN else sign for sign in text)


def width(text: str) -> int:
    """Columns that a text takes: two for each sign that Chinese fonts draw wide."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(sign) in "WFA" else 1 for sign in text)


def fitting(values: Iterable[Any], shape: Shape) -> int:
    """The width that the values of a column take, at most the widest of a column."""
    if shape == "text":
        longest = (width(str(value)) for value in values if not pd.isna(value))
    else:
        python = _SHAPES[shape][1]
        longest = (len(f"{float(value):{python}}") for value in values if not pd.isna(value))
    return min(WIDEST, max(longest, default=0) + 1)


def tall(text: str, wide: int) -> int:
    """Points that a row takes in which the text goes over several lines of this width."""
    lines = sum(-(-max(1, width(line)) // (wide - 1)) for line in text.split("\n"))
    return min(_TALLEST, LINE + (LINE - 3) * (lines - 1))


def _whole(text: str) -> tuple[str, dict[str, bool]]:
    """A text as a cell can hold it, and its mark as text where it looks like a formula."""
    held = text if len(text) <= CELL_LIMIT else f"{text[: CELL_LIMIT - 1]}…"
    return held, {"quote_prefix": True} if runs(text) else {}


def _cut(text: str, units: int) -> str:
    """The longest beginning of no more than so many UTF-16 units, in which Excel counts."""
    while len(text.encode("utf-16-le")) > 2 * units:
        text = text[:-1]
    return text.rstrip("' ")
