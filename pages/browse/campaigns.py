"""主题行动: one campaign in a period: who takes part, what was resolved, found and fixed."""

from collections.abc import Callable, Sequence
from functools import partial

import pandas as pd
import streamlit as st

from pages.parts import access, address, charts, filters, sheets, tables
from pages.parts.caching import ask
from pages.words import _
from pages.words.terms import listed, period_name, plain, told
from queries import campaigns, county

CONCERNS = {"solved": "已解决", "closed_otherwise": "其他办结", "open": "未办结"}
CONCERN_COLOURS = (charts.BLUE, charts.GRADE_COLOURS["称职"], charts.PALE)
PROBLEMS = {
    "in_time": "按期整改",
    "late": "逾期整改",
    "open": "未到期",
    "overdue": "逾期未整改",
}
PROBLEM_COLOURS = (charts.BLUE, charts.GRADE_COLOURS["基本称职"], charts.PALE, charts.ORANGE)
STATES = {
    "overdue": "逾期未整改",
    "due_soon": "30天内到期",
    "open": "未到期",
    "fixed_late": "逾期整改",
}
WAYS = {"all": "合计", "channel": "发现渠道", "taskforce": "专班", "township": "镇街"}
EVERY_KIND = "all"

access.demand("browse")
access.demand("names")
period = filters.headline(_("主题行动"), ask(county.periods_on_record))
on_record = ask(campaigns.campaigns_on_record).set_index("campaign")
if on_record.empty:
    st.info(
        _(
            "还没有主题行动的记录。上传的履职活动、群众意见、问题整改表中填有“主题”的，"
            "按主题在这里显示。"
        ),
        icon=":material/info:",
    )
    st.stop()
wanted = st.query_params.get("campaign")
if wanted is not None and wanted not in on_record.index:
    st.warning(_("没有主题为“{campaign}”的记录，请另选。", campaign=plain(wanted)))
campaign = filters.choose(_("主题"), list(on_record.index), "campaign", width=320)
records = on_record.loc[campaign]
quarters = tuple(ask(county.quarters_on_record))
asked = {"campaign": campaign, "today": filters.today()}
sheet = partial(sheets.show, narrowed=[(_("主题"), campaign)])


def to_township(picked: list[str]) -> None:
    if picked[0] in named_townships:
        address.go("browse/townships.py", a=picked[0])


def heading(text: str) -> None:
    st.markdown(f"**{text}**")


def parted(
    rows: pd.DataFrame,
    label: "pd.Series[str]",
    parts: dict[str, str],
    colours: Sequence[str],
    unit: str,
) -> charts.Spec:
    """Bars of the ``parts`` (columns and their titles) of each row."""
    titles = [_(title) for title in parts.values()]
    grid = rows[list(parts)].set_axis(titles, axis=1).set_axis(list(label), axis=0)
    return charts.stacked(grid, dict(zip(titles, colours, strict=True)), unit)


# --- key figures --------------------------------------------------------------------------------

before = period.before
figures = ask(
    campaigns.campaign_figures, periods=tuple(dict.fromkeys([*quarters, before, period])), **asked
).set_index("period")
history = figures.loc[[str(q) for q in quarters]]


def figure(label: str, column: str, shape: str = ",", help: str | None = None) -> None:
    """One key figure of the period, with that of the period before and the quarters' history."""
    tables.figure(
        label,
        told(figures.at[str(period), column], shape),
        _("上期 {value}", value=told(figures.at[str(before), column], shape))
        if before.quarters[0] in quarters
        else None,
        delta_color="off",
        delta_arrow="off",
        border=True,
        chart_data=[float(v) for v in history[column].dropna()],
        help=help,
    )


def overdue() -> None:
    tables.figure(
        _("逾期未整改（个）"),
        told(figures.at[str(period), "overdue_now"]),
        border=True,
        help=_("截至今天期限已过而没有整改的，不论何时发现。"),
        height="stretch",
    )


key_figures: list[Callable[[], None]] = []
if records["activities"]:
    everybody = _("参与代表 ÷ 在任代表，四级代表都算。")
    if unheard := figures.at[str(period), "unheard"]:
        everybody += _("所在镇街没有报送履职活动的 {count} 名代表不计在内。", count=unheard)
    key_figures += [
        partial(figure, _("参与代表（人）"), "participants"),
        partial(figure, _("参与率"), "participation", ".1%", everybody),
        partial(figure, _("活动（次）"), "activities"),
    ]
    if not records["issues"]:
        key_figures.append(partial(figure, _("有活动的镇街（个）"), "townships_active"))
if records["opinions"]:
    whenever = _("本期办结、结果为“已解决”的，不论何时收集。")
    key_figures += [
        partial(figure, _("收集诉求（条）"), "collected"),
        partial(figure, _("解决诉求（条）"), "solved", help=whenever),
    ]
if records["issues"]:
    whenever = _("整改日期在本期的，不论何时发现。")
    key_figures += [
        partial(figure, _("发现问题（个）"), "found"),
        partial(figure, _("整改问题（个）"), "fixed", help=whenever),
        overdue,
    ]
for first in range(0, len(key_figures), 4):
    for cell, draw in zip(st.columns(4, gap="small"), key_figures[first : first + 4], strict=False):
        with cell:
            draw()
st.caption(_("折线为各季度。"))

# --- participation ------------------------------------------------------------------------------

townships = ask(campaigns.campaign_townships, period=period, **asked)
named_townships = set(townships["township"].dropna())
labels = townships["township"].fillna(_("不属镇街"))
townships = townships.assign(label=labels)
silent = townships[townships["participation"].isna()]
if records["activities"]:
    left, right = st.columns([1, 1], gap="medium")
    with left:
        st.subheader(_("各镇街参与率"), anchor=False)
        part = townships.dropna(subset="participation")
        if part.empty:
            st.info(_("{period}还没有镇街报送履职活动。", period=period_name(str(period))))
        else:
            texts = [
                f"{told(row.participation, '.0%')}  {row.participants} / {row.delegates}"
                for row in part.itertuples()
            ]
            charts.draw(
                charts.bars(part.assign(text=texts), "label", "participation", "text"),
                "participation",
                _("各镇街参与率，由高到低"),
                to_township,
            )
            st.caption(
                _(
                    "参与率 = 本期至少有一次本主题活动的代表 ÷ 在任代表，条上为参与代表 / 在任代表。"
                    "点击一条，查看该镇街。"
                )
                + (
                    _("没有报送履职活动：{townships}。", townships=plain(listed(silent["label"])))
                    if len(silent)
                    else ""
                )
            )
    with right:
        st.subheader(_("各类活动"), anchor=False)
        kinds = ask(campaigns.campaign_kinds, period=period, campaign=campaign)
        if kinds.empty:
            st.caption(_("本期没有本主题的活动记录。"))
        else:
            charts.draw(
                charts.bars(kinds.assign(kind=kinds["kind"].map(_)), "kind", "activities"),
                "kinds",
                _("各类活动的次数"),
            )
            st.caption(_("本期各类活动的次数；已退回的不计。"))
        st.subheader(_("各季度参与"), anchor=False)
        charts.draw(
            charts.amounts(
                {
                    _("活动"): (history["activities"], charts.GREY),
                    _("参与代表"): (history["participants"], charts.BLUE),
                },
                quarters,
            ),
            "participation_trend",
            _("各季度活动次数和参与代表人数"),
        )

# --- concerns -----------------------------------------------------------------------------------

if records["opinions"]:
    left, right = st.columns([1, 1], gap="medium")
    with left:
        st.subheader(_("各镇街诉求办理"), anchor=False)
        raised = townships[townships["collected"] > 0].sort_values(
            "collected", ascending=False, kind="stable"
        )
        if raised.empty:
            st.caption(_("本期没有收集本主题的诉求。"))
        else:
            charts.draw(
                parted(raised, raised["label"], CONCERNS, CONCERN_COLOURS, _("条")),
                "concerns",
                _("各镇街收集的诉求，按办理结果"),
                to_township,
            )
            st.caption(_("本期收集的诉求，办理结果截至今天；n 为收集条数。"))
    with right:
        st.subheader(_("各季度收集和解决"), anchor=False)
        charts.draw(
            charts.amounts(
                {
                    _("收集"): (history["collected"], charts.GREY),
                    _("解决"): (history["solved"], charts.BLUE),
                },
                quarters,
            ),
            "concerns_trend",
            _("各季度收集和解决的诉求条数"),
        )
        st.caption(_("解决按办结日期计入季度，收集按收集日期。"))

if records["activities"] or records["opinions"]:
    st.subheader(_("各镇街情况"), anchor=False)
    sheet(
        townships,
        [
            ("label", _("镇街"), "text", 110),
            ("delegates", _("在任代表"), "count", 80),
            ("participants", _("参与代表"), "count", 80),
            ("participation", _("参与率"), "share", 80),
            ("activities", _("活动（次）"), "count", 80),
            ("collected", _("收集诉求"), "count", 80),
            ("closed", _("其中办结"), "count", 80),
            ("solved", _("其中解决"), "count", 80),
            ("open", _("未办结"), "count", 80),
            ("solved_in_period", _("本期解决"), "count", 80),
        ],
        "townships",
        _("主题行动镇街情况"),
        caption=_(
            "“其中办结”“其中解决”“未办结”是本期收集的诉求截至今天的情况；“本期解决”按办结日期，"
            "不论何时收集。“—”表示该镇街本期没有报送。点击一行，查看该镇街。"
        ),
        on_click=lambda row: to_township([row["township"]]),
        tall=700,
    )

# --- problems -----------------------------------------------------------------------------------

st.subheader(_("发现和整改问题"), anchor=False)
if not records["issues"]:
    st.caption(_("本主题没有问题整改记录。有的，请由县级上传问题整改表，并填明主题。"))
else:
    issues = ask(campaigns.campaign_issues, period=period, **asked)

    issues = issues.assign(
        label=issues["name"].map(_, na_action="ignore").fillna(_("未填写")),
        slow=issues["days_taken"] > issues["days_allowed"],
        days=[
            _("{days} 天，期限 {limit} 天", days=f"{days:g}", limit=f"{limit:g}")
            for days, limit in zip(issues["days_taken"], issues["days_allowed"], strict=True)
        ],
    )
    by_channel = issues[issues["way"] == "channel"]
    by_taskforce = issues[issues["way"] == "taskforce"]
    if issues.empty:
        st.caption(_("本期没有发现问题。"))
    else:
        whole = issues[issues["way"] == "all"].iloc[0]
        taskforces = figures.at[str(period), "taskforces"]
        st.markdown(
            _(
                "本期通过 {channels} 个渠道发现问题 {found} 个",
                channels=figures.at[str(period), "channels"],
                found=whole["found"],
            )
            + (_("，涉及 {taskforces} 个专班", taskforces=taskforces) if taskforces else "")
            + _(
                "：按期整改 {in_time} 个，逾期整改 {late} 个，未到期 {open} 个，逾期未整改 {overdue} 个。",
                **whole[[*PROBLEMS]],
            )
        )
        for cell, key, title, rows in zip(
            st.columns([1, 1], gap="medium"),
            ("by_channel", "by_taskforce"),
            (_("按发现渠道"), _("按专班")),
            (by_channel, by_taskforce),
            strict=True,
        ):
            if rows["name"].isna().all():
                continue
            with cell:
                heading(title)
                charts.draw(
                    parted(rows, rows["label"], PROBLEMS, PROBLEM_COLOURS, _("个")), key, title
                )
        st.caption(
            _("本期发现的问题，整改情况截至今天；n 为发现的个数。没有法定期限的，不算逾期。")
        )
    left, right = st.columns([1, 1], gap="medium")
    with left:
        heading(_("各季度发现和整改"))
        charts.draw(
            charts.amounts(
                {
                    _("发现"): (history["found"], charts.GREY),
                    _("整改"): (history["fixed"], charts.BLUE),
                },
                quarters,
            ),
            "issues_trend",
            _("各季度发现和整改的问题个数"),
        )
    with right:
        fixed = by_channel[by_channel["days_taken"].notna() & by_channel["days_allowed"].notna()]
        if not fixed.empty:
            heading(_("整改用时与法定期限"))
            charts.draw(
                charts.bars(fixed, "label", "days_taken", "days", "slow"),
                "days",
                _("各渠道整改用时的中位数，与法定期限的中位数"),
            )
            st.caption(_("本期发现并已整改的问题，用时和期限都取中位数。橙色：用时超过期限。"))
    if not issues.empty:
        table = issues.assign(
            way=issues["way"].map(WAYS).map(_),
            name=issues["label"].where(issues["way"] != "all"),
        )
        sheet(
            table,
            [
                ("way", _("分组"), "text", 120),
                ("name", _("名称"), "text", 140),
                ("found", _("发现"), "count", 70),
                ("in_time", _("按期整改"), "count", 85),
                ("late", _("逾期整改"), "count", 85),
                ("open", _("未到期"), "count", 75),
                ("overdue", _("逾期未整改"), "count", 100),
                ("in_time_share", _("按期率"), "share", 80),
                ("days_taken", _("用时中位数（天）"), "number", 130),
                ("most_days_taken", _("最长用时（天）"), "count", 120),
                ("days_allowed", _("期限中位数（天）"), "number", 130),
            ],
            "issues",
            _("问题整改情况"),
            caption=_(
                "用时：发现到整改的天数，只算已整改的；期限：发现到法定期限的天数。"
                "按期率 = 按期整改 ÷（按期整改 + 逾期整改 + 逾期未整改）。"
            ),
            tall=520,
        )

    st.subheader(_("逾期和未整改的问题"), anchor=False)
    late = ask(campaigns.campaign_late, period=period, **asked)
    if late.empty:
        st.success(_("问题都已整改，本期发现的没有逾期。"), icon=":material/check_circle:")
    else:
        sheet(
            late.assign(state=late["state"].map(STATES).map(_), channel=late["channel"].map(_)),
            [
                ("state", _("状态"), "text", 110),
                ("days_late", _("逾期（天）"), "count", 90),
                ("township", _("镇街"), "text", 110),
                ("channel", _("发现渠道"), "text", 100),
                ("taskforce", _("专班"), "text", 110),
                ("content", _("内容"), "text", 260),
                ("date", _("发现日期"), "day", 105),
                ("due", _("法定期限"), "day", 105),
                ("fixed", _("整改日期"), "day", 105),
                ("issue_id", _("编号"), "text", 110),
            ],
            "late",
            _("逾期和未整改的问题"),
            caption=_(
                "到今天还没有整改的，不论何时发现；以及本期发现、整改时已过法定期限的。逾期最久的在前。"
            ),
            tall=440,
        )

    # --- supervised objects ---------------------------------------------------------------------

    st.subheader(_("监督对象"), anchor=False)
    counts = ask(campaigns.supervised_counts)
    if counts.empty:
        st.caption(_("还没有监督对象。请由县级上传监督对象表。"))
    else:

        def numbers(way: str, kind: str) -> str:
            """How many objects of the kind there are of each method or status."""
            rows = counts[(counts["way"] == way) & (counts["kind"] == kind)]
            names = rows["value"].fillna(_("未填写"))
            return listed(f"{name} {n:,}" for name, n in zip(names, rows["objects"], strict=True))

        def to_kind(picked: list[str]) -> None:
            st.query_params["kind"] = picked[0]

        of_kind = counts[counts["way"] == "kind"]
        left, right = st.columns([2, 3], gap="medium")
        with left:
            charts.draw(
                charts.bars(of_kind, "kind", "objects"),
                "supervised",
                _("各类监督对象个数"),
                to_kind,
                [],
            )
        with right:
            tables.read(
                of_kind.assign(
                    methods=[numbers("method", kind) for kind in of_kind["kind"]],
                    statuses=[numbers("status", kind) for kind in of_kind["kind"]],
                ),
                {"kind": _("类别"), "methods": _("监管方式"), "statuses": _("状态")},
                _("各类监督对象"),
                narrowed=[],
            )
        st.caption(_("监督对象表是全县的，不分主题，也不分考核期。点击一条，在下表只看这一类。"))
        kind = filters.choose(
            _("类别"),
            [EVERY_KIND, *of_kind["kind"]],
            "kind",
            lambda code: _("全部") if code == EVERY_KIND else code,
            local=True,
            width=240,
        )
        objects = ask(campaigns.supervised_objects)
        sheet(
            objects if kind == EVERY_KIND else objects[objects["kind"] == kind],
            [
                ("kind", _("类别"), "text", 130),
                ("object_id", _("编号"), "text", 110),
                ("name", _("名称"), "text", 260),
                ("township", _("镇街"), "text", 120),
                ("method", _("监管方式"), "text", 130),
                ("status", _("状态"), "text", 110),
            ],
            "objects",
            _("监督对象"),
            tall=400,
            narrowed=[(_("类别"), _("全部") if kind == EVERY_KIND else kind)],
        )

with st.expander(_("怎样统计")):
    st.markdown(
        "\n".join(
            f"- {line}"
            for line in (
                _("主题：履职活动、群众意见、问题整改三张表的“主题”列，名称相同的算一个主题。"),
                _(
                    "活动和参与代表：履职活动表中本主题、日期在本期和任期之内、没有退回的记录；"
                    "一位代表一期算一人，不论几次。在任代表：本期内至少有一天在任，四级代表都算，"
                    "所以与只比较县级、乡镇级代表的页面人数不同。"
                ),
                _("诉求：群众意见表中本主题的意见，镇街按代表所在镇街。"),
                _(
                    "问题：问题整改表中本主题的问题。整改日期不晚于法定期限的为按期；"
                    "到今天没有整改而期限已过的为逾期未整改。"
                ),
                _(
                    "没有报送的镇街不当作零，显示为“—”，也不画在图上；全县参与率也不计这些镇街的代表。"
                ),
            )
        )
    )
