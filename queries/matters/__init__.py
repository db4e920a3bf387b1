"""Questions about opinions and suggestions: where each stands, who is late, how long it takes.

What is open or late is so on the day ``today``, whatever the period; what was filed, collected or
replied is of the period. The states are those of ``tracked_suggestions`` and ``tracked_opinions``.
"""

import math
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from data.period import Period
from queries.ask import ask
from queries.scoring import spans


def suggestion_steps(*, period: Period, today: date) -> pd.DataFrame:
    """One row per township and agency, and all of each: from filed to satisfied, what is open."""
    return ask("suggestion_steps", **spans([period]), today=today)


def suggestions_in_hand(*, period: Period, today: date) -> pd.DataFrame:
    """One row per suggestion open today, or filed or replied in the period; most urgent first."""
    return ask("suggestions_in_hand", **spans([period]), today=today)


def suggestion_topics(*, period: Period, today: date) -> pd.DataFrame:
    """One row per category, township and agency, and all of each: filed, replied, solved."""
    return ask("suggestion_topics", **spans([period]), today=today)


def suggestion_ratings(*, period: Period, today: date) -> pd.DataFrame:
    """One row per agency and township, and all townships: replies of the period by satisfaction."""
    return ask("suggestion_ratings", **spans([period]), today=today)


def reply_durations(*, period: Period, today: date) -> pd.DataFrame:
    """One row per suggestion assigned in the year to the period's end: days, and if it is replied."""
    return ask("reply_durations", **spans([period]), today=today)


def suggestion_facts(*, suggestion_id: str, today: date) -> pd.DataFrame:
    """One row, or none: the suggestion with its state, days to reply or till today, co-signers."""
    return ask("suggestion_facts", suggestion_id=suggestion_id, today=today)


def opinion_steps(*, period: Period, today: date) -> pd.DataFrame:
    """One row per township and tier, and all of each: from collected to solved, what is open."""
    return ask("opinion_steps", **spans([period]), today=today)


def opinions_in_hand(*, period: Period, today: date) -> pd.DataFrame:
    """One row per opinion open today or collected in the period; what waits longest first."""
    return ask("opinions_in_hand", **spans([period]), today=today)


def opinion_topics(*, period: Period, today: date) -> pd.DataFrame:
    """One row per category or source (``kind``) and township, and all: collected, closed, solved."""
    return ask("opinion_topics", **spans([period]), today=today)


def closing_durations(*, period: Period, today: date) -> pd.DataFrame:
    """One row per opinion collected in the year to the period's end: days, and if it is closed."""
    return ask("closing_durations", **spans([period]), today=today)


def repeated_concerns(*, period: Period, today: date) -> pd.DataFrame:
    """One row per township and concern raised in the period and at least twice up to its end."""
    return ask("repeated_concerns", **spans([period]), today=today)


def opinion_facts(*, opinion_id: str, today: date) -> pd.DataFrame:
    """One row, or none: the opinion with its state."""
    return ask("opinion_facts", opinion_id=opinion_id, today=today)


def mentions(*, opinion_id: str, today: date) -> pd.DataFrame:
    """One row per opinion that says the same of the same place, latest first; itself among them."""
    return ask("mentions", opinion_id=opinion_id, today=today)


def matter_history(
    *, suggestion_id: str | None = None, opinion_id: str | None = None
) -> pd.DataFrame:
    """One row per version that uploads brought of a suggestion or an opinion, oldest first."""
    return ask("matter_history", suggestion_id=suggestion_id, opinion_id=opinion_id)


def waiting_curves(durations: pd.DataFrame, by: str) -> pd.DataFrame:
    """How long it takes, in all and in each group of ``by``: Kaplan–Meier, open ones censored.

    ``durations`` has ``days`` and ``ended``. One row per group, the slowest first, after all of
    them together (``is_all``): n, ended, the median in days (missing while more than half wait)
    and the curve: from each of ``steps`` days on, the share ``waiting`` (0–1) is still waiting.
    """
    groups = [{by: name, **_curve(group)} for name, group in durations.groupby(by, dropna=False)]
    groups.sort(key=lambda group: (-group["median"], -group["n"]))
    whole = [{by: None, **_curve(durations)}] if groups else []
    curves = pd.DataFrame([*whole, *groups], columns=[by, *_CURVE])
    # without a single name the column would be of numbers, and could not be joined to names
    return curves.astype({by: "object"}).assign(
        is_all=np.arange(len(curves)) == 0,
        median=curves["median"].where(curves["median"] < math.inf),
    )


_CURVE = ("n", "ended", "median", "steps", "waiting")


def _curve(durations: pd.DataFrame) -> dict[str, Any]:
    # Half a second to load, and needed by this alone.
    from scipy.stats import CensoredData, ecdf

    days, ended = durations["days"].to_numpy(float), durations["ended"].to_numpy(bool)
    curve = ecdf(CensoredData(uncensored=days[ended], right=days[~ended])).sf
    by_half = curve.quantiles[curve.probabilities <= 0.5 + 1e-9]  # a product of many fractions
    return {
        "n": len(days),
        "ended": int(ended.sum()),
        "median": float(by_half[0]) if len(by_half) else math.inf,
        "steps": [0.0, *curve.quantiles.tolist()],
        "waiting": [1.0, *curve.probabilities.tolist()],
    }
