"""Is this certificate good, for this use, at that given time: a verdict with reasons."""

from __future__ import annotations

from cableroom.seal.certificates import Use
from cableroom.seal.issuing import issue, make_authority, make_crl

__all__ = ["Use", "issue", "make_authority", "make_crl"]
