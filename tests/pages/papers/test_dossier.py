"""代表履职档案: what a delegate reads of himself is what the figures say, on one sheet of paper."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import pikepdf
import pypdfium2
import pytest
from databases import asking, rows, sent, stored
from figures import table
from files import CASES
from hostile import unchecked
from papers import percent, two

from data import scheme
from data.period import Period
from pages.papers import Made, dossier
from pages.parts.facts import Facts
from pages.words import speak
from queries import county, delegate

AT = datetime(2026, 10, 20, 9, 30)  # noqa: DTZ001 - the office's own clock
Q3 = "2026Q3"
FORTY = "丹江口库区水源涵养与生态移民后续发展综合试验示范区管理委员会街道办事处联络片"
NAMES = (
    '=HYPERLINK("http://x","y")',
    "#set page(width: 1cm)",
    "*bold* _x_ $x$ @ref <label> \\ //",
    "王𠮷",
    "张\u202e三",
    "李😀",
    FORTY,
)


@pytest.fixture(autouse=True)
def chinese_again() -> Iterator[None]:
    yield
    speak("zh")


def facts(period: str) -> Facts:
    return Facts("档案", period, "方案", "c0ffee" * 8, "", at=AT, version=7, sample=False)


def made(
    period: str, of: str | None, make: Callable[..., Made] = dossier.make
) -> tuple[Made, list[tuple[int, int]]]:
    told: list[tuple[int, int]] = []
    paper = make(facts(period), Period.parse(period), of, lambda *step: told.append(step))
    return paper, told


def printed(content: bytes) -> list[str]:
    """The text of each page, without white space."""
    with pypdfium2.PdfDocument(content) as paper:
        return ["".join(page.get_textpage().get_text_range().split()) for page in paper]


def outline(content: bytes) -> list[tuple[str, list[tuple[str, int]]]]:
    """Each township of the outline, and its delegates with their pages in the file, from 0."""
    with pikepdf.open(io.BytesIO(content)) as paper, paper.open_outline() as read:
        return [
            (
                home.title,
                [(d.title, pikepdf.Page(d.destination[0]).index) for d in home.children],
            )
            for home in read.root
        ]


@pytest.fixture(scope="module")
def cases(case_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    path = tmp_path_factory.mktemp("dossiers") / "cases.duckdb"
    path.write_bytes(case_database.read_bytes())
    with asking(path):
        yield


@pytest.fixture(scope="module")
def volume(cases: None) -> bytes:
    """All dossiers of the worked cases' third quarter."""
    paper, told = made(Q3, None, dossier.make_all)
    assert told == [(n, told[-1][1]) for n in range(1, len(told) + 1)]
    return paper.content


@pytest.fixture(scope="module")
def sheets(volume: bytes) -> dict[str, tuple[str, str]]:
    """The text of front and back, by the number of the delegate whose sheet the outline says it is."""
    pages = printed(volume)
    return {
        title.split()[-1]: (pages[first], pages[first + 1])
        for _home, people in outline(volume)
        for title, first in people
    }


def expected() -> list[dict[str, str]]:
    with (CASES / f"expected-{Q3}.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if float(row["eligible"]) > 0]


def test_a_sheet_for_everyone_in_office(volume: bytes, sheets: dict[str, tuple[str, str]]) -> None:
    """Each delegate in office has a front and a back, on the two sides of one sheet of paper; the
    outline has townships in their usual order, and everyone under their own.
    """
    roster = {row["代表编号"]: row for row in table("delegates")}
    assert set(sheets) == {row["delegate_id"] for row in expected()}
    for number, (front, back) in sheets.items():
        assert roster[number]["姓名"] + number in front
        assert f"{roster[number]['姓名']}·{number}" in back
    places = [first for _home, people in outline(volume) for _title, first in people]
    assert places[0] % 2 == 0
    assert places == list(range(places[0], places[0] + 2 * len(places), 2))
    assert places[-1] + 2 == len(printed(volume))
    register = list(county.townships_on_record()["township"])
    homes = [home for home, _people in outline(volume)]
    known = [home for home in homes if home in register]
    assert known == [home for home in register if home in known]
    assert homes in (known, [*known, "未填镇街"])
    for home, people in outline(volume):
        for title, _first in people:
            assert (roster[title.split()[-1]]["镇街"] or "未填镇街") == home


def test_contents_lead_to_the_pages(volume: bytes) -> None:
    """The printed contents name everyone with the page that is printed on their sheet."""
    pages = printed(volume)
    first = outline(volume)[0][1][0][1]
    contents = "".join(pages[:first])
    for home, people in outline(volume):
        assert f"{home}{len(people)}人" in contents
        for title, at in people:
            page = at - first + 1
            assert f"{''.join(title.split())}{page}" in contents
            assert pages[at].endswith(f"第{page}页")
    with pikepdf.open(io.BytesIO(volume)) as paper:
        labels = [pikepdf.Page(page).label for page in paper.pages]
    assert labels[:2] == ["i", "ii"]
    assert labels[first:] == [str(n) for n in range(1, len(pages) - first + 1)]


def test_the_figures_are_the_worked_ones(sheets: dict[str, tuple[str, str]]) -> None:
    """Score, grade and rank; of every indicator value, rate, peers' median, weight and points."""
    known = scheme.load().tables
    indicators = known["scheme_indicators"].set_index("indicator")
    weights = known["scheme_weights"].set_index(["level", "indicator"])["weight"]
    everyone = expected()
    medians = {
        (level, code): median(rates) if rates else None
        for level in {row["level"] for row in everyone}
        for code in indicators.index
        if (
            rates := [
                float(row[f"r_{code}"])
                for row in everyone
                if row["level"] == level and row[f"r_{code}"]
            ]
        )
        or True
    }
    for row in everyone:
        front, _back = sheets[row["delegate_id"]]
        level = row["level"]
        graded = level in ("county", "township")
        score = two(row["score"]) if row["score"] else "—"
        assert ("得分" if graded else "得分（参考）") + score in front
        assert ("四舍五入" in front) == bool(row["score"])
        assert ("横线" in front) == graded
        if graded:
            assert f"预评等次{row['grade'] or '无'}" in front
            rank = f"{row['rank']}/" if row["rank"] else "不排名"
            assert f"同级名次{rank}" in front
        else:
            assert "不评等次、不排名" in front
        for code, indicator in indicators.iterrows():
            rate, weight = row[f"r_{code}"], weights[level, code]
            peer = medians[level, code]
            value = f"{float(row[f'x_{code}']):,.10g}{indicator['unit']}"
            line = "".join(
                [
                    re.escape(indicator["name"]),
                    f"(?:{re.escape(value)}|—)",
                    r"(?:\d+\.\d\d|—)",  # the target
                    percent(rate) if rate else "—",
                    "—" if peer is None else percent(peer),
                    f"{weight:g}",
                    two(weight * float(rate)) if rate else "—",
                    r"(?:\d+\.\d\d|不增分，未计入)" if rate else "(?:未到期|未安排|未报送)",
                ]
            )
            assert re.search(line, front), (row["delegate_id"], line)


def test_every_record_stands_on_the_back(sheets: dict[str, tuple[str, str]]) -> None:
    """As many as the delegate's page lists, each with its day."""
    for number in list(sheets)[::10]:
        back = sheets[number][1]
        found = delegate.evidence(delegate_id=number, period=Period.parse(Q3))
        assert f"本期履职记录（{len(found)}条）" in back
        assert "未列出" not in back
        days = re.findall(r"\d\d-\d\d", back.partition("本期履职记录")[2].partition("考核方案")[0])
        assert sorted(days) == sorted(found["date"].dt.strftime("%m-%d"))


def test_points_and_absences_have_their_amount(sheets: dict[str, tuple[str, str]]) -> None:
    """Adjustments stand with the points that they add or take, absences with their half-days."""
    of_quarter = {"2026-07", "2026-08", "2026-09"}
    points = [row for row in table("adjustments") if row["日期"][:7] in of_quarter]
    missed = [
        row
        for row in table("attendance")
        if row["日期"][:7] in of_quarter and row["结果"] != "出席" and row["代表编号"] in sheets
    ]
    assert points
    assert len(missed) > 10
    for row in points:
        signed = {"加分": f"[+]{row['分值']}", "扣分": f"-{row['分值']}"}.get(row["类型"], "—")
        line = f"{row['日期'][5:]}.*?{re.escape(row['依据'])}.*?(?:——{signed}|不在任期，不计—)"
        assert re.search(line, sheets[row["代表编号"]][1]), (row, sheets[row["代表编号"]][1])
    for row in missed:
        said = f"{row['结果']}、{float(row['半天数'] or 1):g}个半天"
        assert said in sheets[row["代表编号"]][1]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_one_dossier_alone(cases: None, language: str) -> None:
    """Of the year, graded for good; numbered for itself; in both languages on one sheet."""
    speak(language)
    paper, told = made("2026", "D00001")
    front, back = printed(paper.content)
    assert told == [(1, 1)]
    assert ("等次" if language == "zh" else "Grade") in front
    assert "预评" not in front
    assert front.endswith("第1页，共2页" if language == "zh" else "Page1of2")
    assert back.endswith("第2页，共2页" if language == "zh" else "Page2of2")


def test_a_township_alone(cases: None) -> None:
    """Its delegates and nobody else; the cover names it."""
    home = table("townships")[0]["镇街"]
    paper, _told = made(Q3, home, dossier.make_all)
    in_office = {row["delegate_id"] for row in expected()}
    own = [
        row["代表编号"]
        for row in table("delegates")
        if row["镇街"] == home and row["代表编号"] in in_office
    ]
    [(title, people)] = outline(paper.content)
    assert title == home
    assert sorted(name.split()[-1] for name, _page in people) == sorted(own)
    assert f"{home}{len(own)}名代表" in printed(paper.content)[0]


def test_the_same_bytes_again(cases: None) -> None:
    """Equal facts and equal data, equal bytes."""
    home = table("townships")[0]["镇街"]
    for of, make in (("D00001", dossier.make), (home, dossier.make_all)):
        assert made(Q3, of, make)[0].content == made(Q3, of, make)[0].content


def test_nobody(tmp_path: Path) -> None:
    """An empty county's volume is a cover that says so; a dossier of nobody is an error."""
    with asking(tmp_path / "new.duckdb"):
        pages = printed(made(Q3, None, dossier.make_all)[0].content)
        assert "本期没有在任代表" in "".join(pages)
        assert len(pages) == 2
        with pytest.raises(LookupError):
            made(Q3, "没有")


def hostile_county() -> list[Any]:
    """Names that want to be more, long places, one busy as nobody is, one who has left."""
    roster = "代表编号 人员编号 姓名 性别 层级 镇街 选区 代表小组 身份 任职起 任职止"
    people = [
        (f"D{n}", f"P{n}", name, "男", "乡镇级", FORTY, FORTY, FORTY, "基层", "2022-01-01", "")
        for n, name in enumerate(NAMES)
    ]
    people.append(
        ("D8", "P8", "已走", "男", "乡镇级", FORTY, "", "", "", "2022-01-01", "2026-03-31")
    )
    days = [date(2026, 7, 1) + timedelta(n % 90) for n in range(1500)]
    busy = [
        ("D0", NAMES[0], FORTY, kind, day, 1, f"{n}" if n else "长" * 10_000, FORTY)
        for kind in ("入户走访", "接待选民", "政策宣讲", "志愿服务")
        for n, day in enumerate(days[: 1500 if kind == "入户走访" else 40])
    ]
    filed = [(f"J{n}", f"#set page(width: 1cm) {n}", "D0", "2026-07-02", FORTY) for n in range(14)]
    return [
        sent("townships", rows("镇街 类型", (FORTY, "镇"))),
        sent("delegates", [r for r in _rows(roster, people)]),
        sent(
            "activities",
            _rows("代表编号 姓名 镇街 类型 日期 数量 内容 地点", busy),
            Period.parse(Q3),
        ),
        sent(
            "suggestions",
            _rows("建议号 标题 领衔代表编号 提出日期 承办单位", filed),
            Period.parse(Q3),
        ),
    ]


def _rows(headers: str, lines: list[tuple[Any, ...]]) -> list[dict[str, str]]:
    return rows(headers, *lines)


def test_hostile_text_and_too_much_of_it(tmp_path: Path) -> None:
    """Nothing in the data is markup, a sign that the fonts lack is spelled and its bearer named, and
    the sheet stays one sheet: what finds no place on it is counted.
    """
    with unchecked():
        path = stored(tmp_path / "hostile.duckdb", hostile_county())
    with asking(path):
        paper, _told = made(Q3, None, dossier.make_all)
        gone, _told = made(Q3, "D8")
    pages = printed(paper.content)
    with pypdfium2.PdfDocument(paper.content) as read:
        assert {tuple(map(round, page.get_size())) for page in read} == {(595, 842)}
    [(home, people)] = outline(paper.content)
    assert home == FORTY
    assert len(people) == len(NAMES)
    assert len(pages) == 2 + 2 * len(NAMES)
    text = "".join(pages)
    for name in NAMES[:3]:
        assert "".join(name.split()) in text
    for spelled in ("王〔U+20BB7〕", "张〔U+202E〕三", "李〔U+1F600〕"):
        assert spelled in text
    assert {sign: whose[0] for sign, whose in paper.lacking.items()} == {
        "𠮷": "王𠮷",
        "\u202e": "张\u202e三",
        "😀": "李😀",
    }
    assert all(len(whose) == 1 for whose in paper.lacking.values())
    at = next(at for title, at in people if title.endswith(" D0"))
    back = pages[at + 1]
    assert "代表建议（14件）" in back
    assert "另有4项未列出" in back
    assert "本期履职记录（1634条）" in back
    assert "本人签字" in back
    front, _back = printed(gone.content)
    assert "不在该代表的任期内" in front


@pytest.mark.parametrize("room", [30, 36, 46])
@pytest.mark.parametrize(
    "sizes", [(1,), (46,), (47,), (400, 3), (20, 20, 20), (99,) * 20, (1,) * 40]
)
def test_records_keep_within_their_room(room: int, sizes: tuple[int, ...]) -> None:
    """Each record has a line or its date among others, or is counted as having none."""
    records = [
        {
            "format": "activities",
            "what": f"类{kind}",
            "date": date(2026, 1, 1) + timedelta(n * 7 % 365),
            "detail": "x",
            "status": None,
            "left_out": None,
            "counts_for": None,
            "adds": None,
        }
        for kind, size in enumerate(sizes)
        for n in range(size)
    ]
    lines, unlisted = dossier._recorded(records, room)
    assert sum(line["height"] for line in lines) <= max(room, len(sizes))
    days = [
        day
        for line in lines
        for day in re.findall(r"\d\d-\d\d(?:×(\d+))?", line.get("dates", line.get("date", "")))
    ]
    told = sum(int(day or 1) for day in days)
    assert told + unlisted == len(records)
    if len(records) <= room:
        assert all("date" in line for line in lines)
