"""The frame around every page: settings, language, period, navigation, then the page itself."""

from pathlib import Path

import streamlit as st

from pages.parts import address
from pages.parts.opening import wait_for_data
from pages.words import LANGUAGES, _, language, speak

address.hold()
speak(address.read("lang", list(LANGUAGES), "zh"))

st.set_page_config(
    page_title=_("代表履职考评"),
    page_icon=Path(__file__).parent / "parts" / "icon.svg",
    layout="wide",
)
if language() != "zh":  # shell.css says these in Chinese
    said = {
        "choose-files": _("选择文件"),
        "drop-files": _("或把文件拖到这里，可一次多个；XLSX 或 CSV，每个不超过 50 MB"),
        "lost": _("页面不存在，或与系统的连接已断开。请返回首页或刷新。"),
    }
    rules = "".join(f"--{name}:'{text}';" for name, text in said.items())
    st.html(f"<style>:root{{{rules}}}</style>")

page = st.navigation(
    {
        "": [
            st.Page(
                "browse/overview.py", title=_("总览"), icon=":material/dashboard:", default=True
            ),
            st.Page("browse/townships.py", title=_("镇街对比"), icon=":material/compare_arrows:"),
            st.Page(
                "browse/ranking.py", title=_("代表排名"), icon=":material/format_list_numbered:"
            ),
            st.Page("browse/delegate.py", title=_("代表档案"), icon=":material/person:"),
        ],
        _("数据"): [
            st.Page("clerk/upload.py", title=_("上传"), icon=":material/upload:"),
            st.Page("clerk/history.py", title=_("上传记录"), icon=":material/history:"),
            st.Page("clerk/backups.py", title=_("备份"), icon=":material/backup:"),
        ],
    },
    position="top",
)
wait_for_data()
page.run()
