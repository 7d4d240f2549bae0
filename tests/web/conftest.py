"""A browser, and the gallery of pages with made-up data behind the program's own middleware."""

from __future__ import annotations

import socketserver
import threading
import wsgiref.simple_server
from collections.abc import Iterator
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


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One Chromium for all browser tests."""
    if not CHROMIUM.exists():
        pytest.skip("Chromium is absent: apt-get install chromium")
    api = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGS)
        yield browser
        browser.close()


@pytest.fixture
def ministry(transactional_db: None, tmp_path: Path, settings: Any) -> Iterator[Any]:
    """A working ministry of three posts (world.py)."""
    import world

    from cableroom.register import ledger

    settings.HOME = tmp_path / "home"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # fast
    yield world.found(settings.HOME)
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
