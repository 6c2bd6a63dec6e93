"""Links to public explorers, for readers to follow."""

from __future__ import annotations

import re
from string import Formatter
from urllib.parse import urlsplit

from scanner.chains.explorers import explorer_url
from scanner.chains.names import parse_chain
from scanner.chains.registry import FAMILIES
from scanner.core.ids import Chain
from tests.support.places import ROOT
from tests.support.tables import each_of

ALL = [Chain(family.namespace, reference) for family in FAMILIES.values() for reference in family.explorers]


def test_there_are_some() -> None:
    assert parse_chain("eip155:1") in ALL


@each_of("chain", ALL, ids=str)
def test_each_is_a_page_over_tls_of_exactly_this_block(chain: Chain) -> None:
    template = FAMILIES[chain.namespace].explorers[chain.reference]
    assert {name for _, name, _, _ in Formatter().parse(template) if name is not None} in ({"height"}, {"hash"})
    url = explorer_url(chain, 4242, "ab" * 32)
    assert url is not None
    assert ("4242" in url) != ("ab" * 32 in url)
    parts = urlsplit(url)
    assert (parts.scheme, parts.username, parts.query) == (
        "https",
        None,
        "network=mainnet" if chain.namespace == "aptos" else "",
    )
    assert parts.hostname


def test_each_stands_in_the_page_with_where_its_form_was_seen_and_no_other() -> None:
    rows = re.findall(r"^\| `([^`]+)` \| `(https://[^`]+)` \| (\S.*) \|$", (ROOT / "docs/page.md").read_text(), re.M)
    assert {chain: url for chain, url, _ in rows} == {
        str(chain): FAMILIES[chain.namespace].explorers[chain.reference] for chain in ALL
    }


def test_a_hash_from_outside_cannot_lead_elsewhere() -> None:
    bitcoin = parse_chain("bip122:000000000019d6689c085ae165831e93")
    url = explorer_url(bitcoin, 1, "../../@evil.example/?#")
    assert url == "https://mempool.space/block/..%2F..%2F%40evil.example%2F%3F%23"


def test_a_chain_without_one_has_no_link() -> None:
    assert explorer_url(parse_chain("eip155:31337"), 1, "0x" + "ab" * 32) is None
