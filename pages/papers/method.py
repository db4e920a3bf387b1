"""The method page that closes a paper: what the figures are, and what they are not."""

from collections.abc import Iterable
from datetime import date
from typing import Any, TypedDict

import pandas as pd

from data.period import Period
from pages.words import _, language
from pages.words.terms import GRADES, listed, period_name, told
from queries import county

SENT = {"activities": "履职活动", "opinions": "群众意见"}
LONGEST = 60  # signs of a text in a table; the records have the rest
DUE = {"quarter": "按季", "year": "按年"}


class Listing(TypedDict):
    """A table as the press wants it: titles, and rows of texts, bars or shaded cells."""

    head: list[str]
    rows: list[list[Any]]


def method(period: Period, today: date) -> dict[str, Any]:
    """Indicators with targets and weights, and the rules in sentences, of the scheme in force."""
    terms = county.scheme_terms().iloc[0]
    return {
        "indicators": _indicators(),
        "rules": [*_of_scores(terms), *_of_grades(period, terms), *_of_townships(terms, today)],
    }


def not_reported(gaps: Iterable[dict[str, Any]], period: Period) -> str:
    """The formats a township has not sent; in a period of several quarters with the quarter."""
    told_gaps = []
    for gap in gaps:
        name = _(SENT[gap["format"]])
        number = (gap["quarter"].month + 2) // 3
        told_gaps.append(
            name if period.is_quarter else _("{quarter}季度{format}", quarter=number, format=name)
        )
    return listed(told_gaps)


def moved(places: Any) -> str:
    """A change of rank as ▲3, ▼2, ＝; — without one before."""
    if pd.isna(places):
        return "—"
    return "＝" if places == 0 else f"▲{int(places)}" if places > 0 else f"▼{int(-places)}"


def score(value: Any) -> str:
    return told(value, ".2f")


def share(value: Any) -> str:
    return told(value, ".1%")


def known(name: Any) -> str:
    """The name of an agency or a tier; it may not have been filled in."""
    return _("未填") if pd.isna(name) or name == "" else str(name)


def shortened(text: Any) -> str:
    """A title or what somebody said, as far as a line of a table takes it."""
    if pd.isna(text) or not text:
        return "—"
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def together(sentences: Iterable[str]) -> str:
    """One paragraph of the sentences that there are."""
    return ("" if language() == "zh" else " ").join(filter(None, sentences))


def whole_day(day: date) -> str:
    """A day as a letter has it."""
    return _("{year}年{month}月{day}日", year=day.year, month=day.month, day=day.day)


def bar(rate: Any, text: str) -> dict[str, Any]:
    """A cell with a bar of a rate (0 to 1) after its text; none, if it is missing."""
    return {"rate": rounded(rate), "text": text}


def shaded(rate: Any) -> dict[str, Any]:
    """A cell with a rate (0 to 1) in whole percents, the darker the higher."""
    return {"shade": rounded(rate), "text": told(100 * rate, ".0f")}


def rounded(rate: Any) -> float | None:
    """For drawing: the last digits of a mean differ from one answer to the next."""
    return None if pd.isna(rate) else round(float(rate), 4)


def grade_title(period: Period) -> str:
    return _("等次") if period.is_year else _("预评等次")


def grade_said(grade: Any, graded: bool) -> str:
    if not graded:
        return _("参考")
    return "—" if pd.isna(grade) else _(grade)


def _indicators() -> Listing:
    return {
        "head": [
            _("指标"),
            _("维度"),
            _("考核"),
            _("全年目标"),
            _("县级权重"),
            _("乡镇级权重"),
        ],
        "rows": [
            [
                _(row.name),
                _(row.dimension_name),
                _(DUE[row.due]),
                "—"
                if pd.isna(row.target)
                else _("{value} {unit}", value=told(row.target), unit=_(row.unit)),
                told(row.weight_county),
                told(row.weight_township),
            ]
            for row in county.indicators().itertuples(index=False)
        ],
    }


def _of_scores(terms: pd.Series) -> list[str]:
    return [
        _(
            "得分：每项指标的完成率为 0 到 1，即完成数 ÷ 目标数，目标按任职时间和已报送的季度折算。"
            "基础分 = 100 × Σ（权重 × 完成率）÷ Σ 权重，只计有完成率的指标；"
            "得分 = 基础分 + 加分 − 扣分，在 {low} 到 {high} 分之间。"
            "加分最多 {bonus} 分；会议每缺席半天扣 {session} 分，其他活动每缺席一次扣 {event} 分、最多扣 {most} 分。",
            low=told(terms["score_low"]),
            high=told(terms["score_high"]),
            bonus=told(terms["bonus_cap"]),
            session=told(terms["session_absence"]),
            event=told(terms["event_absence"]),
            most=told(terms["event_absence_cap"]),
        ),
        _(
            "按年考核的指标，不满一年的考核期内只加分、不减分。"
            "未安排、未到期、未报送的指标不计入，不影响得分。"
            "已有数据的指标权重不足 {share} 的，没有得分，以“—”表示；缺失的数据不按低分计。",
            share=_percent(terms["min_coverage"]),
        ),
    ]


def _of_grades(period: Period, terms: pd.Series) -> list[str]:
    bands = county.bands()
    rules = [
        _(
            "等次：{bands}，其余为{last}。",
            bands=listed(
                _("{grade} {score} 分以上", grade=_(band.grade), score=told(band.at_least))
                for band in bands.iloc[:-1].itertuples(index=False)
            ),
            last=_(bands["grade"].iloc[-1]),
        )
        if len(bands) > 1
        else ""
    ]
    if pd.notna(terms["excellent_quota"]):
        rules.append(
            _(
                "{grade}不超过同层级代表的 {share}，同分的一并列入。",
                grade=_(GRADES[0]),
                share=_percent(terms["excellent_quota"]),
            )
        )
    if not period.is_year:
        rules.append(_("本期等次为预评，年度考核时确定。"))
    rules.append(
        _(
            "任职不足考核期 {undetermined} 的不定等次，不足 {unranked} 的不排名；"
            "地市级以上代表的得分仅供参考，不定等次、不排名。",
            undetermined=_percent(terms["undetermined_below"]),
            unranked=_percent(terms["unranked_below"]),
        )
    )
    return [
        together(rules),
        _(
            "名次：在同一层级内按得分由高到低排列，同分同名次。名次和得分的变化与{before}相比。",
            before=period_name(str(period.before)),
        ),
    ]


def _of_townships(terms: pd.Series, today: date) -> list[str]:
    return [
        _(
            "镇街：统计在任的县级、乡镇级代表，平均得分为有得分代表的平均，n 为其人数；"
            "有得分的代表不足 {share} 的镇街不排名。比率均由总数相除。"
            "人数少的镇街平均分容易波动：偶然波动范围，是同样人数的镇街仅因偶然、在 100 次中有 95 次会落入的范围。",
            share=_percent(terms["min_coverage"]),
        ),
        _(
            "建议期限：按代表法第五十一条，自交办之日起三个月内答复，"
            "涉及面广、处理难度大的六个月内答复；{today}以前到期而没有答复的为逾期。",
            today=whole_day(today),
        ),
    ]


def _percent(share: float) -> str:
    return f"{told(100 * share)}%"
