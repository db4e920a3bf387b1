"""Paper: the same bytes again, our two fonts and no other, no markup from data, bounded memory."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest

from pages.exports import press

AT = datetime(2026, 10, 20, 9, 30)  # noqa: DTZ001 - the office's own clock
ABOUT = {
    "title": "通报",
    "period": "2026年",
    "lang": "zh",
    "foot": "数据版本 7",
    "page": "第 {page} 页，共 {pages} 页",
    "page_alone": "第 {page} 页",
}
PLAIN = """#import "page.typ": *
#show: paper.with(first: contents.at("first_page", default: 1), total: false)
#for (n, text) in contents.texts.enumerate() {
  if n > 0 { pagebreak() }
  if n == 0 and contents.over != "" { place(hide(heading(level: 1, contents.over))) }
  heading(level: 2, text)
  text
}
"""
HOSTILE = (
    '=HYPERLINK("http://x","y")',
    "#set page(width: 1cm)",
    "#panic()",
    "*bold* _x_ $x$ @ref <label> // /* \\ ` ~ -- ...",
    '"]; #read("page.typ")',
)


@pytest.fixture(autouse=True)
def templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A template of headings and texts, beside the one that all share."""
    shutil.copy(press.TEMPLATES / "page.typ", tmp_path)
    (tmp_path / "plain.typ").write_text(PLAIN, "utf-8")
    monkeypatch.setattr(press, "TEMPLATES", tmp_path)
    return tmp_path


def contents(*texts: str, over: str = "", **more: Any) -> dict[str, Any]:
    return {"about": ABOUT, "texts": texts, "over": over, **more}


def printed(content: bytes) -> list[str]:
    with pypdfium2.PdfDocument(content) as paper:
        return [page.get_textpage().get_text_range() for page in paper]


def bound(parts: Sequence[dict[str, Any]]) -> tuple[bytes, list[press.Heading]]:
    """The parts bound, and the headings that the pages before them were given."""
    given: list[press.Heading] = []

    def front(headings: Sequence[press.Heading]) -> dict[str, Any]:
        given.extend(headings)
        return contents("目录", "说明")

    return press.bound("plain", iter(parts), ("plain", front), "合订本", AT), given


def test_the_same_bytes_again() -> None:
    """The same contents at the same time; at another time other bytes, so that it is no accident."""
    parts = [contents("甲"), contents("乙")]
    later = AT.replace(hour=10)
    for make in (
        lambda at: press.pdf("plain", contents("甲"), at),
        lambda at: press.picture("plain", contents("甲"), "svg", at),
        lambda at: press.picture("plain", contents("甲"), "png", at),
        lambda at: press.bound("plain", parts, ("plain", lambda _h: contents("目录")), "合", at),
    ):
        assert make(AT) == make(AT)
    for make in (
        lambda at: press.pdf("plain", contents("甲"), at),
        lambda at: press.bound("plain", parts, ("plain", lambda _h: contents("目录")), "合", at),
    ):
        assert make(AT) != make(later)


def fonts(content: bytes) -> Iterator[tuple[str, bool]]:
    """The name of each font of a paper, and whether it comes along."""
    with pikepdf.open(io.BytesIO(content)) as paper:
        for thing in paper.objects:
            if isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == "/FontDescriptor":
                carried = any(f"/FontFile{n}" in thing for n in ("", "2", "3"))
                yield str(thing.FontName).split("+")[-1], carried


def test_fonts_come_along_and_are_ours() -> None:
    """Every font is embedded, and one of the two, whatever is installed on the machine."""
    for content in (press.pdf("plain", contents("中文 Latin 123"), AT), bound([contents("中")])[0]):
        found = set(fonts(content))
        assert {name for name, _carried in found} == {"NotoSansSC-Regular", "NotoSerifSC-Regular"}
        assert all(carried for _name, carried in found)


def test_what_archives_ask_for() -> None:
    """A paper is PDF/A with tags, its title, language and time of export in it."""
    with pikepdf.open(io.BytesIO(press.pdf("plain", contents("甲"), AT))) as paper:
        assert paper.Root.MarkInfo.Marked
        assert str(paper.Root.Lang) == "zh-CN"
        with paper.open_metadata() as about:
            assert about.pdfa_status == "2A"
            assert about["dc:title"] == "通报"
            assert datetime.fromisoformat(about["xmp:CreateDate"]) == AT.astimezone()


@pytest.mark.parametrize("text", HOSTILE)
def test_data_is_no_markup(text: str) -> None:
    """What looks like Typst's own language is printed as it is written."""
    [page] = printed(press.pdf("plain", contents(text), AT))
    assert page.count(text) == 2


def test_signs_that_the_fonts_lack() -> None:
    """They are found with the texts where they stand, and printed by their number."""
    named = {"name": "王𠮷", "more": [{"name": "李𠮷"}, "王𠮷", "\u202e反"], "n": 3, "none": None}
    assert press.lacking(named) == {"𠮷": ["王𠮷", "李𠮷"], "\u202e": ["\u202e反"]}
    assert press.lacking(contents("㐂〇龘，中文 Latin\n\t")) == {}
    [page] = printed(press.pdf("plain", contents("王𠮷"), AT))
    assert page.count("王〔U+20BB7〕") == 2
    [page] = printed(press.pdf("plain", contents("李\u200b四\u202e"), AT))
    assert page.count("李〔U+200B〕四〔U+202E〕") == 2


def test_binding() -> None:
    """Pages are numbered through, the outline leads to them, and a heading that goes on is one."""
    content, given = bound(
        [
            contents("甲一", "甲二", "甲三", over="甲镇"),
            contents("甲四", over="甲镇"),
            contents("乙一", "乙二", over="乙镇"),
        ]
    )
    heading = press.Heading
    assert given == [
        heading("甲镇", 1, tuple(heading(f"甲{n}", p) for p, n in enumerate("一二三四", 1))),
        heading("乙镇", 5, (heading("乙一", 5), heading("乙二", 6))),
    ]
    pages = printed(content)
    assert len(pages) == 2 + 6
    with pikepdf.open(io.BytesIO(content)) as paper:
        assert [pikepdf.Page(p).label for p in paper.pages] == ["i", "ii", *"123456"]
        with paper.open_outline() as outline:
            led = [
                (below.title, pikepdf.Page(below.destination[0]).index)
                for item in outline.root
                for below in item.children
            ]
            assert [item.title for item in outline.root] == ["甲镇", "乙镇"]
        with paper.open_metadata() as about:
            assert about["dc:title"] == "合订本"
        assert str(paper.Root.Lang) == "zh-CN"
    assert len(led) == 6
    for title, at in led:
        assert title in pages[at]
        assert f"第 {at - 1} 页" in pages[at]


def test_nothing_to_bind() -> None:
    """Without a part there are still the pages before them."""
    content, given = bound([])
    assert given == []
    assert len(printed(content)) == 2


def test_a_part_after_the_other(templates: Path) -> None:
    """A part is made when the one before is printed, and progress is told after each."""
    seen: list[str] = []

    def parts() -> Iterator[dict[str, Any]]:
        for name in "甲乙":
            seen.append(name)
            yield contents(name)

    front = ("plain", lambda _headings: contents("目录"))
    press.bound("plain", parts(), front, "合", AT, lambda: seen.append("·"))
    assert seen == ["甲", "·", "乙", "·"]


MEASURED = """
import sys
from datetime import datetime
from pathlib import Path
from pages.exports import press

press.TEMPLATES = Path(sys.argv[1])
about = {about!r}
text = "履职" * 2000
part = {{"about": about, "over": "镇", "texts": [text] * 24}}
held = []

def resident():
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    held.append(pages * 4096 / 1e6)

front = ("plain", lambda headings: {{"about": about, "over": "", "texts": ["目录"]}})
press.bound("plain", [part] * 12, front, "合", datetime(2026, 1, 1), resident)
print(held[-1] - held[3])
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the measure is Linux's")
def test_memory_is_of_a_part_not_of_the_whole(templates: Path) -> None:
    """Eight further parts, which would hold some two hundred megabytes, leave little behind."""
    run = subprocess.run(
        [sys.executable, "-c", MEASURED.format(about=ABOUT), str(templates)],
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    assert float(run.stdout) < 100
