/** A row of a table of operations: what a request needs, what it costs, and what carries it out. */
import { type Operation, operations, ProtocolError, type RequestOf, requireVersion } from '@chat/protocol';

export interface Rule<Call> {
  /** What the request takes from its user's rate: 1 is a look-up, a signature check is 5. */
  readonly cost: (fields: Readonly<Record<string, unknown>>) => number;
  /** Takes its place in order when it is started, so that the session's next request need not wait for its answer. */
  readonly pipelined: boolean;
  /** The connection ends when it is refused. */
  readonly decisive: boolean;
  /** Checks state, request and rights, in that order, and carries it out. Throws `ProtocolError`. */
  readonly run: (fields: object, call: Call) => Promise<object>;
}

export interface RuleOptions {
  readonly cost: number | Rule<unknown>['cost'];
  readonly pipelined?: boolean;
  readonly decisive?: boolean;
}

export function ruleOf<Call>(options: RuleOptions, run: Rule<Call>['run']): Rule<Call> {
  const { cost, pipelined = false, decisive = false } = options;
  return { cost: typeof cost === 'number' ? () => cost : cost, pipelined, decisive, run };
}

/** The request's fields by the operation's schema. Throws `unsupported-version`, and `malformed-request` and says where. */
export function parseRequest<O extends Operation>(op: O, fields: object): RequestOf<O> {
  requireVersion(fields);
  const parsed = operations[op].request.safeParse(fields);
  if (parsed.success) return parsed.data as RequestOf<O>;
  const [issue] = parsed.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? op : `${op}: ${issue.path.join('.')}`;
  throw new ProtocolError('malformed-request', `${where}: ${issue?.message ?? 'not as it should be'}.`);
}
