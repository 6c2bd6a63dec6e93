"""Without assert statements (`python -O`) proofs of liabilities are refused just as with them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.places import ROOT

PROGRAM = """
import json
from scanner.proofs.liabilities import NotUnderstood, Published, Refuted, find_scheme
from tests.support.liabilities import plonky2_trees
from tests.support.liabilities import zkmerkle_sets
from tests.support.liabilities.published_files import file
from tests.support.liabilities.stark_sets import Kind, made

honest, release = made(Kind.HONEST), zkmerkle_sets.release(zkmerkle_sets.FIRST)
sums, trunk = "sum_proof_data/batches/a0/sum_values.json", "sum_proof_data/trunk/sum_proof.json"
table = release.texts["proof.csv"]
customer = json.dumps(plonky2_trees.customer(3))
stark, plonky2 = find_scheme("okx-stark-v1"), find_scheme("okx-plonky2")
plain = Published((), plonky2_trees.OPTIONS, plonky2_trees.root())
known = {"vk_sha256": release.digests}

def judged(scheme, files, options=None):
    return scheme.judge(Published(files, options or {}))

true = [
    lambda: judged(stark, honest.with_file(sums, honest[sums])),
    lambda: judged(zkmerkle_sets.SCHEME, release.files(), known),
    lambda: plonky2.includes(plain, file(customer)),
]
false = [
    lambda: judged(stark, honest.with_file(sums, honest[sums].replace("12000", "12001"))),
    lambda: judged(stark, honest.with_file(trunk, honest[trunk].replace("a", "b", 60))),
    lambda: judged(zkmerkle_sets.SCHEME, release.files(proof=table.replace("A", "B")), known),
    lambda: judged(zkmerkle_sets.SCHEME, release.files(), {"vk_sha256": "00" * 32}),
    lambda: plonky2.includes(plain, file(customer.replace('"30"', '"31"'))),
]
for each in true:
    each()
refused = 0
for each in false:
    try:
        each()
    except (NotUnderstood, Refuted):
        refused += 1
print(__debug__, refused, len(false))
"""


@pytest.mark.parametrize(("flags", "debug"), [((), "True"), (("-O",), "False")])
def test_what_is_edited_is_refused_with_and_without_asserts(flags: tuple[str, ...], debug: str) -> None:
    done = subprocess.run(
        [sys.executable, *flags, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [debug, "5", "5"]
