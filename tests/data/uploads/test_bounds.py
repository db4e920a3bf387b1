"""Hostile and hopeless files are refused in seconds and in little memory.

All go through one process of its own, so that its peak memory is theirs.
"""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
SECONDS, MEGABYTES = 5.0, 700

SCRIPT = """
import io, json, re, sys, time, zipfile, zlib

def peak():
    # Megabytes. What getrusage tells begins with the size of the process that this one came from.
    with open("/proc/self/status") as status:
        return int(re.search("VmHWM:\\s+(\\d+)", status.read())[1]) // 1024

sys.path[:0] = [".", "tests/support"]
from files import ACTIVITIES, xlsx_parts
from data.uploads import workbook
from data.uploads.check import Registers, Sent, check
import pandas as pd

NOTHING = pd.DataFrame({
    "record_id": pd.Series(dtype="str"), "delegate_id": pd.Series(dtype="str"),
    "date": pd.Series(dtype="datetime64[us]"), "fingerprint": pd.Series(dtype="str"),
})
KNOWN = Registers(1, frozenset(), {}, {"activities": NOTHING})
HEAD = ACTIVITIES + chr(10)
ROW = "007,接待选民,2026-07-01,2,修路" + chr(10)


def rezipped(part, pieces):
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx_parts('<row r="1">{}</row>'))) as whole, zipfile.ZipFile(
        packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1
    ) as package:
        for name in whole.namelist():
            if name != part:
                package.writestr(name, whole.read(name))
        with package.open(part, "w", force_zip64=True) as out:
            for piece in pieces:
                out.write(piece)
    return packed.getvalue()


def lying(content):
    "The same archive, which says that each part is 100 bytes long."
    said = bytearray(content)
    at = content.find(b"PK\\x01\\x02")
    while at >= 0:
        said[at + 24 : at + 28] = (100).to_bytes(4, "little")
        at = content.find(b"PK\\x01\\x02", at + 4)
    return bytes(said)


BLANK = b" " * (1 << 20)
SHEET = b'<worksheet><sheetData><row r="1"><c t="inlineStr"><is><t>'
LONG = "<si><t>" + "x" * 32_000 + "</t></si>"
BOMB = rezipped("xl/s.xml", [b"<worksheet><sheetData>", *[BLANK] * 610])
ENTITY = (
    '<!DOCTYPE x [<!ENTITY a "' + "a" * 1000 + '">'
    + "".join(f'<!ENTITY {chr(98 + i)} "{("&" + chr(97 + i) + ";") * 20}">' for i in range(8))
    + "]><worksheet><sheetData><row><c><v>&h;</v></c></row></sheetData></worksheet>"
)
FILES = {
    "a bomb": lambda: BOMB,
    "a bomb in the strings": lambda: rezipped("xl/t.xml", [b"<sst><si><t>", *[BLANK] * 610]),
    "a lying bomb": lambda: lying(BOMB),
    "entities": lambda: rezipped("xl/s.xml", [ENTITY.encode()]),
    "a long string in many cells": lambda: xlsx_parts(
        '<row r="1">{}</row>' + '<row>' + '<c t="s"><v>0</v></c>' * 5 + '</row>' * 1 + (
            '<row>' + '<c t="s"><v>0</v></c>' * 5 + '</row>') * 20_000, LONG),
    "the last cell of a sheet": lambda: xlsx_parts(
        '<row r="1">{}</row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
    "far cells in many rows": lambda: xlsx_parts(
        '<row r="1">{}</row>' + "".join(
            f'<row r="{i}"><c r="XFD{i}"><v>1</v></c></row>' for i in range(2, 50_000))),
    "many merged ranges": lambda: xlsx_parts('<row r="1">{}</row><row r="2"><c><v>1</v></c></row>',
        after="<mergeCells>" + '<mergeCell ref="X9:Z9"/>' * 300_000 + "</mergeCells>"),
    "many parts": lambda: b"PK\\x03\\x04" + b"PK\\x01\\x02" * 500_000,
    "a workbook in a workbook": lambda: rezipped("xl/s.xml", [BOMB]),
    "a long cell": lambda: (HEAD + "x" * 1_100_000).encode(),
    "a long cell in a workbook": lambda: xlsx_parts('<row r="1">{}</row>', "<si><t>" + "x" * 1_100_000 + "</t></si>"),
    "many columns": lambda: (HEAD.strip() + ",x" * 100_000 + chr(10) + ROW).encode(),
    "many columns in a workbook": lambda: xlsx_parts(
        '<row r="1">{}' + '<c t="inlineStr"><is><t>x</t></is></c>' * 16_000 + "</row>"),
    "an open quote": lambda: (HEAD + ROW * 100 + '"' + ROW * 1_000_000).encode(),
    "quotes in a row": lambda: (HEAD + ',"' + '""' * 5_000_000 + "x").encode(),
    "quotes and letters": lambda: (HEAD + ',"a' * 5_000_000).encode(),
    "line ends": lambda: (HEAD + chr(10) * 40_000_000).encode(),
    "blank rows": lambda: (HEAD + (",,,," + chr(10)) * 1_000_000).encode(),
    "short rows": lambda: (HEAD + ("x" + chr(10)) * 100_000).encode(),
    "control characters": lambda: (HEAD + ("a,b,c,1,x" + chr(7) + chr(10)) * 100_000).encode(),
    "nothing right": lambda: (HEAD + ("a,b,c,d,<x" + chr(10)) * 200_000).encode(),
}
for name, make in FILES.items():
    content = make()
    start = time.perf_counter()
    checked = check(Sent("2026Q3", content), KNOWN)
    print(json.dumps([
        name, time.perf_counter() - start,
        sorted({p.code for p in checked.problems if p.level == "error"}), len(checked.problems),
        peak(),
    ]), flush=True)
"""

REFUSED = {
    "a bomb": ["inflated_workbook"],
    "a bomb in the strings": ["cell_too_long"],
    "a lying bomb": ["damaged_workbook"],
    "entities": ["damaged_workbook"],
    "a long string in many cells": ["inflated_workbook"],
    "many merged ranges": ["damaged_workbook"],
    "many parts": ["not_a_table"],
    "a workbook in a workbook": ["damaged_workbook"],
    "a long cell": ["cell_too_long"],
    "a long cell in a workbook": ["cell_too_long"],
    "many columns": ["too_many_columns"],
    "many columns in a workbook": ["too_many_columns"],
    "an open quote": ["cell_too_long"],
    "quotes in a row": ["cell_too_long"],
    "line ends": ["too_many_rows"],
    "blank rows": ["no_rows"],
}


def test_hostile_files() -> None:
    """Each is refused with a reason, none takes long, and memory stays small throughout."""
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    told = [json.loads(line) for line in run.stdout.splitlines()]
    for name, seconds, errors, count, _ in told:
        assert errors, name
        assert errors == REFUSED.get(name, errors), name
        assert count <= 10_001, name
        assert seconds < SECONDS, name
    assert max(line[-1] for line in told) < MEGABYTES
