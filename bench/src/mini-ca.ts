/**
 * Certificates: @chat/mini-ca, @peculiar/x509, the program openssl, and the bare operations on the curve. Measured is to check a
 * request with a P-256 key, issue the certificate and record it in memory.
 */
import 'reflect-metadata';
import { spawnSync } from 'node:child_process';
import {
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  verify,
  webcrypto,
  X509Certificate,
} from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CertificateAuthority,
  type Curve,
  createCA,
  createCertRequest,
  createKeyPair,
  FileLedger,
  type Ledger,
  MemoryLedger,
  privateKeyToPem,
  type VerifyProfile,
  verifyCertificate,
} from '@chat/mini-ca';
import * as x509 from '@peculiar/x509';
import { type Contender, compare, type Plan } from './measure/measure.ts';
import { type Row, report } from './report/report.ts';

const contenderName = '@chat/mini-ca';
const dayMs = 86_400_000;
/** The number of requests that wait for the disk together. */
const concurrentRequests = 64;

type Root = ReturnType<typeof createCA>;

const digests = { 'P-256': 'sha256', 'P-384': 'sha384' } as const;

/** Runs a program again and again for that time. Returns runs per second. */
function processes(args: readonly string[]): (ms: number) => Promise<number> {
  return async (ms) => {
    const start = performance.now();
    let runs = 0;
    do {
      const { status, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
      if (status !== 0) throw new Error(`openssl ${args.join(' ')}: ${stderr}`);
      runs += 1;
    } while (performance.now() - start < ms);
    return (runs * 1000) / (performance.now() - start);
  };
}

function authority(root: Root, ledger: Ledger): CertificateAuthority {
  const grant = { profile: 'client', names: { commonName: 'alice', uri: ['chat://example/alice'] } };
  return new CertificateAuthority({ ...root, ledger, authorise: () => grant });
}

/** Issues many at once, so that they share the writes to the disk. */
function recordedOnDisk(ca: CertificateAuthority, request: string): (ms: number) => Promise<number> {
  return async (ms) => {
    const start = performance.now();
    let issued = 0;
    do {
      await Promise.all(Array.from({ length: concurrentRequests }, () => ca.issue(request)));
      issued += concurrentRequests;
    } while (performance.now() - start < ms);
    return (issued * 1000) / (performance.now() - start);
  };
}

/** The same checks, extensions and record, written with the codec @peculiar/x509. */
async function peculiar(root: Root, request: string, curve: keyof typeof digests): Promise<() => Promise<unknown>> {
  const algorithm = { name: 'ECDSA', namedCurve: curve, hash: digests[curve].replace('sha', 'SHA-') };
  const pkcs8 = root.privateKey.export({ type: 'pkcs8', format: 'der' });
  const signingKey = await webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']);
  const issuer = new x509.X509Certificate(root.certificate);
  const authorityKey = await x509.AuthorityKeyIdentifierExtension.create(issuer);
  const recorded = new Map<string, ArrayBuffer>();
  return async () => {
    const asked = new x509.Pkcs10CertificateRequest(request);
    if (!(await asked.verify())) throw new Error('no possession');
    const publicKey = await asked.publicKey.export();
    const serialNumber = randomBytes(16).toString('hex');
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber,
      subject: 'CN=alice',
      issuer: issuer.subject,
      notBefore: new Date(),
      notAfter: new Date(Date.now() + dayMs),
      signingAlgorithm: algorithm,
      publicKey,
      signingKey,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
        await x509.SubjectKeyIdentifierExtension.create(publicKey),
        authorityKey,
        new x509.SubjectAlternativeNameExtension([{ type: 'url', value: 'chat://example/alice' }]),
      ],
    });
    recorded.set(serialNumber, certificate.rawData);
    return certificate.toString('pem');
  };
}

/** Imports a key and verifies one signature: the least that a proof of possession costs. */
function rawCheck(keys: { privateKey: KeyObject; publicKey: KeyObject }): () => boolean {
  const spki = keys.publicKey.export({ type: 'spki', format: 'der' });
  const data = randomBytes(300);
  const signature = sign('sha256', data, keys.privateKey);
  return () => verify('sha256', data, createPublicKey({ key: spki, type: 'spki', format: 'der' }), signature);
}

async function issuing(curve: keyof typeof digests, folder: string, plan: Plan): Promise<Row[]> {
  const root = createCA({ size: curve satisfies Curve });
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const request = createCertRequest(keys, { commonName: 'alice', uri: ['chat://example/alice'] });
  const path = (name: string) => join(folder, `${curve}.${name}`);
  await writeFile(path('ca.pem'), root.certificate);
  await writeFile(path('ca.key'), privateKeyToPem(root.privateKey));
  await writeFile(path('request.pem'), request);

  const ca = authority(root, new MemoryLedger());
  await using ledger = await FileLedger.open(path('ledger'));
  const onDisk = authority(root, ledger);
  const data = randomBytes(500);
  const rawSign = () => sign(digests[curve], data, root.privateKey);
  const check = rawCheck(keys);
  const files = ['-in', path('request.pem'), '-CA', path('ca.pem'), '-CAkey', path('ca.key'), '-out', path('leaf.pem')];

  const contenders: Contender[] = [
    { name: contenderName, operation: () => ca.issue(request) },
    { name: '@peculiar/x509', operation: await peculiar(root, request, curve) },
    { name: 'a loop of openssl x509 -req', measure: processes(['x509', '-req', ...files, '-days', '1']) },
    { name: 'raw: sign', operation: rawSign },
    { name: 'raw: check and sign', operation: () => check() && rawSign() },
  ];
  return [
    { task: `${curve}: check, issue, record`, results: await compare(contenders, plan) },
    {
      task: `${curve}: the same, on disk, ${concurrentRequests} at once`,
      results: await compare([{ name: contenderName, measure: recordedOnDisk(onDisk, request) }], plan),
    },
  ];
}

/**
 * What a program does with the certificates of `node:crypto`, which verify no path: names, signatures, dates, the flag of CAs and the
 * host. Key usage, extended key usage, path lengths, name constraints and critical extensions are not checked.
 */
function checkedByNode(pems: readonly string[], host: string): void {
  const path = pems.map((pem) => new X509Certificate(pem));
  const now = Date.now();
  const isSound = path.every((certificate, at) => {
    const issuer = path[at + 1] ?? certificate;
    const isIssued =
      certificate.checkIssued(issuer) && (issuer === certificate || certificate.verify(issuer.publicKey));
    const isCurrent = Date.parse(certificate.validFrom) <= now && now <= Date.parse(certificate.validTo);
    return isIssued && isCurrent && issuer.ca;
  });
  if (!isSound || path[0]?.checkHost(host) === undefined) throw new Error('The path is not sound.');
}

/** The path that @peculiar/x509 builds by names and signatures, and the dates. It checks no extension and no host. */
async function checkedByPeculiar([leaf = '', ...others]: readonly string[]): Promise<void> {
  const certificates = others.map((pem) => new x509.X509Certificate(pem));
  const path = await new x509.X509ChainBuilder({ certificates }).build(new x509.X509Certificate(leaf));
  const now = new Date();
  const isCurrent = path.every(({ notBefore, notAfter }) => notBefore <= now && now <= notAfter);
  if (path.length !== others.length + 1 || !isCurrent) throw new Error('The path is not sound.');
}

/** A leaf, its CA and the root, all P-256, parsed from PEM each time. */
async function validating(folder: string, plan: Plan): Promise<Row> {
  const root = createCA({ commonName: 'Root', size: 'P-256', pathLength: 1 });
  const keys = createKeyPair('ec');
  const above = new CertificateAuthority({
    ...root,
    ledger: new MemoryLedger(),
    authorise: () => ({ profile: 'intermediate', names: { commonName: 'Issuing CA' } }),
  });
  const intermediate = (await above.issue(createCertRequest(keys, {}))).certificate;
  const below = new CertificateAuthority({
    certificate: intermediate,
    privateKey: keys.privateKey,
    ledger: new MemoryLedger(),
    authorise: () => ({ profile: 'server', names: { dns: ['chat.example'] } }),
  });
  const leaf = (await below.issue(createCertRequest(createKeyPair('ec'), {}))).certificate;
  const files = { 'root.pem': root.certificate, 'intermediate.pem': intermediate, 'leaf.pem': leaf };
  const path = (name: keyof typeof files) => join(folder, name);
  for (const name of Object.keys(files) as (keyof typeof files)[]) await writeFile(path(name), files[name]);

  const options = { anchors: [root.certificate], intermediates: [intermediate], purpose: 'serverAuth' } as const;
  const check = rawCheck(keys);
  const args = ['-CAfile', path('root.pem'), '-untrusted', path('intermediate.pem'), '-purpose', 'sslserver'];
  const host = 'chat.example';
  const verifying = (profile: VerifyProfile) => () =>
    verifyCertificate(leaf, { ...options, at: new Date(), name: host, profile });
  const pems = [leaf, intermediate, root.certificate];
  const contenders: Contender[] = [
    { name: contenderName, operation: verifying('tls') },
    { name: `${contenderName}: profile rfc5280`, operation: verifying('rfc5280') },
    { name: `${contenderName}: profile webpki`, operation: verifying('webpki') },
    { name: '@peculiar/x509', operation: () => checkedByPeculiar(pems) },
    { name: 'node:crypto, without the rules of paths', operation: () => checkedByNode(pems, host) },
    {
      name: 'a loop of openssl verify',
      measure: processes(['verify', '-x509_strict', ...args, '-verify_hostname', host, path('leaf.pem')]),
    },
    { name: 'raw: check twice', operation: () => check() && check() },
  ];
  return { task: 'P-256: verify a path of 3', results: await compare(contenders, plan) };
}

/** Measures the issue of certificates. */
export async function benchMiniCa(plan: Plan): Promise<void> {
  x509.cryptoProvider.set(globalThis.crypto);
  const folder = await mkdtemp(join(tmpdir(), 'bench-mini-ca-'));
  try {
    const rows = [...(await issuing('P-256', folder, plan)), ...(await issuing('P-384', folder, plan))];
    await report(contenderName, contenderName, [...rows, await validating(folder, plan)]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
