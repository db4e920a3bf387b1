"""Questions about the 阵地: the network, what each has, what happens there, who is placed where.

Everything about one station follows from ``network`` (the register as a tree) and
``station_months`` (live activities); the township's and the county's figures add these up.
"""

from datetime import date

import pandas as pd

from data.period import Period
from queries.ask import ask
from queries.scoring import spans


def station_figures(*, period: Period, today: date) -> pd.DataFrame:
    """One row per station, in tree order: the five, funds, delegates placed, activities."""
    return ask("station_figures", **spans([period]), today=today)


def township_stations(*, period: Period, today: date) -> pd.DataFrame:
    """One row per township: its stations by kind and by the five, coverage, use."""
    return ask("township_stations", **spans([period]), today=today)


def network_figures(*, period: Period, today: date) -> pd.DataFrame:
    """One row: stations, the two coverages, funds, activities that are of no station."""
    return ask("network_figures", **spans([period]), today=today)


def station_months(*, period: Period, today: date) -> pd.DataFrame:
    """One row per station and month of the year up to the period's end: activities, receptions."""
    return ask("station_months", **spans([_year_to_date(period)]), today=today)


def township_months(*, period: Period, today: date) -> pd.DataFrame:
    """One row per township and month of the year up to the period's end: the same."""
    return ask("township_months", **spans([_year_to_date(period)]), today=today)


def misplaced(*, period: Period) -> pd.DataFrame:
    """One row per delegate in office who is not placed, or not in their township."""
    return ask("misplaced", **spans([period]))


def placed_by_level(*, period: Period) -> pd.DataFrame:
    """One row per level: delegates in office at the period's end, and those placed."""
    return ask("placed_by_level", **spans([period]))


def unknown_stations(*, period: Period) -> pd.DataFrame:
    """One row per number that records or delegates name and the register lacks."""
    return ask("unknown_stations", **spans([period]))


def upgrades() -> pd.DataFrame:
    """One row per round of upgrading: stations, funds in 10,000 yuan."""
    return ask("upgrades")


def township_upgrades() -> pd.DataFrame:
    """One row per township and round: the same."""
    return ask("township_upgrades")


def station_members(*, station_id: str, period: Period) -> pd.DataFrame:
    """One row per delegate placed at the station and in office at the period's end."""
    return ask("station_members", **spans([period]), station_id=station_id)


def station_records(*, station_id: str, period: Period) -> pd.DataFrame:
    """One row per live activity at the station, of the year up to the period's end."""
    return ask("station_records", **spans([_year_to_date(period)]), station_id=station_id)


def station_checks(*, station_id: str, period: Period) -> pd.DataFrame:
    """One row per item that a leader inspected at the station, up to the period's end."""
    return ask("station_checks", **spans([period]), station_id=station_id)


def _year_to_date(period: Period) -> Period:
    return Period(period.year, 1, period.last)
