"""What every page begins with: its title, the period it shows, the language, whose data it is, and
the door to its files.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import streamlit as st

from data.store import is_sample
from pages.parts import access, address, export
from pages.words import LANGUAGES, _
from pages.words.terms import period_name


def headline(title: str, periods: Sequence[Any] | None = None, files: bool | None = None) -> Any:
    """Draw the head of a page and return the period chosen (None if the page has none).

    ``periods`` are the periods on record, latest first. With none on record the page ends here,
    saying so. An unknown period in the URL gives the latest quarter. ``files`` says whether what
    the page shows can be taken away; unless told, that of a period can.
    """
    chosen = None
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
    ):
        st.title(title, anchor=False, width="content")
        with st.container(
            horizontal=True,
            vertical_alignment="center",
            horizontal_alignment="right",
            width="content",
        ):
            slot = st.container(width="content")
            if periods:
                named = {str(period): period for period in periods}
                latest = next(str(p) for p in periods if p.is_quarter)
                chosen = named[
                    address.pick(
                        st.selectbox,
                        _("考核期"),
                        list(named),
                        "period",
                        latest,
                        period_name,
                        width=230,
                        label_visibility="collapsed",
                    )
                ]
            address.pick(
                st.segmented_control,
                _("语言"),
                list(LANGUAGES),
                "lang",
                "zh",
                LANGUAGES.__getitem__,
                required=True,
                label_visibility="collapsed",
            )
    has_files = bool(periods) if files is None else files
    export.begin(title, str(chosen or ""), slot if has_files else None)
    here = access.visitor()
    if is_sample():
        with st.container(
            horizontal=True, vertical_alignment="center", gap="small", key="sample_banner"
        ):
            st.badge(_("示例数据"), color="orange")
            st.caption(
                _(
                    "人物和记录均为虚构，可随意试用。开始正式使用：到“上传”页清空示例数据，再上传本县的文件。"
                )
                if here.may("undo")
                else _("人物和记录均为虚构，可随意试用。"),
                width="content",
            )
    if periods is not None and not periods:
        nothing_yet()
        st.stop()
    return chosen


def nothing_yet() -> None:
    """The empty database: what it is, and what to do."""
    if not access.visitor().may("upload"):
        st.info(_("数据库里还没有履职记录。"), icon=":material/info:")
        return
    st.info(
        _("数据库里还没有履职记录。请先上传镇街表和代表名册，再上传各季度的履职数据。"),
        icon=":material/info:",
    )
    st.page_link("clerk/upload.py", label=_("去上传"), icon=":material/upload:")


def choose(
    label: str,
    options: Sequence[str],
    name: str,
    titles: Any = str,
    default: str | None = None,
    **settings: Any,
) -> str:
    """A drop-down of one choice in the URL; unless told, the first option is the default."""
    standard = options[0] if default is None else default
    return address.pick(st.selectbox, label, options, name, standard, titles, **settings)


def today() -> date:
    """The day that ends the deadlines which can have passed."""
    return date.today()  # noqa: DTZ011 - the office's own calendar
