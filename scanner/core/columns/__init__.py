"""Columns: one value for each of many rows, packed, so that millions of rows take megabytes and move as bytes.

    Accounts   byte strings; one run of bytes where all have one length, as addresses of one chain mostly have
    Words      whole numbers from 0 to 2**256 - 1 or None, in words as wide as the largest of them needs
    Coded      values of which only a few are distinct, by number

`AccountIndex` finds a row by its account, `ascending` sorts rows by it.

A column grows at its end and reads as a sequence. What is done for every row is done by slices with a step, which
Python runs through at the speed of C. Nothing here knows what a row is.
"""

from scanner.core.columns.accounts import Accounts
from scanner.core.columns.coded import Coded
from scanner.core.columns.index import AccountIndex
from scanner.core.columns.order import abreast, ascending
from scanner.core.columns.positions import Positions, checked
from scanner.core.columns.words import WORD, Words

__all__ = ["WORD", "AccountIndex", "Accounts", "Coded", "Positions", "Words", "abreast", "ascending", "checked"]
