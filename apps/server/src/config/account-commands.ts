/** The commands that concern users: invitations and accounts. */
import type { Command } from '@chat/command-line';
import { userName } from '@chat/protocol';
import { z } from 'zod';
import { revocationReason } from '../revocation-reason.ts';
import { hours, json } from './start-options.ts';

const userOperand = { value: 'NAME', takes: 'the name of a user', schema: userName } as const;
const uses = z
  .string()
  .regex(/^\d{1,4}$/)
  .transform(Number)
  .refine((value) => value >= 1 && value <= 1_000);
const invitationHours = {
  ...hours,
  help: 'How many hours the invitation is valid. Default: the setting invitation-hours of the server.',
} as const;
const reason = {
  value: 'REASON',
  takes: `one of ${revocationReason.options.join(', ')}`,
  schema: revocationReason,
  fallback: 'unspecified',
  help: `The reason in the list of revoked certificates: ${revocationReason.options.join(', ')}. For a stolen key: keyCompromise.`,
} as const;

/** The definition of these commands. */
export const accountCommands = {
  invite: {
    summary:
      'Print an invitation line, with which one user enrols, or --uses N users. With NAME it enrols that name only.',
    operands: { user: { ...userOperand, optional: true } },
    options: {
      hours: invitationHours,
      uses: {
        value: 'N',
        takes: 'a whole number from 1 to 1000',
        schema: uses,
        fallback: '1',
        help: 'How many users can enrol with the line.',
      },
      qr: { value: null, help: 'Draw the line as a QR code, too.' },
      json,
    },
  },
  invitations: {
    summary: 'List the open invitations, or withdraw them, so that their lines enrol no user.',
    operands: {},
    options: {
      withdraw: {
        value: 'ID',
        takes: 'the id of an invitation as this command lists it',
        schema: z.string().regex(/^[0-9a-f]{16}$/),
        help: 'Withdraw the invitation with this id.',
      },
      'withdraw-all': { value: null, help: 'Withdraw all open invitations.' },
      json,
    },
  },
  revoke: {
    summary: 'Revoke the access of a user, at once and permanently.',
    operands: { user: userOperand },
    options: { reason, yes: { value: null, help: 'Do not ask whether the access is to end for good.' }, json },
  },
  reset: {
    summary:
      'Free the name of a user who has lost the key or the password: revoke that key, and print a line with which the user enrols again.',
    operands: { user: userOperand },
    options: {
      hours: invitationHours,
      reason,
      yes: { value: null, help: 'Do not ask whether the access of the key is to end for good.' },
      json,
    },
  },
  users: {
    summary: 'List the accounts.',
    operands: {},
    options: { json },
  },
} as const satisfies Readonly<Record<string, Command>>;
