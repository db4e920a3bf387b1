"""The scoring steps, each a question of its own: value, target, rate, score, grade, rank.

The source of every rule is assessment.md. A figure that looks wrong is followed upstream by
asking the step before: ``standings`` → ``scores`` → ``included`` → ``rates`` → ``tallies``.
"""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from data.period import Period
from queries.ask import ask


def spans(periods: Sequence[Period]) -> dict[str, Any]:
    """Periods as the parameters of the scoring files."""
    return {
        "periods": [str(p) for p in periods],
        "starts": [p.start for p in periods],
        "ends": [p.end for p in periods],
    }


def tallies(*, periods: Sequence[Period]) -> pd.DataFrame:
    """One row per period, delegate and indicator with records: amount, credit, chance."""
    return ask("tallies", **spans(periods))


def rates(*, periods: Sequence[Period]) -> pd.DataFrame:
    """One row per period, delegate and indicator: value, target, rate (0–1) or its reason."""
    return ask("rates", **spans(periods))


def included(*, periods: Sequence[Period]) -> pd.DataFrame:
    """One row per period, delegate and indicator with a rate: whether it is in the base score."""
    return ask("included", **spans(periods))


def scores(*, periods: Sequence[Period]) -> pd.DataFrame:
    """One row per period and delegate: base (0–100), bonus, deduction, score, coverage."""
    return ask("scores", **spans(periods))


def standings(*, periods: Sequence[Period]) -> pd.DataFrame:
    """One row per period and delegate: the score with its grade, and the rank within the level."""
    return ask("standings", **spans(periods))
