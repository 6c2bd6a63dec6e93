"""Holdings that count for nothing whatever lies there, as follows from the claim alone: each is a gap with its reason.

- OWN_CONTRACT: the account is the contract of an asset of the claim, and both back one unit. What a wrapper or a vault
  holds is what its token or its shares stand for, so that the same coins would count twice; what a token's contract
  holds of its own token no one can move.
- NO_KEY: the account has no key (`chains.keyless`).
- SAME_ACCOUNT: the account stands in the claim under another name of the same ledger, and counts there.

Anyone with the claim comes to the same reasons, so that `verify` does. Nothing here knows what is held or owed. That an
account is some other contract (a wallet of several owners) is no reason.
"""

from __future__ import annotations

from collections.abc import Callable

from scanner.chains.account_forms import AddressError, OtherName
from scanner.chains.accounts import account_key, account_text, elsewhere
from scanner.chains.keyless import keyless, keyless_unlikely
from scanner.chains.registry import family
from scanner.core.columns import Accounts
from scanner.core.evidence import Gap
from scanner.core.ids import AssetId
from scanner.errors import Why
from scanner.weighing.claim import Asset, Claim

Uncountable = Callable[[bytes], Gap | None]
"""An account's key to why a holding of it counts for nothing; to None where it may count."""


class Uncounted:
    """Of one claim, by the revision of the tables by which it was read."""

    def __init__(self, claim: Claim) -> None:
        self._claim = claim
        self._known: dict[AssetId, Uncountable] = {}
        self._unlikely: dict[AssetId, Callable[[Accounts], bool] | None] = {}
        self._natives = {each.id.chain: each.id for each in claim.assets.values() if each.id.native}

    def of(self, asset: AssetId) -> Uncountable:
        """What holds for the accounts of one asset of the claim."""
        known = self._known.get(asset)
        if known is None:
            known = self._known[asset] = self._work_out(asset)
        return known

    def among(self, asset: AssetId, accounts: Accounts) -> dict[int, Gap]:
        """The positions of these accounts of the asset that count for nothing, ascending, each with its reason."""
        why = self.of(asset)
        if asset not in self._unlikely:
            alone = elsewhere(asset.chain) is None
            contracts = self._contracts(self._claim.assets[asset])
            self._unlikely[asset] = keyless_unlikely(asset.chain, contracts, self._claim.revision) if alone else None
        none_among = self._unlikely[asset]
        if none_among is not None and none_among(accounts):
            return {}
        found = ((at, why(account)) for at, account in enumerate(accounts))
        return {at: gap for at, gap in found if gap is not None}

    def _work_out(self, asset: AssetId) -> Uncountable:
        contracts = self._contracts(self._claim.assets[asset])
        without_key, twin = keyless(asset.chain, self._claim.revision), self._twin(asset)

        def why(account: bytes) -> Gap | None:
            contract = contracts.get(account)
            if contract is not None:
                return Gap(Why.OWN_CONTRACT, contract)
            what = without_key(account)
            if what is not None:
                return Gap(Why.NO_KEY, what)
            return None if twin is None else twin(account)

        return why

    def _contracts(self, asset: Asset) -> dict[bytes, str]:
        """What is said of the contracts on the asset's chain that back its unit too, by their keys."""
        said: dict[bytes, str] = {}
        for other in self._claim.assets.values():
            key = contract_of(other.id) if other.id.chain == asset.id.chain and other.backs == asset.backs else None
            if key is None:
                continue
            relation = " itself" if other.id == asset.id else f", which backs {asset.backs} too"
            said[key] = f"the contract of {other.label}{relation}"
        return said

    def _twin(self, asset: AssetId) -> Uncountable | None:
        """Where the claim lists accounts of the same asset under another name of the ledger, those that it lists."""
        other = elsewhere(asset.chain)
        same = None if other is None else self._same_asset(asset, other)
        listed = {account for part in self._claim.holdings.parts if part.asset == same for account in part.accounts}
        if other is None or not listed:
            return None

        def why(account: bytes) -> Gap | None:
            twin = other.key(account)
            if twin is None or twin not in listed:
                return None
            return Gap(Why.SAME_ACCOUNT, f"it stands as {other.chain}:{account_text(other.chain, twin)} too")

        return why

    def _same_asset(self, asset: AssetId, other: OtherName) -> AssetId | None:
        """The claim's asset on the other chain that is this one: the coin, or the token of the same contract."""
        if asset.native:
            return self._natives.get(other.chain)
        contract = contract_of(asset)
        twin = None if contract is None else other.key(contract)
        tokens = (each.id for each in self._claim.assets.values() if each.id.chain == other.chain)
        return None if twin is None else next((token for token in tokens if contract_of(token) == twin), None)


def contract_of(asset: AssetId) -> bytes | None:
    """The account that is the token's own contract, issuer or mint; None for a coin, and where it is not known."""
    if asset.native:
        return None
    text = asset.reference.replace("%3A", ":").replace("%3a", ":")
    try:
        return account_key(asset.chain, family(asset.chain).token_contract(text))
    except AddressError:
        return None
