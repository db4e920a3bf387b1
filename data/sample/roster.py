"""Who represents the sample county, for how long, and how much each does: its *pace*."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Final, NamedTuple

from data.period import Period
from data.sample import vocabulary as words
from data.sample.chance import apportion, happens
from data.sample.files import QUARTERS
from data.sample.vocabulary import TOWNSHIPS, Township

DELEGATES: Final = 968
FEWEST: Final = 2 * len(TOWNSHIPS)
COUNTY, TOWN = "县级", "乡镇级"
COMMITTEE_MEMBER: Final = "常委会组成人员"
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
ROLE_PACE: Final = {"基层": 1.02, "领导干部": 0.86, COMMITTEE_MEMBER: 1.12}
YEAR_PACE: Final = {2023: 0.52, 2024: 0.78, 2025: 0.97, 2026: 1.08}
SEASON_PACE: Final = {1: 0.84, 2: 1.0, 3: 1.0, 4: 1.14}
LEAVE_PACE: Final = 0.12
NEGLECT_PACE: Final = 0.2
OPINIONS: Final = "群众意见"
NEGLECTED: Final = (words.VISIT, words.RECEPTION, OPINIONS, "政策宣讲")


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


def roster(rng: Random, total: int) -> list[Delegate]:
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
    by_level = apportion(total, list(MANDATES.values()), [0] * len(MANDATES))
    seats: dict[tuple[str, str], int] = {}
    for level, count in zip(MANDATES, by_level, strict=True):
        own = level == TOWN
        weights = [float(p.own_seats if own else p.county_seats) for p in TOWNSHIPS]
        floors = [int(own) if place.own_seats else int(level == COUNTY) for place in TOWNSHIPS]
        for place, share in zip(TOWNSHIPS, apportion(count, weights, floors), strict=True):
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
        expertise = rng.choice(words.EXPERTISE) if happens(rng, 0.8) else ""
        neglects = rng.choice(NEGLECTED)
        person_id = f"P{number + 1:05d}"
        people.append(Person(person_id, name, gender, expertise, _energy(rng), neglects))
    return people


def _fresh_name(rng: Random, taken: set[str]) -> tuple[str, str]:
    while True:
        gender = "男" if happens(rng, 0.66) else "女"
        given = words.GIVEN[gender]
        name = rng.choice(words.SURNAMES) + "".join(
            rng.sample(given, 2 if happens(rng, 0.84) else 1)
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
    if level == COUNTY and happens(rng, 0.22):
        return COMMITTEE_MEMBER
    return "领导干部" if happens(rng, 0.185) else "基层"


def _mandates(rng: Random, count: int, term_start: date) -> Iterator[tuple[int, date, date | None]]:
    """District, first and last day of each seat; most vacancies lead to a by-election.

    The first mandate always runs through.
    """
    district = 0
    vacant_since: date | None = None
    for i in range(count):
        if vacant_since and happens(rng, BY_ELECTION):
            yield district, vacant_since + timedelta(days=rng.randint(40, 150)), None
            vacant_since = None
            continue
        district += 1
        leaves = i > 0 and happens(rng, VACANCY)
        vacant_since = date(2023, 2, 1) + timedelta(days=rng.randrange(1150)) if leaves else None
        yield district, term_start, vacant_since


def _leave(rng: Random) -> tuple[bool, ...]:
    """A few delegates are ill or away for two to six quarters."""
    if not happens(rng, LONG_LEAVE):
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


def congresses(members: list[Delegate]) -> dict[str, list[Delegate]]:
    by_congress: dict[str, list[Delegate]] = defaultdict(list)
    for delegate in members:
        by_congress[delegate.congress].append(delegate)
    return by_congress
