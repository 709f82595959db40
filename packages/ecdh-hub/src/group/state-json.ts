/**
 * States as JSON, read strictly: one version, no field too many, each value in its one form, and everything that can be
 * computed again compared. What comes out is as sound as what `advance` makes.
 */
import type { Backend } from '../backend/backend.ts';
import { fromBase64url, toBase64url } from '../encoding/base64url.ts';
import { equalBytes } from '../encoding/bytes.ts';
import { encodeName } from '../encoding/text.ts';
import { HubError } from '../errors.ts';
import { type Suite, type SuiteParameters, suiteNamed } from '../keys/suite.ts';
import { HASH } from './announcement.ts';
import { isCommitted } from './apply-epoch.ts';
import { emptyGroup, type Group, groupHash } from './group.ts';
import { SECRET } from './key-schedule.ts';
import { type Member, memberOf } from './member.ts';
import { Roster } from './roster.ts';

const VERSION = 1;

/** What a JSON text holds, so that none is taken for another: a snapshot may be public, the others hold a secret. */
type StateType = 'group' | 'hub' | 'member';

const typeName = (type: StateType) => `ecdh-hub ${type}`;

/** The fields behind a version and a type. */
export function versioned<Fields extends object>(type: StateType, fields: Fields) {
  return { v: VERSION, type: typeName(type), ...fields };
}

/** The fields that `versioned` wrote as JSON, these and no others. Throws `invalid-state`. */
export function parseVersioned<Name extends string>(
  text: string,
  type: StateType,
  names: readonly Name[],
): Record<Name, unknown> {
  const { v, type: found, ...fields } = record(parseJson(text), ['v', 'type', ...names]);
  if (found !== typeName(type)) refuse(`is not of type "${typeName(type)}"`);
  if (v !== VERSION) refuse(`is not of version ${VERSION}: update`);
  return fields as Record<Name, unknown>;
}

/** Throws `invalid-state`, or `invalid-public-key` for a member's key that is no valid point. */
export function parseGroup(backend: Backend, value: unknown): Group {
  const fields = record(value, ['name', 'suite', 'epoch', 'context', 'commitment', 'roster']);
  const { name, epoch, context, commitment } = fields;
  const suite = suiteNamed(fields.suite as Suite, 'invalid-state');
  encodeName(name as string, "a group's name", 'invalid-state');
  if (!Number.isInteger(epoch) || (epoch as number) < 0 || (epoch as number) > 0xffff_ffff) {
    refuse('has an epoch that is no number from 0 to 2^32 - 1');
  }
  const group: Group = Object.freeze({
    name: name as string,
    suite: suite.name,
    epoch: epoch as number,
    context: toBase64url(fromBase64url(context, 'a context', HASH)),
    commitment: toBase64url(fromBase64url(commitment, 'a commitment', HASH)),
    roster: parseRoster(backend, suite, fields.roster),
  });
  const empty = groupHash(backend, emptyGroup(group.name, group.suite));
  if (epoch === 0 && !equalBytes(groupHash(backend, group), empty)) refuse('has something before its first epoch');
  return group;
}

/** Throws `invalid-state` unless it is the secret of this group's latest epoch. */
export function parseSecret(backend: Backend, group: Group, value: unknown): Uint8Array {
  const secret = fromBase64url(value, 'a secret', SECRET);
  if (!isCommitted(backend, group, secret)) refuse('has a key that is not the one of its epoch');
  return secret;
}

function parseRoster(backend: Backend, suite: SuiteParameters, value: unknown): Roster {
  const fields = record(value, ['members', 'hash']);
  if (!Array.isArray(fields.members)) return refuse('has no list of members');
  const members = fields.members.map((member) => parseMember(member, suite));
  if (new Set(members.map(({ id }) => id)).size !== members.length) refuse('names a member twice');
  for (const { publicKey } of members) backend.agreements[suite.name].check(publicKey);
  const roster = Roster.empty.change(backend, [], members);
  return roster.hash === fields.hash ? roster : refuse('has another roster than its hash');
}

function parseMember(value: unknown, suite: SuiteParameters): Member {
  const { id, publicKey } = record(value, ['id', 'publicKey']);
  encodeName(id as string, "a member's id", 'invalid-state');
  if (typeof publicKey !== 'string') refuse('has a member without a public key');
  return memberOf({ id: id as string, publicKey: publicKey as string }, suite);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Without its cause, which quotes the text, and a state is secret.
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
