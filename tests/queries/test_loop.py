"""The loop 五位一体: every table of a small county worked out by hand, and the sample recomputed."""

from __future__ import annotations

import shutil
from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from databases import asking, files_of, upload
from figures import agree

from data.period import Period
from data.store import Store
from queries import loop, scoring
from queries.ask import ask

Q1, Q2, HALF, YEAR = (Period.parse(text) for text in ("2024Q1", "2024Q2", "2024Q1-Q2", "2024"))
Q4_BEFORE = Period.parse("2023Q4")
TODAY = date(2024, 4, 10)  # of a leap year

DELEGATES = [
    # 代表编号, 层级, 镇街, 任职止
    ("E1", "县级", "东镇", ""),
    ("E2", "乡镇级", "东镇", ""),
    ("G1", "乡镇级", "东镇", "2024-02-15"),
    ("W1", "县级", "西镇", ""),
    ("N1", "全国级", "", ""),
]
PLAN = [
    # 年度, 任务, 指标, 目标, 截止日期
    (2024, "走访", "入户走访", 366, ""),  # 91 of 366 days: 91
    (2024, "接待", "接待选民", 3, "2024-02-29"),
    (2024, "宣讲", "政策宣讲", 0, ""),
    (2024, "主题", "theme_action", 4, "2024-06-30"),  # 91 of 182 days: 2
    (2024, "出席", "出席会议", 90, ""),
    (2024, "成效", "建议办理成效", 80, ""),
    (2024, "收集", "收集意见建议", 28, "2024-03-31"),
    (2024, "规程", "", 1, "2024-01-31"),
    (2024, "旧账", "向选民述职", 2, "2023-12-31"),
    (2024, "建议", "提出建议", 3, "2024-03-31"),
    (2024, "视察", "视察、执法检查", 8, ""),  # 91 of 366 days: 2 and nearly not
]
ACTIVITIES = [
    # 代表编号, 类型, 日期, 数量, 核实状态
    ("E1", "入户走访", "2024-01-01", 50, ""),
    ("W1", "入户走访", "2024-03-31", 41, "已核实"),
    ("E1", "入户走访", "2024-02-01", 100, "已退回"),
    ("G1", "入户走访", "2024-02-16", 100, ""),  # the day after the mandate
    ("E1", "接待选民", "2024-01-31", 9, ""),  # one session, whatever the number
    ("N1", "接待选民", "2024-02-01", "", ""),  # every level counts
    ("W1", "主题活动", "2024-03-01", "", ""),
]
ATTENDANCE = [
    # 活动号, 活动类型, 日期, 代表编号, 结果
    ("H1", "会议", "2024-03-20", "E1", "出席"),
    ("H1", "会议", "2024-03-20", "W1", "请假"),
    ("H1", "会议", "2024-03-20", "E2", "缺席"),
    ("H2", "会议", "2024-03-21", "E1", "出席"),
    ("V1", "视察", "2024-03-22", "E1", "出席"),
    ("V1", "视察", "2024-03-22", "W1", "出席"),
    ("V1", "视察", "2024-03-22", "E2", "请假"),
]
OPINIONS = [
    # 编号, 代表编号, 收集日期, 来源, 办理层级, 转办日期, 办结日期, 结果
    ("O1", "E1", "2024-01-10", "入户走访", "村", "2024-01-12", "2024-01-20", "已解决"),
    ("O2", "E1", "2024-02-10", "接待选民", "镇", "2024-02-20", "", "正在办理"),
    ("O3", "W1", "2024-03-01", "", "", "", "", ""),
    ("O4", "E2", "2024-03-02", "其他", "村", "", "", ""),
    ("O5", "W1", "2024-03-03", "代表行动", "", "", "2024-03-05", ""),
    ("O6", "N1", "2024-03-04", "入户走访", "", "2024-03-04", "2024-03-31", "列入计划"),
    ("O7", "E2", "2024-03-05", "入户走访", "村", "2024-03-09", "2024-04-02", "解释说明"),
    ("O8", "E1", "2023-12-31", "接待选民", "市", "", "", ""),
    ("O9", "E1", "2024-04-01", "其他", "村", "", "", ""),
]
SUGGESTIONS = [
    # 建议号, 领衔代表编号, 附议代表编号, 提出日期, 交办日期, 办理期限月, 承办单位, 答复日期, 办理结果
    ("S1", "E1", "W1", "2024-01-10", "2024-01-10", 3, "甲局", "", ""),  # due today
    ("S2", "W1", "", "2023-11-30", "2023-11-30", 3, "甲局", "", ""),  # due on 29 February
    ("S3", "W1", "", "2023-08-31", "2023-08-31", 6, "乙局", "2024-03-01", "解释说明"),  # a day late
    ("S4", "N1", "", "2024-03-31", "", "", "", "", ""),
    ("S5", "E2", "", "2024-03-01", "2024-03-15", 6, "乙局", "", ""),
]
ISSUES = [
    # 编号, 镇街, 专班, 发现日期, 法定期限, 整改日期
    ("I1", "东镇", "甲班", "2024-02-01", "2024-04-09", ""),
    ("I2", "西镇", "", "2024-02-01", "2024-04-10", ""),  # due today
    ("I3", "西镇", "甲班", "2024-03-01", "", ""),  # never late
    ("I4", "东镇", "乙班", "2024-01-01", "2024-02-01", "2024-02-02"),
    ("I5", "", "乙班", "2024-02-02", "2024-03-01", ""),
]
GUIDANCE = [
    # 日期, 领导, 镇街, 阵地编号, 检查项, 发现问题, 整改日期
    ("2024-01-05", "李", "东镇", "Z1", "点位", "门牌不清", "2024-02-01"),
    ("2024-01-05", "李", "东镇", "Z1", "点位", "字迹不清", ""),  # the same check
    ("2024-01-05", "李", "东镇", "Z1", "标牌", "", ""),
    ("2024-01-05", "李", "东镇", "", "标牌", "", ""),  # at another place
    ("2024-01-06", "李", "东镇", "Z1", "制度", "", ""),  # another visit
    ("2024-01-05", "王", "西镇", "", "制度", "未上墙", "2024-03-01"),
    ("2023-11-11", "王", "西镇", "", "点位", "旧的", ""),
    ("2024-04-02", "王", "东镇", "", "运行管理", "新的", ""),
]


def rows(headers: str, lines: Sequence[tuple[Any, ...]], **more: str) -> list[dict[str, str]]:
    return [dict(zip(headers.split(), map(str, line), strict=True)) | more for line in lines]


REGISTERS = {
    "townships": rows(
        "镇街 类型 包联领导", [("东镇", "镇", "李"), ("西镇", "镇", ""), ("北镇", "镇", "")]
    ),
    "stations": rows(
        "编号 名称 类型 镇街 上级编号",
        [("Z0", "中心", "服务中心", "", ""), ("Z1", "东镇之家", "代表之家", "东镇", "Z0")],
    ),
    "delegates": [
        row | {"姓名": row["代表编号"]}
        for row in rows(
            "代表编号 层级 镇街 任职止", DELEGATES, 任职起="2020-01-01", 代表小组="一组"
        )
    ],
    "assignments": rows(
        "领导 对象类型 对象",
        [("王", "镇街", "西镇"), ("赵", "镇街", "北镇"), ("王", "代表小组", "一组")],
    ),
    "plan": rows("年度 任务 指标 目标 截止日期", PLAN),
}
RECORDS = {
    "activities": rows("代表编号 类型 日期 数量 核实状态", ACTIVITIES),
    "attendance": [
        row | {"半天数": "2" if row["活动号"] == "H2" else ""}
        for row in rows("活动号 活动类型 日期 代表编号 结果", ATTENDANCE)
    ],
    "opinions": rows(
        "编号 代表编号 收集日期 来源 办理层级 转办日期 办结日期 结果", OPINIONS, 诉求="水浑"
    ),
    "suggestions": rows(
        "建议号 领衔代表编号 附议代表编号 提出日期 交办日期 办理期限月 承办单位 答复日期 办理结果",
        SUGGESTIONS,
        标题="修路",
    ),
    "issues": rows(
        "编号 镇街 专班 发现日期 法定期限 整改日期",
        ISSUES,
        主题="碧水",
        发现渠道="执法检查",
        内容="直排",
    ),
    "guidance": rows("日期 领导 镇街 阵地编号 检查项 发现问题 整改日期", GUIDANCE),
}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with asking(tmp_path_factory.mktemp("loop") / "small.duckdb") as house:
        upload(house, files_of(REGISTERS | RECORDS))
        yield house


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A county that has sent its registers and activities, and nothing else."""
    with asking(tmp_path_factory.mktemp("bare") / "bare.duckdb") as house:
        upload(house, files_of(REGISTERS | {"activities": RECORDS["activities"]}))
        yield house


@pytest.fixture(scope="module")
def sample(sample_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    path = tmp_path_factory.mktemp("loop") / "sample.duckdb"
    shutil.copy(sample_database, path)
    with asking(path) as house:
        yield house


def table(headers: str, *lines: tuple[Any, ...]) -> list[dict[str, Any]]:
    return [dict(zip(headers.split(), line, strict=True)) for line in lines]


def dated(frame: pd.DataFrame, *names: str) -> pd.DataFrame:
    """Days as they are written in what is expected."""
    return frame.assign(**{name: frame[name].dt.strftime("%Y-%m-%d") for name in names})


# --- 科学谋划, by hand --------------------------------------------------------------------------

PROGRESS = "task target measured reached expected expected_share state is_behind"


def test_plan_progress(small: Store) -> None:
    """Counted from the records of every level, in the mandate and not returned; the calendar of a
    leap year; a due day that has passed; a percentage against its target; a target of zero; a task
    that no record measures. Of meetings it is the half-days present, and leave is no presence; a
    co-signature is no suggestion; of an inspection each who came counts. What falls behind stands
    first.
    """
    agree(
        loop.plan_progress(period=Q1, today=TODAY),
        table(
            PROGRESS,
            ("旧账", 2, 0, 0, 2, 1, "overdue", True),
            ("主题", 4, 1, 1 / 4, 2, 1 / 2, "behind", True),
            ("收集", 28, 7, 7 / 28, 28, 1, "overdue", True),  # due on the last day of the quarter
            ("成效", 80, 30, 30 / 80, 80, 1, "behind", True),
            ("出席", 90, 60, 60 / 90, 90, 1, "behind", True),
            ("接待", 3, 2, 2 / 3, 3, 1, "overdue", True),
            ("走访", 366, 91, 91 / 366, 91, 91 / 366, "on_course", False),
            ("视察", 8, 2, 2 / 8, 8 * 91 / 366, 91 / 366, "on_course", False),
            ("建议", 3, 3, 1, 3, 1, "reached", False),
            ("宣讲", 0, 0, None, 0, None, "reached", False),
            ("规程", 1, None, None, None, None, "unmeasured", False),
        ),
    )


def test_plan_is_measured_up_to_today(small: Store) -> None:
    """In a period that is not over yet, neither records nor the calendar go beyond today; what no
    township has reported yet, or nothing was there to earn, is missing and not behind.
    """
    found = loop.plan_progress(period=YEAR, today=date(2024, 1, 1)).set_index("task")
    walks = found.loc["走访", ["measured", "expected", "state"]]
    assert walks.tolist() == [50, 1, "on_course"]
    assert found.loc["收集", ["measured", "state"]].isna().tolist() == [True, False]
    assert found.loc[["收集", "出席", "成效"], "state"].tolist() == ["no_data"] * 3
    assert not found.loc[["收集", "出席", "成效"], "is_behind"].any()
    assert found.loc["接待", "expected"] == pytest.approx(3 / 60)
    day_before = loop.plan_progress(period=Q1, today=date(2024, 3, 30)).set_index("task")
    assert day_before.loc["走访", "measured"] == 50
    assert day_before.loc["走访", "expected"] == pytest.approx(90)


def test_due_day_is_the_last_day_to_be_in_time(small: Store) -> None:
    """On the due day the whole target is expected; the day after it is past due."""
    for day in (28, 29):
        found = loop.plan_progress(period=Q1, today=date(2024, 2, day)).set_index("task")
        assert found.loc["接待", "state"] == "behind"
        assert found.loc["接待", "expected"] == pytest.approx(3 * (31 + day) / 60)
    after = loop.plan_progress(period=Q1, today=date(2024, 3, 1)).set_index("task")
    assert after.loc["接待", "state"] == "overdue"


def test_no_plan_for_the_year(small: Store) -> None:
    assert loop.plan_progress(period=Q4_BEFORE, today=TODAY).empty
    found = loop.plan_over_quarters(periods=[Q4_BEFORE, Q1], today=TODAY)
    agree(
        found,
        table("period tasks measured on_course behind overdue", ("2024Q1", 11, 10, 4, 6, 3)),
    )


def test_plan_gaps(small: Store) -> None:
    """Who has not reported some quarter of the year so far, whichever period is looked at."""
    assert loop.plan_gaps(period=Q1).empty
    for period, missing in ((Q2, [2]), (HALF, [2]), (YEAR, [2, 3, 4])):
        found = loop.plan_gaps(period=period)
        assert [(t, list(q)) for t, q in found.itertuples(index=False)] == [
            ("东镇", missing),
            ("西镇", missing),
        ]


# --- 检查指导, by hand --------------------------------------------------------------------------


def test_guidance_figures(small: Store) -> None:
    """A visit is a leader, a township and a day; a check is an item at a place on a visit; what is
    open is so today, whenever it was found.
    """
    headers = "visits townships_visited townships checks findings mended open_findings longest_open"
    for period, line in (
        (Q1, (3, 2, 3, 5, 3, 2, 3, 151)),
        (Q2, (1, 1, 3, 1, 1, 0, 3, 151)),
        (Period.parse("2025Q1"), (0, 0, 3, 0, 0, 0, 3, 151)),
    ):
        agree(loop.guidance_figures(period=period, today=TODAY), table(headers, line))


def test_guidance_items(small: Store) -> None:
    agree(
        loop.guidance_items(period=Q1),
        table(
            "item checks findings mended open_now",
            ("点位", 1, 2, 1, 2),
            ("标牌", 2, 0, 0, 0),
            ("制度", 2, 1, 1, 0),
            ("信息公开", 0, 0, 0, 0),
            ("运行管理", 0, 0, 0, 1),
        ),
    )


def test_leader_visits(small: Store) -> None:
    """A leader's own townships, from either register, and others where they went in the period."""
    headers = "leader township visits last_visit looks_after"
    agree(
        dated(loop.leader_visits(period=Q1), "last_visit"),
        table(
            headers,
            ("赵", "北镇", 0, None, True),
            ("王", "西镇", 1, "2024-01-05", True),
            ("李", "东镇", 2, "2024-01-06", True),
        ),
    )
    agree(
        dated(loop.leader_visits(period=Q2), "last_visit"),
        table(
            headers,
            ("赵", "北镇", 0, None, True),
            ("王", "西镇", 0, "2024-01-05", True),
            ("李", "东镇", 0, "2024-01-06", True),
            ("王", "东镇", 1, "2024-04-02", False),
        ),
    )


def test_open_findings(small: Store) -> None:
    agree(
        dated(loop.open_findings(today=TODAY), "date"),
        table(
            "date leader township station item finding days_open",
            ("2023-11-11", "王", "西镇", None, "点位", "旧的", 151),
            ("2024-01-05", "李", "东镇", "东镇之家", "点位", "字迹不清", 96),
            ("2024-04-02", "王", "东镇", None, "运行管理", "新的", 8),
        ),
    )


# --- 分层转办, by hand --------------------------------------------------------------------------


def test_routed_by_tier(small: Store) -> None:
    """Of the period's opinions those routed make the days; what waits today is of any period."""
    agree(
        loop.routed_by_tier(period=Q1, today=TODAY),
        table(
            "tier whole collected routed closed_directly unrouted days_median days_nine_of_ten"
            " unrouted_now longest_wait",
            ("村", False, 3, 2, 0, 1, 3, 3.8, 2, 39),
            ("镇", False, 1, 1, 0, 0, 10, 10, 0, None),
            ("市", False, 0, 0, 0, 0, None, None, 1, 101),
            (None, False, 3, 1, 1, 1, 0, 0, 1, 40),
            (None, True, 7, 4, 1, 2, 3, 8.2, 4, 101),
        ),
    )


def test_unrouted_opinions(small: Store) -> None:
    agree(
        loop.unrouted_opinions(today=TODAY),
        table(
            "opinion_id township days_waiting content",
            ("O8", "东镇", 101, "水浑"),
            ("O3", "西镇", 40, "水浑"),
            ("O4", "东镇", 39, "水浑"),
            ("O9", "东镇", 9, "水浑"),
        ),
    )


def test_opinion_flow(small: Store) -> None:
    """Each opinion of the period takes one way, whatever its row leaves out."""
    found = loop.opinion_flow(period=Q1, today=TODAY)
    agree(
        found,
        table(
            "source tier outcome opinions",
            ("入户走访", "村", "已解决", 1),
            ("入户走访", "村", "解释说明", 1),
            ("入户走访", "none", "列入计划", 1),
            ("接待选民", "镇", "in_process", 1),
            ("代表行动", "direct", "none", 1),
            ("其他", "unrouted", "unstarted", 1),
            ("none", "unrouted", "unstarted", 1),
        ),
    )


# --- 跟踪督办, by hand --------------------------------------------------------------------------


def test_tracking_figures(small: Store) -> None:
    """Due today is not overdue; without a limit nothing is; done goes by the day it was done."""
    headers = "matter open due_soon overdue done done_late"
    agree(
        loop.tracking_figures(period=Q1, today=TODAY),
        table(
            headers,
            ("limited", 8, 2, 3, 2, 2),
            ("suggestion", 4, 1, 1, 1, 1),
            ("issue", 4, 1, 2, 1, 1),
            ("opinion", 1, None, None, 3, None),
        ),
    )
    tomorrow = loop.tracking_figures(period=Q2, today=TODAY + timedelta(1)).set_index("matter")
    assert tomorrow.loc["limited", ["due_soon", "overdue", "done"]].tolist() == [0, 5, 0]


def test_open_by_agency_and_township(small: Store) -> None:
    states = " matters overdue due_soon open unassigned"
    agree(
        loop.open_by_agency(today=TODAY),
        table(
            f"agency{states}",
            ("甲局", 2, 1, 1, 0, 0),
            ("甲班", 2, 1, 0, 1, 0),
            ("乙班", 1, 1, 0, 0, 0),
            (None, 2, 0, 1, 0, 1),
            ("乙局", 1, 0, 0, 1, 0),
        ),
    )
    agree(
        loop.open_by_township(today=TODAY),
        table(
            f"township{states}",
            ("东镇", 3, 1, 1, 1, 0),
            ("西镇", 3, 1, 1, 1, 0),
            (None, 2, 1, 0, 0, 1),
        ),
    )


def test_overdue_matters(small: Store) -> None:
    agree(
        dated(loop.overdue_matters(today=TODAY), "due"),
        table(
            "matter number title campaign township agency due days_late",
            ("suggestion", "S2", "修路", None, "西镇", "甲局", "2024-02-29", 41),
            ("issue", "I5", "直排", "碧水", None, "乙班", "2024-03-01", 40),
            ("issue", "I1", "直排", "碧水", "东镇", "甲班", "2024-04-09", 1),
        ),
    )


# --- all steps, by hand -------------------------------------------------------------------------

TOWNSHIP = (
    "township visits last_visit open_findings unrouted suggestions_open suggestions_overdue"
    " issues_open issues_overdue stuck"
)


def test_loop_townships(small: Store) -> None:
    """Every township of the register, with delegates or without; what sticks most stands first."""
    agree(
        dated(loop.loop_townships(period=Q1, today=TODAY), "last_visit"),
        table(
            TOWNSHIP,
            ("东镇", 2, "2024-04-02", 2, 3, 2, 0, 1, 1, 6),
            ("西镇", 1, "2024-01-05", 1, 1, 1, 1, 2, 0, 3),
            ("北镇", 0, None, 0, 0, 0, 0, 0, 0, 0),
            (None, None, None, None, 0, 1, 0, 1, 1, 1),  # S4 and I5
        ),
    )


def test_the_row_of_no_township_makes_up_the_county(small: Store) -> None:
    """What is open or waits in the county is in some row."""
    found = loop.loop_townships(period=Q1, today=TODAY)
    figures = loop.tracking_figures(period=Q1, today=TODAY).set_index("matter")
    for matter in ("suggestion", "issue"):
        for state in ("open", "overdue"):
            assert found[f"{matter}s_{state}"].sum() == figures.loc[matter, state]
    assert found["unrouted"].sum() == len(loop.unrouted_opinions(today=TODAY))
    assert found["open_findings"].sum() == len(loop.open_findings(today=TODAY))


def test_nothing_open_is_none_once_there_was_something(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """With all done by a quarter's end nothing is open in it; before the first matter, nobody knows."""
    issue = {**RECORDS["issues"][3], "发现日期": "2024-01-01", "整改日期": "2024-03-31"}
    with asking(tmp_path_factory.mktemp("done") / "done.duckdb") as house:
        upload(house, files_of(REGISTERS | {"issues": [issue]}))
        found = loop.loop_over_quarters(periods=[Q4_BEFORE, Q1, Q2], today=TODAY)
    agree(
        found,
        table("period open overdue", ("2023Q4", None, None), ("2024Q1", 0, 0), ("2024Q2", 0, 0)),
    )


def test_loop_over_quarters(small: Store) -> None:
    """What was open at the end of a quarter, though it was done later; today ends the last one."""
    agree(
        loop.loop_over_quarters(periods=[Q4_BEFORE, Q1, Q2], today=TODAY),
        table(
            "period visits findings open_findings opinions days_median days_nine_of_ten unrouted"
            " open overdue",
            ("2023Q4", 1, 1, 1, 1, None, None, 1, 2, 0),
            ("2024Q1", 3, 3, 2, 7, 3, 8.2, 3, 8, 2),
            ("2024Q2", 1, 1, 3, 1, None, None, 4, 8, 3),
        ),
    )


def test_what_nobody_keeps_is_missing(bare: Store) -> None:
    """Without any row of a format its figures are missing, and never zero."""
    assert loop.guidance_figures(period=Q1, today=TODAY).empty
    assert loop.routed_by_tier(period=Q1, today=TODAY).empty
    assert loop.tracking_figures(period=Q1, today=TODAY).empty
    assert loop.opinion_flow(period=Q1, today=TODAY).empty
    for answer in (
        loop.open_findings(today=TODAY),
        loop.unrouted_opinions(today=TODAY),
        loop.open_by_agency(today=TODAY),
        loop.open_by_township(today=TODAY),
        loop.overdue_matters(today=TODAY),
    ):
        assert answer.empty
    found = loop.loop_townships(period=Q1, today=TODAY)
    assert found["township"].tolist() == ["东镇", "北镇", "西镇"]
    assert found.drop(columns=["township", "stuck"]).isna().all(axis=None)
    history = loop.loop_over_quarters(periods=[Q1], today=TODAY)
    assert history.drop(columns="period").isna().all(axis=None)
    plan = loop.plan_progress(period=Q1, today=TODAY).set_index("task")["state"]
    assert plan[["收集", "出席", "成效"]].tolist() == ["no_data"] * 3


# --- the sample, recomputed ---------------------------------------------------------------------

SAMPLE_TODAY = date(2026, 11, 22)
SAMPLE_PERIODS = [Period.parse(text) for text in ("2023Q2", "2024", "2026Q3", "2026Q1-Q3")]
# How much of what could be earned a reply earns; by the scheme's defaults in assessment.md.
QUALITY = {"已解决": 0.8, "列入计划": 0.5, "解释说明": 0.3}


@pytest.fixture(scope="module")
def records(sample: Store) -> dict[str, pd.DataFrame]:
    """The standing rows of each table, with days as days and gaps as None."""
    names = "townships delegates assignments plan activities attendance opinions suggestions"
    tables = {}
    for name in [*names.split(), "duty_reports", "issues", "guidance"]:
        frame = sample.query(f"select * from {name}")
        for column in frame.select_dtypes("datetime"):
            frame[column] = frame[column].dt.date.astype("object")
        tables[name] = frame.astype("object").where(frame.notna(), None)
    return tables


def due(row: Any) -> date | None:
    """Calendar months after the assignment; the last day of a month that is too short."""
    if row.assigned is None:
        return None
    months = row.assigned.month - 1 + row.limit_months
    year, month = row.assigned.year + months // 12, months % 12 + 1
    return date(year, month, min(row.assigned.day, monthrange(year, month)[1]))


def within(period: Period, day: date | None) -> bool:
    return day is not None and period.start <= day <= period.end


def amounts(records: dict[str, pd.DataFrame], start: date, end: date) -> dict[str, float | None]:
    """What a plan's indicators measure from ``start`` to ``end``, over all delegates."""
    mandates = {
        d.delegate_id: (d.start_date, d.end_date) for d in records["delegates"].itertuples()
    }

    def counts(delegate: str, day: date | None) -> bool:
        since, until = mandates[delegate]
        return (
            day is not None
            and start <= day <= end
            and since <= day
            and (until is None or day <= until)
        )

    done = [
        a
        for a in records["activities"].itertuples()
        if a.status != "已退回" and counts(a.delegate_id, a.date)
    ]
    came = [a for a in records["attendance"].itertuples() if counts(a.delegate_id, a.date)]
    sessions = [a for a in came if a.event_kind == "会议"]
    replies = [
        1 if (s.outcome, s.satisfaction) == ("已解决", "满意") else QUALITY[s.outcome]
        for s in records["suggestions"].itertuples()
        if s.outcome is not None and counts(s.delegate_id, s.replied)
    ]

    def events(*kinds: str) -> int:
        return sum(a.event_kind in kinds and a.result == "出席" for a in came)

    def times(kind: str) -> int:
        return sum(a.kind == kind for a in done)

    return {
        "household_visit": sum(a.quantity for a in done if a.kind == "入户走访"),
        "voter_reception": times("接待选民"),
        "publicity": times("政策宣讲"),
        "theme_action": times("主题活动"),
        "opinion_collected": sum(
            counts(o.delegate_id, o.date) for o in records["opinions"].itertuples()
        ),
        "suggestion_filed": sum(
            counts(s.delegate_id, s.date) for s in records["suggestions"].itertuples()
        ),
        "suggestion_result": 100 * sum(replies) / len(replies) if replies else None,
        "duty_report": sum(
            counts(r.delegate_id, r.date) for r in records["duty_reports"].itertuples()
        ),
        "inspection": events("视察", "执法检查"),
        "survey": events("专题调研"),
        "study": events("学习培训"),
        "attend_session": 100
        * sum(a.half_days for a in sessions if a.result == "出席")
        / sum(a.half_days for a in sessions)
        if sessions
        else None,
    }


@pytest.mark.parametrize(
    ("period", "today"),
    [
        *[(period, SAMPLE_TODAY) for period in SAMPLE_PERIODS],
        (Period.parse("2026Q3"), date(2026, 8, 20)),
        (Period.parse("2024Q1"), date(2024, 2, 29)),
    ],
)
def test_sample_plan(records: dict[str, pd.DataFrame], period: Period, today: date) -> None:
    """Each task of the year: measured, expected by the calendar, reached, behind."""
    start, end = date(period.year, 1, 1), min(period.end, today)
    measured = amounts(records, start, end)
    expected = []
    for task in records["plan"].itertuples():
        if task.year != period.year:
            continue
        line = {"task": task.task, "target": task.target, "is_behind": False}
        line |= {"measured": None, "expected": None}
        if task.indicator is not None:
            value = measured[task.indicator]
            assert value is not None
            last = task.due or date(period.year, 12, 31)
            passed, given = (end - start).days + 1, (last - start).days + 1
            called_for = task.target * min(1, passed / given)
            if task.indicator in ("attend_session", "suggestion_result"):
                called_for = task.target
            line |= {
                "measured": value,
                "expected": called_for,
                "is_behind": round(value - called_for, 9) < 0,
            }
        expected.append(line)
    found = loop.plan_progress(period=period, today=today).sort_values("task")
    assert len(expected) > 8
    agree(found, sorted(expected, key=lambda line: line["task"]))
    assert found["is_behind"].nunique() == 2


def test_sample_plan_over_quarters(sample: Store) -> None:
    """The counts are those of the tasks, period by period."""
    found = loop.plan_over_quarters(periods=SAMPLE_PERIODS, today=SAMPLE_TODAY)
    assert len(found) == len(SAMPLE_PERIODS)
    for line in found.itertuples():
        tasks = loop.plan_progress(period=Period.parse(line.period), today=SAMPLE_TODAY)
        states = tasks["state"].value_counts()
        assert line.tasks == len(tasks)
        assert line.measured == len(tasks) - states.get("unmeasured", 0) - states.get("no_data", 0)
        assert line.behind == tasks["is_behind"].sum() == line.measured - line.on_course
        assert line.overdue == states.get("overdue", 0)


@pytest.mark.parametrize("period", SAMPLE_PERIODS)
def test_sample_plan_gaps(sample: Store, period: Period) -> None:
    """Quarters without a report are those of ``unreported`` of every quarter so far."""
    so_far = Period(period.year, 1, period.last)
    told = ask("unreported", **scoring.spans(so_far.quarters))
    expected: dict[str, set[int]] = {}
    for line in told.itertuples():
        expected.setdefault(line.township, set()).add((line.quarter.month + 2) // 3)
    found = loop.plan_gaps(period=period)
    assert {t: set(q) for t, q in found.itertuples(index=False)} == expected


@pytest.mark.parametrize("period", SAMPLE_PERIODS)
def test_sample_guidance(records: dict[str, pd.DataFrame], period: Period) -> None:
    """Visits, checks, findings and mended ones of the period; all that is open today."""
    all_rows = list(records["guidance"].itertuples())
    mine = [g for g in all_rows if within(period, g.date)]
    unmended = [g for g in all_rows if g.finding is not None and g.fixed is None]
    visits = {(g.leader, g.township, g.date) for g in mine}
    assert visits
    agree(
        loop.guidance_figures(period=period, today=SAMPLE_TODAY),
        [
            {
                "visits": len(visits),
                "townships_visited": len({g.township for g in mine}),
                "townships": len(records["townships"]),
                "checks": len({(g.leader, g.township, g.date, g.station_id, g.item) for g in mine}),
                "findings": sum(g.finding is not None for g in mine),
                "mended": sum(g.fixed is not None for g in mine),
                "open_findings": len(unmended),
                "longest_open": max((SAMPLE_TODAY - g.date).days for g in unmended),
            }
        ],
    )
    assert len(loop.open_findings(today=SAMPLE_TODAY)) == len(unmended)
    items = loop.guidance_items(period=period).set_index("item")
    assert items.index.tolist() == ["点位", "标牌", "制度", "信息公开", "运行管理"]
    for item, line in items.iterrows():
        of_item = [g for g in mine if g.item == item]
        assert line["findings"] == sum(g.finding is not None for g in of_item)
        assert line["mended"] == sum(g.fixed is not None for g in of_item)
        assert line["open_now"] == sum(g.item == item for g in unmended)
    found = loop.leader_visits(period=period)
    looked_after = {
        (a.leader, a.unit) for a in records["assignments"].itertuples() if a.unit_kind == "镇街"
    } | {(t.leader, t.township) for t in records["townships"].itertuples() if t.leader is not None}
    assert {(v.leader, v.township): v.visits for v in found.itertuples()} == {
        pair: sum((leader, township) == pair for leader, township, _day in visits)
        for pair in looked_after | {(leader, township) for leader, township, _day in visits}
    }


@pytest.mark.parametrize("period", SAMPLE_PERIODS)
def test_sample_routing(records: dict[str, pd.DataFrame], period: Period) -> None:
    """Days until routed, by tier; the flow chart adds up to what was collected at every stage."""
    frame = records["opinions"]
    mine = frame[[within(period, day) for day in frame["date"]]]
    assert len(mine) > 100
    found = loop.routed_by_tier(period=period, today=SAMPLE_TODAY)
    for line in found.itertuples():
        of_tier = mine if line.whole else mine[mine["tier"] == line.tier]
        routed = of_tier[of_tier["routed"].notna()]
        waits = pd.Series([(o.routed - o.date).days for o in routed.itertuples()], dtype=float)
        assert line.collected == len(of_tier)
        assert line.routed == len(routed)
        assert line.days_median == waits.median()
        assert line.days_nine_of_ten == pytest.approx(waits.quantile(0.9))
    assert found["whole"].tolist() == [False] * (len(found) - 1) + [True]
    ways = loop.opinion_flow(period=period, today=SAMPLE_TODAY)
    assert ways["opinions"].sum() == len(mine)
    for stage in ("source", "tier"):
        held = mine[stage].value_counts()
        for name, count in ways.groupby(stage)["opinions"].sum().items():
            if name in held:
                assert count == held[name]
    closed = mine[mine["closed"].notna()]["outcome"].value_counts()
    ends = ways.groupby("outcome")["opinions"].sum()
    assert {name: ends[name] for name in closed.index} == closed.to_dict()
    assert ends.get("in_process", 0) + ends.get("unstarted", 0) == mine["closed"].isna().sum()


@pytest.mark.parametrize("period", SAMPLE_PERIODS)
def test_sample_tracking(records: dict[str, pd.DataFrame], period: Period) -> None:
    """Open, due within 30 days, overdue and done, by matter, agency and township."""
    homes = dict(
        zip(records["delegates"]["delegate_id"], records["delegates"]["township"], strict=True)
    )
    matters = [
        (
            "suggestion",
            s.suggestion_id,
            s.agency,
            homes[s.delegate_id],
            s.assigned,
            due(s),
            s.replied,
        )
        for s in records["suggestions"].itertuples()
    ]
    matters += [
        ("issue", i.issue_id, i.taskforce, i.township, i.date, i.due, i.fixed)
        for i in records["issues"].itertuples()
    ]
    columns = "matter number agency township assigned due done"
    frame = pd.DataFrame(matters, columns=columns.split(), dtype="object")
    limit = SAMPLE_TODAY + timedelta(30)
    frame["is_open"] = frame["done"].isna()
    frame["overdue"] = [
        o and d is not None and d < SAMPLE_TODAY
        for o, d in zip(frame["is_open"], frame["due"], strict=True)
    ]
    frame["due_soon"] = [
        o and d is not None and SAMPLE_TODAY <= d <= limit
        for o, d in zip(frame["is_open"], frame["due"], strict=True)
    ]
    frame["finished"] = [within(period, day) for day in frame["done"]]
    frame["late"] = [
        f and d is not None and day > d
        for f, d, day in zip(frame["finished"], frame["due"], frame["done"], strict=True)
    ]
    found = loop.tracking_figures(period=period, today=SAMPLE_TODAY).set_index("matter")
    for name, rows in [("limited", frame), *frame.groupby("matter")]:
        sums = rows[["is_open", "due_soon", "overdue", "finished", "late"]].sum().tolist()
        assert (
            found.loc[name, ["open", "due_soon", "overdue", "done", "done_late"]].tolist() == sums
        )
    open_now = frame[frame["is_open"]]
    for question, whose in ((loop.open_by_agency, "agency"), (loop.open_by_township, "township")):
        answer = question(today=SAMPLE_TODAY)
        named = answer[answer[whose].notna()].set_index(whose)
        expected = open_now.groupby(whose)[["overdue", "due_soon"]].sum()
        assert named["overdue"].to_dict() == expected["overdue"].to_dict()
        assert named["due_soon"].to_dict() == expected["due_soon"].to_dict()
        parts = answer[["overdue", "due_soon", "open", "unassigned"]].sum(axis=1)
        assert (parts == answer["matters"]).all()
        assert answer["matters"].sum() == len(open_now)
    late = loop.overdue_matters(today=SAMPLE_TODAY)
    assert set(late["number"]) == set(frame.loc[frame["overdue"], "number"])
    days = {m.number: (SAMPLE_TODAY - m.due).days for m in frame[frame["overdue"]].itertuples()}
    assert dict(zip(late["number"], late["days_late"], strict=True)) == days
    assert late["days_late"].is_monotonic_decreasing


def test_sample_townships(records: dict[str, pd.DataFrame]) -> None:
    """The townships' figures are those of their matters; what belongs to none stands last."""
    period = Period.parse("2026Q3")
    answer = loop.loop_townships(period=period, today=SAMPLE_TODAY)
    figures = loop.tracking_figures(period=period, today=SAMPLE_TODAY).set_index("matter")
    assert answer["suggestions_open"].sum() == figures.loc["suggestion", "open"]
    assert answer["issues_overdue"].sum() == figures.loc["issue", "overdue"]
    found = answer.dropna(subset="township")
    assert answer["township"].tolist()[: len(found)] == found["township"].tolist()
    assert sorted(found["township"]) == sorted(records["townships"]["township"])
    assert found["stuck"].is_monotonic_decreasing
    guidance = loop.guidance_figures(period=period, today=SAMPLE_TODAY).iloc[0]
    assert found["visits"].sum() == guidance["visits"]
    assert found["open_findings"].sum() == guidance["open_findings"]
    assert (found["visits"] > 0).sum() == guidance["townships_visited"]
    matters = loop.open_by_township(today=SAMPLE_TODAY).set_index("township")
    by_name = found.set_index("township")
    late = by_name["suggestions_overdue"] + by_name["issues_overdue"]
    assert late.to_dict() == matters["overdue"].reindex(by_name.index, fill_value=0).to_dict()
    everything = by_name["suggestions_open"] + by_name["issues_open"]
    assert everything.to_dict() == matters["matters"].reindex(by_name.index, fill_value=0).to_dict()
    waiting = loop.unrouted_opinions(today=SAMPLE_TODAY)["township"].value_counts()
    assert (by_name["unrouted"] == waiting.reindex(by_name.index, fill_value=0)).all()
    assert (by_name["stuck"] == late + by_name["open_findings"] + by_name["unrouted"]).all()


def test_sample_over_quarters(records: dict[str, pd.DataFrame]) -> None:
    """Each quarter's figures, as an office would have counted them on its last day."""
    quarters = [Period(year, q, q) for year in (2023, 2024, 2026) for q in (1, 2, 3)]
    found = loop.loop_over_quarters(periods=quarters, today=SAMPLE_TODAY).set_index("period")
    for quarter in quarters:
        line, end = found.loc[str(quarter)], quarter.end

        def stood(begun: date, done: date | None, end: date = end) -> bool:
            return begun <= end and (done is None or done > end)

        guidance = list(records["guidance"].itertuples())
        assert line["visits"] == len(
            {(g.leader, g.township, g.date) for g in guidance if within(quarter, g.date)}
        )
        assert line["open_findings"] == sum(
            g.finding is not None and stood(g.date, g.fixed) for g in guidance
        )
        opinions = list(records["opinions"].itertuples())
        assert line["opinions"] == sum(within(quarter, o.date) for o in opinions)
        assert line["unrouted"] == sum(
            stood(o.date, o.routed) and stood(o.date, o.closed) for o in opinions
        )
        suggestions = [s for s in records["suggestions"].itertuples() if stood(s.date, s.replied)]
        issues = [i for i in records["issues"].itertuples() if stood(i.date, i.fixed)]
        limits = [*map(due, suggestions), *(i.due for i in issues)]
        assert line["open"] == len(limits)
        assert line["overdue"] == sum(limit is not None and limit < end for limit in limits)


def test_sample_grade_counts(sample: Store) -> None:
    """The grades of the delegates compared, now and in the year before."""
    period = Period.parse("2025")
    found = loop.grade_counts(period=period)
    assert found["grade"].tolist() == ["优秀", "称职", "基本称职", "不称职", "不定等次"]
    for column, asked in (("delegates", period), ("delegates_before", period.before)):
        standings = scoring.standings(periods=[asked])
        compared = standings[standings["graded"] & (standings["eligible"] > 0)]
        grades = compared["grade"].value_counts()
        assert found[column].tolist() == [grades.get(grade, 0) for grade in found["grade"]]
        assert found[column].sum() > 100
