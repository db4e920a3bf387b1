"""Streamlit's one HTML page, as the Chinese page that it is here."""

import re
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.words import _

_STYLE = (Path(__file__).parents[1] / "parts" / "shell.css").read_text("utf-8")
_OF_THEIR_PAGE = (b"accept-encoding", b"if-none-match", b"if-modified-since")
_INLINE = re.compile(rb"<script>.*?</script>|<link rel=\"service-desc\"[^>]*>", re.DOTALL)


class ChinesePage:
    """Serve Streamlit's one HTML page as what it is: a page in Chinese, with its title and style.

    Streamlit has no setting for these; a browser that is told "en" offers to translate names, and
    a style sheet that a script sends comes after the first English words have been seen. Scripts
    within the page go, so that the policy need not allow any; ``script``, the address of one of
    our own, is put in.
    """

    def __init__(self, app: ASGIApp, script: str | None = None) -> None:
        self.app = app
        ours = f"<style>{_STYLE}</style>"
        if script is not None:
            ours += f'<script src="{script}" defer></script>'
        self._ours = {
            b'<html lang="en"': b'<html lang="zh-CN"',
            b"<title>Streamlit</title>": f"<title>{_('代表履职考评')}</title>".encode(),
            b"</head>": f"{ours}</head>".encode(),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wants_page = scope["type"] == "http" and b"text/html" in _headers(scope).get(b"accept", b"")
        if not wants_page:
            await self.app(scope, receive, send)
            return
        # Uncompressed, and whole: "not modified" would speak of Streamlit's page, not of ours.
        plain = [(k, v) for k, v in scope["headers"] if k not in _OF_THEIR_PAGE]
        started: MutableMapping[str, Any] | None = None
        body = b""

        async def rewrite(message: Message) -> None:
            nonlocal started, body
            if message["type"] == "http.response.start":
                if _headers(message).get(b"content-type", b"").startswith(b"text/html"):
                    started = message
                    return
            elif started is not None:
                body += message.get("body", b"")
                if message.get("more_body"):
                    return
                page = _INLINE.sub(b"", body)
                for theirs, ours in self._ours.items():
                    page = page.replace(theirs, ours)
                started["headers"] = [
                    (k, v) for k, v in started["headers"] if k != b"content-length"
                ] + [(b"content-length", str(len(page)).encode())]
                await send(started)
                message = {"type": "http.response.body", "body": page}
            await send(message)

        await self.app({**scope, "headers": plain}, receive, rewrite)


def _headers(carrier: MutableMapping[str, Any]) -> dict[bytes, bytes]:
    return {key.lower(): value for key, value in carrier.get("headers", [])}
