"""The layout of a tiled log (C2SP tlog-tiles@v0.1.0): paths, hash tiles, entry bundles.

A hash tile holds up to 256 hashes of one level; level 0 are leaf hashes, level L the roots of
256^L leaves each. An entry bundle holds the entries themselves, each with its length.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from cableroom.errors import ProofError
from cableroom.register.tree import HASH_BYTES, Node, perfect_root

WIDTH: Final = 256
MAX_LEVEL: Final = 63

_PATH: Final = re.compile(
    r"tile/(?P<level>entries|0|[1-5]?[0-9]|6[0-3])/(?P<number>(?:x[0-9]{3}/)*[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile: level (None: the entry bundle beside level 0), number in that level, width 1 … 256."""

    level: int | None
    number: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """`tile/<L>/<N>[.p/<W>]`, N in groups of three digits, all but the last with an x."""
        groups = [f"{self.number % 1000:03d}"]
        rest = self.number // 1000
        while rest:
            groups.insert(0, f"x{rest % 1000:03d}")
            rest //= 1000
        level = "entries" if self.level is None else str(self.level)
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{level}/{'/'.join(groups)}{partial}"


def read_path(path: str) -> Tile:
    """The tile that a path names; ProofError if it is no path of a tile in its one form."""
    found = _PATH.fullmatch(path)
    if found is None:
        raise ProofError("This is no path of a tile.", code="tile-path")
    level = None if found["level"] == "entries" else int(found["level"])
    number = int(found["number"].replace("x", "").replace("/", ""))
    tile = Tile(level, number, int(found["width"] or WIDTH))
    if tile.path != path or tile.width > WIDTH:
        raise ProofError("This is no path of a tile in its one form.", code="tile-path")
    return tile


def tiles_of(size: int) -> Iterator[Tile]:
    """Every tile of a tree of so many leaves, full and partial, hash tiles and bundles."""
    level, count = 0, size
    while count:
        for number in range(-(-count // WIDTH)):
            width = min(WIDTH, count - number * WIDTH)
            yield Tile(level, number, width)
            if level == 0:
                yield Tile(None, number, width)
        level, count = level + 1, count // WIDTH


def check_size(tile: Tile, size: int) -> None:
    """ProofError if a tree of so many leaves has no such tile (of at least this width)."""
    count = size >> 8 * (tile.level or 0)
    if tile.number * WIDTH + tile.width > count or not 0 < tile.width <= WIDTH:
        raise ProofError(f"A tree of {size} has no {tile.path}.", code="tile-size")


def read_hashes(data: bytes, width: int) -> list[bytes]:
    """The hashes of a tile of this width; ProofError if it holds another number."""
    if len(data) != width * HASH_BYTES:
        raise ProofError(f"A tile of {width} hashes has {width * HASH_BYTES} bytes.", code="tile-size")
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]


def bundle(entries: Sequence[bytes]) -> bytes:
    """An entry bundle: each entry after its length, big-endian in two bytes."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def read_bundle(data: bytes, width: int) -> list[bytes]:
    """The entries of a bundle of this width; ProofError if it holds another number or is cut off."""
    entries: list[bytes] = []
    at = 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if at + 2 > len(data) or end > len(data):
            raise ProofError("The entry bundle is cut off.", code="tile-bundle")
        entries.append(data[at + 2 : end])
        at = end
    if len(entries) != width:
        raise ProofError(f"The entry bundle has {len(entries)} entries, not {width}.", code="tile-bundle")
    return entries


def nodes(row: Callable[[int, int], list[bytes]]) -> Node:
    """The nodes of a tree whose hash tiles `row(level, number)` gives (as wide as they are).

    What is read is remembered for as long as the answer lives, so one proof reads a tile once.
    """
    cache: dict[tuple[int, int], list[bytes]] = {}

    def node(level: int, index: int) -> bytes:
        tile_level, height = divmod(level, 8)
        first = index << height
        number, offset = divmod(first, WIDTH)
        if (tile_level, number) not in cache:
            cache[tile_level, number] = row(tile_level, number)
        hashes = cache[tile_level, number][offset : offset + (1 << height)]
        if len(hashes) != 1 << height:
            raise ProofError(f"Tile {Tile(tile_level, number).path} is not full enough.", code="tile-size")
        return perfect_root(hashes)

    return node
