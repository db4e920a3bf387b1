"""Text that a spreadsheet would run: known by its first sign, and marked where a table leaves."""

import re

_SIGN = re.compile(r"[=+\-@＝＋－＠\t\r\n]")  # full-width ones too, in Chinese versions


def runs(text: str) -> bool:
    """Whether a spreadsheet would take the text for a formula."""
    return _SIGN.match(text) is not None


def neutral(text: str) -> str:
    """Text that no spreadsheet runs: formula signs at its start get an apostrophe before them."""
    return f"'{text}" if runs(text) else text
