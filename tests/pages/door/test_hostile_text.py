"""Whatever stands in the data, in a file's name, in a form or in an address is text, and is shown
as it was written.

The browser watches. Nothing may ask for a dialog, another host, another page or a frame; no
element or attribute may come from the data; and each text must stand on the page sign by sign, or
something has read it as more than text. The checks of uploads refuse much of this; a page does
not rely on them, so the database is built as if they had let it in.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import duckdb
import pytest
from files import csv_bytes, xlsx_bytes
from hostile import MANY, TEXTS, Texts, build
from knocking import PASSWORD
from looking import export, settled, store
from playwright.sync_api import Browser, Download, Locator, Page
from python_calamine import load_workbook
from serving import ROOT, serving
from watching import Watched

from data.access.accounts import Accounts, BadAccount, beside
from data.record import DEEDS
from data.uploads.cells import Fault, fold, read_cell
from data.uploads.formats import FORMATS
from pages.words import _

DROP = "[data-testid=stFileUploaderDropzoneInput]"
# A folder on the way to the database, as its path is shown too.
FOLDER = "'; -- **粗** <img src=x onerror=alert(0)> $x$ :red[红] & [点](evil.example) %s {0}"
MIXED = "# **粗** [点](https://evil.example/§) $x$ :red[红] <b>x</b> `c` ' -> {0}"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Texts]:
    """A database of hostile text, and what stands in it."""
    folder = tmp_path_factory.mktemp("hostile")
    texts = Texts()
    build(folder / "delegates.duckdb", texts)
    return folder, texts


@pytest.fixture(scope="module")
def served(
    browser: Browser, built: tuple[Path, Texts], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Path]]:
    """A copy of it, served only for looking."""
    database = copied(built[0], tmp_path_factory.mktemp("served"))
    with serving(ROOT, database) as address:
        yield address, database


@pytest.fixture
def watched(page: Page, served: tuple[str, Path], built: tuple[Path, Texts]) -> Iterator[Watched]:
    """The browser at that server; afterwards, no page may have failed."""
    yield Watched(page, served[0], built[1])
    assert failures(served[1]) == []


def copied(folder: Path, tmp_path: Path) -> Path:
    """The database of a folder in one of a hostile name."""
    return Path(shutil.copytree(folder, tmp_path / FOLDER)) / "delegates.duckdb"


def rows_of(database: Path) -> dict[str, int]:
    """Every table, and how many rows it has."""
    with duckdb.connect(str(database), read_only=True) as db:
        names = db.execute("select table_name from duckdb_tables() order by 1").fetchall()
        return {n: db.execute(f"select count(*) from {n}").fetchall()[0][0] for (n,) in names}


def code_of(leader: str) -> str:
    """As the page of assignments names a leader in its address."""
    return hashlib.md5(leader.encode(), usedforsecurity=False).hexdigest()[:8]


def values_of(database: Path, table: str, column: str) -> list[str]:
    with duckdb.connect(str(database), read_only=True) as db:
        found = db.execute(f"select {column} from {table} order by rowid").fetchall()
    return [value for (value,) in found]


def taken(page: Page, button: Locator) -> tuple[str, bytes]:
    """The file that a button gives: a name that is no path and hides nothing, and its content."""
    with page.expect_download() as waiting:
        button.click()
    return named(waiting.value)


def named(file: Download) -> tuple[str, bytes]:
    name = file.suggested_filename
    assert not set(name) & set('\\/:*?"<>|')
    assert name.isprintable()
    return name, Path(file.path()).read_bytes()


def cells_of(name: str, content: bytes) -> list[str]:
    """Every cell of a file that the program made; none is a formula."""
    if name.endswith(".csv"):
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
        cells = [cell for row in rows for cell in row]
        runs = [c for c in cells if re.match(r"[=+\-@\t\r\n＝＋－＠]", c)]
        assert all(re.fullmatch(r"-[\d.]+", cell) for cell in runs), runs
        return cells
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        for part in book.namelist():
            assert "external" not in part.lower()
            if part.startswith("xl/worksheets/"):
                assert not re.search(rb"<f[ >]|<hyperlink", book.read(part)), part
    book = load_workbook(io.BytesIO(content))
    sheets = [book.get_sheet_by_name(sheet).to_python() for sheet in book.sheet_names]
    return [str(cell) for sheet in sheets for row in sheet for cell in row]


def lines(database: Path, ending: str) -> list[dict[str, Any]]:
    """What each line of a file beside the database says: each is one whole object."""
    return [json.loads(line) for line in database.with_suffix(ending).read_bytes().splitlines()]


def deeds(database: Path, *beside: str) -> list[str]:
    """The deeds on record, numbered without a gap; ``beside`` those that are left out."""
    noted = lines(database, ".record")
    assert [line["n"] for line in noted] == [*range(1, len(noted) + 1)]
    assert {line["deed"] for line in noted} <= DEEDS.keys()
    return [line["deed"] for line in noted if line["deed"] not in ("started", *beside)]


def failures(database: Path) -> list[str]:
    """The lines of the log, without what is told below each."""
    log = database.with_suffix(".log")
    told = log.read_text("utf-8").splitlines() if log.exists() else []
    return [line for line in told if not line.startswith("    ")]


# --- looking ----------------------------------------------------------------------------------


def test_pages_show_text_as_it_was_written(
    page: Page, watched: Watched, built: tuple[Path, Texts]
) -> None:
    """Every page, what opens on it, and what the pointer finds in its charts; both languages show
    the data's text by the same code.
    """
    database = built[0] / "delegates.duckdb"
    towns = values_of(database, "stored_townships", "township")
    people = values_of(database, "stored_delegates", "delegate_id")
    for path in ("", "townships", "ranking", "history", "upload", "backups", "record"):
        watched.open(f"{path}?level=all")
        if path in ("", "townships"):
            watched.hover(path, 1)
    # Two townships beside each other, with the link to the first one's delegates.
    for first, second in (towns[:2], towns[2:4]):
        where = f"townships?a={quote(first)}&b={quote(second)}"
        watched.open(where)
        assert page.get_by_label(_("对照镇街")).input_value() == second, where
        watched.hover(where, 4)
    for delegate in people[: len(TEXTS) // MANY + 1]:
        shown = watched.open(f"delegate?delegate={quote(delegate)}")
        assert shown.count("〔") > 3 * MANY, delegate
    watched.hover("delegate", 4)
    page.get_by_role("combobox", name=_("代表")).click()
    watched.look("delegates to choose")
    opened = {
        "loop": [""],
        "matters": [
            *("", "kind=opinions"),
            f"suggestion={quote(values_of(database, 'stored_suggestions', 'suggestion_id')[1])}",
            f"opinion={quote(values_of(database, 'stored_opinions', 'opinion_id')[1])}",
        ],
        "stations": [
            "",
            f"station={quote(values_of(database, 'stored_stations', 'station_id')[1])}",
        ],
        "campaigns": [
            "",
            f"campaign={quote(values_of(database, 'stored_issues', 'campaign')[1])}",
        ],
        "mine": [
            "",
            f"leader={code_of(values_of(database, 'stored_assignments', 'leader')[1])}",
        ],
        "sessions": [
            *("", "view=nomination", "view=count"),
            f"event={quote(values_of(database, 'stored_attendance', 'event_id')[1])}",
        ],
    }
    for path, queries in opened.items():
        for query in queries:
            watched.open(f"{path}?{query}")
            if query.startswith(("event=", "station=")):
                page.locator("[data-testid=stDialog]").wait_for()
                settled(page)
            is_view = query.startswith(("view=", "kind="))  # their tables are drawn, not written
            if not is_view:
                page.get_by_text("〔").first.wait_for(state="attached")
                assert watched.look(path).count("〔") > MANY, (path, query)
        watched.hover(path, 8)
    watched.open("ranking")
    page.get_by_role("combobox", name=_("镇街")).click()
    watched.look("townships to choose")
    page.keyboard.press("Escape")
    watched.fill(page.get_by_label(_("姓名")), TEXTS[0])
    watched.look("a search")
    watched.open("history?upload=7")  # of activities: registers are needed
    watched.click(page.get_by_role("tab", name=_("报送情况")))
    watched.look("who has reported")
    watched.click(page.get_by_role("tab", name=_("上传记录")))
    watched.click(page.get_by_role("button", name=_("撤销这次上传")))
    page.get_by_text(_("原因")).wait_for()
    assert watched.look("an undo, looked at").count("〔") > 100


ADDRESSES = {
    "delegate": ("delegate", "period"),
    "townships": ("a", "b", "period"),
    "ranking": ("township", "level", "role", "grade", "period", "lang"),
    "history": ("upload", "quarter"),
    "record": ("deed", "from", "until"),
    "loop": ("period",),
    "matters": ("kind", "township", "agency", "list", "suggestion"),
    "stations": ("township", "kind", "measure", "station"),
    "campaigns": ("campaign", "kind"),
    "mine": ("leader", "unit", "need"),
    "sessions": ("view", "congress", "event"),
    "": ("level", "embed_options"),
}


def test_an_address_is_text(watched: Watched) -> None:
    """What a link brings with it, for each parameter and in the part behind the sign #."""
    texts = watched.texts
    for path, names in ADDRESSES.items():
        asked = {name: texts.several("an address", len(TEXTS)) for name in names}
        watched.open(f"{path}?{urlencode(asked)}#{quote(texts.one('an anchor'))}")


# --- storing ----------------------------------------------------------------------------------


def passes(text: str, column: str) -> bool:
    """Whether a cell of an opinion may hold the text today."""
    return not isinstance(read_cell(text, FORMATS["opinions"].column(column)), Fault)


def test_files_and_deeds_are_text(page: Page, tmp_path: Path, built: tuple[Path, Texts]) -> None:
    """Files with hostile names and cells are dropped: stored, replaced or refused, undone and
    handed out again; all that they say stays text on every page, in every file that leaves and in
    every line that is kept, and nothing in the database is touched but what was stored.
    """
    folder, texts = built
    header = [c.header for c in FORMATS["opinions"].columns]

    def row(number: str, delegate: str, day: str, content: str) -> list[str]:
        return [number, delegate, "", day, content, content, *[""] * 6]

    with duckdb.connect(str(folder / "delegates.duckdb"), read_only=True) as db:
        known = db.execute(
            "select opinion_id, delegate_id, date from stored_opinions where quarter(date) = 3"
        ).fetchall()
    known = [k for k in known if passes(k[0], "opinion_id") and passes(k[1], "delegate_id")]
    fine = [texts.one("a cell that is stored") for _text in TEXTS]
    fine = [text for text in fine if passes(text, "opinion_id")]
    assert 10 < len(fine) < len(TEXTS)
    good = [row(*it, content) for it, content in zip(known, cycle(fine), strict=False)]
    good += [row(number, known[0][1], "2026-08-02", number) for number in fine]
    bad = [[texts.one(f"a cell that is refused: {title}") for title in header] for _text in TEXTS]
    unknown = [texts.one("a header") for _text in TEXTS]
    others = {
        name: [["=1+1"]]
        for name in texts.short("the name of a sheet", 31)
        if name.isprintable() and not set(name) & set("[]:*?/\\'")
    }
    files = [
        ("good.csv", csv_bytes([header, *good])),
        ("bad.csv", csv_bytes([line + unknown for line in [header, *bad]])),
        ("sheets.xlsx", xlsx_bytes([header, bad[0]], more=others)),
        ("page.html", b"<html><script>alert(1)</script></html>"),
    ]
    before = rows_of(folder / "delegates.duckdb")
    database = copied(folder, tmp_path)
    with serving(ROOT, database) as address:
        watched = Watched(page, address, texts)
        watched.open("upload")
        page.set_input_files(
            DROP,
            [
                {
                    "name": f"{texts.several('a file that is sent', 12)}{name}",
                    "mimeType": "text/csv",
                    "buffer": content,
                }
                for name, content in files
            ],
        )
        page.get_by_text("问题和处理办法").nth(3).wait_for()
        settled(page)
        assert watched.look("files, checked").count("〔") > 300
        assert not page.get_by_role("cell", name="1.0", exact=True).count(), "no number of a row"
        for button in page.get_by_role("button", name="下载问题表").all():
            assert not texts.distorted("\n".join(cells_of(*taken(page, button))))
        page.evaluate("document.querySelector('h1').scrollIntoView()")  # it would close the list
        settled(page)
        page.get_by_role("combobox", name="入库方式").first.click()
        watched.click(page.get_by_role("option", name="替换"))
        watched.click(page.get_by_text("已核对以上提醒"))
        page.get_by_text("入库预览").first.wait_for()
        settled(page)
        closed = page.locator("details:not([open]) summary")
        while closed.count():
            watched.click(closed.first)
        watched.click(page.get_by_text("确认替换"))
        assert watched.look("a preview").count("现有") > 1
        store(page, 1, texts.one("who stores", "<b>粗</b>**重**"))
        watched.look("stored")
        watched.open(f"history?upload={before['uploads'] + 1}")
        original = page.get_by_role("button", name="下载原文件")
        assert taken(page, original)[1] == files[0][1]
        watched.click(page.get_by_role("button", name="撤销这次上传"))
        watched.fill(page.get_by_label("经办人"), texts.one("who undoes", "'; $x$ [a](b)"))
        watched.fill(page.get_by_label("原因"), texts.one("a reason", MIXED))
        watched.click(page.get_by_role("button", name="撤销这次上传"))
        page.get_by_text("已撤销").first.wait_for()
        watched.look("undone")
        # Where a deed cannot be put on record, the log tells of it.
        kept_record = database.with_suffix(".record").rename(database.with_suffix(".away"))
        database.with_suffix(".record").mkdir()
        watched.click(page.get_by_role("button", name="重新启用这次上传"))
        watched.fill(page.get_by_label("经办人"), texts.one("who redoes", "# %s {0} '<b>"))
        watched.fill(page.get_by_label("原因"), texts.one("a reason", MIXED))
        watched.click(page.get_by_role("button", name="重新启用这次上传"))
        page.get_by_text("已重新启用").first.wait_for()
        watched.look("redone")
        database.with_suffix(".record").rmdir()
        kept_record.rename(database.with_suffix(".record"))
        pages = ("ranking?level=all", "townships", "stations", "mine", "record")
        for path in pages:
            watched.open(path)
            if path.startswith("ranking"):
                watched.fill(page.get_by_label("姓名"), "<")
            for kind in ("CSV", "Excel"):
                if path == "record":
                    file = taken(page, page.get_by_role("button", name=f"导出 {kind}"))
                else:
                    file = named(export(page, kind))
                    assert len(file[0].encode()) < 250
                assert not texts.distorted("\n".join(cells_of(*file))), file[0]
        watched.open("backups")
        watched.fill(page.get_by_label("经办人"), texts.one("who restores", MIXED[:24]))
        watched.look("a backup")
    assert rows_of(database) == before | {
        "uploads": before["uploads"] + 1,
        "stored_opinions": before["stored_opinions"] + len(good),
        "reversals": 2,
    }
    assert deeds(database) == [
        *["export"] * 3,
        *("upload", "original_downloaded", "undo"),
        *["export"] * 2 * len(pages),
    ]
    versions = [line["version"] for line in lines(database, ".journal") if "version" in line]
    assert versions == [*range(versions[0], versions[0] + 4)]
    [told] = failures(database)
    assert re.match(r"[\d-]{10} [\d:]{8} ERROR data\.deeds: redo by # %s \{0\} '<b>〔", told)
    assert {path.name.split(".")[0] for path in database.parent.iterdir()} == {"delegates"}
    assert [path.name for path in tmp_path.iterdir()] == [FOLDER]


# --- the door ---------------------------------------------------------------------------------


ACCOUNTS = ("__粗__", "www.evil.example", "a@evil.example", "-1", "@SUM", "..", "__proto__")


def submit(watched: Watched, **fields: str) -> None:
    """Fill in a form of the door and send it; what it shows again is what was typed."""
    page = watched.page
    for name, text in fields.items():
        # Not by the keyboard, which keeps to the field's length.
        page.locator(f"input[name={name}]").evaluate("(field, text) => field.value = text", text)
    page.locator("form button[type=submit]").click()
    page.wait_for_load_state()
    watched.look(f"{page.url} with {fields}")
    for name in fields.keys() & {"account", "name"}:
        if (again := page.locator(f"form input[name={name}]")).count():
            assert again.input_value() == re.sub(r"[\r\n]", "", fields[name])


def test_the_door_and_its_people_are_text(
    page: Page, tmp_path: Path, built: tuple[Path, Texts]
) -> None:
    """Every field of the door's forms, refused and accepted; people named like this, on the
    accounts page, in the line above each page and on record; and where signing in leads on to.
    """
    texts = built[1]
    database = copied(built[0], tmp_path)
    database.with_suffix(".door.toml").write_text('way = "accounts"\n', "utf-8")
    towns = values_of(database, "stored_townships", "township")
    accounts = Accounts(beside(database))
    everything = " ".join(TEXTS)
    with serving(ROOT, database) as address:
        watched = Watched(page, address, texts)
        page.goto(f"{address}/setup?lang={quote(MIXED)}")
        code = accounts.setup_code()
        assert code is not None
        for long in ("code", "account", "name", "new"):
            typed = dict.fromkeys(("code", "account", "name", "new", "again"), MIXED)
            submit(watched, **{**typed, long: everything})
            assert page.get_by_role("alert").is_visible()
        submit(watched, code=code, account="admin", name="x" * 31, new=PASSWORD, again=PASSWORD)
        assert page.get_by_role("alert").is_visible()
        name = texts.one("the administrator's name", "<b>粗</b>**重**`c`$x$")
        submit(watched, code=code, account="admin", name=name, new=PASSWORD, again=PASSWORD)
        page.wait_for_selector("h1")
        settled(page)
        assert name in watched.look("the administrator's first page")
        # People of the office, with names that may be had.
        for n, called in enumerate(texts.short("a person's name", 30)):
            with suppress(BadAccount):
                accounts.create(f"{ACCOUNTS[n % len(ACCOUNTS)]}{n}", called, "leader")
        watched.open("accounts")
        watched.click(page.get_by_role("button", name="添加账号"))
        clerk = texts.one("a clerk's name", "[点](//evil.example)$x$")
        watched.fill(page.get_by_label("账号", exact=True), MIXED[:32])
        watched.fill(page.get_by_label("姓名"), clerk)
        watched.click(page.get_by_text("镇街经办人"))
        for town in [town for town in towns if town.isprintable() and len(town) <= 100]:
            watched.click(page.get_by_role("button", name=town[town.rindex("〔") :]))
        watched.look("an account to add")
        watched.click(page.get_by_role("button", name="添加", exact=True))
        watched.look("an account refused")
        assert page.get_by_text("账号应为").is_visible()
        watched.fill(page.get_by_label("账号", exact=True), "__粗__")
        watched.click(page.get_by_role("button", name="添加", exact=True))
        given = page.locator("code").inner_text()
        assert clerk in watched.look("an account added", "strong")
        # Out, and in again as that clerk.
        page.goto(f"{address}/logout")
        watched.look("leaving")
        submit(watched)
        page.goto(
            f"{address}/login?next={quote('//evil.example/' + everything)}&lang={quote(MIXED)}"
        )
        submit(watched, account=everything, password=everything)
        submit(watched, account=MIXED, password=MIXED)
        page.goto(f"{address}/setup")
        submit(watched, code=MIXED, account=everything, new=MIXED, again=everything)
        submit(watched, code=given, account="__粗__", new=PASSWORD, again=PASSWORD)
        page.wait_for_selector("h1")
        settled(page)
        shown = watched.look("a clerk's first page")
        assert fold(clerk) in fold(shown)
        watched.open("history")
        page.goto(f"{address}/password")
        submit(watched, old=everything, new=MIXED, again=everything)
        page.goto(f"{address}/logout")
        submit(watched)
        for wanted in ("//evil.example", "/\\evil.example"):
            page.goto(f"{address}/login?next={quote(wanted)}")
            submit(watched, account="admin", password=PASSWORD)
            assert page.url.startswith(f"{address}/"), wanted
            page.goto(f"{address}/logout")
            submit(watched)
        page.goto(f"{address}/login?next=/record")
        submit(watched, account="admin", password=PASSWORD)
        page.wait_for_selector("h1")
        settled(page)
        watched.look("what is on record")
        page.get_by_role("combobox", name="人员").click()
        watched.look("people to choose")
        page.keyboard.press("Escape")
        watched.fill(page.get_by_label("查找"), MIXED)
        watched.look("nothing found")
    assert deeds(database, "sign_in_failed", "password_set", "account_created") == [
        *("sign_in", "sign_out") * 4,
        "sign_in",
    ]
    assert failures(database) == []
