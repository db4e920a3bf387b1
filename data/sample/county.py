"""The sample county: what its offices would have uploaded from 2023Q1 to 2026Q3.

Everything follows from how much each delegate does in each quarter, its *pace*: person, role,
level, township, season and the growth since recording began. The same ``(delegates, seed)`` gives
the same files on every machine, and each kind of record has its own stream of chance, so that what
is added to one changes no other. Every file is clean under the upload formats.
"""

from pathlib import Path
from random import Random
from typing import Final

from data.sample import campaigns, committee, records
from data.sample.files import (
    COMMITTEE,
    QUARTERS,
    Records,
    Row,
    SampleFile,
    file_of,
    line,
    quarter_files,
)
from data.sample.network import Network, network_of, station_rows, villages_of
from data.sample.roster import DELEGATES, FEWEST, Delegate, roster
from data.sample.vocabulary import TOWNSHIPS

SEED: Final = 20211220


def county(delegates: int = DELEGATES, seed: int = SEED) -> list[SampleFile]:
    """All files in the order of their upload: registers, then quarter by quarter.

    Raises ValueError below FEWEST delegates, with whom the townships cannot be peopled.
    """
    if delegates < FEWEST:
        raise ValueError(f"示例数据至少要有 {FEWEST} 名代表，才能分到各镇街。")
    scale = delegates / DELEGATES

    def chance(of: str) -> Random:
        return Random(f"{seed}/{of}")

    villages = villages_of(chance("villages"))
    members = roster(chance("roster"), delegates)
    network = network_of(chance("stations"), members, villages, scale)
    registers: dict[str, list[Row]] = {
        "townships": _township_rows(),
        "stations": station_rows(chance("five"), network),
        "delegates": [_roster_row(delegate, network) for delegate in members],
        "assignments": committee.assignments(members),
        "plan": committee.plan(scale),
        "supervised": campaigns.supervised(chance("supervised"), villages, scale),
    }
    quarterly: dict[str, Records] = {
        "activities": records.activities(
            chance("activities"), chance("venues"), members, villages, network, scale
        ),
        "attendance": records.attendance(chance("attendance"), members, scale),
        "opinions": records.opinions(chance("opinions"), members, villages, scale),
        "suggestions": records.suggestions(chance("suggestions"), members),
        "duty_reports": records.duty_reports(chance("duty_reports"), members),
        "adjustments": records.adjustments(chance("adjustments"), members, scale),
        "issues": campaigns.issues(chance("issues"), villages, scale),
        "guidance": committee.guidance(chance("guidance"), network),
    }
    files = [file_of(name, None, COMMITTEE, rows) for name, rows in registers.items()]
    for quarter in QUARTERS:
        for name, by_township in quarterly.items():
            files += quarter_files(name, quarter, by_township)
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


def _township_rows() -> list[Row]:
    return [
        line(
            "townships",
            township=place.name,
            kind=place.kind,
            households=str(place.households),
            voters=str(place.voters),
            leader=place.leader,
        )
        for place in TOWNSHIPS
    ]


def _roster_row(delegate: Delegate, network: Network) -> Row:
    return line(
        "delegates",
        **delegate.identity,
        person_id=delegate.person.person_id,
        gender=delegate.person.gender,
        level=delegate.level,
        district=delegate.district,
        group_name=delegate.group,
        station_id=network.homes[delegate.delegate_id],
        role=delegate.role,
        expertise=delegate.person.expertise,
        start_date=delegate.start.isoformat(),
        end_date=delegate.end.isoformat() if delegate.end else "",
        assigned_households=delegate.households,
    )
