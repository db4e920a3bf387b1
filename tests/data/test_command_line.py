"""The command line: JSON and exit codes, and never a traceback."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from files import ACTIVITIES, OPINIONS, ROSTER, TOWNSHIPS, csv_bytes

from data import backups
from data.__main__ import main
from data.record import record
from data.store import open_store
from data.uploads import ledger

ROOT = Path(__file__).parents[2]


Run = Callable[..., tuple[int, str, str]]


def process(*arguments: str | Path) -> tuple[int, str, str]:
    """A real process: its exit code, what it printed, and what it complained of."""
    done = subprocess.run(
        [sys.executable, "-m", "data", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """The same without the seconds that a process takes to start."""

    def command(*arguments: str | Path) -> tuple[int, str, str]:
        try:
            code = main([*map(str, arguments)])
        except SystemExit as stopped:
            code = int(stopped.code or 0)
        return code, *capsys.readouterr()

    return command


def told(printed: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in printed.splitlines()]


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    contents = {
        "镇街": csv_bytes(TOWNSHIPS, "gb18030"),
        "名册": csv_bytes(ROSTER, "utf-8-sig"),
        "活动": f"{ACTIVITIES}\n007,接待选民,2026-07-01,2,修路\n".encode(),
        "坏": f"{OPINIONS}\nO1,007,2026-07-01,=1+1,,\nO2,8,昨天,路灯,,\n".encode(),
        "图片": b"\x89PNG\r\n\x1a\n",
    }
    for name, content in contents.items():
        (tmp_path / f"{name}.csv").write_bytes(content)
    return {name: tmp_path / f"{name}.csv" for name in contents}


def test_load(run: Run, files: dict[str, Path], tmp_path: Path) -> None:
    """Each file gets one line of JSON; 0 says that none was refused, and twice is once."""
    database = tmp_path / "office.duckdb"
    clean = [files["活动"], files["名册"], files["镇街"]]
    code, printed, _ = process("load", "--database", database, *clean)
    assert code == 0
    assert told(printed) == [
        {
            "file": f"{name}.csv",
            "format": fmt,
            "quarter": quarter,
            "outcome": "stored",
            "upload_id": number,
            "rows": rows,
            "added": rows,
            "changed": 0,
            "unchanged": 0,
            "missing": 0,
            "problems": [],
        }
        for number, (name, fmt, quarter, rows) in enumerate(
            [
                ("镇街", "townships", None, 2),
                ("名册", "delegates", None, 4),
                ("活动", "activities", "2026Q3", 1),
            ],
            1,
        )
    ]
    code, printed, _ = run("load", "--database", database, *clean)
    assert (code, [t["outcome"] for t in told(printed)]) == (0, ["unchanged"] * 3)


def test_refused_file(run: Run, files: dict[str, Path], tmp_path: Path) -> None:
    """A refused file says every problem with its place and stores nothing; 1 tells of it."""
    database = tmp_path / "office.duckdb"
    code, printed, _ = run("load", "--database", database, *files.values())
    assert code == 1
    assert [(t["file"], t["outcome"]) for t in told(printed)] == [
        ("镇街.csv", "stored"),
        ("名册.csv", "stored"),
        ("活动.csv", "stored"),
        ("坏.csv", "refused"),
        ("图片.csv", "refused"),
    ]
    bad, picture = told(printed)[3:]
    assert [
        (p["code"], p["level"], p["row"], p["column"], p["value"]) for p in bad["problems"]
    ] == [
        ("formula", "error", 2, "诉求", "=1+1"),
        ("unknown_delegate", "error", 3, "代表编号", "8"),
        ("bad_date", "error", 3, "收集日期", "昨天"),
    ]
    assert all(p["sentence"] for p in bad["problems"])
    assert [p["code"] for p in picture["problems"]] == ["not_a_table"]
    with duckdb.connect(database, read_only=True) as connection:
        assert connection.execute("select count(*) from stored_opinions").fetchall() == [(0,)]


def test_chosen_quarter(run: Run, files: dict[str, Path], tmp_path: Path) -> None:
    """A quarter given on the command line holds for the records of all files."""
    chosen = ["--quarter", "2026q2", *list(files.values())[:3]]
    code, printed, _ = run("load", "--database", tmp_path / "office.duckdb", *chosen)
    assert code == 1
    assert told(printed)[2]["quarter"] == "2026Q2"
    assert [p["code"] for p in told(printed)[2]["problems"]] == ["outside_quarter"]


def test_no_quarter(run: Run, files: dict[str, Path], tmp_path: Path) -> None:
    """What is no quarter is refused before anything is opened."""
    database = tmp_path / "x.duckdb"
    code, _, complaint = run("load", "--database", database, "--quarter", "2026", files["镇街"])
    assert (code, "不是季度" in complaint) == (2, True)
    assert not database.exists()


def test_file_that_cannot_be_read(run: Run, tmp_path: Path) -> None:
    """A path that is no file is named; no database is begun for it."""
    for path in (tmp_path / "none.csv", tmp_path):
        code, printed, complaint = run("load", "--database", tmp_path / "x.duckdb", path)
        assert (code, printed) == (1, "")
        assert f"读不到文件 {path}" in complaint
    assert not (tmp_path / "x.duckdb").exists()


def test_database_that_cannot_be_opened(run: Run, files: dict[str, Path], tmp_path: Path) -> None:
    """A folder, garbage or another program's file as database: a sentence, no byte changed."""
    garbage, shop = tmp_path / "garbage.duckdb", tmp_path / "shop.duckdb"
    garbage.write_bytes(b"garbage" * 1000)
    duckdb.connect(shop).execute("create table shop (a int)").close()
    before = {path: path.read_bytes() for path in (garbage, shop)}
    for path, said in ((tmp_path, "文件夹"), (garbage, "已损坏"), (shop, "另一个程序")):
        code, printed, complaint = run("load", "--database", path, files["镇街"])
        assert (code, printed) == (1, "")
        assert said in complaint
        assert str(path) in complaint
    assert {path: path.read_bytes() for path in before} == before


def test_database_held_by_another_process(files: dict[str, Path], tmp_path: Path) -> None:
    """While one process holds the database, another is told which, and what to do."""
    database = tmp_path / "office.duckdb"
    store = open_store(database)
    code, printed, complaint = process("load", "--database", database, files["镇街"])
    store.close()
    assert (code, printed) == (1, "")
    assert f"{database} 正被另一个程序打开（进程号 {os.getpid()}）" in complaint


@pytest.mark.parametrize(
    ("reason", "said"),
    [("No space left on device", "磁盘空间不足"), ("device does not answer", "does not answer")],
)
def test_error_of_the_database(
    run: Run,
    files: dict[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    reason: str,
    said: str,
) -> None:
    """An error of the database itself, such as a full disk, is a sentence and code 1."""

    def fail(*_: object) -> None:
        raise duckdb.IOException(reason)

    monkeypatch.setattr(ledger, "_store", fail)
    code, printed, complaint = run("load", "--database", tmp_path / "x.duckdb", files["镇街"])
    assert (code, printed) == (1, "")
    assert re.search("没有[写存]入任何内容", complaint)
    assert said in complaint


def test_replace(run: Run, files: dict[str, Path], tmp_path: Path) -> None:
    """With --replace a file takes the place of its township's rows; --by says whose deed it is."""
    database = tmp_path / "office.duckdb"
    run("load", "--database", database, files["镇街"], files["名册"], files["活动"])
    other = tmp_path / "改.csv"
    other.write_text(f"{ACTIVITIES}\n007,接待选民,2026-07-02,1,改\n", "utf-8")
    code, printed, _ = run("load", "--database", database, "--replace", "--by", "王", other)
    [said] = told(printed)
    assert (code, said["outcome"], said["added"], said["missing"]) == (0, "stored", 1, 1)
    with duckdb.connect(database, read_only=True) as connection:
        left = connection.execute("select content, upload_id from activities").fetchall()
        [(by,)] = connection.execute(
            "select arg_max(uploaded_by, upload_id) from uploads"
        ).fetchall()
    assert (left, by) == ([("改", 4)], "王")


def test_sample(run: Run, tmp_path: Path) -> None:
    """The sample county fills a new database, and no existing file."""
    database = tmp_path / "sample.duckdb"
    code, _, _ = process("sample", "--database", database, "--delegates", "60")
    assert code == 0
    with duckdb.connect(database, read_only=True) as connection:
        assert connection.execute("select count(*) from delegates").fetchall() == [(60,)]
        assert connection.execute("select sample from house").fetchall() == [("loaded",)]
    before = database.read_bytes()
    code, _, complaint = run("sample", "--database", database, "--delegates", "60")
    assert (code, "已存在" in complaint) == (1, True)
    assert database.read_bytes() == before


def test_sample_files(run: Run, tmp_path: Path) -> None:
    """The sample county's files can be had alone; too few delegates are refused."""
    code, _, _ = run("sample", "--files", tmp_path / "csv", "--delegates", "36")
    assert code == 0
    assert len(list((tmp_path / "csv").glob("*.csv"))) > 90
    code, _, complaint = run("sample", "--files", tmp_path / "few", "--delegates", "3")
    assert (code, "36" in complaint) == (2, True)


def test_commands_are_on_record(
    run: Run, files: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who loaded, restored or invented what: whom --by names, else the user of the computer."""
    monkeypatch.setattr("getpass.getuser", lambda: "operator")
    database = tmp_path / "office.duckdb"
    run("load", "--database", database, "--by", "王", files["镇街"], files["图片"])
    run("load", "--database", database, files["名册"])
    [backup] = backups.listed(database)
    run("restore", "--database", database, backup.name)
    run("sample", "--database", tmp_path / "sample.duckdb", "--delegates", "36")
    told = [
        (entry["deed"], entry["name"], entry["what"])
        for path in (database, tmp_path / "sample.duckdb")
        for entry in record(path).entries()[::-1].to_dict("records")
    ]
    towns = {"file": "镇街.csv", "format": "townships", "quarter": None, "outcome": "stored"}
    roster = {"file": "名册.csv", "format": "delegates", "quarter": None, "outcome": "stored"}
    picture = {"file": "图片.csv", "format": None, "quarter": None, "outcome": "refused"}
    assert told == [
        ("upload", "王", {"upload": 1, **towns}),
        ("upload", "王", {"upload": None, **picture}),
        ("upload", "operator", {"upload": 2, **roster}),
        ("restore", "operator", {"backup": backup.name}),
        ("sample_loaded", "operator", {"delegates": 36}),
    ]
    assert set(record(database).entries()["address"]) == {"命令行"}


def test_a_command_that_is_not_on_record(run: Run, files: dict[str, Path], tmp_path: Path) -> None:
    """What was stored is stored, but the command says what failed, and ends with 1."""
    (tmp_path / "office.record").mkdir()
    code, printed, complaint = run("load", "--database", tmp_path / "office.duckdb", files["镇街"])
    assert (code, told(printed)[0]["outcome"]) == (1, "stored")
    assert "操作记录" in complaint
