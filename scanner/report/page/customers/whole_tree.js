// A whole tree in one file, root first, level by level: every parent is made again from its children. The file is read by two
// readers, so that only lines at which something is done are in memory. The same as proofs/liabilities/levels.py. No format is
// known here.

const PARENTS_AT_ONCE = 1024;

/** Checks a tree whose file has `head` lines before its root, of so many levels below it. Raises PublishedFault.
 *
 * `format`: `longest`, the most characters of a line; `node(line, height, place)`, a line's node; `parent(left, right, height)`,
 * a promise of the line above two nodes; `reversed`, whether a level is written from right to left; `pads(nodes)`, whether the
 * first of two nodes with which a level begins stands for none; `leaf(node, index)`, what is done at each leaf. */
async function walkTree(file, { head, depth }, format) {
  const [above, below] = [new Lines(file, format.longest), new Lines(file, format.longest)];
  await above.take(head);
  await below.take(head + 1);
  const seen = new Set();
  let [parents, place] = [1, head + 2];
  for (let height = depth; height > 0; height -= 1) {
    let pads = false;
    for (let done = 0; done < parents; ) {
      const count = Math.min(PARENTS_AT_ONCE, parents - done);
      const stated = await above.take(count);
      const lines = await below.take(2 * count);
      if (lines.length < 2 * count) throw new PublishedFault(`${file.name}: ends within the level of height ${height}`);
      const nodes = lines.map((line, at) => format.node(line, height, place + at));
      if (!done) pads = format.pads?.(nodes) ?? false;
      await Promise.all(stated.map(async (line, at) => {
        const pair = nodes.slice(2 * at, 2 * at + 2);
        const [left, right] = format.reversed ? pair.reverse() : pair;
        if ((await format.parent(left, right, height + 1)) !== line) {
          throw new PublishedFault(`${file.name}: the children at line ${place + 2 * at} do not make what the file states`);
        }
      }));
      if (height === 1) {
        const leaves = pads && !done ? nodes.slice(1) : nodes;
        for (const { digest } of leaves) {
          if (seen.has(digest)) throw new PublishedFault(`${file.name}: the leaf ${digest} stands twice`);
          seen.add(digest);
        }
        await Promise.all(leaves.map((leaf, at) => format.leaf(leaf, 2 * done + at)));
      }
      done += count;
      place += lines.length;
    }
    if (pads) await above.take(1);
    parents = 2 * parents - (pads ? 1 : 0);
  }
  if ((await below.take(1)).length) throw new PublishedFault(`${file.name}: line ${place}: more lines than the tree has nodes`);
}
