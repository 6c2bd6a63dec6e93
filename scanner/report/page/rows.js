// The evidence file as rows: is it the one that was signed for, and what stands in each of its lines? Lines go by in
// pieces, so that a million of them fit. What rows add up to is not known here (`evidence.js`).
// Source: docs/predicate.md, "The evidence".

const COLUMNS =
  "chain,block,asset,account,atoms,bound,basis,operators,dissent,proof,claimed,tolerance,height,control,owners,passes,why,detail";
const MAX_FILE_BYTES = 512 * 1024 * 1024;
const MAX_LINE_CHARACTERS = 32 * 1024;
const RANKS = ["PROVEN", "QUORUM", "OWN"]; // strongest first
const CONTROLS = ["SHOWN", "REPLAYABLE", "UNSHOWN", "UNVERIFIABLE", "ABSENT"];

/** The file's bytes, once they are known to be those that were signed for. */
async function namedEvidence(file, run) {
  if (file.size > MAX_FILE_BYTES) throw new Fault("the file is too long for a browser; use scanner verify");
  const found = `sha256:${await sha256(await file.arrayBuffer())}`;
  if (found !== run.evidence) throw new Fault(`this is another file: ${found}, and the statement names ${run.evidence}`);
  return file;
}

/** The lines of a gzip file, at most so many. */
async function* linesOf(file, most) {
  const unpacked = file.stream().pipeThrough(new DecompressionStream("gzip"));
  const reader = unpacked.pipeThrough(new TextDecoderStream("utf-8", { fatal: true })).getReader();
  let rest = "";
  let seen = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const lines = (rest + value).split("\n");
      rest = lines.pop();
      seen += lines.length;
      if ([...lines, rest].some((line) => line.length > MAX_LINE_CHARACTERS)) throw new Fault("a line is too long");
      if (seen > most) throw new Fault(`there are more than ${number(most)} lines`);
      yield lines;
    }
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw new Fault("the file is no whole gzip file of text");
  } finally {
    reader.cancel().catch(() => {});
  }
  if (rest) throw new Fault("the last line has no line feed");
}

/** All rows, as objects with a column's value under its name; the header is checked. */
async function* rowsOf(file, most) {
  let line = 0;
  for await (const lines of linesOf(file, most + 1)) {
    const rows = [];
    for (const text of lines) {
      line += 1;
      if (line > 1) rows.push(rowOf(text, line));
      else if (text !== COLUMNS) throw new Fault("the first line does not name the columns of evidence");
    }
    yield rows;
  }
  if (line === 0) throw new Fault("the file is empty");
}

/** What an operator said: `beta=7`, or `beta>=7` of a lower bound. */
function wordOf(text) {
  const [name, atoms] = text.split("=");
  const least = name.endsWith(">");
  return { operator: least ? name.slice(0, -1) : name, atoms: wholeNumber(atoms ?? ""), atLeast: least };
}

/** Whether a word and a balance cannot both be true. */
function denies(word, { atoms, atLeast }) {
  if (word.atLeast) return !atLeast && word.atoms > atoms;
  return atLeast ? word.atoms < atoms : word.atoms !== atoms;
}

/** What an operator says of a balance, as a finding writes it. */
const said = ({ atoms, atLeast }) => `${atLeast ? ">=" : ""}${atoms}`;

function rowOf(text, line) {
  const fields = text.split(",");
  const fault = (what) => new Fault(`line ${line}: ${what}`);
  if (fields.length < 18) throw fault(`${fields.length} columns, expected 18`);
  const [chain, block, asset, account, atoms, bound, basisName, operators, dissent, proof, stated, , , word, owners, , why] = fields;
  const [claimed, at, found] = stated.split(/[@=]/);
  const row = {
    chain, block, asset, account, why,
    atoms: why ? null : wholeNumber(atoms),
    atLeast: bound === "AT_LEAST", // there may be more
    basis: basisName,
    operators: operators ? operators.split("+") : [],
    dissent: dissent ? dissent.split("+").map(wordOf) : [],
    proof: proof ? wholeNumber(proof) : null, // of a gap: what a proof shows all the same
    claimed: claimed ? wholeNumber(claimed) : null,
    claimedAt: at ?? "",
    found: found ? wholeNumber(found) : null,
    control: word || "ABSENT",
    moved: owners.startsWith("moved "), // the account moved what it was instructed to, and signed nothing
    detail: fields.slice(17).join(","),
  }; // prettier-ignore
  if (why ? atoms || bound || basisName || operators : proof || !RANKS.includes(basisName)) throw fault("no balance and no gap");
  if (bound && (!row.atLeast || basisName === "PROVEN")) throw fault("a lower bound that is none");
  if (at && !claimed) throw fault("a block at which no amount is claimed");
  if (found && (!at || at === "none")) throw fault("something found where no block was read");
  if (!CONTROLS.includes(row.control)) throw fault("an unknown word of control");
  if (!asset.startsWith(`${chain}/`)) throw fault("the asset is of another chain");
  return row;
}

/** An address as evidence writes it. */
function addressAsWritten(text) {
  const address = text.trim();
  return /^(?:0x[0-9a-f]+|(?:bc|tb|bcrt|ltc)1[a-z0-9]+)$/i.test(address) ? address.toLowerCase() : address;
}

/** Every row of an account, of evidence that is known to be the one signed for. */
async function rowsAbout(file, address, most) {
  const found = [];
  for await (const lines of linesOf(file, most + 1)) {
    const likely = lines.filter((line) => line.includes(`,${address},`)); // a detail may quote an address
    found.push(...likely.map((line) => rowOf(line, "of the file")).filter(({ account }) => account === address));
  }
  return found;
}
