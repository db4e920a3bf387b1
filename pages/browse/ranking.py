"""代表排名: every delegate of a level with rank, score and grade."""

import streamlit as st

from pages.papers import PAPERS
from pages.parts import access, address, export, filters, sheets
from pages.parts.caching import ask
from pages.words import _
from pages.words.terms import GRADES, LEVELS, level_name, period_name
from queries import county

access.demand("browse")
access.demand("names")
period = filters.headline(_("代表排名"), ask(county.periods_on_record))
everyone = ask(county.ranking, period=period)
if everyone.empty:
    st.info(_("{period}没有在任代表的数据。", period=period_name(str(period))))
    st.stop()
indicators = ask(county.indicators)
dimensions = dict(
    zip(indicators["dimension"], (_(n) for n in indicators["dimension_name"]), strict=True)
)
parts = ask(county.dimension_rates, period=period).pivot(
    index="delegate_id", columns="dimension", values="rate"
)
everyone = everyone.join(parts.reindex(columns=list(dimensions)), on="delegate_id")

ANY = "all"
present = [level for level in LEVELS if (everyone["level"] == level).any()]
roles = [
    role for role in ("基层", "领导干部", "常委会组成人员") if (everyone["role"] == role).any()
]
with st.container(horizontal=True, vertical_alignment="bottom"):
    level = filters.choose(
        _("层级"),
        [*present, ANY],
        "level",
        lambda v: _("全部") if v == ANY else level_name(v),
        width=130,
    )
    township = filters.choose(
        _("镇街"),
        [ANY, *ask(county.townships_on_record)["township"]],
        "township",
        lambda v: _("全部") if v == ANY else v,
        width=180,
    )
    role = filters.choose(
        _("身份"), [ANY, *roles], "role", lambda v: _("全部") if v == ANY else _(v), width=170
    )
    grade = filters.choose(
        _("等次"), [ANY, *GRADES], "grade", lambda v: _("全部") if v == ANY else _(v), width=180
    )
    # A name stays out of the URL, and so out of bookmarks, logs and shared links.
    name = st.text_input(_("姓名"), key="ranking_name", placeholder=_("输入姓名中的字"), width=180)
if name and name.strip():
    export.choose(_("姓名"), name.strip())

wanted = everyone
for column, choice in (("level", level), ("township", township), ("role", role), ("grade", grade)):
    if choice != ANY:
        wanted = wanted[wanted[column] == choice]
if name and name.strip():
    wanted = wanted[wanted["name"].str.contains(name.strip(), regex=False)]
export.paper(PAPERS["ranking"], period)
if wanted.empty:
    st.info(_("没有符合条件的代表。请放宽筛选条件。"))
    st.stop()

table = wanted.assign(
    level=wanted["level"].map(level_name),
    role=wanted["role"].map(_, na_action="ignore"),
    grade=wanted["grade"].map(_, na_action="ignore").where(wanted["graded"], _("参考")),
)
sheets.show(
    table,
    [
        ("rank", _("名次"), "count", 60),
        ("rank_change", _("名次变化"), "change", 92),
        ("delegate_id", _("代表编号"), "text"),
        ("name", _("姓名"), "text", 75),
        ("level", _("层级"), "text", 60 if level == ANY else None),
        ("township", _("镇街"), "text", 95),
        ("role", _("身份"), "text", 118),
        ("score", _("得分"), "score", 65),
        ("grade", _("等次") if period.is_year else _("预评等次"), "text", 80),
        ("base", _("基础分"), "score", 68),
        ("bonus", _("加分"), "number", 50),
        ("deduction", _("扣分"), "number", 50),
        ("coverage", _("数据覆盖"), "share", 76),
        *((code, title, "bar", 82) for code, title in dimensions.items()),
    ],
    "ranking",
    _("代表排名表"),
    caption=_(
        "共 {count} 人。名次在同一层级代表中排列，同分同名次；名次变化与{before}相比。"
        "数据覆盖不足 100% 的，有镇街尚未报送的指标未计入。各维度为完成率。没有名次：任职不足本期一半、上级代表，或数据未报送。点击一行，查看该代表。",
        count=len(table),
        before=period_name(str(period.before)),
    ),
    on_click=lambda row: address.go("browse/delegate.py", delegate=row["delegate_id"]),
    tall=760,
)
