"""A million activities in one file: decoded, checked and stored, and refused; beside the floor.

``uv run python tests/bench/million.py [RUNS]`` takes about two minutes. Every run is a process of
its own on a database of its own, so that its peak memory is its own; of the RUNS (3) the medians
count. The floor is DuckDB alone: ``read_csv`` of the same text as UTF-8 into a table of a
database file.
"""

# ruff: noqa: E402 - the rooms are imported from the path that is set first
from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

import duckdb

from data import backups, store
from data.store import Store, open_store
from data.uploads import check, ledger
from data.uploads.check import Sent, check_all, registers
from data.uploads.formats import ACTIVITY_KINDS
from data.uploads.ledger import upload_together

ROWS = 1_000_000
ERRORS = 1_000
DELEGATES = 968
TOWNSHIPS = 22
SIZE_LIMIT = 50 * 2**20
RATIO_LIMIT, PEAK_LIMIT = 6.0, 1536  # times the floor; MB
PLACES = [
    "修路",
    "路灯",
    "饮水",
    "河道",
    "井盖",
    "养老",
    "入学",
    "医保",
    "公交",
    "垃圾",
    "噪声",
    "停车",
    "电梯",
    "绿化",
    "拆迁",
    "低保",
]


# --- the files --------------------------------------------------------------------------------


def rosters() -> list[Sent]:
    townships = "镇街,类型\n" + "".join(f"{n}号镇,镇\n" for n in range(TOWNSHIPS))
    delegates = "代表编号,姓名,层级,镇街,任职起\n" + "".join(
        f"D{n:03},代表{n},乡镇级,{n % TOWNSHIPS}号镇,2021-12-20\n" for n in range(DELEGATES)
    )
    return [Sent("镇街.csv", townships.encode()), Sent("代表名册.csv", delegates.encode())]


def activities(errors: int = 0) -> Iterator[str]:
    """The lines of the file: one quarter, every kind, some cells quoted; some wrong if asked."""
    rng = random.Random(968)
    wrong = set(rng.sample(range(ROWS), errors))
    yield "代表编号,类型,日期,数量,内容"
    for row in range(ROWS):
        delegate, kind = f"D{rng.randrange(DELEGATES):03}", rng.choice(ACTIVITY_KINDS)
        day = f"2026-{rng.randint(7, 9):02}-{rng.randint(1, 30):02}"
        content = f"{rng.choice(PLACES)}{rng.randrange(100_000)}"
        if row % 50 == 0:
            content = f'"{content},见""清单"""'
        if row in wrong:
            delegate, day = (delegate, "2026-9-31") if row % 2 else ("查无此人", day)
        yield f"{delegate},{kind},{day},{rng.randint(1, 9)},{content}"


# --- one run, in a process of its own ---------------------------------------------------------

spent: Counter[str] = Counter()


@contextmanager
def timing(part: str) -> Iterator[None]:
    start = perf_counter()
    yield
    spent[part] += perf_counter() - start


def timed(part: str, task: Callable[..., Any]) -> Callable[..., Any]:
    def run(*arguments: Any, **named: Any) -> Any:
        with timing(part):
            return task(*arguments, **named)

    return run


# Of the parts of the task: where each is done.
PARTS = {
    "decode": (check, "read_table"),
    "cells": (check, "_convert"),
    "fingerprints": (check, "_fingerprints"),
    "original": (ledger.originals, "keep"),
    "compare": (ledger, "_compare"),
    "settle": (ledger, "settle"),
    "backup": (backups, "save_before"),
    "journal": (Store, "_write_down"),
    "checkpoint": (store, "_checkpoint"),
}


class Timed:
    """A cursor that times the statements which no function of ours stands for."""

    def __init__(self, cursor: store.Cursor) -> None:
        self._cursor = cursor

    def __enter__(self) -> Timed:
        return self

    def __exit__(self, *_: object) -> None:
        self._cursor.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)

    def execute(self, sql: str, *parameters: Any) -> Any:
        for part, start in (("insert", "insert into stored_"), ("commit", "commit")):
            if sql.lstrip().startswith(start):
                with timing(part):
                    return self._cursor.execute(sql, *parameters)
        return self._cursor.execute(sql, *parameters)


def store_run(folder: Path) -> str:
    house = open_store(folder / "house.duckdb")
    upload_together(house, check_all(rosters(), registers(house)))
    content = (folder.parent / "activities.csv").read_bytes()
    for part, (owner, name) in PARTS.items():
        setattr(owner, name, timed(part, getattr(owner, name)))
    cursor = Store.cursor
    Store.cursor = lambda self: Timed(cursor(self))  # type: ignore[assignment,method-assign,return-value]
    with timing("all"):
        with timing("check"):
            checked = check_all([Sent("2026Q3.csv", content)], registers(house))
        with timing("store"):
            [receipt] = upload_together(house, checked)
    assert (receipt.outcome, receipt.added) == ("stored", ROWS), receipt
    [count] = house.query("select count(*) as n from activities")["n"]
    assert count == ROWS
    house.close()
    return f"{len(receipt.problems)} notes"


def refused_run(folder: Path) -> str:
    house = open_store(folder / "house.duckdb")
    upload_together(house, check_all(rosters(), registers(house)))
    content = (folder.parent / "wrong.csv").read_bytes()
    with timing("all"):
        [receipt] = upload_together(
            house, check_all([Sent("2026Q3.csv", content)], registers(house))
        )
    assert receipt.outcome == "refused"
    house.close()
    return f"{len(receipt.problems)} problems listed, the last: {receipt.problems[-1].code}"


def floor_run(folder: Path) -> str:
    with duckdb.connect(folder / "floor.duckdb") as connection:
        with timing("all"):
            connection.execute(
                "create table activities as from read_csv($file)",
                {"file": str(folder.parent / "utf-8.csv")},
            )
            connection.execute("checkpoint")
        [(count,)] = connection.execute("select count(*) from activities").fetchall()
    assert count == ROWS
    return ""


TASKS = {"floor": floor_run, "store": store_run, "refused": refused_run}


# --- the table --------------------------------------------------------------------------------


def measured(task: str, files: Path, runs: int) -> dict[str, Any]:
    """The medians of some runs: seconds of each part, peak MB; and what the last one said."""
    found = []
    for _ in range(runs):
        with tempfile.TemporaryDirectory(dir=files) as folder:
            done = subprocess.run(
                [sys.executable, __file__, task, folder], check=True, stdout=subprocess.PIPE
            )
        found.append(json.loads(done.stdout))
    parts = {part: median(run["spent"][part] for run in found) for part in found[0]["spent"]}
    return {"spent": parts, "peak": median(run["peak"] for run in found), "said": found[-1]["said"]}


def show(title: str, result: dict[str, Any], floor: float | None) -> None:
    seconds, peak = result["spent"]["all"], result["peak"]
    line = f"{title:<42} {seconds:>7.2f} s {peak:>7.0f} MB"
    if floor is None:
        print(line)
        return
    ratio = seconds / floor
    for value, limit, unit in ((ratio, RATIO_LIMIT, "×"), (peak, PEAK_LIMIT, " MB")):
        line += (
            f"   {value:.1f}{unit} of {limit:g}{unit}: {'holds' if value <= limit else 'BROKEN'}"
        )
    print(f"{line}   {result['said']}")


def show_parts(spent: dict[str, float]) -> None:
    inside = {"check": ["decode", "cells", "fingerprints"]}
    inside["store"] = [p for p in (*PARTS, "insert", "commit") if p not in inside["check"]]
    for whole, parts in inside.items():
        known = {part: spent[part] for part in parts if part in spent}
        known["the rest"] = spent[whole] - sum(known.values())
        told = ", ".join(f"{part} {seconds:.2f}" for part, seconds in known.items())
        print(f"  {whole} {spent[whole]:.2f} s: {told}")


def main(runs: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        files = Path(name)
        text = "\r\n".join(activities()) + "\r\n"
        (files / "activities.csv").write_bytes(text.encode("gb18030"))
        (files / "utf-8.csv").write_bytes(text.encode())
        (files / "wrong.csv").write_bytes(
            ("\r\n".join(activities(ERRORS)) + "\r\n").encode("gb18030")
        )
        del text
        size = (files / "activities.csv").stat().st_size
        assert size <= SIZE_LIMIT, size
        print(f"{ROWS} rows, {size / 2**20:.0f} MB of GB18030, {os.cpu_count()} cores")
        results = {task: measured(task, files, runs) for task in TASKS}
    floor = results["floor"]["spent"]["all"]
    show("floor: read_csv into a table", results["floor"], None)
    show("decode, check and store", results["store"], floor)
    show_parts(results["store"]["spent"])
    show(f"refuse the file with {ERRORS} errors", results["refused"], floor)


if __name__ == "__main__":
    if len(sys.argv) == 3:
        said = TASKS[sys.argv[1]](Path(sys.argv[2]))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"spent": spent, "peak": peak, "said": said}))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
