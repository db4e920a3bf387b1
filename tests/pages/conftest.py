"""One browser a session, one server for each database that tests only look at."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from serving import NO_BROWSER, ROOT, chromium, serving


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
