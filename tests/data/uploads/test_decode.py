"""What a file may look like: read as a careful person reads it, or refused with its place."""

import codecs
import csv
import io
import zipfile

import pytest
from files import ACTIVITIES, OPINIONS, csv_bytes

from data.uploads import decode
from data.uploads.decode import Refused, Table, quarter_in_name, read_table, recognise
from data.uploads.formats import FORMATS

ROW = "007,接待选民,2026-07-01,2,修路，𠮷䶮㛃"
PLAIN = f"{ACTIVITIES}\n{ROW}\nD2,入户走访,2026-07-02,3,NA\n"


def told(table: Table) -> list[tuple[str, int | None]]:
    return [(p.code, p.row) for p in table.problems]


def cells(table: Table) -> list[list[str]]:
    return [list(row.values()) for row in table.cells.to_pylist()]


def workbook() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return packed.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.encode(),
        PLAIN.encode("utf-8-sig"),
        PLAIN.encode("gb18030"),
        codecs.BOM_UTF16_LE + PLAIN.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + PLAIN.encode("utf-16-be"),
        PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.replace("\n", "\r").encode(),
        PLAIN.rstrip("\n").encode(),
        PLAIN.replace(",", ";").encode(),
        PLAIN.replace(",", "\t").encode("gb18030"),
        PLAIN.replace("修路，", "“修路，”").replace(",", '","').replace("\n", '"\n"')[:-1].encode(),
    ],
    ids=[
        "utf-8",
        "bom",
        "gb18030",
        "utf-16-le",
        "utf-16-be",
        "crlf",
        "cr",
        "no-last-break",
        "semicolon",
        "tab",
        "quoted",
    ],
)
def test_one_table_in_many_coats(content: bytes) -> None:
    """Encoding, line ends, delimiter and quotes change nothing of what is read."""
    if content.startswith(b"\xe4\xbb\xa3") and b'"' in content:
        content = b'"' + content
    table = read_table(content)
    assert table.format.name == "activities"
    assert [c.replace("“", "").replace("”", "") for c in table.cells["content"].to_pylist()] == [
        "修路，𠮷䶮㛃",
        "NA",
    ]
    assert table.cells["delegate_id"].to_pylist() == ["007", "D2"]
    assert table.numbers.tolist() == [2, 3]
    assert table.problems == []


def test_full_width_commas() -> None:
    """A full-width comma divides cells where it makes the header match, and only there."""
    table = read_table("代表编号，类型，日期\n007，接待选民，2026-07-01\n".encode())
    assert cells(table) == [["007", "接待选民", "2026-07-01"]]


def test_headers_in_any_dress() -> None:
    """English names in any case, other orders, full-width and spaced headers all match."""
    table = read_table("Date,KIND, Delegate_ID ,数　量\n2026-07-01,接待选民,007,2\n".encode())
    assert table.cells.column_names == ["date", "kind", "delegate_id", "quantity"]


def test_what_is_passed_over() -> None:
    """Titles, empty rows and columns, repeated headers and the total are passed over and told."""
    table = read_table(
        csv_bytes(
            [
                ["大坝街道履职活动表"],
                [],
                ["填报单位：大坝街道", "", "", "", "时间：7月"],
                ["", "代表编号", "类型", "日期", "", "数量"],
                ["", "007", "接待选民", "2026-07-01", "", "2"],
                ["", "", " ", "　", "", ""],
                ["", "代表编号 ", "类型", "日期", "", "数量"],
                ["", "D2", "入户走访", "2026-07-02", "", "3"],
                ["", "合 计：", "", "", "", "5"],
                ["", "", ""],
            ]
        )
    )
    assert told(table) == [
        ("title_row", 1),
        ("title_row", 3),
        ("repeated_header", 7),
        ("total_row", 9),
    ]
    assert table.numbers.tolist() == [5, 8]
    assert cells(table) == [
        ["007", "接待选民", "2026-07-01", "2"],
        ["D2", "入户走访", "2026-07-02", "3"],
    ]


def test_rows_that_excel_shortened() -> None:
    """Excel leaves out empty cells at the end of a row: a short row is whole."""
    table = read_table(f"{ACTIVITIES},地点\nD2,接待选民,2026-07-01\n".encode())
    assert table.problems == []
    assert cells(table) == [["D2", "接待选民", "2026-07-01", "", "", ""]]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([ACTIVITIES, ROW, "D2,接待"], [("cut_row", 3)]),
        ([ACTIVITIES, f"{ROW},多"], [("too_many_cells", 2)]),
        ([ACTIVITIES, f"{ROW},", ROW], [("too_many_cells", 2)]),
        ([ACTIVITIES, f"{ROW},", f"{ROW},"], []),
        ([f"{ACTIVITIES},备注", f"{ROW},好", ROW, ""], [("unknown_column", 1)]),
        ([f"{ACTIVITIES},备注", f"{ROW},", ""], []),
        ([f"{ACTIVITIES},,", f"{ROW},,好"], [("unknown_column", 1)]),
        (["D2,接待选民,2026-07-01,1,路", ACTIVITIES, ROW], [("row_above_header", 1)]),
        (
            [ACTIVITIES, '007,接待选民,2026-07-01,2,"修路', 'D2,入户走访,2026-07-02,3,修桥"'],
            [("broken_quotes", 2)],
        ),
        ([ACTIVITIES, '007,接待选民,2026-07-01,2,"修路,\n修桥"', ROW], []),
    ],
)
def test_lesser_faults(lines: list[str], expected: list[tuple[str, int]]) -> None:
    """A row that is cut, shifted or swallowed, and a column nobody knows, are told with place."""
    assert told(read_table("\n".join(lines).encode())) == expected


ENGLISH = "opinion_id,delegate_id,date,content\n1,D2,2026-07-01,"


@pytest.mark.parametrize(
    ("content", "code", "row"),
    [
        (b"", "empty_file", None),
        (b" \r\n\t", "empty_file", None),
        (codecs.BOM_UTF8, "empty_file", None),
        (codecs.BOM_UTF16_LE, "empty_file", None),
        (workbook(), "damaged_workbook", None),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "not_a_table", None),
        (b"%PDF-1.7\n", "not_a_table", None),
        (b"\x89PNG\r\n\x1a\n", "not_a_table", None),
        (b"\n <HTML><table>", "not_a_table", None),
        (codecs.BOM_UTF8 + b"<?xml version='1.0'?>", "not_a_table", None),
        (PLAIN.encode() + b"\0", "not_a_table", None),
        (PLAIN.encode("utf-16-le"), "not_a_table", None),
        (PLAIN.encode()[:-1] + "路".encode()[:2], "unreadable_text", None),
        ((ENGLISH + "路灯坏了吗").encode()[:-1], "unreadable_text", None),
        (PLAIN.encode() + PLAIN.encode("gb18030"), "unreadable_text", None),
        (codecs.BOM_UTF16_LE + PLAIN.encode("utf-16-le")[:-1], "unreadable_text", None),
        ("你好\n世界\n".encode(), "no_header", None),
        ("类型\n会议\n".encode(), "no_header", None),
        ("代表编号,姓名,镇街\n007,张三,大坝街道\n".encode(), "unknown_format", 1),
        (f"{ACTIVITIES}\n".encode(), "no_rows", None),
        (f"{ACTIVITIES}\n合计,,,5\n".encode(), "no_rows", None),
        ("代表编号,日期,数量,内容,地点\n007,2026-07-01,1,,\n".encode(), "missing_columns", 1),
        (f"标题\n{ACTIVITIES},kind\n{ROW}\n".encode(), "repeated_column", 2),
        (f'{ACTIVITIES}\n{ROW}\n"007,接待选民\n'.encode(), "broken_quotes", 3),
        (f'{ACTIVITIES}\n{ROW}\n"007"x,接待选民\n'.encode(), "broken_quotes", 3),
        (f'{ACTIVITIES}\n"{"路" * 140_000}\n'.encode(), "cell_too_long", 2),
        (f"{ACTIVITIES}{',' * 1200}\n{ROW}\n".encode(), "too_many_columns", 1),
    ],
)
def test_refusals(content: bytes, code: str, row: int | None) -> None:
    """What is no table of a format is refused with what it is and where."""
    with pytest.raises(Refused) as refusal:
        read_table(content)
    assert [(p.code, p.row) for p in refusal.value.problems] == [(code, row)]
    assert str(refusal.value)


def test_offset_of_the_first_bad_byte() -> None:
    """Text that cannot be read is refused with the place of its first bad byte."""
    with pytest.raises(Refused) as refusal:
        read_table(PLAIN.encode("gb18030") + b"\xff\xff")
    [problem] = refusal.value.problems
    assert problem.details["offset"] == len(PLAIN.encode("gb18030")) + 1


def test_size_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Over the limit the refusal says the size and the limit."""
    monkeypatch.setattr(decode, "SIZE_LIMIT", 2**20)
    with pytest.raises(Refused) as refusal:
        read_table(bytes(2**20 + 1))
    assert [p.details for p in refusal.value.problems] == [{"size": 2, "limit": 1}]


@pytest.mark.parametrize("fmt", FORMATS.values(), ids=list(FORMATS))
def test_every_template_is_recognised(fmt: decode.Format) -> None:
    """The header of each format, in either language, names that format and no other."""
    for header in ([c.header for c in fmt.columns], [c.name.upper() for c in fmt.columns]):
        assert recognise(csv_bytes([header, ["x"] * len(header)])) is fmt
    required = [c.header for c in fmt.columns if c.required]
    assert recognise(csv_bytes([required])) is fmt


def test_chosen_format() -> None:
    """A format that the clerk chose is not questioned; its missing columns are named."""
    with pytest.raises(Refused) as refusal:
        read_table(f"{OPINIONS}\n1,007,2026-07-01,路,,\n".encode(), FORMATS["activities"])
    [problem] = refusal.value.problems
    assert (problem.code, problem.details["columns"]) == ("missing_columns", "类型、日期")


@pytest.mark.parametrize(
    ("filename", "quarter"),
    [
        ("2026Q3-履职活动.csv", "2026Q3"),
        ("履职活动_2026q1.csv", "2026Q1"),
        ("2026年第三季度考勤.csv", "2026Q3"),
        ("大坝街道2026年2季度.csv", "2026Q2"),
        ("2026 四季度.csv", "2026Q4"),
        ("履职活动20260701.csv", None),
        ("2026年度.csv", None),
        ("履职活动.csv", None),
    ],
)
def test_quarter_in_name(filename: str, quarter: str | None) -> None:
    """A file name that states its quarter is believed; others say nothing."""
    assert quarter_in_name(filename) == quarter


def test_what_csv_writes_is_what_is_read() -> None:
    """Quotes, delimiters and line breaks inside a cell come through."""
    content = '他说："好",\r\n"再见"'
    table = read_table(csv_bytes([ACTIVITIES.split(","), ["007", "", "", "", content]]))
    assert table.cells["content"].to_pylist() == [content]
    assert csv.field_size_limit() == 131_072
