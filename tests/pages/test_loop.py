"""五位一体: the page shows what its questions answer, leads on, and says what is missing."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
import pytest
from databases import files_of, stored
from running import Doors, Run, Shown, columns, said
from streamlit.testing.v1 import AppTest

from data.period import Period
from pages.parts import charts, filters
from queries import county, loop

TODAY = date(2026, 4, 10)
Q1 = Period.parse("2026Q1")
REGISTERS = {
    "townships": [
        {"镇街": "东镇", "类型": "镇", "包联领导": "李"},
        {"镇街": "西[镇]", "类型": "镇"},
    ],
    "delegates": [
        {"代表编号": "E1", "姓名": "甲", "层级": "县级", "镇街": "东镇", "任职起": "2020-01-01"},
        {"代表编号": "W1", "姓名": "乙", "层级": "县级", "镇街": "西[镇]", "任职起": "2020-01-01"},
        {"代表编号": "N1", "姓名": "丙", "层级": "全国级", "任职起": "2020-01-01"},
    ],
}
WALK = {"代表编号": "E1", "类型": "入户走访", "日期": "2026-01-05", "数量": "90"}
RECORDS = {
    "plan": [
        {"年度": "2026", "任务": "走访", "指标": "入户走访", "目标": "365"},
        {"年度": "2026", "任务": "接待", "指标": "接待选民", "目标": "4", "截止日期": "2026-02-28"},
        {"年度": "2026", "任务": "宣讲", "指标": "政策宣讲", "目标": "0"},
        {"年度": "2026", "任务": "规程", "目标": "1"},
    ],
    "activities": [WALK],
    "opinions": [
        {
            **{"编号": "O1", "代表编号": "E1", "收集日期": "2026-01-10", "诉求": "水浑"},
            **{"来源": "入户走访", "办理层级": "村", "转办日期": "2026-01-14"},
            **{"办结日期": "2026-02-01", "结果": "已解决"},
        },
        {
            **{"编号": "O2", "代表编号": "W1", "收集日期": "2026-02-10", "诉求": "灯灭"},
            **{"办理层级": "镇", "转办日期": "2026-02-20"},
        },
        {"编号": "O3", "代表编号": "W1", "收集日期": "2026-03-10", "诉求": "路断"},
    ],
    "suggestions": [
        {
            **{"建议号": "S1", "标题": "修路", "领衔代表编号": "W1", "提出日期": "2026-01-05"},
            **{"交办日期": "2026-01-05", "承办单位": "交通局"},
        },
        {"建议号": "S2", "标题": "修桥", "领衔代表编号": "N1", "提出日期": "2026-02-05"},
    ],
    "issues": [
        {
            **{"编号": "I1", "主题": "碧水", "发现渠道": "执法检查", "镇街": "东镇"},
            **{"发现日期": "2026-02-01", "法定期限": "2026-04-09", "内容": "直排"},
        }
    ],
    "guidance": [
        {"日期": "2026-01-20", "领导": "李", "镇街": "东镇", "检查项": "标牌", "发现问题": "破损"}
    ],
}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stored(tmp_path_factory.mktemp("small") / "small.duckdb", files_of(REGISTERS | RECORDS))


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One activity, and none of what the other steps are told from."""
    one = files_of(REGISTERS | {"activities": [WALK]})
    return stored(tmp_path_factory.mktemp("bare") / "bare.duckdb", one)


@pytest.fixture
def run(run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The page on that day: ``run(database, **query parameters)``."""
    monkeypatch.setattr(filters, "today", lambda: TODAY)

    def start(database: Path, **parameters: str) -> AppTest:
        test = run(database, "browse/loop.py", **parameters)
        assert not test.exception
        assert not test.error
        return test

    return start


def figures(test: AppTest) -> list[tuple[str, str, str]]:
    return [(metric.label, metric.value, metric.delta) for metric in test.metric]


def drawn(test: AppTest, alt: str) -> go.Figure:
    """The chart with this alternative text."""
    [found] = [c.proto for c in test.get("plotly_chart") if c.proto.alt == alt]
    return go.Figure(json.loads(found.spec))


def test_the_strip_shows_each_step_and_what_is_late(run: Run, small: Path) -> None:
    """Five steps in order, each linked, with its figure and how much is late; orange if any is."""
    test = run(small, period="2026Q1")
    mean = county.county_figures(periods=[Q1])["mean_score"].iloc[0]
    assert [(label, value) for label, value, _note in figures(test)[:5]] == [
        ("按进度的任务 / 可计量的", "2 / 3"),
        ("检查指导（次）", "1"),
        ("转办用时中位数（天）", "7"),
        ("在办的建议和问题（件）", "3"),
        ("平均得分", f"{mean:.2f}"),
    ]
    marks = [part.value for part in test.markdown]
    steps = {
        "plan": "科学谋划",
        "guidance": "检查指导",
        "routing": "分层转办",
        "tracking": "跟踪督办",
        "assessment": "督导考评",
    }
    links = [
        f"**[{place} {name}](#{step})**" for place, (step, name) in enumerate(steps.items(), 1)
    ]
    assert [mark for mark in marks if "](#" in mark] == links
    headings = {heading.anchor: heading.value for heading in test.subheader if heading.anchor}
    assert [headings[step] for step in steps] == [
        f"{n} {t}" for n, t in enumerate(steps.values(), 1)
    ]
    late = ("1 项落后", "1 个问题未整改", "1 条未转办", "2 件逾期", "1 个镇街未报齐")
    assert [mark for mark in marks if mark.startswith(":orange")] == [
        f":orange-background[:orange[{text}]]" for text in late
    ]
    assert "2026-04-10" in said(test)


def test_nothing_late_is_not_orange(run: Run, bare: Path) -> None:
    """A step of which nothing is on record says so, and is not marked."""
    test = run(bare, period="2026Q1")
    assert [(label, value) for label, value, _note in figures(test)[:4]] == [("没有数据", "—")] * 4
    orange = [part.value for part in test.markdown if part.value.startswith(":orange")]
    assert orange == [":orange-background[:orange[2 个镇街未报齐]]"]


def test_figures_of_the_steps(run: Run, small: Path) -> None:
    """What was worked out by hand from the few rows, with what is late beneath it."""
    shown = figures(run(small, period="2026Q1"))[5:]
    assert shown[:-3] == [
        ("年度任务（项）", "4", ""),
        ("可由记录计量（项）", "3", ""),
        ("按进度或已达目标（项）", "2", ""),
        ("落后（项）", "1", "1 项过期未完成"),
        ("检查指导（次）", "1", ""),
        ("走访到的镇街", "1 / 2", "1 个没有走访"),
        ("本期发现问题（个）", "1", "已整改 0"),
        ("现有未整改（个）", "1", "最长 80 天"),
        ("收集意见（条）", "3", ""),
        ("转办用时中位数（天）", "7", ""),
        ("九成转办用时（天）", "9.4", ""),
        ("现有未转办（条）", "1", "最长 31 天"),
        ("在办建议（件）", "2", "1 件逾期"),
        ("在办问题（件）", "1", "1 件逾期"),
        ("其中30天内到期（件）", "0", ""),
        ("本期办结（件）", "0", "0 件逾期办结"),
        ("已转办未办结的意见（条）", "1", ""),
    ]


def test_tables_and_notes(run: Run, small: Path) -> None:
    """The lists hold what their questions answer; text of the data is no Markdown."""
    test = run(small, period="2026Q1")
    assert columns(test, "stuck")[0] == [2, 2, 0]
    assert columns(test, "place")[0] == ["东镇", "西[镇]", "不属镇街"]
    assert columns(test, "visits")[0][:2] == [1, 0]
    assert columns(test, "task")[0] == ["接待", "走访", "宣讲", "规程"]
    assert columns(test, "state")[0] == ["过期未完成", "按进度", "已达目标", "不由记录计量"]
    assert columns(test, "finding")[0] == ["破损"]
    assert columns(test, "opinion_id")[0] == ["O3"]
    assert columns(test, "number")[0] == ["S1", "I1"]
    assert columns(test, "days_late")[0] == [5, 1]
    told = said(test)
    assert "本期没有走访的镇街：西\\[镇\\]（最近 —）。" in told
    assert "实际进度可能更高：西\\[镇\\]（1季度）。" in told


def test_the_flow_adds_up_at_every_stage(run: Run, small: Path) -> None:
    """Every opinion of the period goes in at the left and comes out at the right."""
    [flow] = drawn(run(small, period="2026Q1"), "群众意见从来源到办理层级、再到结果的流向").data
    into, out = Counter(flow.link.target), Counter(flow.link.source)
    for source, target, value in zip(
        flow.link.source, flow.link.target, flow.link.value, strict=True
    ):
        assert value > 0
        out[source] += value - 1
        into[target] += value - 1
    labels = [label.split("  ") for label in flow.node.label]
    assert labels == [
        *(["入户走访", "1"], ["来源未填", "2"]),
        *(["村级", "1"], ["镇级", "1"], ["未转办", "1"]),
        *(["已解决", "1"], ["正在办理", "1"], ["尚未办理", "1"]),
    ]
    for place, (title, count) in enumerate(labels):
        flows = {n for n in (into[place], out[place]) if n}
        assert flows == {int(count)}, title


def test_the_chart_of_the_plan(run: Run, small: Path) -> None:
    """A bar for what is done, a mark where the calendar is; orange behind; no target, no bar."""
    bar, mark = drawn(run(small, period="2026Q1"), "各任务完成的份额，与按日历应达到的份额").data
    assert list(bar.y) == list(mark.y) == ["走访", "接待"]
    assert list(bar.x) == pytest.approx([90 / 365, 0])
    assert list(mark.x) == pytest.approx([90 / 365, 1])
    assert list(bar.marker.color) == [charts.BLUE, charts.ORANGE]
    assert list(bar.hovertext) == ["90 / 365 户  25%", "0 / 4 次  0%"]


def test_what_is_nearly_reached_is_not_reached(run: Run, tmp_path: Path) -> None:
    """99.6 of 100 percent is not shown as all; and of an inspection each who came is one."""
    plan = [
        {"年度": "2026", "任务": "走访", "指标": "入户走访", "目标": "250"},
        {"年度": "2026", "任务": "接待", "指标": "接待选民", "目标": "1"},
        {"年度": "2026", "任务": "视察", "指标": "视察、执法检查", "目标": "4"},
    ]
    came = {
        "活动号": "V1",
        "活动类型": "视察",
        "日期": "2026-03-01",
        "代表编号": "E1",
        "结果": "出席",
    }
    kept = {
        "plan": plan,
        "activities": [WALK | {"数量": "249"}, WALK | {"类型": "接待选民", "数量": ""}],
        "attendance": [came, came | {"代表编号": "W1"}],
    }
    path = stored(tmp_path / "nearly.duckdb", files_of(REGISTERS | kept))
    test = run(path, period="2026Q1")
    bar, _mark = drawn(test, "各任务完成的份额，与按日历应达到的份额").data
    assert dict(zip(bar.y, bar.hovertext, strict=True)) == {
        "走访": "249 / 250 户  99%",
        "接待": "1 / 1 次  100%",
        "视察": "2 / 4 人次  50%",
    }
    assert set(columns(test, "unit")[0]) == {"户", "次", "人次"}


def test_charts_of_hostile_names() -> None:
    """No name is read as the little HTML that Plotly knows; long ones run over several lines."""
    rows = pd.DataFrame(
        {
            "task": ["<i>甲</i>", "任务" * 20],
            "reached": [2.5, 0.0],
            "expected": [0.5, 1.0],
            "text": ["<b>", "0"],
            "behind": [False, True],
        }
    )
    spec = charts.progress(rows, "task", "reached", "expected", "text", "behind")
    figure = go.Figure(spec)
    assert figure.data[0].y[1] == "&lt;i&gt;甲&lt;/i&gt;"
    assert figure.data[0].y[0].replace("<br>", "") == "任务" * 20
    assert figure.data[0].hovertext[1] == "&lt;b&gt;"
    assert figure.layout.xaxis.range[0] == 0
    assert figure.layout.xaxis.range[1] > 2.5
    ways = pd.DataFrame({"甲": ["<a>"], "乙": ["b"], "count": [3]})
    [flow] = go.Figure(
        charts.flow(ways, {"甲": {"<a>": "#000000"}, "乙": {"b": "#ff0000"}}, "条")
    ).data
    assert flow.node.label[0] == "&lt;a&gt;  3"
    assert flow.link.customdata[0] == "&lt;a&gt; → b<br>3 条"
    assert flow.link.color[0] == "rgba(255,0,0,0.32)"


def test_nothing_open_has_no_longest(run: Run, tmp_path: Path) -> None:
    """With all mended and all passed on, counts stay whole and nothing is said of waiting."""
    mended = [row | {"整改日期": "2026-02-01"} for row in RECORDS["guidance"]]
    kept = {"activities": [WALK], "opinions": RECORDS["opinions"][:2], "guidance": mended}
    path = stored(tmp_path / "mended.duckdb", files_of(REGISTERS | kept))
    shown = figures(run(path, period="2026Q1"))
    assert ("走访到的镇街", "1 / 2", "1 个没有走访") in shown
    assert ("现有未整改（个）", "0", "") in shown
    assert ("现有未转办（条）", "0", "") in shown


def test_clicks_lead_on(run: Run, small: Path, shown: Shown) -> None:
    """A row or bar of a township leads to it, a matter to its own page, an issue to its campaign."""
    run(small, period="2026Q1")
    for key, mark in (
        ("townships", 1),
        ("townships", 2),  # of no township: it leads nowhere
        ("visits", 0),
        ("findings", 0),
        ("waiting", 0),
        ("overdue", 0),
        ("overdue", 1),
        ("by_township", ["东镇"]),
        ("scores", ["西[镇]"]),
    ):
        shown.click(key, mark)
    townships = "browse/townships.py"
    assert shown.led == [
        (townships, {"a": "西[镇]"}),
        (townships, {"a": "东镇"}),
        (townships, {"a": "东镇"}),
        ("browse/matters.py", {"opinion": "O3"}),
        ("browse/matters.py", {"suggestion": "S1"}),
        ("browse/campaigns.py", {"campaign": "碧水"}),
        (townships, {"a": "东镇"}),
        (townships, {"a": "西[镇]"}),
    ]
    assert {shown.clicks[key] for key in ("by_agency", "plan", "flow")} == {None}


def test_what_is_missing_says_which_file_to_send(run: Run, bare: Path) -> None:
    test = run(bare, period="2026Q1")
    assert [part.value for part in test.info] == [
        "2026年第一季度没有收集到群众意见。请上传“群众意见”表。",
        "2026年没有年度计划。请上传“年度计划”表。",
        "还没有检查指导的记录。请上传“检查指导”表。",
        "2026年第一季度没有收集到群众意见。请上传“群众意见”表。",
        "还没有代表建议和问题整改的记录。请上传“代表建议”表或“问题整改”表。",
    ]
    [stuck] = [t.value for t in test.dataframe if "stuck" in t.value]
    counts = stuck.drop(columns=["place", "stuck", "mean_score", "rank"])
    assert counts.isna().all(axis=None)


def test_everything_leaves_as_a_file(run: Run, small: Path, doors: Doors) -> None:
    """Each table has its file, under a name of its own, in both kinds."""
    test = run(small, period="2026Q1")
    files = {item.title: item.make() for item in doors.page.items if item.kind == "table"}
    assert list(files) == [
        *("意见流向", "各镇街各步骤", "年度计划进展", "领导走访", "五项检查", "未整改问题"),
        *("分层转办", "未转办意见", "逾期事项"),
    ]
    assert len(files) == len(test.dataframe) + 1  # the flow is a picture
    for title, table in files.items():
        text = doors.take(title, "csv").decode("utf-8-sig")
        assert text.splitlines()[0] == ",".join(c.title for c in table.columns)
        assert len(text.splitlines()) == 1 + len(table.frame)
        assert doors.take(title, "xlsx").startswith(b"PK")
    stuck = doors.take("各镇街各步骤", "csv").decode("utf-8-sig").splitlines()
    assert stuck[-1].startswith("不属镇街,0,,,0,1,0,0,0,")
    plan = doors.take("年度计划进展", "csv").decode("utf-8-sig")
    assert "走访,按进度,90.0,365.0,户," in plan


def test_the_sample_in_both_languages(run: Run, sample_copy: Path) -> None:
    """The whole county, for each shape of period; the figures are the questions'."""
    for period in ("2026Q3", "2025", "2026Q1-Q3", "2023Q1"):
        test = run(sample_copy, period=period, lang="en" if period == "2025" else "zh")
        asked = Period.parse(period)
        tracked = loop.tracking_figures(period=asked, today=TODAY).set_index("matter")
        guided = loop.guidance_figures(period=asked, today=TODAY).iloc[0]
        values = [value for _label, value, _note in figures(test)]
        assert values[1] == f"{guided['visits']:,}"
        assert values[3] == f"{tracked.loc['limited', 'open']:,}"
        assert test.dataframe[0].value["stuck"].is_monotonic_decreasing
