"""The two word lists: what pages call things, by a stable key.

`diplomatic` uses the words of the trade, `plain` those of everybody. Which one is shown is
a rule of the organisation's policy. Numbers, times, marks and the text of cables never
change. Each entry is written out with its context, so that translators find both lists
complete and apart (`pgettext`).
"""

from __future__ import annotations

from typing import Literal, get_args

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from cableroom.errors import NotFound

List = Literal["diplomatic", "plain"]
LISTS: tuple[List, ...] = get_args(List)

WORDS: dict[str, tuple[Promise, Promise]] = {
    "cable": (pgettext_lazy("diplomatic", "cable"), pgettext_lazy("plain", "message")),
    "telegram": (pgettext_lazy("diplomatic", "telegram"), pgettext_lazy("plain", "message")),
    "post": (pgettext_lazy("diplomatic", "post"), pgettext_lazy("plain", "office")),
    "capital": (pgettext_lazy("diplomatic", "CAPITAL"), pgettext_lazy("plain", "Headquarters")),
    "inbox": (pgettext_lazy("diplomatic", "Inbox"), pgettext_lazy("plain", "Inbox")),
    "tasks": (pgettext_lazy("diplomatic", "Tasks"), pgettext_lazy("plain", "To do")),
    "board": (pgettext_lazy("diplomatic", "Board"), pgettext_lazy("plain", "What we asked")),
    "drafts": (pgettext_lazy("diplomatic", "Drafts"), pgettext_lazy("plain", "Drafts")),
    "records": (pgettext_lazy("diplomatic", "Records"), pgettext_lazy("plain", "Archive")),
    "watch": (pgettext_lazy("diplomatic", "Watch"), pgettext_lazy("plain", "Connections")),
    "desk": (pgettext_lazy("diplomatic", "Desk"), pgettext_lazy("plain", "Not sorted yet")),
    "for_action": (pgettext_lazy("diplomatic", "For action"), pgettext_lazy("plain", "To do")),
    "action": (pgettext_lazy("diplomatic", "Action"), pgettext_lazy("plain", "To do")),
    "for_information": (pgettext_lazy("diplomatic", "For information"), pgettext_lazy("plain", "To know")),
    "info": (pgettext_lazy("diplomatic", "Info"), pgettext_lazy("plain", "To know")),
    "instruction": (pgettext_lazy("diplomatic", "instruction"), pgettext_lazy("plain", "request")),
    "instruction_n": (
        pgettext_lazy("diplomatic", "Instruction %(no)s"),
        pgettext_lazy("plain", "Request %(no)s"),
    ),
    "deliver_verbatim": (
        pgettext_lazy("diplomatic", "Deliver verbatim"),
        pgettext_lazy("plain", "Say word for word"),
    ),
    "deliver_talking_points": (
        pgettext_lazy("diplomatic", "Deliver, talking points"),
        pgettext_lazy("plain", "Say in your own words"),
    ),
    "inform": (pgettext_lazy("diplomatic", "Inform"), pgettext_lazy("plain", "Tell")),
    "obtain": (pgettext_lazy("diplomatic", "Obtain"), pgettext_lazy("plain", "Get")),
    "do": (pgettext_lazy("diplomatic", "Do"), pgettext_lazy("plain", "Do")),
    "report_instruction": (pgettext_lazy("diplomatic", "Report"), pgettext_lazy("plain", "Answer")),
    "words_to_deliver": (
        pgettext_lazy("diplomatic", "Words to deliver"),
        pgettext_lazy("plain", "Words to say"),
    ),
    "authoritative_text": (
        pgettext_lazy("diplomatic", "authoritative text"),
        pgettext_lazy("plain", "the text that counts"),
    ),
    "courtesy_translation": (
        pgettext_lazy("diplomatic", "courtesy translation"),
        pgettext_lazy("plain", "translation, to help"),
    ),
    "clean_sheet": (pgettext_lazy("diplomatic", "Clean sheet"), pgettext_lazy("plain", "Page to read out")),
    "on_instructions": (
        pgettext_lazy("diplomatic", "on instructions of the Government"),
        pgettext_lazy("plain", "on behalf of the organisation"),
    ),
    "urgently": (pgettext_lazy("diplomatic", "urgently"), pgettext_lazy("plain", "at once")),
    "take_up": (
        pgettext_lazy("diplomatic", "Take up for %(post)s"),
        pgettext_lazy("plain", "I'll take this for %(post)s"),
    ),
    "assign": (pgettext_lazy("diplomatic", "Assign"), pgettext_lazy("plain", "Give to")),
    "nobody_assigned": (
        pgettext_lazy("diplomatic", "nobody assigned"),
        pgettext_lazy("plain", "nobody has it"),
    ),
    "note": (pgettext_lazy("diplomatic", "Note"), pgettext_lazy("plain", "Note")),
    "report": (pgettext_lazy("diplomatic", "Report"), pgettext_lazy("plain", "Answer")),
    "carried_out": (pgettext_lazy("diplomatic", "Carried out"), pgettext_lazy("plain", "Done")),
    "in_part": (pgettext_lazy("diplomatic", "In part"), pgettext_lazy("plain", "Partly done")),
    "deferred": (pgettext_lazy("diplomatic", "Deferred"), pgettext_lazy("plain", "Later")),
    "refused": (pgettext_lazy("diplomatic", "Refused"), pgettext_lazy("plain", "Refused")),
    "impossible": (pgettext_lazy("diplomatic", "Impossible"), pgettext_lazy("plain", "Not possible")),
    "asked": (pgettext_lazy("diplomatic", "Asked"), pgettext_lazy("plain", "Asked")),
    "said": (pgettext_lazy("diplomatic", "said"), pgettext_lazy("plain", "said")),
    "answered": (pgettext_lazy("diplomatic", "answered"), pgettext_lazy("plain", "answered")),
    "thread": (pgettext_lazy("diplomatic", "Thread"), pgettext_lazy("plain", "Conversation")),
    "cover_name": (pgettext_lazy("diplomatic", "cover name"), pgettext_lazy("plain", "code name")),
    "citation": (pgettext_lazy("diplomatic", "Citation"), pgettext_lazy("plain", "How to quote it")),
    "chain_of_custody": (
        pgettext_lazy("diplomatic", "Chain of custody"),
        pgettext_lazy("plain", "Where it has been"),
    ),
    "declassify_on": (
        pgettext_lazy("diplomatic", "Declassify on"),
        pgettext_lazy("plain", "Open to all from"),
    ),
    "permanent_address": (
        pgettext_lazy("diplomatic", "Permanent address"),
        pgettext_lazy("plain", "Permanent link"),
    ),
    "withheld": (pgettext_lazy("diplomatic", "Withheld"), pgettext_lazy("plain", "Left out")),
    "exercise": (pgettext_lazy("diplomatic", "Exercise"), pgettext_lazy("plain", "Exercise")),
    "drill": (pgettext_lazy("diplomatic", "Drill"), pgettext_lazy("plain", "Drill")),
    "roster": (pgettext_lazy("diplomatic", "Roster"), pgettext_lazy("plain", "On-call list")),
    "duty_officer": (pgettext_lazy("diplomatic", "duty officer"), pgettext_lazy("plain", "on call")),
    "hand_over_watch": (
        pgettext_lazy("diplomatic", "Hand over the watch"),
        pgettext_lazy("plain", "Hand over the desk"),
    ),
    "precedence": (pgettext_lazy("diplomatic", "precedence"), pgettext_lazy("plain", "how urgent")),
    "precedence_routine": (pgettext_lazy("diplomatic", "ROUTINE"), pgettext_lazy("plain", "Normal")),
    "precedence_priority": (pgettext_lazy("diplomatic", "PRIORITY"), pgettext_lazy("plain", "Soon")),
    "precedence_immediate": (pgettext_lazy("diplomatic", "IMMEDIATE"), pgettext_lazy("plain", "Urgent")),
    "precedence_flash": (pgettext_lazy("diplomatic", "FLASH"), pgettext_lazy("plain", "Emergency")),
    "classification": (pgettext_lazy("diplomatic", "classification"), pgettext_lazy("plain", "who may know")),
    "label": (pgettext_lazy("diplomatic", "label"), pgettext_lazy("plain", "who may know")),
    "level_unclassified": (pgettext_lazy("diplomatic", "UNCLASSIFIED"), pgettext_lazy("plain", "Open")),
    "level_restricted": (pgettext_lazy("diplomatic", "RESTRICTED"), pgettext_lazy("plain", "Internal")),
    "level_confidential": (
        pgettext_lazy("diplomatic", "CONFIDENTIAL"),
        pgettext_lazy("plain", "Confidential"),
    ),
    "level_secret": (pgettext_lazy("diplomatic", "SECRET"), pgettext_lazy("plain", "Strictly confidential")),
    "caption_eyes_only": (
        pgettext_lazy("diplomatic", "EYES ONLY"),
        pgettext_lazy("plain", "Named people only"),
    ),
    "caption": (pgettext_lazy("diplomatic", "caption"), pgettext_lazy("plain", "handling")),
    "niact": (
        pgettext_lazy("diplomatic", "Call out of hours (NIACT)"),
        pgettext_lazy("plain", "Wake them up"),
    ),
    "tags": (pgettext_lazy("diplomatic", "Tags"), pgettext_lazy("plain", "Topics")),
    "refs": (pgettext_lazy("diplomatic", "Refs"), pgettext_lazy("plain", "See also")),
    "from": (pgettext_lazy("diplomatic", "From"), pgettext_lazy("plain", "From")),
    "to": (pgettext_lazy("diplomatic", "To"), pgettext_lazy("plain", "To")),
    "report_by": (pgettext_lazy("diplomatic", "Report by"), pgettext_lazy("plain", "Answer by")),
    "overdue": (pgettext_lazy("diplomatic", "overdue"), pgettext_lazy("plain", "late")),
    "due": (pgettext_lazy("diplomatic", "due"), pgettext_lazy("plain", "due")),
    "drafted_by": (pgettext_lazy("diplomatic", "drafted by"), pgettext_lazy("plain", "written by")),
    "clear": (pgettext_lazy("diplomatic", "Clear"), pgettext_lazy("plain", "Agree")),
    "cleared": (pgettext_lazy("diplomatic", "cleared"), pgettext_lazy("plain", "agreed")),
    "clear_with_changes": (
        pgettext_lazy("diplomatic", "Clear with changes"),
        pgettext_lazy("plain", "Agree, with changes"),
    ),
    "look_again": (pgettext_lazy("diplomatic", "Look again"), pgettext_lazy("plain", "Look again")),
    "ask_another_office": (
        pgettext_lazy("diplomatic", "Ask another office"),
        pgettext_lazy("plain", "Ask someone else"),
    ),
    "send_for_release": (
        pgettext_lazy("diplomatic", "Send for release"),
        pgettext_lazy("plain", "Send for approval"),
    ),
    "release": (pgettext_lazy("diplomatic", "Release"), pgettext_lazy("plain", "Send")),
    "released": (pgettext_lazy("diplomatic", "released"), pgettext_lazy("plain", "sent")),
    "released_and_signed_by": (
        pgettext_lazy("diplomatic", "Released and signed by"),
        pgettext_lazy("plain", "Sent and signed by"),
    ),
    "recall": (pgettext_lazy("diplomatic", "Recall"), pgettext_lazy("plain", "Take back")),
    "cancel_by_cable": (
        pgettext_lazy("diplomatic", "Cancel by cable"),
        pgettext_lazy("plain", "Send a cancellation"),
    ),
    "handed_over": (
        pgettext_lazy("diplomatic", "Handed over"),
        pgettext_lazy("plain", "Delivered to the line"),
    ),
    "receipted": (
        pgettext_lazy("diplomatic", "Receipted"),
        pgettext_lazy("plain", "Arrived (by the system)"),
    ),
    "acknowledged": (pgettext_lazy("diplomatic", "Acknowledged"), pgettext_lazy("plain", "Someone has it")),
    "in_hand": (pgettext_lazy("diplomatic", "In hand"), pgettext_lazy("plain", "Being done")),
    "reported": (pgettext_lazy("diplomatic", "Reported"), pgettext_lazy("plain", "Answered")),
    "accepted": (pgettext_lazy("diplomatic", "Accepted"), pgettext_lazy("plain", "Accepted")),
    "returned": (pgettext_lazy("diplomatic", "Returned"), pgettext_lazy("plain", "Sent back")),
    "attested": (pgettext_lazy("diplomatic", "Attested"), pgettext_lazy("plain", "Confirmed, not signed")),
    "not_put_to_this_post": (
        pgettext_lazy("diplomatic", "Not put to this post"),
        pgettext_lazy("plain", "Not asked here"),
    ),
    "evidence": (pgettext_lazy("diplomatic", "Evidence"), pgettext_lazy("plain", "Proof")),
    "verified": (pgettext_lazy("diplomatic", "verified"), pgettext_lazy("plain", "checked")),
    "consistent": (pgettext_lazy("diplomatic", "consistent"), pgettext_lazy("plain", "fits")),
    "register": (pgettext_lazy("diplomatic", "register"), pgettext_lazy("plain", "logbook")),
    "entry": (pgettext_lazy("diplomatic", "entry"), pgettext_lazy("plain", "line")),
    "head_of_register": (
        pgettext_lazy("diplomatic", "head of the register"),
        pgettext_lazy("plain", "end of the logbook"),
    ),
    "release_key": (pgettext_lazy("diplomatic", "release key"), pgettext_lazy("plain", "office key")),
    "check_words": (
        pgettext_lazy("diplomatic", "six check words"),
        pgettext_lazy("plain", "six check words"),
    ),
    "post_card": (pgettext_lazy("diplomatic", "post card"), pgettext_lazy("plain", "office card")),
    "hold": (pgettext_lazy("diplomatic", "HOLD"), pgettext_lazy("plain", "Paused")),
    "held": (pgettext_lazy("diplomatic", "Held"), pgettext_lazy("plain", "Waiting for something")),
    "line": (pgettext_lazy("diplomatic", "Line"), pgettext_lazy("plain", "Connection")),
    "road": (pgettext_lazy("diplomatic", "road"), pgettext_lazy("plain", "way")),
    "leg": (pgettext_lazy("diplomatic", "leg"), pgettext_lazy("plain", "delivery")),
    "channel_number": (
        pgettext_lazy("diplomatic", "channel %(number)s"),
        pgettext_lazy("plain", "delivery %(number)s"),
    ),
    "pouch": (pgettext_lazy("diplomatic", "Pouch"), pgettext_lazy("plain", "File by hand")),
}


def word(key: str, words: str) -> Promise:
    """What the list `words` ("diplomatic" or "plain") calls `key`; translated when it is shown.

    Some words have a gap, ``%(post)s``, ``%(no)s`` or ``%(number)s``, that the page fills.
    Raises `NotFound` for a key or list that does not exist.
    """
    if words not in LISTS or key not in WORDS:
        raise NotFound(f"There is no word {key!r} in a list {words!r}.", do=f"Lists: {', '.join(LISTS)}.")
    return WORDS[key][LISTS.index(words)]


def all_words(words: str) -> dict[str, Promise]:
    """The whole list `words` by key, for templates."""
    return {key: word(key, words) for key in WORDS}


def level_word(level: str, words: str) -> Promise | str:
    """The name of a level as the list shows it; a level that the lists do not know shows as it is."""
    return _named("level", level, words)


def precedence_word(precedence: str, words: str) -> Promise | str:
    """The name of a precedence as the list shows it; an unknown one shows as it is."""
    return _named("precedence", precedence, words)


def caption_word(caption: str, words: str) -> Promise | str:
    """A caption as the list shows it; an unknown one shows as it is."""
    return _named("caption", caption, words)


def _named(kind: str, name: str, words: str) -> Promise | str:
    key = f"{kind}_{name.lower().replace(' ', '_')}"
    return word(key, words) if key in WORDS else name
