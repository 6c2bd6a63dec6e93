"""Deep JSON is told from shallow before it is parsed, whatever stands in its strings."""

from __future__ import annotations

import json
import subprocess
import sys

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


def test_a_million_brackets_end_no_process_whose_recursion_limit_was_raised() -> None:
    """As importing web3 raises it: the parser would then go down until the stack ends."""
    look = (
        "import sys; sys.setrecursionlimit(100_000)\n"
        "from scanner.attesting import canonical\n"
        "from scanner.clients import jsonrpc\n"
        "from scanner.errors import NodeError\n"
        "for decode in (jsonrpc.decode, lambda text: canonical.decode(text, 10**7)):\n"
        "    try: decode(b'[' * 1_000_000)\n"
        "    except (NodeError, canonical.NotCanonical): print('refused')"
    )
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "refused\nrefused\n")
