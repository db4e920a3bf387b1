"""What the offices of the sample county send: which quarters, which files, which rows in them."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from data.period import Period
from data.sample.vocabulary import TOWNSHIPS
from data.uploads.formats import FORMATS

QUARTERS: Final = tuple(
    Period(year, quarter, quarter)
    for year in range(2023, 2027)
    for quarter in range(1, 5)
    if (year, quarter) <= (2026, 3)
)
FIRST_YEAR: Final = QUARTERS[0].year
# An office uploads a quarter about two weeks after its end, with all it knows by then.
CLERKS_DELAY: Final = timedelta(days=15)
LAST_DAY: Final = QUARTERS[-1].end + CLERKS_DELAY

# From this quarter on each township office sends its own files of these formats ...
SENT_BY_TOWNSHIPS: Final = ("activities", "opinions")
TOWNSHIP_OFFICES_SINCE: Final = Period(2026, 3, 3)
# ... and these have not arrived yet for the last quarter.
NOT_SENT: Final = {
    ("activities", "大沟管理区"),
    ("activities", "官山镇"),
    ("opinions", "大沟管理区"),
    ("opinions", "官山镇"),
    ("opinions", "土关垭镇"),
}
WPS_OFFICES: Final = ("石鼓镇", "官山镇", "盐池河镇", "白杨坪管理区")  # these save GB18030

Row = tuple[str, ...]


@dataclass(frozen=True)
class SampleFile:
    """One file as an office uploads it; ``quarter`` is None for a register."""

    name: str
    format: str
    quarter: str | None
    encoding: str
    header: Row
    rows: list[Row]

    def content(self) -> bytes:
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow(self.header)
        writer.writerows(self.rows)
        return text.getvalue().encode(self.encoding)


# Rows by quarter and by the township that keeps them; the county's own lists are under COMMITTEE.
Records = dict[tuple[Period, str], list[Row]]
COMMITTEE: Final = ""


def quarter_files(format_name: str, quarter: Period, records: Records) -> Iterator[SampleFile]:
    offices = (COMMITTEE, *(place.name for place in TOWNSHIPS))
    lists = {office: records.get((quarter, office), []) for office in offices}
    if format_name not in SENT_BY_TOWNSHIPS or quarter < TOWNSHIP_OFFICES_SINCE:
        lists = {COMMITTEE: [row for rows in lists.values() for row in rows]}
    for office, rows in lists.items():
        sent = quarter != QUARTERS[-1] or (format_name, office) not in NOT_SENT
        if rows and sent:
            yield file_of(format_name, quarter, office, rows)


def file_of(format_name: str, quarter: Period | None, office: str, rows: list[Row]) -> SampleFile:
    form = FORMATS[format_name]
    parts = (str(quarter) if quarter else "", form.title, office)
    # The committee's office saved GB18030 as well in its first year of recording.
    in_old_way = office == COMMITTEE and quarter is not None and quarter.year == FIRST_YEAR
    return SampleFile(
        name="-".join(part for part in parts if part) + ".csv",
        format=format_name,
        quarter=str(quarter) if quarter else None,
        encoding="gb18030" if office in WPS_OFFICES or in_old_way else "utf-8-sig",
        header=tuple(column.header for column in form.columns),
        rows=rows,
    )


COLUMNS: Final = {form.name: tuple(c.name for c in form.columns) for form in FORMATS.values()}


def line(format_name: str, **cells: str) -> Row:
    """The cells in the order of the format's columns, the others empty."""
    return tuple([cells.get(column, "") for column in COLUMNS[format_name]])


def uploads(
    format_name: str, cells: dict[str, str], answer: str, **pending: str
) -> Iterator[tuple[Period, Row]]:
    """The rows by which a matter that outlives its quarter becomes known, each with its upload.

    ``cells`` is how it finally stands, ``answer`` its date of reply or closing (empty: still open)
    and ``pending`` the cells before that day.
    """
    first = Period.quarter_of(date.fromisoformat(cells["date"]))
    known = first
    if cells[answer]:
        known = Period.quarter_of(date.fromisoformat(cells[answer]) - CLERKS_DELAY)
    if known > first:
        yield first, line(format_name, **(cells | pending))
    yield max(first, known), line(format_name, **cells)
