"""The first days of an office behind its door, in a real browser, by keyboard where one signs in."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from knocking import PASSWORD
from looking import export, open_page, settled, table
from playwright.sync_api import Browser, Page, expect
from serving import ROOT, serving


@pytest.fixture
def browse(browser: Browser) -> Iterator[Callable[[], Page]]:
    """Browsers of different people: ``browse()`` gives a page with cookies of its own."""
    opened = []

    def new() -> Page:
        opened.append(browser.new_context(viewport={"width": 1400, "height": 1000}, locale="zh-CN"))
        return opened[-1].new_page()

    yield new
    for context in opened:
        context.close()


def sign_in(page: Page, address: str, account: str) -> None:
    """By keyboard alone: the field has the focus, Tab leads on, Enter sends."""
    page.goto(address)
    page.locator("[name=account]:focus").wait_for()
    page.keyboard.type(account)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")


def arrived(page: Page, title: str) -> None:
    expect(page.locator("h1").first).to_have_text(title, timeout=40_000)
    settled(page)


def set_up(page: Page, address: str, person: dict[str, str]) -> None:
    """The first sign-in, with a one-time code and a password of one's own."""
    page.goto(f"{address}/setup")
    for label, value in {**person, "密码": PASSWORD, "再次输入密码": PASSWORD}.items():
        page.get_by_label(label, exact=True).fill(value)
    page.keyboard.press("Enter")


def test_from_the_first_code_to_the_record(browse, case_database: Path, tmp_path: Path) -> None:
    """A first administrator opens accounts; each person comes in, sees their own, and is on record."""
    copy = Path(shutil.copy(case_database, tmp_path / "delegates.duckdb"))
    copy.with_suffix(".door.toml").write_text('way = "accounts"\n', "utf-8")
    terminal = tmp_path / "terminal.txt"
    with serving(ROOT, copy, terminal) as address:
        [(place, code)] = re.findall(
            r"浏览器打开 (\S+) ，输入一次性代码：(\S+)", terminal.read_text("utf-8")
        )
        assert place.endswith("/setup")
        admin = browse()
        set_up(admin, address, {"一次性代码": code, "姓名": "赵管理", "账号": "admin"})
        arrived(admin, "账号")
        codes = {
            account: add(admin, account, name, role, township)
            for account, name, role, township in (
                ("lead", "李领导", "领导", None),
                ("town", "张镇街", "镇街经办人", "大坝街道"),
            )
        }

        town = browse()
        set_up(town, address, {"账号": "town", "一次性代码": codes["town"]})
        arrived(town, "上传")
        assert town.get_by_label("经办人").count() == 0

        lead = browse()
        set_up(lead, address, {"账号": "lead", "一次性代码": codes["lead"]})
        arrived(lead, "总览")
        open_page(lead, f"{address}/ranking?period=2026Q3")
        file = export(lead, "CSV")
        assert file.suggested_filename.endswith(".csv")
        link = file.url
        nobody = browse()
        nobody.goto(link)
        expect(nobody).to_have_title(re.compile("登录"))

        # Signing out in one window closes the other ones.
        other = lead.context.new_page()
        open_page(other, f"{address}/townships")
        lead.goto(f"{address}/logout")
        lead.get_by_role("button", name="退出登录").press("Enter")
        expect(lead).to_have_title(re.compile("登录"))
        expect(other).to_have_title(re.compile("登录"), timeout=15_000)
        sign_in(other, f"{address}/townships", "lead")
        arrived(other, "镇街对比")

        open_page(admin, f"{address}/record")
        rows = table(admin, "操作记录")
        told = {" ".join(row) for row in rows}
        assert any("导出" in row and "李领导" in row for row in told)
        assert any("退出" in row and "李领导" in row for row in told)


def add(page: Page, account: str, name: str, role: str, township: str | None) -> str:
    """Open an account on the page; returns its one-time code."""
    page.get_by_role("button", name="添加账号").click()
    settled(page)
    page.get_by_label("账号", exact=True).fill(account)
    page.get_by_label("姓名", exact=True).fill(name)
    page.get_by_text(role, exact=True).first.click()
    settled(page)
    if township:
        page.get_by_role("button", name=township).click()
        settled(page)
    page.get_by_role("button", name="添加", exact=True).click()
    code = page.locator("[data-testid=stCode]")
    expect(code).to_be_visible(timeout=20_000)
    given = code.inner_text().strip()
    page.get_by_text("已交给本人").click()
    settled(page)
    return given
