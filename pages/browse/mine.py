"""包联: what one leader looks after, first what of it needs them."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from pages.parts import access, address, export, filters, sheets
from pages.parts.caching import ask
from pages.words import _
from pages.words.terms import level_name, listed, period_name, plain
from queries import county, mine

NEEDS = {
    "suggestion_overdue": "建议逾期未答复",
    "issue_overdue": "问题逾期未整改",
    "opinions_unrouted": "意见未转办",
    "opinions_open": "意见久未办结",
    "findings_open": "检查发现未整改",
    "not_reported": "没有报送",
    "stations_silent": "阵地没有活动",
    "delegates_silent": "代表没有记录",
}
FORMATS = {"activities": "履职活动", "opinions": "群众意见"}
NOBODY, EVERY_NEED = "none", "all"
NAMED = 4  # of several names that many are said

here = access.demand("browse")
access.demand("names")
period = filters.headline(_("包联"), ask(county.periods_on_record))
leaders = ask(mine.leaders)
if leaders.empty:
    st.info(
        _("还没有包联关系。请由县级上传包联表，或在镇街表中填写包联领导。"), icon=":material/info:"
    )
    st.stop()
leaders = leaders.set_index("leader_code")
looked_after = {
    code: listed([*row["townships"], *row["groups"]]) for code, row in leaders.iterrows()
}
own = next((code for code, name in leaders["leader"].items() if name == here.name), None)


def title(code: str) -> str:
    if code == NOBODY:
        return _("请选择领导")
    return f"{leaders.at[code, 'leader']} · {looked_after[code]}"


wanted = st.query_params.get("leader")
if wanted not in (None, NOBODY, *leaders.index):
    st.warning(_("网址中的领导现在没有包联镇街或代表小组，请另选。"))
if here.role == "leader" and own is None:
    st.info(
        _("包联表和镇街表中没有 {name} 的包联对象，可选择其他领导查看。", name=plain(here.name))
    )
options = [*([NOBODY] if own is None else []), *leaders.index]
code = filters.choose(
    _("领导"), options, "leader", title, default=own or NOBODY, local=True, width=560
)
if code == NOBODY:

    def choose(row: pd.Series) -> None:
        st.query_params["leader"] = str(row.name)

    sheets.show(
        leaders.assign(
            **{
                kind: leaders[kind].map(listed).replace("", None)
                for kind in ("townships", "groups")
            }
        ),
        [
            ("leader", _("领导"), "text", 120),
            ("townships", _("包联镇街"), "text", 360),
            ("groups", _("包联代表小组"), "text", 360),
        ],
        "leaders",
        _("包联领导"),
        caption=_("点击一行，查看该领导包联的镇街和代表小组。"),
        on_click=choose,
    )
    st.stop()

leader = leaders.at[code, "leader"]
export.choose(_("领导"), leader)
asked = {"leader": leader, "period": period, "today": filters.today()}
units = ask(mine.my_units, **asked)
for kind, sentence in (
    ("镇街", _("镇街表中没有：{units}。请核对包联表和镇街表。")),
    ("代表小组", _("代表名册中没有：{units}。请核对包联表和代表名册。")),
):
    lacking = units.loc[~units["known"] & (units["unit_kind"] == kind), "unit"]
    if len(lacking):
        st.warning(sentence.format(units=plain(listed(lacking))))
known = units[units["known"]]
if known.empty:
    st.info(_("包联的镇街和代表小组都不在册，没有可看的。"))
    st.stop()

# --- what needs the leader ----------------------------------------------------------------------


def several(names: Sequence[str]) -> str:
    """The first names of a list, and that there are more."""
    said = listed(names[:NAMED])
    return _("{names}等", names=said) if len(names) > NAMED else said


def what(need: Any) -> str:
    """A need in one line; texts from the data as they stand."""
    subject = "" if pd.isna(need.subject) else need.subject
    if need.need == "suggestion_overdue":
        whose = listed([*([need.by_whom] if pd.notna(need.by_whom) else []), *need.names])
        mark = _("【重点督办】") if need.priority else ""
        return mark + _("{subject}（{whose}）", subject=subject, whose=whose)
    if need.need == "issue_overdue":
        if pd.isna(need.by_whom):
            return subject
        return _("{subject}（{whose}）", subject=subject, whose=need.by_whom)
    if need.need == "not_reported":
        return listed(_(FORMATS[format]) for format in need.names)
    if need.need in ("stations_silent", "delegates_silent"):
        return _("{count} 个：{names}", count=need.count_of, names=several(need.names))
    return _("{count} 项，最久：{subject}", count=need.count_of, subject=subject)


def since(need: Any) -> str:
    if pd.isna(need.days):
        return _("本期")
    if need.urgency == 1:
        return _("逾期 {days} 天", days=need.days)
    if need.need == "not_reported":
        return _("期末后 {days} 天", days=need.days) if need.days else _("本期未完")
    return _("已有 {days} 天", days=need.days)


def attend(need: pd.Series) -> None:
    """Lead to where the need can be looked at."""
    opens, several_of_it = need["opens"], need["count_of"] > 1
    match need["need"]:
        case "suggestion_overdue":
            address.go("browse/matters.py", suggestion=opens)
        case "issue_overdue":
            address.go("browse/campaigns.py", campaign=opens)
        case "opinions_unrouted" | "opinions_open":
            address.go("browse/matters.py", opinion=opens)
        case "findings_open":
            address.go("browse/loop.py")
        case "not_reported":
            address.go("browse/townships.py", a=opens)
        case "stations_silent" if several_of_it:
            address.go("browse/stations.py", township=need["unit"])
        case "stations_silent":
            address.go("browse/stations.py", station=opens)
        case "delegates_silent" if several_of_it:
            st.query_params["unit"] = need["unit"]
        case "delegates_silent":
            address.go("browse/delegate.py", delegate=opens)


st.subheader(_("需要您处理的"), anchor=False)
needs = ask(mine.my_needs, **asked).rename(columns={"count": "count_of"})
if needs.empty:
    st.success(_("没有逾期、未办、未报送和没有活动的事项。"), icon=":material/check_circle:")
else:
    totals = needs.groupby("need", sort=False)["of_need"].first()
    only = address.pick(
        st.pills,
        _("事项"),
        [EVERY_NEED, *totals.index],
        "need",
        EVERY_NEED,
        lambda need: _("全部") if need == EVERY_NEED else f"{_(NEEDS[need])} {totals[need]:,}",
        local=True,
        required=True,
        label_visibility="collapsed",
    )
    if only != EVERY_NEED:
        needs = needs[needs["need"] == only]
    told = needs.assign(
        kind=needs["need"].map(NEEDS).map(_),
        what=[what(need) for need in needs.itertuples()],
        since=[since(need) for need in needs.itertuples()],
    )
    sheets.show(
        told,
        [
            ("kind", _("事项"), "text", 130),
            ("since", _("多久"), "text", 110),
            ("unit", _("镇街或小组"), "text", 140),
            ("what", _("内容"), "text", 460),
            ("count_of", _("数量"), "count"),
            ("days", _("天数"), "count"),
        ],
        "needs",
        _("需要处理的事项"),
        caption=_(
            "最急的在前：先是超过法定期限的（重点督办的在先），再是久未办理的，然后是{period}没有报送的、没有活动和记录的。"
            "逾期和未办的截至今天，不论哪个考核期。点击一行，查看详情。",
            period=period_name(str(period)),
        ),
        on_click=attend,
        tall=470,
        narrowed=[
            (_("领导"), leader),
            (_("事项"), _("全部") if only == EVERY_NEED else _(NEEDS[only])),
        ],
    )

# --- the units ----------------------------------------------------------------------------------

st.subheader(_("包联的镇街和代表小组"), anchor=False)


def to_unit(row: pd.Series) -> None:
    st.query_params["unit"] = row["unit"]


ranked = known["rank"].notna() | (known["unit_kind"] != "镇街")
sheets.show(
    known.assign(
        **{name: known[name].where(ranked) for name in ("mean_score", "mean_change", "rank_change")}
    ),
    [
        ("unit", _("镇街或小组"), "text", 165),
        ("delegates", _("代表数"), "count", 65),
        ("scored", _("有得分"), "count", 65),
        ("mean_score", _("平均得分"), "score", 80),
        ("mean_change", _("比上期"), "score", 70),
        ("rank", _("名次"), "count", 55),
        ("rank_change", _("名次变化"), "change", 75),
        ("active_share", _("活跃占比"), "share", 80),
        ("suggestions_open", _("建议在办"), "count", 85),
        ("suggestions_due_soon", _("建议将到期"), "count", 95),
        ("suggestions_overdue", _("建议逾期"), "count", 80),
        ("opinions_open", _("意见未办结"), "count", 90),
        ("issues_open", _("问题未整改"), "count", 90),
        ("issues_overdue", _("问题逾期"), "count", 80),
        ("findings_open", _("检查待整改"), "count", 90),
        ("visits", _("本人检查指导"), "count", 100),
    ],
    "units",
    _("包联镇街和代表小组"),
    caption=_(
        "得分、名次和活跃占比是本期县级、乡镇级代表的，变化与{before}相比；名次在各镇街中排，代表小组不排名；有得分的代表不足一半的镇街，不列得分和名次。"
        "在办、未办结、待整改和逾期的截至今天，建议将到期指30天内到期。本人检查指导：本期到该镇街检查指导的天数。点击一行，在下方看代表。",
        before=period_name(str(period.before)),
    ),
    on_click=to_unit,
)

# --- their delegates ----------------------------------------------------------------------------

st.subheader(_("包联的代表"), anchor=False)
unit = filters.choose(
    _("镇街或小组"), list(dict.fromkeys(known["unit"])), "unit", width=320, local=True
)
members = ask(mine.my_members, **asked)
members = members[members["unit"] == unit].drop_duplicates("delegate_id")
if members.empty:
    st.info(_("{period}没有在任代表的数据。", period=period_name(str(period))))
else:
    said = {True: _("有记录"), False: _("没有记录")}
    sheets.show(
        members.assign(
            level=members["level"].map(level_name),
            grade=members["grade"].map(_, na_action="ignore"),
            is_active=members["is_active"].map(said, na_action="ignore"),
        ),
        [
            ("name", _("姓名"), "text", 80),
            ("level", _("层级"), "text", 75),
            ("score", _("得分"), "score", 70),
            ("rank", _("同级名次"), "count", 75),
            ("grade", _("等次") if period.is_year else _("预评等次"), "text", 80),
            ("is_active", _("本期记录"), "text", 80),
            ("households", _("走访户次"), "count", 75),
            ("receptions", _("接待次数"), "count", 75),
            ("other_activities", _("其他活动"), "count", 75),
            ("opinions", _("意见条数"), "count", 75),
            ("suggestions", _("提出建议"), "count", 75),
            ("events", _("视察调研学习"), "count", 105),
            ("suggestions_open", _("建议在办"), "count", 80),
            ("suggestions_overdue", _("建议逾期"), "count", 80),
            ("township", _("镇街"), "text", 100),
            ("delegate_id", _("代表编号"), "text"),
            ("unit", _("镇街或小组"), "text"),
        ],
        "members",
        _("包联的代表"),
        caption=_(
            "没有记录的在前，再按得分由高到低。“—”：镇街没有报送，或上级代表不排名。点击一行，查看代表档案。"
        ),
        on_click=lambda row: address.go("browse/delegate.py", delegate=row["delegate_id"]),
        tall=520,
        narrowed=[(_("领导"), leader), (_("镇街或小组"), unit)],
    )

with st.expander(_("怎样统计")):
    st.markdown(
        "\n".join(
            f"- {line}"
            for line in (
                _(
                    "包联什么：包联表中该领导的镇街和代表小组，加上镇街表中以其为包联领导的镇街。"
                    "镇街的代表是名册中该镇街的代表，小组的代表是名册中该代表小组的代表。"
                ),
                _(
                    "建议逾期：交办后超过办理期限（3 个月，或 6 个月）没有答复；问题逾期：法定期限已过没有整改。"
                ),
                _(
                    "意见未转办：收集后没有转办也没有办结；意见久未办结：已转办，收集后超过 90 天没有办结。"
                ),
                _("检查发现未整改：检查指导表中有问题而没有整改日期的，不论谁检查。"),
                _(
                    "没有报送：本期有的季度没有该镇街的履职活动或群众意见。阵地没有活动：本期没有一条活动写明该阵地；"
                    "镇街没有报送活动的，不作判断。"
                ),
                _(
                    "代表没有记录：本期没有活动、出席、意见、领衔建议和述职的县级、乡镇级代表；什么都没有报送的镇街，不作判断。"
                ),
            )
        )
    )
