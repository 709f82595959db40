/** Which certificate authority to trust: the line's, the one trusted before, or the one that a person has compared. */
import type { InvitationLine } from '@chat/protocol';
import { type Authority, addressText, type Profile, type Profiles } from '../client-surface.ts';
import { Failure } from '../command-error.ts';
import { grouped } from '../screen/fingerprint.ts';
import type { Prompt } from '../terminal/prompt.ts';

const mismatch = (server: string, said: string, expected: string, got: string, ask: string): Failure =>
  new Failure(
    'wrong-authority',
    [
      `The server at ${server} presents another certificate authority than ${said}: do not go on; ask ${ask}.`,
      `expected\n${grouped(expected, '  ')}`,
      `got\n${grouped(got, '  ')}`,
    ].join('\n'),
  );

async function confirm(prompt: Prompt): Promise<void> {
  for (;;) {
    const answer = (await prompt.ask('Is this the fingerprint that your server printed? (yes/no) ')).toLowerCase();
    if (answer === 'yes' || answer === 'y') return;
    if (answer === 'no' || answer === 'n') {
      throw new Failure(
        'authority-not-confirmed',
        'Nothing was done: ask whoever runs the server for the whole line, which ends in its fingerprint.',
      );
    }
    prompt.print('Please answer yes or no.');
  }
}

/** What the server presents, once it is known to be the right one. `prompt` is null where nobody can be asked. */
export async function trustedAuthority(
  line: InvitationLine,
  known: readonly Profile[],
  { fetchAuthority }: Pick<Profiles, 'fetchAuthority'>,
  prompt: Prompt | null,
): Promise<Authority> {
  const server = addressText(line);
  const authority = await fetchAuthority({ host: line.host, port: line.port });
  const got = authority.fingerprint;

  if (line.fingerprint !== undefined) {
    if (line.fingerprint === got) return authority;
    throw mismatch(server, 'your line says', line.fingerprint, got, 'who gave you the line');
  }

  const before = known.filter(({ host, port }) => host === line.host && port === line.port);
  if (before.some((profile) => profile.authority === got)) return authority;
  const [trusted] = before;
  if (trusted !== undefined) {
    throw mismatch(server, 'the one you trusted before', trusted.authority, got, 'whoever runs the server');
  }

  if (prompt === null) {
    throw new Failure(
      'no-fingerprint',
      'The line names no fingerprint to know the server by: take the whole line that the server printed.',
    );
  }
  prompt.print(`The certificate authority of ${server} has the fingerprint\n${grouped(got, '  ')}`);
  await confirm(prompt);
  return authority;
}
