"""Panels made up at random: honest and lying operators, tokens of lying issuers, a claim, a policy, a sample.

    panel = LyingPanel(number)
    result = panel.scan()             # the product's own run, from nodes to finding
    panel.reading(asset, account)     # what is so

Everything follows from the number. What one rule weighs against the other is not left to chance: any `SETTINGS`
panels in a row have every number of honest and of lying operators, with and without an own one, under every quorum and
either way of dissent; any `SETTINGS * SAMPLES` have each of these with every size of sample. All else is drawn.

What is so is written down beforehand, apart from what any operator says of it:

    a coin       what the state holds; its nodes can lie, and cannot prove a lie
    a token      its balance is what its contract's code says to everyone; none where that refuses, or tells callers
                 apart. The issuer may plant other words in a second mapping, which the code does not read
    operators    the honest say what is so, or nothing, or of a chain without proofs a lower bound of it; the others say
                 whatever suits them, alike or each by itself
    proofs       nobody can forge one; where no honest node hands them out, some are held back

Not in here: any rule of the scanner's, and what must follow (`unit/test_lying_panels.py`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction
from itertools import product
from random import Random
from types import MappingProxyType
from typing import Any, Final

from scanner.chains.evm.known_layouts import known_layout
from scanner.chains.evm.slots import Order, StorageLayout, layouts
from scanner.chains.interface import Node
from scanner.chains.names import parse_asset, parse_chain
from scanner.core.evidence import Basis, Gap, Snapshot
from scanner.core.ids import AssetId
from scanner.core.lower_bound import AtLeast, Word
from scanner.core.node_settings import NodeSettings
from scanner.errors import Why
from scanner.scanning.run import Scan, scan
from scanner.weighing.claim import Asset, Claim, Liability
from scanner.weighing.holdings import Holding, Holdings, holding_order
from scanner.weighing.instrument import Instrument
from scanner.weighing.policy import Dissent, Policy
from tests.support.simulated.built_evm import CONDITIONS, BuiltEvm
from tests.support.simulated.built_state import BuiltState
from tests.support.simulated.scripted_node import GENESIS_TIME, Nodes, ProvingChain, ScriptedChain
from tests.support.simulated.token_code import RETURN_WORD, token, word_of

ETHEREUM: Final = parse_chain("eip155:1")
APTOS: Final = parse_chain("aptos:1")  # its state cannot be proven, and nodes may know of a part alone
COIN: Final = Asset("ETH", parse_asset("eip155:1/slip44:60"), "ETH", 18)
COIN_ELSEWHERE: Final = Asset("APT", parse_asset("aptos:1/slip44:637"), "APT", 8)
KNOWN: Final = Asset("DAI", parse_asset("eip155:1/erc20:0x6b175474e89094c44da98b954eedeac495271d0f"), "ETH", 18)
EXECUTED: Final = Asset("USDX", parse_asset("eip155:1/erc20:0xdadadadadadadadadadadadadadadadadadadada"), "USD", 18)
ASSETS: Final = (COIN, COIN_ELSEWHERE, KNOWN, EXECUTED)
HEIGHT: Final = 50
HOLDERS: Final = tuple(bytes([number]) * 20 for number in range(1, 7))
HOLDERS_ELSEWHERE: Final = tuple(bytes([number]) * 32 for number in range(1, 4))

_OPERATORS: Final = (  # honest, and lying
    *((0, 1), (0, 2), (0, 3), (1, 0), (1, 1), (1, 2), (1, 3)),
    *((2, 0), (2, 1), (2, 2), (2, 3), (3, 1), (3, 4)),
)
_SETTINGS: Final = tuple(product(_OPERATORS, (False, True), (1, 2, 3), Dissent))
_SAMPLES: Final = (None, 0, 1, 2, 3, 4, len(HOLDERS))
SETTINGS: Final = len(_SETTINGS)
SAMPLES: Final = len(_SAMPLES)

_BEHAVIOUR: Final = StorageLayout("how balanceOf behaves", Order.SOLIDITY, (99).to_bytes(32))
_LAYOUTS: Final = [layout for layout in layouts() if layout.name != "Solidity mapping at slot 9"]  # each other words
_CONDITIONS: Final = (
    "ORIGIN ISZERO",
    "GASPRICE ISZERO",
    "4000000 GAS GT",
    "CALLER EXTCODESIZE ISZERO",
    "CALLER ISZERO",
)
_BEHAVES: Final = f"""
    1 {word_of(_BEHAVIOUR)} EQ ISZERO @answers JUMPI
    0 0 REVERT
    answers:
    2 {word_of(_BEHAVIOUR)} EQ ISZERO @alike JUMPI
    {{condition}} 1 ADD 0x40000000000000000000000 MUL {RETURN_WORD}
    alike:
"""
_REFUSED: Final = Gap(Why.NO_TOKEN, "the contract refuses")
_TOLD_APART: Final = Gap(Why.CALLER_DEPENDENT, "one caller is told another balance than another")
_SILENT: Final = Gap(Why.UNREACHABLE, "timed out")


@dataclass(frozen=True)
class Truth:
    """Of one asset, by holder: what everyone reads, or why no one reads one amount; and what the issuer planted."""

    readings: Mapping[bytes, int | Gap]
    planted: Mapping[bytes, int]


@dataclass(frozen=True)
class Teller:
    """An operator, and whether what it says can be other than what is so."""

    name: str
    lies: bool
    own: bool
    proves: bool


class LyingPanel:
    """One case."""

    def __init__(self, number: int, *, through_real_nodes: bool = False) -> None:
        """`through_real_nodes`: balances are read, and proofs fetched, by the product's own nodes of EVM chains. Then
        every operator answers everything and hands out all proofs."""
        self._luck = luck = Random(number)
        self.number = number
        self.through_real_nodes = through_real_nodes
        rounds, place = divmod(number, SETTINGS)
        (honest, liars), own, quorum, dissent = _SETTINGS[place]
        self.prove = _SAMPLES[(rounds + place) % SAMPLES]
        self.tellers = self._tellers(honest, liars, own=own)
        self.truth: Mapping[AssetId, Truth] = MappingProxyType({asset.id: self._truth(asset) for asset in ASSETS})
        self.policy = Policy(
            quorum,
            dissent=dissent,
            require={unit: luck.choice(list(Basis)) for unit in ("ETH", "USD", "APT") if luck.random() < 0.4},
            contracts=frozenset({KNOWN.id, EXECUTED.id}),
        )
        self.silence = 0 if through_real_nodes else luck.choice([0, 0, 0, 0.1, 0.5])  # of honest operators
        self.claim = self._claim()
        self._state = self._built_state()
        self.bounded = 0 if through_real_nodes else luck.choice([0, 0, 0.2, 0.6])  # how often only from below
        self._said: dict[str, dict[tuple[AssetId, bytes], Any]] = {teller.name: {} for teller in self.tellers}
        for asset in ASSETS:
            self._say(asset)

    # --- what is so

    def reading(self, asset: AssetId, account: bytes) -> int | None:
        """The balance that everyone is told by the chain; None where there is none that everyone is told."""
        reading = self.truth[asset].readings[account]
        return None if isinstance(reading, Gap) else reading

    def held(self, unit: str) -> Fraction:
        """What is held of a unit, in whole coins."""
        return sum(
            (
                Fraction(self.reading(asset.id, account) or 0, 10**asset.decimals)
                for asset in ASSETS
                if asset.backs == unit
                for account in self._holders(asset)
            ),
            Fraction(0),
        )

    @property
    def liars(self) -> frozenset[str]:
        return frozenset(teller.name for teller in self.tellers if teller.lies)

    @property
    def own(self) -> frozenset[str]:
        return frozenset(teller.name for teller in self.tellers if teller.own)

    def heard(self, asset: AssetId, account: bytes) -> Mapping[str, Word | Gap]:
        """What the honest operators that have an answer say: the balance, that there is at least so much, or that there
        is none that everyone is told."""
        honest = ((teller.name, self._said[teller.name][asset, account]) for teller in self.tellers if not teller.lies)
        return {name: word for name, word in honest if word != _SILENT}

    def is_told_apart(self, asset: AssetId, account: bytes) -> bool:
        """Whether the contract tells this balance by who asks."""
        return self.truth[asset].readings[account] == _TOLD_APART

    @property
    def honest_proofs(self) -> bool:
        """Whether every proof is to be had."""
        return self.through_real_nodes or any(teller.proves and not teller.lies for teller in self.tellers)

    @property
    def nothing_is_wrong(self) -> bool:
        """Whether everyone says what is so, all of it, and the tokens are what they seem."""
        tokens = not any(isinstance(reading, Gap) for of in self.truth.values() for reading in of.readings.values())
        return tokens and not (self.liars or self.silence or self.bounded) and self.honest_proofs

    # --- what is asked

    def scan(self) -> Scan:
        """The whole run: pinned, read, settled, drawn, proven, judged, weighed."""
        nodes = Nodes()
        connect = self._real_node(nodes) if self.through_real_nodes else nodes.connect
        for teller in self.tellers:
            said, decimals = self._said[teller.name], {asset.id: asset.decimals for asset in (KNOWN, EXECUTED)}
            if teller.proves:
                spoil = self._held_back() if teller.lies else list
                nodes.add(
                    ProvingChain(ETHEREUM, state=self._state, balances=said, decimals=decimals, spoil_nodes=spoil),
                    teller.name,
                    own=teller.own,
                )
            else:
                nodes.add(
                    _Twin(ETHEREUM, balances=said, decimals=decimals, state=self._state), teller.name, own=teller.own
                )
            nodes.add(ScriptedChain(APTOS, balances=said), teller.name, own=teller.own)
        instrument = Instrument(self.policy, tuple(nodes.settings), self.prove)
        return asyncio.run(scan(self.claim, instrument, connect=connect))

    def _real_node(self, nodes: Nodes) -> Callable[[NodeSettings], Node]:
        """The product's own EVM nodes of the chain that has proofs, before chains of which each says what it says."""
        luck = self._luck
        condition = luck.choice(CONDITIONS)

        def connect(settings: NodeSettings) -> Node:
            if settings.chain != ETHEREUM:
                return nodes.connect(settings)
            said = {
                place: atoms for place, atoms in self._said[settings.operator].items() if place[0].chain == ETHEREUM
            }
            return BuiltEvm.node(settings, BuiltEvm(self._state, self.claim.assets, said, condition), luck)

        return connect

    # --- how it is made up

    def _tellers(self, honest: int, liars: int, *, own: bool) -> Sequence[Teller]:
        luck = self._luck
        only_liars_prove = bool(liars) and luck.random() < 0.4
        lying = [True] * liars + [False] * honest
        luck.shuffle(lying)
        proving = [luck.random() < 0.7 and (lies or not only_liars_prove) for lies in lying]
        return tuple(
            Teller(f"op{at}", lies, own and at == 0, proves)
            for at, (lies, proves) in enumerate(zip(lying, proving, strict=True))
        )

    def _truth(self, asset: Asset) -> Truth:
        luck = self._luck
        digits = luck.choice([3, 12, 20])
        held: dict[bytes, int | Gap] = {
            holder: luck.choice([0, luck.randrange(10**digits), 10 ** luck.randint(0, 20), luck.randrange(10**20)])
            for holder in self._holders(asset)
        }
        planted = {holder: atoms for holder, atoms in held.items() if isinstance(atoms, int)}
        if asset is EXECUTED and luck.random() < 0.7:
            share = luck.choice([0.15, 0.3, 0.5])
            for holder, atoms in list(planted.items()):
                if luck.random() < share:
                    planted[holder] = luck.choice([0, atoms + 1, 3 * atoms + 10**21])
                if luck.random() < share / 2:
                    held[holder] = luck.choice([_REFUSED, _TOLD_APART])
        return Truth(held, planted)

    @staticmethod
    def _holders(asset: Asset) -> Sequence[bytes]:
        return HOLDERS_ELSEWHERE if asset is COIN_ELSEWHERE else HOLDERS

    def _claim(self) -> Claim:
        luck = self._luck
        atom = Fraction(1, 10**18)
        owed = {unit: self.held(unit) for unit in ("ETH", "USD", "APT")}
        owed = {unit: luck.choice([held, held + atom, held + atom, 2 * held + 1]) for unit, held in owed.items()}
        holdings = [Holding(asset.id, holder) for asset in ASSETS for holder in self._holders(asset)]
        return Claim(
            exchange="X",
            as_of=GENESIS_TIME + timedelta(minutes=HEIGHT),
            assets={asset.id: asset for asset in ASSETS},
            liabilities={unit: Liability(unit, amount) for unit, amount in owed.items()},
            holdings=Holdings.of(sorted(holdings, key=lambda each: holding_order(each.asset, each.account))),
            digest=f"{self.number:064x}",
            snapshots={ETHEREUM: HEIGHT, APTOS: HEIGHT},
        )

    def _built_state(self) -> BuiltState:
        kept, elsewhere = self._luck.sample(_LAYOUTS, 2)
        readings, planted = self.truth[EXECUTED.id].readings, self.truth[EXECUTED.id].planted
        words = {elsewhere.key(holder): atoms for holder, atoms in planted.items()}
        for holder, reading in readings.items():
            words[kept.key(holder)] = planted[holder] if isinstance(reading, Gap) else reading
            words[_BEHAVIOUR.key(holder)] = 0 if isinstance(reading, int) else 1 + (reading == _TOLD_APART)
        return BuiltState(
            ETHEREUM,
            {holder: atoms for holder, atoms in self.truth[COIN.id].planted.items() if atoms},
            {
                KNOWN.id.contract: {_known().key(holder): at for holder, at in self.truth[KNOWN.id].planted.items()},
                EXECUTED.id.contract: words,
            },
            height=HEIGHT,
            time=GENESIS_TIME + timedelta(minutes=HEIGHT),
            codes={EXECUTED.id.contract: token(kept, _BEHAVES.format(condition=self._luck.choice(_CONDITIONS)))},
        )

    def _say(self, asset: Asset) -> None:
        """What every operator says of an asset: those that lie follow one plot, or each its own."""
        luck = self._luck
        share = luck.choice([0, 0.2, 0.5, 1])
        plot = self._lies(asset, share)
        for teller in self.tellers:
            told = self._said[teller.name]
            lies = plot if luck.random() < 0.85 else self._lies(asset, share)
            for holder in self._holders(asset):
                if teller.lies:
                    told[asset.id, holder] = lies[holder]
                else:
                    told[asset.id, holder] = self._honest_word(asset, self.truth[asset.id].readings[holder])

    def _honest_word(self, asset: Asset, reading: int | Gap) -> Word | Gap:
        luck = self._luck
        if luck.random() < self.silence:
            return _SILENT
        if asset is COIN_ELSEWHERE and isinstance(reading, int) and luck.random() < self.bounded:
            return AtLeast(luck.choice([reading, reading // 2, 0]))
        return reading

    def _lies(self, asset: Asset, share: float) -> Mapping[bytes, Word | Gap]:
        luck, truth = self._luck, self.truth[asset.id]
        favourite = luck.randrange(6)
        lies: dict[bytes, Word | Gap] = {}
        for holder in self._holders(asset):
            planted, reading = truth.planted[holder], truth.readings[holder]
            atoms = planted if isinstance(reading, Gap) else reading
            choices: list[Word | Gap] = [2 * atoms + 10**18, planted, atoms + 1, 0]
            choices += [atoms, atoms] if self.through_real_nodes else [_SILENT, AtLeast(2 * atoms + 10**18)]
            lie = choices[favourite] if luck.random() < 0.7 else luck.choice(choices)
            lies[holder] = lie if luck.random() < share else atoms
        return lies

    def _held_back(self) -> _HoldingBack:
        """The last nodes of some proofs, which a lying node does not hand out."""
        luck, state = self._luck, self._state
        share = luck.choice([0, 0.3, 0.6, 1])
        chosen = [holder for holder in HOLDERS if luck.random() < share]
        nodes = [state.account_proof(holder)[-1:] for holder in chosen]
        for asset, layout in ((KNOWN, _known()),):
            nodes += [state.storage_proof(asset.id.contract, layout.key(holder))[-1:] for holder in chosen]
        return _HoldingBack(frozenset(node for proof in nodes for node in proof))


@dataclass(frozen=True)
class _HoldingBack:
    nodes: frozenset[bytes]

    def __call__(self, given: Iterable[bytes]) -> list[bytes]:
        return [node for node in given if node not in self.nodes]


@dataclass
class _Twin(ScriptedChain):
    """The same chain, of a node that knows no proofs."""

    state: BuiltState = field(kw_only=True)

    def block(self, height: int) -> Snapshot:
        return self.state.snapshot if height == self.state.height else super().block(height)


def _known() -> StorageLayout:
    layout = known_layout(KNOWN.id)
    if layout is None:
        raise LookupError(f"{KNOWN.id} is not in the table")
    return layout
