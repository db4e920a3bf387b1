"""镇街手册: a township's section says of it what the figures say; all are found by the outline."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pikepdf
import pytest
from databases import asking, sent, upload
from figures import table
from hostile import unchecked
from papers import FORTY, PLACE, Q3, build, county, expected, made, opinion, percent, printed, two

from pages.papers import Made, booklet
from pages.words import _, speak

HOME = "浪河镇"
TODAY = date(2026, 10, 20)


@pytest.fixture(autouse=True)
def chinese_again() -> Iterator[None]:
    yield
    speak("zh")


def section(of: str | None, period: str = "2026Q3") -> Made:
    return made(booklet.make, period, of)


@pytest.fixture(scope="module")
def one(case_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The section of a township of the worked cases."""
    path = tmp_path_factory.mktemp("booklet") / "cases.duckdb"
    path.write_bytes(case_database.read_bytes())
    with asking(path):
        return section(HOME)


@pytest.fixture(scope="module")
def every(case_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The sections of all of them."""
    path = tmp_path_factory.mktemp("booklets") / "cases.duckdb"
    path.write_bytes(case_database.read_bytes())
    with asking(path):
        return section(None)


def test_a_section_says_where_the_township_stands(one: Made) -> None:
    """Mean score, rank, county's mean, n and delegates, as worked out."""
    townships = expected("2026Q3-townships")
    own = next(row for row in townships if row["township"] == HOME)
    mean = float(own["mean_score"])
    rank = 1 + sum(float(row["mean_score"]) > mean for row in townships)
    scored = sum(int(row["scored"]) for row in townships)
    whole = sum(float(row["mean_score"]) * int(row["scored"]) for row in townships) / scored
    first = printed(one.content)[0]
    assert first.startswith(f"{HOME}2026年第三季度")
    assert f"平均得分{two(mean)}" in first
    assert f"全县平均得分{two(whole)}" in first
    assert f"镇街名次{rank}共{len(townships)}个镇街排名" in first
    assert f"有得分的代表（人）{own['scored']}在任代表{own['delegates']}人" in first
    closed = {r["township"]: (int(r["opinions_closed"]), int(r["opinions"])) for r in townships}
    shares = {home: done / of for home, (done, of) in closed.items() if of}
    all_done, all_of = (sum(numbers) for numbers in zip(*closed.values(), strict=True))
    place = 1 + sum(share > shares[HOME] for share in shares.values())
    assert (
        f"意见办结{percent(shares[HOME])}{closed[HOME][1]}{percent(all_done / all_of)}{place}/{len(shares)}"
        in first
    )


def test_its_delegates_and_no_others(one: Made) -> None:
    """Each delegate of the township with rank, score and grade as worked out."""
    scores = {row["delegate_id"]: row for row in expected("2026Q3")}
    text = "".join(printed(one.content))
    people = text.split("代表名单")[1].split("尚未答复的建议")[0]
    assert len(scores) > 100
    for who in table("delegates"):
        row = scores[who["代表编号"]]
        graded = row["level"] in ("county", "township")
        line = "{}{}{}{}{}".format(
            row["rank"] or "—",
            PLACE,
            re.escape(who["姓名"]),
            two(row["score"]) if row["score"] else "—",
            (row["grade"] or "—") if graded else "参考",
        )
        ours = who["镇街"] == HOME and float(row["eligible"]) > 0
        assert len(re.findall(line, people)) == ours, line


def test_its_open_suggestions_and_opinions(one: Made) -> None:
    """Every suggestion without a reply and every opinion not closed, and no others."""
    homes = {row["代表编号"]: row["镇街"] for row in table("delegates")}
    text = "".join(printed(one.content))
    suggestions = text.split("尚未答复的建议")[1].split("未办结的群众意见")[0]
    waiting = 0
    for row in table("suggestions"):
        is_open = homes[row["领衔代表编号"]] == HOME and not row["答复日期"]
        waiting += is_open and bool(row["交办日期"])
        assert (row["建议号"] in suggestions) == is_open
    assert f"在办的代表建议{waiting}件" in suggestions or not waiting
    opinions = [
        row for row in table("opinions") if homes[row["代表编号"]] == HOME and not row["办结日期"]
    ]
    assert opinions
    assert f"未办结的群众意见{len(opinions)}条" in text
    for row in opinions:
        days = (TODAY - date.fromisoformat(row["收集日期"])).days
        assert f"{days:,}{''.join(row['诉求'].split()) or '—'}{row['姓名']}" in text


def test_all_townships_in_one_file(every: Made) -> None:
    """The outline has a heading per township, in order of rank, on the page that starts with its
    name; the pages before them say the same page, and each page its own.
    """
    pages = printed(every.content)
    townships = sorted(expected("2026Q3-townships"), key=lambda row: -float(row["mean_score"]))
    with pikepdf.open(io.BytesIO(every.content)) as paper, paper.open_outline() as outline:
        found = [
            (item.title, pikepdf.Page(item.destination[0]).index, len(item.children))
            for item in outline.root
        ]
    assert [title for title, _index, _below in found] == [row["township"] for row in townships]
    for (title, index, below), row in zip(found, townships, strict=True):
        assert pages[index].startswith(title) or pages[index].startswith("镇街代表履职手册")
        line = f"{title}{row['delegates']}{row['scored']}{two(row['mean_score'])}{index}"
        assert line in pages[0]
        assert below >= 5
    for number, page in enumerate(pages[1:], 1):
        assert f"第{number}页" in page
    assert "第" + "0页" not in pages[0]


def test_same_facts_same_bytes(one: Made, case_copy: Path) -> None:
    """The same data, facts and time of export give the same file, in another database too."""
    with asking(case_copy):
        assert section(HOME).content == one.content


def test_a_township_of_which_little_is_known(tmp_path: Path) -> None:
    """What was not reported is said; what is missing is a dash, and nobody is ranked."""
    with asking(build(tmp_path / "one.duckdb", county())) as house:
        upload(house, [sent("opinions", opinion(), Q3)])
        text = "".join(printed(section("甲镇").content))
        assert "没有在任代表的数据。" in "".join(printed(section("乙镇").content))
        assert "没有在任代表的数据。" in "".join(printed(section(None, "2020").content))
        whole = printed(section(None).content)
    assert "未报送：履职活动。" in text
    assert "镇街名次—有得分的不足50%，不排名" in text
    assert "人均走访————" in text
    assert "——张三——" in text
    assert "没有在办的代表建议。" in text
    assert "没有镇街的代表1人，不在本手册内。" in whole[0]
    assert "李四" not in "".join(whole)


def test_hostile_names(tmp_path: Path) -> None:
    """Markup is text, a long place and much text run off no page."""
    name = '=HYPERLINK("http://x")#set page(width:1cm)*b*$x$@r<l>\\//王𠮷'
    with unchecked():
        path = build(tmp_path / "evil.duckdb", county(home=FORTY, name=name))
    with asking(path) as house, unchecked():
        rows = [opinion(name)[0] | {"诉求": "很长" * 5000}]
        upload(house, [sent("opinions", rows, Q3)])
        paper = section(FORTY)
        whole = section(None)
    text = "".join(printed(paper.content))
    assert text.count("".join(name.split()).replace("𠮷", "〔U+20BB7〕")) == 2
    assert text.startswith(FORTY)
    assert "很长很长…" not in text
    assert text.count("很") == 30
    assert len(printed(paper.content)) <= 2
    assert list(paper.lacking) == list(whole.lacking) == ["𠮷"]


def test_in_english(case_copy: Path) -> None:
    """The same figures."""
    speak("en")
    own = next(row for row in expected("2026Q3-townships") if row["township"] == HOME)
    with asking(case_copy):
        text = "".join(printed(section(HOME).content))
    assert two(own["mean_score"]) in text
    assert "".join(_("预评等次").split()) in text
    assert "预评等次" not in text
