"""The server's log: ``delegates.duckdb`` → ``delegates.log``, where the reference numbers that a
failing page shows are found.
"""

import logging
import sys
import traceback
from logging.handlers import RotatingFileHandler
from pathlib import Path

from data.record import visible

FILES, BYTES = 5, 2 * 2**20
OURS = ("app", "data", "pages", "queries")


class OneLine(logging.Formatter):
    """A line per message, whatever is in it; what belongs to it is indented."""

    def format(self, record: logging.LogRecord) -> str:
        time = self.formatTime(record, "%Y-%m-%d %H:%M:%S")
        lines = [f"{time} {record.levelname} {record.name}: {visible(record.getMessage())}"]
        if record.exc_info:
            told = "".join(traceback.format_exception(*record.exc_info))
            lines += [f"    {visible(line)}" for line in told.split("\n") if line]
        return "\n".join(lines)


def begin(database: Path) -> None:
    """Write the log beside the database, and warnings to the terminal; once per process.

    What cannot be written is told in the terminal, and stops nothing.
    """
    path = beside(database.resolve())
    root = logging.getLogger()
    if any(getattr(handler, "baseFilename", None) == str(path) for handler in root.handlers):
        return
    file = RotatingFileHandler(
        path, maxBytes=BYTES, backupCount=FILES - 1, encoding="utf-8", errors="replace", delay=True
    )
    terminal = logging.StreamHandler(sys.stderr)
    terminal.setLevel(logging.WARNING)
    for handler in (file, terminal):
        handler.setFormatter(OneLine())
        root.addHandler(handler)
    for name in OURS:
        logging.getLogger(name).setLevel(logging.INFO)
    # It keeps its messages to itself: what failed between the socket and the pages, but not who
    # comes and goes.
    logging.getLogger("uvicorn.error").addHandler(file)
    file.addFilter(lambda told: told.levelno > logging.INFO or told.name != "uvicorn.error")


def beside(database: Path) -> Path:
    """Where the log of a database lies."""
    return database.with_suffix(".log")
