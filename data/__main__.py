"""The command line: ``python -m data load …``, ``sample``, ``check``, ``backups``, ``restore``."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import duckdb

from data import backups, sample
from data.period import Period
from data.problems import MENDED_BY_A_BACKUP, DatabaseUnavailable
from data.store import examine, open_store
from data.uploads.check import Sent, check_all, registers
from data.uploads.ledger import Receipt, upload_together


def main(arguments: list[str] | None = None) -> int:
    """Run a command; returns the exit code (1: refused or not opened)."""
    parser = argparse.ArgumentParser(prog="python -m data", description="录入履职数据")
    commands = parser.add_subparsers(dest="command", required=True)
    load = commands.add_parser("load", help="把各表文件录入数据库")
    load.add_argument("--database", type=Path, required=True, metavar="DB")
    load.add_argument("--quarter", type=_quarter, metavar="Q", help="如 2026Q3；不填则自动识别")
    load.add_argument("--replace", action="store_true", help="替换同季度、同镇街已有的行")
    load.add_argument("--by", metavar="NAME", help="经办人")
    load.add_argument("files", nargs="+", type=Path, metavar="FILE")
    invent = commands.add_parser("sample", help="生成示例数据")
    where = invent.add_mutually_exclusive_group(required=True)
    where.add_argument("--database", type=Path, metavar="DB", help="录入到这个新数据库")
    where.add_argument("--files", type=Path, metavar="FOLDER", help="只写出 CSV 文件")
    invent.add_argument("--delegates", type=_delegates, default=968, metavar="N", help="代表人数")
    for name, about in (
        ("check", "核对数据库是否完整，不作任何改动"),
        ("backups", "列出备份"),
        ("restore", "从备份中恢复"),
    ):
        command = commands.add_parser(name, help=about)
        command.add_argument("--database", type=Path, required=True, metavar="DB")
    command.add_argument("--by", metavar="NAME", help="经办人")
    command.add_argument("backup", metavar="BACKUP", help="备份的文件名，见 backups")
    asked = parser.parse_args(arguments)
    try:
        if asked.command == "check":
            return _check(asked.database.resolve())
        if asked.command == "backups":
            return _backups(asked.database.resolve())
        if asked.command == "restore":
            return _restore(asked.database.resolve(), asked.backup, asked.by)
        if asked.command == "load":
            return _load(asked.database, asked.quarter, asked.replace, asked.by, asked.files)
        return _sample(asked.database, asked.files, asked.delegates)
    except DatabaseUnavailable as fault:
        print(fault, file=sys.stderr)
        if fault.code in MENDED_BY_A_BACKUP and backups.listed(asked.database.resolve()):
            print(_HOW_TO_RESTORE.format(database=asked.database), file=sys.stderr)
    except ValueError as error:
        print(error, file=sys.stderr)
    except OSError as error:
        print(f"写不了文件 {error.filename}。请核对路径和权限。", file=sys.stderr)
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        print(f"数据库出错，这一步没有写入任何内容：{reason}", file=sys.stderr)
    return 1


def _quarter(text: str) -> Period:
    try:
        period = Period.parse(text)
    except ValueError:
        period = None
    if period is None or not period.is_quarter:
        raise argparse.ArgumentTypeError(f"“{text}”不是季度。请写成 2026Q3。")
    return period


def _delegates(text: str) -> int:
    if not text.isdecimal() or int(text) < sample.FEWEST:
        raise argparse.ArgumentTypeError(
            f"“{text}”不行。示例数据至少要有 {sample.FEWEST} 名代表，才能分到各镇街。"
        )
    return int(text)


def _load(
    database: Path, quarter: Period | None, replace: bool, by: str | None, paths: list[Path]
) -> int:
    """Upload the files and print what became of each; registers go before records."""
    files = []
    for path in paths:
        try:
            files.append(Sent(path.name, path.read_bytes(), quarter=quarter, replace=replace))
        except OSError:
            raise ValueError(f"读不到文件 {path}。请核对路径。") from None
    store = open_store(database.resolve())
    try:
        receipts = upload_together(store, check_all(files, registers(store)), by)
    finally:
        store.close()
    for receipt in receipts:
        print(json.dumps(_told(receipt), ensure_ascii=False))
    return int(any(receipt.outcome == "refused" for receipt in receipts))


def _told(receipt: Receipt) -> dict[str, Any]:
    checked = receipt.checked
    return {
        "file": checked.filename,
        "format": checked.format.name if checked.format else None,
        "quarter": str(checked.quarter) if checked.quarter else None,
        "outcome": receipt.outcome,
        "upload_id": receipt.upload_id,
        "rows": receipt.rows,
        "added": receipt.added,
        "changed": receipt.changed,
        "unchanged": receipt.unchanged,
        "missing": receipt.missing,
        "problems": [
            {
                "code": problem.code,
                "level": problem.level,
                "row": problem.row,
                "column": problem.column,
                "value": problem.value,
                "sentence": problem.sentence,
            }
            for problem in receipt.problems
        ],
    }


def _sample(database: Path | None, folder: Path | None, delegates: int) -> int:
    if folder is not None:
        paths = sample.write(folder, delegates)
        print(f"已写出 {len(paths)} 个文件：{folder}")
        return 0
    assert database is not None
    if database.exists():
        raise ValueError(f"{database} 已存在。示例数据只能录入新数据库，请换一个文件名。")
    store = open_store(database.resolve())
    try:
        sample.begin(store)
        count = sample.load(store, delegates)
        sample.finish(store)
    finally:
        store.close()
    print(f"已录入 {count} 个文件：{database}")
    return 0


_HOW_TO_RESTORE = """列出备份：python -m data backups --database "{database}"
从备份中恢复：python -m data restore --database "{database}" 备份的文件名"""


def _check(database: Path) -> int:
    stand = examine(database)
    print(f"数据库完好：{database}（数据版本 {stand.version}，上传记录 {len(stand.uploads)} 条）")
    return 0


def _backups(database: Path) -> int:
    """Print the backups, newest first."""
    found = backups.listed(database)
    for backup in found:
        made = f"{backup.made_at:%Y-%m-%d %H:%M}  {backups.WHY.get(backup.why, backup.why)}"
        size = f"{backup.bytes / 2**20:.1f} MB"
        print(f"{backup.name}  {made}  有效上传 {backup.uploads}  {size}  {backup.by or '—'}")
    if not found:
        print(f"还没有备份：{backups.folder(database)}")
    return 0


def _restore(database: Path, name: str, by: str | None) -> int:
    backups.restore(database, name, by)
    print(f"已从备份 {name} 恢复：{database}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
