"""OKX's own verifier of zk-STARK v1, from a checkout of its repository: python verify_okx_stark.py zk_STARK SET...

Each SET is a folder as `sum_proof_data/` and customers' files make it up. Prints one JSON object: of each set whether
the verifier passes it, and the seconds of the fastest of three runs of the first one.
"""

import inspect
import json
import sys
import time
from pathlib import Path


def verify(proofs, folder):
    """Raises whatever the verifier raises."""
    config = json.loads((folder / "sum_proof_data" / "config.json").read_text())
    more = [config] if len(inspect.signature(proofs.verify_batch_proof).parameters) > 1 else []
    modulus = proofs.MODULUS
    sums = None
    for batch in sorted((folder / "sum_proof_data" / "batches").iterdir()):
        found = proofs.verify_batch_proof(f"{batch}/", *more)
        sums = found if sums is None else [(one + other) % modulus for one, other in zip(sums, found, strict=True)]
    trunk = proofs.verify_trunk_proof(f"{folder}/sum_proof_data/trunk/", *more)
    if [each % modulus for each in trunk] != [each % modulus for each in sums or []]:
        raise ValueError("the batches do not add up to the trunk")
    for customer in sorted(folder.glob("*/*inclusion_proof.json")):
        proofs.verify_single_inclusion_proof(str(customer))


def main():
    """See the module."""
    sys.path.insert(0, sys.argv[1])
    import mk_and_verify_proofs as proofs

    sets = [Path(each) for each in sys.argv[2:]]
    passed = {}
    for folder in sets:
        try:
            verify(proofs, folder)
            passed[folder.name] = True
        except Exception as error:  # noqa: BLE001 - an assertion, mostly without a text
            passed[folder.name] = False
            print(f"{folder.name}: {type(error).__name__} {error}", file=sys.stderr)
    taken = []
    for _ in range(3):
        started = time.perf_counter()
        verify(proofs, sets[0])
        taken.append(time.perf_counter() - started)
    print(json.dumps({"passed": passed, "seconds": min(taken)}))


if __name__ == "__main__":
    main()
