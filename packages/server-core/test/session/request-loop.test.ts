/** Answers: an error ends at most the connection that it belongs to. */
import { ProtocolError, wireError } from '@chat/protocol';
import { describe, expect, test } from 'vitest';
import { ruleOf } from '../../src/handlers/rule.ts';
import { defaultLimits } from '../../src/limits.ts';
import { RequestLoop } from '../../src/session/request-loop.ts';
import { RequestRates } from '../../src/throttle/request-rate.ts';
import type { FrameSocket } from '../../src/wire/frame-socket.ts';
import { TestLog } from '../support/test-server.ts';

/** Creates a loop with one operation, over a socket that calls `send`. */
function loopWith(run: () => Promise<object>, send: (frame: object) => void) {
  const log = new TestLog();
  const byes: string[] = [];
  const socket: Pick<FrameSocket, 'send' | 'bye' | 'end' | 'pause' | 'resume' | 'open'> = {
    open: true,
    send,
    bye: (code) => void byes.push(code),
    end: (code) => void byes.push(code),
    pause: () => {},
    resume: () => {},
  };
  const loop = new RequestLoop<null>({
    socket: socket as FrameSocket,
    table: { work: ruleOf({ cost: 1 }, run) },
    call: null,
    rate: new RequestRates(defaultLimits, () => 0).start(),
    maxInFlight: 4,
    log,
    logFields: () => ({}),
  });
  return { loop, log, byes };
}

describe('a refusal', () => {
  test('is shortened to what a client accepts, however long its message is', async () => {
    const sent: object[] = [];
    const refuse = async () => {
      throw new ProtocolError('entry-refused', '\u0001'.repeat(100_000));
    };
    const { loop } = loopWith(refuse, (frame) => void sent.push(frame));
    loop.push({ id: 7, op: 'work' });
    await loop.drain();
    expect(sent).toEqual([{ re: 7, error: expect.objectContaining({ code: 'entry-refused' }) }]);
    expect(wireError.safeParse((sent[0] as { error: unknown }).error).success).toBe(true);
  });

  test('that cannot be sent ends the connection, and nothing else', async () => {
    const { loop, log, byes } = loopWith(
      async () => ({}),
      () => {
        throw new Error('cannot be sent');
      },
    );
    loop.push({ id: 1, op: 'work' });
    await loop.drain();
    expect(byes).toEqual(['internal']);
    expect(log.lines.at(-1)).toMatchObject({ level: 'error', fields: { op: 'work' } });
  });
});
