"""Every page, run as Streamlit runs it but without a browser."""

import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data import opening, store
from pages.words import speak

FRAME = Path(__file__).parents[2] / "pages" / "frame.py"
PAGES = sorted(
    str(file.relative_to(FRAME.parent))
    for room in ("browse", "clerk")
    for file in (FRAME.parent / room).glob("*.py")
)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch):
    """Run a page on a database: ``run(database, page, **query parameters)``."""

    def start(database: Path, page: str, **parameters: str) -> AppTest:
        monkeypatch.setenv("DELEGATES_DATABASE", str(database))
        monkeypatch.setattr(opening, "_opening", None)
        state = opening.begin()
        while not state.ready:
            assert state.fault is None
            time.sleep(0.01)
        speak(parameters.get("lang", "zh"))  # AppTest asks for titles outside the script's run
        test = AppTest.from_file(str(FRAME), default_timeout=60)
        for name, value in parameters.items():
            test.query_params[name] = value
        test.run()
        return test.switch_page(page).run()

    yield start
    speak("zh")
    for opened in list(store._open.values()):
        opened.close()
    store._open.clear()


def test_the_pages_are_there() -> None:
    """The pages that are visited below are all of them."""
    assert len(PAGES) >= 5


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_every_page_runs(run, case_copy: Path, page: str, language: str) -> None:
    """With data, each page shows something and no error, for each shape of period."""
    for period in ("2026Q3", "2026Q1-Q3", "2026"):
        test = run(case_copy, page, lang=language, period=period, delegate="D00003")
        assert not test.exception
        assert not test.error
        assert test.title


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_every_page_runs_on_an_empty_database(
    run, tmp_path: Path, page: str, language: str
) -> None:
    """Without data, each page says so in words (the upload page offers to upload)."""
    test = run(tmp_path / "empty.duckdb", page, lang=language)
    assert not test.exception
    assert not test.error
    assert test.info or test.caption


def test_overview_figures_are_the_worked_ones(run, case_copy: Path) -> None:
    """The key figures of the cases: mean score and households from the expected township table."""
    import pandas as pd

    expected = pd.read_csv(Path(__file__).parents[1] / "cases/expected-2026-townships.csv")
    mean = (expected["mean_score"] * expected["scored"]).sum() / expected["scored"].sum()
    test = run(case_copy, "browse/overview.py", period="2026")
    shown = {metric.label: metric.value for metric in test.metric}
    assert shown["平均得分"] == f"{mean:.2f}"
    assert shown["有得分的代表（人）"] == f"{expected['scored'].sum():,}"
    assert shown["走访群众（户次）"] == f"{expected['households_visited'].sum():,}"
    assert shown["收集意见建议（条）"] == f"{expected['opinions'].sum():,}"
    share = expected["opinions_closed"].sum() / expected["opinions"].sum()
    assert shown["意见办结率"] == f"{share:.1%}"
    active = (expected["active_share"] * expected["delegates"]).sum() / expected["delegates"].sum()
    assert shown["有履职记录的代表"] == f"{active:.1%}"


def test_delegate_shows_the_worked_score_grade_and_rank(run, case_copy: Path) -> None:
    """Score, grade and rank on the delegate's page are the expected ones."""
    import pandas as pd

    expected = pd.read_csv(Path(__file__).parents[1] / "cases/expected-2026.csv")
    for row in expected[expected["rank"].notna()].iloc[::15].itertuples():
        test = run(case_copy, "browse/delegate.py", period="2026", delegate=row.delegate_id)
        shown = {metric.label: metric.value for metric in test.metric}
        peers = ((expected["level"] == row.level) & expected["rank"].notna()).sum()
        assert shown["得分"] == f"{row.score:.2f}"
        assert shown["等次"] == row.grade
        assert shown["同级名次"] == f"{int(row.rank)} / {peers}"
