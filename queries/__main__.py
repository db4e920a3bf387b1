"""The command line: ``python -m queries ranking|townships|scores --database DB --period P``."""

import argparse
import os
import sys
from datetime import date
from pathlib import Path

import pandas as pd

from data import store
from data.period import Period
from data.problems import DatabaseUnavailable
from queries import county, scoring
from queries.sight import EVERYTHING, seeing


def main(arguments: list[str] | None = None) -> int:
    """Print one table; returns the exit code (1: the database cannot be opened)."""
    parser = argparse.ArgumentParser(prog="python -m queries", description="输出考评结果表")
    parser.add_argument("table", choices=["ranking", "townships", "scores"])
    parser.add_argument("--database", type=Path, required=True, metavar="DB")
    parser.add_argument("--period", type=_period, required=True, metavar="P")
    parser.add_argument("--format", choices=["csv", "json"], default="csv")
    asked = parser.parse_args(arguments)
    try:
        store.use(asked.database)
        with seeing(EVERYTHING):
            frame = _table(asked.table, asked.period)
        if asked.format == "csv":
            text = frame.to_csv(index=False, lineterminator="\n")
        else:
            text = frame.to_json(orient="records", force_ascii=False, double_precision=15) + "\n"
        sys.stdout.write(text)
        sys.stdout.flush()
    except (DatabaseUnavailable, ValueError) as error:  # a ValueError: the scheme does not add up
        print(error, file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader, head perhaps, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _period(text: str) -> Period:
    try:
        return Period.parse(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"“{text}”不是考核期。请写成 2026Q3、2026Q1-Q3 或 2026。"
        ) from None


def _table(name: str, period: Period) -> pd.DataFrame:
    if name == "ranking":
        rates = county.dimension_rates(period=period)
        wide = rates.pivot(index="delegate_id", columns="dimension", values="rate")
        dimensions = county.indicators()["dimension"].unique()
        ranks = dict.fromkeys(["rank", "rank_before", "rank_change"], "Int64")
        return (
            county.ranking(period=period)
            .astype(ranks)
            .join(wide.reindex(columns=dimensions), on="delegate_id")
        )
    if name == "townships":
        both = [period, period.before]
        frame = county.township_figures(periods=both, today=date.today())  # noqa: DTZ011
        return frame[frame["period"] == str(period)].drop(columns=["period", "not_reported"])
    return _scores(period)


def _scores(period: Period) -> pd.DataFrame:
    """One row per delegate: values x_, rates r_, the score's parts, grade and rank."""
    rates = scoring.rates(periods=[period])
    order = list(county.indicators()["indicator"])
    values, attained = (
        rates.pivot(index="delegate_id", columns="indicator", values=column).reindex(columns=order)
        for column in ("value", "rate")
    )
    standings = scoring.standings(periods=[period]).sort_values("delegate_id")
    return (
        standings[["delegate_id", "level", "eligible"]]
        .join(values.add_prefix("x_"), on="delegate_id")
        .join(attained.add_prefix("r_"), on="delegate_id")
        .join(standings[["base", "bonus", "deduction", "score", "grade", "ranked", "rank"]])
        .astype({"rank": "Int64"})
    )


if __name__ == "__main__":
    sys.exit(main())
