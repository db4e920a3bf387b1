"""The papers that leaders sign: what stands on each, asked of the queries and handed to the exports.

A paper asks its questions itself, not through the pages' cache: who has it made says for whom
(``queries.sight.seeing``) and in which language, and it may be made without a page around it.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple

from data.period import Period
from pages.parts.facts import Facts

Done = Callable[[int, int], None]  # so many of so many parts are made


class Made(NamedTuple):
    """A file, and the signs that its fonts lack, each with the texts where it stands."""

    content: bytes
    lacking: dict[str, list[str]]


class Paper(NamedTuple):
    """A kind of paper: its title, what one is of, its file's ending, and how it is made.

    ``make`` takes the facts, the period, the township's name or delegate's number (None: of the
    county), and what to tell of progress. ``title`` is a message for ``_``.
    """

    title: str
    of: Literal["county", "township", "delegate"]
    ending: Literal["pdf", "xlsx"]
    make: Callable[[Facts, Period, str | None, Done], Made]


PAPERS: dict[str, Paper] = {}
