"""The door: what stands between the office's network and the pages."""

from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware

from data.access.accounts import LASTING, Accounts
from data.access.settings import Door
from pages.door import ways
from pages.door.guard import Guard, serves_others
from pages.door.page import ChinesePage

__all__ = ["middleware", "serves_others"]


def middleware(door: Door, accounts: Accounts | None, secure: bool) -> list[Middleware]:
    """What every request passes, from the outside in; without ``accounts``: this computer only.

    ``secure``: browsers reach the program by HTTPS alone, so the cookie may demand it.
    """
    if accounts is None:
        return [
            Middleware(Guard, door=door, accounts=None, own=None),
            Middleware(ChinesePage),
        ]
    return [
        Middleware(
            SessionMiddleware,
            secret_key=accounts.secret("cookie").hex(),
            session_cookie="__Host-delegates" if secure else "delegates",
            max_age=LASTING,
            same_site="lax",
            https_only=secure,
        ),
        Middleware(
            Guard, door=door, accounts=accounts, own=ways.application(door, accounts, secure)
        ),
        Middleware(ChinesePage, script=ways.WATCH_PATH),
    ]
