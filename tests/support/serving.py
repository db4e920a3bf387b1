"""A real server and a real browser for the tests of the pages."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
NO_BROWSER = "没有找到 Chromium：在 Debian 上运行 apt-get install chromium fonts-noto-cjk 后再试"


def chromium() -> str | None:
    """The path of the system's Chromium, if there is one."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextlib.contextmanager
def serving(
    tree: Path, database: Path | None, terminal: Path | None = None, port: int | None = None
) -> Iterator[str]:
    """Run ``streamlit run app.py`` in ``tree``; yields the address.

    ``database`` None: the server takes its default place, ``data/files`` in the tree. What the
    server prints goes to ``terminal``.
    """
    port = port or free_port()
    environment = {k: v for k, v in os.environ.items() if k != "DELEGATES_DATABASE"}
    if database is not None:
        environment["DELEGATES_DATABASE"] = str(database)
    log = terminal or (tree / ".server.log" if tree != ROOT else Path(os.devnull))
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)],
            cwd=tree,
            env=environment,
            stdout=output,
            stderr=output,
        )
        try:
            address = f"http://localhost:{port}"
            wait_for(f"{address}/_stcore/health", server)
            yield address
        finally:
            server.terminate()
            server.wait(20)


def wait_for(health: str, server: "subprocess.Popen[bytes]", seconds: float = 60) -> None:
    """Return once the address answers."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"the server ended with code {server.returncode}")
        with contextlib.suppress(OSError), urllib.request.urlopen(health, timeout=2):
            return
        time.sleep(0.2)
    raise TimeoutError(health)


def copy_tree(target: Path) -> Path:
    """The project as a fresh clone has it, without databases and environments."""
    ignored = shutil.ignore_patterns(
        ".git", ".venv", "files", "__pycache__", ".*_cache", ".hypothesis"
    )
    return Path(shutil.copytree(ROOT, target, ignore=ignored))
