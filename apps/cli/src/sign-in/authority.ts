/** Decides which certificate authority to trust: the one of the line, the one of a profile, or one that the user confirms. */
import type { InvitationLine } from '@chat/protocol';
import { type Authority, addressText, type Profile, type Profiles } from '../client-surface.ts';
import { CommandError } from '../command-error.ts';
import type { Prompt } from '../terminal/prompt.ts';
import { grouped } from '../text/fingerprint.ts';

interface Mismatch {
  readonly server: string;
  readonly expected: string;
  readonly received: string;
  /** Where the expected fingerprint comes from. */
  readonly source: string;
  /** The person who can explain it. */
  readonly askWhom: string;
}

const mismatchError = ({ server, expected, received, source, askWhom }: Mismatch): CommandError =>
  new CommandError(
    'wrong-authority',
    [
      `The server at ${server} presents another certificate authority than ${source}. You may be talking to an attacker: do not go on, and ask ${askWhom}.`,
      `expected\n${grouped(expected, '  ')}`,
      `received\n${grouped(received, '  ')}`,
    ].join('\n'),
  );

/**
 * Asks until the user confirms the fingerprint or rejects it.
 *
 * @throws CommandError `authority-not-confirmed`
 */
async function confirm(prompt: Prompt): Promise<void> {
  for (;;) {
    const answer = (await prompt.ask('Is this the fingerprint that your server printed? (yes/no) ')).toLowerCase();
    if (answer === 'yes' || answer === 'y') return;
    if (answer === 'no' || answer === 'n') {
      throw new CommandError(
        'authority-not-confirmed',
        'Nothing was done. Ask the operator of the server for the whole invitation line, which contains its fingerprint.',
      );
    }
    prompt.print('Please answer yes or no.');
  }
}

/** The means to decide whether an authority is trusted. */
export interface TrustOptions {
  /** The profiles on this machine. */
  readonly known: readonly Profile[];
  readonly profiles: Pick<Profiles, 'fetchAuthority'>;
  /** Null when the user cannot be asked. */
  readonly prompt: Prompt | null;
}

/**
 * Returns the certificate authority that the server presents, if it is the right one.
 *
 * @throws CommandError `wrong-authority`, `no-fingerprint`, `authority-not-confirmed`
 */
export async function trustedAuthority(
  line: InvitationLine,
  { known, profiles, prompt }: TrustOptions,
): Promise<Authority> {
  const server = addressText(line);
  const here = known.filter(({ host, port }) => host === line.host && port === line.port);
  const expected = line.fingerprint === undefined ? here.map(({ pinned }) => pinned) : [line.fingerprint];
  const authority = await profiles.fetchAuthority({ host: line.host, port: line.port }, expected);
  const received = authority.fingerprint;

  if (line.fingerprint !== undefined) {
    if (line.fingerprint === received) return authority;
    const [source, askWhom] = ['the one in your invitation line', 'the person who gave you the line'];
    throw mismatchError({ server, expected: line.fingerprint, received, source, askWhom });
  }

  if (here.some(({ pinned }) => pinned === received)) return authority;
  const [trusted] = here;
  if (trusted !== undefined) {
    const [source, askWhom] = ['the one that you trusted before', 'the operator of the server'];
    throw mismatchError({ server, expected: trusted.pinned, received, source, askWhom });
  }

  if (prompt === null) {
    throw new CommandError(
      'no-fingerprint',
      'The line has no fingerprint, so the server cannot be recognised: use the whole line that the server printed.',
    );
  }
  prompt.print(`The certificate authority of ${server} has the fingerprint\n${grouped(received, '  ')}`);
  await confirm(prompt);
  return authority;
}
