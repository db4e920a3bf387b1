"""What the delegates and their agencies do: the quarterly records of formats about delegates."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Final, NamedTuple

from data.period import Period
from data.sample import vocabulary as words
from data.sample.chance import apportion, happens, rounded
from data.sample.files import (
    COLUMNS,
    COMMITTEE,
    FIRST_YEAR,
    LAST_DAY,
    QUARTERS,
    Records,
    Row,
    line,
    uploads,
)
from data.sample.network import Network, Villages
from data.sample.roster import COUNTY, MANDATES, OPINIONS, TOWN, YEAR_PACE, Delegate, congresses
from data.sample.vocabulary import CATEGORIES, CLEAR_WATER, CO_CREATION, TOWNSHIPS, Township
from data.uploads.formats import EVENT_KINDS, RETURNED

# What the congress published for 2023; it holds exactly in a county of full size.
SOLVED_BY_CO_CREATION: Final = 470
PUBLISHED_TOWNSHIP: Final = "丹赵路街道"
PUBLISHED_RECEPTIONS: Final = 24
PUBLISHED_OPINIONS: Final = 52
PUBLISHED_YEAR: Final = 2023

NUMBERING_OFFICES: Final = ("均州路街道", "浪河镇", "六里坪镇", "习家店镇", "丹赵路街道", "龙山镇")

OPINIONS_A_QUARTER: Final = 1.0
SUGGESTIONS_A_QUARTER: Final = {1: 0.28, 2: 0.16, 3: 0.11, 4: 0.11}
DUTY_REPORTS_A_YEAR: Final = {2023: 0.55, 2024: 0.75, 2025: 0.86, 2026: 0.92}
ADJUSTMENTS_A_QUARTER: Final = 8
REPORTING_SEASON: Final = (0.04, 0.34, 0.1, 0.52)


# Activities


def _published(members: list[Delegate], total: int) -> dict[tuple[str, Period], int]:
    """A published total of one township's year, spread over its delegates and quarters.

    These counts stand in place of chance, so the total holds whatever the seed.
    """
    cells = [
        (delegate, i)
        for delegate in members
        if delegate.township.name == PUBLISHED_TOWNSHIP
        for i, quarter in enumerate(QUARTERS)
        if quarter.year == PUBLISHED_YEAR and delegate.days(quarter)
    ]
    weights = [delegate.pace[i] for delegate, i in cells]
    shares = apportion(total, weights, [int(delegate.steady) for delegate, _ in cells])
    return {
        (delegate.delegate_id, QUARTERS[i]): share
        for (delegate, i), share in zip(cells, shares, strict=True)
    }


def activities(
    rng: Random,
    venues: Random,
    members: list[Delegate],
    villages: Villages,
    network: Network,
    scale: float,
) -> Records:
    """What delegates record themselves; where they do it is drawn from a stream of its own."""
    receptions = _published(members, round(PUBLISHED_RECEPTIONS * scale))
    records: Records = defaultdict(list)
    for delegate in members:
        for i, quarter in enumerate(QUARTERS):
            pinned = receptions.get((delegate.delegate_id, quarter))
            kinds = _kinds_recorded(rng, delegate, i, pinned)
            days = delegate.days(quarter)
            # A delegate's activities fall on different days, so no two rows are the same.
            chosen = rng.sample(days, min(len(kinds), len(days)))
            rows = records[quarter, delegate.township.name]
            for kind, ordinal in zip(kinds, chosen, strict=False):
                safe = delegate.steady or (kind == words.RECEPTION and pinned is not None)
                status = _status(rng, quarter)
                rows.append(
                    line(
                        "activities",
                        **delegate.identity,
                        kind=kind,
                        date=date.fromordinal(ordinal).isoformat(),
                        quantity=_quantity(rng, kind),
                        place=rng.choice(villages[delegate.township.name]),
                        station_id=network.venue(venues, delegate, kind, quarter),
                        content=rng.choice(words.ACTIVITIES[kind][1]),
                        campaign=_campaign(rng, 0.85 if kind == words.THEME else 0.13),
                        evidence=f"ZP{rng.randrange(10**6):06d}" if happens(rng, 0.4) else "",
                        status="已核实" if safe and status == RETURNED else status,
                    )
                )
    for place in TOWNSHIPS:
        for quarter in QUARTERS:
            _arrange_activities(records[quarter, place.name], place, quarter)
    return records


def _kinds_recorded(rng: Random, delegate: Delegate, i: int, receptions: int | None) -> list[str]:
    kinds: list[str] = []
    for kind, (usual, _) in words.ACTIVITIES.items():
        count = rounded(rng, delegate.intends(kind, usual, i))
        if kind == words.VISIT and delegate.steady:
            count = max(1, count)
        if kind == words.RECEPTION and receptions is not None:
            count = receptions
        kinds += [kind] * count
    return kinds


def _arrange_activities(rows: list[Row], place: Township, quarter: Period) -> None:
    """By date, as an office keeps them; some offices number their records as well."""
    day = COLUMNS["activities"].index("date")
    rows.sort(key=lambda row: row[day])
    if place.name in NUMBERING_OFFICES:
        rows[:] = [(f"{place.code}-{quarter}-{n:04d}", *row[1:]) for n, row in enumerate(rows, 1)]


def _quantity(rng: Random, kind: str) -> str:
    if kind != words.VISIT:
        return ""
    return str(1 + int(8 * rng.random() ** 1.8))


def _status(rng: Random, quarter: Period) -> str:
    chance = rng.random()
    if chance < 0.02:
        return RETURNED
    if chance < (0.48 if quarter == QUARTERS[-1] else 0.75):
        return "已核实"
    return "待核实" if chance < 0.9 else ""


def _campaign(rng: Random, share: float) -> str:
    chance = rng.random() / share
    if chance >= 1:
        return ""
    return CO_CREATION if chance < 0.58 else CLEAR_WATER


# Attendance


class _Event(NamedTuple):
    kind: str
    title: str
    first_day: int  # days after the quarter's start
    half_days: float
    invited: list[Delegate]


def attendance(rng: Random, members: list[Delegate], scale: float) -> Records:
    """Sessions of each congress and the events to which some of its delegates are invited."""
    by_congress = congresses(members)
    records: Records = defaultdict(list)
    for i, quarter in enumerate(QUARTERS):
        numbers = dict.fromkeys(EVENT_KINDS, 0)
        for event in (
            *_sessions(rng, quarter, by_congress),
            *_organised(rng, quarter, by_congress, scale),
        ):
            day = quarter.start + timedelta(days=event.first_day)
            present = [delegate for delegate in event.invited if delegate.serves_on(day)]
            if not present:
                continue
            numbers[event.kind] += 1
            number = f"{words.EVENT_LETTERS[event.kind]}{numbers[event.kind]:02d}"
            records[quarter, COMMITTEE] += [
                line(
                    "attendance",
                    event_id=f"{quarter}-{number}",
                    event_kind=event.kind,
                    title=event.title,
                    date=day.isoformat(),
                    **delegate.identity,
                    result=_result(rng, delegate, i),
                    half_days="" if event.half_days == 1 else f"{event.half_days:g}",
                )
                for delegate in present
            ]
    return records


def _sessions(
    rng: Random, quarter: Period, by_congress: dict[str, list[Delegate]]
) -> Iterator[_Event]:
    """A great session in winter, a shorter one in summer, and meetings of half a day between."""
    for congress, invited in by_congress.items():
        if congress in words.SESSIONS and quarter.first == 1:
            title, before_first = words.SESSIONS[congress]
            number = "一二三四五六"[quarter.year - before_first - 1]
            half_days = 4 if congress == COUNTY else 6
            yield _Event("会议", title.format(number), 14 + rng.randrange(10), half_days, invited)
        if congress == COUNTY:
            if quarter.first == 3:
                title = f"丹江口市人民代表大会{quarter.year}年年中会议"
                yield _Event("会议", title, 10 + rng.randrange(20), 2, invited)
            yield _Event("会议", f"{quarter}代表小组联席会议", 50 + rng.randrange(35), 1, invited)
        elif congress in words.SESSIONS:
            continue
        elif quarter.first in (1, 3):
            half = "上" if quarter.first == 1 else "下"
            title = f"{congress}人民代表大会{quarter.year}年{half}半年会议"
            yield _Event("会议", title, 8 + rng.randrange(40), 2, invited)
            if happens(rng, 0.3):
                yield _Event(
                    "会议", f"{congress}代表小组会议", 60 + rng.randrange(25), 0.5, invited
                )
        else:
            title = f"{congress}人大代表{quarter}工作例会"
            yield _Event("会议", title, 20 + rng.randrange(60), 1, invited)


def _organised(
    rng: Random, quarter: Period, by_congress: dict[str, list[Delegate]], scale: float
) -> Iterator[_Event]:
    """Inspections, surveys and courses; half are the county's, half a town's own."""
    towns = [name for name in by_congress if name not in MANDATES]
    upper = by_congress["省级"] + by_congress["地市级"] + by_congress[COUNTY]
    for kind, (usual, subjects) in words.EVENTS.items():
        for _ in range(max(1, rounded(rng, usual * scale * YEAR_PACE[quarter.year]))):
            subject = rng.choice(subjects)
            town = rng.choice(towns) if happens(rng, 0.55) else ""
            pool = by_congress[town] if town else upper
            invited = rng.sample(pool, min(rng.randint(15, 60), len(pool)))
            title = subject if kind == "学习培训" else f"{town}{subject}{kind}"
            yield _Event(kind, title, 3 + rng.randrange(85), 1, invited)


def _result(rng: Random, delegate: Delegate, i: int) -> str:
    chance = rng.random()
    if delegate.on_leave[i]:
        return "请假" if chance < 0.92 else "出席"
    # Idle delegates miss more, and excuse themselves less.
    energy = delegate.person.energy * delegate.township.strength
    missing = min(0.5, 0.1 / energy) + (0.03 if QUARTERS[i].year == FIRST_YEAR else 0.0)
    if chance >= missing:
        return "出席"
    return "缺席" if chance < missing * (0.18 if energy > 0.7 else 0.4) else "请假"


# Opinions


def opinions(rng: Random, members: list[Delegate], villages: Villages, scale: float) -> Records:
    published = _published(members, round(PUBLISHED_OPINIONS * scale))
    collected: dict[tuple[Period, str], list[dict[str, str]]] = defaultdict(list)
    for delegate in members:
        for i, quarter in enumerate(QUARTERS):
            count = rounded(rng, delegate.intends(OPINIONS, OPINIONS_A_QUARTER, i))
            count = published.get((delegate.delegate_id, quarter), max(count, int(delegate.steady)))
            days = delegate.days(quarter)
            for _ in range(count if days else 0):
                day = date.fromordinal(days[int(rng.random() * len(days))])
                village = rng.choice(villages[delegate.township.name])
                opinion = delegate.signature | _opinion(rng, day, village)
                collected[quarter, delegate.township.name].append(opinion)
    opinions = [opinion for place in collected.values() for opinion in place]
    _settle_co_creation(rng, opinions, round(SOLVED_BY_CO_CREATION * scale))
    codes = {place.name: place.code for place in TOWNSHIPS}
    records: Records = defaultdict(list)
    # Earlier quarters first: a file holds the updates of old matters before the new ones.
    for (quarter, township), found in sorted(collected.items(), key=lambda item: item[0][0]):
        found.sort(key=lambda opinion: opinion["date"])
        for number, opinion in enumerate(found, 1):
            opinion["opinion_id"] = f"Y{quarter}-{codes[township]}{number:03d}"
            for upload, row in uploads(
                "opinions", opinion, "closed", closed="", outcome="正在办理"
            ):
                records[upload, township].append(row)
    return records


def _opinion(rng: Random, day: date, village: str) -> dict[str, str]:
    """The cells of one opinion as they finally stand, all but its number."""
    category = rng.choice(CATEGORIES)
    tier = rng.choices(("村", "镇", "市"), (0.42, 0.38, 0.2))[0]
    routed = day + timedelta(days=rng.randint(0, 9))
    usual = {"村": 14, "镇": 30, "市": 55}[tier] * words.SLOW_AGENCIES.get(category.agency, 1.0)
    closed = routed + timedelta(days=1 + int(rng.expovariate(1 / usual)))
    ends = closed <= LAST_DAY and happens(rng, 0.965)
    return {
        "date": day.isoformat(),
        "content": village + rng.choice(category.requests),
        "category": category.name,
        "source": rng.choices(
            (words.VISIT, words.RECEPTION, "代表行动", "其他"), (0.46, 0.3, 0.15, 0.09)
        )[0],
        "tier": tier,
        "routed": routed.isoformat(),
        "closed": closed.isoformat() if ends else "",
        "outcome": rng.choices(("已解决", "列入计划", "解释说明"), (0.74, 0.15, 0.11))[0]
        if ends
        else "正在办理",
        "campaign": _campaign(rng, 0.34),
    }


def _settle_co_creation(rng: Random, opinions: list[dict[str, str]], solved: int) -> None:
    """Make ``solved`` the number of opinions of the published year that 共同缔造 resolved.

    All of them are closed within that year; the campaign has no others that were resolved.
    """
    year = str(PUBLISHED_YEAR)
    resolved = [o for o in opinions if o["date"].startswith(year) and o["outcome"] == "已解决"]
    for opinion in resolved:
        if opinion["campaign"] == CO_CREATION:
            opinion["campaign"] = ""
    in_time = [opinion for opinion in resolved if opinion["closed"].startswith(year)]
    for opinion in rng.sample(in_time, min(solved, len(in_time))):
        opinion["campaign"] = CO_CREATION


# Suggestions


def suggestions(rng: Random, members: list[Delegate]) -> Records:
    """Co-signers sit in the same congress as the lead."""
    by_congress = congresses(members)
    filed: list[dict[str, str]] = []
    for delegate in members:
        for i, quarter in enumerate(QUARTERS):
            days = delegate.days(quarter)
            count = rounded(rng, SUGGESTIONS_A_QUARTER[quarter.first] * delegate.pace[i])
            for _ in range(count if days else 0):
                day = date.fromordinal(rng.choice(days))
                filed.append(_suggestion(rng, day, delegate, by_congress[delegate.congress]))
    filed.sort(key=lambda suggestion: suggestion["date"])
    numbers: dict[str, int] = defaultdict(int)
    records: Records = defaultdict(list)
    for suggestion in filed:
        year = suggestion["date"][:4]
        numbers[year] += 1
        suggestion["suggestion_id"] = f"J{year}-{numbers[year]:04d}"
        for upload, row in uploads(
            "suggestions", suggestion, "replied", replied="", outcome="", satisfaction=""
        ):
            records[upload, COMMITTEE].append(row)
    return records


def _suggestion(
    rng: Random, day: date, lead: Delegate, colleagues: list[Delegate]
) -> dict[str, str]:
    """The cells of one suggestion as they finally stand, all but its number."""
    category = rng.choice(CATEGORIES)
    asked = rng.sample(colleagues, min(rng.randint(0, 4), len(colleagues)))
    cosigners = [d.delegate_id for d in asked if d is not lead and d.serves_on(day)]
    # A town's congress speaks of its town; others do so half of the time.
    about = lead.township.name if lead.level == TOWN or happens(rng, 0.5) else ""
    limit = rng.choices(("3", "6", ""), (0.3, 0.2, 0.5))[0]
    assigned = day + timedelta(days=rng.randint(3, 14))
    allowed = 182 if limit == "6" else 91
    slowness = words.SLOW_AGENCIES.get(category.agency, 1.0)
    taken = allowed * slowness * rng.triangular(0.25, 1.2, 0.7)
    replied = assigned + timedelta(days=int(taken))
    ends = replied <= LAST_DAY and happens(rng, 0.96)
    outcome, satisfaction = _reply(rng) if ends else ("", "")
    return {
        "title": f"关于{about}{rng.choice(category.proposals)}的建议",
        "delegate_id": lead.delegate_id,
        "cosigner_ids": "；".join(cosigners),
        "category": category.name,
        "date": day.isoformat(),
        "assigned": assigned.isoformat(),
        "limit_months": limit,
        "agency": category.agency,
        "replied": replied.isoformat() if ends else "",
        "outcome": outcome,
        "satisfaction": satisfaction,
        "priority": "是" if happens(rng, 0.04) else "否",
    }


def _reply(rng: Random) -> tuple[str, str]:
    outcome = rng.choices(("已解决", "列入计划", "解释说明"), (0.68, 0.2, 0.12))[0]
    odds = (0.84, 0.15, 0.01) if outcome == "已解决" else (0.5, 0.42, 0.08)
    return outcome, rng.choices(("满意", "基本满意", "不满意"), odds)[0]


# Duty reports and adjustments


def duty_reports(rng: Random, members: list[Delegate]) -> Records:
    """Most delegates report to their voters once a year, in winter or early summer."""
    records: Records = defaultdict(list)
    for delegate in members:
        for year, usual in DUTY_REPORTS_A_YEAR.items():
            season = rng.choices((0, 1, 2, 3), REPORTING_SEASON)[0]
            i = 4 * (year - FIRST_YEAR) + season
            if i >= len(QUARTERS) or not delegate.days(QUARTERS[i]):
                continue
            if not delegate.on_leave[i] and happens(rng, usual * min(1.1, delegate.person.energy)):
                day = date.fromordinal(rng.choice(delegate.days(QUARTERS[i])))
                records[QUARTERS[i], delegate.township.name].append(
                    line(
                        "duty_reports",
                        **delegate.signature,
                        date=day.isoformat(),
                        **_votes(rng, delegate.person.energy),
                    )
                )
    return records


def _votes(rng: Random, energy: float) -> dict[str, str]:
    voters = rng.randint(18, 90)
    if not happens(rng, 0.85):
        return {"voters": str(voters)}
    not_full = voters * rng.random() * min(0.8, 0.3 / energy)
    disapprove = int(not_full * rng.random() * 0.3)
    partly = int(not_full) - disapprove
    return {
        "voters": str(voters),
        "approve": str(voters - partly - disapprove),
        "partly": str(partly),
        "disapprove": str(disapprove),
    }


def adjustments(rng: Random, members: list[Delegate], scale: float) -> Records:
    """Bonuses go to the busy, deductions and caps to the idle, 不定等次 to those on leave."""
    graded = [delegate for delegate in members if delegate.level in (COUNTY, TOWN)]
    records: Records = defaultdict(list)
    for i, quarter in enumerate(QUARTERS):
        serving = [delegate for delegate in graded if len(delegate.days(quarter)) > 1]
        away = [delegate for delegate in serving if delegate.on_leave[i]]
        wanted = 3 * rounded(rng, ADJUSTMENTS_A_QUARTER * scale)
        drawn = iter(rng.sample(serving, min(wanted, len(serving) // 3 * 3)))
        for trio in zip(drawn, drawn, drawn, strict=True):
            by_pace = sorted(trio, key=lambda delegate: delegate.pace[i])
            kind = rng.choices(("加分", "扣分", "等次上限", "不定等次"), (0.8, 0.11, 0.05, 0.04))[0]
            delegate = by_pace[-1] if kind == "加分" else by_pace[0]
            if kind == "不定等次":
                if not away:
                    continue
                delegate = away.pop()
            day = date.fromordinal(rng.choice(delegate.days(quarter)))
            records[quarter, COMMITTEE].append(
                line(
                    "adjustments",
                    delegate_id=delegate.delegate_id,
                    date=day.isoformat(),
                    kind=kind,
                    **_measure(rng, kind),
                    approved_by="主任会议",
                )
            )
    return records


def _measure(rng: Random, kind: str) -> dict[str, str]:
    """Basis of an adjustment, with its points or its highest grade."""
    if kind == "等次上限":
        basis, grade = rng.choice(words.CAPS)
        return {"basis": basis, "grade": grade}
    if kind == "不定等次":
        return {"basis": words.UNGRADED_BASIS}
    basis, points = rng.choice(words.BONUSES if kind == "加分" else words.DEDUCTIONS)
    return {"basis": basis, "points": str(points)}
