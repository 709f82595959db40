/** `pnpm bench [library ...]`: measures each library and its peers in one run. */
import { benchAbuse } from './abuse/abuse.ts';
import { benchCatchUp } from './catch-up.ts';
import { benchClient } from './client/client.ts';
import { benchEcdhHub } from './ecdh-hub.ts';
import { benchFanOut } from './fanout/fanout.ts';
import { benchFernet } from './fernet.ts';
import type { Plan } from './measure/measure.ts';
import { type Python, startPython } from './measure/python.ts';
import { benchMessages } from './messages/messages.ts';
import { benchMiniCa } from './mini-ca.ts';
import { benchRemoval } from './removal/removal.ts';
import { benchRoom } from './room.ts';
import { benchScreen } from './screen/screen.ts';
import { benchSignatures } from './signatures.ts';

interface Bench {
  readonly run: (plan: Plan, python: Python | null) => Promise<void>;
  /** True if Python's cryptography is one of the peers. */
  readonly python: boolean;
  /** True if it runs only when it is named. */
  readonly onDemand?: boolean;
}

const benches = new Map<string, Bench>([
  ['fernet', { run: benchFernet, python: true }],
  ['signatures', { run: benchSignatures, python: true }],
  ['ecdh-hub', { run: benchEcdhHub, python: false }],
  ['mini-ca', { run: benchMiniCa, python: false }],
  ['room', { run: benchRoom, python: false }],
  ['catching-up', { run: benchCatchUp, python: false }],
  ['removal', { run: benchRemoval, python: false, onDemand: true }],
  ['client', { run: benchClient, python: false, onDemand: true }],
  ['messages', { run: benchMessages, python: false, onDemand: true }],
  ['screen', { run: benchScreen, python: false, onDemand: true }],
  ['fanout', { run: benchFanOut, python: false, onDemand: true }],
  ['abuse', { run: benchAbuse, python: false, onDemand: true }],
]);
const pythonMissing =
  'Python with the package cryptography was not found and is left out. Debian: apt install python3-cryptography';
const plan: Plan = { rounds: Number(process.env['CHAT_BENCH_ROUNDS'] ?? 5), time: 200 };

async function run(names: readonly string[]): Promise<void> {
  const unknown = names.filter((name) => !benches.has(name));
  if (unknown.length > 0) {
    console.error(
      `There is no bench "${unknown.join(' ')}": choose from ${[...benches.keys()].join(', ')}, or none for all.`,
    );
    process.exitCode = 2;
    return;
  }
  const chosen = [...benches]
    .filter(([name, { onDemand }]) => (names.length === 0 ? onDemand !== true : names.includes(name)))
    .map(([, bench]) => bench);
  const python = chosen.some((bench) => bench.python) ? startPython() : null;
  try {
    for (const bench of chosen) {
      if (bench.python && python === null) console.log(pythonMissing);
      await bench.run(plan, python);
    }
  } finally {
    python?.close();
  }
}

await run(process.argv.slice(2).filter((word) => word !== '--'));
