"""A tree of River's, and what River hands out to one of its customers."""

from __future__ import annotations

import hashlib
import hmac

from scanner.proofs.liabilities import File
from tests.support.liabilities.liability_trees import sha
from tests.support.liabilities.published_files import file


def river(uid: str, number: int, satoshi: int) -> tuple[File, dict[str, object]]:
    """A tree of two leaves, one of them a customer's of River's, and what the customer has of River."""
    key, email, height = sha("a key"), "one@example.org", 420
    subkey = hashlib.sha256(bytes.fromhex(key) + email.encode() + number.to_bytes(8, "little")).digest()
    own = hashlib.sha256(subkey + height.to_bytes(8, "little") + number.to_bytes(8, "little")).digest()
    leaf = hmac.digest(own, satoshi.to_bytes(8, "little") + (1).to_bytes(8, "little"), "sha256")
    other = bytes(32)
    root = hashlib.sha256(other + (7).to_bytes(8, "little") + leaf + satoshi.to_bytes(8, "little")).hexdigest()
    lines = [f"block_height:{height}", f"{root},{satoshi + 7}", f"{other.hex()},7", f"{leaf.hex()},{satoshi}"]
    return file("\n".join(lines) + "\n", "tree"), {"account_uid": uid, "account_key": key, "email": email}
