"""The slow reference is itself held to the worked cases, so that it may judge the product."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from counties import HEADERS
from reference import DEFAULT_SCHEME, County, score, townships

CASES = Path(__file__).parents[1] / "cases"
PERIODS = ["2026Q3", "2026Q1-Q3", "2026"]


def table(name: str) -> list[dict[str, str]]:
    with (CASES / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def county() -> County:
    return {name: table(name) for name in HEADERS}


def digits(cell: object) -> object:
    """A cell as the cases compare it: numbers to nine significant digits, the rest as text."""
    if cell is None or cell == "":
        return None
    try:
        return f"{float(str(cell)):.9g}"
    except ValueError:
        return str(cell)


def agree(found: list[dict[str, Any]], expected: list[dict[str, str]]) -> None:
    columns = list(expected[0])
    assert [[digits(row[c]) for c in columns] for row in found] == [
        [digits(row[c]) for c in columns] for row in expected
    ]


@pytest.mark.parametrize("period", PERIODS)
def test_delegates_of_the_cases(county: County, period: str) -> None:
    """Every value, rate, score, grade and rank of the worked cases comes out as written there."""
    agree(score(county, DEFAULT_SCHEME, period), table(f"expected-{period}"))


@pytest.mark.parametrize("period", PERIODS)
def test_townships_of_the_cases(county: County, period: str) -> None:
    """Every township figure of the worked cases comes out as written there, in register order."""
    agree(townships(county, DEFAULT_SCHEME, period), table(f"expected-{period}-townships"))
