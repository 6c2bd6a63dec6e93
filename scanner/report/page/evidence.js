// What the rows of the evidence add up to, against what was signed: every sum by unit, asset, basis and control, every gap,
// disputed balance and difference that the finding names. What only the claim or the witness can tell (whether a holding is
// missing, whether a proof holds, how the claim rounded) is not looked at here; `scanner verify` does.
// Source: docs/predicate.md, steps 5 to 9.

const MAX_DECIMALS = 60;

/** Why a row is a gap in the finding; "" if its balance counts. */
function whyNot(row, policy, { unit, known, alias }) {
  if (row.why) return row.why;
  if (known === null) return "UNKNOWN_CONTRACT";
  if (alias !== null) return "ALIAS"; // that it is one was found by comparing whole assets, and is not looked at here
  const required = Object.hasOwn(policy.require, unit) ? policy.require[unit] : "OWN";
  if (RANKS.indexOf(row.basis) > RANKS.indexOf(required)) return "WEAK_BASIS";
  if (policy.requireOwnership === null || row.control === "SHOWN" || row.control === policy.requireOwnership) return "";
  return "NO_CONTROL";
}

/** Why a balance cannot be what it says, by what the statement says of blocks, operators and policy; "" if it can. */
function disbelief(row, { finding, run }, blocks, compared) {
  if (row.block === "" ? !row.why : !blocks.has(`${row.chain} ${row.block}`)) return "read at a block that is not named";
  if (row.claimedAt && row.claimedAt !== "none" && !compared.has(`${row.chain} ${row.claimedAt}`)) {
    return "compared at a block that is not named";
  }
  const asked = run.operators[row.chain] ?? [];
  const voices = [...row.operators, ...row.dissent.map(({ operator }) => operator)];
  if (voices.some((operator) => !asked.includes(operator))) return "an operator is named that was not asked";
  if (new Set(voices).size !== voices.length) return "an operator is named twice";
  if (row.why) return "";
  const { quorum, dissent } = finding.policy;
  const native = row.asset.includes("/slip44:");
  if (row.basis === "PROVEN" && (row.dissent.length || !native) && !row.operators.length) {
    return "no operator read what is said to be proven";
  }
  const dismissed = new Set(finding.contradicted.filter(({ on, certain }) => certain && on === row.chain).flatMap(({ operators }) => operators));
  const denying = row.dissent.filter((word) => denies(word, row));
  const others = row.basis === "PROVEN" ? denying : denying.filter(({ operator }) => !dismissed.has(operator));
  const alike = (word) => others.filter((each) => each.atLeast ? word.atLeast : said(each) === said(word)).length;
  const outvoted = others.some((word) => alike(word) >= quorum);
  if (outvoted && !(row.basis === "PROVEN" && native)) return "a quorum said otherwise, all alike";
  const contradicted = finding.contradicted.filter(({ on }) => on === row.chain || on === row.asset);
  if (row.basis !== "PROVEN" && contradicted.some(({ operators }) => operators.some((name) => row.operators.includes(name)))) {
    return "it rests on an operator that a proof contradicts";
  }
  if (row.basis === "QUORUM" && row.operators.length < quorum) return "fewer operators than a quorum";
  if (row.basis === "OWN" && !(row.operators.length >= 1 && row.operators.length < quorum)) return "no balance of an own node";
  if (others.length && (row.basis === "OWN" || (row.basis === "QUORUM" && dissent !== "record"))) {
    return "a dissent that the policy does not pass over";
  }
  return "";
}

/** Running sums over the rows of one asset, in atoms. */
function newTally() {
  const zeros = (names) => Object.fromEntries(names.map((name) => [name, 0n]));
  return {
    holdings: 0, read: 0, atLeast: 0, bounds: 0, unstated: 0, gaps: 0, dissents: 0, claimed: 0n, claimedRead: 0n, difference: 0n,
    byBasis: zeros(RANKS), byControl: zeros(CONTROLS), byMovement: 0n, accounts: new Set(), last: "",
  }; // prettier-ignore
}

/** What the claimed amount is compared with: what was found where it is claimed; null where nothing was. */
const comparedWith = (row) => (row.claimedAt ? row.found : row.atLeast ? null : row.atoms);

function addTo(tally, row, why) {
  tally.holdings += 1;
  if (row.claimed === null) tally.unstated += 1;
  else tally.claimed += row.claimed;
  if (row.atoms !== null) tally.read += 1;
  if (row.atLeast) tally.atLeast += 1;
  const found = comparedWith(row);
  if (row.claimed !== null && found !== null) {
    tally.claimedRead += row.claimed;
    tally.difference += found - row.claimed;
  }
  if (why) {
    tally.gaps += 1;
    return;
  }
  tally.byBasis[row.basis] += row.atoms;
  tally.byControl[row.control] += row.atoms;
  if (row.moved && row.control === "SHOWN") tally.byMovement += row.atoms;
  if (row.dissent.some((word) => denies(word, row))) tally.dissents += 1;
  if (row.atLeast) tally.bounds += 1;
}

/** Rows that stand twice are refused. EVM accounts ascend as text, so of those only the last has to be remembered. */
function standsTwice(tally, { chain, account }) {
  if (chain.startsWith("eip155:")) {
    const twice = account <= tally.last;
    tally.last = account;
    return twice;
  }
  const twice = tally.accounts.has(account);
  tally.accounts.add(account);
  return twice;
}

/** What the rows say otherwise than the finding, each in one sentence, and the sums by asset. `progress` is called with the rows read. */
async function weighEvidence(file, said, progress) {
  const { finding } = said;
  const named = (each) => `${each.chain} ${each.hash}`;
  const blocks = new Set(finding.snapshots.filter(({ weighed }) => weighed).map(named));
  const compared = new Set(finding.snapshots.filter(({ weighed }) => !weighed).map(named));
  const assets = new Map(finding.coverage.map((coverage) => [coverage.asset, { coverage, tally: newTally() }]));
  const most = Number(count(finding.coverage.map(({ holdings }) => holdings)));
  const seen = { gaps: [], dissents: [], gapCounts: {}, rows: 0 };
  const differences = new Map(finding.differences.map((each) => [`${each.asset} ${each.account}`, each]));
  for await (const rows of rowsOf(file, most)) {
    for (const row of rows) {
      seen.rows += 1;
      const place = `line ${seen.rows + 1}`;
      const of = assets.get(row.asset);
      if (of === undefined) throw new Fault(`${place}: an asset that the finding does not know`);
      if (standsTwice(of.tally, row)) throw new Fault(`${place}: an account stands twice, or out of order`);
      const doubt = disbelief(row, said, blocks, compared);
      if (doubt) throw new Fault(`${place}: ${doubt}`);
      const why = whyNot(row, finding.policy, of.coverage);
      addTo(of.tally, row, why);
      noteExceptions(seen, row, why);
      const difference = differences.get(`${row.asset} ${row.account}`);
      if (difference && `${row.claimed} ${comparedWith(row)}` === `${difference.claimed} ${difference.found}`) {
        differences.delete(`${row.asset} ${row.account}`);
      }
    }
    progress(seen.rows, most);
  }
  return { faults: [...faultsOfSums(finding, assets, seen), ...faultsOfLists(finding, seen, differences)], assets, seen };
}

function noteExceptions(seen, row, why) {
  if (why) {
    seen.gapCounts[why] = (seen.gapCounts[why] ?? 0) + 1;
    if (seen.gaps.length < LISTED) seen.gaps.push(`${row.asset} ${row.account} ${why}`);
  } else if (row.dissent.some((word) => denies(word, row)) && seen.dissents.length < LISTED) {
    const others = row.dissent.map((word) => `${word.operator}=${said(word)}`).sort();
    seen.dissents.push(`${row.asset} ${row.account} ${said(row)} ${others}`);
  }
}

const coins = (atoms, { decimals }) => {
  if (!(decimals >= 0 && decimals <= MAX_DECIMALS)) throw new Fault(`${decimals} decimals are not possible`);
  return fraction(atoms, 10n ** BigInt(decimals));
};

function faultsOfSums(finding, assets, seen) {
  const faults = [];
  const compare = (what, name, stated, found) => {
    const equal = typeof stated === "number" ? stated === found : stated !== null && same(decimal(stated), found);
    if (!equal) faults.push(`${visible(80)(what)}: ${name} is stated as ${stated}, and the rows give something else`);
  };
  for (const { coverage, tally } of assets.values()) {
    for (const name of ["holdings", "read", "atLeast", "unstated"]) compare(coverage.label, name, coverage[name], tally[name]);
    for (const name of ["claimed", "claimedRead", "difference"]) {
      compare(coverage.label, name, coverage[name], coins(tally[name], coverage));
    }
    compare(coverage.label, "held", coverage.held, coins(count(Object.values(tally.byBasis)), coverage));
  }
  for (const reserve of finding.reserves) {
    const backing = Array.from(assets.values()).filter(({ coverage }) => coverage.unit === reserve.unit);
    const summed = (of) => total(backing.map(({ coverage, tally }) => coins(of(tally), coverage)));
    for (const name of RANKS) {
      compare(reserve.unit, name.toLowerCase(), reserve[name.toLowerCase()], summed(({ byBasis }) => byBasis[name]));
    }
    for (const name of CONTROLS) {
      compare(reserve.unit, name, reserve.control[name] ?? "0", summed(({ byControl }) => byControl[name]));
    }
    compare(reserve.unit, "controlByMovement", reserve.controlByMovement, summed(({ byMovement }) => byMovement));
    for (const name of ["holdings", "gaps", "dissents"]) {
      compare(reserve.unit, name, reserve[name], Number(count(backing.map(({ tally }) => tally[name]))));
    }
    compare(reserve.unit, "atLeast", reserve.atLeast, Number(count(backing.map(({ tally }) => tally.bounds))));
    compare(reserve.unit, "held", reserve.held, summed(({ byBasis }) => count(Object.values(byBasis))));
  }
  if (canonicalJson(seen.gapCounts) !== canonicalJson(finding.gapCounts)) faults.push("the gaps are other ones");
  return faults;
}

function faultsOfLists(finding, seen, differences) {
  const gaps = finding.gaps.map(({ asset, account, why }) => `${asset} ${account} ${why}`);
  const dissents = finding.dissents.map(({ asset, account, atoms, said }) => {
    const others = Object.entries(said).map(([operator, other]) => `${operator}=${other}`).sort();
    return `${asset} ${account} ${atoms} ${others}`;
  });
  const faults = [];
  if (canonicalJson(gaps) !== canonicalJson(seen.gaps)) faults.push("the gaps that are named are other ones");
  if (canonicalJson(dissents) !== canonicalJson(seen.dissents)) faults.push("the disputed balances are other ones");
  if (differences.size) faults.push("a difference is named that the rows do not show");
  return faults;
}
