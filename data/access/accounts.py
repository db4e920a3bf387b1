"""The accounts of an office: who may come in, and who is in."""

import json
import logging
import re
import secrets
import sqlite3
import threading
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, cast

from itsdangerous import BadData, URLSafeTimedSerializer

from data.access import ROLES, Role, Visitor, file, passwords, tries
from data.access.file import File, digest
from data.problems import DatabaseUnavailable
from data.store import database_path

IDLE, LASTING = 60 * 60, 12 * 60 * 60  # seconds: without activity, and at the most
CODE_LASTS = 72 * 60 * 60
DEVICE_LASTS = 180 * 24 * 60 * 60
SEEN_EVERY = 30  # seconds; noting each request would be a write each

# fmt: off
Fault = Literal[
    "name_taken", "bad_name", "no_person", "bad_person", "no_township", "bad_township",
    "bad_role", "last_administrator", "unknown", "bad_code",
]
# fmt: on
FAULTS: Mapping[Fault, str] = {
    "name_taken": "这个账号已经有了。请换一个。",
    "bad_name": "账号应为 2 到 32 个字，只能用汉字、英文字母、数字和 . _ - @ 。请改正。",
    "no_person": "没有填写姓名。请补填。",
    "bad_person": "姓名应在 30 个字以内，不能有换行等看不见的字符。请改正。",
    "no_township": "镇街经办人至少要有一个镇街。请选定。",
    "bad_township": "镇街名称里有看不见的字符，或者太长。请改正。",
    "bad_role": "没有这种角色。请另选。",
    "last_administrator": "这是最后一个能登录的系统管理员，不能停用或改为其他角色。请先设置另一个。",
    "unknown": "没有这个账号。请核对。",
    "bad_code": "一次性代码或账号不对，或者代码已用过、已过期。请核对，或请系统管理员重新生成。",
}

_NAME = re.compile(r"[A-Za-z0-9._@\-\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af]{2,32}")
_CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that look alike
_SESSION = "select * from sessions join accounts using (key) where "
_log = logging.getLogger(__name__)


class BadAccount(ValueError):
    """The account cannot be so; ``code`` gives the sentence of FAULTS."""

    def __init__(self, code: Fault) -> None:
        super().__init__(FAULTS[code])
        self.code = code


class SignInRefused(Exception):
    """Not let in. ``wait_seconds`` 0: name or password are wrong; else nothing was looked at."""

    def __init__(self, wait_seconds: int = 0) -> None:
        super().__init__(f"refused, wait {wait_seconds} s")
        self.wait_seconds = wait_seconds


@dataclass(frozen=True)
class Account:
    """An account; ``account`` is the name to sign in with, ``name`` the person's."""

    account: str
    name: str
    role: Role
    townships: tuple[str, ...]
    disabled: bool
    has_password: bool
    last_sign_in: datetime | None
    created_at: datetime


@dataclass(frozen=True)
class Session:
    """A session just begun; ``token`` goes into the cookie and nowhere else."""

    token: str = field(repr=False)
    ticket: str
    account: str
    visitor: Visitor


class Accounts:
    """The accounts in the file at ``path`` (data.access.file); raises DatabaseUnavailable.

    ``on_end`` are called with the ticket of each session that this process ends or finds run out.
    """

    def __init__(self, path: Path) -> None:
        self.on_end: list[Callable[[str], None]] = []
        self._file = File(path)

    def close(self) -> None:
        self._file.close()

    # --- accounts -----------------------------------------------------------------------------

    def everyone(self) -> list[Account]:
        return [_account(row) for row in self._file.rows("select * from accounts order by key")]

    def get(self, account: str) -> Account | None:
        row = self._row(account)
        return None if row is None else _account(row)

    def create(self, account: str, name: str, role: Role, townships: Iterable[str] = ()) -> str:
        """A new account; returns the code with which its owner sets the password."""
        with self._file.change() as db:
            self._insert(db, account, name, role, townships)
            return self._code(db, _key(account))

    def change(
        self,
        account: str,
        *,
        name: str | None = None,
        role: Role | None = None,
        townships: Iterable[str] | None = None,
        disabled: bool | None = None,
    ) -> Account:
        """Change what is given. Other rights, or none, end the account's sessions at once."""
        key = _key(account)
        with self._file.change() as db:
            before, governed = _account(self._known(db, key)), self.has_administrator()
            new_role = _role(before.role if role is None else role)
            speaks_for = _townships(new_role, before.townships if townships is None else townships)
            shut = before.disabled if disabled is None else disabled
            db.execute(
                "update accounts set name = ?, role = ?, townships = ?, disabled = ? where key = ?",
                (
                    before.name if name is None else _person(name),
                    *(new_role, json.dumps(speaks_for, ensure_ascii=False), shut, key),
                ),
            )
            if governed and not self.has_administrator():
                raise BadAccount("last_administrator")
            if shut:
                db.execute("delete from codes where key = ?", (key,))
            after = _account(self._known(db, key))
            same = (before.role, before.townships) == (after.role, after.townships)
            ended = [] if same and not shut else self._end(db, "key = ?", key)
        self._tell(ended)
        return after

    def renew(self, account: str) -> str:
        """A new code for an account; its password, sessions and known devices end."""
        key = _key(account)
        with self._file.change() as db:
            self._known(db, key)
            db.execute(
                "update accounts set password = null, subject = null, era = era + 1 where key = ?",
                (key,),
            )
            ended = self._end(db, "key = ?", key)
            code = self._code(db, key)
        self._tell(ended)
        return code

    def has_administrator(self) -> bool:
        """Whether there is one who can sign in."""
        found = self._file.row(
            "select 1 from accounts where role = 'administrator' and not disabled"
            " and (password is not null or subject is not null)"
        )
        return found is not None

    def setup_code(self) -> str | None:
        """A code for the first administrator, while there is none who can sign in."""
        with self._file.change() as db:
            return None if self.has_administrator() else self._code(db, None)

    def redeem(
        self, code: str, account: str, name: str, password: str | None, address: str = ""
    ) -> Account:
        """Set the password of the code's account, or create the first administrator.

        ``name`` and a ``password`` of None (whom single sign-on vouches for) are for the first
        administrator. Raises BadAccount, SignInRefused where wrong codes come one after another,
        WeakPassword; a code stays good until it has served.
        """
        key, kept = _key(account), _kept_of(code)
        on = [("code", tries.network(address))]
        self._count(on)
        owner = self._owner(kept, key)
        with self._file.change(durable=False) as db:
            tries.forgive(db, on)
        if owner is not None and password is None:
            raise BadAccount("bad_code")
        hashed = None
        if password is not None:
            about = (owner["name"], *_townships_of(owner)) if owner else (name,)
            if weakness := passwords.weakness(password, account, *about):
                raise passwords.WeakPassword(weakness)
            hashed = passwords.hashed(password)
        with self._file.change() as db:
            if self._owner(kept, key) is None:
                self._insert(db, account, name, "administrator", ())
                db.execute("delete from codes where key is null")
            db.execute("delete from codes where key = ?", (key,))
            db.execute("update accounts set password = ? where key = ?", (hashed, key))
            tries.forgive(db, [("account", key)])
            ended = self._end(db, "key = ?", key)
            after = self._welcome(db, key)
        self._tell(ended)
        return after

    def change_password(self, account: str, old: str, new: str, address: str = "") -> Account:
        """Ends all the account's sessions.

        Raises SignInRefused where the old password is wrong or was tried too often (whoever sits
        at the desk need not be the account's owner), WeakPassword for the new one.
        """
        key = _key(account)
        on = [("changing", key), ("address", tries.network(address))]
        self._count(on)
        row = self._verified(key, old)
        about = (row["account"], row["name"], *_townships_of(row))
        if weakness := passwords.weakness(new, *about):
            raise passwords.WeakPassword(weakness)
        hashed = passwords.hashed(new)
        with self._file.change() as db:
            self._demand_same(db, row)
            db.execute("update accounts set password = ? where key = ?", (hashed, key))
            tries.forgive(db, on)
            ended = self._end(db, "key = ?", key)
            after = _account(self._known(db, key))
        self._tell(ended)
        return after

    # --- signing in ---------------------------------------------------------------------------

    def sign_in(
        self, account: str, password: str, address: str, device: str | None = None
    ) -> Account:
        """Raises SignInRefused, and says no more than that of which accounts there are.

        A try is counted before it is looked at, so that none slips through beside another.
        Strangers are counted on the name they try and on their address, a browser that the
        account has been used from on itself alone: others cannot lock its owner out.
        """
        key = _key(account)
        known = self._device(device, key)
        on = [("account", key), ("address", tries.network(address))]
        if known:
            on = [("device", known)]
        self._count(on)
        row = self._verified(key, password)
        with self._file.change(durable=False) as db:
            self._demand_same(db, row)
            tries.forgive(db, on)
            return self._welcome(db, key)

    def sign_in_by(self, subject: str, account_name: str) -> Account:
        """Whom single sign-on vouches for; SignInRefused without an account for them.

        The account belongs to the first ``subject`` (issuer and number of the person) that comes
        with its name: names are given to others at times.
        """
        key = _key(account_name)
        with self._file.change() as db:
            row = self._row(account_name)
            if row is None or row["disabled"] or row["subject"] not in (None, subject):
                raise SignInRefused
            try:
                db.execute("update accounts set subject = ? where key = ?", (subject, key))
            except sqlite3.IntegrityError as error:  # another account is theirs
                raise SignInRefused from error
            return self._welcome(db, key)

    def device(self, account: str) -> str:
        """What a browser keeps to be known as one that this account was used from."""
        row = self._row(account)
        if row is None:
            raise BadAccount("unknown")
        return self._signer().dumps([row["key"], row["era"], secrets.token_urlsafe(16)])

    # --- sessions -----------------------------------------------------------------------------

    def begin(self, account: str, address: str) -> Session:
        """A new session, always with a new token; SignInRefused if the account may not."""
        now, key = file.now(), _key(account)
        token, ticket = secrets.token_urlsafe(32), secrets.token_urlsafe(16)
        with self._file.change(durable=False) as db:
            row = self._row(account)
            if row is None or row["disabled"]:
                raise SignInRefused
            ended = self._end(
                db,
                "abs(? - seen_at) > ? or abs(? - begun_at) > ?",
                *(now, IDLE, now, LASTING),
            )
            db.execute(
                "insert into sessions values (?, ?, ?, ?, ?, ?)",
                (digest(token), ticket, key, address, now, now),
            )
            [session] = self._file.rows(f"{_SESSION} ticket = ?", ticket)
        self._tell(ended)
        return Session(token, ticket, row["account"], _visitor(session))

    def session(self, token: str, *, touch: bool = True) -> Visitor | None:
        """Whose session it is, if it lasts; ``touch``: the visitor is doing something."""
        return self._living("token = ?", digest(token), touch)

    def by_ticket(self, ticket: str, *, touch: bool = False) -> Visitor | None:
        return self._living("ticket = ?", ticket, touch)

    def stands(self, visitor: Visitor) -> bool:
        """Whether the visitor's session lasts, with the same rights."""
        now = self.by_ticket(visitor.ticket)
        return now is not None and (now.account, now.role, now.townships) == (
            visitor.account,
            visitor.role,
            visitor.townships,
        )

    def end(self, token: str) -> None:
        self._end_now("token = ?", digest(token))

    def end_all(self, account: str) -> None:
        self._end_now("key = ?", _key(account))

    def secret(self, name: str) -> bytes:
        """32 random bytes that stay the same for this name."""
        query = "select value from secrets where name = ?"
        row = self._file.row(query, name)
        if row is None:
            with self._file.change() as db:
                fresh = (name, secrets.token_bytes(32))
                db.execute("insert into secrets values (?, ?) on conflict do nothing", fresh)
            [row] = self._file.rows(query, name)
        return cast(bytes, row["value"])

    # --- the record of deeds ------------------------------------------------------------------

    def head(self) -> tuple[int, str] | None:
        """Number and seal of the newest deed on record that is known here."""
        row = self._file.row("select number, seal from head")
        return None if row is None else (row["number"], row["seal"])

    def keep_head(self, number: int, seal: str) -> None:
        """Keep them, unless those of a later deed are kept; soon, or DatabaseUnavailable."""
        with self._file.change(durable=False, wait=1) as db:
            db.execute(
                "insert into head values (1, ?, ?) on conflict do update"
                " set number = excluded.number, seal = excluded.seal where excluded.number > number",
                (number, seal),
            )

    # --- within -------------------------------------------------------------------------------

    def _row(self, account: str) -> sqlite3.Row | None:
        return self._file.row("select * from accounts where key = ?", _key(account))

    def _known(self, db: sqlite3.Connection, key: str) -> sqlite3.Row:
        row = db.execute("select * from accounts where key = ?", (key,)).fetchone()
        if row is None:
            raise BadAccount("unknown")
        return cast(sqlite3.Row, row)

    def _insert(
        self,
        db: sqlite3.Connection,
        account: str,
        name: str,
        role: Role,
        townships: Iterable[str],
    ) -> None:
        shown = _account_name(account)
        values = (_person(name), _role(role), _townships(role, townships))
        try:
            db.execute(
                "insert into accounts (key, account, name, role, townships, created_at)"
                " values (?, ?, ?, ?, ?, ?)",
                (
                    *(_key(shown), shown, *values[:2]),
                    *(json.dumps(values[2], ensure_ascii=False), file.now()),
                ),
            )
        except sqlite3.IntegrityError as error:
            raise BadAccount("name_taken") from error

    def _code(self, db: sqlite3.Connection, key: str | None) -> str:
        """A new code; those before it die."""
        letters = "".join(secrets.choice(_CODE_LETTERS) for _ in range(16))
        code = "-".join(letters[i : i + 4] for i in range(0, 16, 4))
        db.execute("delete from codes where key is ? or until < ?", (key, file.now()))
        db.execute(
            "insert into codes values (?, ?, ?)",
            (_kept_of(code), key, file.now() + CODE_LASTS),
        )
        return code

    def _owner(self, code: bytes, key: str) -> sqlite3.Row | None:
        """The account of a code, None for the first administrator's; raises BadAccount."""
        found = self._file.row("select * from codes where code = ?", code)
        if found is None or not 0 < found["until"] - file.now() <= CODE_LASTS:
            raise BadAccount("bad_code")
        if found["key"] is None and not self.has_administrator():
            return None
        owner = self._row(key)
        if owner is None or found["key"] != key or owner["disabled"]:
            raise BadAccount("bad_code")
        return owner

    def _count(self, on: list[tries.Counted]) -> None:
        """Count a try; SignInRefused while it must wait."""
        if wait := tries.count(self._file, on):
            raise SignInRefused(wait)

    def _verified(self, key: str, password: str) -> sqlite3.Row:
        """The account, if that is its password; takes its time if not."""
        row = self._row(key)
        matches = passwords.matches(None if row is None else row["password"], password)
        if row is None or not matches:
            raise SignInRefused
        return row

    def _demand_same(self, db: sqlite3.Connection, row: sqlite3.Row) -> None:
        """It is not disabled, and has the password that was compared still."""
        now = self._known(db, row["key"])
        if now["password"] != row["password"] or now["disabled"]:
            raise SignInRefused

    def _welcome(self, db: sqlite3.Connection, key: str) -> Account:
        db.execute("update accounts set last_sign_in = ? where key = ?", (file.now(), key))
        return _account(self._known(db, key))

    def _signer(self) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self.secret("device"), salt="device")

    def _device(self, device: str | None, key: str) -> str | None:
        """The number of a browser that the account was used from, else None."""
        try:
            owner, era, number = self._signer().loads(device or "", max_age=DEVICE_LASTS)
        except BadData:
            return None
        row = self._row(key)
        ours = row is not None and (owner, era) == (row["key"], row["era"])
        return cast(str, number) if ours else None

    def _living(self, which: str, value: object, touch: bool) -> Visitor | None:
        row, now = self._file.row(f"{_SESSION} {which}", value), file.now()
        if row is None:
            return None
        # The clock may have been put back; then nobody stays in for longer than they would.
        idle, age = abs(now - row["seen_at"]), abs(now - row["begun_at"])
        if idle > IDLE or age > LASTING or row["disabled"]:
            self._over(row["ticket"])
            return None
        if touch and idle >= SEEN_EVERY:
            self._touch(row["ticket"], now)
        return _visitor(row)

    def _touch(self, ticket: str, now: float) -> None:
        """Note that a session is used; where others are writing, the next request does."""
        try:
            with self._file.change(durable=False, wait=0) as db:
                db.execute("update sessions set seen_at = ? where ticket = ?", (now, ticket))
        except DatabaseUnavailable as error:  # a full disk: who is in may read on for the hour
            _warn("cannot note that a session is used: %s", error)

    def _over(self, ticket: str) -> None:
        """A session has run out; what cannot be deleted now is refused, and deleted, next time."""
        try:
            with self._file.change(durable=False, wait=0) as db:
                ended = self._end(db, "ticket = ?", ticket)
        except DatabaseUnavailable as error:
            _warn("cannot note that a session is over: %s", error)
            ended = [ticket]
        self._tell(ended)

    def _end_now(self, which: str, value: object) -> None:
        with self._file.change() as db:
            ended = self._end(db, which, value)
        self._tell(ended)

    def _end(self, db: sqlite3.Connection, which: str, *values: object) -> list[str]:
        """End sessions; returns their tickets, to be told once that is written."""
        ended = db.execute(f"delete from sessions where {which} returning ticket", values)
        return [row["ticket"] for row in ended.fetchall()]

    def _tell(self, tickets: Iterable[str]) -> None:
        for ticket in tickets:
            for tell in list(self.on_end):
                try:
                    tell(ticket)
                except Exception:  # the others must hear of it
                    _log.exception("telling of the end of a session failed")


def _warn(what: str, error: DatabaseUnavailable) -> None:
    if error.code != "busy":  # others are writing: every day, and soon done
        _log.warning(what, error)


_opened: dict[Path, Accounts] = {}
_opening = threading.Lock()


def accounts(database: Path | None = None) -> Accounts:
    """This process's accounts of the database, or of this office's; raises DatabaseUnavailable."""
    path = beside(database.resolve() if database else database_path())
    with _opening:
        if path not in _opened:
            _opened[path] = Accounts(path)
        return _opened[path]


def beside(database: Path) -> Path:
    """Where the accounts of a database lie."""
    return database.with_suffix(".accounts")


def _key(account: str) -> str:
    """The name as it is compared: however it was typed, the same person."""
    text = account[:64].encode("utf-8", "replace").decode()
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _account_name(account: str) -> str:
    shown = unicodedata.normalize("NFKC", account[:64])
    if not _NAME.fullmatch(shown):
        raise BadAccount("bad_name")
    return shown


def _person(name: str) -> str:
    name = name.strip()
    if not name:
        raise BadAccount("no_person")
    if len(name) > 30 or _has_unseen(name):
        raise BadAccount("bad_person")
    return name


def _role(role: str) -> Role:
    if role not in ROLES:
        raise BadAccount("bad_role")
    return role


def _townships(role: Role, townships: Iterable[str]) -> list[str]:
    """Those that a township clerk speaks for; other roles speak for all."""
    if role != "township_clerk":
        return []
    names = sorted({name.strip() for name in townships} - {""})
    if not names:
        raise BadAccount("no_township")
    if any(len(name) > 100 or _has_unseen(name) for name in names):
        raise BadAccount("bad_township")
    return names


def _has_unseen(text: str) -> bool:
    """Whether it has control characters, line breaks, or marks that turn or hide text."""
    return any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in text)


def _account(row: sqlite3.Row) -> Account:
    return Account(
        account=row["account"],
        name=row["name"],
        role=row["role"],
        townships=_townships_of(row),
        disabled=bool(row["disabled"]),
        has_password=row["password"] is not None,
        last_sign_in=row["last_sign_in"] and _moment(row["last_sign_in"]),
        created_at=_moment(row["created_at"]),
    )


def _townships_of(row: sqlite3.Row) -> tuple[str, ...]:
    return tuple(json.loads(row["townships"]))


def _visitor(row: sqlite3.Row) -> Visitor:
    """Whose session it is, with the rights of the account as they are now."""
    role = row["role"]
    townships = frozenset(_townships_of(row)) if role == "township_clerk" else None
    return Visitor(row["name"], row["account"], role, townships, row["address"], row["ticket"])


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).astimezone()


def _kept_of(code: str) -> bytes:
    """However it was typed, with or without the dashes."""
    letters = unicodedata.normalize("NFKC", code[:64]).upper()
    return digest("".join(c for c in letters if c.isalnum()))
