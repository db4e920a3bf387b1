"""Paper: what stands on it, and the template that it is set in, as PDF; pictures as SVG and PNG.

Templates are the ``.typ`` files beside this one, set by Typst in the two fonts that come with the
program, so that every machine prints the same. What stands on the paper reaches them as data and
is never read as markup. The same contents at the same time of export are the same bytes.
"""

import io
import json
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pikepdf
import pylopdf_fonts_zh_cn as noto
import typst
from fontTools.ttLib import TTFont

TEMPLATES = Path(__file__).parent
KEPT_BY_TYPST = 11  # compilations after which what an earlier one left behind is forgotten

Contents = Mapping[str, Any]


class Heading(NamedTuple):
    """A heading of the outline: the page printed on its sheet, and the headings below it."""

    title: str
    page: int
    within: tuple["Heading", ...] = ()


def pdf(template: str, contents: Contents, at: datetime) -> bytes:
    """The contents, set in ``template``, as PDF/A with tags; ``at`` is the time of export."""
    try:
        printed = _compiled(template, contents, format="pdf", at=at, pdf_standards=["a-2a"])
    finally:
        _forget()
    with pikepdf.open(io.BytesIO(printed)) as whole:
        return _saved(whole)


def picture(template: str, contents: Contents, form: Literal["svg", "png"], at: datetime) -> bytes:
    """A template of one page as a picture; PNG with 200 pixels to the inch."""
    try:
        return _compiled(template, contents, format=form, at=at, ppi=200)
    finally:
        _forget()


def bound(
    template: str,
    parts: Iterable[Contents],
    front: tuple[str, Callable[[Sequence[Heading]], Contents]],
    title: str,
    at: datetime,
    done: Callable[[], None] = lambda: None,
) -> bytes:
    """Many parts as one PDF with an outline, its memory bounded by the largest part.

    Each part is set alone in ``template``, with ``first_page`` beside its contents, and ``done``
    is called after it. A part that begins with the heading of the one before goes on under it.
    ``front`` is the template of the pages before them and what stands there, given the headings
    with their pages; these pages are numbered apart. Set in one piece, a thousand dossiers take
    some gigabytes of memory. Without tags, which do not survive binding.
    """
    body: list[pikepdf.Pdf] = []
    outline: list[Heading] = []
    pages = 0
    try:
        for part in parts:
            printed = _compiled(
                template, {**part, "first_page": pages + 1}, format="pdf", at=at, pdf_tags=False
            )
            _forget()
            sheet = pikepdf.open(io.BytesIO(printed))
            body.append(sheet)
            with sheet.open_outline() as read:
                outline = _continued(outline, [_heading(item, pages + 1) for item in read.root])
            pages += len(sheet.pages)
            done()
        opening = _compiled(front[0], front[1](outline), format="pdf", at=at, pdf_tags=False)
        return _joined([pikepdf.open(io.BytesIO(opening)), *body], outline, title, at)
    finally:
        _forget()


def lacking(contents: Any) -> dict[str, list[str]]:
    """The signs that the fonts lack, each with the texts where it stands, in order."""
    found: dict[str, list[str]] = {}
    for text in _texts(contents):
        for sign in text:
            if not _printable(sign) and text not in found.setdefault(sign, []):
                found[sign].append(text)
    return found


def spelled(sign: str) -> str:
    """A sign that the fonts lack as it is printed: by its number, to be filled in by hand."""
    return f"〔U+{ord(sign):04X}〕"


def _compiled(template: str, contents: Contents, *, at: datetime, **form: Any) -> bytes:
    text = json.dumps(contents, ensure_ascii=False, default=str)
    text = "".join(sign if _printable(sign) else spelled(sign) for sign in text)
    made = typst.compile(
        str(TEMPLATES / f"{template}.typ"),
        root=str(TEMPLATES),
        font_paths=_fonts(),
        sys_inputs={"contents": text},
        timestamp=at.replace(tzinfo=UTC),  # the office's clock, and equal bytes in every zone
        **form,
    )
    assert isinstance(made, bytes), "a picture has one page"
    return made


def _forget() -> None:
    """Let Typst give back what it keeps for the next compilations."""
    for _turn in range(KEPT_BY_TYPST):
        typst.compile(b"-", font_paths=_fonts())


def _joined(
    parts: Sequence[pikepdf.Pdf],
    outline: Sequence[Heading],
    title: str,
    at: datetime,
) -> bytes:
    """The parts one after the other; the outline's pages are counted after the first part."""
    whole = pikepdf.new()
    for part in parts:
        whole.pages.extend(part.pages)
    before = len(parts[0].pages)
    whole.Root.Lang = parts[0].Root.Lang
    # as the pages are numbered in print
    roman, arabic = pikepdf.Dictionary(S=pikepdf.Name.r), pikepdf.Dictionary(S=pikepdf.Name.D)
    whole.Root.PageLabels = pikepdf.Dictionary(Nums=pikepdf.Array([0, roman, before, arabic]))
    with whole.open_outline() as written:
        written.root.extend(_item(heading, before) for heading in outline)
    stamp = at.replace(tzinfo=UTC)
    with whole.open_metadata(set_pikepdf_as_editor=False, update_docinfo=True) as about:
        about["dc:title"] = title
        about["xmp:CreateDate"] = stamp.isoformat(timespec="seconds")
    return _saved(whole)


def _saved(whole: pikepdf.Pdf) -> bytes:
    """Its bytes, with the many small objects of tags and fonts packed: a tenth of the size."""
    content = io.BytesIO()
    packed = pikepdf.ObjectStreamMode.generate
    whole.save(content, deterministic_id=True, object_stream_mode=packed)
    return content.getvalue()


def _page(item: pikepdf.OutlineItem) -> int:
    """The page of its own part that a heading stands on, from 0."""
    destination = item.destination if item.destination is not None else item.action.D
    return pikepdf.Page(destination[0]).index


def _continued(outline: Sequence[Heading], more: Sequence[Heading]) -> list[Heading]:
    """The outline with more headings; one that a part takes up again stays one."""
    if outline and more and outline[-1].title == more[0].title:
        last = outline[-1]._replace(within=outline[-1].within + more[0].within)
        return [*outline[:-1], last, *more[1:]]
    return [*outline, *more]


def _heading(item: pikepdf.OutlineItem, first: int) -> Heading:
    within = tuple(_heading(child, first) for child in item.children)
    return Heading(item.title, first + _page(item), within)


def _item(heading: Heading, before: int) -> pikepdf.OutlineItem:
    """The heading as it leads to its page, which comes after ``before`` others."""
    item = pikepdf.OutlineItem(heading.title, before + heading.page - 1)
    item.children.extend(_item(below, before) for below in heading.within)
    item.is_closed = True
    return item


@cache
def _fonts() -> typst.Fonts:
    fonts = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(noto.sans_path().parent)],
    )
    if not {"Noto Sans SC", "Noto Serif SC"} <= set(fonts.families()):
        raise RuntimeError("the fonts are not where they were")  # Typst would print empty pages
    return fonts


@cache
def _signs() -> frozenset[int]:
    """The code points that both fonts have."""
    covered = [
        frozenset(TTFont(path, lazy=True).getBestCmap())
        for path in (noto.sans_path(), noto.serif_path())
    ]
    return covered[0] & covered[1]


@cache
def _printable(sign: str) -> bool:
    # Signs that do not show, or that turn the text around them, are spelled out too.
    return sign in "\n\t" or (
        ord(sign) in _signs() and unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Zl", "Zp")
    )


def _texts(contents: Any) -> Iterator[str]:
    if isinstance(contents, str):
        yield contents
    elif isinstance(contents, Mapping):
        for value in contents.values():
            yield from _texts(value)
    elif isinstance(contents, Iterable):
        for value in contents:
            yield from _texts(value)
