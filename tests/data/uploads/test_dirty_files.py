"""Dirty files as offices send them: what a careful person reads in them, or where they are wrong.

Each file either gives exactly the rows below its name, whole and unaltered, or is refused with
these places. What was passed over is told by notes and warnings, which stand here too.
"""

import codecs
from dataclasses import dataclass
from datetime import date, datetime

import pytest
from files import ACTIVITIES, csv_bytes, xlsx_bytes, xlsx_parts

from data.uploads.check import Registers, Sent, check

Place = tuple[str, int | None, str | None]
DAY = date(2026, 7, 1)
A = (2, "007", "接待选民", DAY, 2, "修路，𠮷䶮㛃")
B = (3, "D2", "入户走访", date(2026, 7, 2), 3, "NA")
LINE_A, LINE_B = "007,接待选民,2026-07-01,2,修路，𠮷䶮㛃", "D2,入户走访,2026-07-02,3,NA"
PLAIN = f"{ACTIVITIES}\n{LINE_A}\n{LINE_B}\n"
HEAD = ACTIVITIES.split(",")
GRID: list[list[object]] = [HEAD, [*A[1:]], [*B[1:]]]


@dataclass(frozen=True)
class Dirty:
    """A file, the rows that it holds (None: refused), and everything told of it."""

    name: str
    content: bytes
    rows: list[tuple[object, ...]] | None
    told: tuple[Place, ...] = ()
    filename: str = "2026Q3.csv"


def text(name: str, said: str, rows: list[tuple[object, ...]] | None, *told: Place) -> Dirty:
    return Dirty(name, said.encode(), rows, told)


def book(name: str, content: bytes, rows: list[tuple[object, ...]] | None, *told: Place) -> Dirty:
    return Dirty(name, content, rows, told, "2026Q3.xlsx")


def lower(row: tuple[object, ...], by: int = 1) -> tuple[object, ...]:
    """The row, further down in the sheet."""
    return (int(str(row[0])) + by, *row[1:])


def cell(kind: str, value: str, look: int = 0) -> str:
    return f'<c t="{kind}" s="{look}"><v>{value}</v></c>'


def said(*texts: str) -> str:
    return "".join(f'<c t="inlineStr"><is><t>{t}</t></is></c>' for t in texts)


LOOKS = (
    '<numFmts><numFmt numFmtId="176" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;;@"/>'
    '<numFmt numFmtId="177" formatCode="000"/><numFmt numFmtId="178" formatCode="[$-804]aaaa;@"/>'
    '<numFmt numFmtId="179" formatCode="[Red]0.0&quot;days&quot;"/></numFmts>'
    '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/>'
    '<xf numFmtId="14"/><xf numFmtId="176"/><xf numFmtId="177"/><xf numFmtId="179"/>'
    '<xf numFmtId="22"/><xf numFmtId="57"/></cellXfs>'
)


def typed(*cells: str, workbook: str = "") -> bytes:
    row = f'<row r="1">{{}}</row><row r="2">{"".join(cells)}</row>'
    return xlsx_parts(
        row,
        "<si><t>007</t></si><si><r><t>接待</t></r><rPh><t>x</t></rPh><r><t>选民</t></r></si>",
        styles=LOOKS,
        workbook=workbook,
    )


DIRTY = [
    # encodings
    Dirty("utf-8", PLAIN.encode(), [A, B]),
    Dirty("utf-8 with mark", PLAIN.encode("utf-8-sig"), [A, B]),
    Dirty("gb18030 with four-byte characters", PLAIN.encode("gb18030"), [A, B]),
    Dirty("gbk", PLAIN.replace("𠮷䶮㛃", "镕").encode("gbk"), [(*A[:5], "修路，镕"), B]),
    Dirty("Excel Unicode text", codecs.BOM_UTF16_LE + PLAIN.replace(",", "\t").replace("\n", "\r\n").encode("utf-16-le"), [A, B]),
    Dirty("utf-16 be", codecs.BOM_UTF16_BE + PLAIN.encode("utf-16-be"), [A, B]),
    Dirty("big5", "代表編號,類型,日期\n007,接待選民,2026-07-01\n".encode("cp950"), None, (("other_encoding", None, None),)),
    Dirty("big5 under an English header", ("delegate_id,kind,date\n" + "007,接待選民的工作,2026-07-01\n" * 3).encode("cp950"), None, (("other_encoding", None, None),)),
    Dirty("a character cut at the end", PLAIN.encode()[:-1] + "路".encode()[:1], None, (("unreadable_text", None, None),)),
    Dirty("gb18030 cut in a character", (PLAIN + "007,接待选民,2026-07-03,1,路").encode("gb18030")[:-1], None, (("unreadable_text", None, None),)),
    Dirty("gb18030 pasted below utf-8", PLAIN.encode() + LINE_A.encode("gb18030"), None, (("unreadable_text", None, None),)),
    Dirty("a replacement character", PLAIN.replace("修路", "修\ufffd").encode(), None, (("lost_character", 2, "内容"),)),
    # delimiters and line ends
    text("semicolons", PLAIN.replace(",", ";"), [A, B]),
    text("tabs", PLAIN.replace(",", "\t"), [A, B]),
    text("full-width commas", PLAIN.replace("修路，", "修路").replace(",", "，"), [(*A[:5], "修路𠮷䶮㛃"), B]),
    text("crlf", PLAIN.replace("\n", "\r\n"), [A, B]),
    text("cr", PLAIN.replace("\n", "\r"), [A, B]),
    text("mixed line ends", f"{ACTIVITIES}\r\n{LINE_A}\r{LINE_B}\n", [A, B]),
    text("no last line end", PLAIN[:-1], [A, B]),
    text("blank lines between", PLAIN.replace("\n", "\n\n"), [lower(A), lower(B, 2)]),
    text("blank lines at the end", PLAIN + "\n\r\n,,,,\n", [A, B]),
    # quotes
    text("all quoted", "\n".join(",".join(f'"{c}"' for c in line.split(",")) for line in PLAIN.split()) + "\n", [A, B]),
    text("a comma in quotes", PLAIN.replace("NA", '"甲,乙"'), [A, (*B[:5], "甲,乙")]),
    text("a quote in quotes", PLAIN.replace("NA", '"他说""好"""'), [A, (*B[:5], '他说"好"')]),
    text("a line end in quotes", PLAIN.replace("修路，𠮷䶮㛃", '"修路\r\n修桥"'), [(*A[:5], "修路 修桥"), B]),
    text("a bare quote in text", PLAIN.replace("NA", '15" 管'), [A, (*B[:5], '15" 管')]),
    text("an unclosed quote", PLAIN + '007,接待选民,2026-07-03,1,"修路\n' + LINE_B, None, ("broken_quotes", 4, None)),
    text("text behind a quote", PLAIN.replace("NA", '"甲"乙'), None, ("broken_quotes", 3, None)),
    text("a quote that swallows rows", f'{ACTIVITIES}\n007,接待选民,2026-07-01,2,"修路\n{LINE_B}"\n', None, ("broken_quotes", 2, None)),
    # rows and columns
    text("titles above", f"大坝街道履职活动表\n填报单位：大坝街道\n{PLAIN}", [lower(A, 2), lower(B, 2)], ("title_row", 1, None), ("title_row", 2, None)),
    text("a title that begins like an archive", f"PK台账\n{PLAIN}", [lower(A), lower(B)], ("title_row", 1, None)),
    text("empty first columns", "\n".join(f",,{line}" for line in PLAIN.split()) + "\n", [A, B]),
    text("empty columns between", PLAIN.replace(",", ",,"), [A, B]),
    text("repeated header", f"{ACTIVITIES}\n{LINE_A}\n{PLAIN}", [A, lower(A, 2), lower(B, 2)], ("repeated_header", 3, None), ("duplicate_row", 4, None)),
    text("repeated header, other rows", f"{ACTIVITIES}\n{LINE_A}\n{ACTIVITIES}\n{LINE_B}\n", [A, lower(B)], ("repeated_header", 3, None)),
    text("columns in another order", "内容,数量,日期,类型,代表编号\n甲,2,2026-07-01,接待选民,007\n", [(*A[:5], "甲")]),
    text("English headers", PLAIN.replace(ACTIVITIES, "Delegate_ID,KIND,date,Quantity,content"), [A, B]),
    text("spaced headers", PLAIN.replace(ACTIVITIES, "代表 编号,类　型,日期 ,数量,\ufeff内容"), [A, B]),
    text("a column nobody knows", f"序号,{ACTIVITIES}\n1,{LINE_A}\n2,{LINE_B}\n", [A, B], ("unknown_column", 1, "序号")),
    text("a cell beyond the header", PLAIN.replace("NA", "NA,多"), None, ("too_many_cells", 3, None)),
    text("a row shifted by a delimiter", PLAIN.replace("D2,", "D2,,").replace(",NA", ""), None, ("required", 3, "类型"), ("bad_date", 3, "日期"), ("bad_number", 3, "数量")),
    text("a header that stands twice", PLAIN.replace("内容", "日期"), None, ("repeated_column", 1, "日期")),
    text("a row cut in half", f"{PLAIN}007,接待", None, ("cut_row", 4, None), ("bad_choice", 4, "类型"), ("required", 4, "日期")),
    text("data above the header", f"{LINE_A}\n{PLAIN}", None, ("row_above_header", 1, None)),
    # totals and remarks
    text("a closing total", PLAIN + "合计,,,5,\n", [A, B], ("total_row", 4, None)),
    text("a total in another column", PLAIN + ",合计：,,5,\n", [A, B], ("total_row", 4, None)),
    text("a spaced total", PLAIN + "合　计,,,5,\n", [A, B], ("total_row", 4, None)),
    text("a subtotal per township", f"{ACTIVITIES}\n{LINE_A}\n大坝街道小计,,,2,\n{LINE_B}\n龙山镇小计,,,3,\n总计,,,5,\n", [A, lower(B)], ("total_row", 3, None), ("total_row", 5, None), ("total_row", 6, None)),
    text("合计 as the content of a record", PLAIN.replace("NA", "合计"), [A, (*B[:5], "合计")]),
    text("a total with a day", PLAIN + "合计,,2026-07-31,5,\n", None, ("unknown_delegate", 4, "代表编号"), ("required", 4, "类型")),
    text("closing remarks", PLAIN + "\n填表人：张三,,审核人：李四,,填报日期：2026年7月5日\n备注：以上均已核实,,,,\n", [A, B], ("remark_row", 5, None), ("remark_row", 6, None)),
    text("remark below a total", PLAIN + "合计,,,5,\n制表人：张三\n", [A, B], ("total_row", 4, None), ("remark_row", 5, None)),
    text("a remark amid the rows", f"{ACTIVITIES}\n{LINE_A}\n备注：以下为补报,,,,\n{LINE_B}\n", None, ("unknown_delegate", 3, "代表编号"), ("required", 3, "类型"), ("required", 3, "日期")),
    text("a closing line that is no remark", PLAIN + "以上数据真实有效,,,,\n", None, ("unknown_delegate", 4, "代表编号"), ("required", 4, "类型"), ("required", 4, "日期")),
    # cells
    text("leading zeros", PLAIN.replace("NA", "0070"), [A, (*B[:5], "0070")]),
    text("words that are not missing", PLAIN.replace("NA", "null"), [A, (*B[:5], "null")]),
    text("NA as a number", PLAIN.replace(",3,NA", ",NA,甲"), None, ("bad_number", 3, "数量")),
    text("inf as a number", PLAIN.replace(",3,NA", ",inf,甲"), None, ("bad_number", 3, "数量")),
    text("an error as a day", PLAIN.replace("2026-07-02", "#N/A"), None, ("bad_date", 3, "日期")),
    text("a serial number as a day", PLAIN.replace("2026-07-01", "46204"), [A, B]),
    text("a rounded identifier", PLAIN.replace("D2", "4.30281E+17"), None, ("digits_lost", 3, "代表编号")),
    text("a control character", PLAIN.replace("NA", "甲\x07"), None, ("control_character", 3, "内容")),
    text("spaces around", PLAIN.replace("007", " ００７　").replace(",2,", ", ２ ,"), [A, B]),
    text("a formula", PLAIN.replace("NA", "=SUM(A1)"), None, ("formula", 3, "内容")),
    # workbooks
    book("a workbook", xlsx_bytes(GRID), [A, B]),
    Dirty("a workbook named .csv", xlsx_bytes(GRID), [A, B]),
    book("a table named .xlsx", PLAIN.encode("gb18030"), [A, B]),
    book("below and right of A1", xlsx_bytes([[], [], *[["", "", *row] for row in GRID]]), [lower(A, 2), lower(B, 2)]),
    book("the sheet of the format", xlsx_bytes([["说明"]], more={"履职活动": GRID}), [A, B], ("unread_sheet", None, None)),
    book("another sheet with something in it", xlsx_bytes(GRID, more={"空": [], "其他": [["x"]]}), [A, B], ("unread_sheet", None, None)),
    book("days and numbers as such", typed(cell("s", "0"), cell("s", "1"), cell("n", "46204", 1), cell("n", "2.0"), said("甲")), [(*A[:5], "甲")]),
    book("a day in Chinese", typed(said("007", "接待选民"), cell("n", "46204", 2), cell("n", "2"), said("甲")), [(*A[:5], "甲")]),
    book("a built-in Chinese day", typed(said("007", "接待选民"), cell("n", "46204", 6), cell("n", "2"), said("甲")), [(*A[:5], "甲")]),
    book("days from 1904", typed(said("007", "接待选民"), cell("n", "44742", 1), cell("n", "2"), said("甲"), workbook='<workbookPr date1904="1"/>'), [(*A[:5], "甲")]),
    book("a bare serial number from 1904", typed(said("007", "接待选民"), cell("n", "44742"), cell("n", "2"), workbook='<workbookPr date1904="1"/>'), None, ("bad_date", 2, "日期"), ("outside_quarter", 2, "日期")),
    book("a day with a time", xlsx_bytes([HEAD, ["007", "接待选民", datetime(2026, 7, 1, 8, 30), 2, "甲"]]), None, ("bad_date", 2, "日期")),  # noqa: DTZ001
    book("a number shown as 007", typed(cell("n", "7", 3), said("接待选民", "2026-07-01"), cell("n", "2"), said("甲")), [(*A[:5], "甲")]),
    book("numbers with a word behind", typed(said("007", "接待选民"), cell("n", "46204", 1), cell("n", "2", 4), said("甲")), [(*A[:5], "甲")]),
    book("a truth value as text", typed(said("007", "接待选民", "2026-07-01"), cell("n", "2"), cell("b", "1")), [(*A[:5], "是")]),
    book("a long number", typed(cell("n", "4.3028119900101123E+17"), said("接待选民", "2026-07-01"), cell("n", "2")), None, ("digits_lost", 2, "代表编号"), ("unknown_delegate", 2, "代表编号")),
    book("an error", typed(said("007", "接待选民", "2026-07-01"), cell("e", "#REF!"), said("甲")), None, ("cell_error", 2, "数量")),
    book("an error in text", typed(said("007", "接待选民", "2026-07-01"), cell("n", "2"), cell("e", "#N/A")), None, ("cell_error", 2, "内容")),
    book("a formula with its result", typed(said("007", "接待选民"), '<c s="1"><f>A1</f><v>46204</v></c>', cell("n", "2"), '<c t="str"><f>A1</f><v>甲</v></c>'), [(*A[:5], "甲")]),
    book("a formula without its result", typed(said("007", "接待选民", "2026-07-01"), "<c><f>1+1</f></c>"), None, ("formula_without_value", 2, "数量")),
    book("a formula with an empty text", typed(said("007", "接待选民", "2026-07-01"), cell("n", "2"), '<c t="str"><f>""</f><v></v></c>'), [(*A[:5], None)]),
    book("escaped characters", typed(said("007", "接待选民", "2026-07-01"), cell("n", "2"), said("甲_x000D_乙 &amp; _x4E19_")), [(*A[:5], "甲 乙 & 丙")]),
    book("cells that are only styled, far out", xlsx_parts(f'<row r="1">{{}}</row><row r="2">{said("007", "接待选民", "2026-07-01", "2", "甲")}<c r="XFD2" s="1"/></row><row r="1048576"><c r="A1048576" s="1"/></row>'), [(*A[:5], "甲")]),
    book("one cell far out", xlsx_parts(f'<row r="1">{{}}</row><row r="2">{said("007", "接待选民", "2026-07-01", "2", "甲")}</row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'), None, ("too_many_cells", 1048576, None), ("required", 1048576, "代表编号"), ("required", 1048576, "类型"), ("required", 1048576, "日期")),
    book("a hidden row", xlsx_parts(f'<row r="1">{{}}</row><row r="2" hidden="1">{said("007", "接待选民", "2026-07-01", "2", "甲")}</row>'), [(*A[:5], "甲")]),
    book("merged cells in the data", xlsx_bytes([*GRID, ["", *A[2:]]], merged=["A3:A4"]), None, ("merged_cells", 3, "代表编号"), ("unknown_delegate", 3, "代表编号"), ("required", 4, "代表编号")),
    book("a merged title", xlsx_bytes([["标题"], *GRID], merged=["A1:E1"]), [lower(A), lower(B)], ("title_row", 1, None)),
    book("a merged total", xlsx_parts(f'<row r="1">{{}}</row><row r="2">{said("007", "接待选民", "2026-07-01", "2", "甲")}</row><row r="3">{said("合计")}</row>', after='<mergeCells><mergeCell ref="A3:C3"/></mergeCells>'), [(*A[:5], "甲")], ("total_row", 3, None)),
    book("a string counted from the end", typed(cell("s", "-1")), None, ("damaged_workbook", None, None)),
    book("a workbook cut in half", xlsx_bytes(GRID)[:-400], None, ("damaged_workbook", None, None)),
    # no tables
    Dirty("nothing", b"", None, (("empty_file", None, None),)),
    Dirty("only a header", csv_bytes([HEAD]), None, (("no_rows", None, None),)),
    Dirty("an old workbook", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), None, (("not_a_table", None, None),)),
    Dirty("a workbook with a password", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), None, (("locked_workbook", None, None),)),
    Dirty("a page named .xls", b"<html><table><tr><td>x", None, (("not_a_table", None, None),)),
    Dirty("a PDF", b"%PDF-1.7\n", None, (("not_a_table", None, None),)),
    Dirty("a NUL", PLAIN.encode() + b"\0", None, (("not_a_table", None, None),)),
]  # fmt: skip


@pytest.mark.parametrize("dirty", DIRTY, ids=[d.name for d in DIRTY])
def test_dirty_file(known: Registers, dirty: Dirty) -> None:
    """Exactly the rows that a careful person reads, or a refusal with its places."""
    checked = check(Sent(dirty.filename, dirty.content), known)
    assert [(p.code, p.row, p.column) for p in checked.problems] == list(dirty.told)
    if checked.has_errors or checked.rows is None:
        assert dirty.rows is None
        return
    found = checked.rows[["delegate_id", "kind", "date", "quantity", "content"]]
    rows = [
        (
            number,
            delegate,
            kind,
            day.date(),
            quantity,
            content if isinstance(content, str) else None,
        )
        for number, delegate, kind, day, quantity, content in found.itertuples(name=None)
    ]
    assert rows == dirty.rows
