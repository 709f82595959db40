/** Messages with a valid encryption and signature and a wrong content. */
import type { SignedEntry } from '@chat/protocol';
import { messageKey } from '../../src/keys/schedule.ts';
import { currentSecret } from '../../src/keys/secret.ts';
import { encodeContent } from '../../src/padding.ts';
import { crypto, type Person, signAnything } from './people.ts';

/** Composes a message whose content or author view is changed before `person` encrypts and signs it. */
export function forge(
  person: Person,
  change: (content: Record<string, unknown>) => void,
  head: { readonly seq: number; readonly hash: string } = person.state.head,
): SignedEntry {
  const current = currentSecret(person.state);
  if (current === null) throw new Error('no key');
  const chain = person.state.authors[person.signer.fingerprint];
  const content = {
    v: 1 as const,
    room: person.state.room,
    epoch: current.epochNumber,
    author: person.signer.fingerprint,
    counter: (chain?.counter ?? 0) + 1,
    previous: chain?.last ?? '',
    at: person.now,
    body: { kind: 'text' as const, text: 'forged' },
  };
  change(content);
  const key = messageKey(crypto, current.secret, { roomId: person.state.room, epochNumber: current.epochNumber });
  const token = crypto.encrypt(key, encodeContent(content), person.now);
  const payload = { v: 1, type: 'message', room: person.state.room, epoch: current.epochNumber, head, token };
  return signAnything(person.signer, 'message', person.state.room, payload);
}
