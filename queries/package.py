"""The published tables, and a folder of them for other programs: a data package.

The folder holds each table as CSV, JSON and Parquet, and ``datapackage.json`` (Data Package,
version 2), which says what every column means, out of the dictionary. There a table is one
resource, its CSV; ``also`` lists the same rows in the other forms.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from data import store
from data.period import Period
from queries import county, scoring
from queries.dictionary import Kind, Meaning, meanings
from queries.formulas import neutral

# What the values of a kind are, in a frame and in a schema.
_DTYPES: dict[Kind, str] = {"text": "str", "count": "Int64", "boolean": "bool"}
_TYPES: dict[Kind, str] = {"text": "string", "count": "integer", "boolean": "boolean"}
_MARKED = "在 CSV 中，以 = + - @ 等符号开头的文字前加了一个撇号，以免表格软件当作公式。"


class NotWritten(Exception):
    """No package was written; the message says why and what to do."""


@dataclass(frozen=True)
class Published:
    """A table: its title, what a row is, the columns that name a row, and the rows.

    ``refers`` names the table that a column's values are found in, under the same name.
    """

    title: str
    grain: str
    key: tuple[str, ...]
    rows: Callable[[Period], pd.DataFrame]
    refers: Mapping[str, str] = field(default_factory=dict)


def _ranking(period: Period) -> pd.DataFrame:
    rates = county.dimension_rates(period=period)
    wide = rates.pivot(index="delegate_id", columns="dimension", values="rate")
    dimensions = county.indicators()["dimension"].unique()
    return county.ranking(period=period).join(wide.reindex(columns=dimensions), on="delegate_id")


def _townships(period: Period) -> pd.DataFrame:
    both = [period, period.before]
    frame = county.township_figures(periods=both, today=date.today())  # noqa: DTZ011
    frame = frame[frame["period"] == str(period)].drop(columns="period")
    return frame.assign(not_reported=frame["not_reported"].map(_listed))


def _listed(gaps: list[dict[str, Any]]) -> str | None:
    """Quarters and formats as one text: 2026Q3:activities 2026Q3:opinions."""
    told = (f"{Period.quarter_of(gap['quarter'])}:{gap['format']}" for gap in gaps)
    return " ".join(told) or None


def _township_rates(period: Period) -> pd.DataFrame:
    frame = county.township_indicators(periods=[period])
    of_townships = frame[frame["township"] != ""]
    return of_townships[["township", "indicator", "mean_rate", "rated"]]


def _scores(period: Period) -> pd.DataFrame:
    """Values x_, rates r_, the score's parts, grade and rank."""
    rates = scoring.rates(periods=[period])
    order = list(county.indicators()["indicator"])
    values, attained = (
        rates.pivot(index="delegate_id", columns="indicator", values=column).reindex(columns=order)
        for column in ("value", "rate")
    )
    standings = scoring.standings(periods=[period]).sort_values("delegate_id")
    return (
        standings[["delegate_id", "level", "eligible"]]
        .join(values.add_prefix("x_"), on="delegate_id")
        .join(attained.add_prefix("r_"), on="delegate_id")
        .join(standings[["base", "bonus", "deduction", "score", "grade", "ranked", "rank"]])
    )


def _rates(period: Period) -> pd.DataFrame:
    """What a score is made of, for computing it anew."""
    one = ["delegate_id", "indicator"]
    rates = scoring.rates(periods=[period]).sort_values(["delegate_id", "position"])
    counted = scoring.included(periods=[period]).query("in_base").set_index(one).index
    return rates[[*one, "weight", "value", "target", "rate", "reason"]].assign(
        points=rates["weight"] * rates["rate"],
        in_base=pd.MultiIndex.from_frame(rates[one]).isin(counted),
    )


def _indicators(period: Period) -> pd.DataFrame:
    return county.indicators()


TABLES = {
    "ranking": Published(
        "代表排名",
        "每位在任代表一行，先排名次",
        ("delegate_id",),
        _ranking,
        {"delegate_id": "scores"},
    ),
    "townships": Published("镇街对比", "每个镇街一行", ("township",), _townships),
    "township_rates": Published(
        "镇街指标",
        "每个镇街、每个指标一行",
        ("township", "indicator"),
        _township_rates,
        {"township": "townships", "indicator": "indicators"},
    ),
    "scores": Published(
        "代表得分", "名册上的每位代表一行，含各指标的数量和完成率", ("delegate_id",), _scores
    ),
    "indicators": Published("考核指标", "考核方案的每个指标一行", ("indicator",), _indicators),
    "rates": Published(
        "指标完成情况",
        "每位代表、每个指标一行",
        ("delegate_id", "indicator"),
        _rates,
        {"delegate_id": "scores", "indicator": "indicators"},
    ),
}


def table(name: str, period: Period) -> tuple[pd.DataFrame, dict[str, Meaning]]:
    """A published table and what its columns mean; values have the types of their kinds."""
    frame = TABLES[name].rows(period)
    columns = meanings(name, list(frame.columns), county.indicators(), county.bands())
    kinds = {column: _DTYPES.get(meant.kind, "float64") for column, meant in columns.items()}
    return frame.astype(kinds).reset_index(drop=True), columns


def as_csv(frame: pd.DataFrame) -> bytes:
    """UTF-8; numbers with the digits that give the same number back, missing values empty."""
    marked = frame.copy()
    for name in frame.columns:
        if frame[name].dtype == "str":
            marked[name] = frame[name].map(neutral, na_action="ignore")
    return marked.to_csv(index=False, lineterminator="\n").encode()


def as_json(frame: pd.DataFrame) -> bytes:
    """A list of objects, one a line; numbers as in CSV, missing values null."""
    plain = frame.astype(object).where(frame.notna(), None)
    rows = (json.dumps(row, ensure_ascii=False) for row in plain.to_dict("records"))
    return ("[" + ",\n ".join(rows) + "]\n").encode()


def as_parquet(frame: pd.DataFrame) -> bytes:
    return frame.to_parquet(index=False)


# Ending, what else is said of such a file, and how it is made.
_FORMS: tuple[tuple[str, dict[str, str], Callable[[pd.DataFrame], bytes]], ...] = (
    ("csv", {"mediatype": "text/csv", "encoding": "utf-8"}, as_csv),
    ("json", {"mediatype": "application/json", "encoding": "utf-8"}, as_json),
    ("parquet", {"mediatype": "application/vnd.apache.parquet"}, as_parquet),
)


def write(into: Path, period: Period) -> None:
    """Write the package of ``period`` into a folder that is new or empty: all of it, or nothing.

    Equal data, scheme and period give equal bytes but for ``created`` and, as deadlines pass, the
    townships' replies due. Raises NotWritten.
    """
    into = into.resolve()
    try:
        if into.exists() and not (into.is_dir() and not any(into.iterdir())):
            raise NotWritten(f"{into} 已有内容，什么也没有写入。请换一个文件夹，或先把它移走。")
        with TemporaryDirectory(dir=into.parent, prefix=f".{into.name}-") as beside:
            part = Path(beside, "package")
            part.mkdir()
            _fill(part, period)
            if into.exists():
                into.rmdir()  # empty; only some systems rename over it
            part.rename(into)
    except OSError as error:
        raise NotWritten(
            f"无法写入 {into}。请核对上级文件夹是否存在、有没有权限、磁盘有没有空间。"
        ) from error


def _fill(folder: Path, period: Period) -> None:
    resources = []
    for name, published in TABLES.items():
        frame, columns = table(name, period)
        files = []
        for ending, said, made in _FORMS:
            content = made(frame)
            path = f"{name}.{ending}"
            (folder / path).write_bytes(content)
            digest = hashlib.sha256(content).hexdigest()
            size = {"bytes": len(content), "hash": f"sha256:{digest}"}
            files.append({"path": path, "format": ending, **said, **size})
        resources.append(
            {
                "name": name,
                "type": "table",
                "title": published.title,
                "description": f"{published.grain}。{_MARKED}",
                **files[0],
                "also": files[1:],
                "schema": _schema(published, columns),
            }
        )
    text = json.dumps(_descriptor(period, resources), ensure_ascii=False, indent=2)
    (folder / "datapackage.json").write_text(text + "\n", "utf-8", newline="\n")


def _descriptor(period: Period, resources: list[dict[str, Any]]) -> dict[str, Any]:
    scheme = county.scheme_in_force().iloc[0]
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": f"delegates-{period}".lower(),
        "title": f"代表履职考评 {period}" + ("（示例数据）" if store.is_sample() else ""),
        "version": str(store.version()),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "period": {"code": str(period), "start": str(period.start), "end": str(period.end)},
        "scheme": {"name": scheme["name"], "checksum": scheme["checksum"]},
        "sample": store.is_sample(),
        "filters": [],
        "resources": resources,
    }


def _schema(published: Published, columns: Mapping[str, Meaning]) -> dict[str, Any]:
    refers = [
        {"fields": [column], "reference": {"resource": to, "fields": [column]}}
        for column, to in published.refers.items()
    ]
    return {
        "fields": [_field(name, meant) for name, meant in columns.items()],
        "primaryKey": list(published.key),
        **({"foreignKeys": refers} if refers else {}),
        "missingValues": [""],
    }


def _field(name: str, meant: Meaning) -> dict[str, Any]:
    bounds = {
        "required": meant.required or None,
        "minimum": meant.low,
        "maximum": meant.high,
        "enum": list(meant.choices) or None,
    }
    said = {
        "name": name,
        "title": meant.title.format(**meant.named),
        "type": _TYPES.get(meant.kind, "number"),
        "description": meant.meaning.format(**meant.named),
        "unit": meant.unit or None,
        "source": meant.source,
        "constraints": {key: bound for key, bound in bounds.items() if bound is not None} or None,
    }
    return {key: text for key, text in said.items() if text is not None}
