"""What `liabilities` times of the zero-knowledge schemes: sets made by the provers that tests use."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Final

from scanner.proofs.liabilities import Published, ShownTotals, find_scheme, gnark_groth16
from scanner.proofs.liabilities import binance as binance_scheme
from scanner.proofs.liabilities import gate as gate_scheme
from scanner.proofs.liabilities.bn254_py_ecc import PurePython
from scanner.proofs.liabilities.gnark_groth16 import all_hold, read_key, read_proof
from scanner.proofs.liabilities.poseidon_bn254 import hash_elements
from scanner.proofs.liabilities.zkmerkle import (
    CircuitLayout,
    CustomerHolding,
    CustomerRecord,
    empty_root,
    find_layout,
    leaf,
)
from scanner.proofs.liabilities.zkmerkle_chain import commitment
from tests.support.liabilities import plonky2_trees, zkmerkle_sets
from tests.support.liabilities.groth16_prover import Secrets
from tests.support.liabilities.published_files import file
from tests.support.liabilities.stark_sets import Kind, made

BATCHES: Final = 2_000


@dataclass(frozen=True, slots=True)
class Job:
    """One figure: `run` handles so many entries. With `published`, `judge` can be given several processors."""

    what: str
    entries: int
    run: Callable[[], object]
    published: Published | None = None
    judge: Callable[[Published], ShownTotals] | None = None


def okx_stark() -> Iterator[Job]:
    """Sum proofs, and customers' files by the trunk's root."""
    scheme, honest = find_scheme("okx-stark-v1"), made(Kind.HONEST)
    files, users = Published(honest.sum_proofs()), honest.inclusions()
    yield Job("sum proofs, of 4 coins", 3, lambda: scheme.judge(files))
    by_root = Published((), root=honest.root)
    yield Job("customers' files, of 4 coins", len(users), lambda: [scheme.includes(by_root, user) for user in users])


def okx_plonky2() -> Iterator[Job]:
    """Customers' files in a tree of the tests' shape, and in one of the production's."""
    scheme = find_scheme("okx-plonky2")
    published = Published((), plonky2_trees.OPTIONS, plonky2_trees.root())
    users = [plonky2_trees.customer_file(number) for number in range(16)]
    yield Job("customers' files, small tree", 16, lambda: [scheme.includes(published, user) for user in users])
    large = plonky2_trees.customer(0)
    digest = "11" * 32
    large["sum_tree_siblings"] = [digest] * 10
    large["recursive_tree_siblings"] = [{"left_hashes": [], "right_hashes": [digest] * 63}] * 3
    user = file(json.dumps(large))
    yield Job("customers' files, 268 million accounts", 1, lambda: scheme.includes(Published(()), user))


def _record(layout: CircuitLayout) -> CustomerRecord:
    amounts = tuple(range(1, 1 + layout.items))
    record = CustomerRecord(
        5,
        7,
        10,
        5,
        5 if layout.collateral else None,
        (CustomerHolding(3, amounts), CustomerHolding(49, amounts)),
        "",
        (),
    )
    node, path = leaf(record, layout), tuple(range(28))
    for level, sibling in enumerate(path):
        node = hash_elements([sibling, node] if record.index >> level & 1 else [node, sibling])
    return CustomerRecord(5, 7, 10, 5, record.collateral, record.holdings, f"{node:064x}", path)


def binance() -> Iterator[Job]:
    """Customers' proofs by layout, and a chain of batches with the proofs of all."""
    for layout in binance_scheme.LAYOUTS:
        yield _customer(layout)
    yield from _chain()


def gate() -> Iterator[Job]:
    """Customers' proofs."""
    yield _customer(gate_scheme.LAYOUTS[0])


def _customer(layout: CircuitLayout) -> Job:
    record = _record(layout)

    def run() -> None:
        leaf.cache_clear()
        find_layout(record, [layout], None)

    return Job(f"a customer's proof, {layout.name}", 1, run)


def _chain() -> Iterator[Job]:
    """A table of batches of accounts that hold nothing: what they hold makes no difference to the time."""
    layout, secrets = zkmerkle_sets.FIRST, Secrets(b"bench")
    root, totals = empty_root(layout), commitment((), layout)
    public = hash_elements([root, root, totals, totals])
    texts = [base64.b64encode(each.to_bytes(32)).decode() for each in (root, totals, public)]
    row = {
        "proof_info": base64.b64encode(secrets.proof(public)).decode(),
        "cex_asset_list_commitments": json.dumps([texts[1]] * 2),
        "account_tree_roots": json.dumps([texts[0]] * 2),
        "batch_commitment": texts[2],
    }
    table = zkmerkle_sets.table({**row, "batch_number": str(number)} for number in range(BATCHES))
    key = secrets.key()
    settings = json.dumps({"ZkKeyName": "zkpor864", "CexAssetsInfo": []})
    files = (file(table, "proof.csv"), file(settings, "config.json"), file(key, "zkpor864.vk"))
    for what, given in (("batches without their proofs", files[:2]), ("batches with their proofs", files)):
        options = {"vk_sha256": zkmerkle_sets.file_digest(key)}
        published = Published(given, options)
        judge = zkmerkle_sets.SCHEME.judge
        yield Job(what, BATCHES, lambda judge=judge, published=published: judge(published), published, judge)


def groth16() -> Iterator[Job]:
    """Proofs by each library, alone and many at once."""
    secrets = Secrets(b"bench")
    key = read_key(secrets.key(), "key")
    proofs = [(read_proof(secrets.proof(number), "proof"), (number,)) for number in range(64)]
    if find_spec("pyrevm"):
        yield Job("one proof at a time, pyrevm", 1, lambda: all_hold(key, proofs[:1]))
        yield Job("64 proofs at once, pyrevm", 64, lambda: all_hold(key, proofs))

    def pure(count: int) -> None:
        fast, gnark_groth16.arithmetic = gnark_groth16.arithmetic, PurePython  # type: ignore[assignment]
        try:
            all_hold(key, proofs[:count])
        finally:
            gnark_groth16.arithmetic = fast

    yield Job("one proof at a time, py_ecc", 1, lambda: pure(1))
    yield Job("8 proofs at once, py_ecc", 8, lambda: pure(8))
