// The DSSE envelope and Ed25519 keys: who signed the bytes that this page shows.
// Sources: DSSE 1.0 (protocol.md), RFC 8032 (Ed25519), RFC 8410 (its keys), RFC 7468 (PEM); Web Cryptography API Level 2.

const PAYLOAD_TYPE = "application/vnd.in-toto+json";
const STATEMENT_TYPE = "https://in-toto.io/Statement/v1";
/** By the type that a statement names, its predicate in the keys of the newest version (scanner/attesting/formats). */
const VERSIONS = new Map([["urn:uuid:21e11443-65ea-4fd4-8f29-dae74c9ea50c#reserve-attestation/v1", (predicate) => predicate]]);
const ED25519_SPKI = "302a300506032b6570032100"; // all of a SubjectPublicKeyInfo but the 32 bytes of the key

/** A document's payload, and the signatures over it: none for a statement without a signature. */
function opened(text) {
  if (text.startsWith('{"_type"')) return { payload: bytesOfText(text), signatures: [] };
  const envelope = valueOfCanonicalJson(text.replace(/\n$/, ""), "the envelope");
  if (envelope.payloadType !== PAYLOAD_TYPE) throw new Fault("the envelope holds no in-toto statement");
  const signatures = envelope.signatures.map(({ keyid, sig }) => ({ keyid, sig: bytesOfBase64(sig, "a signature") }));
  return { payload: bytesOfBase64(envelope.payload, "the payload"), signatures };
}

/** Finding and run of a payload, which has to be a statement of our kind, about the files that it names. */
function predicateOf(payload) {
  const statement = valueOfCanonicalJson(textOfBytes(payload, "the statement"), "the statement");
  const inNewest = VERSIONS.get(statement.predicateType);
  if (statement._type !== STATEMENT_TYPE || inNewest === undefined) throw new Fault("the statement is of another kind");
  const { finding, run } = inNewest(statement.predicate);
  const named = { claim: finding.claim, "evidence.csv.gz": run.evidence, "witness.bin": run.witness };
  const subjects = Object.entries(named).filter(([, digest]) => digest !== null);
  const expected = subjects.map(([name, digest]) => ({ digest: { sha256: digest.replace(/^sha256:/, "") }, name }));
  if (canonicalJson(statement.subject) !== canonicalJson(expected)) {
    throw new Fault("the statement is not about the claim and the evidence that it names");
  }
  return { finding, run };
}

/** DSSE's pre-authentication encoding: what signatures are made over. */
function signedBytes(payload) {
  const head = bytesOfText(`DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${payload.length} `);
  const bytes = new Uint8Array(head.length + payload.length);
  bytes.set(head);
  bytes.set(payload, head.length);
  return bytes;
}

/** SubjectPublicKeyInfo of an Ed25519 key in PEM. */
function spkiOfPem(text) {
  const blocks = Array.from(text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----([\sA-Za-z0-9+/=]*)-----END \1-----/g));
  if (/PRIVATE KEY/.test(text)) throw new Fault("that is a private key; it must stay private. Paste the public one");
  if (blocks.length !== 1 || blocks[0][1] !== "PUBLIC KEY") {
    throw new Fault("that is no public key in PEM: one block, from -----BEGIN PUBLIC KEY----- to its end");
  }
  return ed25519(bytesOfBase64(blocks[0][2].replace(/\s/g, ""), "the key"));
}

function ed25519(spki) {
  if (spki.length !== 44 || !hexOfBytes(spki).startsWith(ED25519_SPKI)) throw new Fault("that is no Ed25519 key");
  return spki;
}

/** Whether this browser can check Ed25519 signatures at all. */
async function knowsEd25519() {
  if (!globalThis.crypto?.subtle) return false;
  const basePoint = "5866666666666666666666666666666666666666666666666666666666666666"; // RFC 8032, section 5.1
  const key = Uint8Array.from(`${ED25519_SPKI}${basePoint}`.match(/../g), (pair) => parseInt(pair, 16));
  try {
    await crypto.subtle.importKey("spki", key, "Ed25519", false, ["verify"]);
    return true;
  } catch {
    return false;
  }
}

/** The name of the key, and its signature if that is there and holds. One that names the key has to be the key's; where
 * none does, as other tools write envelopes, it may be any. */
async function signedBy({ payload, signatures }, spki) {
  const keyid = await sha256(spki);
  const named = signatures.filter((each) => each.keyid === keyid);
  const key = await crypto.subtle.importKey("spki", spki, "Ed25519", false, ["verify"]).catch(() => {
    throw new Fault(`${keyid} is no usable Ed25519 key`);
  });
  for (const signature of named.length ? named : signatures) {
    if (await crypto.subtle.verify("Ed25519", key, signature.sig, signedBytes(payload))) return { keyid, signature };
  }
  throw new Fault(
    named.length
      ? `the signature in the name of the key ${keyid} is not that key's over this ${STATED}`
      : `the key ${keyid} has not signed this ${STATED}`,
  );
}
