/** `pnpm demo`: two users talk through a real server. Prints what they saw beside what the server stored. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { converse } from './conversation.ts';
import { searchEverything } from './leak-search.ts';
import { sideBySide, storedLine } from './report.ts';
import { readServerLog } from './server-log.ts';

const folder = await mkdtemp(join(tmpdir(), 'chat-demo-'));
const data = join(folder, 'server');
const print = (text: string) => process.stdout.write(`${text}\n`);

try {
  const { roomId, seen, secrets, output } = await converse(data, join(folder, 'clients'), print);
  const stored = (await readServerLog(data, roomId)).map(storedLine);
  print(
    `\n${sideBySide({ 'what Alice saw': seen.alice, 'what Bob saw': seen.bob, 'what the server stored': stored })}\n`,
  );

  const { findings, files, bytes } = await searchEverything(data, { "the server's output and log": output }, secrets);
  const texts = secrets.filter(({ what }) => what.startsWith('text')).length;
  print(`Searched ${files} files and the log of the server (${bytes} bytes)`);
  print(`for ${texts} texts and ${secrets.length - texts} room keys, raw and in base64, base64url, hex and JSON:`);
  for (const { place, what } of findings) print(`  FOUND ${what} in ${place}`);
  print(findings.length === 0 ? '  found none of them.' : '  The server can read them: this is a defect.');
  process.exitCode = findings.length === 0 ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
