"""What a preview says of the ranking is what the upload does to it, and an undo undoes it all."""

from __future__ import annotations

import pandas as pd
import pytest
from files import sheet

from data.period import Period
from data.store import Store
from data.uploads import ledger
from data.uploads.check import Sent, check_all, registers
from queries import county, uploads

QUARTER = Period(2026, 3, 3)
PERIODS = [QUARTER, Period(2026, 1, 3), Period(2026, 1, 4)]


def rankings() -> list[pd.DataFrame]:
    return [county.ranking(period=period) for period in PERIODS]


def lift(delegate_id: str) -> Sent:
    """Records that lift a delegate's score, whatever it was."""
    kinds = ("入户走访", "接待选民", "政策宣讲")
    days = [f"2026-{month:02}-{day:02}" for month in (7, 8, 9) for day in range(1, 29)]
    return sheet(
        "代表编号,类型,日期,内容",
        *(f"{delegate_id},{kind},{day},试" for kind in kinds for day in days),
        name="2026Q3.csv",
    )


@pytest.mark.parametrize("replace", [False, True])
def test_preview_is_what_happens(cases: Store, replace: bool) -> None:
    """The ranking seen in the preview is, to the bit, the ranking after the upload; undo gives
    back, to the bit, the one before, and its undo the one after."""
    before = rankings()
    last = before[0].query("level == 'county'").dropna(subset="rank").iloc[-1]
    file = lift(last["delegate_id"])
    checked = check_all(
        [Sent(file.filename, file.content, None, QUARTER, replace)], registers(cases)
    )
    with ledger.supposing_stored(cases, checked, checked) as previews:
        supposed = rankings()
    pd.testing.assert_frame_equal(before[0], rankings()[0], check_exact=True)
    [receipt] = ledger.upload_together(cases, checked, "王", [p.receipt for p in previews])
    assert (receipt.outcome, receipt.missing > 0) == ("stored", True)
    assert receipt.upload_id is not None
    after = rankings()
    assert after[0].set_index("delegate_id").loc[last["delegate_id"], "rank"] < last["rank"]
    with ledger.supposing_reversed(cases, receipt.upload_id, "undo"):
        without = rankings()
    ledger.reverse(cases, receipt.upload_id, "undo", "试", "王")
    undone = rankings()
    ledger.reverse(cases, receipt.upload_id, "redo", "试", "王")
    redone = rankings()
    ledger.reverse(cases, receipt.upload_id, "undo", "试", "王")
    for pairs in (
        zip(supposed, after, strict=True),
        zip(after, redone, strict=True),
        zip(before, undone, strict=True),
        zip(before, without, strict=True),
    ):
        for expected, found in pairs:
            pd.testing.assert_frame_equal(expected, found, check_exact=True)


def test_moves() -> None:
    """Every delegate whose rank, score or grade differs is listed, the largest moves first."""
    columns = ["level", "delegate_id", "name", "township", "rank", "score", "grade"]
    before = pd.DataFrame(
        [
            ("county", "A", "甲", "大坝街道", 1, 90.0, "优秀"),
            ("county", "B", "乙", "大坝街道", 2, 80.0, "称职"),
            ("county", "C", "丙", "龙山镇", 3, 70.0, "称职"),
            ("county", "D", "丁", "龙山镇", None, None, None),
            ("township", "E", "戊", "龙山镇", 1, 60.0, "基本称职"),
        ],
        columns=columns,
    )
    after = pd.DataFrame(
        [
            ("county", "A", "甲", "大坝街道", 1, 90.0, "优秀"),
            ("county", "B", "乙", "大坝街道", 4, 60.0, "基本称职"),
            ("county", "C", "丙", "龙山镇", 2, 70.0, "称职"),
            ("county", "D", "丁", "龙山镇", 3, 65.0, "基本称职"),
            ("township", "F", "己", "龙山镇", 1, 61.0, "基本称职"),
        ],
        columns=columns,
    )
    found = uploads.moves(before, after, 2)
    assert found["delegate_id"].tolist() == ["B", "C", "D", "F", "E"]
    assert found["climb"].fillna(0).tolist() == [-2, 1, 0, 0, 0]
    assert found["crossed"].tolist() == [-1, 1, 0, 1, -1]
    assert found["township"].tolist() == ["大坝街道", "龙山镇", "龙山镇", "龙山镇", "龙山镇"]
    assert uploads.moves(before, before, 2).empty


def test_without_record(cases: Store) -> None:
    """Each delegate in office without a live record of the format in the quarter, nobody else."""
    found = set(uploads.without_record(period=QUARTER, format="activities")["delegate_id"])
    reporting = set(
        cases.query(
            "select delegate_id from activities where status <> '已退回'"
            " and date between date '2026-07-01' and date '2026-09-30'"
        )["delegate_id"]
    )
    in_office = set(
        cases.query(
            "select delegate_id from delegates where start_date <= date '2026-09-30'"
            " and coalesce(end_date, date '2099-01-01') >= date '2026-07-01'"
        )["delegate_id"]
    )
    assert found == in_office - reporting
    assert found
