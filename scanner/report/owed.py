"""Sentences about what an amount owed rests on: for terminals and pages, and for customers who look for their account.

docs/liabilities.md says the same at length. Nothing here judges a proof.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from scanner.core.shows import Shows

SHOWN: Final[Mapping[str, str]] = MappingProxyType(
    {
        Shows.STATED: "the total is the exchange's word",
        Shows.INCLUDED: "customers' records lie under the published root; nothing binds the total to them",
        Shows.SUM_BOUND: "the total is at least the sum of all customers who find themselves under this root",
        Shows.TOTAL_PROVEN: "the total is the sum of all records that were published",
    }
)
"""What each word says of a total."""

NOT_SHOWN: Final[Mapping[str, str]] = MappingProxyType(
    {
        Shows.STATED: "that any customer is counted in it",
        Shows.INCLUDED: "that the total is right, or that other customers were shown the same amounts",
        Shows.SUM_BOUND: "that customers who did not look are counted",
        Shows.TOTAL_PROVEN: "that every account is among the records, or that there are no debts besides",
    }
)
"""What each word does not say, by the same key: to be read behind "it does not show"."""

PHRASES: Final[Mapping[str, str]] = MappingProxyType(
    {
        Shows.STATED: "as stated by the exchange",
        Shows.INCLUDED: "as stated by the exchange; the published proof shows inclusion only",
        Shows.SUM_BOUND: "bound to the sums that customers can check",
        Shows.TOTAL_PROVEN: "the sum of all published records",
    }
)
"""The shortest form, to be read behind an amount."""
