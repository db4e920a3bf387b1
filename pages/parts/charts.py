"""The charts: plain Plotly specifications, one message each.

Colours mean the same everywhere: blue what is looked at, orange what it is compared with or what
falls behind, grey the rest. The four grades run from blue to orange, which colour-blind people
tell apart.
"""

from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from pages.parts import clicks
from pages.words import _
from pages.words.terms import period_name

BLUE, ORANGE, GREY, PALE, INK = "#1b5e9b", "#c8591a", "#8a949e", "#dfe5ea", "#1d2733"
GRADE_COLOURS = {
    "优秀": "#1b5e9b",
    "称职": "#7fb0d9",
    "基本称职": "#f2b26b",
    "不称职": "#c8591a",
    "不定等次": "#b9c0c7",
}
RATE_SCALE = [[0.0, "#f4ece4"], [0.5, "#a9c8e2"], [1.0, "#1b5e9b"]]
ROW = 25  # pixels for a row of a horizontal chart

Spec = dict[str, Any]


def draw(
    spec: Spec, key: str, alt: str, on_click: Callable[[list[str]], None] | None = None
) -> None:
    """Show a chart; ``on_click`` gets the custom data of the mark that was clicked."""
    layout: Spec = {
        "margin": {"l": 8, "r": 16, "t": 8, "b": 8},
        "dragmode": False,
        "showlegend": False,
        "hoverlabel": {"align": "left"},
        "font": {"color": INK},
        **spec["layout"],
    }
    settings: dict[str, Any] = {}
    if on_click is not None:
        key, clicked = clicks.once(key, lambda s: [p["customdata"] for p in s.points], on_click)
        settings = {"on_select": clicked, "selection_mode": "points"}
    st.plotly_chart(
        {"data": spec["data"], "layout": layout},
        key=key,
        alt=alt,
        config={"displayModeBar": False, "scrollZoom": False, "doubleClick": False},
        **settings,
    )


def _axis(**more: Any) -> Spec:
    return {"automargin": True, "fixedrange": True, "zeroline": False, **more}


def _plain(names: Iterable[str]) -> list[str]:
    """Names from the data, so that Plotly takes none for the little HTML that it reads in labels:
    links, line breaks, styles.
    """
    return [escape(name, quote=False) for name in names]


def _with_numbers(rows: pd.DataFrame) -> list[str]:
    """Townships, each with how many of its delegates have a score."""
    return [f"{t}  n={n}" for t, n in zip(_plain(rows["township"]), rows["scored"], strict=True)]


def township_bars(townships: pd.DataFrame) -> Spec:
    """Mean score by township, highest first, with n; grey and last: too few have a score to rank."""
    rows = townships.iloc[::-1]
    labels = _with_numbers(rows)
    mean = townships["county_mean"].iloc[0]
    return {
        "data": [
            {
                "type": "bar",
                "orientation": "h",
                "x": _numbers(rows["mean_score"]),
                "y": labels,
                "customdata": [[t] for t in rows["township"]],
                "text": [_("无得分") if pd.isna(v) else f"{v:.1f}" for v in rows["mean_score"]],
                "textposition": "inside",
                "insidetextanchor": "start",
                "textfont": {"color": [INK if pd.isna(r) else "white" for r in rows["rank"]]},
                "marker": {"color": [PALE if pd.isna(r) else BLUE for r in rows["rank"]]},
                "hovertemplate": "%{y}<br>" + _("平均得分") + " %{text}<extra></extra>",
            }
        ],
        "layout": {
            "height": ROW * len(rows) + 60,
            "margin": {"l": 8, "r": 16, "t": 24, "b": 8},
            "bargap": 0.25,
            "xaxis": _axis(range=[0, 110], showgrid=False, showticklabels=False),
            "yaxis": _axis(),
            "shapes": [_line(mean, "x")],
            "annotations": [
                {
                    "x": mean,
                    "y": 1,
                    "yref": "paper",
                    "yanchor": "bottom",
                    "showarrow": False,
                    "text": _("全县平均 {mean}", mean=f"{mean:.1f}"),
                    "font": {"color": ORANGE, "size": 12},
                }
            ]
            if pd.notna(mean)
            else [],
        },
    }


def _line(value: float, axis: str) -> Spec:
    across = "y" if axis == "x" else "x"
    return {
        "type": "line",
        f"{axis}0": value,
        f"{axis}1": value,
        f"{across}0": 0,
        f"{across}1": 1,
        f"{across}ref": "paper",
        "line": {"color": ORANGE, "width": 1.5, "dash": "dot"},
        "visible": pd.notna(value),
    }


def _numbers(values: "pd.Series[Any]") -> list[float | None]:
    return [None if pd.isna(v) else float(v) for v in values]


def distribution(steps: pd.DataFrame, bands: pd.DataFrame) -> Spec:
    """How many delegates scored in each five points, coloured by grade."""
    data = []
    for grade in bands["grade"]:
        rows = steps[steps["band"] == grade]
        data.append(
            {
                "type": "bar",
                "name": _(grade),
                "x": [step + 2.5 for step in rows["step"]],
                "y": rows["delegates"].tolist(),
                "width": 4.6,
                "text": rows["delegates"].tolist(),
                "textposition": "outside",
                "textfont": {"size": 11},
                "constraintext": "none",
                "cliponaxis": False,
                "customdata": [[f"{step}–{step + 5}", _(grade)] for step in rows["step"]],
                "marker": {"color": GRADE_COLOURS[grade]},
                "hovertemplate": "%{customdata[0]} "
                + _("分")
                + "<br>%{customdata[1]}<br>%{y} "
                + _("人")
                + "<extra></extra>",
            }
        )
    totals = steps.groupby("band")["delegates"].sum()
    edges = [110.0, *bands["at_least"]]
    annotations = [
        {
            "x": (max(low, 30) + high) / 2,
            "y": 1.03,
            "yref": "paper",
            "yanchor": "bottom",
            "yshift": 46 * (place % 2),  # neighbours at two heights, where the bands are narrow
            "showarrow": False,
            "text": f"{_(grade).replace(' ', '<br>')}<br>{_('{count} 人', count=int(totals.get(grade, 0)))}",
            "font": {"color": INK, "size": 12},
        }
        for place, (grade, low, high) in enumerate(
            zip(bands["grade"], bands["at_least"], edges, strict=False)
        )
    ]
    return {
        "data": data,
        "layout": {
            "height": 330,
            "margin": {"l": 8, "r": 16, "t": 100, "b": 8},
            "barmode": "overlay",
            "xaxis": _axis(dtick=10, title={"text": _("得分")}, showgrid=False),
            "yaxis": _axis(rangemode="tozero", showticklabels=False, showgrid=False),
            "annotations": annotations,
        },
    }


def trend(lines: dict[str, tuple["pd.Series[Any]", str]], quarters: Sequence[Any]) -> Spec:
    """Scores over quarters; each line is (values in the quarters' order, colour), named at its end.

    A quarter without a value is a gap in the line.
    """
    places = list(range(len(quarters)))
    names = [period_name(str(q)) for q in quarters]
    data, ends = [], []
    for name, (values, colour) in zip(_plain(lines), lines.values(), strict=True):
        y = _numbers(values)
        data.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "x": places,
                "y": y,
                "connectgaps": False,
                "line": {"color": colour, "width": 2.2},
                "marker": {"size": 6},
                "text": [f"{name}<br>{quarter}" for quarter in names],
                "hovertemplate": "%{text}  %{y:.2f}<extra></extra>",
            }
        )
        known = [(x, v) for x, v in zip(places, y, strict=True) if v is not None]
        if known:
            ends.append((known[-1][1], known[-1][0], name, colour))
    annotations = []
    shown = 1e9
    for value, at, name, colour in sorted(ends, reverse=True):
        shown = min(value, shown - 8)  # names that would overlap move apart
        annotations.append(
            {
                "x": at,
                "y": shown,
                "xanchor": "left",
                "xshift": 8,
                "showarrow": False,
                "text": f"{name} {value:.1f}",
                "font": {"color": colour, "size": 12},
            }
        )
    ticks = [
        f"{q.first}<br>{q.year}" if q.first == 1 or place == 0 else str(q.first)
        for place, q in zip(places, quarters, strict=True)
    ]
    return {
        "data": data,
        "layout": {
            "height": 300,
            "margin": {"l": 8, "r": 130, "t": 12, "b": 8},
            "xaxis": _axis(
                showgrid=False,
                range=[-0.4, len(quarters) - 0.6],
                tickvals=places,
                ticktext=ticks,
                tickangle=0,
            ),
            "yaxis": _axis(range=[0, 112], dtick=20, gridcolor=PALE),
            "annotations": annotations,
        },
    }


def funnel(townships: pd.DataFrame) -> Spec:
    """Each township's mean between the limits that chance alone explains for its size."""
    rows = townships[townships["mean_score"].notna()].iloc[::-1]
    labels = _with_numbers(rows)
    outside = (rows["mean_score"] < rows["funnel_low"]) | (rows["mean_score"] > rows["funnel_high"])
    mean = townships["county_mean"].iloc[0]
    return {
        "data": [
            {
                "type": "bar",
                "orientation": "h",
                "y": labels,
                "base": _numbers(rows["funnel_low"]),
                "x": _numbers(rows["funnel_high"] - rows["funnel_low"]),
                "marker": {"color": PALE},
                "customdata": [
                    [t, f"{low:.1f}–{high:.1f}"]
                    for t, low, high in zip(
                        rows["township"], rows["funnel_low"], rows["funnel_high"], strict=True
                    )
                ],
                "hovertemplate": "%{y}<br>"
                + _("偶然波动范围")
                + " %{customdata[1]}<extra></extra>",
            },
            {
                "type": "scatter",
                "mode": "markers",
                "x": _numbers(rows["mean_score"]),
                "y": labels,
                "marker": {"size": 10, "color": [ORANGE if o else BLUE for o in outside]},
                "customdata": [[t] for t in rows["township"]],
                "hovertemplate": "%{y}<br>" + _("平均得分") + " %{x:.2f}<extra></extra>",
            },
        ],
        "layout": {
            "height": ROW * len(rows) + 60,
            "bargap": 0.35,
            "xaxis": _axis(title={"text": _("平均得分")}, gridcolor=PALE),
            "yaxis": _axis(),
            "shapes": [_line(mean, "x")],
        },
    }


def heatmap(rates: pd.DataFrame, names: dict[str, str]) -> Spec:
    """Mean rate by township (rows) and indicator (columns); an empty cell has no data."""
    columns = [name for name in names if name in rates.columns]
    rows = rates[columns].iloc[::-1]
    titles = [_wrapped(names[name]) for name in columns]
    z = [[None if pd.isna(v) else float(v) for v in line] for line in rows.to_numpy()]
    text = [["—" if v is None else f"{v:.0%}" for v in line] for line in z]
    townships = _plain(rows.index)
    return {
        "data": [
            {
                "type": "heatmap",
                "z": z,
                "x": titles,
                "y": townships,
                "zmin": 0,
                "zmax": 1,
                "text": text,
                "texttemplate": "%{text}",
                "colorscale": RATE_SCALE,
                "showscale": False,
                "xgap": 2,
                "ygap": 2,
                "hoverongaps": False,
                "hoverinfo": "skip",
            },
            {  # a heatmap cell reports no click; an invisible mark on each cell does
                "type": "scatter",
                "mode": "markers",
                "x": [x for _y in townships for x in titles],
                "y": [y for y in townships for _x in titles],
                "customdata": [[township] for township in rows.index for _x in titles],
                "text": [value for line in text for value in line],
                "marker": {"symbol": "square", "size": 24, "opacity": 0},
                "selected": {"marker": {"opacity": 0}},
                "unselected": {"marker": {"opacity": 0}},
                "hovertemplate": "%{y}<br>%{x}<br>" + _("平均完成率") + " %{text}<extra></extra>",
            },
        ],
        "layout": {
            "height": ROW * len(rows) + 70,
            "xaxis": _axis(side="top", showgrid=False, tickangle=0, tickfont={"size": 12}),
            "yaxis": _axis(showgrid=False),
        },
    }


def _wrapped(text: str) -> str:
    """A column title over two lines: after a 、 or at spaces, else in the middle."""
    for sign, kept in (("、", "、"), (" ", "")):
        if sign in text:
            return text.replace(sign, f"{kept}<br>")
    half = -(-len(text) // 2)
    return f"{text[:half]}<br>{text[half:]}" if len(text) > 2 else text


def side_by_side(
    rows: pd.DataFrame, first: str, second: str, first_name: str, second_name: str
) -> Spec:
    """Two rates (columns ``first``, ``second``) per line of ``name``, joined where both are known."""
    rows = rows.iloc[::-1]
    first_name, second_name = _plain([first_name, second_name])
    joints = [
        {
            "type": "line",
            "x0": a,
            "x1": b,
            "y0": name,
            "y1": name,
            "line": {"color": PALE, "width": 4},
            "layer": "below",
        }
        for a, b, name in zip(rows[first], rows[second], rows["name"], strict=True)
        if pd.notna(a) and pd.notna(b)
    ]
    return {
        "data": [
            {
                "type": "scatter",
                "mode": "markers",
                "name": name,
                "x": _numbers(rows[column]),
                "y": rows["name"].tolist(),
                "marker": {"size": 11, "color": colour, "symbol": symbol},
                "text": [name] * len(rows),
                "hovertemplate": "%{text}<br>%{y}  %{x:.0%}<extra></extra>",
            }
            for column, name, colour, symbol in (
                (second, second_name, ORANGE, "diamond"),
                (first, first_name, BLUE, "circle"),
            )
        ],
        "layout": {
            "height": (ROW + 4) * len(rows) + 80,
            "showlegend": True,
            "legend": {
                "orientation": "h",
                "y": 1.02,
                "yanchor": "bottom",
                "x": 0,
                "traceorder": "reversed",
            },
            "xaxis": _axis(range=[-0.03, 1.03], tickformat=".0%", gridcolor=PALE),
            "yaxis": _axis(type="category", categoryarray=rows["name"].tolist(), showgrid=False),
            "shapes": joints,
        },
    }
