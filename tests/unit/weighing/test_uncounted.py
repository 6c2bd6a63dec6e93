"""Holdings that can count for nothing: gaps whatever lies there, worked out again by whoever verifies."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.chains.accounts import account_key
from scanner.chains.names import parse_asset
from scanner.core.evidence import Balance, Gap, Outcome
from scanner.core.ids import AssetId
from scanner.errors import CLAIM_ONLY, AttestationInvalid, Why
from scanner.sources.addresses import read_claim
from scanner.weighing.claim import Asset, Claim
from scanner.weighing.finding import Verdict
from scanner.weighing.holdings import Holding
from scanner.weighing.uncounted import Uncounted, contract_of
from tests.support.attestations.attested import ALICE, BOB, BTC, ETH, USDT, a_claim, agreed, attest, held

WETH = Asset("WETH", parse_asset("eip155:1/erc20:0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2"), "ETH", 18)
VAULT = Asset("VAULT", parse_asset(f"eip155:1/erc20:0x{'4a' * 20}"), "USDT", 6)
OTHER = Asset("OTHER", parse_asset(f"eip155:10/erc20:0x{'4a' * 20}"), "USDT", 6)
SAFE = b"\x5a" * 20
ZERO = bytes(20)


def claiming(*holdings: tuple[Asset, bytes], assets: tuple[Asset, ...] = ()) -> Claim:
    ordered = sorted({(asset.id, account) for asset, account in holdings}, key=lambda each: (str(each[0]), each[1]))
    known = {asset.id: asset for asset in (BTC, ETH, USDT, *assets, *(asset for asset, _ in holdings))}
    return a_claim(assets=known, holdings=[Holding(asset, account) for asset, account in ordered])


def why(claim: Claim, asset: Asset, account: bytes) -> tuple[Why, str] | None:
    gap = Uncounted(claim).of(asset.id)(account)
    return None if gap is None else (gap.why, gap.detail)


def test_the_contract_of_a_claimed_asset_is_no_account_of_what_backs_the_same_unit() -> None:
    claim = claiming((ETH, ALICE), assets=(WETH, VAULT, OTHER))
    assert why(claim, ETH, WETH.id.contract) == (Why.OWN_CONTRACT, "the contract of WETH, which backs ETH too")
    assert why(claim, USDT, VAULT.id.contract) == (Why.OWN_CONTRACT, "the contract of VAULT, which backs USDT too")
    assert why(claim, USDT, USDT.id.contract) == (Why.OWN_CONTRACT, "the contract of USDT-ERC20 itself")


def test_a_contract_that_backs_another_unit_or_stands_on_another_chain_stays_as_it_is() -> None:
    claim = claiming((ETH, ALICE), assets=(VAULT, OTHER))
    assert why(claim, ETH, VAULT.id.contract) is None
    assert why(claim, OTHER, USDT.id.contract) is None
    for asset in (ETH, USDT, VAULT):
        assert why(claim, asset, SAFE) is None


def test_what_is_nobodys_counts_for_nothing_in_any_asset() -> None:
    claim = claiming((ETH, ZERO))
    assert why(claim, ETH, ZERO) == why(claim, USDT, ZERO) == (Why.NO_KEY, "the zero address")
    wrapper = "a wrapper's contract that holds for those who have the wrapped token"
    assert why(claim, ETH, WETH.id.contract) == (Why.NO_KEY, wrapper)  # nobody claims WETH here
    assert why(claim, BTC, b"\x6a\x01\x00") == (Why.NO_KEY, "a script that can never be spent")


TWINS = {
    "filecoin": ("fil:f/slip44:461", "eip155:314/slip44:461", "0x" + "ab" * 20),
    "tron": ("tron:728126428/slip44:195", "eip155:728126428/slip44:195", "0x" + "ab" * 20),
    "a token of tron": (
        "tron:728126428/trc20:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
        "eip155:728126428/erc20:0xa614f803b6fd780986a42c78ec9c7f77e6ded13c",
        "0x" + "ab" * 20,
    ),
    "kava": ("cosmos:kava_2222-10/slip44:459", "eip155:2222/slip44:459", "0x" + "ab" * 20),
}


@pytest.mark.parametrize("name", TWINS)
def test_an_account_under_two_names_of_one_ledger_counts_once(name: str) -> None:
    here, there = (Asset(text[:4], parse_asset(text), "COIN", 18) for text in TWINS[name][:2])
    account = account_key(here.id.chain, TWINS[name][2])
    evm = account_key(there.id.chain, TWINS[name][2])
    both = claiming((here, account), (there, evm))
    detail = f"it stands as {there.id.chain}:{TWINS[name][2]} too"
    assert why(both, here, account) == (Why.SAME_ACCOUNT, detail)
    assert why(both, there, evm) is None
    assert why(claiming((here, account), (there, BOB)), here, account) is None
    assert why(claiming((here, account), assets=(there,)), here, account) is None


@pytest.mark.parametrize(
    ("asset", "account"),
    [
        ("tron:728126428/trc20:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"),
        ("xrpl:0/token:USD.rhub8VRN55s94qWKDv6jmDy1pUykJzF3wq", "rhub8VRN55s94qWKDv6jmDy1pUykJzF3wq"),
        (f"tvm:-239/jetton:0%3A{'b1' * 32}", f"0:{'b1' * 32}"),
        ("aptos:1/token:0x357b", "0x357b"),
        ("bip122:000000000019d6689c085ae165831e93/slip44:0", None),
        ("algorand:wGHE2Pwdvd7S12BL5FaOP20EGYesN73k/asa:31566704", None),
    ],
)
def test_a_tokens_contract_is_read_as_an_account_of_its_chain(asset: str, account: str | None) -> None:
    parsed = parse_asset(asset)
    assert contract_of(parsed) == (account and account_key(parsed.chain, account))


# --- The evidence, and who verifies it


def outcomes(claim: Claim) -> dict[tuple[AssetId, bytes], Outcome]:
    """As a scan has them: everything read, but for what can count for nothing."""
    uncounted = Uncounted(claim)
    return {
        (each.asset, each.account): uncounted.of(each.asset)(each.account) or agreed(10**18) for each in claim.holdings
    }


NOBODYS = claiming((BTC, b"\x51\x20" + b"\1" * 32), (ETH, ALICE), (ETH, ZERO), (USDT, BOB), (USDT, USDT.id.contract))


def test_what_counts_for_nothing_is_neither_held_nor_short() -> None:
    attested = attest(outcomes(NOBODYS), claim=NOBODYS)
    finding = attested.verify().finding
    assert finding.gap_counts == {Why.NO_KEY: 1, Why.OWN_CONTRACT: 1}
    reserves = {reserve.unit: reserve for reserve in finding.reserves}
    assert reserves["ETH"].held == 1
    assert (reserves["ETH"].gaps, reserves["ETH"].verdict) == (1, Verdict.UNKNOWN)


def changed(mend: Callable[[dict[tuple[AssetId, bytes], Outcome]], None]) -> str:
    said = outcomes(NOBODYS)
    mend(said)
    with pytest.raises(AttestationInvalid) as caught:
        attest(said, claim=NOBODYS).verify()
    assert caught.value.step == 8
    return str(caught.value)


def test_a_verifier_refuses_a_balance_where_nothing_can_count() -> None:
    told = changed(lambda said: said.update({(ETH.id, ZERO): agreed(10**20)}))
    assert "can count for nothing: NO_KEY, the zero address" in told
    timed_out = Gap(Why.UNREACHABLE, "alpha")
    assert "can count for nothing" in changed(lambda said: said.update({(ETH.id, ZERO): timed_out}))
    other_words = Gap(Why.NO_KEY, "a burn address")
    assert "can count for nothing" in changed(lambda said: said.update({(ETH.id, ZERO): other_words}))


@pytest.mark.parametrize("reason", sorted(CLAIM_ONLY))
def test_a_verifier_refuses_such_a_reason_where_it_does_not_follow_from_the_claim(reason: Why) -> None:
    told = changed(lambda said: said.update({(ETH.id, ALICE): Gap(reason, "the zero address")}))
    assert f"{reason} does not follow from the claim" in told


def test_a_true_attestation_without_such_accounts_is_as_it_was() -> None:
    assert all(isinstance(each, Balance) for each in held().values())
    assert attest().verify().verdict is Verdict.COVERED


# --- From the claim's file


def test_a_spelling_of_the_contract_makes_no_difference(tmp_path: Path) -> None:
    token = "tron:728126428/trc20:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
    text = (
        "version: 1\nexchange: X\nas_of: 2023-11-22T16:00:00Z\nliabilities: {USDT: null}\n"
        f'assets: {{USDT-TRC20: {{id: "{token}", backs: USDT, decimals: 6}}}}\n'
        'holdings: [{asset: USDT-TRC20, account: "41a614f803b6fd780986a42c78ec9c7f77e6ded13c"}]\n'
    )
    claim = read_claim(tmp_path / "claim.yaml", text.encode()).claim
    (holding,) = claim.holdings
    assert why(claim, claim.assets[holding.asset], holding.account) == (
        Why.OWN_CONTRACT,
        "the contract of USDT-TRC20 itself",
    )
