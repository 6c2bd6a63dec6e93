"""Anchors made by nodes of chains whose blocks lead to their ancestors by other proofs than EVM's and Bitcoin's: from a
node to the file, and from the file to what a reader is told who knows a later block.

No node of these chains can be installed from a package registry, so nothing here ran against a real one: simulated ones
serve real headers and states, written from specifications. What a real state of TON has of past blocks is walked in
tests/unit/chains/ton/test_ancestry.py; what one of Polkadot keeps was met in no recorded answer.
"""

from __future__ import annotations

import asyncio
import base64
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from typing import Any

import pytest

from scanner.attesting.anchor_file import anchor_bytes, read_anchor
from scanner.attesting.anchored import AnchoredBlock, Standing, anchored
from scanner.chains.ancestry import Way
from scanner.chains.anchor import Anchor, PathBlock
from scanner.chains.filecoin.cid import cid_text, parse_cid
from scanner.chains.filecoin.node.node import LotusNode
from scanner.chains.filecoin.tipset import tipset_name
from scanner.chains.interface import Node
from scanner.chains.polkadot.node.node import SubstrateNode
from scanner.chains.ton.node.client import Toncenter
from scanner.chains.ton.node.lite_client import LiteClient
from scanner.chains.ton.node.lite_node import LiteServerNode
from scanner.chains.ton.node.node import ToncenterNode
from scanner.clients.transport import JsonRpc
from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain
from scanner.core.node_settings import NodeSettings
from scanner.errors import Why
from scanner.proofs.witness import Witness
from scanner.scanning.anchoring import Unanchored, extend
from scanner.scanning.growing_anchor import GrowingAnchor
from scanner.weighing.instrument import Instrument
from scanner.weighing.policy import Policy
from tests.support.simulated.filecoin_state import block
from tests.support.simulated.lite_server import FIRST, LiteChain, SimLiteServer
from tests.support.simulated.lotus import BEGINS, SECONDS, SimLotus, Tipsets
from tests.support.simulated.opened import at_once
from tests.support.simulated.substrate import Blocks, SimSubstrate, info
from tests.support.simulated.toncenter import Proven, SimToncenter
from tests.support.tables import each_of


@dataclass
class Made:
    """An anchor, and blocks of its chain by their heights as a scan has them."""

    growing: GrowingAnchor = field(default_factory=GrowingAnchor)
    blocks: dict[int, Snapshot] = field(default_factory=dict)
    lacking: list[Unanchored] = field(default_factory=list)

    def shown(self, height: int, trusted: int | str) -> AnchoredBlock:
        """What a reader is told of the block at a height, who read the file and trusts a block."""
        block = self.blocks[height]
        name = trusted if isinstance(trusted, str) else self.blocks[trusted].hash
        anchor = read_anchor(io.BytesIO(b"".join(anchor_bytes(self.growing.anchor))))
        (one,) = anchored([block], anchor, {block.chain: [name]})
        return one


async def extended(made: Made, node: Node, heights: Sequence[int], up_to: int | str | None) -> None:
    """The anchor made to lead down to the blocks at these heights, by this node."""
    settings = node.settings
    tops: dict[Chain, int | str] = {} if up_to is None else {settings.chain: up_to}
    instrument = Instrument(Policy(quorum=1), (settings,))
    asked = [made.blocks[height] for height in heights]
    made.lacking = await extend(made.growing, asked, instrument, up_to=tops, connect=lambda _: node)


def substrate(
    heights: Sequence[int],
    up_to: int | str | None = None,
    *,
    spoil: Callable[[SimSubstrate], object] = lambda _: None,
    begun: GrowingAnchor | None = None,
    blocks: Blocks | None = None,
    late: int | None = None,
) -> Made:
    """An anchor of the blocks at these heights. `spoil`: what becomes of the node before it is asked for one. `late`:
    the height of a block that the attestation has at a later time than it is of."""
    served = relay() if blocks is None else blocks
    made = Made(begun or GrowingAnchor())

    async def make() -> None:
        async with SimSubstrate(served) as server:
            settings = NodeSettings("substrate", server.url, "o", Chain("polkadot", served.hashes[0][2:34]))
            node = SubstrateNode(settings, JsonRpc(settings, sleep=at_once))
            await node.open()
            made.blocks = {height: await node.block_at(height) for height in range(1, len(served.hashes))}
            if late is not None:
                made.blocks[late] = replace(made.blocks[late], time=made.blocks[late].time + timedelta(seconds=1))
            spoil(server)
            await extended(made, node, heights, up_to)

    asyncio.run(make())
    return made


@cache
def relay(hash_count: int = 64) -> Blocks:
    """30 blocks of a relay chain, of which 27 are final."""
    made = Blocks(hash_count=hash_count)
    for number in range(30):
        made.add({b"\x01" * 32: info(number)})
    return made


def test_polkadots_blocks_are_anchored_by_the_hashes_that_a_later_state_keeps() -> None:
    made = substrate([5, 12])
    assert made.lacking == []
    for height, links in ((5, 2), (12, 1)):
        one = made.shown(height, 27)
        assert (one.standing, one.links, one.ways) == (Standing.ANCHORED, links, (Way.HISTORY,))
    one = made.shown(5, made.blocks[26].hash)
    assert (one.standing, "does not lead through the block that you named" in one.reason) == (
        Standing.NOT_ANCHORED,
        True,
    )


def test_polkadots_anchor_is_made_longer_and_leads_from_every_block_on_its_way() -> None:
    first = substrate([5], 9)
    longer = substrate([5], relay().hashes[27], begun=first.growing)
    assert longer.lacking == []
    assert [longer.shown(5, top).links for top in (5, 9, 27)] == [0, 1, 2]
    attested = substrate([5, 9], 27, begun=longer.growing)  # of a block that was only passed before, the time is shown
    assert [attested.shown(9, top).standing for top in (9, 27)] == [Standing.ANCHORED, Standing.ANCHORED]
    assert attested.growing.path(attested.blocks[5].chain) == longer.growing.path(longer.blocks[5].chain)


def test_a_block_of_polkadot_that_was_attested_at_another_time_is_not_anchored_and_hinders_no_other() -> None:
    made = substrate([5, 12, 20], 27, late=12)
    assert made.lacking == []
    assert [made.shown(height, 27).standing for height in (5, 12, 20)] == [
        Standing.ANCHORED,
        Standing.NOT_ANCHORED,
        Standing.ANCHORED,
    ]
    assert "is of another time" in made.shown(12, 27).reason


def test_where_polkadots_state_keeps_fewer_hashes_or_the_node_proves_none_headers_lead_from_parent_to_parent() -> None:
    """As it does where a chain keeps fewer than any stride is long."""
    few = substrate([5], 12, blocks=relay(hash_count=3))
    assert few.lacking == []
    one = few.shown(5, 12)
    assert (one.standing, one.links, one.ways) == (Standing.ANCHORED, 7, (Way.PARENTS,))

    def deny(server: SimSubstrate) -> None:
        def denied(method: str, params: list[Any], result: Any) -> Any:
            is_history = method == "state_getReadProof" and len(params[0][0]) > 2 + 2 * 32
            return {**result, "proof": []} if is_history else result

        server.spoil_result = denied

    without = substrate([5], 12, spoil=deny)
    assert without.shown(5, 12).ways == (Way.PARENTS,)


def test_a_node_of_polkadot_that_lacks_a_state_or_proofs_says_so_and_makes_up_nothing() -> None:
    def lose(server: SimSubstrate) -> None:
        server.keeps = range(6)

    def prove_nothing(server: SimSubstrate) -> None:
        server.proofs = False

    for spoil, why in ((lose, Why.NO_STATE), (prove_nothing, Why.UNSUPPORTED)):
        made = substrate([5], 12, spoil=spoil)
        assert [each.gap.why for each in made.lacking] == [why]
        assert made.shown(5, 12).standing is Standing.NOT_ANCHORED


def test_a_block_of_another_branch_of_polkadot_is_none_to_lead_down_from() -> None:
    fork = Blocks(hash_count=64)
    for number in range(30):
        fork.add({b"\x01" * 32: info(7 if number > 20 else number)})

    def know(server: SimSubstrate) -> None:
        server.forks[fork.hashes[25]] = fork.headers[25]

    (lacking,) = substrate([5], fork.hashes[25], spoil=know).lacking
    assert (lacking.gap.why, "another block at height 25" in lacking.gap.detail) == (Why.WRONG_BLOCK, True)
    (lacking,) = substrate([5], "0x" + "ab" * 32).lacking
    assert lacking.gap.why is Why.WRONG_BLOCK


@pytest.mark.parametrize("what", ["proof", "record"])
def test_what_a_node_of_polkadot_makes_up_leads_nowhere(what: str) -> None:
    """Records of another state, and one that is longer than a reader takes."""

    def spoil(server: SimSubstrate) -> None:
        other = [f"0x{bytes([7] * 40).hex()}"] if what == "proof" else [f"0x{bytes(2**18).hex()}"]
        server.spoil_result = lambda method, _, result: (
            {**result, "proof": other} if method == "state_getReadProof" else result
        )

    made = substrate([5], 12, spoil=spoil)
    assert [each.gap.why for each in made.lacking] == [Why.FORGED if what == "proof" else Why.MALFORMED]
    assert made.shown(5, 12).standing is Standing.NOT_ANCHORED


def lite(
    heights: Sequence[int],
    up_to: int | str | None = None,
    *,
    spoil: Callable[[SimLiteServer], object] = lambda _: None,
    begun: GrowingAnchor | None = None,
) -> Made:
    """An anchor of masterchain blocks of these numbers, by a lite server."""
    made = Made(begun or GrowingAnchor())

    async def make() -> None:
        async with SimLiteServer(masterchain()) as server:
            settings = NodeSettings("liteserver", server.url, "o", Chain("tvm", "-239"))
            node = LiteServerNode(settings, LiteClient(settings, sleep=at_once))
            await node.open()
            made.blocks = {height: await node.block_at(height) for height in masterchain().moments}
            spoil(server)
            await extended(made, node, heights, up_to)

    asyncio.run(make())
    return made


@cache
def masterchain() -> LiteChain:
    """30 blocks."""
    return LiteChain(lambda _: {}).grow(30)


def test_tons_blocks_are_anchored_by_the_blocks_that_a_later_state_has() -> None:
    made = lite([FIRST + 5, FIRST + 12])
    assert made.lacking == []
    for height, links in ((FIRST + 5, 2), (FIRST + 12, 1)):
        one = made.shown(height, FIRST + 29)
        assert (one.standing, one.links, one.ways) == (Standing.ANCHORED, links, (Way.HISTORY,))
    assert made.shown(FIRST + 5, FIRST + 26).standing is Standing.NOT_ANCHORED


def test_tons_anchor_is_made_longer_by_a_server_that_keeps_no_state_but_the_newest() -> None:
    def forget(server: SimLiteServer) -> None:
        server.keeps_states = range(FIRST + 29, FIRST + 30)

    first = lite([FIRST + 5], FIRST + 9)
    longer = lite([FIRST + 5], begun=first.growing, spoil=forget)
    assert longer.lacking == []
    assert [longer.shown(FIRST + 5, FIRST + top).links for top in (5, 9, 29)] == [0, 1, 2]
    (lacking,) = lite([FIRST + 5, FIRST + 12], spoil=forget).lacking
    assert lacking.gap.why is Why.NO_STATE


def test_a_block_of_ton_is_led_down_from_by_its_number_alone() -> None:
    (lacking,) = lite([FIRST + 5], "ab" * 32).lacking
    assert (lacking.gap.why, "by its seqno" in lacking.gap.detail) == (Why.UNSUPPORTED, True)


def toncenter(
    heights: Sequence[int],
    up_to: int | str | None = None,
    *,
    spoil: Callable[[SimToncenter], object] = lambda _: None,
    begun: GrowingAnchor | None = None,
) -> Made:
    """An anchor of masterchain blocks of these numbers, by a toncenter server."""
    made = Made(begun or GrowingAnchor())

    async def make() -> None:
        async with SimToncenter(Proven(masterchain())) as server:
            settings = NodeSettings("toncenter", f"{server.url}api/v2", "o", Chain("tvm", "-239"))
            node = ToncenterNode(settings, Toncenter(settings, sleep=at_once))
            await node.open()
            made.blocks = {height: await node.block_at(height) for height in masterchain().moments}
            spoil(server)
            await extended(made, node, heights, up_to)

    asyncio.run(make())
    return made


def test_tons_blocks_are_anchored_by_toncenter_too_and_its_anchor_is_made_longer_by_a_lite_server() -> None:
    made = toncenter([FIRST + 5, FIRST + 12], FIRST + 20)
    assert made.lacking == []
    for height, links in ((FIRST + 5, 2), (FIRST + 12, 1)):
        one = made.shown(height, FIRST + 20)
        assert (one.standing, one.links, one.ways) == (Standing.ANCHORED, links, (Way.HISTORY,))
    longer = lite([FIRST + 5, FIRST + 12], begun=made.growing)
    assert longer.lacking == []
    assert longer.shown(FIRST + 5, FIRST + 29).links == 3
    assert toncenter([FIRST + 5], FIRST + 6).shown(FIRST + 5, FIRST + 6).ways == (Way.PARENTS,)


FALSE_ANSWERS: dict[str, tuple[Callable[[Any], Any], Why]] = {
    "nothing": (lambda _: {}, Why.MALFORMED),
    "of another block": (lambda result: {**result, "mc_id": {**result["mc_id"], "seqno": 7}}, Why.WRONG_BLOCK),
    "no steps": (lambda result: {**result, "mc_proof": []}, Why.FORGED),
    "steps without end": (lambda result: {**result, "mc_proof": result["mc_proof"] * 17}, Why.MALFORMED),
    "a step that is none": (lambda result: {**result, "mc_proof": [7]}, Why.MALFORMED),
    "no base64": (lambda result: in_step(result, "!"), Why.MALFORMED),
    "no bag": (lambda result: in_step(result, "AAAA"), Why.FORGED),
    "a proof of something else": (
        lambda result: in_step(result, result["mc_proof"][0]["dest_proof"]),
        Why.FORGED,
    ),
}


def in_step(result: Any, proof: str) -> Any:
    """The answer with another proof of the state."""
    return {**result, "mc_proof": [{**result["mc_proof"][0], "state_proof": proof}]}


@each_of("name", FALSE_ANSWERS)
def test_what_a_toncenter_server_makes_up_leads_nowhere(name: str) -> None:
    change, why = FALSE_ANSWERS[name]

    def spoil(server: SimToncenter) -> None:
        server.spoil = lambda method, result: change(result) if method == "getShardBlockProof" else result

    made = toncenter([FIRST + 5], FIRST + 12, spoil=spoil)
    assert [each.gap.why for each in made.lacking] == [why]
    assert made.shown(FIRST + 5, FIRST + 12).standing is Standing.NOT_ANCHORED


def test_a_toncenter_server_that_keeps_no_old_state_says_so() -> None:
    def forget(server: SimToncenter) -> None:
        server.keeps_states = range(FIRST + 29, FIRST + 30)

    (lacking,) = toncenter([FIRST + 5], FIRST + 12, spoil=forget).lacking
    assert lacking.gap.why is Why.NO_STATE
    assert toncenter([FIRST + 5], FIRST + 29, spoil=forget).shown(FIRST + 5, FIRST + 29).standing is Standing.ANCHORED


FALSE_WAYS: dict[str, tuple[Callable[[bytes], bytes], Why]] = {
    "another block": (lambda answer: answer[:120] + b"\x00" + answer[121:], Why.WRONG_BLOCK),
    "another step": (
        lambda answer: answer.replace(bytes.fromhex("ef1b7eef"), bytes.fromhex("1cce0f52")),
        Why.WRONG_BLOCK,
    ),
    "two steps": (lambda answer: answer[:168] + b"\x02" + answer[169:], Why.WRONG_BLOCK),
    "no steps": (lambda answer: answer[:168] + b"\x00" + answer[169:], Why.WRONG_BLOCK),
    "cut short": (lambda answer: answer[:-40], Why.MALFORMED),
    "something more": (lambda answer: answer + bytes(4), Why.MALFORMED),
    "another object": (lambda answer: bytes.fromhex("81288385") + answer[4:], Why.MALFORMED),
    "no bag": (lambda answer: answer.replace(bytes.fromhex("b5ee9c72"), bytes(4)), Why.FORGED),
    "another proof": (lambda answer: answer[:-60] + bytes([answer[-60] ^ 1]) + answer[-59:], Why.FORGED),
}


@each_of("name", FALSE_WAYS)
def test_what_a_lite_server_makes_up_leads_nowhere(name: str) -> None:
    change, why = FALSE_WAYS[name]

    def spoil(server: SimLiteServer) -> None:
        server.spoil = lambda kind, answer: change(answer) if kind == "proof" else answer

    made = lite([FIRST + 5], FIRST + 12, spoil=spoil)
    assert [each.gap.why for each in made.lacking] == [why]
    assert made.shown(FIRST + 5, FIRST + 12).standing is Standing.NOT_ANCHORED


FIL = Chain("fil", "f")


@cache
def tipsets() -> Tipsets:
    """150 heights, of which some have no blocks, with two blocks each; they can be led down in two links."""
    return Tipsets(lambda _: {}).grow(150, frozenset({12, 13, 25, 70}))


def lotus(
    heights: Sequence[int],
    up_to: int | str | None = None,
    *,
    spoil: Callable[[SimLotus], object] = lambda _: None,
    begun: GrowingAnchor | None = None,
) -> Made:
    """An anchor of tipsets at these heights. `spoil`: what becomes of the node before it is asked for one."""
    made = Made(begun or GrowingAnchor())

    async def make() -> None:
        async with SimLotus(tipsets()) as server:
            settings = NodeSettings("lotus", server.url, "o", FIL)
            node = LotusNode(settings, JsonRpc(settings, sleep=at_once))
            await node.open()
            made.blocks = {height: await node.block_at(height) for height in tipsets().blocks if height < 149}
            await node.close()
            node = LotusNode(settings, JsonRpc(settings, sleep=at_once))  # which has kept nothing
            await node.open()
            spoil(server)
            await extended(made, node, heights, up_to)

    asyncio.run(make())
    return made


def test_filecoins_tipsets_are_anchored_by_one_block_of_each() -> None:
    made = lotus([5, 24])
    assert made.lacking == []
    for height, links in ((5, 3), (24, 2)):  # the newest that is final has one above it at height 147
        one = made.shown(height, 146)
        assert (one.standing, one.links, one.ways) == (Standing.ANCHORED, links, (Way.PARENTS,))


def test_a_reader_of_filecoin_may_name_any_block_of_a_tipset_and_the_anchor_is_made_longer_from_there() -> None:
    for place in (0, 1):
        block = cid_text(tipsets().blocks[31][place])
        first = lotus([5], block)
        assert first.lacking == []
        assert first.shown(5, block).standing is Standing.ANCHORED
        longer = lotus([5], 60, begun=first.growing)
        assert longer.lacking == []
        assert [longer.shown(5, top).links for top in (block, 60)] == [1, 2]


def test_a_tipset_of_filecoin_is_led_down_from_by_its_name_where_the_node_has_its_key() -> None:
    name = tipset_name(tipsets().blocks[31])
    assert lotus([5], name).shown(5, name).standing is Standing.ANCHORED

    def have_none(server: SimLotus) -> None:
        server.has_keys = False

    (lacking,) = lotus([5], name, spoil=have_none).lacking
    assert lacking.gap.why is Why.NO_STATE


def test_what_is_no_block_of_filecoins_chain_is_none_to_lead_down_from() -> None:
    store, below = tipsets().store, tipsets().blocks[30]
    stray = cid_text(block(store, 7, 31, below, store.put(["a state"]), time=BEGINS + SECONDS * 31))
    alone = tipset_name(tipsets().blocks[31][:1])
    for name in (stray, alone):
        (lacking,) = lotus([5], name).lacking
        assert lacking.gap.why in (Why.WRONG_BLOCK, Why.NO_STATE)
    known = lotus([5], cid_text(tipsets().blocks[31][0])).growing
    path = known.path(FIL)
    false = GrowingAnchor(
        Anchor({FIL: (PathBlock(path[-1].height, stray), path[0])}, witness=Witness([*records(known), *stored(stray)]))
    )
    (lacking,) = lotus([5], 60, begun=false).lacking
    assert "and the node has another" in lacking.gap.detail


def records(growing: GrowingAnchor) -> list[bytes]:
    return [growing.witness.get(digest) or b"" for digest in growing.witness]


def stored(name: str) -> list[bytes]:
    return [tipsets().store.objects[parse_cid(name)[-32:]]]


@each_of("what", ["another object", "no object", "another tipset"])
def test_what_a_node_of_filecoin_makes_up_leads_nowhere(what: str) -> None:
    def spoil(server: SimLotus) -> None:
        def spoiled(method: str, params: list[Any], result: Any) -> Any:
            if what == "another tipset":
                return server._tipset(40) if method.endswith("AfterHeight") and params[0] == 32 else result
            changed = None if what == "no object" else base64.b64encode(bytes(9)).decode()
            return changed if method.endswith("ReadObj") else result

        server.spoil_result = spoiled

    made = lotus([5], 31, spoil=spoil)
    assert [each.gap.why for each in made.lacking] in ([Why.FORGED], [Why.MALFORMED], [Why.WRONG_BLOCK])
    assert made.shown(5, 31).standing is Standing.NOT_ANCHORED


def test_a_node_of_filecoin_that_hardly_comes_down_is_not_followed_for_ever() -> None:
    """Headers from far above, of a chain that is none: each is its object, and names one that is little below."""
    store, below = tipsets().store, tipsets().blocks[0]
    for height in range(1_000, 1_300):
        below = [block(store, 1, height, below, store.put(["a state"]), time=BEGINS)]
    cids = {"Cids": [{"/": cid_text(each)} for each in below], "Blocks": [{}], "Height": 21}

    def spoil(server: SimLotus) -> None:
        server.spoil_result = lambda method, params, result: (
            cids if method.endswith("AfterHeight") and params[0] == 21 else result
        )

    (lacking,) = lotus([5], 35, spoil=spoil).lacking
    assert (lacking.gap.why, "deeper than any is" in lacking.gap.detail) == (Why.MALFORMED, True)
