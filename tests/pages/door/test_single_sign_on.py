"""Single sign-on against a real provider process: it says who, the account here says what."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from knocking import Client
from serving import ROOT, free_port, serving, wait_for

from data.access.accounts import Accounts, beside

PEOPLE = [
    {"sub": "1001", "preferred_username": "lead", "name": "李领导"},
    {"sub": "1002", "preferred_username": "boss", "name": "赵管理"},
    {"sub": "1003", "preferred_username": "stranger", "name": "外人"},
    {"sub": "1004", "preferred_username": "lead", "name": "同名的人"},
    {"sub": "1005", "name": "没有账号名的人"},
]


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """An OpenID Connect provider that knows PEOPLE and demands a nonce."""
    port = free_port()
    known = [word for person in PEOPLE for word in ("--user-claims", json.dumps(person))]
    process = subprocess.Popen(
        [
            sys.executable,
            "-W",
            "ignore",
            "-m",
            "oidc_provider_mock",
            "-p",
            str(port),
            "-n",
            "true",
            *known,
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://localhost:{port}"
    try:
        wait_for(f"{address}/.well-known/openid-configuration", process)
        yield address
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def signed_on(database: Path, folder: Path, issuer: str) -> Iterator[tuple[str, Accounts, Path]]:
    """A server in the way *sso*: its address, its accounts (none), its terminal."""
    copy = Path(shutil.copy(database, folder / "delegates.duckdb"))
    port = free_port()
    settings = {
        "way": "sso",
        "address": f"http://localhost:{port}",
        "issuer": issuer,
        "client_id": "kaoping",
        "client_secret": "s3cret",
    }
    lines = "".join(f'{name} = "{value}"\n' for name, value in settings.items())
    copy.with_suffix(".door.toml").write_text(lines, "utf-8")
    terminal = folder / "terminal.txt"
    with serving(ROOT, copy, terminal, port) as address:
        yield address, Accounts(beside(copy)), terminal


def go(client: Client, sub: str, wanted: str = "/") -> httpx2.Response:
    """Through the provider, as this person, and back."""
    return client.get(back(client, sub, wanted))


def back(client: Client, sub: str, wanted: str = "/") -> str:
    """The address with which the provider sends the browser back."""
    asked = client.get("/login/sso", params={"next": wanted}).headers["location"]
    assert "code_challenge_method=S256" in asked
    answer = httpx2.post(asked, data={"sub": sub}, trust_env=False)
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


@pytest.fixture
def office(provider: str, case_database: Path, tmp_path: Path) -> Iterator[tuple[str, Accounts]]:
    """With a first administrator already, and an account for 李领导."""
    with signed_on(case_database, tmp_path, provider) as (address, accounts, _terminal):
        code = accounts.setup_code()
        assert code is not None
        accounts.redeem(code, "boss", "赵管理", None)
        accounts.sign_in_by(f"{provider}|1002", "boss")
        accounts.create("lead", "李领导", "leader")
        yield address, accounts


def test_who_has_an_account_comes_in(office: tuple[str, Accounts]) -> None:
    """The provider vouches for the person, the account gives the role and the wanted page."""
    client = Client(office[0])
    assert "/login/sso" in client.get("/login").text
    answer = go(client, "1001", "/ranking?period=2026Q3")
    assert (answer.status_code, answer.headers["location"]) == (303, "/ranking?period=2026Q3")
    assert client.get("/ranking").status_code == 200
    assert client.get("/accounts").status_code == 403
    assert client.post("/logout").status_code == 303
    assert client.get("/ranking").status_code == 303


@pytest.mark.parametrize("sub", ["1003", "1005"])
def test_who_has_none_stays_out(office: tuple[str, Accounts], sub: str) -> None:
    """A person whom the provider knows, and nobody here, is told so and gets no session."""
    client = Client(office[0])
    answer = go(client, sub)
    assert answer.status_code == 403
    assert "没有开通" in answer.text
    assert client.get("/ranking").status_code == 303


def test_a_name_given_to_another_person_opens_nothing(office: tuple[str, Accounts]) -> None:
    """An account belongs to the first person who came with its name."""
    assert go(Client(office[0]), "1001").status_code == 303
    assert go(Client(office[0]), "1004").status_code == 403


def test_a_disabled_account_stays_out(office: tuple[str, Accounts]) -> None:
    """Whatever the provider says."""
    address, accounts = office
    accounts.change("lead", disabled=True)
    assert go(Client(address), "1001").status_code == 403


def test_the_way_back_is_for_this_browser_and_once(office: tuple[str, Accounts]) -> None:
    """A way back that was made for another browser, was used, or is changed signs nobody in."""
    mine, other = Client(office[0]), Client(office[0])
    address = back(mine, "1001")
    assert other.get(address).status_code == 401
    for changed in (
        re.sub("state=[^&]+", "state=x", address),
        re.sub("code=[^&]+", "code=x", address),
    ):
        assert mine.get(changed).status_code in (401, 502)
    address = back(mine, "1001")
    assert mine.get(address).status_code == 303
    assert other.get(address).status_code == 401
    again = Client(office[0])
    again.http.cookies.update(mine.http.cookies)
    assert again.get(address).status_code == 401
    assert other.get("/ranking").status_code == 303


def test_there_are_no_passwords(office: tuple[str, Accounts]) -> None:
    """In this way nobody signs in or sets anything with a password."""
    client = Client(office[0])
    assert "password" not in client.get("/login").text
    assert client.http.post("/login", data={"account": "lead", "password": "x"}).status_code == 405
    assert client.get("/password").status_code in (303, 404)


def test_the_first_administrator(provider: str, case_database: Path, tmp_path: Path) -> None:
    """Whoever the provider knows and who has the code of the terminal; nobody without it."""
    with signed_on(case_database, tmp_path, provider) as (address, accounts, terminal):
        [code] = re.findall(r"一次性代码：(\S+)", terminal.read_text("utf-8"))
        client = Client(address)
        assert go(client, "1002").headers["location"] == "/setup"
        assert client.get("/accounts").status_code == 303
        assert client.post("/setup", code="AAAA-BBBB-CCCC-DDDD").status_code == 400
        assert client.post("/setup", code=code).status_code == 303
        assert client.get("/accounts").status_code == 200
        [first] = accounts.everyone()
        assert (first.account, first.name, first.role) == ("boss", "赵管理", "administrator")
        assert go(Client(address), "1003").status_code == 403


def test_without_the_provider_nobody_is_let_in(case_database: Path, tmp_path: Path) -> None:
    """It is said in words that the single sign-on does not answer."""
    with signed_on(case_database, tmp_path, "http://localhost:9") as (
        address,
        _accounts,
        _terminal,
    ):
        answer = Client(address).get("/login/sso")
        assert answer.status_code == 502
        assert "没有应答" in answer.text
