"""代表档案: one delegate's score as a receipt, with the records behind every figure."""

import pandas as pd
import streamlit as st

from pages.papers import PAPERS
from pages.parts import access, charts, export, filters, tables
from pages.parts.caching import ask
from pages.words import _
from pages.words.terms import (
    LEFT_OUT,
    REASONS,
    level_name,
    listed,
    period_name,
    plain,
    told,
)
from queries import county, delegate

access.demand("browse")
access.demand("names")
period = filters.headline(_("代表档案"), ask(county.periods_on_record))
everyone = ask(county.ranking, period=period)
labels = {
    d.delegate_id: " · ".join(
        [d.name, *([d.township] if pd.notna(d.township) else []), level_name(d.level)]
    )
    for d in everyone.itertuples()
}
chosen = st.query_params.get("delegate")
if chosen is not None and chosen not in labels:
    known = ask(delegate.profile, delegate_id=chosen)
    if known.empty:
        st.warning(_("代表名册中没有编号 {id}。请在下面选择代表。", id=plain(chosen)))
        chosen = None
    else:
        labels[chosen] = known["name"].iloc[0]


def choose() -> None:
    if st.session_state.pick_delegate is not None:
        st.query_params["delegate"] = st.session_state.pick_delegate


st.session_state.pick_delegate = chosen
st.selectbox(
    _("代表"),
    list(labels),
    key="pick_delegate",
    format_func=labels.__getitem__,
    on_change=choose,
    placeholder=_("输入姓名或镇街查找"),
    width=420,
)
if chosen is None:
    st.info(_("请选择一位代表，或在“代表排名”中点击一行。"))
    st.stop()

export.choose(_("代表"), f"{chosen} · {labels[chosen]}")
who = ask(delegate.profile, delegate_id=chosen).iloc[0]
facts = [level_name(who["level"])]
facts += [plain(who[c]) for c in ("township", "district", "group_name") if pd.notna(who[c])]
facts += [_(who["role"])] if pd.notna(who["role"]) else []
until = _("今") if pd.isna(who["end_date"]) else f"{who['end_date']:%Y-%m-%d}"
facts.append(_("任职 {start} 至 {end}", start=f"{who['start_date']:%Y-%m-%d}", end=until))
st.subheader(plain(who["name"]), anchor=False)
st.caption(" · ".join([plain(chosen), *facts]))

standing = ask(delegate.standing, delegate_id=chosen, periods=(period, period.before))
if str(period) not in set(standing["period"]):
    st.info(_("{period}不在该代表的任期内，没有得分。", period=period_name(str(period))))
    st.stop()
now = standing.set_index("period").loc[str(period)]
export.paper(PAPERS["dossier"], period, chosen)
receipt = ask(delegate.receipt, delegate_id=chosen, period=period)

with st.container(horizontal=True):
    tables.figure(
        _("得分") if now["graded"] else _("得分（参考）"),
        told(now["score"], ".2f"),
        border=True,
        width="content",
    )
    if now["graded"]:
        tables.figure(
            _("等次") if period.is_year else _("预评等次"),
            _("无") if pd.isna(now["grade"]) else _(now["grade"]),
            border=True,
            width="content",
        )
        tables.figure(
            _("同级名次"),
            _("不排名") if pd.isna(now["rank"]) else f"{int(now['rank'])} / {int(now['peers'])}",
            border=True,
            width="content",
        )
    tables.figure(
        _("同级代表中位数"),
        told(now["peer_median"], ".2f"),
        border=True,
        width="content",
    )
if pd.isna(now["score"]):
    st.info(_("本期已报送的数据不足以评分，没有得分。数据补报后自动计算。"))
elif now["graded"] and pd.isna(now["rank"]):
    st.info(_("任职时间不足本期的一半，不参加排名。"))
elif not now["graded"]:
    st.info(_("上级代表的得分仅供参考，不评等次、不排名。"))

st.subheader(_("得分是怎样算出的"), anchor=False)
bill = receipt.assign(
    dimension_name=receipt["dimension_name"].map(_),
    name=receipt["name"].map(_),
    target=receipt["target"].where(receipt["target"] > 0),
    counted=[
        _("{value} {unit}", value=f"{v:g}", unit=_(u))
        for v, u in zip(receipt["value"], receipt["unit"], strict=True)
    ],
    note=[
        _(REASONS[reason])
        if pd.notna(reason)
        else None
        if used
        else _("计入会拉低得分，本期未计入")
        for reason, used in zip(receipt["reason"], receipt["in_base"], strict=True)
    ],
)
tables.show(
    bill,
    "receipt",
    {
        "dimension_name": tables.text(_("维度"), width=90),
        "name": tables.text(_("指标"), width=130),
        "counted": tables.text(_("完成数"), width=90),
        "target": tables.number(_("目标"), "%.2f", width=70),
        "rate": tables.bar(_("完成率"), width=140),
        "peer_rate": tables.share(_("同级中位数"), width=95),
        "weight": tables.number(_("权重"), width=60),
        "points": tables.score(_("权重×完成率"), width=105),
        "contribution": tables.score(_("计入基础分"), width=95),
        "note": tables.text(_("说明"), width=170),
    },
    _("得分计算表"),
)
used = receipt[receipt["in_base"]]
if pd.notna(now["base"]) and not used.empty:
    lines = [
        (
            _("基础分"),
            _(
                "计入指标的“权重×完成率”合计 {points} ÷ 权重合计 {weight} × 100",
                points=told(used["base_points"].iloc[0], ".2f"),
                weight=f"{used['base_weight'].iloc[0]:g}",
            ),
            now["base"],
        ),
        (_("加分"), _("本期加分，最多 10 分"), now["bonus"]),
        (_("扣分"), _("扣分事项"), -now["adjusted_down"]),
        (_("扣分"), _("会议缺席"), -now["absence_session"]),
        (_("扣分"), _("其他活动缺席"), -now["absence_event"]),
        (_("得分"), _("以上合计，最低 0 分、最高 110 分"), now["score"]),
    ]
    sums = pd.DataFrame(lines, columns=["item", "how", "points"])
    sums = sums[(sums["points"] != 0) | sums["item"].isin([_("基础分"), _("得分")])]
    tables.show(
        sums,
        "sums",
        {
            "item": tables.text(_("项目"), width=90),
            "how": tables.text(_("算法"), width=420),
            "points": tables.score(_("分数"), width=90),
        },
        _("得分合计"),
    )

st.subheader(_("四勤"), anchor=False)
four = ask(delegate.diligence, delegate_id=chosen, period=period)
tables.show(
    four.assign(
        diligence=four["diligence"].map(_),
        indicators=[listed(_(n) for n in names.split("；")) for names in four["indicators"]],
    ),
    "diligence",
    {
        "diligence": tables.text(_("项目"), width=90),
        "rate": tables.bar(_("完成率"), width=140),
        "peer_rate": tables.share(_("同级中位数"), width=95),
        "weight": tables.number(_("权重"), width=60),
        "points": tables.score(_("权重×完成率"), width=105),
        "contribution": tables.score(_("计入基础分"), width=95),
        "indicators": tables.text(_("指标"), width=330),
    },
    _("四勤得分表"),
)
st.caption(
    _(
        "同一份得分从四勤来看：只含计入基础分的指标，完成率 = “权重×完成率”合计 ÷ 权重合计，四项“计入基础分”相加就是基础分。“—”表示没有计入的指标。"
    )
)

left, right = st.columns([1, 1], gap="medium")
with left:
    st.subheader(_("与同级代表比较"), anchor=False)
    compared = receipt.assign(name=receipt["name"].map(_))
    charts.draw(
        charts.side_by_side(compared, "rate", "peer_rate", _("本人"), _("同级中位数")),
        "peers",
        _("各指标完成率与同级代表中位数"),
    )
with right:
    st.subheader(_("各季度得分"), anchor=False)
    quarters = tuple(ask(county.quarters_on_record))
    past = ask(delegate.standing, delegate_id=chosen, periods=quarters)
    past = past.set_index("period").reindex([str(q) for q in quarters])
    charts.draw(
        charts.trend(
            {
                _("同级中位数"): (past["peer_median"], charts.ORANGE),
                _("本人"): (past["score"], charts.BLUE),
            },
            quarters,
        ),
        "trend",
        _("各季度得分与同级代表中位数"),
    )

st.subheader(_("本期履职记录"), anchor=False)
evidence = ask(delegate.evidence, delegate_id=chosen, period=period)
if evidence.empty:
    st.caption(_("本期没有记录。"))
    st.stop()
tables.show(
    evidence.assign(
        what=evidence["what"].map(_),
        counts_for=[
            _(LEFT_OUT[out])
            if pd.notna(out)
            else listed(_(n) for n in names.split("；"))
            if pd.notna(names)
            else None
            for out, names in zip(evidence["left_out"], evidence["counts_for"], strict=True)
        ],
        status=evidence["status"].map(
            lambda words: " · ".join(_(w) for w in words.split(" · ")), na_action="ignore"
        ),
    ),
    "evidence",
    {
        "date": tables.day(_("日期"), width=100),
        "what": tables.text(_("事项"), width=125),
        "detail": tables.text(_("内容"), width="large"),
        "status": tables.text(_("状态或结果"), width=100),
        "counts_for": tables.text(_("计入指标"), width=130),
        "adds": tables.number(_("计入数量"), width=75),
        "filename": tables.text(_("来自文件"), width="medium"),
        "row_number": tables.number(_("行号"), width=60),
    },
    _("本期履职记录"),
    height=min(36 * len(evidence) + 40, 560),
)
