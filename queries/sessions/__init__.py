"""Questions about sessions: who came, and who may sign and vote; what the law asks is in ``rules``."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from data.period import Period
from queries.ask import ask
from queries.scoring import spans


def meetings(*, period: Period) -> pd.DataFrame:
    """One row per meeting and congress: all its delegates, listed, present, absent, quorum."""
    return ask("meetings", **spans([period]))


def meetings_by_level(*, periods: Sequence[Period]) -> pd.DataFrame:
    """One row per period and level, and one of all levels: persons, rate (0–1), sessions."""
    return ask("meetings_by_level", **spans(periods))


def roll_call(*, event_id: str) -> pd.DataFrame:
    """One row per delegate listed for the meeting, the absent first; empty if there is none."""
    return ask("roll_call", event_id=event_id)


def electors(*, today: date) -> pd.DataFrame:
    """One row per delegate in office on the day, with the local congress they belong to."""
    return ask("electors", today=today)
