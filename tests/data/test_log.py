"""The server's log: what went wrong is found by its number, and no message forges a line."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from logging.handlers import RotatingFileHandler
from pathlib import Path

import pytest

from data import log

LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (INFO|WARNING|ERROR) [\w.]+: .*")


@pytest.fixture
def written(tmp_path: Path) -> Iterator[Path]:
    """A log that has begun; afterwards the process logs as it did before."""
    before = {name: list(logging.getLogger(name).handlers) for name in ("", "uvicorn.error")}
    levels = {name: logging.getLogger(name).level for name in log.OURS}
    log.begin(tmp_path / "office.duckdb")
    yield tmp_path / "office.log"
    for name, handlers in before.items():
        logger = logging.getLogger(name)
        for handler in set(logger.handlers) - set(handlers):
            logger.removeHandler(handler)
            handler.close()
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def test_a_reference_is_found(written: Path) -> None:
    """What failed is in the file, with its number and where it happened."""
    try:
        raise LookupError("缺少列")
    except LookupError as error:
        logging.getLogger("pages.parts.access").error("page failed, reference ab12", exc_info=error)
    said, *trace = written.read_text("utf-8").splitlines()
    assert LINE.fullmatch(said)
    assert said.endswith("ERROR pages.parts.access: page failed, reference ab12")
    assert "test_a_reference_is_found" in "".join(trace)
    assert trace[-1] == "    LookupError: 缺少列"


def test_what_is_kept(written: Path) -> None:
    """Of this program all that it tells, of libraries what went wrong, also behind the socket."""
    logging.getLogger("uvicorn.error").setLevel(logging.INFO)  # as Streamlit does
    for name in ("data.store", "app", "matplotlib", "uvicorn.error"):
        logging.getLogger(name).info("told %s", name)
        logging.getLogger(name).error("failed %s", name)
    said = [line.split(": ", 1)[1] for line in written.read_text("utf-8").splitlines()]
    assert {"told data.store", "told app", "failed matplotlib", "failed uvicorn.error"} <= set(said)
    assert not {"told matplotlib", "told uvicorn.error"} & set(said)


@pytest.mark.parametrize(
    "sign",
    ["\n", "\r", "\r\n", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\x1b[1A", "\0"],
)
def test_no_line_is_forged(written: Path, sign: str) -> None:
    """A name or an error with line breaks stays within its line, or within what is indented."""
    forged = f"x{sign}2026-01-01 00:00:00 INFO data: all is well"
    logger = logging.getLogger("data.record")
    logger.warning("name %s", forged)
    try:
        raise ValueError(forged) from KeyError(forged)
    except ValueError as error:
        error.add_note(forged)
        logger.exception("failed %s", forged)
    said = written.read_text("utf-8").splitlines()
    begun = [line for line in said if not line.startswith("    ")]
    assert len(begun) == 2
    assert all(LINE.fullmatch(line) for line in begun)
    assert not any(hidden in written.read_text("utf-8") for hidden in "\x1b\0\u2028")


def test_words_that_do_not_fit(written: Path) -> None:
    """Half a sign, or a message with the wrong number of parts, ends nothing."""
    [file] = [
        handler
        for handler in logging.getLogger().handlers
        if getattr(handler, "baseFilename", None) == str(written)
    ]
    # Not by a logger: the parts of a test run on several cores could not pass half a sign on.
    logger = logging.getLogger("data")
    file.handle(logger.makeRecord("data", logging.WARNING, "f", 1, "\ud800 %s", ("x",), None))
    assert "\\ud800 x" in written.read_text("utf-8")


def test_it_stays_small(written: Path) -> None:
    """Five files of two megabytes, and no more than a message beyond; the newest says the newest."""
    logger = logging.getLogger("data")
    for number in range(1200):
        logger.info("%s %s", number, "x" * 10_000)
    files = sorted(written.parent.glob("office.log*"))
    assert len(files) == log.FILES == 5
    assert all(file.stat().st_size <= log.BYTES + 10_100 for file in files)
    assert " 1199 " in written.read_text("utf-8").splitlines()[-1]


def test_it_begins_once(written: Path) -> None:
    """However often it is begun, each message is there once."""
    log.begin(written.with_suffix(".duckdb"))
    logging.getLogger("data").warning("once")
    assert len(written.read_text("utf-8").splitlines()) == 1
    handlers = logging.getLogger().handlers
    assert sum(isinstance(handler, RotatingFileHandler) for handler in handlers) == 1


def test_a_log_that_cannot_be_written(written: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The program goes on; the terminal tells."""
    written.with_name("other.log").mkdir()
    log.begin(written.with_name("other.duckdb"))
    logging.getLogger("data").warning("told %s", "elsewhere")
    assert "WARNING data: told elsewhere" in capsys.readouterr().err
