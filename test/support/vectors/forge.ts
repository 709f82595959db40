/** Signs entries that an honest client does not compose. */
import { type EntryType, entryDomain, type RoomId, type SignedEntry, toBase64url, utf8 } from '@chat/protocol';
import type { Domain, Signer } from '@chat/room';

/** Signs a text as the payload of an entry, under the domain of its type and room unless another domain is given. */
export function signedText(
  signer: Signer,
  type: EntryType,
  roomId: RoomId,
  payload: string,
  domain: Domain = entryDomain(type, roomId),
): SignedEntry {
  const signature = toBase64url(signer.sign(domain, utf8(payload)));
  return { type, payload, by: signer.fingerprint, signature };
}

/** Signs an object as the payload of an entry. */
export const signed = (signer: Signer, type: EntryType, roomId: RoomId, payload: object): SignedEntry =>
  signedText(signer, type, roomId, JSON.stringify(payload));

/** Returns the entry with some fields of its payload changed, and signed again. */
export const resigned = (signer: Signer, roomId: RoomId, { type, payload }: SignedEntry, change: object): SignedEntry =>
  signed(signer, type, roomId, { ...JSON.parse(payload), ...change });
