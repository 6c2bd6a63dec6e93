// Bybit: one customer's path, in whose record's coins its release is known. The same rules as proofs/liabilities/bybit.py has.

/** Of each release, the newest first: its coins in the order in which they are hashed. */
function bybitReleases() {
  const fifty = (
    "AGLA APT ATOM AVAX MNT BTC DOGE DOT DYDX A ETH S LTC POL SOL USDC USDT XRP SHIB OP SAND LDO LINK COMP UNI MANA CRV BLUR"
    + " SUSHI PEPE WLD BEAM AGI FET IMX RENDER GALA APEX SHRAP USDE GRAM XAUT HYPE STABLE ENA ARB ASTER ONDO AAVE USD1"
  ).split(" ");
  const renamed = (coins, names) => coins.map((coin) => names[coin] ?? coin);
  const before = (coins, coin, added) => coins.flatMap((each) => (each === coin ? [added, each] : [each]));
  const upTo = (coins, coin) => coins.slice(0, coins.indexOf(coin) + 1);
  const v5 = fifty.slice(0, 40);
  const v4 = renamed(v5, { A: "EOS" });
  const v3 = renamed(v4, { S: "FTM" });
  const v2 = renamed(v3, { POL: "MATIC" });
  const forty = before(renamed(v2.slice(0, -1), { RENDER: "RNDR" }), "DOGE", "DAI");
  const thirtyTwo = before(upTo(forty, "PEPE"), "DAI", "BUSD");
  const mantle = upTo(thirtyTwo, "XRP");
  const offLine = [v5, v4, v3, v2, forty].map((coins) => ({ coins, optional: "BUSD" }));
  const others = [thirtyTwo, mantle, renamed(mantle, { MNT: "BIT" })].map((coins) => ({ coins }));
  return [{ coins: fifty }, ...offLine, ...others, { coins: ["BTC", "ETH", "USDT", "USDC"], places: { USDT: 4, USDC: 4 } }];
}

function bybitRules(own) {
  const { names } = own.object("balance");
  const fits = ({ coins, optional }) => names.filter((coin) => coin !== optional).sort().join() === [...coins].sort().join();
  const release = bybitReleases().find(fits);
  if (!release) throw new NotUnderstood(`its ${names.length} coins are those of no known release`);
  const { coins, optional, places = {} } = release;
  const order = coins.flatMap((coin) => (coin === "BTC" && optional ? [coin, optional] : [coin]));
  const placesOf = (coin) => places[coin] ?? 8;
  return {
    coins,
    optional,
    leaf: (record, texts) => record.text("userHash", HASH) + order.map((coin) => texts[coin] ?? "").join(""),
    total: (coin, units) => cutTo(units, placesOf(coin)),
    written: (coin, units) => paddedText(units, placesOf(coin)),
    parent: (left, right, sums, level) =>
      left + right + coins.map((coin) => paddedText(sums[coin], placesOf(coin))).join("") + level,
  };
}

READERS.bybit = {
  read: readerOfPaths({
    rules: bybitRules, digest: "hash", amounts: "balance", side: "type", level: "height", account: "userHash", digits: 64,
    rises: true, root: "3", padding: "2", spelled: true,
  }),
};
