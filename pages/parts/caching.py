"""One answer a question, as long as the data version stands."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import pandas as pd

from data.store import version

__all__ = ["ask", "version"]

ANSWERS_KEPT = 512


def ask(question: Callable[..., Any], **parameters: Any) -> Any:
    """The answer to a function of ``queries``; parameters must be hashable.

    A frame handed out shares its data with the one kept; pandas copies what is written to.
    """
    answer = _answer(question, tuple(sorted(parameters.items())), version())
    return answer.copy(deep=False) if isinstance(answer, pd.DataFrame) else answer


@lru_cache(maxsize=ANSWERS_KEPT)
def _answer(
    question: Callable[..., Any], parameters: tuple[tuple[str, Any], ...], _version: int
) -> Any:
    return question(**dict(parameters))
