// Bytes and the texts that stand for them: base64, hex, UTF-8, SHA-256, canonical JSON. Each has one spelling; any other
// is refused. What the bytes mean is not known here.
// Sources: RFC 4648 section 4 (base64), RFC 8785 (canonical JSON), as docs/predicate.md narrows it down.

/** What is wrong, in words for the reader of the page. */
class Fault extends Error {}

function bytesOfBase64(text, what) {
  let binary = "";
  try {
    binary = atob(text);
  } catch {
    throw new Fault(`${what} is not base64`);
  }
  if (btoa(binary) !== text) throw new Fault(`${what} is not base64 in its standard form`);
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

function hexOfBytes(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const bytesOfHex = (text) => Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));

function textOfBytes(bytes, what) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Fault(`${what} is not text in UTF-8`);
  }
}

function bytesOfText(text) {
  return new TextEncoder().encode(text);
}

/** A number below 2^64 as its eight bytes in hex, the lowest first. */
const turnedDigits = (value) => value.toString(16).padStart(16, "0").match(/../g).reverse().join("");

/** SHA-256 of bytes, as 64 hex digits. */
async function sha256(bytes) {
  return hexOfBytes(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}

/** A value as canonical JSON. Integers only, and only those that a double holds exactly. */
function canonicalJson(value) {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const member = (key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`;
    return `{${Object.keys(value).sort().map(member).join(",")}}`;
  }
  if (typeof value === "number" && !Number.isSafeInteger(value)) throw new Fault(`${value} is no exact integer`);
  return JSON.stringify(value);
}

/** The value of canonical JSON. A text that canonicalJson would not have written is refused: a key that stands twice, a
 * blank, a fraction, an integer that was rounded while it was read. */
function valueOfCanonicalJson(text, what) {
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Fault(`${what} is not JSON`);
  }
  if (canonicalJson(value) !== text) throw new Fault(`${what} is not in canonical form`);
  return value;
}
