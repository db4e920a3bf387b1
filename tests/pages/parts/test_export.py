"""The door: every page's tables, charts and figures leave as files that say what they are."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import pandas as pd
import pypdfium2
import pytest
from python_calamine import CalamineWorkbook
from running import Doors, Run

from data import store
from data.access import Forbidden, Visitor
from data.period import Period
from data.record import record
from pages.exports.chart import Chart
from pages.exports.table import Column, Table, file_name
from pages.papers import Done, Made, Paper
from pages.parts import charts, export
from pages.parts.facts import Facts
from pages.words import _, language
from queries import sight

AT = datetime(2026, 11, 22, 9, 30)  # noqa: DTZ001 - the office's own clock
SCHEME = pd.Series({"name": "方案", "checksum": "0123456789abcdef"})
PAGES = {  # and the big paper that each offers besides
    "overview": "履职通报",
    "townships": "镇街手册",
    "ranking": "排名工作簿",
    "delegate": "履职档案",
    **dict.fromkeys(("loop", "matters", "stations", "campaigns", "mine", "sessions")),
}


def sheets(content: bytes) -> dict[str, list[list[object]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def text(content: bytes) -> str:
    pages = pypdfium2.PdfDocument(content)
    return "".join(page.get_textpage().get_text_range() for page in pages).replace("\r\n", "")


# --- what pages offer -------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
def test_all_that_a_page_shows_can_be_taken_away(
    run: Run, sample_copy: Path, doors: Doors, name: str
) -> None:
    """Each table and chart has a file with its title in it; the page as a whole is one PDF and one
    workbook, with a sheet for each.
    """
    test = run(sample_copy, f"browse/{name}.py", period="2026Q3", delegate="D00001", lang="zh")
    assert not test.exception
    items = doors.page.items
    assert len(items) >= len(test.dataframe) + len(test.get("plotly_chart")) > 0
    papers = [PAGES[name]] if PAGES[name] else []
    assert list(doors.files) == [*(item.title for item in items), "整页", *papers]
    for paper in papers:
        [ending] = doors.files[paper].formats
        assert doors.take(paper, ending).startswith(b"%PDF" if ending == "pdf" else b"PK")
    for item in (items[0], items[-1]):
        for kind in doors.files[item.title].formats:
            content = doors.take(item.title, kind)
            if kind == "pdf":
                assert item.title in text(content)
    whole = sheets(doors.take("整页", "xlsx"))
    assert len(whole) == len(items) + bool(test.metric) + 1
    assert list(whole)[-1] == "说明"
    told = text(doors.take("整页", "pdf"))
    assert all(item.title in told for item in items)
    if test.metric:
        shown = sorted((metric.label, metric.value) for metric in test.metric)
        assert sorted(tuple(row[:2]) for row in whole["关键数字"][1:]) == shown


def test_the_ranking_as_it_is_filtered(run: Run, case_copy: Path, doors: Doors) -> None:
    """The table comes first, with more than the screen has; the file says how it was narrowed, on
    its last sheet, in its name and on record.
    """
    town = "均州路街道"
    test = run(case_copy, "browse/ranking.py", period="2026", level="all", township=town)
    test.text_input(key="ranking_name").input("王").run()
    title, whole, _paper = doors.files
    assert (title, whole) == ("代表排名表", "整页")
    file = doors.files[title]
    assert file.formats[0] == "xlsx"
    narrowed = {"层级": "全部", "镇街": town, "身份": "全部", "等次": "全部", "姓名": "王"}
    assert dict(file.facts.filters) == narrowed
    content = doors.take(title, "xlsx")
    table, about = sheets(content).values()
    assert table[0][:5] == ["名次", "名次变化", "代表编号", "姓名", "层级"]
    shown = test.dataframe[0].value
    assert [row[3] for row in table[1:]] == shown["name"].tolist()
    assert all("王" in str(row[3]) and row[5] == town for row in table[1:])
    assert narrowed.items() <= dict(about).items()
    assert dict(about)["考核期"] == "2026年"
    name = file_name(*file.facts.stem(), ending=".xlsx")
    assert name.startswith(f"代表排名表_2026_{town}_王_v")
    last = record().entries().iloc[0]["what"]
    assert last["filters"] == [f"{label}：{choice}" for label, choice in narrowed.items()]
    assert (last["kind"], last["rows"], last["title"]) == ("xlsx", len(shown), title)
    assert last["sha256"] == sha256(content).hexdigest()


def test_choices_narrow_what_stands_below_them(run: Run, sample_copy: Path, doors: Doors) -> None:
    """The tables above the two townships' drop-downs say nothing of them, and the page as a whole
    says what narrows all of it, and of each part what narrows that alone.
    """
    run(sample_copy, "browse/townships.py", period="2026Q3", a="浪河镇", b="官山镇")
    filters = {title: dict(file.facts.filters) for title, file in doors.files.items()}
    both = {"镇街": "浪河镇", "对照镇街": "官山镇"}
    assert filters["镇街对比"] == filters["各镇街平均得分与偶然波动范围"] == {}
    assert filters["两个镇街各季度平均得分"] == both
    whole = doors.files["整页"].facts
    assert whole.filters == ()
    assert ("两个镇街各季度平均得分", "镇街：浪河镇；对照镇街：官山镇") in whole.parts
    assert "镇街对比" not in dict(whole.parts)
    assert not any("浪河镇" in part for part in whole.stem())
    assert set(whole.parts) <= set(whole.lines())
    run(sample_copy, "browse/matters.py", period="2026Q3", list="of_period", township="浪河镇")
    filters = {title: dict(file.facts.filters) for title, file in doors.files.items()}
    assert filters["建议清单"]["清单"] == "本期提出"
    assert "清单" not in filters["各承办单位"]
    assert "清单：本期提出" in dict(doors.files["整页"].facts.parts)["建议清单"]


def test_a_page_that_ends_early_offers_what_it_showed(
    run: Run, sample_copy: Path, doors: Doors
) -> None:
    """The leaders, of whom none is chosen yet; of no delegate nothing."""
    run(sample_copy, "browse/mine.py", period="2026Q3")
    assert list(doors.files) == ["包联领导", "整页"]
    run(sample_copy, "browse/delegate.py", period="2026Q3", delegate="nobody")
    assert doors.files == {}


def test_a_window_has_a_door_of_its_own(run: Run, sample_copy: Path, doors: Doors) -> None:
    """What stands in it is on its own list, with what it is of; the page's stays the page's."""
    run(sample_copy, "browse/sessions.py", period="2026Q3")
    meetings = doors.page.items[-1].make()
    [event] = meetings.frame["event_id"].head(1)
    doors.offered.clear()
    run(sample_copy, "browse/sessions.py", period="2026Q3", event=event)
    listed = {page.key: page for page, *_more in doors.offered[-2:]}
    assert [item.title for item in listed["window_door"].items] == ["会议名单"]
    assert listed["window_door"].items[0].filters == (("活动号", event),)
    assert meetings.title in [item.title for item in listed["door"].items]
    assert "会议名单" not in [item.title for item in listed["door"].items]


# --- the list ---------------------------------------------------------------------------------


@pytest.fixture
def page(run: Run, case_copy: Path) -> export.Page:
    """A page's list, begun."""
    run(case_copy, "browse/overview.py")
    listed = export.Page("页", "2026Q3", version=7)
    token = export._page.set(listed)
    yield listed
    export._page.reset(token)


def table(title: str = "表", rows: int = 2) -> Table:
    return Table(title, pd.DataFrame({"n": range(rows)}), [Column("n", "数", "count")])


def test_titles_are_told_apart(page: export.Page) -> None:
    """Of two with one title, the second bears a number, also inside its file."""
    for rows in (1, 2, 3):
        export.show("表", "table", lambda rows=rows: table(rows=rows))
    files = export._files(page, Visitor(), SCHEME)
    assert list(files) == ["表", "表（2）", "表（3）", "整页"]
    content, rows = export._of_item(page.items[1], files["表（2）"].facts, "xlsx")
    assert list(sheets(content)) == ["表（2）", "说明"]
    assert rows == 2


def test_a_file_is_of_the_data_that_the_page_showed(page: export.Page) -> None:
    """Whatever was stored since: its name, its facts and the record say the page's version."""
    export.show("表", "table", table)
    file = export._files(page, Visitor(), SCHEME)["表"]
    assert store.version() != 7
    assert "v7" in file.facts.stem()
    assert export._built(file, "csv") == (
        b"\xef\xbb\xbf" + "数\r\n0\r\n1\r\n".encode(),
        {**file.facts.said(), "kind": "csv", "rows": 2},
    )


def test_equal_facts_equal_bytes(page: export.Page) -> None:
    """Each format of a table, a chart and the page, built twice."""
    spec = charts.bars(pd.DataFrame({"name": ["甲", "乙"], "n": [1, 2]}), "name", "n")
    export.show("表", "table", table)
    export.show("图", "chart", lambda: Chart("图", spec))
    export.figure("人数", "12", "+1")
    for file in export._files(page, Visitor(), SCHEME).values():
        for kind in file.formats:
            facts = replace(file.facts, at=AT)
            assert file.build(facts, kind) == file.build(facts, kind), kind


def test_names_fit_every_file_system(page: export.Page) -> None:
    """However long title and choices are: under 255 bytes, no sign of a path; "all" is no choice."""
    long = '=HYPERLINK("http://x","y")/../\u202e𠮷🎉' * 40
    facts = Facts(long, "2026Q3", "方案", "0" * 64, "", (("姓名", long), ("镇街", "全部")), at=AT)
    name = file_name(*facts.stem(), ending=".xlsx")
    assert len(name.encode()) < 250
    assert not set(name) & set('\\/:*?"<>|\u202e')
    assert name.endswith(f"_v{store.version()}_000000_20261122-093000.xlsx")
    assert "全部" not in name


def test_a_paper_is_made_as_who_takes_it(page: export.Page, monkeypatch) -> None:
    """In their sight and language, of the data of that moment; only for who sees names."""
    seen: list[object] = []

    def make(facts: Facts, period: Period, of: str | None, _done: Done) -> Made:
        seen.append((sight.current(), language(), facts.version, facts.filters, str(period), of))
        return Made(b"paper", {})

    leader, viewer = Visitor("李", "l", "leader"), Visitor("钱", "v", "viewer")
    export.choose("镇街", "浪河镇")
    export.paper(Paper("镇街手册", "township", "pdf", make), Period(2026, 3, 3), "浪河镇")
    assert list(export._files(page, viewer, SCHEME)) == []
    file = export._files(page, leader, SCHEME)["镇街手册"]
    assert (file.formats, file.rights) == (["pdf"], ("export", "names"))
    content, said = export._built(file, "pdf")
    assert content == b"paper"
    assert (said["title"], said["version"], said["rows"]) == ("镇街手册", store.version(), None)
    chosen = (("镇街", "浪河镇"),)
    assert seen == [
        (sight.Sight.of(leader), "zh", store.version(), chosen, "2026Q3", "浪河镇"),
    ]
    with pytest.raises(Forbidden):
        export.hand_out(viewer, file.rights, "zh", lambda: (content, said))
    assert record().entries().iloc[0]["deed"] == "refused"


def test_without_a_page_nothing_is_kept() -> None:
    """What is shown outside of a page with a door is on no list."""
    assert export._page.get() is None
    export.show("表", "table", table)
    export.figure("人数", "12", None)
    export.choose("镇街", _("全部"))


def test_signs_that_the_fonts_lack_are_named_on_the_paper() -> None:
    """What is printed by its number stands in the list of facts, with where to fill it in."""
    names = Table("名单", pd.DataFrame({"name": ["王𠮷", "李明"]}), [Column("name", "姓名")])
    facts = Facts("名单", "2026Q3", "方案", "0123456789abcdef", "", at=AT, version=1, sample=False)
    read = text(export._printed([names], facts)).replace(" ", "")
    assert "字体中没有的字〔U+20BB7〕（王〔U+20BB7〕）" in read
    assert "李明" in read
