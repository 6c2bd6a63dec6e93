"""docs/claim.md knows every kind of node and every layout, and leads to the page of every family that has one."""

from __future__ import annotations

import re

from scanner.chains.registry import BACKENDS
from scanner.sources.published.layouts import LAYOUTS
from tests.support.places import ROOT

DOCS = ROOT / "docs"
PAGE = (DOCS / "claim.md").read_text()


def test_every_kind_of_node_stands_in_the_table_of_a_nodes_keys_and_no_other() -> None:
    (row,) = (line for line in PAGE.splitlines() if line.startswith("| `url` | required | the kind of node"))
    kinds = {f"{kind}+{transport}" for kind, (_, backend) in BACKENDS.items() for transport in backend.transports}
    assert set(re.findall(r"`([a-z]+\+[a-z]+)`", row)) == kinds


def test_the_kinds_that_may_serve_several_chains_are_those_of_which_one_has_to_be_named() -> None:
    (row,) = (line for line in PAGE.splitlines() if line.startswith("| `chain` | for "))
    named = set(re.findall(r"`([a-z]+)`", row.split("|")[2]))
    assert named == {kind for kind, (_, backend) in BACKENDS.items() if backend.chain is None}


def test_every_layout_that_a_claim_may_name_is_named() -> None:
    (row,) = (line for line in PAGE.splitlines() if line.startswith("| `layout` | optional"))
    listed, _, _ = row.split("|")[3].partition(";")
    assert re.findall(r"`([a-z]+)`", listed) == list(LAYOUTS)


def test_the_page_of_every_family_is_linked() -> None:
    pages = {f"families/{page.name}" for page in (DOCS / "families").glob("*.md")}
    assert pages
    assert pages <= set(re.findall(r"\]\(([^)]+)\)", PAGE))
