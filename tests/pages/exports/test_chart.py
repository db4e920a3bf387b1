"""Charts on paper: every mark and text of the specification, at its place, and nothing else."""

import inspect
import io
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pypdfium2
import pytest
from PIL import Image

from data.period import Period
from pages.exports import press
from pages.exports.chart import Chart, as_picture, drawn, numbers
from pages.exports.sheet import as_pdf
from pages.parts import charts
from pages.parts.charts import BLUE, GREY, ORANGE

AT = datetime(2026, 11, 22, 8, 0)  # noqa: DTZ001 - the office's own clock
HEAD = {
    "title": "报表",
    "period": "2026年",
    "lang": "zh",
    "foot": "数据版本 7",
    "caption": "2026年 · 数据版本 7",
    "page": "第 {page} 页，共 {pages} 页",
    "page_alone": "第 {page} 页",
}
QUARTERS = [Period(2025, 4, 4), Period(2026, 1, 1), Period(2026, 2, 2)]
HOSTILE = [
    '=HYPERLINK("http://x","y")',
    "#set page(width: 1cm)",
    "*bold* _x_ $x$ @ref <label> \\ //",
    "一二三四五六七八九十" * 4,
    "<b>x</b> &lt;br&gt; &amp;",
    "A" * 60,
]
TOWNSHIPS = pd.DataFrame(
    {
        "township": ["甲镇", "乙镇", "丙街道", "丁镇"],
        "rank": [1, 2, None, None],
        "scored": [30, 12, 1, 0],
        "mean_score": [80.0, 40.0, 20.0, None],
        "county_mean": [75.0] * 4,
        "funnel_low": [72.0, 60.0, 0.0, None],
        "funnel_high": [78.0, 80.0, 100.0, None],
    }
)
COUNTS = pd.DataFrame({"满意": [3, 1], "不满意": [1, None]}, index=["甲局", "乙局"])
# For each kind of chart: a specification, and the ticks of its axes, worked out by hand.
SPECS: dict[str, tuple[charts.Spec, str]] = {
    "township_bars": (charts.township_bars(TOWNSHIPS), ""),
    "funnel": (charts.funnel(TOWNSHIPS[:3]), "0 10 20 30 40 50 60 70 80 90 100"),
    "heatmap": (
        charts.heatmap(
            pd.DataFrame({"a": [0.5, None], "b": [1.0, 0.0]}, index=["甲镇", "乙镇"]),
            {"a": "视察、检查", "b": "走访"},
        ),
        "",
    ),
    "side_by_side": (
        charts.side_by_side(
            pd.DataFrame({"name": ["走访", "接待"], "one": [0.2, None], "two": [0.9, 1.0]}),
            *("one", "two", "本人", "同级"),
        ),
        "0% 10% 20% 30% 40% 50% 60% 70% 80% 90% 100%",
    ),
    "distribution": (
        charts.distribution(
            pd.DataFrame({"step": [60, 90], "grade": ["称职", "优秀"], "delegates": [1200, 5]}),
            pd.DataFrame({"grade": ["优秀", "称职"], "at_least": [90.0, 60.0]}),
        ),
        "70 80 90 100",
    ),
    "trend": (
        charts.trend(
            {"甲": (pd.Series([60.0, None, 30.0]), BLUE), "乙": (pd.Series([None] * 3), GREY)},
            QUARTERS,
        ),
        "0 20 40 60 80 100",
    ),
    "amounts": (
        charts.amounts({"甲": (pd.Series([1200, None, 3]), BLUE)}, QUARTERS),
        "0 500 1,000",
    ),
    "bars": (
        charts.bars(pd.DataFrame({"name": ["甲", "乙", "丙"], "n": [5, 2500, None]}), "name", "n"),
        "",
    ),
    "stacked": (charts.stacked(COUNTS, {"满意": BLUE, "不满意": ORANGE}, "件"), ""),
    "matrix": (charts.matrix(COUNTS, "件数"), ""),
    "flow": (
        charts.flow(
            pd.DataFrame({"来源": ["走访", "走访"], "结果": ["已解决", "在办"], "count": [3, 1]}),
            {"来源": {"走访": GREY}, "结果": {"已解决": BLUE, "在办": ORANGE}},
            "条",
        ),
        "",
    ),
    "progress": (
        charts.progress(
            pd.DataFrame(
                {
                    "task": ["甲", "乙"],
                    "reached": [1.2, 0.3],
                    "expected": [1.0, 0.5],
                    "text": ["12 / 10", "1 / 4"],
                    "late": [False, True],
                }
            ),
            *("task", "reached", "expected", "text", "late"),
        ),
        "",
    ),
    "survival": (
        charts.survival(
            pd.DataFrame(
                {
                    "n": [4, 9],
                    "median": [30.0, None],
                    "steps": [np.array([0, 30]), np.array([0])],
                    "waiting": [np.array([1.0, 0.5]), np.array([1.0])],
                }
            ),
            *(["甲局", "乙局"], [ORANGE, BLUE], {"三个月": 92.0}),
        ),
        "0% 20% 40% 60% 80% 100%" + "0 10 20 30 40 50 60 70 80 90",
    ),
    "sessions": (
        charts.sessions(
            pd.DataFrame(
                {
                    "label": ["07-20 甲镇"],
                    "present_share": [0.5],
                    "text": ["4 / 8"],
                    "behind": [True],
                    "event_id": ["H1"],
                }
            )
        ),
        "",
    ),
    "tree": (
        charts.tree(
            pd.DataFrame(
                {
                    "id": ["Z1", "Z2"],
                    "above": [None, "Z1"],
                    "tier": [1, 2],
                    "name": ["中心", "家"],
                    "part": ["齐", "缺"],
                    "told": ["齐", "缺制度"],
                }
            ),
            *(["中心 1", "家 1"], {"齐": BLUE, "缺": ORANGE}),
        ),
        "",
    ),
}


def svg(spec: charts.Spec) -> str:
    return as_picture(Chart("图", spec), "svg", HEAD, AT).decode()


def boxes(spec: charts.Spec, colour: str) -> list[tuple[float, ...]]:
    """Left, top, width and height of each box of a colour, from the top, in points."""
    found = re.findall(
        rf'fill="{colour}" fill-rule="nonzero" transform="translate\(([-\d.]+) ([-\d.]+)\)"'
        r' d="M 0 0v ([\d.]+)h ([\d.]+)v',
        svg(spec),
    )
    all_of_it = [(float(x), float(y), float(w), float(h)) for x, y, h, w in found]
    return sorted(all_of_it, key=lambda box: box[1])


def paper(spec: charts.Spec) -> pypdfium2.PdfDocument:
    return pypdfium2.PdfDocument(as_pdf([Chart("图", spec)], HEAD, [], AT))


def printed(spec: charts.Spec) -> str:
    text = "".join(page.get_textpage().get_text_range() for page in paper(spec))
    return re.sub(r"\s", "", text)


def stays_on_the_paper(document: pypdfium2.PdfDocument) -> bool:
    """Whether every sign stands between the margins, and above the foot."""
    for page in document:
        text = page.get_textpage()
        boxes = [text.get_charbox(place) for place in range(text.count_chars())]
        if any(x < 40 or y < 20 or right > page.get_width() - 40 for x, y, right, _ in boxes):
            return False
        body = [y for x, y, _right, _top in boxes if y > 40]  # the foot is lower
        if min(body) < 45:
            return False
    return True


def signs(text: str) -> str:
    return "".join(sorted(re.sub(r"\s", "", text)))


def said(spec: charts.Spec) -> str:
    """All texts of a specification that stand for themselves: labels, names, notes."""
    plain = drawn(spec)
    layout, texts = plain["layout"], []
    for trace in plain["data"]:
        if trace.get("marker", {}).get("opacity") == 0:
            continue
        if trace["type"] == "sankey":
            texts += trace["node"]["label"]
            continue
        texts += [text for row in trace.get("text", []) for text in row] if "z" in trace else []
        texts += [
            f"{text:,}" if isinstance(text, int) else text
            for text in trace.get("text", [])
            if "z" not in trace
        ]
        texts += [trace["name"]] if layout.get("showlegend") else []
    for letter in "xy":
        axis = layout.get(f"{letter}axis", {})
        texts += [*axis.get("ticktext", []), axis.get("title", {}).get("text", "")]
        values = [v for t in plain["data"] if t["type"] != "sankey" for v in t[letter]]
        texts += list(dict.fromkeys(v for v in values if isinstance(v, str)))
    return "".join([*texts, *(note["text"] for note in layout.get("annotations", []))])


def test_every_kind_of_chart_is_here() -> None:
    """The charts below are all that the pages draw."""
    made = {
        name
        for name in charts.__all__
        if inspect.isfunction(kind := getattr(charts, name))
        and inspect.signature(kind).return_annotation == charts.Spec
    }
    assert made == set(SPECS)


@pytest.mark.parametrize("kind", SPECS)
def test_the_paper_says_what_the_chart_says(kind: str) -> None:
    """Every label, number and note of the specification stands on the paper once, and the ticks,
    and nothing else; what shows only on hovering does not.
    """
    spec, ticks = SPECS[kind]
    around = "报表2026年图数据版本7第1页，共1页"
    assert signs(printed(spec)) == signs(around + said(spec) + ticks)


def test_bars_are_as_long_as_their_values() -> None:
    """Bars begin at zero, the first on top; a missing value has none, and its text stands there."""
    high, low = boxes(SPECS["township_bars"][0], BLUE)
    [grey] = boxes(SPECS["township_bars"][0], charts.PALE)
    assert high[0] == low[0] == grey[0]
    assert high[1] < low[1] < grey[1]
    assert high[2] / low[2] == pytest.approx(2)
    assert high[2] / grey[2] == pytest.approx(4)
    assert "无得分" in printed(SPECS["township_bars"][0])


def test_upright_bars_are_as_high_as_their_values() -> None:
    """The bars of the distribution stand on one line, each as high as its number."""
    spec = SPECS["distribution"][0]
    [many] = boxes(spec, charts.GRADE_COLOURS["称职"])
    [few] = boxes(spec, charts.GRADE_COLOURS["优秀"])
    assert many[3] / few[3] == pytest.approx(240, rel=1e-3)
    assert many[1] + many[3] == pytest.approx(few[1] + few[3])


def test_parts_stand_on_each_other() -> None:
    """A stacked part begins where the one before it ends; the missing one is not drawn."""
    first, _second = boxes(SPECS["stacked"][0], BLUE)
    [part] = boxes(SPECS["stacked"][0], ORANGE)
    assert part[:2] == (pytest.approx(first[0] + first[2]), first[1])
    assert first[2] / part[2] == pytest.approx(3)


def test_lines_break_where_values_are_missing() -> None:
    """A quarter without a value is a gap: two marks and no line between them."""
    spec = charts.trend({"甲": (pd.Series([60.0, None, 30.0]), BLUE)}, QUARTERS)
    assert f'stroke="{BLUE}"' not in svg(spec)
    whole = charts.trend({"甲": (pd.Series([60.0, 45.0, 30.0]), BLUE)}, QUARTERS)
    [line] = re.findall(rf'<path[^>]*stroke="{BLUE}"[^>]* d="([^"]*)"', svg(whole))
    assert line.count("L") + line.count("l") == 2


def test_cells_are_as_dark_as_their_values() -> None:
    """Colours are those of the scale; a missing cell has none."""
    spec, scale = SPECS["heatmap"][0], dict(SPECS["heatmap"][0]["data"][0]["colorscale"])
    assert [len(boxes(spec, scale[value])) for value in (0.0, 0.5, 1.0)] == [1, 1, 1]


def test_bands_are_as_wide_as_their_counts() -> None:
    """The parts of a flow are as high as what passes them."""
    solved, open_ = (boxes(SPECS["flow"][0], colour)[0] for colour in (BLUE, ORANGE))
    assert solved[3] / open_[3] == pytest.approx(3)
    [source] = boxes(SPECS["flow"][0], GREY)
    assert source[3] == pytest.approx(solved[3] + open_[3])


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"type": "pie"}, "pie"),
        ({"opacity": 0.5}, "opacity"),
        ({"textangle": 45}, "textangle"),
        ({"marker": {"color": BLUE, "pattern": "/"}}, "pattern"),
    ],
)
def test_what_it_does_not_know_stops_it(change: dict[str, Any], complaint: str) -> None:
    """Nothing that the screen would show is left out in silence."""
    spec = charts.bars(pd.DataFrame({"name": ["甲"], "n": [1]}), "name", "n")
    spec["data"][0] |= change
    with pytest.raises(Exception, match=rf"chart\.typ does not draw .*{complaint}"):
        svg(spec)


@pytest.mark.parametrize(
    "change",
    [
        {"title": {"text": "题"}},
        {"xaxis": {"ticklabelposition": "inside"}},
        {"xaxis": {"tickformat": ".3s"}},
        {"yaxis": {"title": {"text": "件"}}},
        {"shapes": [{"type": "rect", "x0": 0, "x1": 1, "y0": 0, "y1": 1, "line": {}}]},
        {"annotations": [{"x": 0, "y": 0, "text": "注"}]},
        {"barmode": "group"},
    ],
)
def test_an_unknown_layout_stops_it(change: dict[str, Any]) -> None:
    """Axes, shapes and notes are as strict as marks."""
    spec = charts.bars(pd.DataFrame({"name": ["甲"], "n": [1]}), "name", "n")
    spec["layout"] |= change
    with pytest.raises(Exception, match=r"chart\.typ d"):
        svg(spec)


def test_charts_of_a_page_are_drawn(run, shown, case_copy: Path) -> None:
    """What a page shows of records is drawn, whatever kinds of numbers it is made of."""
    run(case_copy, "browse/loop.py", period="2026")
    assert shown.pictures
    for key, spec in shown.pictures.items():
        assert as_picture(Chart(key, spec), "svg", HEAD, AT)


def hostile() -> dict[str, charts.Spec]:
    count = len(HOSTILE)
    colours = dict.fromkeys(HOSTILE, BLUE)
    rows = pd.DataFrame({"name": HOSTILE, "n": range(count), "late": False, "text": HOSTILE})
    townships = pd.DataFrame(
        {
            "township": HOSTILE,
            "rank": range(count),
            "scored": range(count),
            "mean_score": [50.0] * count,
            "county_mean": [75.0] * count,
        }
    )
    return {
        "township_bars": charts.township_bars(townships),
        "bars": charts.bars(rows, "name", "n", "text"),
        "heatmap": charts.heatmap(
            pd.DataFrame({name: [0.5] * count for name in HOSTILE}, index=HOSTILE),
            dict(zip(HOSTILE, HOSTILE, strict=True)),
        ),
        "trend": charts.trend(
            {name: (pd.Series([1.0, 2.0, 3.0]), BLUE) for name in HOSTILE[:3]}, QUARTERS
        ),
        "stacked": charts.stacked(
            pd.DataFrame({name: [1] * count for name in HOSTILE}, index=HOSTILE), colours, "件"
        ),
        "flow": charts.flow(
            pd.DataFrame({"来源": HOSTILE, "结果": HOSTILE[::-1], "count": 1}),
            *({"来源": colours, "结果": colours}, "条"),
        ),
    }


@pytest.mark.parametrize("kind", hostile())
def test_names_are_text_and_stay_on_the_paper(kind: str) -> None:
    """No name is markup of any kind or runs off the page; a long one is wrapped or cut with …."""
    assert stays_on_the_paper(paper(hostile()[kind]))
    found = printed(hostile()[kind])
    assert '=HYPERLINK("http://x' in found
    assert "#setpage" in found
    assert "<b>x</b>" in found or kind == "trend"
    assert "…" in found or "A" * 60 in found or kind == "trend"


@pytest.mark.parametrize("values", [[], [None], [0], [7], [None, None], [-3, 4]])
def test_few_or_no_values(values: list[int | None]) -> None:
    """No rows, one bar, nothing but missing values: the labels stand, and the paper is set."""
    names = [f"第{place}" for place in range(len(values))]
    frame = pd.DataFrame({"name": pd.Series(names, dtype=str), "n": pd.Series(values, dtype=float)})
    text = printed(charts.bars(frame, "name", "n"))
    assert all(name in text for name in names)
    assert text.count("—") == values.count(None)


def test_a_chart_taller_than_a_page_goes_on() -> None:
    """Eighty rows stand on several pages, each once, each with its number and its bar."""
    names = [f"代表{place:02}" for place in range(80)]
    rows = pd.DataFrame({"name": names, "n": range(1001, 1081)})
    spec = charts.bars(rows, "name", "n")
    document = paper(spec)
    assert len(document) > 2
    text = printed(spec)
    assert [text.count(name) for name in names] == [1] * 80
    assert [text.count(f"1,0{place:02}") for place in range(1, 81)] == [1] * 80


def test_a_tree_taller_than_a_page_goes_on() -> None:
    """Boxes that reach from page to page are cut between rows; all stay on the paper."""
    ids = [f"家{place:02}" for place in range(60)]
    boxes = pd.DataFrame(
        {"id": ["中心", *ids], "above": [None, *["中心"] * 60], "tier": [1] + [2] * 60}
    )
    spec = charts.tree(
        boxes.assign(name=boxes["id"], part="齐", told=""), ["中心 1", "家 60"], {"齐": BLUE}
    )
    document = paper(spec)
    assert len(document) > 1
    text = printed(spec)
    assert [text.count(name) for name in ids] == [1] * 60
    assert text.count("家60") == len(document)  # the columns' titles are on each
    assert stays_on_the_paper(document)


def test_numpy_and_missing_numbers_become_plain() -> None:
    """What the press writes as JSON holds Python's own numbers, and null for what is none."""
    spec = {
        "data": [
            {
                "type": "scatter",
                "mode": "lines",
                "x": [np.int32(3), np.float64("nan"), float("inf")],
                "y": (np.bool_(True), None, "a&lt;br&gt;<br>b"),
                "text": ["hover"] * 3,
                "hovertemplate": "%{text}",
            }
        ],
        "layout": {"height": np.int64(9), "xaxis": {"fixedrange": True, "type": "category"}},
    }
    assert drawn(spec) == {
        "data": [
            {
                "type": "scatter",
                "mode": "lines",
                "x": [3, None, None],
                "y": [True, None, "a<br>\nb"],
            }
        ],
        "layout": {
            "margin": {"l": 8, "r": 16, "t": 8, "b": 8},
            "height": 9,
            "xaxis": {"type": "category"},
        },
    }


def table(kind: str) -> tuple[str, list[list[Any]]]:
    made = numbers(Chart("图", SPECS[kind][0]), ("系列", "项目", "数值"), ("从", "到"))
    first = ["从", "到"] if kind == "flow" else ["系列", "项目"]
    n = ["n"] if kind in ("stacked", "funnel") else []
    value = [] if kind == "tree" else ["数值"]
    assert [column.title for column in made.columns] == [*first, *n, *value]
    frame = made.frame[[column.name for column in made.columns]]
    frame = frame.astype(object).where(frame.notna(), None)
    return made.columns[-1].kind, frame.to_numpy().tolist()


NUMBERS: dict[str, tuple[str, list[list[Any]]]] = {
    "bars": ("count", [["图", "甲", 5], ["图", "乙", 2500], ["图", "丙", None]]),
    "heatmap": (
        "share",
        [
            ["甲镇", "视察、检查", 0.5],
            ["甲镇", "走访", 1.0],
            ["乙镇", "视察、检查", None],
            ["乙镇", "走访", 0.0],
        ],
    ),
    "flow": ("count", [["走访", "已解决", 3], ["走访", "在办", 1]]),
    "trend": (
        "count",
        [
            ["甲", "2025年第四季度", 60],
            ["甲", "2026年第一季度", None],
            ["甲", "2026年第二季度", 30],
            ["乙", "2025年第四季度", None],
            ["乙", "2026年第一季度", None],
            ["乙", "2026年第二季度", None],
        ],
    ),
    "stacked": (
        "count",
        [
            ["满意", "甲局", 4, 3],
            ["满意", "乙局", 1, 1],
            ["不满意", "甲局", 4, 1],
            ["不满意", "乙局", 1, None],
        ],
    ),
    "distribution": ("count", [["优秀", "90–95", 5], ["称职", "60–65", 1200]]),
    "side_by_side": (
        "share",
        [
            ["同级", "走访", 0.9],
            ["同级", "接待", 1.0],
            ["本人", "走访", 0.2],
            ["本人", "接待", None],
        ],
    ),
    "progress": (
        "share",
        [
            ["图", "甲", 1.2],
            ["图", "乙", 0.3],
            ["按日历应达到", "甲", 1.0],
            ["按日历应达到", "乙", 0.5],
        ],
    ),
    "funnel": (
        "count",
        [
            *(["偶然波动范围 ≥", "甲镇", 30, 72], ["偶然波动范围 ≤", "甲镇", 30, 78]),
            *(["偶然波动范围 ≥", "乙镇", 12, 60], ["偶然波动范围 ≤", "乙镇", 12, 80]),
            *(["偶然波动范围 ≥", "丙街道", 1, 0], ["偶然波动范围 ≤", "丙街道", 1, 100]),
            ["平均得分", "甲镇", 30, 80],
            ["平均得分", "乙镇", 12, 40],
            ["平均得分", "丙街道", 1, 20],
        ],
    ),
    "tree": ("text", [["齐", "中心"], ["缺", "家"]]),
}


@pytest.mark.parametrize("kind", NUMBERS)
def test_numbers_of_a_picture(kind: str) -> None:
    """A row for each mark, the first on top, named as on the chart; missing stays missing; what
    the chart shows in percent is a share.
    """
    assert table(kind) == NUMBERS[kind]


def test_a_name_in_the_numbers_is_whole() -> None:
    """Names come back as they were, without the HTML that the screen needs."""
    spec = charts.bars(pd.DataFrame({"name": HOSTILE, "n": 1}), "name", "n")
    made = numbers(Chart("a<b", spec), ("系列", "项目", "数值"))
    assert made.frame["item"].tolist() == HOSTILE
    assert set(made.frame["series"]) == {"a<b"}


@pytest.mark.parametrize("form", ["svg", "png"])
def test_a_picture_is_the_same_bytes(form: Any) -> None:
    """The same chart and facts, the same file."""
    chart = Chart("图", SPECS["trend"][0])
    assert as_picture(chart, form, HEAD, AT) == as_picture(chart, form, HEAD, AT)


def test_png_is_sharp_enough_to_print() -> None:
    """560 points wide at 200 pixels to the inch."""
    picture = Image.open(io.BytesIO(as_picture(Chart("图", SPECS["trend"][0]), "png", HEAD, AT)))
    assert picture.width == round(560 * 200 / 72)


def test_svg_stands_alone() -> None:
    """Glyphs are shapes, nothing is loaded from elsewhere, and title and facts can be found."""
    title = "</title><script>\x01&"
    made = as_picture(Chart(title, SPECS["trend"][0]), "svg", HEAD, AT).decode()
    assert "<title>&lt;/title&gt;&lt;script&gt; &amp;</title>" in made
    assert "<desc>2026年 · 数据版本 7</desc>" in made
    assert "<text" not in made
    assert "<script" not in made
    assert set(re.findall(r'href="(.)', made)) == {"#"}
    assert re.findall(r'(?<!xmlns)(?<!:xlink)(?<!:h5)="https?:', made) == []


def test_rare_signs_are_named() -> None:
    """A sign that the fonts lack stands by its number, and the picture's texts are named by it."""
    spec = charts.bars(pd.DataFrame({"name": ["王𠮷"], "n": [1]}), "name", "n")
    assert "王〔U+20BB7〕" in printed(spec)
    assert press.lacking(drawn(spec)) == {"𠮷": ["王𠮷"]}
