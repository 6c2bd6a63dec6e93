// OKX's zk-STARK v1: a customer's inclusion file. The same rules as proofs/liabilities/okx_stark_inclusion.py has.

const STARK_PRIME = 2n ** 251n + 17n * 2n ** 192n + 1n;
const BLOW_UP = 16;
const MOST_POINTS = 2 ** 24;
const TRUNK_ROWS = 32;
const STARK_WHOLE = /^(?:0|-?[1-9][0-9]{0,39})$/;

/** The coins that a file's configuration names, as its fields are called. */
function starkCoins(settings) {
  settings.only("main_coins_num", "coins");
  const names = settings.values("coins", MOST_COINS);
  if (!names.length || !names.every((name) => typeof name === "string" && /^[\w.$+-]{1,40}$/.test(name))) {
    throw new NotUnderstood(`${settings.where}.coins: expected names of coins`);
  }
  const distinct = new Set(names.map((name) => name.toUpperCase()));
  if (distinct.size !== names.length || distinct.has("TOTAL_VALUE")) {
    throw new NotUnderstood(`${settings.where}.coins: a coin is named twice, or has a name of the format's own`);
  }
  settings.number("main_coins_num", 1n, BigInt(names.length));
  return names;
}

function starkRecord(fields, root, id, names) {
  const path = fields.values("merkle_path", 4096);
  if (!path.every((node) => typeof node === "string" && HASH.test(node))) throw new NotUnderstood(`${fields.where}.merkle_path holds other than hashes`);
  return {
    where: fields.where,
    root: fields.text(root, HASH),
    id: fields.text(id, HASH),
    random: fields.text("random_number", HASH),
    coins: names.map((name) => BigInt(fields.text(name, STARK_WHOLE))),
    total: BigInt(fields.text("total_value", STARK_WHOLE)),
    path,
  };
}

/** One leaf of a zk-STARK's tree and its path. Raises Fault. */
function checkStarkPath({ where, root, id, random, coins, total, path }, index, rows) {
  const element = (value) => (((value % STARK_PRIME) + STARK_PRIME) % STARK_PRIME).toString(16).padStart(64, "0");
  const points = path.length ? 2 ** (path.length - 1) : 0;
  if (points > MOST_POINTS) throw new TooLarge(where, `a path of ${path.length} nodes`, 25);
  const places = Math.floor(points / (rows * BLOW_UP)) - 1; // the first one belongs to none
  if (places < 1 || index >= BigInt(places)) throw new Fault(`${where}: index ${index} is not in a tree of ${path.length} levels`);
  let node = keccak256(element(total) + keccak256(coins.map(element).join("")) + id + random);
  if (node !== path[0]) throw new Fault(`${where}: the record does not hash to the leaf that the path starts with`);
  const row = (rows * (Number(index) + 1) + rows - 2) * BLOW_UP;
  const position = Math.floor(row / (points / 4)) + 4 * (row % (points / 4)); // four that are folded into one are neighbours
  for (const [level, sibling] of path.slice(1).entries()) {
    node = keccak256(Math.floor(position / 2 ** level) % 2 ? sibling + node : node + sibling);
  }
  if (node !== root) throw new Fault(`${where}: the path does not lead to the root`);
}

async function readStark(file) {
  const fields = await fieldsOf(file);
  fields.only("batch_inclusion_proof", "trunk_inclusion_proof", "config");
  const names = starkCoins(fields.object("config"));
  const [user, batch] = [fields.object("batch_inclusion_proof"), fields.object("trunk_inclusion_proof")];
  const common = ["total_value", ...names, "random_number", "merkle_path"];
  user.only("batch_mtree_root", "user_id", ...common, "user_index", "batch_index", "uts");
  batch.only("trunk_mtree_root", "batch_id", ...common);
  const own = starkRecord(user, "batch_mtree_root", "user_id", names);
  const all = starkRecord(batch, "trunk_mtree_root", "batch_id", names);
  const [userIndex, batchIndex] = ["user_index", "batch_index"].map((key) => user.number(key, 0n, 2n ** 64n - 1n));
  const rows = Number(user.number("uts", 1n, 2n ** 64n - 1n));
  if (rows !== 16 && rows !== TRUNK_ROWS) throw new Fault(`${rows} rows an account where there are 16 or 32; more would let debts pass`);
  if (all.id !== own.root) throw new Fault("the batch that is in the trunk is not the one that the account is in");
  if (sumOf(own.coins) !== own.total) throw new Fault("the account's coins do not add up to its total_value");
  if (own.total < 0n || own.total >= 4n ** BigInt(rows - 2)) {
    throw new Fault("the account's total_value is negative, or more than the format has room for");
  }
  if (sumOf(all.coins) !== all.total || all.coins.some((coin) => coin < 0n)) {
    throw new Fault("the batch's coins do not add up to its total_value, or one is negative");
  }
  if (all.total >= 4n ** 30n) throw new Fault("its batch's total_value is more than the format has room for");
  if (own.total > all.total) throw new Fault("the account holds more than its whole batch");
  checkStarkPath(own, userIndex, rows);
  checkStarkPath(all, batchIndex, TRUNK_ROWS);
  const amounts = names.map((name, at) => [name.toUpperCase(), `${own.coins[at]}`]).filter(([, amount]) => amount !== "0");
  return { root: all.root, account: own.id, amounts };
}

READERS["okx-stark-v1"] = { read: readStark };
