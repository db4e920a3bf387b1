"""What the county keeps: stations, assignments, plan, supervised objects, issues, guidance."""

from __future__ import annotations

import dataclasses

import pytest
from files import ACTIVITIES, sheet

from data.period import Period
from data.store import Store
from data.uploads.check import Sent, check_all, registers
from data.uploads.ledger import Receipt, reverse, upload_together

STATIONS = "编号,名称,类型,镇街,上级编号,有场地,经费万元,提升轮次"
NETWORK = sheet(
    STATIONS,
    "Z4,老街联系点,联系点,大坝街道,Z3,√,,",
    "Z3,坝上联络站,联络站,大坝街道,Z2,是,2.5,1",
    "Z2,大坝代表之家,代表之家,大坝街道,Z1,有,10,2",
    "Z1,市级代表服务中心,服务中心,,,1,30,",
)
PEOPLE = "代表编号,姓名,层级,镇街,代表小组,联络站编号,任职起"
PLAN = "年度,任务,指标,目标,截止日期"
ISSUES = "编号,主题,发现渠道,镇街,发现日期,法定期限,整改日期,内容"
GUIDANCE = "日期,领导,镇街,阵地编号,检查项,发现问题,整改日期"
Q2, Q3 = Period(2026, 2, 2), Period(2026, 3, 3)


def upload(store: Store, *files: Sent) -> list[Receipt]:
    return upload_together(store, check_all(files, registers(store)))


def outcomes(store: Store, *files: Sent) -> list[str]:
    return [receipt.outcome for receipt in upload(store, *files)]


def places(store: Store, sent: Sent) -> list[tuple[str, int | None, str | None]]:
    [checked] = check_all([sent], registers(store))
    return [(p.code, p.row, p.column) for p in checked.problems]


def rows(store: Store, sql: str) -> list[tuple[object, ...]]:
    frame = store.query(sql)
    return list(
        frame.astype("object").where(frame.notna(), None).itertuples(index=False, name=None)
    )


@pytest.fixture
def county(house: Store) -> Store:
    """Two townships, four delegates, four stations, one group."""
    grouped = sheet(PEOPLE, "007,张三,县级,大坝街道,一组,Z3,2021-12-20")
    assert outcomes(house, NETWORK, grouped) == ["stored", "stored"]
    return house


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["领导,对象类型,对象", "周,镇街,大坝街道", "周,代表小组,一组"], []),
        (
            ["领导,对象类型,对象", "周,镇街,一组", "周,代表小组,大坝街道"],
            [("unknown_township", 2, "对象"), ("unknown_group", 3, "对象")],
        ),
        ([PLAN, "2026,走访,入户走访,100,", "2026,调研,survey,9,2026-11-30", "2026,办会,,1,"], []),
        ([PLAN, "2026,走访,走访入户,100,"], [("unknown_indicator", 2, "指标")]),
        ([PLAN, "26,走访,,100,"], [("out_of_range", 2, "年度")]),
        ([PLAN, "2026,甲,出席会议,0.9,", "2026,乙,走访,0.9,"], [
            ("percent_as_fraction", 2, "目标"), ("unknown_indicator", 3, "指标"),
        ]),
        ([PLAN, "2026,甲,attend_session,90,", "2026,乙,survey,1,", "2026,丙,,0.5,"], []),
        ([GUIDANCE, "2026-07-01,周,大坝街道,Z3,点位,无,"], [("no_finding", 2, "发现问题")]),
        (["类别,编号,名称,镇街", "排污口,P1,一号口,大坝街道", "入库河流,H1,官山河,"], []),
        (["类别,编号,名称,镇街", "排污口,P1,一号口,东镇"], [("unknown_township", 2, "镇街")]),
        # the network: parents of a kind above, in the file or stored; a township for all but one
        ([STATIONS, "Z9,新联络站,联络站,龙山镇,Z2,,,"], []),
        ([STATIONS, "Z9,新联络站,联络站,,Z2,,,"], [("required", 2, "镇街")]),
        ([STATIONS, "Z9,新联络站,联络站,龙山镇,Z8,,,"], [("unknown_parent", 2, "上级编号")]),
        ([STATIONS, "Z9,新联络站,联络站,龙山镇,Z4,,,"], [("wrong_parent", 2, "上级编号")]),
        ([STATIONS, "Z9,新联络站,联络站,龙山镇,Z3,,,"], [("wrong_parent", 2, "上级编号")]),
        ([STATIONS, "Z9,新联络站,联络站,龙山镇,Z9,,,"], [("wrong_parent", 2, "上级编号")]),
        ([STATIONS, "Z9,甲,联络站,龙山镇,,0.5,,0"], [
            ("bad_boolean", 2, "有场地"), ("out_of_range", 2, "提升轮次"),
        ]),
        # Z2 has Z3, a 联络站, below it: not in this file, or in it and moved away
        ([STATIONS, "Z2,大坝代表之家,联系点,大坝街道,Z1,,,"], [("wrong_parent", 2, "类型")]),
        (
            [STATIONS, "Z2,大坝代表之家,联络站,大坝街道,Z1,,,", "Z3,坝上联络站,联络站,大坝街道,Z1,,,"],
            [],
        ),
        # records
        ([ISSUES, "W1,碧水,代表暗访,大坝街道,2026-07-01,2026-08-01,2026-07-20,垃圾"], []),
        ([ISSUES, "W1,碧水,代表暗访,,2026-07-01,,,"], []),
        (
            [ISSUES, "W1,碧水,电话,大坝街道,2026-07-09,2026-07-08,2026-07-07,"],
            [
                ("bad_choice", 2, "发现渠道"),
                ("wrong_order", 2, "法定期限"),
                ("wrong_order", 2, "整改日期"),
            ],
        ),
        ([GUIDANCE, "2026-07-01,周,大坝街道,Z3,点位,,", "2026-07-01,周,大坝街道,Z3,标牌,破损,"], []),
        (
            [GUIDANCE, "2026-07-01,周,东镇,Z9,点位,,2026-07-02", "2026-06-30,周,大坝街道,,标牌,,"],
            [
                ("unknown_township", 2, "镇街"),
                ("unknown_station", 2, "阵地编号"),
                ("finding_missing", 2, "发现问题"),
                ("outside_quarter", 3, "日期"),
            ],
        ),
        (
            [GUIDANCE, "2026-07-01,周,大坝街道,,点位,无标识,", "2026-07-01,周,大坝街道,,点位,无标识,2026-07-02"],
            [("duplicate_key", 3, "日期")],
        ),
        (
            [f"{ACTIVITIES},阵地编号", "007,接待选民,2026-07-01,1,,Z3", "007,接待选民,2026-07-02,1,,Z7"],
            [("unknown_station", 3, "阵地编号")],
        ),
        ([PEOPLE, "D9,赵六,县级,龙山镇,,Z7,2021-12-20"], [("unknown_station", 2, "联络站编号")]),
    ],
)  # fmt: skip
def test_places(county: Store, lines: list[str], expected: list[object]) -> None:
    """What is right passes; what is wrong is told at its cell, all at once."""
    assert sorted(places(county, sheet(*lines)), key=str) == sorted(expected, key=str)


def test_an_office_without_stations_is_not_asked_for_them(house: Store) -> None:
    """Numbers of stations are held against the register only where one is kept."""
    named = sheet(f"{ACTIVITIES},阵地编号", "007,接待选民,2026-07-01,1,,Z7")
    assert places(house, named) == []


def test_files_of_one_batch_know_each_other(house: Store) -> None:
    """A new office sends everything at once: stations, roster, assignments, checks of stations."""
    files = [
        sheet(GUIDANCE, "2026-07-01,周,大坝街道,Z3,点位,无标识,"),
        sheet("领导,对象类型,对象", "周,代表小组,一组"),
        sheet(PEOPLE, "007,张三,县级,大坝街道,一组,Z3,2021-12-20"),
        NETWORK,
    ]
    checked = check_all(files, registers(house))
    assert [p.code for c in checked for p in c.problems] == []
    assert {r.outcome for r in upload_together(house, checked)} == {"stored"}


def test_an_indicator_is_stored_as_its_code(county: Store) -> None:
    """By name or by code, a task's indicator is the scheme's; a task may have none."""
    sent = sheet(PLAN, "2026,甲,入户走访,1,", "2026,乙,survey,2,", "2026,丙,,3,")
    assert outcomes(county, sent) == ["stored"]
    assert rows(county, "select task, indicator from plan order by target") == [
        ("甲", "household_visit"),
        ("乙", "survey"),
        ("丙", None),
    ]


def standing_checks(store: Store) -> list[tuple[object, ...]]:
    return rows(
        store,
        "select upload_id, date::varchar, item, finding, fixed::varchar from guidance"
        " order by finding nulls first, date",
    )


def test_a_finding_is_mended_in_a_later_file(county: Store) -> None:
    """The same finding with its day of mending is the same row, whatever quarter it comes with,
    also where no station is named; and undo brings back the open one.
    """
    found = sheet(
        GUIDANCE,
        "2026-05-01,周,大坝街道,,点位,无标识,",
        "2026-05-01,周,大坝街道,,点位,门锁坏,",
        "2026-05-01,周,大坝街道,Z3,标牌,,",
    )
    mended = sheet(
        GUIDANCE, "2026-05-01,周,大坝街道,,点位,无标识,2026-07-09", "2026-07-09,周,大坝街道,,点位,,"
    )
    [first] = upload(county, dataclasses.replace(found, quarter=Q2))
    [second] = upload(county, dataclasses.replace(mended, quarter=Q3))
    assert (second.added, second.changed) == (1, 1)
    a, b = first.upload_id, second.upload_id
    assert a is not None
    assert b is not None
    untouched = [(a, "2026-05-01", "标牌", None, None)]
    after = [
        *untouched,
        (b, "2026-07-09", "点位", None, None),
        (b, "2026-05-01", "点位", "无标识", "2026-07-09"),
        (a, "2026-05-01", "点位", "门锁坏", None),
    ]
    assert standing_checks(county) == after
    reverse(county, b, "undo", "误传", "王")
    open_one = (a, "2026-05-01", "点位", "无标识", None)
    assert standing_checks(county) == [*untouched, open_one, after[-1]]
    reverse(county, b, "redo", "无误", "王")
    assert standing_checks(county) == after


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("2026-07-01,周,大坝街道,Z3,标牌,牌子 破损了,", [("finding_beside", 2, "发现问题")]),
        ("2026-07-01,周,大坝街道,,标牌,牌子破损,", [("finding_beside", 2, "发现问题")]),
        ("2026-07-01,周,大坝街道,Z3,标牌,牌子破损,2026-07-09", []),  # the same one, mended
        ("2026-07-01,周,大坝街道,Z4,标牌,牌子破损,", []),  # at another station
        ("2026-07-02,周,大坝街道,Z3,标牌,牌子破损,", []),  # on another day
        ("2026-07-01,周,大坝街道,Z3,点位,牌子破损,", []),
        ("2026-07-01,周,大坝街道,Z3,标牌,,", []),
    ],
)
def test_a_finding_in_other_words_is_asked_about(
    county: Store, line: str, told: list[object]
) -> None:
    """What may be the same finding written anew is not silently counted twice."""
    upload(county, sheet(GUIDANCE, "2026-07-01,周,大坝街道,Z3,标牌,牌子破损,"))
    assert places(county, sheet(GUIDANCE, line)) == told


@pytest.mark.parametrize(
    "nothing", ["无", "无。", "没有发现问题", "未发现问题", "无异常", "正常", "-", "/", "未发现"]
)
def test_nothing_found_is_no_finding(county: Store, nothing: str) -> None:
    """Where a clerk writes that nothing was found, it does not become an open finding."""
    sent = sheet(GUIDANCE, f"2026-07-01,周,大坝街道,Z3,标牌,{nothing},")
    assert places(county, sent) == [("no_finding", 2, "发现问题")]


@pytest.mark.parametrize("something", ["无标识", "问题", "没有制度", "未公开", "正常接待日未公示"])
def test_something_found_is_a_finding(county: Store, something: str) -> None:
    """A finding that begins like the absence of one is one."""
    assert places(county, sheet(GUIDANCE, f"2026-07-01,周,大坝街道,Z3,标牌,{something},")) == []


def standing_issues(store: Store) -> list[tuple[object, ...]]:
    return rows(store, "select issue_id, township, fixed::varchar from issues order by issue_id")


def test_an_issue_lives_on(county: Store) -> None:
    """Its fix comes with a later quarter; another matter under its number is refused."""
    found = sheet(ISSUES, "W1,碧水,代表暗访,大坝街道,2026-05-01,2026-08-01,,垃圾")
    fixed = sheet(ISSUES, "W1,碧水,代表暗访,大坝街道,2026-05-01,2026-08-01,2026-07-20,垃圾")
    other = sheet(ISSUES, "W1,碧水,代表暗访,龙山镇,2026-07-01,2026-08-01,,漂浮物")
    upload(county, dataclasses.replace(found, quarter=Q2))
    assert places(county, dataclasses.replace(other, quarter=Q3)) == [("key_taken", 2, "编号")]
    assert outcomes(county, dataclasses.replace(fixed, quarter=Q3)) == ["stored"]
    assert standing_issues(county) == [("W1", "大坝街道", "2026-07-20")]
    [empties] = check_all([dataclasses.replace(found, quarter=Q3)], registers(county))
    assert [p.code for p in empties.problems] == ["answer_emptied"]


def test_replacing_goes_by_township(county: Store) -> None:
    """A file in place of a quarter's takes away the rows of the townships it names, no others."""
    before = sheet(
        ISSUES,
        "W1,碧水,代表暗访,大坝街道,2026-07-01,,,",
        "W2,碧水,代表暗访,大坝街道,2026-07-02,,,",
        "W3,碧水,代表暗访,龙山镇,2026-07-03,,,",
        "W4,碧水,代表暗访,,2026-07-04,,,",
    )
    upload(county, before)
    instead = sheet(ISSUES, "W2,碧水,代表暗访,大坝街道,2026-07-02,,2026-07-09,")
    [receipt] = upload(county, dataclasses.replace(instead, replace=True))
    assert (receipt.changed, receipt.missing) == (1, 1)
    assert standing_issues(county) == [
        ("W2", "大坝街道", "2026-07-09"),
        ("W3", "龙山镇", None),
        ("W4", None, None),
    ]
    assert receipt.upload_id is not None
    reverse(county, receipt.upload_id, "undo", "误传", "王")
    assert [number for number, _place, _fixed in standing_issues(county)] == [
        "W1",
        "W2",
        "W3",
        "W4",
    ]


def test_uploads_know_their_townships(county: Store) -> None:
    """An upload of issues is of the townships of its rows, as one of activities is of its
    delegates'; a register is of the whole county.
    """
    upload(
        county,
        sheet(ISSUES, "W1,碧水,代表暗访,大坝街道,2026-07-01,,,", "W2,碧水,代表暗访,,2026-07-01,,,"),
    )
    upload(county, sheet(ACTIVITIES, "D2,接待选民,2026-07-01,1,"))
    homes = {
        fmt: sorted(map(str, townships))
        for fmt, townships in rows(
            county,
            "select format, upload_homes.townships from upload_homes join uploads using (upload_id)",
        )
    }
    assert homes["issues"] == ["None", "大坝街道"]
    assert homes["activities"] == ["龙山镇"]
    assert homes["stations"] == ["None"]


@pytest.mark.parametrize(
    "lines",
    [
        [PLAN, "2026,走访,,100,", "合计,,,100,", "填表人：张三,,,,"],
        ["类别,编号,名称,状态", "排污口,P1,一号口,正常", "合计,,,538", "填表人：张三,,,"],
        [STATIONS, "Z9,新中心,服务中心,,,,30,", "合计,,,,,,30,", "填表人：张三,,,,,,,"],
        ["领导,对象类型,对象", "周,镇街,大坝街道", "合计,,", "填表人：张三,,"],
    ],
    ids=["plan", "supervised", "stations", "assignments"],
)
def test_totals_and_remarks_are_passed_over(county: Store, lines: list[str]) -> None:
    """Registers without a day end like other tables: a total, a remark, and neither is a row."""
    assert places(county, sheet(*lines)) == [("total_row", 3, None), ("remark_row", 4, None)]
