"""Exports: whole files, read back."""

import re
from datetime import datetime

import pandas as pd
import pytest
from workbooks import formulas, looks, members, sheets, values

from pages.exports.table import Column, Table, as_csv, as_xlsx, file_name
from queries.formulas import neutral

AT = datetime.fromisoformat("2026-11-22T10:00")

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


def workbook(*tables: Table, about: tuple[tuple[str, str], ...] = (("考核期", "2026年"),)) -> bytes:
    return as_xlsx(tables, "说明", about, AT)


def test_xlsx_read_back() -> None:
    """The workbook holds numbers as numbers, text whole, identifiers as text, missing cells empty,
    a sheet per table in their order, and a last one that says what they are.
    """
    second = Table("镇街", pd.DataFrame({"n": [3]}), [Column("n", "代表数", "count")])
    content = workbook(
        Table("代表排名", FRAME, COLUMNS), second, about=(("考核期", "2026年"), ("备注", "=x"))
    )
    assert values(content) == {
        "代表排名": [
            ["名次", "代表编号", "姓名", "得分", "完成率"],
            [1.0, "007", "=HYPERLINK(1)", 89.123456789012, 0.5],
            ["", "D00002", "李𠮷祥", "", ""],
        ],
        "镇街": [["代表数"], [3.0]],
        "说明": [["考核期", "2026年"], ["备注", "=x"]],
    }
    assert list(values(content)) == ["代表排名", "镇街", "说明"]


@pytest.mark.parametrize("text", ['=HYPERLINK("http://x","y")', "+86", "-1", "@SUM(A1)", "\t=1"])
def test_no_text_is_a_formula_or_a_link(text: str) -> None:
    """Text that looks like a formula is a text cell, marked as such, in tables and facts; the
    workbook has no formula and no link.
    """
    names = pd.DataFrame({"name": [text, "http://x", "浪河镇"]})
    content = workbook(Table("表", names, [Column("name", text)]), about=(("甲", text),))
    assert formulas(content) == []
    assert not any("hyperlink" in xml.lower() for xml in sheets(content).values())
    assert [row[0] for row in values(content)["表"]] == [text, text, "http://x", "浪河镇"]
    found = looks(content, "表")
    assert [found[cell]["text"] for cell in ("A2", "A3", "A4")] == ["1", "", ""]
    assert {found[cell]["format"] for cell in ("A2", "A3", "A4")} == {"@"}
    assert looks(content, "说明")["B1"]["text"] == "1"


def test_xlsx_is_ready_for_paper() -> None:
    """Frozen header, filter over all rows, A4 across and one page wide, header on every page,
    title and page numbers at its foot; counts, scores and shares as such.
    """
    content = workbook(Table("代表&排名", FRAME, COLUMNS))
    sheet = sheets(content)["代表&排名"]
    assert '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>' in sheet
    assert '<autoFilter ref="A1:E3"/>' in sheet
    assert '<pageSetup paperSize="9" fitToHeight="0" orientation="landscape"/>' in sheet
    assert "<oddFooter>&amp;L代表&amp;&amp;排名&amp;C&amp;R&amp;P / &amp;N</oddFooter>" in sheet
    book = members(content)["xl/workbook.xml"].decode()
    assert "'代表&amp;排名'!$1:$1</definedName>" in book
    found = looks(content, "代表&排名")
    assert [found[f"{column}2"]["format"] for column in "ABCDE"] == [
        *("#,##0", "@", "@", "0.00", "0.0%"),
    ]


def test_xlsx_says_what_it_is_and_when() -> None:
    """Title and time stand in the file's properties; equal arguments give equal bytes, and another
    time another time alone.
    """
    table = Table("代表排名", FRAME, COLUMNS)
    content = workbook(table)
    properties = members(content)["docProps/core.xml"].decode()
    assert "<dc:title>代表排名</dc:title>" in properties
    assert properties.count("2026-11-22T10:00:00Z") == 2
    assert workbook(table) == content
    later = members(as_xlsx([table], "说明", [("考核期", "2026年")], AT.replace(year=2027)))
    assert [name for name, file in members(content).items() if later[name] != file] == [
        "docProps/core.xml"
    ]


def test_widths_fit_chinese() -> None:
    """A column is as wide as its longest text, a Chinese sign counting for two, and as its numbers;
    long text goes over several lines instead.
    """
    frame = pd.DataFrame({"name": ["四个汉字", "ab"], "n": [1234567, 1], "long": ["长" * 500, ""]})
    columns = [Column("name", "名"), Column("n", "数", "count"), Column("long", "事")]
    xml = sheets(workbook(Table("一", frame, columns)))["一"]
    widths = [float(width) for width in re.findall(r'<col [^>]*width="([\d.]+)"', xml)]
    assert 9 <= widths[0] <= 12
    assert 10 <= widths[1] <= 13
    assert widths[2] <= 42


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


@pytest.mark.parametrize(
    "title", ["x" * 40, "a/b [1]: c?*\\'", "'", "𠮷" * 40, "History", "\u202e\n", "=1+1"]
)
def test_any_title_names_a_sheet(title: str) -> None:
    """A title that Excel does not take for a sheet's name still gives a workbook, as often as it
    comes; no two sheets are called the same.
    """
    table = Table(title, pd.DataFrame({"a": [1]}), [Column("a", "甲", "count")])
    names = list(values(as_xlsx([table] * 11, title, [("表名", title)], AT)))
    assert len({name.lower() for name in names}) == 12
    for name in names:
        assert 0 < len(name.encode("utf-16-le")) <= 62
        assert name.lower() != "history"
        assert not re.search(r"^'|'$|[\[\]:*?/\\\n\u202e]", name)


def test_a_table_without_rows_is_a_header() -> None:
    """Nothing to show is a header with its filter."""
    content = workbook(Table("表", FRAME[:0], COLUMNS))
    assert values(content)["表"] == [[column.title for column in COLUMNS]]
    assert '<autoFilter ref="A1:E1"/>' in sheets(content)["表"]


def test_a_cell_holds_what_excel_holds() -> None:
    """Text longer than a cell ends in a mark that there was more."""
    table = Table("表", pd.DataFrame({"a": ["长" * 40_000]}), [Column("a", "甲")])
    text = values(workbook(table))["表"][1][0]
    assert len(text) == 32_767
    assert text.endswith("长…")
