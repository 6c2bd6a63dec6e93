// BitMEX and River: the whole tree of satoshi, in which an account finds its leaves by a secret of its own. The same rules as
// proofs/liabilities/bitmex.py has. The secrets stay in this browser, as does all else.

const UINT64 = 1n << 64n;
const SATOSHI_NODE = /^([0-9a-f]{64}),(0|[1-9][0-9]{0,19})$/;

const littleEndian = (value) => Uint8Array.from({ length: 8 }, (_each, at) => Number((value >> BigInt(8 * at)) & 0xffn));

function joinedBytes(...parts) {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  parts.reduce((at, part) => (bytes.set(part, at), at + part.length), 0);
  return bytes;
}

/** A number that River writes in base32 (RFC 4648), as its bytes are read. */
function numberOfBase32(text, where) {
  const bits = [...text].map((digit) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(digit).toString(2).padStart(5, "0")).join("");
  if (![0, 2, 4, 5, 7].includes(text.length % 8)) throw new NotUnderstood(`${where}: ${text} is no number in base32`);
  const value = BigInt(`0b0${bits.slice(0, 8 * Math.floor(bits.length / 8))}`);
  if (value >= UINT64) throw new Fault(`${where}: ${text} is a number of more than 64 bits`);
  return value;
}

/** How an account is called, and the key by which it finds its leaves in the tree of one report. */
async function satoshiAccount(fields, height) {
  const keyOf = (secret, account) => sha256(joinedBytes(bytesOfHex(secret), littleEndian(height), littleEndian(account)));
  if (fields.has("account_uid")) {
    const uid = fields.text("account_uid", /^[A-Z2-7]{1,26}$/);
    const account = numberOfBase32(uid, `${fields.where}.account_uid`);
    const [key, email] = [fields.text("account_key", HASH), fields.text("email")];
    const subkey = await sha256(joinedBytes(bytesOfHex(key), bytesOfText(email), littleEndian(account)));
    return { name: uid, key: await keyOf(subkey, account) };
  }
  const account = fields.number("account", 0n, UINT64 - 1n);
  const nonce = fields.text(fields.has("nonce") ? "nonce" : "account_nonce", HASH);
  return { name: `${account}`, key: fields.has("nonce") ? nonce : await keyOf(nonce, account) };
}

/** Lines of a file, counted without keeping any. */
async function countLines(file) {
  let [lines, last] = [0, 10];
  for (const chunks = file.stream().getReader(); ; ) {
    const { value, done } = await chunks.read();
    if (done) return lines + (last === 10 ? 0 : 1);
    for (const byte of value) lines += byte === 10 ? 1 : 0;
    last = value.at(-1) ?? last;
  }
}

function satoshiNode(file, line, place) {
  const [, digest, satoshi] = SATOSHI_NODE.exec(line) ?? [];
  if (digest === undefined) throw new PublishedFault(`${file.name}: line ${place} is no node of a digest and a whole amount`);
  const value = BigInt(satoshi);
  if (value >= UINT64) throw new PublishedFault(`${file.name}: line ${place}: an amount of more than 64 bits`);
  return { digest, value };
}

async function satoshiParent(left, right) {
  const parts = [left, right].flatMap(({ digest, value }) => [bytesOfHex(digest), littleEndian(value)]);
  return `${await sha256(joinedBytes(...parts))},${left.value + right.value}`;
}

async function readSatoshiTree(own, published, root) {
  if (!published.length) throw new NeedsFiles("a root alone leads to no leaf: the published tree is needed");
  if (published.length !== 1) throw new NotUnderstood(`${published.length} files of a tree; expected one, that begins with block_height`);
  const [tree] = published;
  const [header, first] = await new Lines(tree, 100).take(2);
  const [, height] = /^block_height:([0-9]{1,15})$/.exec(header) ?? [];
  if (height === undefined) throw new NotUnderstood(`${tree.name}: line 1 is no block height`);
  const fields = await fieldsOf(own);
  const { name, key } = await satoshiAccount(fields, BigInt(height));
  const stated = fields.has("amount") ? fields.number("amount", 0n, UINT64 - 1n) : null;
  const nodes = (await countLines(tree)) - 1;
  const depth = Math.floor(Math.log2(nodes + 1)) - 1;
  if (depth < 1) throw new NotUnderstood(`${tree.name}: ${nodes} nodes, which is no tree`);
  if (nodes + 1 !== 2 ** (depth + 1)) throw new PublishedFault(`${tree.name}: ${nodes} nodes, which is no full tree`);
  if (!SATOSHI_NODE.test(first)) throw new NotUnderstood(`${tree.name}: line 2: no root of a tree`);
  const { digest } = satoshiNode(tree, first, 2);
  if (digest !== root) throw new OtherRoot(root, digest);
  const secret = await crypto.subtle.importKey("raw", bytesOfHex(key), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  let [held, leaves] = [0n, 0];
  await walkTree(tree, { head: 1, depth }, {
    longest: 100,
    node: (line, _height, place) => satoshiNode(tree, line, place),
    parent: satoshiParent,
    leaf: async ({ digest: leaf, value }, index) => {
      const made = await crypto.subtle.sign("HMAC", secret, joinedBytes(littleEndian(value), littleEndian(BigInt(index))));
      if (hexOfBytes(new Uint8Array(made)) !== leaf) return;
      held += value;
      leaves += 1;
    },
  });
  if (stated !== null && stated !== held) throw new Fault(`account ${name}: its leaves hold ${held} satoshi, and ${stated} are stated`);
  if (!leaves) throw new Fault(`no leaf of the tree is of account ${name}`);
  return { root, account: name, amounts: [["BTC", strippedText((held * 10n ** BigInt(DIGITS)) / 100_000_000n)]] };
}

READERS.bitmex = { isPublished: async (file) => (await headOf(file)).startsWith("block_height:"), read: readSatoshiTree };
READERS.river = READERS.bitmex;
