"""Which nodes a nodes.yaml is begun with: chain by chain the public endpoints to ask, and whether a node of one's own.

Chosen are as many operators as the quorum demands: first those that keep past states, as a claim is of a moment that is
past; among them first those that ask for no key. One that keeps no past state is never chosen by itself: every balance
would be a gap. One whose key is not set waits for it, and others are asked in its place, if there are any: a file that
names a key that is not set is refused as a whole. Not in here: how the file is written (`nodes_text`), and who is asked
what (`init`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from scanner.chains.names import name_of
from scanner.chains.registry import BACKENDS
from scanner.core.ids import Chain
from scanner.errors import InputError
from scanner.sources.node_url import UrlError, parse_url
from scanner.sources.presets import OwnNode, Preset, Presets
from scanner.weighing.claim import Claim


@dataclass(frozen=True, slots=True)
class ChainNodes:
    """What a nodes.yaml has of one chain."""

    chain: Chain
    name: str
    holdings: int
    assets: tuple[str, ...]  # labels
    chosen: tuple[Preset, ...]
    awaiting: tuple[Preset, ...]  # that would be chosen, if their keys were set
    others: tuple[Preset, ...]  # that could be asked as well
    own: OwnNode | None  # where one of one's own mostly listens
    own_chosen: bool = False

    def lacks(self, quorum: int) -> bool:
        """Whether no balance of this chain could be believed."""
        return not self.own_chosen and len(self.chosen) < quorum


def usual(candidates: Iterable[Preset], quorum: int, is_set: Collection[str]) -> tuple[Preset, ...]:
    """As many as the quorum demands, those first that are most likely to answer; and those whose keys are not set, as
    far as the others are too few."""
    fit = [preset for preset in candidates if preset.archive is not False]
    fit.sort(key=lambda preset: (preset.archive is None, preset.key is not None))  # else in the table's order
    usable = [preset for preset in fit if preset.key is None or preset.key in is_set]
    return tuple([*usable, *(preset for preset in fit if preset not in usable)][:quorum])


def chain_nodes(
    claim: Claim,
    chain: Chain,
    presets: Presets,
    *,
    quorum: int,
    operators: Collection[str] | None,
    own: Mapping[Chain, str | None],
    is_set: Collection[str],
) -> ChainNodes:
    """`is_set`: the environment's variables. `operators`: by name, in place of the usual ones. `own`: chains with a
    node of one's own, and its URL where it is none of those at which such nodes mostly listen.
    """
    counts = {asset: count for asset, count in claim.holdings.counts().items() if asset.chain == chain}
    candidates, at = presets.of(chain), presets.own(chain)
    if operators is not None:
        wanted = tuple(preset for preset in candidates if preset.operator in operators)
    else:
        wanted = () if chain in own else usual(candidates, quorum, is_set)
    chosen = tuple(preset for preset in wanted if preset.key is None or preset.key in is_set)
    if url := own.get(chain):
        at = OwnNode(url, "a node of your own", at.timeout if at else None)
    return ChainNodes(
        chain=chain,
        name=name_of(chain) or str(chain),
        holdings=sum(counts.values()),
        assets=tuple(sorted(claim.assets[asset].label for asset in counts)),
        chosen=chosen,
        awaiting=tuple(preset for preset in wanted if preset not in chosen),
        others=tuple(preset for preset in candidates if preset not in wanted),
        own=at,
        own_chosen=chain in own and at is not None,
    )


def check_own(own: Mapping[Chain, str | None], chains: Sequence[Chain], presets: Presets) -> None:
    """Raises InputError for a chain that the claim does not name, a URL that no node has, or one URL for two chains."""
    mistakes, taken = [], dict[str, Chain]()
    for chain, url in own.items():
        usual_place = presets.own(chain)
        if chain not in chains:
            mistakes.append(f"{chain} is none of the claim's chains, which are {', '.join(map(str, chains))}")
            continue
        if url is None and usual_place is None:
            mistakes.append(f"no kind of node is known for {chain}")
            continue
        where = url or (usual_place.url if usual_place else "")
        if url is not None:
            try:
                kind = parse_url(url, ANYTHING).kind
            except UrlError as error:
                mistakes.append(f"the URL for {chain} {error}")
                continue
            served, _ = BACKENDS[kind]
            if served.namespace != chain.namespace:
                mistakes.append(f"the URL for {chain} is of a {kind} node, which serves {served.namespace} chains")
        if where in taken:
            mistakes.append(f"{taken[where]} and {chain} have one URL; say where each node listens, as CHAIN=URL")
        taken[where] = chain
    if mistakes:
        raise InputError.at("--own", "; ".join(mistakes))


class _Anything(Mapping[str, str]):
    """An environment in which every variable is set: what a template may hold is tried, not what it holds today. Two
    variables are two values, as they may be two hosts."""

    def __getitem__(self, name: str) -> str:
        return f"x{name}"

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


ANYTHING: Final = _Anything()
