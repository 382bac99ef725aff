import { hash } from "node:crypto";

/** Writes the 128 bits that stand for a UID into `key` (4 words): a UUID's own bits, else the beginning of a SHA-256. */
export function writeUidKey(uid: string, key: Uint32Array): void {
  if (!writeUuid(uid, key)) writeDigest(uid, key);
}

/** The 128 bits that stand for a UID, as 4 words; valid until the next call. */
export function uidKey(uid: string): Uint32Array {
  writeUidKey(uid, shared);
  return shared;
}

const shared = new Uint32Array(4);

/** Writes the 128 bits that stand for a namespace and a name into `key` (4 words). Neither may contain a NUL. */
export function writeNameKey(namespace: string, name: string, key: Uint32Array): void {
  writeDigest(`${namespace}\0${name}`, key);
}

/** A digest that nobody can find a second text for: a collision would hide an object. */
function writeDigest(text: string, key: Uint32Array): void {
  const digest = hash("sha256", text, "buffer");
  for (let word = 0; word < 4; word++) key[word] = digest.readUInt32LE(word * 4);
}

/** Only the canonical form, in lower case: any other text is another UID. */
function writeUuid(text: string, key: Uint32Array): boolean {
  if (text.length !== 36) return false;
  let digits = 0;
  let word = 0;
  for (let at = 0; at < 36; at++) {
    const code = text.charCodeAt(at);
    if (at === 8 || at === 13 || at === 18 || at === 23) {
      if (code !== 0x2d) return false;
      continue;
    }
    const digit =
      code >= 0x30 && code <= 0x39 ? code - 0x30 : code >= 0x61 && code <= 0x66 ? code - 0x57 : -1;
    if (digit < 0) return false;
    word = (word << 4) | digit;
    if (++digits % 8 === 0) key[digits / 8 - 1] = word;
  }
  return true;
}
