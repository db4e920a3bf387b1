"""What holds of all papers: missing data looks like no score, thresholds are the scheme's, periods
are compared with what is said, and text keeps to its column.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pypdfium2
import pytest
from databases import asking, rows, sent, upload
from papers import FORTY, Q3, build, county, made, opinion, printed
from workbooks import values

from data.period import Period
from pages.papers import booklet, bulletin, dossier, ranking
from pages.words import speak
from queries import county as asked

STRICT = (
    "update scheme set min_coverage = 0.9, unranked_below = 0.45;"
    "delete from stored_activities where date >= date '2026-07-01' and delegate_id in"
    " (select delegate_id from stored_delegates where township = '浪河镇');"
    "update scheme_weights set weight = 0 where indicator = 'study' and level = 'county'"
)
NAMES = ("刘𠮷安", "#set page(width: 1cm)", '=HYPERLINK("http://x","y")', "Christopher")


@pytest.fixture(scope="module")
def strict(case_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The worked cases, a township's activities unreported, by a scheme that wants nearly all
    data for a score.
    """
    path = tmp_path_factory.mktemp("strict") / "cases.duckdb"
    path.write_bytes(case_database.read_bytes())
    with asking(path) as house:
        with house.write() as cursor:
            cursor.execute(STRICT)
        yield


def test_thresholds_are_the_schemes(strict: None) -> None:
    """No paper says of half what the scheme in force sets otherwise."""
    short = next(
        row.delegate_id
        for row in asked.ranking(period=Q3).dropna(subset="score").itertuples()
        if row.graded and row.rank is pd.NA
    )
    said = {
        "bulletin": "".join(printed(made(bulletin.make, "2026Q3").content)),
        "booklet": "".join(printed(made(booklet.make, "2026Q3").content)),
        "dossier": "".join(printed(made(dossier.make, "2026Q3", short).content)),
        "workbook": str(values(made(ranking.make, "2026Q3").content)),
    }
    assert [name for name, text in said.items() if "一半" in text.replace("中间一半", "")] == []
    assert "有得分的代表不足90%的镇街，不排名" in said["bulletin"]
    assert "有得分的代表不足90%的镇街不排名" in said["booklet"]
    assert "有得分的不足90%，不排名" in said["booklet"]
    assert "任职时间不足本期的45%" in said["dossier"]
    assert "任职不足本期 45%" in said["workbook"]
    assert "有得分的代表不足 90% 的镇街不排名" in said["workbook"]


def test_without_a_score_nothing_looks_like_one(strict: None) -> None:
    """Who has no score has no base score and no sums, and no indicator contributes to either; a
    township without rank has neither change nor share of excellent.
    """
    read = values(made(ranking.make, "2026Q3").content)
    head, *people = read["排名"][4:]
    at = {title: column for column, title in enumerate(head)}
    unscored = [row for row in people if row[at["得分"]] == row[at["参考得分"]] == ""]
    assert len(unscored) > 5
    assert {row[at["基础分"]] for row in unscored} == {""}
    head, *homes = read["镇街"][2:]
    unranked = [dict(zip(head, row, strict=True)) for row in homes if row[head.index("名次")] == ""]
    assert unranked
    assert {(row["平均得分变化"], row["优秀占比"]) for row in unranked} == {("", "")}
    front, _back = printed(made(dossier.make, "2026Q3", unscored[0][at["代表编号"]]).content)
    assert "没有得分" in front
    for said in ("得分合计", "四勤", "四舍五入"):
        assert said not in front
    lines = front.split("得分是怎样算出的")[1].split("各季度得分")[0]
    assert re.search(r"100\.0%[\d.]+%\d+\d+\.\d\d—", lines)


def test_what_a_level_is_not_assessed_for(strict: None) -> None:
    """An indicator without weight is said to be none of the level's."""
    first = asked.ranking(period=Q3).query("level == 'county'")["delegate_id"].iloc[0]
    front, _back = printed(made(dossier.make, "2026Q3", first).content)
    assert re.search(r"学习培训[^：]*?本层级不考核", front.split("政策宣讲")[0])


def test_a_part_of_a_year_is_compared_with_the_year_before(strict: None) -> None:
    """And is said to be, as is the year; a quarter with the one before it."""
    text = "".join(printed(made(bulletin.make, "2026Q1-Q3").content))
    assert "比上年同期" in text
    assert "上年同期人数" in text
    assert "上期" not in text
    said = [bulletin.since(Period.parse(of), "+1.00") for of in ("2026Q3", "2026Q1-Q3", "2026")]
    assert said == ["比上期 +1.00", "比上年同期 +1.00", "比上年同期 +1.00"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_text_keeps_to_its_column(case_copy: Path, language: str) -> None:
    """No sign of the bulletin stands on another, whatever the names; a row stays on its page."""
    with asking(case_copy) as house:
        with house.write() as cursor:
            for n, name in enumerate(NAMES):
                cursor.execute(
                    "update stored_delegates set name = ?"
                    " where cast(substr(delegate_id, 2) as int) % 9 = ?",
                    [name, n],
                )
            for table in ("stored_delegates", "stored_townships"):
                cursor.execute(
                    f"update {table} set township = ? where township = '浪河镇'", [FORTY]
                )
        speak(language)
        try:
            content = made(bulletin.make, "2026Q3").content
        finally:
            speak("zh")
    seen = 0
    with pypdfium2.PdfDocument(content) as paper:
        for page in paper:
            text = page.get_textpage()
            boxes = [text.get_charbox(n) for n in range(text.count_chars())]
            boxes = np.unique(boxes, axis=0)  # the signs of a ligature share theirs
            left, bottom, right, top = boxes[(boxes[:, 2] > boxes[:, 0])].T
            wide = np.minimum(right, right[:, None]) - np.maximum(left, left[:, None])
            high = np.minimum(top, top[:, None]) - np.maximum(bottom, bottom[:, None])
            overlap = (wide > 1) & (high > 1)
            np.fill_diagonal(overlap, val=False)
            assert not overlap.any()
    for said in printed(content):
        seen += said.count(FORTY)
        assert said.count(FORTY[:6]) == said.count(FORTY[-6:]) == said.count(FORTY)
    assert seen > 10


def test_in_hand_is_one_thing(tmp_path: Path) -> None:
    """Suggestions in hand are those assigned and without a reply; the others are told apart."""
    columns = "建议号 标题 领衔代表编号 提出日期 交办日期 承办单位"
    filed = rows(
        columns,
        ("J1", "一", "D1", "2026-01-05", "2026-01-06", "甲局"),
        ("J2", "二", "D1", "2026-01-05", "", ""),
    )
    with asking(build(tmp_path / "one.duckdb", county())) as house:
        upload(house, [sent("suggestions", filed, Period.parse("2026Q1"))])
        book = "".join(printed(made(booklet.make, "2026Q3", "甲镇").content))
        whole = "".join(printed(made(bulletin.make, "2026Q3").content))
    assert "在办的代表建议1件，其中逾期1件。另有未交办1件。" in book
    assert "在办的代表建议1件，其中逾期1件" in whole
    assert "甲镇101" in whole.split("建议办理期限")[1]  # in hand, due soon, overdue


def test_nothing_reported_is_not_nothing_done(tmp_path: Path) -> None:
    """Before any township has reported, totals are missing, and so is what peers attain."""
    with asking(build(tmp_path / "one.duckdb", county())) as house:
        first = printed(made(bulletin.make, "2026Q3").content)[0]
        upload(house, [sent("opinions", opinion(), Q3)])
        front, _back = printed(made(dossier.make, "2026Q3", "D1").content)
    assert "走访群众（户次）—" in first
    assert "本期没有镇街报送群众意见。" in first
    assert "中间一半" not in front


def test_few_are_not_told_apart(strict: None) -> None:
    """The best of a level are as many as there are; of three townships none is ahead."""
    few = asked.ranking(period=Q3).groupby("level", sort=False).head(3)
    assert bulletin._people(Q3, few)[0]["best_title"] == "县级：前 3 名"
    townships = asked.township_figures(periods=[Q3], today=date(2026, 10, 20)).head(4)
    townships["rank"] = [1, 2, 3, 4]
    assert bulletin._leaders(townships).startswith("平均得分居前的镇街：")
    assert bulletin._leaders(townships.head(3)) == ""
