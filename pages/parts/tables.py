"""Tables that people look up in, and what a click on a row does."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from pages.exports.table import Column, Kind, Table
from pages.parts import clicks, export
from pages.words import _
from pages.words.terms import day as day_name
from pages.words.terms import plain, told

SCORE = "%.2f"
SHARES = ("%.1f%%", "%.0f%%")  # formats of shares from 0 to 1, shown in percent
# As what a file has the values of each kind of column.
FILED: dict[str, Kind] = {
    "text": "text",
    "count": "count",
    "number": "score",  # not always a whole one
    "score": "score",
    "share": "share",
    "bar": "share",
    "change": "count",  # of a rank
    "day": "text",
    "time": "text",
    "tick": "text",
}
_WRITTEN: dict[str, Callable[[Any], str]] = {
    "text": lambda value: str(value).strip(),  # names are indented on the screen alone
    "day": day_name,
    "time": lambda value: told(value, "%Y-%m-%d %H:%M"),
    "tick": lambda value: _("是") if value else _("否"),
}


def show(
    frame: pd.DataFrame,
    key: str,
    columns: Mapping[str, Any],
    alt: str,
    on_click: Callable[[int], None] | None = None,
    height: int | str = "content",
    listed: bool = True,
) -> None:
    """Show the ``columns`` of a frame, in that order; ``on_click`` gets the row's position.

    What is ``listed`` goes on the page's list of files as it stands, by what ``alt`` says.
    Missing values show as —. Sorting by a click on a header is given up where rows are clicked:
    in that mode Streamlit reports a header click as a click on a cell.
    """
    if listed and not frame.empty:
        export.show(alt, "table", partial(_as_shown, frame, columns, alt))
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


def filed(frame: pd.DataFrame, columns: Iterable[tuple[str, str, str]], title: str) -> Table:
    """The table in a file: name, title and kind (of FILED) of each column."""
    shapes = list(columns)
    written = {
        name: frame[name].map(_WRITTEN[kind], na_action="ignore").astype("object")
        for name, _title, kind in shapes
        if kind in _WRITTEN
    }
    return Table(
        title,
        frame.assign(**written),
        [Column(name, title, FILED[kind]) for name, title, kind in shapes],
    )


def _as_shown(frame: pd.DataFrame, columns: Mapping[str, Any], title: str) -> Table:
    shapes = ((n, c["label"], _kind(c["type_config"], frame[n])) for n, c in columns.items())
    return filed(frame, shapes, title)


def _kind(shape: Mapping[str, Any], values: "pd.Series[Any]") -> str:
    """Of FILED, what a column of the screen holds."""
    match shape:
        case {"type": "progress"}:
            return "bar"
        case {"type": "number", "format": form} if form in SHARES:
            return "share"
        case {"type": "number", "format": form}:
            whole = form != SCORE and (values.dropna() % 1 == 0).all()
            return "count" if whole else "score"
        case {"type": "date"}:
            return "day"
        case {"type": "datetime"}:
            return "time"
        case {"type": "checkbox"}:
            return "tick"
    return "text"


def figure(label: str, value: str, change: str | None = None, **settings: Any) -> None:
    """Show a key figure, which is in the file of the whole page."""
    export.figure(label, value, change)
    st.metric(label, value, change, **settings)


def read(
    frame: pd.DataFrame,
    titles: Mapping[str, str],
    title: str | None = None,
    height: int | str = "content",
    narrowed: Sequence[tuple[str, str]] | None = None,
) -> None:
    """Show text that is read rather than looked up: whole sentences, over several lines.

    With a ``title`` it goes on the page's list of files; ``narrowed`` as for a chart.
    """
    if title is not None and not frame.empty:
        shapes = [(name, head, "text") for name, head in titles.items()]
        export.show(title, "table", partial(filed, frame, shapes, title), narrowed)
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
