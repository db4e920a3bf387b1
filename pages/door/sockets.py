"""The open sockets: what may go into them and come out, and their end."""

import asyncio
import logging
import re
from collections.abc import Callable
from contextlib import suppress

from google.protobuf.message import DecodeError
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg

_log = logging.getLogger(__name__)

LOOK_AGAIN = 2.0  # seconds between looks at the session of a socket that nobody used
# Of what a browser can ask of Streamlit, what the pages need. The rest would empty the server's
# caches, install files beside the pages, or tell where they lie.
ASKED = ("rerun_script", "stop_script", "app_heartbeat", "file_urls_request")
# A file's address, and the number under which one is built on a click.
_TOLD = re.compile(rb"/media/[\w-]+(?:\.\w+)?|(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
_SHORT = 64 * 1024  # bytes: files are told of in short messages, long ones hold tables
_REMEMBERED = 5000  # of these, for each session
REFUSED = 1008  # RFC 6455: against the policy


class Sockets:
    """The sockets of this server, each under its session's ticket."""

    def __init__(self) -> None:
        self._open: dict[str, set[_Ended]] = {}
        self._told: dict[str, dict[bytes, None]] = {}

    def end(self, ticket: str) -> None:
        """The session has ended: so do its sockets. Called on any thread."""
        self._told.pop(ticket, None)
        for ended in list(self._open.get(ticket, ())):
            with suppress(RuntimeError):  # the server is closing
                ended.loop.call_soon_threadsafe(ended.set)

    def has_told(self, ticket: str, address: str) -> bool:
        """Whether a file's address was given to this session: others have no use of a link."""
        return address.encode() in self._told.get(ticket, ())

    async def serve(
        self,
        app: ASGIApp,
        scope: Scope,
        receive: Receive,
        send: Send,
        ticket: str,
        lives: Callable[[bool], bool],
    ) -> None:
        """Let a socket live no longer than its session: nothing goes in or out after its end.

        ``lives`` says whether the session lasts; whether that is a use of it, it is told.
        """
        ended = _Ended()
        self._open.setdefault(ticket, set()).add(ended)
        watching = asyncio.create_task(_watch(ended, lives))

        async def receiving() -> Message:
            incoming = asyncio.ensure_future(receive())
            leaving = asyncio.ensure_future(ended.wait())
            try:
                await asyncio.wait((incoming, leaving), return_when=asyncio.FIRST_COMPLETED)
                if not ended.is_set():
                    message = incoming.result()
                    if message["type"] != "websocket.receive":
                        return message
                    if lives(True) and self._is_proper(ticket, message):
                        return message
                    ended.set()
            finally:
                incoming.cancel()
                leaving.cancel()
            with suppress(Exception):  # it may be closed already
                await send({"type": "websocket.close", "code": REFUSED, "reason": "refused"})
            return {"type": "websocket.disconnect", "code": REFUSED}

        async def sending(message: Message) -> None:
            if ended.is_set():
                return
            self._remember(ticket, message.get("bytes") or b"")
            await send(message)

        try:
            await app(scope, receiving, sending)
        finally:
            watching.cancel()
            self._open[ticket].discard(ended)
            if not self._open[ticket]:
                del self._open[ticket]

    def _remember(self, ticket: str, content: bytes) -> None:
        if len(content) > _SHORT:
            return
        found = _TOLD.findall(content)
        if not found:
            return
        told = self._told.setdefault(ticket, {})
        for name in found:
            told.pop(name, None)
            told[name] = None
        while len(told) > _REMEMBERED:
            del told[next(iter(told))]

    def _is_proper(self, ticket: str, message: Message) -> bool:
        """Whether it is something that our pages ask; a file only if it was offered to them."""
        asked = BackMsg()
        try:
            asked.ParseFromString(message.get("bytes") or b"")
        except DecodeError:
            return False
        if asked.WhichOneof("type") != "backend_operation_request":
            return asked.WhichOneof("type") in ASKED
        wanted = asked.backend_operation_request
        if wanted.WhichOneof("payload") == "deferred_file":
            return self.has_told(ticket, wanted.deferred_file.file_id)
        return wanted.WhichOneof("payload") == "dataframe_chunk"  # of the socket's own session


class _Ended(asyncio.Event):
    """Set once a socket's session has ended; knows the loop that waits for it."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.get_running_loop()


async def _watch(ended: asyncio.Event, lives: Callable[[bool], bool]) -> None:
    """Notice sessions that time out, or that another process has ended."""
    while not ended.is_set():
        await asyncio.sleep(LOOK_AGAIN)
        if not lives(False):
            ended.set()
