"""Paper: what stands on it, and the template that it is set in, as PDF; pictures as SVG and PNG.

Templates are the ``.typ`` files beside this one, set by Typst in the two fonts that come with the
program, so that every machine prints the same. What stands on the paper reaches them as data and
is never read as markup. The same contents at the same time of export are the same bytes.
"""

import io
import json
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

import pikepdf
import pylopdf_fonts_zh_cn as noto
import typst
from fontTools.ttLib import TTFont

TEMPLATES = Path(__file__).parent
KEPT_BY_TYPST = 11  # compilations after which what an earlier one left behind is forgotten

Contents = Mapping[str, Any]


def pdf(template: str, contents: Contents, at: datetime) -> bytes:
    """The contents, set in ``template``, as PDF/A with tags; ``at`` is the time of export."""
    try:
        return _compiled(template, contents, format="pdf", at=at, pdf_standards=["a-2a"])
    finally:
        _forget()


def picture(template: str, contents: Contents, form: Literal["svg", "png"], at: datetime) -> bytes:
    """A template of one page as a picture; PNG with 200 pixels to the inch."""
    try:
        return _compiled(template, contents, format=form, at=at, ppi=200)
    finally:
        _forget()


def bound(
    template: str,
    parts: Iterable[Contents],
    front: tuple[str, Callable[[Sequence[tuple[str, int]]], Contents]],
    title: str,
    at: datetime,
    done: Callable[[], None] = lambda: None,
) -> bytes:
    """Many parts as one PDF with an outline, its memory bounded by the largest part.

    Each part is set alone in ``template``, with ``first_page`` beside its contents, and ``done``
    is called after it. ``front`` is the template of the pages before them and what stands there,
    given the parts' headings with their pages. Set in one piece, a thousand dossiers take some
    gigabytes of memory. Without tags, which do not survive binding.
    """
    body: list[pikepdf.Pdf] = []
    outline: list[tuple[int, pikepdf.OutlineItem]] = []  # first page of its part, from 1
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
                outline += [(pages, item) for item in read.root]
            pages += len(sheet.pages)
            done()
        headings = [(item.title, before + _page(item) + 1) for before, item in outline]
        opening = _compiled(front[0], front[1](headings), format="pdf", at=at, pdf_tags=False)
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
        timestamp=at.astimezone(),
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
    outline: Sequence[tuple[int, pikepdf.OutlineItem]],
    title: str,
    at: datetime,
) -> bytes:
    """The parts one after the other; the outline's pages are counted after the first part."""
    whole = pikepdf.new()
    for part in parts:
        whole.pages.extend(part.pages)
    before = len(parts[0].pages)
    with whole.open_outline() as written:
        written.root.extend(_moved(item, before + first) for first, item in outline)
    stamp = at.astimezone()
    with whole.open_metadata(set_pikepdf_as_editor=False, update_docinfo=True) as about:
        about["dc:title"] = title
        about["xmp:CreateDate"] = stamp.isoformat(timespec="seconds")
    content = io.BytesIO()
    whole.save(
        content,
        deterministic_id=True,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
    )
    return content.getvalue()


def _page(item: pikepdf.OutlineItem) -> int:
    """The page of its own part that a heading stands on, from 0."""
    destination = item.destination if item.destination is not None else item.action.D
    return pikepdf.Page(destination[0]).index


def _moved(item: pikepdf.OutlineItem, by: int) -> pikepdf.OutlineItem:
    moved = pikepdf.OutlineItem(item.title, _page(item) + by)
    moved.children.extend(_moved(child, by) for child in item.children)
    return moved


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
