"""The quiet line above each page: who is signed in, or that anybody at this computer may do all."""

import streamlit as st

from data.access import ROLES, Visitor, settings
from data.store import database_path
from pages.words import _, language
from pages.words.terms import listed, plain


def tell(here: Visitor) -> None:
    with st.container(
        horizontal=True,
        horizontal_alignment="right",
        vertical_alignment="center",
        gap="small",
        key="signed_in",
    ):
        if here.role is None:
            st.caption(
                _("本机使用，没有设置账号：能打开这台电脑的人都能查看和操作。"), width="content"
            )
            return
        who = [plain(here.name), _(ROLES[here.role])]
        if here.townships:
            who.append(listed(map(plain, sorted(here.townships))))
        st.caption(" · ".join(who), width="content")
        # In HTML, as Streamlit's own links open a window of their own; nothing in it is data.
        links = {"/password": _("修改密码")} if by_password() else {}
        links["/logout"] = _("退出")
        anchors = "".join(
            f'<a href="{to}?lang={language()}">{text}</a>' for to, text in links.items()
        )
        st.html(f"<small>{anchors}</small>", width="content")


def by_password() -> bool:
    """Whether people have a password here that they can change."""
    return settings.door(database_path()).way == "accounts"
