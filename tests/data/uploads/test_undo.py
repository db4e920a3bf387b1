"""Replacing, taking back, looking first: what it does is said before, and nothing is destroyed."""

from __future__ import annotations

import dataclasses

import pytest
from files import ACTIVITIES, ATTENDANCE, OPINIONS, ROSTER, csv_bytes, sheet

from data.store import Store
from data.uploads import originals
from data.uploads.check import Sent, check_all, registers
from data.uploads.ledger import (
    NotReversible,
    Preview,
    Receipt,
    StillNeeded,
    reverse,
    supposing_reversed,
    supposing_stored,
    upload_together,
)


def upload(store: Store, *files: Sent) -> list[Receipt]:
    return upload_together(store, check_all(files, registers(store)), "王")


def replacing(sent: Sent) -> Sent:
    return dataclasses.replace(sent, replace=True)


def table(store: Store, sql: str) -> list[tuple[object, ...]]:
    frame = store.query(sql)
    return list(
        frame.astype("object").where(frame.notna(), None).itertuples(index=False, name=None)
    )


def activities(store: Store) -> list[tuple[object, ...]]:
    return table(
        store, "select upload_id, delegate_id, date::varchar, content from activities order by all"
    )


def look(store: Store, *files: Sent) -> list[Preview]:
    checked = check_all(files, registers(store))
    with supposing_stored(store, checked, checked) as previews:
        return previews


BOTH = sheet(
    ACTIVITIES,
    "007,接待选民,2026-07-01,1,甲",
    "007,接待选民,2026-07-02,1,乙",
    "D2,接待选民,2026-07-03,1,丙",
)
LATE = sheet(ACTIVITIES, "007,接待选民,2026-07-02,1,乙", "007,接待选民,2026-07-08,1,丁")


def test_replace_takes_the_place_of_its_townships(house: Store) -> None:
    """Replaced are the rows of the townships in the file and of its quarter; no other row moves."""
    upload(house, sheet(ACTIVITIES, "007,接待选民,2026-04-01,1,春"))
    upload(house, BOTH)
    [receipt] = upload(house, replacing(LATE))
    assert (receipt.added, receipt.changed, receipt.unchanged, receipt.missing) == (1, 0, 1, 1)
    assert activities(house) == [
        (3, "007", "2026-04-01", "春"),
        (4, "D2", "2026-07-03", "丙"),
        (5, "007", "2026-07-02", "乙"),
        (5, "007", "2026-07-08", "丁"),
    ]
    # Nothing is destroyed: the replaced rows stay, and say what replaced them.
    assert table(
        house,
        "select upload_id, content, superseded_by from stored_activities"
        " where not standing order by row_number",
    ) == [(4, "甲", 5), (4, "乙", 5)]
    said = "select mode, array_to_string(townships, '；'), uploaded_by from uploads where upload_id = 5"
    assert table(house, said) == [("replace", "大坝街道", "王")]


def test_undo_and_its_undo(house: Store) -> None:
    """Taking a replacement back brings the replaced rows back; undoing that replaces them again."""
    upload(house, BOTH)
    before = activities(house)
    upload(house, replacing(LATE))
    replaced = activities(house)
    marks = table(house, "from kept_rows order by all")
    done = reverse(house, 4, "undo", "镇街传错了文件", "李")
    assert (done.gone, done.back) == ({4: 2}, {3: 2})
    assert activities(house) == before
    assert table(house, "select upload_id, action, reason, reversed_by from reversals") == [
        (4, "undo", "镇街传错了文件", "李")
    ]
    assert table(house, "select state from uploads where upload_id = 4") == [("reverted",)]
    done = reverse(house, 4, "redo", "原来没错", "李")
    assert (done.gone, done.back) == ({3: 2}, {4: 2})
    assert activities(house) == replaced
    assert table(house, "from kept_rows order by all") == marks


def test_only_what_stands_can_be_undone(house: Store) -> None:
    """An upload is taken back once; an unknown one never."""
    upload(house, BOTH)
    for number, action in ((9, "undo"), (3, "redo")):
        version = house.version
        with pytest.raises(NotReversible):
            reverse(house, number, action, "", "")  # type: ignore[arg-type]
        assert house.version == version
    reverse(house, 3, "undo", "", "")
    with pytest.raises(NotReversible):
        reverse(house, 3, "undo", "", "")


def test_undo_of_a_roster_that_records_need(house: Store) -> None:
    """A roster is not taken back while records name its delegates: these uploads are listed."""
    upload(
        house,
        Sent(
            "名册.csv", csv_bytes([ROSTER[0], ["D9", "赵六", "县级", "龙山镇", "2021-12-20", ""]])
        ),
    )
    upload(house, sheet(ACTIVITIES, "D9,接待选民,2026-07-01,1,甲"))
    upload(house, sheet(ACTIVITIES, "D2,接待选民,2026-07-01,1,甲"))
    before = table(house, "from kept_rows order by all"), house.version
    with pytest.raises(StillNeeded) as needed:
        reverse(house, 3, "undo", "", "")
    assert needed.value.uploads == [4]
    assert (table(house, "from kept_rows order by all"), house.version) == before
    # Once these are taken back it can go; then they cannot come back before it.
    reverse(house, 4, "undo", "", "")
    reverse(house, 3, "undo", "", "")
    with pytest.raises(StillNeeded) as needed:
        reverse(house, 4, "redo", "", "")
    assert needed.value.uploads == [4]


def test_undo_leaves_what_later_uploads_hold(house: Store) -> None:
    """Rows that a later upload repeats still stand, with that upload as their origin."""
    upload(house, BOTH)
    upload(house, LATE)
    with supposing_reversed(house, 3, "undo") as would:
        assert (would.gone, would.back) == ({3: 3}, {4: 1})
        supposed = activities(house)
    assert len(activities(house)) == 4
    reverse(house, 3, "undo", "", "")
    assert (
        activities(house)
        == supposed
        == [(4, "007", "2026-07-02", "乙"), (4, "007", "2026-07-08", "丁")]
    )


def test_undo_says_what_later_uploads_changed(house: Store) -> None:
    """A row that a later upload carried on stands as that one has it, and the undo says so."""
    upload(house, sheet(OPINIONS, "O1,007,2026-07-01,路灯,,", "O2,007,2026-07-01,井盖,,"))
    upload(house, sheet(OPINIONS, "O1,007,2026-07-01,路灯,2026-07-09,已解决"))
    done = reverse(house, 3, "undo", "", "")
    assert (done.gone, done.back, done.later) == ({3: 1}, {}, {4: 1})
    assert table(house, "select opinion_id, outcome from opinions") == [("O1", "已解决")]


def test_preview_of_changes(house: Store) -> None:
    """A preview names each cell that would change, with both texts, and what the file lacks."""
    upload(
        house,
        sheet(
            OPINIONS,
            "O1,007,2026-07-01,路灯,,",
            "O2,007,2026-07-02,井盖,,正在办理",
            "O3,D2,2026-07-02,水渠,,",
        ),
    )
    file = sheet(
        OPINIONS,
        "O1,007,2026-07-01,路灯,2026-07-09,已解决",
        "O4,007,2026-07-05,公厕,,",
    )
    stored, version = table(house, "from stored_opinions order by all"), house.version
    [preview] = look(house, file)
    receipt = preview.receipt
    assert (receipt.added, receipt.changed, receipt.unchanged, receipt.missing) == (1, 1, 0, 1)
    assert preview.changes.to_dict("split")["data"] == [
        [2, "O1 007", "办结日期", None, "2026-07-09"],
        [2, "O1 007", "结果", None, "已解决"],
    ]
    assert preview.missing[["upload_id", "row_number", "opinion_id"]].to_dict("split")["data"] == [
        [3, 3, "O2"]
    ]
    assert preview.townships.to_dict("split")["data"] == [["大坝街道", 2, 2, 1]]
    # Looking changes nothing.
    assert (table(house, "from stored_opinions order by all"), house.version) == (stored, version)


def test_preview_pairs_record_numbers(house: Store) -> None:
    """In a replacement a row of known record number is a change, not a loss and a gain."""
    header = f"{ACTIVITIES},记录号,核实状态"
    upload(house, sheet(header, "007,接待选民,2026-07-01,1,甲,R1,待核实"))
    corrected = sheet(header, "007,接待选民,2026-07-01,1,甲,R1,已核实")
    [preview] = look(house, replacing(corrected))
    assert (preview.receipt.added, preview.receipt.changed, preview.receipt.missing) == (0, 1, 0)
    assert preview.changes.to_dict("split")["data"] == [[2, "007", "核实状态", "待核实", "已核实"]]
    upload(house, replacing(corrected))
    assert table(house, "select status from activities") == [("已核实",)]


def test_replacing_with_the_same_rows(house: Store) -> None:
    """A replacement that would change nothing is unchanged, and is not on the ledger."""
    upload(house, BOTH)
    version = house.version
    [receipt] = upload(house, replacing(BOTH))
    assert (receipt.outcome, receipt.unchanged, house.version) == ("unchanged", 3, version)


def test_replaced_rows_can_be_added_again(house: Store) -> None:
    """A file whose rows were replaced since brings them back; it is not taken for unchanged."""
    upload(house, BOTH)
    upload(house, replacing(LATE))
    [receipt] = upload(house, BOTH)
    assert (receipt.outcome, receipt.added, receipt.unchanged) == ("stored", 1, 2)
    assert activities(house) == [
        (3, "D2", "2026-07-03", "丙"),
        (4, "007", "2026-07-02", "乙"),
        (4, "007", "2026-07-08", "丁"),
        (5, "007", "2026-07-01", "甲"),
    ]


def test_preview_is_kept_to(house: Store) -> None:
    """If another clerk's upload changes what this one would do, it is not stored: look again."""
    mine = check_all([replacing(LATE)], registers(house))
    with supposing_stored(house, mine, mine) as previews:
        seen = [preview.receipt for preview in previews]
    upload(house, BOTH)
    version = house.version
    [receipt] = upload_together(house, mine, "王", seen)
    assert (receipt.outcome, house.version) == ("outdated", version)
    # An upload that has nothing to do with it does not matter.
    again = check_all([replacing(LATE)], registers(house))
    with supposing_stored(house, again, again) as previews:
        seen = [preview.receipt for preview in previews]
    upload(house, sheet(ATTENDANCE, "E1,会议,2026-07-01,007,出席"))
    [receipt] = upload_together(house, again, "王", seen)
    assert receipt.outcome == "stored"


def test_replacement_after_a_move(house: Store) -> None:
    """Replaced are the rows of the delegates who belong to the township now, wherever they did."""
    numbered = f"{ACTIVITIES},记录号"
    upload(house, sheet(numbered, "007,接待选民,2026-07-01,2,甲,R1"))
    upload(house, sheet("代表编号,姓名,层级,镇街,任职起", "007,张三,县级,龙山镇,2021-12-20"))
    file = replacing(sheet(numbered, "007,接待选民,2026-07-01,3,甲,R1"))
    [preview] = look(house, file)
    [receipt] = upload(house, file)
    assert preview.receipt.effect == receipt.effect
    assert (receipt.added, receipt.changed, receipt.missing) == (0, 1, 0)
    assert table(house, "select quantity, upload_id from activities") == [(3, 5)]
    # The township it left no longer disposes of its rows.
    [receipt] = upload(house, replacing(sheet(ACTIVITIES, "D3,接待选民,2026-07-09,1,乙")))
    assert receipt.missing == 1
    assert table(house, "select delegate_id from activities") == [("D3",)]


def test_a_register_is_never_replaced(house: Store) -> None:
    """Of a register, "replace" means what "add" means: rows are updated by key, none goes."""
    roster = sheet("代表编号,姓名,层级,镇街,任职起", "D2,李四,乡镇级,龙山镇,2021-12-21")
    [receipt] = upload(house, replacing(roster))
    assert (receipt.changed, table(house, "select count(*) from delegates")) == (1, [(4,)])
    assert table(house, "select mode from uploads where upload_id = 3") == [("add",)]
    assert [r.outcome for r in upload(house, replacing(roster))] == ["unchanged"]


def test_a_key_in_two_quarters(house: Store) -> None:
    """An attendance that comes back from another quarter never stands twice."""
    upload(house, sheet(ATTENDANCE, "E1,会议,2026-05-01,D2,出席", "E2,会议,2026-05-01,D2,出席"))
    reverse(house, 3, "undo", "", "")
    upload(house, sheet(ATTENDANCE, "E1,会议,2026-07-05,D2,缺席"))
    reverse(house, 3, "redo", "", "")
    upload(house, sheet(ATTENDANCE, "E2,会议,2026-05-01,D2,请假"))
    assert table(house, "select event_id, result from attendance order by all") == [
        ("E1", "缺席"),
        ("E2", "请假"),
    ]


def test_undo_is_kept_to_what_was_seen(house: Store) -> None:
    """If another upload changes what an undo would do, it is not done: look again."""
    upload(house, BOTH)
    with supposing_reversed(house, 3, "undo") as seen:
        pass
    upload(house, LATE)
    with pytest.raises(NotReversible):
        reverse(house, 3, "undo", "", "", seen)
    assert table(house, "select state from uploads where upload_id = 3") == [("stands",)]


def test_preview_is_kept_to_whose_rows_they_are(house: Store) -> None:
    """A file of names whose rows would now be another delegate's is not stored unseen."""
    file = sheet("姓名,类型,日期", "李四,接待选民,2026-07-01")
    checked = check_all([file], registers(house))
    with supposing_stored(house, checked, checked) as previews:
        seen = [preview.receipt for preview in previews]
    roster = "代表编号,姓名,层级,镇街,任职起,任职止"
    upload(
        house,
        sheet(
            roster, "D2,李四,乡镇级,龙山镇,2021-12-20,2026-06-30", "D8,李四,县级,龙山镇,2026-07-01,"
        ),
    )
    assert [r.outcome for r in upload_together(house, checked, "王", seen)] == ["outdated"]


def test_original_is_kept(house: Store) -> None:
    """The file can be had back, byte for byte; a damaged one is not passed off as it."""
    upload(house, BOTH)
    assert originals.read(house.path, BOTH.checksum) == BOTH.content
    place = originals.folder(house.path) / BOTH.checksum
    assert originals.has(house.path, BOTH.checksum, len(BOTH.content))
    place.write_bytes(b"x" + BOTH.content[1:])
    with pytest.raises(OSError, match="damaged"):
        originals.read(house.path, BOTH.checksum)
    place.unlink()
    assert not originals.has(house.path, BOTH.checksum, len(BOTH.content))
