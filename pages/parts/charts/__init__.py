"""The charts: plain Plotly specifications, one message each."""

from pages.parts.charts.drawing import (
    BLUE,
    GRADE_COLOURS,
    GREY,
    INK,
    ORANGE,
    PALE,
    Lines,
    Spec,
    draw,
)
from pages.parts.charts.general import amounts, bars, matrix, stacked, trend
from pages.parts.charts.scores import distribution, funnel, heatmap, side_by_side, township_bars
from pages.parts.charts.work import flow, progress, sessions, survival, tree

__all__ = [
    "BLUE",
    "GRADE_COLOURS",
    "GREY",
    "INK",
    "ORANGE",
    "PALE",
    "Lines",
    "Spec",
    "amounts",
    "bars",
    "distribution",
    "draw",
    "flow",
    "funnel",
    "heatmap",
    "matrix",
    "progress",
    "sessions",
    "side_by_side",
    "stacked",
    "survival",
    "township_bars",
    "tree",
    "trend",
]
