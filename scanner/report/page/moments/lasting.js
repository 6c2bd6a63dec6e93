// What follows from the points of a series: at which moments it had to look, and what lasted. The rules are those of
// weighing/schedule.py and weighing/series.py. How many different blocks were sampled on a side stands in the points' own
// statements, so that only whether there is any is looked at here.

const AFTERWARDS = [86400, 7 * 86400, 30 * 86400];
const DOMAIN = "reserve-scanner series\n";

const secondsOf = (time) => {
  const found = Date.parse(time) / 1000;
  if (!Number.isSafeInteger(found)) throw new Fault(`${String(time).slice(0, 40)} is no time`);
  return found;
};
const timeOf = (seconds) => new Date(seconds * 1000).toISOString().replace(".000Z", "Z");

/** The moment that a block draws in a stretch: the digest is a big-endian integer. */
async function drawnMoment(start, every, hash) {
  const text = bytesOfText(`${DOMAIN}${hash}\n${start}\n${every}`);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-512", text));
  return secondsOf(start) + Number(BigInt(`0x${hexOfBytes(digest)}`) % BigInt(every));
}

/** What does not follow, each in one sentence; empty if all does. */
async function faultsOfSeries(series) {
  const looked = series.points.map(({ at, units }) => [secondsOf(at), new Map(units.map((each) => [each.unit, each]))]);
  return [...(await faultsOfMoments(series)), ...faultsOfLasting(series, looked), ...faultsOfLater(series, new Map(looked))];
}

async function faultsOfMoments({ asOf, schedule, stretches, points }) {
  const { every } = schedule;
  const [start, end, own] = [schedule.start, schedule.end, asOf].map(secondsOf);
  if (!(every >= 60) || start % every || end % every || (end - start) / every !== stretches.length) {
    return ["its stretches are not those of its schedule"];
  }
  const looked = new Set([own, ...AFTERWARDS.map((after) => own + after).filter((at) => at <= end)]);
  const faults = [];
  for (const [position, stretch] of stretches.entries()) {
    if (secondsOf(stretch.start) !== start + position * every) faults.push(`a stretch begins at ${stretch.start}`);
    if ((stretch.block === null) !== (stretch.moment === null)) faults.push("a moment that no block draws");
    if (stretch.block === null) continue;
    const drawn = await drawnMoment(stretch.start, every, stretch.block.hash);
    if (timeOf(drawn) !== stretch.moment) faults.push(`the block of the stretch from ${stretch.start} draws another moment`);
    looked.add(drawn);
  }
  const expected = Array.from(looked).sort((one, other) => one - other).map(timeOf);
  if (canonicalJson(points.map(({ at }) => at)) !== canonicalJson(expected)) faults.push("its points are not those of its moments");
  return faults;
}

const isWhole = ({ gaps, atLeast, apart }) => !gaps && !atLeast && !apart;
const least = (fractions) => fractions.reduce((one, other) => (below(other, one) ? other : one));

/** The windows of which as much lies before the moment as after it. */
function windowsOf({ asOf, schedule }) {
  const [start, end, own] = [schedule.start, schedule.end, asOf].map(secondsOf);
  const most = Math.floor(Math.min(own - start, end - own) / schedule.every) * schedule.every;
  if (most <= 0) return [];
  return Array.from(new Set([...AFTERWARDS.filter((each) => each <= most), most])).sort((one, other) => one - other);
}

/** A unit of what was found at a moment. */
function unitOf(units, unit) {
  const found = units?.get(unit);
  if (found === undefined) throw new Fault(`${visible(24)(unit)} is not stated at a moment of the series`);
  return found;
}

const namesOfUnits = ({ asOf, points }) => (points.find(({ at }) => at === asOf)?.units ?? []).map(({ unit }) => unit);

/** `looked`: of each point, when it was, and its units by name. */
function faultsOfLasting(series, looked) {
  const expected = namesOfUnits(series).flatMap((unit) => windowsOf(series).map((window) => [unit, window]));
  if (canonicalJson(series.sustained.map(({ unit, window }) => [unit, window])) !== canonicalJson(expected)) {
    return ["the windows of what lasted are not those of the series"];
  }
  return series.sustained.flatMap((each) => {
    const follows = lastingOf(series, looked, each);
    const differ = Object.keys(follows).filter((name) => canonicalJson(follows[name]) !== canonicalJson(each[name]));
    const where = `${visible(24)(each.unit)}, ${lengthOf(each.window)} before and after`;
    return differ.map((name) => `${where}: ${name} is stated as ${each[name]}, and ${follows[name]} follows`);
  });
}

/** What a window comes to, as far as the points say. */
function lastingOf(series, looked, { unit, window, before, after, owed }) {
  const own = secondsOf(series.asOf);
  const now = unitOf(new Map(looked).get(own), unit);
  const side = (from, to) =>
    looked.filter(([at]) => at >= from && at <= to && at !== own).map(([, units]) => unitOf(units, unit));
  const sides = [side(own - window, own), side(own, own + window)];
  const reaching = series.stretches.filter(({ start }) => {
    const begins = secondsOf(start);
    return begins < own + window && begins + series.schedule.every > own - window;
  });
  const lacking = [
    ...([now, ...sides.flat()].every(isWhole) ? [] : ["GAPS"]),
    ...(reaching.some(({ block }) => block === null) ? ["NOT_DRAWN"] : []),
    ...(before && after ? [] : ["NO_BLOCKS"]),
  ];
  const tooMany = before > sides[0].length || after > sides[1].length;
  if (tooMany) throw new Fault(`${visible(24)(unit)}: more blocks than moments are said to have been sampled`);
  const none = { leastBefore: null, leastAfter: null, sustained: null, transient: null, ratio: null };
  if (lacking.length) return { held: now.held, ...none, shows: "NOT_SHOWN", lacking };
  const [leastBefore, leastAfter] = sides.map((units) => least(units.map(({ held }) => decimal(held))));
  const held = decimal(now.held);
  const best = below(leastBefore, leastAfter) ? leastAfter : leastBefore;
  const sustained = below(held, best) ? held : best;
  const lent = distance(held, sustained);
  return {
    held: now.held,
    leastBefore: decimalText(leastBefore),
    leastAfter: decimalText(leastAfter),
    sustained: decimalText(sustained),
    transient: decimalText(lent),
    ratio: owed === null || owed === "0" ? null : cut(over(sustained, decimal(owed)), RATIO_PLACES),
    shows: lent.n > 0n ? "FOUND" : "NONE_FOUND",
    lacking,
  };
}

function faultsOfLater(series, looked) {
  const [end, own] = [series.schedule.end, series.asOf].map(secondsOf);
  const reached = AFTERWARDS.filter((after) => own + after <= end);
  const expected = namesOfUnits(series).flatMap((unit) =>
    reached.map((after) => {
      const [now, then] = [own, own + after].map((at) => unitOf(looked.get(at), unit));
      const held = isWhole(then) ? then.held : null;
      const change = held === null || !isWhole(now) ? null : difference(decimal(held), decimal(now.held));
      return { after, change, held, unit };
    }),
  );
  return canonicalJson(series.later) === canonicalJson(expected) ? [] : ["what was held afterwards does not follow"];
}

/** A decimal that statements would write: a fraction whose denominator is a power of ten, without needless zeros. */
function decimalText({ n, d }) {
  const places = d.toString().length - 1;
  const digits = n.toString().padStart(places + 1, "0");
  if (!places) return digits;
  const rest = digits.slice(-places).replace(/0+$/, "");
  return digits.slice(0, -places) + (rest ? `.${rest}` : "");
}

const difference = (one, other) => (below(one, other) ? "-" : "") + decimalText(distance(one, other));
