"""RFC 6962 hashing and proofs: against others' vectors, and against a naive reading of the RFC."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cableroom.errors import ProofError
from cableroom.register import tree

# -- a naive implementation, word for word after RFC 6962 §2.1 ---------------------------------


def split(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def naive_root(leaves: list[bytes]) -> bytes:
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = split(len(leaves))
    return hashlib.sha256(b"\x01" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


def naive_path(m: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*naive_path(m, leaves[:k]), naive_root(leaves[k:])]
    return [*naive_path(m - k, leaves[k:]), naive_root(leaves[:k])]


def naive_proof(m: int, leaves: list[bytes], whole: bool = True) -> list[bytes]:
    if m == len(leaves):
        return [] if whole else [naive_root(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*naive_proof(m, leaves[:k], whole), naive_root(leaves[k:])]
    return [*naive_proof(m - k, leaves[k:], False), naive_root(leaves[:k])]


def nodes_over(leaves: list[bytes]) -> tree.Node:
    def node(level: int, index: int) -> bytes:
        part = leaves[index << level : (index + 1) << level]
        assert len(part) == 1 << level, "only perfect subtrees are asked for"
        return naive_root(part)

    return node


def leaves_of(n: int) -> list[bytes]:
    return [b"leaf %d" % i for i in range(n)]


# -- ours against it ---------------------------------------------------------------------------


@pytest.mark.parametrize("n", [*range(35), 63, 64, 65, 127, 200])
def test_frontier_and_root_equal_the_naive_ones(n: int) -> None:
    leaves = leaves_of(n)
    frontier = tree.Frontier()
    for leaf in leaves:
        frontier.push(tree.leaf_hash(leaf))
    assert frontier.root() == naive_root(leaves) == tree.root(n, nodes_over(leaves))
    assert tree.Frontier.from_bytes(n, frontier.to_bytes()).root() == frontier.root()


def test_every_proof_of_small_trees_is_the_naive_one_and_verifies() -> None:
    for n in range(1, 34):
        leaves = leaves_of(n)
        root, node = naive_root(leaves), nodes_over(leaves)
        for m in range(n):
            path = tree.inclusion_proof(m, n, node)
            assert path == naive_path(m, leaves)
            tree.verify_inclusion(tree.leaf_hash(leaves[m]), m, n, path, root)
        for m in range(1, n + 1):
            proof = tree.consistency_proof(m, n, node)
            assert proof == naive_proof(m, leaves)
            tree.verify_consistency(m, n, proof, naive_root(leaves[:m]), root)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_proof_holds_for_anything_else(data: st.DataObject) -> None:
    n = data.draw(st.integers(2, 70))
    m = data.draw(st.integers(0, n - 1))
    leaves = leaves_of(n)
    root, node, leaf = naive_root(leaves), nodes_over(leaves), tree.leaf_hash(leaves[m])
    path = tree.inclusion_proof(m, n, node)
    other = data.draw(st.integers(0, n - 1).filter(lambda i: i != m))
    wrong: list[tuple[bytes, int, int, list[bytes], bytes]] = [
        (leaf, other, n, path, root),
        (leaf, m, n, [*path, root], root),
        (leaf, m, n, path[:-1], root),
        (leaf, m, n, [], root),
        (tree.leaf_hash(b"other"), m, n, path, root),
        (leaf, m, n, path, naive_root(leaves[:-1])),
        (leaf, n, n, path, root),
        (leaf, -1, n, path, root),
    ]
    place = data.draw(st.integers(0, len(path) - 1))
    bit = data.draw(st.integers(0, 255))
    flipped = bytearray(path[place])
    flipped[bit // 8] ^= 1 << bit % 8
    wrong.append((leaf, m, n, [*path[:place], bytes(flipped), *path[place + 1 :]], root))
    for case in wrong:
        with pytest.raises(ProofError):
            tree.verify_inclusion(*case)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_consistency_proof_holds_for_anything_else(data: st.DataObject) -> None:
    n = data.draw(st.integers(2, 70))
    m = data.draw(st.integers(1, n - 1))
    leaves = leaves_of(n)
    old, new = naive_root(leaves[:m]), naive_root(leaves)
    proof = tree.consistency_proof(m, n, nodes_over(leaves))
    forged = naive_root([b"forged", *leaves[1:m]])
    wrong = [
        (m, n, proof, forged, new),
        (m, n, proof, old, naive_root([b"forged", *leaves[1:]])),
        (m, n, proof[:-1], old, new),
        (m, n, [*proof, old], old, new),
        (0, n, proof, old, new),
        (n + 1, n, proof, old, new),
        (m, n, [], old, new),
    ]
    for case in wrong:
        with pytest.raises(ProofError):
            tree.verify_consistency(*case)


def test_a81_a_proof_of_another_length_is_refused_even_where_the_hashes_agree() -> None:
    """A node of a tree passed off as its root, or as a leaf of a smaller one."""
    a, b, c = (tree.leaf_hash(letter) for letter in (b"a", b"b", b"c"))
    ab = tree.node_hash(a, b)
    abc = tree.node_hash(ab, c)
    for case in [
        (a, 0, 2, [], a),
        (a, 0, 3, [b], ab),
        (a, 0, 1, [b], ab),
        (c, 2, 3, [b, ab], tree.node_hash(ab, tree.node_hash(b, c))),
        (a, 0, 2, [b, c], abc),
    ]:
        with pytest.raises(ProofError, match=r"too (short|long)"):
            tree.verify_inclusion(*case)
    for old, size, proof, old_root, root in [
        (2, 8, [c], ab, abc),
        (2, 3, [c, a], ab, tree.node_hash(abc, a)),
        (1, 2, [b, c], a, abc),
        (3, 8, [c, a], c, c),
    ]:
        with pytest.raises(ProofError, match=r"too (short|long)"):
            tree.verify_consistency(old, size, proof, old_root, root)
    tree.verify_inclusion(a, 0, 3, [b, c], abc)
    tree.verify_consistency(2, 3, [c], ab, abc)


def test_completed_subtrees_are_told_for_the_tiles() -> None:
    frontier, told = tree.Frontier(), []
    leaves = leaves_of(1100)
    for leaf in leaves:
        told += [(frontier.size, *done) for done in frontier.push(tree.leaf_hash(leaf))]
    expected = [(256 * i, 1, naive_root(leaves[256 * (i - 1) : 256 * i])) for i in range(1, 5)]
    assert told == expected


def test_a_frontier_that_cannot_be_is_refused() -> None:
    for size, data in [(1, b""), (3, bytes(32)), (2, bytes(31)), (-1, b"")]:
        with pytest.raises(ProofError):
            tree.Frontier.from_bytes(size, data)


# -- others' vectors ---------------------------------------------------------------------------


def b64(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def test_roots_of_the_merkle_project(shared: Path) -> None:
    trees = json.loads((shared / "data/vectors/merkle/trees.json").read_text())
    leaves = [bytes.fromhex(leaf) for leaf in trees["leaf_inputs_hex"]]
    assert [tree.leaf_hash(leaf).hex() for leaf in leaves] == trees["leaf_hashes_hex"]
    frontier = tree.Frontier()
    roots = [frontier.root().hex()]
    for leaf in leaves:
        frontier.push(tree.leaf_hash(leaf))
        roots.append(frontier.root().hex())
    assert roots == trees["root_by_size_hex"]
    for case in trees["hash_of_leaf"]:
        assert tree.leaf_hash(case["leaf_ascii"].encode()).hex() == case["hash"]
    for case in trees["hash_of_node"]:
        pair = case["left_ascii"].encode(), case["right_ascii"].encode()
        assert tree.node_hash(*pair).hex() == case["hash"]


def test_inclusion_verdicts_of_the_merkle_project(shared: Path) -> None:
    files = sorted((shared / "data/vectors/merkle/inclusion").rglob("*.json"))
    assert len(files) > 90
    for file in files:
        case = json.loads(file.read_text())
        arguments = (
            b64(case["leafHash"]),
            case["leafIdx"],
            case["treeSize"],
            [b64(step) for step in case["proof"] or []],
            b64(case["root"]),
        )
        if case["wantErr"]:
            with pytest.raises(ProofError):
                tree.verify_inclusion(*arguments)
                pytest.fail(str(file))
        else:
            tree.verify_inclusion(*arguments)


def test_consistency_verdicts_of_the_merkle_project(shared: Path) -> None:
    files = sorted((shared / "data/vectors/merkle/consistency").rglob("*.json"))
    assert len(files) > 80
    for file in files:
        case = json.loads(file.read_text())
        arguments = (
            case["size1"],
            case["size2"],
            [b64(step) for step in case["proof"] or []],
            b64(case["root1"]),
            b64(case["root2"]),
        )
        stricter = any(len(value) != 32 for value in arguments[3:])  # no hash, so no root: ours refuses
        if case["wantErr"] or stricter:
            with pytest.raises(ProofError):
                tree.verify_consistency(*arguments)
                pytest.fail(str(file))
        else:
            tree.verify_consistency(*arguments)
