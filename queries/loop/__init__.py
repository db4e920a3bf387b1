"""Questions about the loop 五位一体: plan, guidance, routing, tracking."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd

from data.period import Period
from queries.ask import ask
from queries.scoring import spans


def _years_so_far(periods: Sequence[Period], today: date) -> dict[str, Any]:
    """What a year's plan is measured over at the end of each period: its year up to then, no day
    after ``today``.
    """
    return {
        "periods": [str(p) for p in periods],
        "starts": [date(p.year, 1, 1) for p in periods],
        "ends": [min(p.end, today) for p in periods],
    }


def plan_progress(*, period: Period, today: date) -> pd.DataFrame:
    """One row per task of the year: target, measured, share (0–1) reached and expected, state."""
    return ask("plan_progress", **_years_so_far([period], today), today=today)


def plan_over_quarters(*, periods: Sequence[Period], today: date) -> pd.DataFrame:
    """One row per period whose year has a plan: tasks, measured, on course, behind, overdue."""
    return ask("plan_over_quarters", **_years_so_far(periods, today), today=today)


def plan_gaps(*, period: Period) -> pd.DataFrame:
    """One row per township that has not reported a quarter of the year so far: which quarters."""
    return ask("plan_gaps", **spans([Period(period.year, 1, period.last)]))


def guidance_figures(*, period: Period, today: date) -> pd.DataFrame:
    """One row: visits, checks, findings and mended ones of the period, findings open today; none
    without guidance on record.
    """
    return ask("guidance_figures", **spans([period]), today=today)


def guidance_items(*, period: Period) -> pd.DataFrame:
    """One row per item: checks, findings, mended ones of the period, and all open now."""
    return ask("guidance_items", **spans([period]))


def leader_visits(*, period: Period) -> pd.DataFrame:
    """One row per leader and township looked after or visited: number of visits, the last one."""
    return ask("leader_visits", **spans([period]))


def open_findings(*, today: date) -> pd.DataFrame:
    """One row per finding not mended, the longest open first, with days open."""
    return ask("open_findings", today=today)


def routed_by_tier(*, period: Period, today: date) -> pd.DataFrame:
    """One row per tier and one of all: opinions collected, routed, waiting; days until routed."""
    return ask("routed_by_tier", **spans([period]), today=today)


def unrouted_opinions(*, today: date) -> pd.DataFrame:
    """One row per opinion not routed, the longest waiting first, with days waiting."""
    return ask("unrouted_opinions", today=today)


def tracking_figures(*, period: Period, today: date) -> pd.DataFrame:
    """One row per matter (suggestion, issue, opinion): open, due soon, overdue, done, done late."""
    return ask("tracking_figures", **spans([period]), today=today)


def open_by_agency(*, today: date) -> pd.DataFrame:
    """One row per agency or task force: open suggestions and issues by state."""
    return ask("open_by_agency", today=today)


def open_by_township(*, today: date) -> pd.DataFrame:
    """One row per township: open suggestions and issues by state."""
    return ask("open_by_township", today=today)


def overdue_matters(*, today: date) -> pd.DataFrame:
    """One row per overdue suggestion or issue, the latest first, with days late."""
    return ask("overdue_matters", today=today)


def opinion_flow(*, period: Period, today: date) -> pd.DataFrame:
    """One row per source, tier and outcome of the period's opinions: how many took this way."""
    return ask("opinion_flow", **spans([period]), today=today)


def grade_counts(*, period: Period) -> pd.DataFrame:
    """One row per grade, best first: delegates compared, in the period and in the one before."""
    before = period.before
    return ask("grade_counts", **spans([period, before]), period=str(period), before=str(before))


def loop_townships(*, period: Period, today: date) -> pd.DataFrame:
    """One row per township: visits, what is open, waiting or overdue; what sticks most first."""
    return ask("loop_townships", **spans([period]), today=today)


def loop_over_quarters(*, periods: Sequence[Period], today: date) -> pd.DataFrame:
    """One row per period: what was done in it, and what was open or late at its end."""
    return ask("loop_over_quarters", **spans(periods), today=today)
