"""Questions about the 主题行动: who takes part, what was resolved, found and fixed."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from data.period import Period
from queries.ask import ask
from queries.scoring import spans


def campaigns_on_record() -> pd.DataFrame:
    """One row per campaign with records, the latest and busiest first."""
    return ask("campaigns_on_record")


def campaign_figures(*, periods: Sequence[Period], campaign: str, today: date) -> pd.DataFrame:
    """One row per period: participation (0–1), activities, concerns solved, issues found, fixed."""
    return ask("campaign_figures", **spans(periods), campaign=campaign, today=today)


def campaign_townships(*, period: Period, campaign: str, today: date) -> pd.DataFrame:
    """One row per township: participants of its delegates, activities, concerns by outcome."""
    return ask("campaign_townships", **spans([period]), campaign=campaign, today=today)


def campaign_kinds(*, period: Period, campaign: str) -> pd.DataFrame:
    """One row per kind of activity: records, quantities in total, delegates."""
    return ask("campaign_kinds", **spans([period]), campaign=campaign)


def campaign_issues(*, period: Period, campaign: str, today: date) -> pd.DataFrame:
    """One row per channel, taskforce and township of the issues found: states, days to fix."""
    return ask("campaign_issues", **spans([period]), campaign=campaign, today=today)


def campaign_late(*, period: Period, campaign: str, today: date) -> pd.DataFrame:
    """One row per issue still open today, or found in the period and fixed late."""
    return ask("campaign_late", **spans([period]), campaign=campaign, today=today)


def supervised_objects() -> pd.DataFrame:
    """One row per supervised object of the county's register."""
    return ask("supervised_objects")


def supervised_counts() -> pd.DataFrame:
    """One row per kind of supervised object, and per kind and method or status: how many."""
    return ask("supervised_counts")
