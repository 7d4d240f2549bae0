"""`open`: what a sealed file is worth: a SignedData as released, a whole leg, or a service message."""

from __future__ import annotations

import base64
import binascii

import click

from cableroom.cable.printing import print_cable
from cableroom.cli.context import now, read_file, set_up
from cableroom.cli.output import answer, json_option, quote, say
from cableroom.directory import certificates, posts
from cableroom.errors import CableroomError, Problem, Refusal
from cableroom.seal import cables
from cableroom.seal.trust import PathVerdict
from cableroom.wire import examining

MAX_LEG = 64 << 20
DER_SEQUENCE = b"\x30"


@click.command("open")
@click.argument("file")
@json_option
def open_file(file: str, as_json: bool) -> None:
    """Open and verify a sealed file. Nothing is registered; it is only looked at."""
    set_up()
    data = read_file(file, limit=MAX_LEG)
    value = (
        _signed(_der(data))
        if data[:1] == DER_SEQUENCE or data.lstrip().startswith(b"-----BEGIN")
        else _leg(data)
    )
    answer("open", value, as_json=as_json, text=lambda: _told(file, value))
    if value["verdict"] == "refused":
        raise Refusal(f"{file} is refused.", do="Do not rely on it.", code="open-refused")


def _signed(data: bytes) -> dict[str, object]:
    return _cable(
        cables.read_cable(
            data, authorities=certificates.authorities(), policies=_policies(), at=now(), own_post=None
        )
    )


def _policies() -> examining.Known:
    found: dict[tuple[str, int], tuple[str, dict[str, int], dict[str, str]]] = {}
    for post in posts.known_posts():
        found.update(examining.policies_of(posts.get(post)))  # type: ignore[arg-type]
    return found  # type: ignore[return-value]


def _leg(data: bytes) -> dict[str, object]:
    """A leg, opened with the keys of whichever post of ours it was sealed to."""
    failure: CableroomError | None = None
    for post in posts.own_posts():
        finding = examining.examine(data, to=post, now=now())
        if finding.sheet is None:
            failure = failure or CableroomError(finding.what, do=finding.do, code=finding.code)
            continue
        verdict = "refused" if finding.fate is examining.Fate.STRANGER else str(finding.fate)
        value = _cable(finding.verdict) if finding.verdict is not None else _empty(verdict)
        value["verdict"] = verdict
        value["problems"] = [p.as_json() for p in finding.problems]
        value["to"] = str(post)
        sheet = finding.sheet
        value["sheet"] = {
            "from": str(sheet.sender),
            "channel": sheet.channel,
            "kind": sheet.kind,
            "digest": sheet.digest,
        }
        if finding.message is not None:
            message = finding.message
            value["service"] = {"kind": message.kind, "about": message.about, "id": message.id}
            value["signer"] = str(message.sender)
        return value
    value = _empty("refused")
    problem = failure or CableroomError("No post of ours can open this.", code="not-for-us")
    value["problems"] = [Problem(problem.code, "", problem.what, problem.do).as_json()]
    return value


def _empty(verdict: str) -> dict[str, object]:
    return {
        "verdict": verdict, "signer": None, "path": [], "label": None, "algorithms": [], "problems": [], "digest": None, "mrn": None, "text": None,
    }  # fmt: skip


def _cable(verdict: cables.CableVerdict) -> dict[str, object]:
    path: PathVerdict | None = verdict.signer
    value = _empty(verdict.fate)
    value |= {
        "signer": str(verdict.claimed) if verdict.claimed else None,
        "path": list(path.path) if path else [],
        "algorithms": list(verdict.algorithms),
        "problems": [problem.as_json() for problem in verdict.problems],
        "digest": verdict.digest,
    }
    if verdict.label is not None:
        value["label"] = {"policy": str(verdict.label.policy), "classification": verdict.label.classification}
    if verdict.cable is not None:
        value["mrn"] = verdict.cable.mrn.print(None)
        value["text"] = print_cable(verdict.cable)
    return value


def _der(data: bytes) -> bytes:
    """DER as it is; PEM and bare base64 as `openssl cms` writes them are unpacked."""
    if data[:1] == DER_SEQUENCE:
        return data
    lines = [line for line in data.splitlines() if line and not line.startswith(b"-----")]
    try:
        return base64.b64decode(b"".join(lines), validate=True)
    except binascii.Error:
        return data


def _told(file: str, value: dict[str, object]) -> None:
    say(f"{file}: {value['verdict']}")
    if value["signer"]:
        say(f"  Signed by {value['signer']}; path: {' ← '.join(value['path'])}")  # type: ignore[arg-type]
    if value["algorithms"]:
        say(f"  Algorithms: {', '.join(value['algorithms'])}")  # type: ignore[arg-type]
    for problem in value["problems"]:  # type: ignore[attr-defined]
        say(f"  {problem['what']} {problem['do']} [{problem['code']}]")
    if value["text"]:
        quote(str(value["text"]))


COMMANDS = (open_file,)
