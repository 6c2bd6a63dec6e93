// What a page of several moments is: its statement, its checks, its title, and what it must not leave out.

const STATED = "statement";
const CHECKS = ["signature", "statement", "sums", "display", "evidence"];
const PREDICATES = new Map([
  ["urn:uuid:21e11443-65ea-4fd4-8f29-dae74c9ea50c#reserve-series/v1", "series"],
  ["urn:uuid:21e11443-65ea-4fd4-8f29-dae74c9ea50c#reserves-together/v1", "together"],
]);

/** {series or together, run} of a payload, which has to be such a statement, about the claims and moments that it names. */
function momentsOf(payload) {
  const statement = valueOfCanonicalJson(textOfBytes(payload, "the statement"), "the statement");
  const of = PREDICATES.get(statement.predicateType);
  if (statement._type !== STATEMENT_TYPE || of === undefined) throw new Fault("the statement is of another kind");
  const { [of]: stated, run } = statement.predicate;
  const claims = of === "series" ? [["claim", stated.claim]] : stated.claims.map(({ claim }, at) => [`claim-${at + 1}`, claim]);
  const points = stated.points.map((point) => [`${folderOf(point.at)}/statement.json`, point.statement]);
  const expected = [...claims, ...points].map(([name, digest]) => ({ digest: { sha256: digest.replace(/^sha256:/, "") }, name }));
  if (canonicalJson(statement.subject) !== canonicalJson(expected)) {
    throw new Fault("the statement is not about the claims and the moments that it names");
  }
  return { [of]: stated, run };
}

/** Where the files of a moment are, beside the statement. */
const folderOf = (at) => `points/${at.replace(/[-:]/g, "")}`;

const pointsOf = ({ series, together }) => (series ?? together).points;

const titleOf = ({ series, together }) => {
  const name = visible(80);
  if (series !== undefined) return `${name(series.exchange)}: reserves before and after ${series.asOf.slice(0, 10)}`;
  return `${name(together.claims[0].exchange)} and ${number(together.claims.length - 1)} more: reserves together`;
};

/** The pointers, or marks where how it is written matters, of everything without which the page would not say what was signed. */
function mustBeShown({ series, together, run, signatures }) {
  const each = (pointer, list, ...parts) =>
    list.flatMap((_, position) => parts.map((part) => `${pointer}/${position}${part}`));
  const written = (pointer, list, ...kinds) =>
    list.flatMap((_, position) => kinds.map((kind) => `${kind} ${pointer}/${position}`));
  const signed = ["/run/scannedAt", "/run/scanner", ...each("/signatures", signatures, "/keyid")];
  if (series !== undefined) {
    return [
      ...signed,
      "/series/exchange", "/series/asOf", "/series/claim", "/series/complete", "/series/policy/quorum", "/series/policy/threshold",
      "looked /series", ...(series.share === null ? [] : ["part /series/share"]),
      ...written("/series/sustained", series.sustained, "lasting"),
      ...each("/series/later", series.later, "/unit", "/after", "/held", "/change"),
      ...each("/series/points", series.points, "/at", "/statement"),
      ...series.points.flatMap(({ units }, at) => written(`/series/points/${at}/units`, units, "sampled", "lacks")),
      ...each("/series/stretches", series.stretches, "/start", "/moment"),
      ...series.stretches.flatMap(({ block }, at) => (block === null ? [] : [`/series/stretches/${at}/block/hash`])),
    ]; // prettier-ignore
  }
  const units = (pointer, list) => [
    ...written(pointer, list, "sampled", "lacks"),
    ...each(pointer, list, "/unit", "/owed", "/custody"),
    ...list.flatMap(({ verdict }, at) => (verdict === null ? [] : [`${pointer}/${at}/verdict`])),
  ];
  return [
    ...signed, "/together/policy/quorum", "/together/policy/threshold",
    ...each("/together/claims", together.claims, "/claim", "/exchange", "/asOf", "/complete"),
    ...written("/together/units", together.units, "jointly"),
    ...each("/together/units", together.units, "/verdict"),
    ...each("/together/shared", together.shared, "/asset", "/accounts"),
    ...each("/together/points", together.points, "/at", "/statement"),
    ...together.points.flatMap((point, at) => [
      ...units(`/together/points/${at}/together`, point.together),
      ...each(`/together/points/${at}/together`, point.together, "/countedTwice"),
      ...point.alone.flatMap((alone, of) => units(`/together/points/${at}/alone/${of}/units`, alone.units)),
    ]),
  ]; // prettier-ignore
}
