"""A contract's own code, executed over proven state: what `balanceOf` answers at a block, whatever any node said of it.

Pure, and narrower than a node's virtual machine on purpose: whatever no proof shows (who asks, the gas, other blocks),
and whatever would write, ends in a ProofError and never in a number. Begin at `balance_of`.
"""
