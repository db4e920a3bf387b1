"""The data dictionary: nothing published without a meaning, no meaning without a column."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from databases import asking

from data.period import Period
from data.store import Store
from data.uploads.formats import FORMATS
from queries import county, dictionary, package
from queries.dictionary import COLUMNS, Meaning

QUARTER = Period(2026, 3, 3)
# The sections of assessment.md, as a Chinese office would call them.
SECTIONS = {"指标", "数量", "报送", "目标和完成率", "得分", "等次和名次", "镇街"}
GENERATED = (*dictionary.BY_INDICATOR.values(), dictionary.BY_DIMENSION)


def keys(name: str, columns: list[str]) -> set[str]:
    """Under which keys a table's columns are declared; those of the scheme's rows are not."""
    own = {f"{name}.{column}" if f"{name}.{column}" in COLUMNS else column for column in columns}
    return own & COLUMNS.keys()


def test_every_published_column_has_a_meaning_and_no_other_has(cases: Store) -> None:
    """What the tables have is declared; what is declared some table has."""
    tables = {name: package.table(name, QUARTER) for name in package.TABLES}
    for name, (frame, meant) in tables.items():
        assert list(meant) == list(frame.columns), name
    used = {key for name, (frame, _) in tables.items() for key in keys(name, list(frame.columns))}
    assert used == set(COLUMNS)


def test_a_column_without_a_meaning_is_refused(cases: Store) -> None:
    """A table with a column that nobody declared cannot be published."""
    with pytest.raises(KeyError, match="new"):
        dictionary.meanings("ranking", ["rank", "new"], county.indicators(), county.bands())


def test_the_same_name_may_mean_another_thing(cases: Store) -> None:
    """A delegate's rank and a township's, a delegate's name and an indicator's."""
    given = (county.indicators(), county.bands())
    assert dictionary.meanings("ranking", ["rank"], *given)["rank"] == COLUMNS["rank"]
    assert dictionary.meanings("townships", ["rank"], *given)["rank"] == COLUMNS["townships.rank"]
    assert dictionary.meanings("indicators", ["name"], *given)["name"].title == "指标"


def faults(values: pd.Series, meant: Meaning) -> set[str]:
    """What in the values, as the query gave them, is not as the dictionary says."""
    there = values.dropna()
    found = set()
    if meant.required and values.isna().any():
        found.add("missing")
    if meant.kind == "text":
        if not all(isinstance(value, str) and value for value in there):
            found.add("kind")
        elif meant.choices and not set(there) <= set(meant.choices):
            found.add("choices")
        return found
    if meant.kind == "boolean":
        return found if set(there) <= {True, False} and values.dtype == "bool" else {"kind"}
    try:
        numbers = there.astype("float64")
    except ValueError:
        return {"kind"}
    if values.dtype == "bool" or (meant.kind == "count" and (numbers % 1 != 0).any()):
        found.add("kind")
    if meant.low is not None and (numbers < meant.low).any():
        found.add("low")
    if meant.high is not None and (numbers > meant.high + 1e-9).any():
        found.add("high")
    return found


@pytest.mark.parametrize(
    ("values", "column", "fault"),
    [
        ([0.5, 1.2], "coverage", {"high"}),
        ([1.0, 1.5], "rank", {"kind"}),
        ([0], "rank", {"low"}),
        ([True], "rank", {"kind"}),
        ([1, 0], "ranked", {"kind"}),
        (["县级"], "level", {"choices"}),
        (["D1", None], "delegate_id", {"missing"}),
        ([""], "name", {"kind"}),
        ([7], "delegate_id", {"kind"}),
        (["many"], "peers", {"kind"}),
        ([1, None], "rank", set()),
        ([-3], "rank_change", set()),
        ([1.7], "households_share", set()),
    ],
)
def test_what_does_not_fit_is_seen(values: list[object], column: str, fault: set[str]) -> None:
    """The check of the next test can fail, in each of its ways."""
    assert faults(pd.Series(values), COLUMNS[column]) == fault


@pytest.fixture(scope="module")
def sample(sample_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    path = tmp_path_factory.mktemp("dictionary") / "sample.duckdb"
    shutil.copy(sample_database, path)
    with asking(path) as house:
        yield house


@pytest.mark.parametrize("period", [QUARTER, Period(2025, 1, 4)], ids=str)
def test_values_are_what_the_dictionary_says(sample: Store, period: Period) -> None:
    """Kinds, bounds, choices and what is never missing, held to the whole sample county."""
    for name, published in package.TABLES.items():
        frame = published.rows(period)
        _typed, meant = package.table(name, period)
        assert len(frame) > 0
        assert not frame.duplicated(list(published.key)).any()
        assert {c: f for c in frame if (f := faults(frame[c], meant[c]))} == {}, name


def test_columns_of_the_indicators_follow_from_the_scheme(cases: Store) -> None:
    """Title, unit and the way of counting are those of the scheme's row."""
    rows = county.indicators()
    values = dictionary.of_indicators("x_", rows)
    assert list(values) == [f"x_{code}" for code in rows["indicator"]]
    visits = values["x_household_visit"]
    assert (visits.of, visits.unit, visits.kind) == ("入户走访", "户", "amount")
    rates = dictionary.of_indicators("r_", rows)
    ways = {way: name for name, way in dictionary.RATES.items()}
    assert {code.removeprefix("r_"): ways[meant.meaning] for code, meant in rates.items()} == {
        "attend_session": "session",
        "household_visit": "counted",
        "voter_reception": "counted",
        "opinion_collected": "counted",
        "suggestion_filed": "suggestion",
        "suggestion_result": "reply",
        "duty_report": "approved",
        "inspection": "organised",
        "survey": "organised",
        "study": "organised",
        "publicity": "counted",
        "theme_action": "reported",
    }
    points = dictionary.of_indicators("p_", rows)["p_study"]
    assert points.title.format(of=points.of) == "学习培训"
    assert dictionary.of_dimensions(rows)["meeting"].of == "会议履职"


def test_what_counts_in_part_is_the_schemes(sample: Store) -> None:
    """How much of one a co-signed suggestion and a half-day on leave count, by another scheme too:
    what the column says is what the scores are made of. Only votes on duty reports are approval.
    """

    def said(code: str) -> str:
        meant = dictionary.of_indicators("r_", county.indicators())[f"r_{code}"]
        return meant.meaning.format(**meant.named)

    assert "附议一件按 0.2 件计" in said("suggestion_filed")
    assert "请假的半天数 × 0.5" in said("attend_session")
    with sample.write() as cursor:
        cursor.execute("update scheme set co_signature = 0.3, leave_credit = 0.25")
    assert "附议一件按 0.3 件计" in said("suggestion_filed")
    assert "请假的半天数 × 0.25" in said("attend_session")
    assert [code for code in county.indicators()["indicator"] if "满意度折算" in said(code)] == [
        "duty_report"
    ]
    assert "没有报送的为空" in said("theme_action")


def test_sources_are_there() -> None:
    """Each source is a section of the assessment, an article, or columns of an upload format."""
    formats = {fmt.title: {column.header for column in fmt.columns} for fmt in FORMATS.values()}
    for meant in (*COLUMNS.values(), *GENERATED):
        for source in meant.source.split("；"):
            if re.fullmatch(r"代表法第[一二三四五六七八九十]+条", source):
                continue
            where, _, columns = source.partition("：")
            known = SECTIONS if where == "考核方案" else formats[where]
            assert set(columns.split("、")) <= known, source


def test_each_column_says_what_it_is() -> None:
    """A title, one sentence or two in Chinese, and a source; two meanings never share a text."""
    for meant in COLUMNS.values():
        assert meant.title
        assert meant.source
        assert re.fullmatch(r"[^a-zA-Z{}]+。", meant.meaning)
    said = [meant.meaning for meant in COLUMNS.values()]
    assert len(set(said)) == len(said)
