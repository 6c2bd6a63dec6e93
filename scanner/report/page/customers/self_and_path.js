// Customers' files of the shape most exchanges share: `self`, the record, and `path`, its siblings with the root last. The same
// rules as proofs/liabilities/self_and_path.py has. How fields are called, and what is hashed, each format says itself.

const LEFT = "1";
const RIGHT = "2";

/** Of a format, what checks its files. `layout`: how fields are called; `padding`: the side's word for a node that stands for
 * none and repeats its neighbour's hash; `empty`: for one with a hash of its own; `spelled`: the sums beside the root are written
 * as they are hashed. */
function readerOfPaths(layout) {
  const hash = async (text) => (await sha256OfText(text)).slice(0, layout.digits);
  const digest = new RegExp(`^[0-9a-f]{${layout.digits}}$`);

  function nodeOf(entry, rules, negative) {
    const written = entry.object(layout.amounts);
    const held = written.names.filter((coin) => coin !== rules.optional);
    if (held.length !== rules.coins.length || !rules.coins.every((coin) => held.includes(coin))) {
      throw new NotUnderstood(`${written.where}: other coins than ${rules.coins.join(", ")}`);
    }
    if (rules.ordered && held.join() !== rules.coins.join()) {
      throw new NotUnderstood(`${written.where}: the coins stand in another order than in the record`);
    }
    const units = Object.fromEntries(
      written.names.map((coin) => [coin, unitsOf(written.text(coin), `${written.where}.${coin}`, { negative })]));
    const text = entry.text(layout.digest);
    if (!digest.test(text)) throw new Fault(`${entry.where}.${layout.digest} is no hash of ${layout.digits} hex digits`);
    return { digest: text, sums: Object.fromEntries(rules.coins.map((coin) => [coin, units[coin]])) };
  }

  function stepOf(entry, rules) {
    const side = entry.text(layout.side);
    if (![LEFT, RIGHT, layout.padding, layout.empty].includes(side)) throw new Fault(`${entry.where}.${layout.side} is no side`);
    const node = nodeOf(entry, rules, layout.negative);
    const holds = Object.values(node.sums).some((units) => units !== 0n);
    const isNone = side !== LEFT && side !== RIGHT;
    if (isNone && holds) throw new Fault(`${entry.where}: stands for none, and holds amounts`);
    const may = side === RIGHT && layout.padding === RIGHT && !holds; // a format without a word of its own for padding
    return { node, onLeft: side === LEFT, padding: may ? null : isNone && side === layout.padding };
  }

  return async (file) => {
    const value = await fieldsOf(file);
    const [own, entries] = [value.object("self"), value.objects("path", DEEPEST_TREE + 1)];
    if (entries.length < 2) throw new Fault(`a path of ${entries.length} entries; expected a sibling and the root at least`);
    const all = [own, ...entries];
    const audits = new Set(all.filter((entry) => entry.has("auditId")).map((entry) => entry.text("auditId")));
    if (audits.size > 1) throw new Fault("entries of different audits");
    const rules = await layout.rules(own);
    const depth = entries.length;
    all.forEach((entry, position) => {
      const above = Math.max(position - 1, 0); // the first sibling is on the record's own level
      const expected = BigInt(layout.rises ? above + 1 : depth - above);
      if (entry.integer(layout.level) !== expected) throw new Fault(`${entry.where}.${layout.level}: a level has to be ${expected}`);
    });
    const leaf = nodeOf(own, rules, false);
    const texts = own.object(layout.amounts).held;
    if ((await hash(rules.leaf(own, texts, leaf.sums))) !== leaf.digest) {
      throw new Fault("the record does not have the hash that the file states");
    }
    const side = own.text(layout.side, /^[12]$/);
    let reached = leaf;
    for (const [level, entry] of entries.slice(0, -1).entries()) {
      const { node, onLeft, padding } = stepOf(entry, rules);
      if (level === 0 && (side === LEFT) === onLeft) throw new Fault(`${entry.where}: stands on the same side as the record itself`);
      const repeats = node.digest === reached.digest;
      if (padding !== null && padding !== repeats) {
        throw new Fault(padding ? "padding does not repeat its neighbour" : "a node stands beside itself");
      }
      const [left, right] = onLeft ? [node, reached] : [reached, node];
      const sums = Object.fromEntries(rules.coins.map((coin) => [coin, rules.total(coin, left.sums[coin] + right.sums[coin])]));
      const counted = layout.rises ? level + 2 : depth - level - 1;
      reached = { digest: await hash(rules.parent(left.digest, right.digest, sums, counted)), sums };
    }
    const last = entries[depth - 1];
    if (layout.root !== undefined && last.text(layout.side) !== layout.root) throw new Fault(`${last.where}: the last entry is not the root`);
    const stated = nodeOf(last, rules, false);
    if (stated.digest !== reached.digest) throw new Fault("the path does not lead to the root that the file states");
    if (rules.coins.some((coin) => stated.sums[coin] !== reached.sums[coin])) {
      throw new Fault("the path's amounts do not come to those that the file states beside the root");
    }
    if (layout.spelled) {
      for (const [coin, text] of Object.entries(last.object(layout.amounts).held)) {
        if (!rules.coins.includes(coin) || text !== rules.written(coin, reached.sums[coin])) {
          throw new NotUnderstood(`${last.where}: ${coin} is not as the tree writes sums`);
        }
      }
    }
    const amounts = rules.coins.map((coin) => [coin, strippedText(leaf.sums[coin])]);
    return { root: reached.digest, account: own.text(layout.account), amounts };
  };
}
