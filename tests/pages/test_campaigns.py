"""主题行动: the page shows what its questions answer, and says what is missing."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import streamlit as st
from databases import files_of, rows, stored
from running import Run, Shown, picked, said
from streamlit.testing.v1 import AppTest

from data.period import Period
from pages.parts import charts, filters
from queries import campaigns

TODAY = date(2026, 7, 31)
Q2 = Period.parse("2026Q2")
WATER, TOGETHER = "碧*水*", "缔造"


COUNTY = {
    "townships": rows("镇街 类型", ("东镇", "镇"), ("西镇", "镇"), ("南镇", "镇")),
    "delegates": rows(
        "代表编号 姓名 层级 镇街",
        ("E1", "甲", "县级", "东镇"),
        ("E2", "乙", "乡镇级", "东镇"),
        ("W1", "丙", "县级", "西镇"),
        ("S1", "丁", "县级", "南镇"),
        ("N1", "戊", "全国级", ""),
        任职起="2020-01-01",
    ),
    "supervised": rows(
        "类别 编号 名称 镇街 监管方式 状态",
        ("排_污_口", "P1", "一号口", "东镇", "巡查", ""),
        ("排_污_口", "P2", "二号口", "", "采样", "规范"),
        ("断面", "D1", "上游", "东镇", "", "达标"),
    ),
    "activities": rows(
        "代表编号 类型 日期 主题",
        ("E1", "主题活动", "2026-01-01", WATER),
        ("E1", "主题活动", "2026-04-01", WATER),
        ("N1", "志愿服务", "2026-04-02", WATER),
        ("W1", "主题活动", "2026-05-01", TOGETHER),
    ),
    "opinions": rows(
        "编号 代表编号 收集日期 办结日期 结果 主题",
        ("O1", "E1", "2026-04-01", "2026-04-09", "已解决", WATER),
        ("O2", "E2", "2026-04-02", "2026-05-09", "解释说明", WATER),
        ("O3", "E2", "2026-04-03", "", "", WATER),
        诉求="水浑",
    ),
    "issues": rows(
        "编号 发现渠道 镇街 专班 发现日期 法定期限 整改日期",
        ("I1", "集中视察", "东镇", "甲班", "2026-04-01", "2026-05-01", "2026-04-11"),
        ("I2", "集中视察", "西镇", "甲班", "2026-04-01", "2026-05-01", "2026-05-11"),
        ("I3", "代表暗访", "东镇", "", "2026-06-01", "2026-07-30", ""),
        ("I4", "代表暗访", "东镇", "", "2026-06-01", "2026-12-30", ""),
        主题=WATER,
    ),
}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stored(tmp_path_factory.mktemp("campaigns") / "office.duckdb", files_of(COUNTY))


@pytest.fixture
def run(run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The page on that day: ``run(database, **query parameters)``."""
    monkeypatch.setattr(filters, "today", lambda: TODAY)

    def start(database: Path, **parameters: str) -> AppTest:
        test = run(database, "browse/campaigns.py", **parameters)
        assert not test.exception
        assert not test.error
        return test

    return start


def metrics(test: AppTest) -> dict[str, tuple[str, str]]:
    """The key figures, each with what is said of the period before."""
    return {metric.label: (metric.value, metric.delta) for metric in test.metric}


def bars(spec: charts.Spec) -> dict[str, Any]:
    """Of a chart of bars, from the top down: what stands on each, by its label."""
    [data] = spec["data"]
    return dict(zip(data["y"][::-1], data["text"][::-1], strict=True))


def parts(spec: charts.Spec) -> dict[str, list[float]]:
    """Of a chart of bars in parts: the lengths from the top down, by the part's name."""
    return {data["name"]: data["x"][::-1] for data in spec["data"]}


# --- figures ------------------------------------------------------------------------------------


def test_the_latest_campaign_comes_first(run: Run, office: Path, shown: Shown) -> None:
    """Without a choice the first of the question's order; a choice stands in the address."""
    test = run(office)
    assert picked(test, "主题") == WATER == campaigns.campaigns_on_record()["campaign"][0]
    test = run(office, campaign=TOGETHER)
    assert picked(test, "主题") == TOGETHER
    test = run(office, campaign="没_有_")
    assert picked(test, "主题") == WATER
    assert r"没有主题为“没\_有\_”的记录" in said(test)


def test_key_figures_are_the_answers(run: Run, office: Path, shown: Shown) -> None:
    """Each figure with that of the period before; what is overdue now has none."""
    assert metrics(run(office, campaign=WATER, period="2026Q2")) == {
        "参与代表（人）": ("2", "上期 1"),
        "参与率": ("50.0%", "上期 50.0%"),
        "活动（次）": ("2", "上期 1"),
        "收集诉求（条）": ("3", "上期 —"),
        "解决诉求（条）": ("1", "上期 0"),
        "发现问题（个）": ("4", "上期 0"),
        "整改问题（个）": ("2", "上期 0"),
        "逾期未整改（个）": ("1", ""),
    }


def test_who_could_not_be_heard_is_said(run: Run, office: Path, tmp_path: Path) -> None:
    """The help of participation says how many delegates are of silent townships, if any are."""
    rest = {**COUNTY, "delegates": [d for d in COUNTY["delegates"] if d["镇街"] != "南镇"]}
    heard = stored(tmp_path / "heard.duckdb", files_of(rest))
    for path, period, left_out in (
        (office, "2026Q1", "没有报送履职活动的 3 名代表不计在内"),
        (office, "2026Q2", "没有报送履职活动的 1 名代表不计在内"),
        (heard, "2026Q2", None),
    ):
        test = run(path, campaign=WATER, period=period)
        [rate] = [metric for metric in test.metric if metric.label == "参与率"]
        assert ("不计在内" in rate.help) == (left_out is not None)
        assert (left_out or "") in rate.help


def test_a_campaign_has_only_what_is_on_record_of_it(run: Run, office: Path, shown: Shown) -> None:
    """Without opinions and issues there are none of their figures, and the way to get them."""
    test = run(office, campaign=TOGETHER, period="2026Q2")
    assert list(metrics(test)) == ["参与代表（人）", "参与率", "活动（次）", "有活动的镇街（个）"]
    assert "本主题没有问题整改记录" in said(test)
    assert shown.pictures.keys() >= {"participation", "kinds", "participation_trend"}
    assert shown.pictures.keys().isdisjoint(
        {"concerns", "by_channel", "issues_trend", "supervised"}
    )


def test_participation_and_concerns_by_township(run: Run, office: Path, shown: Shown) -> None:
    """The charts and the table are the question's; who did not report is named, not drawn as none;
    delegates of no township stand apart.
    """
    test = run(office, campaign=WATER, period="2026Q2")
    assert bars(shown.pictures["participation"]) == {
        "不属镇街": "100%  1 / 1",
        "东镇": "50%  1 / 2",
        "西镇": "0%  0 / 1",
    }
    assert "没有报送履职活动：南镇" in said(test)
    assert parts(shown.pictures["concerns"]) == {
        "已解决": [1],
        "其他办结": [1],
        "未办结": [1],
    }
    found = campaigns.campaign_townships(period=Q2, campaign=WATER, today=TODAY)
    table = shown.frames["townships"]
    pd.testing.assert_frame_equal(table[list(found)], found)
    assert list(table["label"]) == ["不属镇街", "东镇", "西镇", "南镇"]


def test_problems_by_channel_and_task_force(run: Run, office: Path, shown: Shown) -> None:
    """Found, fixed in time and late, open and overdue; days taken beside the limit; the late listed."""
    test = run(office, campaign=WATER, period="2026Q2")
    assert (
        "本期通过 2 个渠道发现问题 4 个，涉及 1 个专班："
        "按期整改 1 个，逾期整改 1 个，未到期 1 个，逾期未整改 1 个。"
    ) in said(test)
    assert parts(shown.pictures["by_channel"]) == {
        "按期整改": [0, 1],
        "逾期整改": [0, 1],
        "未到期": [1, 0],
        "逾期未整改": [1, 0],
    }
    assert [y.split("  ") for y in shown.pictures["by_taskforce"]["data"][0]["y"]] == [
        ["未填写", "n=2"],
        ["甲班", "n=2"],
    ]
    assert bars(shown.pictures["days"]) == {"集中视察": "25 天，期限 30 天"}
    late = shown.frames["late"]
    assert list(zip(late["issue_id"], late["state"], strict=True)) == [
        ("I3", "逾期未整改"),
        ("I4", "未到期"),
        ("I2", "逾期整改"),
    ]


def test_a_period_without_any_of_it(run: Run, office: Path, shown: Shown) -> None:
    """A quarter in which the campaign rested says so, and keeps what is open now."""
    test = run(office, campaign=WATER, period="2026Q1")
    assert "本期没有发现问题。" in said(test)
    assert "本期没有收集本主题的诉求。" in said(test)
    assert list(shown.frames["late"]["issue_id"]) == ["I3", "I4"]
    assert metrics(test)["收集诉求（条）"][0] == "—"


# --- supervised objects -------------------------------------------------------------------------


def test_supervised_objects(run: Run, office: Path, shown: Shown) -> None:
    """Counts by kind, the methods and states in words, the list narrowed by the kind chosen."""
    test = run(office, campaign=WATER)
    assert bars(shown.pictures["supervised"]) == {"排_污_口": "2", "断面": "1"}
    [table] = [shown for shown in test.table]
    assert table.value.to_numpy().tolist() == [
        [r"排\_污\_口", "巡查 1、采样 1", "规范 1、未填写 1"],
        ["断面", "未填写 1", "达标 1"],
    ]
    assert len(shown.frames["objects"]) == 3
    run(office, campaign=WATER, kind="断面")
    assert list(shown.frames["objects"]["name"]) == ["上游"]


def test_without_supervised_objects(run: Run, tmp_path: Path, shown: Shown) -> None:
    """The section stands, and says which file brings them."""
    rest = {name: lines for name, lines in COUNTY.items() if name != "supervised"}
    path = stored(tmp_path / "none.duckdb", files_of(rest))
    assert "请由县级上传监督对象表" in said(run(path, campaign=WATER))
    assert "objects" not in shown.frames


# --- clicks and empty states --------------------------------------------------------------------


def test_clicks(run: Run, office: Path, shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bar or a row leads to its township, who has none nowhere; a kind of object narrows the list."""
    run(office, campaign=WATER, period="2026Q2")
    shown.click("participation", ["东镇"])
    shown.click("participation", ["不属镇街"])
    shown.click("concerns", ["东镇"])
    for position in range(4):
        shown.click("townships", position)
    assert [to["a"] for _page, to in shown.led] == ["东镇", "东镇", "东镇", "西镇", "南镇"]
    assert {page for page, _to in shown.led} == {"browse/townships.py"}
    here: dict[str, str] = {}
    monkeypatch.setattr(st, "query_params", here)
    shown.click("supervised", ["断面"])
    assert here == {"kind": "断面"}


def test_without_any_campaign(run: Run, tmp_path: Path) -> None:
    """No theme on record: where themes come from."""
    plain = {
        **{name: COUNTY[name] for name in ("townships", "delegates")},
        "activities": [row | {"主题": ""} for row in COUNTY["activities"]],
    }
    test = run(stored(tmp_path / "plain.duckdb", files_of(plain)))
    assert "还没有主题行动的记录" in said(test)
    assert not test.metric


def test_issues_alone(run: Run, tmp_path: Path, shown: Shown) -> None:
    """An office that sends only issues of a campaign sees them, without anything of delegates."""
    only = {name: COUNTY[name] for name in ("townships", "delegates", "issues")}
    test = run(stored(tmp_path / "issues.duckdb", files_of(only)), period="2026Q2")
    assert list(metrics(test)) == ["发现问题（个）", "整改问题（个）", "逾期未整改（个）"]
    assert set(shown.frames) == {"issues", "late"}


def test_in_english(run: Run, office: Path) -> None:
    """The page stands in both languages."""
    test = run(office, campaign=WATER, period="2026Q2", lang="en")
    assert len(test.metric) == 8
    assert len(test.dataframe) == 4
