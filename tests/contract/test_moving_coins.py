"""A coin that moves once while a chain of the tip is read counts at most once, wherever in both passes it moves.

Of each family whose chains can be read only as they are now: the scan and the backend are the product's own, the nodes
are the simulated ones of each family's suite, whose heads move on while they are asked, on a virtual clock. What two
passes amount to in general is tried in `tests/unit/scanning/test_two_passes.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from scanner.chains.accounts import account_key, account_text
from scanner.chains.aelf.node.client import WebApi
from scanner.chains.aelf.node.node import AelfNode
from scanner.chains.antelope.node.client import Nodeos
from scanner.chains.antelope.node.node import AntelopeNode
from scanner.chains.history import reads_only_tip
from scanner.chains.interface import Node
from scanner.chains.names import parse_asset
from scanner.chains.registry import FAMILIES
from scanner.chains.solana.node.node import SolanaNode
from scanner.chains.tron.node.node import TronNode
from scanner.clients.rest import Rest
from scanner.clients.transport import JsonRpc
from scanner.core.evidence import Balance
from scanner.core.ids import AssetId, Chain
from scanner.core.node_settings import NodeSettings
from scanner.scanning.run import Scan, scan
from scanner.weighing.claim import Asset, Claim, Liability
from scanner.weighing.holdings import Holding, Holdings
from scanner.weighing.instrument import Instrument
from scanner.weighing.policy import Policy
from tests.support import virtual_loop
from tests.support.simulated import aelf, nodeos, solana, tron
from tests.support.simulated.in_process import in_process
from tests.support.strength import FULL

COUNT = 17  # accounts, each a question of its own: more than are looked for at one block
BLOCKS = 150
START = 5  # the block at which a scan begins
BLOCK_SECONDS = 0.25
AMOUNT = 1_000_000  # what each account holds
COINS = 70_000  # what moves
BEGINS = datetime(2026, 3, 1, tzinfo=UTC)

Changes = Sequence[tuple[int, dict[str, int]]]
"""What accounts hold instead from a block on, part by part, by the account's place."""


@dataclass(frozen=True)
class World:
    """One family: its coin, and a node of a chain on which the accounts hold what `at` says of each block."""

    asset: AssetId
    accounts: tuple[bytes, ...]
    node: Callable[[NodeSettings, Callable[[int], list[dict[str, int]]]], Node]
    decimals: int
    parts: tuple[str, ...] = ("liquid",)  # that an account's balance is made of


def head() -> int:
    return START + int(asyncio.get_running_loop().time() / BLOCK_SECONDS)


def _tron(settings: NodeSettings, at: Callable[[int], list[dict[str, int]]]) -> Node:
    chain = tron.TronChain(begins=int(BEGINS.timestamp()))
    for number in range(BLOCKS):
        held = dict(zip(TRON.accounts, at(number), strict=True))
        stakes: dict[bytes, dict[str, Any]] = {
            account: {
                "frozenV2": [{"amount": parts.get("staked", 0)}],
                "unfrozenV2": [{"unfreeze_amount": parts.get("unstaking", 0), "unfreeze_expire_time": 9 * 10**12}],
                "delegated_frozenV2_balance_for_bandwidth": parts.get("delegated", 0),
                "acquired_delegated_frozenV2_balance_for_bandwidth": parts.get("acquired", 0),
            }
            for account, parts in held.items()
        }
        chain.add({account: parts["liquid"] for account, parts in held.items()}, {}, stakes)
    server = tron.SimTron(chain)

    def moves() -> None:
        server.behind = BLOCKS - 1 - head()

    return TronNode(settings, in_process(Rest, settings, server, moves))


def _solana(settings: NodeSettings, at: Callable[[int], list[dict[str, int]]]) -> Node:
    texts = [account_text(SOLANA.asset.chain, key) for key in SOLANA.accounts]
    slots = {
        number: {text: solana.Held(parts["liquid"]) for text, parts in zip(texts, at(number), strict=True)}
        for number in range(1, BLOCKS)
    }
    server = solana.SimSolana(solana.SolanaChain(slots, begins=int(BEGINS.timestamp())))

    def moves() -> None:
        server.behind = BLOCKS - 1 - head()

    return SolanaNode(settings, in_process(JsonRpc, settings, server, moves))


def _antelope(settings: NodeSettings, at: Callable[[int], list[dict[str, int]]]) -> Node:
    def held(parts: dict[str, int]) -> nodeos.Held:
        texts = {name: f"{atoms // 10**4}.{atoms % 10**4:04}" for name, atoms in parts.items()}
        return nodeos.Held(
            f"{texts['liquid']} EOS",
            f"{texts.get('vaulta', '0.0000')} A",
            (f"{texts.get('staked', '0.0000')} EOS", "0.0000 EOS"),
            (f"{texts.get('unstaking', '0.0000')} EOS", "0.0000 EOS"),
        )

    states = [dict(zip(_NAMES, map(held, at(number)), strict=True)) for number in range(BLOCKS)]
    server = nodeos.SimNodeos(nodeos.AntelopeChain(states, begins=BEGINS))

    def moves() -> None:
        server.head = nodeos.FIRST + head()

    return AntelopeNode(settings, in_process(Nodeos, settings, server, moves))


def _aelf(settings: NodeSettings, at: Callable[[int], list[dict[str, int]]]) -> Node:
    states = [
        {key: parts["liquid"] for key, parts in zip(AELF.accounts, at(number), strict=True)} for number in range(BLOCKS)
    ]
    server = aelf.SimAelf(aelf.AelfChain(states, begins=BEGINS))

    def moves() -> None:
        server.best = aelf.FIRST + head()

    return AelfNode(settings, in_process(WebApi, settings, server, moves))


_EOS = parse_asset("antelope:aca376f206b8fc25a6ed44dbdc66547c/slip44:194")
_NAMES = sorted((f"account{letter}" for letter in "abcdefghijklmnopq"), key=lambda name: account_key(_EOS.chain, name))


def _keys(size: int) -> tuple[bytes, ...]:
    return tuple(bytes([number]) * size for number in range(7, 7 + COUNT))


TRON = World(
    parse_asset("tron:728126428/slip44:195"), _keys(20), _tron, 6,
    ("liquid", "staked", "unstaking", "delegated", "acquired"),
)  # fmt: skip
SOLANA = World(parse_asset("solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp/slip44:501"), _keys(32), _solana, 9)
AELF = World(parse_asset("aelf:AELF/slip44:1616"), _keys(32), _aelf, 8)
ANTELOPE = World(
    _EOS, tuple(account_key(_EOS.chain, name) for name in _NAMES), _antelope, 4,
    ("liquid", "vaulta", "staked", "unstaking"),
)  # fmt: skip
WORLDS = {"tron": TRON, "solana": SOLANA, "antelope": ANTELOPE, "aelf": AELF}
TOTAL = COUNT * AMOUNT + COINS


@pytest.fixture(autouse=True)
def questions_of_one_account(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in WORLDS:
        monkeypatch.setitem(FAMILIES, name, replace(FAMILIES[name], batch=1))


Place = tuple[int, str]
"""An account, and a part of what it holds."""


def scanned(world: World, source: Place, target: Place, height: int) -> Scan:
    """Two operators are asked, while some coins that lay at `source` lie at `target` from the block at `height` on."""

    def at(number: int) -> list[dict[str, int]]:
        account, part = source if number < height else target
        held = [{"liquid": AMOUNT} for _ in range(COUNT)]
        held[account][part] = held[account].get(part, 0) + COINS
        if part == "delegated":  # to the last of them, which does not hold it
            held[-1]["acquired"] = COINS
        return held

    claim = Claim(
        exchange="X",
        as_of=BEGINS + timedelta(seconds=60),
        assets={world.asset: Asset("C", world.asset, "C", world.decimals)},
        liabilities={"C": Liability("C", Fraction(TOTAL + 1, 10**world.decimals))},
        holdings=Holdings.of(Holding(world.asset, account) for account in sorted(world.accounts)),
        digest="00" * 32,
    )
    settings = tuple(
        NodeSettings(world.asset.chain.namespace, f"http://{name}", name, world.asset.chain) for name in "ab"
    )
    asked = scan(
        claim,
        Instrument(Policy(max_skew=timedelta(minutes=30)), settings, None),
        connect=lambda each: world.node(each, at),
        clock=lambda: BEGINS + timedelta(minutes=10),
    )
    return virtual_loop.run(asked)[0]


def ways(world: World) -> list[tuple[Place, Place]]:
    """From one account to another, both ways, and from a part of an account to another part, of the same or another."""
    found: list[tuple[Place, Place]] = [((0, "liquid"), (COUNT - 1, "liquid")), ((COUNT - 1, "liquid"), (0, "liquid"))]
    found += [((2, "liquid"), (2, part)) for part in world.parts[1:] if part != "acquired"]
    found += [((1, part), (4, "liquid")) for part in world.parts[1:] if part != "acquired"]
    return found


def test_every_family_that_is_read_at_the_tip_is_tried_here() -> None:
    networks = {"tron": "728126428", "solana": SOLANA.asset.chain.reference, "aelf": "AELF",
                "antelope": _EOS.chain.reference}  # fmt: skip
    tips = {name for name in FAMILIES if reads_only_tip(Chain(name, networks.get(name, "1")))}
    assert tips == set(WORLDS)


@pytest.mark.parametrize("name", WORLDS)
def test_a_coin_that_moves_once_at_any_point_of_both_passes_counts_at_most_once(name: str) -> None:
    world = WORLDS[name]
    still = scanned(world, (0, "liquid"), (0, "liquid"), 0)
    (twice,) = still.finding.passes
    first, last = twice.earliest.height, twice.latest.height
    base = {"antelope": nodeos.FIRST, "aelf": aelf.FIRST}.get(name, 0)
    assert still.finding.reserves[0].held * 10**world.decimals == TOTAL
    moved = 0
    for source, target in ways(world):
        for step in range(0, last - first + 3, 1 if FULL else 3):
            result = scanned(world, source, target, first - base - 1 + step)
            (reserve,), (twice,) = result.finding.reserves, result.finding.passes
            atoms = reserve.held * 10**world.decimals
            assert all(isinstance(row.outcome, Balance) for row in result.rows)
            assert atoms in (TOTAL - COINS, TOTAL)
            assert reserve.verdict != "COVERED"
            assert atoms == TOTAL or reserve.at_least
            if source[0] == target[0]:  # it stayed in its account
                assert atoms == TOTAL
            moved += twice.moved
    assert moved
