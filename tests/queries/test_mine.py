"""What a leader looks after: worked out by hand, recomputed on the sample, and nothing beyond it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from hashlib import md5
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from databases import asking, files_of, rows, sent, upload
from figures import agree

from data.period import Period
from data.store import Store
from data.uploads.ledger import reverse
from queries import county, matters, mine

Q2, Q3 = Period.parse("2026Q2"), Period.parse("2026Q3")
TODAY = date(2026, 11, 22)
CHAIR, HEAD, DEPUTY = "王主任", "组长", "李主任"
EAST_GROUP = "东一组"


COUNTY = {
    "townships": rows(
        "镇街 类型 包联领导", ("东镇", "镇", CHAIR), ("西镇", "镇", ""), ("南镇", "镇", DEPUTY)
    ),
    "stations": rows(
        "编号 名称 类型 镇街 上级编号",
        ("Z0", "中心", "服务中心", "", ""),
        ("Z1", "东家", "代表之家", "东镇", "Z0"),
        ("Z2", "东站", "联络站", "东镇", "Z1"),
        ("Z3", "西家", "代表之家", "西镇", "Z0"),
        ("Z4", "南家", "代表之家", "南镇", "Z0"),
    ),
    "delegates": rows(
        "代表编号 姓名 层级 镇街 代表小组",
        ("E1", "甲", "县级", "东镇", EAST_GROUP),
        ("E2", "乙", "乡镇级", "东镇", EAST_GROUP),
        ("E3", "丙", "乡镇级", "东镇", "东二组"),
        ("E4", "省", "省级", "东镇", EAST_GROUP),  # not compared with others
        ("W1", "丁", "县级", "西镇", "西一组"),
        ("W2", "戊", "乡镇级", "西镇", "西一组"),
        ("S1", "己", "县级", "南镇", ""),
        ("S2", "庚", "乡镇级", "南镇", ""),
        任职起="2020-01-01",
    ),
    "assignments": rows(
        "领导 对象类型 对象",
        (CHAIR, "镇街", "西镇"),
        (CHAIR, "镇街", "东镇"),  # said twice: here and in the register
        (CHAIR, "代表小组", EAST_GROUP),  # within a township of theirs
        (HEAD, "代表小组", EAST_GROUP),
    ),
    "activities": rows(
        "代表编号 类型 日期 数量 阵地编号 核实状态",
        ("E1", "入户走访", "2026-04-01", 3, "Z1", ""),
        ("E1", "政策宣讲", "2026-06-30", "", "", ""),
        ("E3", "入户走访", "2026-05-01", 9, "Z2", "已退回"),
        ("W1", "接待选民", "2026-05-01", "", "", ""),
    ),
    "attendance": rows(
        "活动号 活动类型 日期 代表编号 结果",
        ("H1", "专题调研", "2026-06-01", "E1", "出席"),
        ("H1", "专题调研", "2026-06-01", "W2", "缺席"),
        ("H2", "会议", "2026-06-02", "E1", "出席"),
    ),
    "opinions": rows(
        "编号 代表编号 收集日期 诉求 转办日期 办结日期 结果",
        ("O1", "E2", "2026-04-05", "无人问", "", "", ""),
        ("O2", "E1", "2026-06-30", "等很久", "2026-07-05", "", "正在办理"),
        ("O3", "E1", "2026-08-24", "九十天", "2026-08-25", "", ""),
        ("O4", "E2", "2026-08-23", "九十一天", "2026-08-25", "", ""),
        ("O5", "E2", "2025-04-05", "办了", "2025-04-06", "2025-05-06", "已解决"),
        ("O6", "W1", "2026-11-01", "刚收到", "", "", ""),
        ("O7", "S1", "2026-01-05", "南镇的", "2026-01-06", "", ""),
    ),
    "suggestions": rows(
        "建议号 领衔代表编号 提出日期 交办日期 办理期限月 承办单位 答复日期 重点督办",
        ("J1", "E1", "2026-01-20", "2026-01-31", 3, "住建局", "", ""),  # due on April 30
        ("J2", "W1", "2026-08-20", "2026-08-22", 3, "", "", ""),  # due today
        ("J3", "W2", "2026-08-20", "2026-08-21", 3, "", "", "是"),  # due yesterday
        ("J4", "E2", "2026-04-20", "2026-04-25", 3, "", "2026-09-01", ""),
        ("J5", "S1", "2025-12-20", "2026-01-01", 6, "水利局", "", ""),
        标题="修路",
    ),
    "issues": rows(
        "编号 镇街 专班 发现日期 法定期限 整改日期",
        ("I1", "东镇", "甲班", "2026-09-01", "2026-10-01", ""),
        ("I2", "东镇", "甲班", "2026-09-01", "2026-11-22", ""),
        ("I3", "南镇", "", "2026-01-01", "2026-02-01", ""),
        ("I4", "", "", "2026-01-01", "2026-02-01", ""),
        ("I5", "西镇", "", "2026-01-01", "2026-02-01", "2026-03-01"),
        主题="碧水",
        发现渠道="集中视察",
        内容="有垃圾",
    ),
    "guidance": rows(
        "日期 领导 镇街 检查项 发现问题 整改日期",
        ("2026-05-10", CHAIR, "东镇", "标牌", "牌子旧", ""),
        ("2026-05-10", CHAIR, "东镇", "点位", "", ""),
        ("2026-06-30", CHAIR, "东镇", "制度", "没上墙", ""),
        ("2026-07-01", CHAIR, "东镇", "制度", "", ""),  # after the period
        ("2026-05-11", DEPUTY, "东镇", "制度", "缺台账", "2026-05-12"),
        ("2026-05-12", DEPUTY, "南镇", "制度", "缺制度", ""),
    ),
}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with asking(tmp_path_factory.mktemp("mine") / "small.duckdb") as house:
        upload(house, files_of(COUNTY))
        yield house


def asked(leader: str, period: Period = Q2, today: date = TODAY) -> dict[str, Any]:
    return {"leader": leader, "period": period, "today": today}


def table(headers: str, *lines: tuple[Any, ...]) -> list[dict[str, Any]]:
    return [dict(zip(headers.split(), line, strict=True)) for line in lines]


def joined(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Lists as text, so that they compare."""
    return frame.assign(**{column: frame[column].map("、".join) for column in columns})


# --- worked out by hand -------------------------------------------------------------------------


def test_leaders(small: Store) -> None:
    """Everybody of the assignments and of the register, each unit once, under a code for the name."""
    expected = table(
        "leader townships groups",
        (DEPUTY, "南镇", None),
        (CHAIR, "东镇、西镇", EAST_GROUP),
        (HEAD, None, EAST_GROUP),
    )
    for row in expected:
        row["leader_code"] = md5(row["leader"].encode(), usedforsecurity=False).hexdigest()[:8]
    agree(joined(mine.leaders(), "townships", "groups"), expected)


NEEDS = "urgency need unit_kind unit subject by_whom priority count days names opens of_need"


def test_what_needs_the_leader_of_townships(small: Store) -> None:
    """Past the legal limit first, what is for priority before it; then what waits, what was not
    reported, who and what was silent; in numbers where there are many, and each once.
    """
    town, none = "镇街", None
    agree(
        joined(mine.my_needs(**asked(CHAIR)), "names"),
        table(
            NEEDS,
            (1, "suggestion_overdue", town, "西镇", "修路", none, True, 1, 1, "戊", "J3", 2),
            (1, "suggestion_overdue", town, "东镇", "修路", "住建局", False, 1, 206, "甲", "J1", 2),
            (1, "issue_overdue", town, "东镇", "有垃圾", "甲班", False, 1, 52, none, "碧水", 1),
            (2, "opinions_unrouted", town, "东镇", "无人问", none, False, 1, 231, none, "O1", 2),
            (2, "findings_open", town, "东镇", "牌子旧", none, False, 2, 196, none, "东镇", 2),
            (2, "opinions_open", town, "东镇", "等很久", none, False, 2, 145, none, "O2", 2),
            (2, "opinions_unrouted", town, "西镇", "刚收到", none, False, 1, 21, none, "O6", 2),
            (3, "not_reported", town, "西镇", none, none, False, 1, 145, "opinions", "西镇", 1),
            (4, "delegates_silent", town, "东镇", none, none, False, 1, none, "丙", "E3", 2),
            (4, "delegates_silent", town, "西镇", none, none, False, 1, none, "戊", "W2", 2),
            (4, "stations_silent", town, "东镇", none, none, False, 1, none, "东站", "Z2", 2),
            (4, "stations_silent", town, "西镇", none, none, False, 1, none, "西家", "Z3", 2),
        ),
    )


def test_what_needs_the_leader_of_a_group(small: Store) -> None:
    """Its members' suggestions and opinions, and nothing of their township's."""
    group, none = "代表小组", None
    agree(
        joined(mine.my_needs(**asked(HEAD)), "names"),
        table(
            NEEDS,
            (1, "suggestion_overdue", group, EAST_GROUP, "修路", "住建局", False, 1, 206, "甲", "J1", 1),
            (2, "opinions_unrouted", group, EAST_GROUP, "无人问", none, False, 1, 231, none, "O1", 1),
            (2, "opinions_open", group, EAST_GROUP, "等很久", none, False, 2, 145, none, "O2", 2),
        ),
    )  # fmt: skip


def test_of_a_silent_township_nobody_is_called_idle(small: Store) -> None:
    """南镇 sent nothing: that is said, and neither its delegates nor its station are judged."""
    found = mine.my_needs(**asked(DEPUTY))
    agree(
        joined(found, "names"),
        table(
            "need unit count days names opens",
            ("issue_overdue", "南镇", 1, 294, None, "碧水"),
            ("suggestion_overdue", "南镇", 1, 144, "己", "J5"),
            ("opinions_open", "南镇", 1, 321, None, "O7"),
            ("findings_open", "南镇", 1, 194, None, "南镇"),
            ("not_reported", "南镇", 2, 145, "activities、opinions", "南镇"),
        ),
    )


@pytest.mark.parametrize(
    ("today", "days"), [(date(2026, 5, 1), 0), (date(2026, 6, 30), 0), (date(2026, 7, 1), 1)]
)
def test_nothing_is_late_to_report_before_the_period_is_over(
    small: Store, today: date, days: int
) -> None:
    """Days since the period's end, none while it lasts."""
    found = mine.my_needs(**asked(CHAIR, today=today)).set_index("need")
    assert found.at["not_reported", "days"] == days


def by_unit(frame: pd.DataFrame, *units: str) -> pd.DataFrame:
    """The rows of these units, in this order; there are no others."""
    assert set(frame["unit"]) == set(units)
    return frame.set_index("unit").loc[list(units)].reset_index()


def test_my_units(small: Store) -> None:
    """Counts of what is open and late as of today, own visits by day; a group has no township's."""
    headers = (
        "unit_kind unit known delegates active active_share suggestions_open suggestions_due_soon"
        " suggestions_overdue opinions_open issues_open issues_overdue findings_open visits"
    )
    group = ("代表小组", EAST_GROUP, True, 2, 2, 1.0, 1, 0, 1, 4, None, None, None, None)
    agree(
        by_unit(mine.my_units(**asked(CHAIR)), "东镇", "西镇", EAST_GROUP),
        table(
            headers,
            ("镇街", "东镇", True, 3, 2, 2 / 3, 1, 0, 1, 4, 2, 1, 2, 2),
            ("镇街", "西镇", True, 2, 1, 1 / 2, 2, 1, 1, 1, 0, 0, 0, 0),
            group,
        ),
    )
    agree(mine.my_units(**asked(HEAD)), table(headers, group))


def test_scores_are_those_of_the_other_pages(small: Store) -> None:
    """Means and ranks as the comparison of townships has them; a group's mean is of its members."""
    found = by_unit(mine.my_units(**asked(CHAIR)), "东镇", "西镇", EAST_GROUP).set_index("unit")
    periods = [Q2, Q2.before]
    figures = county.township_figures(periods=periods, today=TODAY).set_index(
        ["period", "township"]
    )
    for township in ("东镇", "西镇"):
        now, before = figures.loc[(str(Q2), township)], figures.loc[(str(Q2.before), township)]
        expected = now["mean_score"], now["rank"], now["delegates"], now["active_share"]
        row = found.loc[township]
        assert (
            row["mean_score"],
            row["rank"],
            row["delegates"],
            row["active_share"],
        ) == pytest.approx(expected)
        agree(
            found.loc[[township]],
            [
                {
                    "mean_change": now["mean_score"] - before["mean_score"],
                    "rank_change": before["rank"] - now["rank"],
                }
            ],
        )
    ranking = county.ranking(period=Q2).set_index("delegate_id")
    assert found.at[EAST_GROUP, "mean_score"] == pytest.approx(
        ranking.loc[["E1", "E2"], "score"].mean()
    )
    assert pd.isna(found.at[EAST_GROUP, "rank"])


def test_my_members(small: Store) -> None:
    """What each did in the period, who did nothing first; not sent is missing, not zero."""
    headers = (
        "delegate_id unit is_active households receptions other_activities opinions suggestions"
        " events suggestions_open suggestions_overdue"
    )
    idle, one, two = (
        ("E4", EAST_GROUP, False, 0, 0, 0, 0, 0, 0, 0, 0),
        ("E1", EAST_GROUP, True, 3, 0, 1, 1, 0, 1, 1, 1),
        ("E2", EAST_GROUP, True, 0, 0, 0, 1, 1, 0, 0, 0),
    )
    found = mine.my_members(**asked(HEAD))
    assert found["delegate_id"][0] == "E4"
    assert found["score"][1] > found["score"][2]
    agree(
        found.set_index("delegate_id").loc[["E4", "E1", "E2"]].reset_index(),
        table(headers, idle, one, two),
    )
    all_of_them = mine.my_members(**asked(CHAIR))
    agree(
        all_of_them[all_of_them["delegate_id"].isin(["E3", "W1", "W2"])],
        table(
            headers,
            ("E3", "东镇", False, 0, 0, 0, 0, 0, 0, 0, 0),  # what was sent back does not count
            ("W2", "西镇", False, 0, 0, 0, None, 0, 0, 1, 1),
            ("W1", "西镇", True, 0, 1, 0, None, 0, 0, 1, 0),
        ),
    )
    assert list(all_of_them["unit"]) == ["东镇"] * 4 + ["西镇"] * 2 + [EAST_GROUP] * 3
    agree(
        mine.my_members(**asked(DEPUTY)),
        table(
            headers,
            ("S1", "南镇", None, None, None, None, None, 0, 0, 1, 1),
            ("S2", "南镇", None, None, None, None, None, 0, 0, 0, 0),
        ),
    )


def test_nobody_looks_after_nothing(small: Store) -> None:
    """A name that no register knows has no units, no members and no needs."""
    for question in (mine.my_needs, mine.my_units, mine.my_members):
        assert question(**asked("路人")).empty


def test_without_guidance_on_record_no_visit_is_missed(tmp_path: Path) -> None:
    """An office that sends no guidance is not told that its leaders never went."""
    known = {name: lines for name, lines in COUNTY.items() if name != "guidance"}
    with asking(tmp_path / "without.duckdb") as house:
        upload(house, files_of(known))
        found = mine.my_units(**asked(CHAIR))
        assert found["visits"].isna().all()
        assert "findings_open" not in set(mine.my_needs(**asked(CHAIR))["need"])


def test_units_that_are_gone_are_said_to_be(tmp_path: Path) -> None:
    """A group that nobody is in any more, a township taken back: still the leader's, but unknown."""
    with asking(tmp_path / "gone.duckdb") as house:
        upload(house, files_of(COUNTY))
        upload(house, [sent("townships", rows("镇街 类型", ("北镇", "镇")))])
        north = int(house.query("select max(upload_id) as number from uploads")["number"][0])
        upload(house, [sent("assignments", rows("领导 对象类型 对象", (HEAD, "镇街", "北镇")))])
        assert mine.my_units(**asked(HEAD))["known"].all()
        moved = [
            row | {"代表小组": "新组"}
            for row in COUNTY["delegates"]
            if row["代表小组"] == EAST_GROUP
        ]
        upload(house, [sent("delegates", moved)])
        reverse(house, north, "undo", "误传", "王")
        agree(
            mine.my_units(**asked(HEAD)),
            table(
                "unit known delegates mean_score",
                ("北镇", False, 0, None),
                (EAST_GROUP, False, 0, None),
            ),
        )
        assert mine.my_needs(**asked(HEAD)).empty
        assert mine.my_members(**asked(HEAD)).empty
        assert HEAD in set(mine.leaders()["leader"])


# --- the sample ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sample(sample_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    path = tmp_path_factory.mktemp("mine") / "sample.duckdb"
    shutil.copy(sample_database, path)
    with asking(path) as house:
        yield house


@pytest.fixture(scope="module")
def tables(sample: Store) -> dict[str, pd.DataFrame]:
    names = ("delegates", "suggestions", "opinions", "issues", "guidance", "stations", "activities")
    names += ("attendance", "duty_reports", "assignments", "townships")
    return {name: sample.query(f"select * from {name}") for name in names}


def charges(tables: dict[str, pd.DataFrame], leader: str) -> tuple[set[str], set[str]]:
    """The townships and groups of a leader, from the raw registers."""
    said = tables["assignments"][lambda a: a["leader"] == leader]
    named = tables["townships"][lambda t: t["leader"] == leader]["township"]
    townships = set(said.loc[said["unit_kind"] == "镇街", "unit"]) | set(named)
    return townships, set(said.loc[said["unit_kind"] == "代表小组", "unit"])


def of_every_sort(leaders: pd.DataFrame) -> list[str]:
    """Some leaders of townships, one of a single group, one of several."""
    groups = leaders["groups"].map(len)
    several = leaders.loc[groups == groups.max(), "leader"].iloc[0]
    return [*leaders["leader"][:3], "龚维新", several, leaders.loc[groups == 1, "leader"].iloc[0]]


def test_every_leader_is_offered(sample: Store, tables: dict[str, pd.DataFrame]) -> None:
    """All of both registers, each with exactly their units, every code of its own."""
    found = mine.leaders()
    everybody = {*tables["assignments"]["leader"], *tables["townships"]["leader"].dropna()}
    assert sorted(found["leader"]) == sorted(everybody)
    assert found["leader_code"].is_unique
    for row in found.itertuples():
        assert (set(row.townships), set(row.groups)) == charges(tables, row.leader)


def test_needs_of_the_sample(sample: Store, tables: dict[str, pd.DataFrame]) -> None:
    """For leaders of every sort, each kind of need counted again from the raw rows; so nothing of
    what another looks after is among them.
    """
    today, start, end = (pd.Timestamp(day) for day in (TODAY, Q3.start, Q3.end))
    roster = tables["delegates"]
    homes = roster.set_index("delegate_id")["township"]
    acts = tables["activities"][lambda a: (a["status"] != "已退回") & a["date"].between(start, end)]
    heard = tables["opinions"][lambda o: o["date"].between(start, end)]
    sent_by = {
        "activities": set(acts["delegate_id"].map(homes)),
        "opinions": set(heard["delegate_id"].map(homes)),
    }
    present = tables["attendance"][lambda a: a["result"] == "出席"]
    deeds = [acts, heard, present, tables["suggestions"], tables["duty_reports"]]
    doers = set().union(*(d.loc[d["date"].between(start, end), "delegate_id"] for d in deeds))
    in_office = (roster["start_date"] <= end) & ~(roster["end_date"] < start)
    compared = roster[in_office & roster["level"].isin(["county", "township"])]
    idle = compared[~compared["delegate_id"].isin(doers)]
    idle = idle[idle["township"].isin(sent_by["activities"] | sent_by["opinions"])]
    used = set(acts["station_id"].dropna())

    kinds = set()
    for leader in of_every_sort(mine.leaders()):
        townships, groups = charges(tables, leader)
        own = roster[roster["township"].isin(townships) | roster["group_name"].isin(groups)]
        people = set(own["delegate_id"])

        led = tables["suggestions"][lambda s, p=people: s["delegate_id"].isin(p)]
        led = led[led["replied"].isna() & led["assigned"].notna()]
        due = [
            assigned + pd.DateOffset(months=int(months))
            for assigned, months in zip(led["assigned"], led["limit_months"], strict=True)
        ]
        voiced = tables["opinions"][lambda o, p=people: o["delegate_id"].isin(p)]
        voiced = voiced[voiced["closed"].isna()]
        waiting = (today - voiced["date"]).dt.days
        issues = tables["issues"][lambda i, t=townships: i["township"].isin(t)]
        checks = tables["guidance"][lambda g, t=townships: g["township"].isin(t)]
        stations = tables["stations"][
            lambda s, t=townships: s["township"].isin(t & sent_by["activities"])
        ]
        expected = {
            "suggestion_overdue": sum(day < today for day in due),
            "issue_overdue": (issues["fixed"].isna() & (issues["due"] < today)).sum(),
            "findings_open": (checks["finding"].notna() & checks["fixed"].isna()).sum(),
            "opinions_unrouted": voiced["routed"].isna().sum(),
            "opinions_open": (voiced["routed"].notna() & (waiting > 90)).sum(),
            "not_reported": sum(len(townships - sent) for sent in sent_by.values()),
            "stations_silent": (~stations["station_id"].isin(used)).sum(),
            "delegates_silent": idle["delegate_id"].isin(people).sum(),
        }
        needs = mine.my_needs(**asked(leader, Q3))
        counted = needs.groupby("need")["count"].sum()
        assert counted.to_dict() == {need: n for need, n in expected.items() if n}, leader
        assert needs.groupby("need")["of_need"].first().to_dict() == counted.to_dict()
        assert set(needs["unit"]) <= townships | groups
        late = needs[needs["need"] == "suggestion_overdue"]
        assert set(late["opens"]) <= set(led["suggestion_id"])
        assert needs["urgency"].is_monotonic_increasing
        kinds |= set(counted.index)
    assert kinds >= {"suggestion_overdue", "opinions_open", "findings_open", "not_reported"}


def test_members_and_units_of_the_sample(sample: Store, tables: dict[str, pd.DataFrame]) -> None:
    """Members are exactly the delegates in office of the units, with their scores of the ranking;
    the units' figures are those of the other pages.
    """
    ranking = county.ranking(period=Q3).set_index("delegate_id")
    figures = county.township_figures(periods=[Q3], today=TODAY).set_index("township")
    open_now = matters.suggestions_in_hand(period=Q3, today=TODAY)
    open_now = open_now[open_now["is_open"]]
    roster = tables["delegates"]
    for leader in of_every_sort(mine.leaders()):
        townships, groups = charges(tables, leader)
        members = mine.my_members(**asked(leader, Q3))
        units = mine.my_units(**asked(leader, Q3))
        assert list(units["unit"]) == [
            *sorted(townships, key=lambda t: (figures["rank"].fillna(99)[t], t)),
            *sorted(groups),
        ]
        for unit in units.itertuples():
            column = "township" if unit.unit_kind == "镇街" else "group_name"
            everybody = set(roster.loc[roster[column] == unit.unit, "delegate_id"])
            own = everybody & set(ranking.index)
            listed = members[members["unit"] == unit.unit]
            assert sorted(listed["delegate_id"]) == sorted(own)
            scores = ranking.loc[listed["delegate_id"], ["score", "rank"]]
            agree(listed, scores.to_dict("records"))
            led = open_now[open_now["delegate_id"].isin(own)]
            assert listed["suggestions_open"].sum() == len(led)
            led = open_now[open_now["delegate_id"].isin(everybody)]
            assert (unit.suggestions_open, unit.suggestions_overdue) == (
                len(led),
                (led["state"] == "overdue").sum(),
            )
            if unit.unit_kind == "镇街":
                assert unit.mean_score == pytest.approx(figures.at[unit.unit, "mean_score"])
                assert unit.active_share == figures.at[unit.unit, "active_share"]
