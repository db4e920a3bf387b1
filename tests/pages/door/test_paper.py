"""The door's own pages: well made, usable without eyes or mouse, and holding nothing but themselves."""

import base64
import hashlib
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser

from pages.door import paper
from pages.words import _, speak

HOSTILE = "\"><script>alert(1)</script><img src=//evil.example>{{7*7}}</style>'&amp;"
VOID = {"meta", "link", "img", "input"}
CSRF = "a-mark"

# Every page there is, with what may be told on it and without.
PAPERS: dict[str, Callable[[str], str]] = {
    "sign in": lambda x: paper.sign_in(message=None, sso=None, next="/", csrf=CSRF),
    "sign in again": lambda x: paper.sign_in(account=x, message=x, sso=None, next=x, csrf=x),
    "single sign-on": lambda x: paper.sign_in(message=x, sso="/login/sso", next=x, csrf=x),
    "first administrator": lambda x: paper.set_up(
        first=True, account="", name="", message=None, csrf=CSRF
    ),
    "first administrator again": lambda x: paper.set_up(
        first=True, account=x, name=x, message=x, csrf=x
    ),
    "first administrator by single sign-on": lambda x: paper.set_up(
        first=True, account=x, name=x, message=x, csrf=x, sso=True
    ),
    "first sign-in": lambda x: paper.set_up(
        first=False, account="", name="", message=None, csrf=CSRF
    ),
    "first sign-in again": lambda x: paper.set_up(
        first=False, account=x, name=x, message=x, csrf=x
    ),
    "password": lambda x: paper.password(message=None, done=False, csrf=CSRF),
    "password again": lambda x: paper.password(message=x, done=False, csrf=x, account=x),
    "password changed": lambda x: paper.password(message=None, done=True, csrf=x),
    "sign out": lambda x: paper.sign_out(name=x, csrf=x),
    "told": lambda x: paper.told(title=x, message=x, reference=x, back="/login"),
    "told, with no way on": lambda x: paper.told(title=x, message=x, reference=None, back=None),
}
EVERY = [(name, lang) for name in PAPERS for lang in ("zh", "en")]


class Read(HTMLParser):
    """The elements of a page in order, each with its attributes and text; complains of slips."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: dict[int, str] = {}
        self._open: list[int] = []
        self.feed(page)
        self.close()
        assert self._open == [], "elements left open"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), f"an attribute twice: {attrs}"
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(len(self.elements) - 1)

    def handle_endtag(self, tag: str) -> None:
        assert self.elements[self._open.pop()][0] == tag

    def handle_data(self, data: str) -> None:
        for element in self._open:
            self.texts[element] = self.texts.get(element, "") + data

    def all(self, tag: str, **wanted: str) -> list[dict[str, str]]:
        return [
            attributes
            for name, attributes in self.elements
            if name == tag and all(attributes.get(key) == value for key, value in wanted.items())
        ]

    def text(self, tag: str) -> str:
        [at] = [at for at, (name, _attributes) in enumerate(self.elements) if name == tag]
        return self.texts[at].strip()

    @property
    def ids(self) -> list[str]:
        return [attributes["id"] for _tag, attributes in self.elements if "id" in attributes]

    @property
    def shown(self) -> list[dict[str, str]]:
        """The fields that somebody fills in."""
        return [
            field
            for field in self.all("input")
            if field["type"] != "hidden" and "hidden" not in field
        ]


@pytest.fixture(autouse=True)
def chinese_again() -> Iterator[None]:
    yield
    speak("zh")


def read(name: str, lang: str = "zh", text: str = "说明文字") -> Read:
    speak(lang)
    return Read(PAPERS[name](text))


@pytest.mark.parametrize(("name", "lang"), EVERY)
def test_a_page_says_what_it_is(name: str, lang: str) -> None:
    """A language, a title that begins with the heading, one main part, one heading."""
    page = read(name, lang)
    assert page.elements[0] == ("html", {"lang": {"zh": "zh-CN", "en": "en"}[lang]})
    assert len(page.all("main")) == len(page.all("h1")) == 1
    assert page.text("title") == f"{page.text('h1')} · {_('代表履职考评')}"
    assert len(page.ids) == len(set(page.ids))


@pytest.mark.parametrize(("name", "lang"), EVERY)
def test_a_page_holds_nothing_but_itself(name: str, lang: str) -> None:
    """No script, no frame, no address but of this site, no style but the one the policy names."""
    page = read(name, lang, HOSTILE)
    allowed = {
        *("html", "head", "meta", "title", "link", "style", "body", "header", "div", "i", "nav"),
        *("main", "h1", "p", "a", "img", "form", "input", "label", "button", "code", "footer"),
    }
    assert {tag for tag, _attributes in page.elements} <= allowed
    for _tag, attributes in page.elements:
        assert not [key for key in attributes if key == "style" or key.startswith("on")]
        for key in ("href", "src", "action"):
            address = attributes.get(key, "/")
            assert re.match(r"data:image/svg\+xml,|/(?!/)|\?", address), address
    assert len(page.all("style")) == 1
    digest = hashlib.sha256(page.text("style").encode() + b"\n").digest()
    assert f"style-src 'sha256-{base64.b64encode(digest).decode()}'" in paper.POLICY


@pytest.mark.parametrize(("name", "lang"), EVERY)
def test_what_comes_from_outside_stays_text(name: str, lang: str) -> None:
    """Hostile values add no element: the page has those that it has with a harmless word."""
    hostile, harmless = read(name, lang, HOSTILE), read(name, lang)
    assert [tag for tag, _ in hostile.elements] == [tag for tag, _ in harmless.elements]
    speak(lang)
    assert "<script" not in PAPERS[name](HOSTILE)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", ["sign in again", "first administrator again", "told", "sign out"])
def test_what_comes_from_outside_arrives_whole(name: str, lang: str) -> None:
    """A value is shown, and sent back, exactly as it came."""
    page = read(name, lang, HOSTILE)
    values = [field["value"] for field in page.all("input")]
    assert HOSTILE in values or HOSTILE in page.text("main")
    for field in ("account", "name", "next", "csrf"):
        assert all(found["value"] == HOSTILE for found in page.all("input", name=field))


@pytest.mark.parametrize(("name", "lang"), EVERY)
def test_every_field_has_its_label(name: str, lang: str) -> None:
    """One label for each field, in words; what describes it is there; no placeholder."""
    page = read(name, lang)
    labels = [label["for"] for label in page.all("label")]
    assert labels == [field["id"] for field in page.shown]
    assert "placeholder" not in {key for _, attributes in page.elements for key in attributes}
    for field in page.shown:
        assert field["id"] == field["name"]
        assert "required" in field
        assert int(field["maxlength"]) > 0
        assert set(field.get("aria-describedby", "").split()) <= set(page.ids)


@pytest.mark.parametrize(("name", "lang"), EVERY)
def test_the_first_empty_field_waits_for_typing(name: str, lang: str) -> None:
    """It alone has the focus; with a message, it is described by it, and the message alerts."""
    page = read(name, lang)
    empty = [field for field in page.shown if not field["value"]]
    assert [field for field in page.shown if "autofocus" in field] == empty[:1]
    if messages := page.all("p", id="message"):
        assert messages[0]["role"] == "alert"
        assert all("message" in field["aria-describedby"].split() for field in empty[:1])


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("sign in", {"account": "username", "password": "current-password"}),
        (
            "first administrator",
            {
                "code": "one-time-code",
                "name": "name",
                "account": "username",
                "new": "new-password",
                "again": "new-password",
            },
        ),
        (
            "first sign-in",
            {
                "account": "username",
                "code": "one-time-code",
                "new": "new-password",
                "again": "new-password",
            },
        ),
        ("first administrator by single sign-on", {"code": "one-time-code"}),
        (
            "password",
            {"old": "current-password", "new": "new-password", "again": "new-password"},
        ),
        ("single sign-on", {}),
        ("sign out", {}),
    ],
)
def test_the_fields_of_each_form(name: str, fields: dict[str, str]) -> None:
    """Keepers of passwords are told what each field takes; passwords are not shown or sent back."""
    page = read(name)
    assert {field["name"]: field["autocomplete"] for field in page.shown} == fields
    for field in page.shown:
        secret = field["autocomplete"].endswith("-password")
        assert field["type"] == ("password" if secret else "text")
        assert not secret or field["value"] == ""


@pytest.mark.parametrize(("name", "lang"), EVERY)
def test_forms_are_posted_with_their_mark(name: str, lang: str) -> None:
    """Nothing that changes anything is a link; each form bears the mark that it was given."""
    page = read(name, lang)
    forms = page.all("form")
    assert len(page.all("button", type="submit")) == len(forms)
    assert len(page.all("input", type="hidden", name="csrf")) == len(forms)
    for form in forms:
        assert form["method"] == "post"
        assert urlsplit(form["action"]).path in ("/login", "/setup", "/password", "/logout")


@pytest.mark.parametrize(("name", "lang"), EVERY)
def test_the_language_stays(name: str, lang: str) -> None:
    """Links and forms within the door keep the language; one link changes it, on this very page."""
    page = read(name, lang, "/ranking?period=2026Q3&level=county")
    [switch] = [link for link in page.all("a") if "hreflang" in link]
    other = {"zh": "en", "en": "zh"}[lang]
    told = parse_qs(switch["href"].removeprefix("?"))
    assert told["lang"] == [other] == [switch["lang"]]
    assert set(told) <= {"lang", "next"}
    if name in ("sign in again", "single sign-on"):
        assert told["next"] == ["/ranking?period=2026Q3&level=county"]
    onward = [link["href"] for link in page.all("a") if link is not switch]
    onward += [form["action"] for form in page.all("form")]
    assert all(
        ("lang=en" in address) == (lang == "en") for address in onward if "sso" not in address
    )


def test_rules_for_a_password_stand_by_the_field() -> None:
    """They are read out with the field, before anything is typed wrongly."""
    for name in ("first administrator", "first sign-in", "password"):
        page = read(name)
        [field] = page.all("input", id="new")
        assert field["aria-describedby"] == "about-new"
        assert "至少 10 个字符" in page.text("form")


def test_a_password_is_not_cut_off() -> None:
    """The field takes more than a password may have, so a longer one is refused, not shortened."""
    fields = [f for name in PAPERS for f in read(name).shown if f["type"] == "password"]
    assert fields
    assert all(int(field["maxlength"]) > 128 for field in fields)


def test_with_the_single_sign_on_there_is_no_password() -> None:
    """One link, to where the caller says."""
    page = read("single sign-on")
    assert not page.all("form")
    assert [link["href"] for link in page.all("a", **{"class": "go"})] == ["/login/sso"]


def test_a_reference_can_be_read_out() -> None:
    page = Read(
        paper.told(title="系统出错", message="请稍后再试。", reference="9f31c0aa", back="/")
    )
    assert page.text("code") == "9f31c0aa"


def test_the_style_is_the_file() -> None:
    """No sheet ends the element that it stands in, or fetches anything."""
    style = Path(paper.__file__).with_name("paper.css").read_text("utf-8")
    assert style == paper.STYLE
    assert not re.search(r"<|@import|url\(", style)


@pytest.mark.parametrize("width", [1400, 400])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_browser_shows_it_under_the_policy(browser: Browser, lang: str, width: int) -> None:
    """The style holds under the policy, nothing is fetched, nothing stands beyond the margin, and
    the keyboard alone fills in the form and sends it.
    """
    speak(lang)
    html = PAPERS["sign in"]("")
    asked, complaints, sent = [], [], []

    def serve(route) -> None:
        asked.append(route.request.url)
        if route.request.method == "POST":
            sent.append(route.request.post_data)
        route.fulfill(
            body=html,
            content_type="text/html; charset=utf-8",
            headers={"content-security-policy": paper.POLICY},
        )

    page = browser.new_page(viewport={"width": width, "height": 800})
    page.on("console", lambda message: complaints.append(message.text))
    page.route("**/*", serve)
    page.goto("http://door.example/login")
    colour = page.locator("button").evaluate("b => getComputedStyle(b).backgroundColor")
    assert colour == "rgb(27, 94, 155)"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("[name=account]:focus").wait_for()
    page.keyboard.type("li.gang")
    page.keyboard.press("Tab")
    page.keyboard.type("correct horse")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert [parse_qs(body) for body in sent] == [
        {"next": ["/"], "csrf": [CSRF], "account": ["li.gang"], "password": ["correct horse"]}
    ]
    assert {urlsplit(url).path for url in asked} == {"/login"}
    assert complaints == []
    page.close()
