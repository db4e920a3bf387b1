"""The places of the sample county: its villages, and the stations 阵地 that delegates work at."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Final, NamedTuple

from data.period import Period
from data.sample import vocabulary as words
from data.sample.chance import apportion, happens
from data.sample.files import QUARTERS, Row, line
from data.sample.roster import COUNTY, TOWN, Delegate
from data.sample.vocabulary import TOWNSHIPS, Township
from data.uploads.formats import STATION_KINDS

Villages = dict[str, list[str]]  # by township

CENTRE, HALL, STATION, POINT = STATION_KINDS
# What was published of the whole network: besides the centre and a 代表之家 for each township.
STATIONS: Final = 56
POINTS: Final = 31
FUNDING_10K: Final = 428
FULL_NETWORK: Final = 1 + len(TOWNSHIPS) + STATIONS + POINTS

# 五有: how often a station of each kind lacks one of the five, and which are the hardest to have.
LACKING: Final = {CENTRE: 0.0, HALL: 0.02, STATION: 0.06, POINT: 0.22}
HARDNESS: Final = {
    "has_venue": 0.6,
    "has_equipment": 1.3,
    "has_delegates": 0.3,
    "has_rules": 0.9,
    "has_records": 1.9,
}
# Subsidies by kind, relative to each other; the rounds of upgrading by how likely each was.
USUAL_FUNDING: Final = {CENTRE: 38.0, HALL: 10.0, STATION: 3.1, POINT: 1.6}
ROUNDS: Final = ("1", "2", "")
ROUND_ODDS: Final = {
    CENTRE: (1.0, 0.0, 0.0),
    HALL: (0.65, 0.35, 0.0),
    STATION: (0.44, 0.5, 0.06),
    POINT: (0.1, 0.45, 0.45),
}
# A station falls silent at the start of a quarter, and stays so for one or two.
FALLS_SILENT: Final = 0.035


class Station(NamedTuple):
    """One 阵地; the centre belongs to no township and has no parent."""

    station_id: str
    name: str
    kind: str
    township: str
    parent_id: str


@dataclass(frozen=True)
class Network:
    """The stations, where each delegate is placed, and who may be met where.

    ``homes`` is by delegate, ``venues`` by a delegate's home: the places near it, likeliest first.
    Nothing happens at the ``silent`` ones in a quarter.
    """

    stations: list[Station]
    homes: Mapping[str, str]
    venues: Mapping[str, tuple[str, ...]]
    halls: Mapping[str, str]
    silent: frozenset[tuple[str, Period]]

    def venue(self, rng: Random, delegate: Delegate, kind: str, quarter: Period) -> str:
        """The station at which a delegate does something, empty for somewhere else."""
        if not happens(rng, words.AT_A_STATION.get(kind, 0.0)):
            return ""
        if delegate.level != TOWN and happens(rng, 0.06):
            return self.stations[0].station_id
        near = self.venues[self.homes[delegate.delegate_id]]
        station = near[int(len(near) * rng.random() ** 2)]
        return self.halls[delegate.township.name] if (station, quarter) in self.silent else station

    def within(self, township: str) -> list[Station]:
        return [station for station in self.stations if station.township == township]


def villages_of(rng: Random) -> Villages:
    """Seven villages of each township, or neighbourhoods of each street."""
    villages: Villages = {}
    for place in TOWNSHIPS:
        urban = place.kind == "街道"
        heads = rng.sample(words.STREET_HEADS if urban else words.VILLAGE_HEADS, 7)
        villages[place.name] = [head + ("社区" if urban else "村") for head in heads]
    return villages


def head_of(village: str) -> str:
    return village.removesuffix("村").removesuffix("社区")


def network_of(rng: Random, members: list[Delegate], villages: Villages, scale: float) -> Network:
    """A centre, a 家 for each township, its 站 below it, a 点 below some of these.

    A 代表小组 has its home at one 站; delegates above the county's level have theirs at the 家.
    A county larger than the real one has no more stations than that.
    """
    groups = {place.name: _groups(members, place) for place in TOWNSHIPS}
    sizes = [float(len(groups[place.name])) for place in TOWNSHIPS]
    full = min(1.0, scale)
    shares = zip(
        TOWNSHIPS,
        apportion(round(STATIONS * full), sizes, [1] * len(TOWNSHIPS)),
        apportion(round(POINTS * full), sizes, [0] * len(TOWNSHIPS)),
        strict=True,
    )
    stations = [Station("Z0001", words.CENTRE_NAME, CENTRE, "", "")]
    homes: dict[str, str] = {}
    venues: dict[str, tuple[str, ...]] = {}
    halls: dict[str, str] = {}
    for place, station_count, point_count in shares:
        own = _stations(rng, place, villages[place.name], station_count, point_count, stations)
        stations += own
        hall, *below = [station.station_id for station in own if station.kind != POINT]
        halls[place.name] = hall
        venues[hall] = (hall, *below[:1])
        for home in below:
            points = [point.station_id for point in own if point.parent_id == home]
            venues[home] = (home, *points, hall) if points else (home, home, hall)
        of_group = {group: below[i % len(below)] for i, group in enumerate(groups[place.name])}
        for delegate in members:
            if delegate.township is place:
                elected_here = delegate.level in (COUNTY, TOWN)
                homes[delegate.delegate_id] = of_group[delegate.group] if elected_here else hall
    return Network(stations, homes, venues, halls, frozenset(_silences(rng, stations)))


def _groups(members: list[Delegate], place: Township) -> list[str]:
    return list(dict.fromkeys(d.group for d in members if d.township is place))


def _stations(
    rng: Random,
    place: Township,
    villages: list[str],
    station_count: int,
    point_count: int,
    before: list[Station],
) -> list[Station]:
    """One township's stations, numbered on from those ``before``, all with names of their own."""
    taken = {station.name for station in before}
    number = len(before)

    def station(kind: str, name: str, parent_id: str) -> Station:
        nonlocal number
        number += 1
        name = place.name + name if name in taken else name
        return Station(f"Z{number:04d}", name, kind, place.name, parent_id)

    hall = station(HALL, f"{place.name}代表之家", before[0].station_id)
    fresh = sorted(villages, key=lambda village: f"{village}代表联络站" in taken)
    seats = fresh[:station_count]
    below = [station(STATION, f"{village}代表联络站", hall.station_id) for village in seats]
    hosts = rng.sample(words.HOSTS[place.kind == "街道"], point_count)
    points = [
        station(
            POINT,
            f"{head_of(seats[i % len(seats)])}{host}代表联系点",
            below[i % len(below)].station_id,
        )
        for i, host in enumerate(hosts)
    ]
    return [hall, *below, *points]


def _silences(rng: Random, stations: list[Station]) -> Iterator[tuple[str, Period]]:
    for station in stations:
        for i in range(len(QUARTERS)):
            if station.kind in (STATION, POINT) and happens(rng, FALLS_SILENT):
                for quarter in QUARTERS[i : i + rng.randint(1, 2)]:
                    yield station.station_id, quarter


def station_rows(rng: Random, network: Network) -> list[Row]:
    """The register of stations with what each has, was given and when it was upgraded."""
    stations = network.stations
    rounds = [rng.choices(ROUNDS, ROUND_ODDS[station.kind])[0] for station in stations]
    weights = [
        USUAL_FUNDING[station.kind] * rng.uniform(0.75, 1.25) if upgraded else 0.0
        for station, upgraded in zip(stations, rounds, strict=True)
    ]
    halves = round(2 * FUNDING_10K * len(stations) / FULL_NETWORK)
    funding = apportion(halves, weights, [0] * len(stations))
    return [
        line(
            "stations",
            **station._asdict(),
            **{item: _has(rng, station.kind, hardness) for item, hardness in HARDNESS.items()},
            funding_10k=f"{share / 2:g}" if share else "",
            upgrade_round=upgraded,
        )
        for station, share, upgraded in zip(stations, funding, rounds, strict=True)
    ]


def _has(rng: Random, kind: str, hardness: float) -> str:
    chance = rng.random() / hardness
    lacking = LACKING[kind]
    if chance >= lacking:
        return "是"
    return "否" if chance < 0.7 * lacking else ""
