/** Mutual TLS 1.3 between two sockets of `node:tls` in this process, with certificates of this library. */
import { once } from 'node:events';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { createCA, createRequest, issueCertificate, privateKeyToPem } from '../src/index.ts';

const hourMs = 3_600_000;
const ca = createCA();
const namesOf = {
  server: { dns: ['localhost'], ip: ['127.0.0.1'] },
  client: { commonName: 'alice' },
};

interface Identity {
  cert: string;
  key: string;
}

function identity(profile: 'server' | 'client', issuer = ca, now = new Date()): Identity {
  const { request, privateKey } = createRequest('localhost');
  const cert = issueCertificate({ request, ca: issuer, profile, names: namesOf[profile], lifetimeMs: hourMs, now });
  return { cert, key: privateKeyToPem(privateKey) };
}

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** Returns the client's verdict on the server if it refuses, and otherwise the server's on the client: `accepted` or a code. */
async function handshake(server: Identity, client: Identity, serverTrusts = ca, clientTrusts = ca): Promise<string> {
  const listening = createServer({
    ...server,
    ca: serverTrusts.certificate,
    requestCert: true,
    // With `true` the connection would end without the reason.
    rejectUnauthorized: false,
    minVersion: 'TLSv1.3',
  });
  closing.push(() => listening.close());
  listening.on('secureConnection', (socket: TLSSocket) => {
    closing.push(() => socket.destroy());
    socket.on('error', () => {});
    socket.write(socket.authorized ? 'accepted' : String(socket.authorizationError));
  });
  listening.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const address = listening.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const socket = connect({ ...client, ca: clientTrusts.certificate, port, host: '127.0.0.1' });
  closing.push(() => socket.destroy());
  try {
    const [said] = await once(socket, 'data');
    return String(said);
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}

describe('mutual TLS', () => {
  const past = new Date(Date.now() - 2 * hourMs);
  const old = createCA({ now: new Date(Date.now() - 24 * hourMs) });
  const other = createCA({ commonName: 'Other CA' });
  const server = identity('server');
  const client = identity('client');

  test('connects a server and a client of one CA', async () => {
    expect(await handshake(server, client)).toBe('accepted');
    const aged = await handshake(identity('server', old), identity('client', old), old, old);
    expect(aged).toBe('accepted');
  });

  test('lets the client refuse a server with a client certificate, an expired one, or one of another CA', async () => {
    expect(await handshake(identity('client'), client)).toBe('INVALID_PURPOSE');
    expect(await handshake(identity('server', old, past), client, ca, old)).toBe('CERT_HAS_EXPIRED');
    expect(await handshake(identity('server', other), client)).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  });

  test('lets the server refuse a client with a server certificate, an expired one, or one of another CA', async () => {
    expect(await handshake(server, identity('server'))).toBe('INVALID_PURPOSE');
    expect(await handshake(server, identity('client', old, past), old)).toBe('CERT_HAS_EXPIRED');
    expect(await handshake(server, identity('client', other))).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  });
});
