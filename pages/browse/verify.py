"""核对文件: whether a file is, unchanged, one that was exported from here, and of what data."""

from hashlib import sha256
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from data import deeds, record
from data.problems import DatabaseUnavailable
from pages.parts import access, filters, tables
from pages.parts.backups import sentence
from pages.parts.caching import version
from pages.parts.export import NAMES
from pages.words import _
from pages.words.terms import listed, period_name, plain

MIB = 2**20
LARGEST = 200  # MiB, the server's own limit


def verify(file: UploadedFile, fault: record.Fault | None) -> None:
    """Say what the record knows of a file's exact bytes."""
    found = sha256(file.getbuffer()).hexdigest()
    known = deeds.exported(found)
    with st.container(border=True):
        if known.empty:
            unknown(file)
            told = []
        else:
            newest = known.iloc[0]
            exported(file, newest, fault)
            told = about(newest["what"], int(newest["number"]))
            if len(known) > 1:
                earlier = [f"{e.at:%Y-%m-%d %H:%M} {who(e)}" for e in known.iloc[1:].itertuples()]
                told.append((_("此前还导出过"), listed(earlier)))
        told.append((_("文件校验码"), found))
        tables.read(
            pd.DataFrame(told, columns=["label", "text"]),
            {"label": _("项目"), "text": _("内容")},
        )


def unknown(file: UploadedFile) -> None:
    st.warning(
        _(
            "{file}：没有找到这个文件的导出记录。它不是从本系统导出的，或者导出后被改动过，"
            "哪怕只是打开后又保存；登记文件校验码以前导出的文件也查不到。",
            file=plain(file.name),
        ),
        icon=":material/help:",
    )
    if file.name.lower().endswith(".zip"):
        st.caption(_("压缩包重新打包后也会不同。请解压，把里面的文件逐个放入核对。"))


def exported(file: UploadedFile, entry: Any, fault: record.Fault | None) -> None:
    same = _(
        "{file}：与 {by} 于 {at} 从本系统导出的文件完全一致，没有改动。",
        file=plain(file.name),
        by=plain(who(entry)),
        at=f"{entry['at']:%Y-%m-%d %H:%M}",
    )
    if fault is None or entry["number"] < fault.number:
        st.success(same, icon=":material/verified:")
    else:
        st.warning(
            same + _("但操作记录从第 {number} 条起不可靠，这一结论不能作准。", number=fault.number),
            icon=":material/gpp_maybe:",
        )
    if file.name.lower().endswith(".zip"):
        st.caption(_("这是整个压缩包。里面的每个文件也有登记，解压后可以逐个核对。"))


def who(entry: Any) -> str:
    name = record.visible(entry.name if isinstance(entry, tuple) else entry["name"])
    return name or _("本机")


def about(what: dict[str, Any], number: int) -> list[tuple[str, str]]:
    """What the record says of an export, as label and text."""
    period, stand = what.get("period"), what.get("version")
    lines = [
        (_("表名"), what.get("title")),
        (_("考核期"), period and period_name(str(period))),
        (_("筛选"), listed(what.get("filters") or []) or _("无")),
        (_("文件格式"), NAMES.get(str(what.get("kind")), what.get("kind"))),
        (_("考核方案"), what.get("scheme")),
        (_("方案版本"), what.get("scheme_version")),
        (_("数据版本"), None if stand is None else since(stand)),
        (_("记录序号"), number),
    ]
    return [(label, record.visible(str(text))) for label, text in lines if text is not None]


def since(stand: Any) -> str:
    """A data version, and whether the data have changed since."""
    if stand == version():
        return _("{version}（数据至今没有变化）", version=stand)
    return _("{version}（此后数据有更新，现为 {now}）", version=stand, now=version())


access.demand("browse")
access.demand("names")
access.demand("export")
filters.headline(_("核对文件"))
st.caption(
    _(
        "放入从本系统导出的文件，核对它是否被改动过：内容哪怕只变了一个字，也会查出。"
        "文件只在内存中核对，不保存。"
    )
)
said = _("或把文件拖到这里，可一次多个；每个不超过 {size} MB", size=LARGEST)
st.html(f"<style>:root{{--drop-files:'{said}'}}</style>")  # not what the upload page says there
try:
    fault = record.fault()
    if fault is not None:
        st.error(
            _(
                "操作记录从第 {number} 条起不完整，或与写入时不符。此前的导出仍可核对，其后的不能作准。",
                number=fault.number,
            ),
            icon=":material/gpp_bad:",
        )
    for file in st.file_uploader(
        _("选择要核对的文件"),
        accept_multiple_files=True,
        max_upload_size=LARGEST,
        key="verified",
        label_visibility="collapsed",
    ):
        verify(file, fault)
except DatabaseUnavailable as unreadable:
    st.error(_("操作记录现在读不出来，无法核对。") + sentence(unreadable), icon=":material/error:")
