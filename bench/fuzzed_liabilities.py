"""The schemes of liabilities as targets of `fuzz`: one file of a true set mutated, and whatever still
passes has to show exactly what the true set shows.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from scanner.proofs.liabilities import (
    File,
    Inclusion,
    NotUnderstood,
    Published,
    Refuted,
    Scheme,
    ShownTotals,
    Shows,
    find_scheme,
)
from scanner.proofs.liabilities.gnark_groth16 import all_hold, read_key, read_proof
from scanner.proofs.liabilities.remarks import COMPLETE, NO_SUMS
from tests.support.liabilities import liability_trees, plonky2_trees, zkmerkle_sets
from tests.support.liabilities.groth16_prover import Secrets
from tests.support.liabilities.published_files import file
from tests.support.liabilities.stark_sets import Kind, made

_ALLOWED: Final = (Refuted, NotUnderstood)


@dataclass(frozen=True, slots=True)
class Target:
    """As `fuzzed_files.Target`."""

    seeds: tuple[bytes, ...]
    run: Callable[[bytes, random.Random], object]
    allowed: tuple[type[Exception], ...] = _ALLOWED


def targets() -> dict[str, Target]:
    """By name. Sets are made when this is called, in about two seconds."""
    honest = made(Kind.HONEST)
    stark = find_scheme("okx-stark-v1")
    found = {}
    for part in ("batches/a0/sum_proof.json", "batches/a0/sum_values.json", "trunk/sum_proof.json", "config.json"):
        name = f"sum_proof_data/{part}"
        found[f"proof okx-stark-v1 {part}"] = _of_set(stark, honest.files, name)
    user = "a0/user_1_inclusion_proof.json"
    found["proof okx-stark-v1 customer"] = _of_customer(stark, honest[user], Published((), root=honest.root))
    for layout in (zkmerkle_sets.FIRST, zkmerkle_sets.SECOND):
        release = zkmerkle_sets.release(layout)
        texts = {each.name: b"".join(each.chunks()) for each in release.files(users=1)}
        options = {"vk_sha256": release.digests, "decimals": "8"}  # whatever a coin is called
        for name in texts:
            key = f"proof zkmerkle {layout.name} {name}"
            found[key] = _of_set(zkmerkle_sets.SCHEME, texts, name, options)
    plonky2 = find_scheme("okx-plonky2")
    published = Published((), plonky2_trees.OPTIONS, plonky2_trees.root())
    found["proof okx-plonky2 customer"] = _of_customer(plonky2, json.dumps(plonky2_trees.customer(13)), published)
    found["proof okx-plonky2 published"] = _unverified(plonky2, json.dumps(plonky2_trees.global_proof()))
    for scheme, case in liability_trees.cases().items():
        offered = Published(case.published, root=case.root)
        user = b"".join(case.users[0].chunks()).decode()
        found[f"proof {scheme} customer"] = _of_customer(find_scheme(scheme), user, offered)
        if case.published:
            texts = {each.name: b"".join(each.chunks()) for each in case.published}
            (name,) = texts
            found[f"proof {scheme} published"] = _of_set(find_scheme(scheme), texts, name, root=case.root)
    secrets = Secrets(b"fuzz")
    found["proof groth16"] = _groth16(secrets)
    return found


def _of_set(
    scheme: Scheme,
    texts: Mapping[str, Any],
    name: str,
    options: Mapping[str, str] | None = None,
    root: str | None = None,
) -> Target:
    def judge(changed: bytes | str) -> object:
        files: tuple[File, ...] = tuple(file(changed if each == name else text, each) for each, text in texts.items())
        return scheme.judge(Published(files, options or {}, root))

    true = judge(texts[name])

    def run(data: bytes, _luck: random.Random) -> object:
        return _same(judge(data), true)

    seed = texts[name]
    return Target((seed if isinstance(seed, bytes) else seed.encode(),), run)


def _of_customer(scheme: Scheme, text: str, published: Published) -> Target:
    true = scheme.includes(published, file(text))

    def run(data: bytes, _luck: random.Random) -> object:
        return _same(scheme.includes(published, file(data)), true)

    return Target((text.encode(),), run)


def _unverified(scheme: Scheme, text: str) -> Target:
    """A file whose figures are read and not verified: whatever it says, no more than STATED comes of it."""

    def run(data: bytes, _luck: random.Random) -> object:
        shown = scheme.judge(Published((file(data),)))
        if any(total.shows is not Shows.STATED for total in shown.totals.values()):
            raise AssertionError(f"it shows {shown!r}")
        return shown

    return Target((text.encode(),), run)


def _groth16(secrets: Secrets) -> Target:
    key, seeds = read_key(secrets.key(), "key"), (secrets.proof(7), secrets.proof(7, compressed=True))
    true = read_proof(seeds[0], "proof")

    def run(data: bytes, _luck: random.Random) -> object:
        proof = read_proof(data, "proof")
        if all_hold(key, [(proof, (7,))]) and proof != true:
            raise AssertionError("another proof holds")
        return proof

    return Target(seeds, run)


def _same(shown: object, true: object) -> object:
    if _figures(shown) != _figures(true):
        raise AssertionError(f"it shows {shown!r} in place of {true!r}")
    return shown


def _figures(shown: object) -> object:
    """What hashes hold: all but the names of coins, which only a list says (`listed-coin-names`), and of records whose
    hash holds neither names nor where an amount ends, no amounts either."""
    if isinstance(shown, Inclusion) and NO_SUMS in shown.remarks:
        return shown.root, shown.account, shown.shows
    if not isinstance(shown, ShownTotals):
        return shown
    cut = any(COMPLETE in total.assumes for total in shown.totals.values())  # a tree without its lowest level is a tree
    return shown.root, cut or shown.entries, [(total.amount, total.shows) for total in shown.totals.values()]
