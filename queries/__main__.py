"""The command line: one table printed, or all of them as a data package in a folder.

``python -m queries TABLE --database DB --period P [--format csv|json]``
``python -m queries package --database DB --period P --into FOLDER``
"""

import argparse
import os
import sys
from pathlib import Path

from data import store
from data.period import Period
from data.problems import DatabaseUnavailable
from queries import package
from queries.sight import EVERYTHING, seeing

FORMS = {"csv": package.as_csv, "json": package.as_json}


def main(arguments: list[str] | None = None) -> int:
    """Print or write; returns the exit code (1: the database cannot be opened, no place to write)."""
    asked = _parser().parse_args(arguments)
    try:
        store.use(asked.database)
        with seeing(EVERYTHING):
            if asked.table == "package":
                package.write(asked.into, asked.period)
                return 0
            frame, _columns = package.table(asked.table, asked.period)
        sys.stdout.buffer.write(FORMS[asked.format](frame))
        sys.stdout.flush()
    except (DatabaseUnavailable, package.NotWritten, ValueError) as error:
        print(error, file=sys.stderr)  # a ValueError: the scheme does not add up
        return 1
    except BrokenPipeError:  # the reader, head perhaps, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m queries", description="输出考评结果表")
    commands = parser.add_subparsers(dest="table", required=True)
    for name, published in package.TABLES.items():
        one = commands.add_parser(name, help=f"{published.title}：{published.grain}")
        one.add_argument("--format", choices=list(FORMS), default="csv")
    every = commands.add_parser("package", help="全部表格和数据说明，写入一个文件夹")
    every.add_argument("--into", type=Path, required=True, metavar="FOLDER")
    for command in commands.choices.values():
        command.add_argument("--database", type=Path, required=True, metavar="DB")
        command.add_argument("--period", type=_period, required=True, metavar="P")
    return parser


def _period(text: str) -> Period:
    try:
        return Period.parse(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"“{text}”不是考核期。请写成 2026Q3、2026Q1-Q3 或 2026。"
        ) from None


if __name__ == "__main__":
    sys.exit(main())
