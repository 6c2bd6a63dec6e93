// Poseidon over BN254's scalar field, as the circuits of Binance and Gate hash: chunks with one element carried over, and the
// state's second element as the result. Constants are not stored: they follow from a shift register. The same as
// proofs/liabilities/poseidon_bn254.py. Source: Poseidon (Grassi et al., USENIX 2021), appendix F.

const BN254_ORDER = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;
const FULL_ROUNDS = 8;
const PARTIAL_ROUNDS = [56, 57, 56, 60, 60, 63, 64, 63, 60, 66, 60, 65, 70, 60, 64, 68]; // for widths 2 to 17
const CONSTANTS_OF_WIDTH = new Map();

/** Numbers of 254 bits from the register ("Grain LFSR"), of each two bits of which the first says whether the second counts. */
function* grainNumbers(width) {
  const partial = PARTIAL_ROUNDS[width - 2];
  const parts = [[1, 2], [0, 4], [254, 12], [width, 12], [FULL_ROUNDS, 10], [partial, 10]];
  const bits = Array.from(parts.map(([value, length]) => value.toString(2).padStart(length, "0")).join("") + "1".repeat(30), Number);
  let at = 0; // of the oldest of eighty bits, in a ring
  const next = () => {
    const bit = [62, 51, 38, 23, 13, 0].reduce((sum, tap) => sum ^ bits[(at + tap) % 80], 0);
    bits[at] = bit;
    at = (at + 1) % 80;
    return bit;
  };
  for (let dropped = 0; dropped < 160; dropped += 1) next();
  for (;;) {
    const digits = [];
    while (digits.length < 254) {
      const [counts, digit] = [next(), next()];
      if (counts) digits.push(digit);
    }
    yield BigInt(`0b${digits.join("")}`);
  }
}

function power(base, exponent) {
  let [result, square] = [1n, base];
  for (let left = exponent; left; left >>= 1n) {
    if (left & 1n) result = (result * square) % BN254_ORDER;
    square = (square * square) % BN254_ORDER;
  }
  return result;
}

/** The constants that are added in each round, and the matrix, for a width of 2 to 17. */
function constantsOfWidth(width) {
  if (!CONSTANTS_OF_WIDTH.has(width)) {
    const drawn = grainNumbers(width);
    const numbers = (count, fits) => {
      const made = [];
      while (made.length < count) {
        const { value } = drawn.next();
        if (fits(value)) made.push(value);
      }
      return made;
    };
    const rounds = FULL_ROUNDS + PARTIAL_ROUNDS[width - 2];
    const added = numbers(rounds * width, (value) => value < BN254_ORDER);
    const points = numbers(2 * width, () => true).map((value) => value % BN254_ORDER);
    const matrix = points.slice(0, width).map((x) => points.slice(width).map((y) => power(x + y, BN254_ORDER - 2n)));
    CONSTANTS_OF_WIDTH.set(width, { rounds, added, matrix });
  }
  return CONSTANTS_OF_WIDTH.get(width);
}

function permutedBn254(before) {
  const width = before.length;
  const { rounds, added, matrix } = constantsOfWidth(width);
  const fifth = (value) => {
    const square = (value * value) % BN254_ORDER;
    return (((square * square) % BN254_ORDER) * value) % BN254_ORDER;
  };
  let state = before;
  for (let round = 0; round < rounds; round += 1) {
    const isFull = round < FULL_ROUNDS / 2 || round >= rounds - FULL_ROUNDS / 2;
    const raised = state.map((value, at) => {
      const sum = (value + added[round * width + at]) % BN254_ORDER;
      return isFull || at === 0 ? fifth(sum) : sum;
    });
    state = matrix.map((row) => row.reduce((sum, factor, at) => sum + factor * raised[at], 0n) % BN254_ORDER);
  }
  return state;
}

/** The hash of at least one element of the field, `chunk` of which are taken at once. */
function poseidonBn254(elements, chunk = 12) {
  let state = [0n];
  for (let start = 0; start < elements.length; start += chunk) {
    state = permutedBn254([state[0], ...elements.slice(start, start + chunk)]);
  }
  return state[1];
}
