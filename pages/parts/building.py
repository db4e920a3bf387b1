"""Building the big papers in the background: one at a time, each asked for once, for everybody.

Pages only look on. What is under way survives them, and ends with the program; what stands until
then, and after, is the report before (data.reports).
"""

import atexit
import logging
import secrets
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from data import deeds, reports
from data.access import Forbidden, Right, Visitor
from data.period import Period
from data.problems import DATABASE, DatabaseUnavailable
from data.reports import Report, Subject, basis
from pages import papers
from pages.exports import press
from pages.exports.book import shown
from pages.exports.bundle import Entry, as_zip
from pages.exports.table import Column, as_csv, file_name
from pages.parts import export
from pages.parts.facts import Facts
from pages.words import _, language, speak
from pages.words.terms import listed, period_name, plain
from queries import county
from queries.sight import Sight, seeing

__all__ = ["Report", "Subject", "basis"]

RIGHTS: tuple[Right, ...] = ("browse", "names", "export")  # what a report takes, all of it
TURNS = 3  # that a paper is made at most, while the data moves under it
THREAD, LAST = "building", 5  # seconds that the end of the program waits for it
FIRST, SHORT = 5, 30  # texts that a sign stands in, and of each the signs, that are named
FAULTS = {
    "forbidden": "没有生成：{by}的账号没有这项权限，或登录已失效。请重新点“生成”。",
    "moved": "没有生成：生成期间数据一再更新。请等数据入库完毕，再点“生成”。",
    "gone": "没有生成：这个考核期已没有履职记录。",
    "nobody": "没有生成：这个镇街在这个考核期没有在任代表。",
    "failed": "没有生成，请再点“生成”。如仍不行，请把编号 {reference} 告诉系统管理员。",
}
_log = logging.getLogger(__name__)


class NotMade(Exception):
    """The paper was not made; ``message`` says why and what to do, with its ``details``."""

    def __init__(self, message: str, **details: str) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


@dataclass(eq=False)
class Job:
    """A paper that is waited for, being made, or was not made: then with a ``fault``.

    ``made`` of ``parts`` are done, as far as is known; ``begun`` is on the monotonic clock.
    """

    subject: Subject
    by: Visitor
    begun: float | None = None
    made: int = 0
    parts: int = 0
    fault: NotMade | None = None
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def seconds(self) -> float:
        return 0.0 if self.begun is None else time.monotonic() - self.begun

    @property
    def sentence(self) -> str:
        """Why it was not made, in the reader's language."""
        assert self.fault is not None
        details = {name: plain(value) for name, value in self.fault.details.items()}
        return _(self.fault.message, **details)

    def tell(self, made: int, parts: int) -> None:
        self.made, self.parts = made, parts
        if _leaving.is_set():
            raise SystemExit


_jobs: list[Job] = []  # the first is being made, the others wait
_failed: dict[Subject, Job] = {}
_changing = threading.Lock()
_leaving = threading.Event()


def order(subject: Subject, by: Visitor, seen: Report | None = None) -> None:
    """Have a paper made, unless that is under way, or has been since one was ``seen``.

    Raises Forbidden.
    """
    _demand(by)
    with _changing:
        made = reports.kept().get(subject)
        made_since = made is not None and made != seen and made.basis == basis()
        if made_since or any(job.subject == subject for job in _jobs):
            return
        _failed.pop(subject, None)
        if not _jobs:
            threading.Thread(target=_work, name=THREAD, daemon=True).start()
        _jobs.append(Job(subject, by))


def may_withdraw(job: Job, by: Visitor) -> bool:
    """Whether it is not begun yet, and theirs."""
    return job in _jobs[1:] and job.by.account == by.account


def withdraw(job: Job, by: Visitor) -> None:
    """Take back what was ordered, where that may be."""
    with _changing:
        if may_withdraw(job, by):
            _jobs.remove(job)
            job.ended.set()


def jobs() -> list[Job]:
    """What is being made, and then what waits, in order."""
    with _changing:
        return list(_jobs)


def failed(subject: Subject) -> Job | None:
    """The last try at it, if it was not made."""
    return _failed.get(subject)


def kept(period: str) -> dict[Subject, Report]:
    """What was made for a period, in the reader's language, papers in the order of PAPERS; raises
    DatabaseUnavailable.
    """
    kinds = list(papers.PAPERS)
    found = {
        subject: report
        for subject, report in reports.kept().items()
        if (subject.period, subject.language) == (period, language()) and subject.kind in kinds
    }
    return dict(sorted(found.items(), key=lambda r: (kinds.index(r[0].kind), r[0].of or "")))


def townships(*, period: Period) -> list[str]:
    """Those with a delegate in office in the period; of another there is nothing to be made."""
    peopled = set(county.ranking(period=period)["township"])
    return [name for name in county.townships_on_record()["township"] if name in peopled]


def _work() -> None:
    while True:
        with _changing:
            job = _jobs[0]
        job.begun = time.monotonic()
        _try(job)
        with _changing:
            _jobs.remove(job)
            if job.fault is not None:
                _failed[job.subject] = job
            job.ended.set()
            if not _jobs or _leaving.is_set():
                return


@atexit.register
def _leave() -> None:
    """Let it come to a rest: Typst panics where it comes back into a Python that has ended."""
    _leaving.set()
    for thread in threading.enumerate():
        if thread.name == THREAD:
            thread.join(LAST)


def _try(job: Job) -> None:
    """Make it on this thread; whatever happens, it ends and says how."""
    speak(job.subject.language)
    try:
        with seeing(Sight.of(job.by)):
            _build(job)
    except NotMade as fault:
        job.fault = fault.with_traceback(None)
    except Forbidden:
        job.fault = NotMade(FAULTS["forbidden"], by=job.by.name)
    except DatabaseUnavailable as fault:
        job.fault = NotMade(DATABASE[fault.code], **fault.details)
    except SystemExit:
        pass  # the program ends
    except BaseException as error:  # Typst panics with one that is no Exception
        reference = secrets.token_hex(4)
        _log.error("building %s failed, reference %s", job.subject, reference, exc_info=error)
        deeds.done("page_failed", job.by, reference=reference)
        job.fault = NotMade(FAULTS["failed"], reference=reference)


def _build(job: Job) -> None:
    subject, by = job.subject, job.by
    paper = papers.PAPERS[subject.kind]
    period = Period.parse(subject.period)
    _demand(by)
    for _turn in range(TURNS):
        before = basis()
        if period not in county.periods_on_record():
            raise NotMade(FAULTS["gone"])
        if subject.of is not None and subject.of not in townships(period=period):
            raise NotMade(FAULTS["nobody"])
        [scheme] = county.scheme_in_force().itertuples(index=False)
        facts = Facts(
            title=_(paper.title),
            period=subject.period,
            scheme=scheme.name,
            checksum=scheme.checksum,
            by=by.name,
            filters=((_("镇街"), subject.of),) if subject.of else (),
            version=before.version,
            sample=before.sample,
        )
        content, lacking = paper.make(facts, period, subject.of, job.tell)
        if basis() == before:  # else it may be of two versions
            break
    else:
        raise NotMade(FAULTS["moved"])
    _demand(by)
    report = Report(
        subject,
        before,
        title=facts.title,
        filename=file_name(*facts.stem(), ending=f".{paper.ending}"),
        scheme=facts.scheme,
        checksum=facts.checksum,
        by=facts.by,
        at=facts.at,
        said=facts.said(),
        lacking=lacking,
        sha256=reports.digest(content),
        bytes=len(content),
    )
    reports.keep(report, content, by)


def _demand(by: Visitor) -> None:
    for right in RIGHTS:
        deeds.demand(by, right)


# --- what leaves ------------------------------------------------------------------------------


def bundle_name(made: Sequence[Report]) -> str:
    """Of equal bundles the same, of others another."""
    [period] = {report.subject.period for report in made}
    content = reports.digest("".join(report.sha256 for report in made).encode())
    at = max(report.at for report in made)
    return file_name(_("报表"), period, f"{at:%Y%m%d-%H%M%S}", content[:6], ending=".zip")


def file_for(by: Visitor, report: Report) -> bytes:
    """The file of a report, handed to who may."""

    def whole() -> tuple[bytes, dict[str, deeds.Value]]:
        return reports.content(report), {**report.said, "kind": report.ending}

    return export.hand_out(by, RIGHTS, report.subject.language, whole)


def bundle_for(by: Visitor, made: Sequence[Report]) -> bytes:
    """The reports and a list of them as a ZIP, handed to who may; it and each file in it are on
    record, once all are read.
    """

    def bundle() -> tuple[bytes, dict[str, deeds.Value]]:
        about = {"period": made[0].subject.period, "file": bundle_name(made)}
        first = Entry(f"{_('清单')}.csv", _list(made), max(report.at for report in made))
        entries = [first, *(Entry(r.filename, reports.content(r), r.at) for r in made)]
        content = as_zip(entries)
        told = [{"title": _("清单"), "kind": "csv"}, *({**r.said, "kind": r.ending} for r in made)]
        for entry, said in zip(entries, told, strict=True):
            sums = {"sha256": reports.digest(entry.content), "bytes": len(entry.content)}
            deeds.handed_out("export", by, **{**said, **about, **sums})
        return content, {"title": _("报表"), "kind": "zip", **about}

    return export.hand_out(by, RIGHTS, made[0].subject.language, bundle)


def _list(made: Sequence[Report]) -> bytes:
    """What is in a bundle, a line each, as CSV."""
    columns = [
        Column("file", _("文件")),
        Column("title", _("表名")),
        Column("of", _("镇街")),
        Column("period", _("考核期")),
        Column("scheme", _("考核方案")),
        Column("checksum", _("方案版本")),
        Column("version", _("数据版本"), "count"),
        Column("by", _("导出人")),
        Column("at", _("导出时间")),
        Column("bytes", _("文件字节数"), "count"),
        Column("sha256", _("文件校验码")),
    ]
    rows = [
        {
            "file": report.filename,
            "title": report.title,
            "of": report.subject.of,
            "period": period_name(report.subject.period),
            "scheme": report.scheme,
            "checksum": report.checksum[:12],
            "version": report.basis.version,
            "by": report.by or _("本机"),
            "at": f"{report.at:%Y-%m-%d %H:%M:%S}",
            "bytes": report.bytes,
            "sha256": report.sha256,
        }
        for report in made
    ]
    return as_csv(pd.DataFrame(rows), columns)


# --- what cannot be printed -------------------------------------------------------------------


def unprintable(*, period: Period) -> dict[str, list[str]]:
    """The signs in names of delegates and townships that the fonts lack, each with the names."""
    everyone = county.ranking(period=period)
    names = [*everyone["name"].dropna().unique(), *everyone["township"].dropna().unique()]
    found: dict[str, list[str]] = press.lacking(names)
    return found


def spelled_out(lacking: Mapping[str, Sequence[str]]) -> list[str]:
    """Each sign that the fonts lack, how it is printed, and the first texts where it stands."""
    told = []
    for sign, texts in lacking.items():
        places = [plain(shown(text[:SHORT], press.spelled(sign))) for text in texts[:FIRST]]
        told.append(
            _(
                "“{sign}”印作{number}：{texts}",
                sign=plain(shown(sign, " ")),
                number=plain(press.spelled(sign)),
                texts=listed([*places, "…"] if len(texts) > FIRST else places),
            )
        )
    return told
