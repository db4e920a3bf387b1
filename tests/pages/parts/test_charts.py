"""The charts: specifications that Plotly knows, that show every row once and missing as missing."""

import pandas as pd
import plotly.graph_objects as go
import pytest

from data.period import Period
from pages.parts import charts

TOWNSHIPS = pd.DataFrame(
    {
        "township": ["甲镇", "乙镇", "丙街道", "丁镇"],
        "rank": [1, 2, None, None],
        "scored": [30, 12, 1, 0],
        "mean_score": [80.0, 71.25, 99.0, None],
        "county_mean": [75.0] * 4,
        "funnel_low": [72.0, 72.0, 40.0, None],
        "funnel_high": [78.0, 80.0, 110.0, None],
    }
)
RATES = pd.DataFrame({"a": [0.5, None], "b": [1.0, 0.0]}, index=["甲镇", "乙镇"])
PAIR = pd.DataFrame({"name": ["走访", "接待"], "one": [0.2, None], "two": [0.9, 1.0]})
QUARTERS = [Period(2025, 4, 4), Period(2026, 1, 1), Period(2026, 2, 2)]
COUNTS = pd.DataFrame({"满意": [3, 0], "不满意": [1.0, None]}, index=["甲局", "乙局<b>"])
WAYS = pd.DataFrame({"来源": ["走访", "走访"], "结果": ["已解决", "在办"], "count": [3, 1]})
TASKS = pd.DataFrame(
    {
        "task": ["甲", "乙"],
        "reached": [1.2, None],
        "expected": [1.0, 0.5],
        "text": ["12 / 10", "— / 4"],
        "late": [False, True],
    }
)
CURVES = pd.DataFrame(
    {
        "n": [4, 9],
        "median": [30.0, None],
        "steps": [[0.0, 30.0], [0.0]],
        "waiting": [[1.0, 0.5], [1.0]],
    }
)
HELD = pd.DataFrame(
    {
        "label": ["07-20 甲镇"],
        "present_share": [0.5],
        "text": ["4 / 8"],
        "behind": [True],
        "event_id": ["H1"],
    }
)
BOXES = pd.DataFrame(
    {
        "id": ["Z1", "Z2"],
        "above": [None, "Z1"],
        "tier": [1, 2],
        "name": ["中心", "家"],
        "part": ["齐", "缺"],
        "told": ["齐", "缺制度"],
    }
)
BOTH = {"齐": charts.BLUE, "缺": charts.ORANGE}
SPECS = {
    "flow": charts.flow(
        WAYS,
        {"来源": {"走访": charts.GREY}, "结果": {"已解决": charts.BLUE, "在办": charts.ORANGE}},
        "条",
    ),
    "progress": charts.progress(TASKS, "task", "reached", "expected", "text", "late"),
    "survival": charts.survival(
        CURVES, ["甲局", "乙局"], [charts.ORANGE, charts.BLUE], {"三个月": 91.3}
    ),
    "sessions": charts.sessions(HELD),
    "tree": charts.tree(BOXES, ["中心 1", "家 1"], BOTH),
    "bars": charts.bars(
        pd.DataFrame({"name": ["甲", "乙<i>"], "n": [5, None], "late": [True, False]}),
        "name",
        "n",
        behind="late",
    ),
    "stacked": charts.stacked(COUNTS, {"满意": charts.BLUE, "不满意": charts.ORANGE}, "件"),
    "matrix": charts.matrix(COUNTS, "件数"),
    "amounts": charts.amounts(
        {"甲": (pd.Series([1200, None, 3]), charts.BLUE), "乙": (pd.Series([None] * 3), "red")},
        QUARTERS,
    ),
    "township_bars": charts.township_bars(TOWNSHIPS),
    "distribution": charts.distribution(
        pd.DataFrame(
            {
                "step": [55, 60, 90, 90, 90],
                "grade": ["不称职", "基本称职", "优秀", "称职", "不定等次"],
                "delegates": [3, 4, 5, 1, 2],
            }
        ),
        pd.DataFrame(
            {
                "grade": ["优秀", "称职", "基本称职", "不称职"],
                "at_least": [90.0, 75.0, 60.0, float("-inf")],
            }
        ),
    ),
    "trend": charts.trend(
        {"甲": (pd.Series([1.0, None, 3.0]), charts.BLUE), "乙": (pd.Series([None] * 3), "red")},
        QUARTERS,
    ),
    "funnel": charts.funnel(TOWNSHIPS[TOWNSHIPS["rank"].notna()]),
    "heatmap": charts.heatmap(RATES, {"a": "视察、执法检查", "b": "走访"}),
    "side_by_side": charts.side_by_side(PAIR, "one", "two", "甲", "乙"),
}


@pytest.mark.parametrize("name", SPECS)
def test_plotly_knows_every_property(name: str) -> None:
    """A plain specification is not checked when it is drawn: a misspelt property would be lost."""
    go.Figure(SPECS[name])


@pytest.mark.parametrize("name", SPECS)
def test_hover_is_in_our_words(name: str) -> None:
    """No mark hovers with Plotly's own English: each has a template or no hover at all."""
    for trace in SPECS[name]["data"]:
        parts = [trace["node"], trace["link"]] if trace["type"] == "sankey" else [trace]
        for part in parts:
            assert part.get("hoverinfo") == "skip" or part["hovertemplate"].endswith(
                "<extra></extra>"
            )


def test_bars_stand_highest_first_from_zero() -> None:
    """The longest bar is at the top (Plotly draws the last one there); unranked townships are
    grey and below; a township without a score has a label and no bar; n is on every label.
    """
    [bars] = SPECS["township_bars"]["data"]
    assert bars["y"][::-1] == ["甲镇  n=30", "乙镇  n=12", "丙街道  n=1", "丁镇  n=0"]
    assert bars["x"][::-1] == [80.0, 71.25, 99.0, None]
    assert bars["marker"]["color"][::-1] == [charts.BLUE, charts.BLUE, charts.PALE, charts.PALE]
    assert bars["text"][::-1] == ["80.0", "71.3", "99.0", "无得分"]
    assert SPECS["township_bars"]["layout"]["xaxis"]["range"][0] == 0


def test_distribution_counts_each_grade() -> None:
    """Each grade's colour and number of delegates stand on the chart, 不定等次 last; parts of one
    step stand on each other, with the number of the whole over the last.
    """
    spec = SPECS["distribution"]
    grades, counts = list(charts.GRADE_COLOURS), [5, 1, 4, 3, 2]
    assert [a["text"] for a in spec["layout"]["annotations"]] == [
        f"{grade}<br>{count} 人" for grade, count in zip(grades, counts, strict=True)
    ]
    assert [t["marker"]["color"] for t in spec["data"]] == list(charts.GRADE_COLOURS.values())
    assert [t["name"] for t in spec["data"]] == grades
    assert [t["y"] for t in spec["data"]] == [[count] for count in counts]
    assert [t["text"] for t in spec["data"]] == [[""], [""], [4], [3], [8]]
    assert spec["layout"]["barmode"] == "stack"


def test_distribution_names_only_grades_that_there_can_be() -> None:
    """A band without delegates is named; 不定等次 only where somebody has it."""
    steps = pd.DataFrame({"step": [90], "grade": ["优秀"], "delegates": [5]})
    bands = pd.DataFrame({"grade": ["优秀", "称职"], "at_least": [90.0, float("-inf")]})
    labels = [a["text"] for a in charts.distribution(steps, bands)["layout"]["annotations"]]
    assert labels == ["优秀<br>5 人", "称职<br>0 人"]


def test_a_quarter_without_a_score_is_a_gap() -> None:
    """Missing values stay missing in a line, and the line is named at its last known value."""
    first, second = SPECS["trend"]["data"]
    assert first["y"] == [1.0, None, 3.0]
    assert first["connectgaps"] is False
    assert second["y"] == [None] * 3
    [name] = SPECS["trend"]["layout"]["annotations"]
    assert (name["x"], name["text"]) == (2, "甲 3.0")


def test_heatmap_shows_missing_as_missing() -> None:
    """A rate that does not exist is a dash and no colour, not zero."""
    cells, marks = SPECS["heatmap"]["data"]
    assert cells["y"] == ["乙镇", "甲镇"]
    assert cells["z"] == [[None, 0.0], [0.5, 1.0]]
    assert cells["text"] == [["—", "0%"], ["50%", "100%"]]
    assert [c[0] for c in marks["customdata"]] == ["乙镇", "乙镇", "甲镇", "甲镇"]


def test_a_township_outside_the_limits_stands_out() -> None:
    """Orange marks exactly the townships whose mean lies outside their funnel limits."""
    _limits, means = SPECS["funnel"]["data"]
    assert dict(zip(means["y"], means["marker"]["color"], strict=True)) == {
        "甲镇  n=30": charts.ORANGE,
        "乙镇  n=12": charts.ORANGE,
    }


def test_a_name_is_no_html() -> None:
    """Plotly makes links and styles of what it finds in labels; in a name it finds none. A click
    still hands on the name as it is.
    """
    name = '<a href="//x">a</a> &lt;b&gt;'
    rows = TOWNSHIPS.assign(township=name)
    scores = pd.Series([1.0, None, 3.0])
    specs = [
        charts.township_bars(rows),
        charts.funnel(rows),
        charts.heatmap(RATES.set_axis([name, "乙镇"]), {"a": "走访", "b": "接待"}),
        charts.side_by_side(PAIR, "one", "two", name, name),
        charts.trend({name: (scores, charts.BLUE)}, QUARTERS),
        charts.amounts({name: (scores, charts.BLUE)}, QUARTERS),
        charts.bars(pd.DataFrame({"name": [name], "n": [1], "text": [name]}), "name", "n", "text"),
        charts.stacked(COUNTS.set_axis([name, "乙镇"]), {"满意": charts.BLUE}, "件"),
        charts.matrix(COUNTS.set_axis([name, "乙镇"]), "件数"),
        charts.survival(CURVES, [name, name], [charts.ORANGE, charts.BLUE], {}),
        charts.sessions(HELD.assign(label=name, event_id=name)),
        charts.tree(
            BOXES.assign(id=[name, "乙镇"], above=[None, name], name=name), ["1", "2"], BOTH
        ),
        charts.progress(TASKS.assign(task=name), "task", "reached", "expected", "text", "late"),
    ]
    for spec in specs:
        clicked = [trace.pop("customdata", []) for trace in spec["data"]]
        assert all(name in mark or "乙镇" in mark for marks in clicked for mark in marks)
        assert "<a" not in str(spec)
        assert "&amp;lt;b&amp;gt;" in str(spec)
