"""How things fail: every error that Cableroom raises, in one tree.

    CableroomError
    ├── InputError            what was given cannot be read; nothing changed
    │   ├── TextError         the text form, with line and column
    │   ├── DocumentError     the JSON document: shape, limits, canonical form
    │   ├── MimeError         an internet message
    │   ├── CmsError          CMS, ASN.1, certificates
    │   ├── ProtocolError     SMTP
    │   └── ProofError        notes, checkpoints, tiles, proofs, editions
    ├── Refusal               it can be read, and a rule says no
    │   ├── CheckFailed       a draft has problems
    │   ├── NotAllowed        this person may not do this
    │   └── StateError        not in this state (already released, already decided)
    ├── NotFound              no such thing, or not for you to read
    ├── SealError             a signature, certificate or envelope does not hold
    ├── RegisterError         the register cannot take or does not hold this
    │   ├── OpenTransaction   append was called inside a transaction
    │   ├── Corrupt           what is stored contradicts itself
    │   └── Fork              two heads that cannot both be true
    ├── TransportError        a line, a peer, a relay
    │   ├── TryLater          passing: try again
    │   └── Permanent         final
    └── Unavailable           on HOLD, busy, or not set up: try later

`UnknownOutcome` stands outside the tree on purpose: it derives from
`BaseException`, so that no handler of errors can swallow it. The process ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding about an input: a fault (`severity` "error") or a doubt ("warning").

    `code` is stable and documented; `where` names the place in words ("paragraph 2",
    "line 3, column 7"); `message` says what is wrong, `hint` what to do.
    """

    code: str
    where: str
    message: str
    hint: str = ""
    severity: str = "error"

    def as_json(self) -> dict[str, str]:
        return {
            "code": self.code,
            "where": self.where,
            "what": self.message,
            "do": self.hint,
            "severity": self.severity,
        }

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.message}" + (f" {self.hint}" if self.hint else "")


class CableroomError(Exception):
    """Something was refused or failed; says what, where and what to do.

    `exit_code` is that of the command line (docs/reference/command-line.md).
    """

    code: str = "error"
    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, *, where: str = "", do: str = "", code: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.do = do
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.what}" + (f" {self.do}" if self.do else "")

    def as_json(self) -> dict[str, str]:
        return {"code": self.code, "what": self.what, "where": self.where, "do": self.do}


class InputError(CableroomError):
    code = "input"


class TextError(InputError):
    """The text form could not be read. `line` and `column` count from 1."""

    code = "text"

    def __init__(
        self, what: str, *, line: int, column: int = 1, do: str = "", code: str | None = None
    ) -> None:
        super().__init__(what, where=f"line {line}, column {column}", do=do, code=code)
        self.line = line
        self.column = column


class DocumentError(InputError):
    code = "document"


class MimeError(InputError):
    code = "mime"


class CmsError(InputError):
    code = "cms"


class ProtocolError(InputError):
    code = "protocol"


class ProofError(InputError):
    code = "proof"


class Refusal(CableroomError):
    code = "refused"


class CheckFailed(Refusal):
    """A draft does not meet the rules; `problems` says each."""

    code = "check"

    def __init__(self, problems: list[Problem] | tuple[Problem, ...]) -> None:
        super().__init__(" ".join(str(problem) for problem in problems) or "The draft has problems.")
        self.problems = tuple(problems)


class NotAllowed(Refusal):
    code = "not-allowed"
    exit_code = 3


class StateError(Refusal):
    code = "state"


class NotFound(CableroomError):
    code = "not-found"
    exit_code = 4


class SealError(CableroomError):
    code = "seal"


class RegisterError(CableroomError):
    code = "register"


class OpenTransaction(RegisterError):
    code = "open-transaction"


class Corrupt(RegisterError):
    code = "corrupt"


class Fork(RegisterError):
    code = "fork"


class TransportError(CableroomError):
    code = "transport"


class TryLater(TransportError):
    code = "try-later"


class Permanent(TransportError):
    code = "permanent"


class Unavailable(CableroomError):
    code = "unavailable"
    exit_code = 5


class UnknownOutcome(BaseException):
    """A commit failed: what was asked may or may not have happened. The process must end."""
