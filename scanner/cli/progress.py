"""How a run is reported while it goes on: lines for people on a terminal, JSON lines for machines, or nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TextIO

from scanner.chains.accounts import account_text
from scanner.cli.board import Board
from scanner.cli.streams import takes_every_character
from scanner.core.ids import Chain
from scanner.scanning.events import (
    AnchorExtended,
    ChainLost,
    ChainPinned,
    ClusterJoined,
    Event,
    JournalCut,
    JournalFound,
    LimitsObserved,
    MovementJudged,
    NodeMetBug,
    NodeOpened,
    NodeProgress,
    NodeRefused,
    Observer,
    OperatorOutpaced,
    Progress,
    ProofMissing,
    ProofsChecked,
    SeriesPoint,
    WorkerDistrusted,
    WorkerLost,
)
from scanner.weighing.proving import NO_PROOF

_CLUSTER_EVENTS: Mapping[type, str] = {
    ClusterJoined: "cluster_joined",
    WorkerLost: "worker_lost",
    WorkerDistrusted: "worker_distrusted",
}
_PROOFS_A_LINE = 12_800  # a hundred of the chunks in which they are checked
_SECONDS_A_LINE = 10.0


def observer(style: str | None, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> Observer:
    """The observer for `--log`'s value: text on a terminal and nothing elsewhere, unless a style is asked for.

    On a terminal a chain's progress is one line, rewritten in place; elsewhere text is a line now and then. What is
    wrong with a journal, and a bug of this program, are reported in any case: they are never passed over in silence.
    """
    match style or ("text" if stream.isatty() else "none"):
        case "json":
            escaped = not takes_every_character(stream)
            return lambda event: _line(stream, json.dumps(_fields(event), ensure_ascii=escaped))
        case "text" if stream.isatty():
            return Board(stream, lambda event: _sentence(event) if _worth_a_line(event) else None, clock)
        case "text":
            return _Lines(stream, clock)
        case _:
            return lambda event: (
                _line(stream, f"scanner: {_sentence(event)}") if isinstance(event, JournalCut | NodeMetBug) else None
            )


class _Lines:
    """Text for a file: each event a line, the progress of a chain one in ten seconds, and its end."""

    def __init__(self, stream: TextIO, clock: Callable[[], float]) -> None:
        self._stream = stream
        self._clock = clock
        self._reported: dict[Chain, float] = {}

    def __call__(self, event: Event) -> None:
        if isinstance(event, Progress) and event.done < event.total:
            now = self._clock()
            if now - self._reported.setdefault(event.chain, now) < _SECONDS_A_LINE:
                return
            self._reported[event.chain] = now
        if _worth_a_line(event):
            _line(self._stream, _sentence(event))


def claim_begins(style: str | None, stream: TextIO, claim: str) -> None:
    """Of several claims, this one comes next: what is reported from here on is of it."""
    match style or ("text" if stream.isatty() else "none"):
        case "json":
            now = datetime.now(UTC).isoformat(timespec="milliseconds")
            fields = {"time": now, "event": "claim", "claim": claim}
            _line(stream, json.dumps(fields, ensure_ascii=not takes_every_character(stream)))
        case "text":
            _line(stream, f"scanner: {claim}")


def _worth_a_line(event: Event) -> bool:
    """Proofs are reported every hundred or so: people want to see that it goes on, and at which rate."""
    return not isinstance(event, ProofsChecked) or event.done == event.total or event.done % _PROOFS_A_LINE == 0


def _line(stream: TextIO, text: str) -> None:
    print(text, file=stream, flush=True)


def _sentence(event: Event) -> str:
    match event:
        case ClusterJoined() | WorkerLost() | WorkerDistrusted():
            return f"{event.address}  {_of_cluster(event)}"
        case JournalFound(path, batches):
            return f"{path}  {batches:,} batches were settled before; going on from there"
        case JournalCut(path, size, why):
            return f"{path}  {size:,} bytes of it are not used, since {why}; what stood there is read again"
        case NodeOpened() | LimitsObserved() | NodeRefused() | NodeMetBug() | NodeProgress():
            return f"{event.chain}  {_sentence_of_node(event)}"
        case OperatorOutpaced() | ProofMissing():
            return f"{event.chain}  {_sentence_of_node(event)}"
        case ChainPinned(snapshot, operators):
            return f"{snapshot.chain}  {snapshot}, {snapshot.time:%Y-%m-%d %H:%M:%S} UTC, as {', '.join(operators)} say"
        case AnchorExtended(block, target):
            return f"{block.chain}  anchored up to block {block.height:,} of {target:,}"
        case ChainLost(chain, gap, holdings):
            return f"{chain}  nothing could be read, {holdings:,} holdings are gaps: {gap.why}, {gap.detail}"
        case Progress(chain, done, total, gaps, _):
            return f"{chain}  {done:,} of {total:,} holdings read" + (f", {gaps:,} gaps" if gaps else "")
        case MovementJudged(chain, account, transaction, word, reason):
            why = f": {reason}" if reason else ""
            return f"{chain}  {account_text(chain, account)} moved in {transaction}: {word}{why}"
        case ProofsChecked(done, total):
            return f"{done:,} of {total:,} proofs of control checked, {event.per_second:,} a second"
        case SeriesPoint(number, of, moment):
            return f"moment {number:,} of {of:,}: {moment:%Y-%m-%d %H:%M:%S} UTC"


_OfNode = NodeOpened | LimitsObserved | NodeRefused | NodeMetBug | NodeProgress | OperatorOutpaced | ProofMissing


def _sentence_of_node(event: _OfNode) -> str:
    match event:
        case NodeOpened(_, operator, ways):
            return f"{operator} answers" + (f", by {', '.join(map(_way, ways))}" if ways else "")
        case LimitsObserved(_, operator, number, learnt):
            sizes = ", ".join(f"{count:,} accounts by {_way(way)}" for way, count in learnt.accounts)
            rate = "" if learnt.rate is None else f", {learnt.rate:,.1f} calls a second"
            return f"{operator}, node {number}, takes {sizes}, {learnt.at_once:,} requests at once{rate}"
        case NodeRefused(_, operator, gap):
            return f"{operator} is left out: {gap.why}, {gap.detail}"
        case NodeMetBug(_, operator, bug):
            return f"an answer of {operator} met a bug of this program, and is a gap: {bug}; please report it"
        case NodeProgress(_, operator, percent):
            return f"{operator} has gone through {percent} % of what it keeps"
        case OperatorOutpaced(_, operator):
            return f"{operator} is no longer waited for where enough others have answered"
        case ProofMissing(_, operator, cause, detail):
            return f"what {operator} gives proves nothing: {NO_PROOF}, {cause}, {detail}"


def _of_cluster(event: ClusterJoined | WorkerLost | WorkerDistrusted) -> str:
    match event:
        case ClusterJoined():
            return f"{event.workers:,} workers ask the nodes"
        case WorkerLost():
            return "this worker was lost; what it was asked, another one is asked"
        case WorkerDistrusted():
            return f"nothing more is asked of this worker: {event.what}"


def _way(name: str) -> str:
    return name.replace("_", " ")


def _fields(event: Event) -> dict[str, object]:
    """The event as one flat JSON object. Field names are stable: machines read them."""
    fields: dict[str, object] = {"time": datetime.now(UTC).isoformat(timespec="milliseconds")}
    match event:
        case ClusterJoined() | WorkerLost() | WorkerDistrusted():
            fields |= {"event": _CLUSTER_EVENTS[type(event)], **asdict(event)}
        case JournalFound(path, batches):
            fields |= {"event": "journal_found", "path": path, "batches": batches}
        case JournalCut(path, size, why):
            fields |= {"event": "journal_cut", "path": path, "bytes": size, "why": why}
        case NodeOpened() | LimitsObserved() | NodeRefused() | NodeMetBug() | NodeProgress():
            fields |= _fields_of_node(event)
        case OperatorOutpaced() | ProofMissing():
            fields |= _fields_of_node(event)
        case ChainPinned(snapshot, operators):
            fields |= {"event": "chain_pinned", "chain": str(snapshot.chain), "height": snapshot.height}
            fields |= {"hash": snapshot.hash, "operators": list(operators)}
        case AnchorExtended(block, target):
            fields |= {"event": "anchor_extended", "chain": str(block.chain), "height": block.height, "target": target}
        case ChainLost(chain, gap, holdings):
            fields |= {"event": "chain_lost", "chain": str(chain), "holdings": holdings}
            fields |= {"why": gap.why, "detail": gap.detail}
        case Progress(chain, done, total, gaps, kept):
            fields |= {"event": "progress", "chain": str(chain), "done": done, "total": total, "gaps": gaps}
            fields |= {"kept": kept}
        case MovementJudged(chain, account, transaction, word, reason):
            named = {"chain": str(chain), "account": account_text(chain, account), "transaction": transaction}
            fields |= {"event": "movement_judged", **named, "control": word.value, "reason": reason}
        case ProofsChecked(done, total, seconds):
            fields |= {"event": "proofs_checked", "done": done, "total": total, "seconds": round(seconds, 3)}
        case SeriesPoint(number, of, moment):
            fields |= {"event": "series_point", "number": number, "of": of, "moment": moment.isoformat()}
    return fields


def _fields_of_node(event: _OfNode) -> dict[str, object]:
    fields: dict[str, object] = {"chain": str(event.chain), "operator": event.operator}
    match event:
        case NodeOpened(ways=ways):
            return {"event": "node_opened"} | fields | ({"ways": list(ways)} if ways else {})
        case LimitsObserved(number=number, learnt=learnt):
            rate = None if learnt.rate is None else round(learnt.rate, 3)
            fields |= {"node": number, "at_once": learnt.at_once, "rate": rate, "accounts": dict(learnt.accounts)}
            return {"event": "node_learnt"} | fields
        case NodeRefused(gap=gap):
            return {"event": "node_refused"} | fields | {"why": gap.why, "detail": gap.detail}
        case NodeMetBug(bug=bug):
            return {"event": "node_met_bug"} | fields | {"exception": bug.kind, "place": bug.place}
        case NodeProgress(percent=percent):
            return {"event": "node_progress"} | fields | {"percent": percent}
        case OperatorOutpaced():
            return {"event": "operator_outpaced"} | fields
        case ProofMissing(cause=cause, detail=detail):
            return {"event": "proof_missing"} | fields | {"why": NO_PROOF, "cause": cause.value, "detail": detail}
