"""The door: what ``streamlit run app.py`` serves, and to whom.

The way in is chosen in the settings beside the database (README, "给管理员"). The database is opened
when the server starts, so that it is ready before the first visitor is.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import streamlit as st

from data import log, opening
from data.access import settings
from data.access.accounts import accounts
from data.problems import DatabaseUnavailable
from data.store import database_path
from pages import door as doors
from pages.door import ways
from pages.parts.access import apologise
from pages.words import _

log.begin(database_path())
_address = st.get_option("server.address")
try:
    door = settings.door(database_path())
except settings.BadSettings as error:
    sys.exit(str(error))
if door.way == "computer" and doors.serves_others(_address):
    sys.exit(
        _(
            "没有设置账号时只能在本机使用，不能向 {address} 开放。请先按说明文件设置账号，或启动时不指定地址。",
            address=_address or "0.0.0.0",
        )
    )
try:
    known = None if door.way == "computer" else accounts()
    middleware = doors.middleware(
        door,
        known,
        secure=bool(st.get_option("server.sslCertFile"))
        or (door.address or "").startswith("https:"),
    )
except DatabaseUnavailable as fault:
    sys.exit(str(fault))


@asynccontextmanager
async def serving(app: Any) -> AsyncIterator[None]:
    opening.begin()
    if known is not None:
        scheme = "https" if st.get_option("server.sslCertFile") else "http"
        ways.announce(door, known, f"{scheme}://localhost:{st.get_option('server.port')}")
    yield


app = st.App(
    "pages/frame.py",
    lifespan=serving,
    middleware=middleware,
    on_script_error=apologise,
)
