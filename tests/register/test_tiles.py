"""The tiled layout: paths, tiles and bundles, against the specification's examples and others' logs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cableroom.errors import ProofError
from cableroom.register import notes, tiles, tree
from cableroom.register.tiles import Tile


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 1234067), "tile/0/x001/x234/067"),
        (Tile(0, 0, 112), "tile/0/000.p/112"),
        (Tile(None, 999), "tile/entries/999"),
        (Tile(None, 1000, 1), "tile/entries/x001/000.p/1"),
        (Tile(63, 5), "tile/63/005"),
    ],
)
def test_paths_of_the_specification(tile: Tile, path: str) -> None:
    assert tile.path == path
    assert tiles.read_path(path) == tile


@given(st.builds(Tile, st.one_of(st.none(), st.integers(0, 63)), st.integers(0, 10**12), st.integers(1, 256)))
def test_every_path_comes_back(tile: Tile) -> None:
    assert tiles.read_path(tile.path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/0", "tile/0/x000/001", "tile/00/000", "tile/64/000", "tile/0/000.p/256", "tile/0/000.p/0",
        "tile/0/000.p/999", "tile/0/000.p/01", "tile/0/1000", "tile/-1/000", "/tile/0/000", "tile/0/000/",
        "tile/x/000", "tile/0/x001/x234/x067", "tile/0/../000", "",
    ],
)  # fmt: skip
def test_other_paths_are_refused(path: str) -> None:
    with pytest.raises(ProofError):
        tiles.read_path(path)


def test_the_specification_counts_70000_leaves() -> None:
    all_tiles = list(tiles.tiles_of(70_000))
    by_level = {level: [t for t in all_tiles if t.level == level] for level in (None, 0, 1, 2, 3)}
    assert [len(by_level[level]) for level in (None, 0, 1, 2, 3)] == [274, 274, 2, 1, 0]
    assert [tile.width for tile in by_level[0][-2:]] == [256, 112]
    assert [tile.width for tile in by_level[1]] == [256, 17]
    assert [tile.width for tile in by_level[2]] == [1]
    assert [t.width for t in tiles.tiles_of(256) if t.level == 1] == [1]
    assert list(tiles.tiles_of(0)) == []


def test_a81_a_tile_beyond_the_size_is_refused() -> None:
    for tile, size in [
        (Tile(0, 0, 5), 4), (Tile(0, 1, 1), 256), (Tile(1, 0, 1), 255), (Tile(1, 0, 2), 256), (Tile(None, 3), 900),
    ]:  # fmt: skip
        with pytest.raises(ProofError):
            tiles.check_size(tile, size)
    tiles.check_size(Tile(1, 0, 1), 256)
    tiles.check_size(Tile(0, 0, 4), 300)


def test_a_bundle_comes_back_and_a_cut_one_is_refused() -> None:
    entries = [b"", b"a", bytes(32), bytes(65535)]
    data = tiles.bundle(entries)
    assert tiles.read_bundle(data, 4) == entries
    for wrong, width in [(data[:-1], 4), (data, 3), (data, 5), (data + b"\0", 4), (b"\0", 1)]:
        with pytest.raises(ProofError):
            tiles.read_bundle(wrong, width)


def test_proofs_from_tiles_of_several_levels() -> None:
    leaves = [tree.leaf_hash(b"%d" % n) for n in range(66_000)]
    frontier, rows = tree.Frontier(), {}
    for number in range(0, len(leaves), 256):
        rows[0, number // 256] = leaves[number : number + 256]
    for leaf in leaves:
        for level, done in frontier.push(leaf):
            position = (frontier.size >> 8 * level) - 1
            rows.setdefault((level, position // 256), []).append(done)
    node = tiles.nodes(lambda level, number: rows[level, number])
    size, root = frontier.size, frontier.root()
    assert tree.root(size, node) == root
    for index in (0, 255, 256, 65_535, 65_536, 65_999):
        tree.verify_inclusion(leaves[index], index, size, tree.inclusion_proof(index, size, node), root)
    for old in (1, 256, 65_536, 65_537, 65_999, 66_000):
        proof = tree.consistency_proof(old, size, node)
        tree.verify_consistency(old, size, proof, tree.root(old, node), root)


def test_a81_a_stale_partial_tile_is_refused() -> None:
    node = tiles.nodes(lambda level, number: [bytes(32)] * 3)
    with pytest.raises(ProofError):
        tree.root(4, node)


# -- others' logs ------------------------------------------------------------------------------


def test_tiles_of_tessera(shared: Path) -> None:
    folder = shared / "data/vectors/tlog/tessera"
    vkey = (folder / "vkey").read_text().strip()
    for size in range(1, 16):
        head = notes.verify_checkpoint((folder / f"checkpoint.{size}").read_bytes(), vkey)
        paths = [tile.path for tile in tiles.tiles_of(size)]
        assert paths == [f"tile/0/000.p/{size}", f"tile/entries/000.p/{size}"]
        hashes = tiles.read_hashes((folder / paths[0]).read_bytes(), size)
        entries = tiles.read_bundle((folder / paths[1]).read_bytes(), size)
        assert [tree.leaf_hash(entry) for entry in entries] == hashes
        node = tiles.nodes(lambda level, number, hashes=hashes: hashes)
        assert tree.root(size, node) == head.root


def test_tiles_of_sunlight(shared: Path) -> None:
    [folder] = (shared / "data/vectors/tlog/sunlight/witness/mirror").glob("0*")

    def row(level: int, number: int) -> list[bytes]:
        [tile] = [t for t in tiles.tiles_of(300) if (t.level, t.number) == (level, number)]
        return tiles.read_hashes((folder / tile.path).read_bytes(), tile.width)

    text = re.split(r"\n\n", (folder / "checkpoint").read_text())[0] + "\n"
    assert tree.root(300, tiles.nodes(row)) == notes.read_checkpoint(text).root
