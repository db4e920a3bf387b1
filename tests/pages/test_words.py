"""The words on the screen: every message has its English, and no text gets past the catalogue.

What the code can say is read from the code itself: the texts given to ``_`` (from the syntax
tree, since Babel's extractor does not look inside f-strings on Python 3.11) and the declarations
whose texts reach ``_`` by value.
"""

import ast
import re
import string
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from data import backups, scheme
from data.access import ROLES
from data.access.accounts import FAULTS
from data.access.passwords import WEAKNESSES
from data.problems import DATABASE, SENTENCES
from data.record import DEEDS
from data.uploads import formats
from pages.papers import PAPERS
from pages.words import CATALOGUES, LANGUAGES, _, language, speak, terms
from queries import dictionary

ROOT = Path(__file__).parents[2]
HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+")
LATIN = re.compile(r"[A-Za-z]+")
# Chinese punctuation, and the marks that Chinese fonts draw as wide as a character.
CHINESE_MARKS = re.compile(r"[\u2018-\u201f\u2026\u3000-\u303f\uff01-\uff5e]")

# What a Chinese office writes in Latin letters.
LATIN_IN_CHINESE = {"CSV", "Excel", "GB", "MB", "UTF", "WPS", "XLSX", "n", "wal"}
# Chinese texts in the pages that are no message, each with the reason.
NO_MESSAGE = {
    LANGUAGES["zh"]: "a language is named in itself",
    "一二三四": "the numbers of the quarters, each of which is a message",
}
MARKDOWN = set("\\`*_{}[]()<>#+-.!|~$:&")

Said = tuple[str, str]  # a message and the file that it stands in


def page_files() -> list[Path]:
    return [ROOT / "app.py", *sorted((ROOT / "pages").rglob("*.py"))]


@cache
def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text("utf-8"))


def is_chinese(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and HAN.search(node.value) is not None
    )


def given_to_gettext(file: Path) -> Iterator[ast.Constant]:
    """The texts that stand as the first argument of ``_``."""
    for node in ast.walk(tree_of(file)):
        match node:
            case ast.Call(func=ast.Name(id="_"), args=[ast.Constant() as text, *_]):
                yield text


def docstrings(file: Path) -> Iterator[ast.expr]:
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(tree_of(file)):
        if isinstance(node, kinds) and ast.get_docstring(node) is not None:
            assert isinstance(node.body[0], ast.Expr)
            yield node.body[0].value


def held_by_constants(file: Path) -> Iterator[str]:
    """The Chinese texts of a module's constants: values of a dict, members of a tuple."""
    for node in tree_of(file).body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Dict(values=members)):
                pass
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Tuple(elts=members)):
                pass
            case _:
                continue
        if name.isupper():
            yield from (m.value for m in members if is_chinese(m) and m.value not in NO_MESSAGE)


def in_formats() -> Iterator[str]:
    """Titles, column headers, and the values that a cell may hold."""
    for fmt in formats.FORMATS.values():
        yield fmt.title
        for column in fmt.columns:
            yield column.header
            yield from filter(HAN.search, column.choices or ())


def in_scheme() -> Iterator[str]:
    said = tomllib.loads(scheme.DEFAULT.read_text("utf-8"))
    for indicator in said["indicator"]:
        yield from (indicator["name"], indicator["unit"], indicator["diligence"])
    yield from (dimension["name"] for dimension in said["dimension"])
    yield from (band["grade"] for band in said["band"])


def kinds_of_evidence() -> Iterator[str]:
    """What the query calls the records that have no kind of their own."""
    query = (ROOT / "queries/delegate/evidences.sql").read_text("utf-8")
    yield from re.findall(rf"'({HAN.pattern})',\s+''", query)


def in_the_door() -> Iterator[str]:
    """What the template of the door's pages says."""
    template = (ROOT / "pages/door/paper.html").read_text("utf-8")
    yield from re.findall(r"""_\(["']([^"']+)["']\)""", template)


@cache
def in_dictionary() -> list[str]:
    columns = [*dictionary.COLUMNS.values(), *dictionary.BY_INDICATOR.values()]
    columns.append(dictionary.BY_DIMENSION)
    said = [text for c in columns for text in (c.title, c.unit, c.meaning, c.source)]
    return [text for text in [*said, *dictionary.RATES.values()] if HAN.search(text)]


def declared() -> set[Said]:
    """The messages that reach ``_`` by value."""
    sources = {
        "data/problems.py": [*SENTENCES.values(), *DATABASE.values()],
        "data/backups.py": backups.WHY.values(),
        "data/access/__init__.py": ROLES.values(),
        "data/access/accounts.py": FAULTS.values(),
        "data/access/passwords.py": WEAKNESSES.values(),
        "data/record.py": DEEDS.values(),
        "pages/door/paper.html": in_the_door(),
        "data/uploads/formats.py": in_formats(),
        "data/scheme/default.toml": in_scheme(),
        "queries/delegate/evidences.sql": kinds_of_evidence(),
        "queries/dictionary.py": in_dictionary(),
        "pages/papers/__init__.py": [paper.title for paper in PAPERS.values()],
        "pages/words/terms.py": "一二三四",
    }
    pages = {(text, place(f)) for f in page_files() for text in held_by_constants(f)}
    return pages | {(text, source) for source, texts in sources.items() for text in texts}


@cache
def messages() -> set[Said]:
    """Everything that the code can say."""
    return declared() | {(t.value, place(f)) for f in page_files() for t in given_to_gettext(f)}


def place(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


@cache
def english() -> Catalog:
    with (CATALOGUES / "en.po").open("rb") as file:
        return read_po(file, locale="en")


@cache
def translations() -> dict[str, str]:
    return {str(m.id): str(m.string) for m in english() if m.id}


def placeholders(text: str) -> set[str | None]:
    return {name for _text, name, _spec, _conversion in string.Formatter().parse(text)} - {None}


@pytest.fixture(autouse=True)
def chinese_again() -> Iterator[None]:
    yield
    speak("zh")


# The catalogue


def test_every_message_has_its_english() -> None:
    missing = sorted(f"{file}: {text}" for text, file in messages() if not translations().get(text))
    assert not missing, "no English in pages/words/en.po:\n" + "\n".join(missing)


def test_the_catalogue_has_nothing_that_the_code_no_longer_says() -> None:
    surplus = sorted(translations().keys() - {text for text, _file in messages()})
    assert not surplus, "no longer said, so to be taken out of pages/words/en.po:\n" + "\n".join(
        surplus
    )


def test_each_message_stands_in_the_catalogue_once() -> None:
    lines = (CATALOGUES / "en.po").read_text("utf-8").splitlines()
    header = 1
    assert sum(line.startswith("msgid ") for line in lines) == len(translations()) + header
    assert not english().obsolete
    assert not [m.id for m in english() if m.id and m.fuzzy]


def test_english_fills_in_what_chinese_fills_in() -> None:
    amiss = [(zh, en) for zh, en in translations().items() if placeholders(zh) != placeholders(en)]
    assert not amiss


def test_english_is_in_english() -> None:
    """No Chinese punctuation; Chinese words only where the message quotes what a cell holds."""
    amiss = [
        en
        for zh, en in translations().items()
        if CHINESE_MARKS.search(en) or not all(word in zh for word in HAN.findall(en))
    ]
    assert not amiss


# The code


def test_chinese_is_in_chinese() -> None:
    latin = {text: set(LATIN.findall(re.sub(r"{\w+}", "", text))) for text, _file in messages()}
    assert not {text: words for text, words in latin.items() if words - LATIN_IN_CHINESE}


@pytest.mark.parametrize("file", page_files(), ids=place)
def test_every_chinese_text_is_a_message(file: Path) -> None:
    by_value = {text for text, _file in declared()} | NO_MESSAGE.keys()
    fine = {id(text) for text in (*given_to_gettext(file), *docstrings(file))}
    amiss = [
        f"line {node.lineno}: {node.value}"
        for node in ast.walk(tree_of(file))
        if is_chinese(node) and id(node) not in fine and node.value not in by_value
    ]
    assert not amiss, "Chinese that is not given to _:\n" + "\n".join(amiss)


def test_the_style_sheet_says_what_the_frame_translates() -> None:
    """Its texts stand for Streamlit's own; the frame puts the English over them, in CSS quotes."""
    texts = re.findall(r'var\(--[\w-]+, "([^"]+)"\)', (ROOT / "pages/parts/shell.css").read_text())
    assert texts
    framed = {text.value for text in given_to_gettext(ROOT / "pages/frame.py")}
    assert set(texts) <= framed
    assert not [text for text in texts if re.search(r"['\\<]", translations()[text])]


# Numbers


@given(st.integers(-(10**9), 10**9))
def test_numbers_are_rounded_half_up(thousandths: int) -> None:
    """As Excel and WPS do, and people by hand: away from zero where nothing else decides."""
    hundredths = (abs(thousandths) + 5) // 10
    sign = "-" if thousandths < 0 else ""
    expected = f"{sign}{hundredths // 100}.{hundredths % 100:02}"
    assert terms.told(thousandths / 1000, ".2f") == expected
    assert terms.told(thousandths / 100_000, ".0%") == terms.told(thousandths / 1000, ".0f") + "%"


@pytest.mark.parametrize(
    ("value", "shape", "text"),
    [
        (85.125, ".2f", "85.13"),
        (85.12499999999999, ".2f", "85.13"),  # what arithmetic leaves of it
        (85.12499999, ".2f", "85.12"),
        (-2.345, "+.2f", "-2.35"),
        (0.0625, ".1%", "6.3%"),
        (0.285, ".0%", "29%"),
        (1234567.5, ",.0f", "1,234,568"),
        (12, ",.0f", "12"),
        (7.25, ",.10g", "7.25"),
        (None, ".2f", "—"),
        (float("nan"), ".1%", "—"),
    ],
)
def test_a_figure_is_told_in_its_shape(value: float | None, shape: str, text: str) -> None:
    assert terms.told(value, shape) == text


# Speaking


def test_a_message_is_said_in_the_language_spoken() -> None:
    assert language() == "zh"
    assert _("得分") == "得分"
    speak("en")
    assert language() == "en"
    assert _("得分") == "Score"


def test_values_are_filled_in_in_both_languages() -> None:
    assert _("{count} 行数据", count=7) == "7 行数据"
    speak("en")
    assert _("{count} 行数据", count=7) == translations()["{count} 行数据"].format(count=7)
    assert _("查看{township}的代表", township="{青石镇}").count("{青石镇}") == 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_has_no_english_stays_chinese(lang: str) -> None:
    speak(lang)
    assert _("青石镇") == "青石镇"
    assert _("{count} 位青石镇代表", count=3) == "3 位青石镇代表"
    assert _("") == ""


@pytest.mark.parametrize(
    ("period", "chinese", "english"),
    [
        ("2026Q1", "2026年第一季度", "2026 Q1"),
        ("2026Q2", "2026年第二季度", "2026 Q2"),
        ("2026Q3", "2026年第三季度", "2026 Q3"),
        ("2026Q4", "2026年第四季度", "2026 Q4"),
        ("2026Q1-Q2", "2026年1—2季度", "2026 Q1–Q2"),
        ("2026Q1-Q3", "2026年1—3季度", "2026 Q1–Q3"),
        ("2026", "2026年", "2026"),
    ],
)
def test_period_names(period: str, chinese: str, english: str) -> None:
    assert terms.period_name(period) == chinese
    speak("en")
    assert terms.period_name(period) == english


def test_level_names() -> None:
    assert [terms.level_name(level) for level in ("county", "township")] == ["县级", "乡镇级"]
    speak("en")
    assert [terms.level_name(level) for level in ("county", "township")] == ["County", "Township"]


# Terms and declarations


def test_levels_are_those_of_the_roster() -> None:
    assert {code: word for word, code in formats.LEVELS.items()} == terms.LEVELS


def test_grades_are_the_bands_of_the_scheme_and_none() -> None:
    bands = scheme.load().tables["scheme_bands"]["grade"]
    assert (*bands, "不定等次") == terms.GRADES


# Text from the data


@given(st.text(st.one_of(st.characters(), st.sampled_from(sorted(MARKDOWN)))))
def test_plain_text_shows_as_it_stands(text: str) -> None:
    """Every sign of Markdown has a backslash of its own before it, and nothing else has; all is on
    one line, where no heading, code or diagram begins.
    """
    shown = terms.plain(text)
    left = re.sub(r"\\(.)", lambda m: "" if m[1] in MARKDOWN else m[0], shown, flags=re.DOTALL)
    assert not MARKDOWN & set(left)
    unescaped = re.sub(r"\\(.)", r"\1", shown, flags=re.DOTALL)
    assert unescaped.replace("\u2060", "") == " ".join(text.split()).replace("\u2060", "")


@pytest.mark.parametrize(
    ("text", "alive"),
    [
        ("www.example.cn", "www."),
        ("a@b.cn", "a@"),
        ("http://example.cn", "p://"),
        (":material/home:", ":m"),
        ("a->b", "->"),
        ("a--b", "--"),
        ("a >= b", ">="),
        ("a <= b", "<="),
        ("a ~= b", "~="),
    ],
)
def test_plain_text_makes_no_link_icon_or_arrow(text: str, alive: str) -> None:
    """What is made of plain signs after Markdown was read is parted by an invisible joiner."""
    assert alive not in terms.plain(text).replace("\\", "")


def test_plain_leaves_names_alone() -> None:
    assert terms.plain("青石镇 王小明·D00103（县级）") == "青石镇 王小明·D00103（县级）"
