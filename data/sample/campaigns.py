"""The campaigns of the sample county: what they watch over, what they found, when it was fixed."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Final

from data.period import Period
from data.sample import vocabulary as words
from data.sample.chance import rounded
from data.sample.files import COMMITTEE, LAST_DAY, QUARTERS, Records, Row, line, uploads
from data.sample.network import Villages, head_of
from data.sample.vocabulary import CLEAR_WATER, CO_CREATION, TOWNSHIPS, Problem, Watched
from data.uploads.formats import CHANNELS

# What was published: so many found in these quarters through five channels, all fixed in time.
FOUND: Final = 283
FOUND_FROM, FOUND_TO = Period(2023, 3, 3), Period(2023, 4, 4)
# Usual problems found in a quarter of each campaign afterwards.
FOUND_LATER: Final = {
    CLEAR_WATER: {2024: 46, 2025: 33, 2026: 25},
    CO_CREATION: {2024: 7, 2025: 6, 2026: 5},
}
CHANNEL_ODDS: Final = (0.2, 0.16, 0.13, 0.23, 0.28, 0.26)  # of CHANNELS; the cameras came last
FIXED_IN_TIME, FIXED_LATE = 0.88, 0.11
# The shore has twice as many problems as the hills.
TOWNSHIP_ODDS: Final = [2 if place.name in words.SHORE else 1 for place in TOWNSHIPS]

Issue = dict[str, str]


# Problems found


def issues(rng: Random, villages: Villages, scale: float) -> Records:
    """The lists of the campaigns' task forces, a file a quarter."""
    found = [*_published(rng, villages, scale), *_later(rng, villages, scale)]
    found.sort(key=lambda issue: issue["date"])
    numbers: dict[Period, int] = defaultdict(int)
    records: Records = defaultdict(list)
    for issue in found:
        quarter = Period.quarter_of(date.fromisoformat(issue["date"]))
        numbers[quarter] += 1
        issue["issue_id"] = f"W{quarter}-{numbers[quarter]:03d}"
        for upload, row in uploads("issues", issue, "fixed", fixed=""):
            records[upload, COMMITTEE].append(row)
    return records


def _published(rng: Random, villages: Villages, scale: float) -> Iterator[Issue]:
    """Whatever the seed, all channels but the cameras, and all task forces, found some."""
    channels = CHANNELS[:-1]
    problems = words.PROBLEMS[CLEAR_WATER]
    days = range(FOUND_FROM.start.toordinal(), FOUND_TO.end.toordinal() + 1)
    for i in range(round(FOUND * scale)):
        again = i >= len(problems)
        channel = rng.choices(channels, CHANNEL_ODDS[:-1])[0] if again else channels[i % 5]
        problem = rng.choice(problems) if again else problems[i]
        day = date.fromordinal(rng.choice(days))
        yield _issue(rng, CLEAR_WATER, channel, problem, day, villages) | _fixed_in_time(
            rng, problem, day
        )


def _later(rng: Random, villages: Villages, scale: float) -> Iterator[Issue]:
    for campaign, usual in FOUND_LATER.items():
        channels = CHANNELS if campaign == CLEAR_WATER else CHANNELS[:-1]
        for quarter in QUARTERS:
            days = range(quarter.start.toordinal(), quarter.end.toordinal() + 1)
            for _ in range(rounded(rng, usual.get(quarter.year, 0) * scale)):
                channel = rng.choices(channels, CHANNEL_ODDS[: len(channels)])[0]
                problem = rng.choice(words.PROBLEMS[campaign])
                day = date.fromordinal(rng.choice(days))
                issue = _issue(rng, campaign, channel, problem, day, villages)
                yield issue | _fixed(rng, problem, day)


def _issue(
    rng: Random, campaign: str, channel: str, problem: Problem, day: date, villages: Villages
) -> Issue:
    """The cells of one problem as it was found, all but its number."""
    place = rng.choices(TOWNSHIPS, TOWNSHIP_ODDS)[0].name
    return {
        "campaign": campaign,
        "channel": channel,
        "township": place,
        "taskforce": problem.taskforce,
        "date": day.isoformat(),
        "due": (day + timedelta(days=problem.limit)).isoformat(),
        "fixed": "",
        "content": rng.choice(villages[place]) + problem.content,
    }


def _fixed_in_time(rng: Random, problem: Problem, day: date) -> Issue:
    taken = 1 + int(rng.betavariate(2.4, 2.2) * (problem.limit - 1))
    return {"fixed": (day + timedelta(days=taken)).isoformat()}


def _fixed(rng: Random, problem: Problem, day: date) -> Issue:
    """Most in time, some late, a few not at all; what is fixed later than the sample ends is open."""
    chance = rng.random()
    fixed = _fixed_in_time(rng, problem, day)
    if chance >= FIXED_IN_TIME:
        late = day + timedelta(days=problem.limit + 1 + int(rng.expovariate(1 / 18)))
        fixed = {"fixed": late.isoformat()}
    known = fixed["fixed"] <= LAST_DAY.isoformat() and chance < FIXED_IN_TIME + FIXED_LATE
    return fixed if known else {}


# What is watched over


def supervised(rng: Random, villages: Villages, scale: float) -> list[Row]:
    """The register of watched objects; a larger county than the real one has no more of them."""
    return [
        line(
            "supervised",
            kind=watched.kind,
            object_id=f"{watched.code}{number:04d}",
            name=name,
            township=township,
            method=rng.choices(*watched.methods)[0],
            status=rng.choices(*watched.states)[0],
        )
        for watched in words.WATCHED
        for number, (name, township) in enumerate(_objects(rng, watched, villages, scale), 1)
    ]


def _objects(
    rng: Random, watched: Watched, villages: Villages, scale: float
) -> list[tuple[str, str]]:
    """Names with their townships: a river's is where its name is found, if it is."""
    if watched.by_villages:
        named = [
            (head_of(village) + name, township)
            for township, own in villages.items()
            for village in own
            for name in watched.names
        ]
    else:
        named = [(name, _beside(name, villages)) for name in watched.names]
    count = max(1, round(watched.published * min(1.0, scale)))
    return [named[i] for i in sorted(rng.sample(range(len(named)), count))]


def _beside(river: str, villages: Villages) -> str:
    for township, own in villages.items():
        if any(place[:2] == river[:2] for place in (township, *own)):
            return township
    return ""
