"""Who looks at this page, what they may do on it, and what they see when a page fails."""

import logging
import secrets
from contextlib import suppress
from dataclasses import replace

import streamlit as st

from data import deeds
from data.access import HERE, Right, Visitor, settings
from data.access.accounts import accounts
from data.problems import DatabaseUnavailable
from data.store import database_path
from pages.words import _

_log = logging.getLogger(__name__)


def visitor() -> Visitor:
    """Who is here, as their account stands now; without a valid session the page ends.

    Only the door's ticket counts (a header that it sets and strips from every client's request),
    never the session's state: another socket may have named this session.
    """
    known = _known()
    if known is None:
        st.error(_("登录已失效，请重新登录。"), icon=":material/lock:")
        st.stop()
    return known


def _known() -> Visitor | None:
    if not signs_in():
        return Visitor(address=HERE)
    ticket = st.user.get("ticket")
    known = accounts().by_ticket(ticket) if isinstance(ticket, str) else None
    return known and replace(known, address=st.context.ip_address or HERE)


def demand(right: Right) -> Visitor:
    """The visitor, if their role has the right; else the page says so and ends."""
    here = visitor()
    if not here.may(right):
        st.error(_("您的账号没有使用这一页的权限。"), icon=":material/lock:")
        st.stop()
    return here


def signs_in() -> bool:
    """Whether people sign in, so that nobody needs to type who they are."""
    return settings.door(database_path()).way != "computer"


def apologise(error: BaseException) -> bool:
    """Say that a page failed, with a number that is in the log too; never a traceback."""
    who = None
    with suppress(DatabaseUnavailable):
        who = _known()
    reference = put_down(error, who or Visitor())
    st.error(
        _(
            "这一页没有显示成功，请刷新再试。如仍不行，请把编号 {reference} 告诉系统管理员。",
            reference=reference,
        )
    )
    return True


def put_down(error: BaseException, who: Visitor) -> str:
    """Put a failure into the log and on record; returns the number that it has in both."""
    reference = secrets.token_hex(4)
    _log.error("page failed, reference %s", reference, exc_info=error)
    deeds.done("page_failed", who, reference=reference)
    return reference
