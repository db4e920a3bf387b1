"""The chosen way in: ``delegates.door.toml`` beside ``delegates.duckdb``.

Without the file, the program serves this computer only. With it, every line must be understood:
settings that cannot be read never mean that everything is allowed.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Literal, cast, get_args
from urllib.parse import urlsplit

Way = Literal["computer", "accounts", "sso"]

WAYS = "computer（仅本机）、accounts（账号登录）、sso（统一身份认证）"
SETTINGS: Mapping[str, str] = {
    "unreadable": "读不了设置文件 {path}：{reason}。请检查文件的权限。",
    "not_text": "设置文件 {path} 不是 UTF-8 文字。请另存为 UTF-8 编码。",
    "not_toml": '设置文件 {path} 写法有误（{where}）。请改正，每行写成 名称 = "值"。',
    "unknown_key": "设置文件 {path} 里有不认识的设置 {key}。可用的有：{known}。请改正或删去。",
    "not_a_string": '设置文件 {path} 里的 {key} 应是加引号的文字。请写成 {key} = "值"。',
    "no_way": "设置文件 {path} 没有写明登录方式 way。可填：{ways}。"
    "如只在本机使用，也可删去这个文件。",
    "bad_way": "设置文件 {path} 里的登录方式 {value} 不认识。可填：{ways}。",
    "lacking": "设置文件 {path} 选定了统一身份认证，却没有填写 {key}。请补填。",
    "bad_address": "设置文件 {path} 里的 {key} 应是网站地址，不带路径，"
    "如 https://renda.example，现为 {value}。请改正。",
    "bad_issuer": "设置文件 {path} 里的 issuer 应是身份服务的 https 地址，现为 {value}。请改正。",
}


class BadSettings(ValueError):
    """The settings are not understood; ``code`` and ``details`` give the sentence of SETTINGS."""

    def __init__(self, code: str, **details: str) -> None:
        super().__init__(SETTINGS[code].format(**details))
        self.code = code
        self.details = details


@dataclass(frozen=True)
class Door:
    """How people come in.

    ``address`` is where they find the program from other computers, such as
    ``https://renda.example``. The rest is for single sign-on: who vouches for people, as whom the
    program asks, and which claim names the account.
    """

    way: Way = "computer"
    address: str | None = None
    issuer: str | None = None
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    claim: str = "preferred_username"


def beside(database: Path) -> Path:
    """Where the settings of a database's door lie."""
    return database.with_suffix(".door.toml")


@cache
def door(database: Path) -> Door:
    """The door as this process found it at first; raises BadSettings.

    It stays until the next start: a file that is gone for a moment, as while it is being edited,
    must not open a running server to everybody.
    """
    return read(database)


def read(database: Path) -> Door:
    """The settings as the file has them now; raises BadSettings."""
    path = beside(database)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return Door()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise BadSettings("unreadable", path=str(path), reason=reason) from error
    except UnicodeDecodeError as error:
        raise BadSettings("not_text", path=str(path)) from error
    try:
        return _understood(tomllib.loads(text), str(path))
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"line (\d+), column (\d+)", str(error))
        where = f"第 {place[1]} 行第 {place[2]} 列" if place else "文件末尾"
        raise BadSettings("not_toml", path=str(path), where=where) from error


def _understood(said: Mapping[str, object], path: str) -> Door:
    known = [each.name for each in fields(Door)]
    values: dict[str, str] = {}
    for key, value in said.items():
        if key not in known:
            raise BadSettings("unknown_key", path=path, key=key, known="、".join(known))
        if not isinstance(value, str) or not value.strip():
            raise BadSettings("not_a_string", path=path, key=key)
        values[key] = value.strip()
    if "way" not in values:
        raise BadSettings("no_way", path=path, ways=WAYS)
    if values["way"] not in get_args(Way):
        raise BadSettings("bad_way", path=path, value=values["way"], ways=WAYS)
    way = cast(Way, values.pop("way"))
    for key in ("address", "issuer", "client_id", "client_secret") if way == "sso" else ():
        if key not in values:
            raise BadSettings("lacking", path=path, key=key)
    if "address" in values:
        values["address"] = _address(values["address"], path)
    if "issuer" in values and not _is_issuer(values["issuer"]):
        raise BadSettings("bad_issuer", path=path, value=values["issuer"])
    return Door(way, **values)


def _address(value: str, path: str) -> str:
    """As browsers write an origin, so that it can be compared with one."""
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    host = (parts.hostname or "").lower()
    bare = not (parts.query or parts.fragment or parts.username) and parts.path in ("", "/")
    named = re.fullmatch(r"[a-z0-9.-]+", host) or is_ip(host)
    if parts.scheme not in ("http", "https") or not (bare and named):
        raise BadSettings("bad_address", path=path, key="address", value=value)
    host = f"[{host}]" if ":" in host else host
    usual = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{port}" if port not in (None, usual) else "")


def _is_issuer(value: str) -> bool:
    """Whoever listens on the way could vouch for anybody; only on this computer nobody does."""
    try:
        parts = urlsplit(value)
        host = parts.hostname or ""
    except ValueError:
        return False
    here = host == "localhost" or (is_ip(host) and ip_address(host).is_loopback)
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and here))


def is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
