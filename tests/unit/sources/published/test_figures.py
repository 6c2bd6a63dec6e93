"""Figures that exchanges printed, put through our own ratio: recomputed, and the printed percentage judged.

Whole coins as reported: OKX's reports of 2022 to 2026, Binance's and Gate's. Third parties hold what `custody` says: it
has no addresses, and `held` leaves it out unless the report's name says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction

from scanner.chains.names import parse_asset
from scanner.core.amounts import parse_decimal, parse_percent, rounded_down, to_atoms
from scanner.core.evidence import Balance, Basis
from scanner.core.evidence_row import EvidenceRow
from scanner.weighing.claim import Asset, Claim, Custody, Liability, StatedRatio
from scanner.weighing.finding import Reserve, Verdict
from scanner.weighing.holdings import Holding, Holdings
from scanner.weighing.policy import Policy
from scanner.weighing.ratio import weigh
from tests.support.tables import each_of

COIN = parse_asset("eip155:1/slip44:60")
DECIMALS = 36  # the figures are printed with up to 19 digits behind the point
BTC_OWED, BTC_AND_CUSTODY = "111188.864402819964229", "117934.3717877240880507"
ETH_OWED, ETH_AND_CUSTODY = "1556473.0830153074947602", "1594622.0336127062819954"
USDT_OWED, USDT_AND_CUSTODY = "10242908095.7081861476258954", "11256167328.0374608539069387"


@dataclass(frozen=True)
class Figure:
    report: str
    held: str
    owed: str
    printed: str
    computed: str  # percent, rounded down to two places
    agrees: bool
    custody: str = "0"


FIGURES = [
    Figure("OKX 2nd, BTC", "113754", "112192", "101%", "101.39", True),
    Figure("OKX 3rd, BTC", "123914", "117682", "105%", "105.29", True),
    Figure("OKX 4th, BTC", "135735", "130664", "104%", "103.88", True),
    Figure("OKX 4th, USDT", "3117664819", "3053870994", "102%", "102.08", True),
    Figure("OKX 4th, ETH", "1341238", "1128504", "104%", "118.85", False),
    Figure("OKX 13th, BTC", "143492", "139199", "103%", "103.08", True),
    Figure("OKX 13th, ETH", "1516071", "1476215", "103%", "102.69", True),
    Figure("OKX 13th, USDT", "5341449821", "5244268687", "102%", "101.85", True),
    Figure("OKX 22nd, BTC", "145484", "138780", "105%", "104.83", True),
    Figure("OKX 22nd, ETH", "1642353", "1619926", "101%", "101.38", True),
    Figure("OKX 22nd, USDT", "6443730389", "6119457626", "105%", "105.29", True),
    Figure("OKX 22nd, USDC", "1084058228", "1083818428", "100%", "100.02", True),
    Figure("OKX May 2026, BTC, custody included", BTC_AND_CUSTODY, BTC_OWED, "106%", "106.06", True),
    Figure("OKX May 2026, ETH, custody included", ETH_AND_CUSTODY, ETH_OWED, "102%", "102.45", True),
    Figure("OKX May 2026, USDT, custody included", USDT_AND_CUSTODY, USDT_OWED, "110%", "109.89", True),
    Figure("OKX May 2026, BTC", "112393", BTC_OWED, "106%", "101.08", False, "5541.37"),
    Figure("OKX May 2026, ETH", "1528286", ETH_OWED, "102%", "98.18", False, "66336.03"),
    Figure("OKX May 2026, USDT", "11100534816", USDT_OWED, "110%", "108.37", False, "155632512.04"),
    Figure("Binance April 2026, BTC, custody included", "619136.126", "618951.27130074", "100.03%", "100.02", True),
    Figure("Gate November 2023, BTC", "17108", "13849", "123.53%", "123.53", True),
]


def reserve(figure: Figure) -> Reserve:
    claim = Claim(
        exchange="X",
        as_of=datetime(2023, 11, 22, 16, tzinfo=UTC),
        assets={COIN: Asset("COIN", COIN, "COIN", DECIMALS)},
        liabilities={
            "COIN": Liability(
                "COIN", parse_decimal(figure.owed), StatedRatio(figure.printed, *parse_percent(figure.printed))
            )
        },
        holdings=Holdings.of([Holding(COIN, bytes(20))]),
        digest="00" * 32,
        custody=(Custody("COIN", parse_decimal(figure.custody), "a bank"),) if figure.custody != "0" else (),
    )
    atoms = to_atoms(parse_decimal(figure.held), DECIMALS)
    row = EvidenceRow(COIN, bytes(20), "0xab", Balance(atoms, Basis.QUORUM, ("a", "b")), None)
    (weighed,) = weigh(claim, {}, [row], Policy()).reserves
    return weighed


@each_of("figure", FIGURES, ids=lambda figure: figure.report)
def test_a_printed_ratio_is_recomputed_from_what_was_held_and_owed(figure: Figure) -> None:
    weighed = reserve(figure)
    assert weighed.ratio is not None
    assert rounded_down(weighed.ratio * 100, 2) == figure.computed
    assert weighed.stated is not None
    assert weighed.stated.is_rounding_of(weighed.ratio) is figure.agrees
    # What third parties are said to hold explains the printed figures of May 2026, and of no other report.
    assert weighed.stated_agrees is (figure.agrees or figure.custody != "0")


def test_the_printed_figures_of_february_2023_contradict_each_other() -> None:
    weighed = reserve(next(figure for figure in FIGURES if figure.report == "OKX 4th, ETH"))
    assert weighed.stated_agrees is False
    assert weighed.ratio == Fraction(1341238, 1128504)


def test_without_custody_the_ether_of_may_2026_is_not_covered_and_custody_forbids_the_word_short() -> None:
    weighed = reserve(next(figure for figure in FIGURES if figure.report == "OKX May 2026, ETH"))
    assert weighed.ratio is not None
    assert round(weighed.ratio * 100, 2) == Fraction("98.19")
    assert weighed.verdict is Verdict.UNKNOWN
    assert weighed.held + weighed.custody >= (weighed.owed or 0)


def test_exchange_and_custody_of_may_2026_sum_to_the_printed_reserves_within_a_coin() -> None:
    whole = {figure.report: parse_decimal(figure.held) for figure in FIGURES}
    apart = [figure for figure in FIGURES if figure.custody != "0"]
    assert len(apart) == 3
    for figure in apart:
        both = parse_decimal(figure.held) + parse_decimal(figure.custody)
        assert abs(both - whole[f"{figure.report}, custody included"]) <= 1
