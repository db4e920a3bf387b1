"""Databases of invented counties, loaded through the very upload path, and asking them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from files import csv_bytes
from reference import County, Row

from data import store
from data.period import Period
from data.store import Store, open_store
from data.uploads.check import Sent, check_all, registers
from data.uploads.formats import FORMATS
from data.uploads.ledger import upload_together


def rows(headers: str, *lines: tuple[Any, ...], **more: str) -> list[Row]:
    """Rows with these headers, and what is the same in all of them."""
    return [dict(zip(headers.split(), map(str, line), strict=True)) | more for line in lines]


def sent(name: str, rows: list[Row], quarter: Period | None = None) -> Sent:
    """Rows of one format as the file that an office would send."""
    headers = [column.header for column in FORMATS[name].columns]
    content = csv_bytes([headers, *([row.get(h, "") for h in headers] for row in rows)])
    return Sent(f"{name}-{quarter}.csv", content, FORMATS[name], quarter)


def files_of(county: County) -> list[Sent]:
    """A file per register, and per format and quarter of records."""
    files = []
    for name, rows in county.items():
        fmt = FORMATS[name]
        if fmt.date is None:
            files.append(sent(name, rows))
            continue
        header = fmt.column(fmt.date).header
        quarters: dict[Period, list[Row]] = {}
        for row in rows:
            month = row[header][:7]
            quarter = Period.parse(f"{month[:4]}Q{(int(month[5:]) + 2) // 3}")
            quarters.setdefault(quarter, []).append(row)
        files += [sent(name, rows, quarter) for quarter, rows in quarters.items()]
    return files


def upload(house: Store, files: list[Sent]) -> None:
    """Store the files; none may be refused."""
    receipts = upload_together(house, check_all(files, registers(house)))
    assert {receipt.outcome for receipt in receipts} <= {"stored"}, [
        (receipt.checked.filename, problem.sentence)
        for receipt in receipts
        for problem in receipt.problems
        if problem.level == "error"
    ]


def stored(path: Path, files: list[Sent]) -> Path:
    """A new database of the files; closed."""
    house = open_store(path)
    upload(house, files)
    house.close()
    return path


@contextmanager
def asking(path: Path) -> Iterator[Store]:
    """The queries ask the database at ``path``, a new one if there is none."""
    chosen = store._chosen
    if not path.exists():
        open_store(path).close()
    house = store.use(path)
    try:
        yield house
    finally:
        house.close()
        del store._open[path.resolve()]
        store._chosen = chosen
