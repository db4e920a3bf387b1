"""意见建议: how far suggestions and opinions have come, who is late, how long it takes."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from pages.parts import access, address, charts, export, filters, sheets, tables
from pages.parts.caching import ask
from pages.words import _
from pages.words.terms import STATES, day, listed, period_name, plain, told
from queries import county, matters

ANY = "all"
KINDS = {"suggestions": "代表建议", "opinions": "群众意见"}
SUGGESTION_LISTS = {
    "overdue": "逾期未答复",
    "due_soon": "30天内到期",
    "open": "其他在办",
    "unassigned": "未交办",
    "of_period": "本期提出",
    "replied_in_period": "本期答复",
}
OPINION_LISTS = {"open": "办理中", "unrouted": "未转办", "of_period": "本期收集"}
UNKNOWN = {
    "suggestion": "没有编号为 {id} 的代表建议。",
    "opinion": "没有编号为 {id} 的群众意见。",
}
FATES = {
    "stands": "现行",
    "undone": "该次上传已撤销",
    "repeats": "与第 {number} 号上传相同",
    "superseded": "已由第 {number} 号上传更新",
}
FIELDS = {
    "title": "标题",
    "content": "诉求",
    "delegate_id": "代表编号",
    "cosigner_ids": "附议代表编号",
    "category": "类别",
    "source": "来源",
    "tier": "办理层级",
    "date": "日期",
    "routed": "转办日期",
    "closed": "办结日期",
    "assigned": "交办日期",
    "limit_months": "办理期限月",
    "agency": "承办单位",
    "replied": "答复日期",
    "outcome": "结果",
    "satisfaction": "满意度",
    "priority": "重点督办",
    "campaign": "主题",
}
CHOICES = ("source", "tier", "outcome", "satisfaction", "priority")  # cells of a few known words
SATISFACTION = {"satisfied": "满意", "partly": "基本满意", "dissatisfied": "不满意"}
FEW = 10  # of fewer cases no time is called the longest or the shortest
LIMITS = {91.3: "3个月", 182.6: "6个月"}  # by days; a month is a twelfth of 365.25 days

access.demand("browse")
access.demand("names")
period = filters.headline(_("意见建议"), ask(county.periods_on_record))
today = filters.today()
asked = {"period": period, "today": today}
sheet = partial(sheets.show, tall=440)


# --- what both kinds share ----------------------------------------------------------------------


def metric(label: str, value: Any, help: str | None = None) -> None:
    said = value if isinstance(value, str) else told(value)
    tables.figure(label, said, border=True, width="content", help=help)


def worded(rows: pd.DataFrame) -> pd.DataFrame:
    """Codes and the words that a cell may hold, in the reader's language."""
    words = {n: rows[n].map(_, na_action="ignore") for n in CHOICES[:-1] if n in rows}
    return rows.assign(state=rows["state"].map(STATES).map(_), **words)


def steps_picture(now: pd.Series, steps: dict[str, str], key: str, alt: str) -> None:
    """From the first step to the last, each with its share of the first."""
    counts = now[list(steps)]
    first = counts.iloc[0]
    shares = [f"  {told(count / first, '.0%')}" if first else "" for count in counts]
    texts = [f"{count:,}{share}" for count, share in zip(counts, ["", *shares[1:]], strict=True)]
    rows = pd.DataFrame({"step": list(steps.values()), "count": counts.tolist(), "text": texts})
    charts.draw(charts.bars(rows, "step", "count", "text"), key, alt)


def of_one(cube: pd.DataFrame, column: str, every: str, choice: str) -> pd.DataFrame:
    """The rows of one township or agency, or those of all together."""
    return cube[cube[every]] if choice == ANY else cube[~cube[every] & (cube[column] == choice)]


def narrowed(rows: pd.DataFrame, **choices: str) -> pd.DataFrame:
    for column, choice in choices.items():
        if choice != ANY:
            rows = rows[rows[column] == choice]
    return rows


def choose(label: str, options: Sequence[str], name: str, width: int) -> str:
    """A drop-down of all, or one of the options."""

    def titled(code: str) -> str:
        return _("全部") if code == ANY else code

    return filters.choose(label, [ANY, *options], name, titled, width=width)


# --- one suggestion, one opinion ----------------------------------------------------------------


def open_item(kind: str) -> Callable[[pd.Series], None]:
    """A click on a row of suggestions or opinions: the item's own view, by its number."""

    def clicked(row: pd.Series) -> None:
        st.query_params[kind] = row[f"{kind}_id"]

    return clicked


def close_item() -> None:
    for kind in ("suggestion", "opinion"):
        st.query_params.pop(kind, None)


def show_item(kind: str, number: str) -> None:
    """One suggestion or opinion: what is known of it, and every version that uploads brought."""
    st.button(_("返回列表"), icon=":material/arrow_back:", on_click=close_item)
    export.choose(_("编号"), number)
    which = {f"{kind}_id": number}
    versions = ask(matters.matter_history, **which)
    if versions.empty:
        st.warning(_(UNKNOWN[kind], id=plain(number)))
        return
    facts = {"suggestion": matters.suggestion_facts, "opinion": matters.opinion_facts}[kind]
    found = ask(facts, **which, today=today)
    if found.empty:
        st.subheader(plain(number), anchor=False)
        st.warning(_("这一条现在不计入：带来它的上传已撤销，或已被替换。"))
    else:
        row = found.iloc[0]
        st.subheader(plain(row["title" if kind == "suggestion" else "content"]), anchor=False)
        with st.container(horizontal=True, vertical_alignment="center"):
            late = row["state"] in ("overdue", "replied_late")
            st.badge(_(STATES[row["state"]]), color="orange" if late else "blue")
            if kind == "suggestion" and row["priority"]:
                st.badge(_("重点督办"), color="gray")
            st.caption(plain(number), width="content")
            st.page_link(
                "browse/delegate.py",
                label=_("代表 {name}", name=plain(row["name"])),
                icon=":material/person:",
                query_params=address.link(delegate=row["delegate_id"]),
                width="content",
            )
        (suggestion_facts if kind == "suggestion" else opinion_facts)(row)
    if kind == "opinion":
        show_mentions(number)
    show_history(versions, number)


def suggestion_facts(row: pd.Series) -> None:
    with st.container(horizontal=True):
        metric(_("提出日期"), day(row["date"]))
        metric(_("交办日期"), day(row["assigned"]))
        metric(_("应答复日期（{months}个月）", months=row["limit_months"]), day(row["due"]))
        metric(_("答复日期"), day(row["replied"]))
        metric(_("已过天数") if pd.isna(row["replied"]) else _("答复用时（天）"), row["days"])
        if pd.notna(row["days_late"]):
            metric(_("逾期天数"), row["days_late"])
    fact_table(
        {
            _("镇街"): row["township"],
            _("承办单位"): row["agency"],
            _("类别"): row["category"],
            _("办理结果"): row["outcome"] and _(row["outcome"]),
            _("满意度"): row["satisfaction"] and _(row["satisfaction"]),
            _("附议代表"): listed(who["name"] for who in row["cosigners"]) or None,
        }
    )


def opinion_facts(row: pd.Series) -> None:
    with st.container(horizontal=True):
        metric(_("收集日期"), day(row["date"]))
        metric(_("转办日期"), day(row["routed"]))
        metric(_("办结日期"), day(row["closed"]))
        metric(_("已等天数") if pd.isna(row["closed"]) else _("办结用时（天）"), row["days_open"])
    fact_table(
        {
            _("镇街"): row["township"],
            _("类别"): row["category"],
            _("来源"): row["source"] and _(row["source"]),
            _("办理层级"): row["tier"] and _(row["tier"]),
            _("结果"): row["outcome"] and _(row["outcome"]),
            _("主题"): row["campaign"],
        }
    )


def fact_table(facts: dict[str, Any]) -> None:
    rows = pd.DataFrame({"item": list(facts), "said": list(facts.values())})
    tables.read(rows, {"item": _("项目"), "said": _("内容")}, _("基本情况"))


def show_mentions(number: str) -> None:
    again = ask(matters.mentions, opinion_id=number, today=today)
    if len(again) < 2:
        return
    st.subheader(_("同一镇街的同一诉求"), anchor=False)
    sheet(
        worded(again),
        [
            ("opinion_id", _("编号"), "text", 140),
            ("date", _("收集日期"), "day", 95),
            ("name", _("代表"), "text", 80),
            ("source", _("来源"), "text", 90),
            ("state", _("状态"), "text", 90),
            ("closed", _("办结日期"), "day", 95),
            ("outcome", _("结果"), "text", 90),
            ("days_open", _("天数"), "count", 60),
        ],
        "mentions",
        _("同一镇街的同一诉求"),
        caption=_("天数：从收集到办结，未办结的到今天。点击一行，打开该条。"),
        on_click=open_item("opinion"),
        tall=300,
    )


def show_history(versions: pd.DataFrame, number: str) -> None:
    st.subheader(_("历次上传"), anchor=False)
    rows = versions.assign(
        uploaded=versions["uploaded_at"].dt.strftime("%Y-%m-%d %H:%M"),
        fate=[
            _(FATES[fate], number=told(by, ".0f"))
            for fate, by in zip(versions["fate"], versions["superseded_by"], strict=True)
        ],
        changed=[changed(version) for version in versions.itertuples()],
    )
    columns = [
        ("upload_id", _("上传编号"), "count"),
        ("uploaded", _("上传时间"), "text"),
        ("filename", _("文件"), "text"),
        ("row_number", _("行号"), "count"),
        ("fate", _("状态"), "text"),
        ("changed", _("变动"), "text"),
    ]
    tables.read(rows, {name: title for name, title, _kind in columns})
    sheet(
        rows,
        columns,
        "history",
        _("历次上传"),
        caption=_("每次上传中的这一条，由早到晚；变动与此前未撤销的一版相比。数据从不删除。"),
    )


def changed(version: Any) -> str:
    """What a version changed, cell by cell."""
    if version.is_first:
        return _("首次上传")

    def said(field: str, cell: str | None) -> str:
        return "—" if cell is None else _(cell) if field in CHOICES else cell

    cells = [
        f"{_(FIELDS[c['field']])} {said(c['field'], c['before'])} → {said(c['field'], c['now'])}"
        for c in version.changes
    ]
    return _("；").join(cells) or _("没有变动")


# --- 代表建议 -----------------------------------------------------------------------------------


def about_a_suggestion() -> list[tuple[str, str, str, int]]:
    return [
        ("suggestion_id", _("建议号"), "text", 100),
        ("title", _("标题"), "text", 280),
        ("agency", _("承办单位"), "text", 130),
        ("township", _("镇街"), "text", 95),
        ("name", _("领衔代表"), "text", 80),
    ]


def show_suggestions(township: str, agency: str, filtered: list[tuple[str, str]]) -> None:
    steps = of_one(ask(matters.suggestion_steps, **asked), "township", "all_townships", township)
    now = of_one(steps, "agency", "all_agencies", agency)
    if not now["on_record"].any():
        st.info(_("这里还没有代表建议。请在“上传”页上传代表建议表，或放宽筛选条件。"))
        return
    now = now.iloc[0]
    left, right = st.columns([1, 1], gap="medium")
    with left:
        st.subheader(_("本期提出的建议办到哪一步"), anchor=False)
        steps_picture(
            now,
            {
                "filed": _("提出"),
                "assigned": _("已交办"),
                "replied": _("已答复"),
                "in_time": _("已按期答复"),
                "satisfied": _("答复满意"),
            },
            "suggestion_steps",
            _("本期提出的代表建议，从提出到满意"),
        )
        st.caption(
            _("{period}提出的建议，办到今天；百分比为占提出数。", period=period_name(str(period)))
        )
    with right:
        st.subheader(_("今天还在办的"), anchor=False)
        with st.container(horizontal=True):
            metric(_("在办"), now["in_hand"], _("已交办、还没有答复的，不论何时提出。"))
            metric(_("其中30天内到期"), now["due_soon"], _("今天到期的也在内，不算逾期。"))
            metric(_("其中逾期"), now["overdue"], _("过了法定期限，还没有答复。"))
            metric(_("最久逾期（天）"), now["days_late"])
            metric(_("未交办"), now["unassigned"], _("没有交办日期，也没有答复。"))
        st.caption(_("截至 {today}，不论何时提出。", today=day(today)))
    rows = narrowed(ask(matters.suggestions_in_hand, **asked), township=township, agency=agency)
    show_suggestion_list(rows, filtered)
    show_reply_times(steps, township, agency, filtered)
    left, right = st.columns([1, 1], gap="medium")
    with left:
        show_ratings(township, filtered)
    with right:
        topics = of_one(
            ask(matters.suggestion_topics, **asked), "township", "all_townships", township
        )
        show_topics(
            of_one(topics, "agency", "all_agencies", agency),
            "suggestion_topics",
            _("建议类别"),
            [("category", _("类别")), ("filed", _("提出")), ("replied", _("已答复"))],
            _("{period}提出的建议；解决占比 = 已解决 ÷ 已答复。", period=period_name(str(period))),
            filtered,
        )
    show_priority(rows[rows["priority"]], filtered)


def part(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """The rows that a flag marks, or those of a state."""
    return rows[rows[name]] if name in rows else rows[rows["state"] == name]


def pick_list(rows: pd.DataFrame, lists: dict[str, str]) -> str:
    """Which of the lists to show; each says how long it is."""
    titles = {name: f"{_(title)} {len(part(rows, name)):,}" for name, title in lists.items()}
    return address.pick(
        st.segmented_control,
        _("清单"),
        list(lists),
        "list",
        next(iter(lists)),
        titles.__getitem__,
        local=True,
        required=True,
        label_visibility="collapsed",
    )


def show_suggestion_list(rows: pd.DataFrame, filtered: list[tuple[str, str]]) -> None:
    st.subheader(_("建议清单"), anchor=False)
    chosen = pick_list(rows, SUGGESTION_LISTS)
    rows = part(rows, chosen)
    if rows.empty:
        st.info(_("这个清单里没有建议。"))
        return
    deadline = [
        ("assigned", _("交办日期"), "day", 95),
        ("limit_months", _("期限（月）"), "count", 75),
        ("due", _("应答复日期"), "day", 95),
    ]
    outcome = [
        ("replied", _("答复日期"), "day", 95),
        ("days_late", _("逾期天数"), "count", 70),
        ("outcome", _("办理结果"), "text", 80),
        ("satisfaction", _("满意度"), "text", 80),
    ]
    before, after = {
        "overdue": ([("days_late", _("逾期天数"), "count", 70)], deadline),
        "unassigned": ([], [("date", _("提出日期"), "day", 95)]),
        "of_period": ([("state", _("状态"), "text", 110)], [*deadline, *outcome]),
        "replied_in_period": ([("state", _("状态"), "text", 110)], [*deadline, *outcome]),
    }.get(chosen, ([("days_left", _("剩余天数"), "count", 70)], deadline))
    sheet(
        worded(rows),
        [*before, *about_a_suggestion(), *after, ("priority", _("重点督办"), "tick", 75)],
        "suggestion_list",
        _("建议清单"),
        caption=_(
            "法定期限：自交办之日起三个月内答复，涉及面广、处理难度大的六个月内（代表法第五十一条），按日历月计。点击一行，查看该件建议和它的历次上传。"
        ),
        on_click=open_item("suggestion"),
        narrowed=[(_("清单"), _(SUGGESTION_LISTS[chosen])), *filtered],
    )


def show_reply_times(
    steps: pd.DataFrame, township: str, agency: str, filtered: list[tuple[str, str]]
) -> None:
    st.subheader(_("多久答复"), anchor=False)
    durations = narrowed(ask(matters.reply_durations, **asked), township=township)
    curves = matters.waiting_curves(durations, "agency")
    if curves.empty:
        st.info(_("截至本期末的一年里没有交办的建议，看不出多久答复。"))
        return
    groups = curves[~curves["is_all"] & curves["agency"].notna()]
    many = groups[groups["n"] >= FEW]["agency"].tolist()
    colours = {agency: charts.BLUE}
    if agency == ANY and len(many) > 1:
        colours = {many[0]: charts.ORANGE, many[-1]: charts.BLUE}
    drawn = curves[curves["is_all"] | curves["agency"].isin(list(colours))]
    drawn = drawn.sort_values("median", ascending=False, na_position="first")
    everywhere = _("全县") if township == ANY else township
    left, right = st.columns([1, 1], gap="medium")
    with left:
        charts.draw(
            charts.survival(
                drawn,
                drawn["agency"].fillna(everywhere).tolist(),
                [colours.get(name, charts.GREY) for name in drawn["agency"]],
                {_(title): days for days, title in LIMITS.items()},
            ),
            "reply_times",
            _("交办后多少天仍未答复的比例"),
        )
        st.caption(
            _(
                "纵轴是交办后仍未答复的比例，线越低越快；没有答复的计到今天为止。截至本期末的一年内交办的建议；未选承办单位时，画最慢和最快的（至少 {few} 件）。",
                few=FEW,
            )
        )
    with right:
        named = steps[~steps["all_agencies"] & steps["agency"].notna()].astype({"agency": "object"})
        by_agency = groups.merge(named, on="agency", how="outer").sort_values(
            ["median", "agency"], ascending=[False, True], na_position="first"
        )

        def only(row: pd.Series) -> None:
            st.query_params["agency"] = row["agency"]

        sheet(
            by_agency,
            [
                ("agency", _("承办单位"), "text", 140),
                ("median", _("中位天数"), "number", 75),
                ("n", _("近一年交办"), "count", 85),
                ("ended", _("已答复"), "count", 65),
                ("in_hand", _("在办"), "count", 55),
                ("overdue", _("逾期"), "count", 55),
                ("days_late", _("最久逾期（天）"), "count", 100),
            ],
            "agencies",
            _("各承办单位"),
            caption=_(
                "由慢到快。中位天数：半数建议在这么多天内得到答复，“—”表示还没有过半。在办和逾期截至今天。点击一行，只看该单位。"
            ),
            on_click=only,
            tall=400,
            narrowed=filtered[:1],
        )


def show_ratings(township: str, filtered: list[tuple[str, str]]) -> None:
    st.subheader(_("代表对答复是否满意"), anchor=False)
    ratings = of_one(
        ask(matters.suggestion_ratings, **asked), "township", "all_townships", township
    )
    rated = ratings[ratings["satisfied_share"].notna() & ratings["agency"].notna()]
    if rated.empty:
        st.info(_("本期的答复还没有填满意度。"))
        return
    titles = {name: _(title) for name, title in SATISFACTION.items()}
    colours = (charts.BLUE, charts.GRADE_COLOURS["称职"], charts.ORANGE)
    charts.draw(
        charts.stacked(
            rated.set_index("agency")[list(titles)].rename(columns=titles),
            dict(zip(titles.values(), colours, strict=True)),
            _("件"),
        ),
        "ratings",
        _("各承办单位的答复，按代表满意度"),
    )
    sheet(
        rated,
        [
            ("agency", _("承办单位"), "text"),
            ("replied", _("答复件数"), "count"),
            *((name, title, "count") for name, title in titles.items()),
            ("unrated", _("未填"), "count"),
            ("satisfied_share", _("满意占比"), "share"),
        ],
        "rated",
        _("答复满意度"),
        caption=_(
            "{period}内的答复，由满意占比高到低；n 为填了满意度的件数，另有 {unrated} 件未填。",
            period=period_name(str(period)),
            unrated=ratings["unrated"].sum(),
        ),
        narrowed=filtered[:1],
    )


def show_topics(
    topics: pd.DataFrame,
    key: str,
    title: str,
    columns: Sequence[tuple[str, str]],
    caption: str,
    filtered: list[tuple[str, str]],
) -> None:
    """What it is about and how much of it was solved; ``columns``: the name, then counts."""
    st.subheader(title, anchor=False)
    if topics.empty:
        st.info(_("本期没有数据。"))
        return
    (name, label), *counts = columns
    sheet(
        topics,
        [
            (name, label, "text", 110),
            *((column, head, "count", 70) for column, head in counts),
            ("solved", _("已解决"), "count", 70),
            ("solved_share", _("解决占比"), "bar", 130),
        ],
        key,
        title,
        caption=caption,
        tall=480,
        narrowed=filtered,
    )


def show_priority(rows: pd.DataFrame, filtered: list[tuple[str, str]]) -> None:
    st.subheader(_("重点督办建议"), anchor=False)
    if rows.empty:
        st.info(_("没有在办的重点督办建议，本期也没有提出或答复的。"))
        return
    sheet(
        worded(rows),
        [
            ("state", _("状态"), "text", 110),
            *about_a_suggestion(),
            ("due", _("应答复日期"), "day", 95),
            ("replied", _("答复日期"), "day", 95),
            ("days_late", _("逾期天数"), "count", 70),
            ("outcome", _("办理结果"), "text", 80),
            ("satisfaction", _("满意度"), "text", 80),
        ],
        "priority",
        _("重点督办建议"),
        caption=_("今天还在办的，和本期提出或答复的；最急的在前。"),
        on_click=open_item("suggestion"),
        tall=380,
        narrowed=filtered,
    )


# --- 群众意见 -----------------------------------------------------------------------------------


def show_opinions(township: str, filtered: list[tuple[str, str]]) -> None:
    cube = ask(matters.opinion_steps, **asked)
    steps = of_one(cube, "township", "all_townships", township)
    now = steps[steps["all_tiers"]]
    if not now["on_record"].any():
        st.info(_("这里还没有群众意见。请在“上传”页上传群众意见表，或放宽筛选条件。"))
        return
    now = now.iloc[0]
    left, right = st.columns([1, 1], gap="medium")
    with left:
        st.subheader(_("本期收集的意见办到哪一步"), anchor=False)
        steps_picture(
            now,
            {
                "collected": _("收集"),
                "routed": _("已转办"),
                "closed": _("已办结"),
                "solved": _("已解决"),
            },
            "opinion_steps",
            _("本期收集的群众意见，从收集到解决"),
        )
        st.caption(
            _("{period}收集的意见，办到今天；百分比为占收集数。", period=period_name(str(period)))
        )
    with right:
        st.subheader(_("今天还没办结的"), anchor=False)
        with st.container(horizontal=True):
            metric(_("未转办"), now["unrouted"], _("没有转办日期，也没有办结。"))
            metric(_("办理中"), now["in_hand"], _("已转办、还没有办结的，不论何时收集。"))
            metric(_("最久已等（天）"), now["days_open"], _("未办结的意见，从收集到今天。"))
            metric(
                _("转办等待（天）"),
                now["waited"],
                _("本期收集、已转办的意见，从收集到转办天数的中位数。"),
            )
        st.caption(_("截至 {today}，不论何时收集；转办等待为本期收集的。", today=day(today)))
    show_opinion_list(township, filtered)
    show_repeated(township, filtered)
    show_closing_times(steps, township, filtered)
    show_townships(cube)
    topics = of_one(ask(matters.opinion_topics, **asked), "township", "all_townships", township)
    caption = _("{period}收集的意见；解决占比 = 已解决 ÷ 已办结。", period=period_name(str(period)))
    columns = [("collected", _("收集")), ("closed", _("已办结"))]
    left, right = st.columns([1, 1], gap="medium")
    with left:
        of_kind = topics[topics["kind"] == "category"]
        show_topics(
            of_kind,
            "opinion_topics",
            _("意见类别"),
            [("topic", _("类别")), *columns],
            caption,
            filtered,
        )
    with right:
        of_kind = topics[topics["kind"] == "source"]
        of_kind = of_kind.assign(topic=of_kind["topic"].map(_, na_action="ignore"))
        show_topics(
            of_kind, "sources", _("意见来源"), [("topic", _("来源")), *columns], caption, filtered
        )


def show_opinion_list(township: str, filtered: list[tuple[str, str]]) -> None:
    st.subheader(_("意见清单"), anchor=False)
    rows = narrowed(ask(matters.opinions_in_hand, **asked), township=township)
    chosen = pick_list(rows, OPINION_LISTS)
    rows = part(rows, chosen)
    if rows.empty:
        st.info(_("这个清单里没有意见。"))
        return
    sheet(
        worded(rows),
        [
            ("days_open", _("天数"), "count", 60),
            ("opinion_id", _("编号"), "text", 130),
            ("content", _("诉求"), "text", 260),
            ("township", _("镇街"), "text", 95),
            ("name", _("代表"), "text", 75),
            ("category", _("类别"), "text", 80),
            ("tier", _("办理层级"), "text", 75),
            ("state", _("状态"), "text", 75),
            ("date", _("收集日期"), "day", 95),
            ("routed", _("转办日期"), "day", 95),
            ("closed", _("办结日期"), "day", 95),
            ("outcome", _("结果"), "text", 80),
        ],
        "opinion_list",
        _("意见清单"),
        caption=_(
            "天数：从收集到办结，未办结的到今天；等得最久的在前。点击一行，查看该条意见和它的历次上传。"
        ),
        on_click=open_item("opinion"),
        narrowed=[(_("清单"), _(OPINION_LISTS[chosen])), *filtered],
    )


def show_repeated(township: str, filtered: list[tuple[str, str]]) -> None:
    st.subheader(_("反复提出的诉求"), anchor=False)
    rows = narrowed(ask(matters.repeated_concerns, **asked), township=township)
    if rows.empty:
        st.info(_("本期没有同一镇街反复提出的诉求。"))
        return
    sheet(
        rows,
        [
            ("township", _("镇街"), "text", 95),
            ("content", _("诉求"), "text", 280),
            ("category", _("类别"), "text", 85),
            ("times", _("次数"), "count", 60),
            ("times_in_period", _("其中本期"), "count", 75),
            ("delegates", _("代表人数"), "count", 75),
            ("still_open", _("未办结"), "count", 65),
            ("first_date", _("最早"), "day", 95),
            ("last_date", _("最近"), "day", 95),
        ],
        "repeated",
        _("反复提出的诉求"),
        caption=_(
            "同一镇街、文字相同（不计空格）的诉求，到本期末提出过两次以上、本期又提出的，次数多的在前；未办结截至今天。点击一行，打开最近的一条。"
        ),
        on_click=open_item("opinion"),
        narrowed=filtered,
    )


def show_closing_times(steps: pd.DataFrame, township: str, filtered: list[tuple[str, str]]) -> None:
    st.subheader(_("多久办结"), anchor=False)
    durations = narrowed(ask(matters.closing_durations, **asked), township=township)
    curves = matters.waiting_curves(durations.dropna(subset="tier"), "tier")
    drawn = curves[~curves["is_all"]]
    left, right = st.columns([1, 1], gap="medium")
    with left:
        if drawn.empty:
            st.info(_("截至本期末的一年里没有填了办理层级的意见，看不出多久办结。"))
        else:
            colours = {"村": charts.BLUE, "镇": charts.GREY, "市": charts.ORANGE}
            charts.draw(
                charts.survival(
                    drawn, drawn["tier"].map(_).tolist(), drawn["tier"].map(colours).tolist(), {}
                ),
                "closing_times",
                _("收集后多少天仍未办结的比例，按办理层级"),
            )
            st.caption(
                _(
                    "纵轴是收集后仍未办结的比例，线越低越快；未办结的计到今天为止。截至本期末的一年内收集的意见。"
                )
            )
    with right:
        by_tier = steps[~steps["all_tiers"]].merge(drawn[["tier", "median"]], on="tier", how="left")
        sheet(
            by_tier.assign(tier=by_tier["tier"].map(_, na_action="ignore")),
            [
                ("tier", _("办理层级"), "text", 75),
                ("collected", _("收集"), "count", 70),
                ("closed_share", _("办结占比"), "share", 85),
                ("solved", _("已解决"), "count", 60),
                ("waited", _("转办等待"), "number", 80),
                ("median", _("办结用时"), "number", 85),
                ("in_hand", _("办理中"), "count", 65),
            ],
            "tiers",
            _("各办理层级"),
            caption=_(
                "办结用时：近一年收集的意见，半数在这么多天内办结，“—”表示还没有过半。转办等待同为天数，与收集、办结、解决一样，为本期收集的意见；办理中截至今天。"
            ),
            narrowed=filtered,
        )


def show_townships(cube: pd.DataFrame) -> None:
    st.subheader(_("各镇街"), anchor=False)
    rows = ask(county.townships_on_record)[["township"]].merge(
        cube[cube["all_tiers"] & ~cube["all_townships"]], on="township", how="outer"
    )
    sent = rows["collected"] > 0
    flows = ["collected", "closed", "solved"]
    rows = rows.assign(**{name: rows[name].where(sent) for name in flows})
    rows = rows.sort_values(["closed_share", "township"], na_position="last")

    def only(row: pd.Series) -> None:
        if pd.notna(row["township"]):
            st.query_params["township"] = row["township"]

    sheet(
        rows,
        [
            ("township", _("镇街"), "text", 110),
            ("collected", _("收集"), "count", 70),
            ("closed", _("已办结"), "count", 70),
            ("closed_share", _("办结占比"), "share", 85),
            ("solved", _("已解决"), "count", 70),
            ("waited", _("转办等待"), "number", 80),
            ("unrouted", _("未转办"), "count", 90),
            ("in_hand", _("办理中"), "count", 70),
            ("days_open", _("最久已等"), "count", 90),
        ],
        "townships",
        _("各镇街的群众意见"),
        caption=_(
            "收集、办结和转办等待为本期收集的意见，办结占比低的在前，“—”表示本期没有报送；未转办、办理中和最久已等截至今天；等待为天数。点击一行，只看该镇街。"
        ),
        on_click=only,
        tall=700,
    )


# --- the page -----------------------------------------------------------------------------------


def show_lists() -> None:
    """All suggestions or all opinions, as the choices at the top narrow them."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = address.pick(
            st.segmented_control,
            _("种类"),
            list(KINDS),
            "kind",
            "suggestions",
            lambda code: _(KINDS[code]),
            required=True,
            label_visibility="collapsed",
        )
        homes = list(ask(county.townships_on_record)["township"])
        township = choose(_("镇街"), homes, "township", 180)
        filtered = [(_("镇街"), _("全部") if township == ANY else township)]
        if kind == "suggestions":
            agencies = ask(matters.suggestion_steps, **asked)["agency"].dropna().unique()
            agency = choose(_("承办单位"), sorted(agencies), "agency", 220)
            filtered += [(_("承办单位"), _("全部") if agency == ANY else agency)]
    if kind == "suggestions":
        show_suggestions(township, agency, filtered)
    else:
        show_opinions(township, filtered)


item = next((kind for kind in ("suggestion", "opinion") if kind in st.query_params), None)
if item is None:
    show_lists()
else:
    show_item(item, st.query_params[item])

with st.expander(_("怎样统计")):
    for line in (
        _(
            "代表建议和群众意见取自同名的两张表，只计有效的行；镇街按领衔代表、收集代表所在的镇街。“本期”看提出、收集或答复的日期，在办、到期和逾期一律截至今天。"
        ),
        _(
            "应答复日期 = 交办日期加三个月或六个月，按日历月计，没有那一天的取当月最后一天；到期当天答复算按期，当天未答复不算逾期。没有交办日期的，没有应答复日期。"
        ),
        _(
            "逾期未答复：过了应答复日期仍没有答复日期。30天内到期：应答复日期在今天至30天后。答复满意：满意度为“满意”。"
        ),
        _(
            "多久答复、多久办结用乘积限法估计：还没有答复或办结的，只知道已经等了多少天，计到今天为止，不当作已完成，也不丢掉，所以新近交办的多并不会显得更快。"
        ),
        _(
            "已办结：填了办结日期。已解决：已办结且结果为“已解决”。转办等待：从收集到转办的天数，取中位数。"
        ),
    ):
        st.markdown(line)
