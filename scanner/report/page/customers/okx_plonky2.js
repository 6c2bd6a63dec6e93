// OKX's plonky2 trees: a customer's proof, in a tree of production's shape. The same rules as proofs/liabilities/okx_plonky2.py has.

const BATCH = 10; // levels of two, of production's trees; above them are levels of sixty-four
const BRANCHES = 64;
const UNUSUAL = "as no tree of production is; scanner included reads others by its options batch_size and branches";

function plonky2Amounts(account, key) {
  const values = account.values(key, 4096);
  if (!values.every((each) => typeof each === "string" && /^(?:0|[1-9][0-9]{0,18})$/.test(each))) {
    throw new NotUnderstood(`${account.where}.${key}: expected whole numbers of up to 19 digits`);
  }
  return values.map(BigInt);
}

function plonky2Digests(fields, key) {
  return fields.values(key, 256).map((digest) => {
    const elements = typeof digest === "string" && HASH.test(digest)
      ? digest.match(/.{16}/g).map((part) => BigInt(`0x${turnedDigits(BigInt(`0x${part}`))}`)) : [GOLDILOCKS];
    if (elements.some((each) => each >= GOLDILOCKS)) throw new NotUnderstood(`${fields.where}.${key} holds other than digests in their one spelling`);
    return elements;
  });
}

async function readPlonky2(file) {
  const value = await fieldsOf(file);
  value.only("account", "index", "sum_tree_siblings", "recursive_tree_siblings");
  const account = value.object("account");
  account.only("id", "equity", "debt");
  const [equities, debts] = [plonky2Amounts(account, "equity"), plonky2Amounts(account, "debt")];
  if (equities.length !== debts.length) throw new Fault(`${equities.length} amounts of equity and ${debts.length} of debt`);
  const levels = value.objects("recursive_tree_siblings", 8).map((level) => {
    level.only("left_hashes", "right_hashes");
    return [plonky2Digests(level, "left_hashes"), plonky2Digests(level, "right_hashes")];
  });
  const id = account.text("id", HASH);
  let index = value.number("index", 0n, 2n ** 64n - 1n);
  const siblings = plonky2Digests(value, "sum_tree_siblings");
  const [equity, debt] = [sumOf(equities), sumOf(debts)];
  if (debt > equity || equity >= 2n ** 62n) {
    throw new Fault("the customer owes more than the customer has, or more than the format has room for");
  }
  const pieces = id.match(/.{1,14}/g).map((part) => BigInt(`0x${part}`));
  let node = poseidon([...pieces, equity, debt]);
  if (siblings.length !== BATCH) throw new NotUnderstood(`${siblings.length} siblings in a batch, ${UNUSUAL}`);
  for (const sibling of siblings) {
    node = poseidon(index & 1n ? [...sibling, ...node] : [...node, ...sibling]);
    index >>= 1n;
  }
  for (const [left, right] of levels) {
    if (BigInt(left.length) !== index % 64n || left.length + right.length !== BRANCHES - 1) {
      throw new NotUnderstood(`a level of recursion has not the children that its place asks for, ${UNUSUAL}`);
    }
    node = poseidon([...left, node, ...right].flat());
    index /= 64n;
  }
  if (index) throw new Fault(`the place is not in a tree of ${levels.length} levels of recursion`);
  return { root: node.map(turnedDigits).join(""), account: id, amounts: [["TOTAL", `${equity - debt}`]] };
}

READERS["okx-plonky2"] = { read: readPlonky2 };
