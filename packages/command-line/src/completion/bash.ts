/** Completion for bash 3.2 and later. */
import type { Place, Shape, ShapeCommand, ShapeOption } from './shape.ts';

/** Returns the script that bash reads. Names of commands and options, and words of choices, have no character that a shell treats specially. */
export function bashScript({ name, commands, common }: Shape): string {
  const own = functionName(name);
  const [, ...named] = commands;
  const valued = new Set(
    [...common, ...commands.flatMap(({ options }) => options)].flatMap(({ flag, value }) =>
      value === null ? [] : [flag],
    ),
  );
  return `# Completion of ${name} in bash. Made by "${name} completion bash".
${own}() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous='' command='' word value='' kind='' words=''
  local -i at operands=0
  COMPREPLY=()
  for ((at = 1; at < COMP_CWORD; at++)); do
    word=\${COMP_WORDS[at]}
    # bash makes a word of the = in --option=value.
    if [[ $word == '=' ]]; then value=yes; continue; fi
    if [[ -n $value ]]; then value=''; previous=''; continue; fi
    previous=''
    case $word in
      ${[...valued].join('|')}) value=yes previous=$word ;;
      -*) ;;
${named.length === 0 ? '' : `      ${named.map((command) => command.name).join('|')}) if [[ -z $command && $operands -eq 0 ]]; then command=$word; else operands+=1; fi ;;\n`}      *) operands+=1 ;;
    esac
  done
  if [[ $current == '=' ]]; then current=''; fi
  if [[ -n $value ]]; then
    case "$command $previous" in
${valueCases(commands, common)}
    esac
  elif [[ $current == -* ]]; then
    case $command in
${commands.map((command) => `      ${pattern(command.name)}) words='${flagsOf(command, common)}' ;;`).join('\n')}
    esac
  else
    case "$command $operands" in
${operandCases(commands)}
    esac
  fi
  case $kind in
    file) compopt -o filenames 2>/dev/null; local IFS=$'\\n'; COMPREPLY=($(compgen -f -- "$current")) ;;
    directory) compopt -o filenames 2>/dev/null; local IFS=$'\\n'; COMPREPLY=($(compgen -d -- "$current")) ;;
    *) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
  esac
}
complete -F ${own} ${name}
`;
}

const functionName = (name: string): string => `_${name.replaceAll('-', '_')}`;
const pattern = (command: string): string => (command === '' ? "''" : command);

const flagsOf = ({ options }: ShapeCommand, common: readonly ShapeOption[]): string =>
  [...options, ...common].map(({ flag }) => flag).join(' ');

function assigned(place: Place): string {
  if (place.kind === 'words') return `words='${place.words.join(' ')}'`;
  return place.kind === 'text' ? ':' : `kind=${place.kind}`;
}

function valueCases(commands: readonly ShapeCommand[], common: readonly ShapeOption[]): string {
  const rows = [
    ...commands.flatMap(({ name, options }) => options.map((option) => ({ start: `'${name} '`, option }))),
    ...common.map((option) => ({ start: "*' '", option })),
  ];
  return rows
    .flatMap(({ start, option: { flag, value } }) =>
      value === null || value.place.kind === 'text' ? [] : [`      ${start}${flag}) ${assigned(value.place)} ;;`],
    )
    .join('\n');
}

/** The first word can also be a command. */
function operandCases(commands: readonly ShapeCommand[]): string {
  const names = commands.flatMap(({ name }) => (name === '' ? [] : [name]));
  return commands
    .flatMap(({ name, operands }) => {
      const rows = operands.map(({ place }, at) => `      '${name} ${at}') ${assigned(place)} ;;`);
      if (name !== '') return rows;
      const first = operands[0]?.place;
      const words = [...names, ...(first?.kind === 'words' ? first.words : [])];
      return [`      ' 0') words='${words.join(' ')}' ;;`, ...rows.slice(1)];
    })
    .join('\n');
}
