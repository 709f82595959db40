/** Completion for zsh. */
import type { Place, Shape, ShapeCommand, ShapeOperand, ShapeOption } from './shape.ts';

/** Returns the script that zsh reads, as a file `_NAME` in its `fpath` or by `source`. */
export function zshScript({ name, commands, common }: Shape): string {
  const [nameless, ...named] = commands;
  const own = `_${name.replaceAll('-', '_')}`;
  return `#compdef ${name}
# Completion of ${name} in zsh. Made by "${name} completion zsh".
${own}() {
  local context state state_descr line
  typeset -A opt_args
  local -a commands=(
${named.map((command) => `    ${quoted(`${command.name}:${command.summary}`)}`).join('\n')}
  )
  _arguments -C \\
${[...nameless.options, ...common].map((option) => `    ${argument(option)} \\`).join('\n')}
    '1: :->first' \\
    '*:: :->rest'
  case $state in
    first) _describe -t commands command commands${firstWords(nameless)} ;;
    rest)
      case $words[1] in
${named.map((command) => `        ${command.name})\n${argumentsOf(command, common)}\n          ;;`).join('\n')}
      esac
      ;;
  esac
}
if [[ $funcstack[1] == _${name} ]]; then ${own} "$@"; else compdef ${own} ${name}; fi
`;
}

const firstWords = ({ operands: [first] }: ShapeCommand): string =>
  first?.place.kind === 'words' ? `; compadd ${first.place.words.join(' ')}` : '';

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
const inBrackets = (text: string): string => text.replace(/[[\]:\\]/g, '\\$&');

function action(place: Place): string {
  if (place.kind === 'words') return `(${place.words.join(' ')})`;
  return { file: '_files', directory: '_files -/', text: '' }[place.kind];
}

const argument = ({ flag, help, value }: ShapeOption): string => {
  const described = `[${inBrackets(help)}]`;
  return value === null
    ? quoted(`${flag}${described}`)
    : quoted(`${flag}=${described}:${inBrackets(value.name)}:${action(value.place)}`);
};

const operand = ({ name, optional, place }: ShapeOperand, at: number): string =>
  quoted(`${at + 1}:${optional ? ':' : ''}${inBrackets(name)}:${action(place)}`);

const argumentsOf = ({ options, operands }: ShapeCommand, common: readonly ShapeOption[]): string =>
  ['_arguments', ...[...options, ...common].map(argument), ...operands.map(operand)]
    .map((word, at) => (at === 0 ? `          ${word}` : `            ${word}`))
    .join(' \\\n');
