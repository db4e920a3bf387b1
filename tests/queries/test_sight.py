"""Who sees what: every question of the room, asked for every sort of eyes, about the sample county."""

from __future__ import annotations

import importlib
import inspect
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pandas as pd
import pytest
from databases import asking

from data.access import Forbidden, Role, Visitor
from data.period import Period
from data.store import Store
from queries import ask, county, scoring
from queries.sight import EVERYTHING, FOR_ALL, OF_TOWNSHIPS, TAKES, Sight, pseudonym, seeing

QUARTER, YEAR = Period(2026, 3, 3), Period(2025, 1, 4)
OWN = "六里坪镇"
EYES = {role: Sight.of(Visitor(role=role)) for role in get_args(Role) if role != "township_clerk"}
WORK = {"loop", "matters", "stations", "campaigns", "mine", "sessions"}
CLERK = Sight.of(Visitor(role="township_clerk", townships=frozenset({OWN})))
QUESTIONS = [
    (folder, name)
    for folder in TAKES
    for name, function in inspect.getmembers(
        importlib.import_module(f"queries.{folder}"), inspect.isfunction
    )
    if function.__module__ == f"queries.{folder}" and "ask(" in inspect.getsource(function)
]


@pytest.fixture(scope="module")
def sample(sample_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    path = tmp_path_factory.mktemp("seen") / "sample.duckdb"
    shutil.copy(sample_database, path)
    with asking(path) as house:
        yield house


@pytest.fixture(scope="module")
def roster(sample: Store) -> pd.DataFrame:
    return sample.query("select * from delegates")


def asked(folder: str, name: str, delegate_id: str) -> Callable[[], Any]:
    """The question with examples of all it takes."""
    examples = {
        "period": QUARTER,
        "periods": [QUARTER, YEAR],
        "today": date(2026, 10, 20),
        "delegate_id": delegate_id,
        "count": 50,
        "format": "duty_reports",
        "level": "county",
        "campaign": "守护一泓碧水",
        "suggestion_id": "J2026-0001",
        "opinion_id": "Y2026Q3-LLP001",
        "station_id": "Z0001",
        "event_id": "2026Q3-H01",
        "leader": "周立平",
    }
    function = getattr(importlib.import_module(f"queries.{folder}"), name)
    given = {parameter: examples[parameter] for parameter in inspect.signature(function).parameters}
    return lambda: function(**given)


def texts(answer: Any) -> Iterator[str]:
    """Every cell of an answer as text, the parts of nested ones one by one."""
    if isinstance(answer, pd.DataFrame):
        for column in answer:
            yield str(column)
            for cell in answer[column]:
                yield from texts(cell)
    elif isinstance(answer, dict):
        for cell in answer.values():
            yield from texts(cell)
    elif hasattr(answer, "__iter__") and not isinstance(answer, str):
        for cell in answer:
            yield from texts(cell)
    else:
        yield str(answer)


def test_every_question_is_asked_here() -> None:
    """The tests below ask all that is to be asked, and the lists of the sight name real ones."""
    names = {name for _folder, name in QUESTIONS}
    used = {needed for name in ask.files() for needed in ask._used(name)}
    assert set(ask.files()) - names <= used
    assert names >= FOR_ALL | OF_TOWNSHIPS


@pytest.mark.parametrize(("folder", "name"), QUESTIONS)
@pytest.mark.parametrize("role", ["viewer", "administrator"])
def test_no_name_for_who_may_not_see_names(
    sample: Store, roster: pd.DataFrame, role: Role, folder: str, name: str
) -> None:
    """Whatever is asked: no delegate's name, number, person or leader in any cell, or no answer."""
    people = set(roster["name"]) | set(roster["delegate_id"]) | set(roster["person_id"].dropna())
    people |= set(sample.query("select leader from townships")["leader"].dropna())
    question = asked(folder, name, roster["delegate_id"][0])
    with seeing(EVERYTHING):
        whole = question()
    with seeing(EYES[role]):
        try:
            answer = question()
        except Forbidden:
            return
    assert len(answer) == len(whole) > 0
    told = set(texts(answer))
    assert not told & people
    parts = {part for text in told for part in re.split(r"[\s、；;,，·/]+", text)}
    assert not parts & people


@pytest.mark.parametrize(("folder", "name"), QUESTIONS)
def test_nothing_of_other_townships_for_a_townships_clerk(
    sample: Store, roster: pd.DataFrame, folder: str, name: str
) -> None:
    """Whatever is asked: no other township, none of its delegates and uploads, or no answer."""
    other = roster[roster["township"] != OWN]
    own = roster[roster["township"] == OWN]
    strangers = {
        *other["delegate_id"],
        *other["person_id"].dropna(),
        *other["township"].dropna(),
        *(set(other["name"]) - set(own["name"])),
    }
    with seeing(CLERK):
        for delegate in (own["delegate_id"].iloc[0], other["delegate_id"].iloc[0]):
            try:
                answer = asked(folder, name, delegate)()
            except Forbidden:
                continue
            assert not set(texts(answer)) & strangers
            if "peers" in answer:
                pytest.fail("tells how many the others are")


def test_what_a_townships_clerk_is_answered(sample: Store, roster: pd.DataFrame) -> None:
    """Not nothing: the own delegates with their ranks in the county, as everyone sees them."""
    own = set(roster.loc[roster["township"] == OWN, "delegate_id"])
    with seeing(EVERYTHING):
        whole = county.ranking(period=QUARTER)
    with seeing(CLERK):
        cut = county.ranking(period=QUARTER)
    expected = whole[whole["delegate_id"].isin(own)].reset_index(drop=True)
    assert len(cut) > 10
    pd.testing.assert_frame_equal(cut, expected.drop(columns="peers"))


@pytest.mark.parametrize("townships", [frozenset(), frozenset({"查无此镇"}), frozenset({""})])
def test_an_unknown_township_sees_nothing(sample: Store, townships: frozenset[str]) -> None:
    """A clerk of no township, or of one that was renamed, is shown no row; '' is no township."""
    eyes = Sight.of(Visitor(role="township_clerk", townships=townships))
    with seeing(eyes):
        for name in sorted(OF_TOWNSHIPS):
            folder = ask.files()[name].parent.name
            answer = asked(folder, name, "")()
            assert [t for t in answer.get("township", []) if t] == []
            assert name != "history" or answer.empty


@pytest.mark.parametrize(
    ("role", "folders"),
    [
        ("leader", {"county", "scoring", "delegate", "uploads", *WORK}),
        ("county_clerk", {"county", "scoring", "delegate", "uploads", *WORK}),
        ("viewer", {"county", "scoring"}),
        ("administrator", set()),
    ],
)
def test_what_a_role_may_ask(sample: Store, role: Role, folders: set[str]) -> None:
    """Beyond what is for all, whole folders are open or closed to a role."""
    answered = set()
    for folder, name in QUESTIONS:
        if name in FOR_ALL or name == "periods_on_record":
            continue
        try:
            with seeing(EYES[role]):
                asked(folder, name, "x")()
        except Forbidden:
            continue
        answered.add(folder)
    assert answered == folders


def test_nobody_sees_by_default(sample: Store) -> None:
    """Where nobody said for whom it is, as on a new thread, there is no answer."""
    caught: list[BaseException] = []

    def run() -> None:
        try:
            county.ranking(period=QUARTER)
        except LookupError as error:
            caught.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert len(caught) == 1


# --- pseudonyms -------------------------------------------------------------------------------


def test_pseudonyms_are_one_a_delegate(sample: Store, roster: pd.DataFrame) -> None:
    """All 968 delegates have one of their own, the same in every period and question."""
    codes = {number: pseudonym(number) for number in roster["delegate_id"]}
    assert len(set(codes.values())) == len(roster) == 968
    assert all(re.fullmatch(r"#[A-Z2-7]{8}", code) for code in codes.values())
    with seeing(EVERYTHING):
        named = [county.ranking(period=period) for period in (QUARTER, YEAR)]
    with seeing(EYES["viewer"]):
        unnamed = [county.ranking(period=period) for period in (QUARTER, YEAR)]
        movers = county.movers(period=QUARTER, level="county", count=50)
        standings = scoring.standings(periods=[QUARTER])
    for whole, seen in zip(named, unnamed, strict=True):
        expected = whole["delegate_id"].map(codes).tolist()
        assert seen["delegate_id"].tolist() == seen["name"].tolist() == expected
        pd.testing.assert_series_equal(whole["score"], seen["score"])
    assert set(movers["name"]) | set(standings["delegate_id"]) <= set(codes.values())


def test_pseudonyms_outlive_the_process(sample: Store) -> None:
    """Another process of the same office gives the same; another office others."""
    told = [
        subprocess.run(
            [
                sys.executable,
                "-c",
                "from queries.sight import pseudonym; print(pseudonym('D00001'))",
            ],
            env={**os.environ, "DELEGATES_DATABASE": str(path), "PYTHONPATH": os.getcwd()},
            capture_output=True,
            check=True,
            encoding="utf-8",
        ).stdout.strip()
        for path in (sample.path, sample.path.with_name("other.duckdb"))
    ]
    assert told[0] == pseudonym("D00001") != told[1]
