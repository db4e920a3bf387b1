"""Who came to the meetings: worked out by hand on a small county, and again in pandas."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from databases import asking, sent, upload
from figures import agree

from data.period import Period
from data.uploads.check import Sent
from queries import sessions
from queries.sessions import rules

Q1, Q2, YEAR = (Period.parse(text) for text in ("2026Q1", "2026Q2", "2026Q1-Q2"))

# number, level, township, in office from, to
ROSTER = [
    *((f"C{n}", "县级", "东镇" if n < 4 else "西镇", "2022-01-01", "") for n in range(1, 7)),
    ("C7", "县级", "东镇", "2022-01-01", "2026-01-14"),  # until the day before the session
    ("C8", "县级", "东镇", "2026-01-16", ""),  # since the day after it
    *((f"T{n}", "乡镇级", "东镇", "2022-01-01", "") for n in range(1, 5)),
    ("T5", "乡镇级", "西镇", "2022-01-01", ""),
    ("T6", "乡镇级", "", "2022-01-01", ""),
    ("P1", "地市级", "东镇", "2022-01-01", ""),
    ("N1", "全国级", "", "2022-01-01", ""),
]
COUNTY_SESSION = "东山县第三届人民代表大会第五次会议（选举监察委员会主任）"

# event, title, day, half-days, who with what result
Event = tuple[str, str, str, str, dict[str, str]]
EVENTS: list[Event] = [
    # 6 county delegates in office on the day, 4 of them there: exactly two thirds. Three of 东镇
    # and one of the prefecture are there to listen; C7 and C8 are not in office.
    (
        "H1",
        COUNTY_SESSION,
        "2026-01-15",
        "4",
        {
            **dict.fromkeys(("C1", "C2", "C3", "C4", "T1", "T2", "P1", "C7"), "出席"),
            "C5": "请假",
            "C6": "缺席",
            "T3": "缺席",
        },
    ),
    # 2 of 4 is less than two thirds; one delegate was not even listed.
    ("H2", "东镇人民代表大会第九次会议", "2026-03-31", "2", {"T1": "出席", "T2": "出席", "T3": "缺席"}),
    ("H3", "西镇人民代表大会第九次会议", "2026-04-01", "", {"T5": "出席"}),
    ("H4", "东镇人民代表大会主席团会议", "2026-04-02", "", {"T1": "出席"}),
    ("H5", "东山县人民代表大会常务委员会第三次会议", "2026-04-02", "", {"C1": "出席", "C2": "请假"}),
    ("H6", "", "2026-04-03", "0.5", {"C1": "缺席"}),
    ("H7", "某市第六届人民代表大会第六次会议", "2026-04-04", "6", {"P1": "出席"}),
    ("H8", "无镇人民代表大会会议", "2026-04-05", "", {"T6": "出席"}),
]  # fmt: skip


def rows_of(events: list[Event]) -> list[dict[str, str]]:
    return [
        {
            "活动号": event,
            "活动类型": "会议",
            "活动名称": title,
            "日期": day,
            "代表编号": who,
            "结果": result,
            "半天数": half_days,
        }
        for event, title, day, half_days, results in events
        for who, result in results.items()
    ]


INSPECTION = {
    "活动号": "S1",
    "活动类型": "视察",
    "日期": "2026-01-20",
    "代表编号": "C1",
    "结果": "缺席",
}


def registers(roster: list[tuple[str, str, str, str, str]]) -> list[Sent]:
    return [
        sent("townships", [{"镇街": home, "类型": "镇"} for home in ("东镇", "西镇")]),
        sent(
            "delegates",
            [
                {
                    "代表编号": who,
                    "姓名": f"代表{who}",
                    "层级": level,
                    "镇街": home,
                    "任职起": start,
                    "任职止": end,
                }
                for who, level, home, start, end in roster
            ],
        ),
    ]


@pytest.fixture(scope="module", autouse=True)
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    rows = [*rows_of(EVENTS), INSPECTION]
    with asking(tmp_path_factory.mktemp("sessions") / "sessions.duckdb") as house:
        upload(
            house,
            [
                *registers(ROSTER),
                *(
                    sent("attendance", [r for r in rows if Q.start <= day(r) <= Q.end], Q)
                    for Q in (Q1, Q2)
                ),
            ],
        )
        yield


def day(row: dict[str, str]) -> date:
    return date.fromisoformat(row["日期"])


MEETINGS = [
    # event, level, township, delegates, invited, present, leave, absent, half-days, quorum, share
    ("H1", "county", None, 6, 6, 4, 1, 1, 4.0, True, 4 / 6),
    ("H1", "township", "东镇", 4, 3, 2, 0, 1, 4.0, None, None),
    ("H1", "prefecture", None, 1, 1, 1, 0, 0, 4.0, None, None),
    ("H2", "township", "东镇", 4, 3, 2, 0, 1, 2.0, False, 0.5),
    ("H3", "township", "西镇", 1, 1, 1, 0, 0, 1.0, True, 1.0),
    ("H5", "county", None, 7, 2, 1, 1, 0, 1.0, None, None),
    ("H4", "township", "东镇", 4, 1, 1, 0, 0, 1.0, None, None),
    ("H6", "county", None, 7, 1, 0, 0, 1, 0.5, None, None),
    ("H7", "prefecture", None, 1, 1, 1, 0, 0, 6.0, None, None),
    ("H8", "township", None, 1, 1, 1, 0, 0, 1.0, None, None),
]
COLUMNS = (
    *("event_id", "level", "township", "delegates", "invited", "present", "on_leave", "absent"),
    *("half_days", "quorum", "present_share"),
)


def test_meetings() -> None:
    """Each meeting and congress, with its delegates in office that day; quorum where it is told.

    Who is not in office is not counted, who only listens has no quorum, and neither have a
    standing committee, a presidium, a meeting without a title, a higher congress, or delegates
    of no township. A title may well speak of a committee.
    """
    found = sessions.meetings(period=YEAR)
    agree(found, [dict(zip(COLUMNS, row, strict=True)) for row in MEETINGS])
    rates = found.set_index(["event_id", "level"])["rate"]
    assert rates["H1", "county"] == pytest.approx(4 / 6)
    assert rates["H6", "county"] == 0
    assert found["title"].fillna("").tolist()[0] == COUNTY_SESSION
    parts = [sessions.meetings(period=quarter) for quarter in (Q1, Q2)]
    assert [len(part) for part in parts] == [4, 6]


SENT: dict[str, tuple[str, ...]] = {
    **{"C": ("C1", "C2", "C3", "C4", "C5"), "T": ("T1", "T2", "T3"), "W": ("T5",)},
    **{"L": ("C1",), "P": ("P1", "P2"), "N": ("T1", "T2", "T3", "T4")},
}
COUNTY, EAST, WEST = ("county", None), ("township", "东镇"), ("township", "西镇")


TITLES: list[tuple[str, str, set[tuple[str, str | None]]]] = [
    # of whom the title names, whoever else listens
    ("东镇第三届人民代表大会第九次会议", "C T W P", {EAST}),
    ("东山县第三届人民代表大会第五次会议", "C T W P", {COUNTY}),
    ("东山县第三届人民代表大会第六次会议", "T W", set()),
    ("东山县第三届人民代表大会第七次会议", "L N", {COUNTY}),
    ("南镇第三届人民代表大会第五次会议", "T", set()),
    ("西镇第三届人民代表大会第五次会议", "C T", set()),
    ("西镇第三届人民代表大会第六次会议", "C W", {WEST}),
    # more of a higher congress than of the county: not the county's
    ("某市第六届人民代表大会第六次会议", "P L", set()),
    # what is a session
    ("县十九届人大三次会议", "C", {COUNTY}),
    ("东山县十九届人大第三次会议（补选监察委员会主任）", "C", {COUNTY}),
    ("东镇人大第五次会议", "C T", {EAST}),
    ("东山县人大常委会第三次会议", "C", set()),
    ("东山县十九届人大常务委员会第三次会议", "C", set()),
    ("东山县人大监察和司法委员会第三次会议", "C", set()),
    ("东山县人民代表大会专门委员会第三次会议", "C", set()),
    ("东山县人民代表大会财政经济委员会第三次会议", "C", set()),
    ("县十九届人大三次会议主席团第一次会议", "C", set()),
    ("县十九届人大三次会议代表团会议", "C", set()),
    ("县人大第三代表小组第二次会议", "C", set()),
    ("东镇人大代表第二次会议", "T", set()),
    ("东镇人民代表大会代表座谈会", "T", set()),
    ("东山县人民代表大会代表第二期培训", "C", set()),
    ("东山县人大工作会议", "C", set()),
]  # fmt: skip


def test_whose_session_it_is(tmp_path: Path) -> None:
    """The quorum is told of the congress that the title names, and of nothing but sessions."""
    events = [
        (f"X{n}", title, "2026-01-15", "", dict.fromkeys(sum((SENT[g] for g in there.split()), ()), "出席"))
        for n, (title, there, _judged) in enumerate(TITLES)
    ]  # fmt: skip
    higher = ("P2", "地市级", "东镇", "2022-01-01", "")
    with asking(tmp_path / "titles.duckdb") as house:
        upload(house, [*registers([*ROSTER, higher]), sent("attendance", rows_of(events), Q1)])
        found = sessions.meetings(period=Q1)
    told: dict[str, set[tuple[str, str | None]]] = {title: set() for title, *_rest in TITLES}
    for meeting in found[found["quorum"].notna()].itertuples():
        place = None if pd.isna(meeting.township) else meeting.township
        told[meeting.title].add((meeting.level, place))
    assert told == {title: judged for title, _there, judged in TITLES}


def test_meetings_by_level() -> None:
    """Totals of each level, and of all; rates are of the totals, never means of rates."""
    found = sessions.meetings_by_level(periods=[Q1, Q2])
    columns = (
        "period",
        "level",
        "meetings",
        "invited",
        "present",
        "rate",
        "sessions",
        "with_quorum",
    )
    agree(
        found,
        [
            dict(zip(columns, row, strict=True))
            for row in (
                ("2026Q1", None, 2, 13, 9, 9 / 13, 2, 1),
                ("2026Q1", "county", 1, 6, 4, 4 / 6, 1, 1),
                ("2026Q1", "township", 2, 6, 4, 4 / 6, 1, 0),
                ("2026Q1", "prefecture", 1, 1, 1, 1, 0, 0),
                ("2026Q2", None, 6, 7, 5, 5 / 7, 1, 1),
                ("2026Q2", "county", 2, 3, 1, 1 / 3, 0, 0),
                ("2026Q2", "township", 3, 3, 3, 1, 1, 1),
                ("2026Q2", "prefecture", 1, 1, 1, 1, 0, 0),
            )
        ],
    )


def test_roll_call() -> None:
    """The absent first, then those on leave, then those there; nobody out of office."""
    found = sessions.roll_call(event_id="H1")
    expected = [
        *(("缺席", who) for who in ("C6", "T3")),
        ("请假", "C5"),
        *(("出席", who) for who in ("C1", "C2", "C3", "C4", "T1", "T2", "P1")),
    ]
    assert list(zip(found["result"], found["delegate_id"], strict=True)) == expected
    assert set(found["title"]) == {COUNTY_SESSION}
    assert sessions.roll_call(event_id="S1").empty  # an inspection is no meeting
    assert sessions.roll_call(event_id="无").empty


@pytest.mark.parametrize(
    ("today", "county"),
    [
        (date(2026, 1, 14), {"C1", "C2", "C3", "C4", "C5", "C6", "C7"}),
        (date(2026, 1, 15), {"C1", "C2", "C3", "C4", "C5", "C6"}),
        (date(2026, 1, 16), {"C1", "C2", "C3", "C4", "C5", "C6", "C8"}),
    ],
)
def test_electors(today: date, county: set[str]) -> None:
    """Who is in office on the day, first and last day included, by the local congress they are of."""
    found = sessions.electors(today=today).groupby("congress", sort=False)["delegate_id"].agg(set)
    assert found.to_dict() == {
        "county": county,
        "东镇": {"T1", "T2", "T3", "T4"},
        "西镇": {"T5"},
        "prefecture": {"P1"},
    }
    assert list(found.index) == ["county", "东镇", "西镇", "prefecture"]


def test_a_time_before_all_is_empty() -> None:
    """No meeting, no level, nobody in office."""
    long_ago = Period.parse("1999Q1")
    assert sessions.meetings(period=long_ago).empty
    assert sessions.meetings_by_level(periods=[long_ago]).empty
    assert sessions.electors(today=date(1999, 1, 1)).empty


# --- the sample county, again in pandas ---------------------------------------------------------


def meeting_rows(house: Any) -> pd.DataFrame:
    """The attendance of meetings with the roster, and those in office on the day of each."""
    rows = house.query(
        "select * exclude (name, township) from attendance where event_kind = '会议'"
    )
    return rows.merge(house.query("select * from delegates"), on="delegate_id")


def test_the_sample_county_worked_out_again(sample_database: Path, tmp_path: Path) -> None:
    """Meetings of the sample, in pandas: all of the congress, present, quorum as in the rules."""
    with asking(Path(shutil.copy(sample_database, tmp_path / "sample.duckdb"))) as house:
        roster = house.query("select * from delegates")
        rows = meeting_rows(house)
        year = Period.parse("2025")
        found = sessions.meetings(period=year)
        by_level = sessions.meetings_by_level(periods=[year]).set_index("level")
    last = roster["end_date"].fillna(pd.Timestamp("2200-01-01").as_unit("us"))
    rows = rows[rows["date"].between(pd.Timestamp(year.start), pd.Timestamp(year.end))]
    rows = rows[(rows["date"] >= rows["start_date"]) & ~(rows["date"] > rows["end_date"])]
    assert len(found) > 50
    assert found["quorum"].notna().sum() > 20
    for meeting in found.itertuples():
        home = meeting.township if meeting.level == "township" else None
        peers = roster["level"] == meeting.level
        listed = rows[(rows["event_id"] == meeting.event_id) & (rows["level"] == meeting.level)]
        if home is not None:
            peers &= roster["township"] == home
            listed = listed[listed["township"] == home]
        in_office = peers & (roster["start_date"] <= meeting.date) & (last >= meeting.date)
        present = int((listed["result"] == "出席").sum())
        assert (meeting.delegates, meeting.invited, meeting.present) == (
            in_office.sum(),
            len(listed),
            present,
        )
        if "人民代表大会" in meeting.title and meeting.level in ("county", "township"):
            assert meeting.quorum == rules.quorum(meeting.delegates, present).holds
        else:
            assert pd.isna(meeting.quorum)
    for level, group in rows.groupby("level"):
        there = int((group["result"] == "出席").sum())
        assert by_level.at[level, "present"] == there
        assert by_level.at[level, "rate"] == pytest.approx(there / len(group))
        assert by_level.at[level, "meetings"] == group["event_id"].nunique()
