// How these pages write what is stated of several moments, by kind. The same as moments/figures.py, which wrote the page;
// the two are tried on the same values in tests/browser.

const LACKING = {
  GAPS: "at a sampled moment something was not read, is known from below only, or is of no one moment",
  NOT_DRAWN: "in a stretch no moment could be drawn, since operators did not agree on its last block",
  NO_BLOCKS: "on one side no other block was sampled than that of the moment itself",
};
const JOINTLY = {
  COVERED: "at every moment all of them together held what they owe together.",
  SHORT: "at every moment all of them together held less than they owe together, as each states for its day.",
  UNKNOWN: "not the same at every moment, or something could not be read.",
};

/** Seconds for people, cut to the two largest parts: "30 d", "2 h 5 min". */
function lengthOf(seconds) {
  const parts = [];
  let rest = seconds;
  for (const [unit, size] of [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]]) {
    const whole = Math.floor(rest / size);
    rest %= size;
    if (whole || parts.length) parts.push([whole, unit]);
  }
  const largest = parts.slice(0, 2).filter(([whole]) => whole);
  return largest.map(([whole, unit]) => `${whole} ${unit}`).join(" ") || "0 s";
}

function lasting(each) {
  const where = `${visible(24)(each.unit)}, ${lengthOf(each.window)} before and after: `;
  if (each.shows === "FOUND") {
    const ratio = each.ratio === null ? "" : `, ${percent(each.ratio)} of what is owed`;
    return (
      `${where}at least ${amount(each.transient)} of the ${amount(each.held)} at the moment was not there`
      + ` at a sampled block before it, nor at one after it. Sustained: ${amount(each.sustained)}${ratio}`
      + ` (${each.before} blocks before, ${each.after} after).`
    );
  }
  if (each.shows === "NONE_FOUND") {
    const ratio = each.ratio === null ? "" : ` Sustained: ${percent(each.ratio)} of what is owed.`;
    return `${where}no transient amount was found at ${each.before + each.after} sampled blocks.${ratio}`;
  }
  return `${where}NOT SHOWN: ${each.lacking.map((why) => LACKING[why]).join("; ")}.`;
}

function lookedAt({ schedule, stretches, points }) {
  const drawn = stretches.filter(({ moment: at }) => at !== null).length;
  return (
    `${moment(schedule.start)} to ${moment(schedule.end)}: one moment in each ${lengthOf(schedule.every)}, ${drawn} drawn by`
    + ` blocks of ${schedule.chain}; ${points.length} moments in all`
  );
}

function partRead(share) {
  const of = threshold(share.of).replace(/%$/, "");
  return (
    `All of it is of ${number(share.rows)} of ${number(share.among)} balances, which were ${of}% of each asset at the moment:`
    + " what moved from these to another account of the claim looks like a transient amount. Read all accounts before one is"
    + " said aloud."
  );
}

function sampled(unit) {
  if (unit.held === "0" && unit.gaps) return UNESTABLISHED;
  return `${unit.gaps || unit.atLeast ? "≥" : ""}${amount(unit.held)}`;
}

function lacks(unit) {
  const counted = [[unit.gaps, "gap"], [unit.atLeast, "lower bound"]].filter(([many]) => many);
  const parts = counted.map(([many, word]) => `${number(many)} ${word}${many === 1 ? "" : "s"}`);
  return [...parts, ...(unit.apart ? ["no one moment"] : [])].join(", ") || NOTHING;
}

Object.assign(KINDS, {
  lasting,
  looked: lookedAt,
  part: partRead,
  sampled,
  lacks,
  length: lengthOf,
  later: (held) => (held === null ? NOTHING : amount(held)),
  change: (change) => (change === null ? NOTHING : signed(change)),
  drawn: (at) => (at === null ? "no moment" : moment(at)),
  declared: (complete) => (complete ? "yes" : "no: a part of them"),
  jointly: ({ unit, verdict }) => `${visible(24)(unit)}, jointly ${verdict}: ${JOINTLY[verdict]}`,
});
