"""The README tells what the code does."""

import re
from pathlib import Path

import readme

from data.uploads.formats import FORMATS

ROOT = Path(__file__).parents[1]


def test_formats_are_documented_as_declared() -> None:
    """The README's tables of formats are those that follow from the declarations."""
    text = readme.README.read_text("utf-8")
    assert readme.with_parts(text) == text, "run: uv run python tests/support/readme.py"
    assert all(f"**{fmt.title}**" in text for fmt in FORMATS.values())


def test_links_lead_somewhere() -> None:
    """Every file and folder that the README names exists."""
    text = readme.README.read_text("utf-8")
    named = re.findall(r"\]\((\.[^)#]+)\)", text)
    named += re.findall(r"`((?:pages|data|queries|tests)/[\w./]*)`", text)
    missing = [path for path in named if not (ROOT / path).exists() and "files/" not in path]
    assert missing == []
