// The page of several moments at work: what is checked when it opens, and the moments' files that its reader may bring.
// Nothing is decided here.

const savedAs = ({ series }) => (series === undefined ? ["together.dsse.json", "together.json"] : ["series.dsse.json", "series.json"]);

function whatAddsUp() {
  const moments = results.evidence.state === "holds" ? ", as do the statements and the evidence of its moments" : "";
  return `Its numbers add up${moments}, and this page shows them as they stand in the statement.`;
}

// What is checked when the page opens.

async function start() {
  byId("means").hidden = false;
  let carried = {};
  await check("statement", async () => {
    carried = JSON.parse(byId("carried").textContent);
    held.document = carried.document;
    held.opened = opened(carried.document);
    held.said = { ...momentsOf(held.opened.payload), signatures: held.opened.signatures };
    return ["holds", "Well-formed, and about the claims and the moments that it names."];
  });
  if (held.said === null) return;
  const { series, together } = held.said;
  await check("sums", async () =>
    series === undefined
      ? verdictOn(faultsOfTogether(together), "Sums and joint verdicts were worked out again from what each moment is stated to have had.")
      : verdictOn(await faultsOfSeries(series), "The moments were drawn again by their blocks, and what lasted was worked out again from what each is stated to have had."),
  );
  await check("display", async () => {
    const faults = faultsOfDisplay(byId("page"), held.said);
    faults.push(...(await faultsOfPage(pageAsItWas, carried.page, titleOf(held.said))));
    const drawing = series === undefined ? "" : " The charts' drawing was not worked out again.";
    return verdictOn(faults, `Shows all that was stated as it stands there.${drawing}`);
  });
  await checkSignatures(carried.keys.map((key) => bytesOfBase64(key, "a built-in key")), true);
  tell("evidence", "open", "Not checked: what each moment had rests on its own statement and evidence. Choose the folder points below.");
}

// What its reader brings: the moments' own statements, each an attestation's, and their evidence.

const takeMoments = (files) => busy(() => readMoments(files));

/** Of the files that were chosen, those of a moment. */
function filesOf(files, at) {
  const folder = folderOf(at).split("/")[1];
  const named = (name) => files.find((file) => (file.webkitRelativePath || file.name).endsWith(`${folder}/${name}`));
  return { statement: named("statement.json"), evidence: named("evidence.csv.gz") };
}

async function readMoments(files) {
  const turn = (held.latest += 1);
  tell("evidence", "open", "Being read.");
  const faults = [];
  const missing = [];
  const points = pointsOf(held.said);
  for (const [position, point] of points.entries()) {
    const { statement, evidence } = filesOf(files, point.at);
    if (turn !== held.latest) return;
    byId("progress").textContent = `${number(position)} of ${number(points.length)} moments read.`;
    if (statement === undefined || evidence === undefined) {
      missing.push(point.at);
      continue;
    }
    try {
      faults.push(...(await faultsOfMoment(point, statement, evidence)).map((fault) => `${moment(point.at)}: ${fault}`));
    } catch (error) {
      faults.push(`${moment(point.at)}: ${error instanceof Fault ? error.message : `it could not be read: ${error}`}`);
    }
  }
  if (turn !== held.latest) return;
  byId("progress").textContent = "";
  const read = `${number(points.length - missing.length)} of ${number(points.length)} moments`;
  const rest = "Not here: that no holding of a claim is missing, and proofs of balances.";
  const whole = `${read}: each statement is the one that was signed for, and its evidence gives every sum of it. ${rest}`;
  const [state, text] = verdictOn(faults, whole);
  if (state === "holds" && missing.length) tell("evidence", "open", `${whole} The files of ${moment(missing[0])} are not there.`);
  else tell("evidence", state, text);
}

async function faultsOfMoment(point, statement, evidence) {
  const bytes = new Uint8Array(await statement.arrayBuffer());
  if (`sha256:${await sha256(bytes)}` !== point.statement) throw new Fault("its statement is another one");
  const { finding, run } = predicateOf(bytes);
  const { faults } = await weighEvidence(await namedEvidence(evidence, run), { finding, run }, () => {});
  const faultsOfVerdicts = faultsOfFinding(isOfSeveralDays(held.said) ? { ...finding, owedAsOf: "" } : finding);
  return [...faultsOfVerdicts, ...faults, ...faultsOfStated(point, finding)];
}

/** Whether what is owed together is the sum of several days: then no moment is SHORT by itself (docs/together.md). */
const isOfSeveralDays = ({ together }) => together !== undefined && new Set(together.claims.map(({ asOf }) => asOf)).size > 1;

/** Whether what is stated of a moment is what its own statement finds. */
function faultsOfStated(point, finding) {
  const { series, together } = held.said;
  const stated = series === undefined ? point.together : point.units;
  const policy = (series ?? together).policy;
  const faults = [];
  if (finding.asOf !== point.at) faults.push("its statement is of another moment");
  if (canonicalJson(finding.policy) !== canonicalJson(policy)) faults.push("it was weighed under another policy");
  if (series !== undefined && finding.claim !== series.claim) faults.push("it is of another claim");
  const whole = (series?.share ?? null) !== null && point.at === series.asOf; // there all accounts were read, and a part is stated
  const found = finding.reserves.map((reserve) => [reserve.unit, whole ? "" : heldIn(reserve)]);
  const said = stated.map((unit) => [unit.unit, whole ? "" : heldAt(unit)]);
  if (canonicalJson(found) !== canonicalJson(said)) faults.push("what is stated of it is not what its statement finds");
  const reserves = new Map(finding.reserves.map((reserve) => [reserve.unit, reserve]));
  const isOwed = ({ unit, owed }) => reserves.get(unit)?.owed === owed;
  if (!(series?.sustained ?? stated).every(isOwed)) faults.push("what is owed is not what its statement says");
  if (series === undefined && !stated.every((unit) => isJudged(unit, reserves.get(unit.unit)))) {
    faults.push("a verdict or what third parties hold is not what its statement finds");
  }
  return faults;
}

/** Whether a joint verdict is that of the moment's own statement, where none is SHORT by itself if claims are of several days. */
function isJudged({ custody, verdict }, reserve) {
  if (custody !== reserve?.custody) return false;
  if (verdict === reserve.verdict) return true;
  return verdict === "SHORT" && reserve.verdict === "UNKNOWN" && isOfSeveralDays(held.said) && !reserve.withheld.length;
}

const heldAt = ({ held: coins, gaps, atLeast, apart }) => [coins, gaps, atLeast, apart];
const heldIn = (reserve) => heldAt({ ...reserve, apart: reserve.withheld.some(({ why }) => why === "MOMENTS_APART") });

byId("use-key").addEventListener("click", takeKey);
byId("save").addEventListener("click", () => held.said !== null && save(savedAs(held.said)));
byId("points").addEventListener("change", (event) => event.target.files.length && held.said !== null && takeMoments([...event.target.files]));
if (globalThis.crypto?.subtle && typeof DecompressionStream === "function") {
  busy(start);
} else {
  byId("status").className = "status partly";
  byId("status-text").textContent =
    "Nothing on this page was checked: this browser has no cryptography for a page that is opened in this way.";
}
