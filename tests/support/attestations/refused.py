"""The corpus of refusals, tests/vectors/refusals: for each check one attestation that must not pass, and at which step.

    .venv/bin/python -m tests.support.golden_attestations

writes it anew, together with the golden attestations that it is made of. `refusals.json` says of each `name` of which
golden attestation it is made (`of`), the `step` that must refuse it, `what` is wrong, and which files of the golden one
it is `without`. The folder of that name has the files that stand in place of the golden one's, or beside them, among
them `policy.yaml` where who verifies demands one. Wherever a check comes after the signatures the envelope is signed
again by the same key: it is there for a signer who does not tell the truth.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from scanner.attesting import canonical
from scanner.attesting.attestation import ATTESTATION
from scanner.attesting.envelope import PAYLOAD_TYPE, Envelope, Signature, pae, read_envelope, write_envelope
from scanner.attesting.evidence_gzip import compress, decompress
from scanner.attesting.statement import EVIDENCE, WITNESS
from scanner.proofs.witness import Witness, dump
from tests.support.attestations.attested import EXCHANGE, STRANGER
from tests.support.attestations.golden_cases import sample_that_draws

Files = dict[str, bytes]
Change = Callable[[Files], Files]


@dataclass(frozen=True, slots=True)
class Refusal:
    """An attestation that must be refused."""

    step: int
    name: str
    of: str  # the golden attestation that it is made of
    what: str
    change: Change

    def files(self, golden: Files) -> tuple[Files, list[str]]:
        """What stands in place of the golden files, and which of these are missing."""
        changed = self.change(dict(golden))
        other = {name: data for name, data in changed.items() if golden.get(name) != data}
        return other, sorted(golden.keys() - changed.keys())


def statement_of(files: Files) -> dict[str, Any]:
    statement: dict[str, Any] = json.loads(read_envelope(files[ATTESTATION]).payload)
    return statement


def signed(files: Files, payload: bytes) -> Files:
    """The same with another payload, signed by the auditor."""
    return files | {ATTESTATION: write_envelope(Envelope(payload).signed(EXCHANGE))}


def envelope(change: Callable[[dict[str, Any]], object]) -> Change:
    """Something in the envelope, outside of what is signed."""

    def changed(files: Files) -> Files:
        fields = json.loads(files[ATTESTATION])
        change(fields)
        return files | {ATTESTATION: canonical.encode(fields) + b"\n"}

    return changed


def text(old: bytes, new: bytes) -> Change:
    """The envelope's bytes as they stand there."""

    def changed(files: Files) -> Files:
        assert old in files[ATTESTATION]
        return files | {ATTESTATION: files[ATTESTATION].replace(old, new, 1)}

    return changed


def payload(old: bytes, new: bytes) -> Change:
    """The statement's bytes as they stand there, signed again."""

    def changed(files: Files) -> Files:
        found = read_envelope(files[ATTESTATION]).payload
        assert old in found, old
        return signed(files, found.replace(old, new, 1))

    return changed


def statement(*path: str | int, to: Any = None, drop: bool = False, add: Mapping[str, Any] | None = None) -> Change:
    """One value of the statement, signed again; `add` puts something beside it."""

    def changed(files: Files) -> Files:
        whole = statement_of(files)
        holder = whole
        for step in path[:-1]:
            holder = holder[step]  # type: ignore[index]
        if drop:
            del holder[path[-1]]  # type: ignore[arg-type]
        elif add is not None:
            holder[path[-1]].update(add)  # type: ignore[index]
        else:
            assert holder[path[-1]] != to  # type: ignore[index]
            holder[path[-1]] = to  # type: ignore[index]
        return signed(files, canonical.encode(whole))

    return changed


def finding(*path: str | int, to: Any) -> Change:
    return statement("predicate", "finding", *path, to=to)


def run(*path: str | int, to: Any) -> Change:
    return statement("predicate", "run", *path, to=to)


def renamed(files: Files) -> Files:
    """The digests of evidence and witness as the files now have them, signed again."""
    whole = statement_of(files)
    names = {EVIDENCE: "evidence", WITNESS: "witness"}
    for subject in whole["subject"]:
        if subject["name"] in names and subject["name"] in files:
            digest = sha256(files[subject["name"]]).hexdigest()
            subject["digest"]["sha256"] = digest
            whole["predicate"]["run"][names[subject["name"]]] = f"sha256:{digest}"
    return signed(files, canonical.encode(whole))


def lines(change: Callable[[list[bytes]], Sequence[bytes]]) -> Change:
    """The lines of the evidence, named and signed again."""

    def changed(files: Files) -> Files:
        found = list(decompress([files[EVIDENCE]]))
        new = change(copy.copy(found))
        assert new != found
        return renamed(files | {EVIDENCE: b"".join(compress(new))})

    return changed


def row(old: str, new: str) -> Change:
    """The first place at which `old` stands in the evidence."""

    def change(found: list[bytes]) -> list[bytes]:
        whole = b"".join(found)
        assert old.encode() in whole, old
        return whole.replace(old.encode(), new.encode(), 1).splitlines(keepends=True)

    return lines(change)


def both(*changes: Change) -> Change:
    def changed(files: Files) -> Files:
        for change in changes:
            files = change(files)
        return files

    return changed


def witness(change: Callable[[list[bytes]], Sequence[bytes]]) -> Change:
    """The records of the witness, named and signed again."""

    def changed(files: Files) -> Files:
        at, records = len(b"reserve-witness") + 1 + 8, []
        while at < len(files[WITNESS]):
            size = int.from_bytes(files[WITNESS][at : at + 4])
            records.append(files[WITNESS][at + 4 : at + 4 + size])
            at += 4 + size
        return renamed(files | {WITNESS: b"".join(dump(Witness(change(records))))})

    return changed


def demanding(policy: str) -> Change:
    """Nothing is changed, and who verifies demands more."""
    return lambda files: files | {"policy.yaml": f"{policy}\n".encode()}


def without(name: str) -> Change:
    return lambda files: {file: data for file, data in files.items() if file != name}


def file(name: str, change: Callable[[bytes], bytes]) -> Change:
    return lambda files: files | {name: change(files[name])}


def _by_a_stranger(files: Files) -> Files:
    found = read_envelope(files[ATTESTATION]).payload
    return files | {ATTESTATION: write_envelope(Envelope(found).signed(STRANGER))}


def _signed_bare(files: Files) -> Files:
    found = read_envelope(files[ATTESTATION]).payload
    return files | {ATTESTATION: write_envelope(Envelope(found, (Signature(EXCHANGE.keyid, EXCHANGE.sign(found)),)))}


def _signed_as_another_type(files: Files) -> Files:
    found = read_envelope(files[ATTESTATION]).payload
    made = Signature(EXCHANGE.keyid, EXCHANGE.sign(pae("text/plain", found)))
    return files | {ATTESTATION: write_envelope(Envelope(found, (made,)))}


def _unsigned_change(files: Files) -> Files:
    old = read_envelope(files[ATTESTATION])
    return files | {ATTESTATION: write_envelope(Envelope(old.payload.replace(b"Example", b"Exemple"), old.signatures))}


def _named_by_another(files: Files) -> Files:
    found = read_envelope(files[ATTESTATION]).payload
    made = Signature(EXCHANGE.keyid, STRANGER.sign(pae(PAYLOAD_TYPE, found)))
    return files | {ATTESTATION: write_envelope(Envelope(found, (made,)))}


_OTHER = "ab" * 32
_V9 = "urn:uuid:21e11443-65ea-4fd4-8f29-dae74c9ea50c#reserve-attestation/v9"
_BITCOIN = "bip122:000000000019d6689c085ae165831e93"
_EXECUTED = f"eip155:1/erc20:0x{'da' * 20}"
_USDT = "eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7"


def _envelopes() -> Iterator[Refusal]:
    yield Refusal(
        1, "a-blank", "plain", "the envelope is not canonical: a blank", text(b'","payloadType"', b'", "payloadType"')
    )
    yield Refusal(1, "no-line-feed", "plain", "the line feed at the end is missing", file(ATTESTATION, bytes.rstrip))
    yield Refusal(
        1, "something-behind", "plain", "a byte follows the line feed", file(ATTESTATION, lambda data: data + b"\n")
    )
    yield Refusal(1, "a-key-twice", "plain", "a key stands twice", text(b'{"payload":', b'{"payload":"","payload":'))
    yield Refusal(
        1, "a-key-more", "plain", "a key that is none of the envelope's", envelope(lambda fields: fields.update(x=1))
    )
    yield Refusal(
        1, "a-key-less", "plain", "the payload's type is missing", envelope(lambda fields: fields.pop("payloadType"))
    )
    yield Refusal(
        1,
        "another-type",
        "plain",
        "the payload is said to be of another type",
        envelope(lambda fields: fields.update(payloadType="text/plain")),
    )
    yield Refusal(
        1, "no-signature", "plain", "there is no signature", envelope(lambda fields: fields.update(signatures=[]))
    )
    yield Refusal(
        1,
        "a-signature-twice",
        "plain",
        "two signatures in one name",
        envelope(lambda fields: fields.update(signatures=fields["signatures"] * 2)),
    )
    yield Refusal(
        1,
        "signatures-out-of-order",
        "dissent",
        "the signatures are not sorted",
        envelope(lambda fields: fields["signatures"].reverse()),
    )
    yield Refusal(
        1,
        "base64-unpadded",
        "plain",
        "base64 in another form than RFC 4648's",
        envelope(lambda fields: fields.update(payload="Yf8")),
    )
    yield Refusal(2, "by-a-stranger", "plain", "signed by a key that is not the demanded one", _by_a_stranger)
    yield Refusal(
        2, "in-anothers-name", "plain", "a signature in the demanded key's name that is not its own", _named_by_another
    )
    yield Refusal(2, "not-over-the-type", "plain", "the signature is over the payload alone", _signed_bare)
    yield Refusal(
        2, "over-another-type", "plain", "the signature is over a payload of another type", _signed_as_another_type
    )
    yield Refusal(2, "changed-afterwards", "plain", "the statement was changed after it was signed", _unsigned_change)


def _statements() -> Iterator[Refusal]:
    yield Refusal(
        3,
        "an-unknown-version",
        "plain",
        "a version of the format that does not exist",
        statement("predicateType", to=_V9),
    )
    yield Refusal(
        3,
        "another-statement",
        "plain",
        "an in-toto statement of another version",
        statement("_type", to="https://in-toto.io/Statement/v0.1"),
    )
    yield Refusal(
        3, "not-canonical", "plain", "the statement is not canonical: a blank", payload(b'"_type":', b'"_type": ')
    )
    yield Refusal(
        3,
        "a-needless-escape",
        "plain",
        "the statement is not canonical: an escape",
        payload(b"Example Exchange", b"Example\\u0020Exchange"),
    )
    yield Refusal(
        3, "a-key-twice", "plain", "a key stands twice", payload(b'"complete":true', b'"complete":true,"complete":true')
    )
    yield Refusal(
        3, "a-key-more", "plain", "a key that is unknown", statement("predicate", "finding", add={"note": "x"})
    )
    yield Refusal(
        3, "a-key-less", "plain", "a key that is missing", statement("predicate", "finding", "verdict", drop=True)
    )
    yield Refusal(
        3, "a-fraction", "plain", "a number that is no integer", payload(b'"tablesRevision":', b'"tablesRevision":0.')
    )
    yield Refusal(
        3,
        "a-large-integer",
        "plain",
        "an integer above 2^53 - 1",
        payload(b'"quorum":2,"require"', b'"quorum":9007199254740992,"require"'),
    )
    yield Refusal(
        3, "a-needless-zero", "plain", "an amount with a needless zero", finding("reserves", 0, "owed", to="100.0")
    )
    yield Refusal(3, "another-word", "plain", "a verdict that is no word of the format", finding("verdict", to="FINE"))
    yield Refusal(
        3,
        "another-subject",
        "plain",
        "a subject is not what the predicate names",
        statement("subject", 0, "digest", "sha256", to=_OTHER),
    )
    yield Refusal(
        3, "a-subject-less", "proven", "the witness is named, and is no subject", statement("subject", 2, drop=True)
    )
    yield Refusal(
        3, "no-quorum", "plain", "a policy under which anything would pass", finding("policy", "quorum", to=0)
    )
    yield Refusal(3, "no-threshold", "plain", "a threshold of zero", finding("policy", "threshold", to="0"))
    yield Refusal(3, "two-blocks-at-one-place", "plain", "one chain weighed at two blocks", _two_blocks)
    yield Refusal(
        3,
        "operators-out-of-order",
        "plain",
        "operators that are not sorted",
        run("operators", _BITCOIN, to=["beta", "alpha"]),
    )
    yield Refusal(
        3,
        "unknown-tables",
        "plain",
        "a revision of the tables that does not exist",
        finding("tablesRevision", to=10**6),
    )
    yield Refusal(4, "another-claim", "plain", "it judges another claim", _another_claim)
    yield Refusal(
        4,
        "a-changed-claim",
        "plain",
        "the claim was changed after it was judged",
        file("claim.yaml", lambda data: data.replace(b'"100"', b'"101"')),
    )
    yield Refusal(
        4,
        "a-moment-of-no-scan",
        "between-reports",
        "the claim weighed at a moment more than a day before the scan's end",
        finding("asOf", to="2023-11-22T09:00:00Z"),
    )
    yield Refusal(
        5,
        "other-evidence",
        "plain",
        "the evidence is not the file that is named",
        file(EVIDENCE, lambda data: data[:-1] + bytes([data[-1] ^ 1])),
    )
    yield Refusal(5, "no-witness", "proven", "the witness is named, and is not there", without(WITNESS))
    yield Refusal(
        5,
        "another-witness",
        "proven",
        "the witness is not the file that is named",
        file(WITNESS, lambda data: data[:-1] + bytes([data[-1] ^ 1])),
    )
    yield Refusal(5, "a-witness-of-no-form", "proven", "what is named as the witness is none", _no_witness)


def _two_blocks(files: Files) -> Files:
    whole = statement_of(files)
    whole["predicate"]["finding"]["snapshots"] *= 2
    return signed(files, canonical.encode(whole))


def _another_claim(files: Files) -> Files:
    whole = statement_of(files)
    whole["predicate"]["finding"]["claim"] = f"sha256:{_OTHER}"
    whole["subject"][0]["digest"]["sha256"] = _OTHER
    return signed(files, canonical.encode(whole))


def _without_code(records: list[bytes]) -> list[bytes]:
    """Without those records that are neither header nor trie node: all of these are RLP lists."""
    return [record for record in records if record[0] >= 0xC0]


def _no_witness(files: Files) -> Files:
    return renamed(files | {WITNESS: files[WITNESS] + b"\0"})


def _rows() -> Iterator[Refusal]:
    yield Refusal(6, "a-row-less", "plain", "a holding is missing", lines(lambda found: found[:-1]))
    yield Refusal(6, "a-row-twice", "plain", "a holding stands twice", lines(lambda found: [*found, found[-1]]))
    yield Refusal(
        6, "rows-out-of-order", "plain", "rows in another order", lines(lambda found: [found[0], *found[:0:-1]])
    )
    yield Refusal(
        6,
        "another-account",
        "plain",
        "a row of an account that the claim does not list",
        row("3A8tCFwWyHQey1npTAWYTtrjLPKLXpSpLd", "3AXXSH7CHeKH4YA7JMUjNPQTXvSFbjKjpt"),
    )
    yield Refusal(
        6, "another-amount-claimed", "plain", "the amount claimed is another", row(",4312340000,", ",4312350000,")
    )
    yield Refusal(
        6, "another-tolerance", "files", "the tolerance is another", row(",100000,18600000,", ",100001,18600000,")
    )
    yield Refusal(
        6, "another-height", "files", "the height of the claimed amount is another", row(",18600000,", ",18600001,")
    )
    yield Refusal(6, "another-header", "plain", "the columns are in another order", row("chain,block,", "block,chain,"))
    yield Refusal(6, "a-needless-zero", "plain", "atoms with a zero in front", row(",4312345678,", ",04312345678,"))
    yield Refusal(
        6,
        "a-needless-quote",
        "gaps",
        "a detail that is quoted without need",
        row("alpha says 7; beta says 8", '"alpha says 7; beta says 8"'),
    )
    yield Refusal(
        6, "operators-out-of-order", "plain", "operators that are not sorted", row("alpha+beta", "beta+alpha")
    )
    yield Refusal(
        6,
        "a-gap-with-an-amount",
        "gaps",
        "a row that is a gap and a balance",
        row(",,,,,alpha=7+beta=8", ",0,,,,alpha=7+beta=8"),
    )
    yield Refusal(
        6,
        "a-reason-of-findings",
        "plain",
        "a gap for a reason that only a finding has",
        row(",6000000000,,QUORUM,alpha+beta,,,,,,,,,", ",,,,,,,,,,,,WEAK_BASIS,"),
    )
    yield Refusal(
        6, "a-dissent-that-agrees", "dissent", "a dissenter who said the same", row("gamma=1999999", "gamma=2000000")
    )
    yield Refusal(6, "another-spelling", "dissent", "an account in capitals", row("0x" + "0a" * 20, "0x" + "0A" * 20))
    yield Refusal(
        6,
        "a-proof-from-below",
        "proven",
        "a proof that is called a lower bound",
        row(",1,,PROVEN", ",1,AT_LEAST,PROVEN"),
    )
    yield Refusal(
        6,
        "something-behind-the-gzip",
        "plain",
        "bytes behind the end of the gzip data",
        lambda files: renamed(files | {EVIDENCE: files[EVIDENCE] + b"\0"}),
    )
    yield Refusal(7, "another-block", "plain", "a row that was read at another block", row("5a5a5a,", "5b5b5b,"))
    yield Refusal(7, "read-at-no-block", "gaps", "a row of a chain whose block is named, read at none", _unpinned)
    yield Refusal(
        7,
        "compared-elsewhere",
        "files",
        "an amount compared at another block than its row names",
        row("@0x0f", "@0x1e"),
    )
    yield Refusal(
        7,
        "another-height-weighed",
        "plain",
        "another height than the claim names",
        finding("snapshots", 0, "height", to=817_901),
    )
    yield Refusal(
        7,
        "not-named",
        "plain",
        "a height that the claim names, called the last before its moment",
        finding("snapshots", 0, "named", to=False),
    )
    yield Refusal(
        7,
        "after-the-moment",
        "dissent",
        "a block after the claim's moment",
        finding("snapshots", 0, "time", to="2023-11-22T16:00:01Z"),
    )
    yield Refusal(
        7,
        "its-own-parent",
        "plain",
        "a block that is its own parent",
        finding("snapshots", 0, "parent", to="00" * 8 + "5a" * 24),
    )
    yield Refusal(
        7,
        "another-form-of-hash",
        "dissent",
        "a block hash in another form than the chain's",
        finding("snapshots", 0, "parent", to="1e" * 32),
    )
    yield Refusal(
        7, "a-chain-of-nothing", "plain", "a block of a chain on which the claim has nothing", _block_too_many
    )
    yield Refusal(
        7,
        "scanned-before",
        "plain",
        "a scan that ended before the claim's moment",
        run("scannedAt", to="2023-11-22T15:50:00Z"),
    )


def _unpinned(files: Files) -> Files:
    return row(
        "eip155:1,0x" + "1f" * 32 + ",eip155:1/slip44:60,0x" + "0c" * 20, "eip155:1,,eip155:1/slip44:60,0x" + "0c" * 20
    )(files)


def _block_too_many(files: Files) -> Files:
    whole = statement_of(files)
    snapshots = whole["predicate"]["finding"]["snapshots"]
    snapshots.append(
        snapshots[0] | {"chain": "eip155:1", "named": False, "hash": f"0x{'1f' * 32}", "parent": f"0x{'1e' * 32}"}
    )
    return signed(files, canonical.encode(whole))


def _beliefs() -> Iterator[Refusal]:
    yield Refusal(8, "too-few", "plain", "fewer operators than a quorum", row("QUORUM,alpha+beta", "QUORUM,alpha"))
    yield Refusal(
        8, "not-asked", "plain", "an operator that the run did not ask", row("QUORUM,alpha+beta", "QUORUM,alpha+omega")
    )
    yield Refusal(
        8,
        "not-the-auditor",
        "gaps",
        "a balance on the auditor's own word, by somebody else",
        run("ownOperators", to=[]),
    )
    yield Refusal(
        8,
        "own-with-a-quorum",
        "plain",
        "a quorum that is called the auditor's own word",
        row("QUORUM,alpha+beta", "OWN,alpha+beta"),
    )
    yield Refusal(
        8,
        "dissent-passed-over",
        "dissent",
        "a dissent that the policy does not pass over",
        finding("policy", "dissent", to="gap"),
    )
    yield Refusal(
        8,
        "a-second-quorum",
        "dissent",
        "as many say otherwise as make a quorum",
        row("gamma=1999999", "delta=7+gamma=7"),
    )
    yield Refusal(
        8,
        "a-bound-that-is-denied",
        "lower-bounds",
        "a quorum says that there is less than the lower bound",
        row(",beta+gamma,alpha=5,", ",gamma,alpha=5+beta=5,"),
    )
    yield Refusal(
        8,
        "a-bound-of-one",
        "lower-bounds",
        "a lower bound behind which no quorum stands",
        row("AT_LEAST,QUORUM,alpha+beta,gamma>=1", "AT_LEAST,QUORUM,alpha,beta>=1+gamma>=1"),
    )
    yield Refusal(
        8,
        "not-proven",
        "plain",
        "a balance that is called proven, without a proof",
        row(",4312345678,,QUORUM", ",4312345678,,PROVEN"),
    )
    yield Refusal(
        8,
        "another-proven-amount",
        "proven",
        "a proof that shows another amount",
        row(",1020000000000,,PROVEN", ",1020000000001,,PROVEN"),
    )
    yield Refusal(
        8,
        "read-by-nobody",
        "proven",
        "a token's proven balance that nobody has read",
        row(",1020000000000,,PROVEN,alpha+beta,", ",1020000000000,,PROVEN,,"),
    )
    yield Refusal(
        8, "a-record-less", "proven", "a trie node is missing from the witness", witness(lambda found: found[:-1])
    )
    yield Refusal(
        8, "a-record-more", "proven", "a record that no proof needs", witness(lambda found: [*found, b"needless"])
    )
    yield Refusal(
        8,
        "another-layout",
        "proven",
        "a storage layout that is not the known token's",
        finding("proving", "layouts", _USDT, to="Solidity mapping at slot 3"),
    )
    yield Refusal(
        8,
        "no-layout-known",
        "proven",
        "a storage layout that does not exist",
        finding("proving", "layouts", _USDT, to="Wherever"),
    )
    yield Refusal(
        8,
        "a-layout-for-code",
        "executed",
        "a storage layout of a token whose code is to be executed",
        finding("proving", "layouts", _EXECUTED, to="Solidity mapping at slot 2"),
    )
    yield Refusal(
        8,
        "code-for-a-layout",
        "proven",
        "a known token whose code would be executed",
        finding("proving", "layouts", _USDT, to="contract code"),
    )
    yield Refusal(
        8,
        "another-executed-amount",
        "executed",
        "the shares that storage keeps, where the code makes a balance of them",
        row(",6000000,,PROVEN", ",4000000,,PROVEN"),
    )
    yield Refusal(
        8,
        "an-executed-amount-that-nobody-read",
        "executed",
        "a balance that the code answers, and no operator read",
        row(",6000000,,PROVEN,alpha,", ",6000000,,PROVEN,,"),
    )
    yield Refusal(8, "no-code", "executed", "the witness without a contract's code", witness(_without_code))
    yield Refusal(
        8,
        "other-code",
        "executed",
        "other code in the place of a contract's",
        witness(lambda found: [*_without_code(found), b"\x60\x07\x60\x00\x52\x60\x20\x60\x00\xf3"]),
    )
    yield Refusal(
        8,
        "not-to-be-proven",
        "proven",
        "proofs where the sample is of none",
        finding("proving", "sample", to={"blocks": [], "draws": {}, "nonce": None, "size": 0}),
    )
    yield Refusal(
        8,
        "causes-of-nothing",
        "moved",
        "why balances were not proven, where the sample is of none",
        finding("proving", "unproven", to={"eip155:1/slip44:60": ["NO_STATE"]}),
    )
    yield Refusal(
        8,
        "nothing-was-proven",
        "dissent",
        "all was to be proven, nothing is, and no reason is given",
        finding("proving", "sample", to=None),
    )
    yield Refusal(
        8,
        "another-draw",
        "proven",
        "another sample than the evidence draws",
        finding("proving", "sample", to={"blocks": [], "draws": {}, "nonce": "7d8a", "size": 5}),
    )
    yield Refusal(8, "an-account-of-no-one", "gaps", "a balance of an account that has no key", _no_key)
    yield Refusal(
        8,
        "a-reason-that-does-not-apply",
        "gaps",
        "an account said to have no key that may have one",
        row("UNREACHABLE,", "NO_KEY,"),
    )
    yield Refusal(
        8, "another-word-of-control", "control", "control that the proof does not show", row(",UNSHOWN,", ",SHOWN,")
    )
    yield Refusal(
        8,
        "owners-without-a-question",
        "dissent",
        "owners of an account of which nothing was asked",
        row(",gamma=1999999,,,,,,,,", ",gamma=1999999,,,,,,none,,"),
    )
    yield Refusal(
        8,
        "other-owners",
        "control",
        "owners whose signatures were not published",
        row("safe 2 ", f"safe 3 0x{1:040x} "),
    )
    yield Refusal(
        8,
        "another-block-of-a-movement",
        "moved",
        "a transaction in a block in which it is not",
        row("moved 18640000 0x", "moved 18640001 0x"),
    )
    yield Refusal(
        8, "a-movement-that-is-none", "moved", "an amount that is one atom off", row(",UNSHOWN,moved", ",SHOWN,moved")
    )
    yield Refusal(
        8,
        "another-record-of-a-movement",
        "moved",
        "a record of which one byte is another",
        witness(lambda records: [records[0][:-1] + bytes([records[0][-1] ^ 1]), *records[1:]]),
    )
    yield Refusal(
        8,
        "operators-of-nothing",
        "plain",
        "operators of a chain on which the claim has nothing",
        statement("predicate", "run", "operators", add={"eip155:1": ["alpha"]}),
    )


def _sampled() -> Iterator[Refusal]:
    yield Refusal(
        8,
        "another-nonce",
        "sampled",
        "a seed by which another row is drawn",
        finding("proving", "sample", "nonce", to=sample_that_draws(2)[0].nonce),
    )
    yield Refusal(
        8,
        "drawn-and-not-proven",
        "sampled",
        "a row that is drawn, is not proven, and no reason is given",
        row(",,PROVEN,alpha+beta,,,,,,,,,,\n", ",,QUORUM,alpha+beta,,,,,,,,,,\n"),
    )
    yield Refusal(
        8,
        "fewer-draws",
        "sampled",
        "another number of certain rows than the evidence comes to",
        finding("proving", "sample", "draws", _USDT, "certain", to=0),
    )
    yield Refusal(
        8,
        "a-seed-before-the-block",
        "sampled",
        "a seed of a block that is not later than what was read",
        _early_seed,
    )


def _early_seed(files: Files) -> Files:
    whole = statement_of(files)
    proving, read = (whole["predicate"]["finding"][key] for key in ("proving", "snapshots"))
    proving["sample"]["blocks"] = [{key: read[0][key] for key in ("chain", "hash", "height", "parent", "time")}]
    return signed(files, canonical.encode(whole))


def _no_key(files: Files) -> Files:
    def change(found: list[bytes]) -> list[bytes]:
        at = next(at for at, line in enumerate(found) if b",NO_KEY," in line)
        where = found[at].partition(b",,,,")[0]
        return [*found[:at], where + b",1,,QUORUM,alpha+beta,,,,,,,,,,\n", *found[at + 1 :]]

    return lines(change)(files)


def _findings() -> Iterator[Refusal]:
    yield Refusal(
        9,
        "an-atom-more",
        "plain",
        "an amount raised, with all that follows from it left as it was",
        row(",4312345678,", ",4312345679,"),
    )
    yield Refusal(
        9,
        "a-gap-more",
        "plain",
        "a balance that was made a gap",
        row(",6000000000,,QUORUM,alpha+beta,,,,,,,,,,", ",,,,,,,,,,,,,UNREACHABLE,"),
    )
    yield Refusal(
        9,
        "a-bound-made-exact",
        "lower-bounds",
        "a lower bound that is called all there is",
        row(",AT_LEAST,QUORUM,beta+gamma", ",,QUORUM,beta+gamma"),
    )
    for name, of, path, to in (
        ("short-of-what-was-owed-earlier", "between-reports", ("reserves", 1, "verdict"), "SHORT"),
        ("another-date-of-what-is-owed", "between-reports", ("owedAsOf",), "2023-11-22T17:00:00Z"),
        ("another-verdict", "custody", ("verdict",), "COVERED"),
        ("another-verdict-of-a-unit", "gaps", ("reserves", 0, "verdict"), "SHORT"),
        ("another-ratio", "plain", ("reserves", 0, "ratio"), "1.031235"),
        ("more-held", "plain", ("reserves", 0, "held"), "103.12345679"),
        ("less-owed", "plain", ("reserves", 0, "owed"), "99"),
        ("another-basis-of-owed", "plain", ("reserves", 0, "owedBasis", "shows"), "INCLUDED"),
        ("a-weaker-basis-of-owed", "liabilities", ("reserves", 0, "owedBasis", "shows"), "STATED"),
        ("another-root", "liabilities", ("reserves", 0, "owedBasis", "root"), "ab" * 32),
        ("not-contradicted", "liabilities", ("reserves", 1, "withheld"), []),
        ("fewer-gaps", "gaps", ("reserves", 0, "gaps"), 1),
        ("a-gap-left-out", "gaps", ("gaps",), []),
        ("another-detail", "gaps", ("gaps", 3, "detail"), "fine"),
        ("a-dissent-left-out", "dissent", ("dissents",), []),
        ("fewer-bounds", "lower-bounds", ("reserves", 0, "atLeast"), 0),
        ("better-control", "control", ("reserves", 0, "control"), {"SHOWN": "3"}),
        ("a-longer-time-to-move", "moved", ("movements", "deadline"), "2023-11-25T02:00:00Z"),
        ("less-shown-by-movement", "moved", ("reserves", 0, "controlByMovement"), "0"),
        ("another-stated-ratio", "plain", ("reserves", 0, "statedRatio"), "104%"),
        ("custody-counted", "custody", ("reserves", 0, "custody"), "0"),
        ("complete", "custody", ("complete",), True),
        ("moments-not-apart", "moments-apart", ("reserves", 0, "withheld"), []),
        ("a-wider-skew", "moments-apart", ("policy", "maxSkew"), 10**6),
        ("a-known-contract", "gaps", ("coverage", 1, "known"), "TABLE"),
        ("another-difference", "files", ("coverage", 0, "difference"), "0"),
        ("no-differences", "files", ("differences",), []),
        ("a-whole-file", "files", ("files", 0, "whole"), True),
        ("rows-not-refused", "files", ("files", 0, "refused"), {}),
        ("another-name", "plain", ("exchange",), "Another Exchange"),
        ("other-accounts", "plain", ("accounts", "count"), 3),
        ("snapshots-out-of-order", "several-chains", ("snapshots",), None),
    ):
        change = _reversed_snapshots if name == "snapshots-out-of-order" else finding(*path, to=to)
        yield Refusal(9, name, of, f"finding.{'.'.join(map(str, path))} is not what follows", change)
    yield Refusal(
        9,
        "heard-otherwise",
        "plain",
        "an operator heard of more holdings than the evidence has",
        run("heard", _BITCOIN, "beta", to=3),
    )
    yield Refusal(
        10,
        "a-smaller-quorum",
        "plain",
        "a quorum smaller than the demanded one",
        demanding('policy: {"quorum": 3, "threshold": "1"}'),
    )
    yield Refusal(
        10,
        "a-lower-threshold",
        "moments-apart",
        "a threshold lower than the demanded one",
        demanding('policy: {"quorum": 2, "threshold": "1"}'),
    )
    yield Refusal(
        10,
        "dissent-recorded",
        "dissent",
        "dissent is recorded, where none was to be passed over",
        demanding('policy: {"quorum": 2, "threshold": "1", "dissent": "gap"}'),
    )
    yield Refusal(
        10,
        "a-weaker-basis",
        "plain",
        "balances by a quorum, where proofs are demanded",
        demanding('policy: {"quorum": 2, "threshold": "1", "require": {"BTC": "proven"}}'),
    )
    yield Refusal(
        10,
        "less-control",
        "control",
        "replayable signatures, where fresh ones are demanded",
        demanding('policy: {"quorum": 2, "threshold": "1", "require_ownership": "shown"}'),
    )


def _reversed_snapshots(files: Files) -> Files:
    whole = statement_of(files)
    whole["predicate"]["finding"]["snapshots"].reverse()
    return signed(files, canonical.encode(whole))


def refusals() -> list[Refusal]:
    """All of them, by step."""
    return [*_envelopes(), *_statements(), *_rows(), *_beliefs(), *_sampled(), *_findings()]
