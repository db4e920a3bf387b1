"""The door: what a page shows, as files that say what they are and of when.

What a page shows it puts on a list as it runs; one popover beside its period offers the list. A
file is built on the click alone, as the page showed it, for who still has the right. None leaves
without its line in the record of deeds, with the SHA-256 that a file can be verified by.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import pandas as pd
import streamlit as st

from data import deeds
from data.access import Right, Visitor
from data.store import version
from pages.exports import chart, sheet
from pages.exports.chart import Chart
from pages.exports.table import Column, Table, as_csv, as_xlsx, file_name
from pages.parts import access
from pages.parts.caching import ask
from pages.parts.facts import Facts
from pages.words import _, language, speak
from pages.words.terms import plain
from queries import county
from queries.sight import Sight, seeing

if TYPE_CHECKING:
    from data.period import Period
    from pages.papers import Paper

Filters = tuple[tuple[str, str], ...]  # label and choice
MIME = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
    "pdf": "application/pdf",
    "png": "image/png",
    "svg": "image/svg+xml",
}
NAMES = {"xlsx": "Excel", "csv": "CSV", "pdf": "PDF", "png": "PNG", "svg": "SVG"}
FORMATS = {
    "table": ("xlsx", "csv", "pdf"),
    "chart": ("png", "svg", "pdf", "xlsx", "csv"),
    "page": ("pdf", "xlsx"),
}


class Item(NamedTuple):
    """A table or a chart of the page; ``make`` has it as an export takes it."""

    title: str
    kind: Literal["table", "chart"]
    make: Callable[[], Table | Chart]
    filters: Filters


class File(NamedTuple):
    """What can be taken away: its facts, its formats, how it is built, and who may.

    ``build`` takes facts and format and gives the content and the rows in it, if it is of rows.
    What is not ``as_shown`` asks on the click, and is of that moment's data.
    """

    facts: Facts
    formats: Sequence[str]
    build: Callable[[Facts, str], tuple[bytes, int | None]]
    rights: tuple[Right, ...] = ("export",)
    as_shown: bool = True


@dataclass
class Page:
    """What the page that runs shows, in its order, with the choices made above each."""

    title: str
    period: str
    key: str = "door"
    version: int = field(default_factory=version)
    choices: dict[str, str] = field(default_factory=dict)
    items: list[Item] = field(default_factory=list)
    figures: list[tuple[str, str, str | None]] = field(default_factory=list)
    papers: list[tuple[Paper, Period, str | None, Filters]] = field(default_factory=list)


_page: ContextVar[Page | None] = ContextVar("page", default=None)


# --- what a page says of itself ---------------------------------------------------------------


def begin(title: str, period: str, slot: Any) -> None:
    """Begin the list of a page, and put its door in the ``slot``; without one it has neither."""
    _page.set(Page(title, period) if slot is not None else None)
    _place(slot)


@contextmanager
def window(title: str, period: str, **choices: str) -> Iterator[None]:
    """Around what stands in a window over the page, where its door is out of reach: one more."""
    before = _page.set(Page(title, period, "window_door", choices=choices))
    _place(st.container(horizontal=True, horizontal_alignment="right"))
    try:
        yield
    finally:
        _page.reset(before)


def _place(slot: Any) -> None:
    """The list is read when the door is opened: by then the page has run, wherever it ended."""
    page, here = _page.get(), access.visitor()
    if page is None or not here.may("export"):
        return
    st.session_state[page.key] = False
    with slot:
        _offer(page, here, language(), ask(county.scheme_in_force).iloc[0])


def choose(label: str, choice: str) -> None:
    """What follows on the page is narrowed so."""
    if page := _page.get():
        page.choices[label] = choice


def show(
    title: str,
    kind: Literal["table", "chart"],
    make: Callable[[], Table | Chart],
    narrowed: Sequence[tuple[str, str]] | None = None,
) -> None:
    """Put a table or a chart on the page's list; ``make`` runs on the click, elsewhere.

    ``narrowed`` are its filters where they are not the choices made above it.
    """
    if page := _page.get():
        titles, number, name = {item.title for item in page.items}, 1, title
        while name in titles:
            number += 1
            name = _("{title}（{number}）", title=title, number=number)
        filters = page.choices.items() if narrowed is None else narrowed
        page.items.append(Item(name, kind, make, tuple(filters)))


def figure(label: str, value: str, change: str | None) -> None:
    """Put a key figure on the page's list."""
    if page := _page.get():
        page.figures.append((label, value, change))


def paper(paper: Paper, period: Period, of: str | None = None) -> None:
    """Put one of the big papers on the page's list, for who sees names.

    One that is ``of`` somebody or of a township is what the choices made above it say.
    """
    if page := _page.get():
        filters = () if of is None else tuple(page.choices.items())
        page.papers.append((paper, period, of, filters))


# --- the popover ------------------------------------------------------------------------------


@st.fragment
def _offer(page: Page, by: Visitor, spoken: str, scheme: pd.Series) -> None:
    """Opening it and choosing in it run this alone, not the page."""
    speak(spoken)
    popover = st.popover(
        _("导出"), icon=":material/download:", key=page.key, on_change="rerun", wrap=False
    )
    if not popover.open:
        return
    files = _files(page, by, scheme)
    with popover:
        if not files:
            st.caption(_("这一页现在没有可导出的内容。"))
            return
        what = st.selectbox(_("内容"), list(files), key=f"{page.key}_what", width=300)
        file = files[what]
        kind = st.segmented_control(
            _("格式"),
            file.formats,
            default=file.formats[0],
            key=f"{page.key}_{'_'.join(file.formats)}",
            format_func=NAMES.__getitem__,
            required=True,
        )
        narrowed = [
            _("{label}：{value}", label=label, value=choice)
            for label, choice in file.facts.narrowed()
        ]
        if narrowed:
            st.caption(plain(_("；").join(narrowed)))
        st.download_button(
            _("下载"),
            partial(hand_out, by, file.rights, spoken, partial(_built, file, kind)),
            file_name(*file.facts.stem(), ending=f".{kind}"),
            MIME[kind],
            key=f"{page.key}_take",
            on_click="ignore",
            icon=":material/download:",
            type="primary",
            width="stretch",
        )


def _files(page: Page, by: Visitor, scheme: pd.Series) -> dict[str, File]:
    """What the page offers, by its title in the list; its first table or chart is the first."""
    facts = Facts(
        page.title,
        page.period,
        scheme["name"],
        scheme["checksum"],
        by.name,
        _all_choices(page),
        version=page.version,
    )
    files = {
        item.title: File(
            replace(facts, title=item.title, filters=item.filters),
            FORMATS[item.kind],
            partial(_of_item, item),
        )
        for item in page.items
    }
    if page.items or page.figures:
        files[_("整页")] = File(facts, FORMATS["page"], partial(_of_page, page))
    if by.may("names"):
        for paper, period, of, filters in page.papers:
            title = _(paper.title)
            files[title] = File(
                replace(facts, title=title, period=str(period), filters=filters),
                [paper.ending],
                partial(_of_paper, paper, period, of, by),
                ("export", "names"),
                as_shown=False,
            )
    return files


def _all_choices(page: Page) -> Filters:
    of_items = (choice for item in page.items for choice in item.filters)
    return tuple((page.choices | dict(of_items)).items())


# --- building ---------------------------------------------------------------------------------


def _built(file: File, kind: str) -> tuple[bytes, dict[str, deeds.Value]]:
    facts = file.facts if file.as_shown else replace(file.facts, version=version())
    content, rows = file.build(facts, kind)
    return content, {**facts.said(), "kind": kind, "rows": rows}


def _of_item(item: Item, facts: Facts, kind: str) -> tuple[bytes, int | None]:
    made = replace(item.make(), title=item.title)
    if kind == "png" or kind == "svg":
        assert isinstance(made, Chart)
        return chart.as_picture(made, kind, facts.head(), facts.at), None
    if kind == "pdf":
        return _printed([made], facts), None
    table = _table(made)
    if kind == "csv":
        return as_csv(table.frame, table.columns), len(table.frame)
    return as_xlsx([table], _("说明"), facts.lines(), facts.at), len(table.frame)


def _of_page(page: Page, facts: Facts, kind: str) -> tuple[bytes, int | None]:
    items = [replace(item.make(), title=item.title) for item in page.items]
    if page.figures:
        items.insert(0, _key_figures(page))
    if kind == "pdf":
        return _printed(items, facts), None
    tables = [_table(item) for item in items]
    rows = sum(len(table.frame) for table in tables)
    return as_xlsx(tables, _("说明"), facts.lines(), facts.at), rows


def _of_paper(
    paper: Paper, period: Period, of: str | None, by: Visitor, facts: Facts, _kind: str
) -> tuple[bytes, int | None]:
    with seeing(Sight.of(by)):
        return paper.make(facts, period, of, lambda _done, _all: None).content, None


def _printed(items: Sequence[Table | Chart], facts: Facts) -> bytes:
    return sheet.as_pdf(items, facts.head(), facts.lines(), facts.at)


def _table(made: Table | Chart) -> Table:
    if isinstance(made, Table):
        return made
    return chart.numbers(made, (_("系列"), _("项目"), _("数值")))


def _key_figures(page: Page) -> Table:
    frame = pd.DataFrame(page.figures, columns=["label", "value", "change"])
    columns = [Column("label", _("项目")), Column("value", _("数值"))]
    if frame["change"].notna().any():
        columns.append(Column("change", _("变化")))
    return Table(_("关键数字"), frame, columns)


def hand_out(
    by: Visitor,
    rights: Sequence[Right],
    spoken: str,
    build: Callable[[], tuple[bytes, Mapping[str, deeds.Value]]],
) -> bytes:
    """The file that ``build`` gives, once it is on record with what is to be said of it.

    For who still has the rights; runs on a thread of its own.
    """
    speak(spoken)
    for right in rights:
        deeds.demand(by, right)
    content, said = build()
    deeds.handed_out("export", by, **said, sha256=sha256(content).hexdigest(), bytes=len(content))
    return content
