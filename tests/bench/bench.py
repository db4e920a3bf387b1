"""How long the office waits, beside floors measured in the same run.

By hand: ``uv run python tests/bench/bench.py``. Loads the whole sample county into a temporary
database (some ten seconds), then prints the median, the floor and their ratio for each task. A
floor is the least that any program would have to do for the same answer.
"""

# ruff: noqa: E402 - the rooms are imported from the path that is set first
from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

import duckdb
import pandas as pd
from in_pandas import Frames, scores_in_pandas

from data import sample, store
from data.period import Period
from data.sample.county import county as sample_files
from data.store import Store, open_store
from data.uploads.check import Sent, check_all, registers
from data.uploads.ledger import upload_together
from queries import county, scoring
from queries.sight import EVERYTHING, seeing

QUARTER = Period(2026, 3, 3)
LOADED_QUARTER = Period(2026, 2, 2)  # the last that came as one file of activities
RUNS = 15


@dataclass(frozen=True)
class Line:
    """One task: medians in milliseconds."""

    task: str
    median: float
    floor_of: str
    floor: float


def milliseconds(task: Callable[[], Any], runs: int = RUNS) -> float:
    """The median of the runs, after one that is not counted."""
    task()
    times = []
    for _ in range(runs):
        start = perf_counter()
        task()
        times.append(perf_counter() - start)
    return 1000 * median(times)


# --- scoring and ranking ----------------------------------------------------------------------

BARE_GROUP_BY = """
select
    delegates.delegate_id,
    count(distinct activities.row_number) as activities,
    count(distinct attendance.row_number) as attendance,
    count(distinct opinions.row_number) as opinions
from delegates
left join (select * from activities where date between $starts and $ends) as activities
    using (delegate_id)
left join (select * from attendance where date between $starts and $ends) as attendance
    using (delegate_id)
left join (select * from opinions where date between $starts and $ends) as opinions
    using (delegate_id)
group by all
"""


def scoring_lines(house: Store) -> list[Line]:
    span = {"starts": QUARTER.start, "ends": QUARTER.end}
    with duckdb.connect() as memory:
        for name in ("delegates", "activities", "attendance", "opinions"):
            memory.register("rows", house.query(f"from {name}"))
            memory.execute(f"create table {name} as from rows")
        floor = milliseconds(lambda: memory.execute(BARE_GROUP_BY, span).fetchall())
    frames = Frames.read(house)
    expected = scores_in_pandas(frames, QUARTER)
    found = scoring.standings(periods=[QUARTER]).set_index("delegate_id")["score"]
    pd.testing.assert_series_equal(
        found.sort_index(), expected.sort_index(), check_names=False, rtol=1e-9
    )
    in_pandas = milliseconds(lambda: scores_in_pandas(frames, QUARTER))
    group_by, vectorised = "bare group by", "the same scores in pandas, frames in memory"
    standings = milliseconds(lambda: scoring.standings(periods=[QUARTER]))
    ranking = milliseconds(lambda: county.ranking(period=QUARTER))
    quarters = county.quarters_on_record()
    every = milliseconds(lambda: scoring.standings(periods=quarters), 5)
    return [
        Line(f"standings {QUARTER}", standings, group_by, floor),
        Line(f"standings {QUARTER}", standings, vectorised, in_pandas),
        Line(f"ranking {QUARTER} and its change", ranking, group_by, 2 * floor),
        Line(f"ranking {QUARTER} and its change", ranking, vectorised, 2 * in_pandas),
        Line(f"standings of {len(quarters)} quarters", every, group_by, len(quarters) * floor),
    ]


# --- loading a quarter ------------------------------------------------------------------------


def loading_lines(folder: Path) -> list[Line]:
    files = [file for file in sample_files() if file.quarter in (None, str(LOADED_QUARTER))]
    rosters = [Sent(file.name, file.content()) for file in files if file.quarter is None]
    [activities] = [
        Sent(file.name, file.content())
        for file in files
        if file.quarter and file.format == "activities"
    ]
    as_utf8 = folder / "activities.csv"
    house = open_store(folder / "loading.duckdb")
    [checked] = [
        c for c in check_all([*rosters, activities], registers(house)) if c.sent is activities
    ]
    assert checked.rows is not None
    checked.rows.to_csv(as_utf8, index=False)
    upload_together(house, check_all(rosters, registers(house)))
    times = []
    for _ in range(RUNS):
        start = perf_counter()
        [receipt] = upload_together(house, check_all([activities], registers(house)))
        times.append(1000 * (perf_counter() - start))
        assert receipt.outcome == "stored"
        with house.write() as cursor:  # as if it had not come yet
            cursor.execute("delete from uploads where format = 'activities'")
            cursor.execute("delete from stored_activities")
    house.close()
    with duckdb.connect() as memory:
        floor = milliseconds(lambda: memory.read_csv(str(as_utf8)).fetchall())
    task = f"check and store {len(checked.rows)} activities"
    return [Line(task, median(times), "duckdb.read_csv of the rows as UTF-8", floor)]


# --- page reruns ------------------------------------------------------------------------------

FLOOR_PAGE = """
import pandas as pd
import streamlit as st

st.plotly_chart({"data": [{"type": "bar", "x": list("abcdef"), "y": [1, 2, 3, 4, 5, 6]}]}, key="c")
st.dataframe(pd.DataFrame({"name": list("abcdef") * 20, "score": range(120)}), key="t")
"""


def page_lines() -> list[Line]:
    """PAGE RERUNS: each page as it is run again by a click, beside a page of one chart, one table."""
    from streamlit.testing.v1 import AppTest

    from data import opening

    state = opening.begin()
    while not state.ready and state.fault is None:
        pass
    bare = AppTest.from_string(FLOOR_PAGE, default_timeout=30)
    floor = milliseconds(bare.run)
    lines = []
    for page in sorted(ROOT.glob("pages/browse/*.py")) + sorted(ROOT.glob("pages/clerk/*.py")):
        at = AppTest.from_file(str(ROOT / "pages" / "frame.py"), default_timeout=60)
        at.query_params["period"] = str(QUARTER)
        at.run()
        at.switch_page(f"{page.parent.name}/{page.name}")
        again = milliseconds(at.run)
        assert not at.exception, at.exception
        lines.append(
            Line(f"{page.parent.name}/{page.stem}", again, "one bar chart, one table", floor)
        )
    return lines


# --- the table --------------------------------------------------------------------------------


def show(lines: list[Line]) -> None:
    print(f"{'task':<36} {'median ms':>9}  {'floor ms':>9} {'ratio':>6}  floor")
    for line in lines:
        ratio = line.median / line.floor
        print(
            f"{line.task:<36} {line.median:>9.1f}  {line.floor:>9.1f} {ratio:>6.1f}  {line.floor_of}"
        )


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "sample.duckdb"
        os.environ["DELEGATES_DATABASE"] = str(path)
        house = store.store()
        start = perf_counter()
        sample.begin(house)
        count = sample.load(house)
        sample.finish(house)
        print(f"loaded {count} files of the sample county in {perf_counter() - start:.1f} s")
        with seeing(EVERYTHING):
            scored = scoring_lines(house)
        show([*scored, *loading_lines(Path(name)), *page_lines()])
        house.close()


if __name__ == "__main__":
    main()
