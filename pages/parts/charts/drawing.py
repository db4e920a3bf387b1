"""What all charts share: their colours, their frame, and names that stay text.

Colours mean the same everywhere: blue what is looked at, orange what it is compared with or what
falls behind, grey the rest. The four grades run from blue to orange, which colour-blind people
tell apart.
"""

from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from pages.exports.chart import Chart
from pages.parts import clicks, export

BLUE, ORANGE, GREY, PALE, INK = "#1b5e9b", "#c8591a", "#8a949e", "#dfe5ea", "#1d2733"
GRADE_COLOURS = {
    "优秀": "#1b5e9b",
    "称职": "#7fb0d9",
    "基本称职": "#f2b26b",
    "不称职": "#c8591a",
    "不定等次": "#b9c0c7",
}
LIGHT = (
    PALE,
    GRADE_COLOURS["称职"],
    GRADE_COLOURS["基本称职"],
    GRADE_COLOURS["不定等次"],
)  # colours that dark text stands on
RATE_SCALE = [[0.0, "#f4ece4"], [0.5, "#a9c8e2"], [1.0, "#1b5e9b"]]
COUNT_SCALE = [[0.0, "#ffffff"], [0.02, "#e8f0f7"], [0.5, "#a9c8e2"], [1.0, "#5b93c4"]]
ROW = 25  # pixels for a row of a horizontal chart

Spec = dict[str, Any]
Lines = dict[str, tuple["pd.Series[Any]", str]]  # values in the quarters' order, colour; by name


def draw(
    spec: Spec,
    key: str,
    alt: str,
    on_click: Callable[[list[str]], None] | None = None,
    narrowed: Sequence[tuple[str, str]] | None = None,
) -> None:
    """Show a chart, and put it on the page's list of files by what ``alt`` says.

    ``on_click`` gets the custom data of the mark that was clicked; ``narrowed`` are the chart's
    filters, where they are not the choices made above it.
    """
    layout: Spec = {
        "margin": {"l": 8, "r": 16, "t": 8, "b": 8},
        "dragmode": False,
        "showlegend": False,
        "hoverlabel": {"align": "left"},
        "font": {"color": INK},
        **spec["layout"],
    }
    export.show(alt, "chart", lambda: Chart(alt, spec), narrowed)
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


def axis(**more: Any) -> Spec:
    return {"automargin": True, "fixedrange": True, "zeroline": False, **more}


def line(value: float, axis: str) -> Spec:
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


def numbers(values: "pd.Series[Any]") -> list[float | None]:
    return [None if pd.isna(v) else float(v) for v in values]


def escaped(names: Iterable[str]) -> list[str]:
    """Names from the data, so that Plotly takes none for the little HTML that it reads in labels:
    links, line breaks, styles.
    """
    return [escape(name, quote=False) for name in names]


def wrapped(text: str) -> str:
    """A column title over two lines: after a 、 or at spaces, else in the middle."""
    for sign, kept in (("、", "、"), (" ", "")):
        if sign in text:
            return text.replace(sign, f"{kept}<br>")
    half = -(-len(text) // 2)
    return f"{text[:half]}<br>{text[half:]}" if len(text) > 2 else text
