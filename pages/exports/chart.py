"""A chart as a picture, and the numbers that it shows as a table."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, eq=False)
class Chart:
    """A chart to export: its title, and its specification as the screen's library takes it."""

    title: str
    spec: dict[str, Any]
