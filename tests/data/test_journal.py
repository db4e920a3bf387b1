"""The journal: after every commit one line, whatever crashes; and nobody is left in doubt."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from keeping import activity, county, crash, lines, upload

from data import backups, sample
from data.journal import Journal, Stand
from data.problems import DatabaseUnavailable
from data.store import Store, examine, open_store


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clean")
    county(folder)
    return folder


@pytest.fixture
def office(clean: Path, tmp_path: Path) -> Path:
    """The folder of an office that shut its program down."""
    return Path(shutil.copytree(clean, tmp_path / "office"))


@pytest.fixture
def house(office: Path) -> Iterator[Store]:
    opened = open_store(office / "office.duckdb")
    yield opened
    opened.close()


def test_a_line_per_commit(house: Store) -> None:
    """Each commit is one line with its version and the uploads that are new in it."""
    told = lines(house.journal.path)
    assert [(e["version"], [u["upload_id"] for u in e["uploads"]]) for e in told] == [
        (2, [1, 2]),
        (3, [3]),
        (4, [4]),
    ]
    ledger = house.query("select * from uploads where upload_id = 4").to_dict("records")[0]
    [line] = told[2]["uploads"]
    assert line == {name: ledger[name] for name in line}
    assert {"filename", "checksum", "kept", "digest", "state", "uploaded_by"} <= line.keys()


def test_a_change_of_state_is_told(house: Store) -> None:
    """An undo is a change of the ledger too; a commit without one says only its version."""
    with house.write() as cursor:
        cursor.execute("update uploads set state = 'reverted' where upload_id = 3")
    with house.write():
        pass
    undone, other = lines(house.journal.path)[3:]
    assert [(u["upload_id"], u["state"]) for u in undone["uploads"]] == [(3, "reverted")]
    assert (other["version"], other["uploads"]) == (6, [])


def test_emptying_the_sample_is_told(house: Store) -> None:
    """Uploads that are gone with the sample are gone from the journal's ledger."""
    with house.write() as cursor:
        cursor.execute("update house set sample = 'loaded'")
    sample.leave(house)
    assert house.journal.uploads == {}
    house.close()
    open_store(house.path).close()


def test_read_again_it_says_the_same(house: Store) -> None:
    """What is read from the file is what was kept in step with it."""
    upload(house, activity(5))
    house.journal.begun("a", "王", [{"filename": "f", "checksum": "c"}])
    again = Journal(house.path)
    assert (again.version, again.uploads) == (house.journal.version, house.journal.uploads)
    assert [job.job for job in again.interrupted()] == ["a"]
    assert not again.damaged


@pytest.mark.parametrize("moment", ["journal", "checkpoint"])
def test_a_crash_between_commit_and_checkpoint(office: Path, moment: str) -> None:
    """What was committed is served at the next start, and stands in the journal then."""
    crash(office, moment)
    database = office / "office.duckdb"
    assert Journal(database).version == (4 if moment == "journal" else 5)
    examine(database)
    opened = open_store(database)
    assert opened.query("select count(*) as n from activities")["n"].item() == 3
    assert Journal(database).version == opened.version == 5
    assert Journal(database).uploads[5]["filename"] == "last.csv"
    opened.close()


def test_a_crash_between_restore_and_line_is_no_loss(office: Path) -> None:
    """A restore drops uploads; a crash before its line is not taken for lost rows."""
    database = office / "office.duckdb"
    told = (office / "office.journal").read_bytes()
    backups.restore(database, backups.listed(database)[-1].name, "李")
    assert lines(office / "office.journal")[-1]["restored"] == backups.listed(database)[-1].name
    assert lines(office / "office.journal")[-1]["gone"] == [3, 4]
    (office / "office.journal").write_bytes(told)
    opened = open_store(database)
    assert set(Journal(database).uploads) == {1, 2}
    opened.close()


@pytest.mark.parametrize("left", [1, 20, -1])
def test_a_torn_last_line_is_overwritten(office: Path, left: int) -> None:
    """A line that a crash cut short is passed over, and its commit told anew."""
    file = office / "office.journal"
    whole = file.read_bytes()
    last = whole.splitlines(keepends=True)[-1]
    file.write_bytes(whole[: -len(last)] + last[:left])
    opened = open_store(office / "office.duckdb")
    told = lines(file)
    assert [e["version"] for e in told] == [2, 3, 4]
    upload(opened, activity(5))
    opened.close()
    assert not Journal(office / "office.duckdb").damaged
    assert [e["version"] for e in lines(file)] == [2, 3, 4, 5]


def test_lines_cannot_change_places(office: Path) -> None:
    """Each line vouches for the one before it."""
    file = office / "office.journal"
    first, second, third = file.read_bytes().splitlines(keepends=True)
    for other in (second + first + third, first + third + third, second + third):
        file.write_bytes(other)
        assert Journal(office / "office.duckdb").damaged


def test_a_line_that_cannot_be_written(
    house: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A commit stands though its line fails; it is logged, and told with the next commit, or at
    the next start.
    """

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken, caplog.at_level(logging.ERROR):
        broken.setattr(Journal, "_append", full)
        upload(house, activity(5))
        upload(house, activity(6))
    assert house.query("select count(*) as n from activities")["n"].item() == 4
    assert "lacks version 5" in caplog.text
    assert Journal(house.path).version == 4
    upload(house, activity(7))
    assert set(Journal(house.path).uploads) == {1, 2, 3, 4, 5, 6, 7}
    with monkeypatch.context() as broken:
        broken.setattr(Journal, "_append", full)
        upload(house, activity(8))
    house.close()
    open_store(house.path).close()
    assert set(Journal(house.path).uploads) == {*range(1, 9)}


def test_a_line_written_by_half(house: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a failed append left in the file is overwritten by the next."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("data.journal.os.fsync", full)
        house.journal.ended("none")
        house.journal.path.write_bytes(house.journal.path.read_bytes()[:-7])
    house.journal.begun("a", "王", [])
    again = Journal(house.path)
    assert (again.damaged, len(again.interrupted())) == (False, 1)


def test_a_missing_journal_is_begun_anew(house: Store, caplog: pytest.LogCaptureFixture) -> None:
    """A database without its journal, from another machine or an older version, is taken as it is;
    one that loses it while it runs gets a whole one with the next commit.
    """
    house.journal.path.unlink()
    upload(house, activity(5))
    assert set(Journal(house.path).uploads) == {1, 2, 3, 4, 5}
    house.close()
    house.journal.path.unlink()
    with caplog.at_level(logging.INFO):
        open_store(house.path).close()
    assert set(Journal(house.path).uploads) == {1, 2, 3, 4, 5}
    assert "journal" in caplog.text


def test_a_database_without_uploads_needs_no_journal(tmp_path: Path) -> None:
    """Nothing to lose, nothing to keep."""
    open_store(tmp_path / "x.duckdb").close()
    assert not (tmp_path / "x.journal").exists()


# --- jobs -------------------------------------------------------------------------------------


def announced(*files: tuple[str, str]) -> list[dict[str, object]]:
    return [
        {
            "filename": name,
            "checksum": checksum,
            "format": "activities",
            "quarter": "2026Q3",
            "mode": "add",
        }
        for name, checksum in files
    ]


def test_a_job_that_ends_leaves_no_doubt(house: Store) -> None:
    """Neither a running job nor one that ended is interrupted, here or after a restart."""
    house.journal.begun("a", "王", announced(("f", "c")))
    assert house.journal.interrupted() == []
    house.journal.ended("a", ["stored"])
    assert house.journal.interrupted() == []
    assert Journal(house.path).interrupted() == []


def test_an_interrupted_job_says_what_became_of_its_files(house: Store) -> None:
    """After a crash each file is said to be stored, as which upload, or not; the same file stored
    before the job began does not count; and an answered job is not told again.
    """
    early = activity(5)
    upload(house, early)
    late = activity(6, name="二.csv")
    house.journal.begun(
        "a", "王", announced(("一.csv", early.checksum), ("二.csv", late.checksum), ("三.csv", "x"))
    )
    upload(house, late)
    house.close()
    opened = open_store(house.path)
    [job] = opened.journal.interrupted()
    assert (job.job, job.by) == ("a", "王")
    assert [(f["filename"], f["upload_id"]) for f in job.files] == [
        ("一.csv", None),
        ("二.csv", 6),
        ("三.csv", None),
    ]
    opened.journal.ended("a", ["seen"])
    assert opened.journal.interrupted() == []
    opened.close()


def test_a_crash_while_storing_leaves_the_job(office: Path) -> None:
    """A process killed between begun and ended is found at the next start."""
    crash(office, "checkpoint")
    opened = open_store(office / "office.duckdb")
    [job] = opened.journal.interrupted()
    assert (job.job, job.by) == ("job-9", "王")
    opened.close()


def test_a_job_that_cannot_be_noted_is_not_begun(
    house: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the disk is full the clerk is told before anything is stored."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("data.journal.os.fsync", full)
        with pytest.raises(DatabaseUnavailable) as refused:
            house.journal.begun("a", "王", [])
    assert refused.value.code == "full"
    house.journal.begun("b", "王", [])
    assert [job.job for job in Journal(house.path).interrupted()] == ["b"]


def test_what_the_check_lets_pass(house: Store) -> None:
    """Equal versions want equal ledgers; a database ahead may have undone an upload, no more."""
    journal = house.journal
    line = journal.uploads[4]
    undone = {**journal.uploads, 4: {**line, "state": "reverted"}}
    fewer = {n: u for n, u in journal.uploads.items() if n != 4}
    other = {**journal.uploads, 4: {**line, "kept": 2}}
    faults = {
        name: refused(journal, stand)
        for name, stand in {
            "equal": Stand(4, None, journal.uploads, {}),
            "ahead": Stand(5, None, journal.uploads, {}),
            "ahead, undone": Stand(5, None, undone, {}),
            "ahead, restored": Stand(5, None, fewer, {5: "b"}),
            "restored before": Stand(5, None, fewer, {4: "b"}),
            "older": Stand(3, None, journal.uploads, {}),
            "undone unseen": Stand(4, None, undone, {}),
            "ahead, fewer": Stand(5, None, fewer, {}),
            "ahead, other rows": Stand(5, None, other, {}),
        }.items()
    }
    assert [name for name, fault in faults.items() if fault == "behind"] == [
        "restored before",
        "older",
        "undone unseen",
        "ahead, fewer",
        "ahead, other rows",
    ]


def refused(journal: Journal, stand: Stand) -> str:
    try:
        journal.check(stand)
    except DatabaseUnavailable as fault:
        return fault.code
    return ""
