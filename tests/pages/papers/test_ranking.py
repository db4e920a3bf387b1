"""The ranking workbook, read back cell by cell."""

from __future__ import annotations

import math
import re
import shutil
import tomllib
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from databases import asking, files_of, rows, stored
from figures import digits, table
from workbooks import comments, formulas, looks, members, sheets, values
from xlsxwriter.utility import xl_col_to_name

from data import scheme
from data.period import Period
from data.store import Store
from pages.papers import ranking
from pages.parts.charts import GRADE_COLOURS
from pages.parts.facts import Facts
from pages.words import speak
from queries import county, delegate
from queries.dictionary import COLUMNS

AT = datetime.fromisoformat("2026-11-22T10:00")
Q3 = Period(2026, 3, 3)
PERIODS = [Period.parse(text) for text in ("2026Q3", "2026Q1-Q3", "2026")]
SHEETS = ["排名", "按镇街", "镇街", "镇街指标", "指标口径", "说明"]
LEVELS = {"县级": "county", "乡镇级": "township", "地市级": "reference", "省级": "reference"}
LEVELS["全国级"] = "reference"
SCHEME = {
    indicator["code"]: indicator
    for indicator in tomllib.loads(scheme.DEFAULT.read_text("utf-8"))["indicator"]
}
HEAD = 4  # the rows above a list: title, two notes, totals; above other tables one note


@pytest.fixture(scope="module")
def cases(case_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    path = tmp_path_factory.mktemp("asked") / "cases.duckdb"
    shutil.copy(case_database, path)
    with asking(path) as house:
        yield house


def made(period: Period, **other: Any) -> bytes:
    told = {
        **{"title": "代表排名工作簿", "period": str(period), "by": "张三", "at": AT},
        **{"scheme": "方案", "checksum": "0123456789abcdef", "version": 7, "sample": False},
    }
    return ranking.make(Facts(**told | other), period, None, lambda done, of: None).content


@pytest.fixture(scope="module")
def quarter(cases: Store) -> bytes:
    return made(Q3)


def under(header: list[Any], row: list[Any]) -> dict[str, Any]:
    assert len({*header}) == len(header)
    return dict(zip(header, row, strict=True))


def listed(content: bytes, sheet: str, above: int) -> list[dict[str, Any]]:
    """The rows of a sheet by the titles of its columns."""
    read = values(content)[sheet]
    return [under(read[above], row) for row in read[above + 1 :]]


def cell(content: bytes, sheet: str, title: str, row: int, above: int = HEAD) -> str:
    column = values(content)[sheet][above].index(title)
    return f"{chr(ord('A') + column)}{row}"


# --- 排名 --------------------------------------------------------------------------------------


@pytest.mark.parametrize("period", PERIODS, ids=str)
def test_the_ranking_of_the_cases(cases: Store, period: Period) -> None:
    """Every figure of the ranking is that of the worked cases: points are weight × rate, and what
    has no rate is empty; reference levels have their score in a column of its own, no rank and no
    grade. Levels stand one after the other, in the order of rank.
    """
    expected = {row["delegate_id"]: row for row in table(f"expected-{period}")}
    found = listed(made(period), "排名", HEAD)
    wrong = []
    for row in found:
        case = expected.pop(row["代表编号"])
        level = LEVELS[row["层级"]]
        own = level != "reference"
        graded = case["grade"] if own else "参考"
        points = {
            told["name"]: case[f"r_{code}"] and told["weights"][level] * float(case[f"r_{code}"])
            for code, told in SCHEME.items()
        }
        wanted = {
            **{"名次": case["rank"], "得分": case["score"] if own else ""},
            **{"参考得分": "" if own else case["score"]},
            **{"等次" if period.is_year else "预评等次": graded or ""},
            **{
                "基础分": case["base"] if case["score"] else "",
                "加分": case["bonus"],
                "扣分": case["deduction"],
            },
            **points,
        }
        wrong += [
            (row["代表编号"], title, row[title], value)
            for title, value in wanted.items()
            if digits(row[title]) != digits(value)
        ]
    assert wrong == []
    assert [row for row in expected.values() if float(row["eligible"]) > 0] == []
    order = [(list(LEVELS).index(row["层级"]), row["名次"] or math.inf) for row in found]
    assert order == sorted(order)


def test_changes_of_rank(cases: Store, quarter: bytes) -> None:
    """The change of rank is the rank before less the rank now, a number shown with an arrow."""
    before = {row["代表编号"]: row["名次"] for row in listed(made(Q3.before), "排名", HEAD)}
    changed = 0
    for row in listed(quarter, "排名", HEAD):
        was, now = before.get(row["代表编号"], ""), row["名次"]
        assert row["名次变化"] == ("" if "" in (was, now) else was - now)
        changed += row["名次变化"] not in ("", 0)
    assert changed > 20
    shape = looks(quarter, "排名")[cell(quarter, "排名", "名次变化", HEAD + 2)]["format"]
    assert shape == "&quot;▲&quot;0;&quot;▼&quot;0;&quot;＝&quot;"


def test_the_only_formulas_are_the_totals(cases: Store, quarter: bytes) -> None:
    """Delegates, those with a score and their mean score follow the filter over exactly the rows;
    what is kept of them is what they come to. Reference levels are in no mean.
    """
    rows = listed(quarter, "排名", HEAD)
    first, last = HEAD + 2, HEAD + 1 + len(rows)
    number, score = (cell(quarter, "排名", title, 0)[0] for title in ("代表编号", "得分"))
    scores = [row["得分"] for row in rows if row["得分"] != ""]
    found = formulas(quarter)
    assert [(sheet, formula) for sheet, _cell, formula, _value in found] == [
        ("排名", f'IFERROR(SUBTOTAL(103,{number}{first}:{number}{last}),"")'),
        ("排名", f'IFERROR(SUBTOTAL(102,{score}{first}:{score}{last}),"")'),
        ("排名", f'IFERROR(SUBTOTAL(101,{score}{first}:{score}{last}),"")'),
    ]
    kept = [float(value) for *_where, value in found]
    assert kept == [len(rows), len(scores), pytest.approx(sum(scores) / len(scores))]
    figures = county.county_figures(periods=[Q3]).iloc[0]
    assert kept[1:] == [figures["scored"], pytest.approx(figures["mean_score"])]
    for name, sheet in sheets(quarter).items():
        assert sheet.count("<f") - sheet.count("<f>") == 0, name
        assert sheet.count("<f>") == (3 if name == "排名" else 0)


def test_bars_are_full_at_the_weight(cases: Store, quarter: bytes) -> None:
    """Data bars begin at zero and end at the indicator's weight for the level, over exactly the
    level's rows, in each indicator's column.
    """
    rows = listed(quarter, "排名", HEAD)
    spans: dict[str, list[int]] = {}
    for number, row in enumerate(rows, HEAD + 2):
        spans.setdefault(row["层级"], []).append(number)
    wanted = set()
    for level, numbers in spans.items():
        for told in SCHEME.values():
            column = cell(quarter, "排名", told["name"], 0)[0]
            full = told["weights"][LEVELS[level]]
            wanted.add((f"{column}{numbers[0]}:{column}{numbers[-1]}", 0, full))
    sheet = sheets(quarter)["排名"]
    old = re.findall(
        r'<conditionalFormatting sqref="([^"]*)"><cfRule type="dataBar"[^>]*><dataBar>'
        r'<cfvo type="num" val="([^"]*)"/><cfvo type="num" val="([^"]*)"/>',
        sheet,
    )
    new = re.findall(
        r'<x14:dataBar minLength="0" maxLength="100"[^>]*><x14:cfvo type="num"><xm:f>([\d.]+)</xm:f>'
        r"</x14:cfvo><x14:cfvo type=\"num\"><xm:f>([\d.]+)</xm:f>.*?<xm:sqref>([^<]*)</xm:sqref>",
        sheet,
    )
    found = [*old, *((where, low, high) for low, high, where in new)]
    assert len(found) == 2 * len(wanted)
    assert {(_span(where), float(low), float(high)) for where, low, high in found} == wanted


def _span(cells: str) -> str:
    return cells if ":" in cells else f"{cells}:{cells}"


def test_grades_are_coloured_as_on_the_screen(cases: Store, quarter: bytes) -> None:
    """The cell of each grade has the grade's colour, and no other cell of the rows has one."""
    found = looks(quarter, "排名")
    column = cell(quarter, "排名", "预评等次", 0)[0]
    seen = set()
    for number, row in enumerate(listed(quarter, "排名", HEAD), HEAD + 2):
        fill = found[f"{column}{number}"]["fill"].lower()
        assert fill == GRADE_COLOURS.get(row["预评等次"], "")
        seen.add(row["预评等次"])
        assert found[f"A{number}"]["fill"] == ""
    assert len(seen) >= 4


def test_points_outside_the_base_look_it(cases: Store, quarter: bytes) -> None:
    """Exactly the points that no base score is made of stand in grey italics."""
    styles = members(quarter)["xl/styles.xml"].decode()
    fonts = re.findall(r"<font>(.*?)</font>", styles)
    of_cells = styles.split("<cellXfs")[1].split("</cellXfs>")[0]
    slanted = [
        "<i/>" in fonts[int(font)] and "FF55606B" in fonts[int(font)]
        for font in re.findall(r'<xf [^>]*fontId="(\d+)"', of_cells)
    ]
    found = {
        at
        for at, style in re.findall(r'<c r="(\w+)" s="(\d+)"', sheets(quarter)["排名"])
        if slanted[int(style)]
    }
    places = {
        row["代表编号"]: number
        for number, row in enumerate(listed(quarter, "排名", HEAD), HEAD + 2)
    }
    receipts = delegate.receipts(period=Q3).query("points.notna() and not in_base")
    assert len(receipts) > 10
    assert found == {
        cell(quarter, "排名", row.name, places[row.delegate_id])
        for row in receipts[["name", "delegate_id"]].itertuples(index=False)
        if row.delegate_id in places
    }


def test_numbers_are_numbers(cases: Store, quarter: bytes) -> None:
    """Ranks are whole, scores and points have two decimals, shares are percents, numbers of
    delegates are text.
    """
    found = looks(quarter, "排名")
    wanted = {"名次": "#,##0", "代表编号": "@", "得分": "0.00", "扣分": "0.00", "数据覆盖": "0.0%"}
    wanted |= {"入户走访": "0.00", "主题活动": "0.00", "姓名": "@"}
    shapes = {title: found[cell(quarter, "排名", title, HEAD + 2)]["format"] for title in wanted}
    assert shapes == wanted


# --- the townships ----------------------------------------------------------------------------


def test_groups_are_the_townships(cases: Store, quarter: bytes) -> None:
    """Under each township, which folds, are its delegates in the order of the ranking; its head has
    the figures of the comparison of townships, worked out in the cases.
    """
    expected = {row["township"]: row for row in table("expected-2026Q3-townships")}
    ranked = listed(quarter, "排名", HEAD)
    groups: list[tuple[dict[str, Any], list[dict[str, Any]]]] = []
    for row in listed(quarter, "按镇街", 2):
        if row["镇街"]:
            groups.append((row, []))
        else:
            groups[-1][1].append(row)
    for head, own in groups:
        home = "" if head["镇街"] == "不属于镇街" else head["镇街"]
        theirs = [row for row in ranked if row["镇街"] == home]
        shared = [title for title in own[0] if title in theirs[0] and title != "镇街"]
        assert len(shared) == 12
        assert [[r[t] for t in shared] for r in own] == [[r[t] for t in shared] for r in theirs]
        case = expected.pop(home, {})
        for title, name in (
            ("代表数", "delegates"),
            ("有得分", "scored"),
            ("平均得分", "mean_score"),
        ):
            assert digits(head[title]) == digits(case.get(name, "")), home
    assert [row for row in expected.values() if int(row["delegates"])] == []
    assert sum(len(own) for _head, own in groups) == len(ranked)
    sheet = sheets(quarter)["按镇街"]
    assert sheet.count('outlineLevel="1"') == len(ranked)
    assert 'summaryBelow="0"' in sheet


def test_the_comparison_is_that_of_the_page(cases: Store, quarter: bytes) -> None:
    """The townships' figures are those of the query that the page shows, in its order, and those
    of the worked cases.
    """
    both = county.township_figures(periods=[Q3.before, Q3], today=date(2026, 11, 22))
    wanted = both[both["period"] == str(Q3)].to_dict("records")
    names = [name for name in ranking.TOWNSHIPS if name not in ("missing", "kind")]
    titles = {name: (COLUMNS.get(f"townships.{name}") or COLUMNS[name]).title for name in names}
    found = listed(quarter, "镇街", 2)
    assert [{name: digits(row[title]) for name, title in titles.items()} for row in found] == [
        {name: digits(row[name]) for name in names} for row in wanted
    ]
    cases_ = {row["township"]: row for row in table("expected-2026Q3-townships")}
    for row in found:
        case = cases_[row["镇街"]]
        assert digits(row["平均得分"]) == digits(case["mean_score"])
        assert digits(row["活跃占比"]) == digits(case["active_share"])
        assert digits(row["意见条数"]) == digits(case["opinions"])
    silent = [row["township"] for row in wanted if len(row["not_reported"])]
    assert [row["镇街"] for row in found if row["未报送"]] == silent


def test_rates_of_the_townships(cases: Store, quarter: bytes) -> None:
    """Each mean rate stands with its n, the county's below; orange to blue over exactly the rates
    of the townships.
    """
    found = listed(quarter, "镇街指标", 2)
    rates = county.township_indicators(periods=[Q3]).set_index(["township", "indicator"])
    whole = county.county_indicators(periods=[Q3]).set_index("indicator")
    for row in found:
        for code, told in SCHEME.items():
            at = (row["镇街"], code)
            figure = whole.loc[code] if row["镇街"] == "全县" else rates.loc[at]
            assert digits(row[told["name"]]) == digits(figure["mean_rate"])
            assert row[f"{told['name']} n"] == figure["rated"]
    assert found[-1]["镇街"] == "全县"
    assert len(found) == len(listed(quarter, "镇街", 2)) + 1
    assert re.findall(
        r'<conditionalFormatting sqref="([^"]*)"><cfRule type="colorScale" priority="1">'
        r'<colorScale><cfvo type="num" val="0"/><cfvo type="num" val="0.5"/>'
        r'<cfvo type="num" val="1"/><color rgb="FF(\w+)"/><color rgb="FFFFFFFF"/>'
        r'<color rgb="FF(\w+)"/>',
        sheets(quarter)["镇街指标"],
    ) == [(f"B4:M{2 + len(found)}", "F2B98D", "7FB0D9")]


def test_charts_show_exactly_the_rows(cases: Store, quarter: bytes) -> None:
    """Bars of the ranked townships' mean scores in their order, and of the county's rates; from
    zero, each with its number, without a legend.
    """
    found = listed(quarter, "镇街", 2)
    ranked = [row for row in found if row["名次"]]
    assert 0 < len(ranked) < len(found) or len(ranked) == len(found)
    scores = [row["平均得分"] for row in ranked]
    assert scores == sorted(scores, reverse=True)
    last, whole = 3 + len(ranked), 4 + len(found)
    files = members(quarter)
    assert [
        re.findall(r"<c:f>(.*?)</c:f>", files[f"xl/charts/chart{number}.xml"].decode())
        for number in (1, 2)
    ] == [
        [f"镇街!$A$4:$A${last}", f"镇街!$E$4:$E${last}"],
        ["镇街指标!$B$3:$M$3", f"镇街指标!$B${whole}:$M${whole}"],
    ]
    for number in (1, 2):
        chart = files[f"xl/charts/chart{number}.xml"].decode()
        assert '<c:min val="0"/>' in chart
        assert '<c:showVal val="1"/>' in chart
        assert "<c:legend>" not in chart
    assert not [name for name in files if "chart3" in name]


# --- 指标口径, 说明 ----------------------------------------------------------------------------


@pytest.mark.parametrize("period", [Q3, PERIODS[2]], ids=str)
def test_every_column_has_its_meaning(cases: Store, period: Period) -> None:
    """The sheet of definitions names each column of each sheet, with meaning and source; the
    scheme's indicators come first, with what the scheme says of them.
    """
    content = made(period)
    read = values(content)
    header, *below = read["指标口径"][2:]
    assert len(header) == 14
    told = [(row[0], row[4].split("、"), row) for row in below]
    for sheet, above in (("排名", HEAD), ("按镇街", 2), ("镇街", 2)):
        named = [title for title, where, _row in told if sheet in where]
        assert sorted(named) == sorted(read[sheet][above])
    assert {title for title, where, _row in told if "镇街指标" in where} == {
        *("镇街", "各指标", "各指标 n"),
    }
    assert all(row[1] and row[3] for row in below)
    assert [(row[0], row[5], *row[9:10], *row[11:]) for row in below[: len(SCHEME)]] == [
        (t["name"], code, t.get("target", ""), *t["weights"].values()) for code, t in SCHEME.items()
    ]
    assert not any(row[5] for row in below[len(SCHEME) :])


def test_a_title_says_what_its_column_means(cases: Store, quarter: bytes) -> None:
    """Each title of the ranking has a comment: what the sheet of definitions says of it."""
    read = values(quarter)
    defined = {row[0]: row[1] for row in read["指标口径"][3:] if "排名" in row[4].split("、")}
    titles = read["排名"][HEAD]
    assert comments(quarter, 1) == {
        f"{xl_col_to_name(column)}{HEAD + 1}": defined[title] for column, title in enumerate(titles)
    }


def test_the_last_sheet_says_what_the_workbook_is(cases: Store) -> None:
    """The facts of the file, then how to read it; a quarter's grade is said to be provisional."""
    lines = values(made(Q3, filters=(("备注", "=1+1"),)))["说明"]
    assert lines[:8] == [
        ["表名", "代表排名工作簿"],
        ["考核期", "2026年第三季度"],
        ["考核方案", "方案"],
        ["方案版本", "0123456789ab"],
        ["数据版本", "7"],
        ["备注", "=1+1"],
        ["导出人", "张三"],
        ["导出时间", "2026-11-22 10:00"],
    ]
    said = dict(lines[8:])
    assert {"公式", "空白", "数据条", "口径"} == {*said}
    assert any("预评" in text for _label, text in lines)
    assert not any("预评" in text for _label, text in values(made(PERIODS[2]))["说明"])


# --- the workbook as a whole ------------------------------------------------------------------


def test_every_sheet_is_ready_for_paper(cases: Store, quarter: bytes) -> None:
    """A4 across, as wide as the page, title and page numbers at the foot, the header on every
    page and frozen with the names beside it, a filter over exactly the rows.
    """
    read, xml = values(quarter), sheets(quarter)
    assert list(read) == SHEETS
    book = members(quarter)["xl/workbook.xml"].decode()
    for name in SHEETS:
        assert '<pageSetup paperSize="9" fitToHeight="0" orientation="landscape"/>' in xml[name]
        footer = f"<oddFooter>&amp;L代表排名工作簿&amp;C{name}&amp;R&amp;P / &amp;N</oddFooter>"
        assert footer in xml[name]
    lists = {"排名": (HEAD, 4), "按镇街": (2, 1), "镇街": (2, 1), "镇街指标": (2, 1)}
    for name, (above, beside) in {**lists, "指标口径": (2, 2)}.items():
        assert f'<pane xSplit="{beside}" ySplit="{above + 1}" ' in xml[name]
        assert f">{name}!${above + 1}:${above + 1}</definedName>" in book
        filters = re.findall(r'<autoFilter ref="(\w+):([A-Z]+)(\d+)"/>', xml[name])
        rows = len(read[name]) - (name == "镇街指标")
        last = chr(ord("A") + len(read[name][above]) - 1)
        assert filters == ([] if name == "按镇街" else [(f"A{above + 1}", last, str(rows))])


def test_equal_facts_equal_bytes(cases: Store, quarter: bytes) -> None:
    """The workbook is a function of data and facts; another time of the day changes the file's
    properties and the cell of the time of export alone.
    """
    assert made(Q3) == quarter
    before, after = members(quarter), members(made(Q3, at=AT.replace(hour=11)))
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"docProps/core.xml", "xl/sharedStrings.xml"}
    for name in changed:
        there = after[name].decode().replace("2026-11-22T11:00", "2026-11-22T10:00")
        assert there.replace("2026-11-22 11:00", "2026-11-22 10:00").encode() == before[name]


def test_progress_is_told_to_its_end(cases: Store) -> None:
    """Whoever waits hears of each step, the last one as the last."""
    heard: list[tuple[int, int]] = []
    facts = Facts("工作簿", str(Q3), "方案", "0" * 12, "张三", at=AT)
    result = ranking.make(facts, Q3, None, lambda done, of: heard.append((done, of)))
    assert heard == [(number, 5) for number in range(1, 6)]
    assert result.lacking == {}


def test_a_period_without_delegates_is_an_empty_workbook(cases: Store) -> None:
    """Before anybody was in office, the sheets have their headers, no row and no formula."""
    content = made(Period(1999, 3, 3))
    assert list(values(content)) == SHEETS
    assert listed(content, "排名", HEAD) == []
    assert formulas(content) == []
    assert not [name for name in members(content) if "chart1" in name]


def test_english_says_it_all(cases: Store, quarter: bytes) -> None:
    """In English the workbook has the same numbers in the same cells."""
    speak("en")
    try:
        english = values(made(Q3))
    finally:
        speak("zh")
    for theirs, ours in zip(english.values(), values(quarter).values(), strict=True):
        assert [[cell for cell in row if isinstance(cell, float)] for row in theirs] == [
            [cell for cell in row if isinstance(cell, float)] for row in ours
        ]


HOSTILE = ['=HYPERLINK("http://x","y")', "#set page(width: 1cm)", "*b* _x_ @r <l> \\", "王𠮷"]
PLACE = "长" * 40
FORMULA = "=1+1"


@pytest.fixture
def hostile(tmp_path: Path) -> Iterator[None]:
    """Four delegates of two places, whose names no upload would let in."""
    homes = ("甲镇", "乙镇")
    numbers = [f"D{number}" for number in range(len(HOSTILE))]
    files = files_of(
        {
            "townships": rows("镇街 类型", *((home, "镇") for home in homes)),
            "delegates": rows(
                "代表编号 姓名 层级 镇街 任职起",
                *(
                    (n, n, "县级", home, "2021-12-20")
                    for n, home in zip(numbers, homes * 2, strict=True)
                ),
            ),
            "activities": rows(
                "代表编号 类型 日期", *((n, "入户走访", "2026-08-01") for n in numbers)
            ),
            "opinions": rows(
                "编号 代表编号 姓名 收集日期 诉求",
                *((n, n, n, "2026-08-01", "路") for n in numbers),
            ),
        }
    )
    with asking(stored(tmp_path / "hostile.duckdb", files)) as house:
        with house.write() as cursor:
            for number, name in zip(numbers, HOSTILE, strict=True):
                cursor.execute(
                    "update stored_delegates set name = ? where delegate_id = ?", [name, number]
                )
            for home, place in zip(homes, (PLACE, FORMULA), strict=True):
                for stored_in in ("stored_delegates", "stored_townships"):
                    cursor.execute(
                        f"update {stored_in} set township = ? where township = ?", [place, home]
                    )
        yield


def test_hostile_text_stays_text(hostile: None) -> None:
    """Names and places that look like formulas, links or markup are whole, and plain text; a place
    of forty signs goes over several lines.
    """
    content = made(Q3, title='=HYPERLINK("http://x","y")&P', by=FORMULA)
    found = {row["代表编号"]: row for row in listed(content, "排名", HEAD)}
    assert [found[f"D{n}"]["姓名"] for n in range(4)] == HOSTILE
    assert [found[f"D{n}"]["镇街"] for n in range(4)] == [PLACE, FORMULA] * 2
    assert len(formulas(content)) == 3
    for xml in sheets(content).values():
        assert xml.count("<f>") in (0, 3)
        assert "<hyperlink" not in xml
    marks = looks(content, "排名")
    for number, row in enumerate(found.values(), HEAD + 2):
        for title in ("姓名", "镇街"):
            marked = marks[cell(content, "排名", title, number)]["text"]
            assert marked == ("1" if row[title].startswith("=") else "")
    groups = [row["镇街"] for row in listed(content, "按镇街", 2) if row["镇街"]]
    assert sorted(groups) == sorted([PLACE, FORMULA])
    chart = members(content)["xl/charts/chart1.xml"].decode()
    assert f"<c:v>{PLACE}</c:v>" in chart
    tall = [row for row in found.values() if row["镇街"] == PLACE]
    heights = re.findall(r'<row r="\d+"[^>]* ht="(\d+)"', sheets(content)["排名"])
    assert len([height for height in heights[-4:] if int(height) > 60]) == len(tall)
