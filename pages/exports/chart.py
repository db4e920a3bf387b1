"""A chart as a picture, and the numbers that it shows as a table."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape, unescape
from typing import Any, Literal

import pandas as pd

from pages.exports import press
from pages.exports.table import Column, Kind, Table
from pages.words.rounding import half_up

# What a specification says for the screen alone: hovering, clicking, moving.
ON_SCREEN = frozenset(
    (
        *("customdata", "hoverinfo", "hoverlabel", "hoverongaps", "hovertemplate", "hovertext"),
        *("selected", "unselected", "cliponaxis", "dragmode", "fixedrange"),
    )
)
# Beside the chart's own, unless it says otherwise: those of ``pages.parts.charts.draw``.
MARGIN = {"l": 8, "r": 16, "t": 8, "b": 8}

_WITH_N = r"^(.*?)  n=(\d+)$"  # as charts name townships


@dataclass(frozen=True, eq=False)
class Chart:
    """A chart to export: its title, and its specification as the screen's library takes it."""

    title: str
    spec: dict[str, Any]


def drawn(spec: Mapping[str, Any]) -> dict[str, Any]:
    """A specification as ``chart.typ`` takes it: what can be seen, in plain values and plain text.

    Numbers are Python's own, those that are none are missing, and the little HTML of labels has
    become text.
    """
    traces = [
        {name: value for name, value in trace.items() if not _hovers(trace, name)}
        for trace in spec["data"]
    ]
    layout = {"margin": MARGIN, **spec["layout"]}
    seen: dict[str, Any] = _plain({"data": traces, "layout": layout})
    return seen


def _hovers(trace: Mapping[str, Any], name: str) -> bool:
    """Whether an attribute of a trace shows only on hovering, as the text of mere marks does."""
    return name in ON_SCREEN or (
        name == "text" and trace["type"] == "scatter" and "text" not in trace["mode"]
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items() if name not in ON_SCREEN}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, str):
        return _text(value)
    if value is not None and not isinstance(value, bool | int | float):
        value = value.item()  # numpy's
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _text(label: str) -> str:
    """A label of the screen's library as text, its lines under each other."""
    lines = re.split("<br ?/?>", label)
    return "\n".join(unescape(" ".join(line.split("\n"))) for line in lines)


def numbers(
    chart: Chart, titles: tuple[str, str, str], flow: tuple[str, str] | None = None
) -> Table:
    """The numbers that the picture shows, a row for each mark, under the titles of series, item
    and value; of a matrix row, column and value; of a ``flow`` those of from and to.

    A missing value stays missing. A bar between two limits gives both. The n beside an item's
    name is a column of its own; without any value there is no column of values.
    """
    marks = [mark for trace in chart.spec["data"] for mark in _marks(trace, chart.title)]
    values = pd.Series([value for *_names, value in marks], dtype="Float64")
    frame = pd.DataFrame(
        {
            "series": [_line(series) for series, _item, _value in marks],
            "item": [_line(item) for _series, item, _value in marks],
            "value": values,
        }
    )
    named = frame["item"].str.extract(_WITH_N)
    if frame.empty or named[0].isna().any():
        counted: tuple[Column, ...] = ()
    else:
        frame = frame.assign(item=named[0], n=named[1].astype("Int64"))
        counted = (Column("n", "n", "count"),)
    kind = _kind(chart.spec, values)
    if kind == "count":
        frame["value"] = values.astype("Int64")
    series, item, value = titles
    if flow and any(trace["type"] == "sankey" for trace in chart.spec["data"]):
        series, item = flow
    valued = () if values.isna().all() else (Column("value", value, kind),)
    columns = (Column("series", series), Column("item", item), *counted, *valued)
    return Table(chart.title, frame, columns)


def _marks(trace: Mapping[str, Any], title: str) -> Iterator[tuple[str, str, float | None]]:
    if trace["type"] == "sankey":
        names = [label.rsplit("  ", 1)[0] for label in trace["node"]["label"]]
        link = trace["link"]
        for start, end, value in zip(link["source"], link["target"], link["value"], strict=True):
            yield names[start], names[end], _number(value)
        return
    if trace["type"] == "heatmap":
        for row, line in zip(trace["y"][::-1], trace["z"][::-1], strict=True):
            for column, value in zip(trace["x"], line, strict=True):
                yield row, column, _number(value)
        return
    if trace.get("marker", {}).get("opacity") == 0:
        return  # reports clicks
    flat = trace.get("orientation") == "h" or isinstance(next(iter(trace["y"]), None), str)
    items, values = (trace["y"], trace["x"]) if flat else (trace["x"], trace["y"])
    places = list(range(len(items)))
    for place in places[::-1] if flat else places:  # the first row stands on top
        series, item = _names(trace, place, items[place], title)
        value = _number(values[place])
        if "base" not in trace:
            yield series, item, value
        elif "width" not in trace:
            low = _number(trace["base"][place])
            yield f"{series} ≥", item, low
            yield f"{series} ≤", item, None if low is None or value is None else low + value
        else:
            yield series, item, None  # a box of a tree, whose length says nothing


def _names(trace: Mapping[str, Any], place: int, at: Any, title: str) -> tuple[str, str]:
    """Series and item of a mark, as hovering over it names them."""
    # What the hover says without a value stands for the series that has no name of its own.
    said = re.sub(r"<extra></extra>|%\{[^}]*\}|<br>", " ", trace["hovertemplate"]).strip()
    series = trace.get("name") or said or escape(title, quote=False)
    if isinstance(at, str):
        return series, at
    if trace["type"] == "scatter":  # over quarters or days
        name, *rest = trace["text"][place].split("<br>", 1)
        return name, rest[0] if rest else f"{at:g}"
    if "hovertext" in trace:
        return series, trace["hovertext"][place].split("<br>", 1)[0]
    return series, str(trace["customdata"][place][0])


def _number(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)


def _line(label: str) -> str:
    """A label over several lines as one: without a space between Chinese signs."""
    text = _text(label)
    return re.sub(r"(?<=[ -~])\n(?=[ -~])", " ", text).replace(" \n", " ").replace("\n", "")


def _kind(spec: Mapping[str, Any], values: "pd.Series[float]") -> Kind:
    """Shares stand in percent on an axis or on all their marks; what is always whole is counted."""
    axes = [spec["layout"].get(name, {}) for name in ("xaxis", "yaxis")]
    said = [pair for trace in spec["data"] for pair in _said(trace) if pair[1] is not None]
    if any(axis.get("tickformat", "").endswith("%") for axis in axes) or (
        said and all(half_up(value, ".0%") in text for text, value in said)
    ):
        return "share"
    known = values.dropna()
    return "count" if (known == known.round()).all() else "score"


def _said(trace: Mapping[str, Any]) -> Iterator[tuple[str, float | None]]:
    """The text on each mark, if any, and the mark's value."""
    if trace["type"] == "heatmap":
        pairs = [zip(*line, strict=True) for line in zip(trace["text"], trace["z"], strict=True)]
        yield from ((text, _number(value)) for line in pairs for text, value in line)
    elif trace["type"] == "bar" and "text" in trace:
        values = trace["x" if trace.get("orientation") == "h" else "y"]
        for text, value in zip(trace["text"], values, strict=True):
            yield str(text), _number(value)


def as_picture(
    chart: Chart, form: Literal["svg", "png"], head: Mapping[str, str], at: datetime
) -> bytes:
    """The chart with its title and a line of facts, one page just around it.

    ``head`` is what a paper says of itself, the line as its caption; ``at`` is the time of export. SVG draws its letters
    as shapes, and says title and facts as text too.
    """
    made = press.picture("picture", _contents(chart, head), form, at)
    if form == "png":
        return made
    # XML knows no signs that steer
    title, facts = (
        escape(re.sub(r"[\x00-\x1f]", " ", text)) for text in (chart.title, head["caption"])
    )
    opening, shapes = made.decode().split(">", 1)
    return f"{opening}><title>{title}</title><desc>{facts}</desc>{shapes}".encode()


def _contents(chart: Chart, head: Mapping[str, str]) -> dict[str, Any]:
    return {
        "about": dict(head),
        "title": chart.title,
        "chart": drawn(chart.spec),
        "caption": head["caption"],
    }
