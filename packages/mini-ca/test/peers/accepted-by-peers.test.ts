/** OpenSSL and GnuTLS accept everything that a CA makes, for every type of key: requests, paths, revocation lists, rollover. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { optional, temporaryFolder } from '@chat/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  CertificateAuthority,
  createCA,
  createCertRequest,
  createKeyPair,
  type Grant,
  type KeyType,
  MemoryLedger,
} from '../../src/index.ts';
import { certtool, openssl } from '../support/peer.ts';

const { path: folder } = temporaryFolder();

const kinds = [
  ['ec', 'P-256'],
  ['ec', 'P-384'],
  ['ec', 'P-521'],
  ['rsa', 2048],
  ['ed25519', undefined],
] as const;
const grants = {
  intermediate: { profile: 'intermediate', names: { commonName: 'Issuing CA', organization: 'Example' } },
  server: { profile: 'server', names: { commonName: 'chat', dns: ['chat.example'], ip: ['192.0.2.1', '2001:db8::1'] } },
  client: { profile: 'client', names: { uri: ['chat://example/alice'], email: ['alice@chat.example'] } },
} as const satisfies Record<string, Grant>;

/** Writes everything that a CA makes into files. */
async function lifeOf(type: KeyType, size: (typeof kinds)[number][1]) {
  const sized = size !== undefined && { size };
  const file = (name: string, ...content: string[]) => {
    const path = join(folder, `${type}-${size}-${name}.pem`);
    writeFileSync(path, content.join(''));
    return path;
  };
  const authority = (ca: ReturnType<typeof createCA>) =>
    new CertificateAuthority<Grant>({ ...ca, ledger: new MemoryLedger(), authorise: ({ context }) => context });

  // One more than RFC 5280 section 6.1.4 (l) requires, because GnuTLS counts self-issued certificates too.
  const oldRoot = createCA({ commonName: 'Example CA', keyType: type, ...sized, pathLength: 2 });
  const newRoot = createCA({ commonName: 'Example CA', keyType: type, ...sized, pathLength: 1 });
  const [before, after] = [authority(oldRoot), authority(newRoot)];
  const keys = createKeyPair(type, size);
  const request = createCertRequest(keys, {});
  const intermediate = (await after.issue(request, grants.intermediate)).certificate;
  const issuing = authority({ certificate: intermediate, privateKey: keys.privateKey });
  const issue = async (grant: Grant) => issuing.issue(createCertRequest(createKeyPair(type, size), {}), grant);
  const [server, client, lost] = [await issue(grants.server), await issue(grants.client), await issue(grants.client)];
  const rootCrl = await after.createCrl();
  await issuing.revoke(lost.serial, 'keyCompromise');
  const crl = await issuing.createCrl();
  const crossed = (await before.crossSign(newRoot.certificate)).certificate;
  return {
    oldRoot: file('old-root', oldRoot.certificate),
    newRoot: file('new-root', newRoot.certificate),
    between: file('between', intermediate),
    betweenAndCrossed: file('between-and-crossed', intermediate, crossed),
    request: file('request', createCertRequest(keys, { ...grants.server.names })),
    server: file('server', server.certificate),
    client: file('client', client.certificate),
    lost: file('lost', lost.certificate),
    crl: file('crl', crl),
    rootCrl: file('root-crl', rootCrl),
    crls: file('crls', crl, rootCrl),
    // GnuTLS takes the path from the leaf to the root.
    serverPath: file('server-path', server.certificate, intermediate, newRoot.certificate),
    crossedPath: file('crossed-path', server.certificate, intermediate, crossed, oldRoot.certificate),
  };
}

type Life = Awaited<ReturnType<typeof lifeOf>>;

const isFine = (text: string) => ({ status: 0, stdout: expect.any(String), text: expect.stringContaining(text) });

optional('openssl', ['openssl', 'version'])('OpenSSL accepts', () => {
  describe.each(kinds)('with keys of type %s %s', (type, size) => {
    let life: Life;
    beforeAll(async () => {
      life = await lifeOf(type, size);
    });
    const verify = (leaf: string, ...args: string[]) => openssl.ask(['verify', '-x509_strict', ...args, leaf]);

    test(
      'the request',
      openssl.test(() => {
        expect(openssl.ask(['req', '-verify', '-noout', '-in', life.request])).toEqual(
          isFine('self-signature verify OK'),
        );
      }),
    );

    test(
      'certificates of a server and a client, and refuses a revoked one',
      openssl.test(() => {
        const path = ['-CAfile', life.newRoot, '-untrusted', life.between, '-CRLfile', life.crls, '-crl_check_all'];
        const host = ['-purpose', 'sslserver', '-verify_hostname', 'chat.example'];
        expect(verify(life.server, ...path, ...host)).toEqual(isFine(': OK'));
        expect(verify(life.client, ...path, '-purpose', 'sslclient')).toEqual(isFine(': OK'));
        expect(verify(life.lost, ...path)).toMatchObject({
          status: 2,
          text: expect.stringContaining('certificate revoked'),
        });
      }),
    );

    test(
      'the revocation lists',
      openssl.test(() => {
        const check = (crl: string, issuer: string) =>
          openssl.ask(['crl', '-verify', '-noout', '-in', crl, '-CAfile', issuer]);
        expect(check(life.crl, life.between)).toEqual(isFine('verify OK'));
        expect(check(life.rootCrl, life.newRoot)).toEqual(isFine('verify OK'));
      }),
    );

    test(
      'a leaf of the new root with the old root as anchor',
      openssl.test(() => {
        const path = ['-CAfile', life.oldRoot, '-untrusted', life.betweenAndCrossed, '-purpose', 'sslserver'];
        expect(verify(life.server, ...path)).toEqual(isFine(': OK'));
      }),
    );
  });
});

optional('GnuTLS certtool', ['certtool', '--version'])('GnuTLS accepts', () => {
  describe.each(kinds)('with keys of type %s %s', (type, size) => {
    let life: Life;
    beforeAll(async () => {
      life = await lifeOf(type, size);
    });

    test(
      'the request',
      certtool.test(() => {
        expect(certtool.ask(['--crq-info', '--infile', life.request])).toEqual(isFine('Self signature: verified'));
      }),
    );

    test(
      'the path, and a leaf of the new root with the old root as anchor',
      certtool.test(() => {
        const verify = (root: string, path: string) =>
          certtool.ask([
            '--verify',
            '--verify-hostname',
            'chat.example',
            '--load-ca-certificate',
            root,
            '--infile',
            path,
          ]);
        expect(verify(life.newRoot, life.serverPath)).toEqual(isFine('Verified. The certificate is trusted'));
        expect(verify(life.oldRoot, life.crossedPath)).toEqual(isFine('Verified. The certificate is trusted'));
      }),
    );

    test(
      'the revocation lists',
      certtool.test(() => {
        const verify = (issuer: string, crl: string) =>
          certtool.ask(['--verify-crl', '--load-ca-certificate', issuer, '--infile', crl]);
        expect(verify(life.between, life.crl)).toEqual(isFine('Verified'));
        expect(verify(life.newRoot, life.rootCrl)).toEqual(isFine('Verified'));
      }),
    );
  });
});
