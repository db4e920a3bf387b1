"""The door's own pages: signing in and out, passwords, and what is told instead of a page.

They are shown to people who may not be let in, so they hold nothing but themselves: no script, no
file to fetch, one style within the page. ``POLICY`` allows just that, the style by its hash. The
caller has set the language (``pages.words.speak``) and gives sentences in it; none of them may
say whether an account exists.

Forms are posted to where the page belongs (``/login``, ``/setup``, ``/password``, ``/logout``),
with these fields: ``account``, ``password``, ``name``, ``code``, ``old``, ``new``, ``again``,
``next``, ``csrf``. The language goes along in the address, as ``lang``.
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from pages.words import LANGUAGES, _, language

HERE = Path(__file__).parent
STYLE = (HERE / "paper.css").read_text("utf-8")
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = "; ".join(
    (
        "default-src 'none'",
        f"style-src 'sha256-{_HASH}'",
        "img-src data:",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
_ICON = "data:image/svg+xml," + quote((HERE.parent / "parts" / "icon.svg").read_text("utf-8"))

# A password cut off by its field would be another one: fields take more than a password may have.
LENGTHS = {"account": 32, "name": 30, "code": 60}
PASSWORD_LENGTH = 256


@dataclass(frozen=True)
class Field:
    """One line to fill in; ``fills`` is what a browser or a keeper of passwords may put there."""

    name: str
    label: str
    fills: str
    value: str = ""
    hint: str | None = None

    @property
    def secret(self) -> bool:
        return self.fills.endswith("-password")

    @property
    def longest(self) -> int:
        return PASSWORD_LENGTH if self.secret else LENGTHS[self.name]


def sign_in(
    *, account: str = "", message: str | None, sso: str | None, next: str, csrf: str
) -> str:
    """Account and password, or the one link to the single sign-on."""
    if sso is not None:
        return _page(
            _("登录"),
            lead=_("本系统使用单位的统一身份认证登录。"),
            message=message,
            go=(sso, _("统一身份认证登录")),
            parameters={"next": next},
        )
    return _page(
        _("登录"),
        message=message,
        action="/login",
        fields=(
            Field("account", _("账号"), "username", account),
            Field("password", _("密码"), "current-password"),
        ),
        button=_("登录"),
        hidden={"next": next, "csrf": csrf},
        aside=(_("首次登录，或忘记密码？"), _("用一次性代码设置密码"), "/setup"),
        parameters={"next": next},
    )


def set_up(
    *,
    first: bool,
    account: str,
    name: str,
    message: str | None,
    csrf: str,
    sso: bool = False,
) -> str:
    """A password with a one-time code: the first administrator's, or anybody's of the office.

    With the single sign-on (``sso``) the first administrator is known, and has no password here.
    """
    code = Field(
        "code",
        _("一次性代码"),
        "one-time-code",
        hint=_("启动本系统的窗口中显示的代码。") if first else _("系统管理员当面交给您的代码。"),
    )
    passwords = _new_password(_("密码"), _("再次输入密码"))
    if sso:
        lead = _("统一身份认证中，您是{name}，账号 {account}。", name=name, account=account)
        fields: tuple[Field, ...] = (code,)
    elif first:
        lead = _("建立后即可登录，并为其他人员开设账号。")
        called = Field("name", _("姓名"), "name", name, _("您的真实姓名，会写入操作记录。"))
        rules = _("2 至 32 个字母、数字或汉字，可用 . _ - @。")
        fields = (code, called, Field("account", _("账号"), "username", account, rules), *passwords)
    else:
        lead = _("用一次性代码设置自己的密码。忘记密码的，请向系统管理员领取新的代码。")
        fields = (Field("account", _("账号"), "username", account), code, *passwords)
    return _page(
        _("建立第一个管理员账号") if first else _("首次登录"),
        lead=lead,
        message=message,
        action="/setup",
        fields=fields,
        button=_("建立账号并登录") if first else _("设置密码并登录"),
        hidden={"csrf": csrf},
        aside=None if first else ("", _("返回登录"), "/login"),
    )


def password(*, message: str | None, done: bool, csrf: str, account: str = "") -> str:
    """One's own password, changed; ``done`` once it is. ``account`` tells a keeper of passwords
    whose it is.
    """
    if done:
        return told(
            title=_("密码已修改"),
            message=_("您在其他电脑上的登录已经退出。下次请用新密码登录。"),
            reference=None,
            back="/",
        )
    return _page(
        _("修改密码"),
        message=message,
        action="/password",
        fields=(
            Field("old", _("原密码"), "current-password"),
            *_new_password(_("新密码"), _("再次输入新密码")),
        ),
        button=_("修改密码"),
        hidden={"csrf": csrf},
        keeper=account,
        aside=("", _("返回系统"), "/"),
    )


def sign_out(*, name: str, csrf: str) -> str:
    """Whether to leave: a form, so that no link from elsewhere signs anybody out."""
    return _page(
        _("退出登录"),
        lead=_("当前登录的是{name}。在其他电脑上的登录也将一同退出。", name=name),
        message=None,
        action="/logout",
        button=_("退出登录"),
        hidden={"csrf": csrf},
        aside=("", _("返回系统"), "/"),
    )


def told(*, title: str, message: str, reference: str | None, back: str | None) -> str:
    """A few words instead of a page: not found, not allowed, failed, signed out, too many tries."""
    return _page(
        title,
        lead=message,
        message=None,
        reference=reference,
        go=back and (_here(back), _("登录") if back.startswith("/login") else _("返回系统")),
    )


def _new_password(label: str, again: str) -> tuple[Field, Field]:
    rules = _("至少 10 个字符，一个汉字算两个；不要用常见密码、姓名或账号。")
    return (
        Field("new", label, "new-password", hint=rules),
        Field("again", again, "new-password"),
    )


def _page(
    title: str,
    *,
    message: str | None,
    lead: str | None = None,
    action: str | None = None,
    fields: Sequence[Field] = (),
    button: str | None = None,
    hidden: dict[str, str] | None = None,
    keeper: str = "",
    go: tuple[str, str] | None = None,
    aside: tuple[str, str, str] | None = None,
    reference: str | None = None,
    parameters: dict[str, str] | None = None,
) -> str:
    """The template, filled in: a form (``action``) or a link to go on (``go``), or neither."""
    return _template().render(
        locals(),
        _=_,
        here=_here,
        style=STYLE,
        icon=_ICON,
        lang={"zh": "zh-CN"}.get(language(), language()),
        empty=next((field.name for field in fields if not field.value), None),
        languages=[
            (code, spoken, "?" + urlencode({"lang": code, **(parameters or {})}))
            for code, spoken in LANGUAGES.items()
            if code != language()
        ],
    )


def _here(address: str) -> str:
    """An address of the door or the pages, in the language that is spoken."""
    joint = "&" if "?" in address else "?"
    return address if language() == "zh" else f"{address}{joint}lang={language()}"


@cache
def _template() -> Template:
    return Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    ).get_template("paper.html")
