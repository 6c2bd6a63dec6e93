"""A customer's question on the page, and the same one put to the scheme: both have to come to the same answer."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, Final

from playwright.sync_api import Page

from scanner.attesting.signers import Ed25519Signer
from scanner.core.owed import OwedBasis
from scanner.core.shows import Shows
from scanner.proofs.liabilities import (
    File,
    Inclusion,
    NeedsFiles,
    NotUnderstood,
    OtherRoot,
    Published,
    Refuted,
    TooLarge,
    find_scheme,
)
from scanner.report.included import ANSWERS
from scanner.weighing.claim import Liability
from tests.browser.pages import page_of
from tests.browser.scripts import call
from tests.support.attestations.attested import EXCHANGE, a_claim, attest
from tests.support.liabilities.forgeries import content

INCLUDED: Final = "Yes: this record is in it, with these balances"


_ASKED: Final = """async ({scheme, root, tries}) => {
    const answers = [];
    const fileOf = ([name, bytes]) => new File([bytesOfBase64(bytes, name)], name);
    for (const files of tries) {
        const answer = await includedIn(files.map(fileOf), [{owedBasis: {scheme, root, shows: "INCLUDED"}}]);
        answers.push([answer.outcome, answer.amounts ?? []]);
    }
    return answers;
}"""
_ANSWERED: Final = "() => !['', 'Being checked.'].includes(document.getElementById('included').textContent)"


def page(scheme: str, root: str, shows: Shows = Shows.INCLUDED, keys: Sequence[Ed25519Signer] = (EXCHANGE,)) -> bytes:
    """A page whose ETH rests on this root, with these keys built in."""
    basis = OwedBasis(shows, scheme, root=root, total=Fraction(5), entries=1)
    liabilities = {
        "ETH": Liability("ETH", Fraction(5), basis=basis),
        **{unit: Liability(unit, None) for unit in ("BTC", "USDT")},
    }
    return page_of(attest(claim=replace(a_claim(), liabilities=liabilities)), keys=keys)


def choose(tab: Page, *files: File) -> None:
    """Chooses files, and waits until they are answered."""
    tab.evaluate("document.getElementById('included').replaceChildren()")  # no earlier answer is taken for one
    chosen = [{"name": each.name, "mimeType": "text/plain", "buffer": content(each)} for each in files]
    tab.get_by_label("The file that the exchange gave you").set_input_files(chosen)  # type: ignore[arg-type]
    tab.wait_for_function(_ANSWERED)


def outcome(tab: Page) -> str:
    """Which answer stands on the page. Sentences of two answers begin alike, so the longest one counts."""
    told = tab.locator("#included").inner_text()
    if told.startswith(INCLUDED):
        return "included"
    return next((each for each, sentence in ANSWERS.items() if told.startswith(sentence[:60])), told)


def answers(tab: Page, scheme: str, root: str, tries: Sequence[Sequence[File]]) -> list[tuple[str, list[list[str]]]]:
    """What the page's script answers to each set of files: the outcome, and coins with their amounts."""
    encoded = [[[each.name, b64encode(content(each)).decode()] for each in files] for files in tries]
    found: Any = call(tab, _ASKED, {"scheme": scheme, "root": root, "tries": encoded})
    return [(outcome, amounts) for outcome, amounts in found]


def outcome_there(scheme: str, root: str, files: Sequence[File], **options: str) -> tuple[str, Inclusion | None]:
    """What `scanner included` answers to the last of the files, the others being what was published."""
    published, found = Published(tuple(files[:-1]), options, root=root), find_scheme(scheme)
    try:
        return "included", found.includes(published, files[-1])
    except OtherRoot:
        return "other-root", None
    except Refuted:
        return ("published-edited" if _is_refuted(scheme, published) else "edited"), None
    except NeedsFiles:
        return "files-missing", None
    except TooLarge:
        return "too-large", None
    except NotUnderstood:
        return "not-understood", None


def _is_refuted(scheme: str, published: Published) -> bool:
    try:
        find_scheme(scheme).judge(published)
    except Refuted:
        return True
    except NotUnderstood:
        pass
    return False
