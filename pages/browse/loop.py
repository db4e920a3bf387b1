"""五位一体: the five steps of the loop in order, each with its figures, its trend and what is late."""

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from pages.parts import access, address, charts, filters, sheets, tables
from pages.parts.caching import ask
from pages.words import _
from pages.words.rounding import half_up
from pages.words.terms import day, listed, period_name, plain, told
from queries import county, loop

STEPS = {
    "plan": "科学谋划",
    "guidance": "检查指导",
    "routing": "分层转办",
    "tracking": "跟踪督办",
    "assessment": "督导考评",
}
TASK_STATES = {
    "overdue": "过期未完成",
    "behind": "落后于日历",
    "on_course": "按进度",
    "reached": "已达目标",
    "no_data": "没有数据",
    "unmeasured": "不由记录计量",
}
MATTERS = {"suggestion": "代表建议", "issue": "问题整改"}
MATTER_STATES = {
    "overdue": "逾期",
    "due_soon": "30天内到期",
    "open": "其他在办",
    "unassigned": "未交办",
}
SOURCES = {
    "入户走访": "入户走访",
    "接待选民": "接待选民",
    "代表行动": "代表行动",
    "其他": "其他",
    "none": "来源未填",
}
TIERS = {
    "村": "村级",
    "镇": "镇级",
    "市": "市级",
    "none": "层级未填",
    "direct": "直接办结",
    "unrouted": "未转办",
}
OUTCOMES = {
    "已解决": "已解决",
    "列入计划": "列入计划",
    "解释说明": "解释说明",
    "none": "结果未填",
    "in_process": "正在办理",
    "unstarted": "尚未办理",
}
LIGHT_BLUE, LIGHT_ORANGE = charts.GRADE_COLOURS["称职"], charts.GRADE_COLOURS["基本称职"]
STATE_COLOURS = {
    "overdue": charts.ORANGE,
    "due_soon": LIGHT_ORANGE,
    "open": LIGHT_BLUE,
    "unassigned": charts.GREY,
}
OUTCOME_COLOURS = {
    "已解决": charts.BLUE,
    "列入计划": LIGHT_BLUE,
    "in_process": LIGHT_ORANGE,
    "unstarted": charts.ORANGE,
}
access.demand("browse")
access.demand("names")
period = filters.headline(_("五位一体"), ask(county.periods_on_record))
this_period = period_name(str(period))
today = filters.today()
quarters = tuple(ask(county.quarters_on_record))
sheet = partial(sheets.show, tall=420)
history = ask(loop.loop_over_quarters, periods=quarters, today=today).set_index("period")


# --- what the steps share -----------------------------------------------------------------------


def begin(step: str) -> None:
    st.subheader(f"{list(STEPS).index(step) + 1} {_(STEPS[step])}", anchor=step, divider="gray")


def heading(text: str) -> None:
    st.markdown(f"**{text}**")


def tenths(amount: float) -> float:
    return float(half_up(amount, ".1f"))


def longest(wait: Any) -> str | None:
    return None if pd.isna(wait) else _("最长 {count} 天", count=told(wait))


def figure(label: str, value: str, note: str | None = None, late: bool = False) -> None:
    """A figure with a note beneath it, orange where it is something late."""
    tables.figure(
        label,
        value,
        note,
        delta_color="orange" if late else "gray",
        delta_arrow="off",
        border=True,
        width="content",
        height="stretch",
    )


def to_township(picked: list[str]) -> None:
    address.go("browse/townships.py", a=picked[0])


def township_of(row: pd.Series) -> None:
    if pd.notna(row["township"]):
        to_township([row["township"]])


def over_quarters(lines: dict[str, tuple["pd.Series[Any]", str]], key: str, alt: str) -> None:
    if all(values.isna().all() for values, _colour in lines.values()):
        st.caption(_("各季度都没有数据。"))
        return
    charts.draw(charts.amounts(lines, quarters), key, alt)


# --- at one look --------------------------------------------------------------------------------

plans = ask(
    loop.plan_over_quarters, periods=tuple(dict.fromkeys([*quarters, period])), today=today
).set_index("period")
guidance = ask(loop.guidance_figures, period=period, today=today)
tiers = ask(loop.routed_by_tier, period=period, today=today)
tracking = ask(loop.tracking_figures, period=period, today=today).set_index("matter")
county_figures = ask(
    county.county_figures, periods=tuple(dict.fromkeys([*quarters, period]))
).set_index("period")

# Of each step: what its figure is, the figure, how much is late, and that in words.
strip: dict[str, tuple[str, str, int, str]] = {}
if str(period) in plans.index:
    plan_now = plans.loc[str(period)]
    strip["plan"] = (
        _("按进度的任务 / 可计量的"),
        f"{plan_now['on_course']} / {plan_now['measured']}",
        plan_now["behind"],
        _("{count} 项落后", count=plan_now["behind"]),
    )
if not guidance.empty:
    visited = guidance.iloc[0]
    strip["guidance"] = (
        _("检查指导（次）"),
        told(visited["visits"]),
        visited["open_findings"],
        _("{count} 个问题未整改", count=told(visited["open_findings"])),
    )
if not tiers.empty:
    routed = tiers.iloc[-1]
    strip["routing"] = (
        _("转办用时中位数（天）"),
        told(routed["days_median"]),
        routed["unrouted_now"],
        _("{count} 条未转办", count=told(routed["unrouted_now"])),
    )
if "limited" in tracking.index:
    limited = tracking.loc["limited"]
    strip["tracking"] = (
        _("在办的建议和问题（件）"),
        told(limited["open"]),
        limited["overdue"],
        _("{count} 件逾期", count=told(limited["overdue"])),
    )
if str(period) in county_figures.index:
    scores = county_figures.loc[str(period)]
    silent = int(scores["townships_not_reported"])
    strip["assessment"] = (
        _("平均得分"),
        told(scores["mean_score"], ".2f"),
        silent,
        _("{count} 个镇街未报齐", count=silent),
    )
nothing = (_("没有数据"), "—", 0, "")
for place, (cell, step) in enumerate(zip(st.columns(5, gap="small"), STEPS, strict=True), 1):
    label, value, late, note = strip.get(step, nothing)
    with cell, st.container(border=True, height="stretch", gap="xxsmall"):
        st.markdown(f"**[{place} {_(STEPS[step])}](#{step})**")
        tables.figure(label, value, label_visibility="collapsed")
        st.caption(label)
        if note:
            st.markdown(f":orange-background[:orange[{note}]]" if late else f":gray[{note}]")
st.caption(
    _(
        "走访、转办用时、得分为{period}的，任务进度算到该期末（不晚于今天）；未整改、未转办、在办、逾期为今天（{today}）的情况。橙色：堵点所在。点击步骤名称，看下面的详情。",
        period=this_period,
        today=day(today),
    )
)

st.subheader(_("群众意见从收集到办结"), anchor=False)
no_opinions = _("{period}没有收集到群众意见。请上传“群众意见”表。", period=this_period)
ways = ask(loop.opinion_flow, period=period, today=today)
if ways.empty:
    st.info(no_opinions)
else:
    source, tier, outcome = _("来源"), _("办理层级"), _("结果")
    ways = pd.DataFrame(
        {
            source: ways["source"].map(SOURCES).map(_),
            tier: ways["tier"].map(TIERS).map(_),
            outcome: ways["outcome"].map(OUTCOMES).map(_),
            "count": ways["opinions"],
        }
    )
    charts.draw(
        charts.flow(
            ways,
            {
                source: {_(title): charts.GREY for title in SOURCES.values()},
                tier: {
                    _(title): charts.ORANGE if code == "unrouted" else charts.GREY
                    for code, title in TIERS.items()
                },
                outcome: {
                    _(title): OUTCOME_COLOURS.get(code, charts.GREY)
                    for code, title in OUTCOMES.items()
                },
            },
            _("条"),
        ),
        "flow",
        _("群众意见从来源到办理层级、再到结果的流向"),
    )
    st.caption(
        _(
            "{period}收集的 {count} 条意见，每一段合计都是这个数；带子越宽，条数越多。蓝色：已解决或列入计划；橙色：还没有转办或办结。",
            period=this_period,
            count=f"{ways['count'].sum():,}",
        )
    )
    sheet(
        ways,
        [
            *((name, name, "text") for name in (source, tier, outcome)),
            ("count", _("条数"), "count"),
        ],
        "ways",
        _("意见流向"),
    )

st.subheader(_("各镇街的堵点"), anchor=False)
townships = ask(county.township_figures, periods=(period, period.before), today=today)
townships = townships[townships["period"] == str(period)]
stuck = ask(loop.loop_townships, period=period, today=today)
if stuck.empty:
    st.info(_("还没有镇街。请上传“镇街”表。"))
else:
    stuck = stuck.merge(townships[["township", "mean_score", "rank"]], on="township", how="left")
    sheet(
        stuck.assign(
            place=stuck["township"].fillna(_("不属镇街")),
            mean_score=stuck["mean_score"].where(stuck["rank"].notna()),
        ),
        [
            ("place", _("镇街"), "text", 100),
            ("stuck", _("堵点合计"), "count", 75),
            ("visits", _("检查指导（次）"), "count", 95),
            ("open_findings", _("检查未整改"), "count", 85),
            ("unrouted", _("未转办意见"), "count", 85),
            ("suggestions_open", _("在办建议"), "count", 75),
            ("suggestions_overdue", _("逾期建议"), "count", 75),
            ("issues_open", _("在办问题"), "count", 75),
            ("issues_overdue", _("逾期问题"), "count", 75),
            ("mean_score", _("平均得分"), "score", 75),
            ("rank", _("名次"), "count", 50),
        ],
        "townships",
        _("各镇街各步骤"),
        caption=_(
            "堵点合计 = 检查发现而未整改的问题 + 未转办意见 + 逾期建议 + 逾期问题，由多到少排列。检查指导、得分为本期，其余为今天的情况；有得分的代表不足一半的镇街，不列得分和名次。点击一行，查看该镇街。"
        ),
        on_click=township_of,
        tall=800,
    )


# --- 科学谋划 -----------------------------------------------------------------------------------

begin("plan")
plan = ask(loop.plan_progress, period=period, today=today)
if plan.empty:
    st.info(_("{year}年没有年度计划。请上传“年度计划”表。", year=period.year))
else:
    plan_now = plans.loc[str(period)]
    with st.container(horizontal=True, gap="small"):
        figure(_("年度任务（项）"), told(plan_now["tasks"]))
        figure(_("可由记录计量（项）"), told(plan_now["measured"]))
        figure(_("按进度或已达目标（项）"), told(plan_now["on_course"]))
        figure(
            _("落后（项）"),
            told(plan_now["behind"]),
            _("{count} 项过期未完成", count=plan_now["overdue"]),
            bool(plan_now["overdue"]),
        )
    units = plan["unit"].map(_, na_action="ignore").mask(plan["in_percent"], "%")
    units = units.mask(plan["counts"] == "event", _("人次"))
    # what is not reached is not shown as all of it
    shares = plan["reached"].mask(plan["state"] != "reached", plan["reached"].clip(upper=0.99))
    plan = plan.assign(
        unit=units,
        **{name: plan[name].map(tenths, na_action="ignore") for name in ("measured", "expected")},
        state=plan["state"].map(TASK_STATES).map(_),
        text=[
            f"{told(measured)} / {told(target)} {unit}  {told(share, '.0%')}"
            for measured, target, unit, share in zip(
                plan["measured"].map(tenths, na_action="ignore"),
                plan["target"],
                units,
                shares,
                strict=True,
            )
        ],
    )
    left, right = st.columns([3, 2], gap="medium")
    with left:
        heading(_("各任务完成了多少"))
        measured = plan[plan["reached"].notna()]
        if measured.empty:
            st.info(_("没有对应考评指标的任务，或还没有可计量的记录。"))
        else:
            charts.draw(
                charts.progress(measured, "task", "reached", "expected_share", "text", "is_behind"),
                "progress",
                _("各任务完成的份额，与按日历应达到的份额"),
            )
            st.caption(_("条：已完成的份额，橙色为落后；黑色竖线：按日历应达到的份额。"))
    with right:
        heading(_("各季度末落后的任务"))
        lines = plans.reindex(history.index)
        over_quarters(
            {
                _("可计量"): (lines["measured"], charts.GREY),
                _("落后"): (lines["behind"], charts.ORANGE),
            },
            "plan_trend",
            _("各季度末可计量的任务和其中落后的任务"),
        )
    sheet(
        plan,
        [
            ("task", _("任务"), "text", 200),
            ("state", _("进展"), "text", 110),
            ("measured", _("已完成"), "number", 80),
            ("target", _("目标"), "number", 80),
            ("unit", _("单位"), "text", 50),
            ("reached", _("完成份额"), "share", 85),
            ("expected", _("按日历应达到"), "number", 95),
            ("due", _("截止日期"), "day", 90),
            ("lead", _("牵头"), "text", 100),
        ],
        "plan",
        _("年度计划进展"),
        tall=800,
    )
    gaps = ask(loop.plan_gaps, period=period)
    if not gaps.empty:
        st.caption(
            _(
                "以下镇街今年还有季度没有报送履职活动或群众意见，实际进度可能更高：{townships}。",
                townships=listed(
                    _(
                        "{township}（{quarters}季度）",
                        township=plain(t),
                        quarters=listed(map(str, q)),
                    )
                    for t, q in zip(gaps["township"], gaps["quarters"], strict=True)
                ),
            )
        )


# --- 检查指导 -----------------------------------------------------------------------------------

begin("guidance")
if guidance.empty:
    st.info(_("还没有检查指导的记录。请上传“检查指导”表。"))
else:
    visited = guidance.iloc[0]
    missed = stuck[stuck["visits"] == 0]
    with st.container(horizontal=True, gap="small"):
        figure(_("检查指导（次）"), told(visited["visits"]))
        figure(
            _("走访到的镇街"),
            f"{told(visited['townships_visited'])} / {told(visited['townships'])}",
            _("{count} 个没有走访", count=len(missed)),
            not missed.empty,
        )
        figure(
            _("本期发现问题（个）"),
            told(visited["findings"]),
            _("已整改 {count}", count=told(visited["mended"])),
        )
        figure(
            _("现有未整改（个）"),
            told(visited["open_findings"]),
            longest(visited["longest_open"]),
            late=True,
        )
    if not missed.empty:
        st.caption(
            _(
                "本期没有走访的镇街：{townships}。",
                townships=listed(
                    _("{township}（最近 {day}）", township=plain(t), day=day(d))
                    for t, d in zip(missed["township"], missed["last_visit"], strict=True)
                ),
            )
        )
    left, right = st.columns([1, 1], gap="medium")
    with left:
        heading(_("领导到各镇街的走访"))
        sheet(
            ask(loop.leader_visits, period=period),
            [
                ("leader", _("领导"), "text", 65),
                ("township", _("镇街"), "text", 100),
                ("visits", _("本期走访"), "count", 80),
                ("last_visit", _("最近一次"), "day", 95),
            ],
            "visits",
            _("领导走访"),
            caption=_("领导包联的镇街，和本期走访过的镇街；走访最少的在前。点击一行，查看该镇街。"),
            on_click=township_of,
        )
    with right:
        heading(_("五项检查内容"))
        items = ask(loop.guidance_items, period=period)
        sheet(
            items.assign(item=items["item"].map(_)),
            [
                ("item", _("检查项"), "text", 80),
                ("checks", _("检查项次"), "count", 65),
                ("findings", _("发现问题"), "count", 65),
                ("mended", _("已整改"), "count", 60),
                ("open_now", _("现未整改"), "count", 70),
            ],
            "items",
            _("五项检查"),
        )
        heading(_("各季度走访和季末未整改"))
        over_quarters(
            {
                _("走访"): (history["visits"], charts.BLUE),
                _("未整改"): (history["open_findings"], charts.ORANGE),
            },
            "guidance_trend",
            _("各季度走访次数和季末未整改的问题数"),
        )
    findings = ask(loop.open_findings, today=today)
    heading(_("未整改的问题（{count} 个）", count=len(findings)))
    if findings.empty:
        st.caption(_("检查发现的问题都已整改。"))
    else:
        sheet(
            findings.assign(item=findings["item"].map(_)),
            [
                ("days_open", _("已过天数"), "count", 75),
                ("township", _("镇街"), "text", 100),
                ("station", _("阵地"), "text", 170),
                ("item", _("检查项"), "text", 80),
                ("finding", _("发现问题"), "text", 250),
                ("leader", _("领导"), "text", 70),
                ("date", _("检查日期"), "day", 90),
            ],
            "findings",
            _("未整改问题"),
            on_click=township_of,
        )


# --- 分层转办 -----------------------------------------------------------------------------------

begin("routing")
if tiers.empty:
    st.info(no_opinions)
else:
    routed = tiers.iloc[-1]
    with st.container(horizontal=True, gap="small"):
        figure(_("收集意见（条）"), told(routed["collected"]))
        figure(_("转办用时中位数（天）"), told(routed["days_median"]))
        figure(_("九成转办用时（天）"), told(routed["days_nine_of_ten"]))
        figure(
            _("现有未转办（条）"),
            told(routed["unrouted_now"]),
            longest(routed["longest_wait"]),
            late=True,
        )
    left, right = st.columns([3, 2], gap="medium")
    with left:
        heading(_("各层级的转办"))
        names = tiers["tier"].map(TIERS).fillna(TIERS["none"]).map(_)
        sheet(
            tiers.assign(tier=names.mask(tiers["whole"], _("合计"))),
            [
                ("tier", _("办理层级"), "text", 70),
                ("collected", _("收集"), "count", 60),
                ("routed", _("已转办"), "count", 60),
                ("days_median", _("中位天数"), "number", 65),
                ("days_nine_of_ten", _("九成天数"), "number", 65),
                ("unrouted", _("未转办"), "count", 60),
                ("closed_directly", _("直接办结"), "count", 65),
                ("unrouted_now", _("现未转办"), "count", 70),
            ],
            "tiers",
            _("分层转办"),
            caption=_(
                "用时为本期收集的意见从收集到转办的天数，只计已转办的。现未转办：不论何时收集，今天既没有转办也没有办结。直接办结：没有转办日期而已办结。"
            ),
        )
    with right:
        heading(_("各季度转办用时（天）"))
        over_quarters(
            {
                _("九成"): (history["days_nine_of_ten"], charts.GREY),
                _("中位数"): (history["days_median"], charts.BLUE),
            },
            "routing_trend",
            _("各季度收集的意见从收集到转办的天数"),
        )
    waiting = ask(loop.unrouted_opinions, today=today)
    heading(_("未转办的意见（{count} 条）", count=len(waiting)))
    if waiting.empty:
        st.caption(_("收集的意见都已转办或办结。"))
    else:
        sheet(
            waiting,
            [
                ("days_waiting", _("等待天数"), "count", 75),
                ("opinion_id", _("编号"), "text", 130),
                ("township", _("镇街"), "text", 100),
                ("category", _("类别"), "text", 90),
                ("content", _("诉求"), "text", 320),
                ("date", _("收集日期"), "day", 90),
            ],
            "waiting",
            _("未转办意见"),
            caption=_("点击一行，查看该意见。"),
            on_click=lambda row: address.go("browse/matters.py", opinion=row["opinion_id"]),
        )


# --- 跟踪督办 -----------------------------------------------------------------------------------


def to_matter(row: pd.Series) -> None:
    """A suggestion has a page of its own; an issue is on that of its campaign."""
    if row["matter"] == "suggestion":
        address.go("browse/matters.py", suggestion=row["number"])
    else:
        address.go("browse/campaigns.py", campaign=row["campaign"])


def overdue_of(matter: str) -> tuple[str, str | None, bool]:
    """How many of a matter are open, and how many of these overdue."""
    if matter not in tracking.index:
        return "—", None, False
    found = tracking.loc[matter]
    late = found["overdue"]
    return told(found["open"]), _("{count} 件逾期", count=told(late)), bool(late)


begin("tracking")
if "limited" not in tracking.index:
    st.info(_("还没有代表建议和问题整改的记录。请上传“代表建议”表或“问题整改”表。"))
else:
    limited = tracking.loc["limited"]
    with st.container(horizontal=True, gap="small"):
        figure(_("在办建议（件）"), *overdue_of("suggestion"))
        figure(_("在办问题（件）"), *overdue_of("issue"))
        figure(_("其中30天内到期（件）"), told(limited["due_soon"]))
        figure(
            _("本期办结（件）"),
            told(limited["done"]),
            _("{count} 件逾期办结", count=told(limited["done_late"])),
        )
        if "opinion" in tracking.index:
            figure(_("已转办未办结的意见（条）"), told(tracking.loc["opinion", "open"]))
    for cell, title, question, whose, unsaid, key, on_click in zip(
        st.columns([1, 1], gap="medium"),
        (_("按承办单位和专班"), _("按镇街")),
        (loop.open_by_agency, loop.open_by_township),
        ("agency", "township"),
        (_("单位未填"), _("镇街未填")),
        ("by_agency", "by_township"),
        (None, to_township),
        strict=True,
    ):
        with cell:
            heading(title)
            matters = ask(question, today=today)
            if matters.empty:
                st.caption(_("没有在办的建议和问题。"))
                continue
            found = [state for state in MATTER_STATES if matters[state].any()]
            titles = {_(MATTER_STATES[state]): STATE_COLOURS[state] for state in found}
            grid = matters.set_index(matters[whose].fillna(unsaid))[found]
            charts.draw(
                charts.stacked(grid.set_axis(list(titles), axis=1), titles, _("件")),
                key,
                _("在办的建议和问题：{whose}", whose=title),
                on_click,
            )
    st.caption(
        _("n 为在办的建议和问题合计。建议按承办单位和领衔代表的镇街，问题按专班和问题所在的镇街。")
    )
    heading(_("各季度末在办和逾期（件）"))
    over_quarters(
        {
            _("在办"): (history["open"], charts.BLUE),
            _("逾期"): (history["overdue"], charts.ORANGE),
        },
        "tracking_trend",
        _("各季度末在办的和逾期的建议和问题"),
    )
    overdue = ask(loop.overdue_matters, today=today)
    heading(_("逾期的建议和问题（{count} 件）", count=len(overdue)))
    if overdue.empty:
        st.caption(_("没有逾期的建议和问题。"))
    else:
        sheet(
            overdue.assign(kind=overdue["matter"].map(MATTERS).map(_)),
            [
                ("days_late", _("逾期天数"), "count", 75),
                ("kind", _("种类"), "text", 95),
                ("number", _("编号"), "text", 110),
                ("title", _("内容"), "text", 300),
                ("agency", _("承办单位或专班"), "text", 140),
                ("township", _("镇街"), "text", 100),
                ("due", _("期限"), "day", 90),
            ],
            "overdue",
            _("逾期事项"),
            caption=_("点击一行，查看该建议，或问题所在的主题行动。"),
            on_click=to_matter,
        )


# --- 督导考评 -----------------------------------------------------------------------------------

begin("assessment")
if townships.empty:
    st.info(_("{period}没有在任代表的数据。", period=this_period))
else:
    scores = county_figures.loc[str(period)]
    changes = ask(county.county_changes, period=period)
    has_before = not changes.empty and period.before.quarters[0] in quarters
    with st.container(horizontal=True, gap="small"):
        for label, column, shape in (
            (_("平均得分"), "mean_score", ".2f"),
            (_("有得分的代表（人）"), "scored", ",.0f"),
            (_("未报齐的镇街（个）"), "townships_not_reported", ",.0f"),
        ):
            change = changes[column].iloc[0] if has_before else None
            figure(
                label,
                told(scores[column], shape),
                None if pd.isna(change) else _("比上期 {change}", change=told(change, f"+{shape}")),
            )
    left, right = st.columns([1, 1], gap="medium")
    with left:
        heading(_("各镇街平均得分"))
        if townships.empty:
            st.info(_("本期没有代表属于镇街。"))
        else:
            charts.draw(
                charts.township_bars(townships),
                "scores",
                _("各镇街平均得分，由高到低"),
                to_township,
            )
    with right:
        heading(_("等次（人）"))
        grades = ask(loop.grade_counts, period=period).set_index("grade").T
        grades = grades.set_axis([this_period, period_name(str(period.before))], axis=0)
        given = grades.columns[grades.any()]
        if given.empty:
            st.caption(_("还没有代表有等次。"))
        else:
            titles = {_(grade): charts.GRADE_COLOURS[grade] for grade in given}
            grid = grades[given].set_axis(list(titles), axis=1)
            charts.draw(
                charts.stacked(grid if has_before else grid.iloc[:1], titles, _("人")),
                "grades",
                _("本期和上期各等次的人数"),
            )
            if not period.is_year:
                st.caption(_("本期等次为预评，年度考核时确定。"))
        heading(_("各季度平均得分"))
        charts.draw(
            charts.trend(
                {_("全县"): (county_figures["mean_score"].reindex(history.index), charts.BLUE)},
                quarters,
            ),
            "score_trend",
            _("全县各季度平均得分"),
        )
    st.caption(
        _("点击一个镇街，查看它。灰条：有得分的代表不足一半，不排名。")
        + (_("变化与{before}相比。", before=period_name(str(period.before))) if has_before else "")
    )
    with st.container(horizontal=True):
        for page, label, icon in (
            ("browse/overview.py", _("总览"), ":material/dashboard:"),
            ("browse/townships.py", _("镇街对比"), ":material/compare_arrows:"),
            ("browse/ranking.py", _("代表排名"), ":material/format_list_numbered:"),
        ):
            st.page_link(page, label=label, icon=icon, query_params=address.link())

with st.expander(_("怎样统计")):
    st.markdown(
        "\n".join(
            f"- **{_(STEPS[step])}**　{text}"
            for step, text in {
                "plan": _(
                    "取自“年度计划”表。有指标的任务，由全县代表的记录计量：计数的指标为年初到期末（不晚于今天）的合计；提出建议只计领衔的，附议不计；视察、调研、培训按出席人次。出席会议为出席半天数占应到半天数的百分数，请假不算出席；建议办理成效为得到的占应得的百分数。按日历应达到 = 目标 × 已过天数 ÷ 1月1日到截止日期的天数（没有截止日期的，到12月31日），最多为目标；百分数直接与目标比。少于应达到的为落后，截止日期已过而没有达到目标的为过期未完成。没有指标的任务不由记录计量。"
                ),
                "guidance": _(
                    "取自“检查指导”表。一位领导一天到一个镇街，计一次走访；一次走访在一处检查一项内容，计一项次。写了发现问题的计为问题，填了整改日期的为已整改。包联关系取自“包联”表和“镇街”表。"
                ),
                "routing": _(
                    "取自“群众意见”表。用时为收集日期到转办日期的天数；中位数：一半意见不超过的天数。未转办：既没有转办日期也没有办结日期。流向图的层级只列已转办或已办结的；有办结日期的按结果分，其余已转办的为正在办理。意见属于收集它的代表的镇街。"
                ),
                "tracking": _(
                    "取自“代表建议”和“问题整改”表。建议的期限为交办日期加3个月，重大复杂的加6个月（代表法第五十一条），按日历月；问题的期限为表中的法定期限，没有填的不会逾期。逾期：期限在今天以前，而没有答复或整改。各季度末的数按表中日期推算。"
                ),
                "assessment": _(
                    "得分、等次、名次与“总览”“镇街对比”相同。未报齐：本期有季度没有报送履职活动或群众意见的镇街。"
                ),
            }.items()
        )
    )
