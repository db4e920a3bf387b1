"""Files as an office would send them: the worked cases, quarter by quarter, and small ones."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import xlsxwriter

from data.period import Period
from data.uploads.check import Sent
from data.uploads.formats import FORMATS

CASES = Path(__file__).parents[1] / "cases"


def csv_bytes(
    rows: Iterable[Sequence[object]], encoding: str = "utf-8", delimiter: str = ","
) -> bytes:
    """The rows as a CSV file."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode(encoding)


def xlsx_bytes(
    rows: Iterable[Sequence[object]],
    name: str = "Sheet1",
    merged: Sequence[str] = (),
    more: Mapping[str, Iterable[Sequence[object]]] | None = None,
) -> bytes:
    """The rows as an XLSX workbook; days as days, numbers as numbers; ``more`` sheets after it."""
    packed = io.BytesIO()
    with xlsxwriter.Workbook(packed, {"default_date_format": "yyyy/m/d"}) as book:
        for title, lines in {name: rows, **(more or {})}.items():
            page = book.add_worksheet(title)
            for at, row in enumerate(lines):
                page.write_row(at, 0, row)
            for spread in merged if title == name else ():
                page.merge_range(spread, "x")
    return packed.getvalue()


_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


def xlsx_parts(rows: str, strings: str = "", after: str = "", **parts: str) -> bytes:
    """A workbook of the XML of its rows, in which ``{}`` stands for the header of ACTIVITIES.

    ``strings``: the shared ones; ``after``: what follows the rows; ``parts``: styles, workbook.
    """
    header = "".join(
        f'<c t="inlineStr"><is><t>{title}</t></is></c>' for title in ACTIVITIES.split(",")
    )
    related = "".join(
        f'<Relationship Id="r{kind}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for kind, target in (
            ("worksheet", "s.xml"),
            ("sharedStrings", "t.xml"),
            ("styles", "y.xml"),
        )
    )
    files = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        f'<Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f"{related}</Relationships>",
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
        f"{parts.get('workbook', '')}"
        '<sheets><sheet name="S" sheetId="1" r:id="rworksheet"/></sheets></workbook>',
        "xl/s.xml": f'<worksheet xmlns="{_MAIN}"><sheetData>{rows.replace("{}", header)}'
        f"</sheetData>{after}</worksheet>",
        "xl/t.xml": f'<sst xmlns="{_MAIN}">{strings}</sst>',
        "xl/y.xml": f'<styleSheet xmlns="{_MAIN}">{parts.get("styles", "")}</styleSheet>',
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>' + text)
    return packed.getvalue()


def worked_cases() -> list[Sent]:
    """The worked cases as uploads: a file per register, and per format and quarter of records."""
    files = []
    for fmt in FORMATS.values():
        path = CASES / f"{fmt.name}.csv"
        if not path.exists():
            continue
        with path.open(encoding="utf-8-sig", newline="") as file:
            header, *rows = csv.reader(file)
        if fmt.date is None:
            files.append(Sent(path.name, csv_bytes([header, *rows]), fmt))
            continue
        dated = header.index(fmt.column(fmt.date).header)
        quarters: dict[Period, list[list[str]]] = {}
        for row in rows:
            year, month = int(row[dated][:4]), int(row[dated][5:7])
            quarter = Period.parse(f"{year}Q{(month + 2) // 3}")
            quarters.setdefault(quarter, []).append(row)
        files += [
            Sent(f"{fmt.name}-{quarter}.csv", csv_bytes([header, *quarters[quarter]]), fmt, quarter)
            for quarter in sorted(quarters)
        ]
    return files


TOWNSHIPS = [["镇街", "类型"], ["大坝街道", "街道"], ["龙山镇", "镇"]]
ROSTER = [
    ["代表编号", "姓名", "层级", "镇街", "任职起", "任职止"],
    ["007", "张三", "县级", "大坝街道", "2021-12-20", ""],
    ["D2", "李四", "乡镇级", "龙山镇", "2021-12-20", ""],
    ["D3", "张三", "乡镇级", "龙山镇", "2021-12-20", ""],
    ["D4", "王五", "乡镇级", "龙山镇", "2021-12-20", "2026-06-30"],
]


def registers_of_two_townships() -> list[Sent]:
    """Two townships and four delegates: namesakes, and one whose mandate has ended."""
    return [Sent("镇街.csv", csv_bytes(TOWNSHIPS)), Sent("代表名册.csv", csv_bytes(ROSTER))]


def sheet(*lines: str, name: str = "file.csv", encoding: str = "utf-8") -> Sent:
    """A file of these lines, its format and quarter left to be recognised."""
    return Sent(name, "".join(f"{line}\n" for line in lines).encode(encoding))


ACTIVITIES = "代表编号,类型,日期,数量,内容"
ATTENDANCE = "活动号,活动类型,日期,代表编号,结果"
OPINIONS = "编号,代表编号,收集日期,诉求,办结日期,结果"
SUGGESTIONS = "建议号,标题,领衔代表编号,附议代表编号,提出日期,交办日期,答复日期,办理结果"
