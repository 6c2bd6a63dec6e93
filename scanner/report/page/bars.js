// Where the parts of a unit's bar stand, worked out from the signed amounts as bars.py does.

const BAR_WIDTH = 1000n;
const BAR_BREAK = 250n; // where the scale changes, at nine tenths
const BAR_BY_PERCENT = 30n; // from there on
const BAR_OWED = 550n; // where 100 % is
const BAR_BEYOND = 16n;

/** Where a ratio stands, as an exact fraction. */
function exactlyAt(ratio) {
  const change = fraction(9n, 10n);
  if (below(ratio, change)) return times(over(ratio, change), fraction(BAR_BREAK));
  const beyond = sum(ratio, fraction(-change.n, change.d));
  return sum(fraction(BAR_BREAK), times(beyond, fraction(100n * BAR_BY_PERCENT)));
}

/** The parts of a bar as [what, where it begins, how wide it is]; none where no ratio may be shown. */
function segments(reserve, demandedRatio) {
  if (!hasRatio(reserve) || reserve.owed === null || reserve.owed === "0") return [];
  const [held, owed, custody] = [reserve.held, reserve.owed, reserve.custody].map(decimal);
  const at = (ratio) => {
    const place = floor(exactlyAt(ratio));
    return place < BAR_WIDTH ? place : BAR_WIDTH;
  };
  const [end, full] = [at(over(held, owed)), at(over(sum(held, custody), owed))];
  const beyond = below(fraction(BAR_WIDTH), exactlyAt(over(held, owed)));
  const parts = [
    ["missing", 0n, BAR_OWED],
    ["held", 0n, end < BAR_OWED ? end : BAR_OWED],
    ["above", BAR_OWED, end > BAR_OWED ? end - BAR_OWED : 0n],
    ["custody", end, full - end],
    ["beyond", BAR_WIDTH - BAR_BEYOND, beyond ? BAR_BEYOND : 0n],
    ["break", BAR_BREAK, 0n],
    ["owed", BAR_OWED, 0n],
  ];
  const demanded = at(decimal(demandedRatio));
  return demanded === BAR_OWED ? parts : [...parts, ["demanded", demanded, 0n]];
}

/** The parts of a bar as they are drawn on the page, in the same form. */
function drawnSegments(svg) {
  return Array.from(svg.children, (shape) => {
    const [at, width] = shape.localName === "line" ? ["x1", "0"] : ["x", shape.getAttribute("width")];
    return [shape.getAttribute("class"), BigInt(shape.getAttribute(at)), BigInt(width)];
  });
}
