// OKX, November 2022: one customer's path. The same rules as proofs/liabilities/okx_merkle_path.py has.

const OKX_PATH_COINS = ["BTC", "ETH", "USDT"];

READERS["okx-merkle-v1"] = {
  read: readerOfPaths({
    rules: () => ({
      coins: OKX_PATH_COINS,
      leaf: (own, texts) => own.text("nonce", PLAIN_ID) + jsonOf(OKX_PATH_COINS, texts),
      total: (_coin, units) => cutTo(units, 8),
      written: (_coin, units) => strippedText(units),
      parent: (left, right, sums, level) => left + right + OKX_PATH_COINS.map((coin) => strippedText(sums[coin])).join("") + level,
    }),
    digest: "hash", amounts: "balances", side: "type", level: "height", account: "nonce", digits: 64, rises: true, root: "3",
    padding: "4", spelled: true,
  }),
};
