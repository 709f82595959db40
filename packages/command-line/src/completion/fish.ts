/** Completion for fish. */
import type { Place, Shape, ShapeCommand, ShapeOption } from './shape.ts';

/** Returns the script that fish reads. */
export function fishScript({ name, commands, common }: Shape): string {
  const [nameless, ...named] = commands;
  const names = named.map((command) => command.name).join(' ');
  const line = (words: readonly string[]) => ['complete', '-c', name, ...words].join(' ');
  const noCommand = ['-n', quoted(`not __fish_seen_subcommand_from ${names}`)];
  return [
    `# Completion of ${name} in fish. Made by "${name} completion fish".`,
    line(['-f']),
    ...common.map((option) => line(optionWords(option))),
    ...named.map((command) => line([...noCommand, '-a', command.name, '-d', quoted(command.summary)])),
    ...rowsOf(nameless, noCommand).map(line),
    ...named.flatMap((command) =>
      rowsOf(command, ['-n', quoted(`__fish_seen_subcommand_from ${command.name}`)]).map(line),
    ),
    '',
  ].join('\n');
}

/** Choices of all operands of a command are offered together, because fish does not count words. */
function rowsOf({ operands, options }: ShapeCommand, condition: readonly string[]): string[][] {
  const places = operands.map(({ place }) => place).filter(({ kind }) => kind !== 'text');
  return [
    ...options.map((option) => [...condition, ...optionWords(option)]),
    ...places.map((place) => [...condition, ...offered(place)]),
  ];
}

const optionWords = ({ flag, help, value }: ShapeOption): string[] => [
  '-l',
  flag.slice(2),
  ...(value === null ? [] : value.place.kind === 'text' ? ['-x'] : ['-r', ...offered(value.place)]),
  '-d',
  quoted(help),
];

function offered(place: Place): string[] {
  if (place.kind === 'words') return ['-a', quoted(place.words.join(' '))];
  return { file: ['-F'], directory: ['-a', quoted('(__fish_complete_directories)')], text: [] }[place.kind];
}

const quoted = (text: string): string => `'${text.replace(/['\\]/g, '\\$&')}'`;
