/** The fourth example: a room that was created before signatures needed a low s, with an entry whose s is high. */
import { fromBase64url, type SignedEntry, toBase64url } from '@chat/protocol';
import { composeMessage } from '@chat/room';
import { isLowS } from '@chat/signatures';
import { otherSignature } from '@chat/testkit';
import { RecordedRoom } from './recorded-room.ts';
import type { SignerOf } from './signers.ts';

/** Returns the entry with the signature whose s is high. */
export function withHighS(entry: SignedEntry): SignedEntry {
  const signature = fromBase64url(entry.signature);
  return isLowS(signature) ? { ...entry, signature: toBase64url(otherSignature(signature)) } : entry;
}

/** Records the room. */
export function recordEarlier(signerOf: SignerOf): RecordedRoom {
  const recorded = new RecordedRoom('archive', { join: 'open', history: 'since-join' }, signerOf);
  const alice = recorded.participant('alice');
  recorded.create(alice, { v: 1 });
  recorded.rekey(alice);
  recorded.append(withHighS(composeMessage(recorded.author(alice), alice.state, 'Signed in the old way.')));
  recorded.say(alice, 'Signed in the new way.');
  return recorded;
}
