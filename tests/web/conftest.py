"""A browser, and the gallery of pages with made-up data behind the program's own middleware."""

from __future__ import annotations

import socketserver
import threading
import wsgiref.simple_server
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = Path("/usr/bin/chromium")
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class _Server(socketserver.ThreadingMixIn, wsgiref.simple_server.WSGIServer):
    daemon_threads = True


class _Quiet(wsgiref.simple_server.WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture(scope="session")
def gallery_url() -> Iterator[str]:
    """Where the gallery is served, for the whole run."""
    from django.core.handlers.wsgi import WSGIHandler

    class Gallery(WSGIHandler):
        def resolve_request(self, request: Any) -> Any:
            request.urlconf = "gallery_urls"
            return super().resolve_request(request)

    server = wsgiref.simple_server.make_server("127.0.0.1", 0, Gallery(), _Server, _Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


class Browser:
    """One Chromium in a thread of its own: its driver keeps an event loop running where it lives."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool
        self._driver: Any = None
        self.chromium: Any = None

    def run(self, work: Callable[[], Any]) -> Any:
        """Call `work` where the browser lives, and answer what it answers."""
        return self._pool.submit(work).result()

    def start(self) -> None:
        from playwright.sync_api import sync_playwright

        self._driver = sync_playwright().start()
        self.chromium = self._driver.chromium.launch(executable_path=str(CHROMIUM), args=ARGS)

    def stop(self) -> None:
        self.chromium.close()
        self._driver.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all browser tests."""
    if not CHROMIUM.exists():
        pytest.skip("Chromium is absent: apt-get install chromium")
    pytest.importorskip("playwright.sync_api", reason="pip install playwright")
    with ThreadPoolExecutor(1, thread_name_prefix="browser") as pool:
        made = Browser(pool)
        made.run(made.start)
        yield made
        made.run(made.stop)


@pytest.fixture
def ministry(transactional_db: None, tmp_path: Path, settings: Any) -> Iterator[Any]:
    """A working ministry of three posts (world.py)."""
    import world

    from cableroom.register import following, ledger
    from cableroom.wire.sending import SENDER

    settings.HOME = tmp_path / "home"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # fast
    following._memory.forget()  # of the registers of the test before, which had the same names
    yield world.found(settings.HOME)
    SENDER.close()
    ledger.set_clock(None)


@pytest.fixture
def at(ministry: Any) -> Any:
    """Sign in: `at("costa")` answers a client that has."""
    import world
    from django.test import Client

    def signed_in(name: str) -> Any:
        fresh = Client()
        answer = fresh.post("/sign-in", {"name": name, "passphrase": world.PASSPHRASE})
        assert answer.status_code == 302, answer.content
        return fresh

    return signed_in
