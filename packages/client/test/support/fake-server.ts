/** A server for prekeys and wraps, without a connection. It is honest unless a test replaces its answers. */
import {
  type ChatOperation,
  limits,
  ProtocolError,
  type RequestOf,
  type ResultOf,
  type SignedPrekey,
} from '@chat/protocol';

export interface Caller {
  readonly user: string;
  readonly key: string;
  readonly fingerprint: string;
}

type Answers = { [O in ChatOperation]?: (fields: RequestOf<O>, caller: Caller) => ResultOf<O> | Promise<ResultOf<O>> };

export class FakeServer {
  /** The server's clock. By default no prekey is dated ahead. */
  now = (): number => Number.MAX_SAFE_INTEGER;
  readonly prekeys = new Map<string, SignedPrekey>();
  /** By epoch number and recipient. */
  readonly wraps = new Map<string, string>();
  readonly requests: { readonly operation: ChatOperation; readonly user: string; readonly fields: unknown }[] = [];

  /** The answer to each operation. Tests replace them. */
  readonly answers: Answers = {
    'put-prekey': (own, { user, key }) => {
      const before = this.prekeys.get(user);
      const latest = this.now() + limits.prekeyAhead;
      const isLate = before !== undefined && before.madeAt >= own.madeAt && before.madeAt <= latest;
      if (isLate || own.madeAt > latest) throw new ProtocolError('prekey-refused', 'Not later, or dated ahead.');
      this.prekeys.set(user, { user, key, ...own });
      return {};
    },
    'get-prekeys': ({ users }) => ({ prekeys: users.flatMap((user) => this.prekeys.get(user) ?? []) }),
    'list-invitations': () => ({ invitations: [], more: false }),
    'put-wraps': ({ number, wraps }) => {
      for (const { to, envelope } of wraps) this.wraps.set(`${number} ${to}`, envelope);
      return {};
    },
    'give-key': ({ number, wrap }) => {
      this.wraps.set(`${number} ${wrap.to}`, wrap.envelope);
      return {};
    },
    'lack-key': () => ({}),
    'get-wrap': ({ number }, { fingerprint }) => {
      const envelope = this.wraps.get(`${number} ${fingerprint}`);
      if (envelope === undefined) throw new ProtocolError('no-wrap', 'There is none for you.');
      return { envelope };
    },
  };

  async request<O extends ChatOperation>(operation: O, fields: RequestOf<O>, caller: Caller): Promise<ResultOf<O>> {
    this.requests.push({ operation, user: caller.user, fields });
    const answer = this.answers[operation] as ((fields: RequestOf<O>, caller: Caller) => ResultOf<O>) | undefined;
    if (answer === undefined) throw new Error(`the fake server has no answer for ${operation}`);
    return answer(fields, caller);
  }

  /** Returns the prekey of a user, who has published one. */
  prekeyOf(user: string): SignedPrekey {
    const published = this.prekeys.get(user);
    if (published === undefined) throw new Error(`the server has no prekey of ${user}`);
    return published;
  }

  /** Returns the requests of one operation. */
  of<O extends ChatOperation>(operation: O, user?: string): RequestOf<O>[] {
    return this.requests
      .filter((request) => request.operation === operation && (user === undefined || request.user === user))
      .map(({ fields }) => fields as RequestOf<O>);
  }
}
