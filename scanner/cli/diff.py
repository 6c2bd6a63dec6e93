"""`scanner diff`: two attestations, or two claims, held against each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scanner.cli.command import MOST_BYTES
from scanner.cli.files import is_claim, read_whole
from scanner.errors import InputError, Mistake

if TYPE_CHECKING:
    from scanner.report.changes import Change
    from scanner.weighing.claim import Claim

_NAMED: Final = 10  # accounts of each kind of change that people are shown; all are counted


def changes(before: Path, after: Path, *, all_accounts: bool) -> list[Change]:
    """What differs. Raises InputError for two files that are not of one kind, or are of several moments."""
    kinds = [_is_claim(path) for path in (before, after)]
    if kinds[0] != kinds[1]:
        of_claim = before if kinds[0] else after
        raise InputError.at(str(of_claim), "is a claim, and the other is none; expected two claims or two attestations")
    return _of_claims(before, after, all_accounts=all_accounts) if kinds[0] else _of_attestations(before, after)


def _is_claim(path: Path) -> bool:
    from scanner.cli.files import CLAIM_BEGINS
    from scanner.sources.regular_file import open_regular

    with open_regular(path) as file:
        return is_claim(file.read(CLAIM_BEGINS))


def _of_attestations(before: Path, after: Path) -> list[Change]:
    from scanner.cli.several_moments import is_one
    from scanner.cli.showing import opened
    from scanner.report.changes import of_predicates

    documents = {path: read_whole(path, MOST_BYTES, "; no attestation is") for path in (before, after)}
    mistakes = [
        Mistake(str(path), "is of several moments; expected two claims or two attestations, each of one moment")
        for path, document in documents.items()
        if is_one(document)
    ]
    if mistakes:
        raise InputError(mistakes)
    one, other = (opened(path, documents[path]).predicate for path in (before, after))
    return of_predicates(one, other)


def _of_claims(before: Path, after: Path, *, all_accounts: bool) -> list[Change]:
    import scanner
    from scanner.report.changes import of_values

    one, other = scanner.load_claim(before), scanner.load_claim(after)
    found = of_values("claim", {"": _head(one)}, {"": _head(other)})
    for part, table in (("assets", _assets), ("liabilities", _liabilities), ("custody", _custody)):
        found += of_values(part, table(one), table(other))
    return [*found, *_accounts(one, other, all_accounts=all_accounts)]


def _head(claim: Claim) -> dict[str, Any]:
    heights = {f"snapshot {chain}": height for chain, height in claim.snapshots.items()}
    return {
        "exchange": claim.exchange,
        "as_of": f"{claim.as_of:%Y-%m-%dT%H:%M:%SZ}",
        "complete": claim.complete,
        "share_of_all_owed": claim.share_of_all_owed.text if claim.share_of_all_owed else None,
        "digest": f"sha256:{claim.digest}",
        "holdings": len(claim.holdings),
        **heights,
    }


def _assets(claim: Claim) -> dict[str, dict[str, Any]]:
    return {
        str(asset.id): {"label": asset.label, "backs": asset.backs, "decimals": asset.decimals}
        for asset in claim.assets.values()
    }


def _liabilities(claim: Claim) -> dict[str, dict[str, Any]]:
    from scanner.core.amounts import exact

    return {
        unit: {
            "owed": None if each.owed is None else exact(each.owed),
            "stated ratio": each.stated_ratio and each.stated_ratio.text,
            "shows": each.basis.shows,
            "scheme": each.basis.scheme,
            "root": each.basis.root,
        }
        for unit, each in claim.liabilities.items()
    }


def _custody(claim: Claim) -> dict[str, dict[str, Any]]:
    from scanner.core.amounts import exact

    return {f"{each.unit} {each.custodian}": {"amount": exact(each.amount)} for each in claim.custody}


def _accounts(one: Claim, other: Claim, *, all_accounts: bool) -> Iterable[Change]:
    """Accounts that were added, removed, or stand under other assets of the same chain than before."""
    from scanner.chains.accounts import account_text
    from scanner.report.changes import Change

    before, after = _by_account(one), _by_account(other)
    kinds: dict[str, list[Change]] = {"removed": [], "added": [], "other assets": []}
    for account in sorted(before.keys() | after.keys()):
        chain, key = account
        was, now = (" ".join(sorted(of.get(account, ()))) or None for of in (before, after))
        if was != now:
            kind = "added" if was is None else "removed" if now is None else "other assets"
            kinds[kind].append(Change("accounts", f"{chain}:{account_text(chain, key)}", kind, was, now))
    for kind, found in kinds.items():
        shown = found if all_accounts else found[:_NAMED]
        yield from shown
        if len(found) > len(shown):
            yield Change("accounts", f"and {len(found) - len(shown):,} more", kind, None, None)


def _by_account(claim: Claim) -> Mapping[Any, set[str]]:
    """The labels under which each account stands, by its chain and key."""
    labels = {asset.id: asset.label for asset in claim.assets.values()}
    found: dict[Any, set[str]] = {}
    for part in claim.holdings.parts:
        label = labels[part.asset]
        for key in part.accounts:
            found.setdefault((part.asset.chain, key), set()).add(label)
    return found
