"""What a cell may look like: a table of cells, each read as its column's kind or refused."""

from datetime import date

import pytest

from data.uploads.cells import Fault, Value, fold, read_cell
from data.uploads.formats import FORMATS, Column, Format

DAY = date(2026, 7, 1)


def column(name: str) -> Column:
    fmt, _, of_format = name.partition(".")
    return FORMATS[fmt].column(of_format)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        # dates
        ("activities.date", "2026-07-01", DAY),
        ("activities.date", "2026/7/1", DAY),
        ("activities.date", "2026.7.1", DAY),
        ("activities.date", "20260701", DAY),
        ("activities.date", "2026年7月1日", DAY),
        ("activities.date", "２０２６年７月１日", DAY),
        ("activities.date", "２０２６／７／１", DAY),
        ("activities.date", " 2026-07-01\u200b ", DAY),
        ("activities.date", "46204", DAY),
        ("activities.date", "46204.0", DAY),
        ("activities.date", "2026-07-01 00:00", DAY),
        ("activities.date", "2026/7/1 0:00:00", DAY),
        ("activities.date", "2026-07-01T00:00:00.000", DAY),
        ("activities.date", "2024-02-29", date(2024, 2, 29)),
        # numbers
        ("activities.quantity", "12", 12),
        ("activities.quantity", "１２", 12),
        ("activities.quantity", "12.0", 12),
        ("townships.voters", "12,345", 12345),
        ("townships.voters", "１２，３４５", 12345),
        ("attendance.half_days", "0.5", 0.5),
        ("attendance.half_days", "１．５", 1.5),
        # text that is compared
        ("activities.delegate_id", "007", "007"),
        ("activities.delegate_id", "００７", "007"),
        ("activities.delegate_id", "1E5", "1E5"),
        ("activities.delegate_id", "46204", "46204"),
        ("activities.delegate_id", "D\u200b1\u00ad", "D1"),
        ("activities.name", " 张　 三 ", "张 三"),
        ("delegates.name", "𠮷䶮㛃", "𠮷䶮㛃"),
        ("delegates.name", "NA", "NA"),
        ("delegates.district", "null", "null"),
        ("delegates.district", "nan", "nan"),
        ("delegates.district", "None", "None"),
        # text that is read
        ("activities.content", "修路（第2期），“惠民”；①②³", "修路（第2期），“惠民”；①②³"),
        ("activities.content", "第一行\n第二行\t完", "第一行 第二行 完"),
        ("activities.content", "NULL", "NULL"),
        ("activities.content", "1.23E+11", "1.23E+11"),
        ("activities.content", "-5℃ 以下；- 修路；+86 138", "-5℃ 以下；- 修路；+86 138"),
        ("activities.content", "1 < 2，a>b，O'Neil", "1 < 2，a>b，O'Neil"),
        ("activities.content", "我家👨‍👩‍👧有意见", "我家👨‍👩‍👧有意见"),
        # the rest
        ("activities.kind", " 入户走访", "入户走访"),
        ("delegates.level", "县级", "county"),
        ("delegates.level", "County", "county"),
        ("suggestions.priority", "是", True),
        ("suggestions.priority", "×", False),
        ("suggestions.priority", "Ｙ", True),
        ("suggestions.priority", "n", False),
        ("suggestions.priority", "无", False),
        ("suggestions.cosigner_ids", "007；D2、D3, D4", ["007", "D2", "D3", "D4"]),
        ("suggestions.cosigner_ids", "；", None),
        *[(f"activities.{c}", " 　\u200b", None) for c in ("date", "quantity", "content", "kind")],
    ],
)
def test_value(name: str, text: str, value: Value) -> None:
    """A cell that may stand is read as what it says, and kept in its kind."""
    found = read_cell(text, column(name))
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        *[
            ("activities.date", text, "bad_date")
            for text in [
                "2026-13-01",
                "2026-02-30",
                "20260230",
                "2026-7",
                "7月1日",
                "26-7-1",
                "2026-07/01",
                "1826-07-01",
                "2026-07-0²",
                "4620",
                "462040",
                "0",
                "NA",
                "٢٠٢٦-٠٧-٠١",
                "2026-07-01T08:30",
                "明天",
                "9999-12-31",
            ]
        ],
        *[
            ("activities.quantity", text, "bad_number")
            for text in [
                "5²",
                "½",
                "五",
                "1e3",
                "NaN",
                "inf",
                "1_000",
                "12,34",
                ",5",
                "5%",
                "0x10",
                "null",
                "٣",
                "46204日",
                "--5",
            ]
        ],
        ("activities.quantity", "2.5", "bad_integer"),
        ("activities.quantity", "9" * 400, "bad_integer"),
        ("activities.quantity", "=1+1", "formula"),
        ("activities.content", "=1+1", "formula"),
        ("activities.content", "＝HYPERLINK(1)", "formula"),
        ("activities.content", "@SUM(1)", "formula"),
        ("activities.content", "+cmd|' /C calc'!A0", "formula"),
        ("activities.content", "-2+3", "formula"),
        ("activities.delegate_id", '="007"', "formula"),
        ("activities.content", "<script>alert(1)</script>", "markup"),
        ("activities.content", "你好< img src=x>", "markup"),
        ("activities.place", "javascript:alert(1)", "markup"),
        ("activities.content", "a'; drop table uploads; --", "sql"),
        ("activities.content", "请drop table uploads", "sql"),
        ("activities.delegate_id", "' or 1=1", "sql"),
        ("activities.delegate_id", "1 union select 2", "sql"),
        ("activities.content", "字" * 2001, "text_too_long"),
        ("activities.content", "select " * 18_000, "text_too_long"),
        ("activities.content", "a\x00b", "control_character"),
        ("activities.content", "a\x1bb", "control_character"),
        ("activities.content", "a\u202eb", "control_character"),
        ("activities.content", "路\ufffd", "lost_character"),
        ("delegates.name", "张?", "lost_character"),
        ("delegates.name", "张？", "lost_character"),
        ("delegates.name", "\ue863", "lost_character"),
        ("activities.delegate_id", "4.30281E+17", "digits_lost"),
        ("activities.campaign", "1E+11", "digits_lost"),
        ("suggestions.cosigner_ids", "1.5e+15", "digits_lost"),
        ("activities.kind", "走访", "bad_choice"),
        ("activities.kind", "<b>", "bad_choice"),
        ("delegates.level", "市级", "ambiguous_level"),
        ("suggestions.priority", "TRUE", "bad_boolean"),
    ],
)
def test_fault(name: str, text: str, code: str) -> None:
    """Anything else is a fault with its code, never a guess."""
    found = read_cell(text, column(name))
    assert isinstance(found, Fault)
    assert found.code == code


@pytest.mark.parametrize("fmt", FORMATS.values(), ids=list(FORMATS))
def test_choices_read_back(fmt: Format) -> None:
    """Every declared choice is accepted, in Chinese and as it is stored."""
    for declared in fmt.columns:
        if declared.kind == "choice" and declared.choices:
            for said, stored in declared.choices.items():
                assert read_cell(said, declared) == read_cell(stored, declared) == stored


def test_fold() -> None:
    """Text is compared after NFKC, without invisible characters, with single spaces."""
    assert fold("\ufeff ＡＢ\u200b　 １\u2060 \t2 ") == "AB 1 2"
