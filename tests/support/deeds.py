"""What clerks do to three formats, and a slow reference of which rows stand after it.

The reference lays the uploads that stand upon each other one by one.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from files import sheet

from data.access import Visitor
from data.period import Period
from data.store import Store
from data.uploads.check import Sent

WANG = Visitor("王")  # a clerk on this computer only
HOME = {"007": "大坝街道", "D2": "龙山镇", "D3": "龙山镇"}
HEADERS = {
    "activities": "代表编号,类型,日期,记录号",
    "opinions": "编号,代表编号,收集日期,诉求,结果",
    "guidance": "日期,领导,镇街,阵地编号,检查项,发现问题,整改日期",
}
CELLS = {
    "activities": "delegate_id, kind, date::varchar, coalesce(record_id, '')",
    "opinions": "opinion_id, delegate_id, date::varchar, content, coalesce(outcome, '')",
    "guidance": "date::varchar, leader, township, coalesce(station_id, ''), item,"
    " coalesce(finding, ''), coalesce(fixed::varchar, '')",
}
Cells = tuple[str, ...]


@dataclass
class Upload:
    """What the reference knows of one: its rows as (identity, cells, whose, day), and where the
    delegates belonged when it came.
    """

    format: str
    quarter: str
    replace: bool
    rows: list[tuple[Any, ...]]
    stands: bool = True
    home: Mapping[str, str] = field(default_factory=lambda: dict(HOME))

    @property
    def covers(self) -> set[str]:
        """The delegates, or the townships, whose rows of the quarter it replaces."""
        of_quarter = [row for row in self.rows if quarter_of(row[3]) == self.quarter]
        if self.format == "guidance":
            return {township for _, _, township, _ in of_quarter if self.replace}
        towns = {self.home[delegate] for _, _, delegate, _ in of_quarter if self.replace}
        return {delegate for delegate, town in self.home.items() if town in towns}


def laid_upon_each_other(uploads: Sequence[Upload], fmt: str) -> Counter[Cells]:
    """The cells of the rows that stand."""
    standing: dict[Any, tuple[Any, ...]] = {}
    for upload in uploads:
        if upload.format != fmt or not upload.stands:
            continue
        covers = upload.covers
        standing = {
            identity: row
            for identity, row in standing.items()
            if not (quarter_of(row[2]) == upload.quarter and row[1] in covers)
        }
        standing.update({identity: row for identity, *row in upload.rows})
    return Counter(row[0] for row in standing.values())


def quarter_of(day: str) -> str:
    return str(Period.quarter_of(date.fromisoformat(day)))


def known_rows(fmt: str, lines: Sequence[Cells]) -> list[tuple[Any, ...]]:
    seen: Counter[Cells] = Counter()
    rows = []
    for cells in lines:
        seen[cells] += 1
        match fmt:
            case "activities":
                rows.append(((cells, seen[cells]), cells, cells[0], cells[2]))
            case "opinions":
                rows.append((cells[0], cells, cells[1], cells[2]))
            case "guidance":
                rows.append((cells[:6], cells, cells[2], cells[0]))
    return rows


def standing_cells(store: Store, fmt: str) -> Counter[Cells]:
    frame = store.query(f"select {CELLS[fmt]} from {fmt}")
    return Counter(tuple(row) for row in frame.itertuples(index=False, name=None))


# --- a course of work -------------------------------------------------------------------------


@dataclass(frozen=True)
class Deed:
    """An upload of some lines; or, without a format, the undo or redo of the upload that comes
    at ``turn``, counted round, among those there are.
    """

    format: str = ""
    quarter: str = ""
    replace: bool = False
    lines: tuple[Cells, ...] = ()
    turn: int = 0

    @property
    def sent(self) -> Sent:
        file = sheet(HEADERS[self.format], *map(",".join, self.lines))
        return Sent(file.filename, file.content, None, Period.parse(self.quarter), self.replace)

    def of(self, uploads: Sequence[int]) -> int:
        """Which of these uploads it takes back or puts in force."""
        return uploads[self.turn % len(uploads)]


def course(seed: int, deeds: int = 8, rows: int = 100) -> list[Deed]:
    """A random course; its files overlap, as corrected files do. Equal seeds, equal courses."""
    rng = random.Random(seed)

    def upload() -> Deed:
        fmt, quarter = rng.choice(sorted(HEADERS)), rng.choice(["2026Q2", "2026Q3"])
        first = Period.parse(quarter).start
        lines: list[Cells] = []
        for number in rng.sample(range(2 * rows), rng.randint(1, rows)):
            delegate = sorted(HOME)[number % 3]
            day = str(first + timedelta(number % 90))
            if fmt == "activities":
                lines += [(delegate, "接待选民", day, "")] * rng.choice([1, 1, 1, 2])
            elif fmt == "guidance":
                fixed = rng.choice(["", str(first + timedelta(100))])
                lines.append((day, "周", HOME[delegate], "", "点位", f"问题{number}", fixed))
            else:
                matter, outcome = f"{quarter}-{number}", rng.choice(["", "已解决", "解释说明"])
                lines.append((matter, delegate, day, f"诉求{number}", outcome))
        return Deed(fmt, quarter, rng.random() < 0.3, tuple(lines))

    return [
        upload() if number < 2 or rng.random() < 0.7 else Deed(turn=rng.randrange(100))
        for number in range(deeds)
    ]


class Expected:
    """The uploads of records that are in the database, by number, as the reference has them."""

    def __init__(self, next_number: int) -> None:
        self.uploads: dict[int, Upload] = {}
        self.next_number = next_number

    def after(self, deed: Deed, number: int | None) -> None:
        """Follow a deed that was done; ``number`` is what it stored, or took back or put back."""
        if number is None:
            return
        if not deed.format:
            self.uploads[number].stands = not self.uploads[number].stands
            return
        rows = known_rows(deed.format, deed.lines)
        self.uploads[number] = Upload(deed.format, deed.quarter, deed.replace, rows)
        self.next_number = number + 1

    def number_of(self, deed: Deed) -> int:
        """The upload that a deed concerns if it is done now."""
        return self.next_number if deed.format else deed.of(sorted(self.uploads))

    def sent_again(self) -> list[Deed]:
        """Those of the files that stand of which no row has been replaced since, to be added."""
        in_order = [self.uploads[number] for number in sorted(self.uploads)]

        def total(uploads: list[Upload], fmt: str) -> int:
            return laid_upon_each_other(uploads, fmt).total()

        return [
            Deed(upload.format, upload.quarter, False, tuple(row[1] for row in upload.rows))
            for upload in in_order
            if upload.stands
            and total([*in_order, replace(upload, replace=False)], upload.format)
            == total(in_order, upload.format)
        ]

    @property
    def described(self) -> dict[str, Any]:
        """As ``describe`` should find it."""
        in_order = [self.uploads[number] for number in sorted(self.uploads)]
        return {
            "uploads": {
                number: (u.format, u.quarter, "replace" if u.replace else "add", u.stands)
                for number, u in sorted(self.uploads.items())
            },
            "rows": {number: [row[1] for row in u.rows] for number, u in self.uploads.items()},
            "standing": {fmt: laid_upon_each_other(in_order, fmt) for fmt in HEADERS},
        }


def describe(store: Store) -> dict[str, Any]:
    """Of the uploads of records: the ledger, the rows of each in their order, and what stands."""
    ledger = store.query(
        "select upload_id, format, quarter, mode, state = 'stands' from uploads"
        " where quarter is not null order by upload_id"
    )
    rows: dict[int, list[Cells]] = {}
    for fmt in HEADERS:
        found = store.query(
            f"select upload_id, {CELLS[fmt]} from stored_{fmt} order by upload_id, row_number"
        )
        for number, *cells in found.itertuples(index=False, name=None):
            rows.setdefault(number, []).append(tuple(cells))
    return {
        "uploads": {
            number: tuple(entry) for number, *entry in ledger.itertuples(index=False, name=None)
        },
        "rows": rows,
        "standing": {fmt: standing_cells(store, fmt) for fmt in HEADERS},
    }
