"""An XLSX workbook as rows of text, as a person sees them in Excel or WPS.

A strict reader of what a sheet of records holds: every cell that says something is told, and
what has no text of its own (an error, a formula without a result, a number that lost its digits)
is told as a fault. Ready-made readers give an empty cell for the first two, and set aside memory
for every cell up to the last one, wherever that may be. Here memory is bounded by what is in the
file: parts are inflated as a stream up to a limit, rows are handed on one by one.

Source of the format: ECMA-376, part 1, chapter 18 (SpreadsheetML).
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from posixpath import join, normpath
from xml.parsers import expat

from data.problems import LISTED, Problem, Refused
from data.uploads.cells import fold

INFLATED_LIMIT = 600 * 1024 * 1024
CELL_LIMIT = 131_072  # characters, as in CSV
SAID_LIMIT = 150_000_000  # characters of all cells: one shared string may stand in many
_PART_LIMIT = 10_000  # of a workbook, and of its merged ranges
_PIECE = 1 << 16
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_EPOCH = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}  # noqa: DTZ001 - a sheet has no zone
_DAYS = {
    False: (61, 2_958_466),
    True: (0, 2_957_004),
}  # to 9999; before March 1900 Excel is a day out
# Built-in formats of days and times, in Chinese Excel too.
_TIMED = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_NO_PATTERN = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384
_DIGITS = 15  # that a number in a workbook keeps


def is_one(content: bytes) -> bool:
    """Whether the file is a package or compound file, whatever its name says."""
    return content.startswith((b"PK\3\4", b"PK\5\6", b"PK\7\x08", _COMPOUND[:4]))


@contextmanager
def opened(content: bytes) -> "Iterator[Workbook]":
    """The workbook; whatever is wrong with it as a whole raises Refused, also while it is read."""
    try:
        yield Workbook(content)
    except (
        zipfile.BadZipFile,
        zlib.error,
        expat.ExpatError,
        struct.error,
        LookupError,
        ValueError,
        OverflowError,
        EOFError,
        OSError,
        RuntimeError,
        NotImplementedError,
    ):
        raise _refused("damaged_workbook") from None


def _refused(code: str, **details: object) -> Refused:
    return Refused(Problem(code, details=details))


@dataclass(frozen=True)
class Merged:
    """A merged range; rows count from 1, columns from 0."""

    name: str
    top: int
    bottom: int
    left: int
    right: int


class Workbook:
    """The sheets of a workbook in their order."""

    def __init__(self, content: bytes) -> None:
        if content.startswith(_COMPOUND[:4]):
            if "EncryptedPackage".encode("utf-16-le") in content:
                raise _refused("locked_workbook")
            raise _refused("not_a_table", what="旧版 Excel（.xls）、WPS（.et）或 Word 文件")
        if content.count(b"PK\x01\x02") > _PART_LIMIT:
            raise _refused("not_a_table", what="压缩包")
        try:
            self._package = zipfile.ZipFile(io.BytesIO(content))
        except zipfile.BadZipFile:
            if b"xl/" in content:
                raise _refused("damaged_workbook") from None
            raise _refused("not_a_table", what="压缩包") from None
        self._parts = {name.lower(): name for name in self._package.namelist()}
        if what := self._other_kind():
            raise _refused("not_a_table", what=what)
        self._inflated = 0
        main = next(
            (part for kind, part in self._related("").values() if kind == "officeDocument"),
            "xl/workbook.xml",
        )
        self.date_1904 = False
        self.sheets: list[Sheet] = []
        related = self._related(main)
        for name, attributes in self._elements(main):
            if name == "workbookPr":
                self.date_1904 = attributes.get("date1904") in ("1", "true")
            elif name == "sheet":
                [mark] = [v for k, v in attributes.items() if k.endswith(":id")]
                kind, part = related[mark]
                if kind == "worksheet":
                    self.sheets.append(Sheet(self, attributes["name"], part))
        if not self.sheets:
            raise ValueError("no sheet")
        parts = dict(related.values())
        self._texts_part, self._styles_part = parts.get("sharedStrings"), parts.get("styles")

    def choose(self, names: set[str]) -> "Sheet":
        """The first sheet that bears one of the names, folded; else the first."""
        named = (s for s in self.sheets if fold(s.name).replace(" ", "").lower() in names)
        return next(named, self.sheets[0])

    def others(self, chosen: "Sheet") -> list[str]:
        """The names of the other sheets in which something stands."""
        return [
            sheet.name
            for sheet in self.sheets
            if sheet is not chosen
            and any(any(map(str.strip, row)) for _, row in sheet.rows(width=0))
        ]

    def _other_kind(self) -> str | None:
        """What kind of file the package is, if no XLSX workbook."""
        parts = self._parts.keys()
        if "xl/workbook.bin" in parts:
            return "二进制工作簿（XLSB）"
        if any(part.startswith("xl/") for part in parts):
            return None
        if any(part.startswith("word/") for part in parts):
            return "Word 文件"
        if any(part.startswith("ppt/") for part in parts):
            return "演示文稿"
        if "mimetype" in parts and "content.xml" in parts:
            return "ODF 文件（如 .ods）"
        return "压缩包"

    def _related(self, part: str) -> dict[str, tuple[str, str]]:
        """What a part refers to: mark → kind and part."""
        folder, _, name = part.rpartition("/")
        listing = f"{folder}/_rels/{name}.rels".lstrip("/")
        if listing.lower() not in self._parts:
            return {}
        return {
            a["Id"]: (
                a["Type"].rpartition("/")[2],
                normpath(join("/", folder, a["Target"])).lstrip("/"),
            )
            for name, a in self._elements(listing)
            if name == "Relationship" and a.get("TargetMode") != "External"
        }

    def _elements(self, part: str) -> list[tuple[str, dict[str, str]]]:
        """The elements of a small part, in their order, without their prefixes."""
        found: list[tuple[str, dict[str, str]]] = []

        def start(name: str, attributes: dict[str, str]) -> None:
            found.append((name.rpartition(":")[2], attributes))
            if len(found) > 100 * _PART_LIMIT:
                raise ValueError("too many elements")

        parser = _parser()
        parser.StartElementHandler = start
        for piece in self.pieces(part):
            parser.Parse(piece, False)
        parser.Parse(b"", True)
        return found

    def pieces(self, part: str) -> Iterator[bytes]:
        """A part, inflated piece by piece; raises Refused over the limit of the whole workbook."""
        with self._package.open(self._parts[part.lower()]) as stream:
            while piece := stream.read(_PIECE):
                self._inflated += len(piece)
                if self._inflated > INFLATED_LIMIT:
                    raise _refused("inflated_workbook", limit=INFLATED_LIMIT // 2**20)
                yield piece

    def size(self, part: str) -> int:
        return self._package.getinfo(self._parts[part.lower()]).file_size

    @cached_property
    def texts(self) -> list[str]:
        """The shared strings."""
        if self._texts_part is None:
            return []
        texts: list[str] = []
        said: list[str] = []
        collecting = phonetic = False

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal collecting, phonetic
            name = name.rpartition(":")[2]
            if name == "si":
                said.clear()
            elif name == "rPh":
                phonetic = True
            collecting = name == "t" and not phonetic

        def end(name: str) -> None:
            nonlocal collecting, phonetic
            collecting = False
            name = name.rpartition(":")[2]
            if name == "si":
                texts.append(_unescaped("".join(said)))
            elif name == "rPh":
                phonetic = False

        def characters(text: str) -> None:
            if collecting:
                said.append(text)
                if len(said) > 2 and sum(map(len, said)) > CELL_LIMIT:
                    raise _too_long()

        parser = _parser()
        parser.StartElementHandler = start
        parser.EndElementHandler = end
        parser.CharacterDataHandler = characters
        for piece in self.pieces(self._texts_part):
            parser.Parse(piece, False)
        parser.Parse(b"", True)
        return texts

    @cached_property
    def looks(self) -> list[str]:
        """By style number, how a number looks: "" as a number, "day" as a day or time, "000"."""
        if self._styles_part is None:
            return []
        patterns: dict[int, str] = {}
        looks = []
        inside = False
        for name, attributes in self._elements(self._styles_part):
            if name == "numFmt":
                patterns[int(attributes["numFmtId"])] = attributes.get("formatCode", "")
            elif name in ("cellXfs", "cellStyles", "dxfs"):
                inside = name == "cellXfs"
            elif name == "xf" and inside:
                number = int(attributes.get("numFmtId", "0"))
                looks.append(_look(number, patterns.get(number)))
        return looks


def _look(number: int, pattern: str | None) -> str:
    if pattern is None:
        return "day" if number in _TIMED else ""
    bare = _NO_PATTERN.sub("", pattern).split(";")[0].lower()
    if re.fullmatch("00+", bare):
        return bare
    return "day" if re.search("[ymdhs]", bare.replace("general", "")) else ""


def _parser() -> expat.XMLParserType:
    """A parser that knows no entities but those of XML itself."""
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        raise ValueError("document type")

    parser.StartDoctypeDeclHandler = refuse
    return parser


def _unescaped(text: str) -> str:
    if "_x" in text:
        text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    if len(text) > CELL_LIMIT:
        raise _too_long()
    return text


def _too_long() -> Refused:
    return _refused("cell_too_long", limit=CELL_LIMIT)


Row = tuple[int, list[str]]


@dataclass
class Sheet:
    """One sheet. What is amiss with cells is known once all its rows have been read."""

    book: Workbook
    name: str
    part: str
    faults: list[tuple[int, int, str, str]] = field(default_factory=list)  # row, column, code, text
    merged: list[Merged] = field(default_factory=list)
    share_read: float = 0.0
    _said: int = 0

    def rows(self, until: int = _LAST_ROW, width: int = _LAST_COLUMN) -> Iterator[Row]:
        """The rows that say something, up to number ``until``, numbered as the sheet shows them.

        Of what stands beyond ``width`` only the last cell is handed on, behind the others.
        """
        self.faults, self.merged, self._said = [], [], 0
        done: list[tuple[int, list[tuple[int, str]]]] = []
        parser = _parser()
        self._listen(parser, done)
        read, size = 0, max(1, self.book.size(self.part))
        for piece in self.book.pieces(self.part):
            parser.Parse(piece, False)
            read += len(piece)
            self.share_read = min(1.0, read / size)
            for number, cells in done:
                if number > until:
                    return
                yield number, _laid_out(cells, width)
            done.clear()
        parser.Parse(b"", True)
        for number, cells in done:
            if number <= until:
                yield number, _laid_out(cells, width)

    def _listen(
        self, parser: expat.XMLParserType, done: list[tuple[int, list[tuple[int, str]]]]
    ) -> None:
        texts, looks, date_1904 = self.book.texts, self.book.looks, self.book.date_1904
        prefix: str | None = None
        row = element_c = element_v = element_t = element_row = ""
        number, position = 0, -1
        cells: list[tuple[int, str]] = []
        said: list[str] = []
        kind = look = ""
        collecting = phonetic = formula = False

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal prefix, row, element_c, element_v, element_t, element_row
            nonlocal number, position, kind, look, collecting, phonetic, formula
            if name == element_c:
                before = position
                if reference := attributes.get("r"):
                    if not reference.endswith(row):
                        raise ValueError("a cell of another row")
                    position = _COLUMNS[reference[: -len(row)]]
                else:
                    position += 1
                if not before < position < _LAST_COLUMN:
                    raise ValueError("cells out of order")
                kind, look = attributes.get("t", "n"), attributes.get("s", "")
                formula = False
                said.clear()
            elif name in (element_v, element_t):
                collecting = not phonetic
            elif name == element_row:
                before = number
                number = int(attributes.get("r", number + 1))
                if not before < number <= _LAST_ROW:
                    raise ValueError("rows out of order")
                row, position = str(number), -1
                cells.clear()
            elif prefix is None:
                prefix = name.removesuffix("worksheet")
                element_c, element_v, element_t = prefix + "c", prefix + "v", prefix + "t"
                element_row = prefix + "row"
            elif name == prefix + "f":
                formula = True
            elif name == prefix + "rPh":
                phonetic = True
            elif name == prefix + "mergeCell":
                self._merge(attributes["ref"])

        def end(name: str) -> None:
            nonlocal collecting, phonetic
            if name == element_c:
                if said and kind == "s":
                    place = "".join(said)
                    if not place.isdecimal():
                        raise ValueError(place)
                    if text := texts[int(place)]:
                        cells.append((position, text))
                elif said:
                    text, code = _told("".join(said), kind, look, looks, date_1904)
                    if text:
                        cells.append((position, text))
                    if code:
                        self._fault(number, position, code, text)
                elif formula and kind != "str":
                    cells.append((position, "="))
                    self._fault(number, position, "formula_without_value", "=")
            elif name == element_row:
                if cells:
                    done.append((number, cells.copy()))
                    self._say(sum([len(text) for _, text in cells]))
            else:
                collecting = False
                if phonetic and prefix is not None and name == prefix + "rPh":
                    phonetic = False

        def characters(text: str) -> None:
            if collecting:
                said.append(text)
                if len(said) > 2 and sum(map(len, said)) > CELL_LIMIT:
                    raise _too_long()

        parser.StartElementHandler = start
        parser.EndElementHandler = end
        parser.CharacterDataHandler = characters

    def _say(self, characters: int) -> None:
        self._said += characters
        if self._said > SAID_LIMIT:
            raise _refused("inflated_workbook", limit=INFLATED_LIMIT // 2**20)

    def _fault(self, row: int, position: int, code: str, text: str) -> None:
        if len(self.faults) < 2 * LISTED:
            self.faults.append((row, position, code, text))

    def _merge(self, name: str) -> None:
        corners = [_REFERENCE.fullmatch(corner) for corner in name.split(":")]
        if len(self.merged) == _PART_LIMIT or not all(corners):
            raise ValueError("merged ranges")
        (left, top), (right, bottom) = (
            (_COLUMNS[corner[1]], int(corner[2])) for corner in (corners[0], corners[-1]) if corner
        )
        self.merged.append(Merged(name, top, bottom, left, right))


def _laid_out(cells: list[tuple[int, str]], width: int) -> list[str]:
    """The cells in a row; those beyond ``width`` at its end."""
    row = [""] * (min(cells[-1][0], width) + 1)
    for position, text in cells:
        row[min(position, width)] = text
    return row


class _Columns(dict[str, int]):
    """The letters of a column → its place from 0."""

    def __missing__(self, letters: str) -> int:
        if not re.fullmatch("[A-Z]{1,3}", letters):
            raise ValueError(letters)
        place = 0
        for letter in letters:
            place = 26 * place + ord(letter) - 64
        self[letters] = place - 1
        return place - 1


_COLUMNS = _Columns()


def _told(
    raw: str, kind: str, look: str, looks: list[str], date_1904: bool
) -> tuple[str, str | None]:
    """What a cell says as text, and the code of a fault."""
    match kind:
        case "n":
            return _number(raw, looks[int(look)] if look else "", date_1904)
        case "str" | "inlineStr":
            return _unescaped(raw), None
        case "b":
            return {"1": "是", "0": "否"}[raw], None
        case "e":
            return raw, "cell_error"
        case "d":
            return raw.removesuffix("T00:00:00"), None
    raise ValueError(kind)


def _number(raw: str, look: str, date_1904: bool) -> tuple[str, str | None]:
    """A number as it is shown, in full and to the 15 digits that a workbook keeps."""
    value = float(raw)
    if "_" in raw or not -1e300 < value < 1e300:
        raise ValueError(raw)
    first, last = _DAYS[date_1904]
    if look == "day" and first <= value < last:
        # Excel counts in days; to the second is as near as it means.
        moment = _EPOCH[date_1904] + timedelta(seconds=round(value * 86_400))
        return moment.isoformat(" ").removesuffix(" 00:00:00"), None
    if not value.is_integer():
        return format(value, f".{_DIGITS}g"), None
    text = str(int(value))
    if abs(value) >= 10**_DIGITS:
        return text, "digits_lost"
    if look.startswith("0") and value >= 0:
        return text.zfill(len(look)), None
    # A day that is not shown as one, where days count from elsewhere.
    return text, "bad_date" if date_1904 and len(text) == 5 else None
