// MEXC: one customer's path, in which levels without a sibling are left out, and a node holds whatever coins there are below it.
// The same rules as proofs/liabilities/mexc.py has.

const MEXC_ALWAYS = ["BTC", "ETH", "USDC", "USDT"]; // what each node with two sides holds, be it 0
const MEXC_HASH = /^[0-9a-f]{32}$/;
const MEXC_SIDE = /^[12]$/;

function mexcAmounts(entry) {
  const held = entry.object("balances");
  if (held.names.length > MOST_COINS) throw new TooLarge(held.where, `${number(held.names.length)} coins`, MOST_COINS);
  const strange = held.names.find((coin) => !COIN.test(coin));
  if (strange !== undefined) throw new NotUnderstood(`${held.where}: ${strange} is no coin`);
  return new Map(held.names.map((coin) => [coin, unitsOf(held.text(coin), `${held.where}.${coin}`)]));
}

const mexcNode = (entry) => ({ digest: entry.text("hash", MEXC_HASH), sums: mexcAmounts(entry) });
const mexcJoined = (texts) => [...texts].sort(([one], [other]) => (one < other ? -1 : 1)).map((pair) => pair.join(":")).join();
const mexcHash = async (text) => (await sha256OfText(text)).slice(0, 32);

/** What stands beside a node: nothing, which is null, or another with its side. `own` is the side of the record, on level 0. */
function mexcSibling(entry, own) {
  if (entry === undefined) {
    if (own === RIGHT) throw new Fault("self.type: a record on the right, with nothing on its left");
    return null;
  }
  const side = entry.text("type", MEXC_SIDE);
  if (side === own) throw new Fault(`${entry.where}.type: on the same side as the record itself`);
  if (entry.text("hash") !== "") return { ...mexcNode(entry), onLeft: side === LEFT };
  if (side === LEFT || [...mexcAmounts(entry).values()].some(Boolean)) {
    throw new Fault(`${entry.where}: a node without a hash that stands on the left, or holds amounts`);
  }
  return null;
}

async function mexcParent(left, right) {
  const sums = new Map(left.sums);
  for (const coin of right === null ? [] : [...MEXC_ALWAYS, ...right.sums.keys()]) {
    sums.set(coin, (left.sums.get(coin) ?? 0n) + (right.sums.get(coin) ?? 0n));
  }
  const texts = [...sums].map(([coin, units]) => [coin, strippedText(units)]);
  return { digest: await mexcHash(`${left.digest},${right?.digest ?? ""},${mexcJoined(texts)}`), sums };
}

async function readMexc(file) {
  const value = await fieldsOf(file);
  const [own, entries] = [value.object("self"), value.objects("pathList", DEEPEST_TREE + 1)];
  if (!entries.length || entries.at(-1).text("type") !== "3") throw new Fault("the last entry is not the root");
  const depth = entries.at(-1).setting("level", 0n, BigInt(DEEPEST_TREE));
  const siblings = new Map();
  for (const entry of entries.slice(0, -1)) {
    const level = entry.number("level", 0n, depth > 0n ? depth - 1n : 0n);
    if ([...siblings.keys()].some((before) => before >= level)) {
      throw new Fault(`${entry.where}: level ${level} stands twice, or behind a higher one`);
    }
    siblings.set(level, entry);
  }
  own.number("level", 0n, 0n);
  const leaf = mexcNode(own);
  const account = own.text("accountId", ID);
  const written = mexcJoined(Object.entries(own.object("balances").held));
  if ((await mexcHash(`${own.text("proofId", ID)},${account},${written}`)) !== leaf.digest) {
    throw new Fault("the record does not have the hash that the file states");
  }
  if (!depth) throw new Fault("a path of no level");
  let reached = leaf;
  for (let level = 0n; level < depth; level += 1n) {
    const beside = mexcSibling(siblings.get(level), level ? undefined : own.text("type", MEXC_SIDE));
    if (beside?.digest === reached.digest) throw new Fault("a node stands beside itself");
    reached = await (beside?.onLeft ? mexcParent(beside, reached) : mexcParent(reached, beside));
  }
  const stated = mexcNode(entries.at(-1));
  if (stated.digest !== reached.digest) throw new Fault("the path does not lead to the root that the file states");
  if (stated.sums.size !== reached.sums.size || [...stated.sums].some(([coin, units]) => reached.sums.get(coin) !== units)) {
    throw new Fault("the path's amounts do not come to those that the file states beside the root");
  }
  return { root: reached.digest, account, amounts: [...leaf.sums].map(([coin, units]) => [coin, strippedText(units)]) };
}

READERS.mexc = { read: readMexc };
