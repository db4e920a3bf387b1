"""Periods: three notations, their days, and what they are compared with."""

from datetime import date

import pytest

from data.period import Period


@pytest.mark.parametrize(
    ("text", "start", "end", "quarters"),
    [
        ("2026Q1", date(2026, 1, 1), date(2026, 3, 31), 1),
        ("2026Q2", date(2026, 4, 1), date(2026, 6, 30), 1),
        ("2026Q3", date(2026, 7, 1), date(2026, 9, 30), 1),
        ("2026Q4", date(2026, 10, 1), date(2026, 12, 31), 1),
        ("2026Q1-Q3", date(2026, 1, 1), date(2026, 9, 30), 3),
        ("2024Q1-Q2", date(2024, 1, 1), date(2024, 6, 30), 2),
        ("2026", date(2026, 1, 1), date(2026, 12, 31), 4),
    ],
)
def test_notation(text: str, start: date, end: date, quarters: int) -> None:
    """A period reads as it is written and covers whole quarters, both ends included."""
    period = Period.parse(text)
    assert (str(period), period.start, period.end) == (text, start, end)
    assert len(period.quarters) == quarters
    assert Period.parse(f" {text.lower()} ") == period


@pytest.mark.parametrize(
    "text", ["26Q3", "2026Q5", "2026Q0", "2026Q2-Q3", "2026Q3-Q1", "2026-07", "2026Q3x"]
)
def test_no_period(text: str) -> None:
    """Anything but a quarter, the year to date or the year is refused."""
    with pytest.raises(ValueError, match=text[:4]):
        Period.parse(text)


def test_year_to_date_of_four_quarters_is_the_year() -> None:
    """Four quarters have one name."""
    assert str(Period.parse("2026Q1-Q4")) == "2026"


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("2026Q3", "2026Q2"),
        ("2026Q1", "2025Q4"),
        ("2026Q1-Q3", "2025Q1-Q3"),
        ("2026", "2025"),
    ],
)
def test_before(text: str, before: str) -> None:
    """Ranks are compared with the period of equal length just before, in one year."""
    assert str(Period.parse(text).before) == before


def test_every_day_has_its_quarter() -> None:
    """A day lies in its own quarter and in no other."""
    for month in range(1, 13):
        day = date(2026, month, 28)
        quarter = Period.quarter_of(day)
        assert quarter.start <= day <= quarter.end
        assert [q for q in Period.parse("2026").quarters if q.start <= day <= q.end] == [quarter]
