"""Each role at each page: what is offered, what answers at its address, and what is told there."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, get_args

import pandas as pd
import pytest
import streamlit as st
from files import csv_bytes
from running import Doors
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block
from streamlit.util import calc_hash
from visitors import signed_in

from data import opening, store
from data.access import Forbidden, Role, Visitor
from data.access.accounts import accounts
from data.period import Period
from data.problems import DatabaseUnavailable
from data.record import Value, record
from data.uploads import desk
from pages.exports.table import Column, as_csv
from pages.papers import Made, Paper
from pages.parts import access, caching, export
from pages.words import speak
from queries import county as questions

PAGES = Path(__file__).parents[2] / "pages"
FRAME = PAGES / "frame.py"
OWN = "六里坪镇"
BROWSE, DELEGATES = ["overview", "townships"], ["ranking", "delegate"]
WORK = ["loop", "matters", "stations", "campaigns", "mine", "sessions"]
FILED = ["reports", "verify"]
OFFERED: dict[Role | None, list[str]] = {
    None: [*BROWSE, *DELEGATES, *WORK, *FILED, "upload", "history", "record", "backups"],
    "leader": [*BROWSE, *DELEGATES, *WORK, *FILED, "history"],
    "county_clerk": [*BROWSE, *DELEGATES, *WORK, *FILED, "upload", "history"],
    "township_clerk": ["upload", "history"],
    "administrator": ["accounts", "record", "backups"],
    "viewer": BROWSE,
}
FILES = {
    file.stem: str(file.relative_to(PAGES))
    for room in ("browse", "clerk", "admin")
    for file in (PAGES / room).glob("*.py")
}
DENIED = "您的账号没有使用这一页的权限。"
Open = Callable[..., AppTest]


@pytest.fixture(scope="module")
def county(sample_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copy(sample_database, tmp_path_factory.mktemp("roles") / "county.duckdb"))


@pytest.fixture
def office(county: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The sample county, opened as the server opens it."""
    monkeypatch.setattr(desk, "_storings", [])
    monkeypatch.setattr(store, "_chosen", None)
    monkeypatch.setattr(store, "_open", {})
    monkeypatch.setenv("DELEGATES_DATABASE", str(county))
    monkeypatch.setattr(opening, "_opening", None)
    state = opening.begin()
    while not state.ready:
        assert state.fault is None
        time.sleep(0.01)
    speak("zh")
    yield county
    for opened in list(store._open.values()):
        opened.close()


def somebody(role: Role | None) -> Visitor:
    if role is None:
        return Visitor(address=access.HERE)
    return signed_in(role, *((OWN,) if role == "township_clerk" else ()), name="王小明")


@pytest.fixture
def enter(office: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Open the first page as somebody of the role, or the page at an address."""

    def start(role: Role | None, at: str | None = None, **parameters: str) -> AppTest:
        here = somebody(role)
        monkeypatch.setattr(access, "visitor", lambda: here)
        test = AppTest.from_file(str(FRAME), default_timeout=60)
        for name, value in parameters.items():
            test.query_params[name] = value
        if at is not None:
            test._page_hash = calc_hash(at)  # as a socket names a page
        return test.run()

    return start


def offered(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What each run's navigation shows, by the pages' files."""
    seen: list[list[str]] = []
    navigation = st.navigation

    def noted(pages: dict[str, list[Any]], **settings: Any) -> Any:
        every = [page for section in pages.values() for page in section]
        seen.append([Path(p._page).stem for p in every if p._visibility == "visible"])
        return navigation(pages, **settings)

    monkeypatch.setattr(st, "navigation", noted)
    return seen


@pytest.mark.parametrize("role", OFFERED)
def test_the_navigation_is_the_role_s(
    enter: Open, monkeypatch: pytest.MonkeyPatch, role: Role | None
) -> None:
    """Each role is shown its own pages and begins with the first; each of them opens."""
    seen = offered(monkeypatch)
    test = enter(role)
    assert sorted(seen[-1]) == sorted(OFFERED[role])
    assert seen[-1][0] == OFFERED[role][0]
    assert not test.exception
    assert not test.error
    first = test.title[0].value
    for name in OFFERED[role]:
        test = enter(role, name)
        assert not test.exception, name
        assert not test.error, name
        assert test.title, name
        assert (test.title[0].value == first) == (name == OFFERED[role][0])


@pytest.mark.parametrize("role", get_args(Role))
def test_other_pages_say_so_at_their_address(enter: Open, role: Role) -> None:
    """A page that is not the role's has a plain word at its address, and nothing of any page."""
    for name in FILES.keys() - set(OFFERED[role]):
        test = enter(role, name)
        assert [error.value for error in test.error] == [DENIED], name
        assert not [*test.exception, *test.title, *test.dataframe, *test.metric], name
        with pytest.raises(ValueError, match="navigation page"):
            test.switch_page(FILES[name])


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("role", get_args(Role))
def test_each_page_checks_for_itself(
    office: Path, monkeypatch: pytest.MonkeyPatch, role: Role, name: str
) -> None:
    """A page that is run without the frame shows nothing to who may not see it."""
    if name in OFFERED[role]:
        return
    here = somebody(role)
    monkeypatch.setattr(access, "visitor", lambda: here)
    test = AppTest.from_file(str(PAGES / FILES[name]), default_timeout=60).run()
    assert [error.value for error in test.error] == [DENIED]
    assert len(list(leaves(test.main))) == 1


def test_who_is_here(enter: Open) -> None:
    """Above each page stands who is signed in, with the ways out; on this computer only, that
    there are no accounts.
    """
    assert enter(None).caption[0].value == (
        "本机使用，没有设置账号：能打开这台电脑的人都能查看和操作。"
    )
    test = enter("township_clerk")
    assert test.caption[0].value == f"王小明 · 镇街经办人 · {OWN}"
    assert 'href="/logout?lang=zh"' in told(test)


# --- what is told -----------------------------------------------------------------------------


def leaves(block: Block) -> Iterator[Any]:
    for child in block.children.values():
        if isinstance(child, Block):
            yield from leaves(child)
        else:
            yield child


def told(test: AppTest) -> str:
    """Everything that the browser is sent of the page, tables and charts too."""
    parts = []
    for leaf in leaves(test.main):
        parts.append(leaf.proto.SerializeToString().decode("utf-8", "replace"))
        if leaf.type == "arrow_data_frame":
            parts.append(leaf.value.to_csv())
    return "\n".join(parts)


def roster() -> pd.DataFrame:
    return store.store().query("select * from delegates")


def test_a_viewer_is_sent_no_name(enter: Open) -> None:
    """Neither page, in either language, has a delegate's name or number, or a leader's, anywhere;
    the movers bear pseudonyms, and no row leads to a dossier.
    """
    people = roster()
    leaders = store.store().query("select leader from townships")["leader"].dropna()
    secrets = {*people["name"], *people["delegate_id"], *people["person_id"].dropna(), *leaders}
    named = told(enter("leader", "overview", period="2026Q3"))
    assert [name for name in secrets if name in named]
    for language in ("zh", "en"):
        for page in OFFERED["viewer"]:
            test = enter("viewer", page, period="2026Q3", lang=language)
            assert not test.exception
            sent = told(test)
            assert len(sent) > 5000
            assert not [name for name in secrets if name in sent]
    movers = [f.value for f in enter("viewer", "overview", period="2026Q3").dataframe]
    assert all(frame["name"].str.fullmatch("#[A-Z2-7]{8}").all() for frame in movers)


def strangers() -> set[str]:
    """Numbers, names and townships that are not of the own township, nor part of such a name."""
    people = roster()
    other = people[people["township"] != OWN]
    own = " ".join(people.loc[people["township"] == OWN, "name"])
    names = {name for name in other["name"] if name not in own}
    return {*other["delegate_id"], *other["township"].dropna(), *names}


def activities(*delegates: str) -> bytes:
    days = [f"2026-09-{day:02}" for day in range(1, 29)]
    header = ["代表编号", "类型", "日期", "数量", "内容"]
    lines = [[who, "接待选民", day, "3", "试"] for who in delegates for day in days]
    return csv_bytes([header, *lines])


def test_a_townships_clerk_is_sent_nothing_of_others(enter: Open) -> None:
    """Not on the board, not in the history, not in a preview with its effects on the ranking, not
    where the file is refused.
    """
    people, secrets = roster(), strangers()
    own = people.loc[people["township"] == OWN, "delegate_id"]
    test = enter("township_clerk", "history")
    assert OWN in told(test)
    assert not [secret for secret in secrets if secret in told(test)]
    test = enter("township_clerk")
    file = ("2026Q3.csv", activities(*own[:5]), "text/csv")
    test.file_uploader[0].set_value([file]).run()
    assert not test.exception
    sent = told(test)
    assert "入库预览" in sent
    assert "排名的影响" in sent
    assert not [secret for secret in secrets if secret in sent]
    [other] = people.loc[people["township"] != OWN].head(1).itertuples()
    test = enter("township_clerk")
    file = ("2026Q3.csv", activities(other.delegate_id), "text/csv")
    test.file_uploader[0].set_value([file]).run()
    sent = told(test)
    assert f"代表 {other.delegate_id} 属于" in sent
    # What the clerk typed, and where it belongs; no name.
    assert not [s for s in secrets - {other.delegate_id, other.township} if s in sent]


@pytest.mark.parametrize("role", ["leader", "township_clerk"])
def test_no_undo_for_who_may_not(enter: Open, role: Role) -> None:
    """Who may not undo sees the upload and its file, and no way to take it back."""
    own = roster().query("township == @OWN")["delegate_id"]
    clerk = somebody("township_clerk")
    checked = desk.check([desk.Sent("2026Q3.csv", activities(own.iloc[0]))], clerk)
    with desk.supposing_stored(checked, checked, clerk) as previews:
        pass
    storing = desk.start(previews, clerk)
    assert storing.wait(60)
    number = max(r.upload_id or r.known_as or 0 for r in storing.receipts or [])
    test = enter(role, "history", upload=str(number))
    assert not test.exception
    assert f"第 {number} 号上传" in told(test)
    labels = [button.label for button in test.button]
    assert "关闭" in labels
    assert not [label for label in labels if "撤销" in label or "启用" in label]
    test = enter("county_clerk", "history", upload=str(number))
    assert "撤销这次上传…" in [button.label for button in test.button]


def test_no_name_is_asked_of_who_is_signed_in(enter: Open) -> None:
    """The account says who it is: no field for a name where somebody uploads."""
    own = roster().query("township == @OWN")["delegate_id"]
    for role, fields in (("county_clerk", []), (None, ["经办人"])):
        test = enter(role, "upload")
        file = ("2026Q3.csv", activities(own.iloc[-1]), "text/csv")
        test.file_uploader[0].set_value([file]).run()
        assert [field.label for field in test.text_input] == fields
        [button] = [b for b in test.button if b.label.startswith("入库")]
        assert button.disabled == (role is None)


def test_a_deed_after_the_end_of_the_session(enter: Open) -> None:
    """A button on a page that was left open does nothing once the session is over, says so, and
    the attempt is on record.
    """
    own = roster().query("township == @OWN")["delegate_id"]
    test = enter("county_clerk", "upload")
    test.file_uploader[0].set_value([("2026Q3.csv", activities(own.iloc[7]), "text/csv")]).run()
    before = store.version()
    accounts().end_all("county_clerk")
    [button] = [b for b in test.button if b.label.startswith("入库")]
    button.click().run()
    assert not test.exception
    assert [error.value for error in test.error] == [
        "没有执行：您的账号没有这项权限，或登录已失效。"
    ]
    assert store.version() == before
    last = record().entries().iloc[0]
    assert (last["deed"], last["account"], last["what"]) == (
        "refused",
        "county_clerk",
        {"right": "upload"},
    )


def test_emptying_the_sample_is_offered_to_who_may(enter: Open) -> None:
    for role, may in (("township_clerk", False), ("county_clerk", True), (None, True)):
        labels = [button.label for button in enter(role, "upload").button]
        assert ("清空示例数据" in labels) == may


def test_where_the_database_does_not_open(enter: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only who may put back a backup is told which file is wrong and offered the backups."""
    fault = DatabaseUnavailable("not_a_database", path="/office/delegates.duckdb")
    monkeypatch.setattr(opening, "begin", lambda: opening.Opening(fault=fault))
    for role in ("viewer", "leader", "township_clerk", "county_clerk"):
        test = enter(role)
        assert [error.value for error in test.error] == ["数据库打不开，请告诉系统管理员。"]
    for role in ("administrator", None):
        assert "/office/delegates" in enter(role).error[0].value


# --- the cache and the exports ----------------------------------------------------------------


def test_answers_are_kept_by_who_sees_them(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was answered to one role is not handed to another."""
    lengths = {}
    for role in ("leader", "viewer", "township_clerk", "county_clerk"):
        here = somebody(role)
        monkeypatch.setattr(access, "visitor", lambda here=here: here)
        frame = caching.ask(questions.ranking, period=Period(2026, 3, 3))
        lengths[role] = (len(frame), bool(frame["name"].str.startswith("#").all()))
    assert lengths["leader"] == lengths["county_clerk"] == (939, False)
    assert lengths["viewer"] == (939, True)
    assert 0 < lengths["township_clerk"][0] < 200


def hand_out(by: Visitor) -> bytes:
    def built() -> tuple[bytes, dict[str, Value]]:
        table = as_csv(pd.DataFrame({"township": ["东镇"]}), [Column("township", "镇街")])
        return table, {"title": "镇街对比", "kind": "csv", "rows": 1, "version": 3}

    return export.hand_out(by, ["export"], "zh", built)


def test_an_export_is_on_record_before_it_leaves(office: Path) -> None:
    """Its line says who took what away, byte for byte; without the line there is no file."""
    by = somebody("leader")
    content = hand_out(by)
    assert "东镇" in content.decode("utf-8-sig")
    last = record().entries().iloc[0]
    assert (last["deed"], last["account"], last["what"]["title"]) == (
        "export",
        "leader",
        "镇街对比",
    )
    assert (last["what"]["sha256"], last["what"]["bytes"]) == (
        sha256(content).hexdigest(),
        len(content),
    )
    path = record().path
    path.rename(path.with_suffix(".away"))
    path.mkdir()
    try:
        with pytest.raises(DatabaseUnavailable):
            hand_out(by)
    finally:
        path.rmdir()
        path.with_suffix(".away").rename(path)


@pytest.mark.parametrize("role", ["township_clerk", "administrator"])
def test_no_export_for_who_may_not(office: Path, role: Role) -> None:
    """A link to an export that was found somewhere gives nothing to who may not export."""
    with pytest.raises(Forbidden):
        hand_out(somebody(role))
    assert record().entries().iloc[0]["deed"] == "refused"


def test_no_export_after_the_end_of_the_session(office: Path) -> None:
    """A page that was left open exports nothing once its session is over."""
    by = somebody("leader")
    accounts().end_all("leader")
    with pytest.raises(Forbidden):
        hand_out(by)


def test_the_door_is_for_who_may(enter: Open, doors: Doors) -> None:
    """Leaders, clerks of the county and viewers are offered what the page shows, a township's
    clerk nothing; a paper with names only who sees names.
    """
    paper = Paper("履职通报", "county", "pdf", lambda *_: Made(b"", {}))
    for role in ("leader", "viewer", "county_clerk"):
        enter(role, "townships", period="2026Q3")
        assert list(doors.files)[:2] == ["镇街对比", "镇街与指标的平均完成率"]
        doors.page.papers.append((paper, Period(2026, 3, 3), None, ()))
        assert ("履职通报" in doors.files) == (role != "viewer")
    enter("county_clerk", "history")
    assert list(doors.files) == ["上传记录", "各镇街报送情况", "整页"]
    doors.offered.clear()
    enter("township_clerk", "history")
    for page in ("upload", "record", "backups", "reports", "verify"):
        enter(None, page)
    assert not doors.offered
