"""Charts of scores: how townships, grades and indicators compare."""

import pandas as pd

from pages.parts.charts.drawing import (
    BLUE,
    GRADE_COLOURS,
    INK,
    ORANGE,
    PALE,
    RATE_SCALE,
    ROW,
    Spec,
    axis,
    escaped,
    line,
    numbers,
    wrapped,
)
from pages.words import _
from pages.words.terms import GRADES, told


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
                "x": numbers(rows["mean_score"]),
                "y": labels,
                "customdata": [[t] for t in rows["township"]],
                "text": [_("无得分") if pd.isna(v) else told(v, ".1f") for v in rows["mean_score"]],
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
            "xaxis": axis(range=[0, 110], showgrid=False, showticklabels=False),
            "yaxis": axis(),
            "shapes": [line(mean, "x")],
            "annotations": [
                {
                    "x": mean,
                    "y": 1,
                    "yref": "paper",
                    "yanchor": "bottom",
                    "showarrow": False,
                    "text": _("全县平均 {mean}", mean=told(mean, ".1f")),
                    "font": {"color": ORANGE, "size": 12},
                }
            ]
            if pd.notna(mean)
            else [],
        },
    }


def _with_numbers(rows: pd.DataFrame) -> list[str]:
    """Townships, each with how many of its delegates have a score."""
    return [f"{t}  n={n}" for t, n in zip(escaped(rows["township"]), rows["scored"], strict=True)]


def distribution(steps: pd.DataFrame, bands: pd.DataFrame) -> Spec:
    """How many delegates scored in each five points, in parts coloured by the grade they have.

    Rows of ``steps`` are those of ``county.distribution``. Over each bar stands how many it is.
    """
    data = []
    heights = steps.groupby("step")["delegates"].transform("sum")
    over = heights.astype("object").mask(steps["step"].duplicated(keep="last"), "")
    grades = [*bands["grade"], *steps.loc[steps["grade"] == GRADES[-1], "grade"].unique()]
    for grade in grades:
        rows = steps[steps["grade"] == grade]
        data.append(
            {
                "type": "bar",
                "name": _(grade),
                "x": [step + 2.5 for step in rows["step"]],
                "y": rows["delegates"].tolist(),
                "width": 4.6,
                "text": over[rows.index].tolist(),
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
    totals = steps.groupby("grade")["delegates"].sum()
    edges = [110.0, *bands["at_least"]]
    middles = [
        (max(low, 30) + high) / 2 for low, high in zip(bands["at_least"], edges, strict=False)
    ]
    annotations = [
        {
            "x": middle,
            "y": 1.03,
            "yref": "paper",
            "yanchor": "bottom",
            "yshift": 46 * (place % 2),  # neighbours at two heights, where the bands are narrow
            "showarrow": False,
            "text": f"{_(grade).replace(' ', '<br>')}<br>{_('{count} 人', count=int(totals.get(grade, 0)))}",
            "font": {"color": INK, "size": 12},
            # it has no band of its own, and stands beneath the last one's name
            **({"bgcolor": GRADE_COLOURS[grade]} if grade == GRADES[-1] else {}),
        }
        for place, (grade, middle) in enumerate(zip(grades, [*middles, middles[-1]], strict=False))
    ]
    return {
        "data": data,
        "layout": {
            "height": 330,
            "margin": {"l": 8, "r": 16, "t": 100, "b": 8},
            "barmode": "stack",
            "xaxis": axis(dtick=10, title={"text": _("得分")}, showgrid=False),
            "yaxis": axis(rangemode="tozero", showticklabels=False, showgrid=False),
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
                "base": numbers(rows["funnel_low"]),
                "x": numbers(rows["funnel_high"] - rows["funnel_low"]),
                "marker": {"color": PALE},
                "customdata": [
                    [t, f"{told(low, '.1f')}–{told(high, '.1f')}"]
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
                "x": numbers(rows["mean_score"]),
                "y": labels,
                "marker": {"size": 10, "color": [ORANGE if o else BLUE for o in outside]},
                "customdata": [[t] for t in rows["township"]],
                "hovertemplate": "%{y}<br>" + _("平均得分") + " %{x:.2f}<extra></extra>",
            },
        ],
        "layout": {
            "height": ROW * len(rows) + 60,
            "bargap": 0.35,
            "xaxis": axis(title={"text": _("平均得分")}, gridcolor=PALE),
            "yaxis": axis(),
            "shapes": [line(mean, "x")],
        },
    }


def heatmap(rates: pd.DataFrame, names: dict[str, str]) -> Spec:
    """Mean rate by township (rows) and indicator (columns); an empty cell has no data."""
    columns = [name for name in names if name in rates.columns]
    rows = rates[columns].iloc[::-1]
    titles = [wrapped(names[name]) for name in columns]
    z = [[None if pd.isna(v) else float(v) for v in line] for line in rows.to_numpy()]
    text = [[told(v, ".0%") for v in line] for line in z]
    townships = escaped(rows.index)
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
            "xaxis": axis(side="top", showgrid=False, tickangle=0, tickfont={"size": 12}),
            "yaxis": axis(showgrid=False),
        },
    }


def side_by_side(
    rows: pd.DataFrame, first: str, second: str, first_name: str, second_name: str
) -> Spec:
    """Two rates (columns ``first``, ``second``) per line of ``name``, joined where both are known."""
    rows = rows.iloc[::-1]
    first_name, second_name = escaped([first_name, second_name])
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
                "x": numbers(rows[column]),
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
            "xaxis": axis(range=[-0.03, 1.03], tickformat=".0%", gridcolor=PALE),
            "yaxis": axis(type="category", categoryarray=rows["name"].tolist(), showgrid=False),
            "shapes": joints,
        },
    }
