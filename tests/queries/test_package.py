"""Published tables and the data package of them, read back with other programs."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
from collections.abc import Iterator
from itertools import chain
from operator import itemgetter
from pathlib import Path
from statistics import mean
from typing import Any

import frictionless
import pandas as pd
import pytest
from databases import asking, files_of, rows, stored
from figures import agree, table
from hostile import TEXTS, unchecked

from data.period import Period
from data.store import Store
from data.uploads.cells import fold
from queries import package
from queries.formulas import neutral

QUARTER = Period(2026, 3, 3)
FILES = {f"{name}.{form}" for name in package.TABLES for form in ("csv", "json", "parquet")}
DTYPES = {"string": "str", "integer": "Int64", "number": "float64", "boolean": "bool"}
# Names that look like formulas, markup, code, files, nothing at all; none is longer than this one.
HOSTILE = (*TEXTS, "王𠮷", "-1+1", "NA", "null", '引"号,逗号', "很长的名字" * 8)
NUMBERS = ("007", "1e5", "=1+1", "@7", "-3")


@pytest.fixture(autouse=True)
def _csv_as_it_was() -> Iterator[None]:
    """The validator raises the limit of Python's own reader for the whole process."""
    before = csv.field_size_limit()
    yield
    csv.field_size_limit(before)


@pytest.fixture(scope="module")
def written(cases: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of the worked cases."""
    folder = tmp_path_factory.mktemp("packages") / "2026Q3"
    package.write(folder, QUARTER)
    return folder


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of a county whose numbers look like figures and whose names like code."""
    place = tmp_path_factory.mktemp("hostile")
    more = (f"{number:03}" for number in range(11, 999))
    county = {
        "townships": rows("镇街 类型", ("+1镇", "镇")),
        "delegates": [
            {
                "代表编号": number,
                "姓名": name,
                "层级": "县级",
                "镇街": "+1镇",
                "任职起": "2021-12-20",
            }
            for number, name in zip(chain(NUMBERS, more), HOSTILE, strict=False)
        ],
        "activities": rows("代表编号 类型 日期 数量", ("007", "入户走访", "2026-07-01", 3)),
    }
    with unchecked():
        path = stored(place / "hostile.duckdb", files_of(county))
    with asking(path):
        package.write(place / "package", QUARTER)
    return place / "package"


def described(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "datapackage.json").read_text("utf-8"))


def dtypes(resource: dict[str, Any]) -> dict[str, str]:
    return {field["name"]: DTYPES[field["type"]] for field in resource["schema"]["fields"]}


# --- whole tables -----------------------------------------------------------------------------


@pytest.mark.parametrize("period", ["2026Q3", "2026Q1-Q3", "2026"])
def test_whole_tables(cases: Store, period: str) -> None:
    """The CSVs of the worked cases: every row of scores, column for column, and of townships."""
    frame, _ = package.table("scores", Period.parse(period))
    found = pd.read_csv(io.BytesIO(package.as_csv(frame)), dtype=str)
    expected = table(f"expected-{period}")
    assert list(found.columns) == list(expected[0])
    agree(found, expected)
    frame, _ = package.table("townships", Period.parse(period))
    found = pd.read_csv(io.BytesIO(package.as_csv(frame)), dtype=str).sort_values("township")
    townships = sorted(table(f"expected-{period}-townships"), key=lambda row: row["township"])
    agree(found, townships)


def test_rates_make_up_the_score(cases: Store) -> None:
    """From the long table alone the base score of everyone comes out again."""
    rates, _ = package.table("rates", QUARTER)
    wide = rates.pivot(index="delegate_id", columns="indicator", values="rate")
    expected = table("expected-2026Q3")
    agree(wide.add_prefix("r_").reset_index(), [_rates_of(row) for row in expected])
    counted = rates[rates["in_base"]].groupby("delegate_id")[["points", "weight"]].sum()
    base = (100 * counted["points"] / counted["weight"]).rename("base").reset_index()
    agree(
        base, [{"delegate_id": r["delegate_id"], "base": r["base"]} for r in expected if r["base"]]
    )


def _rates_of(row: dict[str, str]) -> dict[str, str]:
    return {name: cell for name, cell in row.items() if name[:2] == "r_" or name == "delegate_id"}


def test_township_rates_are_means_of_the_rates(cases: Store) -> None:
    """Over the graded delegates in office who have a rate; townships without one have no mean."""
    found, _ = package.table("township_rates", QUARTER)
    homes = {row["代表编号"]: row["镇街"] for row in table("delegates")}
    rates: dict[tuple[str, str], list[float]] = {}
    for row in table("expected-2026Q3"):
        if row["level"] not in ("county", "township") or not float(row["eligible"]):
            continue
        for name, cell in row.items():
            if name[:2] == "r_":
                own = rates.setdefault((homes[row["delegate_id"]], name[2:]), [])
                own.extend([float(cell)] if cell else [])
    expected = [
        {
            "township": home,
            "indicator": code,
            "mean_rate": mean(own) if own else "",
            "rated": len(own),
        }
        for (home, code), own in rates.items()
    ]
    by = ["township", "indicator"]
    agree(found.sort_values(by), sorted(expected, key=itemgetter(*by)))


def test_what_a_township_did_not_report(cases: Store) -> None:
    """Quarter and format, as one text; empty where all was sent."""
    found, _ = package.table("townships", QUARTER)
    assert found["not_reported"].isna().all()
    found, _ = package.table("townships", Period(2025, 1, 2))
    silent = "2025Q1:activities 2025Q1:opinions 2025Q2:activities 2025Q2:opinions"
    assert set(found["not_reported"]) == {silent}


# --- the package ------------------------------------------------------------------------------


def test_the_package_says_what_it_is(written: Path) -> None:
    """Period, scheme, versions; and all there is to say of a table and of a column."""
    assert {file.name for file in written.iterdir()} == FILES | {"datapackage.json"}
    said = described(written)
    resources = {resource["name"]: resource for resource in said.pop("resources")}
    assert pd.Timestamp(said.pop("created")).tz is not None
    assert said.pop("scheme")["checksum"] == hashlib.sha256(_scheme()).hexdigest()
    assert int(said.pop("version")) > 0
    assert said == {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "delegates-2026q3",
        "title": "代表履职考评 2026Q3",
        "period": {"code": "2026Q3", "start": "2026-07-01", "end": "2026-09-30"},
        "sample": False,
        "filters": [],
    }
    assert list(resources) == list(package.TABLES)
    rates = resources["rates"]
    assert (rates["path"], rates["format"], rates["mediatype"]) == ("rates.csv", "csv", "text/csv")
    schema = rates["schema"]
    assert schema["primaryKey"] == ["delegate_id", "indicator"]
    assert schema["foreignKeys"] == [
        {
            "fields": [column],
            "reference": {"resource": resource, "fields": [column]},
        }
        for column, resource in (("delegate_id", "scores"), ("indicator", "indicators"))
    ]
    fields = {field["name"]: field for field in schema["fields"]}
    assert fields["points"] == {
        "name": "points",
        "title": "分值",
        "type": "number",
        "description": "权重 × 完成率。",
        "unit": "分",
        "source": "考核方案：得分",
        "constraints": {"minimum": 0, "maximum": 100},
    }
    scores = {field["name"]: field for field in resources["scores"]["schema"]["fields"]}
    assert scores["x_study"]["title"] == "学习培训：数量"
    grades = ["优秀", "称职", "基本称职", "不称职", "不定等次"]
    assert scores["grade"]["constraints"] == {"enum": grades}


def _scheme() -> bytes:
    return Path(__file__).parents[2].joinpath("data/scheme/default.toml").read_bytes()


def test_hashes_and_sizes_are_those_of_the_files(written: Path) -> None:
    """Every file of the folder is described, with its own bytes and SHA-256."""
    resources = described(written)["resources"]
    files = [file for resource in resources for file in (resource, *resource["also"])]
    assert {file["path"] for file in files} == FILES
    for file in files:
        content = (written / file["path"]).read_bytes()
        assert file["bytes"] == len(content)
        assert file["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"


@pytest.mark.parametrize("which", ["written", "hostile"])
def test_three_forms_hold_the_same(which: str, request: pytest.FixtureRequest) -> None:
    """CSV, JSON and Parquet give equal frames of equal types, to the last digit; in CSV alone the
    text that would be a formula is marked.
    """
    folder = request.getfixturevalue(which)
    for resource in described(folder)["resources"]:
        types = dtypes(resource)
        name = resource["name"]
        parquet = pd.read_parquet(folder / f"{name}.parquet")
        assert {column: str(dtype) for column, dtype in parquet.dtypes.items()} == types
        objects = json.loads((folder / f"{name}.json").read_text("utf-8"), parse_constant=_none)
        plain = pd.DataFrame(objects, columns=list(types)).astype(types)
        pd.testing.assert_frame_equal(plain, parquet, check_exact=True)
        read = pd.read_csv(
            folder / f"{name}.csv",
            dtype=types,
            keep_default_na=False,
            na_values=[""],
        )
        texts = [column for column, dtype in types.items() if dtype == "str"]
        marked = parquet.assign(
            **{column: parquet[column].map(neutral, na_action="ignore") for column in texts}
        ).astype(types)
        pd.testing.assert_frame_equal(read, marked, check_exact=True)


def _none(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")


def test_text_stays_text(hostile: Path) -> None:
    """007 stays 007, hostile names stay as they are; no cell of a CSV begins a formula."""
    ranking = pd.read_parquet(hostile / "ranking.parquet")
    assert set(ranking["name"]) == {fold(name) for name in HOSTILE}
    assert set(ranking["delegate_id"]) >= set(NUMBERS)
    with (hostile / "ranking.csv").open(encoding="utf-8", newline="") as file:
        cells = list(csv.DictReader(file))
    assert {row["delegate_id"] for row in cells} >= {"007", "1e5", "'=1+1", "'@7", "'-3"}
    assert {row["name"] for row in cells} >= {
        "王𠮷",
        "NA",
        "null",
        '引"号,逗号',
        "'-1+1",
        "'@SUM(A1)",
    }
    assert {row["township"] for row in cells} == {"'+1镇"}
    assert not [c for row in cells for c in row.values() if c[:1] in set("=+@") or c[:2] == "-1+"]


@pytest.mark.parametrize("which", ["written", "hostile"])
def test_the_package_is_valid(which: str, request: pytest.FixtureRequest) -> None:
    """Another program finds types, bounds, keys, references, sizes and hashes as declared."""
    report = frictionless.validate(request.getfixturevalue(which) / "datapackage.json")
    assert report.valid, report.flatten(["name", "type", "note"])
    assert [task.name for task in report.tasks] == list(package.TABLES)


@pytest.mark.parametrize(
    ("file", "column", "value", "fault"),
    [
        ("ranking", "coverage", "1.5", "constraint-error"),
        ("ranking", "level", "县级", "constraint-error"),
        ("ranking", "name", "", "constraint-error"),
        ("ranking", "delegate_id", "D9", "foreign-key"),
        ("scores", "rank", "一", "type-error"),
        ("rates", "indicator", "nap", "foreign-key"),
    ],
)
def test_a_changed_cell_is_found(
    written: Path, tmp_path: Path, file: str, column: str, value: str, fault: str
) -> None:
    """Another value in one cell is invalid, by the file's hash and by what the column may hold."""
    folder = shutil.copytree(written, tmp_path / "package")
    path = folder / f"{file}.csv"
    cells = pd.read_csv(path, dtype=str, keep_default_na=False)
    cells.loc[0, column] = value
    cells.to_csv(path, index=False, lineterminator="\n")
    report = frictionless.validate(folder / "datapackage.json")
    assert {"hash-count", fault} <= {kind for (kind,) in report.flatten(["type"])}


def test_the_same_again_is_the_same(written: Path, tmp_path: Path, cases: Store) -> None:
    """Equal data, scheme and period, equal bytes, but for the time of writing."""
    package.write(tmp_path / "again", QUARTER)
    for name in FILES:
        assert (tmp_path / "again" / name).read_bytes() == (written / name).read_bytes(), name
    first, again = described(written), described(tmp_path / "again")
    assert first.pop("created") <= again.pop("created")
    assert first == again


def test_nothing_in_the_files_says_when(written: Path) -> None:
    """No time of writing in the rows' files, which a later hash would betray."""
    year = described(written)["created"][:4].encode()
    for name in package.TABLES:
        assert year + b"-" not in (written / f"{name}.parquet").read_bytes()


def test_an_empty_database_has_a_package(tmp_path: Path) -> None:
    """Columns and no rows, valid; the scheme's indicators are there."""
    with asking(tmp_path / "new.duckdb"):
        package.write(tmp_path / "package", QUARTER)
    assert frictionless.validate(tmp_path / "package" / "datapackage.json").valid
    for resource in described(tmp_path / "package")["resources"]:
        parquet = pd.read_parquet(tmp_path / "package" / f"{resource['name']}.parquet")
        assert {column: str(dtype) for column, dtype in parquet.dtypes.items()} == dtypes(resource)
        assert len(parquet) == (12 if resource["name"] == "indicators" else 0)


def test_a_period_without_records_has_a_package(cases: Store, tmp_path: Path) -> None:
    """Who is in office is listed, without scores."""
    package.write(tmp_path / "package", Period(2031, 1, 1))
    assert frictionless.validate(tmp_path / "package" / "datapackage.json").valid
    scores = pd.read_parquet(tmp_path / "package" / "scores.parquet")
    assert len(scores) == len(table("expected-2026Q3"))
    assert scores["score"].isna().all()


# --- all of it, or nothing --------------------------------------------------------------------


@pytest.fixture
def place(cases: Store, tmp_path: Path) -> Iterator[Path]:
    """A folder in which nothing but ``package`` may be left."""
    yield tmp_path / "package"
    assert {path.name for path in tmp_path.iterdir()} <= {"package"}


def test_an_empty_folder_is_filled(place: Path) -> None:
    """One made beforehand will do; and what stands there then is in the way."""
    place.mkdir()
    package.write(place, QUARTER)
    before = {file.name: file.read_bytes() for file in place.iterdir()}
    assert before.keys() == FILES | {"datapackage.json"}
    with pytest.raises(package.NotWritten, match="已有内容，什么也没有写入。请换一个文件夹"):
        package.write(place, QUARTER)
    assert {file.name: file.read_bytes() for file in place.iterdir()} == before


def test_a_file_in_the_way_stays(place: Path) -> None:
    """A file of that name is neither replaced nor taken for a folder."""
    place.write_text("别动")
    with pytest.raises(package.NotWritten, match="已有内容"):
        package.write(place, QUARTER)
    assert place.read_text() == "别动"


def test_a_place_that_is_not_there_is_said(place: Path) -> None:
    """No folder is made above the one that was asked for."""
    with pytest.raises(package.NotWritten, match="请核对上级文件夹是否存在"):
        package.write(place / "deeper", QUARTER)
    assert not place.exists()


@pytest.mark.parametrize(
    ("fault", "raised"),
    [(RuntimeError("broken"), RuntimeError), (OSError(28, "full"), package.NotWritten)],
)
@pytest.mark.parametrize("there", [False, True])
def test_a_crash_midway_leaves_nothing(
    place: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception, raised: type, there: bool
) -> None:
    """After the tables and before the descriptor: no folder, no half of one, nothing beside it."""
    if there:
        place.mkdir()

    def crash(*_: object) -> None:
        raise fault

    monkeypatch.setattr(package, "_descriptor", crash)
    with pytest.raises(raised):
        package.write(place, QUARTER)
    assert place.exists() == there
    assert not there or not any(place.iterdir())
