"""The guard: what every request and every socket passes before Streamlit hears of it.

Fail closed: what is not named here as open, or as a part of Streamlit that the pages need, is
refused. Sources: house.md, known traps 1 and 2; the session rules are ``data.access.accounts``.
"""

import logging
import secrets
import socket
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from urllib.parse import parse_qs, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from data import deeds
from data.access import Right, Visitor, is_loopback, place
from data.access.accounts import Accounts
from data.access.settings import Door, is_ip
from data.problems import DATABASE, DatabaseUnavailable
from pages.door import paper, ways
from pages.door.sockets import Sockets
from pages.words import LANGUAGES, _, speak

_log = logging.getLogger(__name__)

TICKET = "x-delegates-ticket"  # .streamlit/config.toml hands it to `st.user`
HEALTH = "/_stcore/health"
# Of Streamlit's own machinery, what the pages need. Statistics and its interface for programs are
# nobody's business here.
UPLOADING = "/_stcore/upload_file/"
MACHINERY = (HEALTH, "/_stcore/host-config", "/_stcore/stream", UPLOADING)
# What a place asks of a role; what a page shows is checked again on the page.
NEEDS: dict[str, tuple[Right, ...]] = {
    "overview": ("browse",),
    "townships": ("browse",),
    "ranking": ("browse", "names"),
    "delegate": ("browse", "names"),
    "loop": ("browse", "names"),
    "matters": ("browse", "names"),
    "stations": ("browse", "names"),
    "campaigns": ("browse", "names"),
    "mine": ("browse", "names"),
    "sessions": ("browse", "names"),
    "reports": ("browse", "names", "export"),
    "verify": ("browse", "names", "export"),
    "upload": ("upload",),
    "history": ("uploads",),
    "backups": ("backups",),
    "accounts": ("accounts",),
    "record": ("record",),
    # To be stored, or to be verified: each page asks for its own right again.
    UPLOADING: ("names",),
}
_SAFE = ("GET", "HEAD", "OPTIONS")
_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:;"
    " object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",  # with none at all, browsers post our forms as of no origin
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class Guard:
    """Lets in who belongs, by the way in that the office chose; ``own`` answers the door's pages.

    Expects Starlette's session middleware around it.
    """

    def __init__(
        self, app: ASGIApp, door: Door, accounts: Accounts | None, own: ASGIApp | None
    ) -> None:
        self.app = app
        self.door = door
        self.accounts = accounts
        self.own = own
        self.hosts = _names_of_this_machine(door)
        self._sockets = Sockets()
        self._noted: dict[tuple[str | None, str], float] = {}
        if accounts is not None:
            accounts.on_end.append(self._sockets.end)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        asked = parse_qs(scope["query_string"].decode("latin-1")).get("lang", ["zh"])[0]
        speak(asked if asked in LANGUAGES else "zh")
        # Streamlit has a session middleware of its own, which writes into the scope that it gets.
        headers = [(k, v) for k, v in scope["headers"] if k.lower() != TICKET.encode()]
        inner = {**scope, "headers": headers}
        if scope["type"] == "http":
            send = self._with_headers(scope, send)
        refusal = self._stranger(scope) or self._foreign(scope)
        if refusal is not None:
            await self._refuse(scope, receive, send, 403, refusal)
        elif self.own is not None and scope["type"] == "http" and scope["path"] in ways.PATHS:
            await self._serve(self.own, scope, receive, send)
        elif not _is_ours(scope):
            await self._refuse(scope, receive, send, 404, NOT_FOUND)
        elif scope["path"] == HEALTH:
            await self._serve(self.app, inner, receive, send)
        elif self.accounts is None:
            await self._let_in(inner, receive, send, "", lambda use: True)
        else:
            await self._with_session(inner, receive, send)

    async def _with_session(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.accounts is not None
        token = scope["session"].get("token")
        try:
            visitor = self.accounts.session(token) if isinstance(token, str) else None
        except DatabaseUnavailable as fault:
            _log.error("%s", fault)
            await self._refuse(scope, receive, send, 503, UNAVAILABLE)
            return
        if visitor is None:
            await self._refuse(scope, receive, send, 401, NOT_SIGNED_IN)
            return
        wanted = _wanted(scope)
        if not all(visitor.may(right) for right in NEEDS.get(wanted, ())):
            await self._note_refusal(visitor, scope, wanted)
            await self._refuse(scope, receive, send, 403, NOT_ALLOWED)
            return
        scope["headers"] = [*scope["headers"], (TICKET.encode(), visitor.ticket.encode())]
        await self._let_in(scope, receive, send, visitor.ticket, partial(self._lives, token))

    async def _let_in(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        ticket: str,
        lives: Callable[[bool], bool],
    ) -> None:
        if scope["type"] == "websocket":
            await self._sockets.serve(self.app, scope, receive, send, ticket, lives)
        elif scope["path"].startswith("/media/") and not self._sockets.has_told(
            ticket, scope["path"]
        ):
            await self._refuse(scope, receive, send, 404, NOT_FOUND)
        else:
            await self._serve(self.app, scope, receive, send)

    async def _serve(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; a failure is said with a number that is in the log too."""
        started = False

        async def sending(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await app(scope, receive, sending)
        except Exception as error:
            reference = secrets.token_hex(4)
            _log.error("request failed, reference %s", reference, exc_info=error)
            if started or scope["type"] != "http":
                raise
            status, message = 500, _("请稍后再试。如仍不行，请把编号告诉系统管理员。")
            if isinstance(error, DatabaseUnavailable):
                status, message = 503, _(DATABASE[error.code], **error.details)
            page = paper.told(title=_("系统出错"), message=message, reference=reference, back="/")
            answer = HTMLResponse(page, status, {"content-security-policy": paper.POLICY})
            await answer(scope, receive, send)

    # --- who may not even knock -----------------------------------------------------------------

    def _stranger(self, scope: Scope) -> str | None:
        """Why a request is not from this computer, where only that may ask."""
        if self.door.way != "computer":
            return None
        headers = Headers(scope=scope)
        client = scope.get("client")
        if client is not None and not is_loopback(client[0]):
            return STRANGER
        if any(name == "forwarded" or name.startswith("x-forwarded-") for name in headers):
            return STRANGER  # a proxy would let others in
        return None

    def _foreign(self, scope: Scope) -> str | None:
        """Why a request was made for another site, or by one."""
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self._is_our_host(hosts[0]):
            return FOREIGN
        origin = headers.get("origin")
        asks_only = scope["type"] == "http" and scope["method"] in _SAFE
        if origin is None:
            # Browsers send it with every socket and every form; other programs hold no cookie that
            # a foreign page could make them use.
            return None
        if not asks_only and not self._is_same(origin, hosts[0]):
            return FOREIGN
        return None

    def _is_our_host(self, host: str) -> bool:
        name = _name_in(host)
        if name is None:
            return False
        if name in self.hosts:
            return True
        # A foreign page can make its own name lead here, but not a bare address.
        return self.door.way != "computer" and is_ip(name)

    def _is_same(self, origin: str, host: str) -> bool:
        if self.door.address is not None and origin == self.door.address:
            return True
        try:
            parts = urlsplit(origin)
        except ValueError:
            return False
        return parts.scheme in ("http", "https") and parts.netloc == host

    # --- answers --------------------------------------------------------------------------------

    async def _refuse(
        self, scope: Scope, receive: Receive, send: Send, status: int, why: str
    ) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": why})
            return
        answer: Response = PlainTextResponse(why, status)
        if "text/html" in Headers(scope=scope).get("accept", ""):
            if status == 401 and scope["method"] in _SAFE:
                answer = RedirectResponse(ways.sign_in_address(HTTPConnection(scope).url), 303)
            else:
                back = {403: "/" if why == NOT_ALLOWED else None, 404: "/", 401: "/login"}
                page = paper.told(
                    title=_(TITLES[why]),
                    message=_(TEXTS[why]),
                    reference=None,
                    back=back.get(status),
                )
                answer = HTMLResponse(page, status, {"content-security-policy": paper.POLICY})
        await answer(scope, receive, send)

    def _with_headers(self, scope: Scope, send: Send) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                headers.setdefault("content-security-policy", _POLICY)
                if not scope["path"].startswith("/static/"):  # the program itself, no data
                    headers["cache-control"] = "no-store"
                if scope["scheme"] == "https":
                    headers["strict-transport-security"] = "max-age=31536000"
            await send(message)

        return sending

    async def _note_refusal(self, visitor: Visitor, scope: Scope, wanted: str) -> None:
        """Write the refusal down, once a minute for the same visitor and place."""
        mark, now = (visitor.account, wanted), time.monotonic()
        self._noted = {m: at for m, at in self._noted.items() if now - at < 60}
        if mark not in self._noted:
            self._noted[mark] = now
            who = _from(visitor, scope)
            await run_in_threadpool(deeds.done, "refused", who, place=wanted)

    def _lives(self, token: str, touch: bool) -> bool:
        assert self.accounts is not None
        try:
            return self.accounts.session(token, touch=touch) is not None
        except DatabaseUnavailable:
            return False


def _from(visitor: Visitor, scope: Scope) -> Visitor:
    client = scope.get("client")
    return replace(visitor, address=place(client[0]) if client else "")


def _wanted(scope: Scope) -> str:
    """Of NEEDS, where a request goes: a page by its name, or the uploading of files."""
    path: str = scope["path"]
    return UPLOADING if path.startswith(UPLOADING) else path.strip("/")


def _is_ours(scope: Scope) -> bool:
    path = scope["path"]
    return not path.startswith(("/_stcore", "/auth/", "/oauth2callback")) or any(
        path == part or (part.endswith("/") and path.startswith(part)) for part in MACHINERY
    )


def _name_in(host: str) -> str | None:
    """The name in a Host header, without the port; None if it is none."""
    try:
        parts = urlsplit(f"//{host}")
        _port = parts.port
    except ValueError:
        return None
    if parts.username is not None or parts.path or parts.query or parts.fragment:
        return None
    return parts.hostname.rstrip(".") if parts.hostname else None


def _names_of_this_machine(door: Door) -> frozenset[str]:
    names = {"localhost", "127.0.0.1", "::1"}
    if door.way != "computer":
        names |= {socket.gethostname().lower(), socket.getfqdn().lower()}
        if door.address is not None and (own := urlsplit(door.address).hostname):
            names.add(own)
    return frozenset(names)


def serves_others(address: str | None) -> bool:
    """Whether a server bound to this address can be reached from other computers."""
    return not is_loopback(address or "0.0.0.0")


# Why a request is refused, to programs and, as title and text, to people.
NOT_SIGNED_IN, NOT_ALLOWED, NOT_FOUND = "sign in first", "not allowed", "not found"
UNAVAILABLE, FOREIGN, STRANGER = "unavailable", "foreign site", "this computer only"
TITLES = {
    NOT_SIGNED_IN: "请先登录",
    NOT_ALLOWED: "没有权限",
    NOT_FOUND: "没有这一页",
    UNAVAILABLE: "暂时不能登录",
    FOREIGN: "网址不对",
    STRANGER: "只能在本机使用",
}
TEXTS = {
    NOT_SIGNED_IN: "登录后再试。",
    NOT_ALLOWED: "您的账号没有使用这一页的权限。",
    NOT_FOUND: "请检查网址，或回到首页。",
    UNAVAILABLE: "账号文件打不开，请告诉系统管理员。",
    FOREIGN: "请用系统管理员给出的网址打开本系统。",
    STRANGER: "本系统没有设置账号，只能在安装它的电脑上打开。",
}
