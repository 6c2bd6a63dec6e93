// A customer's own file against the roots that were signed: is this record in it, with these balances? Each format's rules are
// those of proofs/liabilities; the two are tried on the same files in tests/browser. Nothing is sent anywhere.

/** By scheme: from a customer's file, and what was published for everybody, to its record and root. */
const READERS = {
  ...Object.fromEntries(
    Object.entries(LAYOUTS).map(([scheme, layout]) => [scheme, (text) => pathOf(JSON.parse(text), layout)])),
  mexc: (text) => mexcPathOf(JSON.parse(text)),
  "okx-merkle-v2": okxRecordIn,
  swissborg: swissBorgRecordIn,
  "okx-stark-v1": starkRecordIn,
  "okx-plonky2": plonky2RecordIn,
};

/** What each word leaves open, to be read behind "it does not show". */
const NOT_SHOWN = {
  STATED: "that any customer is counted in it",
  INCLUDED: "that the total is right, or that other customers were shown the same amounts",
  "SUM-BOUND": "that customers who did not look are counted",
  "TOTAL-PROVEN": "that every account is among the records, or that there are no debts besides",
};

/** Whether a customer's file leads to a root that was signed: the record, or a Fault that says why it is not shown.
 *
 * `texts` are the customer's own file and, where the format needs it, what was published for everybody. */
async function includedIn(texts, reserves) {
  const isOwn = (text) => /^\s*\{/.test(text) && valueOfJsonOrNothing(text)?.audit === undefined;
  const own = texts.filter(isOwn);
  if (own.length !== 1) throw new Fault(`there are ${own.length} files of a customer's: choose yours, and only yours`);
  const [text] = own;
  const published = texts.filter((each) => each !== text);
  if (valueOfJsonOrNothing(text) === null) throw new Fault(NO_JSON);
  const bases = reserves.map(({ owedBasis }) => owedBasis).filter((basis) => basis?.root && Object.hasOwn(READERS, basis.scheme));
  if (!bases.length) throw new Fault("no format that this page can check was published; scanner included knows more of them");
  const faults = new Set();
  for (const { scheme, root, shows } of bases) {
    let found;
    try {
      found = await READERS[scheme](text, published);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      faults.add(error instanceof OtherReport ? error.message : `the file does not hold as one of ${scheme}: ${error.message}`);
      continue;
    }
    if (found.root === root) return { scheme, shows, ...found };
    faults.add(new OtherReport().message);
  }
  throw new Fault([...faults].join("; "));
}
