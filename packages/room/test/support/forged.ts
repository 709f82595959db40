/** Messages with a valid encryption and signature and a wrong content. */
import type { SignedEntry } from '@chat/protocol';
import { messageKey } from '../../src/keys/schedule.ts';
import { currentSecret } from '../../src/keys/secret.ts';
import { encodeContent } from '../../src/padding.ts';
import { crypto, type Person, signAnything } from './people.ts';

/** Composes a message whose content, place of the key (`room`, `epoch`, `author`) or author view is changed before `person` encrypts and signs it. */
export function forge(
  person: Person,
  change: (content: Record<string, unknown>) => void,
  head: { readonly seq: number; readonly hash: string } = person.state.head,
): SignedEntry {
  const current = currentSecret(person.state);
  if (current === null) throw new Error('no key');
  const chain = person.state.authors.get(person.signer.fingerprint);
  const content = {
    room: person.state.room,
    epoch: current.epochNumber,
    author: person.signer.fingerprint,
    counter: (chain?.counter ?? 0) + 1,
    previous: chain?.last ?? '',
    at: person.now,
    body: { kind: 'text' as const, text: 'forged' },
  };
  change(content);
  const { room, epoch, author, ...encrypted } = content;
  const key = messageKey(crypto, current.secret, { roomId: room, epochNumber: epoch, author });
  const token = crypto.encrypt(key, encodeContent(encrypted), person.now);
  const payload = { type: 'message', epoch: current.epochNumber, head, token };
  return signAnything(person.signer, 'message', person.state.room, payload);
}
