"""操作记录: who did what, when and from where; and whether it all stands as it was written."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from data import record
from data.access import ROLES
from data.period import Period
from data.problems import DatabaseUnavailable
from data.uploads.formats import FORMATS
from pages.exports.table import Column, Table, as_csv, as_xlsx, file_name
from pages.parts import access, export, filters, tables
from pages.parts.backups import sentence
from pages.words import _, language
from pages.words.terms import period_name, plain

LATEST = 1000  # entries that are shown
FIRST, LAST = date(2000, 1, 1), date(2099, 12, 31)  # days that can be looked for
ALL = ""
FAILED = ("sign_in_failed", "sign_in_slowed")
LABELS = {
    "account": "账号",
    "after": "现版本",
    "backup": "备份",
    "before": "原版本",
    "bytes": "文件字节数",
    "delegates": "代表人数",
    "file": "文件",
    "filters": "筛选",
    "format": "表格种类",
    "kind": "文件格式",
    "name": "姓名",
    "note": "登记校验码",
    "outcome": "结果",
    "period": "考核期",
    "place": "网址",
    "quarter": "季度",
    "reason": "原因",
    "reference": "错误编号",
    "right": "所需权限",
    "role": "角色",
    "rows": "行数",
    "scheme": "考核方案",
    "scheme_version": "方案版本",
    "seconds": "暂缓秒数",
    "sha256": "文件校验码",
    "title": "表名",
    "tried": "环节",
    "townships": "镇街",
    "upload": "上传序号",
    "version": "数据版本",
    "way": "登录方式",
}
OUTCOMES = {
    "stored": "已入库",
    "unchanged": "无变化",
    "refused": "有错误",
    "outdated": "其他人刚刚更新了数据",
    "failed": "没有入库",
    "whole": "完好",
    "backup_damaged": "备份已损坏或不完整",
}
WAYS = {"computer": "本机使用", "accounts": "账号登录", "sso": "统一身份认证登录"}
TRIED = {
    "sign_in": "登录",
    "set_up": "用一次性代码设置密码",
    "password": "修改密码",
    "sso": "统一身份认证登录",
}
NEEDED = {
    "browse": "查看总览和镇街",
    "names": "查看代表姓名",
    "export": "导出",
    "uploads": "查看上传记录",
    "upload": "上传",
    "undo": "撤销上传",
    "backups": "备份",
    "accounts": "账号",
    "record": "操作记录",
}
PLACES = ("本机", "命令行", "系统")
TITLES = {name: form.title for name, form in FORMATS.items()}
MEANINGS: dict[str, dict[Any, str]] = {
    "format": TITLES,
    "outcome": OUTCOMES,
    "right": NEEDED,
    "role": ROLES,
    "tried": TRIED,
    "way": WAYS,
}


def told(what: dict[str, Any]) -> str:
    """What an entry says beside who and when, as text."""
    return _("；").join(
        _("{label}：{value}", label=labelled(key), value=said(key, value))
        for key, value in what.items()
        if value is not None
    )


def labelled(key: str) -> str:
    known = key.removesuffix("_before")
    label = _(LABELS[known]) if known in LABELS else record.visible(key)
    return label if known == key else _("{label}（原）", label=label)


def said(key: str, value: Any) -> str:
    if isinstance(value, list):
        return _("、").join(said(key, part) for part in value) or "—"
    if isinstance(value, bool):
        return _("是") if value else _("否")
    meanings = MEANINGS.get(key.removesuffix("_before"), {})
    text = str(value)
    if text in meanings:
        return _(meanings[text])
    if key in ("period", "quarter"):
        try:
            return period_name(str(Period.parse(text)))
        except ValueError:
            pass
    return record.visible(text)


def shown(text: Any) -> str:
    """Text that came from outside, or one of the program's own names."""
    if pd.isna(text) or not text:
        return "—"
    return _(text) if text in PLACES else record.visible(str(text))


def readable(entries: pd.DataFrame) -> pd.DataFrame:
    """The entries as they are read: every cell a text but number and time."""
    return pd.DataFrame(
        {
            "number": entries["number"],
            "at": entries["at"],
            "deed": entries["deed"].map(
                lambda deed: _(record.DEEDS[deed]) if deed in record.DEEDS else shown(deed)
            ),
            "who": entries["who"].map(shown),
            "role": [_(ROLES[role]) if role in ROLES else None for role in entries["role"]],
            "address": entries["address"].map(shown),
            "what": entries["what"].map(told),
            "seal": entries["seal"].str[:16],
        }
    )


def who_did(entries: pd.DataFrame) -> "pd.Series[str]":
    """Name and account; the name alone where nobody signs in."""
    return entries["name"].where(
        entries["account"].isna(), entries["name"] + "（" + entries["account"] + "）"
    )


def pick_day(label: str, name: str) -> date | None:
    """A day whose state is the URL's parameter ``name``."""
    key = f"pick_{name}"
    try:
        day = date.fromisoformat(st.query_params.get(name, ""))
    except ValueError:
        day = None
    st.session_state[key] = day if day and FIRST <= day <= LAST else None

    def moved() -> None:
        day = st.session_state[key]
        if day is None:
            st.query_params.pop(name, None)
        else:
            st.query_params[name] = day.isoformat()

    return st.date_input(
        label,
        key=key,
        on_change=moved,
        min_value=FIRST,
        max_value=LAST,
        format="YYYY-MM-DD",
        width=150,
    )


def tell_whether_it_holds(fault: record.Fault | None) -> str:
    number, seal = kept.head
    if fault is None:
        holds = _("记录完整：共 {count} 条，校验码 {seal}。", count=f"{number:,}", seal=seal[:16])
        st.success(
            holds + _("请定期导出或抄下条数和校验码，另行保存，日后可以核对。"),
            icon=":material/verified:",
        )
        return holds
    wrong = (
        _("第 {number} 条起的操作记录不见了。", number=fault.number)
        if fault.missing
        else _(
            "从第 {number} 条起，操作记录与写入时不符：有内容被改动、删去或调换。",
            number=fault.number,
        )
    )
    st.error(
        wrong
        + _(
            "请把文件 {path} 原样另存，不要改动，再与以前导出的记录和抄下的校验码核对。",
            path=plain(str(kept.path)),
        ),
        icon=":material/gpp_bad:",
    )
    return wrong


def narrowed(
    entries: pd.DataFrame, deed: str, person: str, first: date | None, last: date | None
) -> pd.DataFrame:
    fits = pd.Series(True, entries.index)
    if deed != ALL:
        fits &= entries["deed"] == deed
    if person != ALL:
        fits &= entries["who"] == person
    if first is not None:
        fits &= entries["at"] >= datetime.combine(first, time.min)
    if last is not None:
        fits &= entries["at"] < datetime.combine(last, time.min) + timedelta(days=1)
    return entries[fits]


def holding(entries: pd.DataFrame, word: str) -> "pd.Series[bool]":
    """Which entries bear the word in what is read of them."""
    texts = readable(entries)[["number", "deed", "who", "role", "address", "what", "seal"]]
    rows = texts.fillna("").astype(str).itertuples(index=False)
    sought = word.casefold()
    found = [sought in "\n".join(row).casefold() for row in rows]
    return pd.Series(found, entries.index, dtype=bool)


def offer_files(entries: pd.DataFrame, state: str, narrowed_by: Sequence[tuple[str, str]]) -> None:
    """All that was found as CSV and XLSX; the files are built, and put on record, on the click."""
    title = _("操作记录")
    columns = [
        Column("number", _("序号"), "count"),
        Column("at", _("时间")),
        Column("deed", _("操作")),
        Column("who", _("人员")),
        Column("role", _("角色")),
        Column("address", _("来源")),
        Column("what", _("内容")),
        Column("seal", _("校验码")),
    ]
    at = datetime.now().replace(microsecond=0)  # noqa: DTZ005 - the office's own clock
    about = [
        (_("表名"), title),
        (_("完整性"), state),
        *((label, choice) for label, choice in narrowed_by if choice),
        (_("行数"), str(len(entries))),
        (_("导出人"), here.name or _("本机")),
        (_("导出时间"), f"{at:%Y-%m-%d %H:%M}"),
    ]

    def built(kind: str) -> tuple[bytes, dict[str, record.Value]]:
        table = readable(entries).assign(at=entries["at"].dt.strftime("%Y-%m-%d %H:%M:%S"))
        content = (
            as_csv(table, columns)
            if kind == "csv"
            else as_xlsx([Table(title, table, columns)], _("说明"), about, at)
        )
        return content, {
            "title": title,
            "filters": [f"{label}: {choice}" for label, choice in narrowed_by if choice],
            "rows": len(entries),
            "kind": kind,
        }

    with st.container(horizontal=True):
        for kind, label in (("xlsx", _("导出 Excel")), ("csv", _("导出 CSV"))):
            st.download_button(
                label,
                partial(export.hand_out, here, ["record"], language(), partial(built, kind)),
                file_name(title, kept.head[0], f"{at:%Y%m%d-%H%M%S}", ending=f".{kind}"),
                mime=export.MIME[kind],
                key=f"{kind}_record",
                on_click="ignore",
                icon=":material/download:",
            )


here = access.demand("record")
filters.headline(_("操作记录"))
kept = record.record()
try:
    entries = kept.entries()
    state = tell_whether_it_holds(record.fault())
except DatabaseUnavailable as unreadable:
    st.error(sentence(unreadable), icon=":material/error:")
    st.stop()
if entries.empty:
    st.info(_("还没有操作记录。"), icon=":material/info:")
    st.stop()
entries = entries.assign(who=who_did(entries))

with st.container(horizontal=True, vertical_alignment="bottom"):
    words = st.text_input(
        _("查找"),
        key="looked_for",
        max_chars=100,
        placeholder=_("姓名、文件、原因、地址等"),
        autocomplete="off",
    )
    found = [deed for deed in record.DEEDS if deed in entries["deed"].unique()]
    deed = filters.choose(
        _("操作"),
        [ALL, *found],
        "deed",
        lambda deed: _(record.DEEDS[deed]) if deed else _("全部操作"),
        width=190,
    )
    people = sorted({*entries["who"][~entries["deed"].isin(FAILED)].unique()} - {ALL})
    person = st.selectbox(
        _("人员"),
        [ALL, *people],
        key="person",
        format_func=lambda who: shown(who) if who else _("全部人员"),
        width=190,
    )
    first, last = pick_day(_("起"), "from"), pick_day(_("止"), "until")

matching = narrowed(entries, deed, person, first, last)
for word in words.split():
    matching = matching[holding(matching, word)]
if matching.empty:
    st.info(_("没有符合条件的操作记录。"), icon=":material/info:")
    st.stop()
st.caption(
    (
        _("共 {count} 条。", count=f"{len(matching):,}")
        if len(matching) <= LATEST
        else _(
            "共 {count} 条，这里列出最近的 {latest} 条；导出的文件包括全部。",
            count=f"{len(matching):,}",
            latest=f"{LATEST:,}",
        )
    )
    + _("双击单元格可看全文。")
)
tables.show(
    readable(matching.head(LATEST)),
    "record",
    {
        "number": tables.number(_("序号"), width=70),
        "at": st.column_config.DatetimeColumn(_("时间"), format="YYYY-MM-DD HH:mm:ss", width=150),
        "deed": tables.text(_("操作"), width=110),
        "who": tables.text(_("人员"), width=150),
        "role": tables.text(_("角色"), width=95),
        "address": tables.text(_("来源"), width=120),
        "what": tables.text(_("内容"), width=420),
        "seal": tables.text(_("校验码"), width=150),
    },
    _("操作记录"),
    height=min(36 * min(len(matching), LATEST) + 40, 620),
)
offer_files(
    matching,
    state,
    [
        (_("查找"), words),
        (_("操作"), _(record.DEEDS[deed]) if deed else ""),
        (_("人员"), shown(person) if person else ""),
        (_("起"), str(first or "")),
        (_("止"), str(last or "")),
    ],
)
