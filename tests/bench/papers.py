"""How long the papers take and what memory, beside the ranking written by pandas' ``to_excel``.

By hand: ``uv run python tests/bench/papers.py [DATABASE]``; without a database the whole sample
county is loaded first. Each paper is made in a process of its own, questions included; its median
stands beside its bound, and beside that of ``to_excel`` in the same process.
"""

# ruff: noqa: E402 - the rooms are imported from the path that is set first
from __future__ import annotations

import io
import multiprocessing
import resource
import shutil
import sys
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from bench import QUARTER, milliseconds

from data import sample, store
from pages.exports import sheet
from pages.exports.table import Column, Table
from pages.papers import PAPERS
from pages.parts.facts import Facts
from queries import county, delegate
from queries.sight import EVERYTHING, seeing


class Line(NamedTuple):
    """A paper: how often it is made, and the milliseconds that it may take."""

    paper: str
    kind: str
    of: str | None
    runs: int
    bound: float | None = None


LINES = (
    Line("ranking workbook", "ranking", None, 7, 1_000),
    Line("bulletin", "bulletin", None, 5, 2_000),
    Line("booklet of a township", "booklet", "first", 5),
    Line("booklet of all townships", "booklet", None, 3),
    Line("dossier of a delegate", "dossier", "first", 5),
    Line("dossiers of a township", "dossiers", "first", 3),
    Line("dossiers of the county", "dossiers", None, 1, 60_000),
    Line("page of 968 rows as PDF", "page", None, 3),
)


def maker(line: Line) -> Callable[[], bytes]:
    scheme = county.scheme_in_force().iloc[0]
    facts = Facts(
        *(line.paper, str(QUARTER), scheme["name"], scheme["checksum"], ""),
        at=datetime.fromisoformat("2026-11-22T10:00"),
    )
    people = county.ranking(period=QUARTER)
    if line.kind == "page":
        table = Table(
            line.paper, people.astype("str"), [Column(name, name) for name in people.columns]
        )
        return lambda: sheet.as_pdf([table], facts.head(), facts.lines(), facts.at)
    paper = PAPERS[line.kind]
    first = people.iloc[0]["delegate_id" if paper.of == "delegate" else "township"]
    of = None if line.of is None else first
    return lambda: paper.make(facts, QUARTER, of, lambda done, of: None).content


def measured(database: Path, line: Line) -> tuple[float, float, int, int]:
    """Medians of the paper and of ``to_excel`` in milliseconds, its MB of memory and its kB."""
    house = store.use(database)
    with seeing(EVERYTHING):
        points = delegate.receipts(period=QUARTER).pivot(
            index="delegate_id", columns="indicator", values="points"
        )
        rows = county.ranking(period=QUARTER).join(points, on="delegate_id")
        make = maker(line)
        made: list[bytes] = []
        median = milliseconds(lambda: made.__setitem__(slice(None), [make()]), line.runs)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        floor = milliseconds(
            lambda: rows.to_excel(io.BytesIO(), engine="xlsxwriter", index=False), 5
        )
    house.close()
    return median, floor, memory, len(made[0]) // 1000


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "sample.duckdb"
        if len(sys.argv) > 1:
            shutil.copy(sys.argv[1], database)
        else:
            house = store.open_store(database)
            sample.begin(house)
            sample.load(house)
            sample.finish(house)
            house.close()
        print(f"{'paper':<26}{'ms':>8}{'bound':>8}{'to_excel':>10}{'ratio':>7}{'MB':>6}{'kB':>7}")
        for line in LINES:
            with multiprocessing.get_context("spawn").Pool(1) as process:
                median, floor, memory, size = process.apply(measured, (database, line))
            bound = f"{line.bound:.0f}" if line.bound else ""
            print(
                f"{line.paper:<26}{median:>8.0f}{bound:>8}{floor:>10.0f}{median / floor:>7.1f}"
                f"{memory:>6}{size:>7}",
                flush=True,
            )


if __name__ == "__main__":
    main()
