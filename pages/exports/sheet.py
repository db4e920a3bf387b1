"""What a page shows, on paper: its tables and charts in order, then the facts, as PDF."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd

from pages.exports import press
from pages.exports.book import width
from pages.exports.chart import Chart, drawn
from pages.exports.table import Column, Table
from pages.words.rounding import half_up

MISSING = "—"
_SHAPES = {"count": ",.0f", "score": ",.2f", "share": ".1%"}
_WORD = re.compile(r"[!-~]+|\S")  # what no line is broken in
_TITLE_WORD = re.compile(r"[!-~]{1,16}|[^!-~\s]{1,3}")
_LONG = 16  # signs of a word that is broken all the same

Cell = str | list[str]  # a long word in pieces: lines may break between them


def as_pdf(
    items: Sequence[Table | Chart],
    head: Mapping[str, str],
    lines: Sequence[tuple[str, str]],
    at: datetime,
) -> bytes:
    """Tables and charts in order on A4 across, tables with their header on every page and their
    rows counted; after them the facts, the ``lines`` of label and text.

    ``head`` is what a paper says of itself; ``at`` is the time of export.
    """
    return press.pdf("sheet", _contents(items, head, lines), at)


def lacking(
    items: Sequence[Table | Chart], head: Mapping[str, str], lines: Sequence[tuple[str, str]]
) -> dict[str, list[str]]:
    """The signs that the paper spells out because its fonts lack them, each with its texts."""
    return press.lacking(_contents(items, head, lines))


def _contents(
    items: Sequence[Table | Chart], head: Mapping[str, str], lines: Sequence[tuple[str, str]]
) -> dict[str, Any]:
    return {
        "about": dict(head),
        "items": [
            {"title": item.title, "chart": drawn(item.spec)}
            if isinstance(item, Chart)
            else _table(item)
            for item in items
        ],
        "lines": [[label, _breaking(text)] for label, text in lines],
    }


def _table(table: Table) -> dict[str, Any]:
    columns = [_texts(table.frame[column.name], column) for column in table.columns]
    spelled = str.maketrans({sign: press.spelled(sign) for sign in press.lacking(columns)})

    def widest(texts: Iterable[str]) -> str:
        return max((text.translate(spelled) for text in texts), key=width, default="")

    return {
        "title": table.title,
        "count": f"{len(table.frame):,}",
        "columns": [
            {
                "title": _breaking(column.title),
                "is_text": column.kind == "text",
                # What the column's width is measured by.
                "whole": widest(texts),
                "title_word": widest(_TITLE_WORD.findall(column.title)),
                "word": widest(_words(texts)),
            }
            for column, texts in zip(table.columns, columns, strict=True)
        ],
        "rows": [[_breaking(text) for text in row] for row in zip(*columns, strict=True)],
    }


def _texts(values: "pd.Series[Any]", column: Column) -> list[str]:
    shape = _SHAPES.get(column.kind)
    return [
        MISSING if pd.isna(value) else half_up(value, shape) if shape else str(value)
        for value in values
    ]


def _words(texts: Iterable[str]) -> Iterable[str]:
    return (word[:_LONG] for text in texts for word in _WORD.findall(text))


def _breaking(text: str) -> Cell:
    """A text with words that no column is wide enough for in pieces."""
    if all(len(word) <= _LONG for word in _WORD.findall(text)):
        return text
    half = _LONG // 2
    return re.findall(rf"[!-~]{{1,{half}}}|[^!-~]+", text)
