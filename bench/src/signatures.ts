/** ECDSA P-384 with SHA-256: @chat/signatures, OpenSSL, Python's cryptography, and the bare backends. */
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto';
import { generateSigner, importVerifier } from '@chat/signatures';
import { p384 } from '@noble/curves/nist.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { type Contender, compare, type Plan } from './measure/measure.ts';
import type { Python } from './measure/python.ts';
import { type Row, report } from './report/report.ts';

const size = 256;

/**
 * Runs `openssl speed` for `seconds` whole seconds. Returns signatures and verifications per second of elapsed time, as for the
 * other contenders; without `-elapsed` it would count processor time only.
 */
function opensslSpeed(seconds: number): { sign: number; verify: number } | null {
  const { status, stdout } = spawnSync('openssl', ['speed', '-elapsed', '-seconds', `${seconds}`, 'ecdsap384'], {
    encoding: 'utf8',
  });
  const found = /ecdsa.*nistp384\)?\s+\S+\s+\S+\s+(\d+\.\d+)\s+(\d+\.\d+)/.exec(stdout);
  return status === 0 && found !== null ? { sign: Number(found[1]), verify: Number(found[2]) } : null;
}

/** Measures signing and verifying. */
export async function benchSignatures(plan: Plan, python: Python | null): Promise<void> {
  const data = randomBytes(size);
  const domain = { protocol: 'bench', purpose: 'speed', context: '' };
  const signer = generateSigner();
  const verifier = importVerifier(signer.publicKey);
  const signature = signer.sign(domain, data);

  const node = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const nodeSignature = sign('sha256', data, node.privateKey);
  const noble = p384.keygen();
  const digest = sha256(data);
  const nobleSignature = p384.sign(digest, noble.secretKey, { prehash: false });

  const tasks: Record<'sign' | 'verify', Contender[]> = {
    sign: [
      { name: '@chat/signatures', operation: () => signer.sign(domain, data) },
      { name: 'plain node:crypto', operation: () => sign('sha256', data, node.privateKey) },
      { name: 'plain noble', operation: () => p384.sign(digest, noble.secretKey, { prehash: false }) },
    ],
    verify: [
      { name: '@chat/signatures', operation: () => verifier.verify(domain, data, signature) },
      { name: 'plain node:crypto', operation: () => verify('sha256', data, node.publicKey, nodeSignature) },
      {
        name: 'plain noble',
        operation: () => p384.verify(nobleSignature, digest, noble.publicKey, { prehash: false }),
      },
    ],
  };
  const rows: Row[] = [];
  for (const task of ['sign', 'verify'] as const) {
    if (python !== null) {
      const name = `Python cryptography ${python.version}`;
      tasks[task].push({ name, measure: (ms) => python.measure(task, size, ms) });
    }
    if (opensslSpeed(1) !== null) {
      const measure = async () => opensslSpeed(1)?.[task] ?? Number.NaN;
      tasks[task].push({ name: 'openssl speed', measure });
    }
    rows.push({ task: `${task} ${size} B`, results: await compare(tasks[task], plan) });
  }
  await report('@chat/signatures', '@chat/signatures', rows);
}
