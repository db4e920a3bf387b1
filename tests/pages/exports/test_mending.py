"""The problem workbook: the uploaded cells, each at its place, the bad ones coloured and told."""

import io
import re
import zipfile

from python_calamine import load_workbook

from pages.exports.mending import CELL_LIMIT, as_workbook

ROWS = [
    (1, ["大坝街道代表活动"]),
    (3, ["代表编号", "内容", "日期"]),
    (4, ["007", "=HYPERLINK(1)", "2026-13-01"]),
    (5, ["008"]),
    (6, ["009", "𠮷" * 40_000, "1"]),
]
MARKS = {
    3: {0: [("note", "说明")]},
    4: {2: [("error", "不是日期。"), ("warning", "请核对。")]},
    5: {1: [("warning", "必填项为空。")]},
}


def part(workbook: bytes, name: str) -> str:
    return zipfile.ZipFile(io.BytesIO(workbook)).read(name).decode()


def test_every_cell_as_text_at_its_place() -> None:
    """Row numbers and columns are the file's, identifiers keep their zeros, no cell is a formula."""
    workbook = as_workbook(iter(ROWS), MARKS, "履职活动")
    sheet = load_workbook(io.BytesIO(workbook)).get_sheet_by_name("履职活动")
    assert sheet.to_python() == [
        ["大坝街道代表活动", "", ""],
        ["", "", ""],
        ["代表编号", "内容", "日期"],
        ["007", "=HYPERLINK(1)", "2026-13-01"],
        ["008", "", ""],
        ["009", "𠮷" * (CELL_LIMIT // 2), "1"],
    ]
    assert "<f>" not in part(workbook, "xl/worksheets/sheet1.xml")


def test_what_is_wrong_stands_at_its_cell() -> None:
    """Each marked cell, an empty one too, has its sentences as a comment and the gravest colour."""
    workbook = as_workbook(iter(ROWS), MARKS, "履职活动")
    comments = part(workbook, "xl/comments1.xml")
    assert re.findall(r'<comment ref="(\w+)"', comments) == ["A3", "C4", "B5"]
    assert "不是日期。\n请核对。" in comments
    sheet = part(workbook, "xl/worksheets/sheet1.xml")
    styles = dict(re.findall(r'<c r="(\w+)" s="(\d+)"', sheet))
    assert len({styles["A3"], styles["C4"], styles["B5"], styles["A4"]}) == 4
