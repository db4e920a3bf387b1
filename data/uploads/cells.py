"""What one cell says: a value of its column's kind, or what is wrong with it.

Rule: formats.md, "What a cell may look like". Anything else is a fault at that cell, never a guess.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from data.uploads.formats import Column

TEXT_LIMIT = 2000  # characters

_INVISIBLE = dict.fromkeys([0xAD, *range(0x200B, 0x2010), 0x2060, 0xFEFF])
_FULL_WIDTH = str.maketrans("０１２３４５６７８９．，－＋／：", "0123456789.,-+/:")
_NUMBER = re.compile(r"[+-]?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)(\.[0-9]+)?")
_MIDNIGHT = r"(?:[ T]0{1,2}:00(?::00(?:\.0+)?)?)?"
_DATES = (
    re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})" + _MIDNIGHT),
    re.compile(r"([0-9]{4})()([0-9]{2})([0-9]{2})" + _MIDNIGHT),
    re.compile(r"([0-9]{4})(年)([0-9]{1,2})月([0-9]{1,2})日" + _MIDNIGHT),
)
_SERIAL = re.compile(r"[0-9]{5}(\.0+)?")
_SERIAL_EPOCH = date(1899, 12, 30)  # Excel's day 0, as it counts from March 1900 on
_YEARS = range(1900, 2200)
_BOOLEANS = {"是": True, "有": True, "1": True, "√": True, "y": True} | {
    "否": False, "无": False, "0": False, "×": False, "n": False
}  # fmt: skip
# What no keyboard types: control characters, and the marks that turn the reading direction.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069]")
# What a spreadsheet makes of a long number: the digits behind are gone.
_ROUNDED = re.compile(r"[0-9](\.[0-9]+)?E\+[0-9]{2,3}", re.IGNORECASE)
# Where a character was lost on the way: its replacement, or a code that each program reads its way.
_LOST = re.compile(r"[\ufffd\ue000-\uf8ff]")
_FORMULA = re.compile(r"[=@]|[+\-][\w.$]*[(*/+|!]")
_MARKUP = re.compile(r"<\s*[A-Za-z/!?]|javascript:", re.IGNORECASE)
_SQL = re.compile(
    r"\b(drop|alter|create|truncate)\s+(table|view|schema|database)\b|\bdelete\s+from\b"
    r"|\binsert\s+into\b|\bunion\s+(all\s+)?select\b|\bselect\b.+\bfrom\b|\bupdate\b.+\bset\b"
    r"|'\s*(or|and)\s+.+=|;\s*--",
    # ASCII: a word of SQL ends where Chinese begins.
    re.IGNORECASE | re.DOTALL | re.ASCII,
)

# Plain text: Chinese characters and marks that NFKC leaves alone or that mean nothing to anyone
# but the reader, letters, digits. No = @ < ' and no sign that NFKC would turn into one of them.
_PLAIN = r"0-9A-Za-z\x{3400}-\x{4dbf}\x{4e00}-\x{9fa5}。、“”《》【】·_./#"
_MARKS = r",:;，：；（）()！!？?%～—+-"
_TIDY = {
    "label": rf"^[{_PLAIN}][{_PLAIN}-]*$",
    "prose": rf"^[{_PLAIN}，：；（）(！%～—][{_PLAIN}{_MARKS}]*(?: [{_PLAIN}{_MARKS}]+)*$",
}
# A word of SQL or of a script, or its comment: to be looked at. (Needs a letter or two hyphens.)
_TELLING = r"(?i)--|drop|alter|create|truncate|delete|insert|union|select|update|javascript"

Value = str | int | float | bool | date | list[str] | None


@dataclass(frozen=True)
class Fault:
    """What is wrong with a cell: the code of a problem, and what its sentence names."""

    code: str
    details: Mapping[str, object] = field(default_factory=dict)


def fold(text: str) -> str:
    """How text is compared: NFKC, no zero-width characters, single inner spaces."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(_INVISIBLE)
    return " ".join(text.split())


def read_cell(text: str, column: Column) -> Value | Fault:
    """The value of one cell, None if it is empty, or what is wrong with it."""
    if _CONTROL.search(text):
        return Fault("control_character")
    folded = fold(text)
    if not folded:
        return None
    match column.kind:
        case "date":
            return _read_date(_figures(text))
        case "integer" | "number":
            return _read_number(_figures(text), column)
        case "boolean":
            return _BOOLEANS.get(folded.lower(), Fault("bad_boolean"))
        case "choice":
            return _read_choice(folded, column)
    if fault := _harmful(folded, column):
        return fault
    match column.kind:
        case "identifiers":
            return [part for part in re.split(r"[;、,\s]+", folded) if part] or None
        case "prose":
            # Kept as written, Chinese punctuation and all; only white space is made even.
            return " ".join(text.replace("\u200b", "").replace("\ufeff", "").split())
        case _:
            return folded


def tidy(kind: str) -> tuple[str, str] | None:
    """Two patterns (of RE2): a text up to TEXT_LIMIT that matches the first and not the second
    ``read_cell`` gives back as it is, whatever the column of this kind, 姓名 excepted.

    They let a million plain texts through without a look at each; they need not know all of them.
    """
    return (_TIDY[kind], _TELLING) if kind in _TIDY else None


def _figures(text: str) -> str:
    """Digits unfolded by hand: NFKC would read 5² as 52."""
    if not text.isascii():
        text = text.translate(_INVISIBLE).translate(_FULL_WIDTH)
    return " ".join(text.split())


def _harmful(folded: str, column: Column) -> Fault | None:
    """Why text is not only text: a novel, a formula, markup, SQL, or what is left of a name."""
    if len(folded) > TEXT_LIMIT:
        return Fault("text_too_long", {"limit": TEXT_LIMIT})
    if _FORMULA.match(folded):
        return Fault("formula")
    if column.kind != "prose" and _ROUNDED.fullmatch(folded):
        return Fault("digits_lost")
    if _MARKUP.search(folded):
        return Fault("markup")
    if _SQL.search(folded):
        return Fault("sql")
    if _LOST.search(folded) or (column.name == "name" and "?" in folded):
        return Fault("lost_character")
    return None


def _read_date(text: str) -> date | Fault:
    for notation in _DATES:
        if match := notation.fullmatch(text):
            year, month, day = int(match[1]), int(match[3]), int(match[4])
            try:
                return date(year, month, day) if year in _YEARS else Fault("bad_date")
            except ValueError:
                return Fault("bad_date")
    if _SERIAL.fullmatch(text):
        return _SERIAL_EPOCH + timedelta(days=int(float(text)))
    return Fault("bad_date")


def _read_number(text: str, column: Column) -> float | int | Fault:
    if not _NUMBER.fullmatch(text):
        return Fault("formula") if _FORMULA.match(text) else Fault("bad_number")
    number = float(text.replace(",", ""))
    if column.kind == "number":
        return number
    return int(number) if number.is_integer() and abs(number) < 2**53 else Fault("bad_integer")


def _read_choice(text: str, column: Column) -> str | Fault:
    assert column.choices is not None
    if text in column.choices:
        return column.choices[text]
    if text.lower() in column.choices.values():
        return text.lower()
    if column.name == "level" and text == "市级":
        return Fault("ambiguous_level")
    return Fault("bad_choice", {"choices": "、".join(column.choices)})
