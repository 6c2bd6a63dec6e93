// OKX, from March 2023: the whole tree, each level from right to left, and a customer's record. The same rules as
// proofs/liabilities/okx_merkle_tree.py has.

const OKX_COINS = ["BTC", "ETH", "USDT"];
const OKX_AMOUNT = "((?:0|[1-9][0-9]{0,19})(?:\\.[0-9]{0,7}[1-9])?)";
const OKX_LINE = new RegExp(
  `^([0-9a-f]{64}),([1-9][0-9]?),\\{${OKX_COINS.map((coin) => `"${coin}":"${OKX_AMOUNT}"`).join(",")}\\}$`);
const okxJson = (texts) => jsonOf(OKX_COINS, Object.fromEntries(OKX_COINS.map((coin, at) => [coin, texts[at]])));

function okxAmounts(fields) {
  if (fields.names.length !== 3 || !OKX_COINS.every((coin) => fields.has(coin))) {
    throw new NotUnderstood(`${fields.where}: other coins than ${OKX_COINS.join(", ")}`);
  }
  const texts = OKX_COINS.map((coin) => fields.text(coin));
  const units = texts.map((text, at) => unitsOf(text, `${fields.where}.${OKX_COINS[at]}`));
  const strange = texts.find((text, at) => !new RegExp(`^${OKX_AMOUNT}$`).test(text) || strippedText(units[at]) !== text);
  if (strange !== undefined) throw new NotUnderstood(`${fields.where}: ${strange} is not as the tree writes amounts`);
  return { texts, units };
}

async function okxRecord(own) {
  const fields = await fieldsOf(own);
  const nonce = fields.text("nonce", PLAIN_ID);
  const total = okxAmounts(fields.object("totalBalances"));
  const digest = await sha256OfText(nonce + okxJson(total.texts));
  if (digest !== fields.text("hash", HASH)) throw new Fault("the record does not have the hash that the file states");
  const lines = new Set();
  let sums = total.units.map(() => 0n);
  const nodes = fields.objects("nodes", 10_000);
  for (const node of nodes) {
    const { texts, units } = okxAmounts(node.object("balances"));
    const leaf = await sha256OfText(digest + texts.join(""));
    if (leaf !== node.text("hash")) throw new Fault(`${node.where}: the leaf does not have the hash that the file states`);
    lines.add(`${leaf},1,${okxJson(texts)}`);
    sums = sums.map((sum, at) => sum + units[at]);
  }
  if (lines.size !== nodes.length || !lines.size) throw new Fault("a leaf stands twice, or there is none");
  if (sums.some((sum, at) => sum !== total.units[at])) throw new Fault("the leaves do not come to the record's amounts");
  return { nonce, total, lines };
}

function okxNode(file, line, height, place) {
  const [, digest, written, ...texts] = OKX_LINE.exec(line) ?? [];
  if (written !== `${height}`) throw new PublishedFault(`${file.name}: line ${place}: no node of height ${height}`);
  return { line, digest, units: texts.map((each) => unitsOf(each, file.name)) };
}

async function okxParent(left, right, height) {
  const sums = left.units.map((units, coin) => strippedText(units + right.units[coin]));
  const digest = await sha256OfText(`${left.digest}${right.digest}${sums.join("")}${height}`);
  return `${digest},${height},${okxJson(sums)}`;
}

async function readOkxTree(own, published, root) {
  if (!published.length) throw new NeedsFiles("a root alone leads to no leaf: the published tree is needed");
  if (published.length !== 1) throw new NotUnderstood(`${published.length} files of a tree; expected one`);
  const [tree] = published;
  const { nonce, total, lines } = await okxRecord(own);
  const [first, second] = await new Lines(tree, 400).take(2);
  const [, digest, written] = OKX_LINE.exec(first) ?? [];
  const height = Number(written);
  if (digest === undefined || (height < 2 && second === undefined)) throw new NotUnderstood(`${tree.name}: line 1: no root of a tree`);
  if (height < 2) throw new PublishedFault(`${tree.name}: line 1: a root of height ${height}, which has no children, and more lines follow`);
  if (height > DEEPEST_TREE) throw new TooLarge(`${tree.name}: line 1`, `a root of height ${height}`, DEEPEST_TREE);
  if (digest !== root) throw new OtherRoot(root, digest);
  await walkTree(tree, { head: 0, depth: height - 1 }, {
    longest: 400,
    reversed: true,
    node: (line, level, place) => okxNode(tree, line, level, place),
    parent: okxParent,
    pads: ([right, left]) => right.digest === left.digest && right.units.every((units) => units === 0n),
    leaf: ({ line }) => lines.delete(line),
  });
  if (lines.size) throw new Fault("a leaf of the record is not in the tree with its amounts");
  return { root, account: nonce, amounts: OKX_COINS.map((coin, at) => [coin, total.texts[at]]) };
}

READERS["okx-merkle-v2"] = { isPublished: async (file) => !/^\s*\{/.test(await headOf(file)), read: readOkxTree };
