"""镇街对比: how the townships compare, and two of them side by side."""

import pandas as pd
import streamlit as st

from pages.papers import PAPERS
from pages.parts import access, address, charts, export, filters, sheets
from pages.parts.caching import ask
from pages.words import _
from pages.words.terms import listed, period_name, plain
from queries import county

here = access.demand("browse")
period = filters.headline(_("镇街对比"), ask(county.periods_on_record))
before = period.before
both = ask(county.township_figures, periods=(period, before), today=filters.today())
townships = both[both["period"] == str(period)]
if townships.empty:
    st.info(_("{period}没有在任代表的数据。", period=period_name(str(period))))
    st.stop()
indicators = ask(county.indicators)
names = {i: _(n) for i, n in zip(indicators["indicator"], indicators["name"], strict=True)}
rates = ask(county.township_indicators, periods=(period,))
grid = rates.pivot(index="township", columns="indicator", values="mean_rate")


def missing(gaps: list[dict]) -> str | None:
    """The formats a township has not sent; in a period of several quarters with the quarter."""
    told = []
    for gap in gaps:
        name = _({"activities": "履职活动", "opinions": "群众意见"}[gap["format"]])
        number = (gap["quarter"].month + 2) // 3
        told.append(
            name if period.is_quarter else _("{quarter}季度{format}", quarter=number, format=name)
        )
    return listed(told) or None


def to_township(picked: list[str]) -> None:
    st.query_params["a"] = picked[0]


def township_of(row: pd.Series) -> None:
    to_township([row["township"]])


table = townships.assign(
    kind=townships["kind"].map(_, na_action="ignore"),
    missing=townships["not_reported"].map(missing),
)
sheets.show(
    table,
    [
        ("rank", _("名次"), "count", 50),
        ("township", _("镇街"), "text", 100),
        ("delegates", _("代表数"), "count", 60),
        ("scored", _("有得分"), "count", 60),
        ("mean_score", _("平均得分"), "score", 80),
        ("mean_change", _("比上期"), "score", 65),
        ("excellent_share", _("优秀占比"), "share", 70),
        ("active_share", _("活跃占比"), "share", 70),
        ("households_each", _("人均走访"), "score", 70),
        ("receptions_each", _("人均接待"), "score", 70),
        ("opinions_each", _("人均意见"), "score", 70),
        ("publicity_each", _("人均宣讲"), "score", 70),
        ("theme_actions_each", _("人均主题"), "score", 70),
        ("closed_share", _("意见办结"), "share", 70),
        ("in_time_share", _("按期答复"), "share", 70),
        ("missing", _("未报送"), "text", 160),
        ("kind", _("类型"), "text", 85),
        ("households_visited", _("走访户次"), "count", 80),
        ("households_assigned", _("包联户数"), "count", 80),
        ("households_share", _("走访覆盖"), "share", 80),
        ("receptions", _("接待次数"), "count", 80),
        ("opinions", _("意见条数"), "count", 80),
        ("opinions_closed", _("办结条数"), "count", 80),
        ("replies_due", _("到期建议"), "count", 80),
        ("replies_in_time", _("按期件数"), "count", 80),
    ],
    "townships",
    _("镇街对比"),
    caption=_(
        "按平均得分排名，有得分的代表不足一半的镇街不排名；比上期指与{before}相比。"
        "活跃占比：有履职记录的代表所占比例；走访覆盖：走访户次 ÷ 包联户数；“人均”按在任代表计。"
        "比率均由总数相除，“—”表示没有数据。点击一行，在下方查看该镇街。",
        before=period_name(str(before)),
    ),
    on_click=township_of,
    tall=800,
)

st.subheader(_("各指标平均完成率"), anchor=False)
charts.draw(
    charts.heatmap(grid.reindex(townships["township"]), names),
    "heatmap",
    _("镇街与指标的平均完成率"),
    to_township,
)
st.caption(_("镇街按平均得分排列；颜色越深完成率越高；“—”表示未安排、未到期或未报送。"))

st.subheader(_("四勤"), anchor=False)
lenses = ask(county.township_diligence, periods=(period,))
four = table[["township", "missing"]]
columns: list[tuple[str, str, str, int]] = [("township", _("镇街"), "text", 100)]
for lens in lenses["diligence"].unique():
    own = lenses[lenses["diligence"] == lens].set_index("township")
    rated = f"n_{lens}"
    four = four.join(own["mean_rate"].rename(lens), on="township")
    four = four.join(own["rated"].rename(rated), on="township")
    columns += [(lens, _(lens), "bar", 115), (rated, f"{_(lens)} n", "count", 70)]
columns.append(("missing", _("未报送"), "text", 160))
sheets.show(
    four,
    columns,
    "diligence",
    _("镇街四勤"),
    caption=_(
        "镇街按平均得分排列。四勤是同一份得分的另一种归类：每位代表一项的完成率 = 计入基础分的指标“权重×完成率”合计 ÷ 权重合计，再按代表平均；n 为该项有完成率的代表人数；没有报齐的镇街，只反映已经报送的指标。"
    ),
    on_click=township_of,
    tall=800,
)

st.subheader(_("差异是否超出偶然波动"), anchor=False)
ranked = townships[townships["rank"].notna()]
if ranked.empty:
    st.info(_("本期还没有镇街可以排名。"))
else:
    charts.draw(charts.funnel(ranked), "funnel", _("各镇街平均得分与偶然波动范围"), to_township)
    st.caption(
        _(
            "灰条是同样人数的镇街仅因偶然会落入的范围（95%）；橙点超出这一范围，值得了解原因。虚线为全县平均。"
        )
    )

st.subheader(_("两个镇街对照"), anchor=False)
options = list(townships["township"])
if len(options) < 2:
    st.info(_("本期只有一个镇街有数据，无从对照。"))
    st.stop()
with st.container(horizontal=True):
    first = filters.choose(_("镇街"), options, "a", width=240)
    export.paper(PAPERS["booklet"], period, first)
    others = [t for t in options if t != first]
    second = filters.choose(_("对照镇街"), others, "b", width=240)
left, right = st.columns([1, 1], gap="medium")
with left:
    pair = grid.reindex(index=[first, second], columns=list(names)).T.set_axis(
        ["first", "second"], axis=1
    )
    charts.draw(
        charts.side_by_side(
            pair.assign(name=list(names.values())), "first", "second", first, second
        ),
        "pair",
        _("两个镇街各指标平均完成率"),
    )
    st.caption(_("各指标平均完成率。缺少的点表示没有数据。"))
with right:
    quarters = tuple(ask(county.quarters_on_record))
    history = ask(county.township_figures, periods=quarters, today=filters.today())
    lines = history.pivot(index="period", columns="township", values="mean_score").reindex(
        index=[str(q) for q in quarters], columns=[first, second]
    )
    whole = ask(county.county_figures, periods=quarters).set_index("period")["mean_score"]
    charts.draw(
        charts.trend(
            {
                _("全县"): (whole.reindex(lines.index), charts.GREY),
                second: (lines[second], charts.ORANGE),
                first: (lines[first], charts.BLUE),
            },
            quarters,
        ),
        "pair_trend",
        _("两个镇街各季度平均得分"),
    )
    st.caption(_("各季度平均得分。"))
    if here.may("names"):
        st.page_link(
            "browse/ranking.py",
            label=_("查看{township}的代表", township=plain(first)),
            icon=":material/format_list_numbered:",
            query_params=address.link(township=first, level="all"),
        )
