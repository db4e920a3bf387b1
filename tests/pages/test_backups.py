"""Putting a backup back on the screen: from its page, and where the database does not open."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from keeping import county
from streamlit.testing.v1 import AppTest

from data import opening, store
from data.backups import listed

FRAME = Path(__file__).parents[2] / "pages" / "frame.py"


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A database with two backups, of its first two states; not opened yet."""
    county(tmp_path)
    monkeypatch.setenv("DELEGATES_DATABASE", str(tmp_path / "office.duckdb"))
    monkeypatch.setattr(opening, "_opening", None)
    yield tmp_path / "office.duckdb"
    for opened in list(store._open.values()):
        opened.close()
    store._open.clear()


def begun() -> AppTest:
    """The first page, once opening has come to its end."""
    settle()
    return AppTest.from_file(str(FRAME), default_timeout=60).run()


def settle() -> None:
    state = opening.begin()
    while not (state.ready or state.fault):
        time.sleep(0.01)


def by_label(widgets, label: str):
    [widget] = [widget for widget in widgets if label in widget.label]
    return widget


def restore(test: AppTest, backup: str, by: str) -> AppTest:
    by_label(test.selectbox, "选择备份").set_value(backup).run()
    by_label(test.text_input, "经办人").set_value(by).run()
    by_label(test.checkbox, "恢复后").check().run()
    return by_label(test.button, "恢复到这个备份").click().run()


def test_restoring_from_the_page(office: Path) -> None:
    """A backup is put back with a tick and a name, not without; the page says so, and lists the
    backup of the state before.
    """
    test = begun().switch_page("admin/backups.py").run()
    oldest = listed(office)[-1]
    assert by_label(test.button, "恢复到这个备份").disabled
    test = restore(test, oldest.name, " ")
    assert [error.value for error in test.error] == ["请先填写经办人。"]
    assert store.store().query("select count(*) as n from uploads")["n"].item() == 4
    by_label(test.text_input, "经办人").set_value("李主任").run()
    by_label(test.button, "恢复到这个备份").click().run()
    assert not test.exception
    assert f"数据版本 {oldest.version}" in test.success[0].value
    assert store.store().query("select count(*) as n from uploads")["n"].item() == 2
    assert test.dataframe[0].value["why"].iloc[0] == "恢复之前"
    assert by_label(test.button, "恢复到这个备份").disabled


def test_the_rehearsal_on_the_page(office: Path) -> None:
    """The rehearsal says what it compared, and finds a backup that was damaged since."""
    test = begun().switch_page("admin/backups.py").run()
    by_label(test.button, "开始演练").click().run()
    assert "核对了 3 次上传、7 行数据" in test.success[0].value
    listed(office)[0].path.write_bytes(b"spoilt")
    by_label(test.button, "开始演练").click().run()
    assert "已损坏" in test.error[0].value


def test_restoring_where_the_database_does_not_open(office: Path) -> None:
    """Instead of any page there is the fault and the list; after the restore the page is there."""
    office.write_bytes(b"spoilt")
    test = begun()
    assert not test.title
    assert "已损坏" in test.error[0].value
    test = restore(test, listed(office)[0].name, "李主任")
    settle()
    test.run()
    assert not test.exception
    assert not test.error
    assert test.title
    assert store.store().query("select count(*) as n from uploads")["n"].item() == 3


def test_a_fault_that_no_backup_mends_offers_none(office: Path) -> None:
    """Where the file is not damaged, nothing is offered that would move it."""
    office.rename(office.with_name("elsewhere"))
    office.mkdir()
    test = begun()
    assert "文件夹" in test.error[0].value
    assert [button.label for button in test.button] == ["重试"]
