"""Whose a validator's stake is: of the account it pays out to, where the claim declares that account and shows it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scanner.chains.names import parse_asset, parse_chain
from scanner.core.control import ContractOwners, Control
from scanner.core.ids import AssetId, Chain
from scanner.weighing.control.validators import WithdrawalAccounts, is_validator_chain
from scanner.weighing.holdings import Holding
from tests.support import proof_signing as sign
from tests.support.published_proofs import contract_account, published

BEACON = Chain("beacon", "1")
PAYEE = sign.evm_address(1)
PAID_TO = ContractOwners(owner=PAYEE)
SIGNED = published(sign.okx_evm())
TOKEN = parse_asset("eip155:1/erc20:0x" + "c0" * 20)


def control(
    *holdings: Holding, challenge: str | None = sign.MESSAGE, named: ContractOwners | None = PAID_TO
) -> Control:
    return WithdrawalAccounts(holdings, challenge).control(BEACON, named)


def test_what_is_shown_of_the_account_is_shown_of_the_stake() -> None:
    assert control(SIGNED) is Control.SHOWN


@pytest.mark.parametrize("challenge", [None, "another engagement's message"])
def test_a_signature_of_another_message_leaves_the_stake_replayable(challenge: str | None) -> None:
    assert control(SIGNED, challenge=challenge) is Control.REPLAYABLE


def test_a_declared_account_without_a_proof_leaves_it_absent() -> None:
    assert control(replace(SIGNED, ownership=None)) is Control.ABSENT


def test_a_proof_that_does_not_hold_leaves_it_unshown() -> None:
    assert control(published(replace(sign.okx_evm(9), account=PAYEE))) is Control.UNSHOWN


def test_an_account_that_the_claim_does_not_declare_leaves_it_unshown() -> None:
    assert control() is Control.UNSHOWN
    assert control(published(sign.okx_evm(2))) is Control.UNSHOWN


def test_the_same_account_on_another_chain_is_another_account() -> None:
    for chain in (Chain("eip155", "10"), Chain("beacon", "1")):
        assert control(replace(SIGNED, asset=AssetId(chain, "slip44", "60"))) is Control.UNSHOWN
    holesky = WithdrawalAccounts([SIGNED], sign.MESSAGE).control(Chain("beacon", "17000"), PAID_TO)
    assert holesky is Control.UNSHOWN


@pytest.mark.parametrize("named", [None, ContractOwners(), ContractOwners((PAYEE,), 1)])
def test_without_an_account_that_it_pays_out_to_nothing_can_be_judged(named: ContractOwners | None) -> None:
    assert control(SIGNED, named=named) is Control.UNVERIFIABLE


def test_of_an_account_under_several_assets_the_proof_is_found_wherever_it_stands() -> None:
    silent = replace(SIGNED, asset=TOKEN, ownership=None)
    assert control(silent, SIGNED) is Control.SHOWN
    assert control(SIGNED, silent) is Control.SHOWN


def test_an_account_that_only_a_contracts_owners_control_leaves_it_unverifiable() -> None:
    contract = contract_account(1, 2)
    assert control(contract, named=ContractOwners(owner=contract.account)) is Control.UNVERIFIABLE


@pytest.mark.parametrize(("chain", "staking"), [("beacon:1", True), ("beacon:17000", True), ("eip155:1", False)])
def test_accounts_of_a_beacon_chain_are_validators_and_no_others(chain: str, staking: bool) -> None:
    assert is_validator_chain(parse_chain(chain)) is staking
