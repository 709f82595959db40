/** `pnpm bench [library]`: each library against its peers, in one run. */
import { benchFernet } from './fernet.ts';
import { startPython } from './python.ts';
import { benchSignatures } from './signatures.ts';

const benches = { fernet: benchFernet, signatures: benchSignatures };
const plan = { rounds: 5, time: 200 };

const [wanted] = process.argv.slice(2).filter((word) => word !== '--');
const python = startPython();
if (python === null) console.log("Python's cryptography is not here and does not take part.");

const chosen = Object.entries(benches).filter(([name]) => wanted === undefined || wanted === name);
if (chosen.length === 0) {
  console.error(`There is no bench "${wanted}": ${Object.keys(benches).join(', ')}.`);
  process.exitCode = 2;
}
for (const [, bench] of chosen) await bench(plan, python);
python?.close();
