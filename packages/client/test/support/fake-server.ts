/** A server for prekeys, links and wraps, without a connection. It is honest unless a test replaces its answers. */
import {
  type ChatOperation,
  fromBase64url,
  fromHex,
  isBlank,
  type KeyChain,
  limits,
  ProtocolError,
  prekeyId,
  type RequestOf,
  type ResultOf,
  type SignedPrekey,
  sha256Hex,
  toHex,
  WrapTree,
  wrapBytes,
  wrapLeaf,
} from '@chat/protocol';

export interface Caller {
  readonly user: string;
  readonly key: string;
  readonly fingerprint: string;
}

type Opening = ResultOf<'get-links'>['links'][number];

/** The link of a wrap from one user to another. */
const rowOf = (from: string, to: string, wrap: Uint8Array): string => `${from} ${to} ${toHex(wrap.subarray(0, 8))}`;

type Answers = { [O in ChatOperation]?: (fields: RequestOf<O>, caller: Caller) => ResultOf<O> | Promise<ResultOf<O>> };

export class FakeServer {
  /** The server's clock. By default no prekey is dated ahead. */
  now = (): number => Number.MAX_SAFE_INTEGER;
  readonly prekeys = new Map<string, SignedPrekey>();
  /** By user: the renewals of the identity key. */
  readonly renewals = new Map<string, KeyChain>();
  /** By epoch number and recipient. */
  readonly wraps = new Map<string, Uint8Array>();
  /** By recipient: the openings that wait. */
  readonly openings = new Map<string, Opening[]>();
  /** The live links: sender, recipient and id. */
  readonly links = new Set<string>();
  /** Returns the fingerprints of the recipients of the next epoch, in the order of their slots. `FakeRoom` sets it. */
  recipients = (_kind: 'fresh' | 'step', _by: string): readonly string[] => [];
  /** By epoch number: what was put. */
  readonly #slots = new Map<number, { readonly recipients: readonly string[]; readonly slots: Uint8Array }>();
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
    'get-key-renewals': ({ user }) => {
      const { first, renewals } = this.renewals.get(user) ?? { first: null, renewals: [] };
      return { first, renewals: [...renewals] };
    },
    'list-invitations': () => ({ invitations: [], more: false }),
    'put-links': ({ links }, { fingerprint: from }) => {
      const refused: number[] = [];
      for (const [place, { to, id, prekey, opening }] of links.entries()) {
        if (!this.#idsOf(to).includes(toHex(prekey))) {
          refused.push(place);
          continue;
        }
        this.links.add(rowOf(from, to, id));
        this.openings.set(to, [...(this.openings.get(to) ?? []), { from, id, prekey, opening }]);
      }
      return { refused };
    },
    'get-links': (_, { fingerprint }) => {
      const waiting = this.openings.get(fingerprint) ?? [];
      return { links: waiting.slice(0, limits.linksPerRequest), more: waiting.length > limits.linksPerRequest };
    },
    'confirm-links': ({ taken, lost }, { fingerprint: to }) => {
      const names = new Set([...taken, ...lost].map(({ from, id }) => `${from} ${toHex(id)}`));
      const rest = (this.openings.get(to) ?? []).filter(({ from, id }) => !names.has(`${from} ${toHex(id)}`));
      this.openings.set(to, rest);
      for (const { from, id } of lost) this.links.delete(rowOf(from, to, id));
      return {};
    },
    'put-wraps': ({ number, kind, first, wraps }, { fingerprint: from }) => {
      const recipients = this.recipients(kind, from);
      const unknown: number[] = [];
      const known =
        this.#slots.get(number)?.recipients.length === recipients.length ? this.#slots.get(number) : undefined;
      const slots = known?.slots ?? new Uint8Array(wrapBytes * recipients.length);
      for (let at = 0; at < wraps.length / wrapBytes; at++) {
        const place = first + at;
        const wrap = wraps.slice(wrapBytes * at, wrapBytes * (at + 1));
        const to = recipients[place] ?? '';
        const isKnown = this.links.has(rowOf(from, to, wrap));
        if (!isBlank(wrap) && !isKnown) unknown.push(place);
        const isPut = !isBlank(wrap) && isKnown;
        if (isPut) this.wraps.set(`${number} ${to}`, wrap);
        else this.wraps.delete(`${number} ${to}`);
        slots.set(isPut ? wrap : new Uint8Array(wrapBytes), wrapBytes * place);
      }
      this.#slots.set(number, { recipients, slots });
      return { unknown, unread: [] };
    },
    'give-key': ({ to, wrap }, { fingerprint: from }) => {
      if (!this.links.has(rowOf(from, to, wrap))) throw new ProtocolError('unknown-link', 'There is no such link.');
      return {};
    },
    'lack-key': () => ({}),
    'get-wraps': ({ from, to }, { fingerprint }) => {
      const numbers = Array.from({ length: to - from + 1 }, (_, at) => from + at);
      const wraps = numbers.flatMap((number) => {
        const wrap = this.wraps.get(`${number} ${fingerprint}`);
        return wrap === undefined ? [] : [{ number, wrap }];
      });
      return { wraps };
    },
    'get-wrap-proof': ({ number }, { fingerprint }) => {
      const put = this.#slots.get(number);
      const index = put?.recipients.indexOf(fingerprint) ?? -1;
      if (put === undefined || index === -1) throw new ProtocolError('no-wrap', 'There is none for you.');
      const { recipients, slots } = put;
      const wrapAt = (place: number) => slots.slice(wrapBytes * place, wrapBytes * (place + 1));
      const leaves = recipients.map((recipient, place) => wrapLeaf(fromHex(recipient), wrapAt(place)));
      const path = new WrapTree(Buffer.concat(leaves)).path({ level: 0, index });
      const wrap = wrapAt(index);
      return { index, size: recipients.length, wrap: isBlank(wrap) ? new Uint8Array() : wrap, path };
    },
    'confirm-wraps': () => ({}),
  };

  async request<O extends ChatOperation>(operation: O, fields: RequestOf<O>, caller: Caller): Promise<ResultOf<O>> {
    this.requests.push({ operation, user: caller.user, fields });
    const answer = this.answers[operation] as ((fields: RequestOf<O>, caller: Caller) => ResultOf<O>) | undefined;
    if (answer === undefined) throw new Error(`the fake server has no answer for ${operation}`);
    return answer(fields, caller);
  }

  /** Returns the ids of the prekeys to which a link to this user may be opened. */
  #idsOf(fingerprint: string): string[] {
    const own = [...this.prekeys.values()].filter(({ key }) => sha256Hex(fromBase64url(key)) === fingerprint);
    return own.map(({ prekey }) => toHex(prekeyId(prekey)));
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
