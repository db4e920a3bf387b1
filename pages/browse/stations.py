"""阵地: the network, what each station has, whether it is used, and who is placed where.

``?station=`` opens one station over the page; ``?township=`` and ``?kind=`` narrow the lists.
"""

from typing import Any

import pandas as pd
import streamlit as st

from pages.parts import access, address, charts, export, filters, sheets, tables
from pages.parts.caching import ask
from pages.words import _
from pages.words.terms import day, level_name, listed, plain, told
from queries import county, stations

KINDS = ("服务中心", "代表之家", "联络站", "联系点")
FIVE = {
    "venue": "场地",
    "equipment": "设备",
    "delegates": "代表",
    "rules": "制度",
    "records": "记录",
}
STATES = {"complete": "五有齐全", "lacking": "有缺项", "unstated": "未填全"}
COLOURS = {
    "complete": charts.GRADE_COLOURS["称职"],
    "lacking": charts.ORANGE,
    "unstated": charts.PALE,
}
DETACHED = {
    "no_parent": "未填上级",
    "unknown_parent": "上级编号不在阵地表中",
    "wrong_parent": "上级的类型不比它高",
}
PLACEMENTS = {
    "unplaced": "未填联络站编号",
    "unknown": "编号不在阵地表中",
    "elsewhere": "在其他镇街的阵地",
}
MEASURES = {"activities": "全部活动", "receptions": "接待选民"}
ANY, COUNTY = "all", "county"
MANY = 250  # stations that a picture still shows


def to_station(picked: list[str]) -> None:
    st.query_params["station"] = picked[0]


def station_of(row: pd.Series) -> None:
    to_station([row["station_id"]])


def to_township(picked: list[str]) -> None:
    st.query_params["township"] = COUNTY if picked[0] == _("县本级") else picked[0]


def township_of(row: pd.Series) -> None:
    to_township([row["place_name"]])


def to_delegate(row: pd.Series) -> None:
    address.go("browse/delegate.py", delegate=row["delegate_id"])


def by_month(rows: pd.DataFrame, label: str, measure: str) -> pd.DataFrame:
    """A row per ``label``, in the order in which they stand, and a column per month."""
    grid = rows.pivot(index=label, columns="month", values=measure)
    return grid.reindex(rows[label].unique()).set_axis(
        [_("{month}月", month=month.month) for month in grid.columns], axis=1
    )


access.demand("browse")
access.demand("names")
period = filters.headline(_("阵地"), ask(county.periods_on_record))
of_period = {"period": period, "today": filters.today()}
network = ask(stations.station_figures, **of_period)
if network.empty:
    st.info(
        _("阵地表还没有上传。请上传“阵地”表，并在代表名册和履职活动中填写阵地的编号。"),
        icon=":material/info:",
    )
    st.stop()
network = network.assign(
    indented=[
        "　" * depth + name for depth, name in zip(network["depth"], network["name"], strict=True)
    ],
    kind_name=network["kind"].map(_),
    place_name=network["township"].fillna(_("县本级")),
    state_name=network["state"].map(lambda state: _(STATES[state])),
    missing=network["lacks"].map(lambda gaps: listed(_(FIVE[gap]) for gap in gaps) or None),
    unsaid=network["unstated"].map(lambda gaps: listed(_(FIVE[gap]) for gap in gaps) or None),
    hanging=network["detached"].map(lambda why: _(DETACHED[why]), na_action="ignore"),
    quiet=network["silent_quarters"].map(
        lambda numbers: listed(_("{quarter}季度", quarter=number) for number in numbers) or None
    ),
    **{
        f"{one}_said": network[f"has_{one}"].map(
            lambda has: "✓" if has else _("缺"), na_action="ignore"
        )
        for one in FIVE
    },
)
titles = {
    row.station_id: " · ".join([row.name, row.kind_name, row.place_name])
    for row in network.itertuples()
}
NAME = sheets.Column("name", _("名称"), "text", "medium")
KIND = sheets.Column("kind_name", _("类型"), "text", 112)
PLACE = sheets.Column("place_name", _("镇街"), "text", 105)
STATE = sheets.Column("state_name", _("五有"), "text", 85)
DELEGATES = sheets.Column("delegates", _("代表数"), "count", 65)
ACTIVITIES = sheets.Column("activities", _("本期活动"), "count", 75)
RECEPTIONS = sheets.Column("receptions", _("其中接待"), "count", 75)
LAST = sheets.Column("last_activity", _("最近活动"), "day", 90)
FUNDS = sheets.Column("funding_10k", _("经费（万元）"), "score", 130)
NUMBER = sheets.Column("station_id", _("编号"), "text")


def leave_station() -> None:
    st.query_params.pop("station", None)


def window(chosen: str) -> None:
    with export.window(_("阵地"), str(period), **{_("阵地"): titles[chosen]}):
        one_station(chosen)


def one_station(chosen: str) -> None:
    """What there is to know about one station."""
    if st.query_params.get("station") != chosen:  # a click in here led to another one
        st.rerun()
    it = network.set_index("station_id").loc[chosen]
    facts = [plain(chosen)]
    if pd.notna(it["above"]):
        facts.append(_("上级 {name}", name=plain(it["above"])))
    elif pd.notna(it["hanging"]):
        facts.append(it["hanging"])
    if pd.notna(it["upgrade_round"]):
        facts.append(_("第{number}轮提升", number=int(it["upgrade_round"])))
    if pd.notna(it["funding_10k"]):
        facts.append(_("经费 {amount} 万元", amount=told(it["funding_10k"])))
    st.caption(" · ".join(facts))
    with st.container(horizontal=True, gap="small"):
        for one, title in FIVE.items():
            if one in it["lacks"]:
                st.badge(_("缺{what}", what=_(title)), color="orange", icon=":material/close:")
            elif one in it["unstated"]:
                st.badge(_("{what}未填", what=_(title)), color="gray", icon=":material/remove:")
            else:
                st.badge(_("有{what}", what=_(title)), color="blue", icon=":material/check:")
    with st.container(horizontal=True):
        for title, column in (
            (_("进站代表（人）"), "delegates"),
            (_("本期活动（次）"), "activities"),
            (_("其中接待选民（次）"), "receptions"),
        ):
            tables.figure(title, told(it[column]), border=True, width="content")
        tables.figure(_("最近活动"), day(it["last_activity"]), border=True, width="content")

    st.subheader(_("各月使用情况"), anchor=False)
    months = ask(stations.station_months, **of_period)
    months = months[months["station_id"] == chosen].melt(
        "month", list(MEASURES), var_name="measure", value_name="held"
    )
    months["measure"] = months["measure"].map(lambda measure: _(MEASURES[measure]))
    charts.draw(
        charts.matrix(by_month(months, "measure", "held"), _("次数")),
        "one_months",
        _("该阵地各月的活动次数"),
    )
    st.caption(_("本年一月至考核期末。“—”表示所在镇街没有报送该季度，或还没有到该月。"))

    left, right = st.columns([1, 1], gap="medium")
    with left:
        st.subheader(_("进站代表"), anchor=False)
        members = ask(stations.station_members, station_id=chosen, period=period)
        if members.empty:
            st.caption(_("考核期末没有在任代表在这里进站。"))
        else:
            sheets.show(
                members.assign(
                    level=members["level"].map(level_name),
                    role=members["role"].map(_, na_action="ignore"),
                ),
                [
                    ("name", _("姓名"), "text", 75),
                    ("level", _("层级"), "text", 65),
                    ("township", _("镇街"), "text", 105),
                    ("role", _("身份"), "text", 118),
                    ("group_name", _("代表小组"), "text", "medium"),
                    ("delegate_id", _("代表编号"), "text"),
                ],
                "members",
                _("进站代表"),
                on_click=to_delegate,
            )
    with right:
        st.subheader(_("下级阵地"), anchor=False)
        below = network[network["above_id"] == chosen]
        if below.empty:
            st.caption(_("没有下级阵地。"))
        else:
            sheets.show(
                below,
                [NAME, KIND, STATE, DELEGATES, ACTIVITIES, NUMBER],
                "below",
                _("下级阵地"),
                on_click=station_of,
            )

    checks = ask(stations.station_checks, station_id=chosen, period=period)
    if not checks.empty:
        st.subheader(_("检查指导"), anchor=False)
        mended = checks["fixed"].map(day, na_action="ignore").astype("object")
        sheets.show(
            checks.assign(
                item=checks["item"].map(_),
                mended=mended.where(checks["finding"].isna() | mended.notna(), _("尚未整改")),
                finding=checks["finding"].fillna(_("未发现问题")),
            ),
            [
                ("date", _("日期"), "day", 90),
                ("leader", _("领导"), "text", 75),
                ("item", _("检查项"), "text", 80),
                ("finding", _("发现问题"), "text", "large"),
                ("mended", _("整改日期"), "text", 90),
            ],
            "checks",
            _("检查指导"),
        )

    st.subheader(_("活动记录"), anchor=False)
    records = ask(stations.station_records, station_id=chosen, period=period)
    if records.empty:
        st.caption(_("本年一月至考核期末，没有活动记录写明在这里。"))
    else:
        sheets.show(
            records.assign(
                kind=records["kind"].map(_),
                status=records["status"].map(_),
            ),
            [
                ("date", _("日期"), "day", 90),
                ("kind", _("类型"), "text", 85),
                ("name", _("姓名"), "text", 70),
                ("township", _("镇街"), "text", 95),
                ("quantity", _("数量"), "count", 55),
                ("content", _("内容"), "text", "large"),
                ("campaign", _("主题"), "text", 110),
                ("status", _("核实状态"), "text", 80),
                ("filename", _("来自文件"), "text", "medium"),
                ("row_number", _("行号"), "count", 60),
            ],
            "records",
            _("活动记录"),
            on_click=to_delegate,
        )


chosen = st.query_params.get("station")
if chosen is not None and chosen not in titles:
    st.warning(_("阵地表中没有编号 {id}。请在“查找阵地”中另选。", id=plain(chosen)))
    chosen = None
if chosen is not None:
    over = st.dialog(plain(titles[chosen]), width="large", on_dismiss=leave_station)
    over(window)(chosen)


def choose_station() -> None:
    if st.session_state.pick_station is None:
        leave_station()
    else:
        to_station([st.session_state.pick_station])


whole = ask(stations.network_figures, **of_period).iloc[0]
places = ask(stations.township_stations, **of_period)
places = places.assign(place_name=places["township"].fillna(_("县本级")))
with st.container(horizontal=True):
    for kind, column in zip(KINDS, ("centres", "homes", "liaisons", "contacts"), strict=True):
        tables.figure(_(kind), f"{whole[column]:,}", border=True, width="content")
    tables.figure(
        _("在任代表进站（人）"),
        f"{whole['placed']:,} / {whole['in_office']:,}",
        border=True,
        width="content",
        help=_("省级、地市级、县级、乡镇级四级代表，在考核期最后一天在任的。"),
    )
    tables.figure(
        _("五有齐全（个）"),
        f"{whole['complete']:,} / {whole['stations']:,}",
        border=True,
        width="content",
        help=_("有场地、有设备、有代表、有制度、有记录，五项都填“是”的阵地。"),
    )
    tables.figure(
        _("经费（万元）"),
        told(whole["funding_10k"]),
        border=True,
        width="content",
        help=_("阵地表中各阵地经费的合计，不分年度。"),
    )
    tables.figure(_("提升（轮）"), f"{whole['rounds']:,}", border=True, width="content")
    tables.figure(
        _("本期没有活动的阵地（个）"),
        f"{whole['silent']:,}",
        border=True,
        width="content",
        help=_("所在镇街已经报送、本期却没有一次活动的阵地。没有报送的不算。"),
    )

st.subheader(_("两个全覆盖"), anchor=False)
left, right = st.columns([1, 1], gap="medium")
with left:
    full = 0 < whole["townships"] == whole["covered"]
    (st.success if full else st.warning)(
        _(
            "镇街全覆盖：{answer}。{townships} 个镇街中，{covered} 个有代表之家和联络站。",
            answer=_("是") if full else _("否"),
            townships=whole["townships"],
            covered=whole["covered"],
        ),
        icon=":material/check_circle:" if full else ":material/error:",
    )
    towns = places[places["covered"].notna()]
    for title, column in ((_("没有代表之家"), "homes"), (_("没有联络站"), "liaisons")):
        without = towns.loc[towns[column] == 0, "township"]
        if not without.empty:
            st.caption(_("{what}：{places}", what=title, places=plain(listed(without))))
with right:
    full = 0 < whole["in_office"] == whole["placed"]
    (st.success if full else st.warning)(
        _(
            "代表全覆盖：{answer}。{in_office} 名在任的四级代表中，{placed} 名已进站。",
            answer=_("是") if full else _("否"),
            in_office=f"{whole['in_office']:,}",
            placed=f"{whole['placed']:,}",
        ),
        icon=":material/check_circle:" if full else ":material/error:",
    )
    levels = listed(
        f"{level_name(row.level)} {row.placed:,} / {row.in_office:,}"
        for row in ask(stations.placed_by_level, period=period).itertuples()
    )
    st.caption(
        _(
            "已进站 / 在任：{levels}。代表名册共有四级代表 {roster} 人（含不在任的），其中 {placed} 人已进站。",
            levels=levels or "—",
            roster=f"{whole['roster']:,}",
            placed=f"{whole['roster_placed']:,}",
        )
    )
misplaced = ask(stations.misplaced, period=period)
if not misplaced.empty:
    sheets.show(
        misplaced.assign(
            level=misplaced["level"].map(level_name),
            placement=misplaced["placement"].map(lambda why: _(PLACEMENTS[why])),
        ),
        [
            ("placement", _("原因"), "text", 150),
            ("name", _("姓名"), "text", 75),
            ("level", _("层级"), "text", 65),
            ("township", _("镇街"), "text", 105),
            ("station_id", _("联络站编号"), "text", 90),
            ("station", _("阵地"), "text", "medium"),
            ("station_township", _("阵地所在镇街"), "text", 115),
            ("delegate_id", _("代表编号"), "text"),
        ],
        "misplaced",
        _("代表进站的例外"),
        caption=_("在其他镇街进站的，已计入进站人数。点击一行，查看该代表。"),
        on_click=to_delegate,
    )

st.subheader(_("阵地网络"), anchor=False)
named = {ANY: _("全部"), COUNTY: _("县本级")}
with st.container(horizontal=True):
    homes = [COUNTY if pd.isna(place) else place for place in places["township"]]
    township = filters.choose(
        _("镇街"), [ANY, *homes], "township", lambda home: named.get(home, home), width=180
    )
    kind = filters.choose(
        _("类型"), [ANY, *KINDS], "kind", lambda k: _("全部") if k == ANY else _(k), width=150
    )
    st.session_state.pick_station = chosen
    st.selectbox(
        _("查找阵地"),
        list(titles),
        key="pick_station",
        format_func=titles.__getitem__,
        on_change=choose_station,
        placeholder=_("输入名称或镇街查找"),
        width=380,
    )
narrowed = [
    (_("镇街"), named.get(township, township)),
    (_("类型"), _("全部") if kind == ANY else _(kind)),
]
branch = network
if township == COUNTY:
    branch = network[network["township"].isna()]
elif township != ANY:
    branch = network[network["township"] == township]
wanted = branch if kind == ANY else branch[branch["kind"] == kind]
if wanted.empty:
    st.info(_("没有符合条件的阵地。请放宽筛选条件，或补传阵地表。"))
    st.stop()
if len(branch) > MANY:
    st.info(_("阵地超过 {count} 个，请选择一个镇街，查看树形图。", count=MANY))
else:
    boxes = branch.assign(
        id=branch["station_id"],
        above=branch["above_id"],
        part=branch["state_name"],
        told=[
            listed(
                [
                    it.kind_name,
                    it.place_name,
                    it.state_name if pd.isna(it.missing) else _("缺{what}", what=it.missing),
                    _("代表 {count} 人", count=it.delegates),
                ]
            )
            for it in branch.itertuples()
        ],
    )
    counts = branch["kind"].value_counts()
    charts.draw(
        charts.tree(
            boxes,
            [f"{_(k)}  {counts.get(k, 0)}" for k in KINDS],
            {_(STATES[state]): colour for state, colour in COLOURS.items()},
        ),
        "tree",
        _("阵地网络：从服务中心到联系点，按五有情况着色"),
        to_station,
    )
    st.caption(_("从左到右，下级紧接在上级右侧；点击一个阵地，查看其详情。"))
adrift = branch[branch["detached"].notna()]
if not adrift.empty:
    st.warning(
        _("{count} 个阵地没有接到上级，列在树的最后。请核对阵地表的上级编号。", count=len(adrift)),
        icon=":material/error:",
    )
    sheets.show(
        adrift,
        [
            *(NAME, KIND, PLACE),
            ("parent_id", _("上级编号"), "text", 80),
            ("hanging", _("原因"), "text", "medium"),
            NUMBER,
        ],
        "adrift",
        _("没有接到上级的阵地"),
        on_click=station_of,
        narrowed=narrowed,
    )
sheets.show(
    wanted,
    [
        NAME._replace(name="indented"),
        *(KIND, PLACE),
        *((f"{one}_said", _(title), "text", 72) for one, title in FIVE.items()),
        *(DELEGATES, ACTIVITIES, RECEPTIONS, LAST),
        ("upgrade_round", _("提升轮次"), "count", 105),
        *(FUNDS, NUMBER),
        ("parent_id", _("上级编号"), "text"),
    ],
    "network",
    _("阵地一览"),
    caption=_("名称按层级缩进。五有：“✓”有，“缺”填了“否”，“—”没有填。点击一行，查看该阵地。"),
    on_click=station_of,
    narrowed=narrowed,
)

st.subheader(_("各镇街阵地"), anchor=False)
sheets.show(
    places.assign(
        covered=places["covered"].map(lambda full: _("是") if full else _("否"), na_action="ignore")
    ),
    [
        PLACE,
        ("homes", _("代表之家"), "count", 112),
        ("liaisons", _("联络站"), "count", 105),
        ("contacts", _("联系点"), "count", 95),
        ("covered", _("全覆盖"), "text", 65),
        *((state, _(title), "count", 95) for state, title in STATES.items()),
        *(DELEGATES, ACTIVITIES, RECEPTIONS),
        ("silent", _("没有活动的"), "count", 80),
        ("not_reported", _("没有报送的"), "count", 95),
        FUNDS,
        ("stations", _("阵地数"), "count"),
        ("centres", _("服务中心"), "count"),
    ],
    "places",
    _("各镇街阵地"),
    caption=_(
        "全覆盖：有代表之家和至少一个联络站。代表数是考核期末在任、在这些阵地进站的代表。点击一个镇街，上面和下面的阵地只列该镇街的。"
    ),
    on_click=township_of,
    tall=800,
)

st.subheader(_("五有建设"), anchor=False)
left, right = st.columns([1, 1], gap="medium")
with left:
    parts = places.sort_values(["lacking", "unstated", "stations"], ascending=False, kind="stable")
    grid = parts.set_index("place_name")[list(STATES)]
    charts.draw(
        charts.stacked(
            grid.rename(columns={state: _(title) for state, title in STATES.items()}),
            {_(STATES[state]): colour for state, colour in COLOURS.items()},
            _("个阵地"),
        ),
        "five",
        _("各镇街阵地的五有情况"),
        to_township,
    )
    st.caption(_("各镇街的阵地数，缺项多的在前。点击一个镇街，只看该镇街。"))
with right:
    short = wanted[wanted["state"] != "complete"]
    if short.empty:
        st.success(_("所选的阵地五有齐全。"), icon=":material/check_circle:")
    else:
        sheets.show(
            short,
            [
                NAME,
                PLACE,
                ("missing", _("缺"), "text", 150),
                ("unsaid", _("未填报"), "text", 150),
                *(KIND, NUMBER),
            ],
            "short",
            _("五有缺项"),
            caption=_("“缺”是填了“否”的，需要补齐；“未填报”是空着的，需要核实后补报。"),
            on_click=station_of,
            narrowed=narrowed,
        )

st.subheader(_("使用情况"), anchor=False)
measure = filters.choose(
    _("统计"), list(MEASURES), "measure", lambda one: _(MEASURES[one]), local=True, width=150
)
measured = [*narrowed, (_("统计"), _(MEASURES[measure]))]
if township == ANY:
    shares = ask(stations.township_months, **of_period)
    shares = shares.assign(place_name=shares["township"].fillna(_("县本级")))
    charts.draw(
        charts.matrix(by_month(shares, "place_name", measure), _(MEASURES[measure])),
        "township_months",
        _("各镇街阵地各月的活动次数"),
        to_township,
        measured,
    )
    st.caption(_("各镇街阵地各月合计。点击一个镇街，只看该镇街。"))
months = ask(stations.station_months, **of_period)
grid = by_month(months, "station_id", measure)
sheets.show(
    wanted.join(grid, on="station_id"),
    [
        *(NAME, PLACE),
        *((month, month, "count", 52) for month in grid.columns),
        *(LAST, KIND._replace(width=None), NUMBER),
    ],
    "months",
    _("各阵地各月活动"),
    caption=_(
        "本年一月至考核期末，已退回的记录不计。“—”表示所在镇街没有报送该季度，或还没有到该月。"
        "本期共有活动 {held} 次，其中没有写明阵地的 {nameless} 次、写了阵地表中没有的编号的 {unknown} 次，不在任何阵地的数字里。",
        held=f"{whole['held']:,}",
        nameless=f"{whole['nameless']:,}",
        unknown=f"{whole['unknown']:,}",
    ),
    on_click=station_of,
    narrowed=measured,
)
strange = ask(stations.unknown_stations, period=period)
if not strange.empty:
    st.caption(_("下面的编号有记录或名册填写，但阵地表中没有。请更正，或补传阵地表。"))
    sheets.show(
        strange,
        [
            ("station_id", _("编号"), "text", 120),
            ("activities", _("本期活动"), "count", 80),
            ("delegates", _("在任代表（人）"), "count", 110),
        ],
        "strange",
        _("阵地表中没有的编号"),
    )

st.subheader(_("没有活动的阵地"), anchor=False)
idle = wanted[wanted["quiet"].notna()].sort_values(
    ["silent", "last_activity", "place"], ascending=[False, True, True], na_position="first"
)
if idle.empty:
    st.success(_("已报送的季度里，所选的阵地都有活动。"), icon=":material/check_circle:")
else:
    sheets.show(
        idle,
        [
            *(NAME, KIND, PLACE),
            ("quiet", _("没有活动的季度"), "text", 150),
            *(LAST, DELEGATES, NUMBER),
        ],
        "idle",
        _("没有活动的阵地"),
        on_click=station_of,
        narrowed=narrowed,
    )
st.caption(
    _(
        "整季没有一次活动的阵地：全期没有的在前，最久没有活动的在前。另有 {count} 个阵地，所在镇街本期没有报送，不知有没有活动。",
        count=wanted["silent"].isna().sum(),
    )
)

st.subheader(_("提升与经费"), anchor=False)
rounds = ask(stations.upgrades)
no_round = _("未列轮次")


def round_name(number: Any) -> str:
    return no_round if pd.isna(number) else _("第{number}轮", number=int(number))


left, right = st.columns([1, 1], gap="medium")
with left:
    sheets.show(
        rounds.assign(name=rounds["upgrade_round"].map(round_name)),
        [
            ("name", _("提升轮次"), "text", 100),
            ("stations", _("阵地数"), "count", 70),
            ("townships", _("镇街数"), "count", 70),
            FUNDS,
        ],
        "rounds",
        _("提升轮次和经费"),
    )
    plain_ones = wanted[wanted["upgrade_round"].isna()]
    if not plain_ones.empty:
        with st.expander(_("没有列入提升轮次的阵地（{count} 个）", count=len(plain_ones))):
            sheets.show(
                plain_ones,
                [NAME, KIND, PLACE, STATE, FUNDS, NUMBER],
                "no_round",
                _("没有列入提升轮次的阵地"),
                on_click=station_of,
                narrowed=narrowed,
            )
with right:
    paid = places[places["funding_10k"].notna()].sort_values(
        "funding_10k", ascending=False, kind="stable"
    )
    if paid.empty:
        st.caption(_("阵地表中没有填写经费。"))
    else:
        charts.draw(
            charts.bars(paid, "place_name", "funding_10k"),
            "funds",
            _("各镇街阵地的经费"),
            to_township,
        )
        st.caption(_("各镇街阵地的经费合计（万元），多的在前。"))
shares = ask(stations.township_upgrades)
shares = shares.assign(
    place_name=shares["township"].fillna(_("县本级")), round=shares["upgrade_round"].map(round_name)
)
by_round = shares.pivot(index="place_name", columns="round")
wide = (
    by_round["stations"]
    .fillna(0)
    .add_prefix("stations ")
    .join(by_round["funding_10k"].add_prefix("funding_10k "))
    .reindex(shares["place_name"].unique())
    .reset_index()
)
sheets.show(
    wide,
    [
        PLACE,
        *(
            column
            for name in rounds["upgrade_round"].map(round_name)
            for column in (
                (f"stations {name}", _("{round}阵地数", round=name), "count", 110),
                (f"funding_10k {name}", _("{round}万元", round=name), "score", 110),
            )
        ),
    ],
    "township_rounds",
    _("各镇街提升轮次和经费"),
    caption=_("阵地表登记的全部轮次和经费，与考核期无关。“—”表示没有填写经费。"),
    on_click=township_of,
    tall=800,
)

with st.expander(_("怎样统计")):
    st.markdown(
        _(
            "- **阵地网络**　来自阵地表：上级编号决定位置；上级没有填、已不在表中或类型不比它高的，列在树的最后，不会遗漏。\n"
            "- **五有**　阵地表的有场地、有设备、有代表、有制度、有记录。任一项填“否”为有缺项；没有“否”但有空着的为未填全。\n"
            "- **活动**　履职活动表中写明阵地编号、日期在考核期内、未退回的记录；接待选民是其中一类。没有写明阵地的记录不在任何阵地的数字里。\n"
            "- **没有活动**　所在镇街已报送该季度的履职活动，而该阵地整季没有一条记录。没有报送的显示为“—”，不算没有活动。\n"
            "- **进站**　代表名册中在考核期最后一天在任的代表，联络站编号在阵地表中的为已进站。代表全覆盖只看省级、地市级、县级、乡镇级四级，全国级不计入。\n"
            "- **镇街全覆盖**　镇街表中的每个镇街都有代表之家和至少一个联络站。没有填镇街的阵地属于县本级，不计入任何镇街。\n"
            "- **经费**　阵地表的经费万元和提升轮次，不分年度。"
        )
    )
