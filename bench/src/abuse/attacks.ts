/** The table of attacks: one row each. */
import type { Attack } from './attack.ts';
import { floods } from './floods.ts';
import { members } from './members.ts';
import { strangers } from './strangers.ts';

/** An attack, and the number of registered users who carry it out. */
export interface AttackRow {
  readonly name: string;
  readonly attack: Attack;
  readonly users: number;
}

/** The rows in the order in which they run. */
export const attackRows: readonly AttackRow[] = [
  ...strangers.map(([name, attack]): AttackRow => ({ name, attack, users: 1 })),
  ...members.map(([name, attack, users]): AttackRow => ({ name, attack, users })),
  ...floods.map(([op, attack]): AttackRow => ({ name: `a flood of ${op}`, attack, users: 1 })),
];
