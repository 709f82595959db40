/** Which terminals show a notification of their own, and by which code. A terminal that does not know a code may print it. */

/** A code with which a program asks its terminal for a notification. */
export type TerminalNotification = 'osc-9' | 'osc-777';

/** By the name that the terminal gives itself. */
const byProgram: Readonly<Record<string, TerminalNotification>> = {
  'iTerm.app': 'osc-9',
  WezTerm: 'osc-777',
  ghostty: 'osc-777',
};

/** By the beginning of the name of its description. */
const byTerm: Readonly<Record<string, TerminalNotification>> = {
  'xterm-kitty': 'osc-9',
  'xterm-ghostty': 'osc-777',
  'rxvt-unicode': 'osc-777',
  foot: 'osc-777',
};

/** Returns the code for the terminal that the environment describes; null if none is known, as inside of tmux or screen, which keep such codes. */
export function terminalNotificationOf(variables: NodeJS.ProcessEnv): TerminalNotification | null {
  const { TERM: term = '', TERM_PROGRAM: program = '', TMUX: tmux = '', STY: screen = '' } = variables;
  if (tmux !== '' || screen !== '') return null;
  if (Object.hasOwn(byProgram, program)) return byProgram[program] ?? null;
  return Object.entries(byTerm).find(([name]) => term.startsWith(name))?.[1] ?? null;
}
