"""Whether a folder already holds the series that a run would come to, so that no node need be asked again."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scanner.cli.files import read_whole
from scanner.cli.points_folder import MOST_BYTES, opened_in
from scanner.errors import AttestationInvalid, InputError

if TYPE_CHECKING:
    from scanner.attesting.signers import Ed25519Signer
    from scanner.weighing.claim import Claim
    from scanner.weighing.instrument import Instrument
    from scanner.weighing.schedule import Schedule
    from scanner.weighing.series import Series


def standing(
    folder: Path,
    claim: Claim,
    instrument: Instrument,
    asked: tuple[Schedule, Fraction | None],
    signers: Sequence[Ed25519Signer],
) -> Mapping[str, Any] | None:
    """The predicate of the series in `folder` that this run would come to: signed by these keys, of this claim,
    schedule, share and policy, without a gap, and checked in full. None where there is none."""
    from scanner.attesting.series.statement import SERIES
    from scanner.attesting.series.verify import verify_series
    from scanner.scanning.control import judged_together

    path = folder / SERIES
    if not signers or not os.path.lexists(path):
        return None
    try:
        document = read_whole(path, MOST_BYTES, "; no series is")
        keys = [each.public for each in signers]
        shown = verify_series(document, claim, keys, opened_in(folder), judge=judged_together)
    except (InputError, AttestationInvalid) as error:
        print(f"scanner: {path} does not stand, and is made anew: {error}", file=sys.stderr)
        return None
    series = shown.series
    policy = instrument.policy.narrowed(claim.units, claim.assets)
    whole = all(unit.whole for point in series.points for unit in point.units.values())
    drawn = len(series.blocks) == len(series.schedule.numbers)
    looked = series.schedule, None if series.share is None else series.share.of
    proving = _sample_size(folder, series) == instrument.prove
    if (looked, series.policy) == (asked, policy) and whole and drawn and proving:
        return shown.predicate
    return None


def _sample_size(folder: Path, series: Series) -> int | None:
    """How many balances were drawn to be proven, None for all: as the statement of the claim's own moment, which was
    verified, says."""
    from scanner.attesting.points import point_folder
    from scanner.attesting.statement import read_statement

    with opened_in(folder)(point_folder(series.claim.as_of)) as files:
        sample = read_statement(files.statement).stated.proving.sample
    return None if sample is None else sample.size
