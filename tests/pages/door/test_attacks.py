"""Attacks on a real server: nobody gets in without an account, nobody beyond their role."""

import re
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest
from files import worked_cases
from knocking import PASSWORD, PEOPLE, Client, Office, asking_for, refused
from serving import ROOT
from streamlit.proto.BackMsg_pb2 import BackMsg

from data import record
from data.access import RIGHTS, Right
from data.access.accounts import beside

# Of each page: its address, what it asks of a role, and words that stand on no other page.
PAGES: dict[str, tuple[tuple[Right, ...], str]] = {
    "overview": (("browse",), "每五分一组的代表人数"),
    "townships": (("browse",), "差异是否超出偶然波动"),
    "ranking": (("browse", "names"), "代表排名表"),
    "delegate": (("browse", "names"), "得分是怎样算出的"),
    "loop": (("browse", "names"), "各镇街的堵点"),
    "matters": (("browse", "names"), "多久答复"),
    "stations": (("browse", "names"), "阵地表还没有上传"),
    "campaigns": (("browse", "names"), "各镇街参与率"),
    "mine": (("browse", "names"), "查看该领导包联的镇街"),
    "sessions": (("browse", "names"), "人民代表大会会议的到会人数"),
    "reports": (("browse", "names", "export"), "在后台逐份生成"),
    "verify": (("browse", "names", "export"), "选择要核对的文件"),
    "upload": (("upload",), "选择要上传的文件"),
    "history": (("uploads",), "报送情况"),
    "backups": (("backups",), "下载这个备份"),
    "accounts": (("accounts",), "一次性代码"),
    "record": (("record",), "校验码"),
}
QUERY = "delegate=D00003&period=2026Q3"
ENDPOINTS = [
    *("/", "/home", *(f"/{page}" for page in PAGES), "/frame", "/pages/frame", "/no-such-page"),
    *("/_stcore/host-config", "/_stcore/metrics", "/_stcore/script-health-check"),
    *(
        "/_stcore/upload_file/a/b",
        "/_stcore/stream",
        "/_stcore/agent",
        "/_stcore/agent/openapi.json",
    ),
    *("/_stcore/allowed-message-origins", "/_stcore/bidi-components/a/b.js", "/_stcore"),
    *("/media/0123456789abcdef.csv", "/component/a/index.html", "/app/static/a.txt"),
    *("/static/js/index.js", "/favicon.png", "/index.html", "/manifest.json", "/robots.txt"),
    *("/auth/login", "/auth/logout", "/oauth2callback", "/session", "/password", "/login/sso"),
    *("//ranking", "/ranking/", "/RANKING", "/%72anking", "/./ranking", "/login/../ranking"),
    *("/_stcore/health/", "/_stcore/health/../host-config", "/_stcore/healthx", "/ranking?a=1"),
]
NAMES = {
    name
    for sent in worked_cases()
    if sent.filename.startswith("delegates")
    for name in pd.read_csv(pd.io.common.BytesIO(sent.content), dtype=str)["姓名"]
}


def allowed(account: str, page: str) -> bool:
    return set(PAGES[page][0]) <= RIGHTS[PEOPLE[account][1]]


# --- nobody -----------------------------------------------------------------------------------


def test_nobody_gets_anything_from_a_cold_server(fresh_office) -> None:
    """Before anybody has signed in, each address under each method answers nothing but the door."""
    office: Office = fresh_office()
    nobody = Client(office.address)
    for path in ENDPOINTS:
        asked = [
            (method, "*/*") for method in ("HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH")
        ]
        for method, accept in [("GET", "text/html"), ("GET", "*/*"), *asked]:
            answer = nobody.http.request(
                method, office.address + path, headers={"accept": accept}, content=b"x"
            )
            told = (method, path, answer.status_code, answer.text[:80])
            if answer.status_code == 303:
                assert answer.headers["location"].startswith("/login"), told
            else:
                assert answer.status_code in (400, 401, 403, 404, 405), told
            assert "streamlit" not in answer.text.lower(), told
            assert not any(name in answer.text for name in NAMES), told
    assert refused(nobody) == 403
    assert nobody.get("/_stcore/health").text == "ok"


def test_the_names_are_known() -> None:
    """The names that must not appear are those of the roster."""
    assert len(NAMES) >= 5


def test_a_broken_or_foreign_cookie_is_no_cookie(shared_office: Office) -> None:
    """A cookie with another signature, another key's, or none is as good as none."""
    lead = shared_office.client("lead")
    [cookie] = [c for c in lead.http.cookies.jar if c.name == "delegates"]
    assert cookie.value is not None
    for forged in (cookie.value[:-3] + "abc", cookie.value.split(".")[0], "x", "null", ""):
        client = Client(shared_office.address)
        client.http.headers["cookie"] = f"delegates={forged}"
        assert client.get("/ranking").status_code == 303
        assert client.get("/_stcore/host-config", headers={"accept": "*/*"}).status_code == 401


def test_the_cookie_is_kept_from_scripts_and_other_sites(shared_office: Office) -> None:
    """HttpOnly and SameSite; and it changes at the sign-in."""
    client = Client(shared_office.address)
    before = client.get("/login").headers["set-cookie"]
    after = client.sign_in("lead")
    [session] = [c for c in after.headers.get_list("set-cookie") if c.startswith("delegates=")]
    for cookie in (before, session):
        assert "httponly" in cookie.lower()
        assert "samesite=lax" in cookie.lower()
    assert before.split(";")[0] != session.split(";")[0]


def test_a_ticket_from_outside_opens_nothing(shared_office: Office) -> None:
    """The header that carries the identity inside is taken off every client's request."""
    lead = shared_office.client("lead")
    token = session_token(lead)
    ticket = shared_office.accounts.session(token).ticket
    nobody = Client(shared_office.address)
    for header in ("X-Delegates-Ticket", "x-delegates-ticket", "X_Delegates_Ticket"):
        assert nobody.get("/ranking", headers={header: ticket}).status_code == 303
        assert refused(nobody, **{header: ticket}) == 403
        view = shared_office.client("view")
        with view.socket(**{header: ticket}) as socket:
            assert PAGES["ranking"][1].encode() not in socket.rerun("ranking")


def session_token(client: Client) -> str:
    """The token within a client's cookie, as its owner's browser holds it."""
    import base64
    import json

    [cookie] = [c for c in client.http.cookies.jar if c.name == "delegates"]
    return json.loads(base64.b64decode((cookie.value or "").split(".")[0]))["token"]


# --- roles ------------------------------------------------------------------------------------


@pytest.mark.parametrize("account", PEOPLE)
def test_each_role_at_every_page_by_its_address(shared_office: Office, account: str) -> None:
    """The door lets a role load the pages of its rights and no others."""
    client = shared_office.client(account)
    assert client.get("/").status_code == 200
    for page in PAGES:
        status = client.get(f"/{page}").status_code
        assert status == (200 if allowed(account, page) else 403), page


@pytest.fixture(scope="session")
def hashes(shared_office: Office) -> set[str]:
    """Every page's hash, by which a socket may ask for it, as the roles together see them."""
    found: dict[str, str] = {}
    for account in PEOPLE:
        with shared_office.client(account).socket() as socket:
            socket.rerun()
            found |= {f"{account}/{page}": known for page, known in socket.pages.items()}
    assert {name.split("/")[1] for name in found} == {"", *PAGES}
    return set(found.values())


def shown(came: bytes) -> set[str]:
    """The pages whose words came."""
    return {page for page, (_rights, words) in PAGES.items() if words.encode() in came}


@pytest.mark.parametrize("account", PEOPLE)
def test_each_role_at_every_page_by_a_raw_socket(
    shared_office: Office, account: str, hashes: set[str]
) -> None:
    """A rerun that names a page, by name or hash, shows it to the roles that may see it only."""
    client = shared_office.client(account)
    mine = {page for page in PAGES if allowed(account, page)}
    named = bool(RIGHTS[PEOPLE[account][1]] & {"names"})
    for page in PAGES:
        with client.socket() as socket:
            came = socket.rerun(page, QUERY)
            assert shown(came) == {page} & mine
            assert named or [n for n in NAMES if n.encode() in came] == []
    for known in hashes:
        with client.socket() as socket:
            came = socket.rerun(query=QUERY, page_hash=known)
            assert shown(came) <= mine
            assert named or [n for n in NAMES if n.encode() in came] == []


def test_only_roles_with_files_put_some(shared_office: Office) -> None:
    """A file goes up for roles that store or verify some, with the page's token; else it is
    refused.
    """
    for account, (_name, role) in PEOPLE.items():
        client = shared_office.client(account)
        with client.socket() as socket:
            socket.rerun()
            address = f"/_stcore/upload_file/{socket.session}/f1"
            files = {"file": ("a.csv", b"a,b")}
            assert client.http.put(address, files=files).status_code == 403, account
            client.get("/_stcore/health")  # gives the token
            token = client.http.cookies["_streamlit_xsrf"]
            answer = client.http.put(address, files=files, headers={"x-xsrftoken": token})
            assert answer.status_code == (204 if "names" in RIGHTS[role] else 403), account


# --- sockets ----------------------------------------------------------------------------------


def test_a_second_socket_cannot_take_a_session(shared_office: Office) -> None:
    """Naming a live session's id gives another account a session of its own, and spares the first."""
    lead = shared_office.client("lead")
    with lead.socket() as first:
        first.rerun("ranking")
        for account in ("view", "town", "admin"):
            with shared_office.client(account).socket(session=first.session) as second:
                came = second.rerun("ranking")
                assert second.session != first.session
                assert PAGES["ranking"][1].encode() not in came
        assert refused(Client(shared_office.address), session=first.session) == 403
        assert PAGES["ranking"][1].encode() in first.rerun("ranking")


def test_another_session_of_the_same_account_is_another(shared_office: Office) -> None:
    """Even the same person, signed in elsewhere, does not get the state of this session."""
    with shared_office.client("lead").socket() as first:
        first.rerun()
        with shared_office.client("lead").socket(session=first.session) as second:
            second.rerun()
            assert second.session != first.session


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:1", "file://"])
def test_a_foreign_origin_opens_no_socket_and_posts_no_form(
    shared_office: Office, origin: str
) -> None:
    """A page of another site cannot use a signed-in browser."""
    lead = shared_office.client("lead")
    assert refused(lead, origin=origin) == 403
    mark = re.search(r'name="csrf" value="([^"]+)"', lead.get("/logout").text)
    assert mark is not None
    answer = lead.http.post("/logout", data={"csrf": mark[1]}, headers={"origin": origin})
    assert answer.status_code == 403
    answer = lead.http.put("/_stcore/upload_file/a/b", headers={"origin": origin})
    assert answer.status_code == 403
    assert lead.get("/ranking").status_code == 200


@pytest.mark.parametrize("origin", ["http://[", "http://[::1", "http://a:b:c", "\x7f", ""])
def test_an_origin_that_is_none_breaks_nothing(shared_office: Office, origin: str) -> None:
    """What cannot be read as an origin is a foreign one."""
    answer = Client(shared_office.address).http.post("/login", headers={"origin": origin})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example", "localhost:80@evil.example", "", "a b", "[::1"],
)
def test_a_foreign_host_is_refused(shared_office: Office, host: str) -> None:
    """A foreign name that leads to this server (DNS rebinding) is answered by nothing."""
    lead = shared_office.client("lead")
    for path in ("/", "/login", "/_stcore/health", "/ranking"):
        assert lead.get(path, headers={"host": host}).status_code in (400, 403)


def test_a_file_is_for_the_session_it_was_built_for(shared_office: Office) -> None:
    """A leader's export: its link opens nothing for others, and its button is nobody else's."""
    with shared_office.client("lead").socket() as socket:
        door = re.findall(rb"\$\$ID-[\w-]+-door", socket.rerun("ranking"))[0].decode()
        numbers = re.findall(rb"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])", socket.open(door))
        built = {
            number.decode(): found[0].decode()
            for number in numbers
            if (found := re.findall(rb"/media/[\w.-]+", socket.fetch(number.decode())))
        }
        # The ranking in each format.
        assert sorted(Path(link).suffix for link in built.values()) == [".csv", ".pdf", ".xlsx"]
        for account in ("lead", "view", "admin", "county"):
            client = shared_office.client(account)
            for link in built.values():
                assert client.get(link).status_code == 404
            with client.socket() as other:
                other.rerun()
                other.raw.send(asking_for(next(iter(built)), other.session))
                assert other.is_closed()
        assert Client(shared_office.address).get(link).status_code == 303


def test_what_pages_never_ask_ends_the_socket(shared_office: Office) -> None:
    """Emptying caches, installing files, asking where the program lies, text, and nonsense."""
    unasked = [
        BackMsg(clear_cache=True),
        BackMsg(load_git_info=True),
        BackMsg(set_run_on_save=True),
    ]
    installing = BackMsg()
    installing.backend_operation_request.install_skills.SetInParent()
    sent = [message.SerializeToString() for message in (*unasked, installing, BackMsg())]
    client = shared_office.client("lead")
    for message in (*sent, b"\xff\xff\xff", "text"):
        with client.socket() as socket:
            socket.rerun()
            socket.raw.send(message)
            assert socket.is_closed(), message


# --- the end of a session ---------------------------------------------------------------------


def test_after_signing_out_a_stolen_cookie_is_dead(fresh_office) -> None:
    """Signing out ends the account's sessions on every computer, with their open sockets, at once."""
    office: Office = fresh_office()
    lead, elsewhere, thief = office.client("lead"), office.client("lead"), Client(office.address)
    thief.http.headers["cookie"] = lead.cookies
    assert thief.get("/ranking").status_code == 200
    with lead.socket() as mine, elsewhere.socket() as theirs:
        mine.rerun()
        theirs.rerun()
        assert lead.post("/logout").headers["location"] == "/login"
        assert mine.is_closed()
        assert theirs.is_closed()
    for client in (lead, elsewhere, thief):
        assert client.get("/ranking").status_code == 303
        assert refused(client) == 403


@pytest.mark.parametrize("where", ["another process", "this server"])
def test_a_disabled_account_with_an_open_page_is_cut_off(fresh_office, where: str) -> None:
    """Its requests are refused at once, its socket tells nothing more and closes."""
    office: Office = fresh_office()
    county = office.client("county")
    with county.socket() as socket:
        socket.rerun("ranking")
        office.accounts.change("county", disabled=True)
        assert county.get("/ranking").status_code == 303
        if where == "this server":  # the first word after it ends the socket
            message = BackMsg()
            message.rerun_script.page_name = "ranking"
            socket.raw.send(message.SerializeToString())
        assert socket.is_closed(seconds=8)
    assert county.sign_in("county").status_code == 401


@pytest.mark.parametrize(("column", "hours"), [("seen_at", 1.1), ("begun_at", 12.1)])
def test_sessions_time_out(fresh_office, column: str, hours: float) -> None:
    """After an hour without use, and after twelve in any case, the session and its socket end."""
    office: Office = fresh_office()
    lead = office.client("lead")
    with lead.socket() as socket:
        socket.rerun()
        with sqlite3.connect(beside(office.database)) as file:
            file.execute(f"update sessions set {column} = {column} - ?", [hours * 3600])
        assert socket.is_closed(seconds=8)
    assert lead.get("/").status_code == 303


def test_changing_the_password_ends_the_other_sessions(fresh_office) -> None:
    """Whoever knew the old password is out; the one who changed it goes on."""
    office: Office = fresh_office()
    lead, other = office.client("lead"), office.client("lead")
    new = "沧海月明珠有泪1981"
    answer = lead.post("/password", old=PASSWORD, new=new, again=new)
    assert answer.status_code == 200
    assert lead.get("/ranking").status_code == 200
    assert other.get("/ranking").status_code == 303
    assert Client(office.address).sign_in("lead").status_code == 401
    assert Client(office.address).sign_in("lead", new).status_code == 303


# --- guessing ---------------------------------------------------------------------------------


def test_guessing_is_slowed_and_the_office_is_not_locked_out(fresh_office) -> None:
    """After five tries a stranger waits, also with the right password; a known browser does not."""
    office: Office = fresh_office()
    lead = office.client("lead")  # has a cookie for this browser
    lead.post("/logout")
    stranger = Client(office.address)
    statuses = [stranger.sign_in("lead", f"wrong-{n}-guess").status_code for n in range(8)]
    assert statuses[:5] == [401] * 5
    assert set(statuses[5:]) == {429}
    answer = stranger.sign_in("lead")
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) >= 1
    assert lead.sign_in("lead").status_code == 303


def test_every_way_of_guessing_is_on_record(fresh_office) -> None:
    """Wrong codes and wrong old passwords too, by which account and from where; no flood of lines."""
    office: Office = fresh_office()
    lead, stranger = office.client("lead"), Client(office.address)
    for turn in range(9):
        lead.post("/password", old=f"wrong-{turn}", new=PASSWORD + "2", again=PASSWORD + "2")
    for _turn in range(3):
        stranger.post("/setup", account="county", code="AAAA-BBBB", new=PASSWORD, again=PASSWORD)
    view = office.client("view")
    for turn in range(30):
        assert view.http.put(f"/_stcore/upload_file/a/{turn}").status_code == 403
        assert view.get("/accounts").status_code == 403
    lines = office.record()
    told = [(line["deed"], line["account"], line["what"].get("tried")) for line in lines]
    assert told.count(("sign_in_failed", "lead", "password")) == 5
    assert told.count(("sign_in_slowed", "lead", "password")) == 1
    assert told.count(("sign_in_failed", "county", "set_up")) == 3
    assert [line["what"] for line in lines if line["deed"] == "refused"] == [
        {"place": "/_stcore/upload_file/"},
        {"place": "accounts"},
    ]
    assert {line["address"] for line in lines if line["account"]} == {"本机"}


def test_a_crowd_that_guesses_waits_for_itself(fresh_office) -> None:
    """Forty at once at the sign-in: who is in goes on, and most of the crowd is told to wait."""
    office: Office = fresh_office()
    lead = office.client("lead")
    crowd = [Client(office.address) for _ in range(40)]
    for client in crowd:
        client.get("/login")
    with ThreadPoolExecutor(40) as pool:
        answers = [
            pool.submit(c.sign_in, f"nobody{n}", "a wrong guess") for n, c in enumerate(crowd)
        ]
        slowest = 0.0
        while not all(answer.done() for answer in answers):
            begun = time.perf_counter()
            assert lead.get("/_stcore/host-config").status_code == 200
            slowest = max(slowest, time.perf_counter() - begun)
    statuses = {answer.result().status_code for answer in answers}
    assert statuses <= {401, 429}
    assert slowest < 2


def test_an_account_that_is_not_there_answers_like_one_that_is(shared_office: Office) -> None:
    """The words, the status and the time of an answer do not say which accounts exist."""
    times: dict[str, list[float]] = {"nobody-at-all": [], "lead": []}
    pages = {}
    for _turn in range(3):
        for account, taken in times.items():
            client = Client(shared_office.address)
            begun = time.perf_counter()
            answer = client.sign_in(account, "wrong-guess-0")
            taken.append(time.perf_counter() - begun)
            mark = re.compile(r'value="[^"]*"')
            pages[account] = (answer.status_code, mark.sub("", answer.text))
    assert pages["nobody-at-all"] == pages["lead"]
    assert min(times["nobody-at-all"]) > 0.4 * min(times["lead"])


def test_forms_want_their_mark_and_stay_small(shared_office: Office) -> None:
    """A form without this browser's mark, with another's, or a huge one is refused."""
    client, other = Client(shared_office.address), Client(shared_office.address)
    [foreign] = re.findall(r'name="csrf" value="([^"]+)"', other.get("/login").text)
    client.get("/login")
    fields = {"account": "lead", "password": PASSWORD}
    for csrf in ("", foreign):
        assert client.http.post("/login", data={**fields, "csrf": csrf}).status_code == 403
    assert client.http.post("/login", content=b"a" * 100_000).status_code == 413


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_leads_nowhere_else(shared_office: Office, wanted: str) -> None:
    """Where to go after signing in is a page of this site."""
    client = Client(shared_office.address)
    client.get("/login", params={"next": wanted})
    answer = client.post("/login", account="lead", password=PASSWORD, next=wanted)
    assert answer.headers["location"] == "/"
    assert client.get("/login", params={"next": wanted}).headers["location"] == "/"


# --- what leaves ------------------------------------------------------------------------------


def test_every_answer_bears_the_headers(shared_office: Office) -> None:
    """A policy, no framing, no sniffing, no address told to others, nothing kept in caches but the program."""
    lead = shared_office.client("lead")
    for path in ("/", "/login", "/ranking", "/media/none", "/_stcore/health", "/_stcore/metrics"):
        headers = lead.get(path).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"], path
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in headers
        assert "unsafe-eval" not in headers["content-security-policy"]
        scripts = re.search(r"script-src[^;]*", headers["content-security-policy"])
        assert scripts is None or "unsafe-inline" not in scripts[0]


def test_no_secret_is_written_down(fresh_office) -> None:
    """After all ways of signing in, right and wrong, neither record nor log holds a secret."""
    office: Office = fresh_office()
    lead = office.client("lead")
    token = session_token(lead)
    ticket = office.accounts.session(token).ticket
    client = Client(office.address)
    client.sign_in("lead", "a-wrong-password-1")
    client.sign_in("password-typed-as-account")
    client.post("/setup", account="lead", code="ABCD-EFGH-JKLM", new=PASSWORD, again=PASSWORD)
    lead.post("/password", old="an-old-password-2", new=PASSWORD, again=PASSWORD)
    lead.post("/logout")
    kept = "".join(
        file.read_text("utf-8")
        for file in office.database.parent.iterdir()
        if file.suffix in (".record", ".log", ".journal")
    )
    assert "sign_in_failed" in kept
    for secret in (
        PASSWORD,
        token,
        ticket,
        "a-wrong-password-1",
        "password-typed-as-account",
        "ABCD-EFGH-JKLM",
        "an-old-password-2",
    ):
        assert secret not in kept
    file = beside(office.database).read_bytes()
    assert token.encode() not in file
    assert PASSWORD.encode() not in file


def test_a_deed_stands_where_the_record_cannot_be_written(fresh_office) -> None:
    """Nobody comes in unrecorded; who goes out or changes a password is told what is true."""
    office: Office = fresh_office()
    lead = office.client("lead")
    kept = record.beside(office.database)
    kept.rename(kept.with_suffix(".away"))
    kept.mkdir()
    new = "沧海月明珠有泪1981"
    answer = lead.post("/password", old=PASSWORD, new=new, again=new)
    assert answer.status_code == 200
    assert lead.post("/logout").status_code == 303
    answer = Client(office.address).sign_in("lead", new)
    assert answer.status_code == 503
    assert "delegates.record" in answer.text
    assert Client(office.address).sign_in("lead", "wrong").status_code == 401


def refusing_to_start(folder: Path, *settings: str) -> str:
    """What the server says that does not start: words, no traceback."""
    ended = subprocess.run(
        [sys.executable, "-m", "streamlit", "run", "app.py", *settings],
        cwd=ROOT,
        env={"DELEGATES_DATABASE": str(folder / "d.duckdb"), "PATH": ""},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert ended.returncode != 0
    said = ended.stdout + ended.stderr
    assert "Traceback" not in said
    return said


@pytest.mark.parametrize("damage", [b"no database at all" * 100, b""])
def test_damaged_accounts_open_nothing(tmp_path: Path, damage: bytes) -> None:
    """The server does not start, and says in a sentence what is damaged."""
    (tmp_path / "d.door.toml").write_text('way = "accounts"', "utf-8")
    (tmp_path / "d.accounts").write_bytes(damage)
    said = refusing_to_start(tmp_path)
    assert "d.accounts" in said


# --- this computer only -----------------------------------------------------------------------


def test_without_accounts_only_this_computer_is_served(case_server: str) -> None:
    """No proxy, no other name: the way without accounts answers this computer's browser alone."""
    client = Client(case_server)
    assert client.get("/ranking").status_code == 200
    assert client.get("/ranking", headers={"host": "192.168.1.5:8501"}).status_code == 403
    assert client.get("/ranking", headers={"host": "renda.example"}).status_code == 403
    for header in ("x-forwarded-for", "x-forwarded-host", "forwarded"):
        assert client.get("/ranking", headers={header: "10.0.0.7"}).status_code == 403
    assert refused(client, origin="http://evil.example") == 403
    assert client.get("/_stcore/metrics").status_code == 404
    with client.socket() as socket:
        assert PAGES["ranking"][1].encode() in socket.rerun("ranking", QUERY)


@pytest.mark.parametrize("address", ["0.0.0.0", "", "::"])
def test_without_accounts_no_other_address_is_opened(tmp_path: Path, address: str) -> None:
    """The server does not start, and says in a sentence why and what to do."""
    said = refusing_to_start(tmp_path, "--server.address", address)
    assert "只能在本机使用" in said


def test_a_spoilt_setting_opens_nothing(tmp_path: Path) -> None:
    """Settings that cannot be read do not fall back to the way without accounts."""
    (tmp_path / "d.door.toml").write_text("way = 'acounts'", "utf-8")
    said = refusing_to_start(tmp_path)
    assert "d.door.toml" in said
