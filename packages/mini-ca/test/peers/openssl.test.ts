/** Exchanges with the openssl program: it accepts what this library makes, and this library reads what openssl makes. */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { optional, temporaryFolder } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import {
  checkRequest,
  createCA,
  createCertificate,
  createCertRequest,
  createKeyPair,
  issueCertificate,
  type Profile,
  profiles,
  readCertificate,
  verifyCertificate,
} from '../../src/index.ts';
import { outcomeOf } from '../support/forge.ts';
import { openssl as peer } from '../support/peer.ts';

const keySizes = [
  ['ec', 'P-256'],
  ['ec', 'P-384'],
  ['ec', 'P-521'],
  ['rsa', 2048],
  ['ed25519', undefined],
] as const;
const subject = { commonName: 'alice', organization: 'Example' };
const names = {
  ...subject,
  dns: ['chat.example'],
  ip: ['192.0.2.1', '::1'],
  uri: ['chat://a'],
  email: ['a@chat.example'],
};
const hourMs = 3_600_000;
/** The profiles of this library, with every kind of name. */
const server: Profile = { ...profiles.server, names: [...profiles.server.names, 'uri', 'email'] };
const client: Profile = { ...profiles.client, names: server.names };

const { path: folder } = temporaryFolder();

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function openssl(args: string[], input = ''): string {
  return peer.make(args, { input, cwd: folder });
}

/** Returns the certificate in the output of openssl. */
function certificateIn(output: string): string {
  const end = '-----END CERTIFICATE-----';
  return output.slice(output.indexOf('-----BEGIN CERTIFICATE'), output.indexOf(end) + end.length);
}

function keyFile(key: KeyObject): string {
  return file('key.pem', key.export({ type: 'pkcs8', format: 'pem' }).toString());
}

optional('openssl', ['openssl', 'version'])('openssl', () => {
  describe('accepts', () => {
    test.each([...keySizes, ['dsa', 2048]] as const)(
      'a request for a key of type %s %s',
      peer.test((type, size) => {
        const text = openssl(
          ['req', '-verify', '-noout', '-text'],
          createCertRequest(createKeyPair(type, size), names),
        );
        expect(text).toContain('self-signature verify OK');
        expect(text).toContain('DNS:chat.example, IP Address:192.0.2.1');
      }),
    );

    test.each(keySizes)(
      'certificates of both profiles for a key of type %s %s, by a CA with such a key',
      peer.test((type, size) => {
        const ca = createCA({ keyType: type, ...(size !== undefined && { size }) });
        const request = createCertRequest(createKeyPair(type, size), {});
        const root = file('ca.pem', ca.certificate);
        const issue = (profile: Profile) =>
          file('leaf.pem', issueCertificate({ request, ca, profile, names, lifetimeMs: hourMs, now: new Date() }));
        const check = (purpose: string, leaf: string) =>
          openssl(['verify', '-x509_strict', '-purpose', purpose, '-CAfile', root, leaf]);
        expect(check('sslserver', issue(server))).toContain('leaf.pem: OK');
        expect(() => check('sslclient', issue(server))).toThrow('unsuitable certificate purpose');
        expect(check('sslclient', issue(client))).toContain('leaf.pem: OK');
        expect(openssl(['verify', '-x509_strict', '-check_ss_sig', '-CAfile', root, root])).toContain('ca.pem: OK');
      }),
    );

    test(
      'a DSA certificate of createCertificate',
      peer.test(() => {
        const ca = createCA({ keyType: 'dsa' });
        const { notBefore, notAfter } = readCertificate(ca.certificate);
        const request = createCertRequest(createKeyPair('dsa'), names);
        const leaf = createCertificate(request, ca.certificate, ca.privateKey, 1n, notBefore, notAfter);
        const args = ['verify', '-CAfile', file('ca.pem', ca.certificate), file('leaf.pem', leaf)];
        expect(openssl(args)).toContain('leaf.pem: OK');
      }),
    );

    test(
      'certificates with exactly the documented extensions',
      peer.test(() => {
        const ca = createCA();
        const request = createCertRequest(createKeyPair('rsa', 2048), {});
        const leaf = issueCertificate({ request, ca, profile: server, names, lifetimeMs: hourMs, now: new Date() });
        const extensionsOf = (pem: string) =>
          openssl(['x509', '-noout', '-text'], pem)
            .split('X509v3 extensions:')[1]
            ?.split('Signature Algorithm')[0]
            ?.replace(/(?:[0-9A-F]{2}:){19}[0-9A-F]{2}/g, '<id>')
            .split('\n')
            .map((line) => line.trim())
            .filter((line) => line !== '');
        expect(extensionsOf(leaf)).toEqual([
          'X509v3 Basic Constraints: critical',
          'CA:FALSE',
          'X509v3 Key Usage: critical',
          'Digital Signature, Key Encipherment',
          'X509v3 Extended Key Usage:',
          'TLS Web Server Authentication',
          'X509v3 Subject Key Identifier:',
          '<id>',
          'X509v3 Authority Key Identifier:',
          '<id>',
          'X509v3 Subject Alternative Name:',
          'DNS:chat.example, IP Address:192.0.2.1, IP Address:0:0:0:0:0:0:0:1, URI:chat://a, email:a@chat.example',
        ]);
        expect(extensionsOf(ca.certificate)).toEqual([
          'X509v3 Basic Constraints: critical',
          'CA:TRUE, pathlen:0',
          'X509v3 Key Usage: critical',
          'Certificate Sign, CRL Sign',
          'X509v3 Subject Key Identifier:',
          '<id>',
        ]);
      }),
    );
  });

  describe('makes requests and certificates that this library reads', () => {
    test.each([...keySizes, ['dsa', 2048]] as const)(
      'a request of openssl req -new for a key of type %s %s',
      peer.test((type, size) => {
        const keys = createKeyPair(type, size);
        const san = 'subjectAltName=DNS:chat.example,IP:192.0.2.1,IP:::1,URI:chat://a,email:a@chat.example';
        const request = openssl([
          'req',
          '-new',
          '-key',
          keyFile(keys.privateKey),
          '-subj',
          '/C=SE/O=Example/CN=alice',
          '-addext',
          san,
        ]);
        const checked = checkRequest(request);
        expect(checked).toMatchObject({ keyType: type, names });
        expect(checked.publicKey.equals(keys.publicKey)).toBe(true);
      }),
    );

    test(
      'a certificate of openssl x509 -req, which is accepted if it has the required extensions',
      peer.test(() => {
        const ca = createCA();
        const request = file('request.pem', createCertRequest(createKeyPair('ec'), subject));
        const args = [
          'x509',
          '-req',
          '-in',
          request,
          '-CA',
          file('ca.pem', ca.certificate),
          '-CAkey',
          keyFile(ca.privateKey),
          '-days',
          '1',
        ];
        const bare = certificateIn(openssl([...args, '-set_serial', '0x80']));
        // A time after the certificate was made, because its first second may have begun during the test.
        const verify = (certificate: string) =>
          verifyCertificate(certificate, { anchors: [ca.certificate], at: new Date(), purpose: 'serverAuth' });
        expect(outcomeOf(() => verify(bare))).not.toBe('accepted');

        const lines = [
          'extendedKeyUsage=serverAuth',
          'authorityKeyIdentifier=keyid:always,issuer:always',
          'subjectAltName=DNS:chat.example',
        ];
        const certificate = certificateIn(openssl([...args, '-extfile', file('extensions.cnf', lines.join('\n'))]));
        expect(readCertificate(certificate)).toMatchObject({
          subject,
          names: { dns: ['chat.example'] },
          purposes: ['serverAuth'],
        });
        expect(outcomeOf(() => verify(certificate))).toBe('accepted');
      }),
    );

    test(
      'a root of openssl req -x509, which is accepted as an anchor',
      peer.test(() => {
        const keys = createKeyPair('ec');
        const usage = ['-addext', 'keyUsage=critical,keyCertSign'];
        const root = openssl(['req', '-x509', '-key', keyFile(keys.privateKey), '-subj', '/C=SE/CN=Root', ...usage]);
        const ca = {
          certificate: root,
          privateKey: createPrivateKey(keys.privateKey.export({ type: 'pkcs8', format: 'pem' })),
        };
        const request = createCertRequest(createKeyPair('ec'), {});
        const leaf = issueCertificate({
          request,
          ca,
          profile: server,
          names,
          lifetimeMs: hourMs,
          now: new Date(Date.now() + 1000),
        });
        const options = { anchors: [root], at: new Date(Date.now() + 1000), purpose: 'serverAuth' } as const;
        expect(verifyCertificate(leaf, options).path).toHaveLength(2);
      }),
    );
  });
});
