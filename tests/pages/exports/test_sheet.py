"""What a page shows, on paper: whole contents read back from the PDF."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pandas as pd
import pypdfium2
import pytest

from pages.exports.chart import Chart
from pages.exports.sheet import as_pdf, lacking
from pages.exports.table import Column, Table
from pages.parts import charts

AT = datetime(2026, 11, 22, 8, 0)  # noqa: DTZ001 - the office's own clock
HEAD = {
    "title": "镇街对比",
    "period": "2026年",
    "lang": "zh",
    "foot": "数据版本 7",
    "rows": "共 {rows} 行",
    "page": "第 {page} 页，共 {pages} 页",
    "page_alone": "第 {page} 页",
}
LINES = [("注意", "示例数据"), ("导出时间", "2026-11-22 08:00")]
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
        "name": ["=HYPERLINK(1)", "李祥"],
        "score": [1089.125, None],
        "rate": [0.0625, None],
        "extra": ["not", "exported"],
    }
)
BARS = charts.bars(pd.DataFrame({"name": ["浪河镇"], "n": [12]}), "name", "n")


def made(*items: Table | Chart, lines: Sequence[tuple[str, str]] = LINES) -> Any:
    return pypdfium2.PdfDocument(as_pdf(items, HEAD, lines, AT))


def pages(document: Any) -> list[str]:
    return [re.sub(r"\s", "", page.get_textpage().get_text_range()) for page in document]


def within_the_margins(document: Any) -> bool:
    return all(
        left >= 45 and right <= page.get_width() - 45
        for page in document
        for text in [page.get_textpage()]
        for place in range(text.count_chars())
        for left, _bottom, right, _top in [text.get_charbox(place)]
        if right > left  # not what no ink is of
    )


def test_the_whole_sheet() -> None:
    """Title, then tables and charts in order, then the facts: thousands
    grouped, scores with two decimals, shares in percent, rounded half up, missing values as —,
    text as it is.
    """
    document = made(Table("得分表", FRAME, COLUMNS), Chart("任务", BARS))
    [text] = pages(document)
    assert text == (
        "镇街对比2026年"
        "得分表名次代表编号姓名得分完成率1007=HYPERLINK(1)1,089.136.3%—D00002李祥——"
        "任务浪河镇12"
        "注意示例数据导出时间2026-11-2208:00"
        "数据版本7第1页，共1页"
    )
    assert document[0].get_size() == (pytest.approx(841.9, abs=0.1), pytest.approx(595.3, abs=0.1))


def test_rows_of_a_longer_table_are_counted() -> None:
    """Eleven rows and more; fewer are seen at a glance."""
    longer = pd.concat([FRAME] * 6)
    assert "得分表共12行" in pages(made(Table("得分表", longer, COLUMNS)))[0]
    assert "行" not in pages(made(Table("得分表", longer[:10], COLUMNS)))[0]


def test_numbers_stand_in_line() -> None:
    """Numbers end at the same place, text begins at the same."""
    frame = pd.DataFrame({"n": [5, 1234], "t": ["甲乙丙丁", "乙"]})
    columns = [Column("n", "件数", "count"), Column("t", "名称")]
    text = made(Table("表", frame, columns))[0].get_textpage()
    found = {}
    for sign in ("5", "1,234", "甲", "乙\r"):
        search = text.search(sign.strip(), index=text.get_text_range().index("名称"))
        place, count = search.get_next()
        found[sign] = (text.get_charbox(place)[0], text.get_charbox(place + count - 1)[2])
    assert found["5"][1] == pytest.approx(found["1,234"][1], abs=0.6)


def test_a_title_said_once() -> None:
    """A sheet of one table under the table's own title says it once."""
    [text] = pages(made(Table("镇街对比", FRAME, COLUMNS)))
    assert text.count("镇街对比") == 1


def test_a_long_table_repeats_its_header() -> None:
    """Every page has the header and says which of how many it is; each row stands once."""
    frame = pd.DataFrame({"id": [f"D{place:05}" for place in range(200)], "n": range(200)})
    texts = pages(made(Table("表", frame, [Column("id", "编号"), Column("n", "件数", "count")])))
    assert len(texts) > 3
    for place, text in enumerate(texts, 1):
        assert "编号件数" in text
        assert f"第{place}页，共{len(texts)}页" in text
    assert re.findall(r"D\d{5}", "".join(texts)) == list(frame["id"])


@pytest.mark.parametrize("count", [25, 60])
def test_a_wide_table_is_all_there(count: int) -> None:
    """Twenty-five columns stand beside each other; of sixty some stand below, with the first
    column again. Nothing runs off the page.
    """
    names = [f"c{place}" for place in range(count)]
    frame = pd.DataFrame({name: [f"{place}.25"] for place, name in enumerate(names)})
    frame = frame.astype(float) + 100
    columns = [Column(name, f"指标{place}的得分", "score") for place, name in enumerate(names)]
    document = made(Table("表", frame, columns))
    text = "".join(pages(document))
    assert within_the_margins(document)
    values = re.findall(r"1\d\d\.25", text)
    assert sorted(set(values)) == [f"1{place:02}.25" for place in range(count)]
    assert (values.count("100.25") > 1) is (count == 60)


def test_text_of_any_length_stays_on_the_page() -> None:
    """Ten thousand signs in a cell, without a space too, go on over lines and pages."""
    frame = pd.DataFrame({"t": ["长" * 10_000, "A" * 10_000, "a b " * 20, "一二三四五" * 8]})
    document = made(
        Table("表", frame.assign(n=1), [Column("t", "内容"), Column("n", "件", "count")])
    )
    text = "".join(pages(document))
    assert text.count("长") == 10_000
    assert text.count("A") == 10_000
    assert text.count("ab") == 20
    assert within_the_margins(document)


def test_text_is_never_markup() -> None:
    """What Typst would read as a command stands as it is, in cells, titles, and facts."""
    texts = ["#set page(width: 1cm)", "*b* _x_ $x$ @ref <label> \\ //", '#panic("x")', "[ ] {"]
    frame = pd.DataFrame({"t": texts})
    document = made(Table("#panic()", frame, [Column("t", "*题*")]), lines=[("#a", "#b")])
    [text] = pages(document)
    for said in (*texts, "#panic()", "*题*", "#a#b"):
        assert said.replace(" ", "") in text


def test_an_empty_table_says_so() -> None:
    """Without rows the header stands, and a dash below each title."""
    [text] = pages(made(Table("表", FRAME[:0], COLUMNS)))
    assert "表名次代表编号姓名得分完成率—————" in text


def test_rare_signs_are_named() -> None:
    """A sign that the fonts lack stands by its number, and is told with where it stands."""
    table = Table("表", pd.DataFrame({"t": ["王𠮷", "甲\u202e乙"]}), [Column("t", "姓名")])
    [text] = pages(made(table))
    assert "王〔U+20BB7〕" in text
    assert "甲〔U+202E〕乙" in text
    assert lacking([table], HEAD, LINES) == {"𠮷": ["王𠮷"], "\u202e": ["甲\u202e乙"]}


def test_the_same_bytes() -> None:
    """The same tables, charts, facts and time, the same file."""
    items = [Table("表", FRAME, COLUMNS), Chart("任务", BARS)]
    assert as_pdf(items, HEAD, LINES, AT) == as_pdf(items, HEAD, LINES, AT)
