"""BitMEX's own tool, from a checkout of its repository: python verify_bitmex.py FOLDER ACCOUNT NONCE TREE...

Each TREE is a file of liabilities, in which the account is looked for. Prints one JSON object: of each tree whether the
tool passes it, and the seconds of the fastest of three runs of the first one.
"""

import contextlib
import io
import json
import sys
import time
from argparse import Namespace
from pathlib import Path


def verify(tool, tree, account, nonce):
    """Raises whatever the tool raises. It prints what it finds, and finding nothing is no error."""
    height, levels = tool.read_tree(tree)
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        options = Namespace(print_proof_csv=False, print_tree=False)
        tool.validate_liabilities(height, levels, account, None, nonce, options)
    if "Hash match" not in told.getvalue():
        raise ValueError("no leaf is the account's")


def main():
    """See the module."""
    sys.path.insert(0, sys.argv[1])
    import validate_liabilities as tool

    account, nonce, *trees = int(sys.argv[2]), *sys.argv[3:]
    passed = {}
    for tree in trees:
        try:
            verify(tool, tree, account, nonce)
            passed[Path(tree).name] = True
        except Exception as error:  # noqa: BLE001 - whatever it raises, it does not pass
            passed[Path(tree).name] = False
            print(f"{tree}: {type(error).__name__} {error}", file=sys.stderr)
    taken = []
    for _ in range(3):
        started = time.perf_counter()
        verify(tool, trees[0], account, nonce)
        taken.append(time.perf_counter() - started)
    print(json.dumps({"passed": passed, "seconds": min(taken)}))


if __name__ == "__main__":
    main()
