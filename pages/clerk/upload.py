"""上传: files in, each checked and previewed before anything is stored; empty ones to fill in."""

from functools import partial

import pandas as pd
import streamlit as st

from data.access import Forbidden, Visitor
from data.period import Period
from data.problems import SENTENCES, DatabaseUnavailable, Problem
from data.uploads import desk
from data.uploads.formats import FORMATS
from pages.exports.mending import as_workbook
from pages.exports.table import file_name
from pages.parts import access, effects, filters, tables
from pages.parts.alone import alone
from pages.parts.backups import sentence
from pages.parts.caching import ask, is_sample, version
from pages.words import _
from pages.words.terms import listed, period_name, plain
from queries import county, uploads

PROBLEMS_SHOWN = 500
LEVELS = {"error": "错误", "warning": "提醒", "note": "说明"}
OUTCOMES = {
    "stored": "已入库",
    "unchanged": "无变化，未重复入库",
    "refused": "未入库",
    "outdated": "未入库，请重新核对预览",
}
WOULD_BE = {
    "stored": "可以入库",
    "unchanged": "无变化",
    "refused": "不能入库",
    "outdated": "请重新核对预览",
}
MODES = {"add": "补充", "replace": "替换"}

here = access.demand("upload")
filters.headline(_("上传"))
today = filters.today()
recorded = ask(county.quarters_on_record)
upload, formats = st.tabs([_("上传文件"), _("表格模板")])
headers = {c.header for f in FORMATS.values() for c in f.columns}
counts = {
    "rows": tables.number(_("行数"), width=60),
    "added": tables.number(_("新增"), width=60),
    "changed": tables.number(_("更新"), width=60),
    "unchanged": tables.number(_("未变"), width=60),
}


# --- a file and its checks --------------------------------------------------------------------


def corrections() -> dict[str, dict[str, str]]:
    """What the clerk chose, by file: its format, its quarter, how it is stored."""
    return st.session_state.setdefault("corrected", {})


def correct(file_id: str, what: str) -> None:
    value = st.session_state[f"{what}_{file_id}"]
    corrections().setdefault(file_id, {})[what] = value


def sent(file) -> desk.Sent:
    said = corrections().get(file.file_id, {})
    fmt = FORMATS.get(said.get("format", ""))
    quarter = Period.parse(said["quarter"]) if "quarter" in said else None
    return desk.Sent(file.name, file.getvalue(), fmt, quarter, said.get("mode") == "replace")


def quarters_to_choose(found: Period | None) -> list[str]:
    """From the first quarter on record, or five years back, to the current one."""
    last = Period.quarter_of(today)
    first = min([Period(last.year - 5, 1, 1), *recorded, *([found] if found else [])])
    years = range(first.year, max(last.year, found.year if found else 0) + 1)
    all_quarters = [Period(year, q, q) for year in years for q in (1, 2, 3, 4)]
    return [str(q) for q in reversed(all_quarters) if q <= last or q == found]


def check_once(files: list) -> list[desk.Checked]:
    """Check the files again only when one of them, a correction or the database has changed."""
    said = [(f.file_id, dict(corrections().get(f.file_id, {}))) for f in files]
    asked = said, version(), here.townships
    if st.session_state.get("checked_for") != asked:
        bar = st.progress(0.0, _("正在检查…"))
        st.session_state.checked = desk.check(
            [sent(file) for file in files],
            here,
            lambda filename, share: bar.progress(
                share, _("正在检查 {file}：{share}", file=plain(filename), share=f"{share:.0%}")
            ),
        )
        bar.empty()
        st.session_state.checked_for = asked
    return st.session_state.checked


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
            choose(
                file,
                "format",
                _("表格种类"),
                list(FORMATS),
                lambda name: _(FORMATS[name].title),
                checked.format.name if checked.format else None,
            )
            if checked.format is None or not checked.format.is_register:
                quarter = str(checked.quarter) if checked.quarter else None
                options = quarters_to_choose(checked.quarter)
                choose(file, "quarter", _("季度"), options, period_name, quarter)
                choose(
                    file,
                    "mode",
                    _("入库方式"),
                    list(MODES),
                    lambda mode: _(MODES[mode]),
                    "replace" if checked.sent.replace else "add",
                    help=_(
                        "补充：保留已有的行，相同的行不重复入库。"
                        "替换：以本文件代替同季度、同镇街已有的行，被替换的行仍然留存，可以撤销。"
                    ),
                )
            if checked.rows is not None:
                st.caption(_("{count} 行数据", count=f"{len(checked.rows):,}"))
        show_problems(checked, file.file_id)
        if checked.has_errors:
            return False
        # A correction or another upload brings other warnings, which want a tick of their own.
        seen = hash((file.file_id, *((p.code, p.row, p.sentence) for p in checked.problems)))
        return not checked.has_warnings or st.checkbox(
            _("已核对以上提醒，可以入库"), key=f"tick_{seen}"
        )


def choose(file, what: str, label: str, options, titles, value: str | None, **settings) -> None:
    """A choice about a file, as it was recognised or as the clerk has corrected it."""
    key = f"{what}_{file.file_id}"
    st.session_state[key] = value
    st.selectbox(
        label,
        options,
        key=key,
        format_func=titles,
        placeholder=_("请选择"),
        on_change=correct,
        args=(file.file_id, what),
        width=180,
        **settings,
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


def show_problems(checked: desk.Checked, place: str) -> None:
    """The problems of a file, and its workbook to mend; ``place`` tells widgets apart."""
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
    ).astype({"row": "Int64"})
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
    if checked.rows is None:
        return
    marks = marked(checked)
    stem = checked.filename.rsplit(".", 1)[0]
    st.download_button(
        _("下载问题表（改好后可直接上传）"),
        # Built on another thread on the click, without a language or a session.
        partial(workbook, here, checked, marks),
        file_name(f"{stem}-{_('问题')}", ending=".xlsx"),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        key=f"mend_{place}_{hash(str(marks))}",
        on_click="ignore",
        icon=":material/download:",
    )


def workbook(by: Visitor, checked: desk.Checked, marks) -> bytes:
    return as_workbook(desk.rows_as_sent(checked, by), marks, checked.format.title)


def marked(checked: desk.Checked) -> dict[int, dict[int, list[tuple[str, str]]]]:
    """Row → column → what is wrong there, the gravest first; what has no cell stands at its row's
    first cell, what has no row at the header's."""
    header, places = desk.header_of(checked)
    marks: dict[int, dict[int, list[tuple[str, str]]]] = {}
    for problem in sorted(checked.problems, key=lambda p: list(LEVELS).index(p.level)):
        row = marks.setdefault(problem.row or header, {})
        place = places.get(problem.column or "", min(places.values(), default=0))
        row.setdefault(place, []).append((problem.level, said(problem)))
    return marks


# --- what storing would do --------------------------------------------------------------------


def preview_once(chosen: list[desk.Checked], among: list[desk.Checked]) -> dict:
    """What storing the files would do, computed again only when they or the database change."""
    # By identity: the same file may have been dropped twice.
    places = [n for n, checked in enumerate(among) if any(checked is c for c in chosen)]
    asked = st.session_state.checked_for, places, version()
    if st.session_state.get("previewed_for") != asked:
        with st.spinner(_("正在预览…")):
            st.session_state.previewed = preview(chosen, among)
            st.session_state.previewed_for = asked
    return st.session_state.previewed


def preview(chosen: list[desk.Checked], among: list[desk.Checked]) -> dict:
    quarters = sorted({c.quarter for c in chosen if c.quarter})
    was = effects.before(quarters)
    with desk.supposing_stored(chosen, among, here) as previews:
        checked = [preview.receipt.checked for preview in previews]
        return {
            "files": previews,
            "was": was,
            "would_be": effects.after(was),
            "reported": ask(uploads.board, periods=tuple(quarters)),
            "without": {
                (c.format.name, c.quarter): ask(
                    uploads.without_record, period=c.quarter, format=c.format.name
                )
                for c in checked
                if c.format and c.quarter and c.format.whose == "delegate_id"
            },
        }


def show_preview(found: dict) -> bool:
    """Show it; returns whether the clerk has agreed to what would be replaced."""
    st.subheader(_("入库预览"), anchor=False)
    rows = pd.DataFrame([summary(p.receipt) for p in found["files"]])
    tables.show(
        rows,
        "preview",
        {
            "file": tables.text(_("文件"), width=190),
            "format": tables.text(_("表格种类"), width=80),
            "quarter": tables.text(_("季度"), width=115),
            "mode": tables.text(_("入库方式"), width=75),
            "outcome": tables.text(_("结果"), width=80),
            **counts,
            "missing": tables.number(_("文件中没有"), width=85),
        },
        _("入库预览"),
    )
    st.caption(
        _(
            "“文件中没有”指同季度、同镇街已入库而本文件没有的行：补充入库时保留，替换入库时不再计入。"
        )
    )
    agreed = all([show_effect(p, f"preview{n}") for n, p in enumerate(found["files"])])
    for name, quarter in found["without"]:
        show_without_record(name, quarter, found)
    effects.show(found["was"], found["would_be"])
    return agreed


def summary(receipt: desk.Receipt) -> dict:
    checked = receipt.checked
    register = checked.format is None or checked.format.is_register
    return {
        "file": checked.filename,
        "format": _(checked.format.title) if checked.format else None,
        "quarter": period_name(str(checked.quarter)) if checked.quarter else None,
        "mode": None if register else _(MODES["replace" if checked.replaces else "add"]),
        "rows": receipt.rows,
        "added": receipt.added,
        "changed": receipt.changed,
        "unchanged": receipt.unchanged,
        "missing": receipt.missing,
        "outcome": _(WOULD_BE[receipt.outcome]),
    }


def show_effect(preview: desk.Preview, place: str) -> bool:
    """The cells that change and the rows that the file lacks; whether replacing them is agreed."""
    receipt, checked = preview.receipt, preview.receipt.checked
    name = plain(checked.filename)
    if receipt.outcome == "refused":
        st.warning(_("{file}：不与其他文件一起入库时有新的问题，请核对。", file=name))
        show_problems(checked, place)
        return False
    if receipt.known_as and receipt.unchanged < receipt.rows:
        st.warning(
            _(
                "{file}：同样的行已由第 {number} 号上传入库，其中 {count} 行后来有更新，不会改回。要恢复原来的内容，请撤销后来的上传。",
                file=name,
                number=receipt.known_as,
                count=receipt.rows - receipt.unchanged,
            )
        )
    if receipt.changed:
        with st.expander(_("{file}：更新 {count} 行", file=name, count=receipt.changed)):
            tables.read(
                preview.changes.assign(column=preview.changes["column"].map(_)),
                {
                    "row_number": _("行号"),
                    "row": _("记录"),
                    "column": _("列"),
                    "before": _("现有内容"),
                    "after": _("新内容"),
                },
                height=420 if len(preview.changes) > 8 else "content",
            )
            cut(preview.changes)
    if receipt.missing:
        title = (
            _("{file}：将替换掉 {count} 行", file=name, count=receipt.missing)
            if checked.replaces
            else _(
                "{file}：已入库而文件中没有的 {count} 行，将保留", file=name, count=receipt.missing
            )
        )
        with st.expander(title):
            columns = {c.name: c for c in checked.format.columns}
            filled = [n for n in columns if preview.missing[n].notna().any()]
            shown = preview.missing.assign(
                **{
                    n: preview.missing[n].map(lambda day: f"{day:%Y-%m-%d}", na_action="ignore")
                    for n in filled
                    if columns[n].kind == "date"
                }
            )
            tables.show(
                shown,
                f"missing_{place}",
                {
                    "upload_id": tables.number(_("上传序号"), width=90),
                    "row_number": tables.number(_("原行号"), width=80),
                    **{n: tables.text(_(columns[n].header)) for n in filled},
                },
                _("文件中没有的行"),
                height=320 if len(shown) > 8 else "content",
            )
            cut(preview.missing)
    if not (checked.replaces and receipt.missing + receipt.changed):
        return True
    if receipt.missing:
        by_township = listed(
            _(
                "{township} 现有 {standing} 行，去掉 {missing} 行",
                township=plain(t.township) if isinstance(t.township, str) else _("未填镇街"),
                standing=t.standing,
                missing=t.missing,
            )
            for t in preview.townships.itertuples(index=False)
            if t.missing
        )
        st.warning(_("{file}：{townships}。", file=name, townships=by_township))
    return st.checkbox(
        _(
            "确认替换：去掉 {missing} 行，更新 {changed} 行",
            missing=receipt.missing,
            changed=receipt.changed,
        ),
        key=f"{place}_{checked.sent.checksum}_{receipt.effect}",
    )


def cut(lines: pd.DataFrame) -> None:
    if len(lines) == desk.SHOWN:
        st.caption(_("只列出前 {shown} 行。", shown=desk.SHOWN))


def show_without_record(name: str, quarter: Period, found: dict) -> None:
    """The townships, and of those in the files the delegates, that would still have no record."""
    key, title = str(quarter), _(FORMATS[name].title)
    period = period_name(key)
    reported = found["reported"]
    asked = (reported["period"] == key) & (reported["format"] == name)
    silent = reported.loc[asked & (reported["rows"] == 0), "township"]
    if not silent.empty:
        st.markdown(
            _(
                "{period}还没有{format}记录的镇街：{townships}",
                period=period,
                format=title,
                townships=listed(map(plain, silent)),
            )
        )
    covered = {
        township
        for preview in found["files"]
        if preview.receipt.checked.format is FORMATS[name] and not preview.townships.empty
        for township in preview.townships["township"]
    }
    without = found["without"][name, quarter]
    absent = without[without["township"].isin(covered)]
    if absent.empty:
        return
    label = _("所报镇街中还没有{format}记录的代表：{count} 位", format=title, count=len(absent))
    with st.expander(label):
        tables.show(
            absent,
            f"without_{name}_{quarter}",
            {
                "township": tables.text(_("镇街")),
                "delegate_id": tables.text(_("代表编号")),
                "name": tables.text(_("姓名")),
            },
            _("没有记录的代表"),
            height=320 if len(absent) > 8 else "content",
        )


# --- storing ----------------------------------------------------------------------------------


@alone(run_every=0.5)
def watch(storing: desk.Storing) -> None:
    if not storing.is_under_way:
        st.rerun()
    st.info(
        _(
            "正在入库：{files}。可以离开或刷新本页，结果会显示在“上传记录”中。",
            files=listed(map(plain, storing.files)),
        ),
        icon=":material/hourglass_top:",
    )


def begin(previews: list[desk.Preview], file_ids: set[str]) -> None:
    """Begin to store what the clerk saw when clicking, and no newer preview."""
    typed = st.session_state.get("clerk_name", "").strip()
    st.session_state.clerk = typed
    try:
        st.session_state.storing = desk.start(previews, access.visitor().signing(typed))
    except Forbidden as refusal:
        st.session_state.refused = sentence(refusal)
        return
    st.session_state.storing_files = file_ids


def settle() -> desk.Storing | None:
    """This clerk's storing; once it has ended as was foreseen, its files are put away."""
    storing: desk.Storing | None = st.session_state.get("storing")
    if storing is None or storing.is_under_way or st.session_state.get("told") == storing.job:
        return storing
    st.session_state.told = storing.job
    if storing.is_settled:  # else the files stay, to try again
        st.session_state.uploader_turn += 1
        st.session_state.corrected = {}
        for kept in ("checked", "checked_for", "previewed", "previewed_for"):
            st.session_state.pop(kept, None)
    return storing


def show_result(storing: desk.Storing) -> None:
    """What became of the files that were stored last."""
    if storing.fault is not None:
        st.error(sentence(storing.fault), icon=":material/error:")
        return
    receipts = storing.receipts or []
    if any(r.outcome == "outdated" for r in receipts):
        st.warning(
            _("其他人刚刚更新了数据，本次没有入库。请核对下面新的预览，再点入库。"),
            icon=":material/sync_problem:",
        )
        return
    stored = sum(r.outcome == "stored" for r in receipts)
    st.success(
        _(
            "完成：{stored} 个文件已入库，{others} 个未入库。",
            stored=stored,
            others=len(receipts) - stored,
        )
    )
    tables.show(
        pd.DataFrame([summary(r) | {"upload_id": r.upload_id} for r in receipts]).assign(
            outcome=[_(OUTCOMES[r.outcome]) for r in receipts]
        ),
        "receipts",
        {
            "upload_id": tables.number(_("上传序号"), width=80),
            "file": tables.text(_("文件"), width="medium"),
            "format": tables.text(_("表格种类"), width=90),
            "quarter": tables.text(_("季度"), width=120),
            **counts,
            "outcome": tables.text(_("结果"), width=160),
        },
        _("入库结果"),
    )
    for number, receipt in enumerate(receipts):
        if receipt.outcome == "refused":
            show_problems(receipt.checked, f"result{number}")


with upload:
    st.caption(
        _(
            "可一次放入多个文件（XLSX 或 CSV），系统自动识别表格种类和季度，检查、预览后再入库；有错误的文件一行也不入库。"
        )
    )
    if refused := st.session_state.pop("refused", None):
        st.error(refused, icon=":material/error:")
    st.session_state.setdefault("uploader_turn", 0)
    storing = settle()
    files = st.file_uploader(
        _("选择要上传的文件"),
        accept_multiple_files=True,
        key=f"files_{st.session_state.uploader_turn}",
        label_visibility="collapsed",
    )
    file_ids = {file.file_id for file in files}
    if storing and storing.is_under_way:
        watch(storing)
    else:
        for other in desk.storings(here):
            if other.is_under_way:
                watch(other)
        if storing and (not files or file_ids == st.session_state.storing_files):
            show_result(storing)
        if files:
            checked = check_once(files)
            chosen = [c for f, c in zip(files, checked, strict=True) if show_file(f, c)]
            if chosen:
                previewed = preview_once(chosen, checked)
                agreed = show_preview(previewed)
                signed = here.role is not None
                if not signed:
                    signed = st.text_input(
                        _("经办人"),
                        st.session_state.get("clerk", ""),
                        key="clerk_name",
                        max_chars=20,
                        width=220,
                        placeholder=_("填写姓名，记入上传记录"),
                    ).strip()
                storable = sum(p.receipt.outcome == "stored" for p in previewed["files"])
                st.button(
                    _("入库（{count} 个文件）", count=storable),
                    type="primary",
                    disabled=not (storable and agreed and signed),
                    on_click=begin,
                    args=(previewed["files"], file_ids),
                )
    if is_sample() and here.may("undo"):
        with st.container(border=True):
            st.markdown(
                _("**开始正式使用**：先清空示例数据，再上传本县的镇街表、代表名册和各季度的表。")
            )
            sure = st.checkbox(_("清空全部示例数据，包括试用时上传的文件"), key="sure")
            if st.button(_("清空示例数据"), disabled=not sure):
                try:
                    desk.begin_with_own_data(here)
                except (DatabaseUnavailable, Forbidden) as fault:
                    st.error(sentence(fault), icon=":material/error:")
                else:
                    st.rerun()


with formats:
    st.caption(
        _("模板第一行是列名，列的顺序可以调换。带 * 的列必填；有姓名和镇街时可以不填代表编号。")
    )
    for fmt in FORMATS.values():
        if here.townships is not None and not fmt.is_of_townships:
            continue
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
