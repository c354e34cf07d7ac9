// From the files of a configuration to the one canonical shape. Rule: a person's mistake is a value with file, line,
// message and hint; a file with mistakes can still tighten, and nothing else.
import { type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { UNSCALED_PPM } from '../pricing/policy.ts';
import { RATE_CARDS } from '../pricing/rate-cards.ts';
import type { Config, ConfigProblem } from './config.ts';
import { parseHostPricing } from './host-pricing.ts';
import { nodeAt, nodeValue, positionAt, repeatedKeys } from './json-text.ts';
import { dottedPath, type Finding, type Layer, type LayerKind } from './layer.ts';
import type { ConfigSource } from './paths.ts';
import { readSources, type SourceText } from './read-sources.ts';
import { mergeLayers } from './rules.ts';
import { parseConfigInput } from './schema.ts';

/** One of the files, and whether it is there. */
export interface ConfigFile {
  readonly kind: ConfigSource['kind'];
  readonly file: string;
  readonly present: boolean;
}

/** What the files say together. */
export interface LoadedConfig {
  /** Valid whatever the problems are: from what could be read. */
  readonly config: Config;
  readonly problems: readonly ConfigProblem[];
  readonly files: readonly ConfigFile[];
  /** The files that are there, each by itself. */
  readonly layers: readonly Layer[];
}

/** Inputs of loading; absent ones are read from this machine. */
export interface LoadOptions {
  /** Texts read before, in the order of the sources. */
  readonly texts?: readonly SourceText[];
  /** Zone of calendar periods where no file names one. */
  readonly timeZone?: string;
  /** Moment prices of different files are compared at. */
  readonly at?: number;
  /** What holds whatever the files say now: they may tighten it, and nothing else. Outermost first. */
  readonly held?: readonly Layer[];
}

/** Larger than any honest configuration; a file beyond it is not parsed. */
const LONGEST_TEXT = 1_000_000;

interface ReadLayer {
  readonly layer: Layer;
  readonly problems: readonly ConfigProblem[];
  readonly root: Node | null;
  readonly text: string;
}

/** Reads and merges the files. Never throws for what a person wrote. */
export function loadConfig(
  sources: readonly ConfigSource[],
  options: LoadOptions = {},
): LoadedConfig {
  const texts = options.texts ?? readSources(sources);
  const found = sources.flatMap((source, index) => {
    const text = texts[index];
    const { kind, file } = source;
    return text === undefined || kind === 'client' ? [] : readLayer({ kind, file }, text);
  });
  const held = options.held ?? [];
  const read = withoutDefaults(found, held);
  const layers = read.map(({ layer }) => layer);
  const { config, findings } = mergeLayers([...held, ...layers], {
    timeZone: options.timeZone ?? machineZone(),
    cards: RATE_CARDS,
    at: options.at ?? Date.now(),
  });
  const merging = findings.map((finding) => {
    const from = read.find(({ layer }) => layer.file === finding.file);
    return problemOf(finding, from?.root ?? null, from?.text ?? '');
  });
  const hostText = texts[sources.findIndex(({ kind }) => kind === 'client')]?.text ?? null;
  return {
    config: withHostPricing(config, hostText),
    problems: [...read.flatMap(({ problems }) => problems), ...merging],
    files: sources.map(({ kind, file }, index) => {
      return { kind, file, present: texts[index]?.text != null };
    }),
    layers,
  };
}

/** The plugin's own budgets hold only where no other file sets one, or may have meant to. */
function withoutDefaults(read: readonly ReadLayer[], held: readonly Layer[]): readonly ReadLayer[] {
  const own = read.filter(({ layer }) => layer.kind !== 'plugin');
  const isGuarded = [...held, ...own.map(({ layer }) => layer)].some(
    ({ kind, intact, settings }) => kind !== 'plugin' && (!intact || settings.budgets.length > 0),
  );
  return isGuarded ? own : read;
}

/** What a person settled about prices comes before Claude Code's managed settings; rows add up. */
function withHostPricing(config: Config, text: string | null): Config {
  const client = parseHostPricing(text);
  if (client === null) return config;
  const { pricing } = config;
  const isOwn = pricing.multiplierPpm !== UNSCALED_PPM;
  const multiplierPpm = isOwn ? pricing.multiplierPpm : (client.multiplierPpm ?? UNSCALED_PPM);
  return { ...config, pricing: { ...pricing, managed: client.managed, multiplierPpm } };
}

/** Node reads a `TZ` that is empty or names no zone as UTC, and has no name for it. */
function machineZone(): string {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  return timeZone === undefined || timeZone === 'Etc/Unknown' ? 'UTC' : timeZone;
}

function readLayer(
  { kind, file }: { readonly kind: LayerKind; readonly file: string },
  found: SourceText,
): ReadLayer[] {
  if (found.code !== null) {
    const message = `The file cannot be read (${found.code}).`;
    return [unread(kind, file, message, 'Make it a file that you may read, or remove it.')];
  }
  if (found.text === null) return [];
  const text = found.text.replace(/^\uFEFF/, '');
  if (text.trim() === '') {
    return [unread(kind, file, 'The file is empty.', 'Write { } for no settings, or remove it.')];
  }
  if (text.length > LONGEST_TEXT) {
    return [unread(kind, file, 'The file is too large.', 'A configuration is a few kilobytes.')];
  }
  const { root, errors } = parseText(text);
  const first = errors[0];
  if (root === undefined || first !== undefined) {
    const offset = first?.offset ?? 0;
    const what = first === undefined ? 'nothing' : printParseErrorCode(first.error);
    const message = `Not valid JSON: ${spaced(what)}.`;
    const hint = 'JSON with comments: double quotes, and a comma between two entries.';
    return [unread(kind, file, message, hint, positionAt(text, offset))];
  }
  const { settings, findings } = parseConfigInput(nodeValue(root), file);
  const repeated = repeatedKeys(root).map(({ segments, key }): Finding => {
    const message = `"${key}" is written twice.`;
    return { file, segments, kind: 'mistake', message, hint: 'Keep one of them.' };
  });
  const problems = [...findings, ...repeated].map((finding) => problemOf(finding, root, text));
  return [{ layer: { kind, file, settings, intact: problems.length === 0 }, problems, root, text }];
}

/** The tree of a text; a text nested deeper than the parser can follow has none. */
function parseText(text: string): {
  readonly root: Node | undefined;
  readonly errors: ParseError[];
} {
  const errors: ParseError[] = [];
  try {
    return { root: parseTree(text, errors, { allowTrailingComma: true }), errors };
  } catch {
    return { root: undefined, errors: [] };
  }
}

/** `CommaExpected` → `comma expected`. */
function spaced(code: string): string {
  return code.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
}

function unread(
  kind: LayerKind,
  file: string,
  message: string,
  hint: string,
  at: ConfigProblem['at'] = null,
): ReadLayer {
  const layer: Layer = { kind, file, settings: { budgets: [] }, intact: false };
  const problem: ConfigProblem = { kind: 'mistake', file, path: '', at, message, hint };
  return { layer, problems: [problem], root: null, text: '' };
}

function problemOf(finding: Finding, root: Node | null, text: string): ConfigProblem {
  const { kind, file, segments, message, hint } = finding;
  const node = root === null ? null : nodeAt(root, segments);
  const at = node === null ? null : positionAt(text, node.offset);
  return { kind, file, path: dottedPath(segments), at, message, hint };
}
