"""Passwords: kept as argon2 hashes alone, and none that others would guess."""

import base64
import logging
import threading
import unicodedata
from collections.abc import Mapping
from typing import Literal

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

Weakness = Literal["short", "long", "common", "personal"]

SHORTEST, LONGEST = 10, 128
WEAKNESSES: Mapping[Weakness, str] = {
    "short": "密码太短。请至少用 10 个字符，如一句只有自己知道的话。",
    "long": "密码太长。最多 128 个字符。",
    "common": "密码太常见，容易被猜中。请换一个，如一句只有自己知道的话。",
    "personal": "密码里有账号、姓名或镇街名称，容易被猜中。请换一个。",
}
# What people here would try first, besides the lists of zxcvbn.
LOCAL = (
    *("woaini", "woaini1314", "5201314", "1314520", "admin@123", "admin123", "qwe123", "asd123"),
    *("renda", "daibiao", "rendadaibiao", "lianghui", "changwei", "zhengfu", "xiangzhen", "xian"),
    *("zhongguo", "woaizhongguo", "beijing", "kaoping", "lvzhi", "mima", "password", "guest"),
    *("zhangsan", "lisi", "wangwu", "zhaoliu", "jiayou", "shishunli", "wanshiruyi", "gongxifacai"),
    *("人民", "代表", "人大", "人大代表", "人民代表大会", "常委会", "人大常委会", "县人大", "两会"),
    *("中国", "我爱中国", "我爱你", "祖国", "为人民服务", "考评", "履职", "密码", "办公室"),
)
_HARD_TO_GUESS = 10**8  # tries; zxcvbn calls that "safely unguessable"
_JUDGED = 64  # characters at the beginning; the judgement of long ones takes seconds
_hasher = PasswordHasher()  # RFC 9106, low memory: 64 MiB, some 50 ms
_room = threading.BoundedSemaphore(2)  # as each takes that much memory
_log = logging.getLogger(__name__)
_judging = threading.Lock()  # zxcvbn keeps what is personal in a global


class WeakPassword(ValueError):
    """The password will not do; ``weakness`` gives the sentence of WEAKNESSES."""

    def __init__(self, weakness: Weakness) -> None:
        super().__init__(WEAKNESSES[weakness])
        self.weakness = weakness


def hashed(password: str) -> str:
    with _room:
        return _hasher.hash(_bytes(password))


def matches(kept: str | None, password: str) -> bool:
    """Whether the password is the one that was hashed.

    With nothing to compare it is compared all the same: the time must not tell who exists.
    """
    if len(password) > LONGEST:
        kept, password = None, ""
    with _room:
        try:
            return _hasher.verify(kept or _nobodys(), _bytes(password)) and kept is not None
        except VerifyMismatchError:
            return False
        except (VerificationError, InvalidHashError) as error:  # damaged, or no memory is left
            _log.error("a password could not be compared: %s", error)
            return False


def weakness(password: str, *personal: str) -> Weakness | None:
    """Why the password will not do, or None. ``personal`` is what anybody knows of its owner."""
    if len(password) > LONGEST:
        return "long"
    text = unicodedata.normalize("NFKC", password)
    # A Chinese character is worth two letters at the least.
    if len(text) + sum(unicodedata.east_asian_width(c) in "WF" for c in text) < SHORTEST:
        return "short"
    folded = text.casefold()
    words = {part for each in personal for part in (each, each.partition("@")[0])}
    known = {unicodedata.normalize("NFKC", word).strip().casefold() for word in words}
    if any(word in folded for word in known if len(word) > (2 if word.isascii() else 1)):
        return "personal"
    return _guessed(text, *known)


def _guessed(text: str, *known: str) -> Weakness | None:
    from zxcvbn import zxcvbn  # its lists take a while to read

    with _judging:
        judged = zxcvbn(text[:_JUDGED], user_inputs=[*LOCAL, *known])
    if judged["guesses"] > _HARD_TO_GUESS:
        return None
    # Nothing known in it, and yet soon tried: as few Chinese characters are.
    only_short = all(found["pattern"] == "bruteforce" for found in judged["sequence"])
    return "short" if only_short else "common"


def _nobodys() -> str:
    """The hash of no password that anybody knows, as costly to compare as any other."""
    salt, digest = (base64.b64encode(bytes(n)).decode().rstrip("=") for n in (16, 32))
    cost = f"m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}"
    return f"$argon2id$v=19${cost}${salt}${digest}"


def _bytes(password: str) -> bytes:
    """The same for what looks the same, however it was typed."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
