"""Parts of a page that run again by themselves."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context
from typing import Any

import pytest
import streamlit as st

from pages.parts.alone import alone
from pages.words import language, speak


def test_a_part_that_runs_again_speaks_as_its_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """It runs on another thread, where nothing was said of the language."""
    runs: list[Callable[[], None]] = []
    said: list[tuple[str, str]] = []

    def fragment(run_every: float | None) -> Callable[[Any], Any]:
        def kept(run: Callable[..., None]) -> Callable[..., None]:
            def first(*given: Any) -> None:
                run(*given)
                runs.append(lambda: run(*given))

            return first

        return kept

    monkeypatch.setattr(st, "fragment", fragment)
    speak("en")
    try:
        alone(run_every=1)(lambda name: said.append((language(), name)))("a")
    finally:
        speak("zh")
    Context().run(runs[0])
    assert said == [("en", "a"), ("en", "a")]
