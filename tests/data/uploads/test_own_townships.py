"""A townships' clerk stores the rows of the own townships, and touches and learns nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import pytest
from files import (
    ACTIVITIES,
    ATTENDANCE,
    OPINIONS,
    SUGGESTIONS,
    registers_of_two_townships,
    sheet,
)
from visitors import signed_in

from data import backups
from data import store as stores
from data.access import RIGHTS, Forbidden, Right, Role, Visitor
from data.access.accounts import accounts
from data.backups import content_for, drill_for, restore_for
from data.problems import ERRORS
from data.record import record
from data.store import Store
from data.uploads import desk
from data.uploads.check import Sent, check_all, registers
from data.uploads.formats import FORMATS
from data.uploads.ledger import upload_together

OWN = "大坝街道"  # of 007; D2, D3 and D4 are of 龙山镇, D3 a namesake of 007
SECRET = ("李四", "王五", "2026-06-30", "D3", "D4")
DUTY = "代表编号,日期,到会选民,满意"


@pytest.fixture
def office(house: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The small county as this process's store, as the desk has it."""
    monkeypatch.setattr(stores, "_open", {house.path: house})
    monkeypatch.setattr(stores, "_chosen", house.path)
    monkeypatch.setattr(desk, "_storings", [])
    return house


@pytest.fixture
def clerk(office: Store) -> Visitor:
    return signed_in("township_clerk", OWN)


@pytest.fixture
def county(office: Store) -> Visitor:
    return signed_in("county_clerk", name="李")


def checked(by: Visitor, *files: Sent) -> list[tuple[str, int | None, str | None]]:
    """The errors of the files as the visitor is told them."""
    return [
        (p.code, p.row, p.column)
        for found in desk.check(files, by)
        for p in found.problems
        if p.level == "error"
    ]


def stored(by: Visitor, *files: Sent) -> list[str]:
    """Upload as the page does; what became of each file."""
    found = desk.check(files, by)
    with desk.supposing_stored(found, found, by) as previews:
        pass
    storing = desk.start(previews, by)
    assert storing.wait(60)
    assert storing.fault is None
    return [receipt.outcome for receipt in storing.receipts or []]


def standing(office: Store, name: str) -> set[tuple[Any, ...]]:
    rows = office.query(f"select upload_id, row_number, delegate_id from {name}")
    return set(rows.itertuples(index=False, name=None))


def deeds(*names: str) -> list[tuple[str, str | None, dict[str, Any]]]:
    """What is on record of these deeds, the oldest first."""
    entries = record().entries().iloc[::-1]
    told = entries[entries["deed"].isin(names)]
    told = told.assign(
        account=told["account"].astype("object").where(told["account"].notna(), None)
    )
    return list(told[["deed", "account", "what"]].itertuples(index=False, name=None))


# --- what a file may hold ---------------------------------------------------------------------

REFUSED: dict[str, tuple[list[str], list[tuple[str, int | None, str | None]]]] = {
    "activities": (
        [ACTIVITIES, "007,接待选民,2026-07-01,,", "D2,接待选民,2026-07-01,,"],
        [("delegate_elsewhere", 3, "代表编号")],
    ),
    "attendance": (
        [ATTENDANCE, "E1,会议,2026-07-01,D2,出席"],
        [("delegate_elsewhere", 2, "代表编号")],
    ),
    "opinions": (
        [OPINIONS, "O1,D2,2026-07-01,路灯,,"],
        [("delegate_elsewhere", 2, "代表编号")],
    ),
    "suggestions": (
        [SUGGESTIONS, "S1,修路,D2,007,2026-07-01,,,"],
        [("delegate_elsewhere", 2, "领衔代表编号")],
    ),
    "duty_reports": ([DUTY, "D2,2026-07-01,9,9"], [("delegate_elsewhere", 2, "代表编号")]),
    "adjustments": (
        ["代表编号,日期,类型,分值,依据,批准人", "007,2026-07-01,加分,5,试,王"],
        [("of_the_county", None, None)],
    ),
    "townships": (["镇街,类型", f"{OWN},街道"], [("of_the_county", None, None)]),
    "stations": (
        ["编号,名称,类型,镇街", f"Z1,代表之家,代表之家,{OWN}"],
        [("of_the_county", None, None)],
    ),
    "assignments": (
        ["领导,对象类型,对象", f"周,镇街,{OWN}"],
        [("of_the_county", None, None)],
    ),
    "plan": (["年度,任务,目标", "2026,走访,9"], [("of_the_county", None, None)]),
    "supervised": (["类别,编号,名称", "排污口,P1,一号口"], [("of_the_county", None, None)]),
    # A township would judge itself with these.
    "issues": (
        ["编号,主题,发现渠道,镇街,发现日期", f"W1,碧水,代表暗访,{OWN},2026-07-01"],
        [("of_the_county", None, None)],
    ),
    "guidance": (
        ["日期,领导,镇街,检查项", f"2026-07-01,周,{OWN},点位"],
        [("of_the_county", None, None)],
    ),
    "delegates": (
        ["代表编号,姓名,层级,镇街,任职起", f"D2,张三,县级,{OWN},2021-12-20"],
        [("of_the_county", None, None)],
    ),
}


@pytest.mark.parametrize("name", FORMATS)
def test_others_rows_refuse_the_file(office: Store, clerk: Visitor, name: str) -> None:
    """In each format a row of another township's delegate is an error at its place, and registers
    and what the county decides are not theirs at all; nothing of such a file is stored, whoever is named in it.
    """
    lines, expected = REFUSED[name]
    file = sheet(*lines)
    assert checked(clerk, file) == expected
    before = office.version
    assert stored(clerk, file) == ["refused"]
    assert office.version == before


def test_own_rows_are_stored(office: Store, clerk: Visitor) -> None:
    """What is of the own township goes in as ever, also a co-signature from elsewhere, and a
    namesake of the own township is known without a number.
    """
    files = [
        sheet("姓名,类型,日期", "张三,接待选民,2026-07-01"),
        sheet(SUGGESTIONS, "S1,修路,007,D2,2026-07-01,,,"),
    ]
    assert checked(clerk, *files) == []
    assert stored(clerk, *files) == ["stored", "stored"]
    assert {whose for _, _, whose in standing(office, "activities")} == {"007"}
    [told, _] = deeds("upload")
    assert told == (
        "upload",
        "township_clerk",
        {
            "file": "file.csv",
            "upload": 3,
            "format": "activities",
            "quarter": "2026Q3",
            "outcome": "stored",
        },
    )


def test_the_file_to_mend_marks_them(office: Store, clerk: Visitor) -> None:
    """The row stands where the clerk finds it, with a sentence that says what to do."""
    [found] = desk.check([sheet(ACTIVITIES, "D2,接待选民,2026-07-01,,")], clerk)
    [problem] = found.problems
    _header, places = desk.header_of(found)
    assert problem.column in places
    assert problem.sentence == (
        "代表 D2 属于龙山镇，不在您的镇街。请删去这一行，由该镇街或县级经办人上传。"
    )


@pytest.mark.parametrize(
    "lines",
    [
        [f"{ACTIVITIES},姓名", "D2,接待选民,2026-07-01,,,张三", "D2,接待选民,2020-01-01,,,"],
        ["姓名,镇街,类型,日期", "张三,龙山镇,接待选民,2026-07-01", "张三,,接待选民,2026-07-01"],
        ["姓名,类型,日期", "李某,接待选民,2026-07-01"],
        [OPINIONS, "O9,007,2026-07-01,另一件,,", "O9,D2,2026-07-01,又一件,,"],
        [SUGGESTIONS, "S9,修桥,007,,2026-07-02,,,"],
        [f"{ACTIVITIES},记录号", "D2,接待选民,2026-07-01,,修路,R1"],
    ],
)
def test_problems_tell_nothing_of_others(
    office: Store, clerk: Visitor, county: Visitor, lines: list[str]
) -> None:
    """No problem names a delegate of elsewhere, a day or a number that the file did not say."""
    upload_together(
        office,
        check_all(
            [
                sheet(OPINIONS, "O9,D3,2026-07-03,路灯,2026-07-20,已解决"),
                sheet(SUGGESTIONS, "S9,修路,D4,,2026-05-03,,,", name="2026Q2.csv"),
                sheet(f"{ACTIVITIES},记录号", "D2,接待选民,2026-07-01,,,R1"),
            ],
            registers(office),
        ),
    )
    [found] = desk.check([sheet(*lines, name="2026Q3.csv")], clerk)
    told = "".join(f"{p.sentence}{p.value}{p.details}" for p in found.problems)
    assert not [secret for secret in (*SECRET, "2026-07-03", "2026-05-03") if secret in told]


# --- taking over what stands ------------------------------------------------------------------

TAKING = {
    "opinions": (
        sheet(OPINIONS, "O1,D2,2026-07-01,路灯,,"),
        sheet(OPINIONS, "O1,007,2026-07-01,路灯,,"),
        "编号",
    ),
    "suggestions": (
        sheet(SUGGESTIONS, "S1,修路,D2,,2026-07-01,,,"),
        sheet(SUGGESTIONS, "S1,修路,007,,2026-07-01,,,"),
        "建议号",
    ),
}


@pytest.mark.parametrize("name", TAKING)
@pytest.mark.parametrize("replace", [False, True])
def test_no_record_of_others_is_taken_over(
    office: Store, clerk: Visitor, county: Visitor, name: str, replace: bool
) -> None:
    """A number that another township's record bears cannot be used for one's own."""
    theirs, mine, column = TAKING[name]
    assert stored(county, theirs) == ["stored"]
    before = standing(office, name)
    mine = Sent(mine.filename, mine.content, replace=replace)
    assert ("key_elsewhere", 2, column) in checked(clerk, mine)
    assert stored(clerk, mine) == ["refused"]
    assert standing(office, name) == before


@pytest.mark.parametrize("name", TAKING)
def test_taken_while_it_was_looked_at(
    office: Store, clerk: Visitor, county: Visitor, name: str
) -> None:
    """Where the other record comes in after the check and the preview, the storing sees it."""
    theirs, mine, _ = TAKING[name]
    found = desk.check([mine], clerk)
    assert not found[0].has_errors
    with desk.supposing_stored(found, found, clerk) as previews:
        assert previews[0].receipt.outcome == "stored"
    assert stored(county, theirs) == ["stored"]
    before = standing(office, name)
    storing = desk.start(previews, clerk)
    assert storing.wait(60)
    assert [r.outcome for r in storing.receipts or []] == ["outdated"]
    assert standing(office, name) == before


def test_a_file_checked_for_somebody_else(office: Store, clerk: Visitor, county: Visitor) -> None:
    """What was checked and previewed for all of the county is checked anew for the clerk's own
    townships when they store it: the page's state is not what decides.
    """
    file = sheet(ACTIVITIES, "D2,接待选民,2026-07-01,,")
    found = desk.check([file], county)
    with desk.supposing_stored(found, found, county) as previews:
        assert previews[0].receipt.outcome == "stored"
    with desk.supposing_stored(found, found, clerk) as mine:
        assert mine[0].receipt.outcome == "refused"
    storing = desk.start(previews, clerk)
    assert storing.wait(60)
    assert [r.outcome for r in storing.receipts or []] == ["outdated"]
    assert standing(office, "activities") == set()


def test_replacing_leaves_others_alone(office: Store, clerk: Visitor, county: Visitor) -> None:
    """A replacing file takes away the own township's rows of the quarter alone, and its preview
    tells of no others.
    """
    both = sheet(ACTIVITIES, "007,接待选民,2026-07-01,,旧", "D2,接待选民,2026-07-01,,他镇")
    assert stored(county, both) == ["stored"]
    theirs = {row for row in standing(office, "activities") if row[2] != "007"}
    [found] = desk.check(
        [Sent("n.csv", sheet(ACTIVITIES, "007,接待选民,2026-07-02,,新").content, replace=True)],
        clerk,
    )
    with desk.supposing_stored([found], [found], clerk) as [preview]:
        assert preview.missing["delegate_id"].tolist() == ["007"]
        assert preview.townships["township"].tolist() == [OWN]
    storing = desk.start([preview], clerk)
    assert storing.wait(60)
    left = standing(office, "activities")
    assert theirs <= left
    assert {row[2] for row in left - theirs} == {"007"}
    assert len(left) == 2


def test_of_no_township(office: Store) -> None:
    """A clerk whose township was renamed has nobody to store anything of."""
    lost = signed_in("township_clerk", "查无此镇")
    assert checked(lost, sheet(ACTIVITIES, "007,接待选民,2026-07-01,,")) == [
        ("delegate_elsewhere", 2, "代表编号")
    ]


def test_the_codes_of_this_file_happen() -> None:
    """What tests/data/uploads/test_check.py leaves to this file are errors."""
    assert {"delegate_elsewhere", "key_elsewhere", "of_the_county"} <= ERRORS.keys()


# --- what is shown and handed out -------------------------------------------------------------


def test_originals_of_others_stay_shut(office: Store, clerk: Visitor, county: Visitor) -> None:
    """The clerk gets a file whose rows are all of the own townships, as it was sent, and no other,
    not one with a single row of others, dated in another quarter, nor a register; each on record.
    """
    mine = sheet(ACTIVITIES, "007,接待选民,2026-07-01,,", name="mine.csv")
    mixed = sheet(OPINIONS, "O1,007,2026-07-01,路灯,,", name="2026Q3.csv")
    theirs = sheet(ACTIVITIES, "D2,接待选民,2026-07-01,,")
    early = sheet(OPINIONS, "O7,D2,2026-05-01,井盖,,", name="2026Q2.csv")
    again = sheet(
        OPINIONS,
        "O2,007,2026-07-01,路灯,,",
        "O7,D2,2026-05-01,井盖,2026-07-09,已解决",
        name="2026Q3.csv",
    )
    for file in (mine, mixed, theirs, early, again):
        assert stored(county, file) == ["stored"]
    assert desk.original(mine.checksum, clerk) == mine.content
    assert desk.original(mixed.checksum, clerk) == mixed.content
    roster = registers_of_two_townships()[1]
    for file in (theirs, early, again, roster, sheet("nothing")):
        with pytest.raises(Forbidden):
            desk.original(file.checksum, clerk)
    assert desk.original(roster.checksum, county) == roster.content
    told = deeds("original_downloaded", "refused")
    assert [(deed, account) for deed, account, _ in told] == [
        *[("original_downloaded", "township_clerk")] * 2,
        *[("refused", "township_clerk")] * 5,
        ("original_downloaded", "county_clerk"),
    ]
    assert told[0][2] == {"upload": 3, "file": "mine.csv"}


def test_storings_of_others_are_not_told(office: Store, clerk: Visitor, county: Visitor) -> None:
    """A clerk is told of their own storings, and puts away their own alone, also of a clerk of the
    same name; who speaks for all is told of all.
    """
    namesake = signed_in("township_clerk", "龙山镇", account="other")
    assert namesake.name == clerk.name
    assert stored(county, sheet(ACTIVITIES, "007,接待选民,2026-07-01,,")) == ["stored"]
    assert stored(namesake, sheet(ACTIVITIES, "D2,接待选民,2026-07-01,,")) == ["stored"]
    assert stored(clerk, sheet(ACTIVITIES, "007,接待选民,2026-07-02,,")) == ["stored"]
    [mine] = desk.storings(clerk)
    [theirs] = desk.storings(namesake)
    assert [s.sender.account for s in desk.storings(county)] == [
        "township_clerk",
        "other",
        "county_clerk",
    ]
    desk.dismiss(theirs.job, clerk)
    assert len(desk.storings(county)) == 3
    desk.dismiss(mine.job, clerk)
    assert desk.storings(clerk) == []
    for by in (county, namesake):
        said = {"filename": "丢.csv", "checksum": "0", "format": "activities", "quarter": None}
        office.journal.begun(by.account or "", by.name, [{**said, "account": by.account}])
    office.journal._running.clear()  # as after a crash
    assert desk.interrupted(clerk) == []
    assert [job.job for job in desk.interrupted(namesake)] == ["other"]
    assert len(desk.interrupted(county)) == 2


# --- each function for itself -----------------------------------------------------------------

FILE = sheet(ACTIVITIES, "007,接待选民,2026-07-01,,", name="x.csv")
DEEDS: dict[str, tuple[Right, Callable[[Store, Visitor, Any], Any]]] = {
    "check": ("upload", lambda house, by, seen: desk.check([FILE], by)),
    "preview": ("upload", lambda house, by, seen: desk.supposing_stored([], [], by)),
    "start": ("upload", lambda house, by, seen: desk.start([], by)),
    "dismiss": ("upload", lambda house, by, seen: desk.dismiss("job", by)),
    "supposing": ("undo", lambda house, by, seen: desk.supposing_reversed(3, "undo", by)),
    "reverse": ("undo", lambda house, by, seen: desk.reverse(3, "undo", "试", by, seen)),
    "original": ("uploads", lambda house, by, seen: desk.original(FILE.checksum, by)),
    "restore": ("backups", lambda house, by, seen: restore_for(by, house.path, newest(house).name)),
    "drill": ("backups", lambda house, by, seen: drill_for(by, house.path)),
    "download": ("backups", lambda house, by, seen: content_for(by, newest(house))),
}


def newest(house: Store) -> backups.Backup:
    return backups.listed(house.path)[0]


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("role", get_args(Role))
def test_each_function_refuses_by_itself(office: Store, role: Role, deed: str) -> None:
    """Whatever a page forgot: a function runs for the roles that may, and refuses others, whose
    session is over or whose rights were changed, with nothing done and a line on record.
    """
    upload_together(office, check_all([FILE], registers(office)))
    with desk.supposing_reversed(3, "undo", Visitor()) as seen:
        pass
    townships = (OWN,) if role == "township_clerk" else ()
    by = signed_in(role, *townships)
    right, do = DEEDS[deed]
    before = office.version
    if right in RIGHTS[role]:
        do(office, by, seen)
        before = office.version
        accounts().end_all(role)
    with pytest.raises(Forbidden):
        do(office, by, seen)
    assert office.version == before
    assert deeds("refused") == [("refused", role, {"right": right})]


def test_emptying_the_sample_is_for_who_may_undo(office: Store, clerk: Visitor) -> None:
    """A townships' clerk cannot empty the county, not even of invented people."""
    with pytest.raises(Forbidden):
        desk.begin_with_own_data(clerk)
    with pytest.raises(ValueError, match="sample"):  # nor can anybody, where it is none
        desk.begin_with_own_data(signed_in("county_clerk"))


def test_deeds_are_on_record(office: Store, county: Visitor) -> None:
    """An undo, a redo, a drill and a restore say who, what and why; so on this computer only, with
    the name that was typed.
    """
    assert stored(county, FILE) == ["stored"]
    admin = signed_in("administrator")
    for action in ("undo", "redo"):
        with desk.supposing_reversed(3, action, county) as seen:
            pass
        desk.reverse(3, action, "传错了", Visitor("李", address="本机"), seen)
    drill_for(admin, office.path)
    backup = newest(office)
    restore_for(admin, office.path, backup.name)
    told = deeds("undo", "redo", "drill", "restore")
    assert told == [
        ("undo", None, {"upload": 3, "reason": "传错了"}),
        ("redo", None, {"upload": 3, "reason": "传错了"}),
        ("drill", "administrator", {"backup": backup.name, "outcome": "whole"}),
        ("restore", "administrator", {"backup": backup.name}),
    ]
    assert record().entries().query("deed == 'undo'")["name"].item() == "李"


def test_who_stored_is_the_account_s_person(office: Store, county: Visitor) -> None:
    """The ledger names the person of the account."""
    stored(county, FILE)
    assert office.query("select uploaded_by from uploads where upload_id = 3").iat[0, 0] == "李"
