"""The URL is the only truth about what a page shows: filters by their codes, never names of people.

Streamlit's own ``bind="query-params"`` writes a choice's label into the URL (not its code) and
forbids ``switch_page`` while a bound choice differs from its default, so a chart could not lead
to a page; hence these few functions. ``period`` and ``lang`` go along from page to page.
"""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

import streamlit as st

from pages.parts import export

STICKY = ("period", "lang")


def hold() -> None:
    """Carry the sticky parameters over a click in the navigation, which drops them all.

    On the page where one already was, the URL is right: a parameter that is gone there was taken
    back with the browser's button.
    """
    place = urlsplit(st.context.url or "").path
    arriving = st.session_state.get("held_place") != place
    st.session_state["held_place"] = place
    for name in STICKY:
        held = f"held_{name}"
        if name in st.query_params:
            st.session_state[held] = st.query_params[name]
        elif arriving and held in st.session_state:
            st.query_params[name] = st.session_state[held]
        else:
            st.session_state.pop(held, None)


def read(name: str, options: Sequence[str], default: str) -> str:
    """What the URL says, if it is one of the options."""
    said = st.query_params.get(name)
    return said if said in options else default


def pick(
    widget: Callable[..., Any],
    label: str,
    options: Sequence[str],
    name: str,
    default: str,
    titles: Callable[[str], str],
    local: bool = False,
    **settings: Any,
) -> str:
    """A widget of one choice whose state is the URL's parameter ``name``.

    Files of what follows on the page tell of it, unless it is ``local``: then what it narrows says
    so itself.
    """
    key = f"pick_{name}"
    st.session_state[key] = read(name, options, default)

    def moved() -> None:
        _write(name, st.session_state[key], default)

    chosen = str(widget(label, options, key=key, on_change=moved, format_func=titles, **settings))
    if name not in STICKY and not local:
        export.choose(label, titles(chosen))
    return chosen


def _write(name: str, value: str, default: str) -> None:
    if name in STICKY:
        st.session_state[f"held_{name}"] = value
        st.query_params[name] = value
    elif value == default:
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = value


def link(**parameters: str) -> dict[str, str]:
    """The query parameters of a link to another page: the sticky ones and these."""
    kept = {name: st.query_params[name] for name in STICKY if name in st.query_params}
    return kept | parameters


def go(page: str, **parameters: str) -> None:
    """Lead to another page, from a click on a chart or a table.

    Streamlit leaves the parameters it goes to in the history of the page it comes from; with that
    page's own beside them, the browser's way back finds it as it was.
    """
    st.switch_page(page, query_params=st.query_params.to_dict() | parameters)
