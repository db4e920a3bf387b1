"""Who may do what: the roles, their rights, and the visitor who has them.

The one table of rights is ``RIGHTS``. It is asked at the door, in the navigation, at the top of
each page, in every function that writes or exports, and by the queries for what a role may not see.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from ipaddress import ip_address
from typing import Literal

Role = Literal["leader", "township_clerk", "county_clerk", "administrator", "viewer"]
Right = Literal[
    "browse",  # overview and townships: figures of the county and its townships
    "names",  # delegates by name: ranking, dossiers; else they bear pseudonyms
    "export",  # tables and charts as files
    "uploads",  # what came in, from whom, who has not reported; the files as sent
    "upload",  # store files; of the own townships where the role has any
    "undo",  # take uploads back and put them in force again; empty the sample
    "backups",
    "accounts",
    "record",
]

ROLES: dict[Role, str] = {
    "leader": "领导",
    "county_clerk": "县级经办人",
    "township_clerk": "镇街经办人",
    "administrator": "系统管理员",
    "viewer": "匿名查看",
}
RIGHTS: Mapping[Role, frozenset[Right]] = {
    "leader": frozenset({"browse", "names", "export", "uploads"}),
    "county_clerk": frozenset({"browse", "names", "export", "uploads", "upload", "undo"}),
    "township_clerk": frozenset({"names", "uploads", "upload"}),
    "administrator": frozenset({"backups", "accounts", "record"}),
    "viewer": frozenset({"browse", "export"}),
}


HERE = "本机"  # where somebody is who sits at this very computer


class Forbidden(PermissionError):
    """The visitor's role does not allow it, or the visitor is no longer signed in."""

    def __init__(self, right: Right) -> None:
        super().__init__(f"not allowed: {right}")
        self.right = right


@dataclass(frozen=True)
class Visitor:
    """Somebody who uses the program.

    ``account`` is the name they sign in with, ``name`` the person's. ``role`` None: on this
    computer only, without accounts, where everything is allowed. ``townships`` are those that a
    township clerk speaks for, None where a role speaks for all. ``ticket`` names the session
    inside the program; it opens nothing from outside.
    """

    name: str = ""
    account: str | None = None
    role: Role | None = None
    townships: frozenset[str] | None = None
    address: str = ""
    ticket: str = ""

    def may(self, right: Right) -> bool:
        return self.role is None or right in RIGHTS[self.role]

    def demand(self, right: Right) -> None:
        """Raise Forbidden unless the role has the right and the session still lasts."""
        from data.access import accounts

        if not self.may(right) or not (self.role is None or accounts.accounts().stands(self)):
            raise Forbidden(right)

    def signing(self, name: str) -> "Visitor":
        """With the name typed in, where nobody signs in."""
        return replace(self, name=name) if self.role is None else self


def place(address: str) -> str:
    """From where, as the record says it."""
    return HERE if is_loopback(address) else address


def is_loopback(address: str) -> bool:
    """Whether a client's address, or one that a server is bound to, is this very computer's."""
    try:
        found = ip_address(address)
    except ValueError:
        return address == "localhost"
    mapped = getattr(found, "ipv4_mapped", None)
    return bool((mapped or found).is_loopback)
