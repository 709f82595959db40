/**
 * A thief of an unlocked profile, who also has everything that the server has ever had: openings, wraps and entries, from before the theft
 * and from after it.
 */
import type { Stored } from '@chat/client';
import {
  type Fingerprint,
  FrameDecoder,
  fromBase64url,
  parsePayload,
  type RoomId,
  toBase64url,
  wrapBytes,
} from '@chat/protocol';
import { createRoomCrypto, linkContext, linkOf, type RecipientLink, wrapContext } from '@chat/room';
import type { Rewriting } from '../simulation/simulated/simulated-link.ts';
import { caFingerprint, type SimulatedServer } from '../simulation/simulated/simulated-server.ts';
import type { SimulatedUser } from '../simulation/simulated/simulated-user.ts';

const crypto = createRoomCrypto();

interface KeptOpening {
  readonly from: Fingerprint;
  readonly to: Fingerprint;
  readonly opening: Uint8Array;
}

interface KeptWrap {
  readonly roomId: RoomId;
  readonly epochNumber: number;
  readonly from: Fingerprint;
  readonly wrap: Uint8Array;
}

/** A server that keeps everything. */
export class Records {
  readonly #openings: KeptOpening[] = [];
  readonly #wraps: KeptWrap[] = [];

  /** Records what a user's clients send, on all later connections. */
  follow(user: SimulatedUser): void {
    user.rewriting = (): Rewriting => {
      const frames = new FrameDecoder();
      return {
        toClient: (bytes) => bytes,
        toServer: (bytes) => {
          for (const frame of frames.push(bytes)) this.#note(user.fingerprint, frame as Record<string, unknown>);
          return bytes;
        },
      };
    };
  }

  /** Returns the texts that a thief of this profile decrypts of the server's entries. */
  readableBy(stolen: Stored, victim: Fingerprint, server: SimulatedServer): string[] {
    const secrets = this.#secretsOf(stolen, victim);
    return [...server.disk.logs].flatMap(([roomId, entries]) => {
      const known = new Map(secrets.get(roomId));
      const epochs = entries.flatMap(({ entry }) =>
        entry.type === 'epoch' ? (parsePayload('epoch', entry.payload) ?? []) : [],
      );
      for (const { number, kind } of epochs) {
        const before = known.get(number - 1);
        if (kind === 'step' && before !== undefined) {
          known.set(number, crypto.derive(before, `chat/1 step ${roomId} ${number}`));
        }
      }
      for (const { number, past } of epochs.toReversed()) {
        const secret = known.get(number);
        if (past === undefined || secret === undefined) continue;
        const before = crypto.decrypt(crypto.derive(secret, `chat/1 past ${roomId} ${number}`), fromBase64url(past));
        if (before !== null) known.set(number - 1, before);
      }
      return entries.flatMap(({ entry }) => {
        const message = entry.type === 'message' ? parsePayload('message', entry.payload) : null;
        const secret = message === null ? undefined : known.get(message.epoch);
        if (message === null || secret === undefined) return [];
        const key = crypto.derive(secret, `chat/1 message ${roomId} ${message.epoch} ${entry.by}`);
        const plaintext = crypto.decrypt(key, message.token);
        return plaintext === null ? [] : [new TextDecoder().decode(plaintext)];
      });
    });
  }

  #note(from: Fingerprint, frame: Record<string, unknown>): void {
    const { op, room, number, links, wrap, wraps } = frame;
    const keep = (bytes: Uint8Array) => {
      const isBlank = bytes.every((byte) => byte === 0);
      const place = { roomId: String(room), epochNumber: Number(number) };
      if (!isBlank) this.#wraps.push({ ...place, from, wrap: Uint8Array.from(bytes) });
    };
    if (op === 'put-links') for (const each of links as KeptOpening[]) this.#openings.push({ ...each, from });
    if (op === 'give-key') keep(wrap as Uint8Array);
    if (op !== 'put-wraps') return;
    const slots = wraps as Uint8Array;
    for (let at = 0; at < slots.length; at += wrapBytes) keep(slots.subarray(at, at + wrapBytes));
  }

  /** By room and epoch number: the stored secrets, and those of all wraps that open. */
  #secretsOf(stolen: Stored, victim: Fingerprint): ReadonlyMap<RoomId, ReadonlyMap<number, Uint8Array>> {
    const secrets = new Map<RoomId, Map<number, Uint8Array>>();
    const add = (roomId: RoomId, epochNumber: number, secret: Uint8Array) => {
      secrets.set(roomId, (secrets.get(roomId) ?? new Map()).set(epochNumber, secret));
    };
    for (const [roomId, { state }] of Object.entries(stolen.rooms)) {
      for (const [number, secret] of Object.entries(state.secrets)) add(roomId, Number(number), fromBase64url(secret));
    }
    const ends = this.#endsOf(stolen, victim);
    for (const { roomId, epochNumber, from, wrap } of this.#wraps) {
      for (const end of ends.get(`${from} ${linkOf(wrap)}`) ?? []) {
        const unwrapped = end.unwrap(wrap, wrapContext({ roomId, epochNumber }));
        if (typeof unwrapped !== 'string') add(roomId, epochNumber, unwrapped.key);
      }
    }
    return secrets;
  }

  /** By sender and id: what opens wraps of a link. The sender's end leads to what the recipient's end opens from then on. */
  #endsOf(stolen: Stored, victim: Fingerprint): ReadonlyMap<string, readonly RecipientLink[]> {
    const ends = new Map<string, RecipientLink[]>();
    const add = (from: Fingerprint, end: RecipientLink) => {
      ends.set(`${from} ${end.id}`, [...(ends.get(`${from} ${end.id}`) ?? []), end]);
    };
    const prekeys = stolen.prekeys.map(({ seed }) => crypto.readPrekey(fromBase64url(seed)));
    for (const { from, to, opening } of this.#openings) {
      if (to !== victim) continue;
      for (const prekey of prekeys) {
        const end = crypto.acceptLink(prekey, opening, linkContext(caFingerprint, from, to));
        if (end !== null) add(from, end);
      }
    }
    for (const { from, link } of stolen.links?.recipients ?? []) {
      if (link !== null) add(from, crypto.readRecipientLink(JSON.stringify(link)));
    }
    for (const { link } of Object.values(stolen.links?.senders ?? {})) {
      const { step, ...rest } = link as { readonly step: number };
      const asRecipient = {
        ...rest,
        type: 'ecdh-hub link-recipient',
        next: step,
        skipped: toBase64url(new Uint8Array()),
      };
      add(victim, crypto.readRecipientLink(JSON.stringify(asRecipient)));
    }
    return ends;
  }
}
