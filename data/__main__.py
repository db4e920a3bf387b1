"""The command line: ``python -m data load …``, ``sample``, ``check``, ``backups``, ``accounts`` …"""

import argparse
import getpass
import json
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb

from data import backups, sample
from data.access import ROLES, Visitor
from data.access.accounts import Account, Accounts, accounts, beside
from data.period import Period
from data.problems import MENDED_BY_A_BACKUP, DatabaseUnavailable
from data.record import record
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
    for name, about in (
        ("accounts", "列出账号"),
        ("code", "为忘记密码的账号生成新的一次性代码"),
    ):
        command = commands.add_parser(name, help=about)
        command.add_argument("--database", type=Path, required=True, metavar="DB")
    command.add_argument("account", metavar="ACCOUNT", help="账号，见 accounts")
    asked = parser.parse_args(arguments)
    try:
        if asked.command == "check":
            return _check(asked.database.resolve())
        if asked.command == "backups":
            return _backups(asked.database.resolve())
        if asked.command == "restore":
            return _restore(asked.database.resolve(), asked.backup, asked.by)
        if asked.command == "accounts":
            return _accounts(asked.database.resolve())
        if asked.command == "code":
            return _code(asked.database.resolve(), asked.account)
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
    outcomes = [_told(receipt) for receipt in receipts]
    for told in outcomes:
        print(json.dumps(told, ensure_ascii=False))
    for told in outcomes:
        number = told["upload_id"] if told["outcome"] == "stored" else None
        said = {key: told[key] for key in ("file", "format", "quarter", "outcome")}
        record(database).note("upload", _doer(by), upload=number, **said)
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
    record(database).note("sample_loaded", _doer(), delegates=delegates)
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
    record(database).note("restore", _doer(by), backup=name)
    return 0


def _doer(by: str | None = None) -> Visitor:
    """Who is named, or whom the computer knows as sitting at it."""
    with suppress(KeyError, OSError, ImportError):  # someone without a name, as in a container
        by = by or getpass.getuser()
    return Visitor(name=by or "", address="命令行")


def _accounts(database: Path) -> int:
    """Print the accounts, a line each, tabs between; the server may be running."""
    everyone = _kept(database).everyone()
    print("账号", "姓名", "角色", "镇街", "状态", "最近登录", sep="\t")
    for account in everyone:
        last = account.last_sign_in
        print(
            *(account.account, account.name, ROLES[account.role]),
            *("、".join(account.townships) or "—", _state(account)),
            f"{last:%Y-%m-%d %H:%M}" if last else "—",
            sep="\t",
        )
    return 0


def _code(database: Path, account: str) -> int:
    """Print a code in place of a lost password; the server may be running."""
    kept = _kept(database)
    code = kept.renew(account)
    renewed = kept.get(account)
    assert renewed is not None
    record(database).note("code_renewed", _doer(), account=renewed.account, name=renewed.name)
    print(code)
    print(
        f"账号 {renewed.account}（{renewed.name}）的一次性代码，72 小时内有效，只能用一次。"
        "请本人在登录页点“用一次性代码设置密码”。原密码已作废，已登录的也已退出。",
        file=sys.stderr,
    )
    return 0


def _kept(database: Path) -> Accounts:
    """The accounts of a database; none are begun by asking for them."""
    path = beside(database)
    if not path.exists():
        raise ValueError(f"没有找到账号文件 {path}。请核对数据库的路径。")
    return accounts(database)


def _state(account: Account) -> str:
    return "已停用" if account.disabled else "正常" if account.has_password else "未设密码"


if __name__ == "__main__":
    sys.exit(main())
