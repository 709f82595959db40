/**
 * States as JSON: each text names its type and version, and reading accepts exactly the known fields. The states' own modules check
 * the values.
 */
import { HubError } from '../errors.ts';

const formatVersion = 1;

/** The type that a text names, so that no state is read as another. `group` is public, the others hold a secret. */
export type StateType = 'group' | 'hub' | 'member' | 'link-sender' | 'link-recipient';

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
  const { v, type: found, ...fields } = requireFields(parseJson(text), ['v', 'type', ...names]);
  if (found !== typeName(type)) refuseState(`is not of type "${typeName(type)}"`);
  if (v !== formatVersion) refuseState(`is not of version ${formatVersion}: update`);
  return fields as Record<Name, unknown>;
}

/**
 * Requires an object with exactly these fields.
 *
 * @throws HubError `invalid-state`
 */
export function requireFields<Name extends string>(value: unknown, names: readonly Name[]): Record<Name, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return refuseState('has no object where one belongs');
  const found = Object.keys(value);
  if (found.length !== names.length || !names.every((name) => Object.hasOwn(value, name))) {
    return refuseState(`must have exactly the fields ${names.join(', ')}`);
  }
  return value as Record<Name, unknown>;
}

/**
 * Refuses a stored state.
 *
 * @param fault the end of a sentence that begins with "this state"
 * @throws HubError `invalid-state`
 */
export function refuseState(fault: string): never {
  throw new HubError('invalid-state', `this state ${fault}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Without the cause, because its message quotes the text, which may hold a secret.
    return refuseState('is not JSON');
  }
}
