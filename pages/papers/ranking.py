"""代表排名工作簿: the ranking and the townships as a workbook to filter, print and work on.

Each column is declared in the data dictionary (``queries.dictionary``) or here, so that each has
its meaning on the sheet of definitions.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import pandas as pd

from data.period import Period
from pages.exports import workbook
from pages.exports.book import Book, Field, Shape
from pages.exports.workbook import Block, Listing, Total
from pages.papers.method import DUE, grade_said, grade_title, method, not_reported, together
from pages.papers.paper import Done, Made
from pages.parts.charts.drawing import GRADE_COLOURS, INK, LIGHT
from pages.parts.facts import Facts
from pages.words import _
from pages.words.terms import level_name, listed, period_name, told
from queries import county, delegate
from queries.dictionary import COLUMNS, Kind, Meaning, of_indicators

SHAPES: dict[Kind, Shape] = {
    "text": "text",
    "boolean": "text",
    "count": "count",
    "amount": "score",
    "score": "score",
    "points": "score",
    "share": "share",
}
SHAPES_BY_NAME: dict[str, Shape] = {"rank_change": "change", "mean_change": "signed"}
# What a line of text takes in a column; longer texts go over several lines.
WIDE = {"name": 12, "role": 16, "township": 16, "home": 16, "missing": 30}
WIDE_ELSE = 24

PERSON = ("delegate_id", "name", "level", "township", "role")
SCORE = ("score", "reference", "grade", "base", "bonus", "deduction", "coverage")
RANKING = ("rank", "rank_change", *PERSON, *SCORE)
GROUPS = (
    *("home", "delegates", "scored", "mean_score"),
    *("level", "rank", "delegate_id", "name", "role", *SCORE),
)
TOWNSHIPS = (
    *("township", "rank", "delegates", "scored", "mean_score", "mean_change"),
    *("excellent_share", "active_share", "households_each", "receptions_each", "opinions_each"),
    *("publicity_each", "theme_actions_each", "closed_share", "in_time_share", "missing", "kind"),
    *("households_visited", "households_assigned", "households_share", "receptions"),
    *("opinions", "opinions_closed", "replies_due", "replies_in_time"),
)
# What the sheet of definitions tells of an indicator beside what its column means.
OF_SCHEME = (
    *("dimension_name", "diligence", "due", "target", "unit"),
    *("weight_county", "weight_township", "weight_reference"),
)
STEPS = 5


class Sheet(NamedTuple):
    """What a sheet is called, and what its columns mean, by name and in their order."""

    name: str
    meanings: dict[str, Meaning]


def make(facts: Facts, period: Period, of: str | None, done: Done) -> Made:
    """The county's workbook; ``of`` is None. What is overdue is so on the day of export."""
    today = facts.at.date()
    indicators = county.indicators()
    people = county.ranking(period=period)
    both = county.township_figures(periods=[period, period.before], today=today)
    townships = both[both["period"] == str(period)]
    book = Book(facts.title, facts.at)
    sheets = []
    for made in (
        lambda: _ranking(book, period, indicators, people),
        lambda: _groups(book, period, people, townships),
        lambda: _townships(book, period, townships),
        lambda: _rates(book, period, indicators, townships),
    ):
        sheets.append(made())
        done(len(sheets), STEPS)
    _definitions(book, sheets, indicators)
    book.facts(_("说明"), [*facts.lines(), *_notes(period, facts)])
    content = book.content()
    done(STEPS, STEPS)
    return Made(content, {})


# --- the sheets -------------------------------------------------------------------------------


def _ranking(book: Book, period: Period, indicators: pd.DataFrame, people: pd.DataFrame) -> Sheet:
    codes = list(indicators["indicator"])
    receipts = delegate.receipts(period=period).set_index(["delegate_id", "indicator"])
    points = receipts["points"].unstack().reindex(columns=codes).add_prefix("p_")
    idle = receipts["points"].notna() & ~receipts["in_base"]
    faint = idle.unstack().reindex(index=people["delegate_id"], columns=codes).add_prefix("p_")
    of_points, of_rates = (of_indicators(prefix, indicators) for prefix in ("p_", "r_"))
    meanings = _meant(period, "ranking", RANKING) | {
        f"p_{code}": _said(of_points[f"p_{code}"], of_rates[f"r_{code}"]) for code in codes
    }
    terms = county.scheme_terms().iloc[0]
    shown = _shown(people).join(points, on="delegate_id")
    scores = shown["score"].dropna()  # as the totals' formulas see them
    blocks = []
    for level, rows in people.groupby("level", sort=False):
        group = level if level in ("county", "township") else "reference"
        full = dict(zip(points.columns, indicators[f"weight_{group}"], strict=True))
        blocks.append(Block(len(rows), {name: f for name, f in full.items() if f > 0}))
    sheet = Sheet(_("排名"), meanings)
    workbook.ranked(
        book,
        Listing(
            sheet.name,
            _("{period}代表排名", period=period_name(str(period))),
            [
                _(
                    "名次在同一层级代表中排列，同分同名次；名次变化与{before}相比。没有名次：任职不足本期 {share}%、上级代表，或数据未报送。",
                    before=period_name(str(period.before)),
                    share=told(100 * terms["unranked_below"]),
                ),
                _(
                    "各指标为分值，即权重 × 完成率；数据条从零起，满格为该层级的权重。空白：未安排、未到期或未报送，不扣分。灰色斜体：不增分，未计入基础分。"
                ),
            ],
            _fields(meanings),
            shown,
            {"grade": _grade_colours()},
        ),
        [
            Total("delegate_id", "delegate_id", "count", _("{n} 人", n="{}"), len(people)),
            Total("township", "score", "numbers", _("有得分 {n} 人", n="{}"), len(scores)),
            Total("role", "score", "mean", _("平均 {score} 分", score="{}"), scores.mean()),
        ],
        _("筛选后"),
        blocks,
        faint,
    )
    return sheet


def _groups(book: Book, period: Period, people: pd.DataFrame, townships: pd.DataFrame) -> Sheet:
    """Townships as they rank, then those that are not compared, then who has no township."""
    figures = townships.set_index("township")
    whose = people["township"].fillna("")
    others = sorted({*whose} - {*figures.index} - {""})
    homes = [*figures.index, *others, *([""] if (whose == "").any() else [])]
    heads = {
        home: {
            "home": home or _("不属于镇街"),
            **(dict(figures.loc[home, list(GROUPS[1:4])]) if home in figures.index else {}),
        }
        for home in homes
    }
    shown = _shown(people)
    sheet = Sheet(_("按镇街"), _meant(period, "ranking", GROUPS))
    workbook.grouped(
        book,
        Listing(
            sheet.name,
            _("{period}各镇街代表得分", period=period_name(str(period))),
            [
                _(
                    "镇街按平均得分排列；代表数、有得分的人数和平均得分只计县级、乡镇级代表。名次是在全县同一层级代表中的名次。"
                )
            ],
            _fields(sheet.meanings),
            pd.DataFrame(columns=list(GROUPS)),
            {"grade": _grade_colours()},
        ),
        [(heads[home], shown[whose == home][list(GROUPS[4:])]) for home in homes],
    )
    return sheet


def _townships(book: Book, period: Period, townships: pd.DataFrame) -> Sheet:
    sheet = Sheet(_("镇街"), _meant(period, "townships", TOWNSHIPS))
    ranked = townships["rank"].notna()
    shown = townships.assign(
        kind=townships["kind"].map(_, na_action="ignore"),
        missing=[not_reported(gaps, period) or None for gaps in townships["not_reported"]],
        mean_change=townships["mean_change"].where(ranked),
        excellent_share=townships["excellent_share"].where(ranked),
    )
    whole = townships["county_mean"].iloc[0] if len(townships) else None
    workbook.compared(
        book,
        Listing(
            sheet.name,
            _("{period}镇街对比", period=period_name(str(period))),
            [
                _(
                    "按平均得分排名，有得分的代表不足 {share}% 的镇街不排名，也不列平均得分变化和优秀占比；平均得分变化是与{before}相比。比率均由总数相除，“人均”按在任代表计，空白表示没有数据。",
                    share=told(100 * county.scheme_terms()["min_coverage"].iloc[0]),
                    before=period_name(str(period.before)),
                )
            ],
            _fields(sheet.meanings),
            shown,
        ),
        _("已排名镇街的平均得分（全县平均 {score}）", score=told(whole, ".2f")),
        *("township", "mean_score"),
        int(ranked.sum()),
    )
    return sheet


def _rates(book: Book, period: Period, indicators: pd.DataFrame, townships: pd.DataFrame) -> Sheet:
    codes = list(indicators["indicator"])
    names = [_(name) for name in indicators["name"]]
    rates = county.township_indicators(periods=[period]).pivot(
        index="township", columns="indicator", values=["mean_rate", "rated"]
    )
    columns = [(what, code) for what in ("mean_rate", "rated") for code in codes]
    rates = rates.reindex(index=townships["township"], columns=pd.MultiIndex.from_tuples(columns))
    rates.columns = [" ".join(column) for column in columns]
    of_county = county.county_indicators(periods=[period]).set_index("indicator")
    whole = {f"{what} {code}": of_county[what].get(code) for what, code in columns}
    whole["township"] = _("全县")
    meanings = _meant(period, "townships", ("township", "mean_rate", "rated"))
    sheet = Sheet(_("镇街指标"), meanings)
    workbook.shaded(
        book,
        Listing(
            sheet.name,
            _("{period}镇街各指标平均完成率", period=period_name(str(period))),
            [
                _(
                    "镇街按平均得分排列；橙色为低，蓝色为高。n 为该项有完成率的代表人数。空白：未安排、未到期或未报送。"
                )
            ],
            [
                *_fields({"township": meanings["township"]}),
                *(Field(f"mean_rate {c}", n, "share") for c, n in zip(codes, names, strict=True)),
                *(
                    Field(f"rated {c}", f"{n} n", "count")
                    for c, n in zip(codes, names, strict=True)
                ),
            ],
            rates.reset_index(),
        ),
        [f"mean_rate {code}" for code in codes],
        whole,
        _("全县各指标平均完成率"),
    )
    return sheet


def _definitions(book: Book, sheets: Sequence[Sheet], indicators: pd.DataFrame) -> None:
    """What each column of the sheets means: the scheme's indicators first, then the others."""
    found: dict[tuple[str | None, Meaning], list[str]] = {}
    for sheet in sheets:
        for name, meaning in sheet.meanings.items():
            code = name.removeprefix("p_") if name.startswith("p_") else None
            found.setdefault((code, meaning), []).append(sheet.name)
    rows = pd.DataFrame(
        {
            "code": code,
            "sheet": listed(names),
            "title": meaning.title,
            "meaning": meaning.meaning,
            "of": meaning.unit,
            "source": meaning.source,
        }
        for (code, meaning), names in found.items()
    )
    scheme = indicators.assign(
        **{name: indicators[name].map(_) for name in ("dimension_name", "diligence", "unit")},
        due=indicators["due"].map(lambda due: _(DUE[due])),
    ).set_index("indicator")
    rows = rows.join(scheme[list(OF_SCHEME)], on="code").sort_values(
        "code", key=lambda codes: codes.isna(), kind="stable"
    )
    said = {name: _said(_meaning("indicators", name)) for name in OF_SCHEME}
    workbook.defined(
        book,
        Listing(
            _("指标口径"),
            _("指标和各列的口径"),
            [
                _(
                    "先列考核方案的指标，再列其他各列。指标列的数值为分值；年度目标是全年在任、全部报送时的目标。"
                )
            ],
            [
                Field("title", _("列名"), wide=18),
                Field("meaning", _("含义"), wide=56),
                Field("of", _("单位")),
                Field("source", _("来源"), wide=24),
                Field("sheet", _("工作表"), wide=18),
                Field("code", _("代码")),
                *(
                    field._replace(shape="text" if field.shape == "text" else "amount")
                    for field in _fields(said)
                ),
            ],
            rows,
        ),
    )


def _notes(period: Period, facts: Facts) -> list[tuple[str, str]]:
    """How to read the workbook, and how the figures come about."""
    rules = method(period, facts.at.date())["rules"]
    return [
        (
            _("公式"),
            _(
                "排名表上方的人数、有得分的人数和平均得分是公式，随筛选变化；其余单元格都是数值或文字。"
            ),
        ),
        (
            _("空白"),
            _("空白表示没有数据，不是零：未安排、未到期或镇街未报送的指标不计入，也不扣分。"),
        ),
        (_("数据条"), _("按层级筛选后再排序，数据条的满格才与该层级的权重一致。")),
        *((_("口径"), rule) for rule in rules),
    ]


# --- what the columns mean --------------------------------------------------------------------


def _meaning(table: str, name: str) -> Meaning:
    return COLUMNS.get(f"{table}.{name}") or COLUMNS[name]


def _said(meaning: Meaning, *more: Meaning) -> Meaning:
    """In the reader's language; ``more`` add their sentences to what it means."""
    named = {name: _(text) for name, text in meaning.named.items()}
    return replace(
        meaning,
        title=_(meaning.title, **named),
        unit=_(meaning.unit),
        meaning=together(_(m.meaning, **named) for m in (meaning, *more)),
        source=_(meaning.source),
    )


def _meant(period: Period, table: str, names: Iterable[str]) -> dict[str, Meaning]:
    """What the columns mean; raises KeyError for one that nobody has declared."""
    score, grade, mean = (_said(COLUMNS[name]) for name in ("score", "grade", "mean_score"))
    own = {
        "reference": replace(
            score,
            title=_("参考得分"),
            meaning=_("地市级以上代表的得分，仅供参考：不评等次，不排名，不计入平均。"),
        ),
        "home": _said(_meaning("townships", "township")),
        "grade": replace(grade, title=grade_title(period)),
        "missing": replace(
            mean, title=_("未报送"), kind="text", unit="", meaning=_("本期没有报送的表格。")
        ),
        "mean_rate": replace(
            mean,
            title=_("各指标"),
            kind="share",
            unit="",
            meaning=_("有完成率的代表的平均完成率；“全县”一行为全县代表的平均。"),
        ),
        "rated": replace(
            mean,
            title=_("各指标 n"),
            kind="count",
            unit=_("人"),
            meaning=_("其中有完成率的代表人数。"),
        ),
    }
    return {name: own.get(name) or _said(_meaning(table, name)) for name in names}


def _fields(meanings: Mapping[str, Meaning]) -> list[Field]:
    return [
        Field(
            name,
            meaning.title,
            SHAPES_BY_NAME.get(name, SHAPES[meaning.kind]),
            WIDE.get(name, WIDE_ELSE),
            meaning.meaning,
        )
        for name, meaning in meanings.items()
    ]


def _shown(people: pd.DataFrame) -> pd.DataFrame:
    """The ranking as it is read; the scores of reference levels have a column of their own. Who
    has no score has no base score either, which little data would make look like one.
    """
    graded = people["graded"]
    return people.assign(
        base=people["base"].where(people["score"].notna()),
        score=people["score"].where(graded),
        reference=people["score"].mask(graded),
        grade=[
            None if own and pd.isna(grade) else grade_said(grade, own)
            for grade, own in zip(people["grade"], graded, strict=True)
        ],
        level=people["level"].map(level_name),
        role=people["role"].map(_, na_action="ignore"),
    )


def _grade_colours() -> dict[str, tuple[str, str]]:
    """Fill and ink of each grade, as on the screen."""
    return {
        _(grade): (fill, INK if fill in LIGHT else "#FFFFFF")
        for grade, fill in GRADE_COLOURS.items()
    }
