"""上传: files in, each checked before anything is stored; who has reported; what came in."""

import pandas as pd
import streamlit as st

from data.period import Period
from data.problems import SENTENCES, Problem
from data.uploads import desk
from data.uploads.formats import FORMATS
from pages.parts import filters, tables
from pages.parts.caching import ask, is_sample, version
from pages.words import _
from pages.words.terms import listed, period_name, plain
from queries import county, uploads

PROBLEMS_SHOWN = 500
LEVELS = {"error": "错误", "warning": "提醒", "note": "说明"}
OUTCOMES = {"stored": "已入库", "unchanged": "无变化，未重复入库", "refused": "未入库"}

filters.headline(_("上传"))
today = filters.today()
recorded = ask(county.quarters_on_record)
upload, board, history, formats = st.tabs(
    [_("上传文件"), _("报送情况"), _("上传记录"), _("表格模板")]
)


def chosen() -> dict[str, dict[str, str]]:
    """What the clerk corrected, by file: its format, its quarter."""
    return st.session_state.setdefault("corrected", {})


def correct(file_id: str, what: str) -> None:
    value = st.session_state[f"{what}_{file_id}"]
    chosen().setdefault(file_id, {})[what] = value


def sent(file) -> desk.Sent:
    said = chosen().get(file.file_id, {})
    fmt = FORMATS.get(said.get("format", ""))
    quarter = Period.parse(said["quarter"]) if "quarter" in said else None
    return desk.Sent(file.name, file.getvalue(), fmt, quarter)


def quarters_to_choose(found: Period | None) -> list[str]:
    """From the first quarter on record, or five years back, to the current one."""
    last = Period.quarter_of(today)
    first = min([Period(last.year - 5, 1, 1), *recorded, *([found] if found else [])])
    years = range(first.year, max(last.year, found.year if found else 0) + 1)
    all_quarters = [Period(year, q, q) for year in years for q in (1, 2, 3, 4)]
    return [str(q) for q in reversed(all_quarters) if q <= last or q == found]


def show_file(file, checked: desk.Checked) -> bool:
    """One file with its checks; returns whether the clerk lets it be stored."""
    with st.container(border=True):
        head = st.container(horizontal=True, vertical_alignment="center")
        head.text(checked.filename, width="stretch")
        if checked.has_errors:
            head.badge(_("有错误，不能入库"), color="orange", icon=":material/error:")
        elif checked.has_warnings:
            head.badge(_("有提醒，请核对"), color="gray", icon=":material/help:")
        else:
            head.badge(_("可以入库"), color="blue", icon=":material/check:")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            key = f"format_{file.file_id}"
            st.session_state[key] = checked.format.name if checked.format else None
            st.selectbox(
                _("表格种类"),
                list(FORMATS),
                key=key,
                format_func=lambda name: _(FORMATS[name].title),
                placeholder=_("请选择"),
                on_change=correct,
                args=(file.file_id, "format"),
                width=180,
            )
            if checked.format is None or not checked.format.is_register:
                key = f"quarter_{file.file_id}"
                st.session_state[key] = str(checked.quarter) if checked.quarter else None
                st.selectbox(
                    _("季度"),
                    quarters_to_choose(checked.quarter),
                    key=key,
                    format_func=period_name,
                    placeholder=_("请选择"),
                    on_change=correct,
                    args=(file.file_id, "quarter"),
                    width=180,
                )
            if checked.rows is not None:
                st.caption(_("{count} 行数据", count=f"{len(checked.rows):,}"))
        show_problems(checked)
        if checked.has_errors:
            return False
        # A correction or another upload brings other warnings, which want a tick of their own.
        seen = hash((file.file_id, *((p.code, p.row) for p in checked.problems)))
        return not checked.has_warnings or st.checkbox(
            _("已核对以上提醒，可以入库"), key=f"tick_{seen}"
        )


def said(problem: Problem) -> str:
    """The problem's sentence in the reader's language, with what it names."""
    details = {
        name: period_name(value)
        if name == "quarter"
        else _(value)
        if isinstance(value, str)
        else value
        for name, value in {"value": problem.value, **problem.details}.items()
    }
    return _(SENTENCES[problem.code]).format(**details)


def show_problems(checked: desk.Checked) -> None:
    if not checked.problems:
        return
    rows = pd.DataFrame(
        [
            {
                "level": _(LEVELS[p.level]),
                "row": p.row,
                "column": _(p.column) if p.column in headers else p.column,
                "value": p.value,
                "sentence": said(p),
            }
            for p in sorted(checked.problems, key=lambda p: list(LEVELS).index(p.level))
        ]
    )
    tables.read(
        rows.head(PROBLEMS_SHOWN),
        {
            "level": _("级别"),
            "row": _("行号"),
            "column": _("列"),
            "value": _("填写的内容"),
            "sentence": _("问题和处理办法"),
        },
        height=420 if len(rows) > 8 else "content",
    )
    if len(rows) > PROBLEMS_SHOWN:
        st.caption(
            _("共 {count} 个问题，只列出前 {shown} 个。", count=len(rows), shown=PROBLEMS_SHOWN)
        )


def check_once(files: list) -> list[desk.Checked]:
    """Check the files again only when one of them, a correction or the database has changed."""
    wanted = [sent(file) for file in files]
    asked = [(f.file_id, dict(chosen().get(f.file_id, {}))) for f in files], version()
    if st.session_state.get("checked_for") != asked:
        with st.spinner(_("正在检查…")):
            st.session_state.checked = desk.check(wanted)
            st.session_state.checked_for = asked
    return st.session_state.checked


def show_receipts() -> None:
    """What became of the files stored last."""
    receipts = st.session_state.get("receipts")
    if not receipts:
        return
    rows = pd.DataFrame(
        [
            {
                "file": r.checked.filename,
                "format": _(r.checked.format.title) if r.checked.format else None,
                "quarter": period_name(str(r.checked.quarter)) if r.checked.quarter else None,
                "outcome": _(OUTCOMES[r.outcome]),
                "rows": r.rows,
                "added": r.added,
                "changed": r.changed,
                "unchanged": r.unchanged,
            }
            for r in receipts
        ]
    )
    stored = sum(r.outcome == "stored" for r in receipts)
    st.success(
        _(
            "完成：{stored} 个文件已入库，{others} 个未入库。",
            stored=stored,
            others=len(rows) - stored,
        )
    )
    tables.show(
        rows,
        "receipts",
        {
            "file": tables.text(_("文件"), width="medium"),
            "format": tables.text(_("表格种类")),
            "quarter": tables.text(_("季度")),
            "outcome": tables.text(_("结果")),
            **counts,
        },
        _("入库结果"),
    )
    for receipt in receipts:
        if receipt.outcome == "refused":
            show_problems(receipt.checked)


counts = {
    "rows": tables.number(_("行数")),
    "added": tables.number(_("新增")),
    "changed": tables.number(_("更新")),
    "unchanged": tables.number(_("未变")),
}
headers = {c.header for f in FORMATS.values() for c in f.columns}

with upload:
    st.caption(
        _(
            "可一次放入多个文件，系统自动识别表格种类和季度，检查后再入库；有错误的文件一行也不入库。"
            "文件请在 Excel 或 WPS 中另存为 CSV。"
        )
    )
    turn = st.session_state.setdefault("uploader_turn", 0)
    files = st.file_uploader(
        _("选择要上传的文件"),
        accept_multiple_files=True,
        key=f"files_{turn}",
        label_visibility="collapsed",
    )
    if files:
        allowed = []
        for file, checked in zip(files, check_once(files), strict=True):
            if show_file(file, checked):
                allowed.append(checked)
        if st.button(
            _("入库（{count} 个文件）", count=len(allowed)), type="primary", disabled=not allowed
        ):
            with st.spinner(_("正在入库…")):
                st.session_state.receipts = desk.keep(allowed)
            st.session_state.uploader_turn = turn + 1
            st.session_state.corrected = {}
            st.rerun()
    else:
        show_receipts()
    if is_sample():
        with st.container(border=True):
            st.markdown(
                _("**开始正式使用**：先清空示例数据，再上传本县的镇街表、代表名册和各季度的表。")
            )
            sure = st.checkbox(_("清空全部示例数据，包括试用时上传的文件"), key="sure")
            if st.button(_("清空示例数据"), disabled=not sure):
                desk.begin_with_own_data()
                st.rerun()


with board:
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

with history:
    past = ask(uploads.history)
    if past.empty:
        st.caption(_("还没有上传过文件。"))
    else:
        tables.show(
            past.assign(
                format=past["format"].map(lambda name: _(FORMATS[name].title)),
                quarter=past["quarter"].map(period_name, na_action="ignore"),
                state=past["state"].map({"stands": _("有效")}),
            ),
            "history",
            {
                "upload_id": tables.number(_("序号"), width=60),
                "uploaded_at": st.column_config.DatetimeColumn(
                    _("上传时间"), format="YYYY-MM-DD HH:mm"
                ),
                "filename": tables.text(_("文件"), width="medium"),
                "format": tables.text(_("表格种类")),
                "quarter": tables.text(_("季度")),
                **counts,
                "state": tables.text(_("状态")),
            },
            _("上传记录"),
            height=min(36 * len(past) + 40, 620),
        )

with formats:
    st.caption(
        _("模板第一行是列名，列的顺序可以调换。带 * 的列必填；有姓名和镇街时可以不填代表编号。")
    )
    for fmt in FORMATS.values():
        with (
            st.container(border=True),
            st.container(horizontal=True, vertical_alignment="center"),
        ):
            st.markdown(f"**{_(fmt.title)}**", width=120)
            st.caption(
                "、".join(c.header + (" \\*" if c.required else "") for c in fmt.columns),
                width="stretch",
            )
            st.download_button(
                _("下载模板"),
                fmt.template,
                f"{_(fmt.title)}.csv",
                "text/csv",
                key=f"template_{fmt.name}",
                on_click="ignore",
                icon=":material/download:",
            )
