"""Suggestions, opinions and issues: where each stands, how long it takes, what uploads said."""

from __future__ import annotations

import dataclasses
import shutil
from calendar import monthrange
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from statistics import median
from typing import Any

import pandas as pd
import pytest
from counties import HEADERS
from databases import asking, sent, upload
from figures import digits
from files import csv_bytes
from reference import Row

from data.period import Period
from data.store import Store, open_store
from data.uploads.check import Sent
from data.uploads.formats import FORMATS
from data.uploads.ledger import reverse
from queries import ask, matters

Q1, Q2 = Period.parse("2026Q1"), Period.parse("2026Q2")
TODAY = date(2026, 11, 22)

REGISTERS = {
    "townships": [{"镇街": "东镇", "类型": "镇"}, {"镇街": "西镇", "类型": "镇"}],
    "delegates": [
        {"代表编号": number, "姓名": name, "层级": level, "镇街": home, "任职起": "2020-01-01"}
        for number, name, level, home in (
            ("E1", "甲", "县级", "东镇"),
            ("E2", "乙", "乡镇级", "东镇"),
            ("W1", "丙", "县级", "西镇"),
            ("N1", "丁", "全国级", ""),
        )
    ],
}


def rows_of(name: str, rows: list[dict[str, Any]]) -> list[Row]:
    return [
        dict.fromkeys(HEADERS[name].split(), "") | {h: str(c) for h, c in row.items()}
        for row in rows
    ]


def file(name: str, rows: list[dict[str, Any]], quarter: Period | None = None) -> Sent:
    return sent(name, rows_of(name, rows), quarter)


def registers() -> list[Sent]:
    return [file(name, rows) for name, rows in REGISTERS.items()]


def suggestion(number: str, filed: object, who: str = "E1", **cells: object) -> dict[str, Any]:
    return {"建议号": number, "标题": "路", "领衔代表编号": who, "提出日期": filed, **cells}


def opinion(number: str, day: object, who: str = "E1", **cells: object) -> dict[str, Any]:
    return {"编号": number, "代表编号": who, "收集日期": day, "诉求": "路灯不亮", **cells}


def cells(frame: pd.DataFrame, *columns: str) -> list[tuple[object, ...]]:
    """The rows as plain values: missing as None, days and lists as they are read."""
    return [tuple(plain(v) for v in row) for row in frame[list(columns)].itertuples(index=False)]


def plain(value: Any) -> object:
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    if hasattr(value, "tolist"):
        return value.tolist()
    return None if pd.api.types.is_scalar(value) and pd.isna(value) else value


def tracked(name: str, today: date) -> pd.DataFrame:
    return ask.ask(f"tracked_{name}", today=today)


# --- deadlines ----------------------------------------------------------------------------------


def months_later(day: date, months: int) -> date:
    """By the calendar: the last day of the month where the day does not exist."""
    count = day.year * 12 + day.month - 1 + months
    year, month = count // 12, count % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


DAYS = [date(2023, 1, 1) + timedelta(n) for n in range(731)]  # to the end of the leap year 2024


@pytest.fixture(scope="module")
def every_day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A suggestion of either limit assigned on every day of two years, one of them a leap year."""
    with asking(tmp_path_factory.mktemp("days") / "days.duckdb") as house:
        upload(house, registers())
        by_quarter: dict[Period, list[dict[str, Any]]] = defaultdict(list)
        for day in DAYS:
            for limit in (3, 6):
                row = suggestion(f"{day}/{limit}", day, 交办日期=day, 办理期限月=limit)
                by_quarter[Period.quarter_of(day)].append(row)
        upload(house, [file("suggestions", rows, q) for q, rows in by_quarter.items()])
        yield house


@pytest.mark.parametrize(
    ("assigned", "limit", "due"),
    [
        ("2023-11-30", 3, "2024-02-29"),
        ("2023-11-29", 3, "2024-02-29"),
        ("2023-11-28", 3, "2024-02-28"),
        ("2024-11-30", 3, "2025-02-28"),
        ("2024-11-28", 3, "2025-02-28"),
        ("2024-12-01", 3, "2025-03-01"),
        ("2023-08-31", 6, "2024-02-29"),
        ("2024-08-31", 6, "2025-02-28"),
        ("2024-02-29", 3, "2024-05-29"),
        ("2024-02-29", 6, "2024-08-29"),
        ("2023-02-28", 6, "2023-08-28"),
        ("2024-01-31", 3, "2024-04-30"),
        ("2024-12-31", 6, "2025-06-30"),
        ("2023-10-01", 3, "2024-01-01"),
    ],
)
def test_due_day(every_day: Store, assigned: str, limit: int, due: str) -> None:
    """Calendar months from the day of assignment; the month's last day where the day is missing."""
    found = tracked("suggestions", TODAY).set_index("suggestion_id")
    assert f"{found.loc[f'{assigned}/{limit}', 'due']:%Y-%m-%d}" == due


def test_due_day_of_every_day(every_day: Store) -> None:
    """The due days of two years of assignments are the calendar's, computed another way."""
    found = tracked("suggestions", TODAY).set_index("suggestion_id")["due"]
    expected = {f"{d}/{m}": pd.Timestamp(months_later(d, m)) for d in DAYS for m in (3, 6)}
    assert found.to_dict() == expected


@pytest.mark.parametrize("due", [date(2024, 2, 29), date(2024, 4, 30), date(2025, 2, 28)])
def test_on_and_around_the_due_day(every_day: Store, due: date) -> None:
    """On the due day a suggestion is not overdue; the day after, by one day. Due soon are the
    last thirty days before it and itself."""
    ids = {row for d in DAYS for m in (3, 6) if months_later(d, m) == due for row in [f"{d}/{m}"]}
    assert len(ids) >= 4
    for days, state, late in (
        (-31, "open", None),
        (-30, "due_soon", None),
        (0, "due_soon", None),
        (1, "overdue", 1),
        (400, "overdue", 400),
    ):
        found = tracked("suggestions", due + timedelta(days))
        found = found[found["suggestion_id"].isin(ids)]
        assert set(cells(found, "state", "days_late", "days_left")) == {(state, late, -days)}


@pytest.fixture(scope="module")
def edges(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Suggestions, opinions and issues at the edges of their states."""
    with asking(tmp_path_factory.mktemp("edges") / "edges.duckdb") as house:
        upload(house, registers())
        day = "2026-01-15"
        upload(
            house,
            [
                file(
                    "suggestions",
                    [
                        suggestion("on the day", day, 交办日期=day, 答复日期="2026-04-15"),
                        suggestion("a day late", day, 交办日期=day, 答复日期="2026-04-16"),
                        suggestion("six", day, 交办日期=day, 办理期限月=6, 答复日期="2026-07-15"),
                        suggestion("at once", day, 交办日期=day, 答复日期=day),
                        suggestion("unassigned", day),
                        suggestion("never assigned", day, 答复日期="2026-12-01"),
                        suggestion("waits", day, "N1", 交办日期=day, 重点督办="是"),
                    ],
                    Q1,
                ),
                file(
                    "opinions",
                    [
                        opinion("unrouted", day),
                        opinion("routed", day, 转办日期="2026-01-20"),
                        opinion("same day", day, 转办日期=day, 办结日期=day),
                        opinion("closed at once", day, "N1", 办结日期="2026-01-18"),
                        opinion("only said", day, 转办日期="2026-01-16", 结果="已解决"),
                    ],
                    Q1,
                ),
                Sent(
                    "issues.csv",
                    csv_bytes(
                        [
                            ["编号", "主题", "发现渠道", "发现日期", "法定期限", "整改日期"],
                            ["on the day", "水", "集中视察", day, "2026-02-28", "2026-02-28"],
                            ["a day late", "水", "集中视察", day, "2026-02-28", "2026-03-01"],
                            ["waits", "水", "集中视察", day, "2026-02-28", ""],
                            ["no limit", "水", "集中视察", day, "", ""],
                            ["fixed, no limit", "水", "集中视察", day, "", "2026-09-01"],
                        ]
                    ),
                    FORMATS["issues"],
                    Q1,
                ),
            ],
        )
        yield house


def test_states_of_suggestions(edges: Store) -> None:
    """A reply on the due day is in time; without a day of assignment there is no due day."""
    found = tracked("suggestions", date(2026, 4, 15))
    assert set(cells(found, "suggestion_id", "state", "due", "days_late", "days_left")) == {
        ("on the day", "replied", "2026-04-15", None, None),
        ("a day late", "replied_late", "2026-04-15", 1, None),
        ("six", "replied", "2026-07-15", None, None),
        ("at once", "replied", "2026-04-15", None, None),
        ("unassigned", "unassigned", None, None, None),
        ("never assigned", "replied", None, None, None),
        ("waits", "due_soon", "2026-04-15", None, 0),
    }
    waits = found.set_index("suggestion_id").loc["waits"]
    assert (waits["name"], waits["level"], bool(waits["priority"])) == ("丁", "national", True)
    assert pd.isna(waits["township"])
    assert pd.isna(waits["agency"])
    assert pd.isna(waits["category"])
    assert found["priority"].tolist().count(False) == 6


def test_states_of_opinions(edges: Store) -> None:
    """What has no closing date is open, whatever its result says; days run to closing or today."""
    found = tracked("opinions", date(2026, 1, 25))
    assert set(cells(found, "opinion_id", "state", "waited", "days_open")) == {
        ("unrouted", "unrouted", None, 10),
        ("routed", "open", 5, 10),
        ("same day", "closed", 0, 0),
        ("closed at once", "closed", None, 3),
        ("only said", "open", 1, 10),
    }


@pytest.mark.parametrize(
    ("today", "waits"),
    [
        (date(2026, 1, 28), ("open", None)),
        (date(2026, 1, 29), ("due_soon", None)),
        (date(2026, 2, 28), ("due_soon", None)),
        (date(2026, 3, 1), ("overdue", 1)),
    ],
)
def test_states_of_issues(edges: Store, today: date, waits: tuple[str, int | None]) -> None:
    """Fixed on the limit is in time; due soon are thirty days; without a limit nothing is late."""
    assert set(cells(tracked("issues", today), "issue_id", "state", "days_late")) == {
        ("on the day", "fixed", None),
        ("a day late", "fixed_late", 1),
        ("waits", *waits),
        ("no limit", "open", None),
        ("fixed, no limit", "fixed", None),
    }


# --- a small county by hand ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Two townships and a delegate of none; suggestions to two agencies and to none."""
    with asking(tmp_path_factory.mktemp("small") / "small.duckdb") as house:
        upload(house, registers())
        upload(
            house,
            [
                # asked on 2026-06-30
                file(
                    "suggestions",
                    [
                        suggestion(  # of long ago, on the last day of a quarter
                            *("S0", "2025-03-01", "W1"),
                            **{"承办单位": "水利局", "交办日期": "2025-03-31"},
                            **{"答复日期": "2025-04-10", "办理结果": "已解决"},
                        )
                    ],
                    Period.parse("2025Q1"),
                ),
                file(
                    "suggestions",
                    [
                        suggestion(  # replied in time, on the last day
                            *("S1", "2026-01-05", "E1"),
                            **{"附议代表编号": "W1；E2", "类别": "道路", "承办单位": "交通局"},
                            **{"交办日期": "2026-01-31", "答复日期": "2026-04-30"},
                            **{"办理结果": "已解决", "满意度": "满意", "重点督办": "是"},
                        ),
                        suggestion(  # replied late
                            *("S2", "2026-01-06", "E2"),
                            **{"类别": "道路", "承办单位": "交通局", "交办日期": "2026-01-10"},
                            **{"答复日期": "2026-06-01", "办理结果": "解释说明"},
                            **{"满意度": "不满意"},
                        ),
                        suggestion(  # overdue by 10 days
                            *("S3", "2026-03-01", "W1"),
                            **{"类别": "饮水", "承办单位": "水利局", "交办日期": "2026-03-20"},
                            **{"办理结果": "已解决"},  # foretold: no reply has come
                        ),
                        suggestion(  # due in 30 days
                            *("S4", "2026-03-31", "W1"),
                            **{"承办单位": "水利局", "交办日期": "2026-04-30", "类别": "道路"},
                            **{"重点督办": "是"},
                        ),
                        suggestion("S5", "2026-03-31", "N1"),  # unassigned; of no township
                    ],
                    Q1,
                ),
                file(
                    "suggestions",
                    [
                        suggestion(  # six months: open
                            *("S6", "2026-04-01", "E1"),
                            **{"承办单位": "水利局", "交办日期": "2026-04-02", "办理期限月": 6},
                        ),
                        suggestion(  # replied, its agency not entered, not rated
                            *("S7", "2026-06-01", "E1"),
                            **{"交办日期": "2026-06-02", "答复日期": "2026-06-30"},
                            **{"办理结果": "列入计划"},
                        ),
                    ],
                    Q2,
                ),
                file(
                    "opinions",
                    [
                        opinion(
                            *("O1", "2026-01-10", "E1"),
                            **{"类别": "道路", "来源": "入户走访", "办理层级": "村"},
                            **{
                                "转办日期": "2026-01-12",
                                "办结日期": "2026-01-20",
                                "结果": "已解决",
                            },
                        ),
                        opinion(
                            *("O2", "2026-02-10", "E2"),
                            **{"诉求": "路灯 不亮", "办理层级": "镇", "类别": "道路"},
                            **{"转办日期": "2026-02-20", "来源": "接待选民", "结果": "已解决"},
                        ),
                        opinion(
                            *("O3", "2026-02-11", "W1"),
                            **{"办理层级": "村", "来源": "入户走访", "办结日期": "2026-02-15"},
                            **{"结果": "解释说明"},
                        ),
                        opinion("O4", "2026-03-01", "N1"),
                    ],
                    Q1,
                ),
                file(
                    "opinions",
                    [
                        opinion(
                            *("O5", "2026-05-01", "E1"),
                            **{"诉求": "路灯\u3000不 亮", "办理层级": "镇", "类别": "照明"},
                            **{"转办日期": "2026-05-05", "来源": "其他"},
                        ),
                        opinion("O6", "2026-05-02", "N1", 诉求="路灯不亮"),
                        opinion("O7", "2026-05-03", "W1", 诉求="水", 办结日期="2026-05-09"),
                    ],
                    Q2,
                ),
            ],
        )
        yield house


HAND = date(2026, 6, 30)
ALL = "all"


def marked(frame: pd.DataFrame, column: str) -> pd.Series[Any]:
    """Townships, agencies or tiers, all together under their own name."""
    every = {"township": "all_townships", "agency": "all_agencies", "tier": "all_tiers"}[column]
    return frame[column].astype("object").where(~frame[every], ALL)


def cube(frame: pd.DataFrame, keys: list[str], *columns: str) -> dict[object, tuple[object, ...]]:
    """The figures by their keys, each key's all together under ALL."""
    keyed = frame.assign(**{key: marked(frame, key) for key in keys})
    return {row[: len(keys)]: row[len(keys) :] for row in cells(keyed, *keys, *columns)}


def test_suggestion_steps(small: Store) -> None:
    """Steps are of those filed in the period, what is in hand of all; each township and agency."""
    found = cube(
        matters.suggestion_steps(period=Q1, today=HAND),
        ["township", "agency"],
        *("filed", "assigned", "replied", "in_time", "satisfied"),
        *("in_hand", "due_soon", "overdue", "days_late", "unassigned"),
    )
    assert found == {
        (ALL, ALL): (5, 4, 2, 1, 1, 3, 1, 1, 10, 1),
        (ALL, "交通局"): (2, 2, 2, 1, 1, 0, 0, 0, None, 0),
        (ALL, "水利局"): (2, 2, 0, 0, 0, 3, 1, 1, 10, 0),
        (ALL, None): (1, 0, 0, 0, 0, 0, 0, 0, None, 1),
        ("东镇", ALL): (2, 2, 2, 1, 1, 1, 0, 0, None, 0),
        ("东镇", "交通局"): (2, 2, 2, 1, 1, 0, 0, 0, None, 0),
        ("东镇", "水利局"): (0, 0, 0, 0, 0, 1, 0, 0, None, 0),
        ("东镇", None): (0, 0, 0, 0, 0, 0, 0, 0, None, 0),
        ("西镇", ALL): (2, 2, 0, 0, 0, 2, 1, 1, 10, 0),
        ("西镇", "水利局"): (2, 2, 0, 0, 0, 2, 1, 1, 10, 0),
        (None, ALL): (1, 0, 0, 0, 0, 0, 0, 0, None, 1),
        (None, None): (1, 0, 0, 0, 0, 0, 0, 0, None, 1),
    }


def test_suggestions_in_hand(small: Store) -> None:
    """Open ones whenever filed, and those filed or replied in the period; the most urgent first."""
    found = matters.suggestions_in_hand(period=Q2, today=HAND)
    flags = ("is_open", "of_period", "replied_in_period")
    assert cells(found, "suggestion_id", "state", *flags) == [
        ("S3", "overdue", True, False, False),
        ("S4", "due_soon", True, False, False),
        ("S6", "open", True, True, False),
        ("S5", "unassigned", True, False, False),
        ("S2", "replied_late", False, False, True),
        ("S1", "replied", False, False, True),
        ("S7", "replied", False, True, True),
    ]
    later = matters.suggestions_in_hand(period=Period.parse("2026Q3"), today=HAND)
    assert later["suggestion_id"].tolist() == ["S3", "S4", "S6", "S5"]


def test_suggestion_topics(small: Store) -> None:
    """Of the filed ones by category; the share solved is of the replies, missing without one."""
    found = matters.suggestion_topics(period=Q1, today=HAND)
    whole = found[found["all_townships"] & found["all_agencies"]]
    columns = ("category", "filed", "replied", "solved", "solved_share")
    assert cells(whole, *columns) == [
        ("道路", 3, 2, 1, 0.5),
        ("饮水", 1, 0, 0, None),
        (None, 1, 0, 0, None),
    ]
    west = found[(found["township"] == "西镇") & (found["agency"] == "水利局")]
    assert cells(west, *columns) == [("道路", 1, 0, 0, None), ("饮水", 1, 0, 0, None)]


def test_suggestion_ratings(small: Store) -> None:
    """Replies dated in the period, whenever filed; the share is of those rated."""
    found = matters.suggestion_ratings(period=Q2, today=HAND)
    counts = ("replied", "satisfied", "partly", "dissatisfied", "unrated", "satisfied_share")
    whole = found[found["all_townships"]]
    assert cells(whole, "agency", *counts) == [
        ("交通局", 2, 1, 0, 1, 0, 0.5),
        (None, 1, 0, 0, 0, 1, None),
    ]
    assert set(found[~found["all_townships"]]["township"]) == {"东镇"}
    assert matters.suggestion_ratings(period=Q1, today=HAND).empty


def test_reply_durations(small: Store) -> None:
    """From assignment to the reply or today; of the year to the period's end, up to today."""
    found = matters.reply_durations(period=Q2, today=HAND)
    assert cells(found, "suggestion_id", "agency", "township", "days", "ended") == [
        ("S1", "交通局", "东镇", 89, True),
        ("S2", "交通局", "东镇", 142, True),
        ("S4", "水利局", "西镇", 61, False),
        ("S6", "水利局", "东镇", 89, False),
        ("S3", "水利局", "西镇", 102, False),
        ("S7", None, "东镇", 28, True),
    ]
    early = matters.reply_durations(period=Q1, today=HAND)
    assert sorted(early["suggestion_id"]) == ["S1", "S2", "S3"]
    before = matters.reply_durations(period=Period.parse("2025"), today=HAND)
    assert cells(before, "suggestion_id", "days", "ended") == [("S0", 10, True)]
    not_yet = matters.reply_durations(period=Q2, today=date(2026, 4, 1))
    assert sorted(not_yet["suggestion_id"]) == ["S1", "S2", "S3"]


def test_opinion_steps(small: Store) -> None:
    """A closed opinion counts as routed; open ones count whenever collected."""
    found = cube(
        matters.opinion_steps(period=Q1, today=HAND),
        ["township", "tier"],
        *("collected", "routed", "closed", "solved", "closed_share", "waited"),
        *("unrouted", "in_hand", "days_open"),
    )
    assert found == {
        (ALL, ALL): (4, 3, 2, 1, 0.5, 6, 2, 2, 140),
        (ALL, "村"): (2, 2, 2, 1, 1, 2, 0, 0, None),
        (ALL, "镇"): (1, 1, 0, 0, 0, 10, 0, 2, 140),
        (ALL, None): (1, 0, 0, 0, 0, None, 2, 0, 121),
        ("东镇", ALL): (2, 2, 1, 1, 0.5, 6, 0, 2, 140),
        ("东镇", "村"): (1, 1, 1, 1, 1, 2, 0, 0, None),
        ("东镇", "镇"): (1, 1, 0, 0, 0, 10, 0, 2, 140),
        ("西镇", ALL): (1, 1, 1, 0, 1, None, 0, 0, None),
        ("西镇", "村"): (1, 1, 1, 0, 1, None, 0, 0, None),
        ("西镇", None): (0, 0, 0, 0, None, None, 0, 0, None),
        (None, ALL): (1, 0, 0, 0, 0, None, 2, 0, 121),
        (None, None): (1, 0, 0, 0, 0, None, 2, 0, 121),
    }


def test_opinions_in_hand(small: Store) -> None:
    """Open ones whenever collected, the longest waiting first, then the period's closed ones."""
    found = matters.opinions_in_hand(period=Q1, today=HAND)
    assert cells(found, "opinion_id", "state", "days_open", "is_open", "of_period") == [
        ("O2", "open", 140, True, True),
        ("O4", "unrouted", 121, True, True),
        ("O5", "open", 60, True, False),
        ("O6", "unrouted", 59, True, False),
        ("O1", "closed", 10, False, True),
        ("O3", "closed", 4, False, True),
    ]


def test_opinion_topics(small: Store) -> None:
    """Each opinion once by category and once by source; the share solved is of the closed ones."""
    found = matters.opinion_topics(period=Q1, today=HAND)
    whole = found[found["all_townships"]]
    assert set(cells(whole, "kind", "topic", "collected", "closed", "solved", "solved_share")) == {
        ("category", "道路", 2, 1, 1, 1),
        ("category", None, 2, 1, 0, 0),
        ("source", "入户走访", 2, 2, 1, 0.5),
        ("source", "接待选民", 1, 0, 0, None),
        ("source", None, 1, 0, 0, None),
    }
    west = found[found["township"] == "西镇"]
    assert set(cells(west, "kind", "topic", "collected")) == {
        ("category", None, 1),
        ("source", "入户走访", 1),
    }


def test_closing_durations(small: Store) -> None:
    """From collecting to closing or today; of the year to the period's end."""
    found = matters.closing_durations(period=Q1, today=HAND)
    assert cells(found, "opinion_id", "tier", "days", "ended") == [
        ("O3", "村", 4, True),
        ("O1", "村", 10, True),
        ("O2", "镇", 140, False),
        ("O4", None, 121, False),
    ]


def test_repeated_concerns(small: Store) -> None:
    """The same words but for white space, of one township, twice or more; none of no township."""
    found = matters.repeated_concerns(period=Q2, today=HAND)
    assert cells(found, *found.columns) == [
        ("东镇", "路灯 不 亮", "照明", 3, 1, 2, "2026-01-10", "2026-05-01", 2, "O5")
    ]
    earlier = matters.repeated_concerns(period=Q1, today=HAND)
    assert cells(earlier, "township", "times", "times_in_period", "still_open", "opinion_id") == [
        ("东镇", 2, 2, 1, "O2")
    ]
    assert matters.repeated_concerns(period=Period.parse("2026Q3"), today=HAND).empty


def test_mentions(small: Store) -> None:
    """Every opinion that says the same of the same township, latest first."""
    for number in ("O1", "O2", "O5"):
        found = matters.mentions(opinion_id=number, today=HAND)
        assert cells(found, "opinion_id", "state") == [
            ("O5", "open"),
            ("O2", "open"),
            ("O1", "closed"),
        ]
    assert matters.mentions(opinion_id="O3", today=HAND)["opinion_id"].tolist() == ["O3"]
    assert matters.mentions(opinion_id="O4", today=HAND).empty


def test_a_co_signer_is_named_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Who is entered twice is one, and the lead is none of them."""
    with asking(tmp_path_factory.mktemp("twice") / "twice.duckdb") as house:
        upload(house, registers())
        row = suggestion("S1", "2026-01-05", "E1", 附议代表编号="W1；E1；E2；W1")
        upload(house, [file("suggestions", [row], Q1)])
        [one] = matters.suggestion_facts(suggestion_id="S1", today=HAND).to_dict("records")
    assert [who["delegate_id"] for who in one["cosigners"]] == ["W1", "E2"]


def test_facts(small: Store) -> None:
    """One item as it stands, with its co-signers in their order; nothing of an unknown number."""
    [one] = matters.suggestion_facts(suggestion_id="S1", today=HAND).to_dict("records")
    assert [who["name"] for who in one["cosigners"]] == ["丙", "乙"]
    assert (one["days"], one["state"], one["name"]) == (89, "replied", "甲")
    [other] = matters.suggestion_facts(suggestion_id="S3", today=HAND).to_dict("records")
    assert (list(other["cosigners"]), other["days"], other["days_late"]) == ([], 102, 10)
    assert matters.suggestion_facts(suggestion_id="S5", today=HAND)["days"].isna().all()
    assert matters.opinion_facts(opinion_id="O2", today=HAND)["days_open"].tolist() == [140]
    assert matters.suggestion_facts(suggestion_id="没有", today=HAND).empty
    assert matters.opinion_facts(opinion_id="没有", today=HAND).empty
    assert matters.matter_history(suggestion_id="没有", opinion_id="没有").empty


# --- Kaplan–Meier -------------------------------------------------------------------------------


def durations(*observed: tuple[float, bool], group: str | None = "甲局") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "agency": pd.Series([group] * len(observed), dtype="object"),
            "days": [days for days, _ended in observed],
            "ended": [ended for _days, ended in observed],
        }
    )


def product_limit(days: list[float], ended: list[bool]) -> list[tuple[float, Fraction]]:
    """The share still waiting after each day with an observation, in exact fractions."""
    waiting, curve = Fraction(1), []
    for day in sorted(set(days)):
        at_risk = sum(d >= day for d in days)
        done = sum(d == day and e for d, e in zip(days, ended, strict=True))
        waiting *= 1 - Fraction(done, at_risk)
        curve.append((day, waiting))
    return curve


def agree_with_product_limit(curve: Any, group: pd.DataFrame) -> None:
    days, ended = group["days"].tolist(), group["ended"].tolist()
    exact = product_limit(days, ended)
    assert curve.steps == [0, *(day for day, _share in exact)]
    assert curve.waiting == pytest.approx([1, *(float(share) for _day, share in exact)], abs=1e-12)
    half = next((day for day, share in exact if share <= Fraction(1, 2)), None)
    assert plain(curve.median) == half
    assert (curve.n, curve.ended) == (len(days), sum(ended))


def test_the_published_example() -> None:
    """The remission times of 6-MP (Freireich 1963), with the estimates that textbooks print."""
    ended = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    open_still = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    curves = matters.waiting_curves(
        durations(*((d, True) for d in ended), *((d, False) for d in open_still)), "agency"
    )
    curve = curves[curves["is_all"]].iloc[0]
    known = dict(zip(curve["steps"], curve["waiting"], strict=True))
    printed = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
    assert {day: round(known[day], 3) for day in printed} == printed
    assert known[35] == known[23]
    assert (curve["n"], curve["ended"], curve["median"]) == (21, 9, 23)


def test_a_case_by_hand() -> None:
    """Of a reply and an open one of the same day the reply comes first; 5 · 4/5 · 2/3 · 1/2."""
    curves = matters.waiting_curves(
        durations((10, True), (10, False), (20, True), (30, True), (40, False)), "agency"
    )
    both = [(c.steps, [round(w, 9) for w in c.waiting], c.median) for c in curves.itertuples()]
    shares = [1, 0.8, round(0.8 * 2 / 3, 9), round(0.8 / 3, 9), round(0.8 / 3, 9)]
    assert both == [([0, 10, 20, 30, 40], shares, 30)] * 2
    assert curves["is_all"].tolist() == [True, False]


def test_a_half_that_binary_fractions_miss() -> None:
    """The median is the day when exactly half are replied, whatever the products round to."""
    for n in range(4, 60, 2):
        observed = ((d, d < n) for d in range(1, n + 1))  # the last one is still open
        curve = matters.waiting_curves(durations(*observed), "agency")
        assert curve["median"].tolist() == [n / 2] * 2


def test_curves_of_groups() -> None:
    """All together first, then the slowest; who has no half yet is slower than any."""
    curves = matters.waiting_curves(
        pd.concat(
            [
                durations((5, True), (6, True), group="快"),
                durations((50, True), (60, True), group="慢"),
                durations((1, True), (9, False), (9, False), group="未过半"),
                durations((3, False), group="都在办"),
                durations((0, True), group=None),
            ]
        ),
        "agency",
    )
    assert cells(curves, "agency", "is_all", "n", "ended", "median") == [
        (None, True, 9, 6, 50),
        ("未过半", False, 3, 1, None),
        ("都在办", False, 1, 0, None),
        ("慢", False, 2, 2, 50),
        ("快", False, 2, 2, 5),
        (None, False, 1, 1, 0),
    ]
    alone = curves[curves["agency"] == "都在办"].iloc[0]
    assert (alone["steps"], alone["waiting"]) == ([0, 3], [1, 1])


def test_no_curve_of_nothing() -> None:
    """Without a suggestion there is no curve, not even of all together."""
    curves = matters.waiting_curves(durations(), "agency")
    assert curves.empty
    assert {"agency", "is_all", "n", "ended", "median", "steps", "waiting"} <= set(curves.columns)


# --- the sample county --------------------------------------------------------------------------

PERIODS = [Period.parse(text) for text in ("2026Q3", "2026Q1-Q3", "2024")]


@pytest.fixture(scope="module")
def sample(sample_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    path = tmp_path_factory.mktemp("matters") / "sample.duckdb"
    shutil.copy(sample_database, path)
    with asking(path) as house:
        yield house


def with_homes(house: Store, name: str) -> pd.DataFrame:
    """The standing rows with their delegate's township, read plainly."""
    rows = house.query(f"select * from {name}")
    homes = house.query("select delegate_id, township from delegates")
    return rows.merge(homes.set_index("delegate_id")["township"], on="delegate_id", how="left")


@pytest.mark.parametrize("period", PERIODS, ids=str)
def test_sample_suggestions(sample: Store, period: Period) -> None:
    """Every township's and agency's steps and ratings, counted anew from the rows in Python."""
    rows = with_homes(sample, "suggestions")
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in rows.itertuples():
        said = Counter[str]()
        replied, assigned = pd.notna(row.replied), pd.notna(row.assigned)
        due = months_later(row.assigned.date(), int(row.limit_months)) if assigned else None
        if period.start <= row.date.date() <= period.end:
            said["filed"] += 1
            said["assigned"] += assigned or replied
            said["replied"] += replied
            said["in_time"] += replied and (due is None or row.replied.date() <= due)
            said["satisfied"] += replied and row.satisfaction == "满意"
        said["unassigned"] += not replied and not assigned
        if assigned and not replied:
            said["in_hand"] += 1
            said["overdue"] += due < TODAY
            said["due_soon"] += TODAY <= due <= TODAY + timedelta(30)
        for home in (ALL, row.township):
            for agency in (ALL, row.agency):
                counts[home, agency].update(said)
    columns = ("filed", "assigned", "replied", "in_time", "satisfied")
    columns += ("in_hand", "due_soon", "overdue", "unassigned")
    found = matters.suggestion_steps(period=period, today=TODAY)
    assert cube(found, ["township", "agency"], *columns) == {
        key: tuple(count[column] for column in columns) for key, count in counts.items()
    }
    assert counts[ALL, ALL]["filed"] > 50
    assert counts[ALL, ALL]["overdue"] > 0

    inside = rows[rows["replied"].between(pd.Timestamp(period.start), pd.Timestamp(period.end))]
    expected = inside.groupby(["agency", "satisfaction"]).size().unstack(fill_value=0)
    rated = matters.suggestion_ratings(period=period, today=TODAY)
    rated = rated[rated["all_townships"]].set_index("agency")
    for column, word in (("satisfied", "满意"), ("partly", "基本满意"), ("dissatisfied", "不满意")):
        assert rated[column].to_dict() == expected[word].to_dict()


@pytest.mark.parametrize("period", PERIODS, ids=str)
def test_sample_opinions(sample: Store, period: Period) -> None:
    """Every township's and tier's steps, and the repeated concerns, counted anew in Python."""
    rows = with_homes(sample, "opinions")
    groups: dict[tuple[str, str], list[Any]] = defaultdict(list)
    concerns: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in rows.itertuples():
        for home in (ALL, row.township):
            for tier in (ALL, row.tier):
                groups[home, tier].append(row)
        if row.date.date() <= period.end:
            concerns[row.township, "".join(row.content.split())].append(row)

    def figures(group: list[Any]) -> tuple[object, ...]:
        own = [row for row in group if period.start <= row.date.date() <= period.end]
        closed = [row for row in own if pd.notna(row.closed)]
        waits = [(row.routed - row.date).days for row in own if pd.notna(row.routed)]
        still = [row for row in group if pd.isna(row.closed)]
        return (
            len(own),
            len([row for row in own if pd.notna(row.closed) or pd.notna(row.routed)]),
            len(closed),
            len([row for row in closed if row.outcome == "已解决"]),
            digits(median(waits) if waits else None),
            len([row for row in still if pd.isna(row.routed)]),
            len([row for row in still if pd.notna(row.routed)]),
            digits(max((TODAY - row.date.date()).days for row in still) if still else None),
        )

    found = matters.opinion_steps(period=period, today=TODAY)
    found = found.assign(
        waited=found["waited"].map(digits), days_open=found["days_open"].map(digits)
    )
    columns = (
        "collected",
        "routed",
        "closed",
        "solved",
        "waited",
        "unrouted",
        "in_hand",
        "days_open",
    )
    assert cube(found, ["township", "tier"], *columns) == {
        key: figures(group) for key, group in groups.items()
    }
    repeated = {
        (*key, len(group), len({row.delegate_id for row in group}))
        for key, group in concerns.items()
        if len(group) > 1 and any(row.date.date() >= period.start for row in group)
    }
    said = matters.repeated_concerns(period=period, today=TODAY)
    said = said.assign(content=["".join(text.split()) for text in said["content"]])
    assert set(cells(said, "township", "content", "times", "delegates")) == repeated
    assert len(repeated) > 10


def test_sample_curves(sample: Store) -> None:
    """The curve and median of every agency and tier are those of exact fractions."""
    asked = {"period": Period.parse("2026Q3"), "today": TODAY}
    for by, found in (
        ("agency", matters.reply_durations(**asked)),
        ("tier", matters.closing_durations(**asked)),
    ):
        curves = matters.waiting_curves(found, by)
        assert len(curves) == found[by].nunique(dropna=False) + 1
        for curve in curves.itertuples():
            group = found if curve.is_all else found[found[by] == getattr(curve, by)]
            agree_with_product_limit(curve, group)
        assert not found["ended"].all()


# --- history over uploads -----------------------------------------------------------------------


def fates(house: Store, **which: str) -> list[tuple[object, ...]]:
    found = matters.matter_history(**which)
    return [
        (
            row.upload_id - 2,  # after the two registers
            row.fate,
            None if pd.isna(row.superseded_by) else int(row.superseded_by) - 2,
            "first" if row.is_first else {c["field"]: (c["before"], c["now"]) for c in row.changes},
        )
        for row in found.itertuples()
    ]


def test_history_of_a_suggestion(tmp_path: Path) -> None:
    """Each version with its upload, what it changed from the version before it in force, and what
    became of it, also when uploads are undone and put in force again."""
    filed = suggestion("S1", "2026-01-05", 承办单位="交通局", 附议代表编号="E2")
    assigned = filed | {"交办日期": "2026-01-10", "办理期限月": 6}
    replied = assigned | {"答复日期": "2026-03-01", "办理结果": "已解决", "重点督办": "是"}
    first, second, third = (
        "first",
        {"assigned": (None, "2026-01-10"), "limit_months": ("3", "6")},
        {"replied": (None, "2026-03-01"), "outcome": (None, "已解决"), "priority": (None, "是")},
    )
    with asking(tmp_path / "h.duckdb") as house:
        upload(house, registers())
        for row, quarter in ((filed, Q1), (assigned, Q1), (replied, Q2), (replied, Q2)):
            other = suggestion(f"S{quarter}{len(fates(house, suggestion_id='S1'))}", quarter.start)
            upload(house, [file("suggestions", [other, row], quarter)])
        versions = matters.matter_history(suggestion_id="S1")
        assert versions["row_number"].tolist() == [3] * 4
        assert versions["filename"].tolist() == [f"suggestions-{q}.csv" for q in (Q1, Q1, Q2, Q2)]
        assert fates(house, suggestion_id="S1") == [
            (1, "superseded", 3, first),
            (2, "superseded", 3, second),
            (3, "stands", None, third),
            (4, "repeats", 3, {}),
        ]
        reverse(house, 4, "undo", "传错", "王")
        assert fates(house, suggestion_id="S1") == [
            (1, "superseded", 3, first),
            (2, "undone", None, second),
            (3, "stands", None, second | third),
            (4, "repeats", 3, {}),
        ]
        for number in (3, 5, 6):
            reverse(house, number, "undo", "传错", "王")
        assert {fate for _number, fate, *_rest in fates(house, suggestion_id="S1")} == {"undone"}
        assert matters.suggestion_facts(suggestion_id="S1", today=TODAY).empty
        reverse(house, 4, "redo", "没错", "王")
        assert fates(house, suggestion_id="S1")[1] == (2, "stands", None, "first")


def test_history_of_a_replaced_opinion(tmp_path: Path) -> None:
    """A row that a replacing upload leaves out is superseded by it, and nothing stands."""
    with asking(tmp_path / "h.duckdb") as house:
        upload(house, registers())
        upload(house, [file("opinions", [opinion("O1", "2026-01-05", 结果="正在办理")], Q1)])
        closed = opinion("O1", "2026-01-05", 结果="已解决", 办结日期="2026-02-01", 办理层级="村")
        upload(house, [file("opinions", [closed], Q1)])
        changes = {
            "tier": (None, "村"),
            "closed": (None, "2026-02-01"),
            "outcome": ("正在办理", "已解决"),
        }
        assert fates(house, opinion_id="O1") == [
            (1, "superseded", 2, "first"),
            (2, "stands", None, changes),
        ]
        other = file("opinions", [opinion("O2", "2026-01-06")], Q1)
        upload(house, [dataclasses.replace(other, replace=True)])
        assert [fate for _number, fate, *_rest in fates(house, opinion_id="O1")] == [
            "superseded",
            "superseded",
        ]
        assert matters.opinion_facts(opinion_id="O1", today=TODAY).empty
        assert fates(house, suggestion_id="O1") == []


def test_a_new_database_is_empty(tmp_path: Path) -> None:
    """Before the first upload no question of the room finds anything, and none fails."""
    path = tmp_path / "new.duckdb"
    open_store(path).close()
    asked = {"period": Q1, "today": TODAY}
    with asking(path):
        for question in (
            matters.suggestions_in_hand,
            matters.suggestion_topics,
            matters.suggestion_ratings,
            matters.reply_durations,
            matters.opinions_in_hand,
            matters.closing_durations,
            matters.repeated_concerns,
        ):
            assert question(**asked).empty
        assert matters.suggestion_steps(**asked)["filed"].sum() == 0
        assert matters.opinion_steps(**asked)["collected"].sum() == 0
        assert matters.opinion_topics(**asked).empty
