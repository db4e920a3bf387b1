"""会议与选举: who came to the meetings, and whether a nomination, a motion or a count stands."""

from collections.abc import Iterable
from typing import Any

import pandas as pd
import streamlit as st

from pages.parts import access, address, charts, export, filters, sheets, tables
from pages.parts.caching import ask
from pages.words import _
from pages.words.rounding import half_up
from pages.words.terms import LEVELS, level_name, listed, period_name, plain
from queries import county, sessions
from queries.sessions import rules

VIEWS = {
    "attendance": "会议出席",
    "nomination": "核对联合提名",
    "motion": "核对代表议案",
    "count": "核对计票",
}
RULES = {
    "roll": "到会人数",
    "quorum": "法定人数",
    "votes_cast": "票数",
    "majority": "过半数",
    "signatures": "签名人数",
    "distinct": "签名不重复",
    "members": "本级在任代表",
    "seats": "不超过应选名额",
    "written": "书面联名",
    "in_time": "规定的时间",
}
ASKED = {
    "roll": "不多于全体代表 {asked} 人",
    "quorum": "全体代表 {delegates} 人的三分之二以上，即至少 {asked} 人",
    "votes_cast": "各种票合计不多于到会 {asked} 人",
    "majority": "超过全体代表 {delegates} 人的半数，即至少 {asked} 人",
    "signatures": "代表 {asked} 人以上联名",
    "distinct": "一人多次签名只计一人",
    "members": "签名人是本级人民代表大会的在任代表",
    "seats": "每名代表联合提名的候选人不超过 {asked} 人",
    "written": "书面提出",
    "in_time": "在主席团规定的时间内提出",
}
FOUND = {
    "roll": "到会 {found} 人",
    "quorum": "到会 {found} 人",
    "votes_cast": "{votes} = {found}",
    "majority": "赞成 {found} 人",
    "signatures": "有效签名 {found} 人",
}
BROKEN = {
    "signatures": "有效签名 {found} 人（需要 {asked} 人）",
    "written": "没有书面联名",
    "in_time": "不在主席团规定的时间内",
}
MATTERS = {"election": "选举（一名候选人）", "resolution": "通过决议"}
# What a flaw of the count means: there was no meeting, no valid vote, or a slip of the pen.
NO_VOTE = {
    ("election", "roll"): "人数有误：到会人数不能多于全体代表人数。请核对。",
    ("resolution", "roll"): "人数有误：到会人数不能多于全体代表人数。请核对。",
    ("election", "quorum"): "到会代表不足全体代表的三分之二，不符合法定人数，不能进行选举。",
    ("resolution", "quorum"): "到会代表不足全体代表的三分之二，不符合法定人数，不能进行表决。",
    ("election", "votes_cast"): "所投的票数多于到会人数，本次选举无效。",
    ("resolution", "votes_cast"): "所投的票数多于到会人数，本次表决无效。",
}
ARTICLES = {
    "organic 14.4": "地方组织法第十四条第四款",
    "organic 22.2": "地方组织法第二十二条第二款",
    "organic 25": "地方组织法第二十五条",
    "organic 26.2": "地方组织法第二十六条第二款",
    "organic 26.3": "地方组织法第二十六条第三款",
    "electoral 44.1": "参照选举法第四十四条第一款",
    "rules of the meeting": "本次会议的选举办法",
}
OF_ATTENDANCE = (
    "会议是“活动考勤”中活动类型为“会议”、日期在考核期内的活动；应到是考勤表中列出、当日在任的代表。",
    "出席率 = 出席 ÷ 应到；多次会议的出席率由人次合计相除，请假和缺席都不算出席。",
    "全体代表是代表名册上会议当日在任的本级代表，乡镇级为本镇的代表。",
    "法定人数：全体代表三分之二以上出席，会议始得举行（地方组织法第十四条第四款）。",
    "只判断县级、乡镇级的代表大会会议，即名称中有“人民代表大会”或“人大……次会议”的；常务委员会、专门委员会、主席团、代表团、小组的会议，代表的座谈、培训等不是代表大会会议。",
    "按会议名称判断：名称中有镇街名称的，是该镇的会议，没有的是县级的会议；列出的其他代表为列席，不判断。所列上级代表比县级代表多的，不判断。",
    "地市级以上的人民代表大会，名册上只有本县的代表，无法判断，显示为“—”。",
)
OF_NOMINATION = (
    "联合提名须书面联名：省级 30 人、地市级 20 人、县级 10 人、乡镇级 10 人以上（地方组织法第二十六条第二款）。",
    "每名代表与其他代表联合提名的候选人人数，不得超过应选名额（同条第三款）。法律没有规定超过以后哪一份有效，这里把该代表的签名全部不计。",
    "提名的时间由主席团按选举办法规定；换届选举时，提名、酝酿候选人的时间不得少于两天（地方组织法第二十七条第二款）。",
    "同一人多次签名只计一人；签名人必须是代表名册上今天在任的本级代表。",
    "不核对候选人的资格、主席团的提名和差额。",
)
OF_MOTION = (
    "议案须由代表联名：县级以上 10 人、乡镇级 5 人以上（地方组织法第二十二条第二款）。",
    "是否列入会议议程，由主席团决定。",
)
OF_COUNT = (
    "选举和通过决议，以全体代表的过半数通过（地方组织法第二十五条），不是到会代表的过半数；正好一半不算过半数。",
    "会议须有全体代表三分之二以上出席（地方组织法第十四条第四款）。",
    "地方组织法没有规定票数多于人数的情形，这里参照选举法第四十四条第一款：所投的票数多于投票人数的无效。",
    "赞成过半数的候选人多于应选名额时，以得票多的当选（地方组织法第二十九条）；这里一次只核对一名候选人。",
)
HELP = {
    "attendance": OF_ATTENDANCE,
    "nomination": OF_NOMINATION,
    "motion": OF_MOTION,
    "count": OF_COUNT,
}
KEPT: dict[str, Any] = {"persist_state": "page"}  # what was typed, from one view to another

access.demand("browse")
access.demand("names")
period = filters.headline(_("会议与选举"), ask(county.periods_on_record))


# --- who came ---------------------------------------------------------------------------------


def attendance() -> None:
    quarters = tuple(ask(county.quarters_on_record))
    spans = tuple(dict.fromkeys([*quarters, period]))
    by_level = ask(sessions.meetings_by_level, periods=spans)
    now = by_level[by_level["period"] == str(period)]
    if now.empty:
        st.info(
            _(
                "{period}没有会议的考勤。请上传“活动考勤”，活动类型填“会议”。",
                period=period_name(str(period)),
            )
        )
    else:
        figures(now[now["level"].isna()].iloc[0])
        held = ask(sessions.meetings, period=period)
        sat = held[held["quorum"].notna()]
        left, right = st.columns([1, 1], gap="medium") if len(sat) else [st.container()] * 2
        with left:
            st.subheader(_("人民代表大会会议的到会人数"), anchor=False)
            against_two_thirds(sat)
        with right:
            st.subheader(_("各季度会议出席率"), anchor=False)
            over_quarters(by_level, quarters)
            each_level(now.dropna(subset="level"))
        st.subheader(_("各次会议"), anchor=False)
        each_meeting(held)
    chosen = st.query_params.get("event")
    called = ask(sessions.roll_call, event_id=chosen) if chosen is not None else None
    if called is not None and called.empty:
        st.warning(_("没有活动号为 {id} 的会议。", id=plain(chosen)))
    elif called is not None:
        # Over the page: below the table it would stand outside of the window.
        name = called["title"].iloc[0]
        over = st.dialog(
            plain(name if pd.notna(name) else chosen), width="large", on_dismiss=leave_event
        )
        over(window)(chosen, called)


def leave_event() -> None:
    st.query_params.pop("event", None)


def figures(whole: pd.Series) -> None:
    with st.container(horizontal=True):
        for label, value, told in (
            (_("会议（次）"), f"{whole['meetings']:,}", None),
            (_("出席率"), half_up(whole["rate"], ".1%"), _("出席人次 ÷ 应到人次")),
            (_("请假（人次）"), f"{whole['on_leave']:,}", None),
            (_("缺席（人次）"), f"{whole['absent']:,}", None),
            (
                _("达到法定人数"),
                f"{whole['with_quorum']} / {whole['sessions']}" if whole["sessions"] else "—",
                _("县级、乡镇级人民代表大会会议中，全体代表三分之二以上出席的次数。"),
            ),
        ):
            tables.figure(label, value, border=True, width="content", help=told)


def congress_name(code: str) -> str:
    """A level, or of 乡镇级 the township."""
    return level_name(code) if code in LEVELS else code


def against_two_thirds(held: pd.DataFrame) -> None:
    if held.empty:
        st.caption(_("本期没有县级、乡镇级人民代表大会会议。"))
        return
    labels = held["date"].dt.strftime("%m-%d ") + held["township"].fillna(level_name("county"))
    rows = held.assign(
        label=labels.where(~labels.duplicated(keep=False), labels + "  " + held["event_id"]),
        text=[
            f"{m.present} / {m.delegates}  {half_up(m.present_share, '.0%')}"
            for m in held.itertuples()
        ],
        behind=~held["quorum"].astype(bool),
    )
    charts.draw(
        charts.sessions(rows),
        "sessions",
        _("每次人民代表大会会议到会代表占全体代表的比例，按日期排列"),
        to_event,
    )
    st.caption(_("到会代表 ÷ 全体代表，按日期排列；橙色为不足三分之二。点击一条，查看名单。"))


def over_quarters(by_level: pd.DataFrame, quarters: tuple[Any, ...]) -> None:
    lines = by_level.dropna(subset="level").pivot(index="period", columns="level", values="rate")
    lines = lines.reindex([str(quarter) for quarter in quarters])
    shown = {"county": charts.BLUE, "township": charts.ORANGE}
    charts.draw(
        charts.trend(
            {
                level_name(level): (100 * lines[level], colour)
                for level, colour in shown.items()
                if level in lines
            },
            quarters,
        ),
        "attendance_trend",
        _("县级、乡镇级各季度会议出席率"),
    )
    st.caption(_("出席人次占应到人次的百分比。地市级以上的代表人数少，只列在下表。"))


def each_level(now: pd.DataFrame) -> None:
    tables.show(
        now.assign(level=now["level"].map(level_name)),
        "levels",
        {
            "level": tables.text(_("层级"), width=80),
            "meetings": tables.number(_("会议"), width=60),
            "invited": tables.number(_("应到"), width=65),
            "present": tables.number(_("出席"), width=65),
            "on_leave": tables.number(_("请假"), width=60),
            "absent": tables.number(_("缺席"), width=60),
            "rate": tables.bar(_("出席率"), width=120),
        },
        _("各级会议出席表"),
    )


def to_event(picked: list[str]) -> None:
    st.query_params["event"] = picked[0]


def each_meeting(held: pd.DataFrame) -> None:
    table = held.assign(
        level=held["level"].map(level_name),
        quorum=[None if pd.isna(q) else _("达到") if q else _("未达到") for q in held["quorum"]],
    )
    sheets.show(
        table,
        [
            ("date", _("日期"), "day", 95),
            ("title", _("会议"), "text", 290),
            ("level", _("层级"), "text", 80),
            ("township", _("镇街"), "text", 95),
            ("delegates", _("全体代表"), "count", 80),
            ("invited", _("应到"), "count", 60),
            ("present", _("出席"), "count", 60),
            ("on_leave", _("请假"), "count", 60),
            ("absent", _("缺席"), "count", 60),
            ("rate", _("出席率"), "bar", 110),
            ("half_days", _("半天数"), "number", 70),
            ("quorum", _("法定人数"), "text", 80),
        ],
        "meetings",
        _("各次会议"),
        caption=_("按日期排列。点击一行，查看该次会议的名单。"),
        on_click=lambda row: to_event([row["event_id"]]),
        tall=480,
    )


def window(event: str, called: pd.DataFrame) -> None:
    with export.window(_("会议名单"), str(period), **{_("活动号"): event}):
        who_came(event, called)


def who_came(event: str, called: pd.DataFrame) -> None:
    """The list of one meeting, the absent first."""
    first = called.iloc[0]
    results = called["result"].value_counts()
    st.caption(
        " · ".join(
            [
                f"{first['date']:%Y-%m-%d}",
                *(
                    f"{_(result)} {_('{count} 人', count=results.get(result, 0))}"
                    for result in ("缺席", "请假", "出席")
                ),
                _("点击一行，查看该代表。"),
            ]
        )
    )
    table = called.assign(result=called["result"].map(_), level=called["level"].map(level_name))
    sheets.show(
        table,
        [
            ("result", _("结果"), "text", 70),
            ("name", _("姓名"), "text", 90),
            ("level", _("层级"), "text", 80),
            ("township", _("镇街"), "text", 110),
            ("group_name", _("代表小组"), "text", 170),
            ("delegate_id", _("代表编号"), "text", 90),
        ],
        "roll_call",
        _("会议名单"),
        on_click=lambda row: address.go("browse/delegate.py", delegate=row["delegate_id"]),
        tall=420,
    )


# --- whether it stands ------------------------------------------------------------------------


def congress() -> tuple[str, pd.DataFrame]:
    """The congress that is chosen, and its delegates in office today; the page ends without any."""
    everyone = ask(sessions.electors, today=filters.today())
    if everyone.empty:
        st.info(_("代表名册中今天没有在任的代表。请先上传代表名册。"))
        st.stop()
    chosen = filters.choose(
        _("人民代表大会"),
        list(everyone["congress"].unique()),
        "congress",
        congress_name,
        width=220,
    )
    return chosen, everyone[everyone["congress"] == chosen]


def about(own: pd.DataFrame) -> None:
    st.caption(
        _("名册上今天在任的本级代表 {count} 人。", count=len(own))
        + (
            _("名册只有本县的代表，其他代表的签名和总数请另行核对。")
            if own["level"].iloc[0] in ("prefecture", "provincial")
            else ""
        )
        + _("这里填写的内容不保存，离开本页就清除。")
    )


def names_of(own: pd.DataFrame) -> dict[str, str]:
    """What each delegate is called in a list to choose from; namesakes with place and number."""
    again = own["name"].duplicated(keep=False)
    places = own["district"].fillna(own["township"]).fillna("")
    told = own["name"].where(~again, own["name"] + " · " + places + " · " + own["delegate_id"])
    return dict(zip(own["delegate_id"], told, strict=True))


def signers(key: str, names: dict[str, str]) -> list[str]:
    return st.multiselect(
        _("签名的代表"),
        list(names),
        key=key,
        format_func=lambda number: names.get(number, number),
        placeholder=_("输入姓名查找"),
        select_all=False,
        wrap=True,
        **KEPT,
    )


def told(
    verdict: rules.Verdict, what: str = "", names: dict[str, str] | None = None, **said: object
) -> list[dict[str, str]]:
    """The findings in words: one row per rule."""
    names = names or {}
    lines = []
    for finding in verdict.findings:
        numbers = {"asked": finding.asked, "found": finding.found, **said}
        if finding.rule in FOUND:
            found = _(FOUND[finding.rule], **numbers)
        elif finding.decisive:
            found = _("是") if finding.holds else _("否")
        else:
            found = listed(names.get(who, who) for who in finding.who) or _("没有不符合的")
        broken = _("不符合") if finding.decisive else _("签名不计")
        lines.append(
            {
                "what": what,
                "rule": _(RULES[finding.rule]),
                "asked": _(ASKED[finding.rule], **numbers),
                "found": found,
                "result": _("符合") if finding.holds else broken,
                "article": _(ARTICLES[finding.article]) if finding.article else "—",
            }
        )
    return lines


def why_not(broken: Iterable[rules.Finding]) -> str:
    return listed(_(BROKEN[f.rule], asked=f.asked, found=f.found) for f in broken)


def judge(stands: bool, sentence: str) -> None:
    if stands:
        st.success(sentence, icon=":material/check_circle:")
    else:
        st.error(sentence, icon=":material/cancel:")


def rule_by_rule(lines: list[dict[str, str]], title: str, chosen: str, what: str = "") -> None:
    titles = {
        **({"what": what} if what else {}),
        "rule": _("规则"),
        "asked": _("要求"),
        "found": _("情况"),
        "result": _("结论"),
        "article": _("依据"),
    }
    frame = pd.DataFrame(lines)
    tables.read(frame, titles)
    sheets.show(
        frame,
        [(name, head, "text") for name, head in titles.items()],
        "rules",
        title,
        narrowed=[(_("人民代表大会"), congress_name(chosen))],
    )


def nomination() -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen, own = congress()
        office = st.text_input(_("职务"), key="office", max_chars=40, width=220, **KEPT)
        seats = st.number_input(_("应选名额"), 1, 99, key="seats", width=130, **KEPT)
        forms = st.number_input(_("候选人数"), 1, 20, key="sheets", width=130, **KEPT)
    about(own)
    names = names_of(own)
    nominations = []
    for number in range(1, forms + 1):
        with st.container(border=True):
            who, signed, how = st.columns([2, 5, 2])
            key = f"{chosen}_{number}"
            with who:
                unnamed = _("候选人 {number}", number=number)
                name = st.text_input(unnamed, key=f"name_{key}", max_chars=40, **KEPT)
            with signed:
                signatures = signers(f"signers_{key}", names)
            with how:
                written = st.checkbox(_("书面联名"), key=f"written_{key}", **KEPT)
                in_time = st.checkbox(_("在规定的时间内"), key=f"time_{key}", **KEPT)
        if signatures:
            candidate = " ".join(name.split()) or unnamed
            nominations.append(rules.Nomination(candidate, signatures, written, in_time))
    if not nominations:
        st.info(_("请填写候选人，选出在提名书上签名的代表。"))
        return
    candidates = pd.Series([n.candidate for n in nominations])
    if candidates.duplicated().any():
        again = listed(plain(c) for c in candidates[candidates.duplicated()].unique())
        st.warning(_("同一候选人的签名请填在一处：{names}。", names=again))
        return
    verdicts = rules.nominate(own["level"].iloc[0], seats, nominations, set(names))
    lines = []
    for form, verdict in zip(nominations, verdicts, strict=True):
        candidate = plain(" · ".join(filter(None, (form.candidate, office.strip()))))
        why = why_not(verdict.broken)
        judge(
            verdict.stands,
            _("{candidate}：联合提名成立。", candidate=candidate)
            if verdict.stands
            else _("{candidate}：联合提名不成立，{why}。", candidate=candidate, why=why),
        )
        lines += told(verdict, form.candidate, names)
    times = rules.nominated_by(nominations)
    greedy = [name for number, name in names.items() if times[number] > seats]
    if greedy:
        st.warning(
            _(
                "联合提名超过应选名额（{seats} 人）的代表：{names}。其签名全部不计，请本人确定保留哪些。",
                seats=seats,
                names=listed(plain(name) for name in greedy),
            )
        )
    rule_by_rule(lines, _("联合提名核对"), chosen, _("候选人"))


def motion() -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen, own = congress()
        subject = st.text_input(_("案由"), key="subject", max_chars=80, width=460, **KEPT)
    about(own)
    names = names_of(own)
    signatures = signers(f"movers_{chosen}", names)
    if not signatures:
        st.info(_("请选出在议案上签名的代表。"))
        return
    verdict = rules.motion(own["level"].iloc[0], signatures, set(names))
    named = plain(subject) or _("本案")
    judge(
        verdict.stands,
        _("{subject}：联名人数符合，可以作为议案提出。", subject=named)
        if verdict.stands
        else _("{subject}：不能作为议案提出，{why}。", subject=named, why=why_not(verdict.broken)),
    )
    rule_by_rule(told(verdict, names=names), _("代表议案核对"), chosen)


def count() -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen, own = congress()
        matter = filters.choose(
            _("表决事项"), list(MATTERS), "matter", lambda m: _(MATTERS[m]), width=220
        )
    about(own)
    of_all = own["level"].iloc[0] in ("county", "township")
    fields: dict[str, tuple[str, int | None]] = {
        "delegates": (_("全体代表"), len(own) if of_all else None),
        "present": (_("到会"), None),
        "votes_for": (_("赞成"), None),
        "against": (_("反对"), 0),
        "abstain": (_("弃权"), 0),
        "other": (_("另选他人"), 0),
        "spoiled": (_("废票"), 0),
    }
    if matter == "resolution":
        del fields["other"]
    with st.container(horizontal=True):
        typed = {
            name: st.number_input(
                label,
                1 if name == "delegates" else 0,
                9999,
                value,
                key=f"{name}_{chosen}_{matter}",
                width=150,
                **KEPT,
            )
            for name, (label, value) in fields.items()
        }
    if None in typed.values():
        st.info(_("请填写全体代表、到会人数和各种票数，没有的填 0。"))
        return
    votes = rules.Count(**typed)
    verdict = rules.count(votes)
    summed = " + ".join(
        f"{label} {typed[name]}"
        for name, (label, _value) in fields.items()
        if name not in ("delegates", "present")
    )
    flaws = [finding for finding in verdict.broken if finding.rule != "majority"]
    if flaws:
        judge(False, _(NO_VOTE[matter, flaws[0].rule]))
    else:
        elected = {
            "election": (_("没有当选"), _("当选")),
            "resolution": (_("没有通过"), _("通过")),
        }
        judge(
            verdict.stands,
            _(
                "{outcome}。全体代表 {all} 人，过半数为 {least} 人，赞成 {found} 人。",
                outcome=elected[matter][verdict.stands],
                all=votes.delegates,
                least=rules.more_than_half(votes.delegates),
                found=votes.votes_for,
            ),
        )
    lines = told(verdict, delegates=votes.delegates, votes=summed)
    rule_by_rule(lines, _("计票核对"), chosen)


view = address.pick(
    st.segmented_control,
    _("查看"),
    list(VIEWS),
    "view",
    "attendance",
    lambda code: _(VIEWS[code]),
    required=True,
    label_visibility="collapsed",
)
{"attendance": attendance, "nomination": nomination, "motion": motion, "count": count}[view]()
with st.expander(_("怎样统计") if view == "attendance" else _("怎样核对")):
    st.markdown("\n".join(f"- {_(line)}" for line in HELP[view]))
