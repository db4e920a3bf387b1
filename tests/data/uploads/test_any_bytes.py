"""Whatever bytes are sent, the answer is rows or problems, and no stored value is invented.

A longer run by hand: ``FUZZ_TIMES=100 uv run pytest tests/data/uploads/test_any_bytes.py``.
"""

import codecs
import contextlib
import html
import io
import os
import re
import zipfile
from collections.abc import Callable

import pytest
from files import ACTIVITIES, xlsx_bytes, xlsx_parts
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.uploads.cells import fold, read_cell
from data.uploads.check import Checked, Registers, Sent, check
from data.uploads.formats import FORMATS

TIMES = int(os.environ.get("FUZZ_TIMES", "1"))
fuzzed: Callable[..., Callable[..., None]] = settings(
    max_examples=120 * TIMES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

LINES = [
    ACTIVITIES,
    "007,接待选民,2026-07-01,2,修路，𠮷䶮㛃",
    'D2,入户走访,2026/7/2,3,"甲,乙"',
    "",
    "D3,志愿服务,20260703,1,清扫街道",
    "合计,,,6,",
]
TEXT = "\r\n".join(LINES) + "\r\n"
GOOD = [
    TEXT.encode(),
    TEXT.encode("utf-8-sig"),
    TEXT.encode("gb18030"),
    codecs.BOM_UTF16_LE + TEXT.replace(",", "\t").encode("utf-16-le"),
    xlsx_bytes([line.split(",") for line in LINES]),
]
SHEET = xlsx_parts(
    '<row r="1">{}</row><row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2" t="str"><f>A1</f>'
    '<v>接待选民</v></c><c r="C2" s="1"><v>46204</v></c><c r="D2"><v>2</v></c></row>',
    "<si><t>007</t></si>",
    '<mergeCells count="1"><mergeCell ref="A9:B9"/></mergeCells>',
    styles='<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>',
)

CHANGES = st.lists(
    st.tuples(
        st.floats(0, 1, exclude_max=True),
        st.sampled_from(["set", "insert", "cut", "double", "truncate"]),
        st.one_of(
            st.binary(min_size=1, max_size=4),
            st.sampled_from([b",", b'"', b"\n", b"\r", b"\0", b"\t", b"<", b"&", b'"1"', b"/>"]),
        ),
    ),
    min_size=1,
    max_size=5,
)


def changed(content: bytes, changes: list[tuple[float, str, bytes]]) -> bytes:
    """The file after some accidents."""
    for where, what, put in changes:
        at = int(where * len(content))
        content = {
            "set": content[:at] + put + content[at + len(put) :],
            "insert": content[:at] + put + content[at:],
            "cut": content[:at] + content[at + 9 * len(put) :],
            "double": content[:at] + content[at : at + 40] + content[at:],
            "truncate": content[:at] if where > 0.5 else content,
        }[what]
    return content


def texts_of(content: bytes) -> list[str]:
    """All that the file can be said to hold, however it is read."""
    if not zipfile.is_zipfile(io.BytesIO(content)):
        encodings = ("utf-8", "gb18030", "utf-16-le", "utf-16-be")
        return [content.decode(name, "ignore").replace('""', '"') for name in encodings]
    texts = []
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        for name in package.namelist():
            with contextlib.suppress(Exception):  # a part that nobody can read
                texts.append(package.read(name).decode("utf-8", "replace"))
    return [html.unescape(re.sub("<[^>]*>", "\n", text)) for text in texts]


def assert_nothing_invented(checked: Checked, content: bytes) -> None:
    """Each stored text stands in the file, and each day is what some of its text says."""
    if checked.rows is None or checked.format is not FORMATS["activities"]:
        return
    texts = texts_of(content)
    folded = "\n".join(fold(text) for text in texts) + "\n".join(" ".join(t.split()) for t in texts)
    date = checked.format.column("date")
    days = {str(read_cell(p, date)) for t in texts for p in re.split(r'[,;\t\r\n"，]', t)}
    for row in checked.rows.itertuples():
        for value in (row.delegate_id, row.kind, row.content):
            assert not isinstance(value, str) or value.replace('""', '"') in folded
        assert row.date != row.date or str(row.date.date()) in days


@given(st.binary(max_size=400))
@fuzzed
def test_any_bytes(known: Registers, content: bytes) -> None:
    """Bytes of no meaning are refused, never an exception."""
    assert check(Sent("x", content, FORMATS["activities"]), known).has_errors


@pytest.mark.parametrize("good", GOOD, ids=["utf-8", "bom", "gb18030", "utf-16", "xlsx"])
@given(changes=CHANGES)
@fuzzed
def test_damaged_files(
    known: Registers, good: bytes, changes: list[tuple[float, str, bytes]]
) -> None:
    """A good file after some accidents gives rows or problems, and only what stands in it."""
    content = changed(good, changes)
    assert_nothing_invented(check(Sent("2026Q3", content), known), content)


@pytest.mark.parametrize("part", ["xl/s.xml", "xl/t.xml", "xl/y.xml", "xl/workbook.xml"])
@given(changes=CHANGES)
@fuzzed
def test_damaged_parts(
    known: Registers, part: str, changes: list[tuple[float, str, bytes]]
) -> None:
    """The same of a workbook whose wrapping is whole and whose inside is not."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(SHEET)) as whole, zipfile.ZipFile(packed, "w") as package:
        for name in whole.namelist():
            inside = whole.read(name)
            package.writestr(name, changed(inside, changes) if name == part else inside)
    checked = check(Sent("2026Q3", packed.getvalue()), known)
    if part != "xl/y.xml":  # styles say what day a number is
        assert checked.rows is None or set(checked.rows["kind"].dropna()) <= {"接待选民"}
