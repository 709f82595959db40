/** This library reads what OpenSSL and GnuTLS make, for every type of key: certificates, requests, revocation lists, chains. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onlyInFullRun, optional, temporaryFolder } from '@chat/testkit';
import { expect, test } from 'vitest';
import { checkRequest, createKeyPair, readCertificate, readCrl, verifyCertificate } from '../../src/index.ts';
import { outcomeOf } from '../support/forge.ts';
import { certtool, openssl, type Peer } from '../support/peer.ts';

const { path: folder } = temporaryFolder();

function write(name: string, content: string): void {
  writeFileSync(join(folder, name), content);
}

function read(name: string): string {
  const text = readFileSync(join(folder, name), 'latin1');
  // Some programs write a description above the PEM block.
  return text.slice(text.indexOf('-----BEGIN'));
}

function make(peer: Peer, ...args: string[]): void {
  peer.make(args, { cwd: folder });
}

const keyTypes = [
  ['rsa', 2048],
  ['ec', 'P-256'],
  ['ec', 'P-384'],
  ['ec', 'P-521'],
  ['ed25519', undefined],
  ['dsa', 2048],
] as const;

/** Writes the keys of the CA and of the leaf. */
function writeKeys(type: (typeof keyTypes)[number][0], size: (typeof keyTypes)[number][1]): void {
  for (const name of ['ca', 'leaf']) {
    write(`${name}.key`, createKeyPair(type, size).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  }
}

/** Reads all files in the folder, and verifies the chain. */
function expectReadable(type: string): void {
  const [ca, leaf, crl] = [readCertificate(read('ca.pem')), readCertificate(read('leaf.pem')), readCrl(read('ca.crl'))];
  expect(ca.subject.commonName).toBe('Peer CA');
  expect(leaf.names).toMatchObject({ dns: ['chat.example'], ip: ['192.0.2.1'] });
  expect(crl.issuer).toEqual(ca.subject);
  expect([...crl.revoked.keys()]).toEqual(['1234']);
  expect(checkRequest(read('leaf.csr')).publicKey.equals(leaf.publicKey)).toBe(true);
  const options = { anchors: [ca], at: new Date(Date.now() + 1000), purpose: 'serverAuth', crls: [crl] } as const;
  const code = outcomeOf(() => verifyCertificate(leaf, { ...options, name: 'chat.example' }));
  expect(code).toBe(type === 'dsa' ? 'unsupported-algorithm' : 'accepted');
}

optional('openssl', ['openssl', 'version'])('openssl', () => {
  const config = [
    '[ca]\ndefault_ca=peer',
    '[peer]\ndatabase=index.txt\ncrlnumber=crlnumber\ndefault_md=default\ndefault_crl_days=1\ncrl_extensions=crl',
    '[crl]\nauthorityKeyIdentifier=keyid',
    '[req]\ndistinguished_name=dn\n[dn]',
    '[root]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash',
    '[leaf]\nbasicConstraints=CA:FALSE\nkeyUsage=digitalSignature\nextendedKeyUsage=serverAuth,clientAuth',
    'subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid,issuer:always',
    'subjectAltName=DNS:chat.example,IP:192.0.2.1,email:a@chat.example\ncertificatePolicies=1.2.3.4',
    'crlDistributionPoints=URI:http://chat.example/crl\nauthorityInfoAccess=OCSP;URI:http://chat.example/ocsp',
  ];

  test.each(keyTypes)(
    'makes a chain, a request and a list that are read, for a key of type %s %s',
    openssl.test((type, size) => {
      writeKeys(type, size);
      write('openssl.cnf', config.join('\n'));
      write('index.txt', 'R\t491231235959Z\t251123120000Z,keyCompromise\t1234\tunknown\t/CN=revoked\n');
      write('crlnumber', '0A\n');
      const conf = ['-config', 'openssl.cnf'];
      make(
        openssl,
        'req',
        '-x509',
        '-new',
        ...conf,
        '-extensions',
        'root',
        '-key',
        'ca.key',
        '-subj',
        '/CN=Peer CA',
        '-out',
        'ca.pem',
      );
      make(openssl, 'req', '-new', ...conf, '-key', 'leaf.key', '-subj', '/C=SE/O=Example/CN=chat', '-out', 'leaf.csr');
      const extensions = ['-extfile', 'openssl.cnf', '-extensions', 'leaf', '-set_serial', '77'];
      make(
        openssl,
        'x509',
        '-req',
        '-in',
        'leaf.csr',
        '-CA',
        'ca.pem',
        '-CAkey',
        'ca.key',
        ...extensions,
        '-out',
        'leaf.pem',
      );
      make(openssl, 'ca', ...conf, '-gencrl', '-keyfile', 'ca.key', '-cert', 'ca.pem', '-out', 'ca.crl');
      expectReadable(type);
      expect(readCrl(read('ca.crl'))).toMatchObject({ number: 10n });
      expect(readCrl(read('ca.crl')).revoked.get('1234')).toEqual({
        serial: '1234',
        revokedAt: new Date('2025-11-23T12:00:00Z'),
        reason: 'keyCompromise',
      });
    }),
  );
});

onlyInFullRun('what GnuTLS’s certtool makes')('certtool', () => {
  const common = 'expiration_days = 1\n';

  test.each(keyTypes)(
    'makes a chain, a request and a list that are read, for a key of type %s %s',
    certtool.test((type, size) => {
      writeKeys(type, size);
      write('ca.tmpl', `${common}cn = "Peer CA"\nca\ncert_signing_key\ncrl_signing_key\n`);
      const names = 'dns_name = "chat.example"\nip_address = "192.0.2.1"\n';
      write('leaf.tmpl', `${common}cn = "chat"\nserial = 77\n${names}signing_key\ntls_www_server\ntls_www_client\n`);
      write('revoked.tmpl', `${common}cn = "revoked"\nserial = 4660\nsigning_key\n`);
      write('crl.tmpl', 'crl_next_update = 1\ncrl_number = 10\n');
      const ca = ['--load-ca-privkey', 'ca.key', '--load-ca-certificate', 'ca.pem'];
      make(
        certtool,
        '--generate-self-signed',
        '--load-privkey',
        'ca.key',
        '--template',
        'ca.tmpl',
        '--outfile',
        'ca.pem',
      );
      make(
        certtool,
        '--generate-request',
        '--load-privkey',
        'leaf.key',
        '--template',
        'leaf.tmpl',
        '--outfile',
        'leaf.csr',
      );
      for (const name of ['leaf', 'revoked']) {
        make(
          certtool,
          '--generate-certificate',
          '--load-privkey',
          'leaf.key',
          ...ca,
          '--template',
          `${name}.tmpl`,
          '--outfile',
          `${name}.pem`,
        );
      }
      make(
        certtool,
        '--generate-crl',
        ...ca,
        '--load-certificate',
        'revoked.pem',
        '--template',
        'crl.tmpl',
        '--outfile',
        'ca.crl',
      );
      expectReadable(type);
      expect(readCrl(read('ca.crl'))).toMatchObject({ number: 10n });
    }),
  );
});
