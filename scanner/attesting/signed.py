"""Step 2 of a verification: every demanded key signed, and at least one is demanded.

Who owns a key is not known here, and nothing of a key that was not demanded.
"""

from __future__ import annotations

from collections.abc import Collection

from scanner.attesting.envelope import Envelope, Key


def check_signatures(envelope: Envelope, keys: Collection[Key]) -> tuple[str, ...]:
    """The ids of the demanded keys, once each of them is known to have signed. Raises ValueError."""
    if not keys:
        raise ValueError("no key is demanded, so anyone could have signed")
    for key in keys:
        if not envelope.is_signed_by(key):
            if key.keyid in envelope.keyids:
                raise ValueError(f"the signature that names the key {key.keyid} is not that key's over this statement")
            raise ValueError(f"not signed by the key {key.keyid}")
    return tuple(sorted({key.keyid for key in keys}))


def unchecked(envelope: Envelope, keys: Collection[Key]) -> tuple[str, ...]:
    """What the signatures name their keys that none of the demanded keys made."""
    made = [envelope.made_by(key) for key in keys]
    return tuple(signature.keyid for signature in envelope.signatures if signature not in made)
