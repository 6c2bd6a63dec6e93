// Binance and Gate: a customer's proof in the account tree of a zkmerkle release. The same rules as proofs/liabilities/zkmerkle.py
// and zkmerkle_files.py have. A single coin has no name in the file, and stands by its number in the exchange's list.

const ZK_DEPTH = 28;
const ZK_ITEMS = ["Equity", "Debt", "Loan", "Margin", "PortfolioMargin"];
const ZK_VALUE = /^(?:0|[1-9][0-9]{0,37})$/;
const MOST_ASSETS = 4096;

/** What an exchange calls the fields of a customer's file, and its releases, the newest first. `tiers`: rows of a commitment by
 * asset; without them there is one for each asset. `items`: how many amounts of a row the commitment holds. */
const ZK_EXCHANGES = {
  binance: {
    names: { index: "AccountIndex", account: "AccountIdHash", equity: "TotalEquity", debt: "TotalDebt", holdings: "Assets", root: "Root", path: "Proof" },
    layouts: [
      { name: "binance-2024-09", assets: 500, items: 5, collateral: true, tiers: [50, 500], chunk: 12 },
      { name: "binance-2023-10", assets: 350, items: 2, collateral: false, chunk: 16 },
      { name: "binance-2022-12", assets: 350, items: 2, collateral: false, chunk: 12 },
      {
        name: "binance-unreleased", assets: 350, items: 5, collateral: true, chunk: 12,
        remark: "the file is of a layout that was never released",
      },
    ],
  },
  gate: {
    names: {
      index: "Arrangement", account: "UniqueIdentification", equity: "TotalAssetEquity", debt: "TotalAssetDebt", holdings: "AssetDetails",
      root: "TreeRootHash", path: "MerkleProofEncode",
    },
    layouts: [
      { name: "gate-2025-07", assets: 800, items: 2, collateral: false, chunk: 12 },
      { name: "gate-2023-07", assets: 350, items: 2, collateral: false, chunk: 12 },
    ],
  },
};

function zkHoldings(rows) {
  let before = -1;
  return rows.map((row) => {
    const items = ZK_ITEMS.filter((item) => row.has(item));
    row.only("Index", ...items);
    if (![ZK_ITEMS.join(), ZK_ITEMS.slice(0, 2).join()].includes(items.join())) {
      throw new NotUnderstood(`${row.where}: expected the amounts Equity, Debt, or ${ZK_ITEMS.join(", ")}`);
    }
    const index = Number(row.setting("Index", 0n, BigInt(MOST_ASSETS - 1)));
    if (index <= before) throw new Fault(`${row.where}: index ${index} after ${before}`);
    before = index;
    return { index, amounts: items.map((item) => row.number(item, 0n, 2n ** 64n - 1n)) };
  });
}

function zkElement(text, where) {
  let digits = "";
  try {
    digits = typeof text === "string" ? hexOfBytes(bytesOfBase64(text, where)) : "";
  } catch {
    digits = "";
  }
  if (digits.length !== 64) throw new NotUnderstood(`${where}: no base64 of 32 bytes`);
  const value = BigInt(`0x${digits}`);
  if (value >= BN254_ORDER) throw new Fault(`${where}: no element of the field`);
  return value;
}

function zkRecord(fields, names) {
  fields.only(...Object.values(names), "TotalCollateral");
  const value = (key) => BigInt(fields.text(key, ZK_VALUE));
  const [equity, debt] = [value(names.equity), value(names.debt)];
  if (debt > equity) throw new Fault("the customer owes more than the customer has");
  const account = fields.text(names.account, HASH);
  if (BigInt(`0x${account}`) >= BN254_ORDER) throw new Fault(`${fields.where}.${names.account}: no element of the field`);
  return {
    equity,
    debt,
    account,
    index: fields.number(names.index, 0n, 2n ** BigInt(ZK_DEPTH) - 1n),
    collateral: fields.has("TotalCollateral") ? value("TotalCollateral") : null,
    holdings: zkHoldings(fields.objects(names.holdings, MOST_ASSETS)),
    root: fields.text(names.root, HASH),
    path: fields.values(names.path, 256).map((each) => zkElement(each, `${fields.where}.${names.path}`)),
  };
}

/** All assets' amounts, whether the customer has any or not. */
function denseRows(holdings, { items, assets }) {
  const rows = Array(items * assets).fill(0n);
  for (const { index, amounts } of holdings) rows.splice(items * index, items, ...amounts);
  return rows;
}

/** Rows of index and amounts, filled up to the smallest tier with rows of the lowest indices that are missing. */
function tieredRows(holdings, { items, tiers }) {
  const tier = tiers.find((each) => holdings.length <= each);
  if (tier === undefined) throw new Fault(`${holdings.length} assets, of which a customer can have ${tiers.at(-1)}`);
  let missing = tier - holdings.length;
  let following = 0;
  const nothing = (count) => Array.from({ length: count }, (_each, at) => [BigInt(following + at), ...Array(items).fill(0n)]);
  const rows = holdings.flatMap(({ index, amounts }) => {
    const filled = nothing(Math.min(missing, index - following));
    missing -= filled.length;
    following = index + 1;
    return [...filled, [BigInt(index), ...amounts]];
  });
  return [...rows, ...nothing(missing)].flat();
}

/** The leaf of a record. Raises NotUnderstood if the record is not of that layout. */
function zkLeaf({ account, equity, debt, collateral, holdings }, layout) {
  if ((collateral !== null) !== layout.collateral) {
    throw new NotUnderstood(`the layout ${layout.name} has ${layout.collateral ? "a" : "no"} TotalCollateral`);
  }
  if (holdings.some(({ index, amounts }) => index >= layout.assets || amounts.length !== layout.items)) {
    throw new NotUnderstood(`the layout ${layout.name} has ${layout.assets} assets of ${layout.items} amounts each`);
  }
  const rows = layout.tiers ? tieredRows(holdings, layout) : denseRows(holdings, layout);
  const packed = Array.from({ length: Math.ceil(rows.length / 3) }, (_each, at) =>
    [0, 1, 2].reduce((element, place) => (element << 64n) | (rows[3 * at + place] ?? 0n), 0n));
  const commitment = poseidonBn254(packed, layout.chunk);
  return poseidonBn254([BigInt(`0x${account}`), equity, debt, ...(collateral === null ? [] : [collateral]), commitment]);
}

function zkRoot(record, layout) {
  if (record.path.length !== ZK_DEPTH) {
    throw new Fault(`account ${record.index} with ${record.path.length} siblings is not in a tree of depth ${ZK_DEPTH}`);
  }
  let node = zkLeaf(record, layout);
  record.path.forEach((sibling, level) => {
    node = poseidonBn254((record.index >> BigInt(level)) & 1n ? [sibling, node] : [node, sibling]);
  });
  if (node.toString(16).padStart(64, "0") !== record.root) {
    throw new Fault(`by the layout ${layout.name} the record does not lead to the root that its file names`);
  }
  return record.root;
}

function readZkMerkle({ names, layouts }) {
  return async (file) => {
    const record = zkRecord(await fieldsOf(file), names);
    const errors = [];
    for (const layout of layouts) {
      try {
        const root = zkRoot(record, layout);
        const amounts = record.holdings.map(({ index, amounts: [equity, debt] }) =>
          [`asset ${index}, in its smallest unit`, `${equity - debt}`]);
        return { root, account: record.account, amounts, ...(layout.remark ? { remark: layout.remark } : {}) };
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        errors.push(error);
      }
    }
    throw errors.findLast((error) => !(error instanceof NotUnderstood)) ?? errors.at(-1);
  };
}

for (const [scheme, exchange] of Object.entries(ZK_EXCHANGES)) READERS[scheme] = { read: readZkMerkle(exchange) };
