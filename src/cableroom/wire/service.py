"""Service messages on their way out: queued here, sealed and sent like any leg, never receipted.

They go at the precedence of what they speak of, and a service message never answers one: two systems that
disagree do not talk for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cableroom.cable.address import Post
from cableroom.cable.precedence import Precedence
from cableroom.directory import posts
from cableroom.seal import service
from cableroom.wire.models import Dispatch

DEFAULT = Precedence.PRIORITY


def queue(
    register: str,
    to: Post,
    kind: str,
    *,
    about: str | None,
    data: Mapping[str, Any],
    now: datetime,
    precedence: int = DEFAULT,
    covers: int | None = None,
    again: bool = False,
) -> str | None:
    """Queue a service message from the post of `register`; its id. None if `to` is not a confirmed post: to
    whom we cannot write safely we do not write.

    `covers`: the index of an entry that the head in its sheet must cover. It also makes the message one: a
    second call for the same entry is answered with the first id, unless it is to go `again`.
    """
    view = posts.find(to)
    if view is None or not view.confirmed or str(to) == register:
        return None
    there = Dispatch.objects.filter(
        register=register, to=str(to), kind="service", service=kind, about=about or ""
    )
    if covers is not None and not again and (row := there.filter(covers=covers).first()) is not None:
        return row.name
    name = service.new_id()
    Dispatch.objects.create(
        register=register,
        to=str(to),
        kind="service",
        name=name,
        service=kind,
        about=about or "",
        message=dict(data),
        covers=covers,
        precedence=precedence,
        since=now,
        next_try=now,
    )
    return name


def waits(register: str, to: Post, kind: str, about: str) -> bool:
    """Is such a message queued and not sent yet?"""
    return Dispatch.objects.filter(
        register=register, to=str(to), kind="service", service=kind, about=about, closed=False
    ).exists()


def key(message: service.ServiceMessage) -> str:
    """The key of the entry that a service message brings: a second copy is answered with that entry."""
    return f"service:{message.sender}:{message.id}"


def body(row: Dispatch, *, now: datetime) -> service.ServiceMessage:
    """The message of a queued row, as it is signed."""
    return service.ServiceMessage(
        kind=row.service,
        sender=Post.parse(row.register),
        receiver=Post.parse(row.to),
        time=now,
        id=row.name,
        about=row.about or None,
        data=row.message or {},
    )
