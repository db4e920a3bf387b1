"""The scheme file: what it says reaches the tables, and what does not add up is refused."""

from collections.abc import Callable
from pathlib import Path

import pytest

from data import scheme

TEXT = scheme.DEFAULT.read_text("utf-8")


def test_default_adds_up() -> None:
    """Every level's weights add up to 100, and every indicator is explained."""
    tables = scheme.load().tables
    sums = tables["scheme_weights"].groupby("level")["weight"].sum()
    assert dict(sums) == dict.fromkeys([*scheme.GRADED_LEVELS, *scheme.REFERENCE_LEVELS], 100)
    indicators = tables["scheme_indicators"]
    assert len(indicators) == 12
    assert set(indicators["dimension"]) <= set(tables["scheme_dimensions"]["dimension"])
    assert set(tables["scheme_kinds"]["indicator"]) == set(indicators["indicator"])


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda t: t.replace("county = 15", "county = 14", 1), "99"),
        (lambda t: t.replace('code = "survey"', 'code = "study"'), "出现了两次"),
        (lambda t: t.replace('rule = "share"', 'rule = "guess"', 1), "rule"),
        (lambda t: t.replace('due = "year"', 'due = "month"', 1), "due"),
        (lambda t: t.replace('dimension = "study"', 'dimension = "studies"', 1), "dimension"),
        (lambda t: t.replace("target = 20\n", "", 1), "target"),
        (lambda t: t.replace("bonus_cap = 10", ""), "bonus_cap"),
        (lambda t: t.replace("[[band]]", "[[band", 1), "TOML"),
    ],
)
def test_refusal(tmp_path: Path, spoil: Callable[[str], str], said: str) -> None:
    """A scheme that does not add up is refused, and the message says where."""
    path = tmp_path / "scheme.toml"
    path.write_text(spoil(TEXT), "utf-8")
    with pytest.raises(scheme.SchemeError, match=said):
        scheme.load(path)


def test_version(tmp_path: Path) -> None:
    """Any change of the file is another version of the scheme."""
    path = tmp_path / "scheme.toml"
    path.write_text(TEXT + "\n", "utf-8")
    assert scheme.load(path).checksum != scheme.load().checksum
