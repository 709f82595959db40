/** Signs files with a key under a password, and verifies them with the public key alone. */
import { readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { createSerializedKeys, type Domain, importVerifier, SignatureError, unlockSigner } from '@chat/signatures';

const [privateFile, publicFile] = ['release-key.pem', 'release-key.pub.pem'];

/** The signature covers the file's name too: a signed file cannot pass for another one. */
const domainOf = (path: string): Domain => ({
  protocol: 'sign-release/1',
  purpose: 'release',
  context: basename(path),
});

async function createKeys(password: string): Promise<string> {
  const { privatePem, publicPem } = createSerializedKeys(password);
  await writeFile(privateFile, privatePem, { mode: 0o600, flag: 'wx' });
  await writeFile(publicFile, publicPem);
  return `key ${importVerifier(publicPem).fingerprint}`;
}

async function sign(path: string, password: string): Promise<string> {
  const signer = unlockSigner(await readFile(privateFile, 'utf8'), password);
  await writeFile(`${path}.sig`, signer.sign(domainOf(path), await readFile(path)));
  return `signed ${path}`;
}

async function verify(path: string): Promise<string> {
  const verifier = importVerifier(await readFile(publicFile, 'utf8'));
  const valid = verifier.verify(domainOf(path), await readFile(path), await readFile(`${path}.sig`));
  if (!valid) process.exitCode = 1;
  return valid ? `${path} is signed by ${verifier.fingerprint}` : `${path} is NOT what was signed`;
}

const [command, path] = process.argv.slice(2);
const password = process.env['KEY_PASSWORD'] ?? '';
try {
  if (command === 'keys') console.log(await createKeys(password));
  else if (command === 'sign' && path !== undefined) console.log(await sign(path, password));
  else if (command === 'verify' && path !== undefined) console.log(await verify(path));
  else {
    console.error('Usage: KEY_PASSWORD=... sign-release keys | sign FILE; sign-release verify FILE');
    process.exitCode = 2;
  }
} catch (error) {
  if (!(error instanceof SignatureError)) throw error;
  console.error(`${error.message} (${error.code})`);
  process.exitCode = 1;
}
