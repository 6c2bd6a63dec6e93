"""The text of a nodes.yaml that is begun for a claim: what is chosen stands in it, the rest ready to be uncommented."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from textwrap import wrap
from types import MappingProxyType
from typing import Final

from scanner.chains.history import reads_only_tip
from scanner.cli.chosen_nodes import ChainNodes
from scanner.core.evidence import Gap
from scanner.core.ids import Chain
from scanner.sources.presets import OwnNode, Preset

_MOST_ASSETS: Final = 8  # of a chain that are named
_WIDTH: Final = 118  # of a comment
_OWN: Final = "self"  # the operator's name, at all of one's own nodes

_KEPT: Final = {
    True: "past states",
    False: "no past states, and so of no use for a block older than some minutes",
    None: "past states unknown",
}
_NONE: Final[Mapping[Chain, Gap]] = MappingProxyType({})
_PROOFS: Final = {True: "state proofs", False: "no state proofs", None: ""}

_HEAD: Final = """\
# THE INSTRUMENT: which nodes to ask, and what to demand before an answer is believed. Not published with the findings.
# Written by `scanner init`; docs/claim.md explains every key. Change it as you like: nothing writes to it again.
#
# The public endpoints below are NOT VERIFIED: they are what was known of them on {facts_of}. `scanner check` asks each
# whether it is fit, and `scanner check --plan` says what a scan will ask of it. Read their operators' terms of use.
{variables}
policy:
  # A balance is believed when this many operators, independent of each other, say the same to the last atom, or when a
  # node says it that is your own.
  quorum: {quorum}
  # The least ratio of what is held to what is owed that is called COVERED, as a decimal in quotes.
  threshold: "1"

# How many balances of each asset are proven against the block, on chains that have state proofs: all, none, or how many
# are drawn by their amounts. A proof is a question of its own for each account, which at a public endpoint takes long;
# the finding says what was proven, and what a sample of that size may have missed.
prove: {prove}
# A part of the sample's seed that cannot be guessed. Make one with `openssl rand -hex 32`, publish its SHA-256 before
# the exchange publishes its claim, and take the # away:
# sample_nonce: ""

# `operator` is who runs the node, and a quorum counts operators, not nodes: name two nodes of one company alike, or one
# company alone makes your quorum. `own: true` is for nodes that you run yourself: their word is believed alone.
nodes:
"""


def text(
    chains: Sequence[ChainNodes], *, quorum: int, prove: str, facts_of: date, past: Mapping[Chain, Gap] = _NONE
) -> str:
    """The whole file. `past`: chains of which nothing can be read, since the claim is of the past, and why."""
    names = variables(chains)
    listed = f"#\n# To be set in the environment: {', '.join(names)}.\n" if names else ""
    head = _HEAD.format(facts_of=facts_of, variables=listed, quorum=quorum, prove=prove)
    return head + "\n".join(line for chain in chains for line in _chain(chain, quorum, past.get(chain.chain)))


def variables(chains: Sequence[ChainNodes]) -> list[str]:
    """The environment's variables that must be set for what is chosen."""
    keys = {preset.key for chain in chains for preset in (*chain.chosen, *chain.awaiting) if preset.key}
    for chain in chains:
        if chain.own_chosen and chain.own is not None:
            keys.update(part.partition("}")[0] for part in chain.own.url.split("${")[1:])
    return sorted(keys)


def _chain(of: ChainNodes, quorum: int, past: Gap | None) -> Iterator[str]:
    assets = ", ".join(of.assets[:_MOST_ASSETS]) + (" ..." if len(of.assets) > _MOST_ASSETS else "")
    yield f"  # --- {of.name} ({of.chain}): {of.holdings:,} holding{'' if of.holdings == 1 else 's'} of {assets}"
    if past is not None:
        said = f"{past.why}, {past.detail}: all its holdings will be gaps, whatever nodes are named"
        yield from wrap(said, _WIDTH, initial_indent="  # ", subsequent_indent="  #   ")
    elif of.lacks(quorum):
        yield f"  # {len(of.chosen)} of {quorum} operators, and nothing could be believed: add others, or your own node"
    for preset in of.chosen:
        yield from _preset(preset, "")
    for preset in of.awaiting:
        yield f"  # Waits for its key: set {preset.key} in the environment, and take the # away."
        yield from _preset(preset, "# ")
    if of.others:
        yield "  # Others: take the # away."
    for preset in of.others:
        yield from _preset(preset, "# ")
    if of.own is not None:
        if not of.own_chosen:
            yield "  # A node of your own, whose word is enough: take the # away, and the public ones out."
        yield from _own(of, of.own, "" if of.own_chosen else "# ")
    if of.own is None and not (of.chosen or of.awaiting or of.others):
        yield "  # no endpoint is known"
    yield ""


def _preset(preset: Preset, off: str) -> Iterator[str]:
    yield from wrap(f"{preset.operator}: {said_of(preset)}", _WIDTH, initial_indent="  # ", subsequent_indent="  #   ")
    yield f"  {off}- url: {preset.url}"
    yield f"  {off}  chain: {preset.chain}"
    yield f"  {off}  operator: {preset.operator}"
    yield f"  {off}  max_in_flight: {preset.requests_at_once}"


def _own(of: ChainNodes, node: OwnNode, off: str) -> Iterator[str]:
    yield f"  # {node.what}"
    yield f"  {off}- url: {node.url}"
    yield f"  {off}  chain: {of.chain}"
    yield f"  {off}  operator: {_OWN}"
    yield f"  {off}  own: true"
    if node.timeout is not None:
        yield f"  {off}  timeout: {node.timeout}"


def said_of(preset: Preset) -> str:
    """What its operator, or somebody else, says of an endpoint."""
    limits = preset.limits
    said = [
        "only the state as it is now" if reads_only_tip(preset.chain) else _KEPT[preset.archive],
        _PROOFS[preset.proofs],
        f"{limits.requests:,} requests a second" if limits.requests else "",
        f"{limits.units:,} compute units a second" if limits.units else "",
        f"{limits.batch} calls in a request" if limits.batch else "",
        f"needs a key in {preset.key}" if preset.key else "no key",
    ]
    return f"{', '.join(filter(None, said))} ({preset.source})"
