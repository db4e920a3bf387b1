"""会议与选举: what the page shows is what the questions and the rules say."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from databases import rows, sent, stored
from looking import open_page, settled, table
from playwright.sync_api import Page, expect
from running import Run, metrics
from streamlit.testing.v1 import AppTest

from data.period import Period

Q1 = Period.parse("2026Q1")

ROSTER = [
    *((f"T{n:02}", f"甲{n}", "乡镇级", "东镇") for n in range(1, 13)),
    *((f"C{n}", f"乙{n}", "县级", "东镇") for n in range(1, 4)),
    ("P1", "丙", "地市级", "东镇"),
]
RESULTS = ["出席"] * 8 + ["缺席", "请假", "出席", "缺席"]  # 9 of 12: enough


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A county of one township: a session of it, a county's session of one delegate in three."""
    delegates = rows("代表编号 姓名 层级 镇街", *ROSTER, 任职起="2022-01-01")
    meetings = [
        *(("H1", "东镇人民代表大会第九次会议", "2026-02-01", who[0], result)
          for who, result in zip(ROSTER, RESULTS, strict=False)),
        *(("H2", "东山县第三届人民代表大会**第五次**会议", "2026-01-10", f"C{n}", result)
          for n, result in ((1, "出席"), (2, "缺席"))),
    ]  # fmt: skip
    attendance = rows("活动号 活动名称 日期 代表编号 结果", *meetings, 活动类型="会议")
    activities = rows("代表编号 类型 日期", ("T01", "入户走访", "2025-12-01"))
    return stored(
        tmp_path_factory.mktemp("office") / "office.duckdb",
        [
            sent("townships", rows("镇街 类型", ("东镇", "镇"))),
            sent("delegates", delegates),
            sent("attendance", attendance, Q1),
            sent("activities", activities, Period.parse("2025Q4")),
        ],
    )


@pytest.fixture
def run(run: Run) -> Run:
    """The page: ``run(database, **query parameters)``."""

    def start(database: Path, **parameters: str) -> AppTest:
        test = run(database, "browse/sessions.py", **parameters)
        assert not test.exception
        return test

    return start


def verdicts(test: AppTest) -> list[str]:
    """The sentences of judgement, with Markdown's backslashes taken off."""
    return [re.sub(r"\\(.)", r"\1", box.value) for box in (*test.success, *test.error)]


def put(test: AppTest, kind: str, label: str, value: object, at: int = 0) -> AppTest:
    [*found] = [widget for widget in getattr(test, kind) if widget.label == label]
    found[at].set_value(value)
    return test.run()


def rules(test: AppTest) -> dict[str, list[str]]:
    """The table of rules: each with what was asked, found, the result and the article."""
    lines = test.table[0].value.to_numpy().tolist()
    lines = [[re.sub(r"\\(.)", r"\1", cell) for cell in line] for line in lines]
    return {line[-5]: line[-4:] for line in lines}


# --- attendance -------------------------------------------------------------------------------


def test_attendance_figures(run: Run, office: Path) -> None:
    """Meetings, the rate of all, leave, absence, and how many sessions had their quorum."""
    test = run(office, period="2026Q1")
    assert metrics(test) == {
        "会议（次）": "2",
        "出席率": f"{10 / 14:.1%}",
        "请假（人次）": "1",
        "缺席（人次）": "3",
        "达到法定人数": "1 / 2",
    }
    meetings = test.dataframe[1].value
    shown = meetings[["date", "level", "delegates", "invited", "present", "quorum"]]
    assert shown.to_numpy().tolist() == [
        [pd.Timestamp("2026-01-10"), "县级", 3, 2, 1, "未达到"],
        [pd.Timestamp("2026-02-01"), "乡镇级", 12, 12, 9, "达到"],
    ]


def test_a_meetings_list(run: Run, office: Path) -> None:
    """The address of a meeting shows who was absent first; its title is text, whatever it holds."""
    test = run(office, period="2026Q1", event="H2")
    assert list(test.dataframe[2].value["name"]) == ["乙2", "乙1"]
    [over] = test.get("dialog")
    assert over.proto.dialog.title == "东山县第三届人民代表大会\\*\\*第五次\\*\\*会议"
    test = run(office, period="2026Q1", event="H9")
    assert [box.value for box in test.warning] == ["没有活动号为 H9 的会议。"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_period_without_meetings(run: Run, office: Path, lang: str) -> None:
    """It says what to upload, and the checks are there all the same."""
    test = run(office, period="2025Q4", lang=lang)
    assert len(test.info) == 1
    assert not test.metric
    test = run(office, period="2025Q4", lang=lang, view="nomination")
    assert test.multiselect


# --- nominations and motions ------------------------------------------------------------------


def nominate(test: AppTest, candidate: str, signers: list[str], at: int = 0) -> AppTest:
    put(test, "text_input", f"候选人 {at + 1}", candidate)
    put(test, "multiselect", "签名的代表", signers, at)
    test.checkbox[2 * at].check().run()
    return test.checkbox[2 * at + 1].check().run()


def test_a_nomination_stands_with_ten(run: Run, office: Path) -> None:
    """Ten delegates of the township in writing and in time; nine, or unsaid, and it does not."""
    ten = [f"T{n:02}" for n in range(1, 11)]
    test = run(office, view="nomination", congress="东镇")
    assert "12 人" in test.caption[-1].value
    put(test, "text_input", "候选人 1", "*王*五")
    put(test, "multiselect", "签名的代表", ten)
    [verdict] = verdicts(test)
    assert verdict == "*王*五：联合提名不成立，没有书面联名、不在主席团规定的时间内。"
    nominate(test, "*王*五", ten)
    assert verdicts(test) == ["*王*五：联合提名成立。"]
    assert test.success[0].value.startswith("\\*王\\*五")
    assert rules(test)["签名人数"] == [
        "代表 10 人以上联名",
        "有效签名 10 人",
        "符合",
        "地方组织法第二十六条第二款",
    ]
    put(test, "multiselect", "签名的代表", ten[:9])
    assert verdicts(test) == ["*王*五：联合提名不成立，有效签名 9 人（需要 10 人）。"]


def test_a_nominator_over_the_seats_is_named(run: Run, office: Path) -> None:
    """With one seat, the two who sign for both candidates are named and count for neither."""
    test = run(office, view="nomination", congress="东镇")
    put(test, "number_input", "候选人数", 2)
    nominate(test, "王五", [f"T{n:02}" for n in range(1, 13)])
    nominate(test, "赵六", ["T01", "T02"], at=1)
    assert verdicts(test) == [
        "王五：联合提名成立。",
        "赵六：联合提名不成立，有效签名 0 人（需要 10 人）。",
    ]
    [warning] = test.warning
    assert "（1 人）的代表：甲1、甲2。" in re.sub(r"\\", "", warning.value)
    assert rules(test)["不超过应选名额"][1:3] == ["甲1、甲2", "签名不计"]
    put(test, "number_input", "应选名额", 2)
    assert not test.warning
    put(test, "text_input", "候选人 2", " 王五 ")
    assert not verdicts(test)
    assert "请填在一处" in test.warning[0].value


def test_only_delegates_of_the_congress_can_be_picked(run: Run, office: Path) -> None:
    """The list holds those of the congress that is chosen; of higher ones it warns."""
    for congress, names in (
        ("county", ["乙1", "乙2", "乙3"]),
        ("东镇", [name for _n, name, level, _t in ROSTER if level == "乡镇级"]),
        ("prefecture", ["丙"]),
    ):
        test = run(office, view="nomination", congress=congress)
        assert sorted(test.multiselect[0].options) == sorted(names)
        assert ("另行核对" in test.caption[-1].value) == (congress == "prefecture")


def test_a_motion(run: Run, office: Path) -> None:
    """Five delegates of a township may move one, four may not."""
    test = run(office, view="motion", congress="东镇")
    put(test, "text_input", "案由", "修路")
    put(test, "multiselect", "签名的代表", ["T01", "T02", "T03", "T04"])
    assert verdicts(test) == ["修路：不能作为议案提出，有效签名 4 人（需要 5 人）。"]
    put(test, "multiselect", "签名的代表", ["T01", "T02", "T03", "T04", "T05"])
    assert verdicts(test) == ["修路：联名人数符合，可以作为议案提出。"]
    assert rules(test)["签名人数"][-1] == "地方组织法第二十二条第二款"


# --- counts -----------------------------------------------------------------------------------


def counted(test: AppTest, **numbers: int) -> AppTest:
    for label, number in numbers.items():
        [box] = [box for box in test.number_input if box.label == label]
        box.set_value(number)
    return test.run()


def test_a_count_with_its_arithmetic(run: Run, office: Path) -> None:
    """All delegates come from the roster and can be corrected; the sums are spelled out."""
    test = run(office, view="count", congress="东镇")
    assert test.number_input[0].value == 12
    assert "请填写" in test.info[0].value
    counted(test, 到会=12, 赞成=6, 反对=6)
    assert verdicts(test) == ["没有当选。全体代表 12 人，过半数为 7 人，赞成 6 人。"]
    counted(test, 全体代表=967, 到会=700, 赞成=483, 反对=200, 弃权=10, 另选他人=3, 废票=4)
    assert verdicts(test) == ["没有当选。全体代表 967 人，过半数为 484 人，赞成 483 人。"]
    assert rules(test) == {
        "到会人数": ["不多于全体代表 967 人", "到会 700 人", "符合", "—"],
        "法定人数": [
            "全体代表 967 人的三分之二以上，即至少 645 人",
            "到会 700 人",
            "符合",
            "地方组织法第十四条第四款",
        ],
        "票数": [
            "各种票合计不多于到会 700 人",
            "赞成 483 + 反对 200 + 弃权 10 + 另选他人 3 + 废票 4 = 700",
            "符合",
            "参照选举法第四十四条第一款",
        ],
        "过半数": [
            "超过全体代表 967 人的半数，即至少 484 人",
            "赞成 483 人",
            "不符合",
            "地方组织法第二十五条",
        ],
    }
    counted(test, 赞成=484)
    assert verdicts(test) == ["所投的票数多于到会人数，本次选举无效。"]
    counted(test, 反对=199)
    assert verdicts(test) == ["当选。全体代表 967 人，过半数为 484 人，赞成 484 人。"]
    counted(test, 到会=644, 赞成=600, 反对=0)
    assert verdicts(test) == ["到会代表不足全体代表的三分之二，不符合法定人数，不能进行选举。"]


def test_a_resolution_has_no_votes_for_another(run: Run, office: Path) -> None:
    """A resolution passes or not; of a higher congress all delegates are not known."""
    test = run(office, view="count", congress="东镇", matter="resolution")
    assert "另选他人" not in [box.label for box in test.number_input]
    counted(test, 到会=8, 赞成=7, 反对=1)
    assert verdicts(test) == ["通过。全体代表 12 人，过半数为 7 人，赞成 7 人。"]
    test = run(office, view="count", congress="prefecture")
    assert test.number_input[0].value is None


# --- in the browser ---------------------------------------------------------------------------


@pytest.mark.slow
def test_a_click_leads_to_the_list_and_on_to_the_delegate(page: Page, sample_server: str) -> None:
    """A bar opens its session's list, a row of the list the delegate; the way back works."""
    open_page(page, f"{sample_server}/sessions?period=2026Q3")
    page.locator(".js-plotly-plot .barlayer .point path").first.click(force=True)
    page.wait_for_url("**event=2026Q3-*")
    settled(page)
    [_header, first, *_rows] = table(page, "会议名单")
    assert first[0] in ("缺席", "请假")
    listed = page.locator("[role=region][aria-label='会议名单'] canvas").first
    listed.scroll_into_view_if_needed()
    box = listed.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 150, box["y"] + 52)
    page.wait_for_timeout(400)
    page.mouse.click(box["x"] + 150, box["y"] + 52)
    page.wait_for_url("**/delegate*")
    settled(page)
    assert page.locator("h3").first.inner_text() == first[1]
    page.go_back()
    page.wait_for_url("**/sessions*event=2026Q3-*")


@pytest.mark.slow
def test_what_is_typed_is_in_no_address(page: Page, sample_server: str) -> None:
    """A candidate typed and signatures picked leave the address as it was; another view keeps
    them, another page forgets them.
    """
    open_page(page, f"{sample_server}/sessions?view=nomination")
    page.get_by_role("textbox", name="候选人 1").fill("王五六")
    page.get_by_role("textbox", name="候选人 1").press("Enter")
    settled(page)
    address = page.url
    page.get_by_role("combobox", name="签名的代表").click()
    page.get_by_role("option").first.click()
    page.get_by_text("联合提名不成立").wait_for()
    page.keyboard.press("Escape")
    assert page.url == address
    page.get_by_role("radio", name="核对计票").click()
    page.get_by_text("表决事项").wait_for()
    page.get_by_role("radio", name="核对联合提名").click()
    page.get_by_text("联合提名不成立").wait_for()
    expect(page.get_by_role("textbox", name="候选人 1")).to_have_value("王五六")
    page.get_by_role("link", name="镇街对比").click()
    page.wait_for_url("**/townships*")
    settled(page)
    page.go_back()
    page.get_by_text("请填写候选人").wait_for()
    expect(page.get_by_role("textbox", name="候选人 1")).to_have_value("")
