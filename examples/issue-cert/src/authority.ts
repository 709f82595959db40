/** The CA of this example: a folder with its certificate, its encrypted key and its ledger. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CertificateAuthority,
  createCA,
  FileLedger,
  type Grant,
  privateKeyFromPem,
  privateKeyToPem,
} from '@chat/mini-ca';

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

export interface OpenAuthority extends AsyncDisposable {
  /** Issues what the caller passes as grant. */
  readonly ca: CertificateAuthority<Grant>;
}

/** Opens the CA in a folder, or creates it. */
export async function openAuthority(folder: string, password: string): Promise<OpenAuthority> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const [certificateFile, keyFile] = [join(folder, 'ca.pem'), join(folder, 'ca.key')];
  const ledger = await FileLedger.open(join(folder, 'ledger'));
  try {
    if ((await readIfThere(certificateFile)) === null) {
      const root = createCA({ commonName: 'Example CA' });
      await writeFile(keyFile, privateKeyToPem(root.privateKey, password), { mode: 0o600 });
      await writeFile(certificateFile, root.certificate);
    }
    const ca = new CertificateAuthority<Grant>({
      certificate: await readFile(certificateFile, 'utf8'),
      privateKey: privateKeyFromPem(await readFile(keyFile, 'utf8'), password),
      ledger,
      authorise: ({ context, previous }) => previous ?? context,
    });
    return { ca, [Symbol.asyncDispose]: () => ledger.close() };
  } catch (error) {
    await ledger.close();
    throw error;
  }
}
