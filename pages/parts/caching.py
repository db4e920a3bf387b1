"""One answer a question and sight, as long as the data version stands: the pages' way to ask."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from data.store import database_path, is_sample, is_supposing, version
from pages.parts import access
from queries.sight import Sight, seeing

__all__ = ["ask", "is_sample", "version"]

ANSWERS_KEPT = 512


def ask(question: Callable[..., Any], **parameters: Any) -> Any:
    """The answer to a function of ``queries``, as the visitor may see it; parameters must be
    hashable.

    A frame handed out shares its data with the one kept; pandas copies what is written to. What
    is only supposed is neither taken from what was kept nor kept.
    """
    sight = Sight.of(access.visitor())
    if is_supposing():
        with seeing(sight):
            return question(**parameters)
    stand = (database_path(), version())
    answer = _answer(question, tuple(sorted(parameters.items())), stand, sight)
    return answer.copy(deep=False) if isinstance(answer, pd.DataFrame) else answer


@lru_cache(maxsize=ANSWERS_KEPT)
def _answer(
    question: Callable[..., Any],
    parameters: tuple[tuple[str, Any], ...],
    _stand: tuple[Path, int],
    sight: Sight,
) -> Any:
    with seeing(sight):
        return question(**dict(parameters))
