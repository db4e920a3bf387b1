"""核对文件: a file that was exported from here is known by its bytes; any other is not."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from running import Doors, Run, said
from streamlit.testing.v1 import AppTest

from data import deeds, store
from data.access import Visitor
from data.record import record

LI = Visitor("李雷", "li", "leader", address="10.0.0.8")
ENTRY = {"title": "代表排名表", "period": "2026Q3", "filters": ["镇街: 浪河镇"], "kind": "csv"}
ENTRY |= {"scheme": "方案", "scheme_version": "0123456789ab", "rows": 3}
Drop = Callable[..., AppTest]


def exported(content: bytes, **more: object) -> None:
    """Put on record that LI took this away."""
    entry = {"version": store.version(), **ENTRY, **more}
    deeds.handed_out("export", LI, **entry, sha256=sha256(content).hexdigest(), bytes=len(content))


@pytest.fixture
def drop(run: Run, case_copy: Path) -> Drop:
    """Drop files on the page: ``drop({name: content}, **parameters of the URL)``."""

    def dropped(files: dict[str, bytes], **parameters: str) -> AppTest:
        page = run(case_copy, "browse/verify.py", **parameters)
        sent = [(name, content, "application/octet-stream") for name, content in files.items()]
        page = page.file_uploader[0].set_value(sent).run()
        assert not page.exception
        return page

    return dropped


def facts(page: AppTest, place: int = 0) -> dict[str, str]:
    """What is told of a file, by label."""
    shown = page.table[place].value.map(lambda cell: re.sub(r"\\(.)", r"\1", cell))
    return dict(zip(shown.iloc[:, 0], shown.iloc[:, 1], strict=True))


def test_what_was_exported_is_known(run: Run, drop: Drop, case_copy: Path, doors: Doors) -> None:
    """The very file that a page hands out; with one byte more it is not known."""
    run(case_copy, "browse/ranking.py", period="2026", level="township")
    content = doors.take("代表排名表", "xlsx")
    checksum = doors.files["代表排名表"].facts.checksum
    page = drop({"a.xlsx": content, "b.xlsx": content + b" "})
    [same], [other] = page.success, page.warning
    assert "a\\.xlsx：与 本机 于 2" in same.value
    assert "完全一致，没有改动" in same.value
    assert "b\\.xlsx：没有找到这个文件的导出记录" in other.value
    told = facts(page)
    assert told["表名"] == "代表排名表"
    assert told["考核期"] == "2026年"
    assert told["筛选"].startswith("层级：乡镇级、镇街：全部")
    assert told["数据版本"].endswith("（数据至今没有变化）")
    assert told["方案版本"] == checksum[:12]
    assert list(facts(page, 1)) == ["文件校验码"]
    assert facts(page, 1)["文件校验码"] == sha256(content + b" ").hexdigest()


def test_by_whom_and_of_what_data(drop: Drop) -> None:
    """Who took it away last and before; that the data have changed since."""
    drop({})
    exported(b"x", version=1)
    deeds.handed_out("export", Visitor("王芳", "w"), sha256=sha256(b"x").hexdigest(), bytes=1)
    exported(b"x", version=1)
    exported(b"y")
    page = drop({"x.csv": b"x"})
    assert "李雷" in page.success[0].value
    told = facts(page)
    assert told["数据版本"] == f"1（此后数据有更新，现为 {store.version()}）"
    assert "王芳" in told["此前还导出过"]
    assert told["筛选"] == "镇街: 浪河镇"
    assert deeds.exported(sha256(b"x").hexdigest())["name"].tolist() == ["李雷", "王芳", "李雷"]
    assert deeds.exported("").empty


def test_another_deed_is_no_export(drop: Drop) -> None:
    """Of a file that was stored with these bytes, nothing is said."""
    drop({})
    record().note("upload", LI, sha256=sha256(b"x").hexdigest())
    assert not drop({"x.csv": b"x"}).success


def test_a_record_that_does_not_hold(drop: Drop) -> None:
    """What stands before the fault counts; what stands behind it does not."""
    drop({})
    exported(b"before")
    exported(b"touched")
    number, _seal = record().head
    path = record().path
    path.write_bytes(path.read_bytes().replace(b'"bytes":7', b'"bytes":8'))
    exported(b"behind")
    page = drop({"1.csv": b"before", "2.csv": b"behind"})
    assert f"操作记录从第 {number} 条起不完整" in page.error[0].value
    assert "1\\.csv" in page.success[0].value
    assert len(page.success) == 1
    assert "这一结论不能作准" in page.warning[0].value


def test_a_record_that_cannot_be_read(run: Run, drop: Drop, case_copy: Path) -> None:
    """The page says that it cannot tell, and why."""
    drop({})
    path = record().path
    path.rename(path.with_suffix(".away"))
    path.mkdir()
    page = run(case_copy, "browse/verify.py")
    assert "操作记录现在读不出来，无法核对。" in page.error[0].value
    assert not page.file_uploader


def test_a_bundle_is_one_file_of_its_own(drop: Drop) -> None:
    """Packed again it is another; the page says to unpack it. Nothing in it is opened."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as bundle:
        bundle.writestr("a.csv", "a")
    drop({})
    exported(packed.getvalue(), kind="zip")
    page = drop({"报表.zip": packed.getvalue(), "again.zip": b"PK"})
    assert "这是整个压缩包。" in said(page)
    assert "请解压，把里面的文件逐个放入核对。" in said(page)


def test_hostile_names_are_text(drop: Drop) -> None:
    """Of files and of what stands on record."""
    drop({})
    exported(b"x", title="**粗** [a](//b)\u202e", filters=["=1+1"])
    page = drop({"*x* [a](b).csv": b"x"}, lang="en")
    assert r"\*x\* \[a\]\(b\)\.csv" in page.success[0].value
    told = [str(cell) for cell in page.table[0].value.iloc[:, 1]]
    assert told[0].endswith(r"\\u202e")


def test_nothing_of_a_file_is_stored(drop: Drop, case_copy: Path) -> None:
    """Neither on the disk nor on record."""
    drop({})
    before = set(case_copy.parent.rglob("*"))
    drop({"secret.csv": b"secret bytes"})
    after = set(case_copy.parent.rglob("*"))
    assert after == before
    assert [path for path in after if path.is_file() and b"secret bytes" in path.read_bytes()] == []
