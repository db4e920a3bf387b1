"""What a click on a chart or a table does, once."""

from collections.abc import Callable
from typing import Any

import streamlit as st


def once(
    key: str, marks: Callable[[Any], list[Any]], on_click: Callable[[Any], None]
) -> tuple[str, Callable[[], None]]:
    """The key and the callback of a widget whose click hands its first mark to ``on_click``.

    ``marks`` reads the marks off the widget's selection. Each click changes the key, so that
    coming back to the page does not fire it again.
    """
    turn = st.session_state.setdefault(f"turn_{key}", 0)
    widget = f"{key}_{turn}"

    def clicked() -> None:
        if found := marks(st.session_state[widget].selection):
            st.session_state[f"turn_{key}"] = turn + 1
            on_click(found[0])

    return widget, clicked
