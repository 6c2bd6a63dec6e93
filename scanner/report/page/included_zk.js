// Customers' files of OKX's zk-STARK and plonky2 trees: what they hold, and the root that they lead to. The same rules as
// proofs/liabilities has (okx_stark_inclusion.py, okx_plonky2.py), for production's trees alone.

const STARK_PRIME = 2n ** 251n + 17n * 2n ** 192n + 1n;
const BLOW_UP = 16;

/** One leaf of a zk-STARK's tree and its path: how many places the tree has. Raises Fault. */
function checkStarkPath(record, names, coins, index, uts, where) {
  const element = (value) => (((value % STARK_PRIME) + STARK_PRIME) % STARK_PRIME).toString(16).padStart(64, "0");
  const path = list(record, "merkle_path", where, 25);
  if (!path.every((node) => typeof node === "string" && HASH.test(node))) throw new Fault(`${where} has a path of other than hashes`);
  const points = 2 ** (path.length - 1);
  const places = Math.floor(points / (uts * BLOW_UP)) - 1; // the first one belongs to none
  if (places < 1 || index >= places) throw new Fault(`${where}: its place is not in the tree`);
  const total = element(sumOf(coins));
  let node = keccak256(
    total + keccak256(coins.map(element).join("")) + field(record, names.id, where, HASH) + field(record, "random_number", where, HASH));
  if (node !== path[0]) throw new Fault(`${where}: the record is not what its path starts with`);
  const row = (uts * (index + 1) + uts - 2) * BLOW_UP;
  const position = Math.floor(row / (points / 4)) + 4 * (row % (points / 4)); // four that are folded into one are neighbours
  for (const [level, sibling] of path.slice(1).entries()) {
    node = keccak256(Math.floor(position / 2 ** level) % 2 ? sibling + node : node + sibling);
  }
  if (node !== field(record, names.root, where, HASH)) throw new Fault(`${where}: the path does not lead to the root that it states`);
}

function starkRecordIn(text) {
  const value = valueOfJson(text);
  const { batch_inclusion_proof: user, trunk_inclusion_proof: batch, config } = value;
  const names = list(config, "coins", "the configuration", 1000);
  const distinct = new Set(names.map((name) => `${name}`.toUpperCase()));
  if (!names.every((name) => /^[\w.$+-]{1,40}$/.test(name)) || distinct.size !== names.length || distinct.has("TOTAL_VALUE")) {
    throw new Fault("the configuration names no coins");
  }
  const coinsOf = (record, where) => {
    const read = (key) => BigInt(field(record, key, where, /^(?:0|-?[1-9][0-9]{0,39})$/));
    const coins = names.map(read);
    if (sumOf(coins) !== read("total_value")) throw new Fault(`${where}: the coins do not add up to total_value`);
    return coins;
  };
  const [own, all] = [coinsOf(user, "the account"), coinsOf(batch, "the batch")];
  const uts = Number(integer(user, "uts", "the account", 33n));
  if (uts !== 16 && uts !== 32) throw new Fault("the account has other than 16 or 32 rows");
  const [held, whole] = [sumOf(own), sumOf(all)];
  if (held < 0n || held >= 4n ** BigInt(uts - 2)) throw new Fault("the account's total_value is negative, or too large");
  if (all.some((coin) => coin < 0n) || whole >= 4n ** 30n || held > whole) {
    throw new Fault("the batch's coins are negative or too large, or less than the account's");
  }
  if (batch.batch_id !== user.batch_mtree_root) throw new Fault("the batch is not the one that the account is in");
  const indexOf = (key) => Number(integer(user, key, "the account", 2n ** 24n));
  checkStarkPath(user, { root: "batch_mtree_root", id: "user_id" }, own, indexOf("user_index"), uts, "the account");
  checkStarkPath(batch, { root: "trunk_mtree_root", id: "batch_id" }, all, indexOf("batch_index"), 32, "the batch");
  const amounts = names.map((name, at) => [name.toUpperCase(), `${own[at]}`]).filter(([, amount]) => amount !== "0");
  return { root: batch.trunk_mtree_root, account: user.user_id, amounts };
}

const BATCH = 10; // levels of two, of production's trees; above them are levels of sixty-four
const BRANCHES = 64;

function plonky2RecordIn(text) {
  const value = valueOfJson(text);
  const account = field(value.account, "id", "the account", HASH);
  const summed = ["equity", "debt"].map((key) => {
    const amounts = list(value.account, key, "the account", 4096);
    if (!amounts.every((each) => /^(?:0|[1-9][0-9]{0,18})$/.test(each))) throw new Fault(`${key} holds other than whole numbers`);
    return { sum: sumOf(amounts.map(BigInt)), tokens: amounts.length };
  });
  const [equity, debt] = summed.map(({ sum }) => sum);
  if (debt > equity || equity >= 2n ** 62n || summed[0].tokens !== summed[1].tokens) {
    throw new Fault("the customer owes more than the customer has, or more than the format has room for");
  }
  const read = (digest, where) => {
    if (typeof digest !== "string" || !HASH.test(digest)) throw new Fault(`${where} holds other than hashes`);
    const elements = digest.match(/.{16}/g).map((part) => BigInt(`0x${part.match(/../g).reverse().join("")}`));
    if (elements.some((each) => each >= GOLDILOCKS)) throw new Fault(`${where} holds a hash in another spelling`);
    return elements;
  };
  const pieces = account.match(/.{1,14}/g).map((part) => BigInt(`0x${part}`));
  let [node, index] = [poseidon([...pieces, equity, debt]), integer(value, "index", "the file", 2n ** 64n)];
  const siblings = list(value, "sum_tree_siblings", "the file", 256);
  if (siblings.length !== BATCH) throw new Fault(`the file has other than ${BATCH} siblings in its batch`);
  for (const sibling of siblings.map((each) => read(each, "sum_tree_siblings"))) {
    node = poseidon(index & 1n ? [...sibling, ...node] : [...node, ...sibling]);
    index >>= 1n;
  }
  for (const level of list(value, "recursive_tree_siblings", "the file", 8)) {
    const [left, right] = ["left_hashes", "right_hashes"].map((key) => list(level, key, "a level", 256).map((each) => read(each, key)));
    if (BigInt(left.length) !== index % 64n || left.length + right.length !== BRANCHES - 1) {
      throw new Fault("a level of recursion has not the children that its place asks for");
    }
    node = poseidon([...left, node, ...right].flat());
    index /= 64n;
  }
  if (index) throw new Fault("the place is not in the tree");
  return { root: node.map(turnedDigits).join(""), account, amounts: [["TOTAL", `${equity - debt}`]] };
}
