"""The page of the record of deeds, run as Streamlit runs it."""

from __future__ import annotations

import ast
import io
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, get_args

import pytest
import streamlit as st
from python_calamine import CalamineWorkbook
from streamlit.testing.v1 import AppTest

from data import opening, store
from data import record as records
from data.access import RIGHTS, ROLES, Right, Role, Visitor, accounts, settings
from data.problems import DatabaseUnavailable
from data.record import record
from data.uploads.ledger import Outcome
from pages.parts import access
from pages.words import speak

ROOT = Path(__file__).parents[2]
FRAME, PAGE = ROOT / "pages" / "frame.py", ROOT / "pages" / "admin" / "record.py"
HOSTILE = "=1+1<b>粗</b>**重**[a](//b)\n\u202e"
WANG = Visitor("王芳", "wang", "county_clerk", address="10.0.0.7")
LI = Visitor("李雷", "li", "leader", address="10.0.0.8")
ADMIN = Visitor("管理员", "admin", "administrator", address="10.0.0.9")
Look = Callable[..., AppTest]


@pytest.fixture
def look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Look]:
    """Open the page as an administrator: ``look(**parameters of the URL)``."""
    monkeypatch.setenv("DELEGATES_DATABASE", str(tmp_path / "office.duckdb"))
    monkeypatch.setattr(access, "visitor", lambda: ADMIN)
    monkeypatch.setattr(opening, "_opening", opening.Opening(ready=True))

    def page(**parameters: str) -> AppTest:
        speak(parameters.get("lang", "zh"))  # AppTest asks for titles outside the script's run
        test = AppTest.from_file(str(FRAME), default_timeout=60)
        for name, value in parameters.items():
            test.query_params[name] = value
        return test.run().switch_page("admin/record.py").run()

    yield page
    speak("zh")
    for opened in store._open.values():
        opened.close()
    store._open.clear()


def numbers(page: AppTest) -> list[int]:
    assert not page.exception
    return page.dataframe[0].value["number"].tolist() if page.dataframe else []


def some_deeds() -> None:
    record().note("sign_in", WANG)
    record().note("upload", WANG, file="浪河镇.xlsx", format="activities", quarter="2026Q3")
    record().note("sign_in_failed", Visitor(name="谁", address="192.0.2.66"))
    record().note("sign_in", LI)
    record().note("export", LI, title="代表排名", period="2026Q1-Q3", filters=["层级: 县级"])
    record().note("account_changed", ADMIN, account="li", role="leader", role_before="viewer")


def test_what_was_done_is_read_in_words(look: Look) -> None:
    """Newest first, codes as words, with the check code of each entry."""
    some_deeds()
    page = look()
    assert numbers(page) == [6, 5, 4, 3, 2, 1]
    shown = page.dataframe[0].value
    assert shown["deed"].tolist() == ["修改账号", "导出", "登录", "登录失败", "上传", "登录"]
    assert shown["who"].tolist()[2:5] == ["李雷（li）", "谁", "王芳（wang）"]
    assert shown["what"].tolist() == [
        "账号：li；角色：领导；角色（原）：匿名查看",
        "表名：代表排名；考核期：2026年1—3季度；筛选：层级: 县级",
        "",
        "",
        "文件：浪河镇.xlsx；表格种类：履职活动；季度：2026年第三季度",
        "",
    ]
    assert shown["address"].tolist()[3] == "192.0.2.66"
    assert shown["seal"][0] == record().head[1][:16]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_says_whether_the_record_holds(look: Look, language: str) -> None:
    """Whole: how many entries and the newest check code; else where it begins to differ, in which
    file, and what to do; the entries that are left are still shown.
    """
    some_deeds()
    page = look(lang=language)
    [holds] = page.success
    assert "6" in holds.value
    assert record().head[1][:16] in holds.value
    assert not page.error
    path = record().path
    whole = path.read_bytes()
    path.write_bytes(whole.replace("浪河镇".encode(), "东河镇".encode()))
    page = look(lang=language)
    [wrong] = page.error
    assert "2" in wrong.value
    assert "office" in wrong.value
    assert len(numbers(page)) == 6
    path.write_bytes(b"".join(whole.splitlines(keepends=True)[:3]))
    page = look(lang=language)
    assert "4" in page.error[0].value
    assert numbers(page) == [3, 2, 1]
    assert not page.success


@pytest.mark.parametrize(
    ("looked_for", "found"),
    [
        ("王芳", [2, 1]),
        ("WANG 上传", [2]),
        ("履职活动", [2]),
        ("10.0.0.8", [5, 4]),
        ("匿名", [6]),
        ("2026年第三季度", [2]),
        ("没有的", []),
        ("没有的 王芳", []),
        ("[", []),
    ],
)
def test_search(look: Look, looked_for: str, found: list[int]) -> None:
    """By every word of what is read, in any case of letters; the URL says nothing of it."""
    some_deeds()
    page = look()
    page.text_input(key="looked_for").set_value(looked_for).run()
    assert numbers(page) == found
    assert not page.query_params


def test_by_deed_person_and_day(
    look: Look, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Deed and days are in the URL, the person is not; both ends of the days are included."""

    class Clock(datetime):
        day = 1

        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            cls.day += 1
            return datetime(2026, 11, cls.day, 23, 59, 59)  # noqa: DTZ001 - an office's own clock

    with monkeypatch.context() as earlier:
        earlier.setattr(records, "datetime", Clock)
        some_deeds()
    page = look(deed="sign_in")
    assert numbers(page) == [4, 1]
    page.selectbox(key="pick_deed").set_value("export").run()
    assert (numbers(page), page.query_params["deed"]) == ([5], "export")
    page.selectbox(key="pick_deed").set_value("").run()
    assert page.selectbox(key="person").options == [
        "全部人员",
        "李雷（li）",
        "王芳（wang）",
        "管理员（admin）",
    ]
    page.selectbox(key="person").set_value("王芳（wang）").run()
    assert numbers(page) == [2, 1]
    assert not page.query_params
    page = look(**{"from": "2026-11-03", "until": "2026-11-05"})
    assert numbers(page) == [4, 3, 2]
    page.date_input(key="pick_until").set_value(date(2026, 11, 3)).run()
    assert (numbers(page), page.query_params["until"]) == ([2], "2026-11-03")


@pytest.mark.parametrize("day", ["", "x", "2026-13-01", "1066-10-14", "9999-01-01", "2026-11-01T1"])
def test_nonsense_in_the_url(look: Look, day: str) -> None:
    """What is no day or no deed narrows nothing down."""
    some_deeds()
    page = look(**{"from": day, "until": day, "deed": "x' or 1=1"})
    assert len(numbers(page)) == 6


def test_many_entries(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    """The latest thousand are listed, and how many there are is said."""
    with monkeypatch.context() as quick:
        quick.setattr("data.record.os.fsync", lambda _: None)
        for _ in range(1005):
            record().note("sign_in", WANG)
    page = look()
    assert numbers(page) == list(range(1005, 5, -1))
    assert any("1,005" in caption.value and "1,000" in caption.value for caption in page.caption)
    page.text_input(key="looked_for").set_value("王芳").run()
    assert len(numbers(page)) == 1000


def test_nothing_is_taken_for_markup(look: Look) -> None:
    """Names and files with HTML, Markdown or hidden signs stand in cells of text alone, with the
    hidden signs written out.
    """
    record().note("upload", Visitor(HOSTILE, HOSTILE, address=HOSTILE), file=HOSTILE)
    page = look()
    told = "\\u000a\\u202e"
    [row] = page.dataframe[0].value.to_dict("records")
    assert all(told in row[cell] and "\n" not in row[cell] for cell in ("who", "address", "what"))
    elsewhere = [*page.markdown, *page.caption, *page.success, *page.title, *page.get("html")]
    assert not any("粗" in str(getattr(element, "value", element)) for element in elsewhere)


def test_without_accounts(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    """On this computer only, nobody has an account; who typed a name goes by it."""
    monkeypatch.setattr(access, "visitor", lambda: Visitor(address="本机"))
    record().note("started", records.SYSTEM, way="computer", version=1)
    record().note("upload", Visitor("王", address="本机"), file="x.csv")
    record().note("export", Visitor(address="本机"), title="代表排名")
    page = look()
    assert numbers(page) == [3, 2, 1]
    assert page.dataframe[0].value["who"].tolist() == ["—", "王", "系统"]
    assert page.selectbox(key="person").options == ["全部人员", "王", "系统"]


def test_an_empty_record(look: Look) -> None:
    """Nothing on record is said in words."""
    page = look()
    assert not page.exception
    assert [info.value for info in page.info] == ["还没有操作记录。"]


def test_a_record_that_cannot_be_read(look: Look) -> None:
    """It says which file, and what to look at."""
    record().path.mkdir()
    page = look()
    assert not page.exception
    assert "写不进去或读不出来" in page.error[0].value
    assert not page.dataframe


@pytest.mark.parametrize("role", [role for role in ROLES if "record" not in RIGHTS[role]])
def test_others_see_nothing(look: Look, role: Role, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who may not look at the record is told so, and sees no word of it."""
    some_deeds()
    monkeypatch.setattr(access, "visitor", lambda: Visitor("张", "zhang", role))
    page = AppTest.from_file(str(PAGE), default_timeout=60).run()
    assert [error.value for error in page.error] == ["您的账号没有使用这一页的权限。"]
    assert not any((page.dataframe, page.success, page.selectbox))


# --- taken away -------------------------------------------------------------------------------


@pytest.fixture
def files(look: Look, monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """What the buttons of the page build, by the ending; built on another thread."""

    def offered(**parameters: str) -> dict[str, Any]:
        builders: dict[str, Callable[[], bytes]] = {}

        def button(label: str, data: Callable[[], bytes], name: str, **_: Any) -> None:
            assert name.startswith("操作记录_" if parameters.get("lang") != "en" else "")
            builders[name.rpartition(".")[2]] = data

        with monkeypatch.context() as patched:
            patched.setattr(st, "download_button", button)
            assert not look(**parameters).exception
        return builders

    return offered


def elsewhere(build: Callable[[], bytes]) -> Any:
    """What building on a thread of its own gives, or raises."""
    answer: list[Any] = []

    def work() -> None:
        try:
            answer.append(build())
        except Exception as error:
            answer.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return answer[0]


@pytest.fixture
def known(look: Look) -> Visitor:
    """An administrator whose session stands."""
    office = accounts.accounts()
    code = office.create("admin", "管理员", "administrator")
    office.redeem(code, "admin", "管理员", "河边三棵老槐树又开花")
    return office.begin("admin", "10.0.0.9").visitor


def test_files_hold_what_was_found(
    files: Callable[..., dict[str, Any]], known: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that was found, safe for spreadsheets, with its filters; and the export is on record."""
    monkeypatch.setattr(access, "visitor", lambda: known)
    some_deeds()
    record().note("sign_in", Visitor(HOSTILE, address="@x"), reason="+1")
    built = files(deed="sign_in")
    content = elsewhere(built["csv"])
    text = content.decode("utf-8-sig")
    header, *rows = text.splitlines()
    assert header == "序号,时间,操作,人员,角色,来源,内容,校验码"
    assert [row.split(",")[0] for row in rows] == ["7", "4", "1"]
    assert ",'=1+1<b>粗</b>**重**[a](//b)\\u000a\\u202e,,'@x,原因：+1," in rows[0]
    book = CalamineWorkbook.from_filelike(io.BytesIO(elsewhere(built["xlsx"])))
    table, about = (book.get_sheet_by_name(name).to_python() for name in ("操作记录", "说明"))
    assert [row[0] for row in table[1:]] == [7, 4, 1]
    assert table[1][3].startswith("=1+1")  # marked as text by its cell
    assert ["操作", "登录"] in about
    assert any("记录完整：共 7 条" in str(cell) for row in about for cell in row)
    told = record().entries()[:2]
    assert told["deed"].tolist() == ["export", "export"]
    assert told["what"][1] == {
        "title": "操作记录",
        "filters": ["操作: 登录"],
        "rows": 3,
        "kind": "csv",
        "sha256": sha256(content).hexdigest(),
        "bytes": len(content),
    }


def test_files_in_the_reader_s_language(
    files: Callable[..., dict[str, Any]], known: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are built where no language is spoken, in the page's."""
    monkeypatch.setattr(access, "visitor", lambda: known)
    some_deeds()
    built = files(lang="en")
    speak("zh")
    assert ",Upload," in elsewhere(built["csv"]).decode("utf-8-sig")


def test_no_file_without_the_right_and_a_line(
    files: Callable[..., dict[str, Any]], known: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An export that cannot be put on record, or of whose who is out meanwhile, gives nothing."""
    monkeypatch.setattr(access, "visitor", lambda: known)
    some_deeds()
    built = files()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("data.record.os.fsync", full)
        assert isinstance(elsewhere(built["csv"]), DatabaseUnavailable)
    accounts.accounts().end_all("admin")
    for ending in ("csv", "xlsx"):
        assert type(elsewhere(built[ending])).__name__ == "Forbidden"
    assert set(record().entries()["deed"][:2]) == {"refused"}


# --- words ------------------------------------------------------------------------------------


def constants() -> dict[str, Any]:
    """The page's tables of words."""
    found = {}
    for node in ast.parse(PAGE.read_text("utf-8")).body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Dict() as value):
                with suppress(ValueError):
                    found[name] = ast.literal_eval(value)
    return found


def noted() -> set[str]:
    """The keys under which the program notes something."""
    calls = [
        node
        for room in ("data", "pages")
        for file in (ROOT / room).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]
    names = ("note", "done", "handed_out")
    return {word.arg for c in calls if c.func.attr in names for word in c.keywords if word.arg}


def test_whatever_is_noted_can_be_said() -> None:
    """Each key, right, way and outcome has its words."""
    words = constants()
    assert len(noted()) > 10
    assert noted() <= set(words["LABELS"])
    assert set(words["NEEDED"]) == set(get_args(Right))
    assert set(words["WAYS"]) == set(get_args(settings.Way))
    assert set(get_args(Outcome)) <= set(words["OUTCOMES"])
