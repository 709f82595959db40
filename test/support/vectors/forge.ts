/** Signs entries that an honest client does not compose. */

import { type EntryType, encodePayload, entryDomain, type RoomId, type SignedEntry } from '@chat/protocol';
import type { Domain, Signer } from '@chat/room';
import { fieldsOf } from '../payload-fields.ts';

/** Signs bytes as the payload of an entry, under the domain of its type and room unless another domain is given. */
export function signedBytes(
  signer: Signer,
  type: EntryType,
  roomId: RoomId,
  payload: Uint8Array,
  domain: Domain = entryDomain(type, roomId),
): SignedEntry {
  return { type, payload, by: signer.fingerprint, signature: signer.sign(domain, payload) };
}

/** Signs an object as the payload of an entry. */
export const signed = (signer: Signer, type: EntryType, roomId: RoomId, payload: object): SignedEntry =>
  signedBytes(signer, type, roomId, encodePayload(payload));

/** Returns the entry with some fields of its payload changed, and signed again. */
export const resigned = (signer: Signer, roomId: RoomId, { type, payload }: SignedEntry, change: object): SignedEntry =>
  signed(signer, type, roomId, { ...fieldsOf(payload), ...change });
