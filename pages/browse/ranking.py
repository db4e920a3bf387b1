"""代表排名: every delegate of a level with rank, score and grade."""

import streamlit as st

from pages.exports.table import Column
from pages.parts import access, address, export, filters, tables
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

wanted = everyone
for column, choice in (("level", level), ("township", township), ("role", role), ("grade", grade)):
    if choice != ANY:
        wanted = wanted[wanted[column] == choice]
if name and name.strip():
    wanted = wanted[wanted["name"].str.contains(name.strip(), regex=False)]


def to_delegate(position: int) -> None:
    picked = wanted["delegate_id"].iloc[position]
    address.go("browse/delegate.py", delegate=picked)


if wanted.empty:
    st.info(_("没有符合条件的代表。请放宽筛选条件。"))
    st.stop()

table = wanted.assign(
    change=tables.change(wanted["rank_change"]),
    level=wanted["level"].map(level_name),
    role=wanted["role"].map(_, na_action="ignore"),
    grade=wanted["grade"].map(_, na_action="ignore").where(wanted["graded"], _("参考")),
)
grade_title = _("等次") if period.is_year else _("预评等次")
tables.show(
    table,
    "ranking",
    {
        "rank": tables.number(_("名次"), width=60),
        "change": tables.text(_("变化"), width=62),
        "name": tables.text(_("姓名"), width=75),
        **({"level": tables.text(_("层级"), width=60)} if level == ANY else {}),
        "township": tables.text(_("镇街"), width=95),
        "role": tables.text(_("身份"), width=118),
        "score": tables.score(_("得分"), width=65),
        "grade": tables.text(grade_title, width=80),
        "base": tables.score(_("基础分"), width=68),
        "bonus": tables.number(_("加分"), width=50),
        "deduction": tables.number(_("扣分"), width=50),
        "coverage": tables.share(_("数据覆盖"), width=76),
        **{code: tables.bar(title, width=82) for code, title in dimensions.items()},
    },
    _("代表排名表"),
    on_click=to_delegate,
    height=min(36 * len(table) + 40, 760),
)
st.caption(
    _(
        "共 {count} 人。名次在同一层级代表中排列，同分同名次；名次变化与{before}相比。"
        "数据覆盖不足 100% 的，有镇街尚未报送的指标未计入。各维度为完成率。没有名次：任职不足本期一半、上级代表，或数据未报送。点击一行，查看该代表。",
        count=len(table),
        before=period_name(str(period.before)),
    )
)
any_title = _("全部")
export.buttons(
    table,
    [
        Column("rank", _("名次"), "count"),
        Column("rank_change", _("名次变化"), "count"),
        Column("delegate_id", _("代表编号")),
        Column("name", _("姓名")),
        Column("level", _("层级")),
        Column("township", _("镇街")),
        Column("role", _("身份")),
        Column("score", _("得分"), "score"),
        Column("grade", grade_title),
        Column("base", _("基础分"), "score"),
        Column("bonus", _("加分"), "score"),
        Column("deduction", _("扣分"), "score"),
        Column("coverage", _("数据覆盖"), "share"),
        *(Column(code, title, "share") for code, title in dimensions.items()),
    ],
    _("代表排名"),
    str(period),
    ask(county.scheme_in_force).iloc[0],
    [
        (_("层级"), any_title if level == ANY else level_name(level)),
        (_("镇街"), any_title if township == ANY else township),
        (_("身份"), any_title if role == ANY else _(role)),
        (_("等次"), any_title if grade == ANY else _(grade)),
        (_("姓名"), name or any_title),
    ],
)
