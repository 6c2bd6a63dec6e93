// What a page says of its own checks, whatever it is of: each check's line, the one line on the first screen, and who
// signed. CHECKS, STATED and `whatAddsUp` are of the script that knows what the page is of. Nothing becomes part
// of the page but as text.

const pageAsItWas = asItWas();
const SYMBOLS = { open: "○", holds: "✓", fails: "✗" };
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

/** `names`: of the file where it carries signatures, and where it carries none. */
function save(names) {
  const link = make("a");
  link.href = URL.createObjectURL(new Blob([held.document], { type: "application/json" }));
  link.download = names[held.opened?.signatures.length ? 0 : 1];
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
