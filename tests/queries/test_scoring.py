"""Scoring in SQL gives what the definition gives: the worked cases, and the slow reference."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import reference
from counties import HEADERS, random_county, shuffled
from databases import asking, files_of, sent, upload
from figures import agree, table

from data.period import Period
from data.store import Store
from queries import county, delegate, scoring

PERIODS = [Period.parse(text) for text in ("2026Q3", "2026Q1-Q3", "2026")]
TODAY = date(2027, 1, 15)
INDICATORS = [indicator["code"] for indicator in reference.DEFAULT_SCHEME["indicators"]]

Cells = dict[str, Any]

# Counties by seed; every fourth is assessed by a scheme with other numbers.
SEEDS = range(20)
OTHER_SCHEMES: list[tuple[Cells, str]] = [
    ({"quota": 0.1}, "update scheme set excellent_quota = 0.1"),
    ({"quota": 0.3}, "update scheme set excellent_quota = 0.3"),
    (
        {"quota": 0.5, "bands": {"优秀": 70, "称职": 60, "基本称职": 30, "不称职": 0}},
        "update scheme set excellent_quota = 0.5;"
        "update scheme_bands set at_least = 70 - 10 * position - 20 * (position // 2)"
        " where position < 3",
    ),
    (
        {"bands": {"优秀": 90, "称职": 80, "基本称职": 60, "不称职": 0}, "min_coverage": 0.8},
        "update scheme set min_coverage = 0.8;"
        "update scheme_bands set at_least = 80 where grade = '称职'",
    ),
    (
        {"cosign": 0.5, "leave": 0.25, "partly": 0.75, "bonus_cap": 3, "clip": (10, 100)},
        "update scheme set co_signature = 0.5, leave_credit = 0.25, approval_partly = 0.75,"
        " bonus_cap = 3, score_low = 10, score_high = 100",
    ),
]


def delegates_of(periods: Sequence[Period]) -> dict[Period, pd.DataFrame]:
    """The product's figures in the columns of the reference, by delegate_id."""
    key = ["period", "delegate_id"]
    rates = scoring.rates(periods=periods)
    wide = [
        rates.pivot(index=key, columns="indicator", values=column).add_prefix(prefix)
        for column, prefix in (("value", "x_"), ("rate", "r_"), ("reason", "reason_"))
    ]
    found = scoring.standings(periods=periods).set_index(key).join(wide).sort_index()
    return {period: found.loc[str(period)].reset_index() for period in periods}


def townships_of(periods: Sequence[Period], register: list[str]) -> dict[Period, pd.DataFrame]:
    """The product's figures of townships, in the register's order."""
    found = county.township_figures(periods=periods, today=TODAY)
    place = found["township"].map(register.index)
    found = found.iloc[place.argsort()]
    return {period: found[found["period"] == str(period)] for period in periods}


# --- the worked cases -------------------------------------------------------------------------


@pytest.mark.parametrize("period", PERIODS, ids=str)
def test_delegates_of_the_cases(cases: Store, period: Period) -> None:
    """Every value, rate, score, grade and rank of the worked cases comes out as written there."""
    agree(delegates_of([period])[period], table(f"expected-{period}"))


@pytest.mark.parametrize("period", PERIODS, ids=str)
def test_townships_of_the_cases(cases: Store, period: Period) -> None:
    """Every township figure of the worked cases comes out as written there, and none besides."""
    register = [row["镇街"] for row in table("townships")]
    agree(townships_of([period], register)[period], table(f"expected-{period}-townships"))


# --- the reference ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "seed", [pytest.param(s, marks=pytest.mark.slow if s >= 8 else ()) for s in SEEDS]
)
def test_random_counties_agree_with_the_reference(seed: int, tmp_path: Path) -> None:
    """A county full of edge cases scores as the reference says, in every column."""
    invented = random_county(seed, delegates=24)
    changed, sql = OTHER_SCHEMES[seed // 4] if seed % 4 == 0 else ({}, "")
    scheme = reference.DEFAULT_SCHEME | changed
    register = [row["镇街"] for row in invented["townships"]]
    with asking(tmp_path / "county.duckdb") as house:
        upload(house, files_of(invented))
        if sql:
            with house.write() as cursor:
                cursor.execute(sql)
        delegates, townships = delegates_of(PERIODS), townships_of(PERIODS, register)
    for period in PERIODS:
        agree(delegates[period], reference.score(invented, scheme, str(period)))
        agree(townships[period], reference.townships(invented, scheme, str(period)))


# --- what holds for every county --------------------------------------------------------------


@pytest.fixture(scope="module")
def invented() -> reference.County:
    return random_county(7, delegates=20)


@pytest.fixture(scope="module")
def house(invented: reference.County, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A random county, asked; a test may add records to it that are good for their delegates."""
    with asking(tmp_path_factory.mktemp("county") / "county.duckdb") as house:
        upload(house, files_of(invented))
        yield house


def test_only_duties_that_help_are_in_the_base(house: Store) -> None:
    """The base is the largest that any choice among the optional indicators gives."""
    included = scoring.included(periods=PERIODS)
    bases = scoring.scores(periods=PERIODS).set_index(["period", "delegate_id"])["base"]
    assert included["optional"].any()
    for key, rows in included.groupby(["period", "delegate_id"]):
        owed, optional = rows[~rows["optional"]], rows[rows["optional"]]
        choices = [
            pd.concat([owed, optional.loc[list(chosen)]])
            for size in range(len(optional) + 1)
            for chosen in itertools.combinations(optional.index, size)
        ]
        means = {
            tuple(sorted(choice["indicator"])): (
                100 * (choice["weight"] * choice["rate"]).sum() / choice["weight"].sum()
            )
            for choice in choices
            if len(choice)
        }
        in_base = tuple(sorted(rows.loc[rows["in_base"], "indicator"]))
        assert bases[key] == pytest.approx(max(means.values()))
        assert means[in_base] == pytest.approx(max(means.values()))


@pytest.mark.parametrize("period", PERIODS, ids=str)
def test_the_receipt_adds_up(house: Store, invented: reference.County, period: Period) -> None:
    """Contributions add up to the base; base, bonus and deduction, clipped, are the score.

    What was not offered, not due or not reported has no rate and no part in the base: it costs
    nothing.
    """
    standings = scoring.standings(periods=[period]).set_index("delegate_id")
    for row in invented["delegates"]:
        one = standings.loc[row["代表编号"]]
        receipt = delegate.receipt(delegate_id=row["代表编号"], period=period)
        missing = receipt[receipt["reason"].notna()]
        assert list(receipt["indicator"].sort_values()) == sorted(INDICATORS)
        assert missing["rate"].isna().all()
        assert not missing["in_base"].any()
        assert missing["contribution"].isna().all()
        assert receipt.loc[receipt["reason"].isna(), "rate"].between(0, 1).all()
        if receipt["in_base"].any():
            assert receipt["contribution"].sum() == pytest.approx(one["base"])
        else:
            assert pd.isna(one["base"])
        if pd.notna(one["score"]):
            total = one["base"] + one["bonus"] - one["deduction"]
            assert one["score"] == pytest.approx(min(110, max(0, total)))
        assert one["deduction"] == pytest.approx(
            one["adjusted_down"] + one["absence_session"] + one["absence_event"]
        )


def test_order_changes_nothing(house: Store, invented: reference.County, tmp_path: Path) -> None:
    """The same rows in another order, in files sent in another order, give the same figures."""
    before = delegates_of(PERIODS)
    with asking(tmp_path / "shuffled.duckdb") as other:
        upload(other, files_of(shuffled(invented, 1))[::-1])
        after = delegates_of(PERIODS)
    for period in PERIODS:
        agree(before[period], after[period].to_dict("records"))


def test_periods_asked_together_are_as_asked_apart(house: Store) -> None:
    """No period leaks into another: overlapping ones give the same rows, in any order."""
    together = delegates_of(PERIODS[::-1])
    for period in PERIODS:
        pd.testing.assert_frame_equal(together[period], delegates_of([period])[period])


# One more record of a duty: its format, its cells, and the format in which it may not be the first
# of the quarter, because it would make the quarter reported.
DEEDS: list[tuple[str, Cells, str | None]] = [
    *(
        ("activities", {"类型": kind, "内容": "又一次"}, "activities")
        for kind in ("入户走访", "接待选民", "政策宣讲", "主题活动", "履职笔记")
    ),
    ("opinions", {"诉求": "又一条"}, "opinions"),
    ("suggestions", {"标题": "又一件"}, None),
    ("duty_reports", {"到会选民": 50}, None),
    *(
        ("attendance", {"活动类型": kind, "结果": "出席"}, None)
        for kind in ("会议", "视察", "执法检查", "专题调研", "学习培训")
    ),
]
# Where a row of the format says whose it is, when, and its number.
PLACES = {
    "activities": ("代表编号", "日期", None),
    "opinions": ("代表编号", "收集日期", "编号"),
    "suggestions": ("领衔代表编号", "提出日期", "建议号"),
    "duty_reports": ("代表编号", "日期", None),
    "attendance": ("代表编号", "日期", "活动号"),
}


def record(name: str, cells: Cells, who: str, day: date, number: int) -> reference.Row:
    """A row of the format with these cells."""
    whose, dated, numbered = PLACES[name]
    row = dict.fromkeys(HEADERS[name].split(), "")
    row |= {whose: who, dated: str(day)} | {header: str(cell) for header, cell in cells.items()}
    return row | ({numbered: f"新{number}"} if numbered else {})


def test_one_more_record_never_costs(house: Store, invented: reference.County) -> None:
    """Within reported quarters a record never lowers its delegate's score, nor moves another's.

    Approved leave from an event that an indicator counts is no record of a duty: it moves nobody.
    """

    def scores() -> pd.Series[float]:
        found = scoring.scores(periods=PERIODS)
        return found.set_index(["period", "delegate_id"])["score"].sort_index()

    rng = random.Random(20)
    township = {row["代表编号"]: row["镇街"] for row in invented["delegates"]}
    reported = reference.reported_quarters(invented, reference.Period.named("2026"))
    before = scores()
    leave = ("attendance", {"活动类型": "视察", "结果": "请假"}, None)
    rises, scored = 0, 0
    for number in range(40):
        name, cells, sending = rng.choice([*DEEDS, *DEEDS, leave])
        who, quarter = rng.choice(sorted(township)), Period(2026, q := rng.randint(1, 4), q)
        if sending and (sending, township[who], q) not in reported:
            continue
        day = date(2026, 3 * q - rng.randint(0, 2), 1 + number // 4)
        upload(house, [sent(name, [record(name, cells, who, day, number)], quarter)])
        after = scores()
        own = after.index.get_level_values("delegate_id") == who
        pd.testing.assert_series_equal(after[~own], before[~own], rtol=1e-12)
        known = before.notna() & own
        change = (after - before)[known]
        assert (change > -1e-9).all(), (name, cells, who, day)
        if cells.get("结果") == "请假":
            assert (change.abs() < 1e-9).all()
        scored += known.sum()
        rises += (change > 1e-9).sum()
        before = after
    assert scored > 25
    assert rises > 5
