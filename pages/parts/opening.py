"""What a visitor sees until the database is open, or if it does not open."""

import streamlit as st

from data import opening
from data.problems import DATABASE
from pages.words import _
from pages.words.terms import plain


def wait_for_data() -> None:
    """Return once the database is open; until then show how far it is, or what is wrong."""
    state = opening.begin()
    if state.fault is not None:
        fault = state.fault
        details = {name: plain(value) for name, value in fault.details.items()}
        st.error(_(DATABASE[fault.code], **details), icon=":material/error:")
        st.button(_("重试"), on_click=opening.again)
        st.stop()
    if not state.ready:
        st.subheader(
            _("正在打开数据库") if state.progress is None else _("正在载入示例数据"), anchor=False
        )
        _watch(state)
        st.stop()


@st.fragment(run_every=0.6)
def _watch(state: opening.Opening) -> None:
    if state.ready or state.fault is not None:
        st.rerun()
    if state.progress is not None:
        st.progress(state.progress, text=f"{state.progress:.0%}")
