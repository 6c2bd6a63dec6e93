"""What is known of a family of chains stands in its folder: nothing outside `scanner.chains` names a namespace."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from scanner.chains.registry import FAMILIES
from tests.support.places import ROOT
from tests.support.tables import each_of

PACKAGE = ROOT / "scanner"
_ANY = "|".join(map(re.escape, sorted(FAMILIES, key=len, reverse=True)))
NAMED = re.compile(rf"{_ANY}|.*(?<![A-Za-z0-9_-])({_ANY}):.*", re.DOTALL)
"""A text that is a namespace, or in which one begins a chain's name. As words of a sentence they mean nothing."""


def namings(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of each string or bytes that names a namespace; docstrings and comments are left out."""
    if not re.search(_ANY, source):
        return
    tree = ast.parse(source)
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes) and id(node) not in told:
            text = node.value if isinstance(node.value, str) else node.value.decode("latin-1")
            if NAMED.fullmatch(text):
                yield node.lineno, text


def test_no_code_outside_chains_names_a_namespace() -> None:
    found = [
        f"{path.relative_to(PACKAGE)}:{line}: {text[:60]!r}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.relative_to(PACKAGE).parts[0] != "chains"
        for line, text in namings(path.read_text())
    ]
    assert found == []


@each_of("namespace", sorted(FAMILIES))
def test_whatever_names_a_namespace_is_found(namespace: str) -> None:
    for code in (
        f"if chain.namespace == '{namespace}': pass",
        f"X = {{'{namespace}': 1}}",
        f"x.startswith('{namespace}:')",
        f"x.startswith(b'{namespace}:')",
        f"raise ValueError('such as {namespace}:1, not')",
        f"raise ValueError(f'such as {namespace}:{{x}}')",
    ):
        assert len(list(namings(code))) == 1, code


@each_of("namespace", sorted(FAMILIES))
def test_docstrings_comments_and_words_of_sentences_are_not(namespace: str) -> None:
    for code in (
        f'"""Of {namespace}:1."""',
        f"x = 1  # {namespace}:1",
        f'def f():\n    """{namespace}:1"""',
        f'x = 1\n"""{namespace}:1"""',
        f"x = 'come {namespace} to it'",
        f"x = 'un{namespace}:1'",
    ):
        assert list(namings(code)) == [], code
