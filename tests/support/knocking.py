"""An office behind its door, and clients that knock at it: plain requests and raw sockets."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
from serving import ROOT, serving
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from data import record
from data.access import Role
from data.access.accounts import Accounts, beside

PASSWORD = "春江潮水连海平0731"
TOWNSHIP = "大坝街道"
PEOPLE: dict[str, tuple[str, Role]] = {
    "lead": ("李领导", "leader"),
    "county": ("王县级", "county_clerk"),
    "town": ("张镇街", "township_clerk"),
    "admin": ("赵管理", "administrator"),
    "view": ("钱匿名", "viewer"),
}
CSRF = re.compile(r'name="csrf" value="([^"]+)"')


@dataclass
class Office:
    """A server in the way *accounts*, whose accounts are PEOPLE."""

    address: str
    database: Path
    accounts: Accounts

    def client(self, account: str | None = None) -> Client:
        """A browser of its own, signed in if an account is named."""
        client = Client(self.address)
        if account is not None:
            assert client.sign_in(account).status_code == 303
        return client

    def record(self) -> list[dict]:
        """What the record says, oldest first."""
        lines = record.beside(self.database).read_text("utf-8").splitlines()
        return [json.loads(line) for line in lines]


@contextlib.contextmanager
def office(
    database: Path, folder: Path, townships: tuple[str, ...] = (TOWNSHIP,), settings: str = ""
) -> Iterator[Office]:
    """Serve a copy of the database behind accounts."""
    copy = Path(shutil.copy(database, folder / "delegates.duckdb"))
    copy.with_suffix(".door.toml").write_text(f'way = "accounts"\n{settings}', "utf-8")
    accounts = Accounts(beside(copy))
    for account, (name, role) in PEOPLE.items():
        given = townships if role == "township_clerk" else ()
        code = accounts.create(account, name, role, given)
        accounts.redeem(code, account, name, PASSWORD)
    with serving(ROOT, copy) as address:
        yield Office(address, copy, accounts)


class Client:
    """Requests as one browser makes them: its cookies, its own origin."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.http = httpx2.Client(
            base_url=address, headers={"accept": "text/html,*/*"}, timeout=30, trust_env=False
        )

    def get(self, path: str, **settings) -> httpx2.Response:
        return self.http.get(path, **settings)

    def post(self, path: str, **fields: str) -> httpx2.Response:
        """Fill in the form at the path, as a browser does, and send it."""
        mark = CSRF.search(self.get(path).text)
        if mark is not None:
            fields.setdefault("csrf", mark[1])
        return self.http.post(path, data=fields, headers={"origin": self.address})

    def sign_in(self, account: str, password: str = PASSWORD) -> httpx2.Response:
        return self.post("/login", account=account, password=password)

    @property
    def cookies(self) -> str:
        return "; ".join(f"{c.name}={c.value}" for c in self.http.cookies.jar)

    @contextlib.contextmanager
    def socket(
        self, session: str = "", origin: str | None = None, **headers: str
    ) -> Iterator[Socket]:
        """A raw socket to Streamlit, with this browser's cookies; ``session`` names another's."""
        spoken = ["streamlit", "none", *([session] if session else [])]
        with connect(
            self.address.replace("http", "ws", 1) + "/_stcore/stream",
            origin=origin or self.address,  # type: ignore[arg-type]
            subprotocols=[Subprotocol(word) for word in spoken],
            additional_headers={"cookie": self.cookies, **headers},
            max_size=None,
            proxy=None,
        ) as raw:
            yield Socket(raw)


@dataclass
class Socket:
    """A socket that has been let in."""

    raw: ClientConnection
    session: str = ""
    pages: dict[str, str] = field(default_factory=dict)  # the navigation: address, hash
    fragment: str = ""  # the last part of a page that runs by itself

    def rerun(self, page: str = "", query: str = "", page_hash: str = "") -> bytes:
        """Ask for a page by its name, wait until its script has ended; all that came."""
        message = BackMsg()
        message.rerun_script.query_string = query
        message.rerun_script.page_name = page
        message.rerun_script.page_script_hash = page_hash
        return self.send(message)

    def send(self, message: BackMsg, seconds: float = 30) -> bytes:
        self.raw.send(message.SerializeToString())
        came = b""
        while True:
            raw = self.raw.recv(timeout=seconds)
            assert isinstance(raw, bytes)
            came += raw
            told = ForwardMsg.FromString(raw)
            if told.HasField("new_session"):
                self.session = told.new_session.initialize.session_id
            self.fragment = told.delta.fragment_id or self.fragment
            for page in told.navigation.app_pages:
                self.pages["" if page.is_default else page.url_pathname] = page.page_script_hash
            if told.WhichOneof("type") == "script_finished" and (
                told.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN
            ):
                return came

    def open(self, popover: str) -> bytes:
        """Open the popover of this number, in the part of the page that runs by itself."""
        message = BackMsg()
        message.rerun_script.fragment_id = self.fragment
        state = message.rerun_script.widget_states.widgets.add()
        state.id, state.bool_value = popover, True
        return self.send(message)

    def fetch(self, number: str, seconds: float = 20) -> bytes:
        """Ask for the file that is built on a click, by its number; what is told of it."""
        self.raw.send(asking_for(number, self.session))
        while True:
            raw = self.raw.recv(timeout=seconds)
            assert isinstance(raw, bytes)
            if ForwardMsg.FromString(raw).HasField("backend_operation_response"):
                return raw

    def is_closed(self, seconds: float = 3) -> bool:
        """Whether the server ends it within the time."""
        with contextlib.suppress(TimeoutError):
            while True:
                try:
                    self.raw.recv(timeout=seconds)
                except ConnectionClosed:
                    return True
        return False


def asking_for(number: str, session: str) -> bytes:
    """The message with which a page asks for a file that is built on a click."""
    message = BackMsg()
    message.backend_operation_request.session_id = session
    message.backend_operation_request.request_id = number
    message.backend_operation_request.deferred_file.file_id = number
    return message.SerializeToString()


def refused(client: Client, **settings: str) -> int | None:
    """The status with which a socket is refused; None if it is let in."""
    try:
        with client.socket(**settings):
            return None
    except InvalidStatus as error:
        return error.response.status_code
