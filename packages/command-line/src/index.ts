/** Command lines: one table of commands and options is parsed against and printed as help, completion and manual page. */
export { completionCommand, completionOf, type Shell } from './completion/completion.ts';
export type {
  Command,
  Operand,
  Option,
  OptionTable,
  Program,
  RequestOf,
  SwitchOption,
  ValueOption,
} from './definition.ts';
export { CommandLineError, type CommandLineErrorCode } from './errors.ts';
export { columnsText, type HelpRow, helpOf, paragraphText } from './help.ts';
export { manPageOf } from './man.ts';
export { type ParsedCommandLine, parseCommandLine } from './parse.ts';
