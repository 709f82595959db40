/** The link with which `npx pnpm@12` finds the pnpm that is there. */
import { chmodSync, existsSync, mkdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { optional, startChild, temporaryFolder } from '@chat/testkit';
import { expect, test } from 'vitest';
import { linkPnpm } from '../../tooling/link-pnpm.ts';
import { machineEnvironment } from '../support/machine.ts';

const agent = 'pnpm/12.21.0 npm/? node/? linux x64';

/** A workspace, and a file that stands for pnpm. */
function workspace(content: string | Uint8Array = Uint8Array.of(0x7f, 0x45, 0x4c, 0x46)) {
  const { path } = temporaryFolder();
  const [root, pnpm] = [join(path, 'chat'), join(path, 'pnpm')];
  mkdirSync(join(root, 'node_modules/.bin'), { recursive: true });
  writeFileSync(pnpm, content);
  chmodSync(pnpm, 0o755);
  const link = (name: string) => join(root, 'node_modules/.bin', name);
  return { root, pnpm, link };
}

test('links the pnpm that runs, and again when it is another one', () => {
  const { root, pnpm, link } = workspace();
  linkPnpm(root, { npm_execpath: pnpm, npm_config_user_agent: agent });
  expect([readlinkSync(link('pnpm')), readlinkSync(link('pnpm@12'))]).toEqual([pnpm, pnpm]);
  const other = workspace().pnpm;
  linkPnpm(root, { npm_execpath: other, npm_config_user_agent: agent });
  expect([readlinkSync(link('pnpm')), readlinkSync(link('pnpm@12'))]).toEqual([other, other]);
  linkPnpm(root, { npm_execpath: link('pnpm@12'), npm_config_user_agent: agent });
  expect(readlinkSync(link('pnpm@12'))).toBe(other);
});

test('links no other version, no script, and nothing that is not there', () => {
  const { root, pnpm, link } = workspace();
  linkPnpm(root, { npm_execpath: pnpm, npm_config_user_agent: 'pnpm/13.0.0 npm/? node/? linux x64' });
  linkPnpm(root, { npm_execpath: workspace('#!/bin/sh\n').pnpm, npm_config_user_agent: agent });
  linkPnpm(root, { npm_execpath: `${pnpm}-gone`, npm_config_user_agent: agent });
  linkPnpm(root, { npm_config_user_agent: agent });
  linkPnpm(root, {});
  expect(existsSync(link('pnpm@12'))).toBe(false);
});

optional('npx', ['npx', '--version'])('npx', () => {
  test('starts the linked pnpm without asking the registry, and asks the registry when the link leads nowhere', async () => {
    const { root, pnpm, link } = workspace();
    linkPnpm(root, { npm_execpath: pnpm, npm_config_user_agent: agent });
    writeFileSync(pnpm, '#!/bin/sh\necho "pnpm with $*"\n');
    const env = {
      ...machineEnvironment(),
      npm_config_registry: 'http://127.0.0.1:9',
      npm_config_fetch_retries: '0',
      npm_config_cache: join(root, '.npm'),
    };
    const start = () => startChild('npx', ['--yes', 'pnpm@12', '--filter', 'cli'], { cwd: root, env }).ended;
    expect(await start()).toMatchObject({ code: 0, out: 'pnpm with --filter cli\n' });
    rmSync(pnpm);
    expect(existsSync(link('pnpm@12'))).toBe(false);
    const { code, err } = await start();
    expect(code).not.toBe(0);
    expect(err).toContain('ECONNREFUSED');
  });
});
