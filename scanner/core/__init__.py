"""What things are, and what follows from them. Pure: no clock, randomness, socket, file or environment."""
