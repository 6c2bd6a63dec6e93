// How the page writes what an attestation says: a value to a text, by kind. The same as figures.py, which wrote the page;
// the two are tried on the same values in tests/browser.

const NOTHING = "–";
const UNPUBLISHED = "not stated";
const UNESTABLISHED = "not established";
const KNOWN_BY = { COIN: "chain", TABLE: "table", VOUCHED: "auditor", null: "claim alone" }; // an object's keys are texts
const BASES = ["proven", "quorum", "own"];
const INVISIBLE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e0fff}]/gu;

function grouped(digits) {
  return digits.replace(/\B(?=(?:[0-9]{3})+$)/g, ",");
}

/** Text from outside, with what cannot be seen replaced, and cut to so many characters. */
function visible(longest) {
  return (text) => {
    const shown = Array.from(text).slice(0, longest + 1).map((character) => character.replace(INVISIBLE, "\ufffd"));
    return shown.length <= longest ? shown.join("") : `${shown.slice(0, longest - 1).join("")}…`;
  };
}

/** A count, or atoms as text; ">=7" is a lower bound. */
function number(value) {
  const least = typeof value === "string" && value.startsWith(">=");
  return `${least ? "at least " : ""}${grouped(BigInt(least ? value.slice(2) : value).toString())}`;
}

/** An exact amount, cut to as many decimals as matter at its size. */
function amount(text) {
  const [whole, decimals = ""] = text.split(".");
  const places = whole.length <= 3 ? 4 : whole.length <= 6 ? 2 : 0;
  const kept = decimals.slice(0, places).replace(/0+$/, "");
  if (whole === "0" && decimals && !kept) return "<0.0001";
  return grouped(whole) + (kept ? `.${kept}` : "");
}

function signed(text) {
  if (text === "0") return text;
  return text.startsWith("-") ? `-${amount(text.slice(1))}` : `+${amount(text)}`;
}

function exact(text) {
  if (text === null) return NOTHING;
  const [whole, decimals] = text.split(".");
  return grouped(whole) + (decimals === undefined ? "" : `.${decimals}`);
}

/** "1.030840" as "103.08%": two decimals, cut. */
function percent(ratio) {
  if (ratio === null) return NOTHING;
  const [whole, decimals] = ratio.split(".");
  return `${number(whole + decimals.slice(0, 2))}.${decimals.slice(2, 4)}%`;
}

/** "1.05" as "105%" */
function threshold(ratio) {
  const [whole, decimals = ""] = ratio.split(".");
  const rest = decimals.slice(2).replace(/0+$/, "");
  return `${BigInt(whole + decimals.slice(0, 2).padEnd(2, "0"))}${rest ? `.${rest}` : ""}%`;
}

function moment(time) {
  const clock = time.slice(11).replace(/Z$/, "").replace(/:00$/, "");
  return `${time.slice(0, 10)} ${clock} UTC`;
}

/** Names and what each part is of all of them, in whole percent, cut. */
function shares(parts) {
  const all = total(parts.map(([, part]) => part));
  return parts.map(([name, part]) => {
    const share = floor(over(times(part, fraction(100n)), all));
    return `${name} ${share === 0n ? "<1" : share}%`;
  });
}

function statedRatio(reserve) {
  if (reserve.statedRatio === null) return NOTHING;
  const judged = reserve.withheld.length ? null : reserve.statedAgrees;
  return reserve.statedRatio + (judged === null ? "" : judged ? " agrees" : " contradicts");
}

/** Whether none of a unit's holdings counts, so that nothing is known of what is held: that is no zero. */
const notEstablished = ({ held, holdings, gaps }) => held === "0" && holdings > 0 && holdings === gaps;

/** Whether a unit's ratio may be shown: there is one, no verdict is withheld, and something of it was read. */
const hasRatio = (reserve) => reserve.ratio !== null && !reserve.withheld.length && !notEstablished(reserve);

function ratioShown(reserve) {
  if (notEstablished(reserve)) return UNESTABLISHED;
  if (!hasRatio(reserve)) return NOTHING;
  return `${reserve.gaps || reserve.atLeast ? "≥" : ""}${percent(reserve.ratio)}`;
}

function basis(reserve) {
  const parts = BASES.filter((name) => reserve[name] !== "0").map((name) => [name, decimal(reserve[name])]);
  return parts.length < 2 ? parts.map(([name]) => name).join("") || NOTHING : shares(parts).join(", ");
}

function control(reserve) {
  const words = Object.keys(reserve.control);
  if (words.length === 0) return NOTHING;
  if (words.length === 1 && words[0] === "ABSENT") return "none published";
  const held = (...of) => total(of.filter((word) => words.includes(word)).map((word) => decimal(reserve.control[word])));
  const parts = [
    ["shown", held("SHOWN")],
    ["replayable", held("REPLAYABLE")],
    ["not shown", held("UNSHOWN", "UNVERIFIABLE", "ABSENT")],
  ];
  return shares(parts.filter(([, part]) => part.n > 0n)).join(", ");
}

const HELD = {
  proven: "proven on chain",
  quorum: "agreed on by a quorum of nodes",
  own: "read from the auditor's own node",
};
const OWED = {
  STATED: "as stated by the exchange; the published proof shows nothing more",
  INCLUDED: "as stated by the exchange; the published proof shows inclusion only",
  "SUM-BOUND": "at least the sum of all customers who find themselves in the published tree",
  "TOTAL-PROVEN": "the sum of all records by the published proof",
};

const IF = {
  complete: "every account is among them",
  setup: "the exchange destroyed the secrets of its trusted setup",
  keys: "the verifying keys that the claim names are of the published circuit",
  recursion: "the circuits that were combined are those of the published version",
};

function owedPhrase(reserve) {
  const { scheme = null, symbol = null } = reserve.owedBasis ?? {};
  const words = owedWords(reserve);
  return scheme === null || symbol === null ? words : `${words}; the proof calls it ${visible(80)(symbol)}`;
}

function owedWords(reserve) {
  if (reserve.withheld.some((reason) => reason.why === "OWED_CONTRADICTED")) {
    return "as stated by the exchange, and contradicted by what it published";
  }
  const basis = reserve.owedBasis;
  if (!basis?.scheme) return "as stated by the exchange";
  const isJudged = basis.shows !== "STATED" || !basis.remarks.some((remark) => remark === "not-understood" || remark === "too-large");
  if (!isJudged) return "as stated by the exchange; what it published was not judged";
  const conditions = basis.assumes.map((each) => (Object.hasOwn(IF, each) ? IF[each] : each)).join(" and ");
  return `${OWED[basis.shows]}${conditions ? `, if ${conditions}` : ""}`;
}

/** Both halves of a unit's ratio in one sentence. */
function restsOn(reserve) {
  const parts = BASES.filter((name) => reserve[name] !== "0").map((name) => [HELD[name], decimal(reserve[name])]);
  const nothing = notEstablished(reserve) ? UNESTABLISHED : "nothing";
  const held = parts.length < 2 ? parts.map(([words]) => words).join("") || nothing : shares(parts).join(", ");
  const owed = reserve.owed === null ? UNPUBLISHED : `${amount(reserve.owed)}, ${owedPhrase(reserve)}`;
  return `held: ${held}; owed: ${owed}`;
}

const count = (numbers) => numbers.reduce((all, one) => all + BigInt(one), 0n);

const KINDS = {
  unit: visible(24),
  name: visible(80),
  key: visible(80),
  account: visible(130),
  text: visible(500),
  number,
  amount,
  owed: (text) => (text === null ? UNPUBLISHED : amount(text)),
  exact,
  signed,
  percent,
  threshold,
  moment,
  known: (known) => KNOWN_BY[known],
  answer: (finding) => answer(finding),
  held: (reserve) => (notEstablished(reserve) ? UNESTABLISHED : amount(reserve.held)),
  ratio: ratioShown,
  stated: statedRatio,
  basis,
  control,
  rests: restsOn,
  established: (reserve) => `${number(reserve.holdings - reserve.gaps)} of ${number(reserve.holdings)}`,
  total: (counts) => number(count(Object.values(counts))),
  holdings: (reserves) => number(count(reserves.map((reserve) => reserve.holdings))),
};
