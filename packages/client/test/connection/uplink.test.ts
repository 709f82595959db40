/** When an uplink connects again, and what it shows at the enrolment port. */
import { encodeFrame, FrameDecoder, protocolVersion } from '@chat/protocol';
import { generateSigner } from '@chat/signatures';
import { rejectedCode } from '@chat/testkit';
import { expect, test } from 'vitest';
import { Uplink } from '../../src/connection/uplink.ts';
import { ClientError, type Link, type TlsIdentity, type Transport } from '../../src/index.ts';
import { ManualClock } from '../support/manual-clock.ts';

const tls = { privateKey: 'key', certificate: 'certificate' };

/** A server that accepts each login, and what the test sends afterwards. */
class Scripted {
  readonly clock = new ManualClock();
  readonly pauses: number[] = [];
  readonly reasons: string[] = [];
  pushed: () => void = () => {};
  logins = 0;
  /** Codes with which the next logins are refused. */
  refusals: string[] = [];
  shown: (TlsIdentity | undefined)[] = [];
  renewalTime = Number.POSITIVE_INFINITY;
  /** The port that the enrolment port names. */
  chatPort = 1;
  /** Why no link is opened to a port. */
  readonly atPort = new Map<number | 'enrolment', Error>();
  #send: (frame: object) => void = () => {};
  readonly uplink: Uplink;

  constructor() {
    const transport: Transport = {
      openChat: async (port) => {
        const failure = this.atPort.get(port);
        if (failure !== undefined) throw failure;
        return this.#link('hello');
      },
      openEnrolment: async (identity) => {
        this.shown.push(identity);
        const failure = this.atPort.get('enrolment');
        if (failure !== undefined) throw failure;
        return this.#link('welcome');
      },
      newRequest: () => ({ privateKey: 'new key', request: 'request' }),
      renewalTime: (certificate) => (certificate === tls.certificate ? this.renewalTime : Number.POSITIVE_INFINITY),
    };
    const handlers = {
      push: () => this.pushed(),
      online: () => {},
      refused: () => {},
      offline: ({ reason }: { reason: string }, retryInMs: number) => {
        this.pauses.push(retryInMs / 1_000);
        this.reasons.push(reason);
      },
      greeted: async () => {},
    };
    const runs = { forLogin: async () => undefined, accepted: () => {} } as never;
    const parts = { transport, scheduler: this.clock, handlers, runs };
    const own = {
      user: 'alice',
      signer: generateSigner(),
      random: () => 0.5,
      recertified: () => {},
      ownChain: null,
      isRenewalUnfinished: false,
    };
    this.uplink = new Uplink({ ...own, ...parts }, { tls, chatPort: 1 });
  }

  push(): void {
    this.#send({ push: 'caught-up', room: '0'.repeat(64), head: 1 });
  }

  bye(code: string): void {
    this.#send({ push: 'bye', error: { code, message: 'The test ends it.' } });
  }

  #link(kind: 'hello' | 'welcome'): Link {
    const service =
      kind === 'hello' ? { service: 'chat' } : { service: 'enrolment', policy: 'open', chatPort: this.chatPort };
    return {
      channel: 'AAAA',
      serverId: 'ca'.repeat(32),
      send: (bytes) => {
        for (const { id, op } of new FrameDecoder().push(bytes)) {
          if (op === 'login') this.logins += 1;
          const code = op === 'login' ? this.refusals.shift() : undefined;
          if (code !== undefined) {
            this.#send({ re: id, error: { code, message: 'The test refuses it.' } });
            continue;
          }
          if (op === 'ping') this.#send({ re: id, ok: {} });
          if (op === 'ping') continue;
          const accepted = { user: 'alice', fingerprint: 'ab'.repeat(32), certificateExpiresAt: 0 };
          this.#send({ re: id, ok: op === 'login' ? accepted : { certificate: 'another' } });
        }
      },
      receive: (data) => {
        this.#send = (frame) => data(encodeFrame(frame));
        this.#send({ push: kind, version: protocolVersion, nonce: 'AAAA', time: 0, ...service });
      },
      close: () => {},
    };
  }
}

test('connects again at once after a lost connection, and after long, growing pauses when its place was taken', async () => {
  const server = new Scripted();
  await server.uplink.start();
  server.bye('stopping');
  await server.clock.advance(250);
  expect(server.logins).toBe(2);
  for (const pause of [15, 30, 60, 120, 240, 480, 600, 600]) {
    server.bye('connection-replaced');
    await server.clock.advance(pause * 1_000 - 1);
    const { logins } = server;
    await server.clock.advance(1);
    expect(server.logins).toBe(logins + 1);
  }
  expect(server.pauses).toEqual([0.25, 15, 30, 60, 120, 240, 480, 600, 600]);
  // A connection that has lasted begins anew.
  await server.clock.advance(600_000);
  server.bye('server-full');
  expect(server.pauses.at(-1)).toBe(15);
  server.uplink.close();
});

test('shows its certificate at the enrolment port when it renews', async () => {
  const server = new Scripted();
  server.renewalTime = 0;
  await server.uplink.start();
  expect(server.shown).toEqual([tls]);
  server.uplink.close();
});

test('renews a certificate that a newer one has superseded, and logs in again at once', async () => {
  const server = new Scripted();
  server.refusals = ['certificate-superseded'];
  await server.uplink.start();
  expect(server.shown).toEqual([tls]);
  expect(server.logins).toBe(2);
  expect(server.uplink.certified?.tls.certificate).toBe('another');
  expect(server.pauses).toEqual([]);
  server.uplink.close();
});

test('makes a pause when the renewed certificate is refused too', async () => {
  const server = new Scripted();
  server.refusals = ['certificate-superseded', 'certificate-superseded'];
  server.uplink.keepTrying();
  await server.clock.advance(0);
  expect(server.shown).toHaveLength(1);
  expect(server.pauses).toEqual([0.25]);
  await server.clock.advance(250);
  expect(server.uplink.online).toBe(true);
  server.uplink.close();
});

test.each(['wrong-authority', 'not-a-chat-server', 'unreachable'] as const)(
  'asks for the chat port if another server or none is at the former one: %s',
  async (code) => {
    const server = new Scripted();
    server.chatPort = 2;
    server.atPort.set(1, new ClientError(code, 'Not here.'));
    await server.uplink.start();
    expect(server.uplink.certified).toEqual({ tls, chatPort: 2 });
    expect(server.shown).toEqual([tls]);
    server.uplink.close();
  },
);

test('goes by the alarm about another server at the chat port if the enrolment port names the same, or does not answer', async () => {
  for (const failure of [undefined, new ClientError('unreachable', 'Nothing answers.')]) {
    const server = new Scripted();
    server.atPort.set(1, new ClientError('wrong-authority', 'Not here.'));
    if (failure !== undefined) server.atPort.set('enrolment', failure);
    expect(await rejectedCode(server.uplink.start())).toBe('wrong-authority');
    expect(server.uplink.refusal?.code).toBe('wrong-authority');
    server.uplink.close();
  }
});

test('ends a connection whose pushes exceed the bounds of the client, says so, and connects again', async () => {
  const server = new Scripted();
  await server.uplink.start();
  server.pushed = () => {
    throw new ClientError('too-much-sent', 'The server sends too fast.');
  };
  server.push();
  expect(server.uplink.online).toBe(false);
  expect(server.reasons).toEqual(['The server sends too fast.']);
  await server.clock.advance(250);
  expect(server.uplink.online).toBe(true);
  server.uplink.close();
});
