"""What the one who asks may see: which questions, whose townships, and names or pseudonyms.

Every answer of the room passes through here, whoever shows it. Nobody sees by default: who asks
says for whom (``seeing``), and without that there is no answer.
"""

import base64
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import get_args

import pandas as pd

from data.access import Forbidden, Right, Visitor
from data.access.accounts import accounts

# What a folder's questions take; all of it.
TAKES: dict[str, tuple[Right, ...]] = {
    "county": ("browse",),
    "scoring": ("browse",),
    "delegate": ("browse", "names"),
    "loop": ("browse", "names"),
    "matters": ("browse", "names"),
    "stations": ("browse", "names"),
    "campaigns": ("browse", "names"),
    "mine": ("browse", "names"),
    "sessions": ("browse", "names"),
    "uploads": ("uploads",),
}
# What tells nothing of people or of single townships but that they are there.
FOR_ALL = frozenset(
    ("quarters_on_record", "indicators", "bands", "scheme_in_force", "townships_on_record")
)
# What is answered to the clerks of some townships, of these townships alone.
OF_TOWNSHIPS = frozenset(
    ("standings", "ranking", "history", "board", "without_record", "townships_on_record")
)
# What would tell, beside a delegate's number and name, who somebody is.
PERSONAL = ("person_id", "district", "group_name", "leader", "filename", "detail")


@dataclass(frozen=True)
class Sight:
    """Equal sights of one data version, equal answers."""

    rights: frozenset[Right]
    townships: frozenset[str] | None = None

    @classmethod
    def of(cls, visitor: Visitor) -> "Sight":
        rights = (right for right in get_args(Right) if visitor.may(right))
        own = visitor.townships
        return cls(frozenset(rights), own if own is None else own - {""})  # "": of no township

    def demand(self, question: str, folder: str) -> None:
        """Raise Forbidden if the question is not for these eyes."""
        if question in FOR_ALL:
            return
        takes = TAKES[folder]
        if self.townships is not None:
            takes = ("uploads",) if question in OF_TOWNSHIPS else ("browse",)
        for right in takes:
            if right not in self.rights:
                raise Forbidden(right)

    def over(self, question: str, answer: pd.DataFrame) -> pd.DataFrame:
        """The answer as these eyes see it; of townships, only one that says whose each row is."""
        if self.townships is not None and question in OF_TOWNSHIPS:
            answer = self._cut(answer, self.townships)
        return answer if "names" in self.rights else _unnamed(answer)

    @staticmethod
    def _cut(answer: pd.DataFrame, own: frozenset[str]) -> pd.DataFrame:
        """The rows that are of these townships alone."""
        if "townships" in answer:
            answer = answer[[own.issuperset(of) for of in answer["townships"]]]
        else:
            answer = answer[answer["township"].isin(own)]
        if "peers" in answer:  # how many the others are
            answer = answer.drop(columns="peers")
        return answer.reset_index(drop=True)


EVERYTHING = Sight.of(Visitor())

_sight: ContextVar[Sight] = ContextVar("sight")


@contextmanager
def seeing(sight: Sight) -> Iterator[None]:
    """Whom the questions asked within, in this thread, are answered to."""
    token = _sight.set(sight)
    try:
        yield
    finally:
        _sight.reset(token)


def current() -> Sight:
    """Whom the question is answered to; raises LookupError where nobody said."""
    return _sight.get()


def pseudonym(delegate_id: str) -> str:
    """The same for a delegate in every period, page and export of this office, and in no other.

    Numbers are few and easy to guess, so that only a key that stays in the office keeps the
    pseudonym from being computed outside.
    """
    key = accounts().secret("pseudonyms")
    digest = hmac.digest(key, delegate_id.encode(), "sha256")
    return f"#{base64.b32encode(digest)[:8].decode()}"


def _unnamed(answer: pd.DataFrame) -> pd.DataFrame:
    """Pseudonyms in place of delegates' numbers and names, nothing in place of what else tells."""
    answer = answer.assign(**{name: None for name in PERSONAL if name in answer})
    if "delegate_id" not in answer:
        return answer
    known = {number: pseudonym(number) for number in answer["delegate_id"].unique()}
    codes = answer["delegate_id"].map(known).astype("str")
    return answer.assign(**{name: codes for name in ("delegate_id", "name") if name in answer})
