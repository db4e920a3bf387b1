"""A table to look up in, and the same table to take away: its columns are said once."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import pandas as pd
import streamlit as st

from pages.parts import export, tables

# How the screen shows the values of each kind; tables.FILED says as what a file has them.
KINDS: dict[str, Callable[..., Any]] = {
    "text": tables.text,
    "count": tables.number,
    "number": tables.number,
    "score": tables.score,
    "share": tables.share,
    "bar": tables.bar,
    "change": tables.text,
    "day": tables.day,
    "tick": st.column_config.CheckboxColumn,
}


class Column(NamedTuple):
    """A column: its name in the frame, title, kind (of KINDS) and width; None: only in the file."""

    name: str
    title: str
    kind: str
    width: int | str | None = None


def show(
    rows: pd.DataFrame,
    columns: Sequence[tuple[Any, ...]],
    key: str,
    title: str,
    *,
    caption: str | None = None,
    on_click: Callable[[pd.Series], None] | None = None,
    tall: int = 560,
    narrowed: Sequence[tuple[str, str]] | None = None,
) -> None:
    """Show the ``columns`` (as ``Column``) of a frame, and put them on the page's list of files.

    ``on_click`` gets the row; ``tall`` is the most pixels that the table takes; ``narrowed`` are
    its filters, where they are not the choices made above it. Without rows there is nothing to
    take away, and without a column that has a width nothing to show: the page has shown it as a
    picture or as sentences.
    """
    shapes = [Column(*column) for column in columns]
    if not rows.empty:
        written = [(s.name, s.title, s.kind) for s in shapes]
        export.show(title, "table", partial(tables.filed, rows, written, title), narrowed)
    seen = [shape for shape in shapes if shape.width is not None]
    if seen:
        changes = {s.name: tables.change(rows[s.name]) for s in seen if s.kind == "change"}
        tables.show(
            rows.assign(**changes),
            key,
            {s.name: KINDS[s.kind](s.title, width=s.width) for s in seen},
            title,
            on_click=on_click and (lambda position: on_click(rows.iloc[position])),
            height="content" if 36 * len(rows) + 40 <= tall else tall,
            listed=False,
        )
    if caption:
        st.caption(caption)
