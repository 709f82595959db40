/**
 * The fourth example: a room that was created before signatures needed a low s and before payloads were binary. It has entries in JSON,
 * one of them with a high s, and then a message in the present form.
 */
import { entryDomain, entryHash, fromBase64url, type SignedEntry, utf8 } from '@chat/protocol';
import { isLowS } from '@chat/signatures';
import { otherSignature } from '@chat/testkit';
import { fieldsOf } from '../payload-fields.ts';
import { signedBytes } from './forge.ts';
import { type Participant, RecordedRoom } from './recorded-room.ts';
import type { SignerOf } from './signers.ts';

/** Returns the entry with the signature whose s is high. */
export function withHighS(entry: SignedEntry): SignedEntry {
  const { signature } = entry;
  return isLowS(signature) ? { ...entry, signature: otherSignature(signature) } : entry;
}

/** Returns the entry with its payload in JSON, signed again. */
function inJson(recorded: RecordedRoom, { signer }: Participant, { type, payload }: SignedEntry): SignedEntry {
  const json = utf8(JSON.stringify(fieldsOf(payload)));
  return signedBytes(signer, type, recorded.roomId, json, entryDomain(type, recorded.roomId));
}

/** Makes the first epoch of the room. */
function rekey(recorded: RecordedRoom, person: Participant): void {
  const { entry, wraps, state } = recorded.epoch(person, person.state);
  const earlier = inJson(recorded, person, entry);
  recorded.wraps.set(1, wraps);
  const secret = state.draft?.secret ?? '';
  person.state = { ...person.state, draft: { hash: entryHash(earlier), secret } };
  recorded.append(earlier);
}

/** Composes a message whose payload and content are JSON. */
function earlierMessage(recorded: RecordedRoom, person: Participant, text: string): SignedEntry {
  const { crypto, now, signer } = recorded.author(person);
  const { room, head, authors, secrets } = person.state;
  const { counter, last } = authors.get(signer.fingerprint) ?? { counter: 0, last: '' };
  const body = { kind: 'text', text };
  const place = { room, epoch: 1, author: signer.fingerprint };
  const content = utf8(JSON.stringify({ v: 1, ...place, counter: counter + 1, previous: last, at: now, body }));
  const padded = new Uint8Array(512).fill(0x20);
  padded.set(content);
  const key = crypto.derive(fromBase64url(secrets[1] ?? ''), `chat/1 message ${room} 1`);
  const token = Buffer.from(crypto.encrypt(key, padded, now))
    .toString('base64')
    .replaceAll('+', '-')
    .replaceAll('/', '_');
  const payload = utf8(JSON.stringify({ v: 1, type: 'message', room, epoch: 1, head, token }));
  return signedBytes(signer, 'message', room, payload);
}

/** Records the room. */
export function recordEarlier(signerOf: SignerOf): RecordedRoom {
  const recorded = new RecordedRoom('archive', { join: 'open', history: 'since-join' }, signerOf);
  const alice = recorded.participant('alice');
  recorded.create(alice, { v: 1 }, (entry) => inJson(recorded, alice, entry));
  rekey(recorded, alice);
  recorded.append(withHighS(earlierMessage(recorded, alice, 'Signed in the old way.')));
  recorded.append(earlierMessage(recorded, alice, 'Signed in the new way.'));
  recorded.say(alice, 'Encoded in the new way.');
  return recorded;
}
