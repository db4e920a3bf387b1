"""Workbooks read back: their values, the XML of each sheet, every formula."""

from __future__ import annotations

import html
import io
import re
import zipfile
from typing import Any

from python_calamine import CalamineWorkbook


def values(content: bytes) -> dict[str, list[list[Any]]]:
    """The rows of each sheet, by its name and in its order; empty cells are ''."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def members(content: bytes) -> dict[str, bytes]:
    """The files that a workbook is made of."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return {name: book.read(name) for name in book.namelist()}


def sheets(content: bytes) -> dict[str, str]:
    """The XML of each sheet, by its name."""
    found = members(content)
    return {
        name: found[f"xl/worksheets/sheet{number}.xml"].decode()
        for number, name in enumerate(values(content), 1)
    }


def formulas(content: bytes) -> list[tuple[str, str, str, str]]:
    """Sheet, cell, formula and kept value of every formula that there is."""
    return [
        (name, *found)
        for name, sheet in sheets(content).items()
        for found in re.findall(r'<c r="(\w+)"[^>]*><f[^>]*>(.*?)</f><v>(.*?)</v>', sheet)
    ]


def looks(content: bytes, sheet: str) -> dict[str, dict[str, str]]:
    """How each cell of a sheet looks: its number format, its fill, whether marked as text."""
    styles = members(content)["xl/styles.xml"].decode()
    codes = dict(re.findall(r'<numFmt numFmtId="(\d+)" formatCode="([^"]*)"', styles))
    codes |= {"0": "General", "2": "0.00", "3": "#,##0", "49": "@"}
    fills = re.findall(r"<fill>(.*?)</fill>", styles)
    formats = []
    for xf in re.findall(r"<xf [^>]*>", styles.split("<cellXfs")[1].split("</cellXfs>")[0]):
        given = dict(re.findall(r'(\w+)="([^"]*)"', xf))
        fill = re.search(r'fgColor rgb="FF(\w+)"', fills[int(given["fillId"])])
        formats.append(
            {
                "format": codes[given["numFmtId"]],
                "fill": f"#{fill[1]}" if fill else "",
                "text": given.get("quotePrefix", ""),
            }
        )
    cells = re.findall(r'<c r="(\w+)"(?: s="(\d+)")?', sheets(content)[sheet])
    return {cell: formats[int(style or 0)] for cell, style in cells}


def comments(content: bytes, number: int) -> dict[str, str]:
    """The comments of the sheet that is the ``number``-th with any, by cell."""
    found = re.findall(
        r'<comment ref="(\w+)"[^>]*>.*?<t(?: [^>]*)?>(.*?)</t>',
        members(content)[f"xl/comments{number}.xml"].decode(),
        re.DOTALL,
    )
    return {cell: html.unescape(text) for cell, text in found}
