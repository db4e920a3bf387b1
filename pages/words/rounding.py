"""How numbers are rounded where they become text: as Excel, WPS and people on paper do."""

from decimal import ROUND_HALF_UP, Decimal, localcontext


def half_up(value: float, shape: str) -> str:
    """A number in the shape of a format specification for "f" or "%", halves away from zero.

    Of the decimal that a spreadsheet holds, 15 digits: 85.125 is 85.13, and so is what arithmetic
    left a hair below it. Python's own formatting would say 85.12 of both.
    """
    with localcontext(rounding=ROUND_HALF_UP):
        return format(Decimal(f"{value:.15g}"), shape)
