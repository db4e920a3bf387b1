"""The door: what ``streamlit run app.py`` serves.

The database is opened when the server starts, so that it is ready before the first visitor is.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import streamlit as st
from starlette.middleware import Middleware

from data import opening
from pages.parts.access import ChinesePage, apologise


@asynccontextmanager
async def serving(_: Any) -> AsyncIterator[None]:
    opening.begin()
    yield


app = st.App(
    "pages/frame.py",
    lifespan=serving,
    middleware=[Middleware(ChinesePage)],
    on_script_error=apologise,
)
