"""代表履职档案: a sheet of paper for each delegate, to be read, discussed and signed.

On its front the score as a receipt, the four diligences and the quarters; on its back the
suggestions and the records behind the figures. The same questions as the delegate's page, asked
once for all delegates.
"""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import Any, cast

import pandas as pd

from data.period import Period
from pages.exports import press
from pages.papers.method import grade_title, moved, score, share, together, whole_day
from pages.papers.paper import Done, Made
from pages.parts.facts import Facts
from pages.words import _, language
from pages.words.terms import (
    LEFT_OUT,
    REASONS,
    STATES,
    day,
    level_name,
    listed,
    period_name,
    told,
)
from queries import county, delegate, matters

FORMATS = (
    *("attendance", "activities", "opinions"),
    *("suggestions", "duty_reports", "adjustments"),
)  # in this order records stand
SIGNS = {"加分": 1, "扣分": -1}  # of the points of adjustments
QUARTERS = 16  # that the trend goes back at most
SUGGESTIONS = 10  # on a sheet at most; the most urgent
LINES = 46  # of suggestions and records together: what the back of a sheet holds
DATES = 12  # on a line of nothing but dates
WIDE = {  # what columns hold, in halves of a Chinese character
    "zh": {"name": 120, "place": 80, "title": 44, "agency": 18, "detail": 50},
    "en": {"name": 120, "place": 80, "title": 36, "agency": 18, "detail": 43},
}
SHEETS = 16  # that are set in one piece, for the memory that this takes

LEVELS = ("county", "township", "prefecture", "provincial", "national")
RECORD = [
    *("delegate_id", "format", "what", "date", "amount", "detail"),
    *("status", "left_out", "counts_for", "adds"),
]

Row = dict[str, Any]
Rows = defaultdict[str, list[Row]]  # by delegate's number


def make(facts: Facts, period: Period, of: str | None, done: Done) -> Made:
    """The dossier of the delegate numbered ``of``; raises LookupError if the roster has none."""
    known = _Known.ask(facts, period, of or "")
    one = known.dossier(known.roster[of or ""])
    made = press.pdf("dossier", {**known.shared(), "dossiers": [one]}, facts.at)
    done(1, 1)
    return Made(made, _lacking([one]))


def make_all(facts: Facts, period: Period, of: str | None, done: Done) -> Made:
    """The dossiers of all delegates of the township ``of``, or of the county, in office in the
    period, as one volume: by township, level and number.
    """
    known = _Known.ask(facts, period)
    homes = known.in_office()
    people = [person for home in (homes if of is None else [of]) for person in homes.get(home, [])]
    pieces = [people[start : start + SHEETS] for start in range(0, len(people), SHEETS)]
    lacking: dict[str, list[str]] = {}
    made = 0

    def parts() -> Iterator[Row]:
        for piece in pieces:
            dossiers = [known.dossier(person) for person in piece]
            for sign, texts in _lacking(dossiers).items():
                lacking.setdefault(sign, []).extend(texts)
            yield {**known.shared(), "dossiers": dossiers}

    def told_done() -> None:
        nonlocal made
        made += 1
        done(made, len(pieces))

    def front(headings: Sequence[press.Heading]) -> Row:
        return _front(facts, known, of, headings)

    whole = press.bound("dossier", parts(), ("dossiers", front), facts.title, facts.at, told_done)
    return Made(whole, lacking)


def _front(facts: Facts, known: "_Known", of: str | None, headings: Sequence[press.Heading]) -> Row:
    """The cover and the table of contents, from the outline of what follows."""
    count = sum(len(h.within) for h in headings)
    out = known.out_of_office(of)
    homes = sum(bool(township and people) for township, people in known.in_office().items())
    return {
        "about": facts.head(),
        "place": _("全县") if of is None else of,
        "counts": " · ".join(
            [
                _("{count} 名代表", count=count),
                *([_("{count} 个镇街", count=homes)] if of is None else []),
                *([_("另有 {count} 名代表本期不在任", count=out)] if out else []),
            ]
        ),
        "facts": facts.lines(),
        "words": {
            "title": _("代表履职档案"),
            "contents": _("目录"),
            "nobody": _("本期没有在任代表。"),
        },
        "parts": [
            {
                "title": h.title,
                "count": _("{count} 人", count=len(h.within)),
                "delegates": [(one.title, str(one.page)) for one in h.within],
            }
            for h in headings
        ],
    }


@dataclass(frozen=True)
class _Known:
    """What is known of all delegates, or of one; rows by delegate's number."""

    facts: Facts
    period: Period
    quarters: tuple[Period, ...]
    roster: dict[str, Row]
    townships: list[str]
    bands: list[tuple[float, str]]
    terms: "pd.Series[Any]"
    ranking: dict[str, Row]
    standings: Rows
    trends: dict[tuple[str, str], Row]  # by period and delegate
    receipts: Rows
    diligences: Rows
    suggestions: Rows
    records: Rows

    @classmethod
    def ask(cls, facts: Facts, period: Period, only: str | None = None) -> "_Known":
        def kept(frame: pd.DataFrame) -> pd.DataFrame:
            return frame if only is None else frame[frame["delegate_id"] == only]

        on_record = [q for q in county.quarters_on_record() if q.end <= period.end]
        quarters = tuple(on_record[-QUARTERS:])
        periods = list(dict.fromkeys([*quarters, period]))
        compared = kept(delegate.compared_standings(periods=periods))
        bands = county.bands()
        return cls(
            facts=facts,
            period=period,
            quarters=quarters,
            roster={row["delegate_id"]: row for row in _rows(kept(delegate.roster()))},
            townships=county.townships_on_record()["township"].tolist(),
            bands=[(b.at_least, b.grade) for b in bands.iloc[:-1].itertuples()],
            terms=county.scheme_terms().iloc[0],
            ranking={row["delegate_id"]: row for row in _rows(kept(county.ranking(period=period)))},
            standings=_by_delegate(compared[compared["period"] == str(period)]),
            trends={
                (row["period"], row["delegate_id"]): row
                for row in _rows(compared[["period", "delegate_id", "score", "peer_median"]])
            },
            receipts=_by_delegate(kept(delegate.receipts(period=period))),
            diligences=_by_delegate(kept(delegate.diligence_receipts(period=period))),
            suggestions=_by_delegate(
                kept(matters.suggestions_in_hand(period=period, today=_today(facts)))
            ),
            records=_by_delegate(kept(delegate.evidences(period=period)[RECORD])),
        )

    def in_office(self) -> dict[str, list[Row]]:
        """The delegates to be assessed by township, "" for those of none, who stand last."""
        by: dict[str, list[Row]] = {township: [] for township in self.townships}
        people = [self.roster[number] for number in sorted(self.ranking)]
        for person in sorted(
            people, key=lambda p: (_text(p["township"]) == "", LEVELS.index(p["level"]))
        ):
            by.setdefault(_text(person["township"]), []).append(person)
        return by

    def out_of_office(self, of: str | None) -> int:
        return sum(
            number not in self.ranking and (of is None or _text(person["township"]) == of)
            for number, person in self.roster.items()
        )

    def shared(self) -> Row:
        """What stands on every sheet."""
        return {
            "about": self.facts.head(),
            "words": {
                "title": _("代表履职档案"),
                "receipt_title": _("得分是怎样算出的"),
                "rounding_note": _("各项均四舍五入，相加后与基础分可能相差百分之几分。"),
                "median_note": _("竖线和“同级中位数”：同层级代表完成率的中位数"),
                "receipt": [
                    _("维度"),
                    _("指标"),
                    _("完成数"),
                    _("目标"),
                    _("完成率"),
                    _("同级中位数"),
                    _("权重"),
                    _("权重×完成率"),
                    _("计入基础分"),
                ],
                "sums_title": _("得分合计"),
                "sums": [_("项目"), _("算法"), _("分数")],
                "four_title": _("四勤"),
                "four": [_("项目"), _("完成率"), _("同级中位数"), _("计入基础分")],
                "trend_title": _("各季度得分"),
                "today_note": _("截至{today}", today=whole_day(_today(self.facts))),
                "suggestions": [
                    _("标题"),
                    _("提出日期"),
                    _("承办单位"),
                    _("应答复日期"),
                    _("答复日期"),
                    _("状态或结果"),
                ],
                "no_suggestions": _("本期没有提出或答复的建议，也没有在办的建议。"),
                "records": [
                    _("事项"),
                    _("日期"),
                    _("内容"),
                    _("状态或结果"),
                    _("计入指标"),
                    _("数量或分值"),
                ],
                "no_records": _("本期没有记录。"),
                "facts": together(
                    [
                        _("考核方案：{scheme}。", scheme=self.facts.scheme),
                        _("导出人：{by}。", by=self.facts.by or _("本机")),
                        _("示例数据，人物和记录均为虚构。") if self.facts.sample else "",
                    ]
                ),
                "signatures": [_("本人签字"), _("审核"), _("日期")],
            },
        }

    def dossier(self, person: Row) -> Row:
        """One delegate's sheet, in words and figures."""
        number = person["delegate_id"]
        now = next(iter(self.standings[number]), None)
        scored = now is not None and pd.notna(now["score"])
        suggestions = self.suggestions[number]
        shown = _suggested(suggestions)
        records, unlisted = _recorded(
            self.records[number], LINES - max(len(shown) + (len(suggestions) > len(shown)), 1)
        )
        return {
            "home": _line(person["township"]) if _text(person["township"]) else _("未填镇街"),
            "name": _line(person["name"]),
            "number": number,
            "running": " · ".join([_("代表履职档案"), _line(person["name"]), number]),
            "facts": _facts(person),
            "figures": self._figures(now, self.ranking[number]) if now else [],
            "notice": self._notice(now),
            "receipt": _receipt(self.receipts[number], scored=scored) if now else [],
            "sums": _sums(now, self.receipts[number], self.terms) if now and scored else [],
            "four": _four(self.diligences[number]) if scored else [],
            "trend": self._trend(number, self.bands if now and now["graded"] else []),
            "suggestions_title": _("代表建议（{count} 件）", count=len(suggestions)),
            "suggestions": shown,
            "suggestions_rest": _rest(len(suggestions) - len(shown)),
            "records_title": _("本期履职记录（{count} 条）", count=len(self.records[number])),
            "records": records,
            "records_note": _rest(unlisted),
        }

    def _figures(self, now: Row, ranked: Row) -> list[Row]:
        before = period_name(str(self.period.before))
        standing = [
            {
                "label": grade_title(self.period),
                "value": _("无") if pd.isna(now["grade"]) else _(now["grade"]),
                "change": "" if self.period.is_year else _("年度考核时确定"),
            },
            {
                "label": _("同级名次"),
                "value": _("不排名")
                if pd.isna(now["rank"])
                else f"{int(now['rank'])} / {int(now['peers'])}",
                "change": ""
                if pd.isna(ranked["rank_change"])
                else _("较{before} {moved}", before=before, moved=moved(ranked["rank_change"])),
            },
        ]
        return [
            {
                "label": _("得分") if now["graded"] else _("得分（参考）"),
                "value": score(now["score"]),
                "change": ""
                if pd.isna(ranked["score_change"])
                else _(
                    "较{before} {moved}",
                    before=before,
                    moved=told(ranked["score_change"], "+.2f"),
                ),
            },
            *(standing if now["graded"] else []),
            {
                "label": _("同级代表中位数"),
                "value": score(now["peer_median"]),
                "change": ""
                if pd.isna(now["peer_median"])
                else _(
                    "中间一半 {low}—{high}",
                    low=score(now["peer_quarter"]),
                    high=score(now["peer_three_quarters"]),
                ),
            },
        ]

    def _notice(self, now: Row | None) -> str:
        if now is None:
            return _("{period}不在该代表的任期内，没有得分。", period=period_name(str(self.period)))
        if pd.isna(now["score"]):
            return _("本期已报送的数据不足以评分，没有得分。数据补报后自动计算。")
        if not now["graded"]:
            return _("上级代表的得分仅供参考，不评等次、不排名。")
        if pd.isna(now["rank"]):
            return _(
                "任职时间不足本期的 {share}%，不参加排名。",
                share=told(100 * self.terms["unranked_below"]),
            )
        return ""

    def _trend(self, number: str, bands: Sequence[tuple[float, str]]) -> Row:
        """Scores over the quarters, beside the lines of the grades that there are to reach."""
        rows = [self.trends.get((str(q), number), {}) for q in self.quarters]
        own = [_number(row.get("score")) for row in rows]
        peers = [_number(row.get("peer_median")) for row in rows]
        ends = [
            {
                "score": known[-1],
                "text": name if values[-1] is None else f"{name} {told(known[-1], '.1f')}",
                "own": values is own,
            }
            for name, values in ((_("本人"), own), (_("同级中位数"), peers))
            if (known := [v for v in values if v is not None])
        ]
        return {
            "own": own,
            "peers": peers,
            "said": ["" if v is None else told(v, ".1f") for v in own],
            "quarters": [
                f"{q.first}\n{q.year}" if q.first == 1 or place == 0 else str(q.first)
                for place, q in enumerate(self.quarters)
            ],
            "note": _(
                "横线：{bands}",
                bands=listed(f"{_(grade)} {told(at_least)}" for at_least, grade in bands),
            )
            if bands
            else "",
            "bands": [(0, "0"), *((at_least, told(at_least)) for at_least, _name in bands)],
            "ends": ends if any(v is not None for v in own) else [],
        }


def _facts(person: Row) -> list[tuple[str, str]]:
    until = _("今") if pd.isna(person["end_date"]) else day(person["end_date"])
    return [
        (_("层级"), level_name(person["level"])),
        (_("镇街"), _line(person["township"], "place")),
        (_("选区"), _line(person["district"], "place")),
        (_("身份"), "—" if pd.isna(person["role"]) else _(person["role"])),
        (_("任职"), _("{start} 至 {end}", start=day(person["start_date"]), end=until)),
        (_("代表小组"), _line(person["group_name"], "place")),
    ]


def _receipt(lines: Sequence[Row], *, scored: bool) -> list[Row]:
    """The indicators; without a score, they contribute to none."""
    said = []
    above = None
    for line in lines:
        if line["weight"] == 0:
            why = _("本层级不考核")
        elif pd.notna(line["reason"]):
            why = _(REASONS[line["reason"]])
        else:
            why = _("不增分，未计入") if scored else "—"
        said.append(
            {
                "dimension": "" if line["dimension"] == above else _(line["dimension_name"]),
                "name": _(line["name"]),
                "counted": "—"
                if line["reason"] == "not_reported"
                else _("{value} {unit}", value=told(line["value"]), unit=_(line["unit"])),
                "target": told(line["target"], ".2f") if line["target"] > 0 else "—",
                **_rate(line),
                "weight": told(line["weight"]),
                "points": score(line["points"]),
                "contribution": score(line["contribution"]) if scored and line["in_base"] else None,
                "why": why,
            }
        )
        above = line["dimension"]
    return said


def _four(lines: Sequence[Row]) -> list[Row]:
    return [
        {
            "name": _(line["diligence"]),
            **_rate(line),
            "contribution": score(line["contribution"]),
        }
        for line in lines
    ]


def _rate(line: Row) -> Row:
    """Rates from 0 to 1 as drawn, and as said."""
    return {
        "rate": _number(line["rate"]),
        "rate_said": share(line["rate"]),
        "peer": _number(line["peer_rate"]),
        "peer_said": share(line["peer_rate"]),
    }


def _sums(now: Row, receipt: Sequence[Row], terms: "pd.Series[Any]") -> list[Row]:
    """From the base score to the score, without what added nothing."""
    used = [line for line in receipt if line["in_base"]]
    if not used:
        return []
    base = _(
        "{points} ÷ 权重合计 {weight} × 100",
        points=score(used[0]["base_points"]),
        weight=told(used[0]["base_weight"]),
    )
    lines = [
        (_("基础分"), base, now["base"]),
        (_("加分"), _("本期加分，最多 {most} 分", most=told(terms["bonus_cap"])), now["bonus"]),
        (_("扣分"), _("扣分事项"), -now["adjusted_down"]),
        (_("扣分"), _("会议缺席"), -now["absence_session"]),
        (_("扣分"), _("其他活动缺席"), -now["absence_event"]),
        (
            _("得分"),
            _(
                "最低 {low} 分、最高 {high} 分",
                low=told(terms["score_low"]),
                high=told(terms["score_high"]),
            ),
            now["score"],
        ),
    ]
    return [
        {"item": item, "how": how, "points": score(points)}
        for item, how, points in lines
        if points != 0 or item in (_("基础分"), _("得分"))
    ]


def _suggested(suggestions: Sequence[Row]) -> list[Row]:
    """The most urgent suggestions, with where they stand today."""
    return [
        {
            "title": _line(row["title"], "title"),
            "filed": day(row["date"]),
            "agency": _line(row["agency"], "agency"),
            "due": day(row["due"]),
            "replied": day(row["replied"]),
            "state": listed(
                [
                    _("逾期 {days} 天", days=f"{row['days_late']:.0f}")
                    if pd.notna(row["days_late"])
                    else _(STATES[row["state"]]),
                    *(_(row[n]) for n in ("outcome", "satisfaction") if pd.notna(row[n])),
                ]
            ),
            "late": pd.notna(row["days_late"]),
        }
        for row in suggestions[:SUGGESTIONS]
    ]


def _recorded(records: Sequence[Row], room: int) -> tuple[list[Row], int]:
    """The records by kind on ``room`` lines, and how many of them find no place.

    Each has a line of its own. Where that takes too many, of the kinds with the most only the
    dates are told.
    """
    kinds: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in sorted(records, key=lambda row: (FORMATS.index(row["format"]), row["date"])):
        kinds[row["format"], row["what"]].append(row)
    dated: dict[tuple[str, str], int] = {}  # of how many lines

    def height(kind: tuple[str, str]) -> int:
        return dated.get(kind, len(kinds[kind]))

    while sum(map(height, kinds)) > room and max(map(height, kinds)) > 1:
        kind = max(kinds, key=height)
        dated[kind] = min(height(kind) - 1, -(-sum(map(_wide, _days(kinds[kind]))) // DATES))
    lines, unlisted = [], 0
    for kind, rows in kinds.items():
        if kind in dated:
            line, left = _together(rows, dated[kind])
            lines.append(line)
            unlisted += left
        else:
            lines += [_alone(row, len(rows) if n == 0 else 0) for n, row in enumerate(rows)]
    return lines, unlisted


def _days(rows: Sequence[Row]) -> list[tuple[date, int]]:
    """The days of records, and how many are of each."""
    return list(Counter(row["date"] for row in rows).items())


def _wide(day_and_count: tuple[date, int]) -> int:
    """The places that a day takes among others on a line."""
    return 1 if day_and_count[1] == 1 else 2


def _alone(row: Row, of: int) -> Row:
    """A line of one record; ``of`` how many of its kind, at the first of them."""
    return {
        "height": 1,
        "what": f"{_(row['what'])} {of}" if of else "",
        "date": f"{row['date']:%m-%d}",
        "detail": _line(row["detail"], "detail"),
        "status": _status(row),
        "counts": _counts(row),
        "adds": told(_added(row), _shape(row)),
    }


def _together(rows: Sequence[Row], height: int) -> tuple[Row, int]:
    """The days of records of one kind, and how many records have no place on the lines."""
    days = _days(rows)
    room = height * DATES
    if sum(map(_wide, days)) > room:
        ends = accumulate(map(_wide, days))
        days = days[: sum(end <= room - 3 for end in ends)]  # saying so takes a place too
    left = len(rows) - sum(count for _day, count in days)
    told_days = [f"{day:%m-%d}" + (f"×{count}" if count > 1 else "") for day, count in days]
    counted = [row for row in rows if pd.notna(_added(row))]
    out = sum(pd.notna(row["left_out"]) for row in rows)
    line = {
        "height": height,
        "what": f"{_(rows[0]['what'])} {len(rows)}",
        "dates": "  ".join([*told_days, *([_("另有 {count} 条", count=left)] if left else [])]),
        "counts": _("{count} 条不计", count=out)
        if out
        else (_counts(counted[0]) if counted else "—"),
        "adds": told(sum(map(_added, counted)) if counted else None, _shape(rows[0])),
    }
    return line, left


def _added(row: Row) -> Any:
    """What it adds to the value of an indicator, or to the score; missing if nothing."""
    if row["format"] != "adjustments":
        return row["adds"]
    counts = row["what"] in SIGNS and pd.isna(row["left_out"])
    return SIGNS[row["what"]] * row["amount"] if counts else None


def _shape(row: Row) -> str:
    return "+.10g" if row["format"] == "adjustments" else ",.10g"


def _status(row: Row) -> str:
    if pd.isna(row["status"]):
        return "—"
    words = [_(word) for word in row["status"].split(" · ")]
    if row["format"] == "attendance" and row["status"] != "出席":
        words.append(_("{count} 个半天", count=told(row["amount"])))
    return listed(words)


def _counts(row: Row) -> str:
    if pd.notna(row["left_out"]):
        return _(LEFT_OUT[row["left_out"]])
    if pd.isna(row["counts_for"]):
        return "—"
    return listed(_(name) for name in row["counts_for"].split("；"))


def _rest(count: int) -> str:
    return _("另有 {count} 项未列出", count=count) if count else ""


def _line(text: Any, column: str = "name") -> str:
    """Text from the data on one line, as much of it as its column holds; — if it is missing."""
    if pd.isna(text):
        return "—"
    said = " ".join(text.split())
    wide = WIDE[language()][column]
    ends = list(
        accumulate(2 if unicodedata.east_asian_width(sign) in "WFA" else 1 for sign in said)
    )
    if not said or ends[-1] <= wide:
        return said
    return said[: sum(end <= wide - 2 for end in ends)] + "…"


def _number(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def _text(value: Any) -> str:
    return "" if pd.isna(value) else str(value)


def _today(facts: Facts) -> date:
    """The day up to which deadlines are looked at: the day of export."""
    return facts.at.date()


def _rows(frame: pd.DataFrame) -> list[Row]:
    return cast(list[Row], frame.to_dict("records"))


def _by_delegate(frame: pd.DataFrame) -> Rows:
    by: Rows = defaultdict(list)
    for row in _rows(frame):
        by[row["delegate_id"]].append(row)
    return by


def _lacking(dossiers: Iterable[Row]) -> dict[str, list[str]]:
    """The signs that the fonts lack, with the texts where they stand and whose sheet that is."""
    found: dict[str, list[str]] = defaultdict(list)
    for dossier in dossiers:
        for sign, texts in press.lacking(dossier).items():
            found[sign] += [
                text if text == dossier["name"] else f"{dossier['name']}：{text}"
                for text in texts
                if text != dossier["running"]
            ]
    return dict(found)
