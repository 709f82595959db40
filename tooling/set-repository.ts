/**
 * Writes `repository`, `homepage` and `bugs` into the manifest of each published package:
 *
 *     node tooling/set-repository.ts https://HOST/OWNER/NAME
 *
 * npm rejects a package with provenance whose `repository.url` is not the repository that built it, so these fields have one
 * source: this command. The release workflow runs it with the address of its own repository.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const packages = join(import.meta.dirname, '..', 'packages');

type Manifest = Readonly<Record<string, unknown>>;

/**
 * Returns `manifest` with the fields that name the repository, after `author`.
 *
 * @param address - The repository's address in a browser, `https://HOST/OWNER/NAME`.
 * @param directory - The package's folder, from the root of the repository.
 */
export function withRepository(manifest: Manifest, address: string, directory: string): Manifest {
  const { repository: _, homepage: __, bugs: ___, ...others } = manifest;
  const fields = {
    repository: { type: 'git', url: `git+${address}.git`, directory },
    homepage: `${address}/tree/main/${directory}#readme`,
    bugs: `${address}/issues`,
  };
  const entries = Object.entries(others);
  const after = entries.findIndex(([name]) => name === 'author') + 1;
  return Object.fromEntries([...entries.slice(0, after), ...Object.entries(fields), ...entries.slice(after)]);
}

function setRepository(address: string): void {
  for (const name of readdirSync(packages)) {
    const path = join(packages, name, 'package.json');
    const manifest: Manifest = JSON.parse(readFileSync(path, 'utf8'));
    if (manifest['private'] === true) continue;
    writeFileSync(path, `${JSON.stringify(withRepository(manifest, address, `packages/${name}`), null, 2)}\n`);
    console.log(`packages/${name}/package.json: ${address}`);
  }
}

if (import.meta.main) {
  const [address = ''] = process.argv.slice(2);
  if (/^https:\/\/[^/\s]+\/\S*[^/\s]$/.test(address) && !address.endsWith('.git')) setRepository(address);
  else {
    console.error('Usage: node tooling/set-repository.ts https://HOST/OWNER/NAME (without `.git`)');
    process.exitCode = 2;
  }
}
