"""`serve`: the pages, the wire and everything that follows entries, in one process.

If one of the three ends, the process ends, and whoever supervises it starts it again: what was acknowledged is on disk.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator

import click
import uvicorn
from django.conf import settings
from django.core.management import call_command

from cableroom.cli.context import set_up
from cableroom.cli.founding import WEB, host_port
from cableroom.cli.output import say
from cableroom.directory import posts
from cableroom.errors import Unavailable
from cableroom.register import following
from cableroom.wire import serving

PATIENCE = 30.0


@click.command()
@click.option("--smtp", metavar="HOST:PORT", help="Receive cables here, instead of where config.toml says.")
@click.option("--web", metavar="HOST:PORT", help="Serve the pages here, instead of where config.toml says.")
@click.option("--no-web", is_flag=True, help="Serve no pages.")
@click.option("--no-wire", is_flag=True, help="Receive nothing.")
def serve(smtp: str | None, web: str | None, no_web: bool, no_wire: bool) -> None:
    """Receive, send and serve the pages, until it is told to stop."""
    set_up()
    call_command("migrate", verbosity=0, interactive=False)
    if not posts.own_posts():
        raise Unavailable(
            "There is no post yet.", do="Make one with `cableroom post create NAME`.", code="no-post"
        )
    if smtp:
        host_port(smtp)
        settings.CONFIG.setdefault("smtp", {})["listen"] = smtp
    pages = None if no_web else host_port(web or settings.CONFIG.get("web", {}).get("listen", WEB))
    work = Work()
    work.begin("following", following.run_forever)
    if not no_wire:
        ready = threading.Event()
        work.begin("wire", lambda stop: serving.serve(stop, ready=ready))
        if ready.wait(PATIENCE):
            say(f"Cables: {settings.CONFIG.get('smtp', {}).get('listen', serving.LISTEN)}")
    try:
        if pages is None:
            _wait(work)
        else:
            say(f"Pages: http://{pages[0]}:{pages[1]}/")
            _serve_pages(work, *pages)
    finally:
        work.end()
    work.raise_failure()


class Work:
    """Threads that run until all are told to stop, or one of them ends."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.failure: BaseException | None = None
        self._threads: list[threading.Thread] = []

    def begin(self, name: str, run: Callable[[threading.Event], object]) -> None:
        thread = threading.Thread(target=self._run, args=(run,), name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def end(self) -> None:
        self.stop.set()
        for thread in self._threads:
            thread.join(PATIENCE)

    def raise_failure(self) -> None:
        if self.failure is not None:
            raise self.failure

    def _run(self, run: Callable[[threading.Event], object]) -> None:
        try:
            run(self.stop)
        except BaseException as error:  # noqa: BLE001 (kept, and raised by the main thread)
            self.failure = error
        finally:
            self.stop.set()


class _Pages(uvicorn.Server):
    """Leaves signals to us, so that one handler ends everything."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _serve_pages(work: Work, host: str, port: int) -> None:
    config = uvicorn.Config(
        "cableroom.asgi:application",
        host,
        port,
        log_level="warning",
        lifespan="off",
        server_header=False,
        access_log=False,
    )
    server = _Pages(config)

    def run(stop: threading.Event) -> None:
        server.run()
        if not stop.is_set():
            raise Unavailable(
                f"The pages cannot be served at {host}:{port}.",
                do="Is another program using that address? See [web] in config.toml.",
                code="listen",
            )

    work.begin("pages", run)
    _wait(work)
    server.should_exit = True


def _wait(work: Work) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: work.stop.set())
    while not work.stop.wait(0.5):
        pass


COMMANDS = (serve,)
