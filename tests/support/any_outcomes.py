"""Hypothesis' strategies for outcomes of holdings."""

from __future__ import annotations

from hypothesis import strategies as st

from scanner.core.evidence import Balance, Basis, Gap
from scanner.errors import Why

names = st.sampled_from(["alpha", "beta", "gamma"])
atoms = st.one_of(st.integers(0, 3), st.sampled_from([2**32 - 1, 2**64 - 1, 2**128 - 1, 2**256 - 1]))
operators = st.sets(names, max_size=2).map(lambda some: tuple(sorted(some)))
dissents = st.dictionaries(names, atoms, max_size=2).map(lambda said: tuple(sorted(said.items())))
gaps = st.builds(Gap, st.sampled_from(list(Why)[:3]), st.sampled_from(["", "timeout"]))
balances = st.builds(Balance, atoms, st.sampled_from(Basis), operators, dissents)
outcomes = st.one_of(balances, gaps)
