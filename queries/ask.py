"""Asking: a .sql file, the files it uses as named tables before it, its parameters, a frame.

Each file is one SELECT. A line ``-- uses: mandates rates`` places the files of these names before
it as common table expressions; that is the only composition there is. What the answer shows is
for the one it is given to: ``sight.py``.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from data import store
from queries import sight

ROOM = Path(__file__).parent
_USES = re.compile(r"^-- uses: (.+)$", re.MULTILINE)
_PARAMETER = re.compile(r"\$(\w+)")


def files() -> dict[str, Path]:
    """Every question of the room by its name; names are unique."""
    return {file.stem: file for file in sorted(ROOM.rglob("*.sql"))}


def ask(question: str, **parameters: Any) -> pd.DataFrame:
    """The answer to ``question`` from this process's database, as the one who asks may see it.

    Raises Forbidden if they may not ask it.
    """
    eyes = sight.current()
    eyes.demand(question, _folder(question))
    sql = statement(question)
    given = {name: parameters[name] for name in parameters_of(question)}
    return eyes.over(question, store.store().query(sql, given))


@cache
def _folder(question: str) -> str:
    return files()[question].parent.name


@cache
def statement(question: str) -> str:
    """The whole SELECT: the files it uses, each once and in order, then the file itself."""
    body = _body(question)
    tables = ",\n".join(f"{name} as (\n{_body(name)}\n)" for name in _used(question))
    if not tables:
        return body
    if body.startswith("with "):
        return f"with {tables},\n{body.removeprefix('with ')}"
    return f"with {tables}\n{body}"


@cache
def parameters_of(question: str) -> frozenset[str]:
    return frozenset(_PARAMETER.findall(statement(question)))


def _body(name: str) -> str:
    """A file without its opening comments."""
    lines = files_text(name).splitlines()
    while lines and lines[0].startswith("--"):
        lines.pop(0)
    return "\n".join(lines)


@cache
def files_text(name: str) -> str:
    return files()[name].read_text("utf-8")


def _used(question: str) -> list[str]:
    """The names of the files that ``question`` builds on, those without needs first."""
    order: list[str] = []
    match = _USES.search(files_text(question))
    for name in match[1].split() if match else ():
        for needed in [*_used(name), name]:
            if needed not in order:
                order.append(needed)
    return order
