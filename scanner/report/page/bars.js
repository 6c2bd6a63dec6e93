// Where the parts of a unit's bar stand, worked out from the signed amounts as bars.py does.

const BAR_WIDTH = 1000n;
const BAR_OWED = 800n; // where 100 % is
const BAR_BEYOND = 16n;

/** The parts of a bar as [what, where it begins, how wide it is]; none where no ratio may be shown. */
function segments(reserve, demandedRatio) {
  if (!hasRatio(reserve) || reserve.owed === null || reserve.owed === "0") return [];
  const [held, owed, custody] = [reserve.held, reserve.owed, reserve.custody].map(decimal);
  const at = (ratio) => {
    const place = floor(times(ratio, fraction(BAR_OWED)));
    return place < BAR_WIDTH ? place : BAR_WIDTH;
  };
  const [end, full] = [at(over(held, owed)), at(over(sum(held, custody), owed))];
  const beyond = below(times(owed, fraction(BAR_WIDTH)), times(held, fraction(BAR_OWED)));
  const parts = [
    ["missing", 0n, BAR_OWED],
    ["held", 0n, end < BAR_OWED ? end : BAR_OWED],
    ["above", BAR_OWED, end > BAR_OWED ? end - BAR_OWED : 0n],
    ["custody", end, full - end],
    ["beyond", BAR_WIDTH - BAR_BEYOND, beyond ? BAR_BEYOND : 0n],
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
