// What a page of an attestation is: its checks, its title, and what it must not leave out.

const STATED = "attestation";
const SAVED_AS = ["attestation.dsse.json", "statement.json"]; // with signatures, and without
const CHECKS = ["signature", "statement", "sums", "display", "evidence"];

const titleOf = ({ finding }) => `${visible(80)(finding.exchange)}: proof of reserves`;

/** The pointers, or marks where how it is written matters, of everything without which the page would not say what was signed. */
function mustBeShown({ finding, run, signatures }) {
  const each = (pointer, list, ...parts) =>
    list.flatMap((_, position) => parts.map((part) => `${pointer}/${position}${part}`));
  const keys = (pointer, object) =>
    Object.keys(object).map((key) => `${pointer}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`);
  return [
    "/finding/exchange", "/finding/asOf", "answer /finding", "/finding/verdict", "/finding/claim", "/finding/policy/quorum",
    "/finding/policy/threshold", "/run/scannedAt", "/run/evidence",
    ...each("/finding/reserves", finding.reserves, "/unit", "/held", "/owed", "/verdict"),
    ...finding.reserves.flatMap((_, position) => ["held", "ratio", "rests"].map((kind) => `${kind} /finding/reserves/${position}`)),
    ...finding.reserves.flatMap(({ atLeast }, position) => (atLeast ? [`/finding/reserves/${position}/atLeast`] : [])),
    ...finding.reserves.flatMap(({ owedBasis: basis }, position) => {
      const place = `/finding/reserves/${position}/owedBasis`;
      if (!basis?.scheme) return [];
      const root = basis.root === null ? [] : [`${place}/root`];
      return [`${place}/shows`, `${place}/scheme`, ...root, ...each(`${place}/assumes`, basis.assumes, ""), ...each(`${place}/remarks`, basis.remarks, "")];
    }),
    ...finding.reserves.flatMap(({ withheld }, position) =>
      each(`/finding/reserves/${position}/withheld`, withheld, "/why", "/detail"),
    ),
    ...each("/finding/snapshots", finding.snapshots, "/height", "/hash", "/time"),
    ...each("/finding/coverage", finding.coverage, "/asset", "/label", "/holdings", "/read"),
    ...each("/finding/gaps", finding.gaps, "/account", "/asset", "/why"),
    ...each("/finding/dissents", finding.dissents, "/account", "/asset", "/atoms"),
    ...each("/finding/differences", finding.differences, "/account", "/asset", "/claimed", "/found"),
    ...each("/finding/files", finding.files, "/name", "/digest", "/read", "/refused"),
    ...keys("/finding/gapCounts", finding.gapCounts),
    ...keys("/finding/policy/require", finding.policy.require),
    ...each("/run/notes", run.notes, ""),
    ...each("/signatures", signatures, "/keyid"),
  ]; // prettier-ignore
}
