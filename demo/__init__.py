"""The main job on this machine: real nodes, OKX's accounts, a thousandth of its figures. Run by `make demo`."""
