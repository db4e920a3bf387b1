"""Papers made of the worked cases and of small counties, and what is printed on them."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pypdfium2
from databases import rows, sent, stored
from files import CASES

from data.period import Period
from pages.papers import Made
from pages.parts.facts import Facts

AT = datetime(2026, 10, 20, 9, 30)  # noqa: DTZ001 - the office's own clock
Q3 = Period.parse("2026Q3")
PLACE = r"(?:▲\d+|▼\d+|＝|—)"  # how a rank has changed
FORTY = "丹江口库区水源涵养与生态移民后续发展综合试验示范区管理委员会街道办事处联络片"


def made(make: Callable[..., Made], period: str, of: str | None = None) -> Made:
    told: list[tuple[int, int]] = []
    facts = Facts("通报", period, "方案", "c0ffee" * 8, "", at=AT, version=7, sample=False)
    content = make(facts, Period.parse(period), of, lambda *step: told.append(step))
    assert told[-1][0] == told[-1][1] == len(told)
    return content


def printed(content: bytes) -> list[str]:
    """The text of each page, without white space."""
    with pypdfium2.PdfDocument(content) as paper:
        return ["".join(page.get_textpage().get_text_range().split()) for page in paper]


def two(value: str | float, digits: int = 2) -> str:
    """A figure with two decimals as a spreadsheet shows it, halves away from zero."""
    exact = Decimal(f"{float(value):.15g}")
    return str(exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


def percent(rate: str | float) -> str:
    return f"{two(100 * float(rate), 1)}%"


def expected(name: str) -> list[dict[str, str]]:
    with (CASES / f"expected-{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def county(**more: Any) -> dict[str, list[dict[str, str]]]:
    """A county of one township and two delegates, as little as can be."""
    home, name = more.get("home", "甲镇"), more.get("name", "张三")
    since = {"任职起": "2025-01-01"}
    return {
        "townships": rows("镇街 类型", (home, "镇")),
        "delegates": rows(
            "代表编号 人员编号 姓名 层级 镇街", ("D1", "P1", name, "县级", home), **since
        )
        + rows("代表编号 人员编号 姓名 层级", ("D2", "P2", "李四", "乡镇级"), **since),
    }


def opinion(name: str = "张三") -> list[dict[str, str]]:
    return rows("编号 代表编号 姓名 收集日期 诉求", ("Y1", "D1", name, "2026-08-01", "修路"))


def build(path: Path, tables: dict[str, list[dict[str, str]]]) -> Path:
    return stored(path, [sent(name, lines) for name, lines in tables.items()])
