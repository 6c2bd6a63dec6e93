// The first sentence of the page: how many coins are covered, and of each other coin why it is not. The same as
// report/answer.py and wording.py, which wrote it; the two are tried on the same findings in tests/browser.

const REASONS_NAMED = 4;
const COINS_NAMED = 6;
const WITHHELD = {
  MOMENTS_APART: "the blocks of its chains lie too far apart, or from the claim's moment",
  OWED_CONTRADICTED: "what the exchange published contradicts what it states that it owes",
  OWED_UNSHOWN: "less is shown of what is owed than the policy requires",
};

/** Why a coin is not covered, where its figures alone do not say; null where they do. */
function notCovered(reserve, complete) {
  if (reserve.verdict === "SHORT" && reserve.owed !== null && !reserve.holdings) {
    return `no account is declared for the ${amount(reserve.owed)} owed`;
  }
  if (reserve.verdict !== "UNKNOWN") return null;
  if (reserve.owed === null) return "the claim does not say what is owed";
  if (reserve.withheld.length) return WITHHELD[reserve.withheld[0].why];
  if (notEstablished(reserve)) return "none of the balances could be established";
  if (reserve.gaps > 0) return "not all balances could be established";
  if (reserve.atLeast > 0) return "of some balances only a lower bound could be established";
  if (!complete) return "the claim lists only a part of the exchange's accounts";
  return reserve.custody === "0" ? null : "third parties are said to hold more, without addresses";
}

function whyNotCovered(reserve, { exchange, complete }, name) {
  if (reserve.verdict === "UNKNOWN" && reserve.owed === null) return `${name(exchange)} did not publish what it owes`;
  const reason = notCovered(reserve, complete);
  if (reason !== null) return reason;
  if (reserve.verdict !== "SHORT") return "it is not shown that enough is held";
  const lessThanOwed = (reserve.ratio ?? "").startsWith("0.");
  return lessThanOwed ? "less is held than is owed" : "less is held than the policy requires";
}

function answer(finding) {
  const { reserves } = finding;
  if (!reserves.length) return "No coin was weighed, so nothing is shown.";
  const name = visible(24);
  const uncovered = reserves.filter(({ verdict }) => verdict !== "COVERED");
  if (reserves.length === 1) {
    const [only] = reserves;
    const standing = { COVERED: "is covered", SHORT: "is not covered" }[only.verdict] ?? "is not shown to be covered";
    return `${name(only.unit)} ${standing}${uncovered.length ? `: ${whyNotCovered(only, finding, name)}` : ""}.`;
  }
  const sentences = [countedCoins(reserves.length - uncovered.length, reserves.length)];
  const groups = new Map();
  for (const verdict of ["SHORT", "UNKNOWN"]) {
    for (const reserve of uncovered.filter((each) => each.verdict === verdict)) {
      const why = whyNotCovered(reserve, finding, name);
      groups.set(why, [...(groups.get(why) ?? []), name(reserve.unit)]);
    }
  }
  const named = Array.from(groups);
  for (const [why, coins] of named.slice(0, REASONS_NAMED)) {
    const more = coins.length > COINS_NAMED ? ` and ${number(coins.length - COINS_NAMED)} more` : "";
    sentences.push(`${coins.slice(0, COINS_NAMED).join(", ")}${more}: ${why}.`);
  }
  const rest = named.slice(REASONS_NAMED).flatMap(([, coins]) => coins).length;
  if (rest) sentences.push(`${number(rest)} more ${rest === 1 ? "is" : "are"} not shown to be covered.`);
  return sentences.join(" ");
}

function countedCoins(covered, coins) {
  if (covered === coins) return coins === 2 ? "Both coins are covered." : `All ${number(coins)} coins are covered.`;
  if (!covered) return `None of ${number(coins)} coins is shown to be covered.`;
  return `${number(covered)} of ${number(coins)} coins ${covered === 1 ? "is" : "are"} covered.`;
}
