"""Threads that touch tables, for the loops of asyncio, which must not."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from django.db import DEFAULT_DB_ALIAS, close_old_connections, connections


class Hands(ThreadPoolExecutor):
    """A pool whose threads keep their database connections; `close` ends both."""

    def __init__(self, count: int, name: str) -> None:
        self._connections: list[Any] = []
        super().__init__(count, thread_name_prefix=name, initializer=self._begin)

    def _begin(self) -> None:
        connection = connections[DEFAULT_DB_ALIAS]
        connection.inc_thread_sharing()  # closed by whoever closes the pool
        self._connections.append(connection)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        return super().submit(_fresh, fn, args, kwargs)

    def close(self) -> None:
        self.shutdown(wait=True)
        for connection in self._connections:
            connection.close()
        self._connections.clear()


def _fresh(fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    close_old_connections()  # one that broke is not used again
    return fn(*args, **kwargs)
