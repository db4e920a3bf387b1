"""The assessment scheme: read, checked, and handed to the store as tables.

Source: assessment.md, "Indicators". The scheme file holds every number of a score; the scoring
queries are generic over it.
"""

import hashlib
import math
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

DEFAULT = Path(__file__).with_name("default.toml")

GRADED_LEVELS = ("county", "township")
REFERENCE_LEVELS = ("national", "provincial", "prefecture")
RULES = ("counted", "organised", "share")
SETTINGS = (
    "min_coverage",
    "bonus_cap",
    "score_low",
    "score_high",
    "co_signature",
    "leave_credit",
    "session_absence",
    "event_absence",
    "event_absence_cap",
    "approval_base",
    "approval_gain",
    "approval_partly",
    "undetermined_below",
    "unranked_below",
)


class SchemeError(ValueError):
    """The scheme file does not add up; the message says where."""


@dataclass(frozen=True)
class Scheme:
    """The scheme as the rows of its tables; ``checksum`` identifies its version."""

    name: str
    checksum: str
    tables: dict[str, pd.DataFrame]


def load(path: Path = DEFAULT) -> Scheme:
    """Read and check a scheme file.

    Raises SchemeError when the file is no TOML, lacks a number, a column of weights does not add
    up to 100, a code is used twice, or an indicator names an unknown rule, dimension or due.
    """
    content = path.read_bytes()
    try:
        return _scheme(tomllib.loads(content.decode("utf-8")), content, path)
    except KeyError as error:
        raise SchemeError(f"{path.name}: 缺少 {error.args[0]}。") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SchemeError(f"{path.name}: 不是有效的 TOML 文件（{error}）。") from None


def _scheme(text: dict[str, Any], content: bytes, path: Path) -> Scheme:
    checksum = hashlib.sha256(content).hexdigest()
    indicators: list[dict[str, Any]] = text["indicator"]
    dimensions: list[dict[str, Any]] = text["dimension"]
    bands: list[dict[str, Any]] = text["band"]
    _check(indicators, {d["code"] for d in dimensions}, path)
    weights = pd.DataFrame(
        [
            (i["code"], level, float(i["weights"][column]))
            for i in indicators
            for column, levels in (
                ("county", ("county",)),
                ("township", ("township",)),
                ("reference", REFERENCE_LEVELS),
            )
            for level in levels
        ],
        columns=["indicator", "level", "weight"],
    )
    sums = weights.groupby("level")["weight"].sum()
    for level, total in sums.items():
        if not math.isclose(total, 100):
            raise SchemeError(f"{path.name}: {level} 的权重合计为 {total:g}，应为 100。")
    settings = {key: float(text[key]) for key in SETTINGS}
    quota = text.get("excellent_quota")
    return Scheme(
        text["name"],
        checksum,
        {
            "scheme": pd.DataFrame(
                [{"name": text["name"], "checksum": checksum, **settings, "excellent_quota": quota}]
            ).astype({"excellent_quota": "float64"}),
            "scheme_levels": pd.DataFrame(
                [(level, True) for level in GRADED_LEVELS]
                + [(level, False) for level in REFERENCE_LEVELS],
                columns=["level", "graded"],
            ),
            "scheme_indicators": pd.DataFrame(
                [
                    {
                        "indicator": i["code"],
                        "position": position,
                        "name": i["name"],
                        "dimension": i["dimension"],
                        "diligence": i["diligence"],
                        "rule": i["rule"],
                        "due": i["due"],
                        "target": float(i.get("target", math.nan)),
                        "counts": i["counts"],
                        "approval": bool(i.get("approval", False)),
                        "reported_in": i.get("reported_in"),
                        "unit": i["unit"],
                    }
                    for position, i in enumerate(indicators)
                ]
            ),
            "scheme_kinds": pd.DataFrame(
                [
                    (i["code"], i["counts"], kind)
                    for i in indicators
                    for kind in i.get("kinds", [""])
                ],
                columns=["indicator", "counts", "kind"],
            ),
            "scheme_weights": weights,
            "scheme_dimensions": pd.DataFrame(
                [(d["code"], position, d["name"]) for position, d in enumerate(dimensions)],
                columns=["dimension", "position", "name"],
            ),
            "scheme_bands": pd.DataFrame(
                [
                    (b["grade"], position, float(b.get("at_least", -math.inf)))
                    for position, b in enumerate(bands)
                ],
                columns=["grade", "position", "at_least"],
            ),
            "scheme_qualities": pd.DataFrame(
                [
                    (position, q["outcome"], q.get("satisfaction"), float(q["value"]))
                    for position, q in enumerate(text["quality"])
                ],
                columns=["position", "outcome", "satisfaction", "quality"],
            ),
        },
    )


def _check(indicators: list[dict[str, Any]], dimensions: set[str], path: Path) -> None:
    seen = set()
    for i in indicators:
        code = i["code"]
        if code in seen:
            raise SchemeError(f"{path.name}: 指标 {code} 出现了两次。")
        seen.add(code)
        if i["rule"] not in RULES or i["due"] not in ("quarter", "year"):
            raise SchemeError(f"{path.name}: 指标 {code} 的 rule 或 due 不认识。")
        if i["dimension"] not in dimensions:
            raise SchemeError(f"{path.name}: 指标 {code} 的 dimension 不认识。")
        if (i["rule"] == "share") == ("target" in i):
            raise SchemeError(
                f"{path.name}: 指标 {code} 应{'无' if 'target' in i else '有'} target。"
            )
