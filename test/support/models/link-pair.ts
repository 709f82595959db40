/** Both ends of the links from one user to another, as the client keeps them, for the tables and trails of the model of links. */
import { fromBase64url, prekeyId, type RoomId, toBase64url, toHex } from '@chat/protocol';
import { createRoomCrypto, wrapContext } from '@chat/room';
import type { FoundWrap } from '../../../packages/client/src/context.ts';
import { type ReceivedOpening, RecipientLinks } from '../../../packages/client/src/keys/links/recipient-links.ts';
import { SenderLinks } from '../../../packages/client/src/keys/links/sender-links.ts';
import { authority } from '../../../packages/client/test/support/isolated-client.ts';
import { ManualClock } from '../../../packages/client/test/support/manual-clock.ts';

export const roomId: RoomId = '1'.repeat(64);
const secret = new Uint8Array(32).fill(7);

/** A sender's and a recipient's ends of links. */
export class LinkPair {
  readonly from = 'a'.repeat(64);
  readonly to = 'b'.repeat(64);
  readonly crypto = createRoomCrypto();
  /** The sender's clock. */
  readonly clock = new ManualClock();
  /** The recipient's clock. */
  readonly recipientClock = new ManualClock();
  sender = this.#newSender({});
  recipient = this.#newRecipient([]);
  /** Openings in the order in which they were made. */
  readonly openings: ReceivedOpening[] = [];
  #prekeys = [this.crypto.newPrekey()];

  #newSender(stored: ReturnType<SenderLinks['toJSON']>): SenderLinks {
    const signer = { fingerprint: this.from } as never;
    return new SenderLinks({ crypto: this.crypto, scheduler: this.clock, authority, signer }, stored);
  }

  #newRecipient(stored: ReturnType<RecipientLinks['toJSON']>): RecipientLinks {
    const find = (id: Uint8Array) =>
      this.#prekeys.find(({ publicKey }) => this.prekeyIdOf(toBase64url(publicKey)) === toHex(id)) ?? null;
    const signer = { fingerprint: this.to } as never;
    return new RecipientLinks(
      {
        crypto: this.crypto,
        scheduler: this.recipientClock,
        authority,
        signer,
        prekeys: { find } as never,
        isShared: () => true,
      },
      stored,
      { taken: () => {}, forget: () => {} },
    );
  }

  readonly prekeyIdOf = (prekey: string): string => toHex(prekeyId(prekey));

  /** The sender opens a link to the latest prekey. */
  open(): void {
    const publicKey = this.#prekeys.at(-1)?.publicKey ?? new Uint8Array();
    const opened = this.sender.open(this.to, publicKey);
    if (opened === null) throw new Error('no prekey');
    const prekey = prekeyId(toBase64url(publicKey));
    this.openings.push({ from: this.from, id: fromBase64url(opened.id), prekey, opening: opened.opening });
  }

  /** The recipient gets an opening: by default the latest one. Returns whether it takes it. */
  accept(opening = this.openings.at(-1)): boolean {
    if (opening === undefined) throw new Error('no opening');
    return this.recipient.accept(opening);
  }

  /** The sender wraps the key of an epoch. */
  wrap(epochNumber: number): FoundWrap {
    const wrap = this.sender.wrap(this.to, (link) => link.wrap(secret, wrapContext({ roomId, epochNumber })));
    if (wrap === null) throw new Error('no link');
    return { roomId, epochNumber, from: this.from, wrap };
  }

  /** The recipient takes a wrap. Returns whether it opens. */
  take(found: FoundWrap): boolean {
    if (typeof this.recipient.unwrap(found) === 'string') return false;
    this.recipient.took(roomId, { [found.epochNumber]: 'AAAA' });
    return true;
  }

  /** Returns the next step of the recipient's end of the latest link; null if it has none. */
  recipientSteps(): number | null {
    const id = toBase64url(this.openings.at(-1)?.id ?? new Uint8Array());
    const held = this.recipient.toJSON().find((each) => each.id === id)?.link ?? null;
    return held === null ? null : (held as { readonly next: number }).next;
  }

  newPrekey(): void {
    this.#prekeys.push(this.crypto.newPrekey());
  }

  /** Erases the earliest prekey. */
  erasePrekey(): void {
    this.#prekeys.shift();
  }

  /** The recipient begins with a profile without links. */
  forgetRecipient(): void {
    this.recipient = this.#newRecipient([]);
  }

  /** Both begin with what they have stored. */
  restart(): void {
    this.sender = this.#newSender(JSON.parse(JSON.stringify(this.sender)));
    this.recipient = this.#newRecipient(JSON.parse(JSON.stringify(this.recipient)));
  }
}

/** Returns a wrap that names the latest link. */
export function otherWrap({ openings, from }: LinkPair): FoundWrap {
  const wrap = new Uint8Array(60);
  wrap.set(openings.at(-1)?.id ?? []);
  return { roomId, epochNumber: 99, from, wrap };
}
