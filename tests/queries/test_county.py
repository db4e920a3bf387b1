"""Every figure about the county, worked out again from the delegates' scores and the raw rows."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import date
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import pandas as pd
import pytest
import reference
from counties import HEADERS
from databases import asking, files_of, upload
from figures import agree, table

from data.period import Period
from data.store import Store
from queries import county, loop, scoring, uploads

Q2, Q3, NINE_MONTHS, YEAR = (
    Period.parse(text) for text in ("2026Q2", "2026Q3", "2026Q1-Q3", "2026")
)
TODAY = date(2026, 10, 20)
GRADED = ("county", "township")

CASES = {name: table(name) for name in HEADERS}
ROSTER = {row["代表编号"]: row for row in CASES["delegates"]}


def scores(period: Period) -> dict[str, dict[str, Any]]:
    """The rows of the reference by delegate, with the township of each."""
    rows = reference.score(CASES, reference.DEFAULT_SCHEME, str(period))
    return {r["delegate_id"]: r | {"township": ROSTER[r["delegate_id"]]["镇街"]} for r in rows}


def compared(period: Period) -> list[dict[str, Any]]:
    """The delegates whom a comparison of townships compares."""
    return [r for r in scores(period).values() if r["level"] in GRADED and r["eligible"] > 0]


def test_ranking(cases: Store) -> None:
    """Everyone in office stands in the ranking, in order, with the change since the quarter before."""
    now, earlier = scores(Q3), scores(Q2)
    levels = ["county", "township", "prefecture", "provincial", "national"]
    in_office = sorted(
        (row for row in now.values() if row["eligible"] > 0),
        key=lambda row: (
            row["level"] not in GRADED,
            levels.index(row["level"]),
            row["rank"] is None,
            row["rank"] or 0,
            -round(row["score"], 9) if row["score"] is not None else 999,
            row["delegate_id"],
        ),
    )
    peers = Counter(row["level"] for row in now.values() if row["rank"])

    def less(a: float | None, b: float | None) -> float | None:
        return None if a is None or b is None else a - b

    expected = []
    for row in in_office:
        before = earlier[row["delegate_id"]]
        expected.append(
            {
                "delegate_id": row["delegate_id"],
                "name": ROSTER[row["delegate_id"]]["姓名"],
                "level": row["level"],
                "township": row["township"],
                "rank": row["rank"],
                "rank_before": before["rank"],
                "rank_change": less(before["rank"], row["rank"]),
                "score": row["score"],
                "score_change": less(row["score"], before["score"]),
                "grade": row["grade"],
                "base": row["base"],
                "coverage": row["coverage"],
                "peers": peers[row["level"]],
            }
        )
    found = county.ranking(period=Q3)
    agree(found, expected)
    assert (found["rank_change"].dropna() != 0).any()


@pytest.mark.parametrize("level", ["county", "township"])
@pytest.mark.parametrize("count", [3, 10])
def test_movers(cases: Store, count: int, level: str) -> None:
    """The largest climbs and falls of a level are those of the ranking; who has no earlier rank has
    none.
    """
    moved = county.ranking(period=Q3).dropna(subset="rank_change")
    moved = moved[moved["level"] == level]
    order = moved.sort_values(["rank", "delegate_id"])
    climbs = order[order["rank_change"] > 0].sort_values(
        "rank_change", ascending=False, kind="stable"
    )
    falls = order[order["rank_change"] < 0].sort_values("rank_change", kind="stable")
    found = county.movers(period=Q3, level=level, count=count)
    assert set(found["delegate_id"]) == {
        *climbs["delegate_id"][:count],
        *falls["delegate_id"][:count],
    }
    assert found["rank_change"].is_monotonic_decreasing
    columns = ["delegate_id", "rank", "rank_before", "rank_change", "score"]
    agree(
        found[columns],
        order.set_index("delegate_id")
        .loc[found["delegate_id"]]
        .reset_index()[columns]
        .to_dict("records"),
    )


def test_what_was_not_reported_is_missing_and_makes_no_climb(
    sample_database: Path, tmp_path: Path
) -> None:
    """In the sample's last quarter two townships sent nothing and one no opinions: their figures
    are missing, not zero; those with few scores have no rank; no delegate of theirs is a mover.
    """
    with asking(Path(shutil.copy(sample_database, tmp_path / "sample.duckdb"))):
        found = county.township_figures(periods=[Q3], today=TODAY).set_index("township")
        silent = ["官山镇", "大沟管理区"]
        assert list(found.index[found["rank"].isna()]) == list(found.index[-2:])
        assert set(found.index[-2:]) == set(silent)
        assert (found.loc[silent, "scored"] < found.loc[silent, "delegates"] / 2).all()
        for column in ("households_each", "receptions_each", "publicity_each"):
            assert set(found.index[found[column].isna()]) == set(silent)
        assert set(found.index[found["opinions_each"].isna()]) == {*silent, "土关垭镇"}
        for column in ("households_visited", "receptions", "publicity", "theme_actions"):
            assert set(found.index[found[column].isna()]) == set(silent)
        for column in ("opinions", "opinions_closed"):
            assert set(found.index[found[column].isna()]) == {*silent, "土关垭镇"}
        whole = county.township_figures(periods=[NINE_MONTHS], today=TODAY)
        assert whole["households_visited"].notna().all()  # of the quarters that were reported
        assert list(found["rank"].dropna()) == list(range(1, 17))
        ranking = county.ranking(period=Q3).set_index("delegate_id")
        partly = ranking.index[(ranking["coverage"] < 1) & ranking["rank_change"].notna()]
        movers = county.movers(period=Q3, level="county", count=100)
        assert len(partly) > 0
        assert len(movers) > 0
        assert not set(movers["delegate_id"]) & set(partly)


def test_changes_are_differences_of_the_figures(cases: Store) -> None:
    """Each change is the period's figure less that of the period before; without one, no row."""
    before = Q3.before
    figures = county.county_figures(periods=[before, Q3]).set_index("period")
    [changes] = county.county_changes(period=Q3).to_dict("records")
    for name, change in changes.items():
        assert change == pytest.approx(figures[name][str(Q3)] - figures[name][str(before)])
    found = county.township_figures(periods=[Q3, before], today=TODAY)
    means = found.set_index(["period", "township"])["mean_score"]
    for row in found[found["period"] == str(Q3)].itertuples():
        assert row.mean_change == pytest.approx(row.mean_score - means[str(before), row.township])
    assert county.county_changes(period=LONG_AGO).empty


@pytest.mark.parametrize("period", [Q3, YEAR], ids=str)
def test_distribution(cases: Store, period: Period) -> None:
    """Each scored delegate of a graded level is in one step of five points, under the grade that
    the delegate has, whatever the score alone would give.
    """
    grades = ["优秀", "称职", "基本称职", "不称职", "不定等次"]
    expected = Counter(
        (min(105, int(row["score"] // 5) * 5), grades.index(row["grade"]), row["grade"])
        for row in compared(period)
        if row["score"] is not None
    )
    found = county.distribution(period=period)
    assert list(found[["step", "position", "grade", "delegates"]].itertuples(index=False)) == [
        (*where, count) for where, count in sorted(expected.items())
    ]


def test_distribution_adds_up_to_the_grades(sample_database: Path, tmp_path: Path) -> None:
    """In the sample grades are capped, and with a quota 优秀 is for a few: the chart of the scores
    counts as many of each grade as the table of the grades.
    """
    with asking(Path(shutil.copy(sample_database, tmp_path / "sample.duckdb"))) as house:
        for quota in ("null", "0.1"):
            with house.write() as cursor:
                cursor.execute(f"update scheme set excellent_quota = {quota}")
            counted = county.distribution(period=Q3).groupby("grade")["delegates"].sum()
            of_grades = loop.grade_counts(period=Q3).set_index("grade")["delegates"]
            assert counted.to_dict() == of_grades[of_grades > 0].to_dict()


@pytest.mark.parametrize("period", [Q3, NINE_MONTHS, YEAR], ids=str)
def test_county_figures(cases: Store, period: Period) -> None:
    """The county's figures are those of all its delegates, and the totals of its townships."""
    members = compared(period)
    townships = county.township_figures(periods=[period], today=TODAY)
    found = [row["score"] for row in members if row["score"] is not None]
    reported = reference.reported_quarters(CASES, reference.Period.named(str(period)))
    silent = {
        row["township"]
        for row in members
        for quarter in period.quarters
        for format in ("activities", "opinions")
        if (format, row["township"], quarter.first) not in reported
    }
    totals = {
        name: int(townships[name].sum())
        for name in ("delegates", "scored", "households_visited", "receptions", "opinions")
    }
    closed = int(townships["opinions_closed"].sum())
    agree(
        county.county_figures(periods=[period]),
        [
            {
                "period": str(period),
                "townships": len(townships),
                "townships_not_reported": len(silent - {""}),
                "mean_score": mean(found),
                "active_share": (townships["active_share"] * townships["delegates"]).sum()
                / len(members),
                "opinions_closed": closed,
                "closed_share": closed / totals["opinions"],
                **totals,
            }
        ],
    )
    assert totals["delegates"] == len(members)
    assert totals["scored"] == len(found)


def test_township_figures(cases: Store) -> None:
    """Ranks, shares, figures per delegate and funnel limits follow from the totals and scores."""
    found = county.township_figures(periods=[YEAR], today=TODAY)
    members = compared(YEAR)
    everyone = [row["score"] for row in members if row["score"] is not None]
    means = {}
    for row in found.to_dict("records"):
        own = [member for member in members if member["township"] == row["township"]]
        scored = [member["score"] for member in own if member["score"] is not None]
        means[row["township"]] = mean(scored)
        excellent = sum(member["grade"] == "优秀" for member in own)
        spread = 1.96 * stdev(everyone) / len(scored) ** 0.5
        totals = {
            f"{name}_each": sum(member[f"x_{code}"] for member in own) / len(own)
            for name, code in (
                ("households", "household_visit"),
                ("receptions", "voter_reception"),
                ("opinions", "opinion_collected"),
                ("publicity", "publicity"),
                ("theme_actions", "theme_action"),
            )
        }
        expected = {
            "mean_score": mean(scored),
            "excellent": excellent,
            "excellent_share": excellent / len(scored),
            "county_mean": mean(everyone),
            "funnel_low": mean(everyone) - spread,
            "funnel_high": mean(everyone) + spread,
            "closed_share": row["opinions_closed"] / row["opinions"],
            "households_share": row["households_visited"] / row["households_assigned"],
            **totals,
        }
        agree(pd.DataFrame([row]), [expected])
    assert list(found["rank"]) == [
        1 + sum(round(other, 9) > round(means[name], 9) for other in means.values())
        for name in found["township"]
    ]
    assert found["rank"].is_monotonic_increasing


def test_not_reported_names_the_quarter_and_the_format(cases: Store) -> None:
    """For each township the quarters and formats of which nothing live is on record."""
    reported = reference.reported_quarters(CASES, reference.Period.named("2026"))
    found = county.township_figures(periods=[YEAR], today=TODAY)
    for row in found.itertuples():
        expected = [
            (quarter.start, format)
            for quarter in YEAR.quarters
            for format in ("activities", "opinions")
            if (format, row.township, quarter.first) not in reported
        ]
        assert [
            (pd.Timestamp(gap["quarter"]).date(), gap["format"]) for gap in row.not_reported
        ] == expected


def test_township_indicators(cases: Store) -> None:
    """A township's rate in an indicator is the mean over its delegates who have one."""
    members = compared(NINE_MONTHS)
    found = county.township_indicators(periods=[NINE_MONTHS])
    for row in found.itertuples():
        rates = [
            member[f"r_{row.indicator}"]
            for member in members
            if member["township"] == row.township and member[f"r_{row.indicator}"] is not None
        ]
        assert row.rated == len(rates)
        assert row.mean_rate == pytest.approx(mean(rates)) if rates else pd.isna(row.mean_rate)
    assert len(found) == 12 * len({member["township"] for member in members})


def test_dimension_rates(cases: Store) -> None:
    """The dimensions, weighted by what is in the base, make up the base score."""
    included = scoring.included(periods=[Q3]).query("in_base")
    dimension = county.indicators().set_index("indicator")["dimension"]
    weights = included.groupby(["delegate_id", included["indicator"].map(dimension)])["weight"]
    rates = county.dimension_rates(period=Q3).set_index(["delegate_id", "dimension"])["rate"]
    earned = (rates * weights.sum().rename_axis(rates.index.names)).groupby("delegate_id").sum()
    bases = scoring.scores(periods=[Q3]).set_index("delegate_id")["base"].dropna()
    pd.testing.assert_series_equal(
        100 * earned / included.groupby("delegate_id")["weight"].sum(),
        bases.sort_index(),
        check_names=False,
    )
    assert rates.between(0, 1).all()


def row_of(name: str, **cells: object) -> dict[str, str]:
    given = {header: str(cell) for header, cell in cells.items()}
    return dict.fromkeys(HEADERS[name].split(), "") | given


# 交办日期, 办理期限月, 答复日期 → the deadline, and whether it was kept; None: not yet due on TODAY.
DEADLINES = [
    ("2023-11-30", 3, "2024-02-29", date(2024, 2, 29), True),  # a leap year has the day …
    ("2023-11-30", 3, "2024-03-01", date(2024, 2, 29), False),
    ("2025-11-30", 3, "2026-02-28", date(2026, 2, 28), True),  # … another has not
    ("2025-11-30", 3, "2026-03-01", date(2026, 2, 28), False),
    ("2026-01-31", 3, "", date(2026, 4, 30), False),
    ("2026-03-31", 6, "2026-05-01", date(2026, 9, 30), True),
    ("2026-07-19", 3, "", date(2026, 10, 19), False),
    ("2026-07-20", 3, "", date(2026, 10, 20), None),  # today is not yet past
    ("2026-09-01", "", "2026-10-02", date(2026, 12, 1), True),  # early, and three months unsaid
    ("2026-09-02", "", "", date(2026, 12, 2), None),
    ("", 3, "", None, None),
]


def test_where_nobody_reported_there_is_no_total(tmp_path: Path) -> None:
    """Activities without opinions: what opinions would count is missing, and so are its changes;
    a returned row reports nothing; who reported and did not visit has visited nobody.
    """
    duties = "类型 代表编号 日期 数量 核实状态"
    invented = {
        "townships": [row_of("townships", 镇街=name, 类型="镇") for name in ("甲镇", "乙镇")],
        "delegates": [
            row_of(
                "delegates", 代表编号=code, 姓名="王", 层级="县级", 镇街=home, 任职起="2021-12-20"
            )
            for code, home in (("D1", "甲镇"), ("D2", "乙镇"))
        ],
        "activities": [
            row_of("activities", **dict(zip(duties.split(), cells, strict=True)))
            for cells in (
                ("接待选民", "D1", "2026-08-01", 1, "已核实"),
                ("入户走访", "D2", "2026-08-01", 5, "已退回"),
                ("入户走访", "D1", "2026-05-01", 2, "已核实"),
            )
        ],
        "opinions": [
            row_of(
                "opinions",
                编号="Y1",
                代表编号="D1",
                收集日期="2026-05-01",
                办结日期="2026-06-01",
                诉求="路灯",
            )
        ],
    }
    with asking(tmp_path / "county.duckdb") as house:
        upload(house, files_of(invented))
        townships = county.township_figures(periods=[Q3], today=TODAY)
        figures = county.county_figures(periods=[Q2, Q3])
        changes = county.county_changes(period=Q3)
    totals = ["households_visited", "receptions", "opinions", "opinions_closed"]
    agree(
        townships[["township", *totals]],
        [
            {"township": "甲镇"} | dict(zip(totals, (0, 1, None, None), strict=True)),
            {"township": "乙镇"} | dict.fromkeys(totals),
        ],
    )
    agree(
        figures[totals],
        [
            dict(zip(totals, (2, 0, 1, 1), strict=True)),
            dict(zip(totals, (0, 1, None, None), strict=True)),
        ],
    )
    agree(changes[totals], [dict(zip(totals, (-2, 1, None, None), strict=True))])


def test_replies_within_their_limit(tmp_path: Path) -> None:
    """A deadline is calendar months on, the month's last day at most; it counts once it is past.

    Not counted: what nobody was charged with, and what was filed outside the mandate.
    """
    delegates = [
        row_of("delegates", 代表编号="D1", 姓名="甲", 层级="县级", 镇街="镇", 任职起="2022-01-01"),
        row_of(
            "delegates", 代表编号="D2", 姓名="乙", 层级="县级", 镇街="镇", 任职起="2026-02-01"
        ),
        row_of("delegates", 代表编号="D3", 姓名="丙", 层级="县级", 任职起="2022-01-01"),
    ]  # fmt: skip
    suggestions = [
        row_of(
            "suggestions",
            建议号=f"S{number}",
            标题="建议",
            领衔代表编号="D1",
            提出日期=assigned or "2026-01-05",
            交办日期=assigned,
            办理期限月=months,
            答复日期=replied,
            办理结果="已解决" if replied else "",
        )
        for number, (assigned, months, replied, *_) in enumerate(DEADLINES)
    ]
    early = {"建议号": "早", "领衔代表编号": "D2", "提出日期": "2026-01-20"}
    suggestions.append(suggestions[4] | early | {"交办日期": "2026-02-10"})
    invented = {name: [] for name in HEADERS} | {
        "townships": [row_of("townships", 镇街="镇", 类型="镇")],
        "delegates": delegates,
        "suggestions": suggestions,
    }
    periods = [Period(year, q, q) for year in (2024, 2026) for q in (1, 2, 3, 4)]
    with asking(tmp_path / "deadlines.duckdb") as house:
        upload(house, [file for file in files_of(invented) if file.content.count(b"\n") > 1])
        found = county.township_figures(periods=periods, today=TODAY).set_index("period")
        whole = county.county_figures(periods=periods).set_index("period")
    for period in periods:
        kept = [k for *_, due, k in DEADLINES if due and period.start <= due <= period.end]
        due = [answer for answer in kept if answer is not None]
        assert found.at[str(period), "replies_due"] == len(due), period
        assert found.at[str(period), "replies_in_time"] == sum(due), period
    # A delegate of no township is no township, and yet one of the county's delegates.
    assert set(found["township"]) == {"镇"}
    assert (whole["delegates"] == found["delegates"] + 1).all()
    assert (whole["townships"] == 1).all()


def test_periods_on_record(cases: Store) -> None:
    """Quarters with uploads, the years to date they end, and a year once its last quarter is in."""
    year = [Period(2026, 1, 4), Period(2026, 4, 4), Period(2026, 1, 3), Period(2026, 3, 3)]
    year += [Period(2026, 1, 2), Period(2026, 2, 2), Period(2026, 1, 1)]
    found = county.periods_on_record()
    assert [period for period in found if period.year == 2026] == year
    assert sorted({p.start for p in found if p.is_quarter}) == [
        quarter.start for quarter in county.quarters_on_record()
    ]


def test_the_scheme_is_told(cases: Store) -> None:
    """The weights shown add up to 100, the bands fall, the register of townships is whole."""
    indicators = county.indicators()
    for column in ("weight_county", "weight_township"):
        assert indicators[column].sum() == 100
    assert list(indicators["indicator"]) == [
        indicator["code"] for indicator in reference.DEFAULT_SCHEME["indicators"]
    ]
    assert list(county.bands()["grade"]) == list(reference.DEFAULT_SCHEME["bands"])
    assert county.bands()["at_least"].is_monotonic_decreasing
    assert list(county.scheme_in_force()["min_coverage"]) == [0.5]
    found = county.townships_on_record()
    assert set(found["township"]) == {row["镇街"] for row in CASES["townships"]}


LONG_AGO = Period.parse("1999Q3")


def test_periods_without_data_are_empty(cases: Store) -> None:
    """A period before anyone was in office has no row, in any table, and raises nothing."""
    assert county.county_figures(periods=[LONG_AGO]).empty
    assert county.township_figures(periods=[LONG_AGO], today=TODAY).empty
    assert county.township_indicators(periods=[LONG_AGO]).empty
    assert county.distribution(period=LONG_AGO).empty
    assert county.ranking(period=LONG_AGO).empty
    assert county.dimension_rates(period=LONG_AGO).empty
    assert county.movers(period=LONG_AGO, level="county", count=5).empty
    assert scoring.standings(periods=[LONG_AGO])["score"].isna().all()
    assert county.county_figures(periods=[]).empty
    # In office, and nothing on record: everyone counts, and no one has a score.
    unrecorded = county.county_figures(periods=[Period.parse("2024Q1")])
    assert unrecorded["delegates"].item() > 0
    assert unrecorded["scored"].item() == 0
    assert unrecorded["mean_score"].isna().all()


def test_an_empty_database_is_empty(tmp_path: Path) -> None:
    """Every question to a new database has an answer: no rows."""
    with asking(tmp_path / "new.duckdb"):
        assert county.quarters_on_record() == county.periods_on_record() == []
        for frame in (
            county.county_figures(periods=[Q3]),
            county.township_figures(periods=[Q3], today=TODAY),
            county.township_indicators(periods=[Q3]),
            county.distribution(period=Q3),
            county.ranking(period=Q3),
            county.dimension_rates(period=Q3),
            county.movers(period=Q3, level="county", count=5),
            county.county_changes(period=Q3),
            county.townships_on_record(),
            uploads.history(),
            uploads.board(periods=[Q3]),
            scoring.tallies(periods=[Q3]),
            scoring.rates(periods=[Q3]),
            scoring.included(periods=[Q3]),
            scoring.scores(periods=[Q3]),
            scoring.standings(periods=[Q3]),
        ):
            assert frame.empty
            assert len(frame.columns) > 0
