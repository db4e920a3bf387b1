"""The assessment period 考核期: whole quarters of one year (assessment.md, "Words")."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

_NOTATION = re.compile(r"(\d{4})(?:Q([1-4])(?:-Q([1-4]))?)?", re.IGNORECASE)


@dataclass(frozen=True, order=True)
class Period:
    """Quarters ``first`` to ``last`` (1–4, inclusive) of ``year``.

    Only three shapes are periods: one quarter, the year to date through a quarter, the year.
    """

    year: int
    first: int
    last: int

    def __post_init__(self) -> None:
        if not (1 <= self.first <= self.last <= 4 and self.first in (1, self.last)):
            raise ValueError(f"not a period: {self.year} Q{self.first}-Q{self.last}")

    @classmethod
    def parse(cls, text: str) -> "Period":
        """Read ``2026Q3``, ``2026Q1-Q3`` or ``2026``; raises ValueError for anything else."""
        match = _NOTATION.fullmatch(text.strip())
        if not match:
            raise ValueError(text)
        year, first, last = int(match[1]), int(match[2] or 1), int(match[3] or match[2] or 4)
        return cls(year, first, last)

    @classmethod
    def quarter_of(cls, day: date) -> "Period":
        quarter = (day.month + 2) // 3
        return cls(day.year, quarter, quarter)

    def __str__(self) -> str:
        if self.is_year:
            return f"{self.year}"
        if self.is_quarter:
            return f"{self.year}Q{self.first}"
        return f"{self.year}Q{self.first}-Q{self.last}"

    @property
    def is_quarter(self) -> bool:
        return self.first == self.last

    @property
    def is_year(self) -> bool:
        return (self.first, self.last) == (1, 4)

    @property
    def start(self) -> date:
        return date(self.year, 3 * self.first - 2, 1)

    @property
    def end(self) -> date:
        return date(self.year + self.last // 4, 3 * self.last % 12 + 1, 1) - timedelta(days=1)

    @property
    def quarters(self) -> tuple["Period", ...]:
        return tuple(Period(self.year, q, q) for q in range(self.first, self.last + 1))

    @property
    def before(self) -> "Period":
        """The period of the same length just before, to which changes of rank refer.

        The year to date and the year compare with the same quarters of the year before: their
        predecessors of equal length would straddle two years, and a period never does.
        """
        if self.is_quarter and self.first > 1:
            return Period(self.year, self.first - 1, self.first - 1)
        if self.is_quarter:
            return Period(self.year - 1, 4, 4)
        return Period(self.year - 1, self.first, self.last)
