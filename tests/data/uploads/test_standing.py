"""Which rows stand, against a slow reference that lays the uploads upon each other one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from files import registers_of_two_townships, sheet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.period import Period
from data.store import Store, open_store
from data.uploads import tables
from data.uploads.check import Sent, check_all, registers
from data.uploads.ledger import reverse, upload_together

HOME = {"007": "大坝街道", "D2": "龙山镇", "D3": "龙山镇"}
DAYS = {"2026Q2": ["2026-04-01", "2026-06-30"], "2026Q3": ["2026-07-01", "2026-09-30"]}
HEADERS = {
    "activities": "代表编号,类型,日期,记录号",
    "opinions": "编号,代表编号,收集日期,诉求,结果",
}


@dataclass
class Upload:
    """What the reference knows of one: its rows as (identity, cells, township, day)."""

    format: str
    quarter: str
    replace: bool
    rows: list[tuple[Any, ...]]
    stands: bool = True


def laid_upon_each_other(uploads: list[Upload], fmt: str) -> Counter[tuple[str, ...]]:
    """The cells of the rows that stand."""
    standing: dict[Any, tuple[Any, ...]] = {}
    for upload in uploads:
        if upload.format != fmt or not upload.stands:
            continue
        covered = {town for _, _, town, day in upload.rows if quarter_of(day) == upload.quarter}
        if upload.replace:
            standing = {
                identity: row
                for identity, row in standing.items()
                if not (quarter_of(row[2]) == upload.quarter and row[1] in covered)
            }
        standing.update({identity: row for identity, *row in upload.rows})
    return Counter(row[0] for row in standing.values())


def quarter_of(day: str) -> str:
    return str(Period.quarter_of(__import__("datetime").date.fromisoformat(day)))


def known_rows(fmt: str, lines: list[tuple[str, ...]]) -> list[tuple[Any, ...]]:
    seen: Counter[tuple[str, ...]] = Counter()
    rows = []
    for cells in lines:
        seen[cells] += 1
        delegate, day = (cells[0], cells[2]) if fmt == "activities" else (cells[1], cells[2])
        identity = (cells, seen[cells]) if fmt == "activities" else cells[0]
        rows.append((identity, cells, HOME[delegate], day))
    return rows


def days(quarter: str) -> st.SearchStrategy[str]:
    """Mostly a day of the quarter; a matter of another quarter may be in the file too."""
    return st.sampled_from([*DAYS[quarter] * 3, *DAYS["2026Q2"], *DAYS["2026Q3"]])


@st.composite
def deeds(draw: st.DrawFn) -> tuple[Any, ...]:
    """An upload of a few rows out of few, or the undo or redo of an earlier one."""
    if draw(st.integers(0, 2)) == 0:
        return ("toggle", draw(st.integers(0, 9)))
    fmt = draw(st.sampled_from(sorted(HEADERS)))
    quarter = draw(st.sampled_from(sorted(DAYS)))
    if fmt == "activities":
        row = st.tuples(
            st.sampled_from(sorted(HOME)),
            st.just("接待选民"),
            st.sampled_from(DAYS[quarter]),
            st.sampled_from(["", "R1"]),
        )
        lines = draw(st.lists(row, min_size=1, max_size=5))
    else:
        delegates = sorted(HOME)
        numbers = draw(st.lists(st.sampled_from([0, 1, 2, 3]), min_size=1, unique=True))
        lines = [
            (
                f"O{n}",
                delegates[n % 3],
                draw(days(quarter)),
                "路灯",
                draw(st.sampled_from(["", "已解决", "解释说明"])),
            )
            for n in numbers
        ]
    return ("upload", fmt, quarter, draw(st.booleans()), lines)


@pytest.fixture(scope="module")
def emptied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = open_store(tmp_path_factory.mktemp("standing") / "house.duckdb")
    upload_together(store, check_all(registers_of_two_townships(), registers(store)))
    yield store
    store.close()


def empty_records(store: Store) -> None:
    with store.write() as cursor:
        for fmt in HEADERS:
            cursor.execute(f"delete from stored_{fmt}")
        cursor.execute("delete from uploads where quarter is not null")
        cursor.execute("delete from reversals")


def standing_cells(store: Store, fmt: str) -> Counter[tuple[str, ...]]:
    columns = {
        "activities": "delegate_id, kind, date::varchar, coalesce(record_id, '')",
        "opinions": "opinion_id, delegate_id, date::varchar, content, coalesce(outcome, '')",
    }[fmt]
    frame = store.query(f"select {columns} from {fmt}")
    return Counter(tuple(row) for row in frame.itertuples(index=False, name=None))


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(deeds(), min_size=2, max_size=8))
def test_any_order_of_deeds(emptied: Store, course: list[tuple[Any, ...]]) -> None:
    """After uploads, replacements, undos and redos in any order the reference's rows stand.

    The counts said are the rows that came and went, and the ledger's digests fit the tables.
    """
    empty_records(emptied)
    uploads: dict[int, Upload] = {}
    for deed in course:
        before = {fmt: standing_cells(emptied, fmt) for fmt in HEADERS}
        if deed[0] == "toggle":
            if not uploads:
                continue
            number = list(uploads)[deed[1] % len(uploads)]
            upload = uploads[number]
            done = reverse(emptied, number, "undo" if upload.stands else "redo", "错了", "王")
            upload.stands = not upload.stands
            change = sum(done.back.values()) - sum(done.gone.values())
        else:
            _, fmt, quarter, replace, lines = deed
            file = sheet(HEADERS[fmt], *map(",".join, lines))
            sent = Sent(file.filename, file.content, None, Period.parse(quarter), replace)
            [receipt] = upload_together(emptied, check_all([sent], registers(emptied)))
            if receipt.outcome != "stored":
                assert receipt.outcome == "unchanged" or receipt.checked.has_errors
                continue
            assert receipt.upload_id is not None
            uploads[receipt.upload_id] = Upload(fmt, quarter, replace, known_rows(fmt, lines))
            assert receipt.added + receipt.changed + receipt.unchanged == len(lines)
            change = receipt.added - (receipt.missing if replace else 0)
        after = {fmt: standing_cells(emptied, fmt) for fmt in HEADERS}
        in_order = [uploads[number] for number in sorted(uploads)]
        assert after == {fmt: laid_upon_each_other(in_order, fmt) for fmt in HEADERS}
        assert (
            sum(c.total() for c in after.values()) - sum(c.total() for c in before.values())
            == change
        )
        for fmt in HEADERS:
            settled = emptied.query(
                f"select count(*) filter (where superseded_by is not null) as n"
                f" from stored_{fmt} where standing"
            )
            assert settled["n"].tolist() == [0]
    assert (
        emptied.query("select upload_id, kept, digest from uploads order by 1").to_dict("records")
        == emptied.query(f"from ({tables.tallies()}) order by 1").to_dict("records")
        == emptied.query(f"from ({tables.recomputed()}) order by 1").to_dict("records")
    )
