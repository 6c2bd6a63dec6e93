"""Writes the vectors of hash trees, and of OKX's plonky2 trees: an honest set of each, and all forgeries of it.

One file a scheme, as tests/vectors/liabilities/README.md describes them.
`python -m tests.support.liabilities.tree_vectors` writes them anew, which should change nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

from scanner.core.amounts import exact
from scanner.proofs.liabilities import File, Published, find_scheme
from tests.support.liabilities import plonky2_trees
from tests.support.liabilities.forged_trees import FORGERIES
from tests.support.liabilities.forged_zk import plonky2
from tests.support.liabilities.forgeries import Forged, content
from tests.support.liabilities.liability_trees import cases
from tests.support.places import VECTORS

FOLDER: Final = VECTORS / "liabilities"


def vectors() -> dict[str, Any]:
    """By scheme."""
    found = {
        scheme: _vector(scheme, case.published, case.users, case.root, FORGERIES[scheme](case))
        for scheme, case in cases().items()
    }
    users = tuple(plonky2_trees.customer_file(number) for number in (0, 13))
    proof = (plonky2_trees.global_file(),)
    found["okx-plonky2"] = _vector("okx-plonky2", proof, users, plonky2_trees.root(), plonky2())
    return found


def _vector(
    scheme: str, published: tuple[File, ...], users: tuple[File, ...], root: str, forged: Iterable[Forged]
) -> dict[str, Any]:
    given = Published(published or users, root=root)
    shown = find_scheme(scheme).judge(given)
    asked = []
    for user in users:
        inclusion = find_scheme(scheme).includes(Published(published, root=root), user)
        amounts = {coin: exact(amount) for coin, amount in inclusion.amounts.items()}
        asked.append(
            {
                "file": user.name,
                "text": _text(user),
                "account": inclusion.account,
                "amounts": amounts,
                "shows": inclusion.shows.value,
            }
        )
    return {
        "scheme": scheme,
        "root": root,
        "published": _files(given.files),
        "shown": {
            "totals": {
                coin: {"amount": exact(total.amount), "shows": total.shows.value, "assumes": list(total.assumes)}
                for coin, total in shown.totals.items()
            },
            "entries": shown.entries,
            "remarks": list(shown.remarks),
        },
        "customers": asked,
        "forged": [_forged(each) for each in forged],
    }


def _forged(each: Forged) -> dict[str, Any]:
    made: dict[str, Any] = {"kind": each.kind, "what": each.what, "outcome": each.outcome}
    if each.root is not None:
        made["root"] = each.root
    if each.options:
        made["options"] = dict(each.options)
    made["published"] = _files(each.published)
    if each.customer is not None:
        made["customer"] = _text(each.customer)
    return made


def _files(files: Iterable[File]) -> dict[str, str]:
    return {each.name: _text(each) for each in files}


def _text(each: File) -> str:
    return content(each).decode()


def written(vector: dict[str, Any]) -> str:
    """A vector's file."""
    return json.dumps(vector, indent=1, ensure_ascii=True) + "\n"


if __name__ == "__main__":
    for name, vector in vectors().items():
        (FOLDER / f"{name}.json").write_text(written(vector))
