"""One script for each tool that `bench.peers` measures; each runs in the environment its tool needs."""
