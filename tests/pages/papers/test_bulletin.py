"""履职通报: what is printed is what the figures say, on every page and in both languages."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from databases import asking, rows, sent, upload
from figures import table
from hostile import unchecked
from papers import FORTY, PLACE, Q3, build, county, expected, made, opinion, percent, printed, two

from data import scheme
from data.period import Period
from pages.papers import Made, bulletin
from pages.words import _, speak

WORDS = {"county": "县级", "township": "乡镇级"}


@pytest.fixture(autouse=True)
def chinese_again() -> Iterator[None]:
    yield
    speak("zh")


@pytest.fixture(scope="module")
def quarter(case_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The worked cases' third quarter."""
    path = tmp_path_factory.mktemp("bulletin") / "cases.duckdb"
    path.write_bytes(case_database.read_bytes())
    with asking(path):
        return made(bulletin.make, "2026Q3")


def test_every_delegate_stands_in_the_ranking(quarter: Made) -> None:
    """Each delegate in office once, with rank, name, township, score and grade as worked out."""
    roster = {row["代表编号"]: row for row in table("delegates")}
    text = "".join(printed(quarter.content))
    in_office = [row for row in expected("2026Q3") if float(row["eligible"]) > 0 and row["score"]]
    assert len(in_office) > 100
    for row in in_office:
        who = roster[row["delegate_id"]]
        line = "{}{}{}".format(
            re.escape(who["姓名"]), re.escape(who["镇街"] or "—"), two(row["score"])
        )
        if row["level"] in WORDS:
            line = f"{row['rank'] or '—'}{PLACE}{line}{row['grade'] or '—'}"
        assert len(re.findall(line, text)) == 1, line


@pytest.mark.parametrize("period", ["2026Q3", "2026Q1-Q3", "2026"])
def test_every_township_stands_in_the_table(case_copy: Path, period: str) -> None:
    """Each with rank, n, delegates, and mean score; only the year's grades are no forecast."""
    with asking(case_copy):
        text = "".join(printed(made(bulletin.make, period).content))
    townships = expected(f"{period}-townships")
    by_mean = sorted((float(row["mean_score"]) for row in townships), reverse=True)
    for row in townships:
        mean = float(row["mean_score"])
        line = "{}{}{}{}{}".format(
            1 + by_mean.index(mean), row["township"], row["scored"], row["delegates"], two(mean)
        )
        assert line in text, line
    assert ("预评等次" in text) == (period != "2026")
    assert ("年度考核时确定" in text) == (period != "2026")


@pytest.mark.parametrize(
    ("period", "title"),
    [
        ("2026Q3", "2026年第三季度代表履职情况通报"),
        ("2026Q1-Q3", "2026年1—3季度代表履职情况通报"),
        ("2026", "2026年度代表履职情况通报"),
    ],
)
def test_title_follows_the_period(case_copy: Path, period: str, title: str) -> None:
    """The document's title, and the head of each page but the first."""
    with asking(case_copy):
        content = made(bulletin.make, period).content
    with pikepdf.open(io.BytesIO(content)) as paper, paper.open_metadata() as about:
        assert about["dc:title"] == title
    first, *others = printed(content)
    assert first.startswith("代表履职情况通报" + title.removesuffix("代表履职情况通报"))
    assert all(page.startswith(title) for page in others)


def test_key_figures_and_sentences(quarter: Made) -> None:
    """The county's figures, recomputed from the expected tables; the sentences say the same."""
    townships = expected("2026Q3-townships")
    compared = [
        row for row in expected("2026Q3") if row["level"] in WORDS and float(row["eligible"]) > 0
    ]
    scores = [float(row["score"]) for row in compared if row["score"]]
    mean = two(sum(scores) / len(scores))
    visits = sum(int(row["households_visited"]) for row in townships)
    first = printed(quarter.content)[0]
    assert f"平均得分{mean}" in first
    assert f"走访群众（户次）{visits:,}" in first
    assert f"代表共{len(compared)}人，其中有得分的{len(scores)}人" in first
    assert f"全县平均得分{mean}分，比2026年第二季度" in first
    best = sorted(townships, key=lambda row: -float(row["mean_score"]))[:3]
    led = "、".join(f"{row['township']}{two(row['mean_score'])}分" for row in best)
    assert f"平均得分居前的镇街：{led}。" in "".join(printed(quarter.content))


def test_indicators_are_sorted_by_their_mean_rates(quarter: Made) -> None:
    """Each indicator's mean over the delegates compared that have a rate, highest first."""
    compared = [
        row for row in expected("2026Q3") if row["level"] in WORDS and float(row["eligible"]) > 0
    ]
    means, unrated = [], []
    for it in scheme.load().tables["scheme_indicators"].itertuples():
        rates = [float(row[f"r_{it.indicator}"]) for row in compared if row[f"r_{it.indicator}"]]
        if rates:
            means.append((sum(rates) / len(rates), len(rates), it.name))
        else:
            unrated.append(it.name)
    text = "".join(printed(quarter.content))
    lines = [
        text.index(match[0])
        for mean, count, name in sorted(means, reverse=True)
        if (match := re.search(rf"{name}\w{{4}}{count}{percent(mean)}", text))
    ]
    assert len(lines) == len(means)
    assert lines == sorted(lines)
    assert unrated
    assert all(re.search(rf"{name}\w{{4}}0—", text) for name in unrated)


def test_pages_are_numbered(quarter: Made) -> None:
    """Each page says which of how many it is, and of which data and scheme."""
    pages = printed(quarter.content)
    for number, page in enumerate(pages, 1):
        assert f"第{number}页，共{len(pages)}页" in page
        assert "数据版本7·方案版本c0ffeec0ffee" in page


def test_head_of_the_ranking_is_on_each_of_its_pages(sample_copy: Path) -> None:
    """Wherever the ranking goes on, in every column, its titles and level stand above."""
    with asking(sample_copy):
        content = made(bulletin.make, "2026Q3").content
    grade = "(?:优秀|基本称职|不?称职|不定等次)"
    row = re.compile(rf"{PLACE}[^\d▲▼＝—]{{4,14}}\d{{1,3}}\.\d\d{grade}")
    on_pages = [(page, len(row.findall(page))) for page in printed(content)]
    assert sum(count for _page, count in on_pages) > 800
    for page, count in on_pages:
        columns = -(-count // 75)  # of so many rows at most
        assert page.count("名次变化姓名镇街得分预评等次") >= columns
        assert len(re.findall("(?:县|乡镇|地市)级：\\d+人", page)) >= columns


def test_fonts_come_along(quarter: Made) -> None:
    """Every font of the file is embedded, and is one of ours."""
    with pikepdf.open(io.BytesIO(quarter.content)) as paper:
        fonts = [
            it
            for it in paper.objects
            if isinstance(it, pikepdf.Dictionary) and it.get("/Type") == "/FontDescriptor"
        ]
        assert fonts
        for font in fonts:
            assert {"/FontFile2", "/FontFile3"} & set(font.keys())
            assert re.search(r"\+NotoS(ans|erif)SC", str(font.FontName))


def test_same_facts_same_bytes(case_copy: Path) -> None:
    """The same data, facts and time of export give the same file."""
    with asking(case_copy):
        assert made(bulletin.make, "2026Q3").content == made(bulletin.make, "2026Q3").content


def test_a_county_of_which_little_is_known(tmp_path: Path) -> None:
    """One township that cannot be ranked, no quarter before, a delegate of no township, nobody
    with a suggestion: each is said, nothing is made up.
    """
    path = build(tmp_path / "one.duckdb", county())
    with asking(path) as house:
        upload(house, [sent("opinions", opinion(), Q3)])
        pages = printed(made(bulletin.make, "2026Q3").content)
    text = "".join(pages)
    assert "比上期" not in pages[0].split("镇街情况")[0]
    assert "其中有得分的0人" in text
    assert "没有得分的2人" in text
    assert "平均得分—" in text
    assert "未报齐数据的镇街：甲镇（履职活动）。" in text
    assert "本期还没有镇街可以排名。" in text
    assert "没有在办的代表建议。" in text
    assert "没有得分的1人。甲镇：张三。" in text
    assert "没有得分的1人。无镇街：李四。" in text
    assert "等次分布" not in text
    assert "代表名次" not in text


def test_a_period_without_delegates(tmp_path: Path) -> None:
    """Says so, with the method and the signatures."""
    with asking(build(tmp_path / "none.duckdb", county())):
        text = "".join(printed(made(bulletin.make, "2020").content))
    assert "2020年没有在任代表的数据。" in text
    assert "统计方法" in text
    assert "拟稿审核签发日期" in text


def test_a_scheme_of_many_indicators(case_copy: Path) -> None:
    """More indicators than fit beside each other make a second table; all stand in both."""
    with asking(case_copy) as house:
        with house.write() as connection:
            connection.execute(
                "insert into scheme_indicators select 'x' || n, 100 + n, '指标' || n, dimension,"
                " diligence, rule, due, target, counts, approval, reported_in, unit"
                " from scheme_indicators, range(8) as more(n) where indicator = 'study';"
                "insert into scheme_weights select 'x' || n, level, 1"
                " from scheme_weights, range(8) as more(n) where indicator = 'study'"
            )
        text = "".join(printed(made(bulletin.make, "2026Q3").content))
    for n in range(8):
        assert text.count(f"指标{n}") == 3  # the county's, the townships', the method's


def test_hostile_names(tmp_path: Path) -> None:
    """Markup is text, a long place is whole, a sign that the fonts lack is named and printed."""
    name = '=HYPERLINK("http://x")#set page(width:1cm)*b*$x$@r<l>\\//王𠮷'
    with unchecked():
        path = build(tmp_path / "evil.duckdb", county(home=FORTY, name=name))
    with asking(path) as house, unchecked():
        upload(house, [sent("opinions", opinion(name), Q3)])
        upload(
            house,
            [
                sent(
                    "suggestions",
                    rows(
                        "建议号 标题 领衔代表编号 提出日期 交办日期 承办单位 重点督办",
                        ("J1", name, "D1", "2026-01-05", "2026-01-06", FORTY, "是"),
                    ),
                    Period.parse("2026Q1"),
                )
            ],
        )
        paper = made(bulletin.make, "2026Q3")
    text = "".join(printed(paper.content))
    said = "".join(name.split()).replace("𠮷", "〔U+20BB7〕")
    assert text.count(said) == 3  # without a score; the suggestion and its lead
    assert FORTY in text
    assert list(paper.lacking) == ["𠮷"]
    with pypdfium2.PdfDocument(paper.content) as sheets:
        for sheet in sheets:
            width, _height = sheet.get_size()
            words = sheet.get_textpage()
            edges = [words.get_charbox(i)[2] for i in range(words.count_chars())]
            assert max(edges) <= width - 40  # nothing stands in the margin


def test_in_english(case_copy: Path) -> None:
    """The same figures; pages are numbered in English."""
    speak("en")
    with asking(case_copy):
        pages = printed(made(bulletin.make, "2026Q3").content)
    text = "".join(pages)
    for number, page in enumerate(pages, 1):
        told = _("第 {page} 页，共 {pages} 页", page=number, pages=len(pages))
        assert "".join(told.split()) in page
    for row in expected("2026Q3-townships"):
        line = f"{row['township']}{row['scored']}{row['delegates']}{two(row['mean_score'])}"
        assert line in text
