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
from pages.parts.alone import alone
from pages.parts.caching import ask
from pages.parts.facts import Facts
from pages.words import _, language, speak
from pages.words.terms import listed, plain
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
TURNS = 3  # that a paper is made at most, while the data moves under it
NAMED = 5  # texts in which a sign stands that the fonts lack
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
    of_figures: Filters = ()
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
        _offer(page, here, ask(county.scheme_in_force).iloc[0])


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
        if not page.figures:
            page.of_figures = tuple(page.choices.items())
        page.figures.append((label, value, change))


def paper(paper: Paper, period: Period, of: str | None = None) -> None:
    """Put one of the big papers on the page's list, for who sees names.

    One that is ``of`` somebody or of a township is what the choices made above it say.
    """
    if page := _page.get():
        filters = () if of is None else tuple(page.choices.items())
        page.papers.append((paper, period, of, filters))


# --- the popover ------------------------------------------------------------------------------


@alone()
def _offer(page: Page, by: Visitor, scheme: pd.Series) -> None:
    """Opening it and choosing in it run this alone, not the page."""
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
        what = st.selectbox(_("内容"), list(files), key=f"{page.key}_what", width=320)
        file = files[what]
        narrowed = [
            _("{label}：{value}", label=label, value=choice)
            for label, choice in file.facts.narrowed()
        ]
        if narrowed:
            st.caption(plain(_("；").join(narrowed)))
        with st.container(horizontal=True, gap="small", width=320):
            for kind in file.formats:
                st.download_button(
                    NAMES[kind],
                    partial(hand_out, by, file.rights, language(), partial(_built, file, kind)),
                    file_name(*file.facts.stem(versioned=file.as_shown), ending=f".{kind}"),
                    MIME[kind],
                    key=f"{page.key}_{kind}",
                    on_click="ignore",
                    icon=":material/download:",
                )


def _files(page: Page, by: Visitor, scheme: pd.Series) -> dict[str, File]:
    """What the page offers, by its title in the list; its first table or chart is the first."""
    facts = Facts(
        page.title,
        page.period,
        scheme["name"],
        scheme["checksum"],
        by.name,
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
        filters, parts = _choices(page)
        whole = replace(facts, filters=filters, parts=parts)
        files[_("整页")] = File(whole, FORMATS["page"], partial(_of_page, page))
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


def _choices(page: Page) -> tuple[Filters, Filters]:
    """Those that narrow all of the page, and the others, by what they narrow."""
    narrowing = {item.title: item.filters for item in page.items}
    if page.figures:
        narrowing[_("关键数字")] = page.of_figures
    first, *others = narrowing.values()
    shared = tuple(choice for choice in first if all(choice in other for other in others))
    said = {
        title: _("；").join(
            _("{label}：{value}", label=label, value=choice)
            for label, choice in filters
            if (label, choice) not in shared
        )
        for title, filters in narrowing.items()
    }
    return shared, tuple((title, own) for title, own in said.items() if own)


# --- building ---------------------------------------------------------------------------------


def _built(file: File, kind: str) -> tuple[bytes, dict[str, deeds.Value]]:
    """What asks on the click is made again where the data moved under it."""
    for _turn in range(TURNS):
        facts = file.facts if file.as_shown else file.facts.anew()
        content, rows = file.build(facts, kind)
        if file.as_shown or facts.version == version():
            return content, {**facts.said(), "kind": kind, "rows": rows}
    raise RuntimeError("the data moved each time that it was made")


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
    """On paper, which names the signs on it that are to be filled in by hand."""
    head, lines = facts.head(), facts.lines()
    for sign, texts in sheet.lacking(items, head, lines).items():
        lines.append((_("字体中没有的字"), f"{sign}（{listed(texts[:NAMED])}）"))
    return sheet.as_pdf(items, head, lines, facts.at)


def _table(made: Table | Chart) -> Table:
    if isinstance(made, Table):
        return made
    return chart.numbers(made, (_("系列"), _("项目"), _("数值")), (_("从"), _("到")))


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
    try:
        content, said = build()
    except BaseException as error:  # Typst panics with one that is no Exception
        reference = access.put_down(error, by)
        raise RuntimeError(f"no file was made, reference {reference}") from error
    deeds.handed_out("export", by, **said, sha256=sha256(content).hexdigest(), bytes=len(content))
    return content
