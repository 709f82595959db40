/** Issues, revokes and shows certificates. The README describes its use. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CaError, createRequest, type Grant, inspect, isIpAddress, privateKeyToPem } from '@chat/mini-ca';
import { openAuthority } from './authority.ts';

const folder = process.env['CA_FOLDER'] ?? 'pki';
const usage = `issue-cert server HOST     issues a certificate for a TLS server
issue-cert client USER     issues a certificate for a TLS client
issue-cert revoke SERIAL   revokes a certificate, and writes a new crl.pem
issue-cert show FILE       describes a certificate, request or list

The files of the CA are in ${folder} (CA_FOLDER). CA_PASSWORD is the password of its key.`;

async function issue(name: string, grant: Grant): Promise<void> {
  await using authority = await openAuthority(folder, process.env['CA_PASSWORD'] ?? '');
  const { request, privateKey } = createRequest(name);
  const { certificate } = await authority.ca.issue(request, grant);
  await writeFile(join(folder, `${name}.key`), privateKeyToPem(privateKey), { mode: 0o600 });
  await writeFile(join(folder, `${name}.pem`), certificate);
  console.log(inspect(certificate));
}

async function revoke(serial: string): Promise<void> {
  await using authority = await openAuthority(folder, process.env['CA_PASSWORD'] ?? '');
  await authority.ca.revoke(serial);
  const crl = await authority.ca.createCrl();
  await writeFile(join(folder, 'crl.pem'), crl);
  console.log(inspect(crl));
}

const commands: Readonly<Record<string, (argument: string) => Promise<void>>> = {
  server: (host) => issue(host, { profile: 'server', names: isIpAddress(host) ? { ip: [host] } : { dns: [host] } }),
  client: (user) => issue(user, { profile: 'client', names: { commonName: user } }),
  revoke,
  show: async (file) => console.log(inspect(await readFile(file, 'utf8'))),
};

const [command = '', argument] = process.argv.slice(2);
const run = Object.hasOwn(commands, command) ? commands[command] : undefined;
if (run === undefined || argument === undefined || /[/\\]/.test(command === 'show' ? '' : argument)) {
  console.error(usage);
  process.exitCode = 2;
} else {
  try {
    await run(argument);
  } catch (error) {
    if (!(error instanceof CaError)) throw error;
    console.error(`${error.message} (${error.code})`);
    process.exitCode = 1;
  }
}
