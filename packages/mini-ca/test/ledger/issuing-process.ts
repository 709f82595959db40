/**
 * A CA that issues as fast as it can until it is killed: four requests at a time, and for each certificate that was handed out
 * a line with its serial number and fingerprint. The folder holds `ca.pem`, `ca.key` and the ledger.
 */
import { readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { CertificateAuthority, createRequest, FileLedger, privateKeyFromPem } from '../../src/index.ts';

const folder = process.argv[2] ?? '';
const read = (name: string) => readFileSync(join(folder, name), 'utf8');

const ca = new CertificateAuthority({
  certificate: read('ca.pem'),
  privateKey: privateKeyFromPem(read('ca.key')),
  ledger: await FileLedger.open(join(folder, 'ledger')),
  authorise: () => ({ profile: 'client', names: { commonName: 'alice' } }),
});
const { request } = createRequest('alice');

async function issueForEver(): Promise<never> {
  for (;;) {
    const { serial, fingerprint } = await ca.issue(request);
    writeSync(1, `${serial} ${fingerprint}\n`);
  }
}

await Promise.all(Array.from({ length: 4 }, issueForEver));
