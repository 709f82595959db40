/**
 * What writer and reader agree on beyond RFC 8949: how deep values are, and which texts travel as bytes with the tag for their text
 * form (section 3.4.5.2).
 */

/** The tag for bytes whose text is base64url. */
export const base64urlTag = 21;
/** The tag for bytes whose text is hex. */
export const hexTag = 23;

/** Objects and arrays inside each other. The deepest frame has 6; a deeper one would fill the stack of its receiver. */
export const maxDepth = 32;

/** Bytes of the longest key. No text this short has a tag. */
export const maxKeyBytes = 31;

const shortestHex = 32;
const longestHex = 64;
const hexText = /^[0-9a-f]+$/;
const shortestBase64url = 43;
const base64urlText = /^[A-Za-z0-9_-]+$/;

/** Returns whether the last character carries no bits but those of whole bytes. `rest`: characters after the last whole group of four. */
function hasWholeBytes(last: string, rest: number): boolean {
  if (rest === 0) return true;
  return rest === 1 ? false : (rest === 2 ? 'AQgw' : 'AEIMQUYcgkosw048').includes(last);
}

/** Returns the tag with which a text travels as bytes; null for a text that travels as itself. */
export function tagOf(text: string): typeof base64urlTag | typeof hexTag | null {
  const { length } = text;
  if (length < shortestHex) return null;
  if ((length === shortestHex || length === longestHex) && hexText.test(text)) return hexTag;
  if (length < shortestBase64url || !base64urlText.test(text)) return null;
  return hasWholeBytes(text.charAt(length - 1), length % 4) ? base64urlTag : null;
}
