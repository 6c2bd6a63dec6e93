"""Deep JSON is told from shallow before it is parsed, whatever stands in its strings."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.core.json_nesting import nests_deeper

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=30,
)


def depth(value: object) -> int:
    if isinstance(value, list):
        return 1 + max(map(depth, value), default=0)
    return 1 + max(map(depth, value.values()), default=0) if isinstance(value, dict) else 0


@given(values, st.integers(0, 5), st.booleans())
def test_the_answer_is_that_of_the_parsed_value(value: object, most: int, escaped: bool) -> None:
    text = json.dumps(value, ensure_ascii=escaped).encode()
    assert nests_deeper(text, most) == (depth(value) > most)


@pytest.mark.parametrize("text", [rb'["\"[[[["]', rb'["\\"]', b'["]]]", "[[["]', rb'{"a\\\"{{{": []}'])
def test_brackets_in_strings_are_no_levels(text: bytes) -> None:
    assert not nests_deeper(text, depth(json.loads(text)))


LOOK = """
import sys; sys.setrecursionlimit(100_000)
from pathlib import Path
from scanner.attesting import canonical, ethereum_keys
from scanner.chains.names import ETHEREUM
from scanner.cli.learnt_limits import learnt
from scanner.clients import jsonrpc
from scanner.errors import InputError, NodeError
from scanner.scanning import anchor_journal, journal_record

deep = b"[" * 1_000_000
for reader in (
    lambda: jsonrpc.decode(deep),
    lambda: canonical.decode(deep, 10**7),
    lambda: anchor_journal._read(b"B" + deep),
    lambda: journal_record.decode(deep + b"\\n"),
    lambda: journal_record.decode_block(deep, ETHEREUM),
    lambda: ethereum_keys.read_ethereum_key(deep.decode(), "key"),
):
    try: reader()
    except (NodeError, canonical.NotCanonical, ValueError, InputError): print("refused")
log = Path("log")
log.write_bytes(b'{"event": "node_opened", "ways": ' + deep[:60_000])
print(learnt(log).ways)
"""


def test_a_million_brackets_end_no_process_whose_recursion_limit_was_raised(tmp_path: Path) -> None:
    """As importing web3 raises it: the parser would then go down until the stack ends."""
    done = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stdout.split()) == (0, ["refused"] * 6 + ["{}"]), done.stderr
