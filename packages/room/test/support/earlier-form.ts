/** Entries in the form before version 3 of the protocol: payloads and contents in JSON. */
import { fromBase64url, type SignedEntry, utf8 } from '@chat/protocol';
import { legacyMessageKey } from '../../src/keys/schedule.ts';
import { currentSecret } from '../../src/keys/secret.ts';
import { crypto, fieldsOf, type Person, signAnything } from './people.ts';

/** Returns the entry with its payload in JSON, signed again. Not for messages. */
export function inJson(person: Person, roomId: string, { type, payload }: SignedEntry): SignedEntry {
  return signAnything(person.signer, type, roomId, utf8(JSON.stringify(fieldsOf(payload))));
}

/** Composes a message in JSON, after a change of its content, of the payload or of the key. */
export function earlierMessage(
  { signer, state, now }: Person,
  text: string,
  change: { readonly content?: object; readonly payload?: object; readonly key?: Uint8Array } = {},
): SignedEntry {
  const current = currentSecret(state);
  const chain = state.authors.get(signer.fingerprint);
  if (current === null || chain === undefined) throw new Error('no key');
  const { epochNumber, secret } = current;
  const content = {
    ...{ v: 1, room: state.room, epoch: epochNumber, author: signer.fingerprint },
    ...{ counter: chain.counter + 1, previous: chain.last, at: now, body: { kind: 'text', text } },
    ...change.content,
  };
  const padded = new Uint8Array(512).fill(0x20);
  padded.set(utf8(JSON.stringify(content)));
  const key = change.key ?? legacyMessageKey(crypto, secret, { roomId: state.room, epochNumber });
  const token = Buffer.from(crypto.encrypt(key, padded, now))
    .toString('base64')
    .replaceAll('+', '-')
    .replaceAll('/', '_');
  const payload = { v: 1, type: 'message', room: state.room, epoch: epochNumber, head: state.head, token };
  return signAnything(signer, 'message', state.room, utf8(JSON.stringify({ ...payload, ...change.payload })));
}

/** Returns the secret of the latest epoch. */
export const secretOf = ({ state }: Person): Uint8Array => fromBase64url(state.secrets[state.epoch?.number ?? 0] ?? '');
