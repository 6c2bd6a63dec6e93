"""A digest as it stands in a predicate, `sha256:` and its digits, and the digits alone."""

from __future__ import annotations


def sha256_text(digits: str) -> str:
    """Such as `sha256:ab...`, of 64 hex digits."""
    return f"sha256:{digits}"


def hex_of(digest: str) -> str:
    """The digits of a digest such as `sha256:ab...`."""
    return digest.removeprefix("sha256:")
