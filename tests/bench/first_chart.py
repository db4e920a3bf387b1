"""How long a new office waits for its first chart, from the start of the server.

By hand: ``uv run python tests/bench/first_chart.py``. Starts the server in a fresh copy of the
project without a database, so the sample county is loaded first, and opens the first page in the
system's Chromium. Aim: 20 s.
"""

import sys
import tempfile
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from playwright.sync_api import sync_playwright
from serving import NO_BROWSER, chromium, copy_tree, serving


def main() -> None:
    path = chromium()
    if path is None:
        sys.exit(NO_BROWSER)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        tree = copy_tree(Path(folder) / "fresh")
        started = perf_counter()
        with serving(tree, None) as address:
            page = browser.new_page(locale="zh-CN")
            page.goto(address)
            page.locator("[data-testid=stProgress]").wait_for()
            print(f"progress bar  {perf_counter() - started:5.1f} s")
            page.locator(".js-plotly-plot").first.wait_for(timeout=120_000)
            print(f"first chart   {perf_counter() - started:5.1f} s")
        browser.close()


if __name__ == "__main__":
    main()
