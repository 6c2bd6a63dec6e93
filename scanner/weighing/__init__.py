"""What a claim says, what was read for it, and the finding that follows. Pure: no clock, randomness, socket or file."""
