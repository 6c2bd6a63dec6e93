"""The claim's file as one table: every key, every kind of value, every bound; for its readers, and for its JSON Schema.

The readers (`addresses`, `assets`, `holdings`) take their keys from here, and tests prove that what they accept is what
the table accepts. It says what a claim looks like, and not what must be true in it: that a label is an asset's, that a
checksum is right, or that an account stands once, only the readers know. What the keys mean is said in docs/claim.md.

Values are as readers of YAML 1.2 see them: amounts and times are texts, heights whole numbers.
"""

from __future__ import annotations

from typing import Final

from scanner.chains.examples import EXAMPLE_CHAIN, EXAMPLE_COIN
from scanner.core.amounts import PERCENT, STATED
from scanner.core.owed import SYMBOL
from scanner.core.shape import Shape, array, either, nullable, one_of, optional, record, table, text, truth, whole
from scanner.sources.published import layout_names

VERSION: Final = 1
HIGHEST: Final = 10**12  # no chain has come near this height, and a height in milliseconds of time would be above it
MOST_DECIMALS: Final = 36
LONGEST_CHALLENGE: Final = 1000
LONGEST_LABEL: Final = 40  # as published.labels has it
LONGEST_NETWORK: Final = 24
LONGEST_ACCOUNT: Final = 20_010  # a bare script in hex, as chains.accounts allows it
LONGEST_MESSAGE: Final = 10_000
LONGEST_SIGNATURE: Final = 20_000
LONGEST_OPTION: Final = 2000

NAME: Final = r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}"
TRANSACTION: Final = r"(0x)?[0-9a-f]{64}"
ROOT: Final = r"[!-~]{1,200}"
SHA256: Final = r"[0-9a-f]{64}"


def _words(most: int = 200) -> Shape:
    """Text without blanks around it."""
    return text(r"[^ \t\r\n]([\s\S]*[^ \t\r\n])?", f"1 to {most} characters without blanks around them", most=most)


_AMOUNT = text(STATED, "an amount in whole coins: decimal digits in quotes")
_PERCENT = text(PERCENT, "a percentage such as 103%")
_NAME = text(NAME, "letters, digits and . _ + -, at most 64")
_CHAIN = text(r"[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}", f"a CAIP-2 chain, such as {EXAMPLE_CHAIN}")
_ASSET = text(
    r"[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}/[-a-z0-9]{3,8}:[-.%a-zA-Z0-9]{1,128}",
    f"a CAIP-19 asset, such as {EXAMPLE_COIN}",
    most=200,
)
_DECIMALS = whole(0, MOST_DECIMALS)
_ACCOUNT = _words(LONGEST_ACCOUNT)
_TIME = text(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", "a time in UTC such as 2023-11-22T16:00:00Z")

ASSET: Final = record(id=_ASSET, backs=_NAME, decimals=_DECIMALS)
LABEL: Final = record(
    label=_words(LONGEST_LABEL),
    id=_ASSET,
    backs=_NAME,
    decimals=_DECIMALS,
    network=optional(nullable(_words(LONGEST_NETWORK))),
)
_SHA256 = text(SHA256, "64 hex digits in lower case")
_SYMBOL: Final = text(SYMBOL, "a name of up to 40 ASCII characters, without blanks")
PROOF_FILE: Final = record(file=_words(), sha256=_SHA256)
PROOF: Final = record(
    scheme=_words(),
    file=optional(_words()),
    sha256=optional(_SHA256),
    files=optional(array(PROOF_FILE, None, least=1)),
    root=optional(text(ROOT, "a root as the exchange publishes it")),
    symbol=optional(_SYMBOL),
    options=optional(table(_words(), _words(LONGEST_OPTION), least=1)),
)  # of what is owed, as published
PROOF_OF: Final = record(of=_NAME, symbol=optional(_SYMBOL))  # the proof of another unit is this one's too
LIABILITY: Final = record(
    amount=nullable(_AMOUNT),
    stated_ratio=optional(nullable(_PERCENT)),
    proof=optional(nullable(either(PROOF, PROOF_OF))),
)
REPORT: Final = record(
    title=optional(nullable(_words())),
    published=optional(nullable(text(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "a date such as 2023-11-23"))),
    url=optional(nullable(text(r"https?://[!-~]+", "a URL that starts with https://"))),
    sha256=optional(nullable(text(SHA256, "64 hex digits in lower case"))),
)
CUSTODY: Final = record(unit=_NAME, amount=_AMOUNT, custodian=optional(nullable(_words())))
OWNERSHIP: Final = record(
    signatures=array(_words(LONGEST_SIGNATURE), None, least=1),
    scheme=optional(_words()),
    message=optional(nullable(_words(LONGEST_MESSAGE))),
    key=optional(_words(LONGEST_SIGNATURE)),
    owners=optional(array(_words(LONGEST_SIGNATURE), None, least=1)),
)
MOVEMENT: Final = record(
    scheme=one_of("movement"),
    transaction=text(TRANSACTION, "a transaction's hash: 64 hex digits, on EVM chains after 0x"),
    height=whole(0, HIGHEST),
)  # in place of OWNERSHIP
PROOFS_OF_CONTROL: Final = either(OWNERSHIP, MOVEMENT)
WINDOW: Final = record(issued=_TIME, deadline=_TIME)
FILE: Final = record(
    file=_words(), sha256=text(SHA256, "64 hex digits in lower case"), layout=optional(one_of(*layout_names()))
)
_LABELS = array(_words(), None, least=1)
ACCOUNT: Final = record(
    asset=_words(), account=_ACCOUNT, amount=optional(_AMOUNT), ownership=optional(PROOFS_OF_CONTROL)
)  # one holding
ACCOUNT_OF_SEVERAL: Final = record(asset=_LABELS, account=_ACCOUNT, ownership=optional(PROOFS_OF_CONTROL))
ACCOUNTS: Final = record(asset=either(_words(), _LABELS), accounts=array(_ACCOUNT, None, least=1))
HOLDING_KEYS: Final = tuple(dict.fromkeys((*ACCOUNT.fields, *ACCOUNTS.fields)))  # of all entries but files

CLAIM: Final = record(
    version=whole(VERSION, VERSION),
    exchange=_words(),
    as_of=_TIME,
    liabilities=table(_NAME, either(nullable(_AMOUNT), LIABILITY), least=1),
    holdings=array(either(ACCOUNT, ACCOUNT_OF_SEVERAL, ACCOUNTS, FILE), None),
    assets=optional(table(_NAME, ASSET, least=1)),
    labels=optional(array(LABEL, None, least=1)),
    challenge=optional(_words(LONGEST_CHALLENGE)),
    movements=optional(WINDOW),
    report=optional(REPORT),
    complete=optional(truth),
    share_of_all_owed=optional(nullable(_PERCENT)),
    snapshots=optional(table(_CHAIN, whole(0, HIGHEST), least=1)),
    custody=optional(array(CUSTODY, None, least=1)),
)
