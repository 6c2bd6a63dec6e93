// SwissBorg: one tree a currency, whose roots one commitment binds. The same rules as proofs/liabilities/swissborg.py has.

const WORD = /^[0-9A-Za-z_.:-]{1,100}$/;
const MOST_AUDIT_BYTES = 32 << 20;

/** An audit's partitions by id, after its commitment was made again. Raises PublishedFault, and NotUnderstood. */
async function swissBorgAudit(audit) {
  const [partitions, committed] = [new Map(), new Map()];
  for (const entry of audit.objects("partitions", 10_000)) {
    const [id, written, commitment] = [entry.text("id", WORD), entry.text("currency", COIN), entry.object("commitment")];
    const [units, digest, currency] = [unitsOf(commitment.text("liability"), commitment.where), commitment.text("digest", HASH), written.toUpperCase()];
    if (partitions.has(id) || committed.has(currency)) throw new PublishedFault(`${entry.where}: a partition stands twice in the audit`);
    partitions.set(id, { written, currency, units, digest });
    committed.set(currency, `,${id},${strippedText(units)},${digest}`);
  }
  const texts = [...committed].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, text]) => text);
  const root = await sha256OfText(`SB PoL - Audit commitment hash${texts.join("")}`);
  const stated = audit.object("commitment").text("digest", HASH);
  if (!partitions.size || root !== stated) throw new PublishedFault("the audit's commitment is not what its partitions make");
  return { root, id: audit.text("id", WORD), partitions };
}

const SWISSBORG_UNOPENED =
  "the customer's file has its leaf's hash and not what it is of, so that others can be shown the same";
const SWISSBORG_NONCES = ["Audit nonce derivation", "Currency Merkle tree nonce derivation", "Leaf nonce derivation"];

/** A leaf's nonce out of the customer's credential: each key is the hex text of the one before. */
async function swissBorgNonce(credential, contexts) {
  let key = credential;
  for (const [at, context] of contexts.entries()) {
    key = await hmacSha256(bytesOfText(key), bytesOfText(`SB PoL - ${SWISSBORG_NONCES[at]},${context}`));
  }
  return key;
}

async function hmacSha256(key, bytes) {
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return hexOfBytes(new Uint8Array(await crypto.subtle.sign("HMAC", imported, bytes)));
}

/** All nodes of a path from its leaf up; a witness's place is a bit of the leaf's index. */
async function swissBorgNodes(leaf, witnesses, index) {
  const nodes = [leaf];
  let reached = leaf;
  for (const [level, witness] of witnesses.entries()) {
    if (witness.digest === reached.digest) throw new Fault("a node stands beside itself");
    const [left, right] = (index >> BigInt(level)) & 1n ? [witness, reached] : [reached, witness];
    const digest = await sha256OfText(`inner,${strippedText(left.units)},${strippedText(right.units)},${left.digest},${right.digest}`);
    reached = { digest, units: left.units + right.units };
    nodes.push(witness, reached);
  }
  return nodes;
}

async function swissBorgPath(fields, entry, account, partition, audit) {
  const proof = entry.object("proof");
  const nodeOf = (each) => ({ units: unitsOf(each.text("liability"), each.where), digest: each.text("digest", HASH) });
  const listed = proof.objects("witnesses", DEEPEST_TREE);
  const [own, written] = [unitsOf(entry.text("liability"), entry.where), proof.text("nonce", WORD)];
  const index = proof.number("leaf_index", 0n, 2n ** BigInt(listed.length) - 1n);
  const witnesses = listed.map(nodeOf);
  const credential = fields.has("credential") ? fields.text("credential", WORD) : null;
  const nonce = credential === null ? written : await swissBorgNonce(credential, [audit.id, partition.written, index]);
  const leaf = await sha256OfText(`leaf,${nonce},${account},${strippedText(own)}`);
  if (!witnesses.length) throw new Fault("a path of no level");
  const opened = await swissBorgNodes({ units: own, digest: leaf }, witnesses, index);
  if (opened.at(-1).digest === partition.digest) return { nodes: opened, isOpened: true };
  if (credential === null && HASH.test(nonce)) { // files of the first audit have a leaf's hash in place of its nonce
    const unopened = await swissBorgNodes({ units: own, digest: nonce }, witnesses, index);
    if (unopened.at(-1).digest === partition.digest) return { nodes: unopened, isOpened: false };
  }
  throw new OtherRoot(partition.digest, opened.at(-1).digest);
}

async function readSwissBorg(own, published, root) {
  if (!published.length) throw new NeedsFiles("the commitment alone leads to no tree: the file of the audit's roots is needed");
  if (published.length !== 1) throw new NotUnderstood(`${published.length} files of audit roots; expected one`);
  const audit = await swissBorgAudit((await fieldsOf(published[0], MOST_AUDIT_BYTES)).object("audit"));
  if (audit.root !== root) throw new OtherRoot(root, audit.root);
  const fields = await fieldsOf(own);
  const named = fields.text("audit_id", WORD);
  if (named !== audit.id) throw new OtherRoot(root, `of the audit ${named}`);
  const account = fields.text("user_id", WORD);
  const entries = fields.objects("liabilities", 10_000);
  if (!entries.length) throw new Fault("no record of the customer");
  const [amounts, leaves, known] = [new Map(), new Set(), new Map()];
  let weaker = {};
  for (const entry of entries) {
    const id = entry.text("audit_partition_id", WORD);
    const partition = audit.partitions.get(id);
    if (partition === undefined) throw new Fault(`${entry.where}: the audit has no partition ${id}`);
    const { nodes, isOpened } = await swissBorgPath(fields, entry, account, partition, audit);
    if (nodes.at(-1).units !== partition.units) throw new Fault(`${entry.where}: the path's amounts do not come to the partition's`);
    if (leaves.has(`${id},${nodes[0].digest}`)) throw new Fault(`${entry.where}: shows a record again`);
    leaves.add(`${id},${nodes[0].digest}`);
    for (const { digest, units } of nodes) {
      const before = known.get(`${id},${digest}`);
      if (before !== undefined && before !== units) throw new Fault(`${entry.where}: the node ${digest} holds other amounts than elsewhere`);
      known.set(`${id},${digest}`, units);
    }
    if (!isOpened) weaker = { shows: "INCLUDED", remark: SWISSBORG_UNOPENED };
    amounts.set(partition.currency, (amounts.get(partition.currency) ?? 0n) + nodes[0].units);
  }
  return { root, account, amounts: [...amounts].map(([currency, units]) => [currency, strippedText(units)]), ...weaker };
}

READERS.swissborg = { isPublished: async (file) => /^\s*\{\s*"audit"\s*:/.test(await headOf(file)), read: readSwissBorg };
