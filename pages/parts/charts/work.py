"""Charts of the work behind the scores: plans, opinions, replies, stations, sessions."""

from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape
from itertools import pairwise
from textwrap import wrap

import pandas as pd

from pages.parts.charts.drawing import (
    INK,
    LIGHT,
    ORANGE,
    PALE,
    ROW,
    Spec,
    axis,
    escaped,
    line,
    numbers,
)
from pages.parts.charts.general import bars
from pages.words import _
from pages.words.terms import told


def flow(ways: pd.DataFrame, stages: dict[str, dict[str, str]], unit: str) -> Spec:
    """How many went which way from stage to stage, as bands of that width (a Sankey diagram).

    ``stages`` maps each stage, a column of ``ways``, to its parts from top to bottom and their
    colours; the column ``count`` of ``ways`` is how many, ``unit`` of what.
    """
    height, above, gap = 400, 34, 18  # pixels: of the picture, over it, between two parts
    at: Counter[tuple[str, str]] = Counter()
    between: Counter[tuple[tuple[str, str], tuple[str, str]]] = Counter()
    for *parts, count in ways[[*stages, "count"]].itertuples(index=False, name=None):
        way = list(zip(stages, parts, strict=True))
        at.update(dict.fromkeys(way, count))
        between.update(dict.fromkeys(pairwise(way), count))
    there = {stage: [p for p in parts if at[stage, p]] for stage, parts in stages.items()}
    total = int(ways["count"].sum())
    most = max(map(len, there.values()))
    scale = (height - gap * (most - 1)) / total  # pixels of one
    last = len(stages) - 1
    places: dict[tuple[str, str], int] = {}
    nodes: list[Spec] = []
    headings: list[Spec] = []
    for column, (stage, titles) in enumerate(there.items()):
        top = gap * (most - len(titles)) / 2
        for title in titles:
            count = at[stage, title]
            places[stage, title] = len(nodes)
            [name] = escaped([title])
            nodes.append(
                {
                    "label": f"{name}  {count:,}",
                    "customdata": f"{name}<br>{count:,} {unit}  {told(count / total, '.1%')}",
                    "color": stages[stage][title],
                    # zero would be taken for unsaid
                    "x": min(0.999, max(0.001, column / last)),
                    "y": min(0.999, max(0.001, (top + scale * count / 2) / height)),
                }
            )
            top += scale * count + gap
        headings.append(
            {
                "x": column / last,
                "y": 1,
                "xref": "paper",
                "yref": "paper",
                "xanchor": {0: "left", last: "right"}.get(column, "center"),
                "yanchor": "bottom",
                "yshift": 8,
                "showarrow": False,
                "text": stage,
                "font": {"size": 13},
            }
        )
    bands: list[Spec] = [
        {
            "source": places[start],
            "target": places[end],
            "value": count,
            "color": _faint(nodes[places[end]]["color"]),
            "customdata": f"{' → '.join(escaped([start[1], end[1]]))}<br>{count:,} {unit}",
        }
        for (start, end), count in between.items()
    ]
    return {
        "data": [
            {
                "type": "sankey",
                "arrangement": "snap",
                "node": {
                    **{name: [node[name] for node in nodes] for name in nodes[0]},
                    "pad": gap,
                    "thickness": 14,
                    "line": {"width": 0},
                    "hovertemplate": "%{customdata}<extra></extra>",
                },
                "link": {
                    **{name: [band[name] for band in bands] for name in bands[0]},
                    "hovertemplate": "%{customdata}<extra></extra>",
                },
                "textfont": {"color": INK, "size": 13},
            }
        ],
        "layout": {
            "height": height + above + 8,
            "margin": {"l": 8, "r": 8, "t": above, "b": 8},
            "annotations": headings,
        },
    }


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.32)"


def progress(
    rows: pd.DataFrame, label: str, reached: str, expected: str, texts: str, behind: str
) -> Spec:
    """Shares of targets as bars from zero, the first row on top, each with a mark where it should be.

    ``reached`` and ``expected`` are columns of shares, 1 the target; orange where ``behind`` is
    true; ``texts`` shows on hovering.
    """
    spec = bars(rows, label, reached, texts, behind)
    rows = rows.iloc[::-1]
    lines = [escaped(wrap(name, 18)) for name in rows[label]]
    labels = ["<br>".join(parts) for parts in lines]
    bar = spec["data"][0]
    bar["y"], bar["hovertext"] = labels, bar["text"]
    bar["text"] = [told(share, ".0%") for share in rows[reached]]
    row = max(31, 10 + 14 * max(map(len, lines)))
    bar["width"] = 0.75 * 31 / row
    bar["hovertemplate"] = "%{y}<br>%{hovertext}<extra></extra>"
    spec["data"].append(
        {
            "type": "scatter",
            "mode": "markers",
            "x": numbers(rows[expected]),
            "y": labels,
            "customdata": [[name] for name in rows[label]],
            "marker": {"symbol": "line-ns", "size": 18, "line": {"color": INK, "width": 3}},
            "hovertemplate": "%{y}<br>" + _("按日历应达到") + " %{x:.0%}<extra></extra>",
        }
    )
    most = max(1.0, rows[reached].max(), rows[expected].max())
    spec["layout"] |= {
        "height": row * len(rows) + 40,
        "margin": {"l": 8, "r": 16, "t": 24, "b": 8},
        "xaxis": axis(range=[0, 1.03 * most], showgrid=False, showticklabels=False),
        "yaxis": axis(type="category", categoryarray=labels, showgrid=False),
        "shapes": [line(1, "x")],
        "annotations": [
            {
                "x": 1,
                "y": 1,
                "yref": "paper",
                "yanchor": "bottom",
                "showarrow": False,
                "text": _("目标"),
                "font": {"color": ORANGE, "size": 12},
            }
        ],
    }
    return spec


def survival(
    curves: pd.DataFrame, names: Sequence[str], colours: Sequence[str], limits: dict[str, float]
) -> Spec:
    """What share still waits after so many days: a step line for each row of ``curves``.

    Rows are those of ``waiting_curves`` (n, median, steps, waiting), the slowest first; each is
    named beside its line, at a height of its own. Dotted lines stand at the ``limits``, in days.
    """
    rows = curves.to_dict("records")
    falls = [
        day
        for row in rows
        for day, share, before in zip(
            row["steps"][1:], row["waiting"][1:], row["waiting"], strict=False
        )
        if share < before and before > 0.03  # a few that take very long would squeeze the rest
    ]
    until = max([*falls, *limits.values(), 1]) * 1.08
    data, notes = [], []
    for place, (row, name, colour) in enumerate(zip(rows, escaped(names), colours, strict=True)):
        said = (
            _("未过半")
            if pd.isna(row["median"])
            else _("中位 {days} 天", days=f"{row['median']:g}")
        )
        data.append(
            {
                "type": "scatter",
                "mode": "lines",
                "x": [*row["steps"], max(row["steps"][-1], until)],
                "y": [*row["waiting"], row["waiting"][-1]],
                "line": {"color": colour, "width": 2.4, "shape": "hv"},
                "text": [name] * (len(row["steps"]) + 1),
                "hovertemplate": "%{text}<br>"
                + _("{day} 天后仍有 {share}", day="%{x:.0f}", share="%{y:.0%}")
                + "<extra></extra>",
            }
        )
        height = 0.9 - 0.17 * place
        notes.append(
            {
                "x": next((day for day, share in _steps(row) if share <= height), until / 2),
                "y": height,
                "ax": until,
                "ay": height,
                "axref": "x",
                "ayref": "y",
                "xanchor": "right",
                "bgcolor": "rgba(255,255,255,0.85)",
                "arrowcolor": colour,
                "arrowwidth": 1,
                "arrowhead": 0,
                "align": "right",
                "text": f"{name}<br>{said}  n={row['n']}",
                "font": {"color": colour, "size": 13},
            }
        )
    notes += [
        {
            "x": day,
            "y": 1,
            "yref": "paper",
            "yanchor": "bottom",
            "showarrow": False,
            "text": title,
            "font": {"color": ORANGE, "size": 12},
        }
        for title, day in limits.items()
    ]
    return {
        "data": data,
        "layout": {
            "height": 340,
            "margin": {"l": 8, "r": 16, "t": 28, "b": 8},
            "xaxis": axis(range=[0, until], title={"text": _("天")}, showgrid=False),
            "yaxis": axis(range=[0, 1.02], tickformat=".0%", gridcolor=PALE),
            "shapes": [line(day, "x") for day in limits.values()],
            "annotations": notes,
        },
    }


def _steps(row: Spec) -> Iterable[tuple[float, float]]:
    return zip(row["steps"], row["waiting"], strict=True)


def sessions(rows: pd.DataFrame) -> Spec:
    """Of all delegates of a congress, who came to each session; orange: fewer than two thirds.

    ``rows`` has label, present_share (0–1), text, behind and event_id, which a click hands on.
    """
    spec = bars(rows, "label", "present_share", "text", "behind")
    spec["data"][0]["customdata"] = [[event] for event in rows["event_id"].iloc[::-1]]
    spec["layout"] |= {
        "margin": {"l": 8, "r": 16, "t": 24, "b": 8},
        "xaxis": axis(range=[0, 1], showgrid=False, showticklabels=False),
        "shapes": [line(2 / 3, "x")],
        "annotations": [
            {
                "x": 2 / 3,
                "y": 1,
                "yref": "paper",
                "yanchor": "bottom",
                "showarrow": False,
                "text": _("三分之二"),
                "font": {"color": ORANGE, "size": 12},
            }
        ],
    }
    return spec


def tree(rows: pd.DataFrame, tiers: Sequence[str], parts: dict[str, str]) -> Spec:
    """A tree from left to right: a box for each row, in the column of its tier, as tall as what
    hangs below it; the first row on top.

    ``rows`` stand each after the one above it: ``id``, ``above`` (the id of the one above, if
    any), ``tier`` (from 1), ``name``, ``part`` and ``told`` (what hovering says). ``tiers`` are
    the columns' titles; ``parts`` maps the kinds of box, by their titles, to colours.
    """
    spans: dict[str, tuple[int, int]] = {}
    leaves = 0
    for box in rows.iloc[::-1].itertuples():
        if box.id not in spans:  # nothing hangs below it
            spans[box.id] = (leaves, leaves + 1)
            leaves += 1
        if pd.notna(box.above):
            low, high = spans[box.id]
            spans[box.above] = (spans.get(box.above, (low, high))[0], high)
    # The first column needs little room: its title says what it is.
    edges = [0.0, *(0.35 + place for place in range(len(tiers)))]
    data = []
    for part, colour in parts.items():
        shown = rows[rows["part"] == part]
        ends = [spans[box] for box in shown["id"]]
        columns = [(edges[tier - 1], edges[tier]) for tier in shown["tier"]]
        data.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": escape(part, quote=False),
                "x": [right - left - 0.012 for left, right in columns],
                "base": [left for left, _right in columns],
                "y": [(low + high) / 2 for low, high in ends],
                "width": [high - low - 0.12 for low, high in ends],
                "customdata": [[box] for box in shown["id"]],
                "text": [
                    name if tier > 1 else ""
                    for name, tier in zip(escaped(shown["name"]), shown["tier"], strict=True)
                ],
                "textposition": "inside",
                "insidetextanchor": "start",
                "constraintext": "none",
                "textangle": 0,
                "textfont": {"color": INK if colour in LIGHT else "white", "size": 11},
                "marker": {"color": colour},
                "hovertext": [
                    f"{name}<br>{told}"
                    for name, told in zip(
                        escaped(shown["name"]), escaped(shown["told"]), strict=True
                    )
                ],
                "hovertemplate": "%{hovertext}<extra></extra>",
            }
        )
    height = (ROW if leaves <= 30 else 17) * leaves
    middles = [(left + right) / 2 for left, right in pairwise(edges)]
    return {
        "data": data,
        "layout": {
            "height": height + 84,
            "margin": {"l": 8, "r": 8, "t": 76, "b": 8},
            "barmode": "overlay",
            "showlegend": True,
            "legend": {
                "orientation": "h",
                "y": 1 + 34 / height,
                "yanchor": "bottom",
                "x": 0,
                "traceorder": "normal",
            },
            "xaxis": axis(
                side="top",
                range=[0, edges[-1]],
                showgrid=False,
                tickvals=middles,
                ticktext=escaped(tiers),
                tickangle=0,
                tickfont={"size": 12},
            ),
            "yaxis": axis(range=[0, max(leaves, 1)], showgrid=False, showticklabels=False),
        },
    }
