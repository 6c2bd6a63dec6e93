"""The demo's files: the claim as an exchange would write it, the instrument as an auditor would, and his keys.

The claim is config/addresses.yaml's, with what must differ on local nodes: Bitcoin accounts in regtest's spelling, the
snapshots' heights, and a thousandth of each liability.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Final

from Crypto.PublicKey import ECC

from demo.chains import EVM, REGTEST, Chains
from scanner.chains.accounts import account_text
from scanner.chains.names import parse_chain
from scanner.core.amounts import exact
from scanner.weighing.claim import Claim, Liability

EMPTY: Final[Mapping[str, str]] = MappingProxyType({})


def write_claim(path: Path, published: Claim, chains: Chains, proofs: Mapping[str, str] = EMPTY) -> None:
    """A claim over the same accounts. It is complete: on these chains the accounts are all there is. `proofs` are of
    what is owed, by unit, as the claim has them."""
    lines = [
        "# OKX's 13th report at a thousandth of its figures, on the demo's own nodes.",
        "version: 1",
        "exchange: OKX (demo)",
        f"as_of: {datetime.fromtimestamp(chains.evm_snapshot.time, UTC):%Y-%m-%dT%H:%M:%SZ}",
        "snapshots:",
        f"  {REGTEST}: {chains.bitcoin_snapshot.height}",
        f"  {EVM}: {chains.evm_snapshot.height}",
        "assets:",
        *(_asset(asset.label, str(asset.id), asset.backs, asset.decimals) for asset in published.assets.values()),
        "liabilities:",
        *(_liability(each, proofs.get(each.unit)) for each in published.liabilities.values()),
        "holdings:",
    ]
    for asset in published.assets.values():
        chain = _local(str(asset.id.chain))
        accounts = [holding.account for holding in published.holdings if holding.asset == asset.id]
        texts = ", ".join(f'"{account_text(parse_chain(chain), account)}"' for account in accounts)
        lines.append(f"  - {{asset: {asset.label}, accounts: [{texts}]}}")
    path.write_text("\n".join(lines) + "\n")


def write_instrument(path: Path, chains: Chains) -> None:
    """Two operators a chain, who must agree. Passwords stand in the environment, as they should."""
    lines = ['policy: {quorum: 2, threshold: "1"}', "nodes:"]
    for name, bitcoind in zip(("alpha", "beta"), chains.bitcoin, strict=True):
        at = bitcoind.url.removeprefix("http://")
        password = f"${{{password_variable(name)}}}"
        lines.append(
            f'  - {{url: "bitcoind+http://{bitcoind.user}:{password}@{at}", chain: "{REGTEST}", operator: {name}}}'
        )
    for name, anvil in zip(("alpha", "beta"), chains.evm, strict=True):
        lines.append(f'  - {{url: "evm+{anvil.url}", chain: "{EVM}", operator: {name}}}')
    path.write_text("\n".join(lines) + "\n")


def environment(chains: Chains) -> dict[str, str]:
    """What the instrument's `${...}` stand for."""
    return {
        password_variable(name): bitcoind.password
        for name, bitcoind in zip(("alpha", "beta"), chains.bitcoin, strict=True)
    }


def password_variable(operator: str) -> str:
    return f"DEMO_{operator.upper()}_PASSWORD"


def write_keys(private: Path, public: Path) -> None:
    """A fresh Ed25519 pair; only the owner may read the private one."""
    key = ECC.generate(curve="Ed25519")
    private.touch(mode=0o600)
    private.write_text(key.export_key(format="PEM"))
    public.write_text(key.public_key().export_key(format="PEM") + "\n")


def _local(chain: str) -> str:
    return REGTEST if chain.startswith("bip122:") else chain


def _asset(label: str, asset: str, backs: str, decimals: int) -> str:
    chain, slash, rest = asset.partition("/")
    return f'  {label}: {{id: "{_local(chain)}{slash}{rest}", backs: {backs}, decimals: {decimals}}}'


def owed(published: Claim) -> dict[str, Fraction]:
    """What the demo's claim states as owed, by unit."""
    return {unit: each.owed / 1000 for unit, each in published.liabilities.items() if each.owed is not None}


def _liability(liability: Liability, proof: str | None) -> str:
    amount = "null" if liability.owed is None else f'"{exact(liability.owed / 1000)}"'
    stated = f', stated_ratio: "{liability.stated_ratio.text}"' if liability.stated_ratio else ""
    shown = f", proof: {proof}" if proof else ""
    return f"  {liability.unit}: {{amount: {amount}{stated}{shown}}}"
