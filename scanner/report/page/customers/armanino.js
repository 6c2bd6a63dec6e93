// Armanino and The Network Firm (Kraken, Gate before 2023): the auditor's list of leaves, without sums, and one record. The same
// rules as proofs/liabilities/armanino.py has; records are hashed in either mode.

const LEAF_LINE = /^[0-9]{1,2},([0-9]{1,18})\t([0-9a-f]{16})$/;
const COLUMN = /^[0-9A-Za-z._-]{1,40}$/;

/** The two texts that a record's hash may be of, by the modes of the auditor's tool. */
async function recordTexts(account, columns, cells) {
  const short = (cell) => {
    const [whole, digits = ""] = cell.split(".");
    return `${whole}.${digits.replace(/0+$/, "") || "0"}`;
  };
  return [
    (await sha256OfText(account)) + (await sha256OfText(cells.join(""))),
    [account, ...columns.map((column, at) => `${column}:${short(cells[at])}`)].join(),
  ];
}

const cellsOf = (line) => line.split(",").map((cell) => cell.replace(/^[ \t]+|[ \t]+$/g, ""));

async function armaninoRecord(own) {
  const lines = (await new Lines(own, 20_000).take(3)).map((line) => line.replace(/\r+$/, ""));
  const [id, ...columns] = cellsOf(lines[0] ?? "");
  if (columns.length > MOST_COINS) throw new TooLarge(own.name, `${number(columns.length)} columns`, MOST_COINS);
  if (id !== "#ID" || !columns.length || new Set(columns).size !== columns.length || !columns.every((column) => COLUMN.test(column))) {
    throw new NotUnderstood(`${own.name}: the header is not #ID and different coins`);
  }
  const records = lines.slice(1).map((line) => {
    const [account, ...cells] = cellsOf(line);
    if (!account || cells.length !== columns.length) {
      throw new Fault(`${own.name}: ${cells.length + 1} cells, or no account; expected ${columns.length + 1} cells`);
    }
    return { account, cells, units: cells.map((cell) => unitsOf(cell, own.name)) };
  });
  if (records.length !== 1) throw new NotUnderstood(`${own.name}: ${records.length} records; expected the header and one record`);
  const [{ account, cells, units }] = records;
  const hashes = await Promise.all((await recordTexts(account, columns, cells)).map(sha256OfText));
  return { account, hashes: hashes.map((hash) => hash.slice(0, 16)), amounts: columns.map((column, at) => [column, strippedText(units[at])]) };
}

async function readArmanino(own, published, root) {
  if (!published.length) throw new NeedsFiles("a root alone leads to no leaf: the published list of leaves is needed");
  if (published.length !== 1) throw new NotUnderstood(`${published.length} files; expected the list of leaves`);
  const { account, hashes, amounts } = await armaninoRecord(own);
  const lines = new Lines(published[0], 100);
  if ((await lines.take(1))[0]?.replace(/\r+$/, "") !== "Level\tHash") throw new NotUnderstood(`${published[0].name}: no list of leaves`);
  const seen = new Set();
  let nodes = [];
  for (let part = await lines.take(8192); part.length; part = await lines.take(8192)) {
    for (const line of part) {
      const [, index, hash] = LEAF_LINE.exec(line.replace(/\r+$/, "")) ?? [];
      if (Number(index) !== seen.size) throw new PublishedFault(`${published[0].name}: line ${seen.size + 2} is not the next leaf`);
      if (seen.has(hash)) throw new PublishedFault(`${published[0].name}: the leaf ${hash} stands twice`);
      seen.add(hash);
      nodes.push(hash);
    }
  }
  if (seen.size < 2) throw new NotUnderstood(`${published[0].name}: fewer than two leaves, which is no tree`);
  while (nodes.length > 1) {
    const above = [];
    for (let at = 0; at < nodes.length; at += 2048) {
      const pairs = nodes.slice(at, at + 2048);
      const made = pairs.map((node, place) => (place % 2 ? null : pairs[place + 1] ? sha256(bytesOfHex(node + pairs[place + 1])) : node));
      above.push(...(await Promise.all(made.filter((each) => each !== null))));
    }
    nodes = above;
  }
  if (nodes[0] !== root) throw new OtherRoot(root, nodes[0]);
  if (!hashes.some((hash) => seen.has(hash))) throw new Fault(`the record's hash ${hashes[0]} is not among the leaves`);
  return { root, account, amounts };
}

READERS.armanino = { isPublished: async (file) => (await headOf(file)).startsWith("Level\t"), read: readArmanino };
