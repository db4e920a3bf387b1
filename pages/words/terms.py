"""The field's terms for what the database holds as codes."""

import re
from collections.abc import Iterable
from typing import Any

import pandas as pd

from pages.words import _
from pages.words.rounding import half_up

LEVELS = {
    "county": "县级",
    "township": "乡镇级",
    "prefecture": "地市级",
    "provincial": "省级",
    "national": "全国级",
}
GRADES = ("优秀", "称职", "基本称职", "不称职", "不定等次")
REASONS = {"not_offered": "未安排", "not_due": "未到期", "not_reported": "未报送"}
STATES = {  # of a suggestion or an opinion
    "unassigned": "未交办",
    "open": "在办",
    "due_soon": "30天内到期",
    "overdue": "逾期未答复",
    "replied": "已按期答复",
    "replied_late": "已逾期答复",
    "unrouted": "未转办",
    "closed": "已办结",
}
LEFT_OUT = {"returned": "已退回，不计", "outside_mandate": "不在任期，不计"}

_PERIOD = re.compile(r"(\d{4})(?:Q(\d)(?:-Q(\d))?)?")


def period_name(period: str) -> str:
    """2026Q3 → 2026年第三季度, 2026Q1-Q3 → 2026年1—3季度, 2026 → 2026年."""
    match = _PERIOD.fullmatch(period)
    assert match is not None
    year, first, last = match.groups()
    if last:
        return _("{year}年{first}—{last}季度", year=year, first=first, last=last)
    if first:
        number = "一二三四"[int(first) - 1]
        return _("{year}年第{number}季度", year=year, number=_(number))
    return _("{year}年", year=year)


def level_name(level: str) -> str:
    return _(LEVELS[level])


def told(value: Any, shape: str = ",.10g") -> str:
    """A figure as it is read, rounded half up; — if it is missing."""
    if pd.isna(value):
        return "—"
    return half_up(value, shape) if shape.endswith(("f", "%")) else f"{value:{shape}}"


def day(value: Any) -> str:
    return told(value, "%Y-%m-%d")


def listed(names: Iterable[str]) -> str:
    """Names one after the other, as the language lists them."""
    return _("、").join(names)


def plain(text: str) -> str:
    """Text from the data, so that no sign in it is taken for Markdown.

    Addresses, icons and arrows are made of plain signs only after Markdown has been read, so
    escaping does not stop them; an invisible joiner between their signs does.
    """
    signs = r"(?<=www)(?=\.)|(?=@)|(?=://)|(?<=:)(?=\w)|(?<=[-<>~])(?=[->=])"
    parted = re.sub(signs, "\u2060", " ".join(text.split()))
    return re.sub(r"([\\`*_{}\[\]()<>#+\-.!|~$:&])", r"\\\1", parted)
