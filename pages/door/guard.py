"""The guard: what every request and every socket passes before Streamlit hears of it.

Fail closed: what is not named here as open, or as a part of Streamlit that the pages need, is
refused. Sources: house.md, known traps 1 and 2; the session rules are ``data.access.accounts``.
"""

import asyncio
import ipaddress
import logging
import secrets
import socket
import time
from contextlib import suppress
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from data.access import HERE, Right, Visitor, is_loopback
from data.access.accounts import Accounts
from data.access.settings import Door
from data.problems import DatabaseUnavailable
from data.record import record
from pages.door import paper, ways
from pages.words import LANGUAGES, _, speak

_log = logging.getLogger(__name__)

TICKET = "x-delegates-ticket"  # .streamlit/config.toml hands it to `st.user`
HEALTH = "/_stcore/health"
# Of Streamlit's own machinery, what the pages need. Statistics and its interface for programs are
# nobody's business here.
MACHINERY = ("/_stcore/health", "/_stcore/host-config", "/_stcore/stream", "/_stcore/upload_file/")
PAGES: dict[str, tuple[Right, ...]] = {
    "overview": ("browse",),
    "townships": ("browse",),
    "ranking": ("browse", "names"),
    "delegate": ("browse", "names"),
    "upload": ("upload",),
    "history": ("uploads",),
    "backups": ("backups",),
    "accounts": ("accounts",),
    "record": ("record",),
}
LOOK_AGAIN = 5.0  # seconds between looks at an open socket's session that nobody used
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

    def __init__(self, app: ASGIApp, door: Door, accounts: Accounts | None, own: ASGIApp) -> None:
        self.app = app
        self.door = door
        self.accounts = accounts
        self.own = own
        self.hosts = _names_of_this_machine(door)
        self._sockets: dict[str, set[_Ended]] = {}
        self._told: dict[tuple[str | None, str], float] = {}
        if accounts is not None:
            accounts.on_end.append(self._close_sockets)

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
        elif scope["path"] in ways.PATHS and scope["type"] == "http" and self.accounts is not None:
            await self._serve(self.own, scope, receive, send)
        elif not _is_ours(scope):
            await self._refuse(scope, receive, send, 404, "not found")
        elif scope["path"] == HEALTH or self.accounts is None:
            await self._serve(self.app, inner, receive, send)
        else:
            await self._with_session(inner, receive, send)

    async def _with_session(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.accounts is not None
        token = scope["session"].get("token")
        try:
            visitor = self.accounts.session(token) if isinstance(token, str) else None
        except DatabaseUnavailable as fault:
            _log.error("%s", fault)
            await self._refuse(scope, receive, send, 503, "unavailable")
            return
        if visitor is None:
            await self._refuse(scope, receive, send, 401, "sign in first")
            return
        if not _allowed(visitor, scope):
            await run_in_threadpool(self._note_refusal, visitor, scope)
            await self._refuse(scope, receive, send, 403, "not allowed")
            return
        scope["headers"] = [*scope["headers"], (TICKET.encode(), visitor.ticket.encode())]
        if scope["type"] == "websocket":
            await self._socket(visitor, token, scope, receive, send)
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
            page = paper.told(
                title=_("系统出错"),
                message=_("请稍后再试。如仍不行，请把编号告诉系统管理员。"),
                reference=reference,
                back="/",
            )
            answer = HTMLResponse(page, 500, {"content-security-policy": paper.POLICY})
            await answer(scope, receive, send)

    # --- who may not even knock -----------------------------------------------------------------

    def _stranger(self, scope: Scope) -> str | None:
        """Why a request is not from this computer, where only that may ask."""
        if self.door.way != "computer":
            return None
        headers = Headers(scope=scope)
        client = scope.get("client")
        if client is not None and not is_loopback(client[0]):
            return "this computer only"
        if any(name == "forwarded" or name.startswith("x-forwarded-") for name in headers):
            return "this computer only"  # a proxy would let others in
        return None

    def _foreign(self, scope: Scope) -> str | None:
        """Why a request was made for another site, or by one."""
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self._is_our_host(hosts[0]):
            return "unknown host"
        origin = headers.get("origin")
        asks_only = scope["type"] == "http" and scope["method"] in _SAFE
        if origin is None:
            # Browsers send it with every socket and every form; other programs hold no cookie that
            # a foreign page could make them use.
            return None
        if not asks_only and not self._is_same(origin, hosts[0]):
            return "foreign origin"
        return None

    def _is_our_host(self, host: str) -> bool:
        name = _name_in(host)
        if name is None:
            return False
        if name in self.hosts:
            return True
        # A foreign page can make its own name lead here, but not a bare address.
        return self.door.way != "computer" and _is_address(name)

    def _is_same(self, origin: str, host: str) -> bool:
        if self.door.address is not None and origin == self.door.address.rstrip("/"):
            return True
        parts = urlsplit(origin)
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
                page = paper.told(**_SAID[status](), reference=None, back=_BACK.get(status))
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

    def _note_refusal(self, visitor: Visitor, scope: Scope) -> None:
        """Write the refusal down, once a minute for the same visitor and place."""
        mark, now = (visitor.account, scope["path"]), time.monotonic()
        if now - self._told.get(mark, -60.0) < 60:
            return
        self._told = {m: at for m, at in self._told.items() if now - at < 60}
        self._told[mark] = now
        with suppress(DatabaseUnavailable):
            record().note("refused", _from(visitor, scope), place=scope["path"][:100])

    # --- sockets --------------------------------------------------------------------------------

    def _close_sockets(self, ticket: str) -> None:
        """The session has ended: so do its sockets. Called on any thread."""
        for ended in list(self._sockets.get(ticket, ())):
            ended.loop.call_soon_threadsafe(ended.set)

    async def _socket(
        self, visitor: Visitor, token: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """A socket that lives no longer than its session: nothing goes in or out after it."""
        ended = _Ended()
        self._sockets.setdefault(visitor.ticket, set()).add(ended)
        watching = asyncio.create_task(self._watch(token, ended))

        async def receiving() -> Message:
            incoming = asyncio.ensure_future(receive())
            leaving = asyncio.ensure_future(ended.wait())
            try:
                await asyncio.wait((incoming, leaving), return_when=asyncio.FIRST_COMPLETED)
                if not ended.is_set():
                    message = incoming.result()
                    if message["type"] != "websocket.receive" or self._lives(token):
                        return message
                    ended.set()
            finally:
                incoming.cancel()
                leaving.cancel()
            with suppress(Exception):  # it may be closed already
                await send({"type": "websocket.close", "code": 1008, "reason": "signed out"})
            return {"type": "websocket.disconnect", "code": 1008}

        async def sending(message: Message) -> None:
            if not ended.is_set():
                await send(message)

        try:
            await self.app(scope, receiving, sending)
        finally:
            watching.cancel()
            self._sockets[visitor.ticket].discard(ended)
            if not self._sockets[visitor.ticket]:
                del self._sockets[visitor.ticket]

    async def _watch(self, token: str, ended: asyncio.Event) -> None:
        """Notice sessions that time out, or that another process has ended."""
        while not ended.is_set():
            await asyncio.sleep(LOOK_AGAIN)
            if not self._lives(token, touch=False):
                ended.set()

    def _lives(self, token: str, touch: bool = True) -> bool:
        assert self.accounts is not None
        try:
            return self.accounts.session(token, touch=touch) is not None
        except DatabaseUnavailable:
            return False


class _Ended(asyncio.Event):
    """Set once a socket's session has ended; knows the loop that waits for it."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.get_running_loop()


def _from(visitor: Visitor, scope: Scope) -> Visitor:
    client = scope.get("client")
    address = client[0] if client else ""
    return replace(visitor, address=HERE if is_loopback(address) else address)


def _allowed(visitor: Visitor, scope: Scope) -> bool:
    """Whether the role may go there; what a page shows is checked again on the page."""
    path = scope["path"]
    if path.startswith("/_stcore/upload_file/"):
        return visitor.may("upload")
    return all(visitor.may(right) for right in PAGES.get(path.strip("/"), ()))


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


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def serves_others(address: str | None) -> bool:
    """Whether a server bound to this address can be reached from other computers."""
    return not is_loopback(address or "0.0.0.0")


_SAID: dict[int, Any] = {
    401: lambda: {"title": _("请先登录"), "message": _("登录后再试。")},
    403: lambda: {
        "title": _("不能打开"),
        "message": _("您的账号没有这项权限，或这个网址不是本系统的。"),
    },
    404: lambda: {"title": _("没有这一页"), "message": _("请检查网址，或回到首页。")},
    503: lambda: {
        "title": _("暂时不能登录"),
        "message": _("账号文件打不开，请告诉系统管理员。"),
    },
}
_BACK: dict[int, str] = {403: "/", 404: "/", 401: "/login"}
