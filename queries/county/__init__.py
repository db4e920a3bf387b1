"""Questions about the county: its townships, its ranking, its scheme."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from data.period import Period
from queries.ask import ask
from queries.scoring import spans


def quarters_on_record() -> list[Period]:
    """The quarters that standing uploads belong to, oldest first."""
    return [Period.parse(quarter) for quarter in ask("quarters_on_record")["quarter"]]


def periods_on_record() -> list[Period]:
    """The periods that can be looked at, latest first: quarters, years to date, years.

    A year is offered once its last quarter is on record, a year to date through each quarter up
    to the latest on record.
    """
    periods: list[Period] = []
    for quarter in quarters_on_record():
        periods.append(quarter)
        if quarter.first > 1:
            periods.append(Period(quarter.year, 1, quarter.last))
    return sorted(periods, key=lambda p: (p.end, -p.first), reverse=True)


def county_figures(*, periods: Sequence[Period]) -> pd.DataFrame:
    """One row per period: delegates, scored, townships, activity totals, mean score."""
    return ask("county_figures", **spans(periods))


def county_changes(*, period: Period) -> pd.DataFrame:
    """One row of the changes of ``county_figures`` since the period before; none if it has none."""
    before = period.before
    return ask("county_changes", **spans([period, before]), period=str(period), before=str(before))


def township_figures(*, periods: Sequence[Period], today: date) -> pd.DataFrame:
    """One row per period and township: n, mean score, rank, totals, shares (0–1), funnel limits."""
    return ask("township_figures", **spans(periods), today=today)


def township_indicators(*, periods: Sequence[Period]) -> pd.DataFrame:
    """One row per period, township and indicator: mean rate (0–1) and of how many delegates."""
    return ask("township_indicators", **spans(periods))


def township_diligence(*, periods: Sequence[Period]) -> pd.DataFrame:
    """One row per period, township and 四勤: mean rate (0–1) and of how many delegates."""
    return ask("township_diligence", **spans(periods))


def distribution(*, period: Period) -> pd.DataFrame:
    """One row per five-point step and grade (不定等次 last): number of delegates."""
    return ask("distribution", **spans([period]))


def ranking(*, period: Period) -> pd.DataFrame:
    """One row per delegate in office: rank, change, score, grade and the parts of the score."""
    before = period.before
    return ask("ranking", **spans([period, before]), period=str(period), before=str(before))


def dimension_rates(*, period: Period) -> pd.DataFrame:
    """One row per delegate and dimension: the rate (0–1) attained over its indicators."""
    return ask("dimension_rates", **spans([period]), period=str(period))


def movers(*, period: Period, level: str, count: int) -> pd.DataFrame:
    """The ``count`` largest climbs and falls in rank within a level since the period before."""
    before = period.before
    return ask(
        "movers",
        **spans([period, before]),
        period=str(period),
        before=str(before),
        level=level,
        count=count,
    )


def townships_on_record() -> pd.DataFrame:
    """One row per township of the register."""
    return ask("townships_on_record")


def indicators() -> pd.DataFrame:
    """One row per indicator of the scheme in force, with its weights by level."""
    return ask("indicators")


def bands() -> pd.DataFrame:
    """One row per grade, best first, with the score from which it is given."""
    return ask("bands")


def scheme_in_force() -> pd.DataFrame:
    """One row: name and checksum of the scheme."""
    return ask("scheme_in_force")


def scheme_terms() -> pd.DataFrame:
    """One row: the scheme's caps, deductions and thresholds; shares are 0–1."""
    return ask("scheme_terms")


def county_indicators(*, periods: Sequence[Period]) -> pd.DataFrame:
    """One row per period and indicator: mean rate (0–1) and of how many delegates."""
    return ask("county_indicators", **spans(periods))


def township_places(*, period: Period, today: date) -> pd.DataFrame:
    """One row per township and figure with a value: its place, and the ratio of all townships."""
    return ask("township_places", **spans([period]), period=str(period), today=today)
