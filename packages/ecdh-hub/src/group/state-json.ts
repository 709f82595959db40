/**
 * Reads and writes states as JSON. Reading is strict: one version, no additional field, one form of each value; it computes
 * again everything that can be computed, and compares. The result is as sound as that of `advance`.
 */
import type { Backend } from '../backend/backend.ts';
import { fromBase64url, toBase64url } from '../encoding/base64url.ts';
import { equalBytes } from '../encoding/bytes.ts';
import { encodeName } from '../encoding/text.ts';
import { HubError } from '../errors.ts';
import { kemOf } from '../kem/kem-of.ts';
import { requireSuite, type Suite, type SuiteParameters } from '../suite.ts';
import { hashBytes } from './announcement.ts';
import { isCommitted } from './apply-epoch.ts';
import { emptyGroup, type Group, groupHash } from './group.ts';
import { secretBytes } from './key-schedule.ts';
import { type Member, memberOf } from './member.ts';
import { Roster } from './roster.ts';

const formatVersion = 1;

/** The type that a text names, so that no state is read as another. `group` is public, the others hold a secret. */
type StateType = 'group' | 'hub' | 'member';

const typeName = (type: StateType) => `ecdh-hub ${type}`;

/** Adds version and type to the fields of a state. */
export function versioned<Fields extends object>(type: StateType, fields: Fields) {
  return { v: formatVersion, type: typeName(type), ...fields };
}

/**
 * Reads a text that `versioned` made, with exactly these fields.
 *
 * @throws HubError `invalid-state`
 */
export function parseVersioned<Name extends string>(
  text: string,
  type: StateType,
  names: readonly Name[],
): Record<Name, unknown> {
  const { v, type: found, ...fields } = record(parseJson(text), ['v', 'type', ...names]);
  if (found !== typeName(type)) refuse(`is not of type "${typeName(type)}"`);
  if (v !== formatVersion) refuse(`is not of version ${formatVersion}: update`);
  return fields as Record<Name, unknown>;
}

/**
 * Reads the public state of a group.
 *
 * @throws HubError `invalid-state`, or `invalid-public-key` if a member's key is not a valid point
 */
export function parseGroup(backend: Backend, value: unknown): Group {
  const fields = record(value, ['name', 'suite', 'epoch', 'context', 'commitment', 'roster']);
  const { name, epoch, context, commitment } = fields;
  const suite = requireSuite(fields.suite as Suite, 'invalid-state');
  encodeName(name as string, "a group's name", 'invalid-state');
  if (!Number.isInteger(epoch) || (epoch as number) < 0 || (epoch as number) > 0xffff_ffff) {
    refuse('has an epoch that is not a whole number from 0 to 2^32 - 1');
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
    refuse('has members or an epoch context before its first epoch');
  return group;
}

/**
 * Reads the secret of this group's latest epoch.
 *
 * @throws HubError `invalid-state` if it is another one
 */
export function parseSecret(backend: Backend, group: Group, value: unknown): Uint8Array {
  const secret = fromBase64url(value, 'a secret', secretBytes);
  if (!isCommitted(backend, group, secret)) refuse('has a key that is not the one of its epoch');
  return secret;
}

function parseRoster(backend: Backend, suite: SuiteParameters, value: unknown): Roster {
  const fields = record(value, ['members', 'hash']);
  if (!Array.isArray(fields.members)) return refuse('has no list of members');
  const members = fields.members.map((member) => parseMember(member, suite));
  if (new Set(members.map(({ id }) => id)).size !== members.length) refuse('names a member twice');
  const { check } = kemOf(backend, suite);
  for (const { publicKey } of members) check(publicKey);
  const roster = Roster.empty().change(backend, [], members);
  return roster.hash === fields.hash ? roster : refuse('has another roster than its hash');
}

function parseMember(value: unknown, suite: SuiteParameters): Member {
  const { id, publicKey } = record(value, ['id', 'publicKey']);
  encodeName(id as string, "a member's id", 'invalid-state');
  return memberOf({ id: id as string, publicKey: publicKey as string }, suite);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Without the cause, because its message quotes the text, which may hold a secret.
    return refuse('is not JSON');
  }
}

function record<Name extends string>(value: unknown, names: readonly Name[]): Record<Name, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return refuse('has no object where one belongs');
  const found = Object.keys(value);
  if (found.length !== names.length || !names.every((name) => Object.hasOwn(value, name))) {
    return refuse(`must have exactly the fields ${names.join(', ')}`);
  }
  return value as Record<Name, unknown>;
}

function refuse(fault: string): never {
  throw new HubError('invalid-state', `this state ${fault}`);
}
