"""Which rows stand, against a slow reference that lays the uploads upon each other one by one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from deeds import HEADERS, HOME, Upload, known_rows, laid_upon_each_other, standing_cells
from files import registers_of_two_townships, sheet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.period import Period
from data.store import Store, open_store
from data.uploads import tables
from data.uploads.check import Sent, check_all, registers
from data.uploads.formats import FORMATS
from data.uploads.ledger import reverse, upload_together

DAYS = {"2026Q2": ["2026-04-01", "2026-06-30"], "2026Q3": ["2026-07-01", "2026-09-30"]}


def days(quarter: str) -> st.SearchStrategy[str]:
    """Mostly a day of the quarter; a matter of another quarter may be in the file too."""
    return st.sampled_from([*DAYS[quarter] * 3, *DAYS["2026Q2"], *DAYS["2026Q3"]])


@st.composite
def deeds(draw: st.DrawFn) -> tuple[Any, ...]:
    """An upload of a few rows out of few, or the undo or redo of an earlier one."""
    kind = draw(st.integers(0, 7))
    if kind < 2:
        return ("toggle", draw(st.integers(0, 9)))
    if kind == 2:
        return (
            "move",
            draw(st.sampled_from(sorted(HOME))),
            draw(st.sampled_from(["大坝街道", "龙山镇"])),
        )
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
    elif fmt == "guidance":
        found = st.tuples(
            days(quarter),
            st.just("周"),
            st.sampled_from(["大坝街道", "龙山镇"]),
            st.just(""),
            st.just("点位"),
            st.sampled_from(["", "破损"]),
        )
        keys = draw(st.lists(found, min_size=1, max_size=4, unique=True))
        lines = [
            (*key, draw(st.sampled_from(["", "2026-10-01"])) if key[-1] else "") for key in keys
        ]
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


def moved(delegate: str, town: str) -> Sent:
    name = {"D2": "李四"}.get(delegate, "张三")
    header = "代表编号,姓名,层级,镇街,任职起"
    return sheet(header, f"{delegate},{name},县级,{town},2021-12-20")


def store_all(store: Store, files: list[Sent]) -> None:
    for file in files:
        upload_together(store, check_all([file], registers(store)))


def empty_records(store: Store) -> None:
    with store.write() as cursor:
        for fmt in HEADERS:
            cursor.execute(f"delete from stored_{fmt}")
        cursor.execute("delete from uploads where quarter is not null")
        cursor.execute("delete from reversals")


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(deeds(), min_size=2, max_size=8))
def test_any_order_of_deeds(emptied: Store, course: list[tuple[Any, ...]]) -> None:
    """After uploads, replacements, undos and redos in any order, with delegates who change their
    township in between, the reference's rows stand.

    The counts said are the rows that came and went, and the ledger's digests fit the tables.
    """
    empty_records(emptied)
    home = dict(HOME)
    store_all(emptied, [moved(delegate, town) for delegate, town in home.items()])
    uploads: dict[int, Upload] = {}
    for deed in course:
        if deed[0] == "move":
            store_all(emptied, [moved(*deed[1:])])
            home[deed[1]] = deed[2]
            continue
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
            uploads[receipt.upload_id] = Upload(
                fmt, quarter, replace, known_rows(fmt, lines), home=dict(home)
            )
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
                "select count(*) filter (where superseded_by is not null) as n"
                f" from stored_{fmt} where standing"
            )
            assert settled["n"].tolist() == [0]
    assert (
        emptied.query("select upload_id, kept, digest from uploads order by 1").to_dict("records")
        == emptied.query(
            f"from ({tables.tallies([f'stored_{name}' for name in FORMATS])}) order by 1"
        ).to_dict("records")
        == emptied.query(f"from ({tables.recomputed()}) order by 1").to_dict("records")
    )
