"""The sample county: what its offices would have uploaded from 2023Q1 to 2026Q3.

Everything follows from how much each delegate does in each quarter, its *pace*: person, role,
level, township, season and the growth since recording began. The same ``(delegates, seed)`` gives
the same files on every machine. Every file is clean under the upload formats.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

from data.period import Period
from data.sample import vocabulary as words
from data.sample.vocabulary import CATEGORIES, CLEAR_WATER, CO_CREATION, TOWNSHIPS, Township
from data.uploads.formats import EVENT_KINDS, FORMATS, RETURNED

DELEGATES: Final = 968
SEED: Final = 20211220

QUARTERS: Final = tuple(
    Period(year, quarter, quarter)
    for year in range(2023, 2027)
    for quarter in range(1, 5)
    if (year, quarter) <= (2026, 3)
)
FIRST_YEAR: Final = QUARTERS[0].year
# An office uploads a quarter about two weeks after its end, with all it knows by then.
CLERKS_DELAY: Final = timedelta(days=15)
LAST_DAY: Final = QUARTERS[-1].end + CLERKS_DELAY

# What the congress published for 2023; it holds exactly in a county of full size.
SOLVED_BY_CO_CREATION: Final = 470
PUBLISHED_TOWNSHIP: Final = "丹赵路街道"
PUBLISHED_RECEPTIONS: Final = 24
PUBLISHED_OPINIONS: Final = 52
PUBLISHED_YEAR: Final = 2023

# From this quarter on each township office sends its own files of these formats ...
SENT_BY_TOWNSHIPS: Final = ("activities", "opinions")
TOWNSHIP_OFFICES_SINCE: Final = Period(2026, 3, 3)
# ... and these have not arrived yet for the last quarter.
NOT_SENT: Final = {
    ("activities", "大沟管理区"),
    ("activities", "官山镇"),
    ("opinions", "大沟管理区"),
    ("opinions", "官山镇"),
    ("opinions", "土关垭镇"),
}
WPS_OFFICES: Final = ("石鼓镇", "官山镇", "盐池河镇", "白杨坪管理区")  # these save GB18030
NUMBERING_OFFICES: Final = ("均州路街道", "浪河镇", "六里坪镇", "习家店镇", "丹赵路街道", "龙山镇")

COUNTY, TOWN = "县级", "乡镇级"
MANDATES: Final = {"省级": 4, "地市级": 34, COUNTY: 260, TOWN: 670}
TERM_START: Final = {
    "省级": date(2023, 1, 12),
    "地市级": date(2022, 1, 5),
    COUNTY: date(2021, 12, 20),
    TOWN: date(2021, 12, 20),
}
DOUBLE_MANDATES: Final = 15
NAMESAKES: Final = 5
VACANCY, BY_ELECTION, LONG_LEAVE = 0.035, 0.85, 0.03

LEVEL_PACE: Final = {"省级": 0.5, "地市级": 0.6, COUNTY: 1.03, TOWN: 1.0}
ROLE_PACE: Final = {"基层": 1.02, "领导干部": 0.86, "常委会组成人员": 1.12}
YEAR_PACE: Final = {2023: 0.52, 2024: 0.78, 2025: 0.97, 2026: 1.08}
SEASON_PACE: Final = {1: 0.84, 2: 1.0, 3: 1.0, 4: 1.14}
LEAVE_PACE: Final = 0.12
NEGLECT_PACE: Final = 0.2
OPINIONS: Final = "群众意见"
NEGLECTED: Final = (words.VISIT, words.RECEPTION, OPINIONS, "政策宣讲")

OPINIONS_A_QUARTER: Final = 1.0
SUGGESTIONS_A_QUARTER: Final = {1: 0.28, 2: 0.16, 3: 0.11, 4: 0.11}
DUTY_REPORTS_A_YEAR: Final = {2023: 0.55, 2024: 0.75, 2025: 0.86, 2026: 0.92}
ADJUSTMENTS_A_QUARTER: Final = 8
REPORTING_SEASON: Final = (0.04, 0.34, 0.1, 0.52)

Row = tuple[str, ...]


@dataclass(frozen=True)
class SampleFile:
    """One file as an office uploads it; ``quarter`` is None for a register."""

    name: str
    format: str
    quarter: str | None
    encoding: str
    header: Row
    rows: list[Row]

    def content(self) -> bytes:
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow(self.header)
        writer.writerows(self.rows)
        return text.getvalue().encode(self.encoding)


class Person(NamedTuple):
    """Somebody who holds one or two mandates. ``energy`` is 1.0 in an ordinary delegate.

    Everybody ``neglects`` some duty, so full marks take more than energy.
    """

    person_id: str
    name: str
    gender: str
    expertise: str
    energy: float
    neglects: str


@dataclass(frozen=True, eq=False)
class Delegate:
    """One mandate. ``pace`` and ``on_leave`` have one entry per quarter of the sample.

    The ``steady`` delegate of each township serves the whole term and records something every
    quarter, so that no township is ever silent.
    """

    delegate_id: str
    person: Person
    level: str
    township: Township
    district: str
    group: str
    role: str
    households: str
    start: date
    end: date | None
    steady: bool
    on_leave: tuple[bool, ...]
    pace: tuple[float, ...] = ()

    def days(self, quarter: Period) -> range:
        """The ordinals of the quarter's days inside the mandate."""
        last = min(self.end, quarter.end) if self.end else quarter.end
        return range(max(self.start, quarter.start).toordinal(), last.toordinal() + 1)

    def serves_on(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day <= self.end)

    def intends(self, duty: str, usual: float, i: int) -> float:
        """The expected count of a duty in the i-th quarter, ``usual`` at a pace of 1.0."""
        return usual * self.pace[i] * (NEGLECT_PACE if duty == self.person.neglects else 1.0)

    @property
    def congress(self) -> str:
        """Where the mandate is held: a town's name, or the level above the towns."""
        return self.township.name if self.level == TOWN else self.level

    @property
    def identity(self) -> dict[str, str]:
        """The cells that say whose record a row is, in formats that name the township."""
        return self.signature | {"township": self.township.name}

    @property
    def signature(self) -> dict[str, str]:
        return {"delegate_id": self.delegate_id, "name": self.person.name}


Villages = dict[str, list[str]]  # by township
# Rows by quarter and by the township that keeps them; the county's own lists are under COMMITTEE.
Records = dict[tuple[Period, str], list[Row]]
COMMITTEE: Final = ""
FEWEST: Final = 2 * len(TOWNSHIPS)


def county(delegates: int = DELEGATES, seed: int = SEED) -> list[SampleFile]:
    """All files in the order of their upload: registers, then quarter by quarter.

    Raises ValueError below FEWEST delegates, with whom the townships cannot be peopled.
    """
    if delegates < FEWEST:
        raise ValueError(f"示例数据至少要有 {FEWEST} 名代表，才能分到各镇街。")
    scale = delegates / DELEGATES
    villages = _villages(Random(f"{seed}/villages"))
    members = _roster(Random(f"{seed}/roster"), delegates)
    records: dict[str, Records] = {
        "activities": _activities(Random(f"{seed}/activities"), members, villages, scale),
        "attendance": _attendance(Random(f"{seed}/attendance"), members, scale),
        "opinions": _opinions(Random(f"{seed}/opinions"), members, villages, scale),
        "suggestions": _suggestions(Random(f"{seed}/suggestions"), members),
        "duty_reports": _duty_reports(Random(f"{seed}/duty_reports"), members),
        "adjustments": _adjustments(Random(f"{seed}/adjustments"), members, scale),
    }
    files = [
        _file("townships", None, COMMITTEE, _township_rows()),
        _file("delegates", None, COMMITTEE, [_roster_row(delegate) for delegate in members]),
    ]
    for quarter in QUARTERS:
        for format_name, by_township in records.items():
            files += _quarter_files(format_name, quarter, by_township)
    return files


def write(folder: Path, delegates: int = DELEGATES, seed: int = SEED) -> list[Path]:
    """Write the county's files into ``folder``, created if absent; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for file in county(delegates, seed):
        path = folder / file.name
        path.write_bytes(file.content())
        paths.append(path)
    return paths


# Files


def _quarter_files(format_name: str, quarter: Period, records: Records) -> Iterator[SampleFile]:
    offices = (COMMITTEE, *(place.name for place in TOWNSHIPS))
    lists = {office: records.get((quarter, office), []) for office in offices}
    if format_name not in SENT_BY_TOWNSHIPS or quarter < TOWNSHIP_OFFICES_SINCE:
        lists = {COMMITTEE: [row for rows in lists.values() for row in rows]}
    for office, rows in lists.items():
        sent = quarter != QUARTERS[-1] or (format_name, office) not in NOT_SENT
        if rows and sent:
            yield _file(format_name, quarter, office, rows)


def _file(format_name: str, quarter: Period | None, office: str, rows: list[Row]) -> SampleFile:
    form = FORMATS[format_name]
    parts = (str(quarter) if quarter else "", form.title, office)
    # The committee's office saved GB18030 as well in its first year of recording.
    in_old_way = office == COMMITTEE and quarter is not None and quarter.year == FIRST_YEAR
    return SampleFile(
        name="-".join(part for part in parts if part) + ".csv",
        format=format_name,
        quarter=str(quarter) if quarter else None,
        encoding="gb18030" if office in WPS_OFFICES or in_old_way else "utf-8-sig",
        header=tuple(column.header for column in form.columns),
        rows=rows,
    )


_COLUMNS: Final = {form.name: tuple(c.name for c in form.columns) for form in FORMATS.values()}


def _row(format_name: str, **cells: str) -> Row:
    """The cells in the order of the format's columns, the others empty."""
    return tuple([cells.get(column, "") for column in _COLUMNS[format_name]])


def _uploads(
    format_name: str, cells: dict[str, str], answer: str, **pending: str
) -> Iterator[tuple[Period, Row]]:
    """The rows by which a matter that outlives its quarter becomes known, each with its upload.

    ``cells`` is how it finally stands, ``answer`` its date of reply or closing (empty: still open)
    and ``pending`` the cells before that day.
    """
    first = Period.quarter_of(date.fromisoformat(cells["date"]))
    known = first
    if cells[answer]:
        known = Period.quarter_of(date.fromisoformat(cells[answer]) - CLERKS_DELAY)
    if known > first:
        yield first, _row(format_name, **(cells | pending))
    yield max(first, known), _row(format_name, **cells)


def _township_rows() -> list[Row]:
    return [
        _row(
            "townships",
            township=place.name,
            kind=place.kind,
            households=str(place.households),
            voters=str(place.voters),
            leader=place.leader,
        )
        for place in TOWNSHIPS
    ]


def _roster_row(delegate: Delegate) -> Row:
    return _row(
        "delegates",
        **delegate.identity,
        person_id=delegate.person.person_id,
        gender=delegate.person.gender,
        level=delegate.level,
        district=delegate.district,
        group_name=delegate.group,
        role=delegate.role,
        expertise=delegate.person.expertise,
        start_date=delegate.start.isoformat(),
        end_date=delegate.end.isoformat() if delegate.end else "",
        assigned_households=delegate.households,
    )


# Chance


def _rounded(rng: Random, mean: float) -> int:
    """A whole number around ``mean``: people aim at a count, so it varies less than Poisson's."""
    return int(mean * (0.6 + 0.8 * rng.random()) + rng.random())


def _happens(rng: Random, chance: float) -> bool:
    return rng.random() < chance


def _apportion(total: int, weights: Sequence[float], floors: Sequence[int]) -> list[int]:
    """Whole shares of ``total`` by largest remainder.

    Each share has its floor first; the rest goes by what each still lacks of its weight's part.
    Floors that exceed the total are kept.
    """
    rest = max(0, total - sum(floors))
    whole = sum(weights)
    lacking = [
        max(0.0, total * weight / whole - floor)
        for weight, floor in zip(weights, floors, strict=True)
    ]
    exact = [rest * lack / (sum(lacking) or 1.0) for lack in lacking]
    shares = [int(part) + floor for part, floor in zip(exact, floors, strict=True)]
    by_remainder = sorted(range(len(exact)), key=lambda i: int(exact[i]) - exact[i])
    for i in by_remainder[: max(0, total - sum(shares))]:
        shares[i] += 1
    return shares


# The roster


def _roster(rng: Random, total: int) -> list[Delegate]:
    """All mandates by township and level; ``total`` rows."""
    seats = _seats(total)
    people = iter(_people(rng, total))
    doubles = _double_mandates(rng, seats, round(DOUBLE_MANDATES * total / DELEGATES))
    members: list[Delegate] = []
    for place in TOWNSHIPS:
        groups = max(1, sum(seats[level, place.name] for level in MANDATES) // 12)
        own_level = TOWN if place.own_seats else COUNTY
        in_both: list[Person] = []  # county delegates who sit in their town's congress too
        for level in MANDATES:
            mandates = _mandates(rng, seats[level, place.name], TERM_START[level])
            for i, (district, start, end) in enumerate(mandates):
                steady = level == own_level and i == 0
                second = level == TOWN and not steady and in_both
                person = in_both.pop() if second else next(people)
                if level == COUNTY and i < doubles[place.name]:
                    in_both.append(person)
                if steady:
                    person = person._replace(energy=max(1.0, person.energy))
                elected = level in (COUNTY, TOWN)  # by voters; above, by the congress below
                delegate = Delegate(
                    delegate_id=f"D{len(members) + 1:05d}",
                    person=person,
                    level=level,
                    township=place,
                    district=f"{place.name}第{district}选区" if elected else "",
                    group=f"{place.name}第{len(members) % groups + 1}代表小组",
                    role=_role(rng, level),
                    households=str(rng.randint(8, 40)) if elected else "",
                    start=start,
                    end=end,
                    steady=steady,
                    on_leave=(False,) * len(QUARTERS) if steady else _leave(rng),
                )
                members.append(replace(delegate, pace=_pace(rng, delegate)))
    return members


def _seats(total: int) -> dict[tuple[str, str], int]:
    """Mandates per level and township; every township has one at least of a graded level."""
    by_level = _apportion(total, list(MANDATES.values()), [0] * len(MANDATES))
    seats: dict[tuple[str, str], int] = {}
    for level, count in zip(MANDATES, by_level, strict=True):
        own = level == TOWN
        weights = [float(p.own_seats if own else p.county_seats) for p in TOWNSHIPS]
        floors = [int(own) if place.own_seats else int(level == COUNTY) for place in TOWNSHIPS]
        for place, share in zip(TOWNSHIPS, _apportion(count, weights, floors), strict=True):
            seats[level, place.name] = share
    return seats


def _double_mandates(rng: Random, seats: dict[tuple[str, str], int], count: int) -> dict[str, int]:
    """How many county delegates of each town also sit in the town's own congress."""
    candidates = [
        place.name
        for place in TOWNSHIPS
        if place.own_seats
        for _ in range(min(seats[COUNTY, place.name], seats[TOWN, place.name] - 1))
    ]
    drawn = rng.sample(candidates, min(count, len(candidates)))
    return {place.name: drawn.count(place.name) for place in TOWNSHIPS}


def _people(rng: Random, count: int) -> list[Person]:
    """People with distinct names but for a few namesakes; rare characters are spread among them.

    Namesakes are half the roster apart, hence in different townships.
    """
    rare = {(i + 1) * count // 7: named for i, named in enumerate(words.RARE_NAMES)}
    half, pairs = count // 2, max(1, round(NAMESAKES * count / DELEGATES))
    namesakes = {half + (i + 1) * half // (pairs + 1) for i in range(pairs)} - rare.keys()
    taken = {name for name, _ in words.RARE_NAMES}
    people: list[Person] = []
    for number in range(count):
        name, gender = rare.get(number) or _fresh_name(rng, taken)
        if number in namesakes:
            name, gender = people[number - half].name, people[number - half].gender
        expertise = rng.choice(words.EXPERTISE) if _happens(rng, 0.8) else ""
        neglects = rng.choice(NEGLECTED)
        person_id = f"P{number + 1:05d}"
        people.append(Person(person_id, name, gender, expertise, _energy(rng), neglects))
    return people


def _fresh_name(rng: Random, taken: set[str]) -> tuple[str, str]:
    while True:
        gender = "男" if _happens(rng, 0.66) else "女"
        given = words.GIVEN[gender]
        name = rng.choice(words.SURNAMES) + "".join(
            rng.sample(given, 2 if _happens(rng, 0.84) else 1)
        )
        if name not in taken:
            taken.add(name)
            return name, gender


def _energy(rng: Random) -> float:
    """Most delegates near 1, some far busier, and a tail nearly idle."""
    kind = rng.random()
    if kind < 0.02:
        return rng.uniform(0.08, 0.35)
    if kind < 0.06:
        return rng.uniform(0.35, 0.7)
    if kind < 0.93:
        return rng.lognormvariate(0.0, 0.18)
    return rng.uniform(1.4, 2.2)


def _role(rng: Random, level: str) -> str:
    if level == COUNTY and _happens(rng, 0.22):
        return "常委会组成人员"
    return "领导干部" if _happens(rng, 0.185) else "基层"


def _villages(rng: Random) -> Villages:
    """Seven villages of each township, or neighbourhoods of each street."""
    villages: Villages = {}
    for place in TOWNSHIPS:
        urban = place.kind == "街道"
        heads = rng.sample(words.STREET_HEADS if urban else words.VILLAGE_HEADS, 7)
        villages[place.name] = [head + ("社区" if urban else "村") for head in heads]
    return villages


def _mandates(rng: Random, count: int, term_start: date) -> Iterator[tuple[int, date, date | None]]:
    """District, first and last day of each seat; most vacancies lead to a by-election.

    The first mandate always runs through.
    """
    district = 0
    vacant_since: date | None = None
    for i in range(count):
        if vacant_since and _happens(rng, BY_ELECTION):
            yield district, vacant_since + timedelta(days=rng.randint(40, 150)), None
            vacant_since = None
            continue
        district += 1
        leaves = i > 0 and _happens(rng, VACANCY)
        vacant_since = date(2023, 2, 1) + timedelta(days=rng.randrange(1150)) if leaves else None
        yield district, term_start, vacant_since


def _leave(rng: Random) -> tuple[bool, ...]:
    """A few delegates are ill or away for two to six quarters."""
    if not _happens(rng, LONG_LEAVE):
        return (False,) * len(QUARTERS)
    first = rng.randrange(len(QUARTERS) - 1)
    last = first + rng.randint(2, 6)
    return tuple(first <= i < last for i in range(len(QUARTERS)))


def _pace(rng: Random, delegate: Delegate) -> tuple[float, ...]:
    """How much the delegate does in each quarter; 1.0 is an ordinary delegate in 2025."""
    place = delegate.township
    own = delegate.person.energy * LEVEL_PACE[delegate.level] * ROLE_PACE[delegate.role]
    pace = []
    for i, quarter in enumerate(QUARTERS):
        strength = place.strength + place.drift * max(0, i - place.drifts_from)
        times = YEAR_PACE[quarter.year] * SEASON_PACE[quarter.first] * (0.95 + 0.1 * rng.random())
        served = len(delegate.days(quarter)) / ((quarter.end - quarter.start).days + 1)
        leave = LEAVE_PACE if delegate.on_leave[i] else 1.0
        pace.append(own * strength * times * served * leave)
    return tuple(pace)


def _by_congress(members: list[Delegate]) -> dict[str, list[Delegate]]:
    congresses: dict[str, list[Delegate]] = defaultdict(list)
    for delegate in members:
        congresses[delegate.congress].append(delegate)
    return congresses


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
    shares = _apportion(total, weights, [int(delegate.steady) for delegate, _ in cells])
    return {
        (delegate.delegate_id, QUARTERS[i]): share
        for (delegate, i), share in zip(cells, shares, strict=True)
    }


def _activities(rng: Random, members: list[Delegate], villages: Villages, scale: float) -> Records:
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
                    _row(
                        "activities",
                        **delegate.identity,
                        kind=kind,
                        date=date.fromordinal(ordinal).isoformat(),
                        quantity=_quantity(rng, kind),
                        place=rng.choice(villages[delegate.township.name]),
                        content=rng.choice(words.ACTIVITIES[kind][1]),
                        campaign=_campaign(rng, 0.85 if kind == words.THEME else 0.13),
                        evidence=f"ZP{rng.randrange(10**6):06d}" if _happens(rng, 0.4) else "",
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
        count = _rounded(rng, delegate.intends(kind, usual, i))
        if kind == words.VISIT and delegate.steady:
            count = max(1, count)
        if kind == words.RECEPTION and receptions is not None:
            count = receptions
        kinds += [kind] * count
    return kinds


def _arrange_activities(rows: list[Row], place: Township, quarter: Period) -> None:
    """By date, as an office keeps them; some offices number their records as well."""
    day = _COLUMNS["activities"].index("date")
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


def _attendance(rng: Random, members: list[Delegate], scale: float) -> Records:
    """Sessions of each congress and the events to which some of its delegates are invited."""
    by_congress = _by_congress(members)
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
                _row(
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
            if _happens(rng, 0.3):
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
        for _ in range(max(1, _rounded(rng, usual * scale * YEAR_PACE[quarter.year]))):
            subject = rng.choice(subjects)
            town = rng.choice(towns) if _happens(rng, 0.55) else ""
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


def _opinions(rng: Random, members: list[Delegate], villages: Villages, scale: float) -> Records:
    published = _published(members, round(PUBLISHED_OPINIONS * scale))
    collected: dict[tuple[Period, str], list[dict[str, str]]] = defaultdict(list)
    for delegate in members:
        for i, quarter in enumerate(QUARTERS):
            count = _rounded(rng, delegate.intends(OPINIONS, OPINIONS_A_QUARTER, i))
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
            for upload, row in _uploads(
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
    ends = closed <= LAST_DAY and _happens(rng, 0.965)
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


def _suggestions(rng: Random, members: list[Delegate]) -> Records:
    """Co-signers sit in the same congress as the lead."""
    by_congress = _by_congress(members)
    filed: list[dict[str, str]] = []
    for delegate in members:
        for i, quarter in enumerate(QUARTERS):
            days = delegate.days(quarter)
            count = _rounded(rng, SUGGESTIONS_A_QUARTER[quarter.first] * delegate.pace[i])
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
        for upload, row in _uploads(
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
    about = lead.township.name if lead.level == TOWN or _happens(rng, 0.5) else ""
    limit = rng.choices(("3", "6", ""), (0.3, 0.2, 0.5))[0]
    assigned = day + timedelta(days=rng.randint(3, 14))
    allowed = 182 if limit == "6" else 91
    slowness = words.SLOW_AGENCIES.get(category.agency, 1.0)
    taken = allowed * slowness * rng.triangular(0.25, 1.2, 0.7)
    replied = assigned + timedelta(days=int(taken))
    ends = replied <= LAST_DAY and _happens(rng, 0.96)
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
        "priority": "是" if _happens(rng, 0.04) else "否",
    }


def _reply(rng: Random) -> tuple[str, str]:
    outcome = rng.choices(("已解决", "列入计划", "解释说明"), (0.68, 0.2, 0.12))[0]
    odds = (0.84, 0.15, 0.01) if outcome == "已解决" else (0.5, 0.42, 0.08)
    return outcome, rng.choices(("满意", "基本满意", "不满意"), odds)[0]


# Duty reports and adjustments


def _duty_reports(rng: Random, members: list[Delegate]) -> Records:
    """Most delegates report to their voters once a year, in winter or early summer."""
    records: Records = defaultdict(list)
    for delegate in members:
        for year, usual in DUTY_REPORTS_A_YEAR.items():
            season = rng.choices((0, 1, 2, 3), REPORTING_SEASON)[0]
            i = 4 * (year - FIRST_YEAR) + season
            if i >= len(QUARTERS) or not delegate.days(QUARTERS[i]):
                continue
            if not delegate.on_leave[i] and _happens(rng, usual * min(1.1, delegate.person.energy)):
                day = date.fromordinal(rng.choice(delegate.days(QUARTERS[i])))
                records[QUARTERS[i], delegate.township.name].append(
                    _row(
                        "duty_reports",
                        **delegate.signature,
                        date=day.isoformat(),
                        **_votes(rng, delegate.person.energy),
                    )
                )
    return records


def _votes(rng: Random, energy: float) -> dict[str, str]:
    voters = rng.randint(18, 90)
    if not _happens(rng, 0.85):
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


def _adjustments(rng: Random, members: list[Delegate], scale: float) -> Records:
    """Bonuses go to the busy, deductions and caps to the idle, 不定等次 to those on leave."""
    graded = [delegate for delegate in members if delegate.level in (COUNTY, TOWN)]
    records: Records = defaultdict(list)
    for i, quarter in enumerate(QUARTERS):
        serving = [delegate for delegate in graded if len(delegate.days(quarter)) > 1]
        away = [delegate for delegate in serving if delegate.on_leave[i]]
        wanted = 3 * _rounded(rng, ADJUSTMENTS_A_QUARTER * scale)
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
                _row(
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
