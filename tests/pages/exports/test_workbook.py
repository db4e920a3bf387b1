"""The sheets of the ranking workbook, made of a few invented values and read back."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

import pandas as pd
import pytest
from workbooks import formulas, looks, members, sheets, values

from pages.exports import workbook
from pages.exports.book import Book, Field
from pages.exports.workbook import Block, Listing, Total

AT = datetime.fromisoformat("2026-11-22T10:00")
FIELDS = [Field("name", "姓名"), Field("score", "得分", "score"), Field("grade", "等次")]
PEOPLE = pd.DataFrame(
    {"name": ["王", "李", "张"], "score": [90.5, 60, None], "grade": ["优秀", "称职", None]}
)
COLOURS = {"grade": {"优秀": ("#1B5E9B", "#FFFFFF")}}


def made(sheet: Callable[[Book], None]) -> bytes:
    book = Book("工作簿", AT)
    sheet(book)
    return book.content()


def listing(frame: pd.DataFrame = PEOPLE, sheet: str = "表") -> Listing:
    return Listing(sheet, "标题", ["说明"], FIELDS, frame, COLOURS)


def ranked(frame: pd.DataFrame) -> bytes:
    totals = [
        Total("name", "name", "count", "{} 人", len(frame)),
        Total("grade", "score", "mean", "平均 {} 分", frame["score"].mean()),
    ]
    blocks = [Block(len(frame), {"score": 100})] if len(frame) else []
    faint = pd.DataFrame({"score": frame["name"] == "李"})
    return made(lambda book: workbook.ranked(book, listing(frame), totals, "筛选后", blocks, faint))


def test_totals_are_numbers_in_words() -> None:
    """Above the list stand totals of what is in sight, numbers whose words are their format."""
    content = ranked(PEOPLE)
    assert values(content)["表"] == [
        ["标题", "", ""],
        ["说明", "", ""],
        [3, "", 75.25],
        ["姓名", "得分", "等次"],
        ["王", 90.5, "优秀"],
        ["李", 60, "称职"],
        ["张", "", ""],
    ]
    assert formulas(content) == [
        ("表", "A3", 'IFERROR(SUBTOTAL(103,A5:A7),"")', "3"),
        ("表", "C3", 'IFERROR(SUBTOTAL(101,B5:B7),"")', "75.25"),
    ]
    found = looks(content, "表")
    assert found["A3"]["format"] == "#,##0&quot; 人&quot;"
    assert found["C3"]["format"] == "&quot;平均 &quot;0.00&quot; 分&quot;"
    assert [found[f"C{row}"]["fill"] for row in (5, 6, 7)] == ["#1B5E9B", "", ""]


def test_nothing_to_add_up() -> None:
    """A list without rows has its header and no formula."""
    assert formulas(ranked(PEOPLE[:0])) == []


def test_rows_fold_into_their_group() -> None:
    """Each group's head stands above its rows, which are one level below it."""
    groups = [({"name": "甲镇", "score": 75.25}, PEOPLE), ({"name": "乙镇"}, PEOPLE[:1])]
    content = made(lambda book: workbook.grouped(book, listing(PEOPLE[:0]), groups))
    assert [row[:2] for row in values(content)["表"][3:]] == [
        ["甲镇", 75.25],
        *(["王", 90.5], ["李", 60], ["张", ""]),
        ["乙镇", ""],
        ["王", 90.5],
    ]
    levels = re.findall(r'<row r="(\d+)"[^>]* outlineLevel="1"', sheets(content)["表"])
    assert levels == ["5", "6", "7", "9"]


@pytest.mark.parametrize("name", ["镇街", "a'b", "2026"])
def test_a_chart_shows_the_rows_of_its_sheet(name: str) -> None:
    """Whatever the sheet is called, the bars are of as many rows as they should."""
    content = made(
        lambda book: workbook.compared(book, listing(sheet=name), "图", "name", "score", 2)
    )
    chart = members(content)["xl/charts/chart1.xml"].decode()
    quoted = name if name == "镇街" else "'" + name.replace("'", "''") + "'"
    assert re.findall("<c:f>(.*?)</c:f>", chart) == [f"{quoted}!$A$4:$A$5", f"{quoted}!$B$4:$B$5"]
    assert re.findall("<c:v>(.*?)</c:v>", chart) == ["王", "李", "90.5", "60"]


def test_a_chart_of_nothing_is_none() -> None:
    """Where there is nothing to draw, there is no chart."""
    content = made(lambda book: workbook.compared(book, listing(), "图", "name", "score", 0))
    assert not [name for name in members(content) if "chart" in name]


def test_long_texts_go_over_several_lines() -> None:
    """A row is as tall as its tallest text, and each of its long texts is wrapped."""
    frame = pd.DataFrame({"name": ["长" * 60, "王"], "score": [1, 2], "grade": ["短" * 30, "优"]})
    content = made(lambda book: workbook.defined(book, listing(frame)))
    heights = re.findall(r'<row r="(\d+)"[^>]* ht="(\d+)"', sheets(content)["表"])
    by_row = {int(row): int(height) for row, height in heights}
    assert by_row[4] >= 4 * 13
    assert by_row[5] == 18
    styles = members(content)["xl/styles.xml"].decode()
    formats = re.findall(r"<xf [^>]*?(?:/>|>.*?</xf>)", styles.split("<cellXfs")[1])
    cells = dict(re.findall(r'<c r="(\w+)" s="(\d+)"', sheets(content)["表"]))
    wrapped = {cell for cell, style in cells.items() if "wrapText" in formats[int(style)]}
    assert {"A4", "C4"} <= wrapped
    assert not wrapped & {"A5", "C5"}


def test_titles_are_not_cut() -> None:
    """A column is as wide as the longest word of its title, and its header as tall as its lines."""
    fields = [Field("name", "Inspections made"), Field("score", "视察、执法检查", "score")]
    content = made(lambda book: workbook.defined(book, Listing("表", "标题", [], fields, PEOPLE)))
    sheet = sheets(content)["表"]
    widths = [float(width) for width in re.findall(r'<col [^>]*width="([\d.]+)"', sheet)]
    assert widths[0] >= len("Inspections")
    assert 6 <= widths[1] < 14
    [height] = re.findall(r'<row r="2"[^>]* ht="(\d+)"', sheet)
    assert int(height) >= 2 * 15
