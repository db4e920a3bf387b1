"""备份: the copies of the database, putting one back, and a rehearsal of that."""

from functools import partial

import streamlit as st

from data.access import Forbidden
from data.backups import content_for
from pages.parts import access, backups, filters
from pages.words import _

here = access.demand("backups")
filters.headline(_("备份"))
st.caption(
    _(
        "每次上传、撤销和恢复之前自动备份，另外每天备份一次；备份与数据库在同一文件夹中。建议定期下载一份，另存到别的磁盘。"
    )
)
found = backups.listed()
if not found:
    st.info(_("还没有备份。有了上传记录之后，系统会自动备份。"), icon=":material/info:")
    st.stop()

backups.show(found)
with st.container(horizontal=True, vertical_alignment="bottom"):
    chosen = backups.choose(found)
    st.download_button(
        _("下载这个备份"),
        partial(content_for, here, chosen),
        chosen.name,
        "application/octet-stream",
        key="download_backup",
        on_click="ignore",
        icon=":material/download:",
    )

restoring, trying = st.columns(2, gap="large")
with restoring:
    st.subheader(_("恢复"), anchor=False)
    backups.offer_restore(
        chosen, _("恢复后，此后的上传不再计入；当前状态会先备份"), done=lambda: None
    )
with trying:
    st.subheader(_("演练"), anchor=False)
    st.caption(_("用最新的备份演练一次恢复，逐次核对上传的数据；不影响现有数据。"))
    if st.button(_("开始演练"), icon=":material/fact_check:"):
        try:
            with st.spinner(_("正在演练…")):
                st.session_state.drill = backups.rehearse()
        except Forbidden as refusal:
            st.error(backups.sentence(refusal), icon=":material/error:")
    report = st.session_state.get("drill")
    if report is not None:
        figures = _(
            "备份时间 {time}；核对了 {uploads} 次上传、{rows} 行数据，用时 {seconds} 秒。",
            time=f"{report.backup.made_at:%Y-%m-%d %H:%M:%S}",
            uploads=f"{report.uploads:,}",
            rows=f"{report.rows:,}",
            seconds=f"{report.seconds:.1f}",
        )
        if report.fault is None:
            st.success(_("备份完好，可以恢复。") + figures, icon=":material/check_circle:")
        else:
            st.error(backups.sentence(report.fault), icon=":material/error:")
            st.caption(figures)
