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
        "mean_score": [80.0, 71.5, 99.0, None],
        "county_mean": [75.0] * 4,
        "funnel_low": [72.0, 72.0, 40.0, None],
        "funnel_high": [78.0, 80.0, 110.0, None],
    }
)
RATES = pd.DataFrame({"a": [0.5, None], "b": [1.0, 0.0]}, index=["甲镇", "乙镇"])
PAIR = pd.DataFrame({"name": ["走访", "接待"], "one": [0.2, None], "two": [0.9, 1.0]})
QUARTERS = [Period(2025, 4, 4), Period(2026, 1, 1), Period(2026, 2, 2)]
SPECS = {
    "township_bars": charts.township_bars(TOWNSHIPS),
    "distribution": charts.distribution(
        pd.DataFrame(
            {"step": [55, 60, 90], "band": ["不称职", "基本称职", "优秀"], "delegates": [3, 4, 5]}
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
        assert trace.get("hoverinfo") == "skip" or trace["hovertemplate"].endswith(
            "<extra></extra>"
        )


def test_bars_stand_highest_first_from_zero() -> None:
    """The longest bar is at the top (Plotly draws the last one there); unranked townships are
    grey and below; a township without a score has a label and no bar; n is on every label.
    """
    [bars] = SPECS["township_bars"]["data"]
    assert bars["y"][::-1] == ["甲镇  n=30", "乙镇  n=12", "丙街道  n=1", "丁镇  n=0"]
    assert bars["x"][::-1] == [80.0, 71.5, 99.0, None]
    assert bars["marker"]["color"][::-1] == [charts.BLUE, charts.BLUE, charts.PALE, charts.PALE]
    assert bars["text"][::-1] == ["80.0", "71.5", "99.0", "无得分"]
    assert SPECS["township_bars"]["layout"]["xaxis"]["range"][0] == 0


def test_distribution_counts_each_grade() -> None:
    """Each grade's colour and number of delegates stand on the chart."""
    labels = [a["text"] for a in SPECS["distribution"]["layout"]["annotations"]]
    assert labels == ["优秀<br>5 人", "称职<br>0 人", "基本称职<br>4 人", "不称职<br>3 人"]
    colours = {t["name"]: t["marker"]["color"] for t in SPECS["distribution"]["data"]}
    assert colours == {g: charts.GRADE_COLOURS[g] for g in colours}


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
    ]
    for spec in specs:
        clicked = [trace.pop("customdata", []) for trace in spec["data"]]
        assert all(name in mark or "乙镇" in mark for marks in clicked for mark in marks)
        assert "<a" not in str(spec)
        assert "&amp;lt;b&amp;gt;" in str(spec)
