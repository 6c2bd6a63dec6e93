"""Movements as a run asks for them: blocks agreed on by operators, records from whichever node has one that holds."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final, cast

import pytest

from scanner.chains.interface import Capabilities, Node
from scanner.core.control import Control
from scanner.core.evidence import Snapshot
from scanner.errors import InputError, NodeError, Why
from scanner.proofs.control import NamedTransaction
from scanner.proofs.witness import MAX_RECORD
from scanner.scanning.events import Event, MovementJudged
from scanner.scanning.movements import MovementAsker, Movements
from scanner.scanning.node_group import NodeGroup
from scanner.weighing.claim import Claim, MovementWindow
from scanner.weighing.control.movements import amount_to_move
from scanner.weighing.control.recognise import judged
from scanner.weighing.holdings import Holding, Ownership
from scanner.weighing.policy import Policy
from scanner.weighing.quorum import Operator
from tests.support import proof_signing as sign
from tests.support.attestations.attested import AS_OF, a_claim
from tests.support.simulated.moved_evm import ETHER, HEIGHT, MOVER, TIME, TOKEN, MovedBlock, Sent

CHALLENGE: Final = "challenge 2023-11"
SENT: Final = Sent(value=amount_to_move("Example Exchange", CHALLENGE, sign.ETHEREUM, MOVER) or 0)
BLOCK: Final = MovedBlock((SENT,))
NAMED: Final = Ownership("movement", "", (), moved=NamedTransaction(SENT.hash, HEIGHT))
NOW: Final = datetime.fromtimestamp(TIME, UTC) + timedelta(hours=1)


@dataclass
class MovingNode:
    """A node that has this block at its height, and hands out this record, or fails with this error."""

    block: MovedBlock = BLOCK
    record: bytes | NodeError | None = field(default_factory=BLOCK.record)  # None: it shows no movements
    final: int = HEIGHT + 10
    asked: list[str] = field(default_factory=list)

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities() if self.record is None else Capabilities(movements=self)

    async def final_height(self) -> int:
        return self.final

    async def block_at(self, height: int) -> Snapshot:
        time = datetime.fromtimestamp(self.block.time, UTC)
        return Snapshot(ETHER.chain, height, self.block.hash, f"0x{self.block.parent.hex()}", time)

    async def movement_record(self, block: Snapshot, transaction: str) -> bytes:
        assert block.hash == self.block.hash
        self.asked.append(transaction)
        if isinstance(self.record, bytes):
            return self.record
        assert self.record is not None
        raise self.record


def claim(*holdings: Holding) -> Claim:
    held = holdings or (Holding(ETHER, MOVER, ownership=NAMED),)
    return a_claim(
        holdings=held, challenge=CHALLENGE, movements=MovementWindow(AS_OF, AS_OF + timedelta(days=3)), snapshots={}
    )


def shown(*nodes: MovingNode, of: Claim | None = None, now: datetime = NOW) -> tuple[Movements, list[MovementJudged]]:
    told: list[Event] = []
    operators = {Operator(f"operator {number}"): (cast(Node, node),) for number, node in enumerate(nodes)}
    asker = MovementAsker([NodeGroup(ETHER.chain, operators, ())], Policy(), lambda: now, told.append)
    of = of or claim()
    found = asyncio.run(asker.shown(of, judged(of)))
    return found, [each for each in told if isinstance(each, MovementJudged)]


def word(*nodes: MovingNode) -> tuple[Control, str]:
    found, (judged_once,) = shown(*nodes)
    assert found.controls.words[0] is judged_once.control
    return judged_once.control, judged_once.reason


def test_what_operators_agree_on_and_a_record_shows_is_shown_and_reported() -> None:
    found, (judged_once,) = shown(MovingNode(), MovingNode())
    assert judged_once == MovementJudged(ETHER.chain, MOVER, SENT.hash, Control.SHOWN, "")
    assert found.moved == {0: BLOCK.moved(BLOCK.record())}
    assert list(found.witness) == [found.moved[0].record]


def test_operators_that_have_other_blocks_there_leave_it_unverifiable() -> None:
    other = replace(BLOCK, parent=b"\x01" * 32)
    control, reason = word(MovingNode(), MovingNode(other, other.record()))
    assert control is Control.UNVERIFIABLE
    assert "DISAGREEMENT" in reason


def test_so_does_a_block_that_is_not_final() -> None:
    assert word(MovingNode(final=HEIGHT - 1), MovingNode(final=HEIGHT - 1))[0] is Control.UNVERIFIABLE


@pytest.mark.parametrize(
    "record", [b"", b"no record", BLOCK.record()[:-1], MovedBlock((SENT,), time=TIME + 1).record(), None]
)
def test_a_node_that_hands_out_nothing_that_holds_is_passed_over(record: bytes | None) -> None:
    assert word(MovingNode(record=record), MovingNode())[0] is Control.SHOWN
    assert word(MovingNode(record=record), MovingNode(record=record))[0] is Control.UNVERIFIABLE


def test_a_record_that_no_witness_takes_is_none() -> None:
    large = MovingNode(record=BLOCK.record() + bytes(MAX_RECORD))
    assert word(large, MovingNode())[0] is Control.SHOWN
    control, reason = word(large, large)
    assert (control, reason[:11]) == (Control.UNVERIFIABLE, "UNSUPPORTED")


def test_why_none_could_be_had_is_reported() -> None:
    failed = MovingNode(record=NodeError(Why.UNSUPPORTED, "the block has a transaction of type 0x7e"))
    assert word(failed, failed) == (Control.UNVERIFIABLE, "UNSUPPORTED the block has a transaction of type 0x7e")


def test_another_amount_is_unshown_with_its_reason_and_kept() -> None:
    sent = replace(SENT, value=SENT.value + 1)
    block = MovedBlock((sent,))
    of = claim(Holding(ETHER, MOVER, ownership=replace(NAMED, moved=NamedTransaction(sent.hash, HEIGHT))))
    node = MovingNode(block, block.record())
    found, (judged_once,) = shown(node, node, of=of)
    assert judged_once.control is Control.UNSHOWN
    assert "exactly" in judged_once.reason
    assert found.moved == {0: block.moved(block.record())}


def test_one_transaction_is_asked_for_once_for_each_asset_of_the_account() -> None:
    node = MovingNode()
    of = claim(Holding(TOKEN, MOVER, ownership=NAMED), Holding(ETHER, MOVER, ownership=NAMED))
    of = replace(of, assets={**of.assets, TOKEN: of.assets[ETHER]})
    found, told = shown(node, MovingNode(), of=of)
    assert [each.control for each in told] == [Control.SHOWN] * 2
    assert {each.record for each in found.moved.values()} == {*found.witness}
    assert len(node.asked) == 2


def test_a_claim_that_says_nothing_of_when_leaves_it_unverifiable_and_no_node_is_asked() -> None:
    node = MovingNode()
    _, (judged_once,) = shown(node, of=replace(claim(), movements=None))
    assert judged_once.control is Control.UNVERIFIABLE
    assert node.asked == []


def test_a_clock_that_is_behind_the_block_is_wrong() -> None:
    with pytest.raises(InputError, match="set the clock right"):
        shown(MovingNode(), MovingNode(), now=NOW - timedelta(hours=2))


def test_without_a_movement_nothing_is_asked_and_nothing_kept() -> None:
    node = MovingNode()
    found, told = shown(node, of=claim(Holding(ETHER, MOVER)))
    assert (told, node.asked, found.moved, len(found.witness)) == ([], [], {}, 0)
