"""The campaigns: figures worked out by hand, the published ones, and the sample recomputed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from databases import asking, files_of, upload
from figures import agree

from data.period import Period
from data.store import Store
from queries import campaigns

Q1, Q2, HALF, YEAR = (Period.parse(text) for text in ("2026Q1", "2026Q2", "2026Q1-Q2", "2023"))
TODAY = date(2026, 11, 22)
WATER, TOGETHER, ELDERS = "碧水", "缔造", "敬老"

SINCE = "2020-01-01"
DELEGATES = [
    # 代表编号, 层级, 镇街, 任职起, 任职止
    ("E1", "县级", "东镇", SINCE, ""),
    ("E2", "乡镇级", "东镇", SINCE, ""),
    ("E3", "省级", "东镇", SINCE, ""),
    ("E4", "乡镇级", "东镇", SINCE, "2026-03-31"),
    ("W1", "县级", "西镇", SINCE, ""),
    ("W2", "乡镇级", "西镇", "2026-05-10", ""),
    ("S1", "乡镇级", "南镇", SINCE, ""),  # a township that sends nothing in the second quarter
    ("N1", "全国级", "", SINCE, ""),
]
ACTIVITIES = [
    # 代表编号, 类型, 日期, 数量, 主题, 核实状态
    ("E1", "主题活动", "2026-04-01", "", WATER, "已核实"),  # the first day
    ("E1", "入户走访", "2026-06-30", 5, WATER, ""),  # the last
    ("E1", "主题活动", "2026-03-31", "", WATER, ""),
    ("E1", "主题活动", "2026-07-01", "", WATER, ""),
    ("E2", "主题活动", "2026-05-05", "", WATER, "已退回"),
    ("E2", "入户走访", "2026-05-05", "", TOGETHER, ""),
    ("E3", "志愿服务", "2026-05-01", "", WATER, ""),
    ("E4", "主题活动", "2026-04-01", "", WATER, ""),  # the day after the mandate
    ("W1", "接待选民", "2026-05-01", "", "", ""),
    ("W1", "主题活动", "2026-07-02", "", ELDERS, ""),
    ("W2", "主题活动", "2026-05-09", "", WATER, ""),  # the day before
    ("N1", "主题活动", "2026-06-01", "", WATER, ""),
]
OPINIONS = [
    # 编号, 代表编号, 收集日期, 办结日期, 结果, 主题
    ("O1", "E1", "2026-04-01", "2026-06-30", "已解决", WATER),
    ("O2", "E2", "2026-06-30", "2026-07-05", "已解决", WATER),
    ("O3", "E1", "2026-05-01", "2026-05-20", "列入计划", WATER),
    ("O4", "E2", "2026-05-02", "", "正在办理", WATER),
    ("O5", "E1", "2026-03-31", "2026-04-01", "已解决", WATER),
    ("O6", "W1", "2026-05-05", "2026-05-06", "已解决", ""),
    ("O7", "E1", "2026-05-06", "2026-05-07", "已解决", TOGETHER),
]
ISSUES = [
    # 编号, 主题, 发现渠道, 镇街, 专班, 发现日期, 法定期限, 整改日期
    ("I1", WATER, "集中视察", "东镇", "甲班", "2026-04-01", "2026-05-01", "2026-05-01"),
    ("I2", WATER, "集中视察", "西镇", "甲班", "2026-05-10", "2026-05-20", "2026-05-21"),
    ("I3", WATER, "执法检查", "东镇", "乙班", "2026-06-30", "2026-11-21", ""),
    ("I4", WATER, "执法检查", "东镇", "", "2026-06-01", "2026-11-22", ""),  # due today
    ("I5", WATER, "代表暗访", "", "", "2026-06-02", "", "2026-08-01"),
    ("I6", WATER, "代表暗访", "西镇", "", "2026-03-31", "2026-04-10", "2026-04-20"),
    ("I7", WATER, "自动抓拍", "南镇", "", "2025-12-31", "2026-12-31", ""),
    ("I8", TOGETHER, "执法检查", "东镇", "", "2026-05-05", "2026-06-01", ""),
]
SUPERVISED = [
    # 类别, 编号, 名称, 镇街, 监管方式, 状态
    ("断面", "D1", "上游断面", "东镇", "采样", "达标"),
    ("排污口", "P1", "一号口", "西镇", "巡查", "规范"),
    ("排污口", "P2", "二号口", "", "巡查", ""),
    ("排污口", "P3", "三号口", "东镇", "采样", "规范"),
]


def rows(headers: str, lines: list[tuple[Any, ...]], **more: str) -> list[dict[str, str]]:
    return [{**dict(zip(headers.split(), map(str, line), strict=True)), **more} for line in lines]


COUNTY = {
    "townships": rows("镇街 类型", [("东镇", "镇"), ("西镇", "镇"), ("南镇", "镇")]),
    "delegates": [
        {**row, "姓名": row["代表编号"]}
        for row in rows("代表编号 层级 镇街 任职起 任职止", DELEGATES)
    ],
    "supervised": rows("类别 编号 名称 镇街 监管方式 状态", SUPERVISED),
    "activities": rows("代表编号 类型 日期 数量 主题 核实状态", ACTIVITIES),
    "opinions": rows("编号 代表编号 收集日期 办结日期 结果 主题", OPINIONS, 诉求="水浑"),
    "issues": rows("编号 主题 发现渠道 镇街 专班 发现日期 法定期限 整改日期", ISSUES),
}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with asking(tmp_path_factory.mktemp("campaigns") / "small.duckdb") as house:
        upload(house, files_of(COUNTY))
        yield house


@pytest.fixture(scope="module")
def sample(sample_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    path = tmp_path_factory.mktemp("campaigns") / "sample.duckdb"
    shutil.copy(sample_database, path)
    with asking(path) as house:
        yield house


def table(headers: str, *lines: tuple[Any, ...]) -> list[dict[str, Any]]:
    return [dict(zip(headers.split(), line, strict=True)) for line in lines]


# --- worked out by hand -------------------------------------------------------------------------


def test_campaigns_on_record(small: Store) -> None:
    """Each theme with its live records; of the latest quarter the busiest first, then older ones."""
    found = campaigns.campaigns_on_record()
    agree(
        found.assign(last_date=found["last_date"].dt.strftime("%Y-%m-%d")),
        table(
            "campaign activities opinions issues last_date",
            (WATER, 8, 5, 7, "2026-07-01"),
            (ELDERS, 1, 0, 0, "2026-07-02"),
            (TOGETHER, 1, 1, 1, "2026-05-06"),
        ),
    )


def test_campaign_figures(small: Store) -> None:
    """A delegate counts once a period; a record counts inside the mandate and if not returned; flows
    go by their day; what is open and overdue is as of today in every period; silence is missing, and
    whose township is silent takes no part in participation.
    """
    headers = (
        "period delegates unheard townships activities participants participation townships_active"
        " collected closed solved found fixed taskforces channels open_now overdue_now"
    )
    found = campaigns.campaign_figures(
        periods=[Q2, Q1, HALF, Period.parse("2025Q4")], campaign=WATER, today=TODAY
    )
    agree(
        found,
        table(
            headers,
            ("2025Q4", 7, 7, 3, None, None, None, None, None, 0, 0, 1, 0, 0, 1, 3, 1),
            ("2026Q1", 7, 3, 3, 1, 1, 1 / 4, 1, 1, 0, 0, 1, 0, 0, 1, 3, 1),
            ("2026Q1-Q2", 8, 1, 3, 5, 3, 3 / 7, 1, 5, 3, 2, 6, 3, 2, 3, 3, 1),
            ("2026Q2", 7, 1, 3, 4, 3, 3 / 6, 1, 4, 3, 2, 5, 3, 2, 3, 3, 1),
        ),
    )


def test_campaign_townships(small: Store) -> None:
    """Participation is of all in office, of every level; a silent township is no zero, and who has
    no township is no township's.
    """
    headers = (
        "township delegates participants participation activities collected closed solved"
        " closed_otherwise open solved_in_period"
    )
    agree(
        campaigns.campaign_townships(period=Q2, campaign=WATER, today=TODAY),
        table(
            headers,
            (None, 1, 1, 1.0, 1, *[None] * 5, 0),
            ("东镇", 3, 2, 2 / 3, 3, 4, 3, 2, 1, 1, 2),
            ("西镇", 2, 0, 0.0, 0, 0, 0, 0, 0, 0, 0),
            ("南镇", 1, *[None] * 8, 0),
        ),
    )


def test_what_was_solved_later_is_solved_as_of_today(small: Store) -> None:
    """A concern of the first quarter that was closed in the second: of the first when it is asked
    what became of it, and of the second when it is asked what was solved.
    """
    found = campaigns.campaign_townships(period=Q1, campaign=WATER, today=TODAY)
    agree(
        found[found["township"] == "东镇"],
        table("township collected closed solved solved_in_period", ("东镇", 1, 1, 1, 0)),
    )


def test_campaign_kinds(small: Store) -> None:
    """Records, quantities and delegates by kind of activity, the commonest first."""
    agree(
        campaigns.campaign_kinds(period=Q2, campaign=WATER),
        table(
            "kind activities quantity participants",
            ("主题活动", 2, 2, 2),
            ("入户走访", 1, 5, 1),
            ("志愿服务", 1, 1, 1),
        ),
    )


def test_campaign_issues(small: Store) -> None:
    """Fixed on the last day is in time, a limit of today is not past, and without one none is late."""
    headers = (
        "way name found in_time late open overdue in_time_share days_taken most_days_taken"
        " days_allowed"
    )
    agree(
        campaigns.campaign_issues(period=Q2, campaign=WATER, today=TODAY),
        table(
            headers,
            ("all", None, 5, 2, 1, 1, 1, 2 / 4, 30, 60, 87),
            ("channel", "执法检查", 2, 0, 0, 1, 1, 0, None, None, 159),
            ("channel", "集中视察", 2, 1, 1, 0, 0, 1 / 2, 20.5, 30, 20),
            ("channel", "代表暗访", 1, 1, 0, 0, 0, 1, 60, 60, None),
            ("taskforce", "甲班", 2, 1, 1, 0, 0, 1 / 2, 20.5, 30, 20),
            ("taskforce", "乙班", 1, 0, 0, 0, 1, 0, None, None, 144),
            ("taskforce", None, 2, 1, 0, 1, 0, 1, 60, 60, 174),
            ("township", "东镇", 3, 1, 0, 1, 1, 1 / 2, 30, 30, 144),
            ("township", "西镇", 1, 0, 1, 0, 0, 0, 11, 11, 10),
            ("township", None, 1, 1, 0, 0, 0, 1, 60, 60, None),
        ),
    )


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        (Q2, [("I3", "overdue", 1), ("I4", "due_soon", None), ("I7", "open", None), ("I2", "fixed_late", 1)]),
        (Q1, [("I3", "overdue", 1), ("I4", "due_soon", None), ("I7", "open", None), ("I6", "fixed_late", 10)]),
    ],
    ids=str,
)  # fmt: skip
def test_campaign_late(
    small: Store, period: Period, expected: list[tuple[str, str, int | None]]
) -> None:
    """What is not fixed is listed whenever it was found, what was fixed late with its period."""
    agree(
        campaigns.campaign_late(period=period, campaign=WATER, today=TODAY),
        table("issue_id state days_late", *expected),
    )


def test_the_day_moves_what_is_late(small: Store) -> None:
    """A day later the limit of today is past; on the day of finding nothing was."""
    for today, overdue in ((date(2026, 11, 23), 2), (date(2026, 6, 30), 0)):
        found = campaigns.campaign_issues(period=Q2, campaign=WATER, today=today)
        assert found["overdue"][0] == overdue
        figures = campaigns.campaign_figures(periods=[Q2], campaign=WATER, today=today)
        assert figures["overdue_now"][0] == overdue


def test_supervised(small: Store) -> None:
    """Every object of the register once; counts by kind, method and status, the missing one said."""
    agree(
        campaigns.supervised_objects(),
        table(
            "kind object_id name township method status",
            ("排污口", "P3", "三号口", "东镇", "采样", "规范"),
            ("排污口", "P1", "一号口", "西镇", "巡查", "规范"),
            ("排污口", "P2", "二号口", None, "巡查", None),
            ("断面", "D1", "上游断面", "东镇", "采样", "达标"),
        ),
    )
    agree(
        campaigns.supervised_counts(),
        table(
            "way kind value objects",
            ("kind", "排污口", None, 3),
            ("kind", "断面", None, 1),
            ("method", "排污口", "巡查", 2),
            ("method", "排污口", "采样", 1),
            ("method", "断面", "采样", 1),
            ("status", "排污口", "规范", 2),
            ("status", "排污口", None, 1),
            ("status", "断面", "达标", 1),
        ),
    )


def test_an_unknown_campaign_has_nothing(small: Store) -> None:
    """Nothing is found, and nothing raised, for a theme that no record bears."""
    [figures] = campaigns.campaign_figures(periods=[Q2], campaign="无", today=TODAY).to_dict(
        "records"
    )
    assert (figures["participants"], figures["collected"], figures["found"]) == (0, 0, 0)
    assert figures["overdue_now"] == 0
    assert campaigns.campaign_kinds(period=Q2, campaign="无").empty
    assert campaigns.campaign_issues(period=Q2, campaign="无", today=TODAY).empty
    assert campaigns.campaign_late(period=Q2, campaign="无", today=TODAY).empty


# --- the published figures ----------------------------------------------------------------------

FIVE_CHANNELS = {"集中视察", "执法检查", "专题调研", "代表暗访", "代表行动"}


def test_urgent_concerns_resolved(sample: Store) -> None:
    """470 urgent concerns were resolved in 2023 by 共同缔造, and the townships add up to them."""
    asked = {"campaign": "共同缔造", "today": TODAY}
    assert list(campaigns.campaign_figures(periods=[YEAR], **asked)["solved"]) == [470]
    assert campaigns.campaign_townships(period=YEAR, **asked)["solved_in_period"].sum() == 470


def test_problems_found_and_fixed(sample: Store) -> None:
    """From 2023Q3 to Q4 283 problems, by five task forces through five channels, each fixed in time."""
    asked = {"campaign": "守护一泓碧水", "today": TODAY}
    quarters = [Period.parse("2023Q3"), Period.parse("2023Q4")]
    answers = [campaigns.campaign_issues(period=quarter, **asked) for quarter in quarters]
    found = pd.concat(answers)
    whole = found[found["way"] == "all"]
    assert (whole["found"].sum(), whole["in_time"].sum()) == (283, 283)
    assert whole[["late", "open", "overdue"]].sum().sum() == 0
    assert set(whole["in_time_share"]) == {1.0}
    assert set(found.loc[found["way"] == "channel", "name"]) == FIVE_CHANNELS
    assert found.loc[found["way"] == "taskforce", "name"].nunique() == 5
    assert list(campaigns.campaign_figures(periods=[YEAR], **asked)["taskforces"]) == [5]


def test_supervised_objects(sample: Store) -> None:
    """23 monitored sections, 538 outlets, 51 inflowing rivers, 126 enterprises, 234 cameras."""
    counts = campaigns.supervised_counts()
    kinds = counts[counts["way"] == "kind"]
    assert dict(zip(kinds["kind"], kinds["objects"], strict=True)) == {
        "监测断面": 23,
        "排污口": 538,
        "入库河流": 51,
        "在线监控企业": 126,
        "监控探头": 234,
    }
    assert len(campaigns.supervised_objects()) == 23 + 538 + 51 + 126 + 234


# --- the sample, recomputed ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def tables(sample: Store) -> dict[str, pd.DataFrame]:
    names = ("activities", "opinions", "issues", "delegates")
    return {name: sample.query(f"select * from {name}") for name in names}


@pytest.mark.parametrize("campaign", ["共同缔造", "守护一泓碧水"])
@pytest.mark.parametrize("period", ["2026Q3", "2025", "2024Q1-Q3"])
def test_the_sample_by_township(
    sample: Store, tables: dict[str, pd.DataFrame], campaign: str, period: str
) -> None:
    """Delegates, participants, activities and concerns by township from the raw rows."""
    span = Period.parse(period)
    start, end = pd.Timestamp(span.start), pd.Timestamp(span.end)
    roster = tables["delegates"]
    until = roster["end_date"].fillna(pd.Timestamp("2999-12-31"))
    office = roster[(roster["start_date"] <= end) & (until >= start)]

    acts = tables["activities"][lambda a: (a["status"] != "已退回") & a["date"].between(start, end)]
    reported = set(acts.merge(roster, on="delegate_id")["township_y"])
    acts = acts[acts["campaign"] == campaign].merge(
        roster[["delegate_id", "township", "start_date", "end_date"]], on="delegate_id"
    )
    ended = acts["date"] > acts["end_date"].fillna(pd.Timestamp("2999-12-31"))
    acts = acts[(acts["date"] >= acts["start_date"]) & ~ended]

    voiced = tables["opinions"].merge(roster[["delegate_id", "township"]], on="delegate_id")
    sent = set(voiced.loc[voiced["date"].between(start, end), "township"])
    voiced = voiced[voiced["campaign"] == campaign]
    collected = voiced[voiced["date"].between(start, end)]
    done = collected[collected["closed"].notna()]
    late = voiced[voiced["closed"].between(start, end) & (voiced["outcome"] == "已解决")]

    found = campaigns.campaign_townships(period=span, campaign=campaign, today=TODAY)
    expected = []
    for township in found["township"]:
        at = lambda frame, column="township": frame[frame[column] == township]  # noqa: E731, B023
        heard, asked = township in reported, township in sent
        own = at(acts, "township_y")
        expected.append(
            {
                "township": township,
                "delegates": len(at(office)),
                "participants": own["delegate_id"].nunique() if heard else None,
                "participation": own["delegate_id"].nunique() / len(at(office)) if heard else None,
                "activities": len(own) if heard else None,
                "collected": len(at(collected)) if asked else None,
                "closed": len(at(done)) if asked else None,
                "solved": int((at(done)["outcome"] == "已解决").sum()) if asked else None,
                "open": len(at(collected)) - len(at(done)) if asked else None,
                "solved_in_period": len(at(late)),
            }
        )
    agree(found, expected)
    assert set(found["township"]) == set(office["township"])
    assert found["participation"].dropna().is_monotonic_decreasing

    [whole] = campaigns.campaign_figures(periods=[span], campaign=campaign, today=TODAY).to_dict(
        "records"
    )
    for figure in ("participants", "activities", "collected"):
        assert whole[figure] == found[figure].sum()
    assert whole["solved"] == found["solved_in_period"].sum()
    heard = office["township"].isin(reported)
    assert whole["unheard"] == (~heard).sum()
    assert whole["participation"] == pytest.approx(whole["participants"] / heard.sum())


@pytest.mark.parametrize("period", ["2026Q3", "2025", "2023"])
def test_the_sample_by_channel(sample: Store, tables: dict[str, pd.DataFrame], period: str) -> None:
    """Found, in time, late, open and overdue by channel and by task force from the raw rows."""
    span, today = Period.parse(period), pd.Timestamp(TODAY)
    rows = tables["issues"]
    rows = rows[
        (rows["campaign"] == "守护一泓碧水")
        & rows["date"].between(pd.Timestamp(span.start), pd.Timestamp(span.end))
    ]
    fixed, late = rows["fixed"].notna(), rows["fixed"] > rows["due"]
    past = rows["fixed"].isna() & (rows["due"] < today)
    rows = rows.assign(
        in_time=fixed & ~late, late=late, overdue=past, open=rows["fixed"].isna() & ~past,
        days_taken=(rows["fixed"] - rows["date"]).dt.days,
        days_allowed=(rows["due"] - rows["date"]).dt.days,
    )  # fmt: skip
    found = campaigns.campaign_issues(period=span, campaign="守护一泓碧水", today=TODAY)
    for way in ("channel", "taskforce", "township"):
        answer = found[found["way"] == way]
        expected = [
            {
                "name": name,
                "found": len(own),
                **{part: int(own[part].sum()) for part in ("in_time", "late", "open", "overdue")},
                "days_taken": own["days_taken"].median(),
                "most_days_taken": own["days_taken"].max(),
                "days_allowed": own["days_allowed"].median(),
            }
            for name, own in ((name, rows[rows[way] == name]) for name in answer["name"])
        ]
        agree(answer, expected)
        assert answer["found"].sum() == len(rows)
