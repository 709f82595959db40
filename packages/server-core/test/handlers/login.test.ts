import { connect } from 'node:tls';
import { createCA, readCertificate } from '@chat/mini-ca';
import { generateSigner } from '@chat/signatures';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { codeOf, connectClient } from '../support/test-client.ts';
import { authority, type Citizen, certificateFor, type TestServer, testServer } from '../support/test-server.ts';

let at: TestServer;
let alice: Citizen;

beforeEach(async () => {
  at = await testServer({ limits: { connectionsPerUser: 2 } });
  alice = await at.citizen('alice');
});
afterEach(() => at[Symbol.asyncDispose]());

describe('login', () => {
  test('says hello, takes the statement, and tells when the certificate ends', async () => {
    const client = await at.connect(alice);
    const hello = await client.first('hello');
    expect(hello).toMatchObject({ version: 1, service: 'chat' });
    expect(hello.nonce).toHaveLength(43);
    const result = await client.request('login', await at.loginRequest(client, alice));
    expect(result).toMatchObject({ user: 'alice', fingerprint: alice.signer.fingerprint });
    expect(result.certificateExpiresAt).toBe(readCertificate(alice.certificate).notAfter.getTime());
    expect(await client.ask('ping', {})).toEqual({});
  });

  test('with a valid certificate and another identity key is refused, and ends the connection', async () => {
    const client = await at.connect(alice);
    const thief = { user: 'alice', signer: generateSigner() };
    expect(await codeOf(client.request('login', await at.loginRequest(client, thief)))).toBe('login-refused');
    await client.closed;
    expect(at.log.lines.filter((line) => line.message === 'logged in')).toEqual([]);
  });

  test('recorded on one connection is worth nothing on another', async () => {
    const first = await at.connect(alice);
    const recorded = await at.loginRequest(first, alice);
    await first.request('login', recorded);
    const second = await at.connect(alice);
    expect(await codeOf(second.request('login', recorded))).toBe('login-refused');
    await second.closed;
  });

  test('with the nonce of this connection and the channel of another is refused', async () => {
    const [first, second] = [await at.connect(alice), await at.connect(alice)];
    const mixed = await at.loginRequest(second, alice, first.channel);
    expect(await codeOf(second.request('login', mixed))).toBe('login-refused');
  });

  test('for another user than the certificate’s is refused', async () => {
    const bob = await at.citizen('bob');
    const client = await at.connect(bob);
    expect(await codeOf(client.request('login', await at.loginRequest(client, alice)))).toBe('login-refused');
    await client.closed;
    const second = await at.connect(bob);
    const renamed = { ...(await at.loginRequest(second, bob)), user: 'alice' };
    expect(await codeOf(second.request('login', renamed))).toBe('login-refused');
  });

  test('of another version says so', async () => {
    const client = await at.connect(alice);
    const request = { ...(await at.loginRequest(client, alice)), version: 2, device: 'phone' };
    expect(await codeOf(client.request('login', request))).toBe('unsupported-version');
  });

  test('happens once, and before anything else', async () => {
    const client = await at.connect(alice);
    await client.ask('ping', {});
    expect(await codeOf(client.request('list-rooms', {}))).toBe('not-now');
    expect(await codeOf(client.request('subscribe', { room: '0'.repeat(64), after: 0 }))).toBe('not-now');
    const request = await at.loginRequest(client, alice);
    await client.request('login', request);
    expect(await codeOf(client.request('login', request))).toBe('not-now');
  });

  test('once more than a user may have ends the connection that was idle the longest', async () => {
    const clock = { now: Date.now() };
    await using own = await testServer({ clock: () => clock.now, limits: { connectionsPerUser: 2 } });
    const carol = await own.citizen('carol');
    const [first, second] = [await own.login(carol), await own.login(carol)];
    clock.now += 1_000;
    await first.request('ping', {});
    const third = await own.login(carol);
    expect(await second.ending()).toBe('limit-reached');
    const fourth = await own.login(carol);
    expect(await first.ending()).toBe('limit-reached');
    for (const each of [third, fourth]) expect(await each.request('ping', {})).toEqual({});
  });
});

describe('certificates', () => {
  const refusedByTls = async (options: object) => {
    const { port } = at.server.chatAddress;
    const client = await connectClient({ port, ca: authority.certificate, ...options }).catch(() => null);
    await client?.closed;
    expect(client?.pushes ?? []).toEqual([]);
  };
  const tlsFailures = () =>
    at.log.lines
      .filter((line) => line.message === 'TLS handshake failed')
      .reduce((sum, { fields }) => sum + Number('times' in fields && fields.times), 0);

  test('a client without one, with a stranger’s, or with one that expired does not get in', async () => {
    const { user, signer } = alice;
    const named = { user, fingerprint: signer.fingerprint };
    const foreign = certificateFor({ ...named, ca: createCA() });
    const yesterday = new Date(Date.now() - 26 * 3_600_000);
    const ca = createCA({ now: new Date(Date.now() - 48 * 3_600_000) });
    const expired = certificateFor({ ...named, now: yesterday, lifetimeMs: 3_600_000, ca });
    await refusedByTls({});
    await refusedByTls({ cert: foreign.certificate, key: foreign.key });
    await expect.poll(tlsFailures).toBe(2);

    // one server whose CA is old enough to have signed it
    const old = await testServer({ ca });
    const { port } = old.server.chatAddress;
    const client = await connectClient({ port, ca: ca.certificate, cert: expired.certificate, key: expired.key });
    await client.closed;
    expect(client.pushes).toEqual([]);
    expect(old.log.lines.find((line) => line.message === 'TLS handshake failed')?.fields).toMatchObject({
      code: 'CERT_HAS_EXPIRED',
    });
    await old[Symbol.asyncDispose]();
  });

  test('TLS 1.2 is refused', async () => {
    const { port } = at.server.chatAddress;
    const { certificate: cert, key } = alice;
    const twelve = { port, ca: authority.certificate, cert, key, maxVersion: 'TLSv1.2' } as const;
    await expect(connectClient(twelve)).rejects.toThrow(/alert|version/i);
    await expect(connectClient({ ...twelve, port: at.server.enrolmentAddress.port })).rejects.toThrow(/alert|version/i);
  });

  test('one that names another key than the registered one is turned away', async () => {
    const { signer } = await at.citizen('bob');
    const client = await at.connect(certificateFor({ user: 'alice', fingerprint: signer.fingerprint }));
    expect(await client.ending()).toBe('login-refused');
    const unknown = await at.connect(certificateFor({ user: 'carol', fingerprint: signer.fingerprint }));
    expect(await unknown.ending()).toBe('login-refused');
  });

  test('a session cannot be resumed past the check of the certificate', async () => {
    const { port } = at.server.chatAddress;
    const options = { port, host: '127.0.0.1', servername: 'localhost', ca: authority.certificate };
    const session = await new Promise<Buffer>((resolve) => {
      const socket = connect({ ...options, cert: alice.certificate, key: alice.key }).once(
        'session',
        (ticket: Buffer) => {
          socket.destroy();
          resolve(ticket);
        },
      );
      socket.resume();
    });
    const client = await connectClient({ ...options, session, cert: alice.certificate, key: alice.key });
    await client.first('hello');
    expect(client.socket.isSessionReused()).toBe(false);
    await client.close();
    // and without the certificate the ticket opens nothing
    const bare = await connectClient({ ...options, session }).catch(() => null);
    await bare?.closed;
    expect(bare?.pushes ?? []).toEqual([]);
  });

  test('the key exchange is the hybrid one, and the chain has the CA', async () => {
    const client = await at.login(alice);
    expect(client.socket.getEphemeralKeyInfo()).toMatchObject({ name: 'X25519MLKEM768' });
    const chain = client.socket.getPeerCertificate(true);
    expect(chain.issuerCertificate.fingerprint256.replaceAll(':', '').toLowerCase()).toBe(at.server.caFingerprint);
  });
});
