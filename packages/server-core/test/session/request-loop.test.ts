/** The order of requests and answers of a connection; an error ends at most the connection that it belongs to. */
import { setImmediate as turn } from 'node:timers/promises';
import { ProtocolError, wireError } from '@chat/protocol';
import { describe, expect, test } from 'vitest';
import { type Rule, ruleOf } from '../../src/handlers/rule.ts';
import { defaultLimits } from '../../src/limits/limits.ts';
import { noMetrics } from '../../src/ports/metrics.ts';
import { RequestLoop } from '../../src/session/request-loop.ts';
import { RequestRates } from '../../src/throttle/request-rate.ts';
import type { FrameSocket } from '../../src/wire/frame-socket.ts';
import { TestLog } from '../support/test-server.ts';

/** Creates a loop with the operation `work` and others, over a socket that calls `send`. */
function loopWith(run: Rule<null>['run'], send: (frame: object) => void, others: Record<string, Rule<null>> = {}) {
  const log = new TestLog();
  const byes: string[] = [];
  const answered: unknown[][] = [];
  let now = 0;
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
    table: { work: ruleOf({ cost: 1 }, run), ...others },
    call: null,
    rate: new RequestRates({ ...defaultLimits, unprovenCost: 100_000 }, () => 0).start(),
    limits: { requestsInFlight: 4 },
    log,
    logFields: () => ({}),
    metrics: { ...noMetrics, now: () => ++now, answered: (...each) => void answered.push(each) },
  });
  return { loop, log, byes, answered };
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

describe('requests', () => {
  /** Creates a loop whose operations are done when the test says so, and a list of what has happened. */
  function slowLoop() {
    const done = new Map<number, (result: object | Error) => void>();
    const events: string[] = [];
    const slow = (fields: object) => {
      const { n } = fields as { n: number };
      events.push(`start ${n}`);
      return new Promise<object>((resolve, reject) => {
        done.set(n, (result) => (result instanceof Error ? reject(result) : resolve(result)));
      });
    };
    const at = loopWith(slow, (frame) => void events.push(`answer ${(frame as { re: number }).re}`), {
      append: ruleOf({ cost: 1, pipelined: true }, slow),
      quick: ruleOf({ cost: 1 }, () => ({})),
    });
    const push = (op: string, n: number) => at.loop.push({ id: n, op, n });
    /** Ends an operation, and returns what has happened since. */
    const end = async (n: number, result: object | Error = {}) => {
      events.length = 0;
      done.get(n)?.(result);
      await new Promise((resolve) => setImmediate(resolve));
      return [...events];
    };
    return { ...at, push, end, events };
  }

  test('that are pipelined start at once; others wait, and let no request start until they are answered', async () => {
    const { push, end, events } = slowLoop();
    push('append', 1);
    push('work', 2);
    push('append', 3);
    push('quick', 4);
    expect(events).toEqual(['start 1', 'start 2']);
    // The end of an earlier one does not let the next one pass.
    expect(await end(1)).toEqual(['answer 1']);
    expect(await end(2, new ProtocolError('not-now', 'No.'))).toEqual(['answer 2', 'start 3', 'answer 4']);
    expect(await end(3)).toEqual(['answer 3']);
  });

  test('beyond the number in flight wait for an answer', async () => {
    const { push, end, events } = slowLoop();
    for (let n = 1; n <= 6; n += 1) push('append', n);
    expect(events).toEqual(['start 1', 'start 2', 'start 3', 'start 4']);
    expect(await end(3)).toEqual(['answer 3', 'start 5']);
    expect(await end(1)).toEqual(['answer 1', 'start 6']);
  });

  test('that wait by the thousand are all answered when the one before them is', async () => {
    const { push, end } = slowLoop();
    push('work', 0);
    for (let n = 1; n <= 20_000; n += 1) push('quick', n);
    expect(await end(0)).toHaveLength(20_001);
  });

  test('are drained when the last of them is answered, and after that no frame has an effect', async () => {
    const { loop, push, end, events } = slowLoop();
    push('work', 1);
    push('append', 2);
    const drained = loop.drain().then(() => events.push('drained'));
    push('quick', 3);
    expect(await end(1)).toEqual(['answer 1', 'start 2']);
    expect(await end(2)).toEqual(['answer 2', 'drained']);
    await drained;
    await loop.drain();
  });

  test('that have not started are dropped by a stop, and a drain waits for the others only', async () => {
    const { loop, push, end, events } = slowLoop();
    push('work', 1);
    push('append', 2);
    loop.stop();
    void loop.drain().then(() => events.push('drained'));
    expect(await end(1)).toEqual(['answer 1', 'drained']);
  });

  test('whose operation throws at once are refused like those that reject', async () => {
    const sent: object[] = [];
    const refuse = () => {
      throw new ProtocolError('entry-refused', 'No.');
    };
    const { loop, byes } = loopWith(refuse, (frame) => void sent.push(frame), {
      login: ruleOf({ cost: 1, endsOnRefusal: true }, refuse),
    });
    loop.push({ id: 7, op: 'work' });
    loop.push({ id: 8, op: 'login' });
    await loop.drain();
    const error = { code: 'entry-refused', message: 'No.' };
    expect([sent, byes]).toEqual([
      [
        { re: 7, error },
        { re: 8, error },
      ],
      ['entry-refused'],
    ]);
  });
});

describe('requests that wait', () => {
  /** A loop with an operation of each kind, whose answers the test gives, and a record of what happens. */
  function held() {
    const seen: string[] = [];
    const answers: ((error?: Error) => void)[] = [];
    const run = (fields: object) =>
      new Promise<object>((resolve, reject) => {
        seen.push(`run ${(fields as { n: number }).n}`);
        answers.push((error) => (error === undefined ? resolve({}) : reject(error)));
      });
    const socket: Pick<FrameSocket, 'send' | 'bye' | 'end' | 'pause' | 'resume' | 'open'> = {
      open: true,
      send: (frame) => void seen.push(`answer ${(frame as { re: number }).re}`),
      bye: () => {},
      end: (code) => void seen.push(`end ${code}`),
      pause: () => void seen.push('pause'),
      resume: () => void seen.push('resume'),
    };
    const loop = new RequestLoop<null>({
      socket: socket as FrameSocket,
      table: {
        each: ruleOf({ cost: 1 }, run),
        many: ruleOf({ cost: 1, pipelined: true }, run),
        once: ruleOf({ cost: 1, endsOnRefusal: true }, run),
      },
      call: null,
      rate: new RequestRates(defaultLimits, () => 0).start(),
      limits: { requestsInFlight: 2 },
      log: new TestLog(),
      logFields: () => ({}),
    });
    const push = (n: number, op: string) => loop.push({ id: n, op, n });
    /** Answers the request that started as this one, counted from 0. */
    const answer = async (index: number, error?: Error) => {
      answers[index]?.(error);
      await turn();
    };
    return { loop, seen, push, answer };
  }

  test('are read up to the limit, and the next ones once there is room', async () => {
    const { loop, seen, push, answer } = held();
    for (const n of [1, 2, 3]) push(n, 'many');
    expect(seen).toEqual(['run 1', 'run 2', 'pause']);
    await answer(1);
    expect(seen.slice(3)).toEqual(['answer 2', 'run 3']);
    await answer(0);
    expect(seen.slice(5)).toEqual(['answer 1', 'resume']);
    let isDrained = false;
    const drained = loop.drain().then(() => {
      isDrained = true;
    });
    await turn();
    expect(isDrained).toBe(false);
    await answer(2);
    await drained;
    push(4, 'many');
    expect(seen.slice(7)).toEqual(['answer 3']);
  });

  test('start one after the other unless they are pipelined', async () => {
    const { seen, push, answer } = held();
    push(1, 'each');
    push(2, 'many');
    expect(seen).toEqual(['run 1', 'pause']);
    await answer(0);
    expect(seen.slice(2)).toEqual(['answer 1', 'run 2', 'resume']);
  });

  test('are dropped when the connection ends, and a refused one may end it', async () => {
    const { loop, seen, push, answer } = held();
    push(1, 'once');
    push(2, 'each');
    loop.stop();
    await answer(0, new ProtocolError('login-refused', 'No.'));
    expect(seen).toEqual(['run 1', 'pause', 'answer 1', 'end login-refused', 'resume']);
    await loop.drain();
  });
});

describe('the metrics', () => {
  test('get each request once, with its time and its refusal, and never an operation that a client has made up', async () => {
    const refuse = () => {
      throw new ProtocolError('not-now', 'Later.');
    };
    const others = { refuse: ruleOf<null>({ cost: 1 }, refuse), slow: ruleOf<null>({ cost: 1 }, async () => ({})) };
    const { loop, log, answered } = loopWith(
      () => ({}),
      () => {},
      others,
    );
    for (const [id, op] of ['work', 'refuse', 'slow', 'a name of a client'].entries()) loop.push({ id, op });
    await turn();
    expect(answered).toEqual([
      ['work', null, 1],
      ['refuse', 'not-now', 1],
      ['unknown', 'unknown-operation', 1],
      ['slow', null, expect.any(Number)],
    ]);
    expect(log.lines.map(({ fields }) => fields)).toEqual([
      { request: 1, op: 'refuse', code: 'not-now' },
      { request: 3, op: 'unknown', code: 'unknown-operation' },
    ]);
  });
});
