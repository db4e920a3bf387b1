"""What a test reads off a page that ran without a browser."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from streamlit.testing.v1 import AppTest

from data.access import Visitor
from pages.parts import charts, export

Run = Callable[..., AppTest]


@dataclass
class Shown:
    """Tables and charts by their keys, what a click on them does, and where it led."""

    frames: dict[str, pd.DataFrame] = field(default_factory=dict)
    pictures: dict[str, charts.Spec] = field(default_factory=dict)
    clicks: dict[str, Callable[[Any], None] | None] = field(default_factory=dict)
    led: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def click(self, key: str, mark: Any) -> None:
        """Click on a row by its position, or on a mark of a chart by its custom data."""
        on_click = self.clicks[key]
        assert on_click is not None
        on_click(mark)


@dataclass
class Doors:
    """What the doors of the pages that run offer, the newest last."""

    offered: list[tuple[export.Page, Visitor, str, pd.Series]] = field(default_factory=list)

    @property
    def page(self) -> export.Page:
        return self.offered[-1][0]

    @property
    def files(self) -> dict[str, export.File]:
        page, by, _spoken, scheme = self.offered[-1]
        return export._files(page, by, scheme)

    def take(self, title: str, kind: str) -> bytes:
        """The file that a click on the button hands out."""
        _page, by, spoken, _scheme = self.offered[-1]
        file = self.files[title]
        return export.hand_out(by, file.rights, spoken, partial(export._built, file, kind))


def said(test: AppTest) -> str:
    """Every sentence of the page."""
    parts = (test.caption, test.info, test.warning, test.success, test.markdown, test.subheader)
    return "\n".join(element.value for part in parts for element in part)


def metrics(test: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in test.metric}


def columns(test: AppTest, name: str) -> list[list[Any]]:
    """What a column holds, in each table that has it."""
    frames = [shown.value for shown in test.dataframe]
    return [frame[name].tolist() for frame in frames if name in frame]


def picked(test: AppTest, label: str) -> str:
    [box] = [box for box in test.selectbox if box.label == label]
    return str(box.value)


def figures(test: AppTest) -> list[go.Figure]:
    return [go.Figure(json.loads(chart.proto.spec)) for chart in test.get("plotly_chart")]
