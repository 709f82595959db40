/** Entries that no honest program composes, signed all the same. */
import { type EntryType, entryDomain, type SignedEntry, toBase64url, utf8 } from '@chat/protocol';
import type { Domain, Signer } from '@chat/room';

/** This text as the payload of an entry, under the domain of its type and room unless another is given. */
export function signedText(
  signer: Signer,
  type: EntryType,
  room: string,
  payload: string,
  domain: Domain = entryDomain(type, room),
): SignedEntry {
  const signature = toBase64url(signer.sign(domain, utf8(payload)));
  return { type, payload, by: signer.fingerprint, signature };
}

export const signed = (signer: Signer, type: EntryType, room: string, payload: object): SignedEntry =>
  signedText(signer, type, room, JSON.stringify(payload));

/** The same with some fields of its payload changed. */
export const resigned = (signer: Signer, room: string, { type, payload }: SignedEntry, change: object): SignedEntry =>
  signed(signer, type, room, { ...JSON.parse(payload), ...change });
