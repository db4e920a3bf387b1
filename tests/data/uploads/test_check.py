"""The checks: everything wrong with a file at once, each with its place; nothing is guessed."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from files import (
    ACTIVITIES,
    ATTENDANCE,
    OPINIONS,
    ROSTER,
    SUGGESTIONS,
    csv_bytes,
    registers_of_two_townships,
    sheet,
    xlsx_bytes,
    xlsx_parts,
)

from data import problems
from data.period import Period
from data.problems import SENTENCES
from data.store import Store
from data.uploads import check as check_module
from data.uploads import decode, workbook
from data.uploads.check import Checked, Registers, Sent, check, check_all, registers
from data.uploads.formats import FORMATS
from data.uploads.ledger import upload_together

Place = tuple[str, int | None, str | None]


def places(checked: Checked) -> list[Place]:
    return [(p.code, p.row, p.column) for p in checked.problems]


def values(checked: Checked, *columns: str) -> list[tuple[object, ...]]:
    assert checked.rows is not None
    return list(checked.rows[list(columns)].itertuples(index=False, name=None))


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        # a clean file of each kind
        ([ACTIVITIES, "007,接待选民,2026-07-01,2,修路"], []),
        ([ATTENDANCE, "E1,会议,2026-07-01,007,出席"], []),
        ([OPINIONS, "O1,007,2026-07-01,路灯,2026-08-01,已解决"], []),
        ([SUGGESTIONS, "S1,修路,007,D2；D3,2026-07-01,2026-07-05,2026-08-01,已解决"], []),
        (["代表编号,日期,到会选民,满意,基本满意,不满意", "007,2026-07-01,9,5,3,1"], []),
        (["代表编号,日期,类型,分值,等次,依据,批准人", "007,2026-07-01,加分,2,,表彰,会议"], []),
        # cells, all at once
        (
            [ACTIVITIES, ",走访,昨天,5²,=1+1", "D2,接待选民,2026-07-01,0,<b>好</b>"],
            [
                ("required", 2, "代表编号"),
                ("bad_choice", 2, "类型"),
                ("bad_date", 2, "日期"),
                ("bad_number", 2, "数量"),
                ("formula", 2, "内容"),
                ("out_of_range", 3, "数量"),
                ("markup", 3, "内容"),
            ],
        ),
        (
            [ACTIVITIES, "007,接待选民,2026-07-01,-5,", "007,接待选民,2026-07-02,1000000,"],
            [("out_of_range", 2, "数量"), ("out_of_range", 3, "数量")],
        ),
        (
            [f"{ATTENDANCE},半天数", "E1,会议,2026-07-01,007,出席,0.4"],
            [("out_of_range", 2, "半天数")],
        ),
        (
            ["建议号,标题,领衔代表编号,提出日期,办理期限月", "S1,修路,007,2026-07-01,4"],
            [("bad_choice", 2, "办理期限月")],
        ),
        (
            [OPINIONS, "O1,007,2026-07-01,drop table uploads,,"],
            [("sql", 2, "诉求")],
        ),
        # days
        (
            [ACTIVITIES, "D2,接待选民,2026-07-01,,", "D2,接待选民,2026-10-01,,"],
            [("outside_quarter", 3, "日期")],
        ),
        (
            [OPINIONS, "O1,007,2026-07-09,路灯,2026-07-08,"],
            [("wrong_order", 2, "办结日期")],
        ),
        (
            [SUGGESTIONS, "S1,修路,007,,2026-07-05,2026-07-01,2026-06-30,已解决"],
            [("wrong_order", 2, "交办日期"), ("wrong_order", 2, "答复日期")],
        ),
        ([ACTIVITIES, "D4,接待选民,2026-07-01,,"], [("outside_mandate", 2, "日期")]),
        # who and where
        ([ACTIVITIES, "7,接待选民,2026-07-01,,"], [("unknown_delegate", 2, "代表编号")]),
        (
            [SUGGESTIONS, "S1,修路,X9,D2；X8、X7,2026-07-01,,,"],
            [
                ("unknown_delegate", 2, "领衔代表编号"),
                ("unknown_cosigner", 2, "附议代表编号"),
                ("unknown_cosigner", 2, "附议代表编号"),
            ],
        ),
        (
            [f"{ACTIVITIES},姓名,镇街", "007,接待选民,2026-07-01,,,李四,龙山镇"],
            [("delegate_disagrees", 2, "姓名"), ("delegate_disagrees", 2, "镇街")],
        ),
        (
            [f"{ACTIVITIES},镇街", "007,接待选民,2026-07-01,,,大坝"],
            [("delegate_disagrees", 2, "镇街"), ("unknown_township", 2, "镇街")],
        ),
        (
            ["姓名,镇街,类型,日期", "张三,,接待选民,2026-07-01"],
            [("several_delegates_named", 2, "姓名")],
        ),
        (
            ["姓名,镇街,类型,日期", "王五,,接待选民,2026-07-01", ",,接待选民,2026-07-01"],
            [("no_delegate_named", 2, "姓名"), ("required", 3, "代表编号")],
        ),
        # rows against rows
        (
            [ACTIVITIES, *["D2,接待选民,2026-07-01,1,修路"] * 3],
            [("duplicate_row", 3, None), ("duplicate_row", 4, None)],
        ),
        (
            [ATTENDANCE, "E1,会议,2026-07-01,007,出席", "E1,会议,2026-07-01,００７,缺席"],
            [("duplicate_key", 3, "活动号")],
        ),
        (
            ["代表编号,日期,到会选民", "007,2026-07-01,9", "007,2026/7/1,8"],
            [("duplicate_key", 3, "代表编号")],
        ),
        # what one format alone demands
        (
            ["代表编号,日期,到会选民,满意,基本满意,不满意", "007,2026-07-01,8,5,3,1"],
            [("votes_exceed", 2, "到会选民")],
        ),
        (
            [
                "代表编号,日期,类型,分值,等次,依据,批准人",
                "007,2026-07-01,扣分,,,缺席,会议",
                "007,2026-07-01,等次上限,,,缺席,会议",
                "007,2026-07-01,不定等次,,,病休,会议",
            ],
            [("points_missing", 2, "分值"), ("points_missing", 3, "等次")],
        ),
        (
            [SUGGESTIONS, "S1,修路,007,,2026-07-01,2026-07-05,2026-08-01,"],
            [("outcome_missing", 2, "办理结果")],
        ),
        (
            ["代表编号,姓名,层级,任职起,任职止", "9,赵六,市级,2026-02-01,2026-01-01"],
            [("ambiguous_level", 2, "层级"), ("wrong_order", 2, "任职止")],
        ),
        (
            ["代表编号,姓名,层级,任职起", "007,张山,县级,2021-12-20"],
            [("delegate_renamed", 2, "姓名")],
        ),
        (
            ["代表编号,姓名,层级,镇街,任职起", "9,赵六,县级,大坝,2021-12-20"],
            [("unknown_township", 2, "镇街")],
        ),
        # the file
        (
            [ACTIVITIES, "007,接待选民,7月,,"],
            [("unknown_quarter", None, None), ("bad_date", 2, "日期")],
        ),
        (["你好"], [("no_header", None, None)]),
    ],
)
def test_places(known: Registers, lines: Sequence[str], expected: list[Place]) -> None:
    """Each fault has its code, its row as the spreadsheet shows it, and its column."""
    assert places(check(sheet(*lines), known)) == expected


def test_named_delegates(known: Registers) -> None:
    """A name, with its township where namesakes serve, stands in for the number."""
    checked = check(
        sheet(
            "代表编号,姓名,镇街,类型,日期",
            ",张三,龙山镇,接待选民,2026-07-01",
            ",李四,,接待选民,2026-07-02",
            "007,,,接待选民,2026-07-03",
            ",王五,,接待选民,2026-06-30",
            name="2026Q2.csv",
        ),
        known,
    )
    assert values(checked, "delegate_id") == [("D3",), ("D2",), ("007",), ("D4",)]
    assert {p.code for p in checked.problems} == {"outside_quarter"}


def test_candidates_are_listed(known: Registers) -> None:
    """Where several delegates bear a name, the sentence lists them."""
    checked = check(sheet("姓名,类型,日期", "张三,接待选民,2026-07-01"), known)
    [problem] = checked.problems
    assert "007（大坝街道）、D3（龙山镇）" in problem.sentence


def test_defaults_and_kinds(known: Registers) -> None:
    """Empty cells take the declared default, and text stays text."""
    checked = check(sheet(f"记录号,佐证号,{ACTIVITIES}", "001,NA,007,接待选民,46204,,null"), known)
    assert values(checked, "record_id", "evidence", "content", "quantity", "status") == [
        ("001", "NA", "null", 1, "待核实")
    ]
    assert checked.quarter == Period.parse("2026Q3")


@pytest.mark.parametrize(
    ("name", "days", "quarter"),
    [
        ("2026Q2.csv", ["2026-07-01"], "2026Q2"),
        ("a.csv", ["2026-07-01", "2026-07-02", "2026-04-01"], "2026Q3"),
        ("a.csv", ["2025-12-31"], "2025Q4"),
    ],
)
def test_quarter(known: Registers, name: str, days: list[str], quarter: str) -> None:
    """The file name states the quarter, else most of the dates do."""
    rows = [f"D2,接待选民,{day},," for day in days]
    assert str(check(sheet(ACTIVITIES, *rows, name=name), known).quarter) == quarter


def test_quarter_of_what_lives_on(known: Registers) -> None:
    """Opinions carried on from earlier quarters do not hide the quarter they are sent in."""
    rows = [f"O{i},007,2026-0{month}-01,路灯,," for i, month in enumerate([2, 2, 2, 8])]
    assert str(check(sheet(OPINIONS, *rows), known).quarter) == "2026Q3"


def test_a_choice_of_the_clerk_wins(known: Registers) -> None:
    """Format and quarter that the clerk chose are not recognised anew."""
    sent = replace(
        sheet("代表编号,日期", "D2,2026-07-01"),
        format=FORMATS["duty_reports"],
        quarter=Period.parse("2026Q2"),
    )
    checked = check(sent, known)
    assert places(checked) == [("outside_quarter", 2, "日期")]


def test_problems_are_listed_up_to_a_bound(
    known: Registers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of very many faults some are listed, errors before warnings, and the rest are counted."""
    lines = [*["D4,接待选民,2026-07-01,1,甲"] * 40, *["X,接待选民,2026-07-01,1,甲"] * 30]
    for module in (problems, check_module):
        monkeypatch.setattr(module, "LISTED", 25)
    checked = check(sheet(ACTIVITIES, *lines), known)
    assert places(checked) == [
        ("more_problems", None, None),
        *[("unknown_delegate", row, "代表编号") for row in range(42, 67)],
    ]
    # 40 outside their mandate, 30 unknown, 39 and 29 the same as another.
    assert checked.problems[0].details == {"listed": 25, "count": 40 + 30 + 39 + 29 - 25}


def test_progress_is_told(known: Registers) -> None:
    """Who waits for a long file hears of it by name, from little to all."""
    heard: list[tuple[str, float]] = []
    lines = [f"D2,接待选民,2026-07-01,1,第{i}次" for i in range(9)]
    check_all(
        [sheet(ACTIVITIES, *lines, name="a.csv"), Sent("b.xlsx", xlsx_bytes(ROWS))],
        known,
        lambda name, share: heard.append((name, share)),
    )
    for name in ("a.csv", "b.xlsx"):
        shares = [share for said, share in heard if said == name]
        assert shares == sorted(shares)
        assert 0 < shares[0] < shares[-1] == 1


def test_records_are_read_when_asked_for(house: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check reads what stands of its own format, and of no other."""
    asked: list[str] = []
    query = house.query
    monkeypatch.setattr(house, "query", lambda sql: asked.append(sql.split()[-1]) or query(sql))
    check_all([sheet(ATTENDANCE, "E1,会议,2026-07-01,007,出席")] * 2, registers(house))
    assert asked == ["scheme_indicators", "delegates", "townships", "stations", "attendance"]


@pytest.mark.parametrize(
    ("replaces", "line", "expected"),
    [
        (False, "R1,007,接待选民,2026-07-02", [("record_number_reused", 2, "记录号")]),
        (True, "R1,007,接待选民,2026-07-02", []),
        (True, "R1,D2,接待选民,2026-07-02", []),
    ],
)
def test_what_a_file_replaces_does_not_stand(
    standing: Registers, replaces: bool, line: str, expected: list[Place]
) -> None:
    """Rows of the quarter and the townships that the file covers are not held against it."""
    sent = replace(sheet("记录号,代表编号,类型,日期", line), replace=replaces)
    assert places(check(sent, standing)) == expected


def test_what_a_file_does_not_cover_stands(standing: Registers) -> None:
    """Rows of another quarter, or of a township that the file has nothing of, still stand."""
    elsewhere = replace(sheet(ATTENDANCE, "E1,会议,2026-07-01,007,缺席"), replace=True)
    assert places(check(elsewhere, standing)) == [("key_taken", 2, "活动号")]
    other = replace(sheet(OPINIONS, "O1,D2,2026-04-01,井盖,,"), replace=True)
    assert places(check(other, standing)) == [("key_taken", 2, "编号")]
    # In place of a row that goes anyway, another matter wants a second look, no more.
    same = replace(sheet(OPINIONS, "O1,007,2026-04-02,井盖,,"), replace=True)
    assert places(check(same, standing)) == [("key_differs", 2, "编号")]


def test_a_replacement_alone_in_its_batch(house: Store) -> None:
    """Two files of one batch are not let to replace each other's rows, whichever is which."""
    mine = sheet(ACTIVITIES, "D2,接待选民,2026-07-01,,", name="甲.csv")
    theirs = sheet(ACTIVITIES, "D3,接待选民,2026-07-02,,", name="乙.csv")
    elsewhere = sheet(ACTIVITIES, "007,接待选民,2026-07-02,,", name="丙.csv")
    last_quarter = sheet(ACTIVITIES, "D2,接待选民,2026-04-02,,", name="丁.csv")
    known = registers(house)
    for pair in (mine, replace(theirs, replace=True)), (replace(mine, replace=True), theirs):
        first, second = check_all(pair, known)
        assert not first.problems
        [problem] = second.problems
        assert (problem.code, problem.details) == (
            "replaced_in_batch",
            {"other": "甲.csv", "quarter": "2026Q3", "townships": "龙山镇"},
        )
    clean = check_all([replace(mine, replace=True), elsewhere, last_quarter], known)
    assert [c.problems for c in clean] == [[], [], []]


def test_batch(house: Store) -> None:
    """Files sent together are checked registers first, each upon the ones before it."""
    roster = [*ROSTER, ["D9", "赵六", "县级", "新镇", "2021-12-20", ""]]
    files = [
        sheet(ACTIVITIES, "D9,接待选民,2026-07-01,,"),
        sheet(OPINIONS, "O1,D9,2026-07-01,路灯,,"),
        sheet(OPINIONS, "O1,D2,2026-07-02,井盖,,"),
        Sent("名册.csv", csv_bytes(roster)),
        sheet("镇街,类型", "新镇,镇"),
    ]
    checked = check_all(files, registers(house))
    assert [c.format.name for c in checked if c.format] == [
        "townships",
        "delegates",
        "activities",
        "opinions",
        "opinions",
    ]
    assert [places(c) for c in checked] == [[], [], [], [], [("key_taken", 2, "编号")]]
    # A register that is refused helps nobody.
    files[3] = Sent("名册.csv", csv_bytes([*roster, ["D9", "重号", "县级", "", "2022-1-1", ""]]))
    assert [[code for code, _, _ in places(c)] for c in check_all(files, registers(house))][1:] == [
        ["duplicate_key"],
        ["unknown_delegate"],
        ["unknown_delegate"],
        [],
    ]


GUIDANCE = "日期,领导,镇街,阵地编号,检查项,发现问题,整改日期"
STANDING = [
    sheet("记录号,代表编号,类型,日期", "R1,007,接待选民,2026-07-01"),
    sheet(ATTENDANCE, "E1,会议,2026-04-01,007,出席", "E2,会议,2026-04-01,007,出席"),
    sheet(OPINIONS, "O1,007,2026-04-01,路灯,,", "O2,007,2026-04-01,井盖,2026-05-01,已解决"),
    sheet(SUGGESTIONS, "S1,修路,007,,2026-04-01,,,"),
    sheet("编号,名称,类型", "Z1,市级代表服务中心,服务中心"),
    sheet(GUIDANCE, "2026-07-01,周,大坝街道,Z1,标牌,牌子破损,"),
]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        # a number that belongs to another record
        ([ATTENDANCE, "E1,会议,2026-07-01,007,缺席"], [("key_taken", 2, "活动号")]),
        ([ATTENDANCE, "E1,会议,2026-07-01,D2,缺席"], []),
        ([ATTENDANCE, "E1,会议,2026-04-01,007,缺席"], []),
        ([OPINIONS, "O1,D2,2026-07-01,井盖,,"], [("key_taken", 2, "编号")]),
        ([OPINIONS, "O1,007,2026-07-01,井盖,,"], [("key_taken", 2, "编号")]),
        ([OPINIONS, "O1,D2,2026-04-01,井盖,,"], [("key_taken", 2, "编号")]),
        ([OPINIONS, "O1,D2,2026-04-01,路灯,,"], [("key_differs", 2, "编号")]),
        ([OPINIONS, "O1,007,2026-04-02,路灯,,"], [("key_differs", 2, "编号")]),
        ([OPINIONS, "O1,007,2026-04-01,路灯不亮,,"], [("key_differs", 2, "编号")]),
        # a matter that goes on in a later quarter
        (
            [OPINIONS, "O1,007,2026-04-01,路灯,2026-07-01,已解决", "O3,007,2026-07-01,路,,"],
            [],
        ),
        ([SUGGESTIONS, "S1,修路,007,D2,2026-04-01,2026-04-09,2026-07-01,已解决"], []),
        (
            [OPINIONS, "O2,007,2026-04-01,井盖,,", "O3,007,2026-07-01,路,,"],
            [("answer_emptied", 2, "办结日期"), ("answer_emptied", 2, "结果")],
        ),
        (
            [OPINIONS, "O4,007,2026-04-01,新,,", "O3,007,2026-07-01,路,,"],
            [("outside_quarter", 2, "收集日期")],
        ),
        # a record number is the office's own, and only compared
        (
            ["记录号,代表编号,类型,日期", "R1,007,接待选民,2026-07-02"],
            [("record_number_reused", 2, "记录号")],
        ),
        (["记录号,代表编号,类型,日期", "R1,007,接待选民,2026-07-01"], []),
        (["记录号,代表编号,类型,日期", "R1,D2,接待选民,2026-07-02"], []),
        (["记录号,代表编号,类型,日期", "R1,007,接待选民,2026-04-02"], []),
    ],
)
def test_against_what_stands(
    standing: Registers, lines: Sequence[str], expected: list[Place]
) -> None:
    """A number that stands already is the same record further on, or a question, or an error."""
    assert places(check(sheet(*lines), standing)) == expected


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registers]:
    from data.store import open_store

    house = open_store(tmp_path_factory.mktemp("standing") / "house.duckdb")
    files = [*registers_of_two_townships(), *STANDING]
    receipts = upload_together(house, check_all(files, registers(house)))
    assert {r.outcome for r in receipts} == {"stored"}
    yield registers(house)
    house.close()


# The smallest file that provokes each problem.
HEAD = f"{ACTIVITIES}\n"
ROWS = [ACTIVITIES.split(","), ["007", "接待选民", "2026-07-01", 1, "修路"]]
PROVOKED: dict[str, str | bytes] = {
    "empty_file": "",
    "too_large": HEAD + "x" * 5000,
    "not_a_table": b"PK\x03\x04",
    "locked_workbook": b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"),
    "damaged_workbook": xlsx_bytes(ROWS)[:-9],
    "inflated_workbook": xlsx_bytes(ROWS),
    "other_encoding": "代表編號,類型,日期\n".encode("big5"),
    "unreadable_text": HEAD.encode() + b"\xff",
    "broken_quotes": HEAD + '"',
    "cell_too_long": HEAD + '"' + "x" * 140_000,
    "too_many_columns": "代表编号,类型,日期" + "," * 1000,
    "too_many_rows": HEAD + "x\n" * 1000,
    "control_character": HEAD + "\x01,,,,",
    "no_header": "x",
    "row_above_header": "x,x,x\n" + HEAD + "x",
    "missing_columns": "类型,日期,数量",
    "repeated_column": HEAD.replace("内容", "数量"),
    "no_rows": HEAD,
    "too_many_cells": HEAD + "x,,,,,x",
    "cut_row": HEAD + "x",
    "unknown_format": "姓名,镇街",
    "unknown_quarter": HEAD + "x,x",
    "required": HEAD + ",x",
    "bad_date": HEAD + "x,,x",
    "bad_number": HEAD + "x,,,x",
    "bad_integer": HEAD + "x,,,1.5",
    "out_of_range": HEAD + "x,,,0",
    "bad_choice": HEAD + "x,x",
    "ambiguous_level": "代表编号,姓名,层级,任职起\nx,x,市级,",
    "bad_boolean": SUGGESTIONS + ",重点督办\n,,,,,,,,x",
    "formula": HEAD + "=x",
    "markup": HEAD + "<x",
    "sql": HEAD + "drop table x",
    "lost_character": HEAD + "\ufffd",
    "digits_lost": HEAD + "1.2E+17",
    "cell_error": xlsx_parts('<row r="1">{}</row><row r="2"><c t="e"><v>#N/A</v></c></row>'),
    "formula_without_value": xlsx_parts('<row r="1">{}</row><row r="2"><c><f>A1</f></c></row>'),
    "merged_cells": xlsx_bytes(ROWS, merged=["A2:A3"]),
    "unread_sheet": xlsx_bytes(ROWS, more={"说明": [["x"]]}),
    "text_too_long": HEAD + "x" * 2001,
    "duplicate_key": "镇街,类型\nx,\nx,",
    "key_taken": OPINIONS + "\nO1,D2,2026-07-01,,,",
    "outside_quarter": HEAD + "D2,,2026-07-01\nD2,,2026-07-01\nD2,,2026-04-01",
    "wrong_order": OPINIONS + "\n,,2026-07-02,,2026-07-01,",
    "unknown_delegate": HEAD + "x",
    "unknown_cosigner": SUGGESTIONS + "\n,,,x,,,,",
    "unknown_township": "代表编号,类型,日期,镇街\n,,,x",
    "delegate_disagrees": "代表编号,类型,日期,镇街\n007,,,x",
    "no_delegate_named": "姓名,类型,日期\nx,,2026-07-01",
    "several_delegates_named": "姓名,类型,日期\n张三,,2026-07-01",
    "unknown_parent": "编号,名称,类型,上级编号\n,,,x",
    "wrong_parent": "编号,名称,类型,上级编号\nZ2,,代表之家,\n,,代表之家,Z2",
    "unknown_station": HEAD.replace("内容", "阵地编号") + ",,,,x",
    "unknown_group": "领导,对象类型,对象\n,代表小组,x",
    "unknown_indicator": "年度,任务,指标,目标\n,,x,",
    "no_finding": "日期,领导,镇街,检查项,发现问题\n,,,,无",
    "percent_as_fraction": "年度,任务,指标,目标\n,,出席会议,0.9",
    "finding_beside": GUIDANCE + "\n2026-07-01,周,大坝街道,,标牌,牌子坏,",
    "finding_missing": "日期,领导,镇街,检查项,整改日期\n,,,,2026-07-01",
    "points_missing": "代表编号,日期,类型,分值,依据,批准人\n,,加分,,,",
    "delegate_renamed": "代表编号,姓名,层级,任职起\n007,x,,",
    "unknown_column": HEAD.replace("内容", "备注") + ",,,,x",
    "duplicate_row": HEAD + "x\nx",
    "record_number_reused": "记录号,代表编号,类型,日期\nR1,007,,2026-07-02",
    "outside_mandate": HEAD + "D4,,2026-07-01",
    "key_differs": OPINIONS + "\nO1,007,2026-04-02,路灯,,",
    "answer_emptied": OPINIONS + "\nO2,007,2026-04-01,井盖,,",
    "votes_exceed": "代表编号,日期,到会选民,满意\n,,1,2",
    "outcome_missing": SUGGESTIONS + "\n,,,,,,2026-07-01,",
    "title_row": "x\n" + HEAD + "x",
    "total_row": HEAD + "x\n合计",
    "remark_row": HEAD + "x\n填表人：张三",
    "repeated_header": HEAD + "x\n" + HEAD,
    "more_problems": HEAD + "x\n" * 4000,
}


@pytest.mark.parametrize("code", PROVOKED)
def test_every_problem_has_a_file_that_provokes_it(
    standing: Registers, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every code can happen, every sentence has all it names, and no file raises."""
    if code == "too_large":
        monkeypatch.setattr(decode, "SIZE_LIMIT", 4096)
    if code == "too_many_rows":
        monkeypatch.setattr(decode, "ROW_LIMIT", 1000)
    if code == "inflated_workbook":
        monkeypatch.setattr(workbook, "INFLATED_LIMIT", 1024)
    content = PROVOKED[code]
    sent = Sent("x.csv", content if isinstance(content, bytes) else content.encode())
    checked = check(sent, standing)
    assert code in {p.code for p in checked.problems}
    for problem in checked.problems:
        sentence = problem.sentence
        assert sentence
        assert not {"{", "}"} & set(sentence)
        assert problem.value is None or type(problem.value) is str
        assert problem.row is None or type(problem.row) is int


def test_no_more_files_than_problems() -> None:
    """The table above keeps to the codes there are; one takes two files, some a townships' clerk
    (test_own_townships.py)."""
    of_townships = {"delegate_elsewhere", "key_elsewhere", "of_the_county"}
    assert {*PROVOKED, "replaced_in_batch", *of_townships} == SENTENCES.keys()
