"""What an administrator does with accounts: allowed at that moment, done, and on record.

A deed that cannot be written down is taken back as far as that is possible; what is left of it
then (an account that is shut, a password that is gone) opens nothing.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from data import deeds
from data.access import Role, Visitor
from data.access.accounts import Account, BadAccount, accounts
from data.problems import DatabaseUnavailable
from data.record import Value, record


def everyone(by: Visitor) -> list[Account]:
    deeds.demand(by, "accounts")
    return accounts().everyone()


def create(
    by: Visitor, *, account: str, name: str, role: Role, townships: Iterable[str] = ()
) -> str:
    """A new account; returns the one-time code for its first sign-in."""
    deeds.demand(by, "accounts")
    code = accounts().create(account, name, role, townships)
    made = _known(account)
    with _or_else(lambda: accounts().change(account, disabled=True)):
        record().note("account_created", by, account=made.account, **_about(made))
    return code


def change(
    by: Visitor, account: str, *, name: str, role: Role, townships: Iterable[str] = ()
) -> None:
    """Another name, role or other townships; what differs is written down, as it was and is."""
    deeds.demand(by, "accounts")
    before = _known(account)
    after = accounts().change(account, name=name, role=role, townships=townships)
    was, now = _about(before), _about(after)
    differing = [about for about in now if was[about] != now[about]]
    if not differing:
        return

    def as_before() -> None:
        accounts().change(account, name=before.name, role=before.role, townships=before.townships)

    with _or_else(as_before):
        record().note(
            "account_changed",
            by,
            account=after.account,
            **{about: now[about] for about in differing},
            **{f"{about}_before": was[about] for about in differing},
        )


def disable(by: Visitor, account: str) -> None:
    """Shut the account; whoever is in by it is out at once."""
    deeds.demand(by, "accounts")
    if not _known(account).disabled:
        shut = accounts().change(account, disabled=True)
        with _or_else(lambda: accounts().change(account, disabled=False)):
            record().note("account_disabled", by, account=shut.account, name=shut.name)


def enable(by: Visitor, account: str) -> None:
    deeds.demand(by, "accounts")
    if _known(account).disabled:
        opened = accounts().change(account, disabled=False)
        with _or_else(lambda: accounts().change(account, disabled=True)):
            record().note("account_enabled", by, account=opened.account, name=opened.name)


def renew(by: Visitor, account: str) -> str:
    """A new one-time code, for a forgotten password; the old one and its sessions end."""
    deeds.demand(by, "accounts")
    code = accounts().renew(account)
    renewed = _known(account)
    record().note("code_renewed", by, account=renewed.account, name=renewed.name)
    return code


def _about(account: Account) -> dict[str, Value]:
    return {
        "name": account.name,
        "role": account.role,
        "townships": list(account.townships),
    }


def _known(account: str) -> Account:
    found = accounts().get(account)
    if found is None:
        raise BadAccount("unknown")
    return found


@contextmanager
def _or_else(take_back: Callable[[], object]) -> Iterator[None]:
    """For writing a deed down: where that fails, the deed does not stand either."""
    try:
        yield
    except DatabaseUnavailable:
        take_back()
        raise
