// What a customer brings: files, their JSON and their lines. Bounded in size, nesting and number of values before any of it
// is believed; numbers stay the text that they are written as, since a double has lost digits already. The same rules as
// proofs/liabilities/reading.py has. No format is known here.

const MOST_CUSTOMER_BYTES = 4 << 20;
const MOST_TREE_BYTES = 256 << 20;
const DEEPEST_JSON = 16;
const MOST_VALUES = 2_000_000;

/** The file is not of the format, or of a release of it that is not known. It may be good. */
class NotUnderstood extends Fault {}

/** It is beyond a bound of this page, which says nothing of the exchange. */
class TooLarge extends NotUnderstood {
  constructor(where, what, most) {
    super(`${where}: ${what}: more than this page reads (limit ${number(most)}), so that it was not judged`);
  }
}

/** The root alone leads nowhere in this format: what the exchange published is needed. */
class NeedsFiles extends NotUnderstood {}

/** The customer's file holds together, but leads to another root than the signed one. */
class OtherRoot extends Fault {
  constructor(signed, leadsTo) {
    super(`it leads to the root ${leadsTo}, not to the signed root ${signed}`);
  }
}

/** What the exchange published for everybody does not hold itself, whatever the customer's file says. */
class PublishedFault extends Fault {}

/** The text of a file. Raises TooLarge, and NotUnderstood for what is no text. */
async function textOf(file, most = MOST_CUSTOMER_BYTES) {
  if (file.size > most) throw new TooLarge(file.name, "too many bytes", most);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
  } catch (error) {
    throw new NotUnderstood(`${file.name}: ${error instanceof TypeError ? "not text in UTF-8" : `not to be read: ${error}`}`);
  }
}

/** How a file begins: enough to tell of which kind it is. A folder has no text. */
const headOf = (file) => file.slice(0, 4096).text().catch(() => "");

const SPACE = /[ \t\n\r]*/y;
const PLAIN = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null/y;
const WORDS = { true: true, false: false, null: null };

/** A JSON text's value (RFC 8259), with numbers as text and objects without a prototype. Raises NotUnderstood for what is no
 * JSON, and for a key that stands twice in one object; TooLarge for what nests too deep or holds too many values. */
function valueOfJson(text, name) {
  let [at, values] = [0, 0];
  const wrong = (what) => new NotUnderstood(`${name}: no JSON text: ${what}`);
  const taken = (pattern) => {
    pattern.lastIndex = at;
    const [found] = pattern.exec(text) ?? [];
    at += found?.length ?? 0;
    return found;
  };
  const is = (character) => {
    taken(SPACE);
    if (text[at] !== character) return false;
    at += 1;
    return true;
  };
  const expect = (character) => {
    if (!is(character)) throw wrong(`no ${character} at character ${at + 1}`);
  };
  const string = () => {
    const start = at;
    for (let end = at; ; ) {
      end = text.indexOf('"', end + 1);
      if (end < 0) throw wrong("a text without an end");
      let before = end;
      while (text[before - 1] === "\\") before -= 1;
      if ((end - before) % 2) continue; // the quote belongs to the text
      at = end + 1;
      try {
        return JSON.parse(text.slice(start, at));
      } catch {
        throw wrong(`no text at character ${start + 1}`);
      }
    }
  };
  const entries = (end, entry) => {
    if (is(end)) return;
    do entry();
    while (is(","));
    expect(end);
  };
  const value = (depth) => {
    values += 1;
    if (values > MOST_VALUES) throw new TooLarge(name, "too many values", MOST_VALUES);
    taken(SPACE);
    if (text[at] === '"') return string();
    if (text[at] !== "{" && text[at] !== "[") {
      const found = taken(PLAIN);
      if (!found) throw wrong(`no value at character ${at + 1}`);
      return Object.hasOwn(WORDS, found) ? WORDS[found] : found;
    }
    if (depth === DEEPEST_JSON) throw new TooLarge(name, "values within values", DEEPEST_JSON);
    if (is("[")) {
      const list = [];
      entries("]", () => list.push(value(depth + 1)));
      return list;
    }
    at += 1;
    const object = Object.create(null);
    entries("}", () => {
      taken(SPACE);
      if (text[at] !== '"') throw wrong(`no key at character ${at + 1}`);
      const key = string();
      if (key in object) throw wrong("a key stands twice in one object");
      expect(":");
      object[key] = value(depth + 1);
    });
    return object;
  };
  const whole = value(0);
  taken(SPACE);
  if (at !== text.length) throw wrong(`something follows behind it, at character ${at + 1}`);
  return whole;
}

const ANY_TEXT = /^[^\x00-\x1f\ud800-\udfff]{0,200}$/u;

/** One JSON object, asked field by field; what is not as expected is NotUnderstood, named by where it stands. */
class Fields {
  constructor(value, where) {
    if (value === null || typeof value !== "object" || Array.isArray(value)) throw new NotUnderstood(`${where}: expected a JSON object`);
    Object.assign(this, { held: value, where, names: Object.keys(value) });
  }

  has(key) {
    return key in this.held;
  }

  only(...keys) {
    const strange = this.names.find((name) => !keys.includes(name));
    if (strange !== undefined) throw new NotUnderstood(`${this.where}: unknown field ${strange}`);
  }

  text(key, pattern = ANY_TEXT) {
    const value = this.get(key);
    if (typeof value !== "string" || !pattern.test(value)) throw new NotUnderstood(`${this.where}.${key} is not as the format has it`);
    return value;
  }

  /** A whole number, as a BigInt, within the bounds of the format. Raises Fault beyond. */
  number(key, least, most) {
    const value = this.integer(key);
    if (value < least || value > most) throw new Fault(`${this.where}.${key}: ${value} is not between ${least} and ${most}`);
    return value;
  }

  /** One that the exchange chose, within the bounds of what is read. Raises NotUnderstood below, TooLarge beyond. */
  setting(key, least, most) {
    const value = this.integer(key);
    if (value < least) throw new NotUnderstood(`${this.where}.${key}: ${value}; expected ${least} or more`);
    if (value > most) throw new TooLarge(`${this.where}.${key}`, value, most);
    return value;
  }

  integer(key) {
    return BigInt(this.text(key, /^-?[0-9]{1,20}$/));
  }

  object(key) {
    return new Fields(this.get(key), `${this.where}.${key}`);
  }

  values(key, most) {
    const value = this.get(key);
    if (!Array.isArray(value)) throw new NotUnderstood(`${this.where}.${key}: expected a list`);
    if (value.length > most) throw new TooLarge(`${this.where}.${key}`, `${number(value.length)} entries`, most);
    return value;
  }

  objects(key, most) {
    return this.values(key, most).map((each, position) => new Fields(each, `${this.where}.${key}[${position}]`));
  }

  get(key) {
    if (!this.has(key)) throw new NotUnderstood(`${this.where}: no field ${key}`);
    return this.held[key];
  }
}

/** The fields of a JSON file. Raises NotUnderstood. */
const fieldsOf = async (file, most) => new Fields(valueOfJson(await textOf(file, most), file.name), file.name);

/** The lines of a file, without their line feeds, taken so many at a time; little more than that is held of it. */
class Lines {
  constructor(file, longest) {
    if (file.size > MOST_TREE_BYTES) throw new TooLarge(file.name, "too many bytes", MOST_TREE_BYTES);
    const chunks = file.stream().getReader();
    Object.assign(this, { file, longest, chunks, decoder: new TextDecoder("utf-8", { fatal: true }), waiting: [], rest: "", ended: false });
  }

  /** So many lines; fewer only at the end of the file. */
  async take(count) {
    while (this.waiting.length < count && !this.ended) {
      const { value, done } = await this.chunks.read();
      try {
        this.rest += done ? this.decoder.decode() : this.decoder.decode(value, { stream: true });
      } catch {
        throw new NotUnderstood(`${this.file.name}: not text in UTF-8`);
      }
      const lines = this.rest.split("\n");
      this.rest = lines.pop();
      if (this.rest.length > this.longest) throw new TooLarge(this.file.name, "a line of too many bytes", this.longest);
      this.waiting = this.waiting.concat(lines);
      if (done && this.rest) this.waiting.push(this.rest);
      this.ended = done;
    }
    return this.waiting.splice(0, count);
  }
}
