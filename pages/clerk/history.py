"""上传记录: what came in, when, from whom, what became of it; who has reported.

Any upload can be taken back, by who may do that.
"""

from functools import partial

import pandas as pd
import streamlit as st

from data.access import Forbidden
from data.period import Period
from data.problems import DatabaseUnavailable
from data.uploads import desk
from data.uploads.formats import FORMATS
from pages.exports.table import file_name
from pages.parts import access, effects, filters, tables
from pages.parts.alone import alone
from pages.parts.backups import sentence
from pages.parts.caching import ask
from pages.words import _
from pages.words.terms import listed, period_name, plain
from queries import county, uploads

STATES = {"stands": "有效", "reverted": "已撤销"}
MODES = {"add": "补充", "replace": "替换"}
WHY_NOT = {
    "unchanged": "无变化",
    "refused": "有错误",
    "outdated": "其他人刚刚更新了数据",
}
counts = {
    "rows": tables.number(_("行数"), width=65),
    "added": tables.number(_("新增"), width=65),
    "changed": tables.number(_("更新"), width=65),
    "unchanged": tables.number(_("未变"), width=65),
    "standing": tables.number(_("现在有效"), width=80),
}


def choose(number: int | None) -> None:
    st.session_state.reversing = None
    if number is None:
        st.query_params.pop("upload", None)
    else:
        st.query_params["upload"] = str(number)


def show_unsettled() -> None:
    """What is being stored; what was begun and not stored, until the clerk has read it."""
    for storing in desk.storings(here):
        if storing.is_under_way:
            watch(storing)
        elif storing.fault is not None:
            told(
                storing.job,
                _(
                    "{time} {by} 上传的 {files} 没有入库。{reason}",
                    time=f"{storing.begun:%Y-%m-%d %H:%M}",
                    by=plain(storing.by),
                    files=listed(map(plain, storing.files)),
                    reason=sentence(storing.fault),
                ),
            )
        elif left := [r for r in storing.receipts or () if r.outcome != "stored"]:
            told(
                storing.job,
                _(
                    "{time} {by} 上传的文件中没有入库的：{files}。",
                    time=f"{storing.begun:%Y-%m-%d %H:%M}",
                    by=plain(storing.by),
                    files=listed(
                        _(
                            "{file}（{reason}）",
                            file=plain(r.checked.filename),
                            reason=_(WHY_NOT[r.outcome]),
                        )
                        for r in left
                    ),
                ),
            )
    for job in desk.interrupted(here):
        kept = listed(
            _("{file}（序号 {number}）", file=plain(f["filename"]), number=f["upload_id"])
            for f in job.files
            if f["upload_id"] is not None
        )
        lost = listed(plain(f["filename"]) for f in job.files if f["upload_id"] is None)
        said = [_("已完整入库：{files}", files=kept)] if kept else []
        said += [_("没有入库，请重新上传：{files}", files=lost)] if lost else []
        told(
            job.job,
            _(
                "{time} {by} 的入库中途断开。{result}。",
                time=f"{job.at:%Y-%m-%d %H:%M}",
                by=plain(who(job.by)),
                result=_("；").join(said),
            ),
        )


def told(job: str, message: str) -> None:
    """A message that stays until it is read."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.warning(message, icon=":material/error:", width="stretch")
        if here.may("upload"):
            st.button(_("知道了"), key=f"read_{job}", on_click=dismiss, args=(job,))


def dismiss(job: str) -> None:
    try:
        desk.dismiss(job, access.visitor())
    except Forbidden as refusal:
        st.session_state.refused = sentence(refusal)


@alone(run_every=1)
def watch(storing: desk.Storing) -> None:
    if not storing.is_under_way:
        st.rerun()
    st.info(
        _(
            "{by} 正在入库：{files}",
            by=plain(storing.by),
            files=listed(map(plain, storing.files)),
        ),
        icon=":material/hourglass_top:",
    )


def show_upload(upload: pd.Series) -> None:
    """One upload: what is known of it, its file, and taking it back."""
    with st.container(border=True):
        head = st.container(horizontal=True, vertical_alignment="center")
        head.markdown(
            _(
                "**第 {number} 号上传**　{file}",
                number=upload["upload_id"],
                file=plain(upload["filename"]),
            ),
            width="stretch",
        )
        head.badge(
            _(STATES[upload["state"]]), color="blue" if upload["state"] == "stands" else "orange"
        )
        head.button(_("关闭"), on_click=choose, args=(None,), icon=":material/close:")
        facts = [
            _(FORMATS[upload["format"]].title),
            *([period_name(upload["quarter"])] if pd.notna(upload["quarter"]) else []),
            _("入库方式：{mode}", mode=_(MODES[upload["mode"]])),
            _("经办人：{by}", by=plain(who(upload["uploaded_by"]))),
            f"{upload['uploaded_at']:%Y-%m-%d %H:%M}",
        ]
        st.caption(" · ".join(facts))
        st.caption(
            _(
                "行数 {rows}：新增 {added}，更新 {changed}，未变 {unchanged}；现在有效 {standing}。",
                **{
                    name: f"{upload[name]:,}"
                    for name in ("rows", "added", "changed", "unchanged", "standing")
                },
            )
        )
        if len(upload["superseded_by"]):
            numbers = listed(map(str, upload["superseded_by"]))
            st.caption(_("其余的行由第 {numbers} 号上传更新、替换或同样载有。", numbers=numbers))
        st.caption(_("文件校验码：{checksum}", checksum=upload["checksum"]))
        if pd.notna(upload["reason"]):
            st.caption(
                _(
                    "{time} {by} {action}，原因：{reason}",
                    time=f"{upload['reversed_at']:%Y-%m-%d %H:%M}",
                    by=plain(upload["reversed_by"]),
                    action=_("撤销") if upload["state"] == "reverted" else _("重新启用"),
                    reason=plain(upload["reason"]),
                )
            )
        if desk.has_original(upload["checksum"], upload["bytes"]):
            st.download_button(
                _("下载原文件"),
                partial(desk.original, upload["checksum"], here),
                file_name(upload["filename"], ending=""),
                "application/octet-stream",
                key=f"original_{upload['upload_id']}",
                on_click="ignore",
                icon=":material/download:",
            )
        else:
            st.caption(_("原文件没有保存，或已不完整，不能下载。"))
        if here.may("undo"):
            show_reversal(upload)


def who(by: object) -> str:
    return by if isinstance(by, str) and by else "—"


def show_reversal(upload: pd.Series) -> None:
    """What taking the upload back, or putting it in force again, would do; then the doing."""
    number = int(upload["upload_id"])
    action: desk.Action = "undo" if upload["state"] == "stands" else "redo"
    verb = _("撤销这次上传") if action == "undo" else _("重新启用这次上传")
    if st.session_state.get("reversing") != number:
        icon = ":material/undo:" if action == "undo" else ":material/redo:"
        st.button(f"{verb}…", on_click=begin_reversal, args=(number,), icon=icon)
        return
    was = effects.before()
    try:
        with desk.supposing_reversed(number, action, here) as would:
            would_be = effects.after(was)
    except desk.StillNeeded as needed:
        numbers = listed(map(str, needed.uploads))
        st.warning(
            _(
                "第 {numbers} 号上传的记录要用到这里的代表或镇街，请先撤销这些上传。",
                numbers=numbers,
            )
            if action == "undo"
            else _("这次上传的记录所用到的代表或镇街现在不在名册中，请先重新启用相应的名册。"),
            icon=":material/block:",
        )
        return
    lines = [_("不再计入 {count} 行", count=sum(would.gone.values()))]
    lines += [
        _("这次上传的 {count} 行重新有效", count=count)
        if other == number
        else _(
            "第 {other} 号上传的 {count} 行改为有效（内容相同，或是原来的内容）",
            other=other,
            count=count,
        )
        for other, count in would.back.items()
    ]
    lines += [
        _(
            "其中 {count} 行已由第 {other} 号上传更新、替换或重复，以后者为准",
            count=count,
            other=other,
        )
        for other, count in would.later.items()
        if other not in would.back
    ]
    st.markdown("\n".join(f"- {line}" for line in lines))
    effects.show(was, would_be)
    signed = here.role is not None
    if not signed:
        signed = st.text_input(
            _("经办人"),
            st.session_state.get("clerk", ""),
            key="clerk_name",
            max_chars=20,
            width=220,
        ).strip()
    reason = st.text_input(
        _("原因"), key="reason", max_chars=100, placeholder=_("例如：传错了文件"), width=420
    )
    st.button(
        verb,
        type="primary",
        disabled=not (signed and reason.strip()),
        on_click=reverse,
        args=(number, action, would),
    )


def begin_reversal(number: int) -> None:
    st.session_state.reversing = number


def reverse(number: int, action: desk.Action, seen: desk.Reversal) -> None:
    """Do what the clerk saw when clicking, or say why not."""
    typed, reason = st.session_state.get("clerk_name", "").strip(), st.session_state.reason.strip()
    st.session_state.clerk = typed
    try:
        desk.reverse(number, action, reason, access.visitor().signing(typed), seen)
    except (desk.StillNeeded, desk.NotReversible):
        st.session_state.refused = _("其他人刚刚更新了数据，没有执行。请重新核对。")
        return
    except (DatabaseUnavailable, Forbidden) as fault:
        st.session_state.refused = sentence(fault)
        return
    st.session_state.reversing = None
    figures = {"number": number, "gone": sum(seen.gone.values()), "back": sum(seen.back.values())}
    st.session_state.reversed = (
        _("第 {number} 号上传已撤销：{gone} 行不再计入，{back} 行重新有效。", **figures)
        if action == "undo"
        else _("第 {number} 号上传已重新启用：{back} 行重新有效，{gone} 行不再计入。", **figures)
    )


def show_history() -> None:
    """Every upload; the one that was clicked in full."""
    past = ask(uploads.history)
    if past.empty:
        st.info(_("还没有上传过文件。"), icon=":material/info:")
        if here.may("upload"):
            st.page_link("clerk/upload.py", label=_("去上传"), icon=":material/upload:")
        return
    if said := st.session_state.pop("reversed", None):
        st.success(said, icon=":material/check_circle:")
    chosen = past[past["upload_id"].astype(str) == st.query_params.get("upload", "")]
    if not chosen.empty:
        show_upload(chosen.iloc[0])
    st.caption(
        _("点击一行查看详情、下载原文件或撤销。")
        if here.may("undo")
        else _("点击一行查看详情、下载原文件。")
    )
    tables.show(
        past.assign(
            format=past["format"].map(lambda name: _(FORMATS[name].title)),
            quarter=past["quarter"].map(period_name, na_action="ignore"),
            mode=past["mode"].map(lambda mode: _(MODES[mode])),
            state=past["state"].map(lambda state: _(STATES[state])),
        ),
        "history",
        {
            "upload_id": tables.number(_("序号"), width=60),
            "uploaded_at": st.column_config.DatetimeColumn(
                _("上传时间"), format="YYYY-MM-DD HH:mm", width=135
            ),
            "uploaded_by": tables.text(_("经办人"), width=80),
            "filename": tables.text(_("文件"), width=190),
            "format": tables.text(_("表格种类"), width=80),
            "quarter": tables.text(_("季度"), width=115),
            "state": tables.text(_("状态"), width=70),
            "mode": tables.text(_("方式"), width=60),
            **counts,
        },
        _("上传记录"),
        on_click=lambda row: choose(int(past["upload_id"].iloc[row])),
        height=min(36 * len(past) + 40, 620),
    )


def show_board() -> None:
    """Which township has reported what in a quarter."""
    today, recorded = filters.today(), ask(county.quarters_on_record)
    quarters = sorted({Period.quarter_of(today), *recorded}, reverse=True)
    quarter = filters.choose(
        _("季度"),
        [str(q) for q in quarters],
        "quarter",
        period_name,
        default=str(max(recorded, default=quarters[0])),
        width=200,
    )
    rows = ask(uploads.board, periods=(Period.parse(quarter),))
    if rows.empty:
        filters.nothing_yet()
    else:
        missing = rows[rows["expected"] & (rows["rows"] == 0)]
        if missing.empty:
            st.success(
                _("{quarter}各镇街均已报送履职活动和群众意见。", quarter=period_name(quarter))
            )
        else:
            named = listed(
                _(
                    "{township}（{formats}）",
                    township=plain(township),
                    formats=listed(_(FORMATS[f].title) for f in group["format"]),
                )
                for township, group in missing.groupby("township", sort=False)
            )
            st.warning(
                _("{quarter}未报送：{townships}", quarter=period_name(quarter), townships=named)
            )
        shown = rows.assign(
            cell=[
                f"{count:,}" if count else _("未报送") if expected else "—"
                for count, expected in zip(rows["rows"], rows["expected"], strict=True)
            ]
        )
        order = list(dict.fromkeys(rows["format"]))
        wide = shown.pivot(index="township", columns="format", values="cell")
        wide = wide.reindex(list(dict.fromkeys(rows["township"]))).reset_index()
        tables.show(
            wide,
            "board",
            {
                "township": tables.text(_("镇街"), pinned=True),
                **{f: tables.text(_(FORMATS[f].title)) for f in order},
            },
            _("各镇街报送情况"),
        )
        st.caption(
            _(
                "数字为入库行数，按代表所在镇街统计。履职活动和群众意见必须报送，未报送的季度不计入目标；其他各表按实有报送。"
            )
        )


here = access.demand("uploads")
filters.headline(_("上传记录"), files=True)
show_unsettled()
if refused := st.session_state.pop("refused", None):
    st.error(refused, icon=":material/error:")
received, reported = st.tabs([_("上传记录"), _("报送情况")])
with received:
    show_history()
with reported:
    show_board()
