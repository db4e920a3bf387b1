"""One delegate's page: the receipt's neighbours, held to the raw rows of an invented county."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles

import pandas as pd
import pytest
import reference
from counties import random_county
from databases import asking, files_of, upload
from figures import digits

from data.period import Period
from data.store import Store
from queries import county, delegate, scoring

PERIODS = [Period.parse(text) for text in ("2026Q3", "2026Q1-Q3", "2026", "2025")]
YEAR = PERIODS[2]


@pytest.fixture(scope="module")
def invented() -> reference.County:
    return random_county(11, delegates=24)


@pytest.fixture(scope="module", autouse=True)
def house(invented: reference.County, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with asking(tmp_path_factory.mktemp("county") / "county.duckdb") as house:
        upload(house, files_of(invented))
        yield house


def test_evidence_adds_up_to_the_values(invented: reference.County) -> None:
    """What the counted records of a delegate add is the value of each indicator, to the record."""
    names = county.indicators().set_index("name")["indicator"]
    for period in (PERIODS[0], YEAR):
        rates = scoring.rates(periods=[period])
        values = rates.pivot(index="delegate_id", columns="indicator", values="value")
        for row in invented["delegates"]:
            records = delegate.evidence(delegate_id=row["代表编号"], period=period)
            counted = records[records["left_out"].isna()].dropna(subset="counts_for")
            sums = counted.groupby(counted["counts_for"].map(names))["adds"].sum()
            value = values.loc[row["代表编号"]]
            pd.testing.assert_series_equal(
                value, sums.reindex(value.index, fill_value=0.0), check_names=False
            )


def test_evidence_names_the_indicators_in_their_order(house: Store) -> None:
    """A record that counts for several indicators names them in the scheme's order, every time."""
    names = county.indicators().set_index("indicator")["name"]
    both = "；".join(names[["household_visit", "inspection", "publicity"]])
    more = [
        "insert into scheme_kinds "
        f"select '{code}', counts, kind from scheme_kinds where indicator = 'household_visit'"
        for code in ("publicity", "inspection")
    ]
    with house.write() as cursor:
        cursor.execute(";".join(more))
    try:
        found = pd.concat(
            delegate.evidence(delegate_id=code, period=YEAR)
            for code in scoring.standings(periods=[YEAR])["delegate_id"]
        )
    finally:
        with house.write() as cursor:
            cursor.execute(
                "delete from scheme_kinds where counts = 'quantity' and indicator <> 'household_visit'"
            )
    assert set(found.loc[found["what"] == "入户走访", "counts_for"]) == {both}


def test_evidence_names_every_record_and_why_it_is_left_out(invented: reference.County) -> None:
    """Every row dated in the period is there, the returned and the outside ones named as such."""
    span = reference.Period.named(str(YEAR)).span
    dated = {
        "activities": ("代表编号", "日期"),
        "attendance": ("代表编号", "日期"),
        "opinions": ("代表编号", "收集日期"),
        "duty_reports": ("代表编号", "日期"),
        "adjustments": ("代表编号", "日期"),
    }
    seen: set[str] = set()
    for row in invented["delegates"]:
        who = reference.Delegate.of(row)
        own = [
            (name, record, record[day])
            for name, (whose, day) in dated.items()
            for record in invented[name]
            if record[whose] == who.id
        ]
        for record in invented["suggestions"]:
            if record["领衔代表编号"] == who.id:
                own += [("suggestions", record, record[day]) for day in ("提出日期", "答复日期")]
            if who.id in record["附议代表编号"].split("；"):
                own.append(("suggestions", record, record["提出日期"]))
        expected = sorted(
            (
                name,
                day,
                "returned"
                if record.get("核实状态") == "已退回"
                else "outside_mandate"
                if day not in who.mandate
                else "",
            )
            for name, record, day in own
            if day in span
        )
        found = delegate.evidence(delegate_id=who.id, period=YEAR)
        assert expected == sorted(
            zip(
                found["format"],
                found["date"].dt.strftime("%Y-%m-%d"),
                found["left_out"].fillna(""),
                strict=True,
            )
        )
        assert found["date"].is_monotonic_decreasing
        assert found.loc[found["left_out"].notna(), "adds"].isna().all()
        seen |= set(found["left_out"].dropna())
    assert seen == {"returned", "outside_mandate"}


def test_evidence_leads_to_the_row_of_the_file(invented: reference.County) -> None:
    """The upload and row that a record names hold that record."""
    sent = {file.filename: file.content.decode() for file in files_of(invented)}
    who = invented["activities"][0]["代表编号"]
    records = delegate.evidence(delegate_id=who, period=YEAR)
    for record in records.itertuples():
        line = sent[record.filename].splitlines()[record.row_number - 1]
        assert who in line
        assert f"{record.date:%Y-%m-%d}" in line
    assert len(records) > 5


def test_receipt(invented: reference.County) -> None:
    """Weights and points are the scheme's; the peers' rate is the median of those who have one."""
    rows = reference.score(invented, reference.DEFAULT_SCHEME, str(YEAR))
    one = next(row for row in rows if row["level"] == "township" and row["score"])
    receipt = delegate.receipt(delegate_id=one["delegate_id"], period=YEAR)
    assert set(receipt.loc[receipt["in_base"], "base_weight"]) == {
        receipt.loc[receipt["in_base"], "weight"].sum()
    }
    for line in receipt.itertuples():
        rates = [row[f"r_{line.indicator}"] for row in rows if row["level"] == "township"]
        rates = [rate for rate in rates if rate is not None]
        assert digits(line.peer_rate) == digits(median(rates) if rates else None)
        assert digits(line.points) == digits(line.weight * line.rate)
        if line.rate < 1 and line.reason is None and line.target > 0:
            assert line.value <= line.target


def test_standing(invented: reference.County) -> None:
    """One row per period in office, with the median and quartiles of the level's scores."""
    who = next(row for row in invented["delegates"] if row["层级"] == "县级")
    found = delegate.standing(delegate_id=who["代表编号"], periods=PERIODS).set_index("period")
    in_office = []
    for period in PERIODS:
        rows = reference.score(invented, reference.DEFAULT_SCHEME, str(period))
        one = next(row for row in rows if row["delegate_id"] == who["代表编号"])
        if not one["eligible"]:
            continue
        in_office.append(str(period))
        scores = [
            row["score"]
            for row in rows
            if row["level"] == "county" and row["score"] is not None and row["eligible"]
        ]
        line = found.loc[str(period)]
        for column in ("score", "grade", "rank", "coverage", "eligible"):
            assert digits(line[column]) == digits(one[column])
        assert digits(line["peer_median"]) == digits(median(scores) if scores else None)
        if len(scores) > 1:
            quartiles = quantiles(scores, n=4, method="inclusive")
            assert digits(line["peer_quarter"]) == digits(quartiles[0])
            assert digits(line["peer_three_quarters"]) == digits(quartiles[2])
    assert sorted(found.index) == sorted(in_office)


def test_profile(invented: reference.County) -> None:
    """The delegate's row of the roster."""
    row = invented["delegates"][0]
    found = delegate.profile(delegate_id=row["代表编号"])
    assert found["name"].tolist() == [row["姓名"]]
    assert found["level"].tolist() == [reference.LEVELS[row["层级"]]]


def test_what_is_asked_of_all_is_what_is_asked_of_one(invented: reference.County) -> None:
    """A question about all delegates has the rows of the question about each, in the same order."""
    everyone = {
        "profile": delegate.roster(),
        "standing": delegate.compared_standings(periods=PERIODS),
        "receipt": delegate.receipts(period=YEAR),
        "diligence": delegate.diligence_receipts(period=YEAR),
        "evidence": delegate.evidences(period=YEAR),
    }
    numbers = sorted(row["代表编号"] for row in invented["delegates"])
    for frame in everyone.values():
        assert set(frame["delegate_id"]) <= set(numbers)
    for number in numbers[::4]:
        for name, of_one in {
            "profile": delegate.profile(delegate_id=number),
            "standing": delegate.standing(delegate_id=number, periods=PERIODS),
            "receipt": delegate.receipt(delegate_id=number, period=YEAR),
            "diligence": delegate.diligence(delegate_id=number, period=YEAR),
            "evidence": delegate.evidence(delegate_id=number, period=YEAR),
        }.items():
            of_all = everyone[name].query("delegate_id == @number")[of_one.columns]
            pd.testing.assert_frame_equal(
                of_all.reset_index(drop=True), of_one, check_dtype=False, check_exact=True
            )


def test_an_unknown_delegate_is_empty(tmp_path: Path) -> None:
    """A number that the roster does not know has no rows, in this database and in a new one."""

    def ask_all() -> list[pd.DataFrame]:
        return [
            delegate.profile(delegate_id="没有"),
            delegate.standing(delegate_id="没有", periods=PERIODS),
            delegate.receipt(delegate_id="没有", period=YEAR),
            delegate.diligence(delegate_id="没有", period=YEAR),
            delegate.evidence(delegate_id="没有", period=YEAR),
        ]

    assert all(frame.empty for frame in ask_all())
    with asking(tmp_path / "new.duckdb"):
        assert all(frame.empty for frame in ask_all())
