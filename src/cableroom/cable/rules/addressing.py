"""Who it goes to, and how fast."""

from __future__ import annotations

from collections.abc import Iterator

from cableroom.cable.address import Post
from cableroom.cable.label import level_named
from cableroom.cable.precedence import Precedence
from cableroom.cable.rules.given import Finding, Given, Rule


def no_action_addressee(given: Given) -> Iterator[Finding]:
    if not given.content.head.to:
        yield "TO", "No post is asked to act.", "Name one in TO."


def unknown_sender(given: Given) -> Iterator[Finding]:
    sender = given.content.sender
    if given.directory.post(sender) is None:
        yield "FROM", f"There is no post {given.name(sender)}.", "Write the post that sends this."


def unknown_post(given: Given) -> Iterator[Finding]:
    for key, addressee in given.addressed():
        for post in given.reached(addressee):
            if given.directory.post(post) is None:
                yield (
                    key,
                    f"There is no post {given.name(post)}.",
                    "Check the name, or exchange cards with it.",
                )


def empty_collective(given: Given) -> Iterator[Finding]:
    for key, addressee in given.addressed():
        if not given.reached(addressee):
            yield key, f"{addressee.post.as_text()} has no members.", "Name the posts."


def unknown_role(given: Given) -> Iterator[Finding]:
    for key, addressee in given.addressed():
        for post in given.reached(addressee) if addressee.role else ():
            known = given.directory.post(post)
            if known is not None and known.roles is not None and addressee.role not in known.roles:
                yield (
                    key,
                    f"{given.name(post)} has no role {addressee.role}.",
                    "Check the role, or leave it out.",
                )


def addressee_ceiling(given: Given) -> Iterator[Finding]:
    action = given.action_posts()
    for post in _receivers(given):
        if _is_above_ceiling(given, post):
            yield (
                "TO" if post in action else "INFO",
                f"{given.name(post)} may not receive {given.content.head.classification}.",
                f"Take {given.name(post)} out, or send a cable of a lower classification.",
            )


def sender_ceiling(given: Given) -> Iterator[Finding]:
    sender = given.content.sender
    if _is_above_ceiling(given, sender):
        yield (
            "CLASSIFICATION",
            f"{given.name(sender)} may not send {given.content.head.classification}.",
            "Lower the classification, or send it from another post.",
        )


def _receivers(given: Given) -> list[Post]:
    listed = given.content.head.to + given.content.head.info
    return list(dict.fromkeys(post for addressee in listed for post in given.reached(addressee)))


def _is_above_ceiling(given: Given, post: Post) -> bool:
    known = given.directory.post(post)
    if known is None or known.ceiling is None or given.level is None:
        return False
    ceiling = level_named(given.policy.levels, known.ceiling)
    return ceiling is None or given.level.number > ceiling.number


def named_twice(given: Given) -> Iterator[Finding]:
    action = {addressee.post for addressee in given.content.head.to}
    for addressee in given.content.head.info:
        if addressee.post in action:
            yield (
                "INFO",
                f"{addressee.post.as_text()} stands in TO and in INFO.",
                "Leave it in one; it gets the cable for action.",
            )


def exempted_addressee(given: Given) -> Iterator[Finding]:
    named = {
        post.at(given.home)
        for addressee in given.content.head.to + given.content.head.info
        for post in (addressee.post, *(addressee.members or ()))
    }
    for post in _exempt(given):
        if post in named:
            yield "XMT", f"{given.name(post)} is exempted and addressed.", "Take it out of one of the lists."


def exempts_nobody(given: Given) -> Iterator[Finding]:
    receivers = {
        post
        for addressee in given.content.head.to + given.content.head.info
        for post in (*given.reached(addressee), addressee.post.at(given.home))
    }
    for post in _exempt(given):
        written_out = any(addressee.members for addressee in given.content.head.to + given.content.head.info)
        if post not in receivers and not written_out:
            yield "XMT", f"{given.name(post)} is in none of the collectives addressed.", "Leave it out."


def _exempt(given: Given) -> list[Post]:
    return [post for addressee in given.content.head.xmt for post in given.reached(addressee)]


_INSTEAD = {Precedence.DEFERRED: Precedence.ROUTINE, Precedence.OVERRIDE: Precedence.FLASH}


def precedence_off(given: Given) -> Iterator[Finding]:
    head = given.content.head
    used = [("PRECEDENCE", head.precedence_action), ("PRECEDENCE", head.precedence_info)]
    used += [(key, addressee.precedence) for key, addressee in given.addressed()]
    for key, precedence in dict.fromkeys(used):
        if precedence is not None and precedence not in given.policy.precedences:
            instead = _INSTEAD.get(precedence)
            yield (
                key,
                f"The policy does not use {precedence.name}.",
                f"Write {instead.name}."
                if instead in given.policy.precedences and instead
                else "Write another.",
            )


def info_precedence_missing(given: Given) -> Iterator[Finding]:
    head = given.content.head
    if head.info and head.precedence_info is None:
        yield (
            "PRECEDENCE",
            "The info addressees have no precedence.",
            f"Write PRECEDENCE: {head.precedence_action.name} / ROUTINE.",
        )


def info_precedence_superfluous(given: Given) -> Iterator[Finding]:
    head = given.content.head
    if not head.info and head.precedence_info is not None:
        yield (
            "PRECEDENCE",
            "There is a precedence for info and no info addressee.",
            f"Write PRECEDENCE: {head.precedence_action.name}.",
        )


def niact_without_urgency(given: Given) -> Iterator[Finding]:
    head = given.content.head
    for key, addressee in given.addressed():
        general = head.precedence_info if key == "INFO" else head.precedence_action
        precedence = general if addressee.precedence is None else addressee.precedence
        if addressee.niact and precedence is not None and precedence < Precedence.IMMEDIATE:
            yield (
                key,
                f"{addressee.post.as_text()} is called at night for a {precedence.name} cable.",
                "Raise the precedence, or leave NIACT out.",
            )


RULES = (
    Rule("no-action-addressee", "error", no_action_addressee),
    Rule("unknown-sender", "error", unknown_sender),
    Rule("unknown-post", "error", unknown_post),
    Rule("empty-collective", "error", empty_collective),
    Rule("unknown-role", "error", unknown_role),
    Rule("addressee-ceiling", "error", addressee_ceiling),
    Rule("sender-ceiling", "error", sender_ceiling),
    Rule("named-twice", "warning", named_twice),
    Rule("exempted-addressee", "error", exempted_addressee),
    Rule("exempts-nobody", "warning", exempts_nobody),
    Rule("precedence-off", "error", precedence_off),
    Rule("info-precedence-missing", "error", info_precedence_missing),
    Rule("info-precedence-superfluous", "error", info_precedence_superfluous),
    Rule("niact-without-urgency", "warning", niact_without_urgency),
)
