// Exact amounts of customers' files, in units of 10^-40, and the texts that formats hash. The same as proofs/liabilities/decimals.py.

const DIGITS = 40; // before the point, and behind it
const DEEPEST_TREE = 64;
const HASH = /^[0-9a-f]{64}$/;
const ID = /^[0-9A-Za-z_-]{1,200}$/;
const PLAIN_ID = /^[0-9A-Za-z-]{1,200}$/;
const COIN = /^[0-9A-Za-z]{1,40}$/;
const MOST_COINS = 1000;

/** An exact amount, in units of 10^-40. Raises NotUnderstood for other text, TooLarge for more digits, Fault below zero. */
function unitsOf(text, where, { negative = false } = {}) {
  const found = /^(-?)([0-9]{1,40})(?:\.([0-9]{1,40}))?$/.exec(text);
  if (!found) {
    if (/^-?[0-9]+(?:\.[0-9]+)?$/.test(text)) throw new TooLarge(where, "an amount of too many digits", DIGITS);
    throw new NotUnderstood(`${where}: ${text} is no decimal amount`);
  }
  const units = BigInt(found[2] + (found[3] ?? "").padEnd(DIGITS, "0"));
  if (found[1] && !units) throw new NotUnderstood(`${where}: ${text} is no decimal amount: nothing is neither owed nor owing`);
  if (found[1] && !negative) throw new Fault(`${where}: ${text} is negative`);
  return found[1] ? -units : units;
}

/** Towards zero, to so many digits behind the point. */
function cutTo(units, places) {
  const unit = 10n ** BigInt(DIGITS - places);
  return (units / unit) * unit;
}

function paddedText(units, places) {
  const digits = (units < 0n ? -units : units).toString().padStart(DIGITS + 1, "0");
  const [whole, rest] = [digits.slice(0, -DIGITS), digits.slice(-DIGITS).slice(0, places)];
  return `${units < 0n ? "-" : ""}${whole}${places ? `.${rest}` : ""}`;
}

const strippedText = (units) => paddedText(units, DIGITS).replace(/0+$/, "").replace(/\.$/, "");
const sumOf = (numbers) => numbers.reduce((sum, each) => sum + each, 0n);
const jsonOf = (coins, texts) => `{${coins.map((coin) => `"${coin}":"${texts[coin]}"`).join(",")}}`;
const sha256OfText = (text) => sha256(bytesOfText(text));
