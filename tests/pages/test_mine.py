"""包联: who is chosen, what needs them, where each line leads, and what is said when there is none."""

from __future__ import annotations

from datetime import date
from hashlib import md5
from pathlib import Path

import pandas as pd
import pytest
import streamlit as st
from databases import files_of, rows, stored, upload
from running import Run, Shown, picked, said
from streamlit.testing.v1 import AppTest

from data import store
from data.access import Role, Visitor
from data.period import Period
from pages.parts import access, filters
from queries import mine

TODAY = date(2026, 7, 31)
Q2 = Period.parse("2026Q2")
CHAIR, HEAD, GROUP = "王主任", "组长", "东一组"


COUNTY = {
    "townships": rows(
        "镇街 类型 包联领导", ("东镇", "镇", CHAIR), ("西镇", "镇", ""), ("北镇", "镇", "")
    ),
    "stations": rows(
        "编号 名称 类型 镇街",
        ("Z1", "东家", "代表之家", "东镇"),
        ("Z2", "东站", "联络站", "东镇"),
        ("Z3", "东点", "联系点", "东镇"),
        ("Z4", "西家", "代表之家", "西镇"),
    ),
    "delegates": rows(
        "代表编号 姓名 层级 镇街 代表小组",
        *((f"E{n}", f"东*{n}", "乡镇级", "东镇", GROUP) for n in range(1, 8)),
        ("W1", "西一", "县级", "西镇", ""),
        ("W2", "西二", "县级", "西镇", ""),
        ("B1", "外人", "县级", "北镇", ""),
        任职起="2020-01-01",
    ),
    "assignments": rows("领导 对象类型 对象", (CHAIR, "镇街", "西镇"), (HEAD, "代表小组", GROUP)),
    "activities": rows(
        "代表编号 类型 日期 阵地编号",
        ("E1", "入户走访", "2026-04-01", "Z1"),
        ("W1", "接待选民", "2026-05-01", ""),
        ("B1", "接待选民", "2026-05-01", ""),
    ),
    "opinions": rows(
        "编号 代表编号 收集日期 诉求 转办日期",
        ("O1", "E1", "2026-04-05", "路灯_不亮_", ""),
        ("O2", "E1", "2026-04-06", "水浑", "2026-04-07"),
    ),
    "suggestions": rows(
        "建议号 标题 领衔代表编号 提出日期 交办日期 承办单位 重点督办",
        ("J1", "修*路*", "E1", "2026-01-20", "2026-01-31", "住建局", "是"),
        ("J9", "别处的", "B1", "2026-01-20", "2026-01-31", "住建局", ""),
    ),
    "issues": rows(
        "编号 主题 发现渠道 镇街 发现日期 法定期限 内容",
        ("I1", "碧水", "集中视察", "东镇", "2026-05-01", "2026-06-01", "垃圾"),
    ),
    "guidance": rows(
        "日期 领导 镇街 检查项 发现问题", ("2026-05-10", CHAIR, "东镇", "标牌", "牌子旧")
    ),
}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stored(tmp_path_factory.mktemp("mine") / "office.duckdb", files_of(COUNTY))


@pytest.fixture
def run(run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The page on that day: ``run(database, **query parameters)``."""
    monkeypatch.setattr(filters, "today", lambda: TODAY)

    def start(database: Path, **parameters: str) -> AppTest:
        test = run(database, "browse/mine.py", **parameters)
        assert not test.exception
        assert not test.error
        return test

    return start


def code_of(leader: str) -> str:
    return md5(leader.encode(), usedforsecurity=False).hexdigest()[:8]


def signed(monkeypatch: pytest.MonkeyPatch, name: str, role: Role) -> None:
    monkeypatch.setattr(access, "visitor", lambda: Visitor(name=name, role=role))


# --- who ----------------------------------------------------------------------------------------


def test_nobody_is_chosen_for_who_is_not_known(run: Run, office: Path, shown: Shown) -> None:
    """The page offers everybody who looks after something; a row chooses, by a code for the name."""
    test = run(office)
    assert picked(test, "领导") == "none"
    assert list(shown.frames) == ["leaders"]
    assert list(shown.frames["leaders"]["leader"]) == [CHAIR, HEAD]
    assert not shown.frames["leaders"].empty
    test = run(office, leader=code_of(CHAIR))
    assert picked(test, "领导") == code_of(CHAIR)
    assert CHAIR not in test.query_params["leader"][0]
    assert "needs" in shown.frames


def test_who_is_signed_in_sees_their_own_at_once(
    run: Run, office: Path, shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A leader of that name is chosen; others can still be; the address wins."""
    signed(monkeypatch, HEAD, "leader")
    test = run(office)
    assert picked(test, "领导") == code_of(HEAD)
    assert "leader" not in test.query_params
    assert set(shown.frames["units"]["unit"]) == {GROUP}
    test = run(office, leader=code_of(CHAIR))
    assert set(shown.frames["units"]["unit"]) == {"东镇", "西镇"}


def test_a_leader_who_looks_after_nothing_is_told_so(
    run: Run, office: Path, shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signed in under a name that no register has, or with an old address: said plainly."""
    signed(monkeypatch, "新来的*人*", "leader")
    assert r"没有 新来的\*人\* 的包联对象" in said(run(office))
    assert "网址中的领导现在没有包联" in said(run(office, leader="00000000"))
    assert list(shown.frames) == ["leaders"]


def test_without_assignments_the_page_says_what_to_send(run: Run, tmp_path: Path) -> None:
    """No leader on any register: which file brings them."""
    bare = {name: COUNTY[name] for name in ("delegates", "activities")} | {
        "townships": [row | {"包联领导": ""} for row in COUNTY["townships"]]
    }
    bare["activities"] = [row | {"阵地编号": ""} for row in bare["activities"]]
    test = run(stored(tmp_path / "bare.duckdb", files_of(bare)))
    assert "请由县级上传包联表" in said(test)
    assert not test.dataframe


# --- what needs them ----------------------------------------------------------------------------


def test_the_list_is_the_answer_of_the_question(run: Run, office: Path, shown: Shown) -> None:
    """Every need in its order, in words, with how long and what; names shortened, not lost."""
    run(office, leader=code_of(CHAIR), period="2026Q2")
    found = mine.my_needs(leader=CHAIR, period=Q2, today=TODAY)
    told = shown.frames["needs"]
    assert list(told["unit"]) == list(found["unit"])
    assert list(told[["kind", "since", "what"]].itertuples(index=False, name=None)) == [
        ("建议逾期未答复", "逾期 92 天", "【重点督办】修*路*（住建局、东*1）"),
        ("问题逾期未整改", "逾期 60 天", "垃圾"),
        ("意见未转办", "已有 117 天", "1 项，最久：路灯_不亮_"),
        ("意见久未办结", "已有 116 天", "1 项，最久：水浑"),
        ("检查发现未整改", "已有 82 天", "1 项，最久：牌子旧"),
        ("没有报送", "期末后 31 天", "群众意见"),
        ("代表没有记录", "本期", "6 个：东*2、东*3、东*4、东*5等"),
        ("阵地没有活动", "本期", "2 个：东站、东点"),
        ("代表没有记录", "本期", "1 个：西二"),
        ("阵地没有活动", "本期", "1 个：西家"),
    ]
    assert "外人" not in str(shown.frames)
    assert "别处的" not in str(shown.frames)


def test_every_line_leads_to_what_it_is_about(
    run: Run, office: Path, shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A suggestion, an opinion, a campaign, a township, a station or a delegate opens; of several
    delegates their list, below.
    """
    run(office, leader=code_of(CHAIR), period="2026Q2", unit="东镇")
    here: dict[str, str] = {}
    monkeypatch.setattr(st, "query_params", here)
    for position in range(len(shown.frames["needs"])):
        shown.click("needs", position)
    assert shown.led == [
        ("browse/matters.py", {"suggestion": "J1"}),
        ("browse/campaigns.py", {"campaign": "碧水"}),
        ("browse/matters.py", {"opinion": "O1"}),
        ("browse/matters.py", {"opinion": "O2"}),
        ("browse/loop.py", {}),
        ("browse/townships.py", {"a": "西镇"}),
        ("browse/stations.py", {"township": "东镇"}),
        ("browse/delegate.py", {"delegate": "W2"}),
        ("browse/stations.py", {"station": "Z4"}),
    ]
    assert here == {"unit": "东镇"}
    shown.led.clear()
    shown.click("members", 0)
    assert shown.led == [("browse/delegate.py", {"delegate": "E2"})]
    shown.click("units", 0)
    assert here == {"unit": "西镇"}


def test_one_kind_of_need_alone(run: Run, office: Path, shown: Shown) -> None:
    """A choice above the list keeps to one kind, and lives in the address; its clicks still fit."""
    run(office, leader=code_of(CHAIR), period="2026Q2", need="stations_silent")
    assert list(shown.frames["needs"]["unit"]) == ["东镇", "西镇"]
    shown.click("needs", 1)
    assert shown.led == [("browse/stations.py", {"station": "Z4"})]


def test_nothing_to_do_is_said(run: Run, tmp_path: Path, shown: Shown) -> None:
    """An empty list says so, and the units still stand below it."""
    calm = {
        "townships": rows("镇街 类型 包联领导", ("东镇", "镇", CHAIR)),
        "delegates": rows(
            "代表编号 姓名 层级 镇街", ("E1", "甲", "县级", "东镇"), 任职起="2020-01-01"
        ),
        "activities": rows("代表编号 类型 日期", ("E1", "入户走访", "2026-04-01")),
        "opinions": rows(
            "编号 代表编号 收集日期 诉求 办结日期 结果",
            ("O1", "E1", "2026-04-05", "路灯", "2026-04-06", "已解决"),
        ),
    }
    path = stored(tmp_path / "calm.duckdb", files_of(calm))
    test = run(path, leader=code_of(CHAIR))
    assert "没有逾期、未办、未报送和没有活动的事项" in said(test)
    assert list(shown.frames["units"]["unit"]) == ["东镇"]
    assert list(shown.frames["members"]["name"]) == ["甲"]


# --- the units and their delegates --------------------------------------------------------------


def test_units_and_members_are_the_answers(run: Run, office: Path, shown: Shown) -> None:
    """The tables hold the figures of the questions, of the unit chosen alone."""
    run(office, leader=code_of(CHAIR), period="2026Q2", unit="西镇")
    asked = {"leader": CHAIR, "period": Q2, "today": TODAY}
    units, members = mine.my_units(**asked), mine.my_members(**asked)
    figures = ["unit", "mean_score", "rank", "suggestions_overdue", "opinions_open", "visits"]
    pd.testing.assert_frame_equal(shown.frames["units"][figures], units[figures])
    west = members[members["unit"] == "西镇"]
    deeds = ["delegate_id", "score", "households", "receptions", "opinions"]
    pd.testing.assert_frame_equal(shown.frames["members"][deeds], west[deeds])
    assert list(shown.frames["members"]["is_active"]) == ["没有记录", "有记录"]


def test_a_leader_of_a_group_sees_its_members_only(run: Run, office: Path, shown: Shown) -> None:
    """No other delegate, no township's report, station, issue or check."""
    run(office, leader=code_of(HEAD), period="2026Q2")
    assert set(shown.frames["members"]["delegate_id"]) == {f"E{n}" for n in range(1, 8)}
    assert set(shown.frames["needs"]["unit"]) == {GROUP}
    assert set(shown.frames["needs"]["kind"]) == {
        "建议逾期未答复",
        "意见未转办",
        "意见久未办结",
        "代表没有记录",
    }


def test_a_unit_that_is_gone_is_named(run: Run, tmp_path: Path, shown: Shown) -> None:
    """A group that nobody is in any more: which register to check; with nothing left, that too."""
    path = stored(tmp_path / "gone.duckdb", files_of(COUNTY))
    house = store.open_store(path)
    moved = [row | {"代表小组": ""} for row in COUNTY["delegates"] if row["代表小组"]]
    upload(house, files_of({"delegates": moved}))
    house.close()
    test = run(path, leader=code_of(HEAD))
    assert f"代表名册中没有：{GROUP}" in said(test)
    assert "没有可看的" in said(test)
    assert not shown.frames


def test_in_english(run: Run, office: Path) -> None:
    """The page stands in both languages."""
    test = run(office, leader=code_of(CHAIR), period="2026Q2", lang="en")
    assert test.title[0].value
    assert len(test.dataframe) == 3
