"""Questions about the uploads: what came in, and what is still missing."""

from collections.abc import Sequence

import pandas as pd

from data.period import Period
from queries.ask import ask
from queries.scoring import spans


def history() -> pd.DataFrame:
    """One row per upload, newest first."""
    return ask("history")


def board(*, periods: Sequence[Period]) -> pd.DataFrame:
    """One row per township, period and quarterly format: how many rows stand."""
    return ask("board", **spans(periods))
