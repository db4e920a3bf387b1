"""What a visitor sees until the database is open, or if it does not open."""

import streamlit as st

from data import opening
from data.access import Visitor
from data.problems import MENDED_BY_A_BACKUP, DatabaseUnavailable
from pages.parts import backups
from pages.words import _


def wait_for_data(here: Visitor) -> None:
    """Return once the database is open; until then show how far it is, or what is wrong."""
    state = opening.begin()
    if state.fault is not None:
        _tell(state.fault, here)
        st.stop()
    if not state.ready:
        st.subheader(
            _("正在打开数据库") if state.progress is None else _("正在载入示例数据"), anchor=False
        )
        _watch(state)
        st.stop()
    backups.tell_restored()


def _tell(fault: DatabaseUnavailable, here: Visitor) -> None:
    """The fault, and to who may put one back the backups that mend it."""
    if not here.may("backups"):
        st.error(_("数据库打不开，请告诉系统管理员。"), icon=":material/error:")
        st.button(_("重试"), on_click=opening.again)
        return
    st.error(backups.sentence(fault), icon=":material/error:")
    st.button(_("重试"), on_click=opening.again)
    if fault.code not in MENDED_BY_A_BACKUP:
        return
    found = backups.listed()
    if not found:
        st.caption(_("没有可用的备份。"))
        return
    st.subheader(_("从备份中恢复"), anchor=False)
    backups.show(found)
    backups.offer_restore(
        backups.choose(found),
        _("恢复后，此后的上传不再计入；现有的文件会原样移到旁边的文件夹中保存"),
        opening.again,
    )


@st.fragment(run_every=0.6)
def _watch(state: opening.Opening) -> None:
    if state.ready or state.fault is not None:
        st.rerun()
    if state.progress is not None:
        st.progress(state.progress, text=f"{state.progress:.0%}")
