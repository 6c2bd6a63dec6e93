// Bitget and Bitunix: one customer's path. The same rules as proofs/liabilities/bitget.py has.

const BITGET_COINS = ["BTC", "ETH", "USDT", "USDC"];
const BITUNIX_COINS = ["BTC", "ETH", "USDT"];

/** `places`: of each coin, how many digits stand behind the point; without them as many as there are. */
function bitgetRulesOf(coins, { places, ordered = false } = {}) {
  const written = (sums) =>
    Object.fromEntries(coins.map((coin) => [coin, places ? paddedText(sums[coin], places[coin]) : strippedText(sums[coin])]));
  return {
    coins,
    ordered,
    leaf: (own, texts, sums) => `${own.text("encryptUid", ID)},${own.text("nonce", ID)},${jsonOf(coins, places ? texts : written(sums))}`,
    total: (coin, units) => (places ? cutTo(units, places[coin]) : units),
    parent: (left, right, sums, level) => `${left}${right},${jsonOf(coins, written(sums))},${level}`,
  };
}

/** In the file's own order, as Bitget's tool reads it since 2026; of four coins in its first order too. */
async function bitgetRules(own) {
  const balances = own.object("balances");
  const coins = balances.names;
  const later = bitgetRulesOf(coins, { ordered: true });
  if (coins.length === BITGET_COINS.length && BITGET_COINS.every((coin) => coins.includes(coin))) {
    const units = Object.fromEntries(coins.map((coin) => [coin, unitsOf(balances.text(coin), balances.where)]));
    const digest = (await sha256OfText(later.leaf(own, balances.held, units))).slice(0, 16);
    return digest === own.text("merkelLeaf") ? later : bitgetRulesOf(BITGET_COINS);
  }
  if (coins.length > MOST_COINS) throw new TooLarge(balances.where, `${number(coins.length)} coins`, MOST_COINS);
  if (!coins.length || !coins.every((coin) => COIN.test(coin))) throw new NotUnderstood(`${balances.where}: other than names of coins`);
  return later;
}

function bitunixRules(own) {
  const precisions = own.object("precisions");
  const places = Object.fromEntries(BITUNIX_COINS.map((coin) => [coin, Number(precisions.setting(coin, 0n, 30n))]));
  return bitgetRulesOf(BITUNIX_COINS, { places });
}

READERS.bitget = {
  read: readerOfPaths({
    rules: bitgetRules, digest: "merkelLeaf", amounts: "balances", side: "role", level: "level", account: "encryptUid", digits: 16,
    rises: false, empty: "0", negative: true,
  }),
};
READERS.bitunix = {
  read: readerOfPaths({
    rules: bitunixRules, digest: "merkleLeaf", amounts: "balances", side: "type", level: "height", account: "encryptUid",
    digits: 64, rises: false, root: "3",
  }),
};
