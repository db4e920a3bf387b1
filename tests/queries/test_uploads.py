"""What came in and what is missing, held to the files that were sent."""

from __future__ import annotations

from collections import Counter

from counties import HEADERS
from figures import table
from files import worked_cases

from data.period import Period
from data.store import Store
from data.uploads.check import check_all, registers
from data.uploads.ledger import upload_together
from queries import uploads

QUARTERS = [Period(2026, quarter, quarter) for quarter in (1, 2, 3, 4)]


def test_board(cases: Store) -> None:
    """For every township, quarter and format: how many live rows stand, by their delegate's home."""
    rows = {name: table(name) for name in HEADERS}
    home = {row["代表编号"]: row["镇街"] for row in rows["delegates"]}
    expected = Counter(
        (f"{day[:4]}Q{(int(day[5:7]) + 2) // 3}", home[row[whose]], name)
        for name, whose, dated in (
            ("activities", "代表编号", "日期"),
            ("opinions", "代表编号", "收集日期"),
            ("attendance", "代表编号", "日期"),
            ("suggestions", "领衔代表编号", "提出日期"),
            ("duty_reports", "代表编号", "日期"),
            ("adjustments", "代表编号", "日期"),
        )
        for row in rows[name]
        if row.get("核实状态") != "已退回"
        for day in [row[dated]]
    )
    board = uploads.board(periods=QUARTERS)
    found = {
        (row.period, row.township, row.format): row.rows for row in board.itertuples() if row.rows
    }
    register = {row["镇街"] for row in rows["townships"]}
    assert found == {
        key: count
        for key, count in expected.items()
        if key[1] in register and key[0].startswith("2026")
    }
    assert len(board) == len(register) * 6 * 4
    assert set(board.loc[board["expected"], "format"]) == {"activities", "opinions"}


def test_history(cases: Store) -> None:
    """Every stored file once, the newest first, with its rows; a file sent again leaves no trace."""
    files = worked_cases()
    history = uploads.history()
    assert sorted(history["filename"]) == sorted(file.filename for file in files)
    assert history["upload_id"].is_monotonic_decreasing
    sent = {file.filename: file for file in files}
    for row in history.itertuples():
        assert row.checksum == sent[row.filename].checksum
        assert row.rows == row.added + row.changed + row.unchanged
        assert row.state == "stands"
    receipts = upload_together(cases, check_all(files[-1:], registers(cases)))
    assert [receipt.outcome for receipt in receipts] == ["unchanged"]
    assert len(uploads.history()) == len(history)
