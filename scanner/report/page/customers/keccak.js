// Keccak-256, which browsers do not have, as Ethereum and OKX's zk-STARK use it (original padding, not SHA-3). What is hashed is
// not known here. Source: the Keccak reference, version 3.0.

const LANE = (1n << 64n) - 1n;

/** Of each of 24 rounds, what is added to the first lane: bits of a shift register (Keccak reference, 1.2). */
function keccakRounds() {
  let register = 1;
  const bit = () => {
    const drawn = register & 1;
    register = (register << 1) ^ (register & 0x80 ? 0x171 : 0);
    return BigInt(drawn);
  };
  return Array.from({ length: 24 }, () =>
    Array.from({ length: 7 }, (_each, power) => bit() << BigInt(2 ** power - 1)).reduce((sum, part) => sum | part));
}

const KECCAK_ROUNDS = keccakRounds();

function keccakPermuted(state) {
  const turned = (lane, by) => ((lane << BigInt(by)) | (lane >> BigInt(64 - by))) & LANE;
  for (const constant of KECCAK_ROUNDS) {
    const columns = [0, 1, 2, 3, 4].map((x) => state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20]);
    const mixed = state.map((lane, at) => lane ^ columns[(at + 4) % 5] ^ turned(columns[(at + 1) % 5], 1));
    let [x, y, lane] = [1, 0, mixed[1]];
    for (let step = 0; step < 24; step += 1) {
      [x, y] = [y, (2 * x + 3 * y) % 5];
      [lane, mixed[x + 5 * y]] = [mixed[x + 5 * y], turned(lane, (((step + 1) * (step + 2)) / 2) % 64)];
    }
    state = mixed.map((each, at) => {
      const row = at - (at % 5);
      return each ^ (~mixed[row + ((at + 1) % 5)] & LANE & mixed[row + ((at + 2) % 5)]);
    });
    state[0] ^= constant;
  }
  return state;
}

/** Keccak-256 of bytes that are written as hex, as 64 hex digits. */
function keccak256(hex) {
  const rate = 272; // digits of a block
  const free = rate - (hex.length % rate);
  const text = hex + (free === 2 ? "81" : `01${"0".repeat(free - 4)}80`);
  let state = Array(25).fill(0n);
  const turnedLane = (digits) => BigInt(`0x${digits.match(/../g).reverse().join("")}`);
  for (let start = 0; start < text.length; start += rate) {
    state = keccakPermuted(state.map((lane, at) =>
      at < 17 ? lane ^ turnedLane(text.slice(start + 16 * at, start + 16 * at + 16)) : lane));
  }
  return state.slice(0, 4).map((lane) => turnedDigits(lane)).join("");
}
