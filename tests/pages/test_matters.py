"""意见建议: the page shows what its questions answer, opens one item, and says what is missing."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
import pytest
from databases import files_of, rows, sent, stored
from looking import open_page, settled, table
from playwright.sync_api import Page
from running import Doors, Run, columns, figures, metrics, said
from streamlit.testing.v1 import AppTest

from data import store
from data.period import Period
from data.uploads.ledger import reverse
from pages.parts import charts, filters
from pages.words import _, speak
from queries import matters

TODAY = date(2026, 6, 30)
Q1, Q2 = Period.parse("2026Q1"), Period.parse("2026Q2")
REGISTERS = {
    "townships": rows("镇街 类型", ("东镇", "镇"), ("西镇", "镇"), ("北镇", "镇")),
    "delegates": rows(
        "代表编号 姓名 层级 镇街",
        ("E1", "甲", "县级", "东镇"),
        ("W1", "丙", "县级", "西镇"),
        ("N1", "丁", "全国级", ""),
        任职起="2020-01-01",
    ),
}
SUGGESTIONS = rows(
    "建议号 标题 领衔代表编号 附议代表编号 类别 提出日期 交办日期 承办单位 重点督办",
    ("S1", "修路", "E1", "W1", "道路", "2026-01-05", "2026-01-10", "交通局", "是"),
    ("S2", "修桥", "W1", "", "道路", "2026-02-05", "2026-03-20", "水利局", ""),
    ("S3", "清淤", "W1", "", "饮水", "2026-03-31", "2026-04-30", "水利局", ""),
    ("S4", "未交", "N1", "", "", "2026-03-31", "", "", ""),
)
# S1 again, in the quarter after: its reply has come, too late.
REPLIED = [
    SUGGESTIONS[0] | {"答复日期": "2026-05-01", "办理结果": "已解决", "满意度": "满意"},
    *rows(
        "建议号 标题 领衔代表编号 类别 提出日期 交办日期 承办单位 答复日期 办理结果 满意度",
        (
            *("S5", "路灯", "E1", "道路", "2026-05-05", "2026-05-06"),
            *("交通局", "2026-06-01", "解释说明", "不满意"),
        ),
    ),
]
OPINIONS = rows(
    "编号 代表编号 收集日期 诉求 类别 来源 办理层级 转办日期 办结日期 结果",
    (
        *("O1", "E1", "2026-01-10", "路灯不亮", "照明", "入户走访", "村"),
        *("2026-01-12", "2026-01-20", "已解决"),
    ),
    ("O2", "E1", "2026-02-10", "路灯 不亮", "照明", "接待选民", "镇", "2026-02-20", "", "正在办理"),
    ("O3", "W1", "2026-03-01", "水浑", "", "", "", "", "", ""),
)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two quarters of a small county; what the page shows of it is asked on TODAY."""
    return stored(
        tmp_path_factory.mktemp("small") / "small.duckdb",
        [
            *files_of(REGISTERS),
            sent("suggestions", SUGGESTIONS, Q1),
            sent("suggestions", REPLIED, Q2),
            sent("opinions", OPINIONS, Q1),
        ],
    )


@pytest.fixture
def run(run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The page on that day: ``run(database, **query parameters)``."""
    monkeypatch.setattr(filters, "today", lambda: TODAY)

    def start(database: Path, **parameters: str) -> AppTest:
        test = run(database, "browse/matters.py", **parameters)
        assert not test.exception
        assert not test.error
        return test

    return start


def bars(test: AppTest, number: int) -> dict[str, str]:
    """A bar chart's texts by its labels."""
    figure = figures(test)[number]
    return dict(zip(figure.data[0].y, figure.data[0].text, strict=True))


def test_suggestions_of_the_county(run: Run, small: Path) -> None:
    """The figures worked by hand: the steps of the period's, what is in hand today, the lists."""
    test = run(small, period="2026Q1")
    assert bars(test, 0) == {
        "提出": "4",
        "已交办": "3  75%",
        "已答复": "1  25%",
        "已按期答复": "0  0%",
        "答复满意": "1  25%",
    }
    assert metrics(test) == {
        "在办": "2",
        "其中30天内到期": "1",
        "其中逾期": "1",
        "最久逾期（天）": "10",
        "未交办": "1",
    }
    assert test.button_group[-1].options == [
        "逾期未答复 1",
        "30天内到期 1",
        "其他在办 0",
        "未交办 1",
        "本期提出 4",
        "本期答复 0",
    ]
    overdue, priority = columns(test, "suggestion_id")
    assert overdue == ["S2"]
    assert priority == ["S1"]
    assert columns(test, "days_late")[0] == [10]
    assert "截至 2026-06-30" in said(test)


def test_each_list_has_its_rows(run: Run, small: Path) -> None:
    """The list in the URL is the list on the page."""
    expected = {
        "overdue": ["S2"],
        "due_soon": ["S3"],
        "unassigned": ["S4"],
        "of_period": ["S5"],
        "replied_in_period": ["S1", "S5"],
    }
    for name, numbers in expected.items():
        assert columns(run(small, period="2026Q2", list=name), "suggestion_id")[0] == numbers
    test = run(small, period="2026Q2", list="open")
    assert "这个清单里没有建议。" in said(test)


def test_filters_narrow_the_page(run: Run, small: Path) -> None:
    """A township and an agency narrow the figures, the lists, the topics and the comparison."""
    east = run(small, period="2026Q1", township="东镇", list="of_period")
    assert metrics(east)["在办"] == "0"
    assert columns(east, "suggestion_id")[0] == ["S1"]
    assert columns(east, "category") == [["道路"]]
    works = run(small, period="2026Q1", agency="水利局", list="of_period")
    assert bars(works, 0)["提出"] == "2"
    assert columns(works, "suggestion_id")[0] == ["S2", "S3"]
    assert "没有在办的重点督办建议" in said(works)
    nowhere = run(small, period="2026Q1", township="北镇")
    assert "这里还没有代表建议。请在“上传”页上传代表建议表，或放宽筛选条件。" in said(nowhere)
    assert not nowhere.metric


def test_times_to_reply(run: Run, small: Path) -> None:
    """The agencies stand slowest first with their medians and today's state; the chart has the
    county and the agency chosen."""
    test = run(small, period="2026Q2", agency="交通局")
    agencies = next(t.value for t in test.dataframe if "median" in t.value)
    assert agencies[["agency", "n", "ended", "overdue"]].to_numpy().tolist() == [
        ["水利局", 2, 0, 1],
        ["交通局", 2, 2, 0],
    ]
    assert agencies["median"].isna().tolist() == [True, False]
    assert agencies["median"].iloc[1] == 26  # of 26 and 111 days
    curves = figures(test)[1]
    assert [note.text for note in curves.layout.annotations] == [
        "全县<br>中位 111 天  n=4",
        "交通局<br>中位 26 天  n=2",
        "3个月",
        "6个月",
    ]


def test_opinions_of_the_county(run: Run, small: Path) -> None:
    """Steps, waiting, the longest waiting first, repeated concerns, tiers and townships."""
    test = run(small, period="2026Q1", kind="opinions")
    assert bars(test, 0) == {
        "收集": "3",
        "已转办": "2  67%",
        "已办结": "1  33%",
        "已解决": "1  33%",
    }
    assert metrics(test) == {
        "未转办": "1",
        "办理中": "1",
        "最久已等（天）": "140",
        "转办等待（天）": "6",
    }
    assert columns(test, "opinion_id") == [["O2"]]
    assert columns(test, "days_open")[0] == [140]
    repeated = next(t.value for t in test.dataframe if "times" in t.value)
    assert repeated[["township", "times", "delegates", "still_open"]].to_numpy().tolist() == [
        ["东镇", 2, 1, 1]
    ]
    homes = next(t.value for t in test.dataframe if "unrouted" in t.value).set_index("township")
    assert homes["collected"].fillna(-1).to_dict() == {"西镇": 1, "东镇": 2, "北镇": -1}
    assert columns(run(small, period="2026Q1", kind="opinions", list="unrouted"), "opinion_id") == [
        ["O3"]
    ]


def test_a_period_without_opinions(run: Run, small: Path) -> None:
    """Nothing was collected in it, and what is open today is there all the same."""
    test = run(small, period="2026Q2", kind="opinions")
    assert bars(test, 0) == {"收集": "0", "已转办": "0", "已办结": "0", "已解决": "0"}
    assert metrics(test)["办理中"] == "1"
    assert metrics(test)["转办等待（天）"] == "—"
    assert columns(test, "opinion_id") == [["O2"]]
    homes = next(t.value for t in test.dataframe if "unrouted" in t.value)
    assert homes["collected"].isna().all()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_one_suggestion(run: Run, small: Path, lang: str) -> None:
    """Its facts, its lead's page, and each version with what it changed; nothing of the lists."""
    test = run(small, period="2026Q2", suggestion="S1", lang=lang)
    assert test.subheader[0].value == "修路"
    values = list(metrics(test).values())
    assert values == ["2026-01-05", "2026-01-10", "2026-04-10", "2026-05-01", "111", "21"]
    assert not test.dataframe
    facts, versions = [shown.value for shown in test.table]
    assert "丙" in facts.iloc[:, 1].tolist()
    assert versions.iloc[:, 3].tolist() == ["2", "2"]
    assert versions.iloc[:, 2].str.contains("suggestions").all()
    fates, changes = versions.iloc[:, 4].tolist(), versions.iloc[:, 5].tolist()
    speak(lang)
    assert fates == [_("已由第 {number} 号上传更新", number=5), _("现行")]
    assert changes[0] == _("首次上传")
    for part in ("2026\\-05\\-01", _("已解决"), _("答复日期"), _("满意度")):
        assert part in changes[1]
    [back] = test.button
    back.click().run()
    assert "suggestion" not in test.query_params
    assert test.dataframe


def test_one_opinion_and_its_like(run: Run, small: Path) -> None:
    """The same concern of the same township is listed with it."""
    test = run(small, period="2026Q1", kind="opinions", opinion="O2")
    assert test.subheader[0].value == "路灯 不亮"
    assert metrics(test)["已等天数"] == "140"
    assert columns(test, "opinion_id") == [["O2", "O1"]]
    alone = run(small, period="2026Q1", kind="opinions", opinion="O3")
    assert not alone.dataframe
    assert alone.subheader[0].value == "水浑"


def test_an_unknown_number_is_said_so(run: Run, small: Path) -> None:
    """A link to what is not there says so, and leads back."""
    for kind, words in (("suggestion", "代表建议"), ("opinion", "群众意见")):
        test = run(small, **{kind: "没有_1"})
        assert [warning.value for warning in test.warning] == [f"没有编号为 没有\\_1 的{words}。"]
        assert not test.table
        [back] = test.button
        back.click().run()
        assert not test.warning
        assert test.metric


def test_an_item_whose_uploads_are_undone(run: Run, small: Path, tmp_path: Path) -> None:
    """It is told that it does not count now; its history stays."""
    copy = Path(shutil.copy(small, tmp_path / "undone.duckdb"))
    house = store.open_store(copy)
    [upload] = house.query("select upload_id from uploads where format = 'opinions'")["upload_id"]
    reverse(house, int(upload), "undo", "传错", "王")
    house.close()
    test = run(copy, period="2026Q1", opinion="O1")
    assert "这一条现在不计入" in test.warning[0].value
    assert not test.metric
    assert test.table[0].value.iloc[:, 4].tolist() == ["该次上传已撤销"]


def test_without_suggestions_or_opinions(run: Run, tmp_path: Path) -> None:
    """A county that has sent only activities is told what to upload, for each kind."""
    activities = rows("代表编号 类型 日期", ("E1", "接待选民", "2026-02-01"))
    path = stored(tmp_path / "none.duckdb", files_of(REGISTERS | {"activities": activities}))
    for kind, words in (("suggestions", "代表建议"), ("opinions", "群众意见")):
        test = run(path, kind=kind)
        assert [info.value for info in test.info] == [
            f"这里还没有{words}。请在“上传”页上传{words}表，或放宽筛选条件。"
        ]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_bare_rows(run: Run, tmp_path: Path, lang: str) -> None:
    """Rows with their required cells alone leave no section failing."""
    bare = {
        "suggestions": rows(
            "建议号 标题 领衔代表编号 提出日期", ("B1", "标题", "N1", "2026-02-01")
        ),
        "opinions": rows("编号 代表编号 收集日期 诉求", ("B2", "N1", "2026-02-01", "诉")),
    }
    path = stored(tmp_path / "bare.duckdb", files_of(REGISTERS | bare))
    for kind in ("suggestions", "opinions"):
        assert run(path, kind=kind, lang=lang).metric
    assert run(path, suggestion="B1", lang=lang).metric
    assert run(path, opinion="B2", lang=lang).metric


def test_the_cases_agree_with_the_questions(run: Run, case_copy: Path) -> None:
    """On the worked cases each figure of the page is its question's."""
    for period in ("2026Q3", "2026"):
        test = run(case_copy, period=period)
        asked = {"period": Period.parse(period), "today": TODAY}
        steps = matters.suggestion_steps(**asked)
        now = steps[steps["all_townships"] & steps["all_agencies"]].iloc[0]
        shown = metrics(test)
        for label, name in (("在办", "in_hand"), ("其中逾期", "overdue"), ("未交办", "unassigned")):
            assert shown[label] == f"{now[name]:,}"
        assert bars(test, 0)["提出"] == f"{now['filed']:,}"
        topics = matters.suggestion_topics(**asked)
        whole = topics[topics["all_townships"] & topics["all_agencies"]]
        assert (
            next(t.value for t in test.dataframe if "solved_share" in t.value)[["filed", "solved"]]
            .to_numpy()
            .tolist()
            == whole[["filed", "solved"]].to_numpy().tolist()
        )
        opinions = run(case_copy, period=period, kind="opinions")
        concerns = matters.opinion_steps(**asked)
        now = concerns[concerns["all_townships"] & concerns["all_tiers"]].iloc[0]
        assert metrics(opinions)["办理中"] == f"{now['in_hand']:,}"
        assert bars(opinions, 0)["已解决"].split()[0] == f"{now['solved']:,}"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_is_shown_can_be_taken_away(run: Run, small: Path, lang: str, doors: Doors) -> None:
    """Every table and the ratings export as CSV and Excel; days are days, ticks are words."""
    built: dict[str, bytes] = {}
    for asked in (
        {"period": "2026Q2", "list": "of_period"},
        {"period": "2026Q1", "list": "of_period", "kind": "opinions"},
        {"opinion": "O2"},
    ):
        run(small, **asked, lang=lang)
        for item in doors.page.items:
            if item.kind == "table":
                built[item.title] = doors.take(item.title, "csv")
                assert doors.take(item.title, "xlsx").startswith(b"PK")
    speak(lang)
    titles = ["建议清单", "各承办单位", "答复满意度", "建议类别", "重点督办建议", "意见清单"]
    titles += ["反复提出的诉求", "各办理层级", "各镇街的群众意见", "意见类别", "意见来源"]
    titles += ["同一镇街的同一诉求", "历次上传", "基本情况"]
    assert set(built) == {_(title) for title in titles}
    listed = built[_("建议清单")].decode("utf-8-sig").splitlines()
    assert len(listed) == 2
    assert "2026-05-06,3,2026-08-06,2026-06-01" in listed[1]
    assert listed[1].endswith("," + _("否"))


def test_survival_chart() -> None:
    """One step line a row from all to the last day, named at heights of its own, names as text;
    the limits are marked."""
    curves = pd.DataFrame(
        {
            "n": [4, 2],
            "median": [None, 10.0],
            "steps": [[0.0, 30.0, 90.0], [0.0, 10.0, 40.0]],
            "waiting": [[1.0, 0.75, 0.75], [1.0, 0.5, 0.0]],
        }
    )
    spec = charts.survival(curves, ["甲<b>", "乙"], [charts.ORANGE, charts.BLUE], {"限": 91.3})
    figure = go.Figure(spec)
    slow, fast = figure.data
    assert list(slow.y) == [1.0, 0.75, 0.75, 0.75]
    assert list(fast.x)[:3] == [0.0, 10.0, 40.0]
    assert {line.line.shape for line in figure.data} == {"hv"}
    assert slow.x[-1] == fast.x[-1] == figure.layout.xaxis.range[1] == pytest.approx(91.3 * 1.08)
    first, second, limit = figure.layout.annotations
    assert first.text == "甲&lt;b&gt;<br>未过半  n=4"
    assert second.text == "乙<br>中位 10 天  n=2"
    assert first.y > second.y
    assert second.x == 10
    assert (limit.text, limit.x) == ("限", 91.3)


@pytest.mark.slow
def test_a_row_opens_the_item_and_leads_to_the_delegate(page: Page, case_server: str) -> None:
    """A click on a row opens the suggestion, the way back returns, its lead's name leads on."""
    open_page(page, f"{case_server}/matters?period=2026&list=of_period")
    number = table(page, "建议清单")[1][1]
    grid = page.locator("[role=region][aria-label='建议清单'] canvas").first
    box = grid.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 150, box["y"] + 52)
    page.wait_for_timeout(400)
    page.mouse.click(box["x"] + 150, box["y"] + 52)
    page.wait_for_url("**suggestion=*")
    settled(page)
    assert f"suggestion={number}" in page.url
    page.get_by_role("button", name="返回列表").click()
    page.get_by_text("本期提出的建议办到哪一步").wait_for()
    assert "suggestion" not in page.url
    page.go_back()
    page.get_by_role("button", name="返回列表").wait_for()
    settled(page)
    page.locator("[data-testid=stMain]").get_by_role("link", name="代表").click()
    page.wait_for_url("**/delegate*")
    settled(page)
    assert "delegate=D" in page.url
