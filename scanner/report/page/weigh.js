// Every sum, ratio and verdict that follows from the signed numbers alone, worked out again. The rules are those of
// core/ratio.py, and the law behind them: a gap counts as nothing held, and SHORT is said only where nothing is missing and nothing known from below alone.

const LISTED = 100; // so many gaps, and so many disputed balances, stand in a finding
const RATIO_PLACES = 6;

/** What does not follow, each in one sentence; empty if all does. */
function faultsOfFinding(finding) {
  const threshold = decimal(finding.policy.threshold);
  const faults = finding.reserves.flatMap((reserve) =>
    faultsOfReserve(reserve, finding, threshold).map((fault) => `${visible(24)(reserve.unit)}: ${fault}`),
  );
  const verdict = overall(finding.reserves.map((reserve) => reserve.verdict));
  if (finding.verdict !== verdict) faults.push(`the verdict is stated as ${finding.verdict}, and ${verdict} follows`);
  const gaps = count(finding.reserves.map((reserve) => reserve.gaps));
  const dissents = count(finding.reserves.map((reserve) => reserve.dissents));
  if (count(Object.values(finding.gapCounts)) !== gaps) faults.push("the gaps do not add up to those of the coins");
  if (finding.gaps.length !== Math.min(LISTED, Number(gaps))) faults.push("gaps are left out");
  if (finding.dissents.length !== Math.min(LISTED, Number(dissents))) faults.push("disputed balances are left out");
  const units = finding.reserves.map((reserve) => reserve.unit);
  if (new Set(units).size !== units.length) faults.push("a coin stands twice");
  if (finding.coverage.some(({ unit }) => !units.includes(unit))) faults.push("an asset backs a coin that is not weighed");
  return faults;
}

function faultsOfReserve(reserve, finding, threshold) {
  const faults = [];
  const expect = (holds, fault) => holds || faults.push(fault);
  const held = decimal(reserve.held);
  const ratio = ratioOf(held, reserve);
  const withCustody = reserve.custody === "0" ? null : ratioOf(sum(held, decimal(reserve.custody)), reserve);

  expect(same(held, total(BASES.map((name) => decimal(reserve[name])))), "held is not the sum over its bases");
  const controlled = total(Object.values(reserve.control).map(decimal));
  expect(same(held, controlled), "held is not the sum over who controls it");
  const [moved, shown] = [reserve.controlByMovement, reserve.control.SHOWN ?? "0"].map(decimal);
  const asked = finding.movements !== null || same(moved, NONE);
  expect(asked && !below(shown, moved), "more is said to be shown by movements than is shown");
  expect(reserve.ratio === cutOrNull(ratio), `the ratio is stated as ${reserve.ratio}, and ${cutOrNull(ratio)} follows`);
  expect(reserve.ratioWithCustody === cutOrNull(withCustody), "the ratio with custody does not follow");
  const comparable = finding.complete && finding.owedAsOf === finding.asOf;
  const verdict = judge(reserve, comparable, threshold);
  expect(reserve.verdict === verdict, `the verdict is stated as ${reserve.verdict}, and ${verdict} follows`);
  const agrees = statedAgrees(reserve, finding.complete, ratio, withCustody);
  expect(reserve.statedAgrees === agrees, "whether the stated ratio agrees does not follow");

  const basis = reserve.owedBasis;
  expect((basis === null) === (reserve.owed === null), "what the amount owed rests on is stated of no amount");
  const shows = basis?.shows ?? "STATED";
  expect(shows === "STATED" || basis.scheme !== null, "the amount owed is said to be shown by no proof");
  expect(shows === "STATED" || basis.total === reserve.owed, "the amount owed is not the total of its published proof");

  const backing = finding.coverage.filter((coverage) => coverage.unit === reserve.unit);
  expect(same(held, total(backing.map((coverage) => decimal(coverage.held)))), "held is not the sum over its assets");
  const uncounted = backing.filter(({ known, alias }) => known === null || alias !== null);
  expect(uncounted.every(({ held: part }) => part === "0"), "something is held by a contract of which nothing counts");
  const holdings = count(backing.map((coverage) => coverage.holdings));
  const unread = holdings - count(backing.map((coverage) => coverage.read));
  expect(BigInt(reserve.holdings) === holdings, "its holdings are not those of its assets");
  expect(unread <= BigInt(reserve.gaps) && reserve.gaps <= reserve.holdings, "its gaps are not those of its assets");
  expect(reserve.dissents <= reserve.holdings - reserve.gaps, "more balances are disputed than there are");
  const bounds = count(backing.map((coverage) => coverage.atLeast));
  expect(BigInt(reserve.atLeast) <= bounds, "more balances are lower bounds than those of its assets");
  const stating = backing.filter((coverage) => coverage.unstated < coverage.holdings);
  const claimed = stating.length ? total(stating.map((coverage) => decimal(coverage.claimed))) : null;
  const asStated = reserve.claimed === null ? claimed === null : claimed && same(decimal(reserve.claimed), claimed);
  expect(asStated, "what is claimed is not the sum over its assets");
  return faults;
}

/** `comparable`: nothing is missing in the claim, and what is owed is of the moment at which is weighed. */
function judge(reserve, comparable, threshold) {
  if (reserve.owed === null) return "UNKNOWN";
  if (reserve.withheld.some(({ why }) => reserve.owed !== "0" || why !== "MOMENTS_APART")) return "UNKNOWN";
  const [held, owed, custody] = [reserve.held, reserve.owed, reserve.custody].map(decimal);
  const demanded = times(owed, threshold);
  if (!below(held, demanded)) return "COVERED";
  return comparable && reserve.gaps === 0 && reserve.atLeast === 0 && below(sum(held, custody), demanded) ? "SHORT" : "UNKNOWN";
}

function overall(verdicts) {
  if (verdicts.includes("SHORT")) return "SHORT";
  return verdicts.length && verdicts.every((verdict) => verdict === "COVERED") ? "COVERED" : "UNKNOWN";
}

function ratioOf(held, { owed }) {
  return owed === null || owed === "0" ? null : over(held, decimal(owed));
}

const cutOrNull = (ratio) => (ratio === null ? null : cut(ratio, RATIO_PLACES));

/** Whether the printed ratio is a rounding of the true one, with or without custody; null where that cannot be known. */
function statedAgrees(reserve, complete, ...ratios) {
  if (reserve.statedRatio === null || ratios[0] === null || reserve.withheld.length) return null;
  if (reserve.gaps || reserve.atLeast || !reserve.holdings || !complete) return null;
  const { value, resolution } = percentage(reserve.statedRatio);
  const near = (ratio) => !below(resolution, times(distance(value, ratio), fraction(2n)));
  return ratios.some((ratio) => ratio !== null && near(ratio));
}
