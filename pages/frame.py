"""The frame around every page: settings, language, who is here, navigation, then the page itself."""

from functools import partial
from pathlib import Path

import streamlit as st

from data.access import Right
from pages.parts import access, address, signed
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
        "not-made": _("没有生成文件。请再点一次；如仍不行，请刷新本页，或告诉系统管理员。"),
        "lost": _("页面不存在，或与系统的连接已断开。请返回首页或刷新。"),
    }
    rules = "".join(f"--{name}:'{text}';" for name, text in said.items())
    st.html(f"<style>:root{{{rules}}}</style>")

here = access.visitor()
sections: dict[str, list[st.Page]] = {}
beside: list[st.Page] = []  # what has an address, but no place in the navigation


def offer(section: str, path: str, title: str, icon: str, *rights: Right) -> None:
    """A page for who has the rights; for others a plain word at its address."""
    name = Path(path).stem
    for right in rights:
        if not here.may(right):
            refuse = partial(access.demand, right)
            beside.append(st.Page(refuse, title=title, url_path=name, visibility="hidden"))
            return
    if sections:
        page = st.Page(path, title=title, icon=icon)
    else:  # the first one is at home at the root, and its own address leads there
        page = st.Page(path, title=title, icon=icon, url_path="home", default=True)
        home = partial(st.switch_page, page, query_params=st.query_params.to_dict())
        beside.append(st.Page(home, title=title, url_path=name, visibility="hidden"))
    sections.setdefault(section, []).append(page)


offer("", "browse/overview.py", _("总览"), ":material/dashboard:", "browse")
offer("", "browse/townships.py", _("镇街对比"), ":material/compare_arrows:", "browse")
offer("", "browse/ranking.py", _("代表排名"), ":material/format_list_numbered:", "browse", "names")
offer("", "browse/delegate.py", _("代表档案"), ":material/person:", "browse", "names")
work = _("工作")
offer(work, "browse/loop.py", _("五位一体"), ":material/cycle:", "browse", "names")
offer(work, "browse/matters.py", _("意见建议"), ":material/forum:", "browse", "names")
offer(work, "browse/stations.py", _("阵地"), ":material/account_tree:", "browse", "names")
offer(work, "browse/campaigns.py", _("主题行动"), ":material/flag:", "browse", "names")
offer(work, "browse/mine.py", _("包联"), ":material/handshake:", "browse", "names")
offer(work, "browse/sessions.py", _("会议与选举"), ":material/how_to_vote:", "browse", "names")
offer(work, "browse/reports.py", _("报表"), ":material/print:", "browse", "names", "export")
offer(_("数据"), "clerk/upload.py", _("上传"), ":material/upload:", "upload")
offer(_("数据"), "clerk/history.py", _("上传记录"), ":material/history:", "uploads")
offer(
    _("数据"),
    "browse/verify.py",
    _("核对文件"),
    ":material/verified:",
    *("browse", "names", "export"),
)
if here.role is not None:
    offer(_("管理"), "admin/accounts.py", _("账号"), ":material/badge:", "accounts")
offer(_("管理"), "admin/record.py", _("操作记录"), ":material/receipt_long:", "record")
offer(_("管理"), "admin/backups.py", _("备份"), ":material/backup:", "backups")

if len(sections) == 1:  # no menu to open for a few pages
    sections = {"": [page for section in sections.values() for page in section]}
page = st.navigation({**sections, "": [*sections.get("", []), *beside]}, position="top")
signed.tell(here)
wait_for_data(here)
page.run()
