"""One browser a session, one server for each database that tests only look at; and pages run as
Streamlit runs them, without either.
"""

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from running import Doors, Run, Shown
from serving import NO_BROWSER, ROOT, chromium, serving
from streamlit.testing.v1 import AppTest

from data import opening, store
from data.access import Visitor
from data.uploads import desk
from pages.parts import address, charts, export, tables
from pages.words import language, speak


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium()
    if path is None:
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail(NO_BROWSER)
        pytest.skip(NO_BROWSER)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=path,
            args=[
                *("--no-sandbox", "--disable-gpu", "--disable-background-networking"),
                # The network is denied: no name leads anywhere but this machine's own.
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost",
            ],
        )
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that fails the test on a dialog or a request to anywhere but this machine."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000}, locale="zh-CN")
    page = context.new_page()
    foreign: list[str] = []
    page.on(
        "request",
        lambda r: (
            None
            if r.url.startswith(("http://localhost:", "data:", "blob:"))
            else foreign.append(r.url)
        ),
    )
    page.on("dialog", lambda d: (foreign.append(f"dialog: {d.message}"), d.dismiss()))
    yield page
    context.close()
    assert foreign == []


@pytest.fixture(scope="session")
def sample_server(browser: Browser, sample_database: Path, tmp_path_factory) -> Iterator[str]:
    """The sample county, served; only for looking."""
    yield from _served(sample_database, tmp_path_factory.mktemp("served-sample"))


@pytest.fixture(scope="session")
def case_server(browser: Browser, case_database: Path, tmp_path_factory) -> Iterator[str]:
    """The worked cases, served; only for looking."""
    yield from _served(case_database, tmp_path_factory.mktemp("served-cases"))


def _served(database: Path, folder: Path) -> Iterator[str]:
    copy = Path(shutil.copy(database, folder / "served.duckdb"))
    with serving(ROOT, copy) as address:
        yield address


@pytest.fixture
def case_copy(case_database: Path, tmp_path: Path) -> Path:
    """The worked cases in a file of the test's own."""
    return Path(shutil.copy(case_database, tmp_path / "cases.duckdb"))


@pytest.fixture
def sample_copy(sample_database: Path, tmp_path: Path) -> Path:
    """The sample county in a file of the test's own."""
    return Path(shutil.copy(sample_database, tmp_path / "sample.duckdb"))


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Run a page on a database: ``run(database, page, **query parameters)``."""

    def start(database: Path, page: str, **parameters: str) -> AppTest:
        monkeypatch.setattr(desk, "_storings", [])  # as in a new process
        monkeypatch.setenv("DELEGATES_DATABASE", str(database))
        monkeypatch.setattr(opening, "_opening", None)
        state = opening.begin()
        while not state.ready:
            assert state.fault is None
            time.sleep(0.01)
        speak(parameters.get("lang", "zh"))  # AppTest asks for titles outside the script's run
        test = AppTest.from_file(str(ROOT / "pages" / "frame.py"), default_timeout=60)
        for name, value in parameters.items():
            test.query_params[name] = value
        test.run()
        return test.switch_page(page).run()

    yield start
    speak("zh")
    for opened in list(store._open.values()):
        opened.close()
    store._open.clear()


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Shown:
    """What the pages that run show, and where clicks in it lead."""
    seen = Shown()
    show, draw = tables.show, charts.draw

    def looked_up(frame: pd.DataFrame, key: str, *given: Any, **more: Any) -> None:
        seen.frames[key], seen.clicks[key] = frame, more.get("on_click")
        show(frame, key, *given, **more)

    def drawn(spec: charts.Spec, key: str, alt: str, on_click: Any = None, *more: Any) -> None:
        seen.pictures[key], seen.clicks[key] = spec, on_click
        draw(spec, key, alt, on_click, *more)

    monkeypatch.setattr(tables, "show", looked_up)
    monkeypatch.setattr(charts, "draw", drawn)
    monkeypatch.setattr(address, "go", lambda page, **to: seen.led.append((page, to)))
    return seen


@pytest.fixture
def doors(monkeypatch: pytest.MonkeyPatch) -> Doors:
    """What the pages that run offer to take away."""
    seen = Doors()

    def offered(page: export.Page, by: Visitor, scheme: pd.Series) -> None:
        seen.offered.append((page, by, language(), scheme))

    monkeypatch.setattr(export, "_offer", offered)
    return seen
