"""The rules that a draft must meet before it is released, and that a cable may be held against.

Each rule is a function with a code of its own in docs/reference/checks.md. They ask the document, the
policy, the directory and the cables that the post holds, and nothing else: who clears and who releases is
another room's matter.
"""

from __future__ import annotations

from datetime import datetime

from cableroom.cable.document import Cable, Draft
from cableroom.cable.rules import addressing, instructing, labelling, reporting, wording
from cableroom.cable.rules.given import Given, Rule
from cableroom.cable.views import CablesView, DirectoryView, KnownCable, KnownPost, PolicyView
from cableroom.errors import Problem

__all__ = ["RULES", "CablesView", "DirectoryView", "KnownCable", "KnownPost", "PolicyView", "Rule", "check"]

RULES: tuple[Rule, ...] = (
    addressing.RULES + labelling.RULES + instructing.RULES + reporting.RULES + wording.RULES
)


def check(
    content: Draft | Cable,
    *,
    policy: PolicyView,
    directory: DirectoryView,
    now: datetime,
    cables: CablesView | None = None,
) -> list[Problem]:
    """Everything that the rules find in `content`, in the order of `RULES`.

    A draft that does not say its organisation is of `directory.org`. Without `cables` the rules that look
    up an earlier cable find nothing. `severity` "error" stops a release, "warning" does not.
    """
    if isinstance(content, Draft):
        content = content.at(directory.org)
    given = Given(content, policy, directory, cables, now)
    return [
        Problem(rule.code, where, message, hint, rule.severity)
        for rule in RULES
        for where, message, hint in rule.find(given)
    ]
