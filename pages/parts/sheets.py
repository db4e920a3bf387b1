"""A table to look up in, and the same table to take away: its columns are said once."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import pandas as pd
import streamlit as st

from pages.exports import table
from pages.parts import export, tables
from pages.words import _
from pages.words.terms import day

# How the screen shows the values of each kind, and as what a file has them.
KINDS: dict[str, tuple[Callable[..., Any], table.Kind]] = {
    "text": (tables.text, "text"),
    "count": (tables.number, "count"),
    "number": (tables.number, "score"),  # not always a whole one
    "score": (tables.score, "score"),
    "share": (tables.share, "share"),
    "bar": (tables.bar, "share"),
    "change": (tables.text, "count"),  # of a rank
    "day": (tables.day, "text"),
    "tick": (st.column_config.CheckboxColumn, "text"),
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
    period: str,
    scheme: pd.Series,
    caption: str | None = None,
    on_click: Callable[[pd.Series], None] | None = None,
    tall: int = 560,
    narrowed: Sequence[tuple[str, str]] = (),
) -> None:
    """Show the ``columns`` (as ``Column``) of a frame and offer them as files.

    ``on_click`` gets the row; ``tall`` is the most pixels that the table takes; ``narrowed`` are
    the filters in force, for the files. Without rows there is nothing to take away, and without a
    column that has a width nothing to show: the page has shown it as a picture or as sentences.
    """
    shapes = [Column(*column) for column in columns]
    seen = [shape for shape in shapes if shape.width is not None]
    if seen:
        changes = {s.name: tables.change(rows[s.name]) for s in seen if s.kind == "change"}
        tables.show(
            rows.assign(**changes),
            key,
            {s.name: KINDS[s.kind][0](s.title, width=s.width) for s in seen},
            title,
            on_click=on_click and (lambda position: on_click(rows.iloc[position])),
            height="content" if 36 * len(rows) + 40 <= tall else tall,
        )
    if caption:
        st.caption(caption)
    if rows.empty:
        return
    written = {
        s.name: rows[s.name].map(_WRITTEN[s.kind], na_action="ignore").astype("object")
        for s in shapes
        if s.kind in _WRITTEN
    }
    export.buttons(
        rows.assign(**written),
        [table.Column(s.name, s.title, KINDS[s.kind][1]) for s in shapes],
        title,
        period,
        scheme,
        narrowed,
    )


_WRITTEN: dict[str, Callable[[Any], str]] = {
    "text": lambda value: str(value).strip(),  # names are indented on the screen alone
    "day": day,
    "tick": lambda value: _("是") if value else _("否"),
}
