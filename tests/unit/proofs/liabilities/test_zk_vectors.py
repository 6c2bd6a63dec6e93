"""Sets of the zero-knowledge schemes that were made once still show what they showed then."""

from __future__ import annotations

import base64
import gzip
import json
from fractions import Fraction
from typing import Any, Final

import pytest

from scanner.proofs.liabilities import Published, Scheme, Shows, find_scheme
from scanner.proofs.liabilities.gnark_groth16 import all_hold, read_key, read_proof
from tests.support.liabilities import zkmerkle_sets
from tests.support.liabilities.published_files import file
from tests.support.liabilities.zk_vectors import PATH

VECTORS: Final[dict[str, Any]] = json.loads(gzip.decompress(PATH.read_bytes()))


@pytest.mark.parametrize("vector", VECTORS["sets"], ids=[each["scheme"] for each in VECTORS["sets"]])
def test_a_set_shows_what_it_showed_when_it_was_made(vector: dict[str, Any]) -> None:
    small = vector["scheme"] == "small zkmerkle"
    scheme: Scheme = zkmerkle_sets.SCHEME if small else find_scheme(vector["scheme"])
    files = tuple(
        file(text if isinstance(text, str) else base64.b64decode(text["base64"]), name)
        for name, text in vector["files"].items()
    )
    shown = scheme.judge(Published(files, vector["options"], vector["root"]))
    assert {coin: total.amount for coin, total in shown.totals.items()} == {
        coin: Fraction(text) for coin, text in vector["totals"].items()
    }
    assert max(total.shows.strength for total in shown.totals.values()) == Shows(vector["shows"]).strength
    for name in vector["customers"]:
        user = file(vector["files"][name], name)
        published = Published(files, vector["options"])
        assert scheme.includes(published, user).root == shown.root == vector["root"]


@pytest.mark.parametrize("vector", VECTORS["groth16"], ids=["commitment", "none", "gnark 0.7"])
def test_a_proof_holds_for_its_input_alone(vector: dict[str, Any]) -> None:
    key = read_key(bytes.fromhex(vector["key"]), "key")
    for text in vector["proofs"]:
        proof = read_proof(bytes.fromhex(text), "proof")
        assert all_hold(key, [(proof, (vector["public"],))])
        assert not all_hold(key, [(proof, (vector["public"] + 1,))])
