/** The login, and what TLS checks before it. */
import { connect } from 'node:tls';
import { createCA, readCertificate } from '@chat/mini-ca';
import { protocolVersion } from '@chat/protocol';
import { generateSigner } from '@chat/signatures';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connectClient, outcomeOf } from '../support/test-client.ts';
import { authority, type Citizen, certificateFor, type TestServer, testServer } from '../support/test-server.ts';

let at: TestServer;
let alice: Citizen;

beforeEach(async () => {
  at = await testServer({ limits: { connectionsPerUser: 2 } });
  alice = await at.citizen('alice');
});
afterEach(() => at[Symbol.asyncDispose]());

describe('the login', () => {
  test('greets the client, accepts its statement, and returns when the certificate expires', async () => {
    const client = await at.connect(alice);
    const hello = await client.first('hello');
    expect(hello).toMatchObject({ version: protocolVersion, service: 'chat' });
    expect(hello.nonce).toHaveLength(43);
    const result = await client.request('login', await at.loginRequest(client, alice));
    expect(result).toMatchObject({ user: 'alice', fingerprint: alice.signer.fingerprint });
    expect(result.certificateExpiresAt).toBe(readCertificate(alice.certificate).notAfter.getTime());
    expect(await client.ask('ping', {})).toEqual({});
  });

  test('refuses a valid certificate with another identity key, and ends the connection', async () => {
    const client = await at.connect(alice);
    const mallory = { user: 'alice', signer: generateSigner() };
    expect(await outcomeOf(client.request('login', await at.loginRequest(client, mallory)))).toBe('login-refused');
    await client.closed;
    expect(at.log.lines.filter((line) => line.message === 'logged in')).toEqual([]);
  });

  test('refuses a login that was recorded on another connection', async () => {
    const first = await at.connect(alice);
    const recorded = await at.loginRequest(first, alice);
    await first.request('login', recorded);
    const second = await at.connect(alice);
    expect(await outcomeOf(second.request('login', recorded))).toBe('login-refused');
    await second.closed;
  });

  test('refuses the nonce of this connection with the channel of another', async () => {
    const [first, second] = [await at.connect(alice), await at.connect(alice)];
    const mixed = await at.loginRequest(second, alice, first.channel);
    expect(await outcomeOf(second.request('login', mixed))).toBe('login-refused');
  });

  test('refuses another user than the one whom the certificate names', async () => {
    const bob = await at.citizen('bob');
    const client = await at.connect(bob);
    expect(await outcomeOf(client.request('login', await at.loginRequest(client, alice)))).toBe('login-refused');
    await client.closed;
    const second = await at.connect(bob);
    const renamed = { ...(await at.loginRequest(second, bob)), user: 'alice' };
    expect(await outcomeOf(second.request('login', renamed))).toBe('login-refused');
  });

  test.each([protocolVersion - 1, protocolVersion + 1])('refuses version %d', async (version) => {
    const client = await at.connect(alice);
    const request = { ...(await at.loginRequest(client, alice)), version, device: 'phone' };
    expect(await outcomeOf(client.request('login', request))).toBe('unsupported-version');
  });

  test('happens once, before any other operation', async () => {
    const client = await at.connect(alice);
    await client.ask('ping', {});
    expect(await outcomeOf(client.request('list-rooms', {}))).toBe('not-now');
    expect(await outcomeOf(client.request('subscribe', { room: '0'.repeat(64), after: 0 }))).toBe('not-now');
    const request = await at.loginRequest(client, alice);
    await client.request('login', request);
    expect(await outcomeOf(client.request('login', request))).toBe('not-now');
  });

  test('ends the user’s connection that was idle for the longest time when there are too many', async () => {
    const clock = { now: Date.now() };
    await using own = await testServer({ clock: () => clock.now, limits: { connectionsPerUser: 2 } });
    const carol = await own.citizen('carol');
    const [first, second] = [await own.login(carol), await own.login(carol)];
    clock.now += 1_000;
    await first.request('ping', {});
    const third = await own.login(carol);
    expect(await second.ending()).toBe('connection-replaced');
    const fourth = await own.login(carol);
    expect(await first.ending()).toBe('connection-replaced');
    for (const each of [third, fourth]) expect(await each.request('ping', {})).toEqual({});
  });
});

/** All that a client without a valid certificate gets from the server. */
const onlyRefused = { push: 'bye', error: { code: 'certificate-refused', message: expect.any(String) } };

describe('the server', () => {
  const refused = async (options: object) => {
    const { port } = at.server.chatAddress;
    const client = await connectClient({ port, ca: authority.certificate, ...options });
    await client.closed;
    expect(client.pushes).toEqual([onlyRefused]);
  };
  const tlsFailures = () =>
    at.log.lines
      .filter((line) => line.message === 'TLS handshake failed')
      .reduce((sum, { fields }) => sum + Number('times' in fields && fields.times), 0);

  test('refuses a client without a certificate, with one of another CA, or with an expired one', async () => {
    const { user, signer } = alice;
    const named = { user, fingerprint: signer.fingerprint };
    const foreign = certificateFor({ ...named, ca: createCA() });
    const yesterday = new Date(Date.now() - 26 * 3_600_000);
    const ca = createCA({ now: new Date(Date.now() - 48 * 3_600_000) });
    const expired = certificateFor({ ...named, now: yesterday, lifetimeMs: 3_600_000, ca });
    await refused({});
    await refused({ cert: foreign.certificate, key: foreign.key });
    await expect.poll(tlsFailures).toBe(2);

    // A server whose CA is old enough to have signed the expired certificate.
    const old = await testServer({ ca });
    const { port } = old.server.chatAddress;
    const client = await connectClient({ port, ca: ca.certificate, cert: expired.certificate, key: expired.key });
    await client.closed;
    expect(client.pushes).toEqual([onlyRefused]);
    expect(old.log.lines.find((line) => line.message === 'TLS handshake failed')?.fields).toMatchObject({
      code: 'CERT_HAS_EXPIRED',
    });
    await old[Symbol.asyncDispose]();
  });

  test('refuses TLS 1.2', async () => {
    const { port } = at.server.chatAddress;
    const { certificate: cert, key } = alice;
    const twelve = { port, ca: authority.certificate, cert, key, maxVersion: 'TLSv1.2' } as const;
    await expect(connectClient(twelve)).rejects.toThrow(/alert|version/i);
    await expect(connectClient({ ...twelve, port: at.server.enrolmentAddress.port })).rejects.toThrow(/alert|version/i);
  });

  test('refuses a certificate that names another key than the registered one', async () => {
    const { signer } = await at.citizen('bob');
    const client = await at.connect(certificateFor({ user: 'alice', fingerprint: signer.fingerprint }));
    expect(await client.ending()).toBe('login-refused');
    const unknown = await at.connect(certificateFor({ user: 'carol', fingerprint: signer.fingerprint }));
    expect(await unknown.ending()).toBe('login-refused');
  });

  test('resumes no session, so that it always checks the certificate', async () => {
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
    // Without the certificate the ticket is useless.
    const bare = await connectClient({ ...options, session }).catch(() => null);
    await bare?.closed;
    expect(bare?.pushes).toEqual([onlyRefused]);
  });

  test('uses the hybrid key exchange, and sends the CA certificate in the chain', async () => {
    const client = await at.login(alice);
    expect(client.socket.getEphemeralKeyInfo()).toMatchObject({ name: 'X25519MLKEM768' });
    const chain = client.socket.getPeerCertificate(true);
    expect(chain.issuerCertificate.fingerprint256.replaceAll(':', '').toLowerCase()).toBe(at.server.caFingerprint);
  });
});
