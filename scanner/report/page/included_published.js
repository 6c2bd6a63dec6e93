// Customers' files for which what the exchange published for everybody is needed as well: OKX's whole tree, SwissBorg's
// partitions. The same rules as proofs/liabilities has (okx_merkle_tree.py, swissborg.py).

const HASH = /^[0-9a-f]{64}$/;
const WORD = /^[0-9A-Za-z_.:-]{1,100}$/;
const sumOf = (units) => units.reduce((sum, each) => sum + each, 0n);

/** The file leads to another root than the published one. */
class OtherReport extends Fault {
  constructor() {
    super("the file holds together, and is of another report, older or newer, or of another exchange");
  }
}

const NO_JSON = "the file is no JSON text: it may be damaged, or be of another exchange";

/** JSON with all numbers as the text that they are written as: a double has lost digits already. */
function valueOfJson(text) {
  const quoted = text.replace(/"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*/g, (part) => (part[0] === '"' ? part : `"${part}"`));
  try {
    return JSON.parse(quoted);
  } catch {
    throw new Fault(NO_JSON);
  }
}

function valueOfJsonOrNothing(text) {
  try {
    return valueOfJson(text);
  } catch {
    return null;
  }
}

function list(value, key, where, most) {
  const found = value?.[key];
  if (!Array.isArray(found)) throw new Fault(`${where}.${key} is no list`);
  if (found.length > most) throw new Fault(`${where}.${key} has more entries than this page reads`);
  return found;
}

function integer(value, key, where, end) {
  const found = BigInt(field(value, key, where, /^(?:0|[1-9][0-9]{0,20})$/));
  if (found >= end) throw new Fault(`${where}.${key} is not in the tree`);
  return found;
}

const OKX_AMOUNT = "((?:0|[1-9][0-9]{0,19})(?:\\.[0-9]{0,7}[1-9])?)";
const OKX_LINE = new RegExp(
  `^([0-9a-f]{64}),([1-9][0-9]?),\\{${OKX_COINS.map((coin) => `"${coin}":"${OKX_AMOUNT}"`).join(",")}\\}$`);

/** A whole tree, root first, each level from right to left: its root and its leaves' lines. Raises Fault. */
async function okxTree(text) {
  const lines = text.replace(/\n$/, "").split("\n");
  const nodes = lines.map((line, at) => {
    const [, digest, height, ...texts] = OKX_LINE.exec(line) ?? [];
    if (digest === undefined) throw new Fault(`line ${at + 1} of the tree is no node`);
    return { line, digest, height: Number(height), units: texts.map((each) => unitsOf(each, "an amount")) };
  });
  const root = nodes[0];
  if (root.height < 2 || root.height > DEEPEST_TREE) throw new Fault("the tree's first line is no root");
  let [parents, at] = [[root], 1];
  for (let height = root.height - 1; height > 0; height -= 1) {
    const level = nodes.slice(at, at + 2 * parents.length);
    if (level.length < 2 * parents.length || level.some((node) => node.height !== height)) {
      throw new Fault(`the tree's level of height ${height} has not the nodes that it must have`);
    }
    at += level.length;
    await Promise.all(parents.map(async (parent, place) => {
      const [right, left] = level.slice(2 * place, 2 * place + 2);
      const sums = left.units.map((units, coin) => units + right.units[coin]);
      const hashed = left.digest + right.digest + sums.map(strippedText).join("") + (height + 1);
      if (sums.some((units, coin) => units !== parent.units[coin]) || (await sha256(bytesOfText(hashed))) !== parent.digest) {
        throw new Fault(`a node of height ${height + 1} is not what its children make`);
      }
    }));
    const pads = level[0].digest === level[1].digest && level[0].units.every((units) => units === 0n);
    parents = pads ? level.slice(1) : level;
  }
  if (at !== nodes.length) throw new Fault("the tree has more lines than nodes");
  if (new Set(parents.map(({ digest }) => digest)).size !== parents.length) throw new Fault("a leaf of the tree stands twice");
  return { root: root.digest, leaves: new Set(parents.map(({ line }) => line)) };
}

async function okxRecordIn(text, published) {
  const value = valueOfJson(text);
  const trees = published.filter((each) => !/^\s*\{/.test(each));
  if (trees.length !== 1) throw new Fault("the whole tree that the exchange published is needed too: choose both files at once");
  const amountsOf = (entry, key, where) => {
    const texts = entry?.[key];
    if (Object.keys(texts ?? {}).length !== 3) throw new Fault(`${where} holds other coins than ${OKX_COINS.join(", ")}`);
    return OKX_COINS.map((coin) => field(texts, coin, where, new RegExp(`^${OKX_AMOUNT}$`)));
  };
  const nonce = field(value, "nonce", "the file", ID);
  const totals = amountsOf(value, "totalBalances", "the record");
  const jsonOfTexts = (texts) => jsonOf(OKX_COINS, Object.fromEntries(OKX_COINS.map((coin, at) => [coin, texts[at]])));
  const own = await sha256(bytesOfText(nonce + jsonOfTexts(totals)));
  if (own !== value.hash) throw new Fault("the record does not have the hash that it states");
  const lines = new Set();
  let sums = totals.map(() => 0n);
  for (const node of list(value, "nodes", "the file", 10_000)) {
    const texts = amountsOf(node, "balances", "a leaf");
    const digest = await sha256(bytesOfText(own + texts.join("")));
    if (digest !== node.hash || lines.has(digest)) throw new Fault("a leaf does not have the hash that it states, or is there twice");
    lines.add(`${digest},1,${jsonOfTexts(texts)}`);
    sums = sums.map((sum, at) => sum + unitsOf(texts[at], "an amount"));
  }
  if (lines.size !== value.nodes.length || !lines.size || sums.some((sum, at) => sum !== unitsOf(totals[at], "an amount"))) {
    throw new Fault("the leaves do not come to the record's amounts");
  }
  const { root, leaves } = await okxTree(trees[0]);
  if ([...lines].some((line) => !leaves.has(line))) throw new Fault("a leaf of the record is not in the tree");
  return { root, account: nonce, amounts: OKX_COINS.map((coin, at) => [coin, totals[at]]) };
}

/** An audit's partitions by id, after its commitment was made again. Raises Fault. */
async function swissBorgAudit(audit) {
  const partitions = new Map();
  const committed = new Map();
  for (const entry of list(audit, "partitions", "the audit", 10_000)) {
    const [id, currency] = [field(entry, "id", "a partition", WORD), field(entry, "currency", "a partition", /^[0-9A-Za-z]{1,40}$/)];
    const [units, digest] = [unitsOf(entry.commitment?.liability, "a liability"), field(entry.commitment, "digest", "a partition", HASH)];
    if (partitions.has(id) || committed.has(currency.toUpperCase())) throw new Fault("a partition stands twice in the audit");
    partitions.set(id, { currency: currency.toUpperCase(), units, digest });
    committed.set(currency.toUpperCase(), `,${id},${strippedText(units)},${digest}`);
  }
  const texts = [...committed].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, text]) => text);
  const root = await sha256(bytesOfText(`SB PoL - Audit commitment hash${texts.join("")}`));
  if (!partitions.size || root !== audit.commitment?.digest) throw new Fault("the audit's commitment is not what its partitions make");
  return { root, id: field(audit, "id", "the audit", WORD), partitions };
}

async function swissBorgRecordIn(text, published) {
  const value = valueOfJson(text);
  const audits = published.map(valueOfJsonOrNothing).filter((each) => each?.audit !== undefined);
  if (audits.length !== 1) throw new Fault("the file of the audit's roots is needed too: choose both files at once");
  const { root, id, partitions } = await swissBorgAudit(audits[0].audit);
  const account = field(value, "user_id", "the file", WORD);
  const [amounts, seen] = [new Map(), new Set()];
  let weaker = {};
  for (const [at, entry] of list(value, "liabilities", "the file", 10_000).entries()) {
    const where = `liabilities[${at}]`;
    const partition = partitions.get(entry?.audit_partition_id);
    if (value.audit_id !== id || partition === undefined) throw new OtherReport();
    const witnesses = list(entry.proof, "witnesses", where, DEEPEST_TREE);
    const index = integer(entry.proof, "leaf_index", where, 2n ** BigInt(witnesses.length));
    const own = unitsOf(entry.liability, where);
    const nonce = field(entry.proof, "nonce", where, WORD);
    const opened = await sha256(bytesOfText(`leaf,${nonce},${account},${strippedText(own)}`));
    const leadsToRoot = async (leaf) => {
      let [units, digest] = [own, leaf];
      for (const [level, witness] of witnesses.entries()) {
        const other = [unitsOf(witness?.liability, where), field(witness, "digest", where, HASH)];
        if (other[1] === digest) throw new Fault(`${where}: a node stands beside itself`);
        const [left, right] = (index >> BigInt(level)) & 1n ? [other, [units, digest]] : [[units, digest], other];
        digest = await sha256(bytesOfText(`inner,${strippedText(left[0])},${strippedText(right[0])},${left[1]},${right[1]}`));
        units += other[0];
      }
      return digest === partition.digest && units === partition.units;
    };
    const isOpened = await leadsToRoot(opened);
    const leaf = isOpened ? opened : nonce; // files of the first audit have a leaf's hash in place of its nonce
    if (!isOpened && !(HASH.test(nonce) && (await leadsToRoot(nonce)))) throw new OtherReport();
    if (!witnesses.length || seen.has(partition.digest + leaf)) throw new Fault(`${where} has no path, or shows a record again`);
    seen.add(partition.digest + leaf);
    if (!isOpened) weaker = { shows: "INCLUDED" };
    amounts.set(partition.currency, (amounts.get(partition.currency) ?? 0n) + own);
  }
  if (!amounts.size) throw new Fault("the file holds no record");
  return { root, account, amounts: [...amounts].map(([currency, units]) => [currency, strippedText(units)]), ...weaker };
}
