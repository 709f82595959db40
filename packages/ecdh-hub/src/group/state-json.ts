/**
 * Reads the parts of a group's states from JSON. Reading is strict: one form of each value; it computes again everything that can be
 * computed, and compares. The result is as sound as that of `advance`.
 */
import type { Backend } from '../backend/backend.ts';
import { fromBase64url, toBase64url } from '../encoding/base64url.ts';
import { equalBytes } from '../encoding/bytes.ts';
import { encodeName } from '../encoding/text.ts';
import { refuseState, requireFields } from '../encoding/versioned-json.ts';
import { kemOf } from '../kem/kem-of.ts';
import { requireSuite, type Suite, type SuiteParameters } from '../suite.ts';
import { hashBytes } from './announcement.ts';
import { isCommitted } from './apply-epoch.ts';
import { emptyGroup, type Group, groupHash } from './group.ts';
import { secretBytes } from './key-schedule.ts';
import { type Member, memberOf } from './member.ts';
import { Roster } from './roster.ts';

/**
 * Reads the public state of a group.
 *
 * @throws HubError `invalid-state`, or `invalid-public-key` if a member's key is not a valid point
 */
export function parseGroup(backend: Backend, value: unknown): Group {
  const fields = requireFields(value, ['name', 'suite', 'epoch', 'context', 'commitment', 'roster']);
  const { name, epoch, context, commitment } = fields;
  const suite = requireSuite(fields.suite as Suite, 'invalid-state');
  encodeName(name as string, "a group's name", 'invalid-state');
  if (!Number.isInteger(epoch) || (epoch as number) < 0 || (epoch as number) > 0xffff_ffff) {
    refuseState('has an epoch that is not a whole number from 0 to 2^32 - 1');
  }
  const group: Group = Object.freeze({
    name: name as string,
    suite: suite.name,
    epoch: epoch as number,
    context: toBase64url(fromBase64url(context, 'a context', hashBytes)),
    commitment: toBase64url(fromBase64url(commitment, 'a commitment', hashBytes)),
    roster: parseRoster(backend, suite, fields.roster),
  });
  const emptyHash = groupHash(backend, emptyGroup(group.name, group.suite));
  if (epoch === 0 && !equalBytes(groupHash(backend, group), emptyHash))
    refuseState('has members or an epoch context before its first epoch');
  return group;
}

/**
 * Reads the secret of this group's latest epoch.
 *
 * @throws HubError `invalid-state` if it is another one
 */
export function parseSecret(backend: Backend, group: Group, value: unknown): Uint8Array {
  const secret = fromBase64url(value, 'a secret', secretBytes);
  if (!isCommitted(backend, group, secret)) refuseState('has a key that is not the one of its epoch');
  return secret;
}

function parseRoster(backend: Backend, suite: SuiteParameters, value: unknown): Roster {
  const fields = requireFields(value, ['members', 'hash']);
  if (!Array.isArray(fields.members)) return refuseState('has no list of members');
  const members = fields.members.map((member) => parseMember(member, suite));
  if (new Set(members.map(({ id }) => id)).size !== members.length) refuseState('names a member twice');
  const { check } = kemOf(backend, suite);
  for (const { publicKey } of members) check(publicKey);
  const roster = Roster.empty().change(backend, [], members);
  return roster.hash === fields.hash ? roster : refuseState('has another roster than its hash');
}

function parseMember(value: unknown, suite: SuiteParameters): Member {
  const { id, publicKey } = requireFields(value, ['id', 'publicKey']);
  encodeName(id as string, "a member's id", 'invalid-state');
  return memberOf({ id: id as string, publicKey: publicKey as string }, suite);
}
