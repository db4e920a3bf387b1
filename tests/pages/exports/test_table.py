"""Exports: whole files, read back."""

import io
import zipfile

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from pages.exports.table import Column, as_csv, as_xlsx, file_name, neutral

COLUMNS = [
    Column("rank", "名次", "count"),
    Column("id", "代表编号"),
    Column("name", "姓名"),
    Column("score", "得分", "score"),
    Column("rate", "完成率", "share"),
]
FRAME = pd.DataFrame(
    {
        "rank": pd.array([1, None], dtype="Int64"),
        "id": ["007", "D00002"],
        "name": ["=HYPERLINK(1)", "李𠮷祥"],
        "score": [89.123456789012, None],
        "rate": [0.5, None],
        "extra": ["not", "exported"],
    }
)


def test_csv_whole_file() -> None:
    """The CSV has a byte-order mark, Chinese titles, all digits, empty cells for missing values,
    identifiers as text and formulas neutralised; columns not named stay out.
    """
    assert (
        as_csv(FRAME, COLUMNS)
        == (
            "\ufeff名次,代表编号,姓名,得分,完成率\r\n"
            "1,007,'=HYPERLINK(1),89.123456789012,0.5\r\n"
            ",D00002,李𠮷祥,,\r\n"
        ).encode()
    )


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("+86", "'+86"),
        ("-1", "'-1"),
        ("@SUM", "'@SUM"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("\n=1", "'\n=1"),
        ("＝1+1", "'＝1+1"),
        ("浪河镇", "浪河镇"),
        ("a=b", "a=b"),
        ("", ""),
    ],
)
def test_text_that_looks_like_a_formula_is_neutralised(text: str, safe: str) -> None:
    """Formula signs at the start of a text get an apostrophe; other text stays."""
    assert neutral(text) == safe


def test_xlsx_read_back() -> None:
    """The workbook holds numbers as numbers, identifiers as text, missing cells empty, and a
    second sheet that says what it is.
    """
    content = as_xlsx(FRAME, COLUMNS, "代表排名", "说明", [("考核期", "2026年"), ("备注", "=x")])
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    assert book.sheet_names == ["代表排名", "说明"]
    assert book.get_sheet_by_name("代表排名").to_python() == [
        ["名次", "代表编号", "姓名", "得分", "完成率"],
        [1.0, "007", "'=HYPERLINK(1)", 89.123456789012, 0.5],
        ["", "D00002", "李𠮷祥", "", ""],
    ]
    assert book.get_sheet_by_name("说明").to_python() == [["考核期", "2026年"], ["备注", "'=x"]]


def test_xlsx_is_ready_for_paper() -> None:
    """Frozen header, filter over all rows, A4 landscape one page wide, header on every page,
    percent and two-decimal formats; no formula anywhere.
    """
    content = as_xlsx(FRAME, COLUMNS, "代表排名", "说明", [("考核期", "2026年")])
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        styles = book.read("xl/styles.xml").decode()
        names = book.read("xl/workbook.xml").decode()
    assert 'state="frozen"' in sheet
    assert '<autoFilter ref="A1:E3"/>' in sheet
    assert 'orientation="landscape"' in sheet
    assert 'paperSize="9"' in sheet
    assert 'fitToHeight="0"' in sheet
    assert "_xlnm.Print_Titles" in names
    assert "<f>" not in sheet
    assert 'formatCode="0.0%"' in styles
    assert 'formatCode="0.00"' in styles


def test_widths_fit_chinese() -> None:
    """A column is as wide as its longest text, a Chinese sign counting for two."""
    frame = pd.DataFrame({"name": ["四个汉字", "ab"]})
    content = as_xlsx(frame, [Column("name", "名")], "一", "二", [("a", "b")])
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    width = float(sheet.split('<col min="1" max="1" width="')[1].split('"')[0])
    assert 8 <= width <= 12


def test_file_names_keep_to_windows() -> None:
    """Signs that Windows forbids in file names are replaced, and those that hide or turn some."""
    assert file_name("代表排名", "2026Q1-Q3", "v3", "20260102-0304", ending=".csv") == (
        "代表排名_2026Q1-Q3_v3_20260102-0304.csv"
    )
    assert file_name('a/b:c*"?', ending=".x") == "a-b-c---.x"
    assert file_name("a\u202efdp\r\n", ending=".exe") == "a-fdp--.exe"


def test_columns_of_one_title_are_both_there() -> None:
    """Two columns that a language calls the same keep their own values."""
    frame = pd.DataFrame({"a": [1], "b": [2.5]})
    columns = [Column("a", "Change", "count"), Column("b", "Change", "score")]
    assert as_csv(frame, columns).decode("utf-8-sig").splitlines() == ["Change,Change", "1,2.5"]


@pytest.mark.parametrize("title", ["x" * 40, "a/b [1]: c?*\\'", "'"])
def test_any_title_names_a_sheet(title: str) -> None:
    """A title that Excel does not take for a sheet's name still gives a workbook."""
    frame = pd.DataFrame({"a": [1]})
    content = as_xlsx(frame, [Column("a", "甲", "count")], title, "说明", [("表名", title)])
    [first, _about] = CalamineWorkbook.from_filelike(io.BytesIO(content)).sheet_names
    assert 0 < len(first) <= 31
