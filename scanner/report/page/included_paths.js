// Customers' files that are one path of SHA-256: what they hold, and the root that they lead to. The same rules as
// proofs/liabilities has (self_and_path.py, okx_merkle_path.py, bybit.py, bitget.py, mexc.py).

const DIGITS = 40; // before the point, and behind it
const DEEPEST_TREE = 64;

/** An exact amount, in units of 10^-40. */
function unitsOf(text, where, { negative = false } = {}) {
  const found = typeof text === "string" && /^(-?)([0-9]{1,40})(?:\.([0-9]{1,40}))?$/.exec(text);
  if (!found) throw new Fault(`${where} is no decimal amount in quotes`);
  const units = BigInt(found[2] + (found[3] ?? "").padEnd(DIGITS, "0"));
  if (found[1] && !(units && negative)) throw new Fault(`${where} is negative`);
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

function field(value, key, where, pattern) {
  const text = value?.[key];
  if (typeof text !== "string" || !pattern.test(text)) throw new Fault(`${where}.${key} is not as the format has it`);
  return text;
}

const jsonOf = (coins, texts) => `{${coins.map((coin) => `"${coin}":"${texts[coin]}"`).join(",")}}`;
const ID = /^[0-9A-Za-z_-]{1,200}$/;

const OKX_COINS = ["BTC", "ETH", "USDT"];
const BITGET_COINS = ["BTC", "ETH", "USDT", "USDC"];

/** Of each release of Bybit, the newest first: its coins in the order in which they are hashed. */
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
  const held = Object.keys(own.balance ?? {});
  const fits = ({ coins, optional }) => held.filter((coin) => coin !== optional).sort().join() === [...coins].sort().join();
  const release = bybitReleases().find(fits);
  if (!release) throw new Fault("its coins are those of no known release");
  const { coins, optional, places = {} } = release;
  const order = coins.flatMap((coin) => (coin === "BTC" && optional ? [coin, optional] : [coin]));
  const placesOf = (coin) => places[coin] ?? 8;
  return {
    coins,
    optional,
    leaf: (texts) => field(own, "userHash", "self", /^[0-9a-f]{64}$/) + order.map((coin) => texts[coin] ?? "").join(""),
    total: (coin, units) => cutTo(units, placesOf(coin)),
    written: (coin, units) => paddedText(units, placesOf(coin)),
    parent: (left, right, sums, level) =>
      left + right + coins.map((coin) => paddedText(sums[coin], placesOf(coin))).join("") + level,
  };
}

const okxRules = (own) => ({
  coins: OKX_COINS,
  leaf: (texts) => field(own, "nonce", "self", ID) + jsonOf(OKX_COINS, texts),
  total: (_coin, units) => cutTo(units, 8),
  written: (_coin, units) => strippedText(units),
  parent: (left, right, sums, level) =>
    left + right + OKX_COINS.map((coin) => strippedText(sums[coin])).join("") + level,
});

function bitRules(own, coins, places) {
  const written = (sums) =>
    Object.fromEntries(coins.map((coin) => [coin, places ? paddedText(sums[coin], places[coin]) : strippedText(sums[coin])]));
  return {
    coins,
    leaf: (texts, units) =>
      `${field(own, "encryptUid", "self", ID)},${field(own, "nonce", "self", ID)},${jsonOf(coins, places ? texts : written(units))}`,
    total: (coin, units) => (places ? cutTo(units, places[coin]) : units),
    parent: (left, right, sums, level) => `${left}${right},${jsonOf(coins, written(sums))},${level}`,
  };
}

/** In the file's own order, as Bitget's tool reads it since 2026; of four coins in its first order too. */
async function bitgetRules(own) {
  const coins = Object.keys(own.balances ?? {});
  const later = { ...bitRules(own, coins), ordered: true };
  if (coins.length === BITGET_COINS.length && BITGET_COINS.every((coin) => coins.includes(coin))) {
    const units = Object.fromEntries(coins.map((coin) => [coin, unitsOf(own.balances[coin], coin, { negative: true })]));
    const hash = (await sha256(bytesOfText(later.leaf(own.balances, units)))).slice(0, 16);
    return hash === own.merkelLeaf ? later : bitRules(own, BITGET_COINS);
  }
  if (!coins.length || coins.length > 1000 || !coins.every((coin) => /^[0-9A-Za-z]{1,40}$/.test(coin))) {
    throw new Fault("self holds no coins");
  }
  return later;
}

function bitunixRules(own) {
  const { precisions } = own;
  for (const coin of OKX_COINS) {
    if (!Number.isInteger(precisions?.[coin]) || precisions[coin] < 0 || precisions[coin] > 30) {
      throw new Fault("self.precisions is not as the format has it");
    }
  }
  return bitRules(own, OKX_COINS, precisions);
}

/** How the fields of each format are called, as `Layout` has it. `padding`: the side's word for a node that stands for none
 * and repeats its neighbour's hash; `empty`: for one with a hash of its own; `spelled`: the sums beside the root are written as
 * they are hashed. */
const LAYOUTS = {
  "okx-merkle-v1": {
    rules: okxRules, digest: "hash", amounts: "balances", side: "type", level: "height", account: "nonce", digits: 64,
    rises: true, root: 3, padding: 4, spelled: true,
  },
  bybit: {
    rules: bybitRules, digest: "hash", amounts: "balance", side: "type", level: "height", account: "userHash", digits: 64,
    rises: true, root: 3, padding: 2, spelled: true,
  },
  bitget: {
    rules: bitgetRules, digest: "merkelLeaf", amounts: "balances", side: "role", level: "level",
    account: "encryptUid", digits: 16, rises: false, empty: 0, negative: true,
  },
  bitunix: {
    rules: bitunixRules, digest: "merkleLeaf", amounts: "balances", side: "type", level: "height", account: "encryptUid",
    digits: 64, rises: false, root: 3,
  },
};

function nodeOf(entry, layout, rules, where, { negative = false } = {}) {
  const written = entry?.[layout.amounts];
  const held = Object.keys(written ?? {}).filter((coin) => coin !== rules.optional);
  if (held.length !== rules.coins.length || !rules.coins.every((coin) => held.includes(coin))) {
    throw new Fault(`${where} holds other coins than ${rules.coins.join(", ")}`);
  }
  if (rules.ordered && held.join() !== rules.coins.join()) throw new Fault(`${where} holds its coins in another order`);
  for (const coin of Object.keys(written)) unitsOf(written[coin], `${where}, ${coin},`, { negative });
  const sums = Object.fromEntries(rules.coins.map((coin) => [coin, unitsOf(written[coin], coin, { negative })]));
  return { digest: field(entry, layout.digest, where, new RegExp(`^[0-9a-f]{${layout.digits}}$`)), sums };
}

function stepOf(entry, layout, rules, where) {
  const side = entry?.[layout.side];
  const node = nodeOf(entry, layout, rules, where, layout);
  const holds = Object.values(node.sums).some((units) => units !== 0n);
  if (side !== 1 && side !== 2 && side !== layout.padding && side !== layout.empty) throw new Fault(`${where} is on no side`);
  if (side !== 1 && side !== 2 && holds) throw new Fault(`${where} stands for none, and holds amounts`);
  const may = side === 2 && layout.padding === 2 && !holds; // a format without a word of its own for padding
  return { node, onLeft: side === 1, padding: may ? null : side === layout.padding && side !== 2 };
}

/** A customer's file in the shape of `self` and `path`: what it holds, and the root that it leads to. Raises Fault. */
async function pathOf(value, layout) {
  const { self: own, path } = value ?? {};
  if (typeof own !== "object" || own === null || !Array.isArray(path)) throw new Fault("it is not of this format");
  if (path.length < 2 || path.length > DEEPEST_TREE + 1) throw new Fault(`its path has ${path.length} entries`);
  const audits = new Set([own, ...path].map((entry) => entry?.auditId).filter((audit) => audit !== undefined));
  if (audits.size > 1) throw new Fault("its entries are of different audits");
  const depth = path.length;
  [own, ...path].forEach((entry, position) => {
    const above = Math.max(position - 1, 0);
    if (entry?.[layout.level] !== (layout.rises ? above + 1 : depth - above)) throw new Fault("its levels do not follow");
  });
  const rules = await layout.rules(own);
  const hash = async (text) => (await sha256(bytesOfText(text))).slice(0, layout.digits);
  const leaf = nodeOf(own, layout, rules, "self");
  if ((await hash(rules.leaf(own[layout.amounts], leaf.sums))) !== leaf.digest) {
    throw new Fault("the record does not have the hash that it states");
  }
  if (own[layout.side] !== 1 && own[layout.side] !== 2) throw new Fault("self is on no side");
  let reached = leaf;
  for (const [level, entry] of path.slice(0, -1).entries()) {
    const { node, onLeft, padding } = stepOf(entry, layout, rules, `path[${level}]`);
    if (level === 0 && (own[layout.side] === 1) === onLeft) throw new Fault("path[0] is on the record's own side");
    if (padding !== null && padding !== (node.digest === reached.digest)) throw new Fault(`path[${level}] is no sibling`);
    const [left, right] = onLeft ? [node, reached] : [reached, node];
    const sums = Object.fromEntries(rules.coins.map((coin) => [coin, rules.total(coin, left.sums[coin] + right.sums[coin])]));
    const counted = layout.rises ? level + 2 : depth - level - 1;
    reached = { digest: await hash(rules.parent(left.digest, right.digest, sums, counted)), sums };
  }
  const last = path[depth - 1];
  if (layout.root !== undefined && last[layout.side] !== layout.root) throw new Fault("its last entry is not the root");
  const stated = nodeOf(last, layout, rules, "the root");
  if (stated.digest !== reached.digest) throw new Fault("its path does not lead to the root that it states");
  if (rules.coins.some((coin) => stated.sums[coin] !== reached.sums[coin])) {
    throw new Fault("its amounts do not come to those beside the root");
  }
  const isSpelled = ([coin, text]) => coin in reached.sums && text === rules.written(coin, reached.sums[coin]);
  if (layout.spelled && !Object.entries(last[layout.amounts]).every(isSpelled)) throw new Fault("its total is not as the tree writes it");
  const amounts = rules.coins.map((coin) => [coin, strippedText(leaf.sums[coin])]);
  return { root: reached.digest, account: field(own, layout.account, "self", ID), amounts };
}

const MEXC_ALWAYS = ["BTC", "ETH", "USDC", "USDT"]; // what each node with two sides holds, be it 0
const MEXC_HASH = /^[0-9a-f]{32}$/;

function mexcAmounts(entry, where) {
  const coins = Object.keys(entry?.balances ?? {});
  if (coins.length > 1000 || !coins.every((coin) => /^[0-9A-Za-z]{1,40}$/.test(coin))) throw new Fault(`${where} holds no coins`);
  return new Map(coins.map((coin) => [coin, unitsOf(entry.balances[coin], `${where}, ${coin},`)]));
}

/** MEXC's own shape: levels without a sibling are left out, and a node holds whatever coins there are below it. */
async function mexcPathOf(value) {
  const { self: own, pathList: path } = value ?? {};
  if (typeof own !== "object" || own === null || !Array.isArray(path)) throw new Fault("it is not of this format");
  if (path.length < 1 || path.length > DEEPEST_TREE + 1) throw new Fault(`its path has ${path.length} entries`);
  const root = path[path.length - 1];
  const depth = root?.level;
  const isLevel = (level) => Number.isInteger(level) && level >= 0 && level < depth;
  if (root?.type !== 3 || !Number.isInteger(depth) || depth < 1 || depth > DEEPEST_TREE || own.level !== 0) {
    throw new Fault("its levels do not follow");
  }
  const siblings = new Map();
  for (const entry of path.slice(0, -1)) {
    if (!isLevel(entry?.level) || entry.level <= Math.max(-1, ...siblings.keys())) throw new Fault("its levels do not follow");
    siblings.set(entry.level, entry);
  }
  const hash = async (text) => (await sha256(bytesOfText(text))).slice(0, 32);
  const joined = (texts) => [...texts].sort(([one], [other]) => (one < other ? -1 : 1)).map((pair) => pair.join(":")).join();
  const node = (entry, where) => ({ digest: field(entry, "hash", where, MEXC_HASH), sums: mexcAmounts(entry, where) });
  const leaf = node(own, "self");
  const account = field(own, "accountId", "self", ID);
  const written = joined(Object.entries(own.balances));
  if ((await hash(`${field(own, "proofId", "self", ID)},${account},${written}`)) !== leaf.digest) {
    throw new Fault("the record does not have the hash that it states");
  }
  let reached = leaf;
  for (let level = 0; level < depth; level += 1) {
    const beside = siblings.get(level);
    const where = `the sibling of level ${level}`;
    if (beside !== undefined && beside.type !== 1 && beside.type !== 2) throw new Fault(`${where} is on no side`);
    if (level === 0 && own.type !== 1 && (own.type !== 2 || beside === undefined)) throw new Fault("self is on no side");
    if (level === 0 && beside?.type === own.type) throw new Fault(`${where} is on the record's own side`);
    const alone = beside === undefined || beside.hash === "";
    if (alone && beside !== undefined && (beside.type === 1 || [...mexcAmounts(beside, where).values()].some(Boolean))) {
      throw new Fault(`${where} has no hash, and is on the left or holds amounts`);
    }
    const other = alone ? { digest: "", sums: new Map() } : node(beside, where);
    if (!alone && other.digest === reached.digest) throw new Fault(`${where} is no sibling`);
    const [left, right] = !alone && beside.type === 1 ? [other, reached] : [reached, other];
    const sums = new Map(left.sums);
    for (const coin of right.digest ? [...MEXC_ALWAYS, ...right.sums.keys()] : []) {
      sums.set(coin, (left.sums.get(coin) ?? 0n) + (right.sums.get(coin) ?? 0n));
    }
    const texts = [...sums].map(([coin, units]) => [coin, strippedText(units)]);
    reached = { digest: await hash(`${left.digest},${right.digest},${joined(texts)}`), sums };
  }
  const stated = node(root, "the root");
  if (stated.digest !== reached.digest) throw new Fault("its path does not lead to the root that it states");
  const same = stated.sums.size === reached.sums.size && [...stated.sums].every(([coin, units]) => reached.sums.get(coin) === units);
  if (!same) throw new Fault("its amounts do not come to those beside the root");
  return { root: reached.digest, account, amounts: [...leaf.sums].map(([coin, units]) => [coin, strippedText(units)]) };
}
