/** The table that defines a program's command line. */
import type { z } from 'zod';

/** A value in the form of text. */
interface TextValue<T> {
  /** The placeholder in help, such as `PORT`. Operands of one command that have the same placeholder take the same. */
  readonly value: string;
  /** What the value may be; completes "takes ...". */
  readonly takes: string;
  /** Checks the text and converts it. */
  readonly schema: z.ZodType<T, string>;
}

/** A word after the command. The operands of a command are named in their order, optional ones last. */
export interface Operand<T = unknown> extends TextValue<T> {
  readonly optional?: boolean;
}

/** What options of both kinds have. */
interface DescribedOption {
  readonly help: string;
  /** The environment variable that stands in for the option. An empty variable counts as not set. */
  readonly environment?: string;
  /** The title under which the help of the command lists the option. The help of the program does not. Default: among the first ones. */
  readonly section?: string;
}

/** An option with a value: `--port 80` or `--port=80`. */
export interface ValueOption<T = unknown> extends TextValue<T>, DescribedOption {
  /** The text that is used when neither the option nor its variable is given. */
  readonly fallback?: string;
}

/** An option without a value: `--json`, `--no-json`, `--json=true` or `--json=false`. Its variable is `true` or `false`. */
export interface SwitchOption extends DescribedOption {
  readonly value: null;
  /** The value when the option is not given. Default: false. */
  readonly fallback?: boolean;
}

/** An option of a command: one with a value, or a switch. */
export type Option = ValueOption | SwitchOption;
/** The options of a command, by their names without the leading dashes. */
export type OptionTable = Readonly<Record<string, Option>>;

/** One command. An option name that several commands have must be a switch in all of them or in none. */
export interface Command {
  /** Sentences in the imperative: what the command does. */
  readonly summary: string;
  /** By the name under which the parsed value is returned. */
  readonly operands: Readonly<Record<string, Operand>>;
  /** The options that not every command takes. */
  readonly options: OptionTable;
}

/** One program. */
export interface Program<Commands extends Readonly<Record<string, Command>> = Readonly<Record<string, Command>>> {
  /** The word that starts the program. */
  readonly name: string;
  readonly summary: string;
  readonly commands: Commands;
  /** The command that runs when the command line does not begin with the name of one. */
  readonly defaultCommand: keyof Commands & string;
  /** True when users cannot type the name of the default command. Default: false. */
  readonly defaultIsNameless?: boolean;
  /** The options that every command takes. */
  readonly options: OptionTable;
  /** Paragraphs at the end of the help. */
  readonly notes: readonly string[];
}

type Given<T> = T extends { readonly schema: z.ZodType<infer V> } ? V : boolean;

type OptionalName<T> = {
  [K in keyof T]: T[K] extends { readonly optional: true }
    ? K
    : T[K] extends { readonly help: string; readonly value: string }
      ? T[K] extends { readonly fallback: string }
        ? never
        : K
      : never;
}[keyof T];

type Values<T> = { readonly [K in Exclude<keyof T, OptionalName<T>>]: Given<T[K]> } & {
  readonly [K in OptionalName<T>]?: Given<T[K]>;
};

/** The values of a parsed command, by the names of its operands and options. */
export type RequestOf<C extends Pick<Command, 'operands' | 'options'>> = Values<C['operands']> & Values<C['options']>;
