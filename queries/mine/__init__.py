"""Questions of one leader: what they look after, and what of it needs them."""

from datetime import date

import pandas as pd

from data.period import Period
from queries.ask import ask
from queries.scoring import spans


def leaders() -> pd.DataFrame:
    """One row per leader who looks after something: a code for the name, the units by kind."""
    return ask("leaders")


def my_needs(*, leader: str, period: Period, today: date) -> pd.DataFrame:
    """One row per thing that needs the leader, the most urgent first."""
    return ask("my_needs", **spans([period]), leader=leader, today=today)


def my_units(*, leader: str, period: Period, today: date) -> pd.DataFrame:
    """One row per township and group of the leader: standing, what is open and late, own visits."""
    before = period.before
    return ask(
        "my_units",
        **spans([period, before]),
        period=str(period),
        before=str(before),
        leader=leader,
        today=today,
    )


def my_members(*, leader: str, period: Period, today: date) -> pd.DataFrame:
    """One row per unit of the leader and delegate of it in office: score, and what they did."""
    return ask("my_members", **spans([period]), leader=leader, today=today)
