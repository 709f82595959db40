/** A server that has renewed its CA: clients that pin either one connect, until the operator ends the earlier one. */
import { CertificateAuthority, certificateFingerprint, createCA, MemoryLedger } from '@chat/mini-ca';
import { type Succession, successionStatement, toBase64url } from '@chat/protocol';
import { importPlainPrivateKey } from '@chat/signatures';
import { expect, test } from 'vitest';
import { connectClient } from '../support/test-client.ts';
import { certificateFor, testServer } from '../support/test-server.ts';

type Root = ReturnType<typeof createCA>;
const [first, next] = [createCA({ commonName: 'chat server CA' }), createCA({ commonName: 'chat server CA' })];

const signerOf = ({ privateKey }: Root) => importPlainPrivateKey(privateKey.export({ type: 'pkcs8', format: 'der' }));

function succession(): Succession {
  const previous = certificateFingerprint(first.certificate);
  const fields = { number: 1, previous, from: 1, madeAt: 0 };
  const statement = successionStatement(previous, { ...fields, next: certificateFingerprint(next.certificate) });
  const sign = (root: Root) => toBase64url(signerOf(root).sign(statement.domain, statement.data));
  return { ...fields, certificate: next.certificate, signature: sign(first), proof: sign(next) };
}

async function renewedServer(isOldAccepted: boolean) {
  const authorise = () => ({ profile: 'server', names: {} });
  const before = new CertificateAuthority({ ...first, ledger: new MemoryLedger(), authorise });
  const crossed = isOldAccepted ? [(await before.crossSign(next.certificate)).certificate] : [];
  const history = { first: first.certificate, successions: [succession()], withdrawals: [], crossed };
  return testServer({ ca: next, history });
}

test('accepts clients that pin either CA, and logs in with certificates of both', async () => {
  await using at = await renewedServer(true);
  expect(at.server.serverId).toBe(certificateFingerprint(first.certificate));
  const alice = await at.citizen('alice');
  const { port } = at.server.chatAddress;
  for (const issuer of [first, next]) {
    const { certificate, key } = certificateFor({ user: 'alice', fingerprint: alice.signer.fingerprint, ca: issuer });
    for (const pin of [first, next]) {
      const client = await connectClient({ port, ca: pin.certificate, cert: certificate, key });
      expect((await client.first('hello')).push).toBe('hello');
      await client.close();
    }
  }
});

test('refuses clients that pin the CA before, and its certificates, once the operator has ended it', async () => {
  await using at = await renewedServer(false);
  const { port } = at.server.enrolmentAddress;
  await expect(connectClient({ port, ca: first.certificate })).rejects.toThrow();
  await (await connectClient({ port, ca: next.certificate })).close();
  const alice = await at.citizen('alice');
  const old = certificateFor({ user: 'alice', fingerprint: alice.signer.fingerprint, ca: first });
  const chat = at.server.chatAddress.port;
  const client = await connectClient({ port: chat, ca: next.certificate, cert: old.certificate, key: old.key });
  expect(await client.first('bye')).toMatchObject({ error: { code: 'certificate-refused' } });
  await client.close();
});

test('shows its CAs on both ports before any login, and names them in its greetings', async () => {
  await using at = await renewedServer(true);
  const alice = await at.citizen('alice');
  const shown = { first: first.certificate, successions: [succession()].length, withdrawals: [] };
  const { certificate, key } = certificateFor({ user: 'alice', fingerprint: alice.signer.fingerprint, ca: next });
  const ports = [
    ['welcome', { port: at.server.enrolmentAddress.port, ca: next.certificate }],
    ['hello', { port: at.server.chatAddress.port, ca: next.certificate, cert: certificate, key }],
  ] as const;
  for (const [greeting, options] of ports) {
    const client = await connectClient(options);
    expect(await client.first(greeting)).toMatchObject({ authority: expect.stringMatching(/^[0-9a-f]{64}$/) });
    const { successions, ...others } = await client.request('get-authority', {});
    expect({ ...others, successions: successions.length }).toEqual(shown);
    await client.close();
  }
});
