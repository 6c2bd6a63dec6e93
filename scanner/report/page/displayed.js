// Whether the page displays what was signed, all of it, and nothing else.
//
// Each figure, name and text that was signed is marked with its place there: data-is="amount
// /finding/reserves/0/held". Marks are followed; what must be shown is looked for; and the page as a whole, words that no
// mark covers included, is compared with the digest it was written with. That digest is not signed: it finds what
// happened to the page after it was made, unless the digest was changed with it.

const VOID_ELEMENTS = new Set(["br", "hr", "input"]);
const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** The value at a JSON Pointer (RFC 6901). */
function valueAt(root, pointer) {
  return pointer.split("/").slice(1).reduce((value, part) => {
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    if (value === null || typeof value !== "object" || !Object.hasOwn(value, key)) {
      throw new Fault(`the page shows ${pointer}, which is not in the ${STATED}`);
    }
    return value[key];
  }, root);
}

/** What the page displays otherwise than it was signed, each in one sentence. `said` is what was signed, beside its
 * `signatures`; what must be shown of it, `mustBeShown` says. */
function faultsOfDisplay(main, said) {
  const faults = [];
  const seen = new Set();
  for (const element of main.querySelectorAll("[data-is]")) {
    const [kind, ...rest] = element.dataset.is.split(" ");
    const pointer = rest.join(" ");
    seen.add(pointer).add(element.dataset.is);
    const value = valueAt(said, pointer);
    if (kind === "bar") {
      const expected = segments(value, said.finding.policy.threshold);
      if (String(drawnSegments(element)) !== String(expected)) faults.push(`the bar of ${pointer} is drawn otherwise`);
      continue;
    }
    if (!Object.hasOwn(KINDS, kind)) throw new Fault(`the page shows something of an unknown kind, ${kind}`);
    const expected = KINDS[kind](kind === "key" ? keyOf(pointer) : value);
    if (element.textContent !== expected) {
      faults.push(`the page says “${visible(80)(element.textContent)}” where “${visible(80)(expected)}” was signed`);
    }
  }
  const missing = mustBeShown(said).filter((pointer) => !seen.has(pointer));
  if (missing.length) faults.push(`the page leaves out ${missing.slice(0, 3).join(", ")}`);
  return faults;
}

const keyOf = (pointer) => pointer.slice(pointer.lastIndexOf("/") + 1).replaceAll("~1", "/").replaceAll("~0", "~");

/** An element as element.py wrote it. Attributes that no page of ours has, and browsers' extensions add, are passed over:
 * they change nothing that is read here, and the page's policy takes the effect from `style`. */
function written(node) {
  if (node.nodeType === Node.TEXT_NODE) return escaped(node.data);
  if (node.nodeType !== Node.ELEMENT_NODE) return "";
  const ours = Array.from(node.attributes)
    .filter(({ name }) => name !== "style" && (name === "data-is" || !name.startsWith("data-")))
    .map(({ name, value }) => [name, value])
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const attributes = ours.map(([name, value]) => ` ${name}="${escaped(value)}"`).join("");
  const start = `<${node.localName}${attributes}>`;
  if (VOID_ELEMENTS.has(node.localName)) return start;
  return `${start}${Array.from(node.childNodes, written).join("")}</${node.localName}>`;
}

const escaped = (text) => text.replace(/[&<>"]/g, (character) => ESCAPES[character]);

/** The page as it was before any script touched it: its text, and whether anything stands beside it. */
function asItWas() {
  const main = document.getElementById("page");
  const beside = Array.from(document.body.children).filter((element) => element !== main);
  return {
    written: main === null ? "" : written(main),
    alone: beside.every((element) => element.localName === "script"),
    title: document.title,
  };
}

/** What happened to the page after it was written. */
async function faultsOfPage(page, digest, title) {
  const faults = [];
  if ((await sha256(bytesOfText(page.written))) !== digest) faults.push("the page was changed after it was written");
  if (!page.alone) faults.push("something was put beside the page's own content");
  if (page.title !== title) faults.push("the page's title was changed");
  return faults;
}
