"""Every family of chains that is known, by its CAIP-2 namespace: a further one is a folder, and a line here.

Packages of others offer families of further namespaces by the entry point group `ENTRY_POINTS`, each under the name of
its namespace; they never replace one of ours, nor one of our kinds of node (`core.offered`). They are imported with
this module, since any text may name their chains. A chain of another namespace is `UNKNOWN`: its accounts are kept as
they are written, and nothing can be read there. Nothing outside `scanner.chains` knows a namespace by name;
docs/adding-a-family.md walks through a family.
"""

from __future__ import annotations

from typing import Final

from scanner.chains import opaque
from scanner.chains.aelf.family import FAMILY as _AELF
from scanner.chains.algorand.family import FAMILY as _ALGORAND
from scanner.chains.antelope.family import FAMILY as _ANTELOPE
from scanner.chains.aptos.family import FAMILY as _APTOS
from scanner.chains.beacon.family import FAMILY as _BEACON
from scanner.chains.bitcoin.family import FAMILY as _BITCOIN
from scanner.chains.cardano.family import FAMILY as _CARDANO
from scanner.chains.cosmos.family import FAMILY as _COSMOS
from scanner.chains.evm.family import FAMILY as _EVM
from scanner.chains.family import Backend, Family
from scanner.chains.filecoin.family import FAMILY as _FILECOIN
from scanner.chains.near.family import FAMILY as _NEAR
from scanner.chains.polkadot.family import FAMILY as _POLKADOT
from scanner.chains.solana.family import FAMILY as _SOLANA
from scanner.chains.starknet.family import FAMILY as _STARKNET
from scanner.chains.stellar.family import FAMILY as _STELLAR
from scanner.chains.sui.family import FAMILY as _SUI
from scanner.chains.tezos.family import FAMILY as _TEZOS
from scanner.chains.ton.family import FAMILY as _TON
from scanner.chains.tron.family import FAMILY as _TRON
from scanner.chains.xrpl.family import FAMILY as _XRPL
from scanner.core.ids import Chain
from scanner.core.offered import load, not_usable, offered

ENTRY_POINTS: Final = "reserve_scanner.families"

_OURS: Final[dict[str, Family]] = {
    family.namespace: family
    for family in (
        _AELF,
        _ALGORAND,
        _ANTELOPE,
        _APTOS,
        _BEACON,
        _BITCOIN,
        _CARDANO,
        _COSMOS,
        _EVM,
        _FILECOIN,
        _NEAR,
        _POLKADOT,
        _SOLANA,
        _STARKNET,
        _STELLAR,
        _SUI,
        _TEZOS,
        _TON,
        _TRON,
        _XRPL,
    )
}

UNKNOWN: Final = Family(accounts=opaque.FORMS)


def _of_others() -> dict[str, Family]:
    """The families that installed packages offer. Raises InputError for one that fails, or is none."""
    found: dict[str, Family] = {}
    for namespace, point in offered(ENTRY_POINTS, _OURS).items():
        family = load(point)
        if not isinstance(family, Family) or family.namespace != namespace:
            raise not_usable(point, f"expected a scanner.chains.family.Family of the namespace {namespace}")
        found[namespace] = family
    return found


FAMILIES: Final[dict[str, Family]] = {**_OURS, **_of_others()}
"""By namespace: ours first, then others'."""


def _backends() -> dict[str, tuple[Family, Backend]]:
    found: dict[str, tuple[Family, Backend]] = {}
    for family in FAMILIES.values():
        for kind, backend in sorted(family.backends.items()):
            found.setdefault(kind, (family, backend))  # a name of ours is ours, here as well
    return found


BACKENDS: Final[dict[str, tuple[Family, Backend]]] = _backends()
"""By the kind of node that stands before the plus in a URL."""


_PAID_OUT_TO: Final = frozenset(each.withdrawals.namespace for each in FAMILIES.values() if each.withdrawals)


def takes_withdrawals(chain: Chain) -> bool:
    """Whether validators may pay out to accounts of this chain."""
    return chain.namespace in _PAID_OUT_TO


def family(chain: Chain) -> Family:
    """What is known of the chain's kind; `UNKNOWN` of a namespace that is none of ours."""
    return FAMILIES.get(chain.namespace, UNKNOWN)
