"""Every code with which a cable, a leg, a sheet or an edition can be refused stands in the reference."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import cableroom

PACKAGE = Path(cableroom.__file__).parent
DOCS = PACKAGE.parent.parent / "docs" / "reference"
PAGES = ("disclosure.md", "edition.md", "mime.md", "leg.md")
MODULES = [
    *(f"cable/{name}.py" for name in ("headers", "parts", "mime")),
    *(
        f"seal/{name}.py"
        for name in ("disclosure", "editions", "shown", "verifying", "cables", "legs", "sheets", "service")
    ),
]


def codes(path: Path) -> Iterator[str]:
    """What is given as `code=` to an error, or first to `refuse` or `Problem`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", "")
        first = node.args[:1] if name in ("refuse", "_refuse", "Problem") else []
        for value in [*first, *(keyword.value for keyword in node.keywords if keyword.arg == "code")]:
            if isinstance(value, ast.Constant) and isinstance(value.value, str) and " " not in value.value:
                yield value.value


@pytest.mark.parametrize("module", MODULES)
def test_every_code_is_documented(module: str) -> None:
    text = "".join((DOCS / page).read_text(encoding="utf-8") for page in PAGES)
    found = set(codes(PACKAGE / module))
    assert found
    assert sorted(code for code in found if f"`{code}`" not in text) == []
