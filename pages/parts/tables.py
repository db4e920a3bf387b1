"""Tables that people look up in, and what a click on a row does."""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from pages.parts import clicks
from pages.words.terms import plain

SCORE = "%.2f"
SHARES = ("%.1f%%", "%.0f%%")  # formats of shares from 0 to 1, shown in percent


def show(
    frame: pd.DataFrame,
    key: str,
    columns: Mapping[str, Any],
    alt: str,
    on_click: Callable[[int], None] | None = None,
    height: int | str = "content",
) -> None:
    """Show the ``columns`` of a frame, in that order; ``on_click`` gets the row's position.

    Missing values show as —. Sorting by a click on a header is given up where rows are clicked:
    in that mode Streamlit reports a header click as a click on a cell.
    """
    settings: dict[str, Any] = {}
    if on_click is not None:
        key, clicked = clicks.once(key, lambda s: [row for row, _column in s.cells], on_click)
        settings = {"on_select": clicked, "selection_mode": ["single-cell", "single-column"]}
    shares = [
        name for name, column in columns.items() if column["type_config"].get("format") in SHARES
    ]
    st.dataframe(
        frame[list(columns)].assign(**{name: 100 * frame[name] for name in shares}),
        key=key,
        hide_index=True,
        column_config=dict(columns),
        height=height,
        placeholder="—",
        alt=alt,
        **settings,
    )


def read(frame: pd.DataFrame, titles: Mapping[str, str], height: int | str = "content") -> None:
    """Show text that is read rather than looked up: whole sentences, over several lines."""
    shown = frame[list(titles)].rename(columns=titles)
    cells = shown.map(lambda value: "—" if pd.isna(value) else plain(str(value)))
    st.table(cells, hide_index=True, height=height)


def text(title: str, **settings: Any) -> Any:
    return st.column_config.TextColumn(title, **settings)


def number(title: str, format: str = "localized", **settings: Any) -> Any:
    return st.column_config.NumberColumn(title, format=format, **settings)


def day(title: str, **settings: Any) -> Any:
    return st.column_config.DateColumn(title, format="YYYY-MM-DD", **settings)


def score(title: str, **settings: Any) -> Any:
    return st.column_config.NumberColumn(title, format=SCORE, **settings)


def share(title: str, **settings: Any) -> Any:
    """A share from 0 to 1 as a number of percent."""
    return st.column_config.NumberColumn(title, format=SHARES[0], **settings)


def bar(title: str, **settings: Any) -> Any:
    """A rate from 0 to 1 as a bar with its percentage."""
    return st.column_config.ProgressColumn(
        title, format=SHARES[1], min_value=0, max_value=100, **settings
    )


def change(values: "pd.Series[Any]") -> "pd.Series[Any]":
    """Changes of rank as ▲3, ▼2, ＝."""
    return values.map(
        lambda v: "＝" if v == 0 else f"▲{int(v)}" if v > 0 else f"▼{int(-v)}", na_action="ignore"
    ).astype("object")
