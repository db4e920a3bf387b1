"""``python -m queries`` in a process of its own, as a script of the office would run it."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from figures import agree, table

from data.store import open_store

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def database(case_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The worked cases, in a file that no process holds."""
    path = tmp_path_factory.mktemp("command") / "cases.duckdb"
    shutil.copy(case_database, path)
    return path


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "queries", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def printed(database: Path, name: str, period: str, form: str) -> pd.DataFrame:
    found = run(name, "--database", database, "--period", period, "--format", form)
    assert (found.returncode, found.stderr) == (0, "")
    rows = (
        json.loads(found.stdout)
        if form == "json"
        else list(csv.DictReader(io.StringIO(found.stdout)))
    )
    return pd.DataFrame(rows).astype(object)


@pytest.mark.parametrize(("period", "form"), [("2026Q3", "csv"), ("2026", "json")])
def test_scores(database: Path, period: str, form: str) -> None:
    """The table of the worked cases, column for column, in delegate order."""
    agree(printed(database, "scores", period, form), table(f"expected-{period}"))


def test_townships(database: Path) -> None:
    """The townships of the worked cases, ranked."""
    found = printed(database, "townships", "2026Q1-Q3", "json").sort_values("township")
    expected = sorted(table("expected-2026Q1-Q3-townships"), key=lambda row: row["township"])
    agree(found, expected)


def test_ranking(database: Path) -> None:
    """Everyone in office, ranks as in the worked cases, whole numbers as whole numbers."""
    found = printed(database, "ranking", "2026Q3", "csv").sort_values("delegate_id")
    expected = [row for row in table("expected-2026Q3") if float(row["eligible"])]
    columns = ("delegate_id", "level", "score", "grade", "rank", "base", "bonus", "deduction")
    agree(found, [{column: row[column] for column in columns} for row in expected])
    assert not found["rank"].str.contains(".", regex=False).any()
    assert {"meeting", "contact", "suggestion", "supervision", "study", "action"} <= set(found)


def test_the_long_tables(database: Path) -> None:
    """What a score is made of, and the scheme's indicators: printed like the others."""
    rates = printed(database, "rates", "2026Q3", "csv")
    expected = table("expected-2026Q3")
    wide = rates.pivot(index="delegate_id", columns="indicator", values="value")
    agree(
        wide.add_prefix("x_").reset_index(),
        [{n: c for n, c in row.items() if n[:2] == "x_" or n == "delegate_id"} for row in expected],
    )
    indicators = printed(database, "indicators", "2026Q3", "json")
    assert [f"x_{code}" for code in indicators["indicator"]] == list(expected[0])[3:15]


def test_a_package_is_written_once(database: Path, tmp_path: Path) -> None:
    """Silently, with exit code 0; the same folder again is refused with a sentence, and stays."""
    folder = tmp_path / "package"
    asked = ("package", "--database", database, "--period", "2026Q3", "--into", folder)
    found = run(*asked)
    assert (found.returncode, found.stdout, found.stderr) == (0, "", "")
    said = (folder / "datapackage.json").read_bytes()
    again = run(*asked)
    assert (again.returncode, again.stdout) == (1, "")
    assert again.stderr == f"{folder} 已有内容，什么也没有写入。请换一个文件夹，或先把它移走。\n"
    assert (folder / "datapackage.json").read_bytes() == said
    assert [path.name for path in tmp_path.iterdir()] == ["package"]


def test_a_package_wants_a_folder_and_a_period(database: Path, tmp_path: Path) -> None:
    """What is missing or no period: exit code 2, and nothing is written."""
    folder = tmp_path / "package"
    start = ("package", "--database", database, "--period")
    assert "--into" in run(*start, "2026Q3").stderr
    found = run(*start, "2026Q5", "--into", folder)
    assert found.returncode == 2
    assert "“2026Q5”不是考核期。" in found.stderr
    assert not folder.exists()


def test_a_missing_database_is_said(tmp_path: Path) -> None:
    """A sentence that names the file, exit code 1, and no new file."""
    path = tmp_path / "no.duckdb"
    found = run("ranking", "--database", path, "--period", "2026Q3")
    assert found.returncode == 1
    assert found.stdout == ""
    assert found.stderr == f"没有找到数据库文件 {path}。请核对路径，或从备份中恢复。\n"
    assert not path.exists()


def test_a_held_database_is_said(tmp_path: Path) -> None:
    """While another process holds the database: a sentence, exit code 1."""
    path = tmp_path / "held.duckdb"
    house = open_store(path)
    try:
        found = run("scores", "--database", path, "--period", "2026Q3")
    finally:
        house.close()
    assert found.returncode == 1
    assert found.stdout == ""
    assert "正被另一个程序打开" in found.stderr
    assert found.stderr.count("\n") == 1


def test_a_period_that_is_none_is_said(database: Path) -> None:
    """How to write a period, exit code 2."""
    found = run("scores", "--database", database, "--period", "2026Q5")
    assert found.returncode == 2
    assert "“2026Q5”不是考核期。请写成 2026Q3、2026Q1-Q3 或 2026。" in found.stderr


@pytest.mark.parametrize("name", ["ranking", "townships", "scores", "rates"])
def test_an_empty_database_prints_the_header(tmp_path: Path, name: str) -> None:
    """No records, no error: the columns alone."""
    path = tmp_path / "new.duckdb"
    open_store(path).close()
    found = run(name, "--database", path, "--period", "2026Q3")
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.count("\n") == 1
