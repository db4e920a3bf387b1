"""Comparing figures: the product's frames with rows worked out elsewhere."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from files import CASES


def digits(cell: Any) -> object:
    """A cell as figures are compared: numbers to nine significant digits, the rest as text."""
    if pd.isna(cell) or cell == "":
        return None
    try:
        number = float(str(cell))
    except ValueError:
        return str(cell)
    return f"{0 if abs(number) < 1e-9 else number:.9g}"


def agree(found: pd.DataFrame, expected: Sequence[Mapping[str, Any]]) -> None:
    """Equal, row by row, in the columns of what is expected."""
    columns = list(expected[0])
    wrong = [
        (row[columns[0]], column, seen, row[column])
        for given, row in zip(found[columns].to_dict("records"), expected, strict=True)
        for column, seen in given.items()
        if digits(seen) != digits(row[column])
    ]
    assert wrong == []


def table(name: str) -> list[dict[str, str]]:
    """A table of the worked cases."""
    with (CASES / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
