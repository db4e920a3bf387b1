"""The page of accounts, run as Streamlit runs it, by an administrator and by others."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from streamlit.testing.v1 import AppTest

from data import store
from data.access import RIGHTS, ROLES, Role, Visitor, accounts, passwords
from data.access.accounts import Accounts
from data.problems import DatabaseUnavailable
from data.record import Record, record
from pages.parts import access
from pages.words import speak

PAGE = Path(__file__).parents[2] / "pages" / "admin" / "accounts.py"
PASSWORD = "河边三棵老槐树又开花"
SSO = """
way = "sso"
address = "https://renda.example"
issuer = "https://id.example"
client_id = "delegates"
client_secret = "not in this test"
"""
HOSTILE = "<b>粗</b>**重**[a](//b):red[c]"


class House:
    """An office in one way in; ``look`` opens the page as somebody."""

    def __init__(self, database: Path, monkeypatch: pytest.MonkeyPatch, settings: str) -> None:
        self.monkeypatch = monkeypatch
        monkeypatch.setenv("DELEGATES_DATABASE", str(database))
        monkeypatch.setattr(passwords, "_hasher", PasswordHasher(1, 64, 1))  # soon done
        if settings:
            database.with_suffix(".door.toml").write_text(settings, "utf-8")
        self.enter("admin", "赵管理", "administrator")

    @property
    def accounts(self) -> Accounts:
        return accounts.accounts()

    def enter(self, account: str, name: str, role: Role, *townships: str) -> None:
        code = self.accounts.create(account, name, role, townships)
        self.accounts.redeem(code, account, name, PASSWORD)

    def look(self, account: str = "admin", lang: str = "zh") -> AppTest:
        ticket = self.accounts.begin(account, "192.0.2.7").ticket

        def visitor() -> Visitor:
            known = self.accounts.by_ticket(ticket)
            if known is None:
                access.st.error("登录已失效，请重新登录。")
                access.st.stop()
            return known

        self.monkeypatch.setattr(access, "visitor", visitor)
        speak(lang)
        return AppTest.from_file(str(PAGE), default_timeout=60).run()


@pytest.fixture
def house(
    case_database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., House]]:
    """An office with the data of the worked cases: ``house(settings)``."""
    copy = Path(shutil.copy(case_database, tmp_path / "delegates.duckdb"))
    yield lambda settings='way = "accounts"': House(copy, monkeypatch, settings)
    speak("zh")
    for opened in list(store._open.values()):
        opened.close()
    store._open.clear()


def by_label(widgets, label: str):
    [widget] = [widget for widget in widgets if widget.label == label]
    return widget


def click(test: AppTest, label: str) -> AppTest:
    test = by_label(test.button, label).click().run()
    assert not test.exception
    return test


def choose(test: AppTest, account: str) -> AppTest:
    """What a click on the account's row does; AppTest cannot click on a table."""
    test.session_state["account"] = account
    return test.run()


def fill_in(test: AppTest, account: str, name: str, role: Role, *townships: str) -> AppTest:
    test = click(test, "添加账号")
    by_label(test.text_input, "账号").set_value(account)
    by_label(test.text_input, "姓名").set_value(name)
    test = by_label(test.radio, "角色").set_value(role).run()
    if townships:
        by_label(test.button_group, "镇街").set_value(list(townships))
    return click(test, "添加")


def table(test: AppTest) -> list[list[object]]:
    shown = test.dataframe[0].value
    return shown.drop(columns="last_sign_in").to_numpy().tolist()


def said(test: AppTest) -> str:
    """All text of the page that is read as Markdown."""
    elements = (*test.markdown, *test.success, *test.error, *test.info, *test.caption)
    return "\n".join(element.value for element in elements)


def deeds() -> list[str]:
    return record().entries()["deed"].tolist()


@pytest.mark.parametrize("role", [role for role in ROLES if "accounts" not in RIGHTS[role]])
def test_the_page_is_the_administrators_alone(house: Callable[..., House], role: Role) -> None:
    """Everybody else is told so, and sees no account."""
    here = house()
    here.enter("other", "某人", role, "青石镇")
    test = here.look("other")
    assert [error.value for error in test.error] == ["您的账号没有使用这一页的权限。"]
    assert not test.dataframe
    assert not test.button


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_list_says_who_may_what(house: Callable[..., House], lang: str) -> None:
    """Everybody with role, townships, and whether they can come in; no code, no hash."""
    here = house()
    here.enter("zhang", "张镇街", "township_clerk", "青石镇", "东湖街道")
    here.accounts.create("new", "新人", "viewer")
    here.accounts.create("old", "旧人", "leader")
    here.accounts.change("old", disabled=True)
    test = here.look(lang=lang)
    assert not test.exception
    if lang == "zh":
        assert table(test) == [
            ["admin", "赵管理", "系统管理员", "", "启用"],
            ["new", "新人", "匿名查看", "", "未设密码"],
            ["old", "旧人", "领导", "", "停用"],
            ["zhang", "张镇街", "镇街经办人", "东湖街道、青石镇", "启用"],
        ]
    assert len(table(test)) == 4


def test_adding_an_account(house: Callable[..., House]) -> None:
    """The code is shown with how to hand it over, and works; a tick takes it away for good."""
    here = house()
    test = fill_in(here.look(), " wang ", "王芳", "township_clerk", "浪河镇")
    [code] = [shown.value for shown in test.code]
    assert "当面交给本人" in said(test)
    assert ["wang", "王芳", "镇街经办人", "浪河镇", "未设密码"] in table(test)
    assert deeds() == ["account_created"]
    test = by_label(test.checkbox, "已交给本人").check().run()
    assert not test.code
    assert "code" not in test.session_state
    assert here.accounts.redeem(code, "wang", "", PASSWORD).townships == ("浪河镇",)


def test_a_code_goes_with_the_page(house: Callable[..., House], tmp_path: Path) -> None:
    """Whoever leaves the page and comes back does not find the code again."""
    (tmp_path / "other.py").write_text("")
    frame = tmp_path / "frame.py"
    frame.write_text(
        "import streamlit as st\n"
        f"st.navigation([st.Page({str(PAGE)!r}), st.Page('other.py')]).run()"
    )
    here = house()
    here.look()
    test = AppTest.from_file(str(frame), default_timeout=60).run()
    test = fill_in(test, "wang", "王芳", "viewer")
    assert test.code
    assert test.run().code  # staying is not leaving
    test.switch_page("other.py").run()
    test.switch_page(str(PAGE)).run()
    assert test.dataframe
    assert not test.code
    assert "code" not in test.session_state


def test_a_new_form_is_empty(house: Callable[..., House]) -> None:
    """What was typed for one account is not there for the next."""
    test = click(fill_in(house().look(), "wang", "王芳", "viewer"), "添加账号")
    assert [field.value for field in test.text_input] == ["", ""]
    assert by_label(test.radio, "角色").value is None
    assert by_label(test.button, "添加").disabled


@pytest.mark.parametrize(
    ("account", "name", "fault"),
    [
        ("ADMIN", "某人", "name_taken"),
        ("a b", "某人", "bad_name"),
        ("=cmd|x", "某人", "bad_name"),
        ("wang", "  ", "no_person"),
        ("wang", "王\u202e芳", "bad_person"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(
    house: Callable[..., House], account: str, name: str, fault: accounts.Fault
) -> None:
    """The form stays as it was typed, so that it can be put right."""
    test = fill_in(house().look(), account, name, "leader")
    assert [error.value for error in test.error] == [accounts.FAULTS[fault]]
    assert by_label(test.text_input, "账号").value == account
    assert not test.code
    assert len(table(test)) == 1
    assert "account_created" not in deeds()


def test_a_township_clerk_needs_a_township(house: Callable[..., House]) -> None:
    test = fill_in(house().look(), "zhang", "张镇街", "township_clerk")
    assert [error.value for error in test.error] == [accounts.FAULTS["no_township"]]


def test_changing_an_account(house: Callable[..., House]) -> None:
    """Name, role and townships; who is in by it has to sign in again; it is on record."""
    here = house()
    here.enter("zhang", "张三", "township_clerk", "浪河镇")
    ticket = here.accounts.begin("zhang", "192.0.2.8").ticket
    test = choose(here.look(), "zhang")
    assert by_label(test.button_group, "镇街").value == ["浪河镇"]
    by_label(test.button_group, "镇街").set_value(["浪河镇", "官山镇"])
    by_label(test.text_input, "姓名").set_value("张叁")
    test = click(test, "保存")
    changed = here.accounts.get("zhang")
    assert (changed.name, changed.townships) == ("张叁", ("官山镇", "浪河镇"))
    assert here.accounts.by_ticket(ticket) is None
    assert "已保存" in test.success[0].value
    test = choose(test, "zhang")
    test = by_label(test.radio, "角色").set_value("leader").run()
    assert "镇街" not in [group.label for group in test.button_group]
    click(test, "保存")
    assert here.accounts.get("zhang").role == "leader"
    assert deeds()[:2] == ["account_changed", "account_changed"]


def test_disabling_enabling_renewing(house: Callable[..., House]) -> None:
    """Each by one button, told in a sentence, and on record; a disabled account gets no code."""
    here = house()
    here.enter("wang", "王芳", "leader")
    test = click(choose(here.look(), "wang"), "停用账号")
    assert here.accounts.get("wang").disabled
    assert "已停用" in test.success[0].value
    assert "确定重发" not in [button.label for button in test.button]
    test = click(test, "启用账号")
    assert not here.accounts.get("wang").disabled
    test = click(test, "确定重发")
    assert not here.accounts.get("wang").has_password
    assert here.accounts.redeem(test.code[0].value, "wang", "", PASSWORD).has_password
    assert deeds()[:3] == ["code_renewed", "account_enabled", "account_disabled"]


def test_nobody_shuts_themselves_out(house: Callable[..., House]) -> None:
    """Of one's own account only name and role are offered, the last administrator's role stays."""
    here = house()
    test = choose(here.look(), "admin")
    assert not {"停用账号", "确定重发"} & {button.label for button in test.button}
    by_label(test.radio, "角色").set_value("viewer").run()
    test = click(test, "保存")
    assert [error.value for error in test.error] == [accounts.FAULTS["last_administrator"]]
    assert here.accounts.get("admin").role == "administrator"


@pytest.mark.parametrize("label", ["添加", "保存", "停用账号", "确定重发"])
def test_a_page_left_open_does_nothing(house: Callable[..., House], label: str) -> None:
    """Whoever was signed out, or is no administrator any more, clicks in vain."""
    here = house()
    here.enter("second", "钱管理", "administrator")
    here.enter("wang", "王芳", "leader")
    for end in (
        lambda: here.accounts.end_all("second"),
        lambda: here.accounts.change("second", role="viewer"),
    ):
        test = here.look("second")
        if label == "添加":
            test = click(test, "添加账号")
            by_label(test.text_input, "账号").set_value("new")
            by_label(test.text_input, "姓名").set_value("新人")
            test = by_label(test.radio, "角色").set_value("administrator").run()
        else:
            test = choose(test, "wang")
            by_label(test.text_input, "姓名").set_value("改名")
        before = here.accounts.everyone()
        end()
        shut = here.accounts.everyone()
        test = by_label(test.button, label).click().run()
        assert not test.exception
        assert test.error
        assert not test.dataframe
        assert not test.code
        assert here.accounts.everyone() == shut
        assert [a for a in before if a.account != "second"] == [
            a for a in shut if a.account != "second"
        ]
    assert deeds() == []


def test_a_record_that_cannot_be_written(
    house: Callable[..., House], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The administrator reads why, no code is shown, and the account stays shut."""

    def full(*_told: object, **_what: object) -> None:
        raise DatabaseUnavailable("unrecorded", path="delegates.record", reason="磁盘已满")

    here = house()
    test = here.look()
    monkeypatch.setattr(Record, "note", full)
    test = fill_in(test, "wang", "王芳", "leader")
    assert "磁盘已满" in test.error[0].value
    assert not test.code
    assert here.accounts.get("wang").disabled


def test_names_are_shown_as_they_are(house: Callable[..., House]) -> None:
    """A name with the signs of Markdown or HTML is a name, in sentences and in fields."""
    here = house()
    test = fill_in(here.look(), "a_b_c@x.cn", HOSTILE, "leader")
    assert HOSTILE in [row[1] for row in table(test)]
    test = choose(test, "a_b_c@x.cn")
    assert by_label(test.text_input, "姓名").value == HOSTILE
    for living in ("<b>", "**重**", "[a](", ":red[", "a_b", "c@x"):
        assert living not in said(test)
    test = click(test, "停用账号")
    assert "a_b" not in said(test)


def test_with_the_single_sign_on_there_are_no_codes(house: Callable[..., House]) -> None:
    """An account is added and used without; its name is the single sign-on's."""
    here = house(SSO)
    test = click(here.look(), "添加账号")
    assert "统一身份认证" in said(test)
    by_label(test.text_input, "账号").set_value("wang")
    by_label(test.text_input, "姓名").set_value("王芳")
    by_label(test.radio, "角色").set_value("leader").run()
    test = click(test, "添加")
    assert not test.code
    assert "已添加" in test.success[0].value
    assert ["wang", "王芳", "领导", "", "启用"] in table(test)
    test = choose(test, "wang")
    assert "确定重发" not in [button.label for button in test.button]


def test_on_this_computer_there_are_no_accounts(house: Callable[..., House]) -> None:
    """The page says how to set them up, and shows nothing else."""
    here = house("")
    here.monkeypatch.setattr(access, "visitor", lambda: Visitor(address=access.HERE))
    test = AppTest.from_file(str(PAGE), default_timeout=60).run()
    assert "给管理员" in test.info[0].value
    assert not test.dataframe
    assert not [button for button in test.button if button.label != ""]


def test_every_role_is_offered(house: Callable[..., House]) -> None:
    test = click(house().look(), "添加账号")
    assert by_label(test.radio, "角色").options == list(ROLES.values())
