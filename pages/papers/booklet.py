"""镇街手册: a township's figures, delegates and open matters, for the one who answers for it."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import pandas as pd

from data.period import Period
from pages.exports import press
from pages.exports.press import Heading
from pages.papers.bulletin import since
from pages.papers.method import (
    Listing,
    bar,
    grade_said,
    grade_title,
    known,
    moved,
    not_reported,
    rounded,
    score,
    shaded,
    share,
    shortened,
    together,
    whole_day,
)
from pages.papers.paper import Done, Made
from pages.parts.facts import Facts
from pages.words import _
from pages.words.terms import LEVELS, day, level_name, period_name, told
from queries import county, matters

FIGURES = {
    "excellent_share": "优秀占比",
    "active_share": "活跃占比",
    "households_each": "人均走访",
    "receptions_each": "人均接待",
    "opinions_each": "人均意见",
    "publicity_each": "人均宣讲",
    "closed_share": "意见办结",
    "in_time_share": "按期答复",
}
STATES = {
    "overdue": "逾期",
    "due_soon": "30天内到期",
    "open": "在办",
    "unassigned": "未交办",
}
QUARTERS = 8  # of the trend


class Asked(NamedTuple):
    """What all townships' sections are made of, asked once."""

    townships: pd.DataFrame
    history: pd.DataFrame
    places: pd.DataFrame
    indicators: pd.DataFrame
    of_townships: pd.DataFrame
    of_county: pd.DataFrame
    delegates: pd.DataFrame
    suggestions: pd.DataFrame
    opinions: pd.DataFrame
    dimensions: dict[str, str]
    least: str


def make(facts: Facts, period: Period, of: str | None, done: Done) -> Made:
    """The section of the township ``of``, or of every township, with an outline.

    What is open or overdue is so on the day of export.
    """
    facts = replace(facts, title=_("镇街代表履职手册"))
    asked = _ask(facts, period)
    names = list(asked.townships["township"])
    if of is not None or not names:
        part = _section(asked, facts, period, of) if of in names else _nobody(facts, period)
        made = Made(press.pdf("booklet", part, facts.at), press.lacking(part))
        done(1, 1)
        return made
    parts = [_section(asked, facts, period, name) for name in names]
    finished = 0

    def one_done() -> None:
        nonlocal finished
        finished += 1
        done(finished, len(parts))

    front = partial(_front, asked, facts, period)
    title = f"{facts.title} {period_name(str(period))}"
    content = press.bound("booklet", parts, ("booklet", front), title, facts.at, one_done)
    return Made(content, press.lacking([parts, front([])]))


def _ask(facts: Facts, period: Period) -> Asked:
    today = facts.at.date()
    townships = county.township_figures(periods=[period.before, period], today=today)
    quarters = [q for q in county.quarters_on_record() if q.end <= period.end][-QUARTERS:]
    indicators = county.indicators()
    dimensions = dict(zip(indicators["dimension"], indicators["dimension_name"], strict=True))
    rates = county.dimension_rates(period=period).pivot(
        index="delegate_id", columns="dimension", values="rate"
    )
    suggestions = matters.suggestions_in_hand(period=period, today=today)
    opinions = matters.opinions_in_hand(period=period, today=today)
    return Asked(
        townships=townships[townships["period"] == str(period)],
        history=county.township_figures(periods=quarters, today=today),
        places=county.township_places(period=period, today=today).set_index("figure"),
        indicators=indicators,
        of_townships=county.township_indicators(periods=[period]),
        of_county=county.county_indicators(periods=[period]).set_index("indicator"),
        delegates=county.ranking(period=period).join(
            rates.reindex(columns=list(dimensions)), on="delegate_id"
        ),
        suggestions=suggestions[suggestions["is_open"]],
        opinions=opinions[opinions["is_open"]],
        dimensions=dimensions,
        least=told(100 * county.scheme_terms()["min_coverage"].iloc[0]),
    )


def _nobody(facts: Facts, period: Period) -> dict[str, Any]:
    return {
        "about": facts.head(),
        "cover": _cover(facts, period),
        "nobody": [_("{period}没有在任代表的数据。", period=period_name(str(period)))],
        "source": _source(facts),
    }


def _source(facts: Facts) -> str:
    return _("；").join(
        _("{label}：{text}", label=label, text=text.rstrip("。.")) for label, text in facts.lines()
    )


def _front(
    asked: Asked, facts: Facts, period: Period, headings: Sequence[Heading]
) -> dict[str, Any]:
    """The pages before the sections: what it is, and where each township stands and is found."""
    homeless = int((asked.delegates["township"].fillna("") == "").sum())
    return {
        "about": facts.head(),
        "cover": _cover(facts, period),
        "contents": Listing(
            head=[_("名次"), _("镇街"), _("代表数"), "n", _("平均得分"), _("页码")],
            rows=[
                [
                    told(row.rank),
                    row.township,
                    told(row.delegates),
                    told(row.scored),
                    score(row.mean_score),
                    str(heading.page),
                ]
                for row, heading in zip(asked.townships.itertuples(), headings, strict=False)
            ],
        ),
        "note": together(
            [
                _(
                    "n 为有得分的代表人数；有得分的代表不足 {share}% 的镇街不排名。",
                    share=asked.least,
                ),
                _("没有镇街的代表 {count} 人，不在本手册内。", count=homeless) if homeless else "",
            ]
        ),
        "facts": facts.lines(),
    }


def _cover(facts: Facts, period: Period) -> dict[str, Any]:
    return {
        "title": facts.title,
        "period": period_name(str(period)),
        "issuer": _("签发单位"),
        "day": whole_day(facts.at.date()),
        "warning": _("示例数据，人物和记录均为虚构。") if facts.sample else None,
    }


def _section(asked: Asked, facts: Facts, period: Period, name: str) -> dict[str, Any]:
    row = asked.townships.set_index("township").loc[name]
    titled = replace(facts, title=_("{title}：{name}", title=facts.title, name=name))
    return {
        "about": titled.head(),
        "source": _source(titled),
        "name": name,
        "period": period_name(str(period)),
        "leader": None
        if pd.isna(row["leader"]) or not row["leader"]
        else _("包联领导：{name}", name=row["leader"]),
        "figures": _key_figures(row, asked, period),
        "text": [_sent(row, period)],
        "places_title": _("与各镇街比较"),
        "places": _places(asked.places, name),
        "trend_title": _("各季度平均得分"),
        "trend": _trend(asked.history, name),
        "indicators_title": _("各指标平均完成率"),
        "indicators": _indicators(asked, name),
        "legend": [_("本镇街"), _("全县")],
        "indicators_note": _(
            "完成率按代表平均，n 为本镇街有完成率的代表人数。“—”表示未安排、未到期或未报送，不计入得分。"
        ),
        "places_note": _(
            "“人均”按在任代表计；比率由总数相除，n 为其基数；名次为各镇街中由高到低的位次。"
        ),
        "delegates_title": _("代表名单"),
        "delegates": _delegates(asked, period, name),
        "delegates_note": together(
            [
                _("各维度为计入得分的完成率（%）。名次为全县同层级内的名次。"),
                "" if period.is_year else _("本期等次为预评，年度考核时确定。"),
            ]
        ),
        **_open(asked, facts, name),
        "signatures": [_("镇街负责人"), _("经办人"), _("日期")],
    }


def _key_figures(row: pd.Series, asked: Asked, period: Period) -> list[dict[str, str]]:
    ranked = int(asked.townships["rank"].count())
    change = (
        since(period, told(row["mean_change"], "+.2f"))
        if pd.notna(row["mean_change"]) and pd.notna(row["rank"])
        else ""
    )
    if pd.isna(row["rank"]):
        place = _("有得分的不足 {share}%，不排名", share=asked.least)
    else:
        place = _("共 {count} 个镇街排名", count=ranked)
    return [
        {"label": _("平均得分"), "value": score(row["mean_score"]), "change": change},
        {
            "label": _("全县平均得分"),
            "value": score(row["county_mean"]),
            "change": _chance(row),
        },
        {"label": _("镇街名次"), "value": told(row["rank"]), "change": place},
        {
            "label": _("有得分的代表（人）"),
            "value": told(row["scored"]),
            "change": _("在任代表 {count} 人", count=told(row["delegates"])),
        },
    ]


def _chance(row: pd.Series) -> str:
    """Whether the mean lies outside of what chance explains for so many delegates."""
    if pd.isna(row["rank"]) or pd.isna(row["funnel_low"]):
        return ""
    if row["mean_score"] > row["funnel_high"]:
        return _("高于偶然波动范围")
    return (
        _("低于偶然波动范围") if row["mean_score"] < row["funnel_low"] else _("在偶然波动范围以内")
    )


def _sent(row: pd.Series, period: Period) -> str:
    if len(row["not_reported"]) == 0:
        return _("本期数据已报齐。")
    return _("未报送：{formats}。", formats=not_reported(row["not_reported"], period))


def _places(places: pd.DataFrame, name: str) -> Listing:
    own = places[places["township"] == name]
    rows = []
    for figure, title in FIGURES.items():
        shape = share if figure.endswith("_share") else score
        if figure in own.index:
            it = own.loc[figure]
            rows.append(
                [
                    _(title),
                    shape(it["value"]),
                    told(it["total"], ",.0f"),
                    shape(it["value_of_all"]),
                    f"{it['place']}/{it['places']}",
                ]
            )
        else:
            rows.append([_(title), *["—"] * 4])
    return {"head": [_("项目"), _("本镇街"), "n", _("各镇街"), _("名次")], "rows": rows}


def _trend(history: pd.DataFrame, name: str) -> Listing:
    top = max(100.0, history["mean_score"].max())
    own = history[history["township"] == name]
    return {
        "head": [_("季度"), _("名次"), "n", _("全县"), _("平均得分")],
        "rows": [
            [
                period_name(row.period),
                told(row.rank),
                told(row.scored),
                score(row.county_mean),
                bar(row.mean_score / top if pd.notna(row.rank) else None, score(row.mean_score)),
            ]
            for row in own.itertuples(index=False)
        ],
    }


def _indicators(asked: Asked, name: str) -> Listing:
    own = asked.of_townships[asked.of_townships["township"] == name].set_index("indicator")
    rows = []
    for it in asked.indicators.itertuples(index=False):
        here = own["mean_rate"].get(it.indicator)
        there = asked.of_county["mean_rate"].get(it.indicator)
        rows.append(
            [
                _(it.name),
                _(it.dimension_name),
                told(own["rated"].get(it.indicator)),
                share(here),
                share(there),
                {"pair": [rounded(here), rounded(there)]},
            ]
        )
    return {
        "head": [_("指标"), _("维度"), "n", _("本镇街"), _("全县"), ""],
        "rows": rows,
    }


def _delegates(asked: Asked, period: Period, name: str) -> list[dict[str, Any]]:
    own = asked.delegates[asked.delegates["township"] == name]
    told_of = []
    for level in LEVELS:
        rows = own[own["level"] == level]
        if rows.empty:
            continue
        told_of.append(
            {
                "over": _("{level}：{count} 人", level=level_name(level), count=len(rows)),
                "table": Listing(
                    head=[
                        _("名次"),
                        _("变化"),
                        _("姓名"),
                        _("得分"),
                        grade_title(period),
                        *(_(title) for title in asked.dimensions.values()),
                    ],
                    rows=[
                        [
                            told(row["rank"]),
                            moved(row["rank_change"]),
                            row["name"],
                            score(row["score"]),
                            grade_said(row["grade"], row["graded"]),
                            *(shaded(row[code]) for code in asked.dimensions),
                        ]
                        for row in rows.to_dict("records")
                    ],
                ),
            }
        )
    return told_of


def _open(asked: Asked, facts: Facts, name: str) -> dict[str, Any]:
    """The suggestions and opinions of the township's delegates that wait today."""
    today = whole_day(facts.at.date())
    suggestions = asked.suggestions[asked.suggestions["township"] == name]
    opinions = asked.opinions[asked.opinions["township"] == name]
    overdue = int((suggestions["state"] == "overdue").sum())
    unassigned = int((suggestions["state"] == "unassigned").sum())
    in_hand = len(suggestions) - unassigned
    unrouted = int((opinions["state"] == "unrouted").sum())
    return {
        "suggestions_title": _("尚未答复的建议"),
        "suggestions_text": [
            together(
                [
                    _(
                        "截至{today}，在办的代表建议 {count} 件，其中逾期 {overdue} 件。",
                        today=today,
                        count=in_hand,
                        overdue=overdue,
                    )
                    if in_hand
                    else _("截至{today}，没有在办的代表建议。", today=today),
                    _("另有未交办 {count} 件。", count=unassigned) if unassigned else "",
                ]
            )
        ],
        "suggestions": Listing(
            head=[
                _("状态"),
                _("逾期天数"),
                _("编号"),
                _("标题"),
                _("领衔代表"),
                _("承办单位"),
                _("期限"),
            ],
            rows=[
                [
                    _(STATES[row.state]),
                    told(row.days_late),
                    row.suggestion_id,
                    shortened(row.title),
                    row.name,
                    known(row.agency),
                    day(row.due),
                ]
                for row in suggestions.itertuples(index=False)
            ],
        ),
        "opinions_title": _("未办结的群众意见"),
        "opinions_text": [
            _(
                "截至{today}，未办结的群众意见 {count} 条，其中未转办 {unrouted} 条。",
                today=today,
                count=len(opinions),
                unrouted=unrouted,
            )
            if len(opinions)
            else _("截至{today}，没有未办结的群众意见。", today=today)
        ],
        "opinions": Listing(
            head=[_("天数"), _("诉求"), _("代表"), _("办理层级")],
            rows=[
                [
                    told(row.days_open),
                    shortened(row.content),
                    row.name,
                    _(known(row.tier)) if row.state != "unrouted" else _("未转办"),
                ]
                for row in opinions.itertuples(index=False)
            ],
        ),
        "open_note": _("建议属于领衔代表的镇街，意见属于收集它的代表的镇街；天数从收集之日起计。"),
    }
