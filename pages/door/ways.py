"""The ways in and out: signing in, the first password, changing it, signing out.

A small Starlette application of its own, without scripts. It alone sees passwords: they are never
in a page's state, in the record or in the log.
"""

import hmac
import logging
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

from anyio import CapacityLimiter, to_thread
from authlib.integrations.starlette_client import OAuth, OAuthError
from httpx2 import HTTPError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import URL
from starlette.exceptions import HTTPException
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp

from data import deeds
from data.access import Visitor, place
from data.access.accounts import (
    DEVICE_LASTS,
    FAULTS,
    Account,
    Accounts,
    BadAccount,
    SignInRefused,
)
from data.access.passwords import WEAKNESSES, WeakPassword
from data.access.settings import Door
from data.record import Deed, record
from pages.door import paper
from pages.words import _

_log = logging.getLogger(__name__)

DEVICE = "delegates_device"
LARGEST_FORM = 16 * 1024
AT_ONCE, WAITING = 2, 20  # passwords compared at once, and those that may wait for it
BUSY = 10  # seconds until one more try, where more wait
WATCH = Path(__file__).with_name("watch.js").read_text("utf-8")
WATCH_PATH = "/watch.js"
PATHS = (
    *("/login", "/login/sso", "/login/back", "/logout", "/setup", "/password"),
    *("/session", WATCH_PATH),
)


def sign_in_address(wanted: URL) -> str:
    """The address of the sign-in page that leads on to the page that was wanted."""
    where = wanted.path + (f"?{wanted.query}" if wanted.query else "")
    return "/login" if where == "/" else f"/login?next={quote(where, safe='')}"


def application(door: Door, accounts: Accounts, secure: bool) -> ASGIApp:
    """The door's own pages for the way in ``accounts`` or ``sso``; ``secure``: by HTTPS alone."""
    kind = _SingleSignOn if door.way == "sso" else _Ways
    ways = kind(door, accounts, secure)
    return ExceptionMiddleware(Router(ways.routes()), {HTTPException: _refused})


def announce(door: Door, accounts: Accounts, address: str) -> None:
    """While there is no administrator, print in the terminal how to become the first one."""
    code = accounts.setup_code()
    if code is None:
        return
    how = _(
        "还没有系统管理员。请在浏览器打开 {address} ，输入一次性代码：{code}",
        address=f"{door.address or address}/setup",
        code=code,
    )
    print(f"\n  {how}\n", flush=True)


class _Ways:
    def __init__(self, door: Door, accounts: Accounts, secure: bool) -> None:
        self.door = door
        self.accounts = accounts
        self.secure = secure
        self._slowed: dict[str, float] = {}
        # Comparing passwords is slow by intent: a crowd that guesses waits here, for itself alone.
        self._comparing = CapacityLimiter(AT_ONCE)

    def routes(self) -> list[Route]:
        both = ["GET", "POST"]
        return [
            Route("/login", self.sign_in, methods=both),
            Route("/setup", self.set_up, methods=both),
            Route("/password", self.password, methods=both),
            Route("/logout", self.sign_out, methods=both),
            Route("/session", self.session),
            Route(WATCH_PATH, self.watch),
        ]

    # --- in --------------------------------------------------------------------------------------

    async def sign_in(self, request: Request) -> Response:
        wanted = _local(request.query_params.get("next", ""))
        if request.method == "GET":
            if self._session_of(request) is not None:
                return RedirectResponse(wanted, 303)
            return self._sign_in_page(request, wanted)
        form = await _form(request)
        wanted = _local(form.get("next", ""))
        typed = form.get("account", "")
        device = request.cookies.get(DEVICE)
        address = _address(request)
        try:
            account = await self._slowly(
                self.accounts.sign_in, typed, form.get("password", ""), address, device
            )
        except SignInRefused as refused:
            await run_in_threadpool(
                self._note_failure, "sign_in", typed, place(_address(request)), refused.wait_seconds
            )
            if refused.wait_seconds:
                page = self._sign_in_page(request, wanted, typed, _why(refused), 429)
                page.headers["retry-after"] = str(refused.wait_seconds)
                return page
            return self._sign_in_page(request, wanted, typed, _("账号或密码不正确。"), 401)
        return await self._let_in(request, account, wanted)

    def _sign_in_page(
        self,
        request: Request,
        wanted: str,
        account: str = "",
        message: str | None = None,
        status: int = 200,
    ) -> Response:
        page = paper.sign_in(
            account=account,
            message=message,
            sso=self._provider_link(wanted),
            next=wanted,
            csrf=_csrf(request),
        )
        return _html(page, status)

    def _provider_link(self, wanted: str) -> str | None:
        """Where somebody else asks who it is; None where the door itself asks for a password."""
        return None

    async def _let_in(self, request: Request, account: Account, wanted: str) -> Response:
        """Begin a session under a new token; whatever the browser had before is gone."""
        await run_in_threadpool(record().note, "sign_in", _named(account, request))
        old = request.session.get("token")
        if isinstance(old, str):
            await run_in_threadpool(self.accounts.end, old)
        session = await run_in_threadpool(self.accounts.begin, account.account, _address(request))
        request.session.clear()
        request.session["token"] = session.token
        answer = RedirectResponse(wanted, 303)
        answer.set_cookie(
            DEVICE,
            self.accounts.device(account.account),
            max_age=DEVICE_LASTS,
            path="/login",
            secure=self.secure,
            httponly=True,
            samesite="lax",
        )
        return answer

    def _note_failure(self, tried: str, typed: str, address: str, wait: int) -> None:
        """Write a failure down; of somebody who has to wait, once a minute. What was typed is kept
        only if it is an account: people type passwords there.
        """
        known = self.accounts.get(typed)
        who = Visitor(
            name=known.name if known else "",
            account=known.account if known else None,
            role=known.role if known else None,
            address=address,
        )
        if not wait:
            deeds.done("sign_in_failed", who, tried=tried)
            return
        now = time.monotonic()
        if now - self._slowed.get(address, now - 60) >= 60:
            self._slowed = {a: at for a, at in list(self._slowed.items()) if now - at < 60}
            self._slowed[address] = now
            deeds.done("sign_in_slowed", who, tried=tried, seconds=wait)

    async def set_up(self, request: Request) -> Response:
        """The first password, with a one-time code; also the first administrator's."""
        first = not self.accounts.has_administrator()
        if request.method == "GET":
            return _html(
                paper.set_up(first=first, account="", name="", message=None, csrf=_csrf(request))
            )
        form = await _form(request)
        typed, name = form.get("account", ""), form.get("name", "")
        try:
            if form.get("new", "") != form.get("again", ""):
                raise _NotTheSame
            account = await self._slowly(
                self.accounts.redeem,
                form.get("code", ""),
                typed,
                name,
                form.get("new", ""),
                _address(request),
            )
        except (BadAccount, SignInRefused, WeakPassword, _NotTheSame) as error:
            await self._note_refusal(request, "set_up", typed, error)
            page = paper.set_up(
                first=first, account=typed, name=name, message=_why(error), csrf=_csrf(request)
            )
            return _html(page, 400)
        who = _named(account, request)
        if first:
            await _note("account_created", who, account=account.account, role=account.role)
        await _note("password_set", who)
        return await self._let_in(request, account, "/")

    async def _note_refusal(
        self, request: Request, tried: str, typed: str, error: Exception
    ) -> None:
        """Write down a wrong code or old password; a weak or mistyped new one is no attempt."""
        wait = error.wait_seconds if isinstance(error, SignInRefused) else 0
        if isinstance(error, SignInRefused) or getattr(error, "code", "") == "bad_code":
            await run_in_threadpool(
                self._note_failure, tried, typed, place(_address(request)), wait
            )

    # --- while in --------------------------------------------------------------------------------

    async def password(self, request: Request) -> Response:
        visitor = self._session_of(request)
        if visitor is None or visitor.account is None:
            return RedirectResponse("/login?next=%2Fpassword", 303)
        if request.method == "GET":
            return _html(
                paper.password(
                    message=None, done=False, csrf=_csrf(request), account=visitor.account
                )
            )
        form = await _form(request)
        try:
            if form.get("new", "") != form.get("again", ""):
                raise _NotTheSame
            await self._slowly(
                self.accounts.change_password,
                visitor.account,
                form.get("old", ""),
                form.get("new", ""),
                _address(request),
            )
        except (WeakPassword, SignInRefused, _NotTheSame) as error:
            await self._note_refusal(request, "password", visitor.account, error)
            page = paper.password(
                message=_why(error), done=False, csrf=_csrf(request), account=visitor.account
            )
            return _html(page, 400)
        who = replace(visitor, address=place(_address(request)))
        await _note("password_changed", who)
        # Every session has ended, this one too: whoever knew the old password is out.
        session = await run_in_threadpool(self.accounts.begin, visitor.account, _address(request))
        request.session.clear()
        request.session["token"] = session.token
        return _html(paper.password(message=None, done=True, csrf=_csrf(request)))

    async def sign_out(self, request: Request) -> Response:
        """Ends every session of the account, on all computers, with their open sockets."""
        visitor = self._session_of(request)
        if visitor is None:
            request.session.clear()
            return RedirectResponse("/login", 303)
        if request.method == "GET":
            return _html(paper.sign_out(name=visitor.name, csrf=_csrf(request)))
        await _form(request)
        assert visitor.account is not None
        await run_in_threadpool(self.accounts.end_all, visitor.account)
        request.session.clear()
        who = replace(visitor, address=place(_address(request)))
        await _note("sign_out", who)
        return RedirectResponse("/login", 303)

    async def session(self, request: Request) -> Response:
        """204 while the session lasts, else 401; asking is no use of it."""
        return Response(status_code=204 if self._session_of(request, touch=False) else 401)

    async def watch(self, request: Request) -> Response:
        return Response(WATCH, media_type="text/javascript")

    async def _slowly(self, compare: Callable[..., Account], *given: str | None) -> Account:
        """Compare a password, a few at a time; SignInRefused where too many wait already."""
        if self._comparing.statistics().tasks_waiting >= WAITING:
            raise SignInRefused(BUSY)
        return await to_thread.run_sync(compare, *given, limiter=self._comparing)

    def _session_of(self, request: Request, touch: bool = True) -> Visitor | None:
        token = request.session.get("token")
        return self.accounts.session(token, touch=touch) if isinstance(token, str) else None


class _SingleSignOn(_Ways):
    """Who somebody is, the office's provider says (OpenID Connect, code flow with PKCE); what they
    may do, their account here.
    """

    def __init__(self, door: Door, accounts: Accounts, secure: bool) -> None:
        super().__init__(door, accounts, secure)
        assert door.issuer is not None
        self._provider = OAuth().register(
            "provider",
            client_id=door.client_id,
            client_secret=door.client_secret,
            server_metadata_url=f"{door.issuer.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={"scope": "openid profile email", "code_challenge_method": "S256"},
        )

    def routes(self) -> list[Route]:
        mine = [route for route in super().routes() if route.path != "/password"]
        return [
            *mine,
            Route("/login/sso", self.to_provider),
            Route("/login/back", self.from_provider),
        ]

    async def sign_in(self, request: Request) -> Response:
        if request.method != "GET":
            raise HTTPException(405)
        return await super().sign_in(request)

    def _provider_link(self, wanted: str) -> str | None:
        return f"/login/sso?next={quote(wanted, safe='')}"

    async def to_provider(self, request: Request) -> Response:
        request.session["next"] = _local(request.query_params.get("next", ""))
        try:
            answer: Response = await self._provider.authorize_redirect(
                request, f"{self.door.address}/login/back"
            )
        except (HTTPError, OAuthError, ValueError) as error:
            return self._no_provider(request, error)
        return answer

    async def from_provider(self, request: Request) -> Response:
        wanted = _local(request.session.get("next", ""))
        try:
            told = await self._provider.authorize_access_token(request)
            claims = told["userinfo"]
            subject = f"{claims['iss']}|{claims['sub']}"
            name = str(claims.get(self.door.claim) or "")
        except OAuthError as error:
            _log.warning("single sign-on refused: %s", error)
            return self._sign_in_page(request, wanted, "", _("统一身份认证没有完成，请重试。"), 401)
        except (HTTPError, KeyError, ValueError) as error:
            return self._no_provider(request, error)
        if not self.accounts.has_administrator():
            request.session.clear()
            request.session["subject"] = [subject, name, str(claims.get("name") or name)]
            return RedirectResponse("/setup", 303)
        try:
            account = await run_in_threadpool(self.accounts.sign_in_by, subject, name)
        except SignInRefused:
            await run_in_threadpool(self._note_failure, "sso", name, place(_address(request)), 0)
            said = _("您的账号在本系统没有开通或已停用，请联系系统管理员。")
            return self._sign_in_page(request, wanted, "", said, 403)
        return await self._let_in(request, account, wanted)

    def _no_provider(self, request: Request, error: Exception) -> Response:
        _log.error("single sign-on does not answer", exc_info=error)
        said = _("统一身份认证没有应答，请稍后再试，或告诉系统管理员。")
        return self._sign_in_page(request, "/", "", said, 502)

    async def set_up(self, request: Request) -> Response:
        """The first administrator: whoever the provider knows and who has the code."""
        if self.accounts.has_administrator():
            return RedirectResponse("/login", 303)
        known = request.session.get("subject")
        if known is None:
            return RedirectResponse("/login/sso", 303)
        subject, account_name, name = known
        message = None
        if request.method == "POST":
            form = await _form(request)
            try:
                await run_in_threadpool(
                    self.accounts.redeem,
                    form.get("code", ""),
                    account_name,
                    name,
                    None,
                    _address(request),
                )
                account = await run_in_threadpool(self.accounts.sign_in_by, subject, account_name)
            except (BadAccount, SignInRefused) as error:
                await self._note_refusal(request, "set_up", account_name, error)
                message = _why(error)
            else:
                who = _named(account, request)
                await _note("account_created", who, account=account.account, role=account.role)
                return await self._let_in(request, account, "/")
        page = paper.set_up(
            first=True,
            account=account_name,
            name=name,
            message=message,
            csrf=_csrf(request),
            sso=True,
        )
        return _html(page, 400 if message else 200)


async def _note(deed: Deed, who: Visitor, **what: str) -> None:
    """Put on record what is done, without holding up everybody else while it is written."""
    await run_in_threadpool(deeds.done, deed, who, **what)


class _NotTheSame(ValueError):
    """The new password was typed in two ways."""


def _why(error: Exception) -> str:
    match error:
        case _NotTheSame():
            return _("两次输入的新密码不一致。")
        case WeakPassword():
            return _(WEAKNESSES[error.weakness])
        case BadAccount():
            return _(FAULTS[error.code])
        case SignInRefused() if error.wait_seconds:
            return _("尝试次数过多，请在 {seconds} 秒后再试。", seconds=error.wait_seconds)
    return _("原密码不正确。")


def _named(account: Account, request: Request) -> Visitor:
    return Visitor(account.name, account.account, account.role, address=place(_address(request)))


def _refused(request: Request, error: Exception) -> Response:
    """A form that was not ours, too long, sent twice, or out of date."""
    status = error.status_code if isinstance(error, HTTPException) else 400
    page = paper.told(
        title=_("没有办成"),
        message=_("这个页面已过期，或提交的内容不对。请返回后重新填写。"),
        reference=None,
        back="/login",
    )
    return _html(page, status)


def _html(page: str, status: int = 200) -> Response:
    return HTMLResponse(page, status, {"content-security-policy": paper.POLICY})


async def _form(request: Request) -> Mapping[str, str]:
    """The fields of a small form that this browser was given by us."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            raise HTTPException(413)
    try:
        fields = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=12)
    except ValueError:
        raise HTTPException(400) from None
    form = {name: values[0] for name, values in fields.items()}
    given = request.session.get("csrf")
    if not isinstance(given, str) or not hmac.compare_digest(
        given.encode(), form.get("csrf", "").encode()
    ):
        raise HTTPException(403)
    return form


def _csrf(request: Request) -> str:
    """The mark that a form of ours bears; the browser's signed cookie holds it as well."""
    held = request.session.get("csrf")
    if not isinstance(held, str):
        held = request.session["csrf"] = secrets.token_urlsafe(24)
    return held


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _local(wanted: str) -> str:
    """A place on this very site, or the first page: nobody is sent elsewhere after signing in."""
    parts = urlsplit(wanted)
    fine = (
        wanted.startswith("/")
        and not wanted.startswith("//")
        and not parts.scheme
        and not parts.netloc
        and "\\" not in wanted
        and wanted.isprintable()
        and parts.path not in PATHS
    )
    return wanted if fine else "/"
