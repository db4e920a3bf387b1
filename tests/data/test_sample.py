"""The sample county: what was published about 2023 can be read back from it."""

from pathlib import Path

import duckdb
import pytest

from data import sample
from data.sample.county import county
from data.store import Store, open_store
from data.uploads.check import Sent, check_all, registers
from data.uploads.ledger import upload_together


def one(database: Path, sql: str) -> object:
    with duckdb.connect(database, read_only=True) as connection:
        row = connection.execute(sql).fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize(
    ("sql", "low", "high"),
    [
        ("select count(*) from delegates", 968, 968),
        ("select count(*) from townships", 18, 18),
        ("select count(distinct (year(date), quarter(date))) from activities", 15, 15),
        (
            "select count(*) from opinions where campaign = '共同缔造' and year(date) = 2023"
            " and outcome = '已解决' and year(closed) = 2023",
            470,
            470,
        ),
        (
            "select count(*) from activities join delegates using (delegate_id)"
            " where delegates.township = '丹赵路街道' and year(date) = 2023"
            " and activities.kind = '接待选民' and status <> '已退回'",
            21,
            29,
        ),
        (
            "select count(*) from opinions join delegates using (delegate_id)"
            " where delegates.township = '丹赵路街道' and year(date) = 2023",
            52,
            52,
        ),
    ],
)
def test_published_totals(sample_database: Path, sql: str, low: int, high: int) -> None:
    """The totals that the congress published hold after loading through the upload path."""
    found = one(sample_database, sql)
    assert isinstance(found, int)
    assert low <= found <= high


def test_nothing_but_files(sample_database: Path) -> None:
    """Every stored row came from a file of the ledger, and some were updated by later files."""
    with duckdb.connect(sample_database, read_only=True) as connection:
        formats = connection.execute("select distinct format from uploads").fetchall()
        for (name,) in formats:
            stray = f"select count(*) from stored_{name} anti join uploads using (upload_id)"
            assert connection.execute(stray).fetchall() == [(0,)]
        [(added, changed)] = connection.execute(
            "select sum(added), sum(changed) from uploads"
        ).fetchall()
        assert min(added, changed) > 0
    assert one(sample_database, "select sample from house") == "loaded"


def test_deterministic() -> None:
    """The same number of delegates gives the same bytes."""
    first, second = county(60), county(60)
    assert [(f.name, f.content()) for f in first] == [(f.name, f.content()) for f in second]


def test_clean(tmp_path: Path) -> None:
    """No file of the sample has an error or a warning: it is what a careful office sends."""
    store = open_store(tmp_path / "sample.duckdb")
    sent = [Sent(file.name, file.content()) for file in county(36)]
    receipts = upload_together(store, check_all(sent, registers(store)))
    store.close()
    problems = [p for r in receipts for p in r.problems if p.level != "note"]
    assert [(p.code, p.row) for p in problems] == []
    assert {r.outcome for r in receipts} == {"stored"}


def rows(store: Store) -> int:
    return int(store.query("select sum(added) as added from uploads")["added"].iloc[0])


def test_from_cut_short_to_left(tmp_path: Path) -> None:
    """A load that was cut short goes on where it stopped; only a sample can be emptied."""
    store = open_store(tmp_path / "sample.duckdb")

    def stop(share: float) -> None:
        if share > 0.3:
            raise InterruptedError

    sample.begin(store)
    with pytest.raises(InterruptedError):
        sample.load(store, 36, stop)
    assert store.sample == "loading"
    half = rows(store)
    sample.load(store, 36)
    sample.finish(store)
    assert store.sample == "loaded"
    assert half < rows(store)
    doubles = "select count(*) as n from uploads group by checksum having n > 1"
    assert store.query(doubles).empty

    version = store.version
    sample.leave(store)
    assert (store.sample, store.version) == (None, version + 1)
    assert store.query("select * from delegates").empty
    assert store.query("select * from uploads").empty
    with pytest.raises(ValueError, match="sample"):
        sample.leave(store)
    store.close()
