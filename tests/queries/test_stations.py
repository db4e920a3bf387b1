"""The 阵地: the network as a tree, the five, who is placed where, what happens there."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import stationed
from databases import asking, sent, upload

from data.period import Period
from data.store import Store
from data.uploads.ledger import reverse
from queries import stations

Q2, Q3, Q4, NINE_MONTHS = (
    Period.parse(text) for text in ("2026Q2", "2026Q3", "2026Q4", "2026Q1-Q3")
)
TODAY = date(2026, 10, 20)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with asking(tmp_path_factory.mktemp("stationed") / "small.duckdb") as house:
        upload(house, stationed.county())
        yield house


@pytest.fixture(scope="module")
def sample(sample_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    path = tmp_path_factory.mktemp("stations") / "sample.duckdb"
    shutil.copy(sample_database, path)
    with asking(path) as house:
        yield house


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Store]:
    with asking(tmp_path / "empty.duckdb") as house:
        yield house


def rows(frame: pd.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    """The rows as plain values, None for what is missing; days as in ISO 8601."""

    def value(cell: Any) -> Any:
        if not pd.api.types.is_scalar(cell):
            return list(cell)
        if pd.isna(cell):
            return None
        return str(cell.date()) if isinstance(cell, pd.Timestamp) else cell

    names = columns or tuple(frame.columns)
    return [tuple(value(cell) for cell in row) for row in frame[list(names)].to_numpy(object)]


def figures(period: Period, *columns: str) -> list[tuple[Any, ...]]:
    return rows(stations.station_figures(period=period, today=TODAY), *columns)


# --- the network ------------------------------------------------------------------------------


def test_the_network_is_a_tree(small: Store) -> None:
    """Each station stands right below its own, streets before towns; what hangs on none is last."""
    assert figures(Q3, "place", "station_id", "depth", "tier", "above_id", "above", "detached") == [
        (1, "C1", 0, 1, None, None, None),
        (2, "H2", 1, 2, "C1", "中心", None),
        (3, "L2", 2, 3, "H2", "西街之家", None),
        (4, "H1", 1, 2, "C1", "中心", None),
        (5, "L1", 2, 3, "H1", "东镇之家", None),
        (6, "P1", 3, 4, "L1", "东一站", None),
        (7, "P2", 2, 4, "H1", "东镇之家", None),
        (8, "L3", 0, 3, None, None, "no_parent"),
    ]


def test_a_station_whose_own_is_taken_back_stays_in_the_tree(empty: Store) -> None:
    """An undo takes the station above away: what hung on it stands at the top, with its branch."""
    above = [("X1", "甲家", "代表之家", "东镇", "", stationed.ALL, "", "")]
    below = [
        ("X2", "乙站", "联络站", "东镇", "X1", stationed.ALL, "", ""),
        ("X3", "丙点", "联系点", "东镇", "X2", stationed.ALL, "", ""),
    ]
    upload(empty, stationed.registers(above))
    upload(empty, [sent("stations", stationed.station_rows(below))])
    columns = "station_id", "depth", "above_id", "parent_id", "detached"
    assert figures(Q3, *columns) == [
        ("X1", 0, None, None, "no_parent"),
        ("X2", 1, "X1", "X1", None),
        ("X3", 2, "X2", "X2", None),
    ]
    number = empty.query("select min(upload_id) as n from uploads where format = 'stations'")
    reverse(empty, int(number["n"][0]), "undo", "传错", "王")
    assert figures(Q3, *columns) == [
        ("X2", 0, None, "X1", "unknown_parent"),
        ("X3", 1, "X2", "X2", None),
    ]


def test_a_ring_of_stations_loses_none(empty: Store) -> None:
    """A station goes to another home, its old home becomes a contact point below it, and the first
    of these is taken back: the ring is cut, all are there.
    """
    there = [
        ("A", "甲", "代表之家", "东镇", "", stationed.ALL, "", ""),
        ("B", "乙", "联络站", "东镇", "A", stationed.ALL, "", ""),
        ("H", "丙", "代表之家", "东镇", "", stationed.ALL, "", ""),
    ]
    moved = [("B", "乙", "联络站", "东镇", "H", stationed.ALL, "", "")]
    lowered = [("A", "甲", "联系点", "东镇", "B", stationed.ALL, "", "")]
    upload(empty, stationed.registers(there))
    upload(empty, [sent("stations", stationed.station_rows(moved))])
    [(number,)] = empty.query("select max(upload_id) as n from uploads").itertuples(index=False)
    upload(empty, [sent("stations", stationed.station_rows(lowered))])
    reverse(empty, int(number), "undo", "误传", "王")
    assert figures(Q3, "station_id", "depth", "above_id", "detached") == [
        ("H", 0, None, "no_parent"),
        ("B", 0, None, "wrong_parent"),
        ("A", 1, "B", None),
    ]


def test_the_five_denied_and_not_stated_are_kept_apart(small: Store) -> None:
    """What is denied, what is left empty, and whether a station has all five."""
    five = ["venue", "equipment", "delegates", "rules", "records"]
    assert figures(Q3, "station_id", "lacks", "unstated", "state") == [
        ("C1", [], [], "complete"),
        ("H2", ["rules"], ["records"], "lacking"),
        ("L2", [], ["records"], "unstated"),
        ("H1", [], [], "complete"),
        ("L1", [], [], "complete"),
        ("P1", [], five, "unstated"),
        ("P2", [], [], "complete"),
        ("L3", five, [], "lacking"),
    ]


def test_upgrades(small: Store) -> None:
    """By round, and by township and round; stations of no round are counted, not left out."""
    assert rows(stations.upgrades()) == [(1, 2, 1, 28.0), (2, 3, 2, 8.5), (None, 3, 3, 1.5)]
    assert rows(stations.township_upgrades()) == [
        (None, 1, 1, 20.0),
        ("西街道", 2, 1, 6.0),
        ("西街道", None, 1, None),
        ("东镇", 1, 1, 8.0),
        ("东镇", 2, 2, 2.5),
        ("东镇", None, 1, None),
        ("南区", None, 1, 1.5),
    ]


# --- use --------------------------------------------------------------------------------------

USE = ("station_id", "activities", "receptions", "silent", "silent_quarters", "last_activity")


def test_use_in_a_quarter(small: Store) -> None:
    """Returned records do not count, those after a mandate do: the station was used. Where the
    township sent nothing, nothing is known.
    """
    assert figures(Q3, *USE) == [
        ("C1", 1, 0, False, [], "2026-07-20"),
        ("H2", 1, 1, False, [], "2026-09-01"),
        ("L2", 0, 0, True, [3], None),
        ("H1", 0, 0, True, [3], None),
        ("L1", 3, 1, False, [], "2026-09-30"),
        ("P1", 0, 0, True, [3], "2026-06-30"),
        ("P2", 0, 0, True, [3], None),
        ("L3", None, None, None, [], None),
    ]


def test_use_over_quarters(small: Store) -> None:
    """A quarter that the township did not send is not one without activity."""
    assert figures(NINE_MONTHS, *USE) == [
        ("C1", 1, 0, False, [1, 2], "2026-07-20"),
        ("H2", 2, 1, False, [], "2026-09-01"),
        ("L2", 0, 0, True, [1, 3], None),
        ("H1", 0, 0, True, [1, 2, 3], None),
        ("L1", 6, 3, False, [], "2026-09-30"),
        ("P1", 1, 1, False, [1, 3], "2026-06-30"),
        ("P2", 0, 0, True, [1, 2, 3], None),
        ("L3", None, None, None, [], None),
    ]


def by_month(frame: pd.DataFrame, label: str, measure: str) -> dict[Any, list[Any]]:
    return {
        None if pd.isna(key) else key: [
            None if pd.isna(cell) else int(cell) for cell in of[measure]
        ]
        for key, of in frame.groupby(label, dropna=False)
    }


def test_months(small: Store) -> None:
    """From January to the period's end, dates on the edges of months where they belong."""
    months = stations.station_months(period=Q3, today=TODAY)
    assert sorted({str(month.date()) for month in months["month"]}) == [
        f"2026-0{number}-01" for number in range(1, 10)
    ]
    none, nothing = [0] * 9, [None] * 9
    assert by_month(months, "station_id", "activities") == {
        "C1": [0, 0, 0, 0, 0, 0, 1, 0, 0],
        "H1": none,
        "H2": [0, 1, 0, None, None, None, 0, 0, 1],
        "L1": [1, 0, 1, 1, 0, 0, 1, 0, 2],
        "L2": [0, 0, 0, None, None, None, 0, 0, 0],
        "L3": nothing,
        "P1": [0, 0, 0, 0, 0, 1, 0, 0, 0],
        "P2": none,
    }
    assert by_month(months, "station_id", "receptions")["L1"] == [1, 0, 0, 1, 0, 0, 1, 0, 0]
    months = stations.township_months(period=Q3, today=TODAY)
    assert list(months["township"].fillna("").unique()) == ["", "西街道", "东镇", "南区"]
    assert by_month(months, "township", "activities") == {
        None: [0, 0, 0, 0, 0, 0, 1, 0, 0],
        "西街道": [0, 1, 0, None, None, None, 0, 0, 1],
        "东镇": [1, 0, 1, 1, 0, 1, 1, 0, 2],
        "南区": nothing,
    }


def test_months_to_come_are_missing(small: Store) -> None:
    """In a quarter that is not over, the months after today are not months without activity."""
    months = by_month(stations.station_months(period=Q4, today=TODAY), "station_id", "activities")
    assert months["L1"][9:] == [1, None, None]
    assert months["P2"][9:] == [0, None, None]
    assert months["L2"][9:] == [None, None, None]


# --- delegates --------------------------------------------------------------------------------


def test_who_is_not_placed(small: Store) -> None:
    """Unplaced, at a number that is not on the register, in another township; nobody out of office
    on the last day, and not the national delegate.
    """
    assert rows(stations.misplaced(period=Q3)) == [
        ("2026Q3", "D5", "D5名", "county", "西街道", "unplaced", None, None, None),
        ("2026Q3", "D6", "D6名", "county", "南区", "unknown", "Z9", None, None),
        ("2026Q3", "D4", "D4名", "county", "西街道", "elsewhere", "L1", "东一站", "东镇"),
    ]


def test_placed_by_level(small: Store) -> None:
    """In office on the last day, the end of a mandate included, and placed on the register."""
    assert rows(stations.placed_by_level(period=Q3)) == [
        ("2026Q3", "national", 1, 0),
        ("2026Q3", "prefecture", 1, 1),
        ("2026Q3", "county", 4, 2),
        ("2026Q3", "township", 1, 1),
    ]
    assert rows(stations.placed_by_level(period=Q2))[-1] == ("2026Q2", "township", 2, 2)
    assert rows(stations.placed_by_level(period=Q4))[-1] == ("2026Q4", "county", 5, 3)


def test_members_of_a_station(small: Store) -> None:
    assert [row[0] for row in rows(stations.station_members(station_id="L1", period=Q3))] == [
        "D1",
        "D4",
    ]
    assert [row[0] for row in rows(stations.station_members(station_id="L1", period=Q2))] == [
        "D1",
        "D4",
        "D2",
    ]
    assert stations.station_members(station_id="Z9", period=Q3).empty


def test_delegates_of_each_station(small: Store) -> None:
    placed = {"C1": 1, "H1": 1, "L1": 2}
    found = dict(figures(Q3, "station_id", "delegates"))
    assert found == {number: placed.get(number, 0) for number in found}


def test_numbers_that_the_register_lacks(small: Store) -> None:
    """In records of the period and of delegates in office."""
    assert rows(stations.unknown_stations(period=Q3)) == [("Z8", 1, 0), ("Z9", 0, 1)]
    assert rows(stations.unknown_stations(period=Q2)) == [("Z9", 0, 1)]


# --- townships and county ---------------------------------------------------------------------


def test_townships(small: Store) -> None:
    """Every township of the register, the county itself last; coverage takes home and station."""
    frame = stations.township_stations(period=Q3, today=TODAY)
    kinds = "stations", "centres", "homes", "liaisons", "contacts"
    assert rows(frame, "township", *kinds, "covered") == [
        ("西街道", 2, 0, 1, 1, 0, True),
        ("东镇", 4, 0, 1, 1, 2, True),
        ("南区", 1, 0, 0, 1, 0, False),
        (None, 1, 1, 0, 0, 0, None),
    ]
    assert rows(frame, "complete", "lacking", "unstated", "funding_10k", "delegates") == [
        (0, 1, 1, 6.0, 0),
        (3, 0, 1, 10.5, 3),
        (0, 1, 0, 1.5, 0),
        (1, 0, 0, 20.0, 1),
    ]
    assert rows(frame, "activities", "receptions", "silent", "not_reported") == [
        (1, 1, 1, 0),
        (3, 1, 3, 0),
        (None, None, 0, 1),
        (1, 0, 0, 0),
    ]


def test_a_township_without_stations_is_not_covered(empty: Store) -> None:
    """It stands in the table with zeros; a county without a centre has no row of its own."""
    home = [("H1", "东镇之家", "代表之家", "东镇", "", stationed.ALL, "8", "")]
    upload(empty, stationed.registers(home))
    frame = stations.township_stations(period=Q3, today=TODAY)
    assert rows(frame, "township", "stations", "covered", "funding_10k", "activities") == [
        ("西街道", 0, False, None, None),
        ("东镇", 1, False, 8.0, None),
        ("南区", 0, False, None, None),
    ]


def test_the_county(small: Store) -> None:
    """One row: the network, the two coverages, funds, and what is in no station's figures."""
    [row] = stations.network_figures(period=Q3, today=TODAY).to_dict("records")
    assert row == {
        "period": "2026Q3",
        "stations": 8,
        "centres": 1,
        "homes": 2,
        "liaisons": 3,
        "contacts": 2,
        "complete": 4,
        "silent": 4,
        "not_reported": 1,
        "townships": 3,
        "covered": 2,
        "roster": 8,
        "roster_placed": 6,
        "in_office": 6,
        "placed": 4,
        "funding_10k": 38.0,
        "rounds": 2,
        "held": 7,
        "nameless": 1,
        "unknown": 1,
    }


def test_a_county_without_delegates(empty: Store) -> None:
    """Stations alone: nobody is in office, and nothing is known of use."""
    upload(empty, stationed.registers()[:2])
    [row] = stations.network_figures(period=Q3, today=TODAY).to_dict("records")
    assert (row["roster"], row["in_office"], row["placed"], row["held"]) == (0, 0, 0, 0)
    assert (row["silent"], row["not_reported"]) == (0, 8)


# --- one station ------------------------------------------------------------------------------


def test_records_of_a_station(small: Store) -> None:
    """The live ones of the year up to the period's end, latest first, each with its origin."""
    found = stations.station_records(station_id="L1", period=Q3)
    assert rows(found, "date", "kind", "delegate_id", "row_number") == [
        ("2026-09-30", "入户走访", "D1", 8),
        ("2026-09-30", "入户走访", "D2", 9),
        ("2026-07-01", "接待选民", "D1", 2),
        ("2026-04-01", "接待选民", "D1", 2),
        ("2026-03-31", "入户走访", "D1", 4),
        ("2026-01-31", "接待选民", "D1", 2),
    ]
    assert set(found["filename"]) == {f"activities-2026Q{n}.csv" for n in (1, 2, 3)}
    assert stations.station_records(station_id="H1", period=Q3).empty


def test_inspections_of_a_station(small: Store) -> None:
    """All up to the period's end, of any year, whether anything was found or not."""
    assert rows(stations.station_checks(station_id="L1", period=Q3)) == [
        ("2026-08-10", "周", "制度", "没有上墙", None),
        ("2026-08-10", "周", "标牌", None, None),
        ("2026-05-10", "周", "标牌", "没有挂牌", "2026-05-20"),
    ]


# --- the sample county ------------------------------------------------------------------------


def test_the_published_network(sample: Store) -> None:
    """1 centre, 18 homes, 56 stations, 31 contact points; 968 delegates of four levels, all
    placed; 400-odd 万元 in two rounds; both coverages full.
    """
    [row] = stations.network_figures(period=Q3, today=TODAY).to_dict("records")
    assert [row[kind] for kind in ("centres", "homes", "liaisons", "contacts")] == [1, 18, 56, 31]
    assert (row["roster"], row["roster_placed"]) == (968, 968)
    assert row["placed"] == row["in_office"] > 900
    assert row["covered"] == row["townships"] == 18
    rounds = stations.upgrades().dropna(subset="upgrade_round")
    assert list(rounds["upgrade_round"]) == [1, 2]
    assert 400 <= rounds["funding_10k"].sum() < 500
    assert set(stations.placed_by_level(period=Q3)["level"]) == {
        "provincial",
        "prefecture",
        "county",
        "township",
    }
    tree = stations.station_figures(period=Q3, today=TODAY)
    assert tree["detached"].isna().all()
    assert tree["tier"].iloc[0] == 1
    assert (tree["tier"] == tree["depth"] + 1).all()


def test_use_in_the_sample_county_by_hand(sample: Store) -> None:
    """The months of every station, counted again in pandas from the rows themselves."""
    held = sample.query("select * from activities where status <> '已退回'")
    roster = sample.query("select delegate_id, township from delegates")
    network = sample.query("select station_id, township from stations").set_index("station_id")
    held = held.merge(roster, on="delegate_id", suffixes=("_said", ""))
    held = held[(held["date"] >= "2026-01-01") & (held["date"] <= "2026-09-30")]
    sent_by = {(row.township, row.date.quarter) for row in held.itertuples()}
    counts = held.groupby(["station_id", held["date"].dt.month]).size()
    wrong = []
    months = stations.station_months(period=Q3, today=TODAY)
    for row in months.itertuples():
        home = network.loc[row.station_id, "township"]
        known = pd.isna(home) or (home, row.month.quarter) in sent_by
        expected = counts.get((row.station_id, row.month.month), 0 if known else None)
        found = None if pd.isna(row.activities) else row.activities
        wrong += [(row.station_id, row.month, found, expected)] if found != expected else []
    assert wrong == []
    assert len(months) == 106 * 9
    whole = stations.station_figures(period=NINE_MONTHS, today=TODAY)
    named = held[held["station_id"].isin(network.index)]
    assert whole["activities"].sum() == len(named)
    assert whole["receptions"].sum() == (named["kind"] == "接待选民").sum()
    [county] = stations.network_figures(period=NINE_MONTHS, today=TODAY).to_dict("records")
    assert county["held"] == len(held)
    assert county["held"] - county["nameless"] - county["unknown"] == len(named)
    assert county["silent"] == (whole["activities"] == 0).sum()
