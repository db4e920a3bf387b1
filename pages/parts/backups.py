"""The backups of the database, and putting one back; needs no open database."""

from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st

from data import backups
from data.access import Forbidden
from data.backups import Backup, Drill
from data.problems import DATABASE, DatabaseUnavailable
from pages.parts import access, tables
from pages.parts.caching import database_path
from pages.words import _
from pages.words.terms import plain

MIB = 2**20


def sentence(fault: DatabaseUnavailable | Forbidden) -> str:
    """What is wrong and what to do, in the reader's language."""
    if isinstance(fault, Forbidden):
        return _("没有执行：您的账号没有这项权限，或登录已失效。")
    return _(DATABASE[fault.code], **{name: plain(v) for name, v in fault.details.items()})


def listed() -> list[Backup]:
    return backups.listed(database_path())


def show(found: Sequence[Backup]) -> None:
    """The backups as a table."""
    rows = pd.DataFrame(
        [
            {
                "made_at": b.made_at,
                "why": _(backups.WHY[b.why]),
                "by": b.by,
                "uploads": b.uploads,
                "megabytes": b.bytes / MIB,
                "version": b.version,
            }
            for b in found
        ]
    )
    tables.show(
        rows,
        "backups",
        {
            "made_at": st.column_config.DatetimeColumn(_("备份时间"), format="YYYY-MM-DD HH:mm:ss"),
            "why": tables.text(_("时机")),
            "by": tables.text(_("经办人")),
            "uploads": tables.number(_("有效上传")),
            "megabytes": tables.number(_("大小（MB）"), format="%.1f"),
            "version": tables.number(_("数据版本")),
        },
        _("备份列表"),
        height=min(35 * (len(rows) + 1) + 3, 388),
    )


def choose(found: Sequence[Backup]) -> Backup:
    """The one that the reader chooses, the newest unless told."""
    named = {b.name: b for b in found}
    name = st.selectbox(
        _("选择备份"),
        list(named),
        key="backup",
        format_func=lambda name: label(named[name]),
        width=400,
    )
    return named[name]


def label(backup: Backup) -> str:
    """With the version, as Streamlit takes options of one label for one, and a second is long."""
    return _(
        "{time} {why}（数据版本 {version}）",
        time=f"{backup.made_at:%Y-%m-%d %H:%M:%S}",
        why=_(backups.WHY[backup.why]),
        version=backup.version,
    )


def offer_restore(backup: Backup, warning: str, done: Callable[[], object]) -> None:
    """Let the reader put the backup back; ``done`` is called once it is."""
    here = access.demand("backups")
    if here.role is None:
        typed = st.text_input(_("经办人"), key="restored_by", max_chars=50, width=180)
        here = here.signing(typed.strip())
    turn = st.session_state.setdefault("restores", 0)  # each wants a tick of its own
    sure = st.checkbox(warning, key=f"restore_{backup.name}_{turn}")
    if not st.button(_("恢复到这个备份"), disabled=not sure, icon=":material/history:"):
        return
    if not here.name:
        st.error(_("请先填写经办人。"))
        return
    try:
        with st.spinner(_("正在恢复…")):
            backups.restore_for(here, database_path(), backup.name)
    except (DatabaseUnavailable, Forbidden) as fault:
        st.error(sentence(fault), icon=":material/error:")
        return
    st.session_state.restores = turn + 1
    st.session_state.restored = label(backup)
    done()
    st.rerun()


def rehearse() -> Drill | None:
    """Try the newest backup out."""
    return backups.drill_for(access.demand("backups"), database_path())


def tell_restored() -> None:
    """Say once that a backup was put back."""
    restored = st.session_state.pop("restored", None)
    if restored is not None:
        st.success(_("已恢复到备份：{backup}", backup=restored), icon=":material/check_circle:")
