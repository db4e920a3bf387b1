"""Text that wants to be more than text: markup, code, formulas, forged lines, paths.

Each text ends with a mark of its own, as 〔17〕, which no program changes; so whatever became of
it can be traced to the cell that it came from. ``§`` within it is the mark's number.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from databases import files_of
from reference import County

from data.record import visible
from data.store import open_store
from data.uploads import cells
from data.uploads.cells import fold
from data.uploads.check import Sent, check_all, registers
from data.uploads.formats import FORMATS
from data.uploads.ledger import upload_together

EVIL = "evil.example"
# What a text may not become: HTML, Plotly's own few tags, Markdown and Streamlit's additions to
# it, templates, SQL, formulas, lines of a log, signs that hide or turn text, paths.
TEXTS = (
    '<img src="https://evil.example/§.png" onerror="alert(§)">',
    "<script>alert(§)</script>",
    '"><svg onload=alert(§)>',
    "'><iframe src=//evil.example/§></iframe>",
    "</style></script><!-- <b>粗</b>",
    '<a href="https://evil.example/§">点</a><br><b>粗</b><sup>上</sup>',
    "&lt;a href='https://evil.example/§'&gt;点&lt;/a&gt;&amp;lt;b&amp;gt;&#60;i&#62;&nbsp;&copy;",
    "<span style='background:url(https://evil.example/§)'>x</span>",
    "**粗**__粗__*斜*_斜_~~删~~",
    "[点这里](https://evil.example/§)",
    "![图](https://evil.example/§.png)",
    "[点][1] [^1]: <https://evil.example/§>",
    "https://evil.example/§ www.evil.example mailto:a@evil.example",
    "javascript:alert(§)",
    ":red[红]:red-background[底]:small[小]:color[x]{foreground=red}",
    ":material/home: :smile: :streamlit: :mark[x] ::hr",
    "$\\frac{1}{2}$ $$x^2$$ \\(y\\)",
    "`code` ``多`` ~~~",
    "# 标题",
    "> 引文",
    "- 项 * 项",
    "1. 项 1) 项",
    "--- *** ___",
    "| a | b |",
    "a -> b <- c <-> d -- e >= f <= g ~= h",
    "\\* \\n \\u003cb\\u003e",
    "{{7*7}} ${7*7} #{7*7} {name} {0} {} %{y} %{customdata[0]} %s %(x)s %n",
    "'); drop table delegates; --",
    "' or 1=1 union select * from accounts",
    '=HYPERLINK("https://evil.example/§";"点")',
    "=cmd|'/c calc'!A1",
    "+1+1",
    "-1-1",
    "@SUM(A1)",
    "\t=1+1",
    "＝1+1",
    "../../../../etc/passwd",
    "..\\..\\windows\\system32",
    "C:\\x %2e%2e%2f %00",
    "x\r\n2026-01-01 00:00:00 ERROR app: forged §",
    "x\n===\n\n    多\n\n```mermaid\ngraph TD; A-->B\n```",
    "x\u2028y\u2029z\u0085w\x1b[31mred",
    "\u202eabc\u202c\u2066d\u2069",
    "a\u200bb\u200d\ufeff\u2060c",
    "👩‍👩‍👧 𠮷 e\u0301 \U000e0041",
    "__proto__ constructor null NaN undefined",
)
LONG = "很长" * 5000
FEW, MANY = 6, 12  # texts in a cell
_MARK = re.compile(r"〔(\d+)〕")


@dataclass
class Texts:
    """Hostile texts, each with a number of its own; every place gets all of them in turn."""

    written: dict[str, tuple[str, str]] = field(default_factory=dict)  # number: place, text
    turns: Counter[str] = field(default_factory=Counter)

    def one(self, place: str, text: str | None = None) -> str:
        """The next text (or this one), marked as put in ``place``."""
        number = str(len(self.written) + 1)
        if text is None:
            text = TEXTS[self.turns[place] % len(TEXTS)]
            self.turns[place] += 1
        marked = text.replace("§", number) + f"〔{number}〕"
        self.written[number] = place, marked
        return marked

    def several(self, place: str, texts: int = FEW) -> str:
        """The next ones together, as fewer cells than texts are there."""
        return " ".join(self.one(place) for _ in range(texts))

    def short(self, place: str, longest: int) -> list[str]:
        """All that a field of so many signs takes, one by one; beyond U+FFFF they count double."""
        every = (self.one(place, text) for text in TEXTS)
        return [text for text in every if len(text.encode("utf-16-le")) <= 2 * longest]

    def distorted(self, page: str) -> list[str]:
        """What stands on the page otherwise than it was written, and where it comes from.

        Text is compared as ``fold`` leaves it, without white space, where lines may be broken. Signs
        that hide may be written out (``visible``), and browsers write some out in a file's name.
        """
        shown = _without_space(page)
        found = []
        for number in set(_MARK.findall(shown)):
            place, text = self.written[number]
            sent = re.sub(r'["\r\n]', lambda sign: f"%{ord(sign[0]):02X}", text)
            literals = {_without_space(text), _without_space(visible(text)), _without_space(sent)}
            mark = f"〔{number}〕"
            if shown.count(mark) != sum(shown.count(literal) for literal in literals):
                end = shown.index(mark)
                found.append(f"{place}: {text!r} as {shown[max(0, end - len(text)) : end]!r}")
        return found


def _without_space(text: str) -> str:
    return "".join(fold(text).split())


def county(texts: Texts) -> County:
    """A delegate for each text, a township for three, records in every format and two quarters;
    every text stands in every column that takes text.
    """
    made: County = {name: [] for name in FORMATS}

    def add(name: str, **cells: object) -> dict[str, str]:
        given = {header: str(cell) for header, cell in cells.items()}
        prose = {
            c.header: texts.several(f"{name}.{c.name}", MANY if name == "delegates" else FEW)
            for c in FORMATS[name].columns
            if c.kind in ("label", "prose") and c.header not in given
        }
        made[name].append(
            dict.fromkeys((c.header for c in FORMATS[name].columns), "") | prose | given
        )
        return made[name][-1]

    for n in range(len(TEXTS)):
        if n % 3 == 0:
            home = add("townships", 镇街=texts.several("townships.township", 3), 类型="镇")["镇街"]
        station = add("stations", 镇街=home, 类型="联络站", 上级编号="")["编号"]
        who = add(
            "delegates",
            代表编号=texts.one("delegates.delegate_id"),
            层级="县级" if n % 2 else "乡镇级",
            镇街=home,
            联络站编号=station,
            身份="基层",
            任职起="2021-12-20",
            包联户数=20,
        )
        add("assignments", 对象类型="镇街", 对象=home)
        add("assignments", 对象类型="代表小组", 对象=who["代表小组"])
        add("plan", 年度=2026, 指标="入户走访" if n % 2 else "", 目标=9)
        add("supervised", 镇街=home)
        it = {header: who[header] for header in ("代表编号", "姓名")}
        for quarter, month in enumerate(("05", "08")):
            day = f"2026-{month}-{1 + n % 28:02}"
            for kind in ("入户走访", "接待选民", "政策宣讲"):
                number = 1 + (n * 7 + quarter * 11) % 20
                add(
                    "activities",
                    **it,
                    镇街=home,
                    类型=kind,
                    日期=day,
                    数量=number,
                    阵地编号=station,
                )
            add(
                "attendance",
                **it,
                活动号=texts.one("attendance.event_id"),
                活动类型="会议",
                日期=day,
                镇街=home,
                结果="出席",
            )
            number = texts.one("opinions.opinion_id")
            add("opinions", **it, 编号=number, 收集日期=day, 结果="已解决", 办结日期=day)
            add(
                "suggestions", 领衔代表编号=it["代表编号"], 提出日期=day, 交办日期=day, 答复日期=day
            )
            add("duty_reports", **it, 日期=day, 到会选民=9, 满意=n % 9, 不满意=9 - n % 9)
            add("adjustments", 代表编号=it["代表编号"], 日期=day, 类型="加分", 分值=1)
            add("issues", 镇街=home, 发现渠道="代表暗访", 发现日期=day, 法定期限=day)
            add("guidance", 镇街=home, 阵地编号=station, 检查项="标牌", 日期=day)
    for name, column in (("activities", "内容"), ("opinions", "诉求"), ("adjustments", "依据")):
        made[name][0][column] = texts.one(f"{name}.{column}", LONG)
    return made


@contextmanager
def unchecked() -> Iterator[None]:
    """Cells are taken for what they say, as if an earlier version had let them in."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cells, "_harmful", lambda folded, column: None)
        patch.setattr(cells, "_CONTROL", re.compile(r"(?!)"))
        yield


def build(path: Path, texts: Texts) -> None:
    """A database of such a county, its files and clerks named no better; one storing was broken
    off.
    """
    files = [
        Sent(texts.several("uploads.filename"), sent.content, sent.format, sent.quarter)
        for sent in files_of(county(texts))
    ]
    house = open_store(path)
    with unchecked():
        receipts = upload_together(
            house,
            check_all(files, registers(house)),
            texts.several("uploads.uploaded_by", len(TEXTS)),
        )
    assert {receipt.outcome for receipt in receipts} == {"stored"}, [
        problem.sentence for receipt in receipts for problem in receipt.problems
    ]
    lost = [
        {
            "filename": texts.several("jobs.filename", len(TEXTS)),
            "checksum": "0",
            "format": "opinions",
        }
    ]
    house.journal.begun("broken", texts.several("jobs.by", len(TEXTS)), lost)
    house.close()
