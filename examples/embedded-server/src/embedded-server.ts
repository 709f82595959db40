/** A chat server inside another program: its CA and its store are files in one folder. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createCA, privateKeyFromPem, privateKeyToPem } from '@chat/mini-ca';
import { codeOf, formatInvitationLine } from '@chat/protocol';
import { startServer } from '@chat/server-core';
import { openSqliteStore } from '@chat/store-sqlite';

/** Creates the CA in `folder` unless it is there, and opens it. Clients pin this CA: back it up. */
async function openAuthority(folder: string, password: string) {
  const [certificateFile, keyFile] = [join(folder, 'ca.pem'), join(folder, 'ca.key')];
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const root = createCA({ commonName: 'Embedded chat server' });
  try {
    await writeFile(keyFile, privateKeyToPem(root.privateKey, password), { mode: 0o600, flag: 'wx' });
    await writeFile(certificateFile, root.certificate);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
  return {
    certificate: await readFile(certificateFile, 'utf8'),
    privateKey: privateKeyFromPem(await readFile(keyFile, 'utf8'), password),
  };
}

const [folder = 'data'] = process.argv.slice(2);
const { CA_PASSWORD: password = '', PORT: port = '0' } = process.env;
const host = '127.0.0.1';
const ignore = () => {};

const server = await startServer({
  ca: await openAuthority(folder, password),
  store: await openSqliteStore(join(folder, 'chat.db')),
  enrolment: { host, port: Number(port), policy: 'open' },
  chat: { host, port: 0 },
  log: { debug: ignore, info: ignore, warn: console.warn, error: console.error },
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void server.close());
console.log(formatInvitationLine({ host, port: server.enrolmentAddress.port, fingerprint: server.caFingerprint }));

// The program does its own work here; the server shares its event loop, and the store has a thread of its own.
