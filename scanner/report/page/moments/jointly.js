// What follows from the amounts of claims together: sums, what is counted twice, and the verdicts. The rules are those of
// weighing/together.py. A verdict may be withheld for what only a moment's own statement says, so that UNKNOWN is never
// called wrong here; COVERED and SHORT have to follow.

/** What does not follow, each in one sentence; empty if all does. */
function faultsOfTogether(together) {
  const { claims, points, policy, units } = together;
  const complete = claims.every((claim) => claim.complete);
  const limit = decimal(policy.threshold);
  const moments = Array.from(new Set(claims.map(({ asOf }) => asOf))).sort();
  if (canonicalJson(points.map(({ at }) => at)) !== canonicalJson(moments)) return ["its points are not at the moments of its claims"];
  const faults = points.flatMap((point) => faultsOfPoint(point, claims, limit, complete));
  const named = points[0].together.map(({ unit }) => unit);
  for (const { unit, verdict } of units) {
    const found = new Set(points.map((point) => point.together.find((each) => each.unit === unit)?.verdict));
    const follows = found.size === 1 ? Array.from(found)[0] : "UNKNOWN";
    if (verdict !== follows) faults.push(`${visible(24)(unit)}: jointly stated as ${verdict}, and ${follows} follows`);
  }
  if (canonicalJson(units.map(({ unit }) => unit)) !== canonicalJson(named)) faults.push("not every unit has its verdict");
  return faults;
}

function faultsOfPoint(point, claims, limit, complete) {
  const faults = [];
  const expect = (holds, unit, fault) => holds || faults.push(`${visible(24)(unit)}, ${moment(point.at)}: ${fault}`);
  if (canonicalJson(point.alone.map(({ claim }) => claim)) !== canonicalJson(claims.map(({ claim }) => claim))) {
    return ["a moment is not of all claims"];
  }
  const named = Array.from(new Set(point.alone.flatMap(({ units }) => units.map(({ unit }) => unit))));
  const together = point.together.map(({ unit }) => unit);
  if (canonicalJson(named.sort()) !== canonicalJson(together.sort())) return ["a unit is left out together"];
  for (const all of point.together) {
    const each = point.alone.flatMap(({ units }) => units.filter(({ unit }) => unit === all.unit));
    const sumOf = (name) => total(each.map((one) => decimal(one[name])));
    const owed = each.some((one) => one.owed === null) ? null : sumOf("owed");
    expect(owed === null ? all.owed === null : all.owed !== null && same(owed, decimal(all.owed)), all.unit, "what is owed together is not the sum");
    expect(same(sumOf("custody"), decimal(all.custody)), all.unit, "what third parties hold is not the sum");
    const known = [...each, all].every(isWhole);
    const twice = known ? difference(sumOf("held"), decimal(all.held)) : null;
    expect(all.countedTwice === twice, all.unit, "what is counted twice does not follow");
    expect(verdictFollows(all, limit, complete), all.unit, `${all.verdict} does not follow`);
  }
  for (const [at, { units }] of point.alone.entries()) {
    const own = claims[at].asOf === point.at;
    for (const unit of units) {
      const follows = own ? unit.verdict !== null && verdictFollows(unit, limit, claims[at].complete) : unit.verdict === null;
      expect(follows, unit.unit, `the verdict on one claim alone, ${unit.verdict}, does not follow`);
    }
  }
  return faults;
}

function verdictFollows(unit, limit, complete) {
  if (unit.verdict === "UNKNOWN") return true;
  if (unit.owed === null || (unit.apart && unit.owed !== "0")) return false;
  const [held, owed, custody] = [unit.held, unit.owed, unit.custody].map(decimal);
  const demanded = times(owed, limit);
  if (unit.verdict === "COVERED") return !below(held, demanded);
  return complete && !unit.gaps && !unit.atLeast && below(sum(held, custody), demanded);
}
