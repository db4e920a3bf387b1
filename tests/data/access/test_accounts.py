"""Accounts: nobody in who does not belong, nobody locked out by others, out at once when shut."""

import os
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.__main__ import main
from data.access import ROLES, Forbidden, Visitor, accounts, file, passwords, tries
from data.access.accounts import (
    CODE_LASTS,
    DEVICE_LASTS,
    FAULTS,
    IDLE,
    LASTING,
    Accounts,
    BadAccount,
    SignInRefused,
    beside,
)
from data.access.passwords import WeakPassword
from data.problems import DatabaseUnavailable

ROOT = Path(__file__).parents[3]
PASSWORD, OTHER = "春江潮水连海平海上", "门前老树开了三次花2"
HERE, THERE = "10.0.0.5", "10.0.0.66"


def knows(house: Accounts, device: str | None, account: str) -> bool:
    """Whether tries of that browser would be counted on it alone."""
    return house._device(device, account) is not None


@dataclass
class Clock:
    at: float = 1_790_000_000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(file, "now", clock)
    return clock


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(1, 8, 1))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return beside(tmp_path / "delegates.duckdb")


@pytest.fixture
def house(path: Path) -> Iterator[Accounts]:
    """Accounts with the administrator 赵 and the county clerk 王."""
    house = Accounts(path)
    code = house.setup_code()
    assert code is not None
    house.redeem(code, "zhao", "赵管理", PASSWORD)
    house.redeem(house.create("wang", "王芳", "county_clerk"), "wang", "", PASSWORD)
    yield house
    house.close()


def refused(attempt: Callable[[], object]) -> int:
    """The seconds that the attempt was told to wait."""
    with pytest.raises(SignInRefused) as raised:
        attempt()
    return raised.value.wait_seconds


def fault(attempt: Callable[[], object]) -> str:
    with pytest.raises(BadAccount) as raised:
        attempt()
    assert str(raised.value) == FAULTS[raised.value.code]
    return raised.value.code


def waits(house: Accounts, *came: str) -> int | None:
    """None if let in, else the seconds to wait."""
    try:
        house.sign_in(*came)
    except SignInRefused as refusal:
        return refusal.wait_seconds
    return None


def guess(house: Accounts, account: str = "wang", address: str = THERE) -> int:
    return refused(lambda: house.sign_in(account, "guess", address))


# --- accounts ---------------------------------------------------------------------------------


def test_an_account_begins_with_a_code(house: Accounts, clock: Clock) -> None:
    """A new account cannot sign in until its owner has set the password with the code."""
    code = house.create("Li.Na", " 李娜 ", "township_clerk", ["西镇", "东镇", "东镇"])
    made = house.get("li.na")
    assert made is not None
    assert (made.account, made.name, made.role) == ("Li.Na", "李娜", "township_clerk")
    assert (made.townships, made.has_password, made.disabled) == (("东镇", "西镇"), False, False)
    assert (made.last_sign_in, made.created_at.timestamp()) == (None, clock.at)
    assert refused(lambda: house.sign_in("Li.Na", "", HERE)) == 0
    assert house.redeem(code, "Li.Na", "", OTHER).has_password
    assert house.sign_in("Li.Na", OTHER, HERE).account == "Li.Na"
    assert [account.account for account in house.everyone()] == ["Li.Na", "wang", "zhao"]


@pytest.mark.parametrize("typed", ["WANG", " wang ", "ｗａｎｇ", "Ｗang\n"])
def test_names_are_compared_as_people_mean_them(house: Accounts, typed: str) -> None:
    """Case, width and surrounding blanks do not make another account."""
    assert house.sign_in(typed, PASSWORD, HERE).account == "wang"
    assert fault(lambda: house.create(typed.strip(), "王二", "leader")) == "name_taken"


@pytest.mark.parametrize(
    "name",
    [
        *("", "a", "x" * 33, "x" * 10_000, "wang fang", "wang\n", " wang", "wang\tfang", "王　芳"),
        *("a'b", 'a"b', "a;--", "a' or '1'='1", "robert'); drop table accounts;--", "<b>ab</b>"),
        *("admin\u202egnp", "ad\u200bmin", "ad\u00admin", "\ufeffadmin", "аdmin", "admın", "a\0b"),
        *("../../etc", "a/b", "a\\b", "=1+1", "a,b", "a`b", "\ud800\ud800", "%00ab"),
    ],
)
def test_hostile_names_are_refused(house: Accounts, name: str) -> None:
    """Letters, digits, Chinese and four signs make an account; nothing that hides or deceives."""
    before = house.everyone()
    assert fault(lambda: house.create(name, "某人", "leader")) == "bad_name"
    assert house.get(name) is None or name.strip() == "wang"
    assert house.everyone() == before


@pytest.mark.parametrize("name", ["王", "wang.fang@renda-01_x", "王芳", "㐀𠀀", "x" * 32])
def test_usual_names_are_taken(house: Accounts, name: str) -> None:
    """What offices use as account names works, in Chinese too; a single letter is too short."""
    if len(name) < 2:
        assert fault(lambda: house.create(name, "某人", "leader")) == "bad_name"
    else:
        house.create(name, "某人", "leader")
        assert house.get(name) is not None


@pytest.mark.parametrize(
    ("name", "code"),
    [
        *((" ", "no_person"), ("", "no_person"), ("长" * 31, "bad_person")),
        *(("王\n[INFO] 登录", "bad_person"), ("王\u2028芳", "bad_person")),
        *(("王\u202e芳", "bad_person"), ("王\u200b芳", "bad_person"), ("王\0", "bad_person")),
    ],
)
def test_names_of_people(house: Accounts, name: str, code: str) -> None:
    """A person has a name, without line breaks and what hides or turns text."""
    assert fault(lambda: house.create("li", name, "leader")) == code
    assert fault(lambda: house.change("wang", name=name)) == code
    with pytest.raises(BadAccount):
        house.redeem(str(Accounts.setup_code(house)), "li", name, OTHER)
    house.change("wang", name="阿布都·热西提 O'Neil")
    assert [a.name for a in house.everyone()] == ["阿布都·热西提 O'Neil", "赵管理"]


def test_roles_and_townships(house: Accounts) -> None:
    """A township clerk has townships, nobody else has; a role is one of the five."""
    assert fault(lambda: house.create("li", "李", "township_clerk", [" "])) == "no_township"
    assert fault(lambda: house.create("li", "李", "township_clerk", ["东\n镇"])) == "bad_township"
    assert fault(lambda: house.create("li", "李", "boss")) == "bad_role"  # type: ignore[arg-type]
    assert fault(lambda: house.change("wang", role="township_clerk")) == "no_township"
    assert house.change("wang", role="township_clerk", townships=["东镇"]).townships == ("东镇",)
    assert house.change("wang", role="leader").townships == ()
    assert fault(lambda: house.change("nobody", name="x")) == "unknown"
    assert fault(lambda: house.renew("nobody")) == "unknown"


def test_the_last_administrator_stays(house: Accounts) -> None:
    """The last one who can sign in is neither disabled nor demoted; with another one they may be."""
    assert fault(lambda: house.change("zhao", disabled=True)) == "last_administrator"
    assert fault(lambda: house.change("zhao", role="leader")) == "last_administrator"
    code = house.create("qian", "钱", "administrator")
    assert fault(lambda: house.change("zhao", disabled=True)) == "last_administrator"
    assert house.get("zhao") == replace(house.everyone()[-1], disabled=False)
    house.redeem(code, "qian", "", PASSWORD)
    house.change("zhao", disabled=True)
    assert fault(lambda: house.change("qian", role="viewer")) == "last_administrator"


def test_two_administrators_cannot_shut_each_other_out(house: Accounts) -> None:
    """Disabled at the same moment, one of the two is left."""
    house.redeem(house.create("qian", "钱", "administrator"), "qian", "", PASSWORD)

    def disable(account: str) -> None:
        with suppress(BadAccount):
            house.change(account, disabled=True)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(disable, ["zhao", "qian"]))
    assert house.has_administrator()


# --- codes ------------------------------------------------------------------------------------


def test_setting_up(path: Path) -> None:
    """The set-up code makes the first administrator, once; with one there is none any more."""
    house = Accounts(path)
    old, code = house.setup_code(), house.setup_code()
    assert old
    assert code
    assert not house.has_administrator()
    assert fault(lambda: house.redeem(old, "zhao", "赵", PASSWORD)) == "bad_code"
    assert house.redeem(code, "zhao", "赵", PASSWORD).role == "administrator"
    assert fault(lambda: house.redeem(code, "qian", "钱", PASSWORD)) == "bad_code"
    assert house.setup_code() is None
    assert house.has_administrator()
    house.renew("zhao")
    assert fault(lambda: house.redeem(code, "qian", "钱", PASSWORD)) == "bad_code"


def test_a_setup_code_dies_with_the_first_administrator(house: Accounts) -> None:
    """A code that was printed while there was none serves nobody once there is one again."""
    again = house.renew("zhao")
    code = house.setup_code()
    assert code is not None
    house.redeem(again, "zhao", "", OTHER)
    assert fault(lambda: house.redeem(code, "qian", "钱", PASSWORD)) == "bad_code"


def test_a_code_serves_once_and_only_its_owner(house: Accounts, clock: Clock) -> None:
    """Another's code, a used one, one too old, or of somebody disabled: nothing is told apart."""
    code = house.create("li", "李", "leader")
    assert fault(lambda: house.redeem(code, "wang", "", OTHER)) == "bad_code"
    assert fault(lambda: house.redeem(code, "nobody", "", OTHER)) == "bad_code"
    assert fault(lambda: house.redeem("", "li", "", OTHER)) == "bad_code"
    house.redeem(f" {code.lower().replace('-', ' ')} ", "LI", "", PASSWORD)
    assert fault(lambda: house.redeem(code, "li", "", OTHER)) == "bad_code"
    late = house.renew("li")
    clock.at += CODE_LASTS + 1
    assert fault(lambda: house.redeem(late, "li", "", OTHER)) == "bad_code"
    shut = house.renew("li")
    house.change("li", disabled=True)
    house.change("li", disabled=False)
    assert fault(lambda: house.redeem(shut, "li", "", OTHER)) == "bad_code"


def test_a_code_at_the_same_moment(house: Accounts) -> None:
    """Of several who bring the set-up code at once, one becomes administrator."""
    house.renew("zhao")
    code = house.setup_code()

    def come(number: int) -> str:
        try:
            return house.redeem(str(code), f"admin{number}", "某", PASSWORD).account
        except BadAccount as error:
            return error.code

    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(come, range(8)))
    assert said.count("bad_code") == 7


def test_a_weak_password_does_not_use_up_the_code(house: Accounts) -> None:
    """The passwords' rules hold here too, for the owner's name and townships; one may try again."""
    code = house.create("li", "李小萌", "township_clerk", ["青石镇"])
    for weak in ("woaini1314", "Kf9$李小萌qzW2m", "青石镇Kf9$tqzW"):
        with pytest.raises(WeakPassword):
            house.redeem(code, "li", "", weak)
    house.redeem(code, "li", "", PASSWORD)


def test_codes_cannot_be_tried_through(house: Accounts, clock: Clock) -> None:
    """After twenty wrong codes from an address the next ones wait; a right one clears that."""
    code = house.create("li", "李", "leader")
    for _ in range(20):
        assert fault(lambda: house.redeem("K7QF-2M9X", "li", "", OTHER, THERE)) == "bad_code"
    assert refused(lambda: house.redeem(code, "li", "", OTHER, THERE)) == 2
    clock.at += 2
    house.redeem(code, "li", "", OTHER, THERE)


def test_codes_are_hard_to_guess(house: Accounts) -> None:
    """Sixteen letters of thirty: more than 60 bits; no letters that look alike."""
    codes = [house.renew("wang") for _ in range(50)]
    letters = set("".join(codes)) - {"-"}
    assert not letters & set("01OILU")
    assert {len(code.replace("-", "")) for code in codes} == {16}
    assert len(set(codes)) == 50
    assert len(letters) > 20


def test_a_lost_password(house: Accounts) -> None:
    """A new code ends the old password, the sessions, and what browsers kept, at once."""
    session, device = house.begin("wang", HERE), house.device("wang")
    code = house.renew("wang")
    assert house.session(session.token) is None
    assert not knows(house, device, "wang")
    assert refused(lambda: house.sign_in("wang", PASSWORD, HERE)) == 0
    house.redeem(code, "wang", "", OTHER)
    assert house.sign_in("wang", OTHER, HERE).has_password


# --- passwords --------------------------------------------------------------------------------


def test_changing_the_password(house: Accounts) -> None:
    """Whoever knows the old one sets a good one; all sessions of before are over."""
    session = house.begin("wang", HERE)
    assert refused(lambda: house.change_password("wang", "wrong", OTHER, HERE)) == 0
    with pytest.raises(WeakPassword):
        house.change_password("wang", PASSWORD, "1234567890", HERE)
    assert house.session(session.token) is not None
    house.change_password("wang", PASSWORD, OTHER, HERE)
    assert house.session(session.token) is None
    assert refused(lambda: house.sign_in("wang", PASSWORD, HERE)) == 0
    house.sign_in("wang", OTHER, HERE)


def test_an_unlocked_desk_is_no_place_to_guess(house: Accounts) -> None:
    """The old password cannot be tried without end at the desk of somebody signed in."""
    for _ in range(5):
        assert refused(lambda: house.change_password("wang", "wrong", OTHER, HERE)) == 0
    assert refused(lambda: house.change_password("wang", PASSWORD, OTHER, HERE)) == 2
    house.sign_in("wang", PASSWORD, HERE)


# --- signing in -------------------------------------------------------------------------------


def test_signing_in(house: Accounts, clock: Clock) -> None:
    """The right password lets in, and the account says when."""
    clock.at += 60
    came = house.sign_in("wang", PASSWORD, HERE)
    assert came.last_sign_in is not None
    assert came.last_sign_in.timestamp() == clock.at


def test_refusals_do_not_tell_who_exists(house: Accounts) -> None:
    """Unknown, disabled, without a password, wrong: refused alike, and slowed alike."""
    house.create("new", "新", "leader")
    house.redeem(house.create("shut", "停", "leader"), "shut", "", PASSWORD)
    house.change("shut", disabled=True)
    for number, account in enumerate(["nobody", "new", "shut", "wang", "x" * 10_000, "\ud800"]):
        waits = []
        for password in ("a", "b", "", PASSWORD if account != "wang" else "d", "e", PASSWORD):
            came = (account, password, f"10.9.9.{number}")
            waits.append(refused(lambda came=came: house.sign_in(*came)))  # type: ignore[misc]
        assert waits == [0, 0, 0, 0, 0, 2]


def test_guessing_becomes_slow(house: Accounts, clock: Clock) -> None:
    """After five failures each next try waits twice as long, up to a quarter of an hour."""
    waits = []
    for _ in range(16):
        assert guess(house) == 0
        wait = refused(lambda: house.sign_in("wang", PASSWORD, THERE)) if len(waits) > 3 else 0
        waits.append(wait)
        clock.at += wait
    assert waits == [0, 0, 0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]
    house.sign_in("wang", PASSWORD, THERE)
    assert [guess(house) for _ in range(5)] == [0] * 5


def test_while_waiting_nothing_is_looked_at(
    house: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A try that comes too soon is not even compared, right or wrong, and does not prolong it."""
    for _ in range(5):
        guess(house)
    monkeypatch.delattr(passwords, "matches")
    assert [guess(house) for _ in range(9)] == [2] * 9
    assert refused(lambda: house.sign_in("wang", PASSWORD, THERE)) == 2


def test_an_address_is_slowed_for_all_accounts(house: Accounts) -> None:
    """One who tries many names from one place is slowed too; others are not."""
    assert [guess(house, f"name{n}") for n in range(20)] == [0] * 20
    assert guess(house, "another") == 2
    house.sign_in("wang", PASSWORD, HERE)


def test_neighbours_of_version_six_count_as_one(house: Accounts) -> None:
    """A computer has as many addresses of its network as it likes; version 4 within 6 is itself."""
    assert [guess(house, f"n{n}", f"2001:db8::{n:x}") for n in range(20)] == [0] * 20
    assert guess(house, "another", "2001:db8::ffff") == 2
    assert guess(house, "another", "2001:db8:0:1::1") == 0
    assert tries.network("::ffff:10.0.0.5") == "10.0.0.5"


def test_a_known_browser_is_not_slowed_by_others(house: Accounts, clock: Clock) -> None:
    """While somebody guesses at it from everywhere, the owner signs in where they did before."""
    device = house.device("wang")
    for number in range(60):
        guess(house, address=f"10.1.{number}.1")
        guess(house, address=HERE)
        clock.at += 20
    assert guess(house, address=HERE) > 100
    assert house.sign_in("wang", PASSWORD, HERE, device).account == "wang"


def test_a_known_browser_is_slowed_by_itself(house: Accounts) -> None:
    """It is no way around the counting, for its account or for another."""
    device = house.device("wang")
    for _ in range(5):
        assert refused(lambda: house.sign_in("wang", "guess", HERE, device)) == 0
    assert refused(lambda: house.sign_in("wang", PASSWORD, HERE, device)) == 2
    assert house.sign_in("wang", PASSWORD, HERE).account == "wang"
    assert house.sign_in("wang", PASSWORD, HERE, house.device("wang")).account == "wang"
    for _ in range(5):
        refused(lambda: house.sign_in("zhao", "guess", HERE, device))
    assert guess(house, "zhao") == 2


def test_what_a_browser_keeps_cannot_be_made(
    house: Accounts, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Made up, altered, another account's, another office's, or half a year old: a stranger."""
    device = house.device("Wang")
    assert knows(house, device, "wang")
    elsewhere = Accounts(path.with_name("other.accounts"))
    elsewhere.create("wang", "王", "leader")
    made_up = [None, "", "x", device[:-2], f"{device}x", "x" * 10_000, elsewhere.device("wang")]
    assert not any(knows(house, d, "wang") for d in made_up)
    assert not knows(house, device, "zhao")
    assert not knows(house, device, "nobody")
    assert fault(lambda: house.device("nobody")) == "unknown"
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + DEVICE_LASTS + 60)
    assert not knows(house, device, "wang")


def test_many_at_once_are_counted_one_by_one(
    house: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many tries come at the same moment, to two processes, five are looked at."""
    houses = [house, Accounts(house._file.path)]
    looked: list[str] = []

    def slowly(kept: str | None, password: str) -> bool:
        looked.append(password)
        time.sleep(0.02)
        return False

    monkeypatch.setattr(passwords, "matches", slowly)
    with ThreadPoolExecutor(16) as pool:
        waits = list(pool.map(lambda n: guess(houses[n % 2]), range(40)))
    assert (len(looked), waits.count(0), waits.count(2)) == (5, 5, 35)


def test_a_restart_forgives_nothing(house: Accounts, path: Path, clock: Clock) -> None:
    """Failures are kept in the file, and so are the names that were tried, unreadable."""
    for _ in range(5):
        guess(house, "my-secret-password")
    house.close()
    again = Accounts(path)
    assert guess(again, "my-secret-password") == 2
    clock.at += tries.FORGOTTEN + 1
    assert guess(again, "my-secret-password") == 0
    again.close()
    assert not any(b"my-secret" in part.read_bytes() for part in path.parent.iterdir())


def test_a_clock_put_back_locks_nobody_out(house: Accounts, clock: Clock) -> None:
    """Waits that lie farther ahead than any wait can are none."""
    for _ in range(5):
        guess(house)
    clock.at -= 3600
    house.sign_in("wang", PASSWORD, THERE)


@pytest.mark.parametrize(
    "meanwhile",
    [lambda house: house.change("wang", disabled=True), lambda house: house.renew("wang")],
)
def test_changed_while_it_was_compared(
    house: Accounts, monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[Accounts], object]
) -> None:
    """Somebody shut out in the very moment of signing in is not let in."""
    matches = passwords.matches

    def slowly(kept: str | None, password: str) -> bool:
        meanwhile(house)
        return matches(kept, password)

    monkeypatch.setattr(passwords, "matches", slowly)
    assert refused(lambda: house.sign_in("wang", PASSWORD, HERE)) == 0


STRANGERS = st.tuples(
    st.sampled_from(["wang", "zhao", "nobody"]),
    st.sampled_from(["10.0.0.1", "10.0.0.2", "2001:db8::1"]),
)
COURSE = st.lists(
    st.tuples(
        st.one_of(STRANGERS, st.none()),  # none: the owner, in a known browser
        st.booleans(),  # whether the owner gets it right
        st.sampled_from([0, 0, 0, 1, 3, 30, 1000, 100_000]),
    ),
    min_size=1,
    max_size=120,
)


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(course=COURSE)
def test_nobody_is_locked_out_by_others(
    house: Accounts, clock: Clock, monkeypatch: pytest.MonkeyPatch, course: list
) -> None:
    """In any course of failures the owner's browser waits for its own alone, and strangers get no
    more looks at an account, or from an address, than the allowed number in the time.
    """
    looked = 0

    def matches(kept: str | None, password: str) -> bool:
        nonlocal looked
        looked += 1
        return password == PASSWORD

    monkeypatch.setattr(passwords, "matches", matches)
    clock.at += tries.FORGOTTEN + 1  # since the course before
    device = house.device("wang")
    own = 0  # failures of the owner in a row
    own_until = 0.0
    looks: dict[str, list[float]] = {}
    for stranger, right, pause in course:
        before = looked
        if stranger is None:
            password = PASSWORD if right else "guess"
            wait = waits(house, "wang", password, "10.0.0.1", device)
            assert (wait or 0) > 0 if clock.at < own_until else wait == (None if right else 0)
            if wait is None:
                own, own_until = 0, 0.0
            elif not wait:
                own += 1
                own_until = clock.at + (min(2.0 ** (own - 4), 900) if own >= 5 else 0)
        else:
            guess(house, *stranger)
            if looked > before:
                for name in stranger:
                    looks.setdefault(name, []).append(clock.at)
        clock.at += pause
        own = 0 if pause > tries.FORGOTTEN else own
    for name, times in looks.items():
        free = 20 if name[0].isdecimal() else 5
        # In any span: the free ones, and then one for each wait, which doubles.
        for start in range(len(times)):
            for stop in range(start + free, len(times)):
                span, more = times[stop] - times[start], stop - start - free
                assert span >= 2 ** min(more + 1, 9)


# --- single sign-on ---------------------------------------------------------------------------


def test_single_sign_on(house: Accounts) -> None:
    """An account belongs to the first who is vouched for by its name, and to nobody after."""
    assert house.sign_in_by("https://id|1", "WANG").account == "wang"
    assert house.sign_in_by("https://id|1", "wang").last_sign_in is not None
    for subject, name in [("https://id|2", "wang"), ("https://id|1", "zhao"), ("x|1", "nobody")]:
        assert refused(lambda came=(subject, name): house.sign_in_by(*came)) == 0  # type: ignore[misc]
    house.change("wang", disabled=True)
    assert refused(lambda: house.sign_in_by("https://id|1", "wang")) == 0
    house.renew("wang")
    house.change("wang", disabled=False)
    assert house.sign_in_by("https://id|2", "wang").account == "wang"


def test_the_first_administrator_of_single_sign_on(path: Path) -> None:
    """With the code alone, no password; no other code can be used so."""
    house = Accounts(path)
    house.redeem(str(house.setup_code()), "zhao", "赵", None)
    assert not house.has_administrator()
    house.sign_in_by("https://id|1", "zhao")
    assert house.has_administrator()
    assert fault(lambda: house.change("zhao", disabled=True)) == "last_administrator"
    code = house.create("wang", "王", "leader")
    assert fault(lambda: house.redeem(code, "wang", "", None)) == "bad_code"


# --- sessions ---------------------------------------------------------------------------------


def test_a_session(house: Accounts) -> None:
    """The token leads to the visitor with the account's rights; the ticket names, but opens not."""
    house.change("wang", role="township_clerk", townships=["东镇"])
    session = house.begin("Wang", HERE)
    visitor = house.session(session.token)
    assert visitor == session.visitor
    assert visitor == Visitor(
        *("王芳", "wang", "township_clerk", frozenset({"东镇"}), HERE, session.ticket)
    )
    assert house.by_ticket(session.ticket) == visitor
    assert house.session(session.ticket) is None
    assert house.by_ticket(session.token) is None
    for made_up in ("", "x", session.token[:-1], f"{session.token} ", "\ud800", "x" * 100_000):
        assert house.session(made_up) is None
    county = house.session(house.begin("zhao", HERE).token)
    assert county is not None
    assert county.townships is None


def test_each_session_has_a_token_of_its_own(house: Accounts, path: Path) -> None:
    """256 bits, new each time, and not in the file; nor is it printed."""
    sessions = [house.begin("wang", HERE) for _ in range(20)]
    assert len({s.token for s in sessions} | {s.ticket for s in sessions}) == 40
    assert all(len(s.token) >= 43 for s in sessions)
    house.close()
    content = b"".join(part.read_bytes() for part in path.parent.iterdir())
    assert not any(s.token.encode() in content for s in sessions)
    assert not any(s.token in repr(s) for s in sessions)


def test_idle_and_absolute_time(house: Accounts, clock: Clock) -> None:
    """An hour without activity ends a session, and twelve hours end it in any case."""
    idle, busy = house.begin("wang", HERE), house.begin("wang", HERE)
    told: list[str] = []
    house.on_end.append(told.append)
    begun = clock.at
    clock.at += IDLE
    assert house.session(busy.token) is not None
    assert house.session(idle.token, touch=False) is not None
    clock.at += 1
    assert house.session(idle.token) is None
    assert told == [idle.ticket]
    while clock.at + IDLE <= begun + LASTING:
        clock.at += IDLE - 1
        assert house.session(busy.token) is not None
    clock.at = begun + LASTING
    assert house.session(busy.token) is not None
    clock.at += 1
    assert house.session(busy.token) is None
    assert told == [idle.ticket, busy.ticket]


def test_looking_is_no_activity(house: Accounts, clock: Clock) -> None:
    """What asks only whether the session lasts does not prolong it."""
    session = house.begin("wang", HERE)
    for _ in range(2):
        clock.at += IDLE / 2
        visitor = house.session(session.token, touch=False)
        assert visitor is not None
        assert house.stands(visitor)
        assert house.by_ticket(session.ticket) is not None
    clock.at += 1
    assert house.session(session.token) is None


def test_a_clock_put_back_prolongs_nothing(house: Accounts, clock: Clock) -> None:
    """A session from the future is over."""
    session = house.begin("wang", HERE)
    clock.at -= 5 * 3600
    assert house.session(session.token) is None


def test_use_is_noted_at_most_every_half_minute(house: Accounts, clock: Clock, path: Path) -> None:
    """Asking writes nothing, until half a minute has passed."""
    session = house.begin("wang", HERE)

    def seen() -> float:
        with closing(sqlite3.connect(path)) as db:
            return float(db.execute("select seen_at from sessions").fetchone()[0])

    first = seen()
    clock.at += 29
    house.session(session.token)
    assert seen() == first
    clock.at += 1
    house.session(session.token)
    assert seen() == clock.at


def test_signing_out(house: Accounts) -> None:
    """Ended is ended, at once; whoever waits for it is told, even if another one fails."""
    told: list[str] = []

    def failing(ticket: str) -> None:
        raise RuntimeError(ticket)

    house.on_end += [failing, told.append]
    one, two, other = (house.begin(account, HERE) for account in ("wang", "wang", "zhao"))
    house.end(one.token)
    house.end(one.token)
    assert house.session(one.token) is None
    assert house.by_ticket(one.ticket) is None
    assert house.session(two.token) is not None
    house.end_all("WANG")
    assert house.session(two.token) is None
    assert house.session(other.token) is not None
    assert told == [one.ticket, two.ticket]


@pytest.mark.parametrize(
    ("change", "lasts"),
    [
        ({"disabled": True}, False),
        ({"role": "leader"}, False),
        ({"townships": ["西镇"]}, False),
        ({"role": "township_clerk", "townships": ["东镇"]}, True),
        ({"name": "王小芳"}, True),
    ],
)
def test_other_rights_end_sessions(house: Accounts, change: dict, lasts: bool) -> None:
    """Who is disabled or gets another role or townships is out at once; a new name is no reason."""
    house.change("wang", role="township_clerk", townships=["东镇"])
    session = house.begin("wang", HERE)
    told: list[str] = []
    house.on_end.append(told.append)
    after = house.change("wang", **change)
    visitor = house.session(session.token)
    assert (visitor is not None) == lasts
    assert told == ([] if lasts else [session.ticket])
    assert house.stands(session.visitor) == lasts
    if visitor is not None:
        assert visitor.name == after.name


def test_disabled_people_begin_nothing(house: Accounts) -> None:
    """Between password and session somebody may be disabled; then there is no session."""
    house.change("wang", disabled=True)
    assert refused(lambda: house.begin("wang", HERE)) == 0
    assert refused(lambda: house.begin("nobody", HERE)) == 0


def test_a_visitor_stands_with_the_rights_it_had(house: Accounts) -> None:
    """A page that still holds the rights of before, or makes up its own, has none."""
    visitor = house.begin("wang", HERE).visitor
    assert house.stands(visitor)
    assert not house.stands(replace(visitor, role="administrator"))
    assert not house.stands(replace(visitor, townships=frozenset({"东镇"})))
    assert not house.stands(replace(visitor, account="zhao"))
    assert not house.stands(replace(visitor, ticket=""))


def test_a_visitor_demands_what_stands(house: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a role may not, and what a visitor might before they were out, is forbidden."""
    monkeypatch.setattr(accounts, "accounts", lambda: house)
    visitor = house.begin("wang", HERE).visitor
    visitor.demand("upload")
    with pytest.raises(Forbidden):
        visitor.demand("accounts")
    house.end_all("wang")
    with pytest.raises(Forbidden):
        visitor.demand("upload")


def test_another_process_is_seen_at_once(house: Accounts, path: Path) -> None:
    """What the command line ends is over in the running server."""
    session = house.begin("wang", HERE)
    other = Accounts(path)
    code = other.renew("wang")
    assert house.session(session.token) is None
    assert house.redeem(code, "wang", "", OTHER).has_password
    other.close()


def test_a_session_is_looked_up_quickly(house: Accounts) -> None:
    """Every request asks: well below a third of a millisecond, with an office's sessions open."""
    sessions = [house.begin("wang", HERE) for _ in range(300)]
    took = []
    for session in sessions:
        begun = time.perf_counter()
        assert house.session(session.token) is not None
        took.append(time.perf_counter() - begun)
    assert median(took) < 0.0003


# --- while others write -----------------------------------------------------------------------

HOLDING = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("begin immediate")
print("held", flush=True)
sys.stdin.readline()
"""


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Another process is writing, and does not come to an end."""
    holding = subprocess.Popen(
        [sys.executable, "-c", HOLDING, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with holding:
        assert holding.stdout is not None
        assert holding.stdout.readline().strip() == b"held"
        try:
            yield
        finally:
            holding.kill()


@contextmanager
def within(seconds: float) -> Iterator[None]:
    begun = time.perf_counter()
    yield
    assert time.perf_counter() - begun < seconds


def at_once(ask: Callable[[], object]) -> list[object]:
    """What is answered; in less than 50 ms, though a busy computer may delay it now and then."""
    answers, took = [], []
    for _ in range(4):
        begun = time.perf_counter()
        answers.append(ask())
        took.append(time.perf_counter() - begun)
    assert min(took) < 0.05
    assert max(took) < 1
    return answers


def test_reading_waits_for_no_writer(house: Accounts, path: Path, clock: Clock) -> None:
    """While another process writes without end, and threads here wait for it, every request is
    answered at once, also one whose use would have to be noted.
    """
    session = house.begin("wang", HERE)
    house.keep_head(1, "seal")
    clock.at += IDLE / 2
    with ThreadPoolExecutor(3) as pool, held(path):
        signing_in = [pool.submit(house.sign_in, "wang", PASSWORD, HERE) for _ in range(3)]
        time.sleep(0.2)
        for ask in (
            lambda: house.session(session.token),
            lambda: house.by_ticket(session.ticket, touch=True),
            lambda: house.stands(session.visitor),
            lambda: house.get("wang"),
            house.everyone,
            house.has_administrator,
            house.head,
        ):
            assert all(at_once(ask))
        with within(1):  # a command, meanwhile
            Accounts(path).close()
    assert [came.exception() for came in signing_in] == [None] * 3
    clock.at += IDLE / 2
    assert house.session(session.token) is not None
    clock.at += IDLE
    assert house.session(session.token) is not None  # the use of a moment ago was noted


def test_what_has_run_out_is_refused_whoever_writes(
    house: Accounts, path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """An expired session is over at once, and its sockets are told; it is deleted later."""
    told: list[str] = []
    house.on_end.append(told.append)
    session = house.begin("wang", HERE)
    clock.at += IDLE + 1
    with held(path):
        assert at_once(lambda: house.session(session.token)) == [None] * 4
    assert set(told) == {session.ticket}
    assert len(house._file.rows("select * from sessions")) == 1
    assert house.session(session.token) is None
    assert house._file.rows("select * from sessions") == []
    assert caplog.text == ""


def test_a_writer_does_not_wait_for_ever(house: Accounts, path: Path) -> None:
    """After its time a change is refused with a sentence, however many wait; nothing is changed,
    and the next one goes on.
    """
    before = house.everyone()

    def change(_: int) -> None:
        with pytest.raises(DatabaseUnavailable) as raised, house._file.change(wait=0.5) as db:
            db.execute("delete from accounts")
        assert raised.value.code == "busy"
        assert str(path) in str(raised.value)

    with held(path), ThreadPoolExecutor(4) as pool, within(0.9):
        list(pool.map(change, range(4)))
    assert house.everyone() == before
    house.create("li", "李", "leader")


def test_a_change_sees_itself_and_others_see_it_whole(house: Accounts) -> None:
    """Reading within a change has what it wrote; another thread has that once it is committed."""
    with ThreadPoolExecutor(1) as elsewhere:
        with house._file.change() as db:
            db.execute("update accounts set name = '新' where key = 'wang'")
            assert house.get("wang") == replace(before := house.everyone()[0], name="新")
            with within(1):
                seen = elsewhere.submit(house.get, "wang").result()
            assert seen == replace(before, name="王芳")
        for seen in (house.get("wang"), elsewhere.submit(house.get, "wang").result()):
            assert seen == before
        with suppress(RuntimeError), house._file.change() as db:
            db.execute("delete from accounts")
            raise RuntimeError
        assert house.get("wang") == elsewhere.submit(house.get, "wang").result() == before


def test_many_threads(house: Accounts) -> None:
    """Signing in, asking and signing out at once from many threads disturb nobody."""

    def day(_: int) -> bool:
        session = house.begin("wang", HERE)
        there = house.session(session.token) is not None
        house.end(session.token)
        return there and house.session(session.token) is None

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(day, range(100)))


# --- the file ---------------------------------------------------------------------------------


def test_the_head_of_the_record_only_rises(house: Accounts, path: Path) -> None:
    """The newest entry is kept, whoever tells of it last; also in a file from before it was."""
    assert house.head() is None
    with closing(sqlite3.connect(path)) as db:
        db.execute("drop table head")
    house.close()
    house, other = Accounts(path), Accounts(path)
    for teller, number in ((house, 7), (other, 9), (house, 8), (other, 9)):
        teller.keep_head(number, f"seal {number}")
        other.keep_head(5, "old")
    assert house.head() == other.head() == (9, "seal 9")
    house.close()
    other.close()


def test_secrets_stay(house: Accounts, path: Path) -> None:
    """A secret is 32 random bytes, the same for its name for ever, and another for another."""
    cookie = house.secret("cookie")
    other = Accounts(path)
    assert other.secret("cookie") == house.secret("cookie") == cookie
    assert len({cookie, house.secret("record"), house.secret("pseudonyms")}) == 3
    assert {len(house.secret(name)) for name in ("cookie", "record")} == {32}
    other.close()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_only_the_programs_user_reads_the_file(house: Accounts, path: Path) -> None:
    """The file and what SQLite lays beside it are for nobody else."""
    assert {stat.S_IMODE(part.stat().st_mode) for part in path.parent.iterdir()} == {0o600}
    house.close()
    path.chmod(0o644)
    Accounts(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_no_password_is_in_the_file(house: Accounts, path: Path) -> None:
    """Neither passwords nor codes can be read there."""
    code = house.create("li", "李", "leader")
    house.close()
    content = b"".join(part.read_bytes() for part in path.parent.iterdir())
    assert PASSWORD.encode() not in content
    assert code.encode() not in content
    assert code.replace("-", "").encode() not in content


def _truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


def _emptied(path: Path) -> None:
    path.write_bytes(b"")


def _garbage(path: Path) -> None:
    path.write_bytes(b"garbage" * 1000)


def _scribbled(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for page in range(1, len(content) // 4096):
        content[page * 4096 : page * 4096 + 64] = b"\xaa" * 64
    path.write_bytes(content)


def _mixed_up(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.executescript(
            "pragma writable_schema = on;"
            "update sqlite_schema set rootpage = (select rootpage from sqlite_schema"
            " where name = 'secrets') where name = 'accounts'"
        )


def _another_programs(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as db:
        db.execute("create table accounts (key text)")


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("pragma user_version = 99")


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (_truncated, "accounts"),
        (_emptied, "accounts"),
        (_garbage, "accounts"),
        (_scribbled, "accounts"),
        (_mixed_up, "accounts"),
        (_another_programs, "accounts"),
        (_folder, "directory"),
        (_newer, "newer"),
    ],
)
def test_a_damaged_file_opens_nothing(
    house: Accounts, path: Path, damage: Callable[[Path], None], code: str
) -> None:
    """Nobody gets in by a file that is not sound; it is named, and left as it is."""
    house.close()
    damage(path)
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises(DatabaseUnavailable) as raised:
        Accounts(path)
    assert raised.value.code == code
    assert str(path) in str(raised.value)
    assert (path.read_bytes() if path.is_file() else b"") == before


def test_damage_while_it_runs(house: Accounts, path: Path) -> None:
    """A file that breaks under the running server refuses; it does not let in."""
    session = house.begin("wang", HERE)
    with closing(sqlite3.connect(path)) as db:
        db.execute("drop table sessions")
    with pytest.raises(DatabaseUnavailable):
        house.session(session.token)
    with pytest.raises(DatabaseUnavailable):
        house.by_ticket(session.ticket)


def test_a_lost_file_is_not_begun_anew_over_what_is_left(house: Accounts, path: Path) -> None:
    """Where SQLite's log is left without its file, the accounts are missing, and that is said."""
    house.begin("wang", HERE)
    os.replace(path, path.with_name("moved"))
    with pytest.raises(DatabaseUnavailable) as raised:
        Accounts(path)
    assert (raised.value.code, path.exists()) == ("accounts", False)


def test_nothing_half_made_bears_the_name(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file whose making is cut short is not there; the next start makes it."""
    monkeypatch.setattr(file, "_SCHEMA", f"{file._SCHEMA}; no such statement;")
    with pytest.raises(DatabaseUnavailable):
        Accounts(path)
    assert list(path.parent.iterdir()) == []
    monkeypatch.undo()
    Accounts(path).close()


def test_made_by_several_at_once(path: Path) -> None:
    """Two servers started at the same moment have one file."""
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: Accounts(path), range(8)))
    made[0].create("li", "李", "leader")
    assert all(house.get("li") is not None for house in made)
    for house in made:
        house.close()
    file._create(path)  # as one does that comes a moment later
    assert Accounts(path).get("li") is not None
    assert not list(path.parent.glob("*.part"))


def test_a_full_disk_lets_nobody_new_in(house: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be counted is not looked at; who is in stays in."""
    session = house.begin("wang", HERE)
    house._file._db.execute("pragma query_only = on")
    with pytest.raises(DatabaseUnavailable):
        house.sign_in("wang", PASSWORD, HERE)
    with pytest.raises(DatabaseUnavailable):
        house.begin("wang", HERE)
    assert house.session(session.token) is not None


def test_who_is_in_may_read_on_though_nothing_can_be_noted(house: Accounts, clock: Clock) -> None:
    """A session in use on a full disk lasts its hour, and is over then."""
    session = house.begin("wang", HERE)
    house._file._db.execute("pragma query_only = on")
    clock.at += IDLE
    assert house.session(session.token) is not None
    clock.at += 1
    assert house.session(session.token) is None


def test_this_process_has_one(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The accounts lie beside the office's database, and are opened once."""
    database = path.with_name("delegates.duckdb")
    monkeypatch.setattr(accounts, "_opened", {})
    monkeypatch.setenv("DELEGATES_DATABASE", str(database))
    mine = accounts.accounts()
    assert mine is accounts.accounts() is accounts.accounts(database)
    assert path.exists()
    assert accounts.accounts(path.with_name("other.duckdb")) is not mine


# --- the command line -------------------------------------------------------------------------


@pytest.fixture
def _own_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "_opened", {})


@pytest.mark.usefixtures("_own_process")
def test_listing(house: Accounts, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A line for each account, while the server has them open."""
    house.create("li", "李", "township_clerk", ["东镇", "西镇"])
    house.change("wang", disabled=True)
    assert main(["accounts", "--database", str(path.with_name("delegates.duckdb"))]) == 0
    head, li, wang, zhao = capsys.readouterr().out.splitlines()
    assert head.split("\t") == ["账号", "姓名", "角色", "镇街", "状态", "最近登录"]
    assert li.split("\t") == ["li", "李", "镇街经办人", "东镇、西镇", "未设密码", "—"]
    assert wang.split("\t")[2:5] == [ROLES["county_clerk"], "—", "已停用"]
    assert zhao.split("\t")[3:5] == ["—", "正常"]


@pytest.mark.usefixtures("_own_process")
def test_a_code_from_the_command_line(
    house: Accounts, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The code sets a new password in the running server, and the record tells of it without it."""
    database = path.with_name("delegates.duckdb")
    assert main(["code", "--database", str(database), "WANG"]) == 0
    code = capsys.readouterr().out.strip()
    assert house.redeem(code, "wang", "", OTHER).has_password
    written = database.with_suffix(".record").read_text("utf-8")
    assert '"code_renewed"' in written
    assert code not in written


@pytest.mark.usefixtures("_own_process")
def test_codes_for_nobody(house: Accounts, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown account or a wrong path is a sentence, and no file is begun."""
    assert main(["code", "--database", str(path.with_name("delegates.duckdb")), "x"]) == 1
    assert FAULTS["unknown"] in capsys.readouterr().err
    nowhere = path.with_name("wrong.duckdb")
    for command in (["accounts"], ["code", "wang"]):
        assert main([command[0], "--database", str(nowhere), *command[1:]]) == 1
        assert str(beside(nowhere)) in capsys.readouterr().err
    assert not beside(nowhere).exists()


def test_the_command_line_is_a_process(house: Accounts, path: Path) -> None:
    """A damaged file there is a sentence, too."""
    house.close()
    _garbage(path)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "data",
            "accounts",
            "--database",
            path.with_name("delegates.duckdb"),
        ],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert f"账号文件 {path} 已损坏" in done.stderr
    assert "Traceback" not in done.stderr
