"""Work on a database in a process of its own, which is killed: at any moment, or at a step.

A step is what leaves something on the disk: a commit, a checkpoint, a copy of the database, a
file forced to the disk, put in its place or removed. ``SIGKILL`` comes just before it, so before
the next is just after. The processes are forked from one that has everything imported.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
from collections.abc import Callable
from functools import cache
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any

from deeds import WANG, Deed

from data import backups, store
from data.store import Cursor, open_store
from data.uploads import desk
from data.uploads.ledger import reverse

Task = Callable[..., None]


@cache
def _forking() -> ForkServerContext:
    forking = multiprocessing.get_context("forkserver")
    forking.set_forkserver_preload(["pytest", "hypothesis", "data.backups", "data.uploads.desk"])
    return forking


class Worker:
    """A process at work on ``task(database, *arguments, tell)``; ``told`` is what it has said.

    ``step``: the number of the step, from 1, before which it kills itself.
    """

    def __init__(self, task: Task, database: Path, *arguments: Any, step: int = 0) -> None:
        self.told: list[Any] = []
        self._hears, says = _forking().Pipe(duplex=False)
        self._process: ForkServerProcess = _forking().Process(
            target=_work, args=(says, task, database, arguments, step)
        )
        self._process.start()
        says.close()

    def hear(self, seconds: float = 30) -> bool:
        """Whether it has said one thing more before its end."""
        if not self._hears.poll(seconds):
            raise TimeoutError("the worker says nothing")
        try:
            self.told.append(self._hears.recv())
        except EOFError:
            return False
        return True

    def kill(self) -> bool:
        """Kill it now; whether it was still at work. All that it has said is heard."""
        self._process.kill()
        return self.wait()

    def wait(self) -> bool:
        """Hear it to its end; whether it was killed."""
        while self.hear():
            pass
        self._process.join(30)
        assert self._process.exitcode in (0, -signal.SIGKILL), self._process.exitcode
        return self._process.exitcode != 0


def _work(says: Connection, task: Task, database: Path, arguments: Any, step: int) -> None:
    _die_before(step, lambda name: says.send(name))
    task(database, *arguments, says.send)


# --- steps ------------------------------------------------------------------------------------

LASTING = ("commit", "checkpoint", "copy from database", "attach")


def _die_before(step: int, tell: Callable[[str], None]) -> None:
    """Let this process be killed before its step of this number; never if it is 0."""
    left = step

    def about_to(name: str) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            tell(f"killed before {name}")
            os.kill(os.getpid(), signal.SIGKILL)

    def stepping(owner: Any, name: str) -> None:
        task = getattr(owner, name)

        def run(*arguments: Any, **named: Any) -> Any:
            about_to(name)
            return task(*arguments, **named)

        setattr(owner, name, run)

    if not step:
        return
    for owner, name in (
        *((os, "fsync"), (Path, "replace"), (Path, "unlink"), (Path, "mkdir")),
        *((Path, "write_text"), (shutil, "copyfile")),
    ):
        stepping(owner, name)
    connect = store.connect
    store.connect = lambda *given, **named: _Stepping(connect(*given, **named), about_to)  # type: ignore[assignment,return-value]


class _Stepping:
    """A connection or cursor whose lasting statements are steps."""

    def __init__(self, cursor: Cursor, about_to: Callable[[str], None]) -> None:
        self._cursor, self._about_to = cursor, about_to

    def cursor(self) -> _Stepping:
        return _Stepping(self._cursor.cursor(), self._about_to)

    def execute(self, sql: str, *parameters: Any) -> Any:
        if sql.startswith(LASTING):
            self._about_to(next(start for start in LASTING if sql.startswith(start)))
        return self._cursor.execute(sql, *parameters)

    def __enter__(self) -> _Stepping:
        return self

    def __exit__(self, *_: object) -> None:
        self._cursor.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)


# --- tasks ------------------------------------------------------------------------------------


def do_at_the_desk(database: Path, deeds: list[Deed], tell: Callable[[Any], None]) -> None:
    """Do what the clerk does, as the pages do it; of each deed tell the upload that it concerned,
    None if it changed nothing.
    """
    store.use(database)
    numbers: list[int] = []
    for deed in deeds:
        if not deed.format:
            number = deed.of(numbers)
            turn_round(desk.store(), number)
            tell(number)
            continue
        checked = desk.check([deed.sent], WANG)
        with desk.supposing_stored(checked, checked, WANG) as previews:
            pass
        storing = desk.start(previews, WANG)
        assert storing.wait(30)
        assert storing.receipts, storing.fault
        assert storing.receipts[0].outcome in ("stored", "unchanged"), storing.receipts[0].problems
        number = storing.receipts[0].upload_id
        numbers += [number] if number is not None else []
        tell(number)


def turn_round(house: store.Store, number: int) -> None:
    """Take an upload back, or put it in force again."""
    state = house.query("select state from uploads where upload_id = $n", {"n": number})["state"]
    reverse(house, number, "undo" if state.item() == "stands" else "redo", "错了", "王")


def open_and_close(database: Path, tell: Callable[[Any], None]) -> None:
    open_store(database).close()


def back_up(database: Path, times: int, tell: Callable[[Any], None]) -> None:
    """Back up one state after the other; tell the name of each backup."""
    house = store.use(database)
    for _ in range(times):
        tell(backups.save(house, "daily").name)
        with house.write():
            pass


def restore(database: Path, name: str, is_open: bool, tell: Callable[[Any], None]) -> None:
    if is_open:
        store.use(database)
    backups.restore(database, name, "李")
    tell("restored")
