"""What the door adds to a request: the same requests to the app behind it and to the app without.

``uv run python tests/bench/door.py``. Medians of requests that take turns, on one machine; the
floor is Streamlit with our pages and nothing before it.
"""

# ruff: noqa: E402 - the rooms are imported from the path that is set first
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1] / "support"), str(Path(__file__).parents[2])]

from databases import upload
from files import worked_cases
from knocking import Client, office
from serving import copy_tree, serving

from data.store import open_store

TURNS = 300
BOUND = 0.005  # seconds that the door may add
BARE = """
from contextlib import asynccontextmanager
import streamlit as st
from data import opening

@asynccontextmanager
async def serving(_):
    opening.begin()
    yield

app = st.App("pages/frame.py", lifespan=serving)
"""


def medians(bare: Client, guarded: Client, path: str) -> tuple[float, float]:
    """Seconds of one request without and with the door."""
    taken: tuple[list[float], list[float]] = ([], [])
    for _turn in range(TURNS):
        for client, times in zip((bare, guarded), taken, strict=True):
            begun = time.perf_counter()
            answer = client.get(path, headers={"accept": "*/*", "connection": "close"})
            times.append(time.perf_counter() - begun)
            assert answer.status_code == 200, (path, answer.status_code)
    return statistics.median(taken[0]), statistics.median(taken[1])


def reruns(bare: Client, guarded: Client, page: str) -> tuple[float, float]:
    """Seconds of one rerun of a page over an open socket, without and with the door."""
    taken: tuple[list[float], list[float]] = ([], [])
    with bare.socket() as plain, guarded.socket() as watched:
        for turn in range(31):
            for socket, times in zip((plain, watched), taken, strict=True):
                begun = time.perf_counter()
                socket.rerun(page, "period=2026Q3")
                if turn:
                    times.append(time.perf_counter() - begun)
    return statistics.median(taken[0]), statistics.median(taken[1])


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = folder / "cases.duckdb"
        store = open_store(database)
        upload(store, worked_cases())
        store.close()
        tree = copy_tree(folder / "bare")
        (tree / "app.py").write_text(BARE, "utf-8")
        (folder / "office").mkdir()
        plain = Path(shutil.copy(database, folder / "bare.duckdb"))
        with serving(tree, plain) as address, office(database, folder / "office") as guarded:
            bare, signed_in = Client(address), guarded.client("lead")
            within = True
            for path in ("/_stcore/host-config", "/_stcore/health", "/favicon.png"):
                without, behind = medians(bare, signed_in, path)
                within &= behind - without < BOUND
                tell(path, without, behind)
            for page in ("", "ranking"):
                tell(f"rerun of /{page}", *reruns(bare, signed_in, page))
    return 0 if within else 1


def tell(what: str, without: float, behind: float) -> None:
    added = behind - without
    print(
        f"{what:24} without {1e3 * without:7.2f} ms  behind {1e3 * behind:7.2f} ms  adds {1e3 * added:6.2f} ms"
    )


if __name__ == "__main__":
    sys.exit(main())
