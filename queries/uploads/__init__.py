"""Questions about the uploads: what came in, what is still missing, what one more would do."""

from collections.abc import Sequence

import pandas as pd

from data.period import Period
from queries.ask import ask
from queries.scoring import spans


def history() -> pd.DataFrame:
    """One row per upload, newest first, with its state and what superseded it."""
    return ask("history")


def board(*, periods: Sequence[Period]) -> pd.DataFrame:
    """One row per township, period and quarterly format: how many rows stand."""
    return ask("board", **spans(periods))


def without_record(*, period: Period, format: str) -> pd.DataFrame:
    """One row per delegate in office in the quarter who has no record of the format in it."""
    return ask("without_record", starts=period.start, ends=period.end, format=format)


def moves(before: pd.DataFrame, after: pd.DataFrame, top: int) -> pd.DataFrame:
    """What differs between two answers of ``county.ranking``, the largest moves first.

    One row per delegate whose rank, score or grade differs, or who is in one of them only: level,
    delegate_id, name, township, rank_before, rank, score_before, score, grade_before, grade,
    ``climb`` (places, positive is better) and ``crossed``: into or out of the first ``top`` of the
    level (1, -1, else 0).
    """
    keys, figures = ["level", "delegate_id", "name", "township"], ["rank", "score", "grade"]
    both = before[keys + figures].merge(
        after[keys + figures], on=["level", "delegate_id"], how="outer", suffixes=("_before", "")
    )
    for key in ("name", "township"):
        both[key] = both[key].fillna(both.pop(f"{key}_before"))
    differs = _differ(both, figures)
    both["climb"] = both["rank_before"] - both["rank"]
    within = both["rank"].le(top).fillna(False).astype(int)
    both["crossed"] = within - both["rank_before"].le(top).fillna(False).astype(int)
    moved = both[differs].assign(size=lambda frame: frame["climb"].abs())
    moved = moved.sort_values(
        ["size", "level", "rank", "delegate_id"], ascending=[False, *[True] * 3]
    )
    return moved.drop(columns="size").reset_index(drop=True)


def shaken(before: pd.DataFrame, after: pd.DataFrame) -> list[str]:
    """The periods in which anybody's rank, score or grade differs, the latest first.

    Both are answers of ``scoring.standings`` for the same periods.
    """
    keys, figures = ["period", "delegate_id"], ["rank", "score", "grade"]
    both = before[keys + figures].merge(
        after[keys + figures], on=keys, how="outer", suffixes=("_before", "")
    )
    return sorted(both.loc[_differ(both, figures), "period"].unique(), reverse=True)


def _differ(both: pd.DataFrame, figures: Sequence[str]) -> "pd.Series[bool]":
    """The rows in which a figure is not what it was; nothing and nothing are the same."""
    differs = pd.Series(False, index=both.index)
    for figure in figures:
        old, new = both[f"{figure}_before"], both[figure]
        differs |= ~((old == new).fillna(False).astype(bool) | (old.isna() & new.isna()))
    return differs
