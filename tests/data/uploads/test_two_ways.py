"""The quick ways of reading and the slow ones agree, cell for cell and row for row."""

import io
import os
from unittest.mock import patch

import pyarrow as pa
from files import ACTIVITIES, xlsx_bytes
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import load_workbook

from data.problems import Problem
from data.uploads import check, decode, workbook
from data.uploads.cells import read_cell
from data.uploads.decode import Refused, read_table
from data.uploads.formats import FORMATS, Column

TIMES = int(os.environ.get("FUZZ_TIMES", "1"))  # for a long run by hand

PIECES = st.one_of(
    st.sampled_from(
        ["007", "D2", "接待选民", "2026-07-01", "7月", "合计", "填表人：张三", "代表编号"]
    ),
    st.sampled_from(
        [",", ",", "\n", "\n", "\r\n", "\r", '"', '""', " ", "\t", "\0", "\ufeff", "　"]
    ),
    st.sampled_from(["007,接待选民,2026-07-01,1,修路\n", "\n,,,,\n", "\n合计,,,5,\n", ACTIVITIES]),
    st.sampled_from(['D2,入户走访,2026-07-02,3,"修桥,""甲""\n乙"\n', "x" * 140_000]),
)

Read = tuple[list[int], list[dict[str, str]], list[Problem]] | list[Problem]


def read(content: bytes) -> Read:
    try:
        table = read_table(content, FORMATS["activities"])
    except Refused as refusal:
        return refusal.problems
    told = sorted(table.problems, key=lambda p: (p.row or 0, p.code, p.column or ""))
    return table.numbers.tolist(), table.cells.to_pylist(), told


@given(st.lists(PIECES, max_size=30), st.booleans())
@settings(max_examples=300 * TIMES, deadline=None)
def test_text_is_read_alike(pieces: list[str], headed: bool) -> None:
    """What pyarrow reads is what Python's strict reader reads, with the same row numbers."""
    content = ((f"{ACTIVITIES}\n" if headed else "") + "".join(pieces)).encode()
    quick = read(content)
    with patch.object(decode, "_read_regular", lambda *_: False):
        assert quick == read(content)


TEXTS = st.text(
    st.one_of(
        st.sampled_from("接待选民修路　 ，。、；：“”（）《》【】·_./#,:;()！!？?%～—+-09azAZ"),
        st.sampled_from("=@<>'\"&*|$\t\n\u200b\ufeff\xad²½①Ａ；－＝﹣龥龦鿿㐀𠮷\ue000\ufffd"),
        st.characters(),
    ),
    max_size=12,
)
WORDS = st.lists(
    st.one_of(
        TEXTS, st.sampled_from(["select", "from", "DROP", "table", "javascript:", "--", "1.2E+17"])
    ),
    max_size=6,
).map("".join)
TEXT_COLUMNS = [FORMATS["activities"].column(n) for n in ("content", "campaign", "delegate_id")]


@given(st.lists(WORDS, min_size=20, max_size=200), st.sampled_from(TEXT_COLUMNS))
@settings(max_examples=200 * TIMES, deadline=None)
def test_tidy_texts_are_what_they_say(texts: list[str], column: Column) -> None:
    """A text that is let through unread is one that ``read_cell`` gives back as it is."""
    texts = [text.encode("utf-8", "ignore").decode() for text in texts]
    for text, let_through in zip(texts, check._tidy(pa.array(texts), column), strict=True):
        if let_through:
            assert read_cell(text, column) == text


def test_most_texts_are_tidy() -> None:
    """The quick way is taken: the texts of an ordinary file need no look at each."""
    texts = ["走访困难群众3户，协调用水纠纷。", "A区-3 号，电话：138", "农田水利（二期）", "D0007"]
    assert check._tidy(pa.array(texts), TEXT_COLUMNS[0]).all()
    assert check._tidy(pa.array(["D0007", "大坝街道", "2026-A/3"]), TEXT_COLUMNS[1]).all()


CELLS = st.one_of(
    st.text(
        st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=9
    ).filter(
        lambda text: (
            text.strip()
            and not text.startswith(("=", "{"))
            and "://" not in text
            and not text.startswith(("mailto:", "internal:", "external:"))
        )
    ),
    st.integers(-(10**14), 10**14),
    st.booleans(),
    st.just(""),
)


@given(st.lists(st.lists(CELLS, min_size=1, max_size=5), min_size=1, max_size=8))
@settings(max_examples=60 * TIMES, deadline=None)
def test_workbooks_are_read_as_calamine_reads_them(rows: list[list[object]]) -> None:
    """Text, numbers, truth values and places are those that an independent reader finds."""
    content = xlsx_bytes(rows)
    with workbook.opened(content) as book:
        found = dict(book.sheets[0].rows())
    sheet = load_workbook(io.BytesIO(content)).get_sheet_by_index(0)
    expected = {}
    for number, row in enumerate(sheet.to_python(skip_empty_area=False), 1):
        told = [
            {True: "是", False: "否"}[cell]
            if isinstance(cell, bool)
            else f"{cell:.0f}"
            if isinstance(cell, float)
            else str(cell)
            for cell in row
        ]
        while told and not told[-1]:
            told.pop()
        if told:
            expected[number] = told
    assert found == expected
