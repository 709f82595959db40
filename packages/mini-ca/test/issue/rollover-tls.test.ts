/** Handshakes while a new root of the same name replaces the old one: the chain that the server then sends suits both pins. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import { optional, temporaryFolder } from '@chat/testkit';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  CertificateAuthority,
  createCA,
  createRequest,
  issueCertificate,
  MemoryLedger,
  privateKeyToPem,
} from '../../src/index.ts';
import { openssl } from '../support/peer.ts';

type Root = ReturnType<typeof createCA>;
const hourMs = 3_600_000;
const roots = Array.from({ length: 3 }, () => createCA({ commonName: 'Example CA' })) as [Root, Root, Root];
const [first, second, third] = roots;
const stranger = createCA({ commonName: 'Example CA' });

function leafOf(issuer: Root, profile: 'server' | 'client') {
  const { request, privateKey } = createRequest('localhost');
  const names = profile === 'server' ? { dns: ['localhost'] } : { commonName: 'alice' };
  const cert = issueCertificate({ request, ca: issuer, profile, names, lifetimeMs: hourMs, now: new Date() });
  return { cert, key: privateKeyToPem(privateKey) };
}

async function crossed(by: Root, next: Root): Promise<string> {
  const authorise = () => ({ profile: 'server', names: {} });
  const ca = new CertificateAuthority({ ...by, ledger: new MemoryLedger(), authorise });
  return (await ca.crossSign(next.certificate)).certificate;
}

/** What the server sends after the third root has replaced the second one, which had replaced the first. */
const leaf = leafOf(third, 'server');
const sent = [await crossed(second, third), await crossed(first, second), first.certificate];

/** Returns `accepted` or the code with which the client refuses the server, or the server the client. */
async function handshake(pin: Root, client = leafOf(third, 'client')): Promise<string> {
  const trusted = roots.map(({ certificate }) => certificate);
  const options = { key: leaf.key, cert: [leaf.cert, ...sent].join('\n'), ca: trusted, minVersion: 'TLSv1.3' } as const;
  const server = createServer({ ...options, requestCert: true, rejectUnauthorized: false }, (socket) => {
    socket.on('error', () => {});
    socket.end(socket.authorized ? 'accepted' : String(socket.authorizationError));
  });
  onTestFinished(() => void server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const socket = connect({ ...client, ca: pin.certificate, port, host: '127.0.0.1', servername: 'localhost' });
  onTestFinished(() => void socket.destroy());
  try {
    return String((await once(socket, 'data'))[0]);
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}

describe('a server that sends cross-certificates from each root to the next', () => {
  test.each([
    ['first', first],
    ['second', second],
    ['third', third],
  ] as const)('is accepted by a client that pins the %s root', async (_, pin) => {
    expect(await handshake(pin)).toBe('accepted');
  });

  test('is refused by a client that pins another root of the same name', async () => {
    expect(await handshake(stranger)).not.toBe('accepted');
  });

  test.each(roots.map((root, index) => [index + 1, root] as const))(
    'accepts a client certificate of root %i, and none of another root of the same name',
    async (_, root) => {
      expect(await handshake(first, leafOf(root, 'client'))).toBe('accepted');
      expect(await handshake(first, leafOf(stranger, 'client'))).not.toBe('accepted');
    },
  );
});

optional('openssl', ['openssl', 'version'])('openssl', () => {
  const verifies = (): void => {
    const { path: folder } = temporaryFolder();
    const file = (name: string, content: string): string => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    };
    const chain = file('chain.pem', sent.join('\n'));
    const own = file('leaf.pem', leaf.cert);
    const verify = (root: Root) =>
      openssl.ask(['verify', '-CAfile', file('root.pem', root.certificate), '-untrusted', chain, own]).status;
    expect(roots.map(verify)).toEqual([0, 0, 0]);
    expect(verify(stranger)).not.toBe(0);
  };
  test('verifies the chain with each of the roots, and not with another one', openssl.test(verifies));
});
