"""Questions about one delegate, and the same of every delegate at once.

The question about one asks the one about all for the rows of one delegate, so that what is read
on a page and what is printed of a county cannot differ.
"""

from collections.abc import Sequence

import pandas as pd

from data.period import Period
from queries.ask import ask
from queries.scoring import spans


def profile(*, delegate_id: str) -> pd.DataFrame:
    """The delegate's row of the roster; empty if there is none."""
    return ask("profile", delegate_id=delegate_id)


def standing(*, delegate_id: str, periods: Sequence[Period]) -> pd.DataFrame:
    """One row per period in office: score, grade, rank, and the peers' median and quartiles."""
    return ask("standing", **spans(periods), delegate_id=delegate_id)


def receipt(*, delegate_id: str, period: Period) -> pd.DataFrame:
    """One row per indicator: value, target, rate, weight, points, contribution to the base."""
    return ask("receipt", **spans([period]), delegate_id=delegate_id)


def diligence(*, delegate_id: str, period: Period) -> pd.DataFrame:
    """One row per 四勤: points, weight, rate (0–1), contribution to the base, peers' median rate."""
    return ask("diligence", **spans([period]), delegate_id=delegate_id)


def evidence(*, delegate_id: str, period: Period) -> pd.DataFrame:
    """One row per record dated in the period, with the upload and row it came from."""
    return ask("evidence", **spans([period]), delegate_id=delegate_id)


def roster() -> pd.DataFrame:
    """Every delegate's ``profile``: one row per delegate, by number."""
    return ask("roster")


def compared_standings(*, periods: Sequence[Period]) -> pd.DataFrame:
    """Every delegate's ``standing``: one row per period and delegate in office."""
    return ask("compared_standings", **spans(periods))


def receipts(*, period: Period) -> pd.DataFrame:
    """Every delegate's ``receipt``: one row per delegate of the roster and indicator."""
    return ask("receipts", **spans([period]))


def diligence_receipts(*, period: Period) -> pd.DataFrame:
    """Every delegate's ``diligence``: one row per delegate of the roster and 四勤."""
    return ask("diligence_receipts", **spans([period]))


def evidences(*, period: Period) -> pd.DataFrame:
    """Every delegate's ``evidence``: one row per delegate and record dated in the period."""
    return ask("evidences", **spans([period]))
