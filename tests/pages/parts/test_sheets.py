"""What is shown in a table is what is taken away from it, each kind as screen and file have it."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

import pandas as pd
import pytest
import streamlit as st
from python_calamine import CalamineWorkbook
from running import Shown

from pages.exports.table import Table, as_csv, as_xlsx
from pages.parts import export, sheets, tables
from pages.words import speak

ROWS = pd.DataFrame(
    {
        "name": ["=甲", "乙", None],
        "visits": pd.Series([1234, 0, None], dtype="Int64"),
        "median": [2.5, 3.0, None],
        "score": [81.256, 0.0, None],
        "rate": [0.125, 1.0, None],
        "done": [0.25, 0.0, None],
        "moved": pd.Series([-2, 3, None], dtype="Int64"),
        "due": pd.to_datetime(["2026-03-01", "2026-12-31", None]),
        "priority": pd.Series([True, False, None], dtype="boolean"),
        "number": ["T1", "T2", "T3"],
    }
)
COLUMNS = [
    ("name", "姓名", "text", 80),
    ("visits", "走访", "count", 80),
    ("median", "天数", "number", 80),
    ("score", "得分", "score", 80),
    ("rate", "占比", "share", 80),
    ("done", "完成率", "bar", 80),
    ("moved", "变化", "change", 80),
    ("due", "期限", "day", "medium"),
    ("priority", "重点", "tick", 80),
    ("number", "编号", "text"),
]
TITLES = [title for _name, title, *_rest in COLUMNS]


class Files:
    """What was offered to take away, with its filters."""

    def __init__(self) -> None:
        self.offered: list[tuple[str, Table, Any]] = []

    def show(self, title: str, kind: str, make: Any, narrowed: Any = None) -> None:
        assert kind == "table"
        self.offered.append((title, make(), narrowed))

    def csv(self) -> list[str]:
        [(_title, table, _narrowed)] = self.offered
        return as_csv(table.frame, table.columns).decode("utf-8-sig").splitlines()

    def xlsx(self) -> list[list[Any]]:
        [(title, table, _narrowed)] = self.offered
        at = datetime(2026, 11, 22)  # noqa: DTZ001 - the office's own clock
        book = as_xlsx([table], "说明", [("表名", title)], at)
        return CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> Files:
    kept = Files()
    monkeypatch.setattr(export, "show", kept.show)
    return kept


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> list[tuple[pd.DataFrame, dict[str, Any]]]:
    """The frames that went to the screen, with their settings."""
    seen: list[tuple[pd.DataFrame, dict[str, Any]]] = []
    monkeypatch.setattr(st, "dataframe", lambda frame, **settings: seen.append((frame, settings)))
    return seen


def show(rows: pd.DataFrame, columns: Any = COLUMNS, **more: Any) -> None:
    sheets.show(rows, columns, "key", "表", **more)


def test_every_kind_has_its_column() -> None:
    """The rows below try all of them."""
    kinds = {kind for _name, _title, kind, *_width in COLUMNS}
    assert kinds == set(sheets.KINDS) == set(tables.FILED) - {"time"}


def test_the_screen(screen, files: Files) -> None:
    """Columns with a width, in their order; values as they are, a change of rank as an arrow."""
    show(ROWS)
    [(frame, settings)] = screen
    assert list(frame) == [name for name, *_rest in COLUMNS[:-1]]
    assert frame.iloc[0].tolist() == [
        *("=甲", 1234, 2.5, 81.256, 12.5, 25.0, "▼2"),
        *(pd.Timestamp("2026-03-01"), True),
    ]
    assert frame.iloc[2].isna().all()
    shapes = settings["column_config"]
    assert [shape["label"] for shape in shapes.values()] == TITLES[:-1]
    assert shapes["due"]["width"] == "medium"
    assert shapes["due"]["type_config"]["format"] == "YYYY-MM-DD"
    assert shapes["priority"]["type_config"]["type"] == "checkbox"
    assert shapes["done"]["type_config"]["type"] == "progress"
    assert settings["placeholder"] == "—"


def test_the_csv(screen, files: Files) -> None:
    """All columns; days as ISO text, ticks in words, figures with all digits, missing empty."""
    show(ROWS)
    assert files.csv() == [
        ",".join(TITLES),
        "'=甲,1234,2.5,81.256,0.125,0.25,-2,2026-03-01,是,T1",
        "乙,0,3.0,0.0,1.0,0.0,3,2026-12-31,否,T2",
        ",,,,,,,,,T3",
    ]


def test_the_workbook(screen, files: Files) -> None:
    """The same cells: numbers are numbers, days are text."""
    show(ROWS)
    assert files.xlsx() == [
        TITLES,
        ["=甲", 1234, 2.5, 81.256, 0.125, 0.25, -2, "2026-03-01", "是", "T1"],
        ["乙", 0, 3, 0, 1, 0, 3, "2026-12-31", "否", "T2"],
        [*[""] * 9, "T3"],
    ]


def test_ticks_speak_the_reader_s_language(screen, files: Files) -> None:
    speak("en")
    try:
        show(ROWS[["priority"]].dropna(), [("priority", "Priority", "tick", 80)])
    finally:
        speak("zh")
    assert files.csv() == ["Priority", "Yes", "No"]


def test_a_click_gives_the_row(shown: Shown, files: Files) -> None:
    """The row as it was handed in, whatever the screen made of it."""
    clicked: list[Any] = []
    show(ROWS, on_click=lambda row: clicked.append((row["number"], row["moved"])))
    shown.click("key", 1)
    assert clicked == [("T2", 3)]
    show(ROWS)
    assert shown.clicks["key"] is None


def test_what_is_shown_otherwise_is_taken_away_all_the_same(screen, files: Files) -> None:
    """Columns of no width are in the file, beside a picture, and nothing is on the screen."""
    show(ROWS, [("number", "编号", "text")], narrowed=[("镇街", "东镇")])
    assert not screen
    assert files.csv() == ["编号", "T1", "T2", "T3"]
    [(title, _table, narrowed)] = files.offered
    assert (title, narrowed) == ("表", [("镇街", "东镇")])


def test_without_rows_there_is_nothing_to_take_away(screen, files: Files) -> None:
    show(ROWS.iloc[:0])
    [(frame, _settings)] = screen
    assert frame.empty
    assert not files.offered


def test_what_a_table_shows_is_what_its_file_has(screen, files: Files) -> None:
    """Without a word on files, the screen's own settings say what each column is."""
    rows = ROWS.assign(at=pd.to_datetime(["2026-03-01 08:05", None, None]), moved="▲1")
    shapes = {
        "name": tables.text("姓名"),
        "visits": tables.number("走访"),
        "median": tables.number("天数"),
        "score": tables.score("得分"),
        "rate": tables.share("占比"),
        "done": tables.bar("完成率"),
        "due": tables.day("期限"),
        "priority": st.column_config.CheckboxColumn("重点"),
        "at": st.column_config.DatetimeColumn("时间"),
    }
    tables.show(rows, "key", shapes, "表")
    [(_title, table, narrowed)] = files.offered
    assert narrowed is None
    assert [column.kind for column in table.columns] == [
        *("text", "count", "score", "score", "share", "share", "text", "text", "text")
    ]
    assert files.csv()[:2] == [
        "姓名,走访,天数,得分,占比,完成率,期限,重点,时间",
        "'=甲,1234,2.5,81.256,0.125,0.25,2026-03-01,是,2026-03-01 08:05",
    ]


def test_what_is_not_listed_is_shown_alone(screen, files: Files) -> None:
    tables.show(ROWS, "key", {"name": tables.text("姓名")}, "表", listed=False)
    assert (len(screen), files.offered) == (1, [])


def test_a_long_table_is_scrolled(screen, files: Files) -> None:
    """It takes no more room than it may, and a short one no more than it needs."""
    show(ROWS, tall=148)
    show(ROWS, tall=147)
    assert [settings["height"] for _frame, settings in screen] == ["content", 147]
