"""Others' heads: kept, compared, countersigned; and what correspondents have seen of ours.

Correspondents witness each other: every sheet carries the sender's newest head and the newest
one of ours that it has seen. Two parties that were shown different logs find out at the first
exchange. Without a proof of consistency two heads can be compared only where they meet:

| shown | found |
| --- | --- |
| the size of a head that is kept, another root | fork |
| another size, the root of a head that is kept | fork (no two trees share a root) |
| a smaller size than the newest kept, said more than 2 s later than that one | rolled back |
| a smaller size, said earlier or at an unknown time | late mail: kept, nothing more |
| larger, with a proof that does not hold | fork |

Each of the bad ones is registered as an `Alarm` with both notes as evidence, and raises Fork.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NoReturn

from django.db import transaction

from cableroom.cable.canonical import read_stamp, stamp
from cableroom.errors import Fork, ProofError, RegisterError
from cableroom.register import heads, ledger, notes, proofs, tree
from cableroom.register.acts import Facts, Turn
from cableroom.register.entries import Actor
from cableroom.register.models import Cosigned, Head, Register, Witnessed

log = logging.getLogger(__name__)

ABREAST = timedelta(seconds=2)  # two legs that are sealed at once may cross so much
MAX_EVIDENCE = 8192  # characters of one note
NEW, KNOWN, OLDER = "new", "known", "older"


@dataclass(frozen=True, slots=True)
class Seen:
    """A head of another log that contradicts nothing that we hold.

    `status`: "new" is the largest so far, "known" is one that we hold, "older" came late.
    """

    register: str
    checkpoint: notes.Checkpoint
    note: str
    vkey: str
    source: str
    said_at: str
    status: str


# -- others' heads ---------------------------------------------------------------------------


def judge(
    register: str,
    note: str,
    vkey: str,
    *,
    source: str,
    said_at: datetime | None = None,
    proof: bytes | str | None = None,
) -> Seen:
    """Compare a head with what this register of ours has seen of that log. Writes nothing if all is well.

    `source` is the post that showed it (its sheet's signature verified: strangers cannot make a
    register grow), `said_at` the sheet's time, `proof` the body of an add-checkpoint from a head
    that we hold. Raises ProofError (no good note of this log, or a proof for another pair) and
    Fork; either is registered as an Alarm first.
    """
    try:
        checkpoint = notes.verify_checkpoint(note, vkey)
    except ProofError as error:
        _alarm(register, "head-invalid", f"A head shown by {source}: {error.what}", [note])
        raise
    said = stamp(said_at) if said_at is not None else ""
    kept = Witnessed.objects.filter(register=register, origin=checkpoint.origin)
    same = kept.filter(size=checkpoint.size).first()
    if same is not None and bytes(same.root) != checkpoint.root:
        _fork(register, "head-fork", f"{source} showed a second root for size {same.size}", same.note, note)
    if same is not None:
        return Seen(register, checkpoint, note, vkey, source, said, KNOWN)
    twin = kept.filter(root=checkpoint.root).first()
    if twin is not None:
        what = f"{source} showed one root for sizes {twin.size} and {checkpoint.size}"
        _fork(register, "head-fork", what, twin.note, note)
    newest = kept.order_by("-size").first()
    if newest is not None and checkpoint.size < newest.size:
        if newest.said_at and said_at is not None and said_at - read_stamp(newest.said_at) > ABREAST:
            what = f"{source} showed a head of {checkpoint.size} after one of {newest.size}"
            _fork(register, "head-rolled-back", what, newest.note, note)
        log.warning("%s showed an older head of its register: %d", source, checkpoint.size)
        return Seen(register, checkpoint, note, vkey, source, said, OLDER)
    if proof is not None:
        _check_proof(register, checkpoint, note, vkey, source, proof)
    return Seen(register, checkpoint, note, vkey, source, said, NEW)


def keep(seen: Seen) -> None:
    """Keep a head that was judged. Call it in a transaction: in an act's `run`, or use `witness`.

    RegisterError if another root for its size was kept in the meantime (judge it again).
    """
    kept = Witnessed.objects.filter(register=seen.register, origin=seen.checkpoint.origin)
    there = kept.filter(size=seen.checkpoint.size).first()
    if there is None:
        before = kept.filter(newest=True).first()
        is_newest = before is None or before.size < seen.checkpoint.size
        if before is not None and is_newest:
            kept.filter(newest=True).update(newest=False)
        Witnessed(
            register=seen.register,
            origin=seen.checkpoint.origin,
            size=seen.checkpoint.size,
            root=seen.checkpoint.root,
            note=seen.note,
            source=seen.source,
            vkey=seen.vkey,
            said_at=seen.said_at,
            newest=is_newest,
            disputed=before is not None and before.disputed,
        ).save(force_insert=True)
    elif bytes(there.root) != seen.checkpoint.root:
        raise RegisterError("Another root for this size was kept in the meantime.", code="head-fork")
    elif seen.said_at > there.said_at:
        there.said_at = seen.said_at
        there.save(force_update=True, update_fields=["said_at"])


def witness(
    register: str,
    note: str,
    vkey: str,
    *,
    source: str,
    said_at: datetime | None = None,
    proof: bytes | str | None = None,
) -> Seen:
    """`judge` and `keep` in one: for heads that come outside an act. Raises what they raise."""
    while True:
        seen = judge(register, note, vkey, source=source, said_at=said_at, proof=proof)
        try:
            with transaction.atomic(durable=True):
                list(Register.objects.filter(name=register).select_for_update())
                keep(seen)
        except RegisterError as error:
            if error.code != "head-fork":
                raise
        else:
            return seen


def newest_seen(register: str, origin: str) -> str | None:
    """The newest head of a log that this register has seen, with our cosignature: for the sheet's `seen`.

    None if none is kept; an older one while the newest waits for the process with the log keys.
    """
    kept = Witnessed.objects.filter(register=register, origin=origin).order_by("-size")
    newest = kept.first()
    if newest is not None and not newest.cosignature and heads.may_sign():
        cosign_newest(register, origin)
    row = kept.exclude(cosignature="").first()
    return notes.with_lines(_signed_by(row), row.cosignature) if row is not None else None


def cosign_newest(register: str, origin: str) -> None:
    """Countersign the newest head that we hold of a log, unless that is done. In the process with the lease."""
    key = heads.log_key(register)
    with transaction.atomic():
        kept = Witnessed.objects.filter(register=register, origin=origin).order_by("-size")
        row = kept.select_for_update().first()
        if row is None or row.cosignature or row.disputed:
            return
        name = ledger.view(register).origin
        row.cosignature = notes.cosign(row.note, name, key, int(ledger.now().timestamp()))
        row.save(force_update=True, update_fields=["cosignature"])


def cosign_grown() -> int:
    """The worker: countersign every log's newest head; how many."""
    if not heads.may_sign():
        return 0
    waiting = list(Witnessed.objects.filter(newest=True, disputed=False, cosignature=""))
    for row in waiting:
        cosign_newest(row.register, row.origin)
    return len(waiting)


def anchor() -> int:
    """The worker: enter the newest head of each log seen as `Witnessed`, at first sight and once a day.

    So that a register also commits to what others had shown it by then.
    """
    acts = []
    day = ledger.now().date().isoformat()
    for row in Witnessed.objects.filter(newest=True).order_by("register", "origin"):
        key = f"witnessed:{hashlib.sha256(row.origin.encode()).hexdigest()}:{day}"
        if ledger.find(row.register, key) is None:
            data = {"origin": row.origin, "size": row.size, "root": bytes(row.root).hex(), "from": row.source}
            acts.append(ledger.fact(row.register, "Witnessed", key, actor=Actor(), data=data))
    if acts:
        ledger.append_all(acts)
    return len(acts)


# -- our heads, as others have seen them -----------------------------------------------------


def check_own(register: str, note: str, witness_vkey: str, *, source: str) -> notes.Checkpoint:
    """A head of ours that a correspondent holds, with its cosignature: is it one that we signed?

    Keeps the cosignature. `witness_vkey` is the correspondent's log key (its cosigning key follows
    from it). Raises ProofError (not our signature, or not its cosignature) and Fork (ours, but not
    in this register: it was set back, or signs elsewhere too); an Alarm is registered first.
    """
    ours = ledger.view(register)
    key = notes.cosigner_vkey(witness_vkey)
    try:
        checkpoint = notes.verify_checkpoint(note, ours.vkey)
        notes.verify_cosignature(note, key)
    except ProofError as error:
        _alarm(register, "seen-invalid", f"A head of ours shown by {source}: {error.what}", [note])
        raise
    size = ledger.size(register)
    if checkpoint.size > size:
        what = f"{source} holds a head of ours of {checkpoint.size} entries; this register has {size}"
        _fork(register, "own-head-ahead", what, heads.newest_head(register), note)
    if tree.root(checkpoint.size, heads.node_reader(register)) != checkpoint.root:
        signed = Head.objects.filter(origin=ours.origin, size=checkpoint.size).first()
        what = f"{source} holds another head of ours of {checkpoint.size} entries"
        _fork(register, "own-head-fork", what, signed.note if signed is not None else None, note)
    read = notes.read_vkey(key)
    [line] = [
        s.line for s in notes.read_note(note).signatures if (s.name, s.key_id) == (read.name, read.key_id)
    ]
    Cosigned.objects.get_or_create(
        origin=ours.origin, size=checkpoint.size, witness=read.name, defaults={"vkey": key, "line": line}
    )
    return checkpoint


# -- alarms ----------------------------------------------------------------------------------


def _check_proof(
    register: str, checkpoint: notes.Checkpoint, note: str, vkey: str, source: str, proof: bytes | str
) -> None:
    read = proofs.read_consistency(proof)
    if notes.read_note(read.checkpoint).text != checkpoint.text:
        raise ProofError("The proof is for another head.", code="proof-form")
    kept = Witnessed.objects.filter(register=register, origin=checkpoint.origin, size=read.old).first()
    if kept is None and read.old:
        raise ProofError(
            f"The proof begins at {read.old} entries, a head that is not held here.", code="proof-size"
        )
    root = bytes(kept.root) if kept is not None else tree.EMPTY_ROOT
    older = notes.Checkpoint(checkpoint.origin, read.old, root)
    try:
        proofs.check_consistency(proof, vkey, older)
    except ProofError:
        what = f"{source} showed a head of {checkpoint.size} that does not extend that of {read.old}"
        _fork(register, "head-inconsistent", what, kept.note if kept is not None else None, note)


def _fork(register: str, code: str, what: str, held: str | None, shown: str) -> NoReturn:
    evidence = [note for note in (held, shown) if note is not None]
    _alarm(register, code, f"{what}.", evidence, origin=shown.split("\n", 1)[0])
    raise Fork(
        f"{what}.",
        where=register,
        do="Both heads are kept in an Alarm. Ask the other side by another way what happened.",
        code=code,
    )


def _alarm(register: str, code: str, what: str, evidence: list[str], *, origin: str | None = None) -> None:
    """Register an alarm, once for one piece of evidence; the log of `origin` is disputed from now on."""
    digest = hashlib.sha256("\n".join([code, *evidence]).encode()).hexdigest()
    shown = [note[:MAX_EVIDENCE] for note in evidence if note] or None
    facts = Facts({"code": code, "what": what, "evidence": shown}, Actor())

    def run(turn: Turn) -> Facts:
        Witnessed.objects.filter(register=register, origin=origin).update(disputed=True)
        return facts

    ledger.append(ledger.Act(register, "Alarm", f"alarm:{digest}", run, urgent=True))


def _signed_by(row: Witnessed) -> str:
    """The note with its log's own signature alone: others' lines are not ours to hand on."""
    read, key = notes.read_note(row.note), notes.read_vkey(row.vkey)
    own = tuple(s for s in read.signatures if (s.name, s.key_id) == (key.name, key.key_id))
    return str(notes.Note(read.text, own))
