// The page at work: what is checked when it opens, what its reader may bring, and how it tells what came of it. Nothing
// is decided here, and nothing becomes part of the page but as text.

const pageAsItWas = asItWas();
const SYMBOLS = { open: "○", holds: "✓", fails: "✗" };
const CHECKS = ["signature", "statement", "sums", "display", "evidence"];
const results = Object.fromEntries(CHECKS.map((name) => [name, { state: "open", text: "not checked" }]));
const held = { document: "", said: null, opened: null, signers: [], builtIn: true, evidence: null, latest: 0, asked: 0, busy: 0 };

const byId = (id) => document.getElementById(id);

/** An element with text and elements in it. */
function make(name, ...children) {
  const element = document.createElement(name);
  element.append(...children);
  return element;
}

function tell(name, state, text) {
  results[name] = { state, text };
  const line = byId(`check-${name}`);
  line.className = state;
  line.querySelector(".symbol").textContent = SYMBOLS[state];
  line.querySelector(".result").textContent = text;
  tellOverall();
}

/** The one line on the first screen. */
function tellOverall() {
  const failing = CHECKS.filter((name) => results[name].state === "fails");
  const [state, word, text] = failing.length
    ? ["fails", "Something does not hold.", failing.map((name) => results[name].text).join(" ")]
    : held.busy > 0
      ? ["open", "Being checked.", "Your browser is working it out."]
      : results.signature.state === "holds"
        ? ["holds", "Checked in your browser.", `${whoSigned()} ${whatAddsUp()}`]
        : ["partly", "Partly checked.", `${whatAddsUp()} ${results.signature.text}`];
  byId("status").className = `status ${state}`;
  byId("page").classList.toggle("doubtful", state === "fails");
  byId("status-word").textContent = word;
  byId("status-text").textContent = text;
}

function whoSigned() {
  const names = held.signers.map((name) => `${name.slice(0, 8)}…${name.slice(-8)}`).join(" and ");
  const caveat = "built into this page: compare with what the auditor publishes";
  const keys = held.signers.length === 1 ? "key" : "keys";
  return `It is signed by the ${keys} ${names}, ${held.builtIn ? caveat : "which you pasted"}.`;
}

function whatAddsUp() {
  const rows = results.evidence.state === "holds" ? ", as do the rows of the evidence" : "";
  return `Its numbers add up${rows}, and this page shows them as they stand in the attestation.`;
}

/** Run a check; whatever goes wrong in it is a reason not to believe. */
async function check(name, run) {
  try {
    tell(name, ...(await run()));
  } catch (error) {
    tell(name, "fails", `${error instanceof Fault ? sentence(error.message) : `It could not be checked: ${error}.`}`);
  }
}

/** While something is being checked, the first screen does not say that all is well. */
async function busy(work) {
  held.busy += 1;
  try {
    await work();
  } finally {
    held.busy -= 1;
    tellOverall();
  }
}

const sentence = (text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

function verdictOn(found, otherwise) {
  const faults = Array.from(new Set(found.map(visible(200))));
  if (!faults.length) return ["holds", otherwise];
  const more = faults.length > 3 ? [`and ${faults.length - 3} more`] : [];
  return ["fails", sentence([...faults.slice(0, 3), ...more].join("; "))];
}

// What is checked when the page opens.

async function start() {
  byId("means").hidden = false;
  for (const name of ["asking", "anchoring"]) if (byId(name) !== null) byId(name).hidden = false;
  let carried = {};
  await check("statement", async () => {
    carried = JSON.parse(byId("carried").textContent);
    held.document = carried.document;
    held.opened = opened(carried.document);
    const { finding, run } = predicateOf(held.opened.payload);
    held.said = { finding, run, signatures: held.opened.signatures };
    return ["holds", "Well-formed, and about the claim and the evidence that it names."];
  });
  if (held.said === null) return;
  await check("sums", () => {
    const { reserves } = held.said.finding;
    return verdictOn(faultsOfFinding(held.said.finding), `Worked out again for ${reserves.length === 1 ? "1 coin" : `${number(reserves.length)} coins`}.`);
  });
  await check("display", async () => {
    const faults = faultsOfDisplay(byId("page"), held.said);
    faults.push(...(await faultsOfPage(pageAsItWas, carried.page, held.said.finding)));
    const added = byId("page").querySelector(".added") === null ? "nothing was added" : "the values or links that its maker added are no part of that";
    return verdictOn(faults, `Shows all that was attested as it stands there; ${added}.`);
  });
  await checkSignatures(carried.keys.map((key) => bytesOfBase64(key, "a built-in key")), true);
  if (carried.evidence !== null) {
    await takeEvidence(new Blob([bytesOfBase64(carried.evidence, "the evidence")]));
  } else {
    tell("evidence", "open", "Not checked: choose evidence.csv.gz below, or drop it on the page.");
  }
}

// What its reader brings.

async function checkSignatures(keys, builtIn) {
  await check("signature", async () => {
    if (held.opened.signatures.length === 0) return ["open", "This statement carries no signature."];
    if (keys.length === 0) return ["open", "Who signed it was not checked: paste the auditor's public key below."];
    if (!(await knowsEd25519())) {
      return ["open", "The signature was not checked: this browser knows no Ed25519. A current one does, and so does openssl."];
    }
    const made = [];
    for (const key of keys) made.push(await signedBy(held.opened, ed25519(key)));
    const names = made.map(({ keyid }) => keyid);
    Object.assign(held, { signers: names, builtIn });
    const whose = builtIn
      ? "Built into this page, which shows that the two belong together, not whose key it is: compare the name with what the"
        + " auditor publishes, or paste the auditor's key below"
      : "The key is the one that you pasted";
    const others = held.opened.signatures
      .filter((signature) => !made.some((each) => each.signature === signature))
      .map(({ keyid }) => keyid || "an unnamed key");
    const unchecked = others.length ? ` Not checked: what is signed in the name of ${others.join(" and ")}.` : "";
    return ["holds", `By ${names.join(" and ")}. ${whose}.${unchecked}`];
  });
}

async function takeKey() {
  if (held.opened === null) return;
  let key;
  try {
    key = spkiOfPem(byId("key").value);
  } catch (error) {
    tell("signature", "fails", sentence(error.message));
    return;
  }
  await busy(() => checkSignatures([key], false));
}

const takeEvidence = (file) => busy(() => readEvidence(file));

async function readEvidence(file) {
  const turn = (held.latest += 1);
  held.evidence = null;
  byId("searching").hidden = true;
  byId("found").replaceChildren();
  byId("resummed").replaceChildren();
  tell("evidence", "open", "Being read.");
  const progress = (rows, most) => {
    if (turn === held.latest) byId("progress").textContent = `${number(rows)} of ${number(most)} rows read.`;
  };
  let outcome;
  try {
    const { faults, assets, seen } = await weighEvidence(await namedEvidence(file, held.said.run), held.said, progress);
    outcome = verdictOn(faults, `The file that was attested; its ${number(seen.rows)} rows give every sum of every coin.`);
    if (!faults.length && turn === held.latest) showSums(file, assets);
  } catch (error) {
    outcome = ["fails", error instanceof Fault ? `Evidence: ${error.message}.` : `Evidence: it could not be read: ${error}.`];
  }
  if (turn === held.latest) tell("evidence", ...outcome);
}

function showSums(file, assets) {
  held.evidence = { file, assets };
  byId("searching").hidden = false;
  const rows = Array.from(assets.values(), ({ coverage, tally }) => [
    visible(80)(coverage.label),
    number(tally.read),
    coinsText(count(Object.values(tally.byBasis)), coverage.decimals),
  ]);
  byId("resummed").replaceChildren(tableOf("Summed up from the rows", ["Asset", "#Balances", "#Held"], rows));
}

async function search() {
  const address = addressAsWritten(byId("address").value);
  if (!address || held.evidence === null) return;
  const { file, assets } = held.evidence;
  const most = Number(count(held.said.finding.coverage.map(({ holdings }) => holdings)));
  let rows;
  try {
    rows = await rowsAbout(file, address, most);
  } catch (error) {
    byId("found").replaceChildren(make("p", `The evidence could not be read again: ${error.message}.`));
    return;
  }
  if (!rows.length) {
    byId("found").replaceChildren(make("p", `${visible(120)(address)} is not in the evidence: the claim does not list it.`));
    return;
  }
  const found = rows.map((row) => {
    const { coverage } = assets.get(row.asset);
    const why = whyNot(row, held.said.finding.policy, coverage);
    const balance = row.atoms === null ? "not established" : `${row.atLeast ? "at least " : ""}${coinsText(row.atoms, coverage.decimals)}`;
    return [visible(80)(coverage.label), balance, why ? `not counted: ${why}` : row.basis.toLowerCase(), row.control.toLowerCase()];
  });
  const caption = `${visible(120)(address)} is in the evidence`;
  byId("found").replaceChildren(tableOf(caption, ["Asset", "#Balance", "Basis", "Control"], found));
}

function coinsText(atoms, decimals) {
  const digits = atoms.toString().padStart(decimals + 1, "0");
  const [whole, rest] = decimals ? [digits.slice(0, -decimals), digits.slice(-decimals).replace(/0+$/, "")] : [digits, ""];
  return exact(rest ? `${whole}.${rest}` : whole);
}

/** A table of texts. A column whose name begins with # holds figures. */
function tableOf(caption, columns, rows) {
  const cell = (name, text, column) => {
    const made = make(name, text);
    made.className = columns[column].startsWith("#") ? "figure" : "word";
    if (name === "th") made.scope = "col";
    return made;
  };
  const heads = columns.map((column, position) => cell("th", column.replace("#", ""), position));
  const body = rows.map((texts) => make("tr", ...texts.map((text, position) => cell("td", text, position))));
  return make("table", make("caption", caption), make("thead", make("tr", ...heads)), make("tbody", ...body));
}

function save() {
  const link = make("a");
  link.href = URL.createObjectURL(new Blob([held.document], { type: "application/json" }));
  link.download = held.opened?.signatures.length ? "attestation.dsse.json" : "statement.json";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

async function takeFiles(files) {
  if (!files.length || held.said === null) return;
  const [file] = files;
  if (files.length > 1 && byId("mine") !== null) return takeCustomersFiles(files);
  const head = await file.slice(0, 16 * 1024).text().catch(() => ""); // a folder has no text
  if (/^\s*\{/.test(head) && byId("mine") !== null) return takeCustomersFiles(files);
  if (!head.includes("-----BEGIN")) return takeEvidence(file);
  byId("key").value = head;
  return takeKey();
}

byId("use-key").addEventListener("click", takeKey);
byId("save").addEventListener("click", save);
byId("search").addEventListener("click", search);
byId("address").addEventListener("keydown", (event) => event.key === "Enter" && search());
byId("use-later")?.addEventListener("click", () => askAnchor());
byId("later")?.addEventListener("keydown", (event) => event.key === "Enter" && askAnchor());
byId("mine")?.addEventListener("change", (event) => {
  byId("included").replaceChildren(); // what was said of the file before
  if (event.target.files.length && held.said !== null) takeCustomersFiles([...event.target.files]);
});
byId("evidence").addEventListener("change", (event) => takeFiles([...event.target.files]));
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  takeFiles([...event.dataTransfer.files]);
});
if (globalThis.crypto?.subtle && typeof DecompressionStream === "function") {
  busy(start);
} else {
  byId("status").className = "status partly";
  byId("status-text").textContent =
    "Nothing on this page was checked: this browser has no cryptography for a page that is opened in this way.";
}
