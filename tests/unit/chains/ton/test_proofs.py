"""TON's cells, blocks and states: what is shown is what stands there, and nothing that was changed shows anything.

What is real here: a whole block of the main network, read from the shared reference where it is at hand, with 176
balances and six wallets of USDT; and accounts that TON's own virtual machine made (`@ton/sandbox`, recorded in
tests/vectors). No recorded answer of a lite server was to be had: proofs are cut from built blocks.
"""

from __future__ import annotations

import base64
import contextlib
import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.chains.names import parse_asset
from scanner.chains.ton.cells import Cell, proven_records, read_bag, record_hash, records_of, tree_records
from scanner.chains.ton.jettons import balance_in, jetton_of, wallet_of
from scanner.chains.ton.prover import TonStateProofs, balance_of
from scanner.chains.ton.slices import MissingCell, Slice, cell, entry_at
from scanner.chains.ton.state import account_at, account_in, block_of, masterchain_block
from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain, IdError
from scanner.proofs.flaws import Flaw, ProofError
from scanner.proofs.witness import Witness
from tests.support.places import SHARED, VECTORS
from tests.support.simulated import ton_cells as built
from tests.support.strength import cases

TON = Chain("tvm", "-239")
COIN = parse_asset("tvm:-239/slip44:607")
USDT = parse_asset("tvm:-239/jetton:0%3Ab113a994b5024a16719f69139328eb759596c38a25f59028b146fecdc3621dfe")
TIME = datetime.fromtimestamp(1_700_000_100, UTC)
PARENT = bytes([7]) * 32
LOW, HIGH, ABSENT = b"\0" + b"\x12" * 32, b"\0" + b"\xf2" * 32, b"\0" + b"\x77" * 32
MASTER = b"\xff" + b"\x55" * 32
FROZEN = b"\0" + b"\x99" * 32
POOR = b"\0" + b"\x31" * 32  # without a wallet


def found(walk: Callable[[], Any]) -> Any:
    """What a walk comes to, or why it does not."""
    try:
        return walk()
    except ProofError as error:
        return error.flaw


class World:
    """A masterchain block with three shards, and the states after them."""

    def __init__(self, *, swapped: bool = False, number: int = 40) -> None:
        wallets = [built.usdt_wallet(LOW, 5_000_000), built.usdt_wallet(HIGH, 77, status=1)]
        held = [
            (LOW, built.account(LOW, 10**15)),
            (HIGH, built.account(HIGH, 2 * 10**9)),
            (FROZEN, built.account(FROZEN, 5, state="01")),
            *wallets,
            *((b"\0" + bytes([each]) * 32, built.account(b"\0" + bytes([each]) * 32, each)) for each in range(1, 9)),
        ]
        self.states: dict[str, built.Cell] = {}
        self.blocks: dict[str, built.Cell] = {}
        for at, prefix in enumerate(("0", "10", "11")):
            inside = [each for each in held if built.octets(each[0][1:]).startswith(prefix)]
            self.states[prefix] = built.state(0, prefix, 30 + at, inside, None)
            self.blocks[prefix] = built.block(
                0, prefix, 30 + at, self.states[prefix], time=1_700_000_090, parent=PARENT
            )
        named = dict(self.blocks)
        if swapped:
            named["0"], named["10"] = named["10"], named["0"]
        extra = built.shards(named, {"0": 30, "10": 31, "11": 32})
        self.master_state = built.state(-1, "", number, [(MASTER, built.account(MASTER, 9))], extra)
        self.master = built.block(-1, "", number, self.master_state, time=1_700_000_100, parent=PARENT)
        self.snapshot = Snapshot(TON, 40, self.master.hash.hex(), PARENT.hex(), TIME)

    def records(self) -> dict[bytes, bytes]:
        """Everything that there is, with nothing cut."""
        trees = [self.master, self.master_state, *self.blocks.values(), *self.states.values()]
        return by_hash(record for tree in trees for record in tree_records(built.bag([tree])))


def by_hash(records: Iterable[bytes]) -> dict[bytes, bytes]:
    return {record_hash(record): record for record in records}


WORLD = World()


def test_an_account_is_found_in_the_shard_that_its_bits_lead_to_and_one_that_is_not_there_is_shown_not_to_be() -> None:
    find = WORLD.records().get
    master = masterchain_block(WORLD.snapshot, find)
    balances = {LOW: 10**15, HIGH: 2 * 10**9, MASTER: 9, FROZEN: 5, b"\0" + b"\x03" * 32: 3}
    for address, balance in balances.items():
        account = account_at(master, address, find)
        assert account is not None
        assert account.balance == balance
    for address in (ABSENT, b"\xff" + b"\x56" * 32, b"\0" + bytes(32), b"\0" + b"\xff" * 32):
        assert account_at(master, address, find) is None


def test_a_workchain_that_the_masterchain_does_not_know_shows_nothing() -> None:
    find = WORLD.records().get
    master = masterchain_block(WORLD.snapshot, find)
    for address in (b"\1" + b"\x12" * 32, b"\0" * 32, b""):
        with pytest.raises(ProofError):
            account_at(master, address, find)


def test_a_shards_block_in_the_place_of_another_shards_shows_no_account_missing() -> None:
    """The masterchain itself would have to say so; still the block has to be of the shard of the account's bits."""
    world = World(swapped=True)
    find = world.records().get
    master = masterchain_block(world.snapshot, find)
    for address in (LOW, b"\0" + b"\x99" * 32, ABSENT):
        assert found(partial(account_at, master, address, find)) is Flaw.HEADER_MISMATCH
    assert account_at(master, HIGH, find) is not None


@pytest.mark.parametrize(
    "change",
    [
        {"height": 41},
        {"parent": "08" * 32},
        {"time": TIME + timedelta(seconds=1)},
        {"hash": WORLD.blocks["0"].hash.hex()},
        {"hash": WORLD.master_state.hash.hex()},
        {"hash": "ab" * 32},
        {"hash": "ab" * 31},
    ],
)
def test_a_snapshot_that_says_anything_else_than_its_block_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ProofError):
        masterchain_block(replace(WORLD.snapshot, **change), WORLD.records().get)


def test_a_state_after_another_block_than_its_own_is_refused() -> None:
    world = World(number=41)
    snapshot = Snapshot(TON, 41, world.master.hash.hex(), PARENT.hex(), TIME)
    broken = built.block(-1, "", 41, WORLD.master_state, time=1_700_000_100, parent=PARENT)
    records = WORLD.records() | by_hash(tree_records(built.bag([broken])))
    master = masterchain_block(Snapshot(TON, 41, broken.hash.hex(), PARENT.hex(), TIME), records.get)
    assert found(lambda: account_at(master, LOW, records.get)) is Flaw.HEADER_MISMATCH
    assert masterchain_block(snapshot, world.records().get).number == 41


def proven(asset: Any, address: bytes, records: Iterable[bytes]) -> Any:
    witness, reached = Witness(records), set[bytes]()
    return found(lambda: TonStateProofs().state(WORLD.snapshot, witness, reached).balance(asset, address, None))


@pytest.mark.parametrize(
    ("asset", "address", "atoms"),
    [
        (COIN, LOW, 10**15),
        (COIN, MASTER, 9),
        (COIN, ABSENT, 0),
        (USDT, LOW, 5_000_000),
        (USDT, HIGH, 77),
        (USDT, POOR, 0),
    ],
)
def test_every_record_that_a_balance_rests_on_is_needed_and_any_byte_of_it_counts(
    asset: Any, address: bytes, atoms: int
) -> None:
    records = list(WORLD.records().values())
    witness, reached = Witness(records), set[bytes]()
    assert TonStateProofs().state(WORLD.snapshot, witness, reached).balance(asset, address, None) == atoms
    needed = [witness.get(digest) or b"" for digest in reached]
    assert proven(asset, address, needed) == atoms
    for at, record in enumerate(needed):
        rest = needed[:at] + needed[at + 1 :]
        assert proven(asset, address, rest) is Flaw.INCOMPLETE
        for place in range(0, len(record), 1 + len(record) // 5):
            spoiled = record[:place] + bytes([record[place] ^ 1]) + record[place + 1 :]
            assert proven(asset, address, [*rest, spoiled]) is Flaw.INCOMPLETE


def test_jettons_that_are_not_known_and_wallets_of_another_kind_are_not_read() -> None:
    other = parse_asset(f"tvm:-239/jetton:0%3A{'ab' * 32}")
    assert jetton_of(other) is None
    assert proven(other, LOW, WORLD.records().values()) is Flaw.INCOMPLETE
    usdt = jetton_of(USDT)
    assert usdt is not None
    data = built.Cell(
        built.number(0, 4) + built.coins(5) + "100" + built.octets(LOW) + "100" + built.octets(built.USDT)
    )
    (record,) = tree_records(built.bag([data]))
    assert balance_in(Slice(record), usdt, LOW) == 5
    for wrong in (HIGH, MASTER):
        with pytest.raises(ProofError):
            balance_in(Slice(record), usdt, wrong)
    (longer,) = tree_records(built.bag([built.Cell(data.bits + "1")]))
    with pytest.raises(ProofError):
        balance_in(Slice(longer), usdt, LOW)


def test_a_wallet_is_where_its_contract_says() -> None:
    usdt = jetton_of(USDT)
    assert usdt is not None
    assert usdt.code == built.usdt_code().hash
    for owner in (LOW, HIGH, MASTER):
        assert wallet_of(usdt, owner) == built.usdt_wallet(owner, 0)[0]


def test_a_jetton_has_one_spelling() -> None:
    for text in (
        "0%3AB113A994B5024A16719F69139328EB759596C38A25F59028B146FECDC3621DFE",
        "EQCxE6mUtQJKFnGfaROTKOt1lZbDiiX1kCixRv7Nw2Id%2FsDs",
    ):
        assert parse_asset(f"tvm:-239/jetton:{text}") == USDT
    for text in ("0%3Ab113", "usdt", "EQCxE6mUtQJKFnGfaROTKOt1lZbDiiX1kCixRv7Nw2Id%2FsDt"):
        with pytest.raises(IdError):
            parse_asset(f"tvm:-239/jetton:{text}")


def test_whatever_is_done_to_the_cells_of_a_proof_no_wrong_balance_is_shown() -> None:
    """Bytes are changed, cells cut, left out, or mixed with those of other states; each lies under its own hash."""
    random, records = Random(15), list(WORLD.records().values())
    strange = list(World(swapped=True, number=41).records().values())
    right = {(COIN, LOW): 10**15, (COIN, MASTER): 9, (COIN, ABSENT): 0, (USDT, HIGH): 77, (USDT, POOR): 0}
    needed: dict[tuple[Any, bytes], list[bytes]] = {}
    for asset, address in right:
        witness, reached = Witness(records), set[bytes]()
        TonStateProofs().state(WORLD.snapshot, witness, reached).balance(asset, address, None)
        needed[asset, address] = [witness.get(digest) or b"" for digest in reached]
    shown = 0
    for _ in range(cases(10_000)):
        asked = random.choice(list(right))
        held = list(needed[asked])
        for _ in range(random.randint(0, 2)):
            at = random.randrange(len(held))
            changed = bytearray(held[at])
            changed[random.randrange(len(changed))] ^= random.randint(1, 255)
            held[at] = random.choice([bytes(changed), held[at][:-1], random.choice(strange), b"\0\0"])
        found = by_hash(held)
        try:
            atoms = balance_of(asked[0], masterchain_block(WORLD.snapshot, found.get), asked[1], found.get)
        except ProofError:
            continue
        shown += 1
        assert atoms == right[asked]
    assert shown >= cases(10_000) // 4


# Proofs, cut from trees


def kept(*cells: built.Cell) -> Callable[[built.Cell], bool]:
    wanted = {id(each) for each in cells}
    return lambda cell: id(cell) in wanted


def test_a_proof_gives_what_was_not_cut_and_its_hash_is_the_trees() -> None:
    block = WORLD.master
    whole = (block, block.below[0], *block.below[0].below, block.below[2])
    bag = built.bag([built.proof(block, kept(*whole))])
    records = proven_records(bag)
    assert set(by_hash(records)) == {each.hash for each in whole}
    assert masterchain_block(WORLD.snapshot, by_hash(records).get).number == 40
    assert TonStateProofs().header(WORLD.snapshot, len(bag).to_bytes(4) + bag)


def test_a_proof_that_says_another_hash_than_its_tree_has_is_refused() -> None:
    honest = built.proof(WORLD.master, kept(WORLD.master))
    for bits in (honest.bits[:8] + built.octets(bytes(32)) + honest.bits[264:], honest.bits[:-1] + "1"):
        with pytest.raises(ProofError):
            read_bag(built.bag([built.Cell(bits, honest.below, built.PROOF)]))
    with pytest.raises(ProofError):
        proven_records(built.bag([WORLD.master]))


def test_a_cut_branch_gives_no_record_whatever_it_says() -> None:
    """A cell that says a hash shows nothing under it."""
    block = WORLD.master
    bag = built.bag([built.proof(block, kept(block))])
    assert set(by_hash(proven_records(bag))) == {block.hash}
    assert found(lambda: masterchain_block(WORLD.snapshot, by_hash(proven_records(bag)).get)) is Flaw.INCOMPLETE


@given(st.lists(st.text("01", max_size=60), min_size=1, max_size=12), st.booleans(), st.booleans())
def test_a_bag_is_read_as_the_cells_that_were_put_there(bits: list[str], index: bool, checksum: bool) -> None:
    cells: list[built.Cell] = []
    for text in bits:
        cells.append(built.Cell(text, tuple(cells[-4:])))
    (root,) = read_bag(built.bag([cells[-1]], index=index, checksum=checksum))
    assert root.hash() == cells[-1].hash
    assert set(records_of(root)) <= {each.hash for each in cells}
    for digest, record in records_of(root).items():
        slice_ = Slice(record)
        (match,) = {each.bits for each in cells if each.hash == digest}
        assert slice_.bits == len(match)
        assert slice_.take(len(match)) == int(match or "0", 2)


BAG = built.bag([built.proof(WORLD.master, kept(WORLD.master, WORLD.master.below[0], WORLD.master.below[2]))])


@settings(max_examples=cases(300), deadline=None)
@given(st.data())
def test_a_bag_that_was_changed_gives_cells_under_their_own_hashes_or_is_refused(data: st.DataObject) -> None:
    spoiled = bytearray(BAG)
    for _ in range(data.draw(st.integers(1, 3))):
        spoiled[data.draw(st.integers(0, len(spoiled) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(spoiled[: data.draw(st.integers(0, len(spoiled)))])
    for bag in (bytes(spoiled), cut):
        with contextlib.suppress(ProofError):
            for digest, record in by_hash(proven_records(bag)).items():
                assert record_hash(record) == digest


@given(st.binary(max_size=120))
def test_whatever_bytes_stand_for_a_record_they_are_a_cell_or_refused(data: bytes) -> None:
    with contextlib.suppress(ProofError):
        slice_ = Slice(data)
        assert slice_.bits <= 8 * len(data)
        assert len(slice_.references) <= 4


keys = st.integers(0, 2**16 - 1)


@settings(max_examples=cases(200), deadline=None)
@given(st.dictionaries(keys, st.integers(0, 255), min_size=1, max_size=40), keys)
def test_a_key_has_the_value_that_was_put_there_and_any_other_is_shown_to_have_none(
    entries: dict[int, int], other: int
) -> None:
    made = built.dictionary({built.number(key, 16): (built.number(value, 8), ()) for key, value in entries.items()})
    find = by_hash(tree_records(built.bag([made]))).get
    for key in [*entries, other]:
        leaf = entry_at(made.hash, key, 16, find)
        assert (None if leaf is None else leaf.take(8)) == entries.get(key)


@pytest.mark.parametrize(
    "label", ["0" + "1" * 17 + "0" + "0" * 17, "10" + "11111", "110" + "11111", "10" + "10000", "0"]
)
def test_a_label_that_is_longer_than_its_key_or_cut_short_is_refused(label: str) -> None:
    made = built.Cell(label)
    with pytest.raises(ProofError):
        entry_at(made.hash, 5, 16, by_hash(tree_records(built.bag([made]))).get)


# The main network


def real_block() -> tuple[dict[bytes, bytes], Any, dict[str, str]]:
    """The records of a block and of the new state in its update, the block, and balances."""
    folder = SHARED / "data" / "chains" / "ton"
    path = folder / "block_0_8000000000000000_71398501.boc"
    if not path.exists():
        pytest.skip("the reference's block is not at hand")
    right = json.loads((folder / "block-right.json").read_text())
    (root,) = read_bag(path.read_bytes())
    assert root.hash().hex() == "244d0a2f58561995bd57943b0db945cb9fa6a5181d501efc334636aa4401c241"
    assert root.references[2].references[1].hash().hex() == right["new_state_hash"]
    records = records_of(root) | records_of(root.references[2].references[1])
    return records, block_of(root.hash(), records.get), right["balances_in_nanoton"]


def test_a_real_block_has_its_hash_and_its_state_the_balances_that_are_known() -> None:
    records, block, balances = real_block()
    assert (block.number, block.workchain, block.prefix) == (71_398_501, 0, (0, 0))
    for text, balance in balances.items():
        account = account_in(block, b"\0" + bytes.fromhex(text[2:]), records.get)
        assert account is not None
        assert account.balance == int(balance)
    cut = b"\0" + bytes(range(32))
    assert found(lambda: account_in(block, cut, records.get)) is Flaw.INCOMPLETE  # an absence that is not shown


ENGINES = json.loads((VECTORS / "ton_engine_accounts.json").read_text())["accounts"]


def rebuilt(read: Cell) -> built.Cell:
    """A cell of a bag, as states are built of here."""
    second = read.representation[1]
    bits = built.octets(read.representation[2 : 2 + (second + 1) // 2])
    return built.Cell(bits.rstrip("0")[:-1] if second % 2 else bits, tuple(map(rebuilt, read.references)))


def test_accounts_that_the_virtual_machine_made_are_proven_with_the_balances_that_it_says() -> None:
    held = []
    for each in ENGINES:
        (root,) = read_bag(base64.b64decode(each["shardAccount"]))
        assert root.references[0].hash().hex() == each["account"]
        workchain, key = each["address"].split(":")
        held.append((int(workchain).to_bytes(1, signed=True) + bytes.fromhex(key), rebuilt(root.references[0])))
    state = built.state(0, "", 30, [each for each in held if each[0][:1] == b"\0"], None)
    block = built.block(0, "", 30, state, time=1_700_000_090, parent=PARENT)
    of_master = [each for each in held if each[0][:1] != b"\0"]
    master_state = built.state(-1, "", 40, of_master, built.shards({"": block}, {"": 30}))
    master = built.block(-1, "", 40, master_state, time=1_700_000_100, parent=PARENT)
    find = by_hash(
        record for tree in (master, master_state, block, state) for record in tree_records(built.bag([tree]))
    ).get
    snapshot = Snapshot(TON, 40, master.hash.hex(), PARENT.hex(), TIME)
    for (address, _), each in zip(held, ENGINES, strict=True):
        account = account_at(masterchain_block(snapshot, find), address, find)
        assert account is not None
        assert (account.balance, account.code is not None) == (int(each["balance"]), each["state"] == "active")
    assert {each["state"] for each in ENGINES} == {"active", "uninit"}


def test_real_wallets_of_usdt_lie_where_their_contract_says_and_are_read() -> None:
    records, block, _ = real_block()
    usdt = jetton_of(USDT)
    assert usdt is not None
    wallets = {
        "fcd79429c113dcd437396311467dcc2dc1f3772c295cae75d07693e6e0ccef77": 17_390_998_847,
        "18aa8e2eed51747dae033c079b93883d941cad8f65459f2ee9cd7474b6b8ed5d": 837_285_350_801,
        "92e1411ae546892f33b2c8a89ea90390d8ff4cfbb917a643b91e73f706fdb9d1": 4_336_660_849_481,
        "8fbf702aad9874cd09b4f7af598f2b14e11805e4b5322c01275fceff60d1ee4d": 17_074_013_143,
        "b0ca4d925706ce80a0996e341bf422aad5a74af9faea864de546f5d896c61c29": 18_195_495_044,
        "cee275c941f48642c51c72ca25b8cc458a927d22201d1c9f7908947a0d46171d": 17_799_929_700,
    }
    for owner, atoms in wallets.items():
        account = b"\0" + bytes.fromhex(owner)
        wallet = account_in(block, wallet_of(usdt, account), records.get)
        assert wallet is not None
        assert wallet.code == usdt.code
        assert wallet.data is not None
        assert balance_in(cell(wallet.data, records.get), usdt, account) == atoms


def test_a_cell_that_is_missing_is_named() -> None:
    with pytest.raises(MissingCell) as caught:
        cell(bytes(32), lambda _: None)
    assert caught.value.digest == bytes(32)
