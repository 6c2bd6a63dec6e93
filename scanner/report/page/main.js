// The page at work: what is checked when it opens, what its reader may bring, and how it tells what came of it. Nothing
// is decided here, and nothing becomes part of the page but as text.

function whatAddsUp() {
  const rows = results.evidence.state === "holds" ? ", as do the rows of the evidence" : "";
  return `Its numbers add up${rows}, and this page shows them as they stand in the attestation.`;
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
    faults.push(...(await faultsOfPage(pageAsItWas, carried.page, titleOf(held.said))));
    const added = byId("page").querySelector(".added") === null ? "nothing was added" : "what its maker added is no part of that";
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
byId("save").addEventListener("click", () => save(SAVED_AS));
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
