"""The record of deeds: what was written stays, or it shows; and one deed is one line."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keeping import activity, county, upload

from data import opening
from data import record as records
from data import store as stores
from data.access import Visitor, accounts
from data.journal import Journal
from data.problems import DatabaseUnavailable
from data.record import DEEDS, Deed, Fault, Record, head, record

ROOT = Path(__file__).parents[2]
KEY = b"k" * 32
WANG = Visitor("王芳", "wang", "county_clerk", address="10.0.0.7", ticket="opens-nothing")
COUNT = 6


def lines(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines(keepends=True)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A record of a few deeds."""
    path = tmp_path_factory.mktemp("written") / "office.record"
    book = Record(path, KEY)
    for number in range(1, COUNT + 1):
        book.note("upload", WANG, file=f"{number}.csv", rows=number)
    return path


@pytest.fixture
def path(written: Path, tmp_path: Path) -> Path:
    """A copy of it, to do with as one likes."""
    return Path(shutil.copy(written, tmp_path / "office.record"))


def found(path: Path, *anchors: tuple[int, str]) -> Fault | None:
    """What is told after a restart."""
    return Record(path, KEY).fault(anchors)


def test_what_is_noted_is_read(tmp_path: Path) -> None:
    """Who, when, from where and what, newest first; the ticket of the session is not in it."""
    book = Record(tmp_path / "office.record", KEY)
    book.note("sign_in", WANG)
    book.note("upload", Visitor("李"), file="一.csv", rows=3, share=0.5, whole=True, other=None)
    book.note("account_changed", WANG, townships=["东镇", "西镇"])
    for told in (book.entries(), Record(book.path, KEY).entries()):
        assert list(told["number"]) == [3, 2, 1]
        assert list(told["deed"]) == ["account_changed", "upload", "sign_in"]
        assert list(told["what"]) == [
            {"townships": ["东镇", "西镇"]},
            {"file": "一.csv", "rows": 3, "share": 0.5, "whole": True, "other": None},
            {},
        ]
        assert told["at"].dtype.kind == "M"
        assert told["seal"][0] == book.head[1]
        first = told.iloc[2]
        assert (first["account"], first["name"], first["role"], first["address"]) == (
            *("wang", "王芳", "county_clerk", "10.0.0.7"),
        )
        assert told["account"].isna().tolist() == [False, True, False]
    assert b"opens-nothing" not in book.path.read_bytes()
    assert book.fault() is None


def test_an_empty_record(tmp_path: Path) -> None:
    """Nothing noted is nothing wrong, unless something was."""
    book = Record(tmp_path / "office.record", KEY)
    assert (book.fault(), book.head, len(book.entries())) == (None, (0, ""), 0)
    assert book.fault([(3, "abc")]) == Fault(1, missing=True)


def test_columns_that_say_nothing(tmp_path: Path) -> None:
    """Where nobody has an account, or nothing is noted, columns are what they always are."""
    kinds = []
    for who in ((), (Visitor(),), (Visitor(), WANG)):
        book = Record(tmp_path / f"{len(who)}.record", KEY)
        for doer in who:
            book.note("sign_in", doer)
        kinds.append({str(kind) for kind in book.entries().drop(columns="what").dtypes})
    assert kinds[0] == kinds[1] == kinds[2] == {"int64", "datetime64[us]", "str"}


def test_every_deed_has_its_name() -> None:
    """Each deed can be said; what is no deed is not noted."""
    assert set(get_args(Deed)) == set(DEEDS)
    assert len(set(DEEDS.values())) == len(DEEDS)


def test_what_is_no_deed(tmp_path: Path) -> None:
    """A deed that nobody could look for is a mistake of ours."""
    with pytest.raises(ValueError, match="no deed"):
        Record(tmp_path / "x.record", KEY).note("upload\n", WANG)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "name", ["password", "token", "code", "secret", "cookie", "ticket", "new_password", "code_of"]
)
def test_what_opens_something_is_not_noted(tmp_path: Path, name: str) -> None:
    """A key that names a secret raises, before anything is written."""
    book = Record(tmp_path / "office.record", KEY)
    with pytest.raises(ValueError, match=name):
        book.note("sign_in", WANG, **{name: "x"})
    assert not book.path.exists()
    book.note("upload", WANG, encoding="utf-8")


def test_long_texts_are_cut(tmp_path: Path) -> None:
    """A name of a megabyte is no line of a megabyte."""
    book = Record(tmp_path / "office.record", KEY)
    long = "长" * 10**6
    book.note("upload", Visitor(long, long, address=long), file=long, files=["长" * 301] * 301)
    assert book.path.stat().st_size < 300 * 1000
    [entry] = book.entries().to_dict("records")
    assert len(entry["name"]) == len(entry["what"]["file"]) == 301
    assert len(entry["what"]["files"]) == 300
    assert head(book.path) == book.head


NASTY = [
    'x","seal":"' + "0" * 64 + '"}\n{"n":2,"at":"2026-01-01T00:00:00","deed":"sign_in',
    "a\nb",
    "a\r\nb\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029c",
    "\x1b[2K\x1b[1Aroot\x07\x9b31m",
    '=cmd|"/c calc"!A1,"; drop table x;--',
    "\u202egpj.exe\u2066\ufeff\u200b",
    "\x00\ud800",
    "\\u000a\\",
    "<b>*a*</b>",
]


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.sampled_from(NASTY), st.text(max_size=40)))
def test_one_deed_is_one_line(text: str) -> None:
    """Whatever somebody is called: no second line, no hidden sign, and read back as it was."""
    told = records._text({"name": text, "what": {"file": text, "list": [text]}})
    assert len(told.decode().splitlines()) == 1
    assert not any(sign in told.decode() for sign in "\x1b\x7f\x85\u2028\u202e\u200b")
    assert json.loads(told) == {"name": text, "what": {"file": text, "list": [text]}}


@pytest.mark.parametrize("text", NASTY)
def test_a_nasty_name_in_the_file(tmp_path: Path, text: str) -> None:
    """The same through the file: as many lines as deeds, whatever reads them."""
    book = Record(tmp_path / "office.record", KEY)
    for _ in range(3):
        book.note("upload", Visitor(text, text, address=text), file=text)
    text = text.replace("\ud800", "?")
    assert len(book.path.read_text("utf-8").splitlines()) == 3
    again = Record(book.path, KEY)
    assert again.fault() is None
    assert again.entries()["name"].tolist() == [text] * 3
    assert [what["file"] for what in again.entries()["what"]] == [text] * 3


# --- tampering --------------------------------------------------------------------------------


def test_any_changed_sign_is_found(path: Path) -> None:
    """Each single byte of each line: the entry it stands in is told."""
    whole = path.read_bytes()
    end = 0
    for number, line in enumerate(lines(path), 1):
        begin, end = end, end + len(line)
        for place in range(begin, end):
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
            if place == len(whole) - 1:  # its line break: as a crash leaves it
                assert found(path, (COUNT, "…")) == Fault(COUNT, missing=True)
                continue
            fault = found(path)
            assert fault is not None
            assert fault.number == number


def test_any_lost_line_is_found(path: Path) -> None:
    """Taken out, doubled, put elsewhere: the first entry that is not in its place is told."""
    told = lines(path)
    for place in range(COUNT - 1):  # for the last see below
        path.write_bytes(b"".join(told[:place] + told[place + 1 :]))
        assert found(path) == Fault(place + 1, missing=False)
    for place, other in combinations(range(COUNT), 2):
        swapped = list(told)
        swapped[place], swapped[other] = told[other], told[place]
        path.write_bytes(b"".join(swapped))
        fault = found(path)
        assert fault is not None
        assert fault.number == place + 1
    for place in range(COUNT + 1):
        for strange in (told[2], b"\n", b"{}\n", b"[1]\n", b'{"n":1}\n', b"\xff\n", b"\r\n"):
            path.write_bytes(b"".join([*told[:place], strange, *told[place:]]))
            if (place, strange) == (2, told[2]):
                place = 3  # before its like or behind it, it is the second that is too many
            fault = found(path)
            assert fault is not None
            assert fault.number == place + 1


def test_any_cut_is_found(path: Path) -> None:
    """Wherever the file ends too early: by what was anchored elsewhere, and at once by a process
    that knew more.
    """
    whole = path.read_bytes()
    ends = [0]
    for line in lines(path):
        ends.append(ends[-1] + len(line))
    anchor = Record(path, KEY).head
    for length in range(0, len(whole), 7):
        path.write_bytes(whole)
        running = Record(path, KEY)
        assert running.head == anchor
        path.write_bytes(whole[:length])
        left = sum(end <= length for end in ends) - 1
        assert found(path, anchor) == running.fault() == Fault(left + 1, missing=True)


def test_a_record_that_is_gone(path: Path) -> None:
    """Deleted, all of it is missing; what is noted next does not hide that, restart or not."""
    running = Record(path, KEY)
    [number, seal] = running.head
    path.unlink()
    assert running.fault() == found(path, (number, seal)) == Fault(1, missing=True)
    running.note("sign_in", WANG)
    assert running.fault() == found(path) == Fault(1, missing=False)


@pytest.mark.parametrize("left", [0, 1, COUNT - 1])
def test_a_cut_is_not_healed(path: Path, left: int) -> None:
    """What is noted after a cut follows what was there before it, so the gap shows for ever."""
    running = Record(path, KEY)
    assert running.head[0] == COUNT
    path.write_bytes(b"".join(lines(path)[:left]))
    running.note("sign_in", WANG)
    assert running.fault() == found(path) == Fault(left + 1, missing=False)
    assert Record(path, KEY).entries()["number"].tolist() == [COUNT + 1, *range(left, 0, -1)]
    Record(path, KEY).note("sign_out", WANG)
    assert found(path) == Fault(left + 1, missing=False)


def test_a_change_while_it_runs(path: Path) -> None:
    """Entries read long ago are still looked at: a change shows at the next look."""
    running = Record(path, KEY)
    assert running.fault() is None
    path.write_bytes(path.read_bytes().replace(b"3.csv", b"9.csv"))
    assert running.fault() == Fault(3, missing=False)
    running.note("sign_in", WANG)
    assert running.fault() == found(path) == Fault(3, missing=False)
    assert running.entries()["number"].tolist() == list(range(COUNT + 1, 0, -1))


STRANGE = {
    b'"n":2,': b'"n":"2",',
    b'"n":2,"at":"20': b'"n":2e300,"at":"20',
    b'"n":2,"at"': b'"n":-2,"at"',
    b'"deed":"upload"': b'"deed":["upload"]',
    b'"name":"': b'"name":"\\ud800',
    b'"address":"10': b'"address":null,"a":"10',
    b'"what":{"file":"2.csv","rows":2}': b'"what":[1]',
    b'csv","rows":2}': b'csv","rows":{"a":[{}]}}',
    b',"at":"20': b',"at":"20x',
    b'","deed"': b'+08:00","deed"',
    b"2.csv": b"2\r\n.csv",
}


@pytest.mark.parametrize("before", STRANGE)
def test_a_strange_line(path: Path, before: bytes) -> None:
    """Whatever somebody writes into a line, the rest can be read, noted after, and shown."""
    told = lines(path)
    strange = told[1].replace(before, STRANGE[before], 1)
    assert strange != told[1]
    path.write_bytes(b"".join([told[0], strange, *told[2:]]))
    book = Record(path, KEY)
    assert book.fault() == Fault(2, missing=False)
    book.note("sign_in", WANG)
    assert path.read_bytes().startswith(b"".join([told[0], strange, *told[2:]]))
    shown = book.entries()
    assert shown["number"].tolist() in ([7, 6, 5, 4, 3, 1], [7, 6, 5, 4, 3, 2, 1])
    assert shown["at"].dtype.kind == "M"
    shown.to_csv()
    path.write_bytes(strange)
    assert book.fault() == Fault(1, missing=False)
    path.write_bytes(b"x\n")
    fresh = Record(path, KEY)
    assert fresh.fault() == Fault(1, missing=False)
    path.write_bytes(b"y\nz\n")
    assert fresh.fault() == Fault(1, missing=False)


def test_a_record_made_anew(path: Path) -> None:
    """One sealed with another key holds nowhere; one with the same key contradicts its anchor,
    at once for who knew it.
    """
    running = Record(path, KEY)
    head = running.head
    anchors = [(2, running._seals[2]), head, (5, running._seals[5])]
    assert running.fault(anchors) is None
    for key in (b"another", KEY):
        path.unlink()
        forged = Record(path, key)
        for number in range(1, COUNT + 3):
            forged.note("upload", WANG, file=f"{number}.csv", rows=0)
        if key != KEY:
            assert found(path) == running.fault() == Fault(1, missing=False)
        else:
            assert found(path) is None
            assert found(path, *anchors) == Fault(2, missing=False)
            assert running.fault() is not None
        assert forged.fault() is None
        path.write_bytes(b"")


# --- crashes and full disks -------------------------------------------------------------------


@pytest.mark.parametrize("left", [1, 20, -1])
def test_a_torn_last_line(path: Path, left: int) -> None:
    """A line that a crash cut short is no fault, and is overwritten by the next."""
    *whole, last = lines(path)
    path.write_bytes(b"".join(whole) + last[:left])
    assert found(path) is None
    assert head(path) == Record(path, KEY).head
    Record(path, KEY).note("sign_in", WANG)
    assert found(path) is None
    assert Record(path, KEY).entries()["number"].tolist() == list(range(COUNT, 0, -1))
    assert lines(path)[:-1] == whole


def test_a_record_that_cannot_be_written(tmp_path: Path) -> None:
    """It says so with the file and what to do, and notes again once it can."""
    place = tmp_path / "office.record"
    place.mkdir()
    book = Record(place, KEY)
    for attempt in (lambda: book.note("sign_in", WANG), book.entries, book.fault):
        with pytest.raises(DatabaseUnavailable) as refused:
            attempt()
        assert refused.value.code == "unrecorded"
        assert str(place) in str(refused.value)
    place.rmdir()
    book.note("sign_in", WANG)
    assert book.fault() is None
    with pytest.raises(DatabaseUnavailable):
        Record(tmp_path / "nowhere" / "office.record", KEY).note("sign_in", WANG)


@pytest.mark.skipif(os.name == "nt", reason="limits are things of Unix")
@pytest.mark.parametrize("room", [0, 1, 50])
def test_a_full_disk(path: Path, room: int) -> None:
    """An entry that does not fit leaves nothing behind, and is not taken for noted."""
    import resource

    book = Record(path, KEY)
    before, known = path.read_bytes(), book.head
    free = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + room, free[1]))
    try:
        with pytest.raises(DatabaseUnavailable):
            book.note("sign_in", WANG)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, free)
    assert (path.read_bytes(), book.head, book.fault()) == (before, known, None)
    book.note("sign_in", WANG)
    assert (found(path), book.head[0]) == (None, COUNT + 1)


def test_an_entry_that_does_not_reach_the_disk(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Written but not forced to the disk is not noted."""
    book = Record(path, KEY)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("data.record.os.fsync", full)
        with pytest.raises(DatabaseUnavailable):
            book.note("sign_in", WANG)
    assert len(lines(path)) == COUNT
    book.note("sign_out", WANG)
    assert Record(path, KEY).entries()["deed"].tolist()[:2] == ["sign_out", "upload"]
    assert found(path) is None


# --- together ---------------------------------------------------------------------------------

NOTING = """
import sys
from pathlib import Path
from data.access import Visitor
from data.record import Record
book = Record(Path(sys.argv[1]), b"k" * 32)
for number in range(int(sys.argv[3])):
    book.note("upload", Visitor(sys.argv[2]), file=str(number))
    print(number, flush=True)
"""


def noting(path: Path, who: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", NOTING, str(path), who, str(count)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
def test_processes_and_threads_at_once(tmp_path: Path) -> None:
    """The server's threads and two commands note at the same time: one chain, nothing lost."""
    path = tmp_path / "office.record"
    book, beside = Record(path, KEY), Record(path, KEY)
    commands = [noting(path, who, 100) for who in ("甲", "乙")]

    def work(who: Record) -> None:
        for number in range(100):
            who.note("upload", Visitor("丙"), file=str(number))
            assert who.fault() is None

    threads = [threading.Thread(target=work, args=(who,)) for who in (book, book, beside)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(command.communicate()[0].splitlines()) for command in commands] == [100, 100]
    for told in (book, beside, Record(path, KEY)):
        assert told.fault() is None
        assert told.entries()["number"].tolist() == list(range(500, 0, -1))
        assert told.entries()["name"].value_counts().to_dict() == {"甲": 100, "乙": 100, "丙": 300}


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")
def test_killed_while_noting(tmp_path: Path) -> None:
    """What was acknowledged is there after a kill at any moment, and the chain holds."""
    path = tmp_path / "office.record"
    expected = 0
    for patience in (1, 40, 200):
        command = noting(path, "甲", 10**6)
        assert command.stdout is not None
        for _ in range(patience):
            command.stdout.readline()
        command.send_signal(signal.SIGKILL)
        expected += patience + len(command.stdout.read().splitlines())
        command.wait()
        told = Record(path, KEY)
        assert told.fault() is None
        assert told.head[0] - expected in (0, 1)
        expected = told.head[0]


def test_read_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what is new is read again, whoever wrote it."""
    read: list[bytes] = []
    really: Callable[..., Any] = records._entry
    monkeypatch.setattr(records, "_entry", lambda *line: read.append(line[0]) or really(*line))
    book = Record(path, KEY)
    for _ in range(3):
        book.entries()
        book.fault()
    assert len(read) == COUNT
    monkeypatch.undo()
    Record(path, KEY).note("sign_in", WANG)
    monkeypatch.setattr(records, "_entry", lambda *line: read.append(line[0]) or really(*line))
    assert len(book.entries()) == COUNT + 1
    assert len(read) == COUNT + 1


def test_a_reader_cannot_change_what_is_kept(path: Path) -> None:
    """What a page does with the entries stays on the page."""
    book = Record(path, KEY)
    told = book.entries()
    told.loc[0, "name"] = "x"
    told["address"] = "x"
    assert set(book.entries()["name"]) == {"王芳"}
    assert set(book.entries()["address"]) == {"10.0.0.7"}


# --- the office -------------------------------------------------------------------------------


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The database of an office that is this process's."""
    county(tmp_path)
    monkeypatch.setenv("DELEGATES_DATABASE", str(tmp_path / "office.duckdb"))
    yield tmp_path / "office.duckdb"
    restart()


def restart() -> None:
    """As in a new process."""
    for opened in list(stores._open.values()):
        opened.close()
    stores._open.clear()
    records._records.clear()
    for known in accounts._opened.values():
        known.close()
    accounts._opened.clear()


def test_the_office_s_record(office: Path, tmp_path: Path) -> None:
    """It lies beside the database, one per process, and its key outlasts the process; another
    database has its own.
    """
    record().note("started", records.SYSTEM)
    assert record() is record() is record(office)
    assert record().path == tmp_path / "office.record"
    restart()
    assert record().fault() is None
    assert record().head[0] == 1
    other = tmp_path / "other" / "other.duckdb"
    other.parent.mkdir()
    record(other).note("started", records.SYSTEM)
    assert record(other).path == other.with_name("other.record")
    assert Record(other.with_name("other.record"), record()._key).fault() == Fault(1, False)


def test_the_journal_anchors_the_record(office: Path) -> None:
    """A record cut back to before an upload, or replaced, is told after a restart; lines of the
    journal from before there was a record stay good.
    """
    record().note("sign_in", WANG)
    record().note("upload", WANG)
    upload(stores.store(), activity(5))
    assert Journal(office).anchors == [record().head]
    record().note("sign_out", WANG)
    assert records.fault() is None
    restart()
    assert records.fault() is None
    path = record().path
    whole = lines(path)
    for left in (0, 1):
        path.write_bytes(b"".join(whole[:left]))
        restart()
        assert records.fault() == Fault(left + 1, missing=True)
    path.unlink()
    forged = Record(path, record()._key)
    for _ in range(4):
        forged.note("sign_in", WANG)
    restart()
    assert records.fault() == Fault(2, missing=False)
    stores.store().journal.ended("none")  # notes the forged one too: the contradiction stays
    restart()
    assert records.fault() == Fault(2, missing=False)


@pytest.mark.parametrize("content", [b"", b"\n", b"garbage\n", b'{"n":1}\n', b"[]\n", b'{"n":'])
def test_a_record_that_gives_no_anchor(office: Path, content: bytes) -> None:
    """The journal goes on beside whatever lies there for a record."""
    office.with_suffix(".record").write_bytes(content)
    assert head(office) is None
    upload(stores.store(), activity(5))
    assert Journal(office).anchors == []
    assert not Journal(office).damaged


# --- what the accounts keep of it -------------------------------------------------------------


@pytest.fixture
def noted(office: Path) -> Path:
    """The record of an office in which nothing has been stored since."""
    for number in range(1, COUNT + 1):
        record().note("sign_in", WANG, number=number)
    restart()
    assert Journal(office).anchors == []
    return office.with_suffix(".record")


@pytest.mark.parametrize("left", range(COUNT))
def test_a_cut_is_found_after_a_restart(noted: Path, left: int) -> None:
    """However many lines go, with no line of the journal to tell of them; nor does it heal, and no
    number is given twice.
    """
    noted.write_bytes(b"".join(lines(noted)[:left]))
    assert records.fault() == Fault(left + 1, missing=True)
    for number in range(COUNT + 1, COUNT + 3):
        restart()
        record().note("sign_in", WANG)
        assert record().head[0] == number
        assert records.fault() == Fault(left + 1, missing=False)
    restart()
    assert records.fault() == Fault(left + 1, missing=False)


def test_a_deleted_record_is_found(noted: Path) -> None:
    """Gone, or begun anew by the next entry: it is told from the first number on."""
    noted.unlink()
    assert records.fault() == Fault(1, missing=True)
    restart()
    record().note("started", records.SYSTEM)
    for _ in range(2):
        assert records.fault() == Fault(1, missing=False)
        restart()


@pytest.mark.parametrize("count", [1, COUNT, COUNT + 5])
def test_a_record_made_anew_with_the_key(noted: Path, count: int) -> None:
    """Shorter, as long or longer: it contradicts what is kept, and what is noted later does not
    make that good.
    """
    noted.unlink()
    forged = Record(noted, record()._key)
    for _ in range(count):
        forged.note("sign_in", WANG)
    for _ in range(3):
        restart()
        assert forged.fault() is None or count < COUNT
        fault = records.fault()
        assert fault is not None
        assert fault.number == min(count + 1, COUNT)
        record().note("sign_in", WANG)


def test_a_crash_before_it_is_kept(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line that the accounts do not know of yet is no fault; the next one is kept again."""

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    record().note("sign_in", WANG)
    with monkeypatch.context() as crashing:
        crashing.setattr(accounts.Accounts, "keep_head", crash)
        with pytest.raises(KeyboardInterrupt):
            record().note("sign_out", WANG)
    restart()
    assert (records.fault(), record().head[0]) == (None, 2)
    kept = accounts.accounts(office).head()
    assert kept is not None
    assert kept[0] == 1
    record().note("sign_in", WANG)
    assert accounts.accounts(office).head() == record().head
    assert records.fault() is None


def test_accounts_that_cannot_be_written(office: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The entry stands, and the log says what is amiss; the next one is kept."""
    record().note("sign_in", WANG)
    db = accounts.accounts(office)._file._db
    db.execute("pragma query_only = on")
    record().note("sign_out", WANG)
    assert "not kept elsewhere" in caplog.text
    assert records.fault() is None
    db.execute("pragma query_only = off")
    accounts.accounts(office).close()
    record().note("sign_out", WANG)
    with pytest.raises(DatabaseUnavailable):  # it does not say that all is well
        records.fault()
    restart()
    assert (records.fault(), record().head[0]) == (None, 3)
    record().note("sign_in", WANG)
    assert accounts.accounts(office).head() == record().head


OFFICE = """
import sys
from pathlib import Path
from data import record
for number in range(int(sys.argv[2])):
    record.record(Path(sys.argv[1])).note("started", record.SYSTEM)
"""


def test_processes_keep_the_higher_head(office: Path) -> None:
    """Two commands and the server's threads note at once, and never does it look like tampering;
    what is kept then is the newest entry.
    """
    command = [sys.executable, "-c", OFFICE, str(office), "40"]
    commands = [subprocess.Popen(command, cwd=ROOT) for _ in range(2)]

    def work() -> None:
        for _ in range(40):
            record().note("sign_in", WANG)
            faults.append(records.fault())

    faults: list[Fault | None] = []
    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [command.wait() for command in commands] == [0, 0]
    assert faults == [None] * 80
    assert record().head[0] == 160
    assert accounts.accounts(office).head() == record().head
    restart()
    assert records.fault() is None


def test_a_start_is_anchored_in_the_journal(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever cuts the record and rewrites the accounts as well is told by the journal, where it
    says nothing else; where there is no journal, none is begun.
    """
    monkeypatch.setattr(opening.backups, "every_day", lambda house: None)
    record().note("sign_in", WANG)
    opening._open(opening.Opening())
    version = stores.store().journal.version
    again = Journal(office)
    assert (again.anchors, again.damaged, again.version) == ([record().head], False, version)
    upload(stores.store(), activity(5))
    restart()
    assert not Journal(office).damaged
    assert stores.store().version == version + 1
    with accounts.accounts(office)._file.change() as db:
        db.execute("delete from head")
    whole = lines(record().path)
    record().path.write_bytes(whole[0])
    restart()
    assert records.fault() == Fault(2, missing=True)
    Journal(office.with_name("none.duckdb")).anchor()
    assert not office.with_name("none.journal").exists()
