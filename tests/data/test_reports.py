"""The kept reports: the last of each, whole, of this database, and nothing else."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from databases import asking
from files import registers_of_two_townships
from keeping import activity, upload

from data import backups, reports, sample
from data.access import Visitor
from data.problems import DatabaseUnavailable
from data.record import record
from data.reports import Report, Subject
from data.store import Store

AT = datetime(2026, 11, 22, 20, 30)  # noqa: DTZ001 - the office's own clock
RANKING = Subject("ranking", None, "2026Q3", "zh")
WANG = Visitor("王小明", "wang")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Store]:
    """An open office with two townships and one activity."""
    with asking(tmp_path / "office.duckdb") as house:
        upload(house, *registers_of_two_townships())
        upload(house, activity(1))
        yield house


def report(content: bytes, subject: Subject = RANKING, at: datetime = AT) -> Report:
    return Report(
        subject,
        reports.basis(),
        title="代表排名表",
        filename=f"代表排名表_{subject.period}.xlsx",
        scheme="默认方案",
        checksum="c" * 64,
        by="王小明",
        at=at,
        said={"title": "代表排名表", "filters": ["镇街: 东镇"], "version": 2, "rows": None},
        lacking={"𠮷": ["王𠮷"]},
        sha256=reports.digest(content),
        bytes=len(content),
    )


def keep(content: bytes, subject: Subject = RANKING, at: datetime = AT) -> Report:
    made = report(content, subject, at)
    reports.keep(made, content, WANG)
    return made


def files(house: Store) -> set[str]:
    return {file.name for file in reports.folder(house.path).iterdir()}


def test_what_is_kept_comes_back(office: Store) -> None:
    """Bytes and every fact, hostile names of townships among them, as they were."""
    hostile = RANKING._replace(kind="booklet", of="../../东/镇\n" + "长" * 300)
    made = {RANKING: keep(b"one"), hostile: keep(b"two", hostile)}
    assert reports.kept() == made
    assert reports.content(made[RANKING]) == b"one"
    assert reports.content(made[hostile]) == b"two"
    assert made[RANKING].ending == "xlsx"
    assert len(files(office)) == 4  # nothing lies elsewhere


def test_nothing_is_kept_at_first(tmp_path: Path) -> None:
    """An office that never made one, and an empty one, have none; asking makes no folder."""
    with asking(tmp_path / "empty.duckdb") as house:
        assert reports.kept() == {}
        assert not reports.folder(house.path).exists()


def test_the_last_of_a_subject_takes_the_place_of_the_one_before(office: Store) -> None:
    """Kind, township, period and language each make another subject; equal ones replace."""
    others = [
        RANKING._replace(kind="bulletin"),
        RANKING._replace(of="东镇"),
        RANKING._replace(period="2026Q2"),
        RANKING._replace(language="en"),
    ]
    for number, subject in enumerate([RANKING, *others]):
        keep(f"{number}".encode(), subject)
    again = keep(b"again", at=AT + timedelta(hours=1))
    assert set(reports.kept()) == {RANKING, *others}
    assert reports.kept()[RANKING] == again


def test_what_was_replaced_is_handed_out_for_a_day(
    office: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that was opened before offers it by its name; later it is gone."""
    old, new = keep(b"old"), keep(b"new", at=AT + timedelta(hours=1))
    assert reports.content(old) == b"old"
    monkeypatch.setattr(reports, "REPLACED_STAYS", timedelta(seconds=-5))
    keep(b"other", RANKING._replace(kind="bulletin"))
    with pytest.raises(OSError, match=old.sha256):
        reports.content(old)
    assert reports.content(new) == b"new"
    assert len(files(office)) == 4


class Crash(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("name", ["replace", "fsync"])
@pytest.mark.parametrize("turn", range(6))
def test_a_crash_leaves_the_last_one_or_the_new_one_whole(
    office: Store, name: str, turn: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever keeping is cut short, before or after a step that reaches the disk."""
    old = keep(b"old")
    owner = Path if name == "replace" else os
    real = getattr(owner, name)
    left = [turn]

    def cut(*given: object) -> object:
        if not left[0]:
            raise Crash
        left[0] -= 1
        return real(*given)

    new = report(b"new", at=AT + timedelta(hours=1))
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, cut)
        try:
            reports.keep(new, b"new", WANG)
        except Crash:
            pass
        else:
            assert turn >= {"replace": 2, "fsync": 5}[name]
    [found] = reports.kept().values()
    assert found in (old, new)
    assert reports.content(found) == (b"old" if found == old else b"new")
    third = keep(b"third", at=AT + timedelta(hours=2))
    assert reports.kept() == {RANKING: third}
    assert not [name for name in files(office) if name.endswith(".part")]


def test_a_full_disk_leaves_the_last_one(office: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be written is refused in words, and leaves nothing behind."""
    old = keep(b"old")
    before = files(office)

    def full(*_given: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(DatabaseUnavailable) as refused:
            keep(b"new")
    assert refused.value.code == "full"
    assert reports.kept() == {RANKING: old}
    assert files(office) == before


@pytest.mark.parametrize("change", [b"0ne", b"on", b"onee", None])
def test_what_no_longer_is_what_was_made_is_not_offered(
    office: Store, change: bytes | None
) -> None:
    """Neither listed nor handed out, if a byte, the length, or the file itself is another."""
    made = keep(b"one")
    assert reports.kept()
    path = reports.folder(office.path) / made.sha256
    path.unlink()
    if change is not None:
        path.write_bytes(change)
    assert reports.kept() == {}
    with pytest.raises(OSError, match=r"."):
        reports.content(made)


DEEP = "[" * 100_000 + "]" * 100_000


@pytest.mark.parametrize(
    "note",
    [
        *(b"", b"[]", b"{}", b'{"subject": ["ranking"]}', b"\xff", DEEP.encode()),
        {"at": "2026-11-22T20:30:00+08:00"},
        {"basis": {"version": "2"}},
        {"subject": [["ranking"], None, "2026Q3", "zh"]},
        {"lacking": ["𠮷"]},
        {"sha256": "../touched"},
    ],
)
def test_notes_that_were_not_made_here_are_passed_over(
    office: Store, note: bytes | dict[str, Any]
) -> None:
    """Whatever they say, beside the others or in the place of one; nothing outside is touched."""
    place, touched = reports.folder(office.path), office.path.parent / "touched"
    other = RANKING._replace(kind="bulletin")
    made, lost = keep(b"one"), keep(b"two", other)
    [note_of_lost] = [
        path for path in place.glob("*.json") if lost.sha256 in path.read_text("utf-8")
    ]
    if isinstance(note, dict):
        said = json.loads(note_of_lost.read_bytes())
        said["basis"] |= note.pop("basis", {})
        note = json.dumps(said | note).encode()
    touched.write_bytes(b"")
    os.utime(touched, (0, 0))
    (place / "other.json").write_bytes(note)
    note_of_lost.write_bytes(note)
    assert reports.kept() == {RANKING: made}
    again = keep(b"two", other)
    assert reports.kept() == {RANKING: made, other: again}
    assert touched.stat().st_mtime == 0


def test_what_is_kept_is_on_record_as_made(office: Store) -> None:
    """By who had it made, with its sums, before it is offered."""
    made = keep(b"one")
    entry = record().entries().iloc[0]
    assert (entry["deed"], entry["account"]) == ("report_made", "wang")
    [note] = reports.folder(office.path).glob("*.json")
    assert entry["what"] == {
        **made.said,
        "kind": "xlsx",
        "sha256": reports.digest(b"one"),
        "bytes": 3,
        "note": reports.digest(note.read_bytes()),
    }


@pytest.mark.parametrize("forged", ["title", "version", "content"])
def test_a_report_that_was_replaced_on_disk_is_not_offered(office: Store, forged: str) -> None:
    """Though file and note agree: neither another content, nor what was made under other facts."""
    made = keep(b"one")
    match forged:
        case "title":
            other = replace(made, title="履职通报")
        case "version":
            upload(office, activity(2))
            other = replace(made, basis=reports.basis())
        case _:
            other = replace(made, sha256=reports.digest(b"0ne"))
    place = reports.folder(office.path)
    [note] = place.glob("*.json")
    note.write_bytes(reports._written(other))
    (place / other.sha256).write_bytes(b"0ne" if forged == "content" else b"one")
    assert reports.kept() == {}
    with pytest.raises(OSError, match="damaged"):
        reports.content(other)


def test_an_earlier_note_under_another_name_is_passed_over(office: Store) -> None:
    """It was made here, but the one that took its place counts."""
    keep(b"old")
    place = reports.folder(office.path)
    [note] = place.glob("*.json")
    (place / "0.json").write_bytes(note.read_bytes())
    (place / f"{'f' * 32}.json").write_bytes(note.read_bytes())
    new = keep(b"new", at=AT + timedelta(hours=1))
    assert reports.kept() == {RANKING: new}


def test_without_a_record_nothing_is_offered(office: Store) -> None:
    """Nor kept: what was there before is there again with the record."""
    made = keep(b"one")
    path = record().path
    away = path.rename(path.with_suffix(".away"))
    path.mkdir()
    for deed in (reports.kept, lambda: reports.content(made), lambda: keep(b"two")):
        with pytest.raises(DatabaseUnavailable) as refused:
            deed()
        assert refused.value.code == "unrecorded"
    path.rmdir()
    away.rename(path)
    assert reports.kept() == {RANKING: made}


@pytest.mark.parametrize("readers", [2, 99])
def test_a_note_that_is_being_read_is_replaced_a_moment_later(
    office: Store, readers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Windows wants it; if that takes too long, it says so and the one before stays."""
    old, files_before, real, left = keep(b"old"), files(office), Path.replace, [readers]

    def replaced(part: Path, path: Path) -> Path:
        if path.suffix == ".json" and left[0]:
            left[0] -= 1
            raise PermissionError(13, "Access is denied")
        return real(part, path)

    monkeypatch.setattr(Path, "replace", replaced)
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    if readers < 99:
        new = keep(b"new")
        assert reports.kept() == {RANKING: new}
    else:
        with pytest.raises(DatabaseUnavailable) as refused:
            keep(b"new")
        assert refused.value.code == "denied"
        assert reports.kept() == {RANKING: old}
        assert files(office) == {*files_before, reports.digest(b"new")}


def test_a_report_of_an_older_version_is_offered_as_such(office: Store) -> None:
    """The data moved on: it stays, with the version that it is of."""
    made = keep(b"one")
    upload(office, activity(2))
    assert reports.kept() == {RANKING: made}
    assert made.basis.version < reports.basis().version


def test_a_restore_makes_all_reports_older(office: Store) -> None:
    """The version goes on, so that what was made of data which are gone is never taken for new,
    nor what is made of them again for old.
    """
    backups.save(office, "daily")
    [backup] = [b for b in backups.listed(office.path) if b.version == office.version]
    restored = reports.basis()
    upload(office, activity(2))
    made = keep(b"two")
    backups.restore(office.path, backup.name)
    now = reports.basis()
    assert now.ledger == restored.ledger
    assert reports.kept() == {RANKING: made}
    assert now.version > made.basis.version


def test_another_database_at_the_same_place_offers_none(tmp_path: Path) -> None:
    """Whether it has come to the same version, to a higher one, or has the same files."""
    path = tmp_path / "office.duckdb"
    with asking(path) as house:
        upload(house, *registers_of_two_townships())
        made = keep(b"one")
    for file in tmp_path.iterdir():
        if file.is_file():
            file.unlink()
    with asking(path) as house:
        upload(house, *registers_of_two_townships())
        assert house.version == made.basis.version
        assert reports.kept() == {}
        upload(house, activity(1))
        assert reports.kept() == {}
        with pytest.raises(OSError, match="of other data"):
            reports.content(made)


def test_a_copy_of_the_database_that_went_on_otherwise_offers_none(office: Store) -> None:
    """Of one version and another ledger: two offices that were one once."""
    made = report(b"one")
    reports.keep(replace(made, basis=replace(made.basis, ledger="0" * 64)), b"one", WANG)
    assert reports.kept() == {}


def test_reports_of_the_sample_end_with_it(tmp_path: Path) -> None:
    """Once the office works with its own data they are not offered, and soon gone; a restored
    sample does not offer those of the office.
    """
    with asking(tmp_path / "office.duckdb") as house:
        sample.begin(house)
        upload(house, *registers_of_two_townships())
        sample.finish(house)
        invented = keep(b"invented")
        assert invented.basis.sample
        backups.save(house, "daily")
        [backup] = [b for b in backups.listed(house.path) if b.version == house.version]
        sample.leave(house)
        assert reports.kept() == {}
        upload(house, *registers_of_two_townships())
        assert reports.kept() == {}
        with pytest.raises(OSError, match="of other data"):
            reports.content(invented)
        own = keep(b"own")
        assert reports.kept() == {RANKING: own}
        assert len([name for name in files(house) if name.endswith(".json")]) == 1
        backups.restore(house.path, backup.name)
        assert reports.kept() == {}


def test_their_number_is_bounded(office: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ones made last stay."""
    monkeypatch.setattr(reports, "MOST", 3)
    subjects = [RANKING._replace(period=f"202{year}") for year in range(6)]
    for hours, subject in enumerate(subjects):
        keep(subject.period.encode(), subject, AT + timedelta(hours=hours))
    assert set(reports.kept()) == set(subjects[-3:])
    assert len([name for name in files(office) if name.endswith(".json")]) == 3
