"""Records of anchors that are other than any chain's, and lead on all the same: whatever one of them says, those above
name it by its hash, up to a block that the reader is got to trust. Each walk ends, in a link or in a ProofError."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from hashlib import blake2b, sha256

from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.chains.ancestry import AncestryProver, Link
from scanner.chains.filecoin.ancestry import FilecoinAncestry
from scanner.chains.filecoin.cid import START, cid_text
from scanner.chains.polkadot.ancestry import SubstrateAncestry
from scanner.chains.polkadot.storage import block_hash_entry
from scanner.chains.ton.ancestry import TonAncestry
from scanner.chains.ton.cells import proven_records
from scanner.core.ids import Chain
from scanner.proofs.flaws import ProofError
from scanner.proofs.witness import Witness
from tests.support.simulated import ton_cells as built
from tests.support.simulated.lite_server import FIRST, LiteChain, header_of, way_back
from tests.support.simulated.lotus import Tipsets
from tests.support.simulated.substrate import Blocks, info
from tests.support.strength import cases

Hash = Callable[[bytes], bytes]


def blake2b_256(data: bytes) -> bytes:
    return blake2b(data, digest_size=32).digest()


def sha_256(data: bytes) -> bytes:
    return sha256(data).digest()


def altered(records: Sequence[bytes], at: int, record: bytes, hash_of: Hash) -> tuple[list[bytes], dict[bytes, bytes]]:
    """The records with another one in this place, each that names one that has changed naming it anew; and the new
    hashes by the old ones."""
    changed = [*records]
    renamed = {hash_of(changed[at]): hash_of(record)}
    changed[at] = record
    waiting = list(renamed.items())
    while waiting:
        old, new = waiting.pop()
        for place, each in enumerate(changed):
            if old in each:
                changed[place] = each.replace(old, new)
                renamed[hash_of(each)] = hash_of(changed[place])
                waiting.append((hash_of(each), hash_of(changed[place])))
    return changed, renamed


def newest_name(name: bytes, renamed: dict[bytes, bytes]) -> bytes:
    """What a record is called after all changes: it may have been changed several times."""
    for _ in range(len(renamed)):
        name = renamed.get(name, name)
    return name


def ends(
    prover: AncestryProver,
    records: Sequence[bytes],
    newer: bytes,
    older: str,
    *,
    hash_of: Hash,
    spelled: Callable[[bytes], str],
    data: st.DataObject,
) -> None:
    """With one of the records altered."""
    assert isinstance(walked(prover, records, spelled(newer), older), Link)
    at = data.draw(st.integers(0, len(records) - 1))
    start = data.draw(st.integers(0, len(records[at])))
    end = start + data.draw(st.sampled_from([0, 1, 2, 8, 33]))
    inside = data.draw(st.one_of(st.binary(max_size=40), st.just(records[at][start : start + 40] * 30)))
    changed, renamed = altered(records, at, records[at][:start] + inside + records[at][end:], hash_of)
    walked(prover, changed, spelled(newest_name(newer, renamed)), older)


def walked(prover: AncestryProver, records: Sequence[bytes], newer: str, older: str) -> Link | ProofError:
    try:
        return prover.over(Chain("any", "one"), Witness(records)).link(newer, older)
    except ProofError as error:
        return error


@cache
def substrate() -> Blocks:
    made = Blocks(hash_count=16)
    for number in range(12):
        made.add({b"\x01" * 32: info(number)})
    return made


@cache
def masterchain() -> LiteChain:
    return LiteChain(lambda _: {}).grow(12)


@cache
def tipsets() -> Tipsets:
    return Tipsets(lambda _: {}).grow(12)


def in_hex(name: bytes) -> str:
    return f"0x{name.hex()}"


def as_identifier(digest: bytes) -> str:
    return cid_text(START + digest)


@settings(max_examples=cases(100))
@given(st.data())
def test_whatever_a_record_of_a_substrate_chain_says_the_walk_ends(data: st.DataObject) -> None:
    chain = substrate()
    records = [chain.encoded[10], chain.encoded[3], *chain.tries[10].proof([block_hash_entry(3)])]
    newer, older = bytes.fromhex(chain.hashes[10][2:]), chain.hashes[3]
    ends(SubstrateAncestry(), records, newer, older, hash_of=blake2b_256, spelled=in_hex, data=data)


@settings(max_examples=cases(100))
@given(st.data())
def test_whatever_a_record_of_ton_says_the_walk_ends(data: st.DataObject) -> None:
    chain, newer, older = masterchain(), FIRST + 10, FIRST + 3
    above, below = chain.moments[newer].block, chain.moments[older].block
    roots = [header_of(above), header_of(below), way_back(chain, newer, older)]
    records = [record for root in roots for record in proven_records(built.bag([root]))]
    ends(TonAncestry(), records, above.hash, below.hash.hex(), hash_of=sha_256, spelled=bytes.hex, data=data)


@settings(max_examples=cases(100))
@given(st.data())
def test_whatever_a_record_of_filecoin_says_the_walk_ends(data: st.DataObject) -> None:
    chain = tipsets()
    records = [chain.store.objects[chain.blocks[height][0][-32:]] for height in range(11)]
    newer, older = chain.blocks[10][0][-32:], cid_text(chain.blocks[4][1])
    ends(FilecoinAncestry(), records, newer, older, hash_of=blake2b_256, spelled=as_identifier, data=data)
