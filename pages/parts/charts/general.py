"""Charts of any figures: bars, parts, counts by row and column, lines over quarters."""

from collections.abc import Sequence
from html import escape
from typing import Any

import pandas as pd

from pages.parts.charts.drawing import (
    BLUE,
    COUNT_SCALE,
    INK,
    LIGHT,
    ORANGE,
    PALE,
    ROW,
    Lines,
    Spec,
    axis,
    escaped,
    numbers,
)
from pages.words.terms import period_name, told


def bars(
    rows: pd.DataFrame,
    label: str,
    value: str,
    texts: str | None = None,
    behind: str | None = None,
) -> Spec:
    """Horizontal bars from zero, the first row on top; orange where the column ``behind`` is true.

    ``texts`` is the column of what stands on each bar; without it the value does.
    """
    rows = rows.iloc[::-1]
    values = ["—" if pd.isna(v) else f"{v:,.10g}" for v in rows[value]]
    shown = rows[texts].tolist() if texts else values
    late = rows[behind].fillna(False).tolist() if behind else [False] * len(rows)
    labels = escaped(rows[label])
    return {
        "data": [
            {
                "type": "bar",
                "orientation": "h",
                "x": numbers(rows[value]),
                "y": labels,
                "customdata": [[name] for name in rows[label]],
                "text": escaped(shown),
                # inside a bar of no length a text would not show
                "textposition": ["auto" if v else "outside" for v in numbers(rows[value])],
                "textangle": 0,
                "insidetextanchor": "start",
                "constraintext": "none",
                "cliponaxis": False,
                "marker": {"color": [ORANGE if is_late else BLUE for is_late in late]},
                "hovertemplate": "%{y}<br>%{text}<extra></extra>",
            }
        ],
        "layout": {
            "height": ROW * len(rows) + 40,
            "margin": {"l": 8, "r": 60, "t": 8, "b": 8},
            "bargap": 0.25,
            "xaxis": axis(rangemode="tozero", showgrid=False, showticklabels=False),
            "yaxis": axis(type="category", categoryarray=labels),
        },
    }


def stacked(grid: pd.DataFrame, colours: dict[str, str], unit: str) -> Spec:
    """Counts in parts: a bar for each row of ``grid``, the first on top, a part for each column.

    ``colours`` maps the columns, by their titles, to colours; ``unit`` is of what is counted.
    """
    grid = grid.iloc[::-1]
    totals = grid.sum(axis=1)
    names = escaped(grid.index)
    labels = [f"{name}  n={total:g}" for name, total in zip(names, totals, strict=True)]
    data = []
    for title, colour in colours.items():
        counts = numbers(grid[title])
        data.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": escape(title, quote=False),
                "x": counts,
                "y": labels,
                "customdata": [[name] for name in grid.index],
                # a number only where its part is wide enough for it
                "text": [
                    f"{count:g}" if count and count >= totals.max() / 30 else "" for count in counts
                ],
                "textposition": "inside",
                "textangle": 0,
                "insidetextanchor": "middle",
                "textfont": {"color": INK if colour in LIGHT else "white"},
                "marker": {"color": colour},
                "hovertemplate": "%{y}<br>"
                + escape(title, quote=False)
                + " %{x} "
                + unit
                + "<extra></extra>",
            }
        )
    return {
        "data": data,
        "layout": {
            "height": ROW * len(grid) + 70,
            "margin": {"l": 8, "r": 16, "t": 34, "b": 8},
            "barmode": "stack",
            "bargap": 0.25,
            "showlegend": True,
            "legend": {
                "orientation": "h",
                "y": 1.0,
                "yanchor": "bottom",
                "x": 0,
                "traceorder": "normal",
            },
            "xaxis": axis(rangemode="tozero", showgrid=False, showticklabels=False),
            "yaxis": axis(type="category", categoryarray=labels),
        },
    }


def matrix(grid: pd.DataFrame, hover: str) -> Spec:
    """Counts by row and column, darker for more; a missing one is —. ``hover`` says what is counted."""
    rows = grid.iloc[::-1]
    z = [[None if pd.isna(v) else float(v) for v in line] for line in rows.to_numpy()]
    most = max((v for line in z for v in line if v is not None), default=0) or 1
    labels, titles = escaped(rows.index), escaped(map(str, rows.columns))
    text = [["—" if v is None else f"{v:g}" for v in line] for line in z]
    return {
        "data": [
            {
                "type": "heatmap",
                "z": z,
                "x": titles,
                "y": labels,
                "zmin": 0,
                "zmax": most,
                "text": text,
                "texttemplate": "%{text}",
                "colorscale": COUNT_SCALE,
                "showscale": False,
                "xgap": 2,
                "ygap": 2,
                "hoverongaps": False,
                "hoverinfo": "skip",
            },
            {  # as in ``heatmap``: what reports a click
                "type": "scatter",
                "mode": "markers",
                "x": [x for _y in labels for x in titles],
                "y": [y for y in labels for _x in titles],
                "customdata": [[name] for name in rows.index for _x in titles],
                "text": [value for line in text for value in line],
                "marker": {"symbol": "square", "size": 22, "opacity": 0},
                "selected": {"marker": {"opacity": 0}},
                "unselected": {"marker": {"opacity": 0}},
                "hovertemplate": "%{y}<br>%{x}<br>"
                + escape(hover, quote=False)
                + " %{text}<extra></extra>",
            },
        ],
        "layout": {
            "height": ROW * len(rows) + 50,
            "xaxis": axis(side="top", type="category", showgrid=False, tickangle=0),
            "yaxis": axis(type="category", showgrid=False, range=[-0.5, len(rows) - 0.5]),
        },
    }


def trend(lines: Lines, quarters: Sequence[Any]) -> Spec:
    """Scores over quarters; each line is (values in the quarters' order, colour), named at its end.

    A quarter without a value is a gap in the line.
    """
    return _over_quarters(lines, quarters, 112, {"dtick": 20}, (".1f", ".2f"))


def amounts(lines: Lines, quarters: Sequence[Any]) -> Spec:
    """Counts over quarters, from zero to the most; lines as in ``trend``."""
    most = max((values.max() for values, _ in lines.values() if values.notna().any()), default=0)
    return _over_quarters(lines, quarters, 1.12 * (most or 1), {"nticks": 5}, (",.10g", ","))


def _over_quarters(
    lines: Lines, quarters: Sequence[Any], top: float, ticks: Spec, shapes: tuple[str, str]
) -> Spec:
    """Lines from zero to ``top``; ``shapes`` of the values at the lines' ends and on hovering."""
    places = list(range(len(quarters)))
    names = [period_name(str(q)) for q in quarters]
    data, ends = [], []
    for name, (values, colour) in zip(escaped(lines), lines.values(), strict=True):
        y = numbers(values)
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
                "hovertemplate": f"%{{text}}  %{{y:{shapes[1]}}}<extra></extra>",
            }
        )
        known = [(x, v) for x, v in zip(places, y, strict=True) if v is not None]
        if known:
            ends.append((known[-1][1], known[-1][0], name, colour))
    annotations = []
    shown = 1e9
    for value, at, name, colour in sorted(ends, reverse=True):
        shown = min(value, shown - top / 14)  # names that would overlap move apart
        annotations.append(
            {
                "x": at,
                "y": shown,
                "xanchor": "left",
                "xshift": 8,
                "showarrow": False,
                "text": f"{name} {told(value, shapes[0])}",
                "font": {"color": colour, "size": 12},
            }
        )
    names_of_quarters = [
        f"{q.first}<br>{q.year}" if q.first == 1 or place == 0 else str(q.first)
        for place, q in zip(places, quarters, strict=True)
    ]
    return {
        "data": data,
        "layout": {
            "height": 300,
            "margin": {"l": 8, "r": 130, "t": 12, "b": 8},
            "xaxis": axis(
                showgrid=False,
                range=[-0.4, len(quarters) - 0.6],
                tickvals=places,
                ticktext=names_of_quarters,
                tickangle=0,
            ),
            "yaxis": axis(range=[0, top], gridcolor=PALE, **ticks),
            "annotations": annotations,
        },
    }
