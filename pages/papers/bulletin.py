"""履职通报: how a county's delegates did in a period, for a meeting that decides upon it."""

from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd

from data.period import Period
from pages.exports import press
from pages.papers.method import (
    Listing,
    bar,
    grade_said,
    grade_title,
    known,
    method,
    moved,
    not_reported,
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
from pages.words.terms import LEVELS, day, level_name, listed, period_name, told
from queries import county, loop, matters

LISTED = 10  # places of the lists of the best, the last and the climbs
ACROSS = 12  # indicators that a table of rates takes beside each other


def make(facts: Facts, period: Period, of: str | None, done: Done) -> Made:
    """The county's bulletin; ``of`` is None. What is overdue is so on the day of export."""
    title = _("{period}代表履职情况通报", period=_of_period(period))
    contents = _contents(replace(facts, title=title), period)
    made = Made(press.pdf("bulletin", contents, facts.at), press.lacking(contents))
    done(1, 1)
    return made


def _contents(facts: Facts, period: Period) -> dict[str, Any]:
    today = facts.at.date()
    contents: dict[str, Any] = {
        "about": facts.head(),
        "cover": {
            "title": _("代表履职情况通报"),
            "period": _of_period(period),
            "issuer": _("签发单位"),
            "day": whole_day(today),
            "warning": _("示例数据，人物和记录均为虚构。") if facts.sample else None,
        },
        "headings": {
            "county": _("总体情况"),
            "townships": _("镇街情况"),
            "grades": _("等次分布"),
            "indicators": _("指标完成情况"),
            "people": _("代表名次"),
            "deadlines": _("建议办理期限"),
            "ranking": _("全部排名"),
            "method": _("统计方法"),
        },
        "method": method(period, today),
        "facts": facts.lines(),
        "facts_title": _("本表来源"),
        "indicators_title": _("指标、目标和权重"),
        "signatures": [_("拟稿"), _("审核"), _("签发"), _("日期")],
    }
    figures = county.county_figures(periods=[period])
    if figures.empty:
        nobody = _("{period}没有在任代表的数据。", period=period_name(str(period)))
        return contents | {"nobody": [nobody]}
    whole = figures.iloc[0]
    changes = _changes(period)
    townships = county.township_figures(periods=[period.before, period], today=today)
    townships = townships[townships["period"] == str(period)]
    ranking = county.ranking(period=period).fillna({"township": ""})
    steps = matters.suggestion_steps(period=period, today=today)
    grades = loop.grade_counts(period=period)
    return contents | {
        "county": {
            "figures": _key_figures(period, whole, changes),
            "text": _told_of_county(period, whole, changes, townships, ranking)
            + _told_of_work(period, whole, grades, steps, today),
        },
        "townships": _townships(period, townships),
        "grades": _grades(period, grades, changes is not None),
        "indicators": _indicators(period, townships),
        "people": _people(period, ranking),
        "people_note": _(
            "同分同名次。名次最后的，只列本期应报数据均已报送、且不在前列的代表；"
            "名次上升的，只列两期数据都已报齐的代表。"
        ),
        "deadlines": _deadlines(period, steps, today),
        "ranking": _ranking(period, ranking),
    }


def _of_period(period: Period) -> str:
    """The period as it stands before what it is of."""
    return _("{year}年度", year=period.year) if period.is_year else period_name(str(period))


def _changes(period: Period) -> pd.Series | None:
    """The county's changes since the period before, if that is on record."""
    changes = county.county_changes(period=period)
    if changes.empty or period.before.quarters[0] not in county.quarters_on_record():
        return None
    return changes.iloc[0]


# 总体情况


def _key_figures(
    period: Period, whole: pd.Series, changes: pd.Series | None
) -> list[dict[str, str]]:
    def figure(label: str, name: str, shape: str) -> dict[str, str]:
        change = None if changes is None else changes[name]
        if change is None or pd.isna(change):
            said = ""
        elif not told(change, shape).strip("-0.,%"):
            said = _("与上期持平") if period.is_quarter else _("与上年同期持平")
        else:
            said = since(period, _points(change) if shape == ".1%" else told(change, f"+{shape}"))
        return {"label": label, "value": told(whole[name], shape), "change": said}

    return [
        figure(_("平均得分"), "mean_score", ".2f"),
        figure(_("有得分的代表（人）"), "scored", ",.0f"),
        figure(_("有履职记录的代表"), "active_share", ".1%"),
        figure(_("未报齐的镇街（个）"), "townships_not_reported", ",.0f"),
        figure(_("走访群众（户次）"), "households_visited", ",.0f"),
        figure(_("接待选民（次）"), "receptions", ",.0f"),
        figure(_("收集意见建议（条）"), "opinions", ",.0f"),
        figure(_("其中已办结（条）"), "opinions_closed", ",.0f"),
    ]


def since(period: Period, change: str) -> str:
    """A change, with what it is a change from."""
    if period.is_quarter:
        return _("比上期 {change}", change=change)
    return _("比上年同期 {change}", change=change)


def _points(change: float) -> str:
    return _("{points} 个百分点", points=told(100 * change, "+.1f"))


def _told_of_county(
    period: Period,
    whole: pd.Series,
    changes: pd.Series | None,
    townships: pd.DataFrame,
    ranking: pd.DataFrame,
) -> list[str]:
    """What the figures say of scores, and what is missing; nothing else."""
    levels = _levels(ranking[ranking["graded"]])
    unscored = int(whole["delegates"] - whole["scored"])
    people = together(
        [
            _(
                "本期在任的{levels}代表共 {count} 人，其中有得分的 {scored} 人。",
                levels=listed(level_name(level) for level in levels),
                count=told(whole["delegates"]),
                scored=told(whole["scored"]),
            ),
            _("已有数据不足、没有得分的 {count} 人；缺失的数据不按低分计。", count=told(unscored))
            if unscored
            else "",
            "" if pd.isna(whole["mean_score"]) else _mean_said(period, whole, changes),
        ]
    )
    gaps = [
        _(
            "{township}（{formats}）",
            township=row.township,
            formats=not_reported(row.not_reported, period),
        )
        for row in townships.itertuples(index=False)
        if len(row.not_reported)
    ]
    if townships.empty:
        sent = _("本期没有代表属于镇街。")
    elif gaps:
        sent = _("未报齐数据的镇街：{townships}。", townships=listed(gaps))
    else:
        sent = _("各镇街的数据均已报齐。")
    return [people, together([sent, _leaders(townships)])]


def _mean_said(period: Period, whole: pd.Series, changes: pd.Series | None) -> str:
    mean = score(whole["mean_score"])
    change = None if changes is None else changes["mean_score"]
    if change is None or pd.isna(change):
        return _("全县平均得分 {mean} 分。", mean=mean)
    before, size = period_name(str(period.before)), score(abs(change))
    if size == score(0.0):
        return _("全县平均得分 {mean} 分，与{before}持平。", mean=mean, before=before)
    if change > 0:
        return _(
            "全县平均得分 {mean} 分，比{before}提高 {size} 分。",
            mean=mean,
            before=before,
            size=size,
        )
    return _(
        "全县平均得分 {mean} 分，比{before}降低 {size} 分。", mean=mean, before=before, size=size
    )


def _leaders(townships: pd.DataFrame) -> str:
    if townships.empty:
        return ""
    first = townships[townships["rank"] <= 3]
    if first.empty:
        return _("本期还没有镇街可以排名。")
    if townships["rank"].count() <= 3:
        return ""
    return _(
        "平均得分居前的镇街：{townships}。",
        townships=listed(
            _("{township} {mean} 分", township=row.township, mean=score(row.mean_score))
            for row in first.itertuples(index=False)
        ),
    )


def _told_of_work(
    period: Period, whole: pd.Series, grades: pd.DataFrame, steps: pd.DataFrame, today: date
) -> list[str]:
    given = [
        _("{grade} {count} 人", grade=_(row.grade), count=told(row.delegates))
        for row in grades.itertuples(index=False)
        if row.delegates
    ]
    if pd.isna(whole["opinions"]):
        collected = _("本期没有镇街报送群众意见。")
    elif whole["opinions"]:
        collected = _(
            "收集意见建议 {count} 条，已办结 {closed} 条，占 {share}。",
            count=told(whole["opinions"]),
            closed=told(whole["opinions_closed"]),
            share=share(whole["closed_share"]),
        )
    else:
        collected = _("本期没有收集意见建议的记录。")
    return [
        together(
            [
                _("{title}：{grades}。", title=grade_title(period), grades=listed(given))
                if given
                else _("还没有代表有等次。"),
                collected,
                _suggestions_said(steps, today),
            ]
        )
    ]


def _suggestions_said(steps: pd.DataFrame, today: date) -> str:
    of_all = steps[steps["all_townships"] & steps["all_agencies"]]
    in_hand, overdue, latest = (
        (0, 0, 0) if of_all.empty else of_all[["in_hand", "overdue", "days_late"]].iloc[0]
    )
    if not in_hand:
        return _("截至{today}，没有在办的代表建议。", today=whole_day(today))
    if not overdue:
        return _(
            "截至{today}，在办的代表建议 {count} 件，没有逾期的。",
            today=whole_day(today),
            count=told(in_hand),
        )
    return _(
        "截至{today}，在办的代表建议 {count} 件，其中逾期 {overdue} 件，逾期最长 {days} 天。",
        today=whole_day(today),
        count=told(in_hand),
        overdue=told(overdue),
        days=told(latest),
    )


# 镇街情况


def _townships(period: Period, townships: pd.DataFrame) -> dict[str, Any] | None:
    if townships.empty:
        return None
    ranked = townships[townships["rank"].notna()]
    judged_at_all = ranked["funnel_low"].notna().any()
    above = ranked[ranked["mean_score"] > ranked["funnel_high"]]
    below = ranked[ranked["mean_score"] < ranked["funnel_low"]]
    beyond = {*above["township"], *below["township"]}
    top = max(100.0, townships["mean_score"].max())
    rows = [
        [
            told(row.rank),
            row.township,
            told(row.scored),
            told(row.delegates),
            bar(row.mean_score / top if pd.notna(row.rank) else None, score(row.mean_score)),
            told(row.mean_change if pd.notna(row.rank) else None, "+.2f"),
            share(row.excellent_share if pd.notna(row.rank) else None),
            share(row.active_share),
            share(row.closed_share),
            share(row.in_time_share),
            _funnel(row, beyond),
        ]
        for row in townships.itertuples(index=False)
    ]
    judged = [
        _(
            "平均得分高于偶然波动范围的镇街：{townships}。",
            townships=listed(above["township"]),
        )
        if len(above)
        else "",
        _(
            "平均得分低于偶然波动范围的镇街：{townships}。",
            townships=listed(below["township"]),
        )
        if len(below)
        else "",
        _("各镇街的平均得分均在偶然波动范围以内。") if judged_at_all and not beyond else "",
        _("仅因偶然，每 20 个镇街中约有 1 个落在范围以外。") if beyond else "",
    ]
    return {
        "table": Listing(
            head=[
                _("名次"),
                _("镇街"),
                "n",
                _("代表数"),
                _("平均得分"),
                _("比上期") if period.is_quarter else _("比上年同期"),
                _("优秀占比"),
                _("活跃占比"),
                _("意见办结"),
                _("按期答复"),
                _("偶然波动"),
            ],
            rows=rows,
        ),
        "text": [together(judged)] if any(judged) else [],
        "note": _(
            "n 为有得分的代表人数；有得分的代表不足 {share}% 的镇街，不排名、不比较。"
            "活跃占比：有履职记录的代表所占比例。“—”表示没有数据。",
            share=told(100 * county.scheme_terms()["min_coverage"].iloc[0]),
        ),
    }


def _funnel(row: Any, beyond: set[str]) -> str:
    if pd.isna(row.rank) or pd.isna(row.funnel_low):
        return "—"
    if row.township not in beyond:
        return _("以内")
    return _("高于") if row.mean_score > row.funnel_high else _("低于")


# 等次分布


def _grades(period: Period, grades: pd.DataFrame, has_before: bool) -> dict[str, Any] | None:
    total = int(grades["delegates"].sum())
    if not total:
        return None
    steps = county.distribution(period=period)
    return {
        "table": Listing(
            head=[
                grade_title(period),
                _("人数"),
                _("上期人数") if period.is_quarter else _("上年同期人数"),
                _("占比"),
            ],
            rows=[
                [
                    _(row.grade),
                    told(row.delegates),
                    told(row.delegates_before) if has_before else "—",
                    bar(row.delegates / total, share(row.delegates / total)),
                ]
                for row in grades.itertuples(index=False)
            ],
        ),
        "steps": [
            {"step": int(row.step), "grade": int(row.position), "count": int(row.delegates)}
            for row in steps.itertuples(index=False)
        ],
        "bands": [_(grade) for grade in grades["grade"]],
        "note": together(
            [
                _("图为每五分一组的代表人数，横轴为得分。"),
                "" if period.is_year else _("本期等次为预评，年度考核时确定。"),
            ]
        ),
    }


# 指标完成情况


def _indicators(period: Period, townships: pd.DataFrame) -> dict[str, Any]:
    names = county.indicators().set_index("indicator")
    rates = county.county_indicators(periods=[period])
    rates = rates.sort_values(["mean_rate", "position"], ascending=[False, True])
    of_county = [
        [
            _(names["name"][row.indicator]),
            _(names["dimension_name"][row.indicator]),
            told(row.rated),
            bar(row.mean_rate, share(row.mean_rate)),
        ]
        for row in rates.itertuples(index=False)
    ]
    grid = (
        county.township_indicators(periods=[period])
        .pivot(index="township", columns="indicator", values="mean_rate")
        .reindex(index=townships["township"], columns=names.index)
    )
    mean = rates.set_index("indicator")["mean_rate"]
    chosen = [list(names.index[i : i + ACROSS]) for i in range(0, len(names), ACROSS)]
    return {
        "table": Listing(
            head=[_("指标"), _("维度"), "n", _("平均完成率")],
            rows=of_county,
        ),
        "heat": [
            Listing(
                head=[_("镇街"), *(_(names["name"][code]) for code in codes)],
                rows=[
                    *([t, *map(shaded, grid.loc[t, codes])] for t in grid.index),
                    [_("全县"), *map(shaded, mean[codes])],
                ],
            )
            for codes in chosen
            if len(grid)
        ],
        "heat_title": _("镇街与指标的平均完成率（%）"),
        "note": _(
            "完成率按代表平均，n 为有完成率的代表人数。“—”表示未安排、未到期或未报送，不计入得分。"
        ),
        "heat_note": _("镇街按平均得分排列，颜色越深完成率越高。"),
    }


# 代表名次


def _people(period: Period, ranking: pd.DataFrame) -> list[dict[str, Any]]:
    """Of each level: the best, the last of those with full data, and who climbed most."""
    head = [_("名次"), _("姓名"), _("镇街"), _("得分"), grade_title(period)]
    told_of = []
    for level in _levels(ranking[ranking["rank"].notna()]):
        ranked = ranking[(ranking["level"] == level) & ranking["rank"].notna()]
        best = ranked[ranked["rank"] <= LISTED]
        full = ranked[(ranked["coverage"] == 1) & (ranked["rank"] > LISTED)]
        climbs = county.movers(period=period, level=level, count=LISTED)
        climbs = climbs[climbs["rank_change"] > 0].fillna({"township": ""})
        told_of.append(
            {
                "best_title": _(
                    "{level}：前 {count} 名",
                    level=level_name(level),
                    count=min(LISTED, len(ranked)),
                ),
                "best": Listing(head=head, rows=[_person(row) for row in best.itertuples()]),
                "last_title": _(
                    "{level}：数据报齐的代表中名次最后的 {count} 人",
                    level=level_name(level),
                    count=told(min(LISTED, len(full))),
                ),
                "last": Listing(
                    head=head, rows=[_person(row) for row in full.tail(LISTED).itertuples()]
                ),
                "climbs_title": _("{level}：名次上升最多", level=level_name(level)),
                "climbs": Listing(
                    head=[_("变化"), _("姓名"), _("镇街"), _("名次"), _("得分")],
                    rows=[
                        [
                            moved(row.rank_change),
                            row.name,
                            row.township or "—",
                            told(row.rank),
                            score(row.score),
                        ]
                        for row in climbs.itertuples(index=False)
                    ],
                ),
            }
        )
    return told_of


def _person(row: Any) -> list[str]:
    return [
        told(row.rank),
        row.name,
        row.township or "—",
        score(row.score),
        grade_said(row.grade, row.graded),
    ]


# 建议办理期限


def _deadlines(period: Period, steps: pd.DataFrame, today: date) -> dict[str, Any] | None:
    by_agency = steps[steps["all_townships"] & ~steps["all_agencies"] & (steps["in_hand"] > 0)]
    by_township = steps[~steps["all_townships"] & steps["all_agencies"] & (steps["in_hand"] > 0)]
    if by_agency.empty:
        return None
    urgent = matters.suggestions_in_hand(period=period, today=today)
    urgent = urgent[urgent["priority"] & (urgent["state"] == "overdue")]
    return {
        "text": [_suggestions_said(steps, today)],
        "agencies": _owing(by_agency, "agency", _("承办单位")),
        "townships": _owing(by_township, "township", _("领衔代表的镇街")),
        "urgent_title": _("逾期的重点督办建议（{count} 件）", count=len(urgent)),
        "urgent": Listing(
            head=[_("逾期天数"), _("编号"), _("标题"), _("领衔代表"), _("承办单位"), _("期限")],
            rows=[
                [
                    told(row.days_late),
                    row.suggestion_id,
                    shortened(row.title),
                    row.name,
                    known(row.agency),
                    day(row.due),
                ]
                for row in urgent.itertuples(index=False)
            ],
        ),
        "note": _(
            "代表法第五十一条：自交办之日起三个月内答复，涉及面广、处理难度大的六个月内答复。"
            "不论何时提出，以{today}为准。",
            today=whole_day(today),
        ),
    }


def _owing(steps: pd.DataFrame, whose: str, title: str) -> Listing:
    steps = steps.sort_values(["overdue", "in_hand", whose], ascending=[False, False, True])
    return {
        "head": [title, _("在办"), _("30天内到期"), _("逾期"), _("最长逾期天数")],
        "rows": [
            [
                known(getattr(row, whose)),
                told(row.in_hand),
                told(row.due_soon),
                told(row.overdue),
                told(row.days_late),
            ]
            for row in steps.itertuples(index=False)
        ],
    }


# 全部排名


def _ranking(period: Period, ranking: pd.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """Of each level: who has a score, in order, and by township the names of those without.

    Levels that are ranked come first; the scores of the others are for reference.
    """
    ranked, for_reference = [], []
    for level in _levels(ranking):
        rows = ranking[ranking["level"] == level]
        scored, unscored = rows[rows["score"].notna()], rows[rows["score"].isna()]
        more = {"unscored": _unscored(unscored) if len(unscored) else None}
        name, count = level_name(level), told(len(rows))
        if rows["graded"].any():
            places = told(rows["rank"].count())
            over = _(
                "{level}：{count} 人，其中排名 {ranked} 人", level=name, count=count, ranked=places
            )
            ranked.append({"over": over, "table": _in_order(period, scored)} | more)
        else:
            over = _("{level}：{count} 人，得分供参考", level=name, count=count)
            for_reference.append({"over": over, "table": _for_reference(scored)} | more)
    return {"ranked": ranked, "for_reference": for_reference}


def _in_order(period: Period, rows: pd.DataFrame) -> Listing:
    return {
        "head": [
            *(_("名次"), _("变化"), _("姓名"), _("镇街"), _("得分")),
            grade_title(period),
        ],
        "rows": [
            [
                told(row.rank),
                moved(row.rank_change),
                row.name,
                row.township or "—",
                score(row.score),
                grade_said(row.grade, row.graded),
            ]
            for row in rows.itertuples(index=False)
        ],
    }


def _for_reference(rows: pd.DataFrame) -> Listing:
    return {
        "head": [_("姓名"), _("镇街"), _("得分")],
        "rows": [
            [row.name, row.township or "—", score(row.score)]
            for row in rows.itertuples(index=False)
        ],
    }


def _unscored(rows: pd.DataFrame) -> str:
    names = [
        _("{township}：{names}", township=township or _("无镇街"), names=listed(of["name"]))
        for township, of in rows.groupby("township", sort=False)
    ]
    return _("没有得分的 {count} 人。{names}。", count=told(len(rows)), names=_("；").join(names))


def _levels(rows: pd.DataFrame) -> list[str]:
    """The levels that there are, in their usual order."""
    present = set(rows["level"])
    return [level for level in LEVELS if level in present]
