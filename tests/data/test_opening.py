"""Opening at server start: in the background, with the sample county only where nobody else is."""

import threading
import time
from pathlib import Path

import pytest
from keeping import county

from data import backups, opening, sample, store
from data.record import record


@pytest.fixture(autouse=True)
def fresh_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As in a process that has opened nothing yet; 36 delegates are sample enough."""
    monkeypatch.setattr(opening, "_opening", None)
    monkeypatch.setattr(store, "_open", {})
    monkeypatch.setattr(store, "_chosen", None)
    monkeypatch.setattr(store, "DEFAULT_PATH", tmp_path / "files" / "delegates.duckdb")
    monkeypatch.delenv("DELEGATES_DATABASE", raising=False)


def finished() -> opening.Opening:
    begun = opening.begin()
    for _ in range(600):
        if begun.ready or begun.fault:
            return begun
        time.sleep(0.05)
    raise TimeoutError


def test_default_place_begins_with_the_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that does not exist yet at the default place is filled with the sample."""
    asked = []

    def load(house: store.Store, progress: object) -> int:
        asked.append(house.sample)
        return 0

    monkeypatch.setattr(sample, "load", load)
    begun = finished()
    assert (begun.ready, asked, store.store().sample) == (True, ["loading"], "loaded")
    assert opening.begin() is begun
    # The next start finds it loaded.
    monkeypatch.setattr(opening, "_opening", None)
    assert (finished().ready, asked) == (True, ["loading"])
    assert record().entries()["deed"].tolist() == ["started", "started", "sample_loaded"]
    store.store().close()


def test_own_database_gets_no_sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An office that names its own database never gets invented people in it."""
    monkeypatch.setenv("DELEGATES_DATABASE", str(tmp_path / "own.duckdb"))
    assert finished().ready
    assert store.store().sample is None
    store.store().close()


def test_fault_is_told_and_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stopped the opening is told; once it is mended, trying again succeeds."""
    place = tmp_path / "own.duckdb"
    monkeypatch.setenv("DELEGATES_DATABASE", str(place))
    place.mkdir()
    fault = finished().fault
    assert fault is not None
    assert fault.code == "directory"
    place.rmdir()
    assert finished().fault is fault
    opening.again()
    assert finished().ready
    store.store().close()


def test_a_restored_database_opens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault that a backup mends is gone once the backup is put back and opening tried again;
    and what is open is backed up every day.
    """
    place = tmp_path / "office.duckdb"
    county(tmp_path)
    made = backups.listed(place)
    place.write_text("damaged")
    monkeypatch.setenv("DELEGATES_DATABASE", str(place))
    fault = finished().fault
    assert fault is not None
    assert fault.code == "not_a_database"
    backups.restore(place, made[0].name, "李")
    opening.again()
    assert finished().ready
    assert store.store().query("select count(*) as n from uploads")["n"].item() == 3
    assert [t for t in threading.enumerate() if t.name == "backups"]
    store.store().close()


@pytest.mark.parametrize("way", ["computer", "accounts"])
def test_a_start_is_on_record(way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once per start: how people come in, and which data are served."""
    place = tmp_path / "office.duckdb"
    monkeypatch.setenv("DELEGATES_DATABASE", str(place))
    if way != "computer":
        place.with_suffix(".door.toml").write_text(f'way = "{way}"', "utf-8")
    county(tmp_path)
    for _ in range(2):
        monkeypatch.setattr(opening, "_opening", None)
        assert finished().ready
        assert finished().ready
        version = store.store().version
        store.store().close()
        store._open.clear()
    told = record().entries()
    assert told["deed"].tolist() == ["started"] * 2
    assert told["what"][0] == {"way": way, "version": version}


@pytest.mark.parametrize("way", ["computer", "accounts"])
def test_a_record_that_cannot_be_written(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """On one computer the pages open without it, and the log says so; where people sign in they
    do not, until it can be written again.
    """
    place = tmp_path / "own.duckdb"
    monkeypatch.setenv("DELEGATES_DATABASE", str(place))
    place.with_suffix(".record").mkdir()
    if way == "computer":
        assert finished().ready
        assert "not on record: started" in caplog.text
    else:
        place.with_suffix(".door.toml").write_text(f'way = "{way}"', "utf-8")
        fault = finished().fault
        assert fault is not None
        assert (fault.code, finished().ready) == ("unrecorded", False)
        place.with_suffix(".record").rmdir()
        opening.again()
        assert finished().ready
    store.store().close()
