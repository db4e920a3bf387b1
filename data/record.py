"""The record of deeds: who did what, when and from where; what was written stays, or it shows.

It lies beside the database (``delegates.duckdb`` → ``delegates.record``): one JSON line per deed,
on the disk before the doer is told. Each line bears a seal, a keyed hash of itself and of the seal
before it, so no line changes, goes, comes or changes places unseen. A record cut at its end holds
in itself; what notices are the accounts, which keep the newest number and seal, and the journal,
whose lines name those of their time.

Journal and record are both chained lines, yet share no code: the journal is one process's, is
read whole and checked by a checksum; here several processes write at once, the reader follows,
and the seals need a key.
"""

import hmac
import json
import logging
import os
import re
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, Literal, NamedTuple, Protocol

import pandas as pd

from data.access import Visitor
from data.journal import to_disk
from data.problems import DatabaseUnavailable

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

Deed = Literal[
    "started",
    "sign_in",
    "sign_in_failed",
    "sign_in_slowed",
    "sign_out",
    "password_set",
    "password_changed",
    "account_created",
    "account_changed",
    "account_disabled",
    "account_enabled",
    "code_renewed",
    "refused",
    "upload",
    "undo",
    "redo",
    "restore",
    "sample_loaded",
    "sample_emptied",
    "scheme_adopted",
    "report_made",
    "export",
    "original_downloaded",
    "backup_downloaded",
    "drill",
    "page_failed",
]
DEEDS: dict[Deed, str] = {
    "started": "启动系统",
    "sign_in": "登录",
    "sign_in_failed": "登录失败",
    "sign_in_slowed": "登录被暂缓",
    "sign_out": "退出登录",
    "password_set": "设置密码",
    "password_changed": "修改密码",
    "account_created": "新建账号",
    "account_changed": "修改账号",
    "account_disabled": "停用账号",
    "account_enabled": "启用账号",
    "code_renewed": "重发一次性代码",
    "refused": "拒绝访问",
    "upload": "上传",
    "undo": "撤销上传",
    "redo": "重新启用上传",
    "restore": "从备份恢复",
    "sample_loaded": "载入示例数据",
    "sample_emptied": "清空示例数据",
    "scheme_adopted": "更换考核方案",
    "report_made": "生成报表",
    "export": "导出",
    "original_downloaded": "下载原文件",
    "backup_downloaded": "下载备份",
    "drill": "恢复演练",
    "page_failed": "页面出错",
}
Value = str | int | float | bool | None | list[str]
SYSTEM = Visitor(name="系统")
LONGEST = 300  # signs of a text that are kept, and parts of a list
NEVER = frozenset({"password", "token", "code", "secret", "cookie", "ticket"})
# Signs that show as a line break or as nothing, or turn the text around them.
_HIDDEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff]"
)
_LINE = re.compile(rb'(.*),"seal":"([0-9a-f]{64})"}\n')
_log = logging.getLogger(__name__)


class Entry(NamedTuple):
    number: int
    at: datetime
    deed: str
    account: str | None
    name: str
    role: str | None
    address: str
    what: dict[str, Value]
    seal: str


_KINDS = {
    "number": "int64",
    "at": "datetime64[us]",
    **dict.fromkeys(("deed", "account", "name", "role", "address", "seal"), "str"),
}


@dataclass(frozen=True)
class Fault:
    """The first entry that is not as it was written; ``missing``: the record ends before it."""

    number: int
    missing: bool


class Keeper(Protocol):
    """Keeps number and seal of the newest entry outside the file; may raise DatabaseUnavailable."""

    def head(self) -> tuple[int, str] | None: ...

    def keep_head(self, number: int, seal: str) -> None: ...


class Record:
    """The record at ``path``, sealed with ``key``; read once, then followed.

    Fit for several threads, and for several processes at the same file. What the ``keeper`` knows
    is never ahead of a sound record: it is told of an entry that is on the disk.
    """

    def __init__(self, path: Path, key: bytes, keeper: Keeper | None = None) -> None:
        self.path = path
        self._key = key
        self._keeper = keeper
        self._lock = threading.RLock()
        self._number, self._seal = 0, ""  # of the newest entry this process knows
        self._forget()

    def _forget(self) -> None:
        self._entries: list[Entry] = []
        self._seals: dict[int, str] = {}
        self._fault: int | None = None  # by the seals alone
        self._unread = False  # whether a line says nothing
        self._length = 0  # of the whole lines; what a crash left behind them is overwritten
        self._read = sha256()
        self._looked: tuple[int, ...] = ()
        self._frame: pd.DataFrame | None = None

    def note(self, deed: Deed, who: Visitor, /, **what: Value) -> None:
        """Append a deed and force it to the disk; raises DatabaseUnavailable if that fails.

        Long texts are cut. ValueError where a key says that its value opens something.
        """
        if deed not in DEEDS:
            raise ValueError(f"no deed: {deed}")
        for key in what:
            if NEVER.intersection(key.split("_")):
                raise ValueError(f"not for the record: {key}")
        told = {
            "deed": deed,
            "account": _cut(who.account),
            "name": _cut(who.name),
            "role": who.role,
            "address": _cut(who.address),
            "what": {key: _cut(value) for key, value in what.items()},
        }
        with self._lock:
            try:
                contradicted = self._append(told)
            except OSError as error:
                raise _unwritable(self.path, error) from error
            head = self._number, self._seal
        if self._keeper is not None and not contradicted:
            try:
                self._keeper.keep_head(*head)
            except DatabaseUnavailable as fault:  # noted it is; the next entry's will do
                _log.warning("entry %s of the record is not kept elsewhere: %s", head[0], fault)

    def _append(self, told: dict[str, Any]) -> bool:
        """Returns whether the record contradicts what is kept: that must stay to tell of it."""
        fresh = not self.path.exists()
        with self.path.open("a+b", buffering=0) as file, _locked(file):
            self._follow(file)
            number, seal = self._kept() or (0, "")
            if number > self._number:  # cut; as in _reread
                self._fault = self._fault or self._number + 1
                self._number, self._seal = number, seal
            at = datetime.now().isoformat(timespec="seconds")  # noqa: DTZ005 - the office's own clock
            body = _text({"n": self._number + 1, "at": at, **told})[:-1]
            line = body + b',"seal":"' + self._sealed(body).encode() + b'"}\n'
            try:
                file.truncate(self._length)
                rest = line
                while rest:
                    rest = rest[file.write(rest) :]
                os.fsync(file.fileno())
            except OSError:
                with suppress(OSError):
                    file.truncate(self._length)
                raise
            self._take(line)
        if fresh:
            to_disk(self.path.parent)
        return number > 0 and self._seals.get(number, seal) != seal

    def _kept(self) -> tuple[int, str] | None:
        try:
            return None if self._keeper is None else self._keeper.head()
        except DatabaseUnavailable as fault:
            _log.warning("what is kept of the record cannot be read: %s", fault)
            return None

    def entries(self) -> pd.DataFrame:
        """Everything on record, newest first; columns as in Entry."""
        with self._lock:
            self._look()
            if self._frame is None:
                frame = pd.DataFrame(self._entries[::-1], columns=list(Entry._fields))
                self._frame = frame.astype(_KINDS)  # also where a column says nothing
            return self._frame.copy(deep=False)

    def fault(self, anchors: Iterable[tuple[int, str]] = ()) -> Fault | None:
        """Where it is not as it was written; ``anchors`` are numbers and seals noted elsewhere,
        beside those that the keeper has.
        """
        anchors = list(anchors)  # all of them before looking: later ones are of later entries
        if self._keeper is not None and (kept := self._keeper.head()):
            anchors.append(kept)
        with self._lock:
            self._look()
            last = self._entries[-1].number if self._entries else 0
            faults = [
                min(number, last + 1) for number, seal in anchors if self._seals.get(number) != seal
            ]
            if self._fault is not None:
                faults.append(self._fault)
            if not faults:
                return None
            return Fault(min(faults), min(faults) > last and not self._unread)

    @property
    def head(self) -> tuple[int, str]:
        """Number and seal of the newest entry; (0, "") for an empty record."""
        with self._lock:
            self._look()
            return self._number, self._seal

    def _sealed(self, body: bytes) -> str:
        return hmac.digest(self._key, self._seal.encode() + body, "sha256").hex()

    def _follow(self, file: IO[bytes]) -> None:
        """Take in what other processes appended."""
        size = os.fstat(file.fileno()).st_size
        if size < self._length:
            file.seek(0)
            self._reread(file.read())
        elif size > self._length:
            file.seek(self._length)
            self._take_all(file.read())

    def _look(self) -> None:
        """Take in what was appended, and see whether what was read before still stands there."""
        try:
            with self.path.open("rb") as file, _locked(file):  # so that nothing is half written
                state = os.fstat(file.fileno())
                looked: tuple[int, ...] = (
                    *(state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns),
                )
                if looked == self._looked:
                    return
                content = file.read()
        except FileNotFoundError:
            looked, content = (0,), b""
        except OSError as error:
            raise _unwritable(self.path, error) from error
        if sha256(content[: self._length]).digest() == self._read.digest():
            self._take_all(content[self._length :])
        else:
            self._reread(content)
        self._looked = looked

    def _reread(self, content: bytes) -> None:
        """Read all again, because what was read before is gone or changed.

        What lacks at the end goes on lacking: the next entry follows the last one known, so that
        the gap shows after a restart too.
        """
        number, seal = self._number, self._seal
        self._forget()
        self._number, self._seal = 0, ""
        self._take_all(content)
        if number and self._seals.get(number) != seal:
            self._fault = min(self._fault or number, number, self._number + 1)
            if self._number < number:
                self._number, self._seal = number, seal

    def _take_all(self, content: bytes) -> None:
        *whole, _torn = content.split(b"\n")
        for line in whole:
            self._take(line + b"\n")

    def _take(self, line: bytes) -> None:
        match = _LINE.fullmatch(line)
        entry = _entry(match[1], match[2].decode()) if match else None
        holds = (
            match is not None
            and entry is not None
            and entry.number == self._number + 1
            and hmac.compare_digest(entry.seal, self._sealed(match[1]))
        )
        if not holds and self._fault is None:
            self._fault = self._number + 1
        if match is not None and entry is not None:
            self._entries.append(entry)
            self._number, self._seal = entry.number, entry.seal
            self._seals[entry.number] = entry.seal
        else:
            self._unread = True
        self._length += len(line)
        self._read.update(line)
        self._frame = None


_records: dict[Path, Record] = {}
_opening = threading.Lock()


def record(database: Path | None = None) -> Record:
    """This process's record of the database, or of this office's; raises DatabaseUnavailable."""
    from data.access import accounts
    from data.store import database_path

    database = (database or database_path()).resolve()
    with _opening:
        if database not in _records:
            keeper = accounts.accounts(database)
            _records[database] = Record(beside(database), keeper.secret("record"), keeper)
        return _records[database]


def fault() -> Fault | None:
    """Where this office's record is not as it was written, as it, accounts or journal tell."""
    from data.store import store

    return record().fault(store().journal.anchors)


def beside(database: Path) -> Path:
    """Where the record of a database lies."""
    return database.with_suffix(".record")


def head(database: Path) -> tuple[int, str] | None:
    """Number and seal of the newest entry of a database's record, without its key; None where
    none is to be read.
    """
    with (
        suppress(OSError, ValueError, KeyError, TypeError),
        beside(database).open("r+b") as file,
        _locked(file),  # so that it is on the disk
    ):
        size = file.seek(0, os.SEEK_END)
        for length in (2**13, 2**20, size):
            file.seek(max(0, size - length))
            begun, *lines = file.read().split(b"\n")[:-1]
            if lines or length >= size:
                entry = json.loads(lines[-1] if lines else begun)
                return int(entry["n"]), str(entry["seal"])
    return None


def visible(text: str) -> str:
    """The text with signs that would hide or forge some of it written out, as in ``\\u2028``."""
    return _HIDDEN.sub(lambda sign: f"\\u{ord(sign[0]):04x}", text)


@contextmanager
def _locked(file: IO[bytes]) -> Iterator[None]:
    """Keep other processes, and other threads that opened it for themselves, from the file."""
    if sys.platform == "win32":
        # Locked bytes cannot be read there, so these lie behind the last that ever will be.
        while True:
            file.seek(2**40)
            with suppress(OSError):  # it tries for 10 seconds
                msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
                break
        try:
            yield
        finally:
            file.seek(2**40)
            msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
    else:
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)


def _entry(body: bytes, seal: str) -> Entry | None:
    """What a line says; None where it cannot be read."""
    try:
        said = json.loads(body + b"}")
        entry = Entry(said.pop("n"), datetime.fromisoformat(said.pop("at")), **said, seal=seal)
        texts = [entry.deed, entry.name, entry.address, entry.account or "", entry.role or ""]
        "".join(texts).encode()
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    sound = (
        type(entry.number) is int
        and 0 < entry.number < 2**53
        and entry.at.tzinfo is None
        and type(entry.what) is dict
    )
    return entry if sound else None


def _text(told: dict[str, Any]) -> bytes:
    said = json.dumps(told, ensure_ascii=False, separators=(",", ":"), default=str)
    return visible(said).encode()


def _cut(value: Any) -> Any:
    if isinstance(value, str):
        sound = value[:LONGEST].encode(errors="replace").decode()  # half a sign is none
        return sound if len(value) <= LONGEST else f"{sound}…"
    return [_cut(part) for part in value[:LONGEST]] if isinstance(value, list) else value


def _unwritable(path: Path, error: OSError) -> DatabaseUnavailable:
    return DatabaseUnavailable("unrecorded", path=str(path), reason=error.strerror or str(error))
