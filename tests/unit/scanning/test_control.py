"""Control of all holdings of a claim: in order, in this process or in several, and in one word each."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import cast

import pytest

from scanner.chains.interface import Capabilities, Node
from scanner.chains.names import parse_asset
from scanner.core.columns import Coded
from scanner.core.control import ContractOwners, Control
from scanner.core.evidence import Gap, Snapshot
from scanner.errors import NodeError, Why
from scanner.proofs.control import NotShown, Replayable, Shown, Unbound, Verdict
from scanner.scanning.control import ask_owners, check_proofs
from scanner.scanning.events import Event, ProofsChecked
from scanner.scanning.node_group import NodeGroup
from scanner.weighing.control.controls import Controls
from scanner.weighing.control.recognise import control_of
from scanner.weighing.holdings import Holding, Holdings
from scanner.weighing.policy import Policy
from scanner.weighing.quorum import Agreement, Operator
from tests.support import proof_signing as sign
from tests.support.published_proofs import CONTRACT, contract_account, published

SNAPSHOT = Snapshot(sign.ETHEREUM, 7, "0x" + "77" * 32, "0x" + "66" * 32, datetime(2026, 1, 1, tzinfo=UTC))


HOLDINGS = [
    published(sign.okx_evm()),
    published(sign.tron(message="an old message")),
    published(replace(sign.bip137(2), account=sign.p2pkh(sign.public(3)))),
    replace(published(sign.eip191()), ownership=None),
    published(replace(sign.okx_evm(), signatures=("pgp",))),
    published(sign.okx_eos()),
    contract_account(1, 2),
]
WORDS = (
    Control.SHOWN,
    Control.UNVERIFIABLE,  # until the chain says that the account still obeys its own key
    Control.UNSHOWN,
    Control.ABSENT,
    Control.UNVERIFIABLE,
    Control.UNVERIFIABLE,
    Control.UNVERIFIABLE,
)


def controls(holdings: list[Holding]) -> Controls:
    return Controls.of(holdings, Coded(control_of(holding, sign.MESSAGE) for holding in holdings))


# In one word


def test_each_verdict_is_one_word() -> None:
    assert controls(HOLDINGS).words == WORDS


def test_what_is_not_shown_is_told_why_and_nothing_else_is() -> None:
    assert set(controls(HOLDINGS).reasons) == {1, 2, 4, 5, 6}


def test_contracts_and_accounts_whose_keys_may_change_wait_for_the_chain() -> None:
    assert set(controls(HOLDINGS).waiting) == {1, 5, 6}


def test_an_accounts_own_key_shows_control_where_the_chain_says_that_it_is_enough() -> None:
    own, other = sorted((HOLDINGS[1].account, sign.evm_address(9)))
    weight = {HOLDINGS[1].account: 3}
    for named, word in {
        ContractOwners(owner=HOLDINGS[1].account): Control.REPLAYABLE,
        ContractOwners((own, other), 3, weights=(weight.get(own, 1), weight.get(other, 1))): Control.REPLAYABLE,
        ContractOwners((own, other), 4, weights=(weight.get(own, 1), weight.get(other, 1))): Control.UNSHOWN,
        ContractOwners(owner=sign.evm_address(9)): Control.UNSHOWN,
        ContractOwners(): Control.UNSHOWN,
    }.items():
        settled = controls(HOLDINGS).with_owners({1: named})
        assert settled.words[1] is word
        assert (1 in settled.reasons) == (word is Control.UNSHOWN)
        assert controls(HOLDINGS).where_named(1, ContractOwners.parse(str(named))) is word
    unasked = controls(HOLDINGS).with_owners({1: Gap(Why.NO_QUORUM, "")})
    assert unasked.words[1] is Control.UNVERIFIABLE


def test_as_many_verdicts_as_holdings_or_none() -> None:
    with pytest.raises(ValueError, match="1 verdicts for"):
        Controls.of(HOLDINGS, Coded([NotShown("no")]))


def test_the_chains_word_settles_what_waited_for_it() -> None:
    owners = ContractOwners(tuple(sorted(sign.evm_address(number) for number in (1, 2, 3))), 2)
    settled = controls(HOLDINGS).with_owners({6: owners})
    assert tuple(settled.words) == (*WORDS[:6], Control.SHOWN)
    assert set(settled.reasons) == {1, 2, 4, 5}
    assert set(settled.waiting) == {1, 5}


def test_the_chains_word_against_it_leaves_control_unshown() -> None:
    settled = controls(HOLDINGS).with_owners({6: ContractOwners(owner=sign.evm_address(9))})
    assert tuple(settled.words) == (*WORDS[:6], Control.UNSHOWN)
    assert "which did not sign" in settled.reasons[6]


def test_a_chain_that_could_not_be_asked_leaves_control_unverifiable() -> None:
    settled = controls(HOLDINGS).with_owners({6: Gap(Why.NO_QUORUM, "node says http://secret")})
    assert tuple(settled.words) == WORDS
    assert "NO_QUORUM" in settled.reasons[6]
    assert "secret" not in settled.reasons[6]


def test_owners_of_an_account_that_none_were_asked_for_settle_nothing() -> None:
    with pytest.raises(KeyError):
        controls(HOLDINGS).with_owners({2: ContractOwners(owner=sign.evm_address(1))})


# All at once


def checked(holdings: list[Holding]) -> tuple[list[Verdict], list[ProofsChecked]]:
    events: list[Event] = []
    ticks = count()
    verdicts = asyncio.run(
        check_proofs(Holdings.of(holdings), sign.MESSAGE, observe=events.append, clock=lambda: float(next(ticks)))
    )
    told = [event for event in events if isinstance(event, ProofsChecked)]
    assert len(told) == len(events)
    return list(verdicts), told


def test_verdicts_stand_in_the_order_of_the_holdings() -> None:
    holdings = [published(sign.okx_evm(1 + number % 150)) for number in range(300)]
    holdings[7::20] = [published(replace(sign.okx_evm(number), account=bytes(20))) for number in range(1, 16)]
    verdicts, _ = checked(holdings)
    assert verdicts == [control_of(holding, sign.MESSAGE) for holding in holdings]
    assert {type(verdict) for verdict in verdicts} == {Shown, NotShown}


def test_one_proof_for_several_assets_is_checked_once() -> None:
    holding = published(sign.okx_evm())
    token = parse_asset("eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7")
    verdicts, told = checked([holding, replace(holding, asset=token), published(sign.okx_evm(2)), holding])
    assert told[-1].total == told[-1].done == 2
    assert verdicts[0] == verdicts[2] == verdicts[3] != verdicts[1]  # asset by asset


def test_one_signature_given_for_two_accounts_or_two_chains_is_two_proofs() -> None:
    holding = published(sign.okx_evm())
    elsewhere = replace(holding, asset=parse_asset("eip155:10/slip44:60"))
    verdicts, told = checked([holding, replace(holding, account=bytes(20)), elsewhere])
    assert told[-1].total == 3
    assert [type(verdict) for verdict in verdicts] == [Shown, NotShown, Shown]


def test_the_rate_is_by_the_clock_given() -> None:
    _, told = checked([published(sign.okx_evm(number)) for number in range(1, 201)])
    assert [(event.done, event.seconds, event.per_second) for event in told] == [(128, 1.0, 128), (200, 2.0, 100)]
    assert ProofsChecked(5, 5, 0.0).per_second == 0


def test_no_holdings_have_no_verdicts() -> None:
    assert checked([]) == ([], [])


# Whom the chain names


class Naming:
    """A node that names owners, as far as the questions here go."""

    def __init__(self, answer: ContractOwners | NodeError) -> None:
        self.settings = None
        self.answer = answer
        self.capabilities = Capabilities(owners=self)

    async def contract_owners(self, snapshot: Snapshot, contract: bytes) -> ContractOwners:
        assert snapshot == SNAPSHOT
        if isinstance(self.answer, NodeError):
            raise self.answer
        return ContractOwners(owner=contract) if contract != CONTRACT else self.answer

    async def _unused(self, *_: object) -> None:
        raise AssertionError

    open = block_at = final_height = decimals = read = close = _unused


class Unable:
    """A node of a kind that cannot be asked for owners."""

    capabilities = Capabilities()


def owners(*answers: ContractOwners | NodeError | None) -> dict[bytes, Agreement[ContractOwners] | Gap]:
    nodes = {
        Operator(f"operator {number}"): (cast(Node, Unable() if answer is None else Naming(answer)),)
        for number, answer in enumerate(answers)
    }
    panel = NodeGroup(sign.ETHEREUM, nodes, ())
    return asyncio.run(ask_owners(panel, SNAPSHOT, {CONTRACT, b"\x01" * 20}, Policy(quorum=2)))


def test_owners_are_believed_when_a_quorum_names_the_same() -> None:
    named = ContractOwners(owner=sign.evm_address(1))
    found = owners(named, named, None)
    believed = found[CONTRACT]
    assert isinstance(believed, Agreement)
    assert (believed.value, believed.operators) == (named, ("operator 0", "operator 1"))
    assert list(found) == sorted(found)


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (ContractOwners(), Why.DISAGREEMENT),
        (ContractOwners(owner=sign.evm_address(2)), Why.DISAGREEMENT),
        (NodeError(Why.NO_STATE, "pruned"), Why.NO_STATE),
        (None, Why.UNSUPPORTED),
    ],
)
def test_owners_that_one_operator_alone_names_are_not_believed(
    other: ContractOwners | NodeError | None, why: Why
) -> None:
    found = owners(ContractOwners(owner=sign.evm_address(1)), other)[CONTRACT]
    assert isinstance(found, Gap)
    assert found.why is why


def test_signatures_and_owners_together_make_the_word() -> None:
    account = contract_account(1, message="an old message")
    verdict = control_of(account, sign.MESSAGE)
    assert isinstance(verdict, Unbound)
    settled = controls([account]).with_owners({0: ContractOwners(owner=sign.evm_address(1))})
    assert tuple(settled.words) == (Control.REPLAYABLE,)
    assert isinstance(control_of(published(sign.okx_evm(message="an old message")), sign.MESSAGE), Replayable)
