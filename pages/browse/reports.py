"""报表: the big papers of a period: what there is, having them made, taking them away."""

from collections.abc import Mapping
from functools import partial

import streamlit as st

from data.problems import DatabaseUnavailable
from pages.papers import PAPERS, Paper
from pages.parts import access, building, filters
from pages.parts.alone import alone
from pages.parts.backups import sentence
from pages.parts.building import Job, Report, Subject
from pages.parts.caching import ask
from pages.parts.export import MIME, NAMES
from pages.words import _, language
from pages.words.terms import period_name, plain
from queries import county

ALL = ""
ABOUT = {
    "ranking": "全部代表的名次、变化、得分、等次和各指标得分，附各镇街分表、镇街对比和指标口径。供考核会议使用，也可在 Excel 和 WPS 中继续加工。",
    "bulletin": "关键数字、镇街对比、靠前和靠后的代表、全部名次和考核办法，末页签发。供常委会会议审阅和通报。",
    "booklet": "每个镇街一节：本镇街的代表、各指标与全县的比较、未办结的建议。供镇街人大和包联领导使用。",
    "dossiers": "每位代表一至两页：得分计算、历季走势、履职记录和建议，有目录。供考核谈话和存档。",
}
MEGA = 1_000_000

here = access.demand("browse")
access.demand("names")
access.demand("export")
period = filters.headline(_("报表"), ask(county.periods_on_record), files=False)
townships = ask(building.townships, period=period)
offered = {kind: paper for kind, paper in PAPERS.items() if paper.of != "delegate"}
under_way = (
    building.jobs()
)  # looked at before what is made: one that ends in between is watched to its end
try:
    made = building.kept(str(period))
except DatabaseUnavailable as unreadable:
    st.error(
        _("报表须与操作记录核对无误才能下载，现在无法核对。") + sentence(unreadable),
        icon=":material/error:",
    )
    st.stop()
now = building.basis()
current = {subject for subject, report in made.items() if report.basis == now}


def about(kind: str, of: str | None = None) -> Subject:
    return Subject(kind, of, str(period), language())


def have_made(*subjects: Subject) -> None:
    for subject in subjects:
        building.order(subject, here, made.get(subject))


def for_all() -> None:
    """What concerns every paper: having all made that lack, taking all away."""
    gone = {subject for subject in made if subject.of is not None and subject.of not in townships}
    wanted = [s for s in dict.fromkeys([*map(about, offered), *made]) if s not in gone]
    coming = current | {job.subject for job in under_way}
    lacking = [subject for subject in wanted if subject not in coming]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(_("在后台逐份生成，可以离开本页；每个考核期保留最近一份。"), width="stretch")
        st.button(
            _("全部生成"),
            key="make_all",
            on_click=have_made,
            args=lacking,
            disabled=not lacking,
            type="primary",
            icon=":material/print:",
        )
        if reports := [report for subject, report in made.items() if subject in current]:
            st.download_button(
                _("打包下载（{count} 份）", count=len(reports)),
                partial(building.bundle_for, here, reports),
                building.bundle_name(reports),
                mime="application/zip",
                key="download_all",
                on_click="ignore",
                icon=":material/folder_zip:",
            )
    if outdated := [subject for subject in wanted if subject in made and subject not in current]:
        left_out = _("有 {count} 份是旧数据的，不放入打包下载；请重新生成。", count=len(outdated))
        st.caption(f":material/update: {left_out}")


def line(kind: str, paper: Paper) -> Subject:
    """One kind of paper: what it is, how it stands, what can be done; returns which is shown."""
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{_(paper.title)}**", width="stretch")
            of = ALL
            if paper.of == "township":
                of = filters.choose(
                    _("镇街"),
                    [ALL, *townships],
                    kind,
                    lambda name: name or _("全部镇街"),
                    width=180,
                    label_visibility="collapsed",
                )
            subject = about(kind, of or None)
            report = made.get(subject)
            waiting = [job for job in under_way if job.subject == subject]
            if report is not None:
                st.download_button(
                    _("下载 {form}", form=NAMES[report.ending]),
                    partial(building.file_for, here, report),
                    report.filename,
                    mime=MIME[report.ending],
                    key=f"download_{kind}",
                    on_click="ignore",
                    icon=":material/download:",
                )
            if waiting and building.may_withdraw(waiting[0], here):
                st.button(
                    _("取消"),
                    key=f"withdraw_{kind}",
                    on_click=building.withdraw,
                    args=(waiting[0], here),
                    icon=":material/close:",
                )
            else:
                st.button(
                    _("生成") if report is None else _("重新生成"),
                    key=f"make_{kind}",
                    on_click=have_made,
                    args=[subject],
                    disabled=bool(waiting),
                    icon=":material/print:",
                )
        if kind in ABOUT:
            st.caption(_(ABOUT[kind]))
        if waiting and waiting[0] is under_way[0]:
            watch(waiting[0])
        elif waiting:
            before = under_way.index(waiting[0])
            st.badge(_("排队中，前面还有 {count} 份", count=before), color="gray")
        elif (job := building.failed(subject)) is not None:
            st.error(job.sentence, icon=":material/error:")
        if report is not None:
            tell(report)
        elif not waiting:
            st.badge(_("尚未生成"), color="gray")
    return subject


def tell(report: Report) -> None:
    """When it was made, by whom, of which data, and what could not be printed."""
    fresh = report.subject in current
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if fresh:
            st.badge(_("已生成"), color="blue", icon=":material/check:")
        else:
            st.badge(_("数据已更新"), color="orange", icon=":material/update:")
        version = report.basis.version
        told = [
            f"{report.at:%Y-%m-%d %H:%M}",
            plain(report.by) or _("本机"),
            _("数据版本 {version}", version=version)
            if fresh
            else _("这份是数据版本 {version} 的", version=version),
            f"{max(report.bytes, MEGA / 10) / MEGA:.1f} MB",
        ]
        st.caption(" · ".join(told), width="content")
    if report.lacking:
        st.caption(f":material/border_color: {unprintable(report.lacking)}")


def unprintable(lacking: Mapping[str, list[str]]) -> str:
    signs = _("；").join(building.spelled_out(lacking))
    return _("打印字体中没有下列的字，请在打印后手工补写：{signs}。", signs=signs)


@alone(run_every=0.5)
def watch(job: Job, name: str = "") -> None:
    """How far it is, until it has ended; only this part of the page is drawn again."""
    if job.ended.is_set():
        st.rerun()
    told = [_("正在生成")]
    if name:
        told = [_("正在生成{name}", name=name)]
    if job.parts:
        told.append(_("共 {parts} 部分，已完成 {made}", made=job.made, parts=job.parts))
    told.append(_("已用 {seconds} 秒", seconds=int(job.seconds)))
    st.progress(job.made / job.parts if job.parts else 0.0, " · ".join(told))


for_all()
elsewhere = st.container()
if lacking := ask(building.unprintable, period=period):
    st.warning(unprintable(lacking), icon=":material/border_color:")
shown = [line(kind, paper) for kind, paper in offered.items()]
if under_way and under_way[0].subject not in shown:
    subject = under_way[0].subject
    parts = [_(PAPERS[subject.kind].title), period_name(subject.period), plain(subject.of or "")]
    with elsewhere:
        watch(under_way[0], " · ".join(filter(None, parts)))
