"""报表: building the big papers in the background, how they stand, and taking them away."""

from __future__ import annotations

import csv
import hashlib
import io
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from databases import rows, sent, stored, upload
from looking import open_page, settled
from playwright.sync_api import Page
from running import Run, said
from serving import ROOT, serving
from streamlit.testing.v1 import AppTest
from visitors import signed_in

from data import reports, store
from data.access import Forbidden, Visitor
from data.access.accounts import accounts
from data.period import Period
from data.record import record
from pages import papers
from pages.papers import Done, Made, Paper
from pages.parts import access, building
from pages.parts.building import Subject
from pages.parts.facts import Facts
from pages.words import _, language, speak
from queries import county, sight

Q3 = Period.parse("2026Q3")
HERE = Visitor(address="本机")
RARE = "王𠮷"
WAIT = 20  # seconds, for what takes none
Make = Callable[[Facts, Period, str | None, Done], Made]


@pytest.fixture(scope="module")
def county_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two townships with a delegate each, one of a rare name, and a quarter of records."""
    people = [("E1", RARE, "县级", "东镇"), ("W1", "丙", "县级", "西镇")]
    return stored(
        tmp_path_factory.mktemp("county") / "county.duckdb",
        [
            sent("townships", rows("镇街 类型", ("东镇", "镇"), ("西镇", "镇"))),
            sent("delegates", rows("代表编号 姓名 层级 镇街", *people, 任职起="2020-01-01")),
            sent("activities", activities("2026-07-01"), Q3),
        ],
    )


def activities(*days: str) -> list[dict[str, str]]:
    return rows("代表编号 类型 日期", *(("E1", "接待选民", day) for day in days))


def move(day: str) -> None:
    """Let the data move on by a record."""
    upload(store.store(), [sent("activities", activities(day), Q3)])


@pytest.fixture
def office(county_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The county, open, with nobody building yet."""
    copy = Path(shutil.copy(county_file, tmp_path / "office.duckdb"))
    monkeypatch.setenv("DELEGATES_DATABASE", str(copy))
    monkeypatch.setattr(store, "_chosen", None)
    monkeypatch.setattr(building, "_jobs", [])
    monkeypatch.setattr(building, "_failed", {})
    yield copy
    settle()
    speak("zh")
    for opened in list(store._open.values()):
        opened.close()
    store._open.clear()


def settle() -> None:
    """Wait until nothing is under way."""
    for job in building.jobs():
        assert job.ended.wait(WAIT)


def paper(
    make: Make, of: Any = "county", title: str = "履职通报", ending: Any = "pdf"
) -> dict[str, Paper]:
    return {title: Paper(title, of, ending, make)}


@pytest.fixture
def offer(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let these be the papers that there are, by kinds of their titles."""

    def those(*kinds: dict[str, Paper]) -> None:
        every = {kind: paper for some in kinds for kind, paper in some.items()}
        monkeypatch.setattr(papers, "PAPERS", every)

    return those


def subject(kind: str = "履职通报", of: str | None = None, lang: str = "zh") -> Subject:
    return Subject(kind, of, "2026Q3", lang)


def plainly(facts: Facts, period: Period, of: str | None, done: Done) -> Made:
    """A paper that says how it was asked for."""
    return Made(f"{facts.title} {period} {of} {facts.version}".encode(), {})


class Held:
    """A paper that is begun and waits to be let go; notes how often it was made."""

    def __init__(self) -> None:
        self.begun, self.free = threading.Event(), threading.Event()
        self.made = 0

    def __call__(self, facts: Facts, period: Period, of: str | None, done: Done) -> Made:
        self.made += 1
        done(1, 3)
        self.begun.set()
        assert self.free.wait(WAIT)
        return plainly(facts, period, of, done)


def on_record() -> list[dict[str, Any]]:
    """What left, oldest first."""
    entries = record().entries()
    return list(entries.loc[entries["deed"] == "export", "what"])[::-1]


# Building


def test_a_paper_is_made_as_who_ordered_it_reads_and_sees(
    office: Path, offer: Callable[..., None]
) -> None:
    """In their language, with their sight, and its facts are kept with it."""
    noted = {}

    def make(facts: Facts, period: Period, of: str | None, done: Done) -> Made:
        noted.update(language=language(), sight=sight.current(), facts=facts, said=facts.said())
        noted["people"] = len(county.ranking(period=period))
        return Made(b"paper", {"𠮷": [RARE]})

    offer(paper(make, "township"))
    leader = signed_in("leader", name="李主任")
    wanted = subject(of="东镇", lang="en")
    building.order(wanted, leader)
    settle()
    made = reports.kept()[wanted]
    facts = noted["facts"]
    assert (noted["language"], noted["people"]) == ("en", 2)
    assert noted["sight"] == sight.Sight.of(leader)
    assert (facts.by, facts.period, facts.version) == ("李主任", "2026Q3", store.version())
    assert [choice for _label, choice in facts.filters] == ["东镇"]
    assert reports.content(made) == b"paper"
    assert (made.by, made.at, made.said) == (facts.by, facts.at, noted["said"])
    assert made.basis == reports.basis()
    assert made.lacking == {"𠮷": [RARE]}
    assert made.filename.endswith(".pdf")
    assert "东镇" in made.filename


def test_what_is_ordered_twice_is_made_once(office: Path, offer: Callable[..., None]) -> None:
    """While it waits, while it is made, and by who has not seen yet that it is there."""
    held = Held()
    offer(paper(held), paper(plainly, title="镇街手册"))
    for kind in ("履职通报", "镇街手册", "履职通报", "镇街手册"):
        building.order(subject(kind), HERE)
    assert held.begun.wait(WAIT)
    assert [job.subject.kind for job in building.jobs()] == ["履职通报", "镇街手册"]
    building.order(subject(), signed_in("leader"))
    held.free.set()
    settle()
    building.order(subject(), HERE, seen=None)
    settle()
    assert held.made == 1
    building.order(subject(), HERE, seen=reports.kept()[subject()])
    settle()
    assert held.made == 2


def test_one_is_made_at_a_time_and_what_waits_can_be_withdrawn(
    office: Path, offer: Callable[..., None]
) -> None:
    """By who ordered it; what is begun is made to its end."""
    held = Held()
    made: list[str] = []

    def noted(facts: Facts, period: Period, of: str | None, done: Done) -> Made:
        made.append(facts.title)
        return plainly(facts, period, of, done)

    titles = ["二", "三", "四"]
    offer(paper(held), *(paper(noted, title=title) for title in titles))
    leader, clerk = signed_in("leader"), signed_in("county_clerk")
    for kind in ("履职通报", *titles):
        building.order(subject(kind), leader)
    assert held.begun.wait(WAIT)
    first, second, third, _fourth = building.jobs()
    assert (first.made, first.parts) == (1, 3)
    assert second.begun is None
    building.withdraw(first, leader)
    building.withdraw(second, leader)
    building.withdraw(third, clerk)
    assert [job.subject.kind for job in building.jobs()] == ["履职通报", "三", "四"]
    assert made == []
    held.free.set()
    settle()
    assert made == ["三", "四"]
    assert set(reports.kept()) == {subject(kind) for kind in ("履职通报", "三", "四")}


@pytest.mark.parametrize("moves", [1, 2, 3])
def test_data_that_move_while_it_is_made_have_it_made_again(
    office: Path, offer: Callable[..., None], moves: int
) -> None:
    """So that it is of one version; twice at the most, and then it says so."""
    versions: list[int] = []

    def make(facts: Facts, period: Period, of: str | None, done: Done) -> Made:
        versions.append(facts.version)
        if len(versions) <= moves:
            move(f"2026-08-{len(versions):02}")
        return plainly(facts, period, of, done)

    before = store.version()
    offer(paper(make))
    building.order(subject(), HERE)
    settle()
    assert versions == [before + turn for turn in range(min(moves + 1, 3))]
    if moves < 3:
        assert reports.kept()[subject()].basis == reports.basis()
        assert building.failed(subject()) is None
    else:
        assert reports.kept() == {}
        job = building.failed(subject())
        assert job is not None
        assert "一再更新" in job.sentence


class Panic(BaseException):
    """As Typst's are: no Exception."""


@pytest.mark.parametrize("error", [ValueError("no such thing"), Panic("index out of bounds")])
def test_a_failure_says_what_to_do_with_a_number_that_is_in_the_log(
    office: Path, offer: Callable[..., None], error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    """The one before stays, the next is made, and a new order forgets the failure."""
    fails = [False]

    def make(facts: Facts, period: Period, of: str | None, done: Done) -> Made:
        if fails[0]:
            raise error
        return plainly(facts, period, of, done)

    offer(paper(make), paper(plainly, title="镇街手册"))
    building.order(subject(), HERE)
    settle()
    before = reports.kept()[subject()]
    fails[0] = True
    building.order(subject(), HERE, seen=before)
    building.order(subject("镇街手册"), HERE)
    settle()
    job = building.failed(subject())
    assert job is not None
    assert job.fault is not None
    reference = job.fault.details["reference"]
    assert reference in job.sentence
    assert f"reference {reference}" in caplog.text
    assert str(error) in caplog.text
    assert str(error) not in job.sentence
    failed = record().entries().query("deed == 'page_failed'")["what"]
    assert [what["reference"] for what in failed] == [reference]
    assert reports.kept()[subject()] == before
    assert subject("镇街手册") in reports.kept()
    fails[0] = False
    building.order(subject(), HERE, seen=before)
    settle()
    assert building.failed(subject()) is None


def test_what_has_no_records_any_more_is_not_made(office: Path, offer: Callable[..., None]) -> None:
    """The period is gone, as after the sample was emptied."""
    offer(paper(plainly))
    gone = subject()._replace(period="2020Q1")
    building.order(gone, HERE)
    settle()
    job = building.failed(gone)
    assert job is not None
    assert "没有履职记录" in job.sentence
    assert reports.kept() == {}


def test_a_township_without_anybody_is_not_made(office: Path, offer: Callable[..., None]) -> None:
    """It is not on record any more, as one that was renamed: no empty booklet."""
    offer(paper(plainly, "township"))
    building.order(subject(of="南镇"), HERE)
    settle()
    job = building.failed(subject(of="南镇"))
    assert job is not None
    assert "没有在任代表" in job.sentence
    assert reports.kept() == {}


def test_an_account_that_is_closed_midway_gets_nothing_made(
    office: Path, offer: Callable[..., None]
) -> None:
    """The right is asked for when it is ordered, when it is begun, and before it is kept."""
    held = Held()
    offer(paper(held), paper(plainly, title="镇街手册"))
    leader = signed_in("leader", name="李主任")
    building.order(subject(), leader)
    building.order(subject("镇街手册"), leader)
    assert held.begun.wait(WAIT)
    accounts().change("leader", disabled=True)
    held.free.set()
    settle()
    assert reports.kept() == {}
    for kind in ("履职通报", "镇街手册"):
        job = building.failed(subject(kind))
        assert job is not None
        assert "李主任的账号没有这项权限" in job.sentence
    with pytest.raises(Forbidden):
        building.order(subject(), leader)
    for role in ("viewer", "township_clerk", "administrator"):
        with pytest.raises(Forbidden):
            building.order(subject(), signed_in(role, *["东镇"][: role == "township_clerk"]))
    assert building.jobs() == []


STOPS = """
import sys
from data.access import Visitor
from pages import papers
from pages.exports import press
from pages.parts import building
begun = building.threading.Event()
def make(facts, period, of, done):
    begun.set()
    while True:
        press._forget()
        done(1, 2)
papers.PAPERS["bulletin"] = papers.Paper("履职通报", "county", "pdf", make)
building.order(building.Subject("bulletin", None, "2026Q3", "zh"), Visitor())
assert begun.wait(20)
"""


def test_a_program_that_ends_while_building_ends(office: Path) -> None:
    """At once and quietly, also while Typst works, and nothing half made is kept."""
    done = subprocess.run(
        [sys.executable, "-c", STOPS], cwd=ROOT, capture_output=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert reports.kept() == {}


# Taking away


def test_a_report_leaves_on_record_with_its_sum(office: Path, offer: Callable[..., None]) -> None:
    """To who may at that moment, and only as it was made."""
    offer(paper(plainly))
    leader = signed_in("leader")
    building.order(subject(), leader)
    settle()
    made = reports.kept()[subject()]
    content = building.file_for(leader, made)
    [what] = on_record()
    assert what["sha256"] == hashlib.sha256(content).hexdigest()
    assert (what["bytes"], what["kind"], what["title"]) == (len(content), "pdf", "履职通报")
    assert (what["period"], what["version"]) == ("2026Q3", made.basis.version)
    (reports.folder(office) / made.sha256).write_bytes(b"x" * len(content))
    with pytest.raises(RuntimeError, match="no file was made"):
        building.file_for(leader, made)
    accounts().change("leader", disabled=True)
    with pytest.raises(Forbidden):
        building.file_for(leader, made)
    assert len(on_record()) == 1


def test_the_bundle_holds_everything_and_a_list_of_it(
    office: Path, offer: Callable[..., None]
) -> None:
    """Its list agrees with the files, it is the same every time, and all of it is on record."""
    offer(paper(plainly), paper(plainly, "township", "镇街手册", "xlsx"))
    building.order(subject(), HERE)
    building.order(subject("镇街手册", "东镇"), HERE)
    building.order(subject("镇街手册", "西镇", lang="en"), HERE)
    settle()
    move("2026-08-01")
    building.order(subject("镇街手册"), HERE)
    settle()
    made = list(building.kept("2026Q3").values())
    assert [(r.subject.kind, r.subject.of) for r in made] == [
        ("履职通报", None),
        ("镇街手册", None),
        ("镇街手册", "东镇"),
    ]
    content = building.bundle_for(HERE, made)
    assert content == building.bundle_for(HERE, made)
    with zipfile.ZipFile(io.BytesIO(content)) as bundle:
        assert bundle.testzip() is None
        assert bundle.namelist() == ["清单.csv", *(report.filename for report in made)]
        dates = [entry.date_time for entry in bundle.infolist()[1:]]
        even = [report.at.replace(second=report.at.second // 2 * 2) for report in made]
        assert dates == [at.timetuple()[:6] for at in even]  # a ZIP counts by two seconds
        listed = list(csv.DictReader(io.StringIO(bundle.read("清单.csv").decode("utf-8-sig"))))
        first, *held_in_order = [bundle.read(name) for name in bundle.namelist()]
        held = dict(zip(bundle.namelist()[1:], held_in_order, strict=True))
    assert [row["文件"] for row in listed] == list(held)
    for row, report in zip(listed, made, strict=True):
        assert row["文件校验码"] == hashlib.sha256(held[row["文件"]]).hexdigest()
        assert row["文件字节数"] == str(len(held[row["文件"]]))
        assert row["数据版本"] == held[row["文件"]].decode().split()[-1]
        assert row["镇街"] == (report.subject.of or "")
        assert (row["考核期"], row["导出人"]) == ("2026年第三季度", "本机")
        assert row["导出时间"] == f"{report.at:%Y-%m-%d %H:%M:%S}"
        assert row["方案版本"] == report.checksum[:12]
    assert {row["数据版本"] for row in listed} == {str(store.version()), str(store.version() - 1)}
    left = on_record()[:5]
    assert [what["title"] for what in left] == ["清单", *(r.title for r in made), "报表"]
    assert [what["kind"] for what in left] == ["csv", *(r.ending for r in made), "zip"]
    assert [what["bytes"] for what in left[:2]] == [len(first), made[0].bytes]
    assert [what["sha256"] for what in left] == [
        hashlib.sha256(first).hexdigest(),
        *(report.sha256 for report in made),
        hashlib.sha256(content).hexdigest(),
    ]
    assert {what["file"] for what in left} == {building.bundle_name(made)}
    assert building.bundle_name(made) != building.bundle_name(made[1:])
    speak("en")
    english = list(building.kept("2026Q3").values())
    name = building.bundle_name(english)
    speak("zh")
    building.bundle_for(HERE, english)
    assert [what["file"] for what in on_record()[-3:]] == [name] * 3
    assert name.startswith("Reports_")


def test_of_a_bundle_that_cannot_be_made_nothing_is_on_record(
    office: Path, offer: Callable[..., None]
) -> None:
    """Its last file is damaged: nothing left, so the record says of none that it did."""
    offer(paper(plainly), paper(plainly, title="镇街手册"))
    for kind in ("履职通报", "镇街手册"):
        building.order(subject(kind), HERE)
    settle()
    made = list(building.kept("2026Q3").values())
    (reports.folder(office) / made[-1].sha256).write_bytes(b"x")
    with pytest.raises(RuntimeError, match="no file was made"):
        building.bundle_for(HERE, made)
    assert on_record() == []


# The page


@pytest.fixture
def open_reports(office: Path, run: Run) -> Callable[..., AppTest]:
    def start(**parameters: str) -> AppTest:
        test = run(office, "browse/reports.py", **parameters)
        assert not test.exception
        return test

    return start


def button(test: AppTest, key: str) -> Any:
    return next((button for button in test.button if button.key == key), None)


def downloads(test: AppTest) -> list[str]:
    return [found.proto.label for found in test.get("download_button")]


def test_the_page_shows_how_each_stands(
    open_reports: Callable[..., AppTest], offer: Callable[..., None]
) -> None:
    """Not made yet; being made, with its progress, and waiting; made, with what it is of; older
    than the data. Names that cannot be printed are told before anything is made.
    """
    held = Held()
    offer(paper(held), paper(plainly, "township", "镇街手册"), paper(plainly, "delegate", "档案"))
    test = open_reports()
    assert [m.value for m in test.markdown if "**" in m.value] == ["**履职通报**", "**镇街手册**"]
    assert sum("尚未生成" in m.value for m in test.markdown) == 2
    assert [w.value for w in test.warning] == [
        "打印字体中没有下列的字，请在打印后手工补写：“𠮷”印作〔U\\+20BB7〕：王𠮷。"
    ]
    assert downloads(test) == []

    button(test, "make_all").click().run()
    assert held.begun.wait(WAIT)
    test.run()
    [bar] = test.get("progress")
    assert "共 3 部分，已完成 1" in bar.proto.text
    assert bar.proto.value == 33
    assert any("前面还有 1 份" in m.value for m in test.markdown)
    assert button(test, "make_履职通报").disabled
    assert button(test, "make_all").disabled
    assert button(test, "withdraw_镇街手册") is not None
    held.free.set()
    settle()

    test.run()
    assert not test.get("progress")
    assert sum("已生成" in m.value for m in test.markdown) == 2
    assert f" · 本机 · 数据版本 {store.version()} · 0.1 MB" in said(test)
    assert downloads(test) == ["打包下载（2 份）", "下载 PDF", "下载 PDF"]
    assert button(test, "make_all").disabled

    move("2026-08-01")
    test.run()
    assert sum("数据已更新" in m.value for m in test.markdown) == 2
    assert f"这份是数据版本 {store.version() - 1} 的" in said(test)
    assert downloads(test) == ["下载 PDF", "下载 PDF"]
    assert "有 2 份是旧数据的，不放入打包下载；请重新生成。" in said(test)
    assert not button(test, "make_all").disabled
    button(test, "make_镇街手册").click().run()
    settle()
    assert downloads(test.run()) == ["打包下载（1 份）", "下载 PDF", "下载 PDF"]
    assert "有 1 份是旧数据的" in said(test)


def test_a_township_that_is_gone_is_not_made_again(
    open_reports: Callable[..., AppTest],
    offer: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Renamed: what was made of it is out of date, and cannot be made anew."""
    offer(paper(plainly, "township", "镇街手册"))
    for of in (None, "东镇", "西镇"):
        building.order(subject("镇街手册", of), HERE)
    settle()
    upload(
        store.store(),
        [
            sent("townships", rows("镇街 类型", ("东镇", "镇"), ("新西镇", "镇"))),
            sent(
                "delegates",
                rows(
                    "代表编号 姓名 层级 镇街",
                    ("E1", RARE, "县级", "东镇"),
                    ("W1", "丙", "县级", "新西镇"),
                    任职起="2020-01-01",
                ),
            ),
        ],
    )
    test = open_reports()
    assert "有 2 份是旧数据的" in said(test)
    ordered: list[Subject] = []
    monkeypatch.setattr(building, "order", lambda wanted, *_given: ordered.append(wanted))
    button(test, "make_all").click().run()
    assert ordered == [subject("镇街手册"), subject("镇街手册", "东镇")]


def test_the_page_without_a_record(
    open_reports: Callable[..., AppTest], offer: Callable[..., None]
) -> None:
    """It offers nothing and says why."""
    offer(paper(plainly))
    building.order(subject(), HERE)
    settle()
    path = record().path
    path.rename(path.with_suffix(".away"))
    path.mkdir()
    test = open_reports()
    assert [e.value[:24] for e in test.error] == [
        "报表须与操作记录核对无误才能下载，现在无法核对。"
    ]
    assert downloads(test) == []


def test_what_waits_is_withdrawn_on_the_page(
    open_reports: Callable[..., AppTest], offer: Callable[..., None]
) -> None:
    held = Held()
    offer(paper(held), paper(plainly, title="镇街手册"))
    test = open_reports()
    button(test, "make_履职通报").click().run()
    assert held.begun.wait(WAIT)
    button(test, "make_镇街手册").click().run()
    button(test, "withdraw_镇街手册").click().run()
    assert sum("尚未生成" in m.value for m in test.markdown) == 1
    held.free.set()
    settle()
    assert set(reports.kept()) == {subject()}


def test_everybody_sees_what_is_under_way(
    open_reports: Callable[..., AppTest],
    offer: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Another browser, another person, another township chosen: the same one, and no second."""
    held = Held()
    offer(paper(held, "township", "镇街手册"))
    test = open_reports()
    button(test, "make_镇街手册").click().run()
    assert held.begun.wait(WAIT)
    leader = signed_in("leader")
    monkeypatch.setattr(access, "visitor", lambda: leader)
    other = open_reports()
    assert len(other.get("progress")) == 1
    assert button(other, "make_镇街手册").disabled
    elsewhere = open_reports(镇街手册="东镇")
    [bar] = elsewhere.get("progress")
    assert "正在生成镇街手册 · 2026年第三季度" in bar.proto.text
    assert not button(elsewhere, "make_镇街手册").disabled
    held.free.set()
    settle()
    assert held.made == 1
    assert "下载 PDF" in downloads(other.run())
    assert "下载 PDF" not in downloads(elsewhere.run())


def test_a_failure_and_what_it_lacks_are_told_on_the_page(
    open_reports: Callable[..., AppTest], offer: Callable[..., None]
) -> None:
    """In words, with hostile text as it stands, and no traceback."""

    def fails(facts: Facts, period: Period, of: str | None, done: Done) -> Made:
        raise ValueError("C:\\secret")

    def lacks(facts: Facts, period: Period, of: str | None, done: Done) -> Made:
        return Made(b"x", {"\u202e": [f"*粗* {number}\u202e" for number in range(7)]})

    offer(paper(fails), paper(lacks, title="镇街手册"))
    test = open_reports()
    button(test, "make_履职通报").click().run()
    button(test, "make_镇街手册").click().run()
    settle()
    test.run()
    [error] = test.error
    assert "没有生成，请再点“生成”" in error.value
    assert "secret" not in error.value
    [told] = [c.value for c in test.caption if "打印字体" in c.value]
    assert "\u202e" not in told
    assert "〔U\\+202E〕：\\*粗\\* 0〔U\\+202E〕、" in told
    assert told.endswith("4〔U\\+202E〕、…。")


def test_the_page_in_english(
    open_reports: Callable[..., AppTest], offer: Callable[..., None]
) -> None:
    """The languages have reports of their own."""
    offer(paper(plainly))
    for lang in ("zh", "en"):
        test = open_reports(lang=lang)
        assert downloads(test) == []
        button(test, "make_履职通报").click().run()
        settle()
        assert len(downloads(test.run())) == 2
        assert reports.kept()[subject(lang=lang)].title == _("履职通报")


def test_the_page_of_an_empty_office(run: Run, office: Path, offer: Callable[..., None]) -> None:
    """It says what to do first."""
    offer(paper(plainly))
    test = run(office.with_name("empty.duckdb"), "browse/reports.py")
    assert not test.exception
    assert "还没有履职记录" in said(test)
    assert button(test, "make_all") is None


def test_every_paper_on_the_page_says_what_it_is_for() -> None:
    """Each kind that is registered has its sentence."""
    source = (ROOT / "pages/browse/reports.py").read_text("utf-8")
    kinds = [kind for kind, paper in papers.PAPERS.items() if paper.of != "delegate"]
    assert [kind for kind in kinds if f'\n    "{kind}": "' not in source] == []


# In a browser


@pytest.mark.slow
def test_the_ranking_is_built_and_taken_away(page: Page, sample_copy: Path) -> None:
    """On a click, with its progress on the page, and the file is the one that is on record."""
    with serving(ROOT, sample_copy) as address:
        open_page(page, f"{address}/reports")
        page.locator(".st-key-make_ranking button").click()
        page.locator(".st-key-download_ranking button").wait_for(timeout=60_000)
        settled(page)
        with page.expect_download() as waiting:
            page.locator(".st-key-download_ranking button").click()
        file = waiting.value
        content = Path(file.path()).read_bytes()
    assert file.suggested_filename.endswith(".xlsx")
    assert len(pd.read_excel(io.BytesIO(content), engine="calamine")) > 0
    kept = reports.folder(sample_copy) / hashlib.sha256(content).hexdigest()
    assert kept.read_bytes() == content
    told = (sample_copy.with_suffix(".record")).read_text("utf-8")
    assert f'"sha256":"{kept.name}","bytes":{len(content)}' in told
