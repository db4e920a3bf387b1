"""总览: how the county stands in a period, and where to look closer."""

import pandas as pd
import streamlit as st

from pages.papers import PAPERS
from pages.parts import access, address, charts, export, filters, sheets, tables
from pages.parts.caching import ask
from pages.words import _
from pages.words.terms import level_name, period_name, told
from queries import county

here = access.demand("browse")
period = filters.headline(_("总览"), ask(county.periods_on_record))
before = period.before
quarters = tuple(ask(county.quarters_on_record))
figures = ask(county.county_figures, periods=tuple(dict.fromkeys([*quarters, period])))
figures = figures.set_index("period")
if str(period) not in figures.index:
    st.info(_("{period}没有在任代表的数据。", period=period_name(str(period))))
    st.stop()
export.paper(PAPERS["bulletin"], period)
now = figures.loc[str(period)]
changes = ask(county.county_changes, period=period)
has_before = not changes.empty and before.quarters[0] in quarters
history = figures.reindex([str(q) for q in quarters])


def figure(label: str, column: str, shape: str) -> None:
    """One key figure with its change and its history over the quarters."""
    change = changes[column].iloc[0] if has_before else None
    known = change is not None and pd.notna(change)
    tables.figure(
        label,
        shown(now[column], shape),
        shown(change, shape, signed=True) if known else None,
        delta_color="off",
        border=True,
        chart_data=[float(v) for v in history[column].dropna()],
    )


def shown(value: float, shape: str, signed: bool = False) -> str:
    """A count, a share or a score as text."""
    if shape == "share" and signed:
        return _("{points} 个百分点", points=told(100 * value, "+.1f"))
    sign = "+" if signed else ""
    return told(value, sign + {"count": ",.0f", "share": ".1%", "score": ".2f"}[shape])


def to_township(picked: list[str]) -> None:
    address.go("browse/townships.py", a=picked[0])


def to_delegate(row: pd.Series) -> None:
    address.go("browse/delegate.py", delegate=row["delegate_id"])


key_figures = (
    (_("有得分的代表（人）"), "scored", "count"),
    (_("未报齐的镇街（个）"), "townships_not_reported", "count"),
    (_("有履职记录的代表"), "active_share", "share"),
    (_("走访群众（户次）"), "households_visited", "count"),
    (_("接待选民（次）"), "receptions", "count"),
    (_("收集意见建议（条）"), "opinions", "count"),
    (_("其中已办结（条）"), "opinions_closed", "count"),
    (_("平均得分"), "mean_score", "score"),
)
cells = [cell for _row in range(2) for cell in st.columns(4, gap="small")]
for cell, key_figure in zip(cells, key_figures, strict=True):
    with cell:
        figure(*key_figure)
st.caption(
    _(
        "折线为各季度。统计范围：本考核期内在任的县级、乡镇级代表，共 {count} 人。",
        count=int(now["delegates"]),
    )
    + (_("变化与{before}相比。", before=period_name(str(before))) if has_before else "")
)

left, right = st.columns([1, 1], gap="medium")
with left:
    st.subheader(_("各镇街平均得分"), anchor=False)
    townships = ask(county.township_figures, periods=(period, before), today=filters.today())
    townships = townships[townships["period"] == str(period)]
    if townships.empty:
        st.info(_("本期没有代表属于镇街。"))
    else:
        charts.draw(
            charts.township_bars(townships),
            "township_bars",
            _("各镇街平均得分，由高到低"),
            on_click=to_township,
        )
        st.caption(
            _(
                "点击一条，查看该镇街。n 为有得分的代表人数；人数少的镇街，平均分容易波动。灰条：有得分的代表不足一半，不排名。"
            )
        )
with right:
    st.subheader(_("得分分布"), anchor=False)
    charts.draw(
        charts.distribution(ask(county.distribution, period=period), ask(county.bands)),
        "distribution",
        _("每五分一组的代表人数，按等次着色"),
    )
    if not period.is_year:
        st.caption(_("本期等次为预评，年度考核时确定。"))
    st.subheader(_("各季度平均得分"), anchor=False)
    charts.draw(
        charts.trend(
            {_("全县"): (history["mean_score"], charts.BLUE)},
            quarters,
        ),
        "trend",
        _("全县各季度平均得分"),
    )

level = address.pick(
    st.segmented_control,
    _("层级"),
    ["county", "township"],
    "level",
    "county",
    level_name,
    required=True,
)
movers = ask(county.movers, period=period, level=level, count=8)
for column, title, rows in zip(
    st.columns(2, gap="medium"),
    (_("名次上升最多"), _("名次下降最多")),
    (movers[movers["rank_change"] > 0], movers[movers["rank_change"] < 0].iloc[::-1]),
    strict=True,
):
    with column:
        st.subheader(title, anchor=False)
        if rows.empty:
            st.caption(_("没有名次变化，或没有可比的上一考核期。"))
            continue

        named = here.may("names")
        sheets.show(
            rows,
            [
                ("rank_change", _("变化"), "change", 56),
                ("name", *((_("姓名"), "text", 62) if named else (_("代号"), "text", 90))),
                ("township", _("镇街"), "text", 84),
                ("rank", _("名次"), "count", 45),
                ("score", _("得分"), "score", 55),
            ],
            f"movers_{title}",
            title,
            on_click=to_delegate if named else None,
        )
st.caption(
    _("只列两期数据都已报齐的代表。点击一行，查看该代表。")
    if here.may("names")
    else _("只列两期数据都已报齐的代表。代号代替姓名，各考核期不变。")
)
