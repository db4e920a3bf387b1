"""Passwords: what is guessed is refused, and the time of a comparison tells nothing."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher, extract_parameters

from data.access import passwords
from data.access.passwords import hashed, matches, weakness

GOOD = "春江潮水连海平海上"


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(1, 8, 1))


def test_kept_as_argon2(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept is an argon2id hash of its own salt, with the memory that RFC 9106 asks for."""
    monkeypatch.undo()
    kept = hashed(GOOD)
    assert kept.startswith("$argon2id$")
    assert extract_parameters(kept).memory_cost == 64 * 1024
    assert kept != hashed(GOOD)
    assert matches(kept, GOOD)
    assert not matches(kept, f"{GOOD}。")


@pytest.mark.parametrize("kept", [None, "", "rubbish", "$argon2id$v=19$m=8,t=1,p=1$AAAA"])
def test_nothing_kept_matches_nothing(kept: str | None) -> None:
    """No hash, or a damaged one, lets nobody in."""
    for password in ("", GOOD, "\0" * 32):
        assert not matches(kept, password)


def test_nobodys_password_takes_as_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a hash the same work is done: the time does not tell whether there is an account."""
    done = []

    class Watched(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:
            done.append(extract_parameters(str(hash)))
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "_hasher", Watched(1, 8, 1))
    matches(hashed(GOOD), "another one")
    matches(None, "another one")
    matches(hashed(GOOD), "x" * 10_000_000)
    assert done[0] == done[1] == done[2]


def test_however_it_was_typed() -> None:
    """Full-width letters, as a Chinese keyboard gives them, are the same password."""
    assert matches(hashed("Ｔｉｄｅ ｏｆ ｓｐｒｉｎｇ"), "Tide of spring")
    assert not matches(hashed("tide of spring"), "Tide of spring")
    assert matches(hashed("half \ud800 a sign"), "half \ud800 a sign")


def test_no_more_than_two_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each comparison takes 64 MiB; however many come at once, two are under way."""
    lock, under_way, most = threading.Lock(), 0, 0

    class Slow(PasswordHasher):
        def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
            nonlocal under_way, most
            with lock:
                under_way += 1
                most = max(most, under_way)
            time.sleep(0.01)
            with lock:
                under_way -= 1
            return ""

    monkeypatch.setattr(passwords, "_hasher", Slow())
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(hashed, ["x"] * 12))
    assert most == 2


@pytest.mark.parametrize(
    "password",
    [
        *("woaini1314", "woaini5201314", "1234567890", "qwertyuiop", "1qaz2wsx3edc", "aaaaaaaaaa"),
        *("Abcd123456", "abc123456789", "Aa123456789", "Qq123456789", "a1b2c3d4e5", "5201314520"),
        *("password123", "P@ssw0rd2026", "Admin@123456", "admin12345", "19850612abc"),
        *("rendadaibiao", "Renda@2026", "lianghui2026", "人大代表2026", "人民代表大会"),
        *("我爱你中国我爱你中国", "哈哈哈哈哈哈哈哈哈哈", "ab" * 64, "ｐａｓｓｗｏｒｄ１２３"),
    ],
)
def test_common_ones_are_refused(password: str) -> None:
    """What everybody tries first, here and elsewhere, is no password."""
    assert weakness(password) == "common"


@pytest.mark.parametrize("password", ["", "renda2026", "Kf9$tqzW2", "春江潮水", "春江潮水连海"])
def test_short_ones_are_refused(password: str) -> None:
    """Under ten letters, or few Chinese characters, are soon tried through."""
    assert weakness(password) == "short"


@pytest.mark.parametrize(
    "password",
    [GOOD, "Kf9$tqzW2m", "correct horse battery", "门前老树开了三次花2", "Kf9$tqzW2m" + "qw" * 59],
)
def test_good_ones_are_not(password: str) -> None:
    """A phrase of one's own is a password, in Chinese or not; nothing else is demanded of it."""
    assert weakness(password, "wang.fang", "王芳", "城关镇") is None


def test_long_ones_are_refused() -> None:
    """128 characters are the most; what is longer is not even looked at."""
    assert weakness("Kf9$tqzW2m" * 13) == "long"
    begun = time.thread_time()
    assert weakness("a4@" * 1_000_000) == "long"
    assert time.thread_time() - begun < 0.05


def test_judging_is_quick() -> None:
    """The longest and most tangled password is judged within a second."""
    begun = time.thread_time()
    weakness("7z3@z$0+555$" * 10)
    assert time.thread_time() - begun < 1


@pytest.mark.parametrize(
    "password",
    [
        *("wang.fang-Kf9$tqzW2m", "xxWANG.FANG7$tq9", "Kf9$王芳tqzW2m", "城关镇Kf9$tqzW2m"),
        *("Kf9$fang2026", "ＷＡＮＧ．ＦＡＮＧ-Kf9$"),
    ],
)
def test_personal_ones_are_refused(password: str) -> None:
    """Nobody's own account, name or township makes a password."""
    owner = ("Wang.Fang", "王芳", "城关镇", "fang2026@renda.example")
    assert weakness(password, *owner) == "personal"


def test_a_single_letter_is_not_personal() -> None:
    """Very short names stand in many words; they forbid none."""
    assert weakness("Kf9$tqzW2m", "kf", "王", "") is None


def test_judgements_do_not_mix() -> None:
    """What is personal to one is not held against another who is judged at the same moment."""
    word = "zhaolinkun"
    assert weakness(f"{word}Kf9$", word) == "personal"

    def judge(number: int) -> str | None:
        return weakness("Kf9$tqzW2m", "Kf9$tqzW2"[: 3 + number % 2] if number % 3 == 0 else "other")

    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(judge, range(60)))
    assert all(s == ("personal" if n % 3 == 0 else None) for n, s in enumerate(said))
