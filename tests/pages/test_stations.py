"""阵地: the page shows what its questions answer, opens one station, and says what is missing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
import pytest
import stationed
import streamlit as st
from databases import sent, stored
from looking import open_page, settled, table
from playwright.sync_api import Page
from running import Run, Shown, figures, metrics, said
from streamlit.testing.v1 import AppTest

from data.period import Period
from pages.parts import charts, filters

TODAY = date(2026, 10, 20)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stored(tmp_path_factory.mktemp("stationed") / "small.duckdb", stationed.county())


@pytest.fixture
def run(run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The page on that day: ``run(database, **query parameters)``."""
    monkeypatch.setattr(filters, "today", lambda: TODAY)

    def start(database: Path, **parameters: str) -> AppTest:
        test = run(database, "browse/stations.py", **parameters)
        assert not test.exception
        assert not test.error
        return test

    return start


def frames(test: AppTest, *columns: str) -> list[pd.DataFrame]:
    """The tables that have these columns."""
    return [shown.value for shown in test.dataframe if set(columns) <= set(shown.value)]


def cells(frame: pd.DataFrame, *columns: str) -> list[tuple[object, ...]]:
    return [
        tuple(None if pd.isna(cell) else cell for cell in row)
        for row in frame[list(columns)].to_numpy(object)
    ]


def test_key_figures_and_coverages(run: Run, small: Path) -> None:
    """The figures worked by hand, neither coverage full, and its exceptions named."""
    test = run(small, period="2026Q3")
    assert metrics(test) == {
        "服务中心": "1",
        "代表之家": "2",
        "联络站": "3",
        "联系点": "2",
        "在任代表进站（人）": "4 / 6",
        "五有齐全（个）": "4 / 8",
        "经费（万元）": "38",
        "提升（轮）": "2",
        "本期没有活动的阵地（个）": "4",
    }
    told = said(test)
    assert "镇街全覆盖：否。3 个镇街中，2 个有代表之家和联络站。" in told
    assert "没有代表之家：南区" in told
    assert "没有联络站" not in told
    assert "代表全覆盖：否。6 名在任的四级代表中，4 名已进站。" in told
    assert "全国级 0 / 1、地市级 1 / 1、县级 2 / 4、乡镇级 1 / 1" in told
    assert "代表名册共有四级代表 8 人（含不在任的），其中 6 人已进站" in told
    assert "本期共有活动 7 次，其中没有写明阵地的 1 次、写了阵地表中没有的编号的 1 次" in told
    [exceptions] = frames(test, "placement")
    assert cells(exceptions, "placement", "name", "station_id") == [
        ("未填联络站编号", "D5名", None),
        ("编号不在阵地表中", "D6名", "Z9"),
        ("在其他镇街的阵地", "D4名", "L1"),
    ]


def test_the_network_is_shown_in_tree_order(run: Run, small: Path) -> None:
    """Names indented by depth, the five as has, lacks and not stated, what hangs on none named."""
    test = run(small, period="2026Q3")
    [network] = frames(test, "indented")
    assert cells(network, "indented", "rules_said", "records_said", "activities") == [
        ("中心", "✓", "✓", 1),
        ("　西街之家", "缺", None, 1),
        ("　　西一站", "✓", None, 0),
        ("　东镇之家", "✓", "✓", 0),
        ("　　东一站", "✓", "✓", 3),
        ("　　　东一点", None, None, 0),
        ("　　东二点", "✓", "✓", 0),
        ("南站", "缺", "缺", None),
    ]
    assert "1 个阵地没有接到上级" in said(test)
    [adrift] = frames(test, "hanging")
    assert cells(adrift, "name", "hanging") == [("南站", "未填上级")]
    [short] = frames(test, "unsaid")
    assert cells(short, "name", "missing", "unsaid") == [
        ("西街之家", "制度", "记录"),
        ("西一站", None, "记录"),
        ("东一点", None, "场地、设备、代表、制度、记录"),
        ("南站", "场地、设备、代表、制度、记录", None),
    ]
    tree = figures(test)[0]
    boxes = {
        box: (bar.base[n], bar.y[n], bar.width[n])
        for bar in tree.data
        for n, (box,) in enumerate(bar.customdata)
    }
    assert set(boxes) == {row[0] for row in stationed.STATIONS}
    assert {bar.name: len(bar.y) for bar in tree.data} == {
        "五有齐全": 4,
        "有缺项": 2,
        "未填全": 2,
    }


def test_a_box_is_as_tall_as_what_hangs_below_it() -> None:
    """Leaves take one each from the top down, what is above them spans them, columns are tiers."""
    rows = pd.DataFrame(
        [
            ("C", None, 1, "中心", "甲"),
            ("H", "C", 2, "家", "甲"),
            ("L", "H", 3, "<b>站</b>", "乙"),
            ("P", "L", 4, "点", "甲"),
            ("Q", "H", 4, "二点", "甲"),
            ("N", None, 3, "散", "乙"),
        ],
        columns=["id", "above", "tier", "name", "part"],
    ).assign(told="")
    spec = charts.tree(rows, ["一", "二", "三", "四"], {"甲": charts.BLUE, "乙": charts.ORANGE})
    go.Figure(spec)
    found = {}
    for bar in spec["data"]:
        for (box,), base, middle, width in zip(
            bar["customdata"], bar["base"], bar["y"], bar["width"], strict=True
        ):
            found[box] = (round(base, 2), middle, round(width, 2))
    assert found == {
        "C": (0.0, 2.0, 1.88),
        "H": (0.35, 2.0, 1.88),
        "L": (1.35, 2.5, 0.88),
        "P": (2.35, 2.5, 0.88),
        "Q": (2.35, 1.5, 0.88),
        "N": (1.35, 0.5, 0.88),
    }
    assert spec["data"][1]["text"] == ["&lt;b&gt;站&lt;/b&gt;", "散"]
    assert spec["layout"]["yaxis"]["range"] == [0, 3]


def test_filters_narrow_the_lists(run: Run, small: Path) -> None:
    """By township, by kind, the county itself; an unknown choice is none."""
    for parameters, names in (
        ({"township": "西街道"}, ["西街之家", "西一站"]),
        ({"township": "county"}, ["中心"]),
        ({"kind": "联系点"}, ["东一点", "东二点"]),
        ({"township": "东镇", "kind": "联络站"}, ["东一站"]),
        ({"township": "某镇"}, ["中心", *("西街之家", "西一站", "东镇之家", "东一站"),
                              *("东一点", "东二点", "南站")]),
    ):  # fmt: skip
        [network] = frames(run(small, period="2026Q3", **parameters), "indented")
        assert [name.strip("　") for name in network["indented"]] == names
    test = run(small, period="2026Q3", township="南区", kind="代表之家")
    assert "没有符合条件的阵地" in said(test)
    assert not frames(test, "indented")


def test_use_by_month_and_silent_stations(run: Run, small: Path) -> None:
    """Counts by month as asked for, quarters not sent as missing; the longest silent first."""
    test = run(small, period="2026Q1-Q3")
    [months] = frames(test, "1月")
    assert cells(months, "name", *(f"{n}月" for n in range(1, 10)))[1:3] == [
        ("西街之家", 0, 1, 0, None, None, None, 0, 0, 1),
        ("西一站", 0, 0, 0, None, None, None, 0, 0, 0),
    ]
    [idle] = frames(test, "quiet")
    assert cells(idle, "name", "quiet", "last_activity") == [
        ("西一站", "1季度、3季度", None),
        ("东镇之家", "1季度、2季度、3季度", None),
        ("东二点", "1季度、2季度、3季度", None),
        ("东一点", "1季度、3季度", pd.Timestamp("2026-06-30")),
        ("中心", "1季度、2季度", pd.Timestamp("2026-07-20")),
    ]
    assert "另有 1 个阵地，所在镇街本期没有报送" in said(test)
    test = run(small, period="2026Q1-Q3", measure="receptions")
    [months] = frames(test, "1月")
    assert cells(months, "name", "1月", "3月", "9月")[4] == ("东一站", 1, 0, 0)


def test_townships_and_rounds(run: Run, small: Path) -> None:
    """Each township with its coverage and funds; rounds with the stations that have none."""
    test = run(small, period="2026Q3")
    [places] = frames(test, "covered")
    assert cells(places, "place_name", "covered", "complete", "activities", "funding_10k") == [
        ("西街道", "是", 0, 1, 6.0),
        ("东镇", "是", 3, 3, 10.5),
        ("南区", "否", 0, None, 1.5),
        ("县本级", None, 1, 1, 20.0),
    ]
    [rounds] = frames(test, "townships", "stations")
    assert cells(rounds, "name", "stations", "funding_10k") == [
        ("第1轮", 2, 28.0),
        ("第2轮", 3, 8.5),
        ("未列轮次", 3, 1.5),
    ]
    [wide] = frames(test, "stations 第1轮")
    assert cells(wide, "place_name", "stations 第1轮", "funding_10k 第1轮", "stations 第2轮") == [
        ("县本级", 1, 20.0, 0),
        ("西街道", 0, None, 1),
        ("东镇", 1, 8.0, 2),
        ("南区", 0, None, 0),
    ]


def test_one_station(run: Run, small: Path) -> None:
    """Its facts, who is placed there, what was found, every record; nothing for a lone point."""
    test = run(small, period="2026Q3", station="L1")
    assert {
        "进站代表（人）": "2",
        "本期活动（次）": "3",
        "其中接待选民（次）": "1",
        "最近活动": "2026-09-30",
    }.items() <= metrics(test).items()
    assert "L1 · 上级 东镇之家 · 第2轮提升 · 经费 2 万元" in said(test)
    [members] = frames(test, "group_name")
    assert cells(members, "name") == [("D1名",), ("D4名",)]
    [records] = frames(test, "row_number")
    assert cells(records, "date", "name")[0] == (pd.Timestamp("2026-09-30"), "D1名")
    assert len(records) == 6
    [checks] = frames(test, "mended")
    assert cells(checks, "item", "finding", "mended") == [
        ("制度", "没有上墙", "尚未整改"),
        ("标牌", "未发现问题", None),
        ("标牌", "没有挂牌", "2026-05-20"),
    ]
    test = run(small, period="2026Q3", station="L3")
    assert metrics(test)["本期活动（次）"] == "—"
    told = said(test)
    assert "L3 · 未填上级 · 经费 1.5 万元" in told
    assert "考核期末没有在任代表在这里进站。" in told
    assert "没有下级阵地。" in told
    assert "没有活动记录写明在这里" in told


def test_a_number_that_is_no_station(run: Run, small: Path) -> None:
    """It is said, as plain text, and the network is shown."""
    test = run(small, period="2026Q3", station="Z*9*")
    assert "阵地表中没有编号 Z\\*9\\*" in said(test)
    assert frames(test, "indented")


def test_a_county_in_order_says_so(run: Run, tmp_path: Path) -> None:
    """Both coverages full, the five complete, every station active: plain good news."""
    stations = [
        ("C1", "中心", "服务中心", "", "", stationed.ALL, "", ""),
        ("H1", "家", "代表之家", "东镇", "C1", stationed.ALL, "", ""),
        ("L1", "站", "联络站", "东镇", "H1", stationed.ALL, "", ""),
    ]
    delegate = {
        "代表编号": "D1",
        "姓名": "甲",
        "层级": "县级",
        "镇街": "东镇",
        "联络站编号": "L1",
        "任职起": "2021-12-20",
    }
    activities = [
        {"代表编号": "D1", "类型": "接待选民", "日期": "2026-07-01", "阵地编号": station}
        for station in ("C1", "H1", "L1")
    ]
    path = stored(
        tmp_path / "full.duckdb",
        [
            sent("townships", [{"镇街": "东镇", "类型": "镇"}]),
            sent("stations", stationed.station_rows(stations)),
            sent("delegates", [delegate]),
            sent("activities", activities, Period(2026, 3, 3)),
        ],
    )
    test = run(path, period="2026Q3")
    told = said(test)
    assert "镇街全覆盖：是。1 个镇街中，1 个有代表之家和联络站。" in told
    assert "代表全覆盖：是。1 名在任的四级代表中，1 名已进站。" in told
    assert "所选的阵地五有齐全。" in told
    assert "所选的阵地都有活动。" in told
    assert "阵地表中没有填写经费。" in told
    assert not test.warning
    assert metrics(test)["经费（万元）"] == "—"


def test_clicks(run: Run, small: Path, shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    """A box or a row opens its station, a township's bar or row narrows the page, the county's own
    too; a delegate leads on.
    """
    run(small, period="2026Q3")
    for key, mark, narrowed in (
        ("tree", ["L1"], {"station": "L1"}),
        ("network", 1, {"station": "H2"}),
        ("five", ["东镇"], {"township": "东镇"}),
        ("funds", ["县本级"], {"township": "county"}),
        ("places", 0, {"township": "西街道"}),
        ("places", 3, {"township": "county"}),
    ):
        here: dict[str, str] = {}
        monkeypatch.setattr(st, "query_params", here)
        shown.click(key, mark)
        assert here == narrowed
    shown.click("misplaced", 0)
    assert shown.led == [("browse/delegate.py", {"delegate": "D5"})]


def test_too_many_stations_for_one_picture(run: Run, tmp_path: Path) -> None:
    """They are listed all the same, and a township's are drawn."""
    stations = [("L0", "站", "联络站", "西街道", "", stationed.ALL, "", "")] + [
        (f"P{n}", f"{n}点", "联系点", "东镇", "L0", stationed.ALL, "", "") for n in range(250)
    ]
    files = [*stationed.registers(stations), *stationed.records()]
    path = stored(tmp_path / "large.duckdb", files)
    test = run(path, period="2026Q3")
    assert "阵地超过 250 个" in said(test)
    assert len(frames(test, "indented")[0]) == 251
    charts_then = len(figures(test))
    test = run(path, period="2026Q3", township="西街道")
    assert "阵地超过" not in said(test)
    [bar] = [bar for bar in figures(test)[0].data if len(bar.y)]
    assert [box for (box,) in bar.customdata] == ["L0"]
    assert len(figures(test)) == charts_then  # the tree in place of the townships' months


def test_without_stations_the_page_says_what_to_upload(run: Run, case_copy: Path) -> None:
    test = run(case_copy, period="2026Q3")
    assert "阵地表还没有上传" in said(test)
    assert not test.metric


@pytest.mark.slow
def test_a_click_in_the_tree_opens_the_station(page: Page, sample_server: str) -> None:
    """A box opens its station over the page, closing it returns there; a delegate leads on."""
    open_page(page, f"{sample_server}/stations?period=2026Q3&township=大坝街道")
    name = page.locator(".bartext").filter(has_text="联络站").first
    told = name.text_content()
    name.scroll_into_view_if_needed()
    box = name.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 4)
    page.wait_for_timeout(300)
    page.mouse.click(box["x"] + 20, box["y"] + 4)
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("进站代表", exact=True).first.wait_for()
    settled(page)
    assert "station=Z" in page.url
    assert told is not None
    assert told in dialog.inner_text()
    assert len(table(page, "进站代表")) > 1
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    settled(page)
    assert "station=" not in page.url
    page.go_back()
    dialog.wait_for()
    settled(page)
    canvas = page.locator("[role=region][aria-label='进站代表'] canvas").first
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 30, box["y"] + 52)
    page.wait_for_timeout(400)
    page.mouse.click(box["x"] + 30, box["y"] + 52)
    page.wait_for_url("**/delegate*")
    assert "delegate=D" in page.url
