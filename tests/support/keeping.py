"""A small county with its journal and backups, as an office's folder holds them."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from files import ACTIVITIES, registers_of_two_townships, sheet

from data.store import Store, open_store
from data.uploads.check import Sent, check_all, registers
from data.uploads.ledger import upload_together

ROOT = Path(__file__).parents[2]
Contents = dict[str, list[str]]

# A process that stores one more file, and is gone in the very moment when `MOMENT` is called.
CRASH = """
import os, sys
from pathlib import Path
from data import journal, store
from data.uploads.check import Sent, check_all, registers
from data.uploads.ledger import upload_together
opened = store.open_store(Path(sys.argv[1]))
opened.journal.begun("job-9", "王", [])
batch = check_all([Sent("last.csv", sys.argv[2].encode())], registers(opened))
def crash(*arguments):
    os._exit(9)
owner, name = {"journal": (journal.Journal, "record"), "checkpoint": (store, "_checkpoint")}[sys.argv[3]]
setattr(owner, name, crash)
upload_together(opened, batch)
"""


def activity(day: int, name: str = "activities.csv", what: str = "修路") -> Sent:
    return sheet(ACTIVITIES, f"007,接待选民,2026-07-{day:02},2,{what}", name=name)


def upload(store: Store, *files: Sent) -> None:
    receipts = upload_together(store, check_all(files, registers(store)), "王")
    assert {receipt.outcome for receipt in receipts} == {"stored"}


def contents(store: Store) -> Contents:
    """Every row of every table but what a restore itself changes."""
    tables = store.query("select table_name from duckdb_tables() order by 1")["table_name"]
    return {
        table: sorted(map(str, store.query(f"select * from {table}").to_dict("records")))
        for table in tables
        if table not in ("restores", "house")
    }


def county(folder: Path) -> dict[int, Contents]:
    """Three commits of uploads in ``folder/office.duckdb``; what each data version held."""
    store = open_store(folder / "office.duckdb")
    held = {}
    for files in (registers_of_two_townships(), [activity(1)], [activity(2)]):
        upload(store, *files)
        held[store.version] = contents(store)
    store.close()
    return held


def crash(folder: Path, moment: str) -> None:
    """Store a fourth file in a process that is killed after its commit: before its line in the
    'journal', or after that but before the 'checkpoint'.
    """
    text = f"{ACTIVITIES}\n007,接待选民,2026-07-09,2,修路\n"
    done = subprocess.run(
        [sys.executable, "-c", CRASH, folder / "office.duckdb", text, moment], cwd=ROOT, check=False
    )
    assert done.returncode == 9


def checksums(folder: Path) -> dict[str, str]:
    """Of every file in the folder and below, its SHA-256."""
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def lines(journal: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in journal.read_text("utf-8").splitlines()]
