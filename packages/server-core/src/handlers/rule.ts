/** A row of a table of operations: what a request costs, and the function that carries it out. */
import {
  CheckedAppend,
  type Operation,
  operations,
  ProtocolError,
  type RequestOf,
  requireVersion,
} from '@chat/protocol';

/** How many bytes of a blob a request moves, and whether the client sends them. */
export interface Moves {
  readonly bytes: (fields: Readonly<Record<string, unknown>>) => number;
  readonly isUpload: boolean;
}

/** The rule by which a connection carries out one operation. */
export interface Rule<Call> {
  /** Returns what the request takes from the user's request rate: 1 for a look-up, 5 for a signature check. */
  readonly cost: (fields: Readonly<Record<string, unknown>>) => number;
  /**
   * Returns the bytes of a blob that a request moves, which count for the user's transfers and not for the requests and bytes that everything else
   * needs; null for an operation that moves none.
   */
  readonly moves: Moves | null;
  /** True when the operation takes its place in order as soon as it starts, so the next request need not wait for its answer. */
  readonly pipelined: boolean;
  /** True when a refusal ends the connection. */
  readonly endsOnRefusal: boolean;
  /** Checks state, request and rights, in that order, and carries the request out. Throws `ProtocolError`, or rejects with one. */
  readonly run: (fields: object, call: Call) => object | Promise<object>;
}

/** Options of `ruleOf`. `cost` is a number, or computed from the request's fields. */
export interface RuleOptions {
  readonly cost: number | Rule<unknown>['cost'];
  /** Returns the bytes of a blob that the request sends. Default: none */
  readonly uploads?: Moves['bytes'];
  /** Returns the bytes of a blob that the request asks for. Default: none */
  readonly downloads?: Moves['bytes'];
  /** Default: false. */
  readonly pipelined?: boolean;
  /** Default: false. */
  readonly endsOnRefusal?: boolean;
}

/** Returns a rule with the defaults filled in. */
export function ruleOf<Call>(options: RuleOptions, run: Rule<Call>['run']): Rule<Call> {
  const { cost, uploads, downloads, pipelined = false, endsOnRefusal = false } = options;
  const bytes = uploads ?? downloads;
  const moves = bytes === undefined ? null : { bytes, isUpload: uploads !== undefined };
  return { cost: typeof cost === 'number' ? () => cost : cost, moves, pipelined, endsOnRefusal, run };
}

/**
 * Validates a request's fields with the operation's schema, unless their frame had a fixed layout, which leaves nothing to check.
 *
 * @throws ProtocolError `unsupported-version`; `malformed-request`, whose message names the field
 */
export function parseRequest<O extends Operation>(op: O, fields: object): RequestOf<O> {
  const checked = op === 'append' ? CheckedAppend.of(fields) : null;
  if (checked !== null) return checked satisfies RequestOf<'append'> as RequestOf<Operation> as RequestOf<O>;
  requireVersion(fields, 'client');
  const parsed = operations[op].request.safeParse(fields);
  if (parsed.success) return parsed.data as RequestOf<O>;
  const [issue] = parsed.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? op : `${op}: ${issue.path.join('.')}`;
  throw new ProtocolError('malformed-request', `${where}: ${issue?.message ?? 'does not have the required form'}.`);
}
