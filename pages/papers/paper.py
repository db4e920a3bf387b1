"""What a paper is: how it is made, and what comes of it."""

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
