"""Account texts to account keys and back: one key, and one canonical text, per account and chain.

The key is bytes, by which accounts compare, sort and are kept; the text is what evidence and reports show. Two
spellings of one account have one key, so that a holding counts once, whether it stands in a claim, in a published file
or in evidence. Checksums are looked at wherever a form has one. Nothing is stripped or repaired.

What a family's keys are and how they are written says its `accounts` module. The accounts of a namespace that is not
registered are kept as texts (`opaque`), and `is_known` says so.

Not here: who controls an account (`control`), and whether its coins can be moved by any key (`keyless`).

Sources: CAIP-2, CAIP-10; each family's own stand in its module.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

from scanner.chains import opaque
from scanner.chains.account_forms import AddressError, OtherName
from scanner.chains.registry import family
from scanner.core.columns import Accounts
from scanner.core.ids import Chain


def account_key(chain: Chain, text: str) -> bytes:
    """The key of the account `text` on `chain` (CAIP-2): bytes by which accounts compare. Raises AddressError."""
    return family(chain).accounts.key(chain, text)


def account_text(chain: Chain, key: bytes) -> str:
    """The one canonical spelling of `key` on `chain`, which `account_key` turns into `key` again.

    Raises AddressError for bytes that are no key of that chain.
    """
    return family(chain).accounts.text(chain, key)


def account_texts(chain: Chain, keys: Accounts) -> list[str]:
    """`account_text` of each. Raises AddressError."""
    forms = family(chain).accounts
    return [forms.text(chain, key) for key in keys] if forms.texts is None else forms.texts(chain, keys)


def canonical_keys(chain: Chain, texts: Sequence[str], likely: Accounts | None = None) -> Accounts:
    """The keys of accounts that are all written in their one canonical spelling: `likely`, perhaps. Raises ValueError
    for any other."""
    forms = family(chain).accounts
    if forms.keys is not None:
        found = forms.keys(chain, texts)
        if found is not None:
            return found
    elif likely is not None and len(likely) == len(texts):
        with suppress(AddressError):
            if account_texts(chain, likely) == list(texts):
                return likely
    keys = Accounts.of([forms.key(chain, text) for text in texts])
    if account_texts(chain, keys) != list(texts):
        raise ValueError(f"an account of {chain} in another spelling than its own")
    return keys


def key_reader(chain: Chain | None) -> Callable[[str], bytes]:
    """`account_key` of one chain, for many texts; of an unknown chain where it is None. It raises AddressError."""
    if chain is None:
        return lambda text: opaque.account_key(None, text)
    return partial(family(chain).accounts.key, chain)


def keys_reader(chain: Chain | None) -> Callable[[Sequence[str]], Accounts]:
    """`key_reader` for many texts at once: the accounts of all, in their order. It raises AddressError."""
    read = key_reader(chain)
    keys_of = None if chain is None else family(chain).accounts.keys
    if chain is None or keys_of is None:
        return lambda texts: Accounts.of(list(map(read, texts)))

    def keys(texts: Sequence[str]) -> Accounts:
        canonical = keys_of(chain, texts)
        return Accounts.of(list(map(read, texts))) if canonical is None else canonical

    return keys


def elsewhere(chain: Chain) -> OtherName | None:
    """Under which other name the ledger of `chain` goes (an EVM chain that is a Cosmos chain too), if it does."""
    return family(chain).accounts.elsewhere(chain)


def is_known(chain: Chain) -> bool:
    """Whether the forms of this chain's accounts are known, so that two spellings of one account are seen to be one."""
    return family(chain).accounts.knows(chain)
