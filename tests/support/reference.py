"""The assessment, recomputed slowly and plainly.

The product scores in SQL; this says the same again in the words of the definition, one delegate at
a time and in exact fractions, so that a disagreement points at a mistake in one of the two. It
reads a county as rows of text, as the upload formats write them, and shares no code with the
product.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

Row = dict[str, str]
County = dict[str, list[Row]]
Scheme = dict[str, Any]
Score = dict[str, Any]

LEVELS = {
    "全国级": "national",
    "省级": "provincial",
    "地市级": "prefecture",
    "县级": "county",
    "乡镇级": "township",
}
NOT_OFFERED, NOT_DUE, NOT_REPORTED = "not_offered", "not_due", "not_reported"

# Which format must have arrived before an empty count means "nothing was done".
REPORTED_IN = {
    "household_visit": "activities",
    "voter_reception": "activities",
    "publicity": "activities",
    "theme_action": "activities",
    "opinion_collected": "opinions",
}
EVENT_KINDS = {"inspection": ("视察", "执法检查"), "survey": ("专题调研",), "study": ("学习培训",)}

# Each rule says how a rate is formed:
#   session    half-days attended (and, in part, on leave) of all half-days
#   counted    x of a target; `due` tells whether it is owed by the quarter or by the year
#   organised  x of the lesser of the target and the invitations
#   quality    the mean quality of replies
_INDICATORS = [
    # code, dimension, rule, due, annual target; weights: county, township, reference levels
    ("attend_session", "meeting", "session", "quarter", None, 15, 15, 20),
    ("household_visit", "contact", "counted", "quarter", 20, 12, 16, 6),
    ("voter_reception", "contact", "counted", "quarter", 4, 10, 12, 6),
    ("opinion_collected", "contact", "counted", "quarter", 8, 8, 10, 8),
    ("suggestion_filed", "suggestion", "counted", "year", 2, 10, 8, 12),
    ("suggestion_result", "suggestion", "quality", "quarter", None, 8, 6, 8),
    ("duty_report", "contact", "counted", "year", 1, 8, 10, 4),
    ("inspection", "supervision", "organised", "year", 2, 8, 6, 10),
    ("survey", "supervision", "organised", "year", 2, 7, 4, 12),
    ("study", "study", "organised", "year", 2, 6, 5, 8),
    ("publicity", "study", "counted", "quarter", 4, 4, 5, 3),
    ("theme_action", "action", "counted", "year", 2, 4, 3, 3),
]

DEFAULT_SCHEME: Scheme = {
    "indicators": [
        {
            "code": code,
            "dimension": dimension,
            "rule": rule,
            "due": due,
            "target": target,
            "weights": {
                "county": county,
                "township": township,
                "prefecture": reference,
                "provincial": reference,
                "national": reference,
            },
        }
        for code, dimension, rule, due, target, county, township, reference in _INDICATORS
    ],
    "cosign": 0.2,
    "leave": 0.5,
    "partly": 0.5,
    # A duty report counts (base + span × approval) / whole.
    "approval": {"base": 5, "span": 3, "whole": 8},
    "quality": {"已解决且满意": 1, "已解决": 0.8, "列入计划": 0.5, "解释说明": 0.3},
    "min_coverage": 0.5,
    "bonus_cap": 10,
    "absence": {"session_half_day": 2, "other_event": 1, "other_cap": 5},
    "clip": (0, 110),
    # Best first; a score belongs to the first band whose floor it reaches.
    "bands": {"优秀": 90, "称职": 75, "基本称职": 60, "不称职": 0},
    "quota": None,  # the largest share of a level that may be 优秀
    "eligibility": {"graded": 0.25, "ranked": 0.5},
    "graded_levels": ("county", "township"),
}


def exact(number: object) -> Fraction:
    """The number as written: 0.2 is one fifth, an empty cell is 0."""
    return Fraction(str(number)) if number not in ("", None) else Fraction(0)


@dataclass(frozen=True)
class Span:
    """Whole days from `first` to `last`, both included."""

    first: date
    last: date

    def days(self) -> int:
        return max(0, (self.last - self.first).days + 1)

    def __contains__(self, iso: str) -> bool:
        return iso != "" and self.first <= date.fromisoformat(iso) <= self.last

    def __and__(self, other: Span) -> Span:
        return Span(max(self.first, other.first), min(self.last, other.last))


@dataclass(frozen=True)
class Period:
    """Whole quarters of one year, named 2026Q3, 2026Q1-Q3 or 2026."""

    year: int
    quarters: tuple[int, ...]

    @classmethod
    def named(cls, name: str) -> Period:
        match = re.fullmatch(r"(\d{4})(?:Q([1-4])(?:-Q([1-4]))?)?", name)
        if not match:
            raise ValueError(f"no period: {name!r}")
        year, first, last = match.groups()
        if first is None:
            return cls(int(year), (1, 2, 3, 4))
        return cls(int(year), tuple(range(int(first), int(last or first) + 1)))

    @property
    def is_year(self) -> bool:
        return self.quarters == (1, 2, 3, 4)

    @property
    def span(self) -> Span:
        return self.quarter(self.quarters[0], self.quarters[-1])

    def quarter(self, first: int, last: int | None = None) -> Span:
        end = 3 * (last or first)
        return Span(
            date(self.year, 3 * first - 2, 1),
            date(self.year, end, monthrange(self.year, end)[1]),
        )


@dataclass(frozen=True)
class Delegate:
    """One mandate of one person."""

    id: str
    level: str
    township: str
    mandate: Span
    households: int

    @classmethod
    def of(cls, row: Row) -> Delegate:
        end = row["任职止"] or "9999-12-31"
        return cls(
            id=row["代表编号"],
            level=LEVELS[row["层级"]],
            township=row["镇街"],
            mandate=Span(date.fromisoformat(row["任职起"]), date.fromisoformat(end)),
            households=int(row["包联户数"] or 0),
        )

    def eligible(self, span: Span) -> Fraction:
        """The share of the span's days that lie inside the mandate."""
        return Fraction((self.mandate & span).days(), span.days())


@dataclass(frozen=True)
class Records:
    """What counts for one delegate in one period: live rows inside period and mandate."""

    activities: list[Row]
    attendance: list[Row]
    opinions: list[Row]
    led: list[Row]
    cosigned: list[Row]
    replied: list[Row]
    duty_reports: list[Row]
    adjustments: list[Row]

    @classmethod
    def of(cls, delegate: Delegate, county: County, period: Period) -> Records:
        window = delegate.mandate & period.span

        def own(name: str, dated: str = "日期", who: str = "代表编号") -> list[Row]:
            return [
                row
                for row in county[name]
                if delegate.id == row[who] and is_live(row) and row[dated] in window
            ]

        return cls(
            activities=own("activities"),
            attendance=own("attendance"),
            opinions=own("opinions", "收集日期"),
            led=own("suggestions", "提出日期", "领衔代表编号"),
            cosigned=[
                row
                for row in county["suggestions"]
                if delegate.id in re.split("[；;]", row["附议代表编号"])
                and row["提出日期"] in window
            ],
            # A reply counts by its own date, whenever the suggestion was filed.
            replied=own("suggestions", "答复日期", "领衔代表编号"),
            duty_reports=own("duty_reports"),
            adjustments=own("adjustments"),
        )

    def half_days(self, result: str) -> Fraction:
        return sum(
            (
                exact(row["半天数"] or 1)
                for row in self.attendance
                if row["活动类型"] == "会议" and row["结果"] == result
            ),
            Fraction(0),
        )

    def attended(self, kinds: tuple[str, ...], results: tuple[str, ...] = ("出席",)) -> int:
        return sum(row["活动类型"] in kinds and row["结果"] in results for row in self.attendance)

    @property
    def active(self) -> bool:
        present = any(row["结果"] == "出席" for row in self.attendance)
        return bool(self.activities or present or self.opinions or self.led or self.duty_reports)


def is_live(row: Row) -> bool:
    return row.get("核实状态") != "已退回"


def reported_quarters(county: County, period: Period) -> set[tuple[str, str, int]]:
    """(format, township, quarter) of the period in which a live row of the format is dated.

    The township is that of the delegate in the roster; delegates without one are a group of their
    own. The row need not lie inside its delegate's mandate: it shows that the quarter was sent.
    """
    township = {row["代表编号"]: row["镇街"] for row in county["delegates"]}
    return {
        (name, township[row["代表编号"]], quarter)
        for name, dated in (("activities", "日期"), ("opinions", "收集日期"))
        for row in county[name]
        for quarter in period.quarters
        if is_live(row) and row[dated] in period.quarter(quarter)
    }


def qualities(records: Records, scheme: Scheme) -> list[Fraction]:
    """The quality of each reply; a reply without an outcome has none yet."""

    def quality(row: Row) -> Fraction:
        delighted = row["办理结果"] == "已解决" and row["满意度"] == "满意"
        return exact(scheme["quality"]["已解决且满意" if delighted else row["办理结果"]])

    return [quality(row) for row in records.replied if row["办理结果"]]


def values(records: Records, scheme: Scheme) -> dict[str, Fraction]:
    """x of each indicator by its code."""

    def kind(name: str) -> list[Row]:
        return [row for row in records.activities if row["类型"] == name]

    return {
        "attend_session": records.half_days("出席"),
        "household_visit": Fraction(sum(int(row["数量"] or 1) for row in kind("入户走访"))),
        "voter_reception": Fraction(len(kind("接待选民"))),
        "opinion_collected": Fraction(len(records.opinions)),
        "suggestion_filed": len(records.led) + exact(scheme["cosign"]) * len(records.cosigned),
        "suggestion_result": Fraction(len(qualities(records, scheme))),
        "duty_report": Fraction(len(records.duty_reports)),
        "publicity": Fraction(len(kind("政策宣讲"))),
        "theme_action": Fraction(len(kind("主题活动"))),
    } | {code: Fraction(records.attended(kinds)) for code, kinds in EVENT_KINDS.items()}


def approval_factor(records: Records, scheme: Scheme) -> Fraction:
    """What the voters' ballots leave of a duty report's rate; 1 where none was cast."""

    def votes(column: str) -> Fraction:
        return sum((exact(row[column]) for row in records.duty_reports), Fraction(0))

    satisfied, partly = votes("满意"), votes("基本满意")
    cast = satisfied + partly + votes("不满意")
    if not cast:
        return Fraction(1)
    approval = (satisfied + exact(scheme["partly"]) * partly) / cast
    base, span, whole = (exact(scheme["approval"][key]) for key in ("base", "span", "whole"))
    return (base + span * approval) / whole


def rate(
    indicator: dict[str, Any],
    x: Fraction,
    delegate: Delegate,
    records: Records,
    period: Period,
    reported: set[tuple[str, str, int]],
    scheme: Scheme,
) -> Fraction | str:
    """The rate from 0 to 1, or the reason why there is none."""
    code, rule = indicator["code"], indicator["rule"]

    if rule == "session":
        present, leave = records.half_days("出席"), records.half_days("请假")
        held = present + leave + records.half_days("缺席")
        return (present + exact(scheme["leave"]) * leave) / held if held else NOT_OFFERED

    if rule == "quality":
        found = qualities(records, scheme)
        return sum(found, Fraction(0)) / len(found) if found else NOT_OFFERED

    annual = exact(indicator["target"])
    e_year = delegate.eligible(period.quarter(1, 4))

    if rule == "organised":
        invited = records.attended(EVENT_KINDS[code], ("出席", "缺席"))
        target = min(annual * e_year, Fraction(invited))
        return min(Fraction(1), x / target) if target else NOT_OFFERED

    sent = [
        quarter
        for quarter in period.quarters
        if code not in REPORTED_IN or (REPORTED_IN[code], delegate.township, quarter) in reported
    ]
    if indicator["due"] == "quarter":
        target = annual / 4 * sum(delegate.eligible(period.quarter(q)) for q in sent)
        # Who has no day in the period owes nothing, whatever the township has sent.
        if not sent and delegate.eligible(period.span):
            return NOT_REPORTED
    else:
        target = annual * e_year
        if target and not x and not period.is_year:
            return NOT_DUE
        if target and not x and not sent:
            return NOT_REPORTED
    if not target:
        return NOT_OFFERED
    factor = approval_factor(records, scheme) if code == "duty_report" else 1
    return min(Fraction(1), x / target) * factor


def best_base(
    owed: list[tuple[Fraction, Fraction]], helping: list[tuple[Fraction, Fraction]]
) -> Fraction | None:
    """100 × the mean rate of what is owed and of whatever prefix of `helping` makes it largest.

    Both lists hold (weight, rate). None where there is no weight at all.
    """
    falling = sorted(helping, key=lambda pair: -pair[1])

    def means() -> Iterator[Fraction]:
        for size in range(len(falling) + 1):
            chosen = owed + falling[:size]
            if weight := sum(w for w, _ in chosen):
                yield 100 * sum(w * r for w, r in chosen) / weight

    return max(means(), default=None)


def points_given(records: Records, kind: str) -> Fraction:
    return sum(
        (exact(row["分值"]) for row in records.adjustments if row["类型"] == kind), Fraction(0)
    )


def deduction(records: Records, scheme: Scheme) -> Fraction:
    absence = {key: exact(number) for key, number in scheme["absence"].items()}
    missed = records.attended(tuple(k for kinds in EVENT_KINDS.values() for k in kinds), ("缺席",))
    return (
        points_given(records, "扣分")
        + absence["session_half_day"] * records.half_days("缺席")
        + min(absence["other_event"] * missed, absence["other_cap"])
    )


def grade(score: Fraction, eligible: Fraction, records: Records, scheme: Scheme) -> str:
    removed = any(row["类型"] == "不定等次" for row in records.adjustments)
    if removed or eligible < exact(scheme["eligibility"]["graded"]):
        return "不定等次"
    bands: list[str] = list(scheme["bands"])
    earned = next(band for band in bands if score >= exact(scheme["bands"][band]))
    caps = [row["等次"] for row in records.adjustments if row["类型"] == "等次上限"]
    return max([earned, *caps], key=bands.index)


def assess(
    delegate: Delegate,
    county: County,
    scheme: Scheme,
    period: Period,
    reported: set[tuple[str, str, int]],
) -> Score:
    """One delegate's row, all but what depends on the others: quota and rank."""
    records = Records.of(delegate, county, period)
    eligible = delegate.eligible(period.span)
    x = values(records, scheme)
    rates: dict[str, Fraction] = {}
    reasons: dict[str, str] = {}
    owed: list[tuple[Fraction, Fraction]] = []
    helping: list[tuple[Fraction, Fraction]] = []
    unreported = Fraction(0)
    for indicator in scheme["indicators"]:
        code, weight = indicator["code"], exact(indicator["weights"][delegate.level])
        found = rate(indicator, x[code], delegate, records, period, reported, scheme)
        if isinstance(found, str):
            reasons[code] = found
            unreported += weight if found == NOT_REPORTED else 0
            continue
        rates[code] = found
        annual_duty = indicator["rule"] == "counted" and indicator["due"] == "year"
        (helping if annual_duty and not period.is_year else owed).append((weight, found))

    base = best_base(owed, helping)
    rated = sum((w for w, _ in owed + helping), Fraction(0))
    coverage = rated / (rated + unreported) if rated + unreported else None
    bonus = min(points_given(records, "加分"), exact(scheme["bonus_cap"]))
    taken = deduction(records, scheme)
    score = None
    if base is not None and coverage is not None and coverage >= exact(scheme["min_coverage"]):
        low, high = (exact(bound) for bound in scheme["clip"])
        score = min(max(base + bonus - taken, low), high)
    graded = delegate.level in scheme["graded_levels"]
    codes = [indicator["code"] for indicator in scheme["indicators"]]
    return {
        "delegate_id": delegate.id,
        "level": delegate.level,
        "eligible": eligible,
        **{f"x_{code}": x[code] for code in codes},
        **{f"r_{code}": rates.get(code) for code in codes},
        **{f"reason_{code}": reasons.get(code) for code in codes},
        "coverage": coverage,
        "base": base,
        "bonus": bonus,
        "deduction": taken,
        "score": score,
        "grade": grade(score, eligible, records, scheme) if graded and score is not None else None,
        "ranked": graded and eligible >= exact(scheme["eligibility"]["ranked"]),
        "rank": None,
    }


def place(score: Fraction, others: list[Score]) -> int:
    """1 + how many are better; scores that agree to nine decimals tie."""
    better = [other for other in others if round(other["score"], 9) > round(score, 9)]
    return 1 + len(better)


def hold_to_quota(rows: list[Score], scheme: Scheme) -> None:
    """Leave 优秀 to the best of each level, up to the quota of its graded delegates."""
    if scheme["quota"] is None:
        return
    best, second = list(scheme["bands"])[:2]
    for level in scheme["graded_levels"]:
        peers = [row for row in rows if row["level"] == level and row["grade"] in scheme["bands"]]
        excellent = [row for row in peers if row["grade"] == best]
        places = exact(scheme["quota"]) * len(peers)
        for row in excellent:
            if place(row["score"], excellent) > places:
                row["grade"] = second


def exact_scores(county: County, scheme: Scheme, period: Period) -> list[Score]:
    """The rows of `score`, numbers still as fractions."""
    reported = reported_quarters(county, period)
    delegates = sorted(map(Delegate.of, county["delegates"]), key=lambda delegate: delegate.id)
    rows = [assess(delegate, county, scheme, period, reported) for delegate in delegates]
    hold_to_quota(rows, scheme)
    for level in scheme["graded_levels"]:
        field = [r for r in rows if r["level"] == level and r["ranked"] and r["score"] is not None]
        for row in field:
            row["rank"] = place(row["score"], field)
    return rows


def score(county: County, scheme: Scheme, period: str) -> list[Score]:
    """One row per delegate of the roster, by delegate_id.

    Columns: delegate_id, level, eligible, and for each indicator x_, r_ and reason_ (None,
    'not_offered', 'not_due' or 'not_reported'), coverage, base, bonus, deduction, score, grade,
    ranked, rank. What is missing is None.
    """
    rows = exact_scores(county, scheme, Period.named(period))
    return [{column: plain(cell) for column, cell in row.items()} for row in rows]


def townships(county: County, scheme: Scheme, period: str) -> list[Score]:
    """One row per township that has a graded delegate in office, in the register's order.

    Columns: township, delegates, scored, mean_score, active_share, households_visited,
    households_assigned, opinions (collected), opinions_closed (of those, by now). What a format
    that the township reported in no quarter of the period would count is missing.
    """
    when = Period.named(period)
    sent = {(name, home) for name, home, _quarter in reported_quarters(county, when)}
    scores = {row["delegate_id"]: row["score"] for row in exact_scores(county, scheme, when)}
    delegates = [
        delegate
        for delegate in map(Delegate.of, county["delegates"])
        if delegate.level in scheme["graded_levels"] and delegate.eligible(when.span)
    ]
    rows = []
    for township in (row["镇街"] for row in county["townships"]):
        members = [delegate for delegate in delegates if delegate.township == township]
        if not members:
            continue
        records = [Records.of(delegate, county, when) for delegate in members]
        found = [scores[delegate.id] for delegate in members if scores[delegate.id] is not None]
        opinions = [row for record in records for row in record.opinions]
        visited = sum(values(record, scheme)["household_visit"] for record in records)
        closed = sum(row["办结日期"] != "" for row in opinions)
        has_opinions = ("opinions", township) in sent
        rows.append(
            {
                "township": township,
                "delegates": len(members),
                "scored": len(found),
                "mean_score": float(sum(found) / len(found)) if found else None,
                "active_share": sum(record.active for record in records) / len(members),
                "households_visited": int(visited) if ("activities", township) in sent else None,
                "households_assigned": sum(delegate.households for delegate in members),
                "opinions": len(opinions) if has_opinions else None,
                "opinions_closed": closed if has_opinions else None,
            }
        )
    return rows


def plain(cell: object) -> object:
    """A fraction as the nearest int or float."""
    if not isinstance(cell, Fraction):
        return cell
    return int(cell) if cell.denominator == 1 else float(cell)
