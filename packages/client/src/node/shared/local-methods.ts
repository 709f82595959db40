/**
 * What a program can ask of the client that another one has opened: the methods of `ChatClient` and of its messages, with the schemas of
 * their arguments.
 */
import { isAbsolute } from 'node:path';
import { limits, type RoomName, role } from '@chat/protocol';
import { z } from 'zod';
import type { ClientAttention } from '../../attention/client-attention.ts';
import { attentionSettings } from '../../attention/settings.ts';
import type { ChatClient } from '../../chat-client.ts';
import type { ClientFiles } from '../../files/client-files.ts';
import type { ClientMessages } from '../../messages/client-messages.ts';
import type { SendOptions } from '../../messages/saying.ts';
import { notifyLevels } from '../../view.ts';
import type { ConnectOptions, WantedConnection } from './holder/wanted-connection.ts';

const name = z.string().max(256);
/** An absolute path: the programs may have different working directories. */
const path = z.string().max(4096).refine(isAbsolute);
const fingerprint = z.string().regex(/^[0-9a-f]{64}$/);
const policy = z.strictObject({
  join: z.enum(['open', 'invite', 'verified', 'direct']),
  history: z.enum(['since-join', 'all']),
});
const text = z.string().max(limits.messageTextBytes);

const said = z.strictObject({ cid: z.string().regex(/^[0-9a-f]{32}$/) });

/** How a method is called through a socket. */
interface LocalMethod {
  readonly arguments: z.ZodType<readonly unknown[]>;
  /** True if a second call has no effect beyond that of the first, so that it can be made again when its answer is lost. */
  readonly repeats: boolean;
}

const repeated = <T extends z.ZodType<readonly unknown[]>>(schema: T) =>
  ({ arguments: schema, repeats: true }) as const;
const once = <T extends z.ZodType<readonly unknown[]>>(schema: T) => ({ arguments: schema, repeats: false }) as const;

const optionalName = z.union([z.tuple([]), z.tuple([name])]);
/** The store of the messages checks the numbers itself. */
const number = z.number().optional();
const page = z.strictObject({ before: number, after: number, limit: number });
const messagePlace = z.strictObject({ roomId: name, seq: z.number() });
const search = z.strictObject({
  words: text,
  roomName: name.optional(),
  user: name.optional(),
  before: number,
  after: z.strictObject({ at: z.number(), stream: z.number(), seq: z.number() }).optional(),
  limit: number,
});

/** The names of the methods of a class. */
type MethodsOf<C> = { [M in keyof C]: C[M] extends (...args: never[]) => unknown ? M : never }[keyof C] & string;

/** The methods. */
export const localMethods = {
  /** The client that has the profile connects by itself once a program has wanted it. */
  connect: repeated(z.union([z.tuple([]), z.tuple([z.strictObject({ replaceOthers: z.boolean().optional() })])])),
  listRooms: repeated(z.tuple([])),
  createRoom: once(z.union([z.tuple([name]), z.tuple([name, policy])])),
  joinRoom: repeated(z.tuple([name])),
  knock: repeated(z.tuple([name])),
  invitations: repeated(z.tuple([])),
  decline: once(z.tuple([name])),
  knocks: repeated(z.tuple([name])),
  dismissKnock: once(z.tuple([name, name])),
  invite: once(
    z.union([z.tuple([name, name]), z.tuple([name, name, z.strictObject({ fingerprint: fingerprint.optional() })])]),
  ),
  openDirect: repeated(z.tuple([name])),
  leaveRoom: once(z.tuple([name])),
  removeMember: once(z.tuple([name, name])),
  giveRole: once(z.tuple([name, name, role])),
  /** With an id, which makes a repetition the same message. */
  send: repeated(
    z.tuple([name, text, said.extend({ replyTo: z.number().optional(), action: z.boolean().optional() })]),
  ),
  trust: repeated(z.tuple([name, fingerprint])),
  safetyNumber: repeated(z.tuple([name])),
  verify: repeated(z.tuple([name, fingerprint])),
  logFingerprint: repeated(z.union([z.tuple([name]), z.tuple([name, z.int()])])),
  'messages.page': repeated(z.union([z.tuple([name]), z.tuple([name, page])])),
  'messages.around': repeated(z.union([z.tuple([messagePlace]), z.tuple([messagePlace, z.number()])])),
  'messages.search': repeated(z.tuple([search])),
  'messages.edit': repeated(z.tuple([name, z.number(), text, said])),
  'messages.delete': repeated(z.tuple([name, z.number(), said])),
  'messages.react': repeated(z.tuple([name, z.number(), text.nullable(), said])),
  'messages.hide': repeated(z.tuple([name, z.number(), said])),
  'messages.retention': repeated(optionalName),
  'messages.hasOwnRetention': repeated(z.tuple([name])),
  /** The store of the messages checks the rule itself. */
  'messages.setRetention': repeated(z.union([z.tuple([z.unknown()]), z.tuple([z.unknown(), name])])),
  'messages.settled': repeated(z.tuple([])),
  'attention.markRead': repeated(z.tuple([name, z.int().min(0)])),
  'attention.setNotify': repeated(z.tuple([name, z.enum(notifyLevels).nullable()])),
  'attention.change': repeated(z.tuple([attentionSettings.partial()])),
  /** With an id, which makes a repetition the same transfer. */
  'files.send': repeated(z.tuple([name, path, said.extend({ text: text.optional() })])),
  'files.save': repeated(z.tuple([name, z.number(), path])),
  'files.cancel': once(z.tuple([z.number()])),
  'files.list': repeated(z.tuple([])),
  'recovery.state': repeated(z.tuple([])),
  'recovery.backUp': repeated(z.tuple([])),
  'recovery.end': once(z.tuple([])),
} satisfies Partial<Record<MethodsOf<ChatClient>, LocalMethod>> &
  Record<`messages.${MethodsOf<ClientMessages>}`, LocalMethod> &
  Record<`attention.${Exclude<MethodsOf<ClientAttention>, 'isIgnored'>}`, LocalMethod> &
  Record<`files.${Exclude<MethodsOf<ClientFiles>, 'erase' | 'connected' | 'close'>}`, LocalMethod> &
  Record<`recovery.${MethodsOf<ChatClient['recovery']>}`, LocalMethod>;

/** The name of a method. */
export type LocalMethodName = keyof typeof localMethods;

/** Returns whether there is a method of this name. */
export const isLocalMethod = (method: string): method is LocalMethodName => Object.hasOwn(localMethods, method);

const sayings: ReadonlySet<string> = new Set<LocalMethodName>([
  'send',
  'messages.edit',
  'messages.delete',
  'messages.react',
  'messages.hide',
]);

/** Returns whether a method puts a message into the outbox. Its last argument has the id of the message. */
export const isSaying = (method: LocalMethodName): boolean => sayings.has(method);

/** Returns the arguments of such a method without the id. */
export function withoutId(args: readonly unknown[]): readonly unknown[] {
  const { cid: _, ...options } = args.at(-1) as SendOptions;
  return [...args.slice(0, -1), options];
}

/** The method of this name. */
type MethodOf<M extends LocalMethodName> = M extends `messages.${infer N extends MethodsOf<ClientMessages>}`
  ? ClientMessages[N]
  : M extends `attention.${infer N extends MethodsOf<ClientAttention>}`
    ? ClientAttention[N]
    : M extends `files.${infer N extends MethodsOf<ClientFiles>}`
      ? ClientFiles[N]
      : M extends `recovery.${infer N extends MethodsOf<ChatClient['recovery']>}`
        ? ChatClient['recovery'][N]
        : M extends keyof ChatClient
          ? ChatClient[M]
          : never;

/** The arguments of a method. */
export type ArgumentsOf<M extends LocalMethodName> = Parameters<MethodOf<M>>;
/** What a method resolves with. */
export type ValueOf<M extends LocalMethodName> = Awaited<ReturnType<MethodOf<M>>>;

/** Calls a method, wherever the client is. */
export type CallMethod = <M extends LocalMethodName>(method: M, args: ArgumentsOf<M>) => Promise<ValueOf<M>>;

const parts = ['messages', 'attention', 'files', 'recovery'] as const;
const isPart = (part: string): part is (typeof parts)[number] => parts.some((each) => each === part);

/**
 * Calls a method of a client for a program.
 *
 * @param hooks of a message that is sent for another program
 * @throws what the method throws, as a rejection
 */
export async function perform(
  connection: WantedConnection,
  method: LocalMethodName,
  args: readonly unknown[],
  hooks?: Pick<SendOptions, 'signal' | 'onKept'>,
): Promise<unknown> {
  const { client } = connection;
  if (method === 'connect') return connection.connectForGuest(args[0] as ConnectOptions | undefined);
  if (method === 'leaveRoom') return connection.leaveRoom(args[0] as RoomName);
  if (method === 'messages.setRetention') {
    const [keep, roomName] = args as ArgumentsOf<'messages.setRetention'>;
    client.messages.setRetention(keep, roomName);
    // Once it is answered, the rule holds, also when this program is killed and another one has the profile.
    return client.messages.settled();
  }
  const [part = '', name = ''] = method.includes('.') ? method.split('.') : ['', method];
  const owner = isPart(part) ? client[part] : client;
  const call = Reflect.get(owner, name) as (...values: readonly unknown[]) => unknown;
  const values = isSaying(method) ? [...args.slice(0, -1), { ...(args.at(-1) as object), ...hooks }] : [...args];
  return call.apply(owner, values);
}
