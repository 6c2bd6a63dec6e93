"""Steps 7 and 8: blocks, beliefs, proofs, samples and control, judged as docs/predicate.md and docs/control.md say.

Written from the documents alone. It proves on Ethereum's kind of chains; `control` says which schemes are known.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from tests.second_verifier import executing, moving
from tests.second_verifier.accounts import BITCOIN_LIKE, key_of, p2pkh, p2sh, witness_program
from tests.second_verifier.accounts import keccak256 as h
from tests.second_verifier.control import word_of
from tests.second_verifier.reading import Claim, Json, Refused, Row, Word, moment, need, table, table_in

_ONLY_AS_IT_IS: Final = ("aelf", "antelope", "solana", "tron")


# --- step 7


def weighed(claim: Claim, rows: list[Row], chain: str) -> int | None:
    """The height at which a chain is weighed; None for the last block at or before the claim's moment."""
    named = claim.fields.get("snapshots") or {}
    if chain in named:
        return int(named[chain])
    heights = {row.height for row in rows if row.chain == chain and (row.asset, row.key) not in claim.listed}
    return heights.pop() if len(heights) == 1 else None


def check_blocks(claim: Claim, rows: list[Row], predicate: Json) -> dict[str, Json]:
    """The block of each chain at which it is weighed."""
    finding, as_of = predicate["finding"], moment(predicate["finding"]["asOf"])
    scanned, forms = (
        moment(predicate["run"]["scannedAt"]),
        {row["namespace"]: row["pattern"] for row in table("block_hashes.csv")},
    )
    need(7, scanned >= as_of - timedelta(minutes=5), "scanned before the claim's moment")
    chains = {row.chain for row in rows}
    heights = {chain: weighed(claim, rows, chain) for chain in chains}
    compared = {(row.chain, row.height) for row in rows if row.height is not None and row.claimed is not None}
    at: dict[tuple[str, int | None], Json] = {}
    for block in finding["snapshots"]:
        chain, height = block["chain"], block["height"] if block["named"] else None
        of_chain = chain in chains and height == heights[chain]
        need(7, of_chain or (height is not None and (chain, height) in compared), "a block where nothing was read")
        in_time = claim.newest or height is not None or moment(block["time"]) <= as_of
        need(7, in_time, "a block after the claim's moment")
        form = re.compile(forms[chain.partition(":")[0]])
        need(7, form.fullmatch(block["hash"]) and form.fullmatch(block["parent"]), "another form of hash")
        need(7, block["hash"] != block["parent"], "a block that is its own parent")
        ahead = timedelta(hours=2, minutes=5) if chain.startswith("bip122:") else timedelta(minutes=5)
        need(7, moment(block["time"]) <= scanned + ahead, "scanned before a block")
        at[chain, height] = block
    _check_agree(finding["snapshots"])
    for row in rows:
        block = at.get((row.chain, heights[row.chain]), {"hash": ""})
        need(7, row.block == block["hash"], "read at another block")
        elsewhere = row.claimed is not None and row.height not in (None, heights[row.chain])
        there = at.get((row.chain, row.height), {"hash": "none"})["hash"] if elsewhere else ""
        need(7, row.compared == there, "compared at another block")
    return {chain: at[chain, height] for chain, height in heights.items() if (chain, height) in at}


def _check_agree(blocks: list[Json]) -> None:
    for one in blocks:
        for other in blocks:
            if one["chain"] == other["chain"] and one is not other:
                need(7, one["height"] != other["height"] and one["hash"] != other["hash"], "two blocks in one")
                if one["height"] + 1 == other["height"]:
                    need(7, other["parent"] == one["hash"], "blocks that do not follow each other")


# --- step 8: proofs


def records_of(data: bytes | None) -> dict[bytes, bytes]:
    """Step 5: the witness."""
    if data is None:
        return {}
    need(5, data[:16] == b"reserve-witness\x01", "no witness")
    count, at, found = int.from_bytes(data[16:24]), 24, {}
    for _ in range(count):
        size = int.from_bytes(data[at : at + 4])
        record = data[at + 4 : at + 4 + size]
        need(5, len(record) == size, "a witness that is cut short")
        found[h(record)] = record
        at += 4 + size
    need(5, at == len(data) and list(found) == sorted(found) and len(found) == count, "another form of witness")
    return found


Item = Any


def _rlp(data: bytes) -> Item:
    item, rest = _item(data)
    if rest:
        raise ValueError("something behind")
    return item


def _item(data: bytes) -> tuple[Item, bytes]:
    first = data[0]
    if first < 0x80:
        return data[:1], data[1:]
    base = 0x80 if first < 0xC0 else 0xC0
    size, at = first - base, 1
    if size > 55:
        size, at = int.from_bytes(data[1 : 1 + size - 55]), 1 + size - 55
    body, rest = data[at : at + size], data[at + size :]
    if len(body) != size:
        raise ValueError("cut short")
    if base == 0x80:
        return body, rest
    items = []
    while body:
        item, body = _item(body)
        items.append(item)
    return items, rest


class Proofs:
    def __init__(self, records: Mapping[bytes, bytes], blocks: Mapping[str, Json], layouts: Mapping[str, str]) -> None:
        self._records, self._blocks, self._layouts = records, blocks, layouts
        self.used: set[bytes] = set()

    def _record(self, digest: bytes) -> Item:
        if digest not in self._records:
            raise ValueError("a record is missing")
        self.used.add(digest)
        return _rlp(self._records[digest])

    def _walk(self, root: bytes, key: bytes) -> bytes | None:
        path = [nibble for byte in h(key) for nibble in (byte >> 4, byte & 15)]
        node: Item = self._record(root)
        while True:
            if len(node) == 17:
                if not path:
                    return node[16] or None
                child, path = node[path[0]], path[1:]
            else:
                nibbles = [nibble for byte in node[0] for nibble in (byte >> 4, byte & 15)]
                own = nibbles[1:] if nibbles[0] & 1 else nibbles[2:]
                if path[: len(own)] != own:
                    return None
                path = path[len(own) :]
                if nibbles[0] & 2:
                    return node[1] if not path else None
                child = node[1]
            if child == b"":
                return None
            node = self._record(child) if isinstance(child, bytes) else child

    def atoms(self, row: Row) -> int:
        block = self._blocks[row.chain]
        header = self._record(bytes.fromhex(block["hash"][2:]))
        stated = block["parent"][2:], block["height"], int(moment(block["time"]).timestamp())
        if (header[0].hex(), int.from_bytes(header[8]), int.from_bytes(header[11])) != stated:
            raise ValueError("another header")
        account = self._walk(header[3], row.key if row.native else bytes.fromhex(row.asset.rpartition(":0x")[2]))
        if row.native:
            return 0 if account is None else int.from_bytes(_rlp(account)[1])
        if account is None or _rlp(account)[3] == h(b""):
            raise ValueError("no contract")
        if self._layouts[row.asset] == "contract code":
            token = int(row.asset.rpartition(":0x")[2], 16)
            return executing.balance(self._chain(row.chain, header), token, row.key)
        match = re.fullmatch(r"Solidity mapping at slot (\d+)", self._layouts[row.asset])
        if match is None:
            raise ValueError("another layout")
        value = self._walk(_rlp(account)[2], h(row.key.rjust(32, b"\0") + int(match[1]).to_bytes(32)))
        return 0 if value is None else int.from_bytes(_rlp(value))

    def _chain(self, chain: str, header: Item) -> executing.Chain:
        """What code can see at this block."""
        number, time = int(chain.partition(":")[2]), int.from_bytes(header[11])
        sizes = [len(item) for item in header]
        ethereum = len(sizes) > 15 and sizes[15] < 32
        since, begun = _CANCUN.get(number), _ISTANBUL.get(number, "2020-01-01")
        later = since is not None and time >= moment(f"{since}T00:00:00+00:00").timestamp()
        if number == 324 or time < moment(f"{begun}T00:00:00+00:00").timestamp():
            raise ValueError("code ran by rules that are not known")

        def account(of: int) -> Item | None:
            found = self._walk(header[3], of.to_bytes(20))
            return None if found is None else _rlp(found)

        def code(of: int) -> bytes:
            found = account(of)
            if found is None or found[3] == h(b""):
                return b""
            if found[3] not in self._records:
                raise ValueError("a contract's code is missing")
            self.used.add(found[3])
            return self._records[found[3]]

        def code_hash(of: int) -> int:
            found = account(of)
            return 0 if found is None or found[:2] + found[3:4] == [b"", b"", h(b"")] else int.from_bytes(found[3])

        def word(of: int, slot: int) -> int:
            found = account(of)
            named = slot.to_bytes(32) if number != 43114 else bytes([slot >> 248 & 0xFE]) + slot.to_bytes(32)[1:]
            value = None if found is None or found[2] == _NOTHING else self._walk(found[2], named)
            return 0 if value is None else int.from_bytes(_rlp(value))

        return executing.Chain(
            id=number,
            height=int.from_bytes(header[8]) if number in _OWN_HEIGHT else None,
            time=time,
            push0=later or (ethereum and sizes[16:17] == [32]),
            cancun=later or (ethereum and sizes[19:20] == [32]),
            code=code,
            code_hash=code_hash,
            coins=lambda of: int.from_bytes((account(of) or [b"", b""])[1]),
            word=word,
            keccak=h,
        )


_CANCUN: Final = {137: "2024-04-01", 42161: "2024-04-01", 534352: "2024-08-01", 43114: "2025-01-01"}
_ISTANBUL: Final = {61: "2020-07-01", 137: "2021-01-01"}
_OWN_HEIGHT: Final = {1, 10, 56, 61, 66, 137, 196, 8453, 43114, 59144, 534352}
_NOTHING: Final = h(b"\x80")


def check_beliefs(
    claim: Claim, rows: list[Row], predicate: Json, blocks: dict[str, Json], records: dict[bytes, bytes]
) -> None:
    finding, run = predicate["finding"], predicate["run"]
    policy, proving = finding["policy"], finding["proving"]
    need(8, run["operators"].keys() <= {row.chain for row in rows}, "operators of a chain without holdings")
    known = {row["asset"]: row["layout"] for row in table_in(finding["tablesRevision"], "known_layouts.csv")}
    for asset, layout in proving["layouts"].items():
        need(8, known.get(asset, "contract code") == layout, "the token's layout is another")
    proofs = Proofs(records, blocks, proving["layouts"])
    dismissed, unsupported = _contradicted(rows)
    for row in rows:
        asked = run["operators"].get(row.chain, [])
        need(8, {*row.operators, *(name for name, _ in row.dissent)} <= set(asked), "an operator that was not asked")
        need(8, row.why != "NO_PAST" or row.chain.startswith(_ONLY_AS_IT_IS), "a chain that has a past")
        counted_out = _uncounted(claim, row, finding["tablesRevision"])
        need(8, counted_out in (None, (row.why, row.detail)), "what can not count")
        need(8, counted_out or row.why not in ("NO_KEY", "OWN_CONTRACT", "SAME_ACCOUNT"), "what may well count")
        if row.basis == "PROVEN" or row.proof is not None:
            need(8, row.chain.startswith("eip155:"), "no chain with proofs")
            need(8, not (proving["sample"] and proving["sample"]["size"] == 0), "nothing was to be proven")
            try:
                shown = proofs.atoms(row)
            except (ValueError, KeyError, IndexError, TypeError) as error:
                raise Refused(8, f"a proof that does not hold: {error}") from None
            need(8, shown == (row.proof if row.atoms is None else row.atoms), "a proof of another amount")
        if not row.why:
            _believed(
                row, policy, run["ownOperators"], dismissed.get(row.chain, set()), unsupported.get(row.asset, set())
            )
    moved = {bytes.fromhex(row.owners.rpartition(" ")[2]) for row in rows if moving.is_movement(row)}
    need(8, proofs.used | moved == records.keys(), "records that no proof needs")
    _sampled(claim, rows, predicate, blocks)
    for row in rows:
        word = _control(claim, row, predicate, records)
        need(8, row.control == word, f"another word of control: {row.control}")


def _contradicted(rows: list[Row]) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Whose words count for nothing, by chain; and whose support nothing, by asset."""
    certain: dict[str, set[str]] = defaultdict(set)
    everywhere: set[str] = set()
    of_token: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        shown = row.proof if row.why else row.atoms if row.basis == "PROVEN" else None
        if shown is None:
            continue
        names = {name for name, word in row.dissent if word.denies(Word(shown, False))}
        if row.native:
            certain[row.chain] |= names
            everywhere |= names
        elif row.operators:
            everywhere |= names
        else:
            of_token[row.asset] |= names
    return certain, {row.asset: everywhere | of_token[row.asset] for row in rows}


def _believed(row: Row, policy: Json, own: list[str], dismissed: set[str], unsupported: set[str]) -> None:
    quorum, groups = policy["quorum"], defaultdict(list)
    for name, word in row.dissent:
        if word.denies(row.word):
            groups[None if word.at_least else word].append(name)
    if row.basis == "PROVEN":
        need(8, row.operators or (row.native and not row.dissent), "nobody read what is proven")
        alone = [names for names in groups.values() if len(names) >= quorum or set(names) & set(own)]
        need(8, row.native or not alone, "as many say otherwise")
        return
    need(8, not set(row.operators) & (dismissed | unsupported), "rests on a contradicted operator")
    if row.basis == "QUORUM":
        need(8, len(row.operators) >= quorum, "no quorum")
    else:
        need(8, 0 < len(row.operators) < quorum and set(row.operators) & set(own), "not the auditor's own word")
    most = quorum - 1 if row.basis == "QUORUM" and policy["dissent"] == "record" else 0
    for names in groups.values():
        need(8, sum(name not in dismissed for name in names) <= most, "a dissent that is not passed over")


def _uncounted(claim: Claim, row: Row, revision: int) -> tuple[str, str] | None:
    """The reason that follows from the claim, for accounts that are known here; and its detail."""
    if row.chain.startswith("eip155:"):
        contracts = {
            each["id"].rpartition(":0x")[2]: each
            for each in claim.assets.values()
            if "/erc20:" in each["id"] and each["id"].startswith(row.chain + "/")
        }
        unit = claim.assets[row.asset]["unit"] if row.asset in claim.assets else None
        contract = contracts.get(row.key.hex())
        if contract is not None and contract["unit"] == unit:
            own = contract["id"] == row.asset
            what = f"the contract of {contract['label']}{' itself' if own else f', which backs {unit} too'}"
            return "OWN_CONTRACT", what
    space = row.chain.partition(":")[0]
    for each in table_in(revision, "keyless_accounts.csv"):
        if each["on"] in (row.chain, space) and key_of(row.chain, each["account"]) == row.key:
            return "NO_KEY", each["what"]
    rule = _unspendable(row.chain, row.key) if space == "bip122" else _of_the_protocol(space, row.key)
    return None if rule is None else ("NO_KEY", rule)


def _of_the_protocol(space: str, key: bytes) -> str | None:
    if not any(key):
        return "the zero address"
    if any(key[:-2]) and (space != "eip155" or key[0] != 0x42 or any(key[1:18])):
        return None
    return "an address of the protocol's own: a precompile, a system contract or a burn address"


def _unspendable(chain: str, script: bytes) -> str | None:
    program, forms = witness_program(script), BITCOIN_LIKE[chain]
    unknown = program and program[0] == 0 and forms["bech32"] and len(program[1]) not in (20, 32)
    if script[:1] == b"\x6a" or unknown:
        return "a script that can never be spent"
    if script == bytes.fromhex("51024e73"):
        return "a script that anyone can spend (pay to anchor)"
    if forms["mweb"] and len(script) == 34 and script[:2] in (b"\x58\x20", b"\x59\x20"):
        return "an account of the chain's own code"
    if script in (p2pkh(bytes(20)), p2sh(bytes(20))) or (program and not any(program[1])):
        return "an address of zeros, to which no key or script is known"
    return None


def _amount(row: Row, quorum: int, own: list[str]) -> int:
    behind: dict[int, list[str]] = defaultdict(list)
    for name, word in row.said if row.atoms is not None else row.dissent:
        behind[word.atoms].append(name)
    return max((a for a, names in behind.items() if len(names) >= quorum or set(names) & set(own)), default=0)


def _sampled(claim: Claim, rows: list[Row], predicate: Json, blocks: dict[str, Json]) -> None:
    finding, run = predicate["finding"], predicate["run"]
    sample = finding["proving"]["sample"]
    draws: Json = {}
    if sample is not None:
        need(8, sample["size"] or not (sample["blocks"] or sample["nonce"] is not None), "a seed of nothing")
        need(8, sample["size"] or not finding["proving"]["unproven"], "causes of nothing")
        for seed in sample["blocks"]:
            read = blocks.get(seed["chain"])
            need(
                8,
                read and seed["height"] > read["height"] and moment(seed["time"]) >= moment(read["time"]),
                "an early seed",
            )
    for asset in {row.asset for row in rows if row.chain.startswith("eip155:") and row.block}:
        of_asset = [row for row in rows if row.asset == asset]
        drawn = set(range(len(of_asset)))
        if sample is not None:
            amounts = [_amount(row, finding["policy"]["quorum"], run["ownOperators"]) for row in of_asset]
            drawn, stated = _draw(claim, amounts, sample, asset)
            if sample["size"]:
                draws[asset] = stated
        proven = {at for at, row in enumerate(of_asset) if row.basis == "PROVEN" or row.proof is not None}
        need(8, proven <= drawn, "proven, and not drawn")
        without = {at for at, row in enumerate(of_asset) if row.atoms is not None} - proven
        if without & drawn:
            need(8, asset in finding["proving"]["unproven"], "drawn, not proven, and no reason")
            others = [at for at in without if not set(of_asset[at].operators) & set(run["ownOperators"])]
            need(8, not (proven and others), "counts without a proof")
    need(8, draws == ({} if sample is None else sample["draws"]), "another draw")


def _draw(claim: Claim, amounts: list[int], sample: Json, asset: str) -> tuple[set[int], Json]:
    size = sample["size"]
    if not size:
        return set(), {}
    chain = asset.partition("/")[0]
    block = next((each["hash"] for each in sample["blocks"] if each["chain"] == chain), "")
    positive = {at for at, amount in enumerate(amounts) if amount}
    if len(positive) <= size or not (block or sample["nonce"] is not None):
        return positive, {"certain": len(positive), "draws": 0, "among": "0"}
    seed = hashlib.sha256(
        "\n".join(("reserve-scanner sample", claim.digest, block, sample["nonce"] or "")).encode()
    ).digest()
    left, total, n, certain = dict(enumerate(amounts)), sum(amounts), size, set()
    while n and (largest := max(left.values())) * n >= total:
        at = next(at for at, amount in left.items() if amount == largest)
        certain.add(at)
        total, n = total - left.pop(at), n - 1
    drawn = set(certain)
    for number in range(n):
        atom = int.from_bytes(hashlib.sha512(seed + f" {asset} {number}".encode()).digest()) % total
        for at, amount in left.items():
            if atom < amount:
                drawn.add(at)
                break
            atom -= amount
    return drawn, {"certain": len(certain), "draws": n, "among": str(total)}


# --- step 8: control


def _control(claim: Claim, row: Row, predicate: Json, records: Mapping[bytes, bytes]) -> str:
    listed = claim.listed.get((row.asset, row.key))
    if listed is None:
        return row.control  # the proofs of a file's rows stand in the file
    if listed.ownership and "transaction" in listed.ownership:
        need(8, not row.owners or moving.is_movement(row), "owners where a movement was asked for")
        return moving.word(claim, row, listed.ownership, predicate, records)
    need(8, not moving.is_movement(row), "a movement where none was asked for")
    return word_of(row, listed.ownership, claim.fields.get("challenge"), predicate["finding"]["tablesRevision"])
