"""Sentences that the terminal and the page have in common: of verdicts, of reasons, of what a basis rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from scanner.core.amounts import exact, parse_decimal
from scanner.core.control import Control
from scanner.errors import Why
from scanner.report.cells import amount, moment, percent
from scanner.weighing.contracts import Known
from scanner.weighing.proving import Cause
from scanner.weighing.withheld import Withheld

OVERALL: Final[Mapping[str, str]] = MappingProxyType(
    {
        "COVERED": "every unit is covered",
        "SHORT": "at least one unit is not covered, on complete evidence",
        "UNKNOWN": "no unit is shown to be short, and not all are shown to be covered",
    }
)

REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        Why.UNREACHABLE: "no answer came, however often it was asked for",
        Why.RATE_LIMITED: "the node kept asking for less",
        Why.UNAUTHORIZED: "the node asks for other credentials",
        Why.REFUSED: "the node answered with an error of its own",
        Why.MALFORMED: "the answer is none that the node's documentation allows",
        Why.WRONG_CHAIN: "the node serves another chain",
        Why.WRONG_BLOCK: "the node does not know the block, or answered for another",
        Why.NOT_FINAL: "the block might still be replaced",
        Why.NO_STATE: "the node no longer keeps the state of that block",
        Why.NO_PAST: "such a chain can be read only as it is now, and the claim is of another moment",
        Why.NO_TOKEN: "the token's contract gave no balance at that block",
        Why.CALLER_DEPENDENT: "the token's contract gives another balance to another caller",
        Why.WRONG_DECIMALS: "the token counts in other decimals than the claim says",
        Why.UNCONFIRMED_DECIMALS: "neither its contract nor a table says in which decimals it counts",
        Why.FORGED: "a proof or header does not hold",
        Why.UNSUPPORTED: "no configured node can answer this",
        Why.NO_QUORUM: "fewer independent operators answered than the policy demands",
        Why.DISAGREEMENT: "operators gave different answers",
        Why.OWN_CONTRACT: "the account is the contract of a claimed asset: the same coins would count twice",
        Why.NO_KEY: "the account belongs to no one: no key moves what lies there, or it is held for others",
        Why.SAME_ACCOUNT: "the account stands in the claim twice, under two names of one ledger",
        Why.CONTRADICTED: "it rests on operators that a proof contradicted elsewhere",
        Why.UNPROVEN: "balances of the asset were drawn to be proven, and not all of them could be",
        Why.WEAK_BASIS: "it was read, but on a weaker basis than the policy requires to count it",
        Why.NO_CONTROL: "it was read, but less is shown of who controls the account than the policy requires",
        Why.ALIAS: "it was read, but the contract shows the balances of another asset again, and the policy does"
        " not name the two as distinct",
        Why.UNKNOWN_CONTRACT: "it was read, but only the claim says that the contract's tokens are the coin, and the"
        " policy does not vouch for the contract",
    }
)
"""Why a holding is a gap, each in a few words."""

MEANINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "proven": "Proven: hashes lead from the block to the balance, so that no node has to be believed. What is"
        " left to believe is that the block is the chain's and, for tokens in the table, that the contract keeps its"
        " balances where its source code says.",
        "quorum": "Quorum: as many independent operators of nodes as the policy demands reported the same balance.",
        "own": "Own: the auditor's own node reported it, and fewer operators than the policy demands.",
    }
)
"""What each basis of a balance means, in a line."""

WITHHELD: Final[Mapping[str, str]] = MappingProxyType(
    {
        Withheld.MOMENTS_APART: "the blocks of its chains lie too far apart, or from the claim's moment",
        Withheld.OWED_CONTRADICTED: "what the exchange published contradicts what it states that it owes",
        Withheld.OWED_UNSHOWN: "less is shown of what is owed than the policy requires",
    }
)
"""Why no verdict is given on a unit, whatever is held of it."""

CAUSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        Cause.NO_STATE: "a node keeps no state for proofs of a block so old, or its plan excludes it",
        Cause.UNSUPPORTED: "a node does not serve proofs",
        Cause.UNAUTHORIZED: "a node asked for other credentials",
        Cause.REFUSED: "a node answered with an error of its own",
        Cause.RATE_LIMITED: "a node kept asking for less",
        Cause.UNREACHABLE: "a node did not answer",
        Cause.WRONG_BLOCK: "a node does not know the block",
        Cause.NOT_FINAL: "a node has not reached the block",
        Cause.WRONG_CHAIN: "a node serves another chain",
        Cause.MALFORMED: "what a node gave is no proof",
        Cause.HEADER_MISMATCH: "a node's header does not hash to the block in any known layout",
        Cause.EARLIER_STATE: "the block's header commits to the state after an earlier block",
        Cause.INCOMPLETE: "what a node gave does not lead from the block to the balance",
        Cause.NO_CODE: "there is no contract at the token's address",
        Cause.UNDETERMINED: "the token's code, executed, answers by what no proof shows",
        Cause.NO_BALANCE: "the token's code, executed, answers with no balance",
        Cause.TOO_LARGE: "the proof, or what the token's code does for an answer, is larger than is taken",
    }
)
"""Why balances of an asset went without proofs."""

KNOWN: Final[Mapping[str | None, str]] = MappingProxyType(
    {
        Known.COIN: "a chain's own coin",
        Known.TABLE: "the table of contracts has it as the coin's own on that chain",
        Known.VOUCHED: "the auditor vouches for its contract",
        None: "only the claim says that it is the coin's own, so nothing of it counts",
    }
)
"""How an asset is known to be the unit's own."""

CONTROL: Final[Mapping[str, str]] = MappingProxyType(
    {
        Control.SHOWN: "the accounts' keys signed this engagement's message, or moved an amount that follows from it",
        Control.REPLAYABLE: "the keys signed another message, at whatever time, or none was set",
        Control.UNSHOWN: "a proof was published, and it does not hold",
        Control.UNVERIFIABLE: "a proof was published that cannot be judged",
        Control.ABSENT: "no proof was published",
    }
)
"""What each word of control says of the accounts."""


def without_proof(causes: Sequence[str]) -> str:
    """Why an asset's balances went without proofs, by name and in words."""
    return "; ".join(f"{cause}, {CAUSES.get(cause, '')}" for cause in causes)


def low_threshold(finding: Mapping[str, Any]) -> str | None:
    """A sentence for the first lines of every report, where COVERED may mean less than all; None where it cannot."""
    threshold = parse_decimal(finding["policy"]["threshold"])
    if threshold >= 1:
        return None
    least = f"{exact(threshold * 100)}%"
    return f"The policy calls a coin covered from a ratio of {least} on, which is less than all that is owed."


def not_established(reserve: Mapping[str, Any]) -> bool:
    """Whether none of a unit's holdings counts, so that nothing is known of what is held: that is no zero."""
    return bool(reserve["held"] == "0" and 0 < reserve["holdings"] == reserve["gaps"])


def unread_at(unit: Mapping[str, Any]) -> bool:
    """Whether nothing of a unit is known at one of several moments: what is stated there is no zero."""
    return unit["held"] == "0" and bool(unit["gaps"])


def held_at(unit: Mapping[str, Any]) -> str:
    """What was held of a unit at one of several moments: "1,230.5", "≥1,230.5" where there may be more."""
    if unread_at(unit):
        return "not established"
    return f"{'≥' if unit['gaps'] or unit['atLeast'] else ''}{amount(unit['held'])}"


def has_ratio(reserve: Mapping[str, Any]) -> bool:
    """Whether a unit's ratio may be shown: there is one, no verdict is withheld, and something of it was read."""
    return reserve["ratio"] is not None and not reserve["withheld"] and not not_established(reserve)


def ratio_in_figures(reserve: Mapping[str, Any], *, complete: bool = True) -> str:
    """ "103.08%", "≥97.20%" where more may be held: a balance was not read, or is a lower bound, or the claim is of a
    part. Of a unit that has a ratio to show (`has_ratio`)."""
    may_be_more = reserve["gaps"] or reserve["atLeast"] or not complete
    return f"{'≥' if may_be_more else ''}{percent(reserve['ratio'])}"


def not_covered(reserve: Mapping[str, Any], *, complete: bool) -> str | None:
    """Why a unit is UNKNOWN, or SHORT although nothing was read for it; None where its figures say so themselves."""
    if reserve["verdict"] == "SHORT" and reserve["owed"] and not reserve["holdings"]:
        return f"no account is declared for the {amount(reserve['owed'])} owed"
    if reserve["verdict"] != "UNKNOWN":
        return None
    reasons = {
        "the claim does not say what is owed": reserve["owed"] is None,
        **{WITHHELD[reason["why"]]: True for reason in reserve["withheld"][:1]},
        "none of the balances could be established": not_established(reserve),
        "not all balances could be established": reserve["gaps"] > 0,
        "of some balances only a lower bound could be established": reserve["atLeast"] > 0,
        "the claim lists only a part of the exchange's accounts": not complete,
        "third parties are said to hold more, without addresses": reserve["custody"] != "0",
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def contradictions(finding: Mapping[str, Any]) -> Iterator[str]:
    """Where proofs showed that an operator said what is not so, and what that operator's word is worth since."""
    for each in finding["contradicted"]:
        who, one = ", ".join(each["operators"]), len(each["operators"]) == 1
        kind = "sampled" if finding["proving"]["sample"] else "proven"
        if each["certain"]:
            yield (
                f"{each['contradicting']:,} of {each['proofs']:,} {kind} balances were false as reported by {who}:"
                f" {'this operator counts' if one else 'these operators count'} for nothing on {each['on']}, and"
                f" {'supports' if one else 'support'} no balance without a proof on any other."
            )
        else:
            where = f"On {each['on']}" if "/" in each["on"] else "On every chain"
            yield (
                f"{each['contradicting']:,} of {each['proofs']:,} {kind} balances are not in the contract's storage as"
                f" read by {who}: the contract makes an exception there, or an operator reports falsely. {where}"
                f" {'this operator supports' if one else 'these operators support'} no balance without a proof."
            )


def samples(finding: Mapping[str, Any]) -> Iterator[str]:
    """What a sample was drawn by, how much of what is held it has proven, and what it may have missed, unit by unit."""
    sample = finding["proving"]["sample"]
    if sample is None:
        return
    if sample["size"] == 0:
        yield "No balance was to be proven, on any chain."
        return
    if sample["draws"]:
        seed = "a later block's hash" * bool(sample["blocks"]), "a nonce of the auditor's" * bool(sample["nonce"])
        seeds = ", ".join(filter(None, ("the claim's digest", *seed)))
        most = "1 balance" if sample["size"] == 1 else f"{sample['size']:,} balances"
        yield f"Up to {most} of each asset were drawn, larger ones likelier; the seed: {seeds}."
    for reserve in finding["reserves"]:
        share, missed = reserve["provenShare"], reserve["missed"].get("5%")
        if share is not None and missed is not None:
            part = "nothing is" if reserve["proven"] == "0" else f"{_percent(share)} by amount is"
            yield (
                f"Of the {reserve['unit']} that is held, {part} proven; a single false balance worth 5% of it would go"
                f" unnoticed in {_percent(missed)} of such samples."
            )


def _percent(ratio: str) -> str:
    """A ratio with six decimals, as a percentage with two, the rest cut."""
    parts = int(ratio.replace(".", ""))
    return f"{parts // 10_000}.{parts % 10_000 // 100:02}%"


def remarks(finding: Mapping[str, Any]) -> Iterator[str]:
    """What has to be known to read this finding right."""
    if not finding["complete"]:
        yield (
            "The claim lists only a part of what the exchange declares: it can show that a coin is covered, and never"
            " that one is short."
        )
    if any(reserve["proven"] != "0" for reserve in finding["reserves"]):
        yield (
            "proven: shown by the block's own hashes, whichever node reported it. What it rests on is that the block is"
            " the chain's, and for tokens that the contract keeps balances where the finding says."
        )
    if any(reserve["own"] != "0" for reserve in finding["reserves"]):
        yield "own: fewer operators answered than the policy demands, one of them the auditor's own node."


def owed_earlier(finding: Mapping[str, Any]) -> str | None:
    """Of which moment what is owed was stated, where that is another than the one at which is weighed."""
    if finding["owedAsOf"] == finding["asOf"]:
        return None
    return (
        f"A scan between two reports: what is owed was stated as of {moment(finding['owedAsOf'])}. Less than that is"
        " never SHORT here, since customers may have taken theirs out since."
    )
