"""What a test does in the browser: open a page, wait for it, read its tables, store files."""

from playwright.sync_api import Download, Locator, Page


def open_page(page: Page, address: str) -> None:
    """Go to an address and wait until the page's script has run to its end."""
    page.goto(address)
    page.wait_for_selector("h1", timeout=40_000)
    settled(page)


def settled(page: Page) -> None:
    """Wait until no script runs. By the document alone: the pages' policy forbids evaluation."""
    idle = page.locator("[data-testid=stApp][data-test-script-state=notRunning]")
    idle.wait_for(state="attached", timeout=40_000)
    page.wait_for_timeout(300)


def table(page: Page, name: str) -> list[list[str]]:
    """The cells of a table as a screen reader finds them (the rows in view), header first."""
    grid = page.locator(f"[role=region][aria-label='{name}'] [role=grid]").first
    grid.wait_for(state="attached")
    return grid.evaluate(
        "grid => [...grid.querySelectorAll('tr')].map("
        "row => [...row.querySelectorAll('th, td')].map(cell => cell.textContent))"
    )


def export(page: Page, kind: str, what: str | None = None) -> Download:
    """Take away, through the page's door, its first table or chart, or what is titled so."""
    door = page.locator("[data-testid=stPopoverBody]")

    def press(button: Locator) -> None:
        button.click()
        page.wait_for_timeout(300)  # until the script runs
        settled(page)

    press(page.locator(".st-key-door button").first)
    if what is not None:
        door.get_by_role("combobox").click()
        press(page.get_by_role("option", name=what, exact=True))
    with page.expect_download(timeout=60_000) as waiting:  # it is built first
        door.get_by_role("button", name=kind).click()
    page.keyboard.press("Escape")
    door.wait_for(state="detached")
    return waiting.value


def store(page: Page, files: int, by: str = "王小明") -> None:
    """Sign with the clerk's name, store the files and wait for the result."""
    page.get_by_label("经办人").fill(by)
    page.get_by_label("经办人").press("Tab")
    settled(page)
    page.get_by_role("button", name=f"入库（{files} 个文件）").click()
    page.get_by_text("完成：").wait_for()
    settled(page)
