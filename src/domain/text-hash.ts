// A fast hash of a text, for names and look-ups. Rule: pure, not for secrets, and never another: values are kept.

/** Two unsigned halves of 32 bits, of FNV kind. Loading `node:crypto` would cost a hook more than hashing does. */
export function textHash(text: string): readonly [number, number] {
  let a = 0x811c9dc5;
  let b = 0x1b873593;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x5bd1e995) + (b >>> 15);
  }
  return [a >>> 0, b >>> 0];
}
