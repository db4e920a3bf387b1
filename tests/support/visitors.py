"""People signed in to this process's office."""

from __future__ import annotations

from data.access import Role, Visitor
from data.access.accounts import accounts


def signed_in(role: Role, *townships: str, account: str | None = None, name: str = "王") -> Visitor:
    """Somebody of that role with a session that lasts; the account is new unless it is there."""
    account = account or role
    if accounts().get(account) is None:
        accounts().create(account, name, role, townships)
    return accounts().begin(account, "10.0.0.7").visitor
