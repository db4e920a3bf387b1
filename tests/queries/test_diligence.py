"""四勤: the same points by the scheme's second lens, recomputed from the rates in the base."""

from __future__ import annotations

import math
import shutil
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pandas as pd
import pytest
from databases import asking

from data import scheme
from data.period import Period
from queries import county, delegate, scoring
from queries.ask import ask
from queries.scoring import spans

Q3, NINE_MONTHS, YEAR = (Period.parse(text) for text in ("2026Q3", "2026Q1-Q3", "2025"))
FOUR = ["勤动脑", "勤动手", "勤动口", "勤动腿"]
LENS = scheme.load().tables["scheme_indicators"].set_index("indicator")["diligence"]


@pytest.fixture(scope="module", autouse=True)
def house(sample_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    path = tmp_path_factory.mktemp("diligence") / "sample.duckdb"
    with asking(Path(shutil.copy(sample_database, path))):
        yield


Sums = dict[str, dict[str, tuple[float, float]]]


def by_lens(period: Period) -> Sums:
    """For each delegate and lens, the sums of weight × rate and of weight, from the single rates."""
    parts: dict[str, dict[str, list[tuple[float, float]]]] = defaultdict(lambda: defaultdict(list))
    for row in scoring.included(periods=[period]).itertuples():
        if row.in_base:
            lens = LENS[row.indicator]
            parts[row.delegate_id][lens].append((row.weight * row.rate, row.weight))
    return {
        who: {
            lens: (math.fsum(p for p, _ in pairs), math.fsum(w for _, w in pairs))
            for lens, pairs in lenses.items()
        }
        for who, lenses in parts.items()
    }


def test_every_indicator_is_of_one_of_the_four() -> None:
    """The scheme knows four diligences, in the order in which they are said."""
    [someone] = scoring.scores(periods=[Q3])["delegate_id"].head(1)
    found = delegate.diligence(delegate_id=someone, period=Q3)
    assert list(found["diligence"]) == FOUR
    names = scheme.load().tables["scheme_indicators"].set_index("name")["diligence"]
    for row in found.itertuples():
        assert {names[name] for name in row.indicators.split("；")} == {row.diligence}
    assert sum(len(names.split("；")) for names in found["indicators"]) == len(LENS)


@pytest.mark.parametrize("period", [Q3, NINE_MONTHS, YEAR], ids=str)
def test_the_four_add_up_to_the_base_of_every_delegate(period: Period) -> None:
    """Points of a lens over all weight in the base: their sum is the base score, for everyone."""
    found = ask("lenses", **spans([period])).set_index(["delegate_id", "diligence"])
    sums = by_lens(period)
    assert found["points"].to_dict() == pytest.approx(
        {(who, lens): points for who, own in sums.items() for lens, (points, _) in own.items()}
    )
    assert found["weight"].to_dict() == pytest.approx(
        {(who, lens): weight for who, own in sums.items() for lens, (_, weight) in own.items()}
    )
    weights = found["weight"].groupby("delegate_id").transform("sum")
    bases = (100 * found["points"] / weights).groupby("delegate_id").sum()
    expected = scoring.scores(periods=[period]).set_index("delegate_id")["base"].dropna()
    assert len(expected) > 800
    pd.testing.assert_series_equal(bases, expected.sort_index(), check_names=False, rtol=1e-12)


@pytest.mark.parametrize("period", [Q3, YEAR], ids=str)
def test_a_delegates_four(period: Period) -> None:
    """Each figure on the delegate's page is that of the single rates; peers' median beside it."""
    sums = by_lens(period)
    scores = scoring.scores(periods=[period]).set_index("delegate_id")
    peers: dict[tuple[str, str], list[float]] = defaultdict(list)
    for who, lenses in sums.items():
        for lens, (points, weight) in lenses.items():
            peers[scores.at[who, "level"], lens].append(points / weight)
    for who in scores.index[::97]:
        found = delegate.diligence(delegate_id=who, period=period).set_index("diligence")
        own = sums.get(who, {})
        for lens in FOUR:
            row = found.loc[lens]
            rates = peers[scores.at[who, "level"], lens]
            assert row["peer_rate"] == pytest.approx(
                median(rates) if rates else math.nan, nan_ok=True
            )
            if lens not in own:
                assert found.loc[lens, ["points", "weight", "rate", "contribution"]].isna().all()
                continue
            points, weight = own[lens]
            assert row["points"] == pytest.approx(points)
            assert row["weight"] == pytest.approx(weight)
            assert row["rate"] == pytest.approx(points / weight)
        if own:
            assert found["contribution"].sum() == pytest.approx(scores.at[who, "base"], abs=1e-9)


@pytest.mark.parametrize("period", [Q3, YEAR], ids=str)
def test_a_townships_four(period: Period) -> None:
    """The mean over the township's delegates of their own rates, and how many have one."""
    sums = by_lens(period)
    compared = scoring.standings(periods=[period]).query("graded and eligible > 0")
    found = county.township_diligence(periods=[period])
    assert len(found) == len(FOUR) * compared["township"].nunique()
    assert list(found["diligence"].head(4)) == FOUR
    for row in found.itertuples():
        rates = [
            points / weight
            for who in compared.loc[compared["township"] == row.township, "delegate_id"]
            if row.diligence in sums.get(who, {})
            for points, weight in [sums[who][row.diligence]]
        ]
        assert row.rated == len(rates)
        if rates:
            assert row.mean_rate == pytest.approx(sum(rates) / len(rates))
        else:
            assert pd.isna(row.mean_rate)


def test_nobody_has_four_without_a_rate() -> None:
    """Before anyone was in office: the four are named, and nothing is said of them."""
    long_ago = Period.parse("1999Q3")
    assert county.township_diligence(periods=[long_ago]).empty
    [someone] = scoring.scores(periods=[Q3])["delegate_id"].head(1)
    found = delegate.diligence(delegate_id=someone, period=long_ago)
    assert found[["points", "weight", "rate", "contribution", "peer_rate"]].isna().all(axis=None)
