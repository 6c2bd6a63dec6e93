"""Real nodes on this machine: found or fetched, started, planted with balances, stopped.

The demo, the tests and the benchmarks use it to have something true to measure against.

Not in here: anything a scan needs. `scanner` never imports this package, and this package never imports `scanner`:
what plants the balances must not share code with what reads them. Standard library only.
"""
