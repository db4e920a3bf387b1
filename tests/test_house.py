"""The house keeps its rules: data runs one way, and every question is one SELECT."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from databases import asking

from data import scheme
from data.period import Period
from queries import ask, county, scoring

ROOT = Path(__file__).parents[1]
ROOMS = ("data", "queries", "pages")
# Streamlit runs these as scripts; nothing imports them.
PAGE_SCRIPTS = ("pages/browse", "pages/clerk", "pages/admin")

CODE = sorted(
    file.relative_to(ROOT).as_posix()
    for file in [*ROOT.glob("*.py"), *(f for room in ROOMS for f in (ROOT / room).rglob("*.py"))]
)
QUESTIONS = ask.files()

# Of our own modules, what a place may import. The longest path that fits a file counts.
MAY_IMPORT: dict[str, set[str]] = {
    "app.py": {
        *("data.access", "data.log", "data.opening", "data.problems", "data.store"),
        *("pages.door", "pages.parts.access", "pages.words"),
    },
    "data": {"data"},
    "queries": {"queries", "data.store", "data.period", "data.access"},
    "queries/__main__.py": {"queries", "data.store", "data.period", "data.problems"},
    "pages/__init__.py": set(),
    "pages/frame.py": {"pages.parts", "pages.words", "data.access"},
    "pages/browse": {
        *("queries", "pages.papers", "pages.parts", "pages.exports", "pages.words"),
        "data.period",
    },
    "pages/clerk": {
        *("queries", "pages.parts", "pages.exports", "pages.words"),
        *("data.access", "data.period", "data.problems", "data.uploads"),
    },
    "pages/admin": {
        *("queries", "pages.parts", "pages.words"),
        *("data.access", "data.problems", "data.record", "data.backups"),
    },
    # What was done is said in words, and the list of it leaves on record.
    "pages/admin/record.py": {
        *("pages.parts", "pages.exports", "pages.words"),
        *("data.access", "data.period", "data.problems", "data.record"),
        "data.uploads.formats",
    },
    # It stands before all pages, and needs none of them.
    "pages/door": {
        *("pages.door", "pages.words"),
        *("data.access", "data.deeds", "data.problems", "data.record"),
    },
    "pages/parts": {
        *("pages.parts", "pages.exports", "pages.words"),
        *("data.access", "data.store", "data.period", "data.problems"),
    },
    # Every question of a page goes through here, and says for whom it is.
    "pages/parts/caching.py": {"pages.parts", "data.store", "queries.sight"},
    # So does who is here, and that a page failed.
    "pages/parts/access.py": {
        *("pages.words", "data.access", "data.deeds", "data.problems", "data.store"),
    },
    # What leaves is on record; a big paper is made on the click, for who clicks.
    "pages/parts/export.py": {
        *("queries", "pages.papers", "pages.parts", "pages.exports", "pages.words"),
        *("data.access", "data.deeds", "data.period", "data.store"),
    },
    # Without the record nothing is offered.
    "pages/browse/reports.py": {
        *("queries", "pages.papers", "pages.parts", "pages.words", "data.problems"),
    },
    # A file is compared with what is on record.
    "pages/browse/verify.py": {
        *("pages.parts", "pages.words"),
        *("data.deeds", "data.problems", "data.record"),
    },
    # Papers are made behind the pages, and kept.
    "pages/parts/building.py": {
        *("queries", "pages.papers", "pages.parts", "pages.exports", "pages.words"),
        *("data.access", "data.deeds", "data.period", "data.problems", "data.reports"),
    },
    # Clerk pages are scripts and cannot share; what they all show of the rankings stands here.
    "pages/parts/effects.py": {"pages.parts", "pages.words", "data.period", "queries"},
    "pages/parts/opening.py": {
        *("pages.parts", "pages.words"),
        *("data.access", "data.opening", "data.problems"),
    },
    # Backups are files beside the database, and most needed where it does not open.
    "pages/parts/backups.py": {
        *("pages.parts", "pages.words"),
        *("data.access", "data.backups", "data.problems"),
    },
    # What stands on the papers: asked as the one who has them made, outside the pages' cache.
    "pages/papers": {
        *("queries", "pages.papers", "pages.parts", "pages.exports", "pages.words"),
        "data.period",
    },
    # One rule for what a spreadsheet would run, here and in the tables for other programs; and one
    # for how a number is rounded, on every paper and screen.
    "pages/exports": {"pages.exports", "queries.formulas", "pages.words.rounding"},
    "pages/words": {"pages.words"},
}
# Of the libraries with a room of their own, who may import them.
AT_HOME_IN: dict[str, tuple[str, ...]] = {
    "duckdb": ("data",),
    "pandera": ("data/uploads",),
    "streamlit": (
        *("app.py", "pages/frame.py", "pages/parts", "pages/door/sockets.py"),
        *("pages/browse", "pages/clerk", "pages/admin"),
    ),
    "plotly": ("pages/parts",),
    "starlette": ("app.py", "pages/door"),
    "authlib": ("pages/door",),
    "httpx2": ("pages/door",),
    "jinja2": ("pages/door",),
    "argon2": ("data/access",),
    "zxcvbn": ("data/access",),
    "sqlite3": ("data/access",),
    "xlsxwriter": ("data", "pages/exports"),
    "babel": ("pages/words",),
    "typst": ("pages/exports/press",),
    "pikepdf": ("pages/exports/press",),
    "fontTools": ("pages/exports/press",),
}


def tree(file: str) -> ast.Module:
    return ast.parse((ROOT / file).read_text("utf-8"))


def imported(file: str) -> Iterator[str]:
    """Every module that the file imports, inside functions too, by its full name."""
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = "." * node.level + (node.module or "")
            inside = ROOT / package.replace(".", "/")
            for alias in node.names:
                is_module = (inside / alias.name).is_dir() or (inside / f"{alias.name}.py").exists()
                yield f"{package}.{alias.name}" if is_module else package


def lies_in(path: str, place: str) -> bool:
    return path == place or path.startswith(f"{place}/")


@pytest.mark.parametrize("file", CODE)
def test_imports_point_upstream(file: str) -> None:
    """A room imports only what the table of the house lets it."""
    places = [place for place in MAY_IMPORT if lies_in(file, place)]
    assert places, f"{file} lies in no room"
    allowed = MAY_IMPORT[max(places, key=len)]
    for module in imported(file):
        top = module.split(".")[0]
        if top in (*ROOMS, "app", ""):
            assert any(lies_in(module.replace(".", "/"), a.replace(".", "/")) for a in allowed), (
                f"{file} imports {module}"
            )
        if top in AT_HOME_IN:
            assert any(lies_in(file, place) for place in AT_HOME_IN[top]), f"{file} imports {top}"


def test_code_folders_are_packages() -> None:
    """Each folder with modules has its __init__.py, but for page scripts; tests have none."""
    folders = {str(Path(file).parent) for file in CODE} - {".", *PAGE_SCRIPTS}
    assert {folder for folder in folders if not (ROOT / folder / "__init__.py").exists()} == set()
    strays = [*(f"{folder}/__init__.py" for folder in PAGE_SCRIPTS), "tests/__init__.py"]
    assert [stray for stray in strays if (ROOT / stray).exists()] == []


SQL = re.compile(
    r"\s*(select\s|insert\s+into\s|update\s+\w+\s+set\s|delete\s+from\s|with\s+\w+\s+as\s|pragma\s"
    r"|(create|drop|alter)\s+(or\s+replace\s+)?(table|view|schema)\s)",
    re.IGNORECASE,
)


@pytest.mark.parametrize("file", [file for file in CODE if not lies_in(file, "data")])
def test_no_sql_in_python(file: str) -> None:
    """Outside ``data`` SQL lives in .sql files alone."""
    texts = [
        node.value
        for node in ast.walk(tree(file))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    assert [text for text in texts if SQL.match(text)] == []


# --- questions --------------------------------------------------------------------------------

KEYWORDS = re.compile(
    r"\b(SELECT|FROM|WHERE|JOIN|LEFT|GROUP|ORDER|BY|AS|WITH|UNION|ALL|CASE|WHEN|THEN|ELSE|END|AND"
    r"|OR|NOT|IN|IS|NULL|OVER|PARTITION|FILTER|COUNT|SUM|COALESCE|USING|ON|DISTINCT)\b"
)


def opening(name: str) -> list[str]:
    """The comments that a file begins with."""
    lines = ask.files_text(name).splitlines()
    return lines[: next(i for i, line in enumerate(lines) if not line.startswith("--"))]


def body(name: str) -> str:
    """The SELECT, without comments and the text within quotes."""
    lines = ask.files_text(name).splitlines()[len(opening(name)) :]
    return re.sub(r"'[^']*'", "''", "\n".join(line.split("--")[0] for line in lines))


def uses(name: str) -> list[str]:
    """The files that a file says it builds on."""
    said = [line.removeprefix("-- uses: ").split() for line in opening(name) if "-- uses:" in line]
    return said[0] if said else []


def test_names_of_questions_are_unique() -> None:
    """One name, one file: a use cannot mean two."""
    assert len(QUESTIONS) == len(list((ROOT / "queries").rglob("*.sql")))


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_is_one_select(name: str) -> None:
    """The composed statement is exactly one SELECT, with lower-case keywords."""
    [statement] = duckdb.extract_statements(ask.statement(name))
    assert statement.type == duckdb.StatementType.SELECT
    assert ";" not in body(name)
    assert KEYWORDS.findall(body(name)) == []


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_says_what_it_asks(name: str) -> None:
    """The first comment is the question, the second the grain, the last what it builds on."""
    comments = opening(name)
    assert re.fullmatch(r"-- [A-Z].*\?", comments[0])
    assert re.match(r"-- One row[ :,]", comments[1])
    assert [n for n, line in enumerate(comments) if "-- uses:" in line] in ([], [len(comments) - 1])
    read = set(re.findall(r"\b(?:from|join)\s+(\w+)", body(name)))
    assert read & set(QUESTIONS) == set(uses(name))


class Asked(Exception):
    """Raised in place of asking."""


EXAMPLES: dict[str, Any] = {
    "period": Period(2026, 3, 3),
    "periods": [Period(2026, 3, 3)],
    "today": date(2026, 10, 20),
    "delegate_id": "D1",
    "count": 3,
    "format": "activities",
    "level": "county",
    "campaign": "共同缔造",
    "suggestion_id": "J1",
    "opinion_id": "Y1",
    "station_id": "Z1",
    "event_id": "H1",
    "leader": "某人",
}
FOLDERS = sorted({file.parent.name for file in QUESTIONS.values()})


def functions(folder: str) -> dict[str, Any]:
    """The questions of a folder as functions."""
    module = importlib.import_module(f"queries.{folder}")
    return {
        name: function
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and name in QUESTIONS
    }


@pytest.mark.parametrize(
    ("folder", "name"), [(folder, name) for folder in FOLDERS for name in functions(folder)]
)
def test_a_function_passes_what_its_question_takes(
    folder: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The typed function asks the file of its name, and passes its parameters, no more, no less."""
    passed: dict[str, Any] = {}

    def asked(question: str, **parameters: Any) -> pd.DataFrame:
        passed[question] = parameters
        raise Asked

    function = functions(folder)[name]
    monkeypatch.setattr(importlib.import_module(f"queries.{folder}"), "ask", asked)
    parameters = inspect.signature(function).parameters
    assert all(p.kind is p.KEYWORD_ONLY for p in parameters.values())
    with pytest.raises(Asked):
        function(**{parameter: EXAMPLES[parameter] for parameter in parameters})
    assert {question: set(given) for question, given in passed.items()} == {
        name: ask.parameters_of(name)
    }
    assert QUESTIONS[name].parent.name == folder


def test_no_question_is_an_orphan() -> None:
    """Every file is asked by a function beside it or used by another file."""
    asked = {name for folder in FOLDERS for name in functions(folder)}
    used = {needed for name in QUESTIONS for needed in uses(name)}
    assert set(QUESTIONS) - asked - used == set()


# --- the scheme -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sample_rates(
    sample_database: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[pd.DataFrame]:
    """The rates of the sample county's last whole year."""
    path = tmp_path_factory.mktemp("house") / "sample.duckdb"
    shutil.copy(sample_database, path)
    with asking(path):
        year = next(period for period in county.periods_on_record() if period.is_year)
        yield scoring.rates(periods=[year])


@pytest.mark.parametrize("indicator", list(scheme.load().tables["scheme_indicators"]["indicator"]))
def test_every_indicator_is_assessed(indicator: str, sample_rates: pd.DataFrame) -> None:
    """An indicator of the scheme has a weight at each level, and rates in the sample county."""
    weights = scheme.load().tables["scheme_weights"].query("indicator == @indicator")
    assert set(weights["level"]) == {*scheme.GRADED_LEVELS, *scheme.REFERENCE_LEVELS}
    assert (weights["weight"] > 0).all()
    rates = sample_rates.query("indicator == @indicator")
    for level in scheme.GRADED_LEVELS:
        found = rates.loc[rates["level"] == level, "rate"].dropna()
        assert found.between(0, 1).all()
        assert found.nunique() > 1


# --- what is kept -----------------------------------------------------------------------------

MACHINE_PATHS = re.compile(r"(?<![\w./-])/(work|home|root|Users|var/folders)/\w|\b[A-Z]:\\\w")


def test_no_tracked_file_names_a_machine() -> None:
    """The project lies anywhere: no file of it knows where."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a working copy of the repository")
    found = {}
    for name in listed.stdout.splitlines():
        try:
            text = (ROOT / name).read_text("utf-8")
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue
        if match := MACHINE_PATHS.search(text):
            found[name] = match[0]
    assert found == {}
