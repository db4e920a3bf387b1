"""A part of a page that runs again by itself, and speaks the page's language then too."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import streamlit as st

from pages.words import language, speak

Given = ParamSpec("Given")


def alone(
    run_every: float | None = None,
) -> Callable[[Callable[Given, None]], Callable[Given, None]]:
    """Streamlit's fragment for a function of a page; the frame, which sets the language of a run,
    does not run with it.
    """

    def part(draw: Callable[Given, None]) -> Callable[Given, None]:
        @st.fragment(run_every=run_every)
        def run(spoken: str, *args: Given.args, **named: Given.kwargs) -> None:
            speak(spoken)
            draw(*args, **named)

        @wraps(draw)
        def first(*args: Given.args, **named: Given.kwargs) -> None:
            run(language(), *args, **named)

        return first

    return part
