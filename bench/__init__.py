"""Measurements, each a module to run: `python -m bench.NAME`. Nothing imports from here but they themselves."""
