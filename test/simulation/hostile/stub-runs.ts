/** Stubs as an attacker sees and makes them: one frame for each, where a server sends one for all that follow each other. */
import { fromHex, toHex } from '@chat/protocol';
import type { Frame } from './tampered-connection.ts';

/** Returns the frames with one frame `stub` for each stub. */
export function splitStubs(frame: Frame): readonly Frame[] {
  const { push, room, seq, hashes } = frame;
  if (push !== 'stubs' || !(hashes instanceof Uint8Array)) return [frame];
  return Array.from({ length: hashes.length / 32 }, (_, index) => ({
    push: 'stub',
    room,
    seq: Number(seq) + index,
    hash: toHex(hashes.subarray(32 * index, 32 * (index + 1))),
  }));
}

/** Returns the frames with one frame `stubs` for all stubs that follow each other. */
export function joinStubs(frames: readonly Frame[]): readonly Frame[] {
  const joined: Frame[] = [];
  let before: Frame | undefined;
  for (const frame of frames) {
    const { push, room, seq, hash } = frame;
    const last = joined.at(-1);
    const follows = before?.['push'] === 'stub' && before['room'] === room && Number(before['seq']) + 1 === seq;
    before = frame;
    if (push !== 'stub') joined.push(frame);
    else if (follows && last?.['hashes'] instanceof Uint8Array) {
      joined[joined.length - 1] = { ...last, hashes: Buffer.concat([last['hashes'], fromHex(String(hash))]) };
    } else joined.push({ push: 'stubs', room, seq, hashes: fromHex(String(hash)) });
  }
  return joined;
}
