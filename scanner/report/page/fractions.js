// Exact numbers: decimal text to fractions of two BigInts, and what is worked out with them. No number on this page ever
// becomes a floating-point one.

const DECIMAL = /^(-?)(0|[1-9][0-9]{0,99})(?:\.([0-9]{0,59}[1-9]))?$/;
const PERCENT = /^([0-9]{1,9})(?:\.([0-9]{1,9}))?%$/;
const WHOLE = /^(?:0|[1-9][0-9]{0,77})$/;

/** A fraction; its denominator is above zero. It is not reduced: equality is by `same`. */
function fraction(numerator, denominator = 1n) {
  return { n: numerator, d: denominator };
}

const NONE = fraction(0n);

function decimal(text) {
  const match = typeof text === "string" ? DECIMAL.exec(text) : null;
  if (match === null) throw new Fault(`${String(text).slice(0, 80)} is no decimal amount`);
  const [, sign, whole, decimals = ""] = match;
  const numerator = BigInt(whole + decimals);
  return fraction(sign ? -numerator : numerator, 10n ** BigInt(decimals.length));
}

/** A printed percentage: its value as a ratio, and one unit of its last digit. */
function percentage(text) {
  const match = PERCENT.exec(text);
  if (match === null) throw new Fault(`${String(text).slice(0, 80)} is no percentage`);
  const [, whole, decimals = ""] = match;
  const denominator = 100n * 10n ** BigInt(decimals.length);
  return { value: fraction(BigInt(whole + decimals), denominator), resolution: fraction(1n, denominator) };
}

function wholeNumber(text) {
  if (!WHOLE.test(text)) throw new Fault(`${String(text).slice(0, 80)} is no amount of atoms`);
  return BigInt(text);
}

const sum = (a, b) => (a.d === b.d ? fraction(a.n + b.n, a.d) : fraction(a.n * b.d + b.n * a.d, a.d * b.d));
const times = (a, b) => fraction(a.n * b.n, a.d * b.d);
const over = (a, b) => fraction(a.n * b.d, a.d * b.n); // b above zero
const below = (a, b) => a.n * b.d < b.n * a.d;
const same = (a, b) => a.n * b.d === b.n * a.d;
const total = (fractions) => fractions.reduce(sum, NONE);

/** |a - b| */
function distance(a, b) {
  const difference = a.n * b.d - b.n * a.d;
  return fraction(difference < 0n ? -difference : difference, a.d * b.d);
}

/** The largest whole number that is not above a fraction of zero or more. */
const floor = (a) => a.n / a.d;

/** A fraction of zero or more, cut to so many decimals, as attestations write ratios. */
function cut(a, places) {
  const digits = floor(times(a, fraction(10n ** BigInt(places)))).toString().padStart(places + 1, "0");
  return `${digits.slice(0, -places)}.${digits.slice(-places)}`;
}
