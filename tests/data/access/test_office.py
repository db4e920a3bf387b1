"""What an administrator does with accounts: only while allowed to, and never unrecorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from data.access import Forbidden, Role, Visitor, accounts, office, passwords
from data.access.accounts import Accounts, BadAccount, SignInRefused
from data.problems import DatabaseUnavailable
from data.record import Record, record

PASSWORD = "河边三棵老槐树又开花"
ADDRESS = "192.0.2.7"

DEEDS: dict[str, Callable[[Visitor], object]] = {
    "everyone": office.everyone,
    "create": lambda by: office.create(by, account="new", name="新人", role="leader"),
    "change": lambda by: office.change(by, "li.gang", name="李刚", role="county_clerk"),
    "disable": lambda by: office.disable(by, "li.gang"),
    "enable": lambda by: office.enable(by, "closed"),
    "renew": lambda by: office.renew(by, "li.gang"),
}
WRITING = [deed for deed in DEEDS if deed != "everyone"]


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Accounts]:
    """An office with an administrator, a leader, and an account that is shut."""
    monkeypatch.setenv("DELEGATES_DATABASE", str(tmp_path / "delegates.duckdb"))
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(1, 64, 1))  # soon done
    known = accounts.accounts()
    enter(known, "admin", "赵管理", "administrator")
    enter(known, "li.gang", "李刚", "leader")
    known.create("closed", "旧人", "viewer")
    known.change("closed", disabled=True)
    yield known
    known.close()


def enter(known: Accounts, account: str, name: str, role: Role) -> None:
    code = known.create(account, name, role)
    known.redeem(code, account, name, PASSWORD)


def signed_in(known: Accounts, account: str) -> Visitor:
    return known.begin(account, ADDRESS).visitor


def newest() -> tuple[str, str | None, str, dict]:
    entry = record().entries().iloc[0]
    return entry["deed"], entry["account"], entry["address"], entry["what"]


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("role", ["leader", "county_clerk", "township_clerk", "viewer"])
def test_other_roles_may_not(house: Accounts, role: Role, deed: str) -> None:
    """No other role looks at accounts or touches them; nothing is changed, the attempt is known."""
    house.create("other", "某人", role, ["青石镇"])
    visitor = signed_in(house, "other")
    before = house.everyone()
    with pytest.raises(Forbidden):
        DEEDS[deed](visitor)
    assert house.everyone() == before
    entries = record().entries()
    assert list(entries["deed"]) == ["refused"]
    assert list(entries["account"]) == ["other"]


@pytest.mark.parametrize("deed", DEEDS)
def test_the_right_is_asked_for_at_that_moment(house: Accounts, deed: str) -> None:
    """An administrator who was signed out, or is none any more, does nothing with an old page."""
    enter(house, "second", "钱管理", "administrator")
    for ended in (
        lambda: house.end_all("second"),
        lambda: house.change("second", role="viewer"),
        lambda: house.change("second", disabled=True),
    ):
        house.change("second", role="administrator", disabled=False)
        visitor = signed_in(house, "second")
        ended()
        before = house.everyone()
        with pytest.raises(Forbidden):
            DEEDS[deed](visitor)
        assert house.everyone() == before


@pytest.mark.parametrize("deed", DEEDS)
def test_nobody_invents_a_session(house: Accounts, deed: str) -> None:
    """A visitor is believed by their ticket, not by what they say they are."""
    with pytest.raises(Forbidden):
        DEEDS[deed](Visitor("赵管理", "admin", "administrator", None, ADDRESS, "invented"))


def test_creating_is_on_record(house: Accounts) -> None:
    """Who, from where, whom, as what; with the code it returns the first password is set."""
    code = office.create(
        signed_in(house, "admin"),
        account="wang",
        name="王芳",
        role="township_clerk",
        townships=["青石镇", "东湖街道"],
    )
    what = {"account": "wang", "name": "王芳", "role": "township_clerk"}
    townships = sorted(["青石镇", "东湖街道"])
    assert newest() == ("account_created", "admin", ADDRESS, {**what, "townships": townships})
    assert house.redeem(code, "wang", "", PASSWORD).has_password


def test_a_change_is_on_record_as_it_was_and_is(house: Accounts) -> None:
    """What differs is written down, and nothing else; no difference leaves no entry."""
    admin = signed_in(house, "admin")
    office.change(admin, "li.gang", name="李刚", role="leader")
    assert record().entries().empty
    office.change(admin, "li.gang", name="李刚", role="township_clerk", townships=["青石镇"])
    assert newest() == (
        "account_changed",
        "admin",
        ADDRESS,
        {
            "account": "li.gang",
            "role": "township_clerk",
            "townships": ["青石镇"],
            "role_before": "leader",
            "townships_before": [],
        },
    )


def test_disabling_and_enabling_are_on_record(house: Accounts) -> None:
    """Once each; doing again what is done is no deed."""
    admin, leader = signed_in(house, "admin"), signed_in(house, "li.gang")
    office.enable(admin, "li.gang")
    assert record().entries().empty
    office.disable(admin, "li.gang")
    office.disable(admin, "li.gang")
    assert not house.stands(leader)
    office.enable(admin, "li.gang")
    assert record().entries()["deed"].tolist() == ["account_enabled", "account_disabled"]
    assert newest()[3] == {"account": "li.gang", "name": "李刚"}


def test_renewing_is_on_record_and_the_code_is_not(house: Accounts) -> None:
    """No code that was given out is anywhere in the file."""
    admin = signed_in(house, "admin")
    codes = [
        office.create(admin, account="wang", name="王芳", role="viewer"),
        office.renew(admin, "li.gang"),
    ]
    assert newest()[::3] == ("code_renewed", {"account": "li.gang", "name": "李刚"})
    kept = record().path.read_text("utf-8").upper()
    for code in codes:
        assert code.upper() not in kept
        assert code.replace("-", "").upper() not in kept
    with pytest.raises(SignInRefused):
        house.sign_in("li.gang", PASSWORD, ADDRESS)
    assert house.redeem(codes[1], "li.gang", "", PASSWORD).has_password


@pytest.mark.parametrize(
    ("deed", "code"),
    [
        (lambda by: office.create(by, account="LI.GANG", name="某人", role="leader"), "name_taken"),
        (lambda by: office.create(by, account="a b", name="某人", role="leader"), "bad_name"),
        (
            lambda by: office.create(by, account="wang", name="某人", role="township_clerk"),
            "no_township",
        ),
        (lambda by: office.change(by, "admin", name="某人", role="viewer"), "last_administrator"),
        (lambda by: office.disable(by, "admin"), "last_administrator"),
        (lambda by: office.change(by, "nobody", name="某人", role="viewer"), "unknown"),
        (lambda by: office.disable(by, "nobody"), "unknown"),
        (lambda by: office.enable(by, "nobody"), "unknown"),
        (lambda by: office.renew(by, "nobody"), "unknown"),
    ],
)
def test_what_cannot_be_leaves_no_entry(
    house: Accounts, deed: Callable[[Visitor], object], code: str
) -> None:
    """A refused deed changes nothing, and the record does not say that it was done."""
    admin, before = signed_in(house, "admin"), house.everyone()
    with pytest.raises(BadAccount) as refused:
        deed(admin)
    assert refused.value.code == code
    assert house.everyone() == before
    assert record().entries().empty


@pytest.mark.parametrize("deed", WRITING)
def test_a_deed_that_cannot_be_recorded_does_not_stand(
    house: Accounts, deed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the record cannot be written, nobody gains anything, and the doer is told."""

    def full(*_told: object, **_what: object) -> None:
        raise DatabaseUnavailable("unrecorded", path="delegates.record", reason="disk full")

    admin, before = signed_in(house, "admin"), house.everyone()
    monkeypatch.setattr(Record, "note", full)
    with pytest.raises(DatabaseUnavailable):
        DEEDS[deed](admin)
    after = [account for account in house.everyone() if account.account in names_of(before)]
    if deed != "renew":  # that password is gone; its code was told to nobody
        assert after == before
    gained = [a for a in house.everyone() if a.account not in names_of(before)]
    assert all(account.disabled for account in gained)


def names_of(known: list[accounts.Account]) -> set[str]:
    return {account.account for account in known}
