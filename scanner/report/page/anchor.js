// Down from a block that the page's reader names to those of the attestation, through the anchor that the page carries. What is
// found by its hash cannot be made up, so nothing else of a record is judged.
// Sources: docs/anchoring.md; EIP-2935 and 4788; Ethereum consensus specs, capella/beacon-chain.md; yellow paper, appendices B to D; Bitcoin developer reference, "Block Headers".

const HISTORY_ACCOUNT = "0000f90827f1c53a10cb7a02335b175320002935";
const HISTORY_CODE = "6e49e66782037c0555897870e29fa5e552daf4719552131a0abce779daec0a5d";
const WINDOW = 8191;
const FIELDS_BEFORE_SETTLED = 26; // a longer header commits to the state after an earlier block

const BEACON_PARENT = 19; // which field of a header names a beacon block
const FIELDS_BEFORE_AMSTERDAM = 21; // of a longer header's beacon chain the shapes are not known here
const BEACON_GENESIS = 1606824023; // seconds since 1970
const PERIOD = 8192; // slots
const [CAPELLA_PERIOD, DENEB_SLOT, ELECTRA_SLOT] = [758, 8626176, 11649024];
const PAST_SIBLINGS = [29, 30, 31, 55, 56, 57];

/** An anchor's paths, and its records in hex. */
function anchorOf(bytes) {
  let at = 0;
  const take = (length) => {
    if (at + length > bytes.length) throw new Fault("the anchor is cut short");
    return bytes.subarray(at, (at += length));
  };
  const whole = (length) => take(length).reduce((sum, byte) => sum * 256 + byte, 0);
  const expect = (text) => {
    if (hexOfBytes(take(16)) !== `${hexOfBytes(bytesOfText(text))}01`) throw new Fault("that is no anchor of version 1");
  };
  expect("reserve-anchors");
  const { paths } = valueOfCanonicalJson(textOfBytes(take(whole(4)), "the anchor"), "the anchor");
  expect("reserve-witness");
  const records = Array.from({ length: whole(8) }, () => hexOfBytes(take(whole(4))));
  return { paths, records };
}

/** RLP: byte strings in hex, lists as arrays. */
function rlpItem(hex) {
  let at = 0;
  const number = (digits) => parseInt(digits || "0", 16);
  const item = () => {
    const head = number(hex.slice(at, at + 2));
    at += 2;
    if (head < 0x80) return hex.slice(at - 2, at);
    const isList = head >= 0xc0;
    let length = head - (isList ? 0xc0 : 0x80);
    if (length > 55) {
      const digits = 2 * (length - 55);
      length = number(hex.slice(at, at + digits));
      at += digits;
    }
    const end = at + 2 * length;
    if (end > hex.length) throw new Fault("a record of the anchor is cut short");
    if (!isList) return hex.slice(at, (at = end));
    const items = [];
    while (at < end) items.push(item());
    return items;
  };
  return item();
}

/** What a trie holds under a key. */
function valueInTrie(root, key, find) {
  const path = keccak256(key);
  let at = 0;
  let node = rlpItem(find(root));
  for (;;) {
    let child;
    if (node.length === 17) {
      child = node[parseInt(path[at], 16)];
      at += 1;
    } else {
      const isOdd = "13".includes(node[0][0]);
      const nibbles = node[0].slice(isOdd ? 1 : 2);
      if (path.slice(at, at + nibbles.length) !== nibbles) throw new Fault("the anchor shows that a hash is not kept");
      at += nibbles.length;
      if ("23".includes(node[0][0])) return node[1];
      [, child] = node;
    }
    if (child === "" || child === undefined) throw new Fault("the anchor shows that a hash is not kept");
    node = typeof child === "string" ? rlpItem(find(child)) : child;
  }
}

const hashOfPair = (left, right) => sha256(bytesOfHex(left + right));

/** A beacon block's header, as SSZ writes it. */
async function beaconHeader(hex) {
  const number = (at) => hex.slice(at, at + 16).padEnd(64, "0");
  const root = (at) => hex.slice(at, at + 64);
  const none = "0".repeat(64);
  const left = await hashOfPair(await hashOfPair(number(0), number(16)), await hashOfPair(root(32), root(96)));
  const right = await hashOfPair(await hashOfPair(root(160), none), await hashOfPair(none, none));
  const slot = parseInt(hex.slice(0, 16).match(/../g).reverse().join(""), 16);
  return { slot, state: root(96), root: await hashOfPair(left, right) };
}

/** The way down from a beacon block's state to the execution block of an earlier slot: a binary digit a level. */
function wayIntoPast(stateSlot, slot) {
  const period = Math.floor(slot / PERIOD);
  if (period < CAPELLA_PERIOD || slot >= stateSlot) throw new Fault("the beacon chain's state does not reach a block");
  const digits = (value, length) => value.toString(2).padStart(length, "0");
  const field = (place) => digits(place, stateSlot >= ELECTRA_SLOT ? 6 : 5);
  const isRecent = period === Math.floor(stateSlot / PERIOD);
  const roots = isRecent ? field(5) : `${field(27)}0${digits(period - CAPELLA_PERIOD, 24)}0`;
  return `${roots}${digits(slot % PERIOD, 13)}100${slot >= DENEB_SLOT ? "100101100" : "10011100"}`;
}

/** Whether a record leads from a beacon block, by its root, to an execution block in its past. */
function pastWalk(records) {
  let byBlocks = null;
  const indexed = async () => {
    const found = new Map();
    for (const record of records) {
      if (!PAST_SIBLINGS.includes((record.length - 288) / 64)) continue;
      const header = await beaconHeader(record.slice(0, 224));
      const key = header.root + record.slice(224, 288);
      found.set(key, [...(found.get(key) ?? []), { header, siblings: record.slice(288).match(/.{64}/g) }]);
    }
    return found;
  };
  return async (root, block, time) => {
    byBlocks ??= await indexed();
    const known = byBlocks.get(root + block) ?? [];
    const slot = (time - BEACON_GENESIS) / 12;
    for (const { header, siblings } of known) {
      const way = Number.isInteger(slot) ? wayIntoPast(header.slot, slot) : "";
      if (way.length !== siblings.length) continue;
      let node = block;
      for (const [height, sibling] of siblings.entries()) {
        const isRight = way[way.length - 1 - height] === "1";
        node = await (isRight ? hashOfPair(sibling, node) : hashOfPair(node, sibling));
      }
      if (node === header.state) return true;
    }
    if (known.length > 0) throw new Fault("the beacon chain's state leads to another block");
    return false;
  };
}

/** Records of the EVM's kind: found by Keccak-256. */
function evmWalk(records, chain) {
  const byHash = new Map();
  for (const record of records) byHash.set(keccak256(record), record);
  const find = (hash) => {
    if (!byHash.has(hash)) throw new Fault("a record of the anchor is missing");
    return byHash.get(hash);
  };
  const header = (hash) => {
    const items = rlpItem(find(hash.slice(2)));
    const number = (at) => parseInt(items[at] || "0", 16);
    return { hash, items, parent: `0x${items[0]}`, height: number(8), time: number(11) };
  };
  const kept = (above, height) => {
    if (above.items.length > FIELDS_BEFORE_SETTLED) throw new Fault("a block commits to the state after an earlier one");
    const [, , storage, code] = rlpItem(valueInTrie(above.items[3], HISTORY_ACCOUNT, find));
    if (code !== HISTORY_CODE) throw new Fault("the state has no contract that keeps hashes");
    const slot = (height % WINDOW).toString(16).padStart(64, "0");
    return `0x${rlpItem(valueInTrie(storage, slot, find)).padStart(64, "0")}`;
  };
  const leadsIntoPast = pastWalk(records);
  const isInPast = async (above, below) => {
    const root = above.items[BEACON_PARENT];
    if (chain !== "eip155:1" || typeof root !== "string" || root.length !== 64) return false;
    const leads = await leadsIntoPast(root, below.hash.slice(2), below.time);
    if (leads && above.items.length > FIELDS_BEFORE_AMSTERDAM) throw new Fault("the beacon chain has unknown shapes there");
    return leads;
  };
  return {
    facts: header,
    async blocksBetween(newer, older) {
      const [above, below] = [header(newer), header(older)];
      const blocks = above.height - below.height;
      if (above.parent === older) return blocks;
      if (blocks >= 1 && (await isInPast(above, below))) return blocks;
      if (!(blocks >= 1 && blocks <= WINDOW)) throw new Fault("two blocks of the anchor are too far from each other");
      if (kept(above, below.height) !== older) throw new Fault("the state after a block holds another hash");
      return blocks;
    },
  };
}

/** Runs of headers, each with the hash of its last one before it, and without the hashes that follow from the others. */
async function headerWalk(records) {
  const [HASH, HEADER, FURTHER] = [64, 160, 96]; // digits
  const hashed = async (hex) => sha256(bytesOfHex(await sha256(bytesOfHex(hex))));
  const byLast = new Map();
  for (const record of records) {
    if (record.length < HASH + HEADER || (record.length - HASH - HEADER) % FURTHER !== 0) continue;
    const last = record.slice(0, HASH);
    byLast.set(last, [...(byLast.get(last) ?? []), record]);
  }
  const turned = (hex) => hex.match(/../g).reverse().join("");
  /** The headers of a run; none where it does not end with the one that it says. */
  async function headersOf(record) {
    const headers = [record.slice(HASH, HASH + HEADER)];
    let name = await hashed(headers[0]);
    for (let at = HASH + HEADER; at < record.length; at += FURTHER) {
      headers.push(record.slice(at, at + 8) + name + record.slice(at + 8, at + FURTHER));
      name = await hashed(headers.at(-1));
    }
    return name === record.slice(0, HASH) ? headers : [];
  }
  /** Runs may overlap: the one that reaches lowest is followed. */
  async function* downwards(newest) {
    let left = [];
    let hash = newest;
    for (;;) {
      const claimed = byLast.get(turned(hash)) ?? [];
      for (const record of claimed) {
        const other = await headersOf(record);
        if (other.length > left.length) left = other;
      }
      const raw = left.pop();
      if (raw === undefined && claimed.length > 0) throw new Fault("a header of the anchor is that of another block");
      if (raw === undefined) return;
      const parent = turned(raw.slice(8, 72));
      yield { hash, parent, time: parseInt(turned(raw.slice(136, 144)), 16) };
      hash = parent;
    }
  }
  return {
    async facts(hash) {
      for await (const header of downwards(hash)) return header;
      throw new Fault("a header of the anchor is missing");
    },
    async blocksBetween(newer, older) {
      let blocks = 0;
      for await (const header of downwards(newer)) {
        blocks += 1;
        if (header.parent === older) return blocks;
      }
      throw new Fault("headers of the anchor are missing");
    },
  };
}

/** How many links lead from the block `named` down to `block`, one of the attestation's. Raises Fault. */
async function linksDown(anchor, named, block) {
  const path = Object.hasOwn(anchor.paths, block.chain) ? anchor.paths[block.chain] : [];
  const [above, below] = [named, block.hash].map((hash) => path.findIndex((each) => each.hash === hash));
  if (above < 0 || below < above) throw new Fault("the anchor does not lead from this block to the attestation's");
  if (!/^(eip155|bip122):/.test(block.chain)) throw new Fault("this page cannot walk such a chain's blocks: scanner verify --trust can");
  const walk = block.chain.startsWith("eip155:") ? evmWalk(anchor.records, block.chain) : await headerWalk(anchor.records);
  let links = 0;
  for (let at = below; at > above; links += 1) {
    const { under } = path[at];
    if (under !== undefined && block.chain !== "eip155:1") throw new Fault("a block of the anchor hangs under another where none can");
    const from = under === undefined ? at - 1 : path.findIndex(({ hash }) => hash === under);
    if (from < 0 || from >= at) throw new Fault("a block of the anchor hangs under none above it");
    if (from < above) throw new Fault(`the anchor leads there only down from block ${path[from].height}, ${path[from].hash}`);
    const blocks = await walk.blocksBetween(path[from].hash, path[at].hash);
    if (blocks !== path[from].height - path[at].height) throw new Fault("a height of the anchor is not its block's");
    at = from;
  }
  const { parent, time, height = block.height } = await walk.facts(block.hash);
  if (parent !== block.parent || time !== Date.parse(block.time) / 1000 || height !== block.height || path[below].height !== height) {
    throw new Fault("the block has another height, parent or time than was attested");
  }
  return links;
}

/** What is shown from a block that was named, in sentences: one for each block of its chain. */
async function shownFrom(anchor, text, snapshots) {
  const digits = text.trim().toLowerCase();
  const spellings = [digits, `0x${digits}`];
  const chains = Object.entries(anchor.paths).filter(([, path]) => path.some(({ hash }) => spellings.includes(hash)));
  if (chains.length === 0) {
    const tops = Object.entries(anchor.paths).map(([chain, [top]]) => `${chain} block ${top.height}, ${top.hash}`);
    return ["No block of this hash is on the way. Compare the newest ones with an explorer, and paste one of them:", ...tops];
  }
  const sentences = [];
  for (const [chain, path] of chains) {
    const named = path.find(({ hash }) => spellings.includes(hash));
    for (const block of snapshots.filter((each) => each.chain === chain)) {
      try {
        const links = await linksDown(anchor, named.hash, block);
        const through = `through ${links} link${links === 1 ? "" : "s"}`;
        sentences.push(`Anchored: block ${block.height} of ${chain} is shown to be an ancestor of the block that you pasted, ${through}.`);
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        sentences.push(`Not anchored: block ${block.height} of ${chain}, since ${error.message}.`);
      }
    }
  }
  return sentences;
}

async function askAnchor() {
  const shown = byId("anchored");
  if (held.said === null || byId("later").value.trim() === "") return;
  shown.replaceChildren(make("p", "Being checked."));
  let sentences;
  try {
    const { anchor } = JSON.parse(byId("carried").textContent);
    sentences = await shownFrom(anchorOf(bytesOfBase64(anchor, "the anchor")), byId("later").value, held.said.finding.snapshots);
  } catch (error) {
    sentences = [error instanceof Fault ? sentence(error.message) : `It could not be checked: ${error}.`];
  }
  shown.replaceChildren(...sentences.map((text) => make("p", visible(400)(text))));
}
