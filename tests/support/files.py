"""Files as an office would send them: the worked cases, quarter by quarter, and small ones."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from data.period import Period
from data.uploads.check import Sent
from data.uploads.formats import FORMATS

CASES = Path(__file__).parents[1] / "cases"


def csv_bytes(
    rows: Iterable[Sequence[object]], encoding: str = "utf-8", delimiter: str = ","
) -> bytes:
    """The rows as a CSV file."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode(encoding)


def worked_cases() -> list[Sent]:
    """The worked cases as uploads: a file per register, and per format and quarter of records."""
    files = []
    for fmt in FORMATS.values():
        path = CASES / f"{fmt.name}.csv"
        if not path.exists():
            continue
        with path.open(encoding="utf-8-sig", newline="") as file:
            header, *rows = csv.reader(file)
        if fmt.date is None:
            files.append(Sent(path.name, csv_bytes([header, *rows]), fmt))
            continue
        dated = header.index(fmt.column(fmt.date).header)
        quarters: dict[Period, list[list[str]]] = {}
        for row in rows:
            year, month = int(row[dated][:4]), int(row[dated][5:7])
            quarter = Period.parse(f"{year}Q{(month + 2) // 3}")
            quarters.setdefault(quarter, []).append(row)
        files += [
            Sent(f"{fmt.name}-{quarter}.csv", csv_bytes([header, *quarters[quarter]]), fmt, quarter)
            for quarter in sorted(quarters)
        ]
    return files
