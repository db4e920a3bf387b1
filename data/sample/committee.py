"""What the committee of the sample county keeps itself: who looks after what, its plan, visits."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Final

from data.sample import vocabulary as words
from data.sample.chance import happens
from data.sample.files import (
    COMMITTEE,
    FIRST_YEAR,
    LAST_DAY,
    QUARTERS,
    Records,
    Row,
    line,
    uploads,
)
from data.sample.network import Network
from data.sample.roster import COMMITTEE_MEMBER, Delegate
from data.sample.vocabulary import TOWNSHIPS, Township
from data.uploads.formats import GUIDANCE_ITEMS

GROUPS_A_MEMBER: Final = 2

# How likely a leader visits each of their townships in a quarter.
VISITS: Final = 0.9
RARE_VISITS: Final = {"龚维新": 0.35, "梅国安": 0.65}
# How likely a checked item gives rise to a finding; each year a little less.
FINDS, FINDS_LESS = 0.29, 0.03
MENDS: Final = 0.92


# Who looks after what


def assignments(members: list[Delegate]) -> list[Row]:
    """Leaders look after their townships, members of the standing committee after the groups."""
    rows = [
        line("assignments", leader=place.leader, unit_kind="镇街", unit=place.name)
        for place in TOWNSHIPS
    ]
    # Whose name is somebody else's too could not be told apart in the list.
    bearers = Counter(name for name, _ in {(d.person.name, d.person.person_id) for d in members})
    homes = {
        delegate.person.name: delegate.township
        for delegate in members
        if delegate.role == COMMITTEE_MEMBER
        and delegate.end is None
        and bearers[delegate.person.name] == 1
    }
    load = dict.fromkeys(homes, 0)
    for group, place in {delegate.group: delegate.township for delegate in members}.items():
        leader = _least_busy(place, homes, load)
        rows.append(line("assignments", leader=leader, unit_kind="代表小组", unit=group))
    return rows


def _least_busy(place: Township, homes: dict[str, Township], load: dict[str, int]) -> str:
    """A member for a group of ``place``, of it if possible; without members, its own leader."""
    if not load:
        return place.leader
    name = min(load, key=lambda n: (load[n] >= GROUPS_A_MEMBER, homes[n] is not place, load[n]))
    load[name] += 1
    return name


# The plan


def plan(scale: float) -> list[Row]:
    """The tasks of each year; what is counted is planned by the size of the county."""
    return [
        line(
            "plan",
            year=str(year),
            task=task.task,
            indicator=task.indicator,
            target=str(max(1, round(task.target * scale)) if task.is_counted else task.target),
            due=date(year, *task.due).isoformat(),
            lead=task.lead,
        )
        for year, tasks in words.PLAN.items()
        for task in tasks
    ]


# Visits


def guidance(rng: Random, network: Network) -> Records:
    """Leaders see to some stations of their townships, and to some of the five items at each."""
    records: Records = defaultdict(list)
    for quarter in QUARTERS:
        days = range(quarter.start.toordinal(), quarter.end.toordinal() + 1)
        checked: list[dict[str, str]] = []
        for place in TOWNSHIPS:
            usual = RARE_VISITS.get(place.leader, VISITS)
            visits = int(happens(rng, usual)) + int(happens(rng, usual / 4))
            for ordinal in rng.sample(days, visits):
                checked += _visit(rng, date.fromordinal(ordinal), place, network)
        for item in sorted(checked, key=lambda cells: cells["date"]):
            for upload, row in uploads("guidance", item, "fixed", fixed=""):
                records[upload, COMMITTEE].append(row)
    return records


def _visit(rng: Random, day: date, place: Township, network: Network) -> Iterator[dict[str, str]]:
    """What a leader checked on one day; now and then nobody noted at which station."""
    stations = [station.station_id for station in network.within(place.name)]
    seen = rng.sample(stations, min(rng.randint(1, 3), len(stations)))
    for station_id in [""] if happens(rng, 0.03) else seen:
        for item in rng.sample(GUIDANCE_ITEMS, rng.randint(2, len(GUIDANCE_ITEMS))):
            yield {
                "date": day.isoformat(),
                "leader": place.leader,
                "township": place.name,
                "station_id": station_id,
                "item": item,
                **_finding(rng, day, item, place),
            }


def _finding(rng: Random, day: date, item: str, place: Township) -> dict[str, str]:
    if not happens(rng, (FINDS - FINDS_LESS * (day.year - FIRST_YEAR)) / place.strength):
        return {"finding": "", "fixed": ""}
    fixed = day + timedelta(days=2 + int(rng.expovariate(1 / 26)))
    ends = fixed <= LAST_DAY and happens(rng, MENDS)
    return {
        "finding": rng.choice(words.FINDINGS[item]),
        "fixed": fixed.isoformat() if ends else "",
    }
