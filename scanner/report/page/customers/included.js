// A customer's question: is my account in what is owed, with my balances? Files are checked here against the roots that were signed,
// and sent nowhere. Each format's rules are those of proofs/liabilities, and the answers those of report/included.py; both are
// tried on the same files in tests/browser.

const ANSWERS = {
  edited: "No: this file does not hold. It was changed after it was made, or was made wrongly. If it is just as the exchange gave"
    + " it out, keep it: the exchange has to explain it.",
  "published-edited": "No: what the exchange published does not hold itself, whatever this file says. That is a finding against"
    + " what was published.",
  "other-root": "No: this file holds together, but it belongs to another report, older or newer, or to another exchange. Ask the"
    + " exchange for the file of this report.",
  "not-understood": "This cannot be answered: the file is not of a format that is known here. It may be damaged, be of another"
    + " exchange, or of a release that came later. Download it again from the exchange's own page.",
  "too-large": "This cannot be answered here: what has to be read for it is larger than this page reads. That says nothing against"
    + " the exchange.",
  "files-missing": "This cannot be answered yet: the root alone is not enough for this format. Download what the exchange published"
    + " for all customers, and choose it together with your own file.",
};

/** Of several formats the answer counts that says most; the first one here. */
const RANK = ["published-edited", "edited", "other-root", "too-large", "files-missing", "not-understood"];

/** What each word leaves open, to be read behind "it does not show". */
const NOT_SHOWN = {
  STATED: "that any customer is counted in it",
  INCLUDED: "that the total is right, or that other customers were shown the same amounts",
  "SUM-BOUND": "that customers who did not look are counted",
  "TOTAL-PROVEN": "that every account is among the records, or that there are no debts besides",
};
const BY_STRENGTH = Object.keys(NOT_SHOWN);

function outcomeOf(fault) {
  if (fault instanceof OtherRoot) return "other-root";
  if (fault instanceof PublishedFault) return "published-edited";
  if (fault instanceof NeedsFiles) return "files-missing";
  if (fault instanceof TooLarge) return "too-large";
  return fault instanceof NotUnderstood ? "not-understood" : "edited";
}

/** What is shown of a total to a customer whose record lies under its root: the least of what was signed of that root's units,
 * and no less than that the record is there. */
function shownUnder(root, scheme, reserves) {
  const words = reserves.map(({ owedBasis }) => owedBasis).filter((basis) => basis?.root === root && basis.scheme === scheme);
  const least = Math.min(...words.map(({ shows }) => BY_STRENGTH.indexOf(shows)));
  return BY_STRENGTH[Math.max(least, BY_STRENGTH.indexOf("INCLUDED"))];
}

/** What came of a customer's files, in one format after the other: `outcome` with the record where it is "included", and with
 * `reason` where it is not. */
async function includedIn(files, reserves) {
  const asked = new Map();
  for (const { owedBasis: basis } of reserves) {
    if (basis?.root && Object.hasOwn(READERS, basis.scheme)) asked.set(`${basis.scheme} ${basis.root}`, basis);
  }
  const found = [];
  for (const { scheme, root } of asked.values()) {
    try {
      const { read, isPublished = async () => false } = READERS[scheme];
      const kinds = await Promise.all(files.map(isPublished));
      const own = files.filter((_file, at) => !kinds[at]);
      if (own.length !== 1) throw new NotUnderstood(`there are ${own.length} files of a customer's: choose yours, and only yours`);
      const record = await read(own[0], files.filter((_file, at) => kinds[at]), root);
      if (record.root !== root) throw new OtherRoot(root, record.root);
      return { outcome: "included", scheme, shows: shownUnder(root, scheme, reserves), ...record };
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      found.push({ outcome: outcomeOf(error), scheme, reason: error.message });
    }
  }
  return found.sort((one, other) => RANK.indexOf(one.outcome) - RANK.indexOf(other.outcome))[0];
}

/** The answer, as elements. */
function answerTo({ outcome, scheme, reason, root, account, amounts, shows, remark = "" }) {
  if (outcome !== "included") {
    return [make("p", make("strong", ANSWERS[outcome])), make("p", `Why: ${visible(500)(reason)} (${scheme}).`)];
  }
  return [
    tableOf("Yes: this record is in it, with these balances", ["Coin", "#Balance"], amounts.map(([coin, text]) => [visible(40)(coin), exact(text)])),
    make("p", `Account ${visible(130)(account)}, under the signed root ${visible(130)(root)} (${scheme}).`),
    ...(remark ? [make("p", `Known of this file: ${remark}.`)] : []),
    make("p", `It is ${shows}: this does not show ${NOT_SHOWN[shows]}. Compare account and balances with your account's own`
      + " page, as of the moment of this report."),
  ];
}

/** Why no answer is worth more than the page that gives it, in one sentence; empty where the page is in order. */
function doubtOfPage() {
  if (CHECKS.some((name) => results[name].state === "fails")) {
    return "Something on this page does not hold, as its top says: do not rely on this answer.";
  }
  return results.signature.state === "holds" ? "" : "Who signed this root was not checked: paste the auditor's key above.";
}

async function takeCustomersFiles(files) {
  const place = byId("included");
  const turn = (held.asked += 1);
  place.replaceChildren(make("p", "Being checked."));
  let answered;
  try {
    answered = answerTo(await includedIn(files, held.said.finding.reserves));
  } catch (error) {
    answered = [make("p", `This could not be checked: ${visible(500)(`${error}`)}.`)];
  }
  if (doubtOfPage()) answered.push(make("p", make("strong", doubtOfPage())));
  if (turn === held.asked) place.replaceChildren(...answered);
}
