/** Reads a text with control sequences for its style (SGR), which are the only ones that it knows. */

/** A piece of a text in one style. */
export interface Span {
  readonly text: string;
  /** Parameters of SGR in one order: attributes, then the colour. Empty for the plain style. */
  readonly style: string;
}

interface State {
  readonly attributes: readonly string[];
  readonly colour: string;
}

const plain: State = { attributes: [], colour: '' };

const with_ = ({ attributes, colour }: State, added: string): State => ({
  attributes: [...new Set([...attributes, added])].sort(),
  colour,
});
const without = ({ attributes, colour }: State, removed: readonly string[]): State => ({
  attributes: attributes.filter((each) => !removed.includes(each)),
  colour,
});

/** What each parameter does: bold, dim, underlined, inverse, their ends, and colours. */
function changed(state: State, parameters: readonly string[]): State {
  const [first = '', kind, ...rest] = parameters;
  if (first === '' || first === '0') return plain;
  if (['1', '2', '4', '7'].includes(first)) return with_(state, first);
  if (first === '22') return without(state, ['1', '2']);
  if (first === '24' || first === '27') return without(state, [first.slice(1)]);
  if (first === '39') return { ...state, colour: '' };
  if (first === '38') return { ...state, colour: ['38', kind, ...rest.slice(0, kind === '5' ? 1 : 3)].join(';') };
  return /^[39][0-7]$/.test(first) ? { ...state, colour: first } : state;
}

/** The number of parameters that the first one takes with it. */
const taken = ([first, kind]: readonly string[]): number => (first === '38' ? (kind === '5' ? 3 : 5) : 1);

function after(state: State, parameters: readonly string[]): State {
  if (parameters.length === 0) return state;
  return after(changed(state, parameters), parameters.slice(taken(parameters)));
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character begins a control sequence
const sgr = /\u001b\[([\d;]*)m/;

/** Returns the pieces of a text, without the control sequences; the last one, which may be empty, has the style that the text ends with. */
export function spansOf(text: string): readonly Span[] {
  const [first = '', ...rest] = text.split(sgr);
  const spans: Span[] = [{ text: first, style: '' }];
  let state = plain;
  for (let at = 0; at < rest.length; at += 2) {
    state = after(state, (rest[at] ?? '').split(';'));
    const { attributes, colour } = state;
    spans.push({ text: rest[at + 1] ?? '', style: [...attributes, ...(colour === '' ? [] : [colour])].join(';') });
  }
  return spans;
}
