"""Several at once: writers one after the other, readers undisturbed, each seeing whole uploads."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from deeds import WANG
from files import ACTIVITIES, csv_bytes, registers_of_two_townships, sheet
from keeping import activity, upload

from data import backups
from data import store as stores
from data.problems import DatabaseUnavailable
from data.store import Store, open_store
from data.uploads import desk
from data.uploads.check import Sent, check_all, registers
from data.uploads.ledger import (
    Preview,
    Receipt,
    reverse,
    supposing_reversed,
    supposing_stored,
    upload_together,
)

ROWS = 200_000
HELD = "select (select count(*) from activities) as n, data_version as v from house"


@pytest.fixture
def office(house: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The small county as this process's store, as the desk has it."""
    monkeypatch.setattr(stores, "_open", {house.path: house})
    monkeypatch.setattr(stores, "_chosen", house.path)
    return house


def previews_of(*files: Sent) -> list[Preview]:
    checked = desk.check(files, WANG)
    with desk.supposing_stored(checked, checked, WANG) as previews:
        return previews


def count(house: Store) -> int:
    return int(house.query("select count(*) as n from activities")["n"].item())


def at_once(tasks: list[Callable[[], Any]]) -> list[Any]:
    """What the tasks return, begun in the same moment on threads of their own."""
    results: list[Any] = [None] * len(tasks)
    together = threading.Barrier(len(tasks))

    def run(number: int) -> None:
        together.wait()
        results[number] = tasks[number]()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(tasks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


# --- writers ----------------------------------------------------------------------------------

OURS = [f"007,接待选民,2026-07-{day:02},1,甲" for day in range(1, 11)]
THEIRS = [*OURS[:5], *(f"007,接待选民,2026-07-{day:02},1,乙" for day in range(1, 11))]


@pytest.mark.parametrize("replace", [False, True])
def test_two_desks(office: Store, replace: bool) -> None:
    """Of two clerks who looked at one quarter and then both store, one stores what was shown; for
    the other it would be something else by now: nothing is stored, and looking again says what.
    """
    files = [
        Sent("甲.csv", sheet(ACTIVITIES, *OURS).content, replace=replace),
        Sent("乙.csv", sheet(ACTIVITIES, *THEIRS).content, replace=replace),
    ]
    shown = [previews_of(file) for file in files]
    storings = at_once([lambda p=p: desk.start(p, WANG) for p in shown])  # type: ignore[misc]
    assert all(storing.wait(30) for storing in storings)
    outcomes = [storing.receipts[0].outcome for storing in storings]
    assert sorted(outcomes) == ["outdated", "stored"]
    won = outcomes.index("stored")
    assert count(office) == len([OURS, THEIRS][won])
    [again] = previews_of(files[1 - won])
    receipt = again.receipt
    assert receipt.outcome == "stored"
    assert receipt.unchanged == 5
    assert receipt.added == len([OURS, THEIRS][1 - won]) - 5
    assert receipt.missing == len([OURS, THEIRS][won]) - 5
    storing = desk.start([again], WANG)
    assert storing.wait(30)
    assert storing.is_settled
    assert count(office) == (len([OURS, THEIRS][1 - won]) if replace else 20)
    assert office.journal.interrupted() == []


def test_two_of_the_same(office: Store) -> None:
    """The same file twice at once: one is stored, of the other nobody is told that it was."""
    file = sheet(ACTIVITIES, *OURS)
    shown = [previews_of(file) for _ in range(2)]
    storings = at_once([lambda p=p: desk.start(p, WANG) for p in shown])  # type: ignore[misc]
    assert all(storing.wait(30) for storing in storings)
    assert sorted(s.receipts[0].outcome for s in storings) == ["outdated", "stored"]
    assert count(office) == 10
    [preview] = previews_of(file)
    assert (preview.receipt.outcome, preview.receipt.unchanged) == ("unchanged", 10)


def test_overlapping_without_a_preview(house: Store) -> None:
    """Of files that overlap, stored at once, each row comes once and each count is right."""
    checked = [check_all([sheet(ACTIVITIES, *lines)], registers(house)) for lines in (OURS, THEIRS)]
    receipts: list[list[Receipt]] = at_once(
        [lambda c=c: upload_together(house, c) for c in checked]  # type: ignore[misc]
    )
    (first,), (second,) = receipts
    assert (first.outcome, second.outcome) == ("stored", "stored")
    assert first.added + second.added == count(house) == 20
    assert {first.unchanged, second.unchanged} == {0, 5}


def test_an_upload_and_an_undo(house: Store) -> None:
    """An upload at the moment when another is taken back ends as one after the other would."""
    [first] = upload_together(house, check_all([sheet(ACTIVITIES, *OURS)], registers(house)))
    checked = check_all([sheet(ACTIVITIES, *THEIRS)], registers(house))
    number = first.upload_id
    assert number is not None
    at_once(
        [
            lambda: upload_together(house, checked),
            lambda: reverse(house, number, "undo", "错了", "王"),
        ]
    )
    assert count(house) == len(THEIRS)
    assert house.query("select count(*) as n from activities where upload_id = $n", {"n": number})[
        "n"
    ].tolist() == [0]


def _refusal(path: Path, says: Any) -> None:
    try:
        open_store(path)
    except DatabaseUnavailable as fault:
        says.send((fault.code, str(fault)))
    else:
        says.send(("opened", ""))


def test_a_second_process(house: Store) -> None:
    """Another process gets told who holds the database, also during a write; nothing is harmed."""
    process = multiprocessing.get_context("spawn")
    hears, says = process.Pipe(duplex=False)
    with house.write():
        second = process.Process(target=_refusal, args=(house.path, says))
        second.start()
        assert hears.poll(60)
        code, sentence = hears.recv()
        second.join()
    assert code == "held"
    assert str(multiprocessing.current_process().pid) in sentence
    upload(house, activity(1))
    assert count(house) == 1


# --- readers ----------------------------------------------------------------------------------


@contextmanager
def reading(house: Store, sql: str = HELD) -> Iterator[tuple[set[tuple[Any, ...]], list[float]]]:
    """Two threads that ask the same again and again: what they were told, and the seconds of each."""
    done = threading.Event()
    told: set[tuple[Any, ...]] = set()
    seconds: list[float] = []

    def read() -> None:
        while not done.is_set():
            start = time.perf_counter()
            rows = house.query(sql)
            seconds.append(time.perf_counter() - start)
            told.update(rows.itertuples(index=False, name=None))

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        yield told, seconds
    finally:
        done.set()
        for thread in threads:
            thread.join(60)


def long_file(content: str) -> Sent:
    days = [f"2026-07-{day:02}" for day in range(1, 31)]
    rows = (
        [("007", "D2", "D3")[row % 3], "接待选民", days[row % 30], 1 + row % 9, f"{content}{row}"]
        for row in range(ROWS)
    )
    return Sent("2026Q3.csv", csv_bytes([ACTIVITIES.split(","), *rows]))


def test_readers_of_a_long_upload(
    house: Store, record_property: Callable[[str, object], None]
) -> None:
    """While 200,000 rows are stored, taken back and put in force again, and while a backup is
    restored, readers are answered all along, and see none of the rows or all.
    """
    upload(house, activity(1))
    with reading(house) as (_, idle):
        time.sleep(1)
    checked = check_all([long_file("内容")], registers(house))
    before = house.version
    with reading(house) as (told, busy):
        start = time.perf_counter()
        [receipt] = upload_together(house, checked)
        lasted = time.perf_counter() - start
        assert receipt.upload_id is not None
        stored = len(busy)
        reverse(house, receipt.upload_id, "undo", "错了", "王")
        reverse(house, receipt.upload_id, "redo", "没错", "王")
    many = ROWS + 1
    assert told <= {
        *((1, before), (many, before + 1), (1, before + 2), (many, before + 3)),
    }
    assert len(told) > 1
    pace = (
        f"store {lasted:.1f} s, {stored} answers meanwhile; idle median {1e3 * median(idle):.1f} ms,"
        f" busy median {1e3 * median(busy[:stored]):.1f} ms, longest {1e3 * max(busy):.0f} ms"
    )
    print(pace)
    record_property("pace", pace)
    assert stored > 10
    assert median(busy[:stored]) < 20 * median(idle) + 0.05, pace
    assert max(busy[:stored]) < max(lasted / 2, 0.5), pace
    # Back to where there was one row: the same holds for a restore.
    first = backups.listed(house.path)[-1]
    with reading(house) as (told, _):
        time.sleep(0.1)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(stores, "_open", {house.path: house})
            backups.restore(house.path, first.name, "李")
    assert {rows for rows, _ in told} <= {many, 0}
    assert count(house) == 0


@contextmanager
def a_busy_machine() -> Iterator[None]:
    """Others at work on it, so that a thread may be interrupted in the middle of anything."""
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(3)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


def test_no_row_is_seen_before_its_commit(tmp_path: Path) -> None:
    """Of an upload of more rows than DuckDB puts into one row group, a reader sees nothing until
    it is committed, and then all, at the data version of that commit.

    DuckDB 1.5.5 by itself shows rows that it inserted in parallel in the midst of the commit,
    some of them or all, beside the other tables as they were before; hence one thread.
    """
    rows = 130_000
    house = open_store(tmp_path / "house.duckdb")
    before = house.version
    with a_busy_machine(), reading(house) as (told, _):
        for number in range(8):
            with house.write() as cursor:
                cursor.execute(f"create or replace temp table many as from range({rows})")
                cursor.execute(MANY_ROWS, [number])
    house.close()
    assert told <= {(number * rows, before + number) for number in range(9)}


MANY_ROWS = """
insert into stored_activities (upload_id, row_number, fingerprint, delegate_id, kind, date)
select ?, range, md5(range::varchar), '007', '接待选民', '2026-07-01' from many
"""


def test_a_reader_stays_with_its_answer(house: Store) -> None:
    """Within one question both counts are of one moment, whatever is committed meanwhile."""
    both = (
        "select (select count(*) from activities) as n,"
        " (select coalesce(sum(added), 0) from uploads where format = 'activities'"
        " and state = 'stands') as added"
    )
    with reading(house, both) as (told, _):
        for day in range(1, 8):
            upload(house, activity(day))
        for number in (3, 5):
            reverse(house, number, "undo", "错了", "王")
    assert told
    assert all(rows == added for rows, added in told)


def test_nobody_else_sees_a_preview(house: Store) -> None:
    """What a clerk is shown as if it were done, storing or taking back, no other thread reads."""
    upload(house, activity(1))
    [number] = house.query("select max(upload_id) as n from uploads")["n"]
    checked = check_all([sheet(ACTIVITIES, *OURS)], registers(house))
    version = house.version
    with reading(house) as (told, _):
        with supposing_stored(house, checked, checked) as [preview]:
            assert preview.receipt.outcome == "stored"
            assert count(house) == 11
            time.sleep(0.2)
        with supposing_reversed(house, int(number), "undo") as reversal:
            assert reversal.gone == {number: 1}
            assert count(house) == 0
            time.sleep(0.2)
    assert told == {(1, version)}
    assert count(house) == 1
    upload(house, *[c.sent for c in checked])
    assert count(house) == 11


def test_two_previews(office: Store) -> None:
    """Two clerks who look at the same time each see their own file alone."""

    def look(lines: list[str]) -> tuple[int, int]:
        checked = desk.check([sheet(ACTIVITIES, *lines)], WANG)
        with desk.supposing_stored(checked, checked, WANG) as [preview]:
            return preview.receipt.added, count(office)

    for _ in range(3):
        found = at_once([lambda: look(OURS), lambda: look(THEIRS)])
        assert found == [(10, 10), (15, 15)]
    assert count(office) == 0


def test_registers_at_once(tmp_path: Path) -> None:
    """Two who send the same registers to an empty database at once enter each of them once."""
    house = open_store(tmp_path / "new.duckdb")
    checked = [check_all(registers_of_two_townships(), registers(house)) for _ in range(2)]
    receipts = at_once([lambda c=c: upload_together(house, c) for c in checked])  # type: ignore[misc]
    assert sorted(r.outcome for batch in receipts for r in batch) == [
        *["stored"] * 2,
        *["unchanged"] * 2,
    ]
    assert house.query("select count(*) as n from stored_delegates")["n"].tolist() == [4]
    house.close()
