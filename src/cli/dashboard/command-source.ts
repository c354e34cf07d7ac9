// What a command prints with --json, for a page. Rule: the command itself makes it, with options that a page may choose; nothing is added up again.
import type { PageAnswer, PageSource } from '../../dashboard/dashboard.ts';
import type { CliContext, CommandModule } from '../command.ts';

/** The options that a page may give a command: those of one value, and those that may be repeated. */
export interface PageOptions {
  /** The word of the address that is the command's argument. */
  readonly argument?: string;
  readonly single?: readonly string[];
  readonly repeated?: readonly string[];
  /** Given always. */
  readonly fixed?: Readonly<Record<string, unknown>>;
}

/** A page's source that runs a command. */
export function commandSource(
  load: () => Promise<CommandModule>,
  options: PageOptions,
  context: CliContext,
  type: PageAnswer['type'] = 'application/json',
): PageSource {
  return async (query) => {
    const command = await load();
    let body = '';
    const run = {
      ...silent(context),
      print: (text: string) => {
        body += text;
      },
    };
    const argument = options.argument === undefined ? null : query.get(options.argument);
    const args = argument === null || argument === '' ? [] : [argument];
    await command.run(args, optionsIn(query, options), run, []);
    return { type, body };
  };
}

function optionsIn(
  query: URLSearchParams,
  { single = [], repeated = [], fixed = { json: true } }: PageOptions,
): Readonly<Record<string, unknown>> {
  const given: Record<string, unknown> = {};
  for (const name of single) {
    const value = query.get(name);
    if (value !== null && value !== '') given[name] = value;
  }
  for (const name of repeated) {
    const values = query.getAll(name).filter((value) => value !== '');
    if (values.length > 0) given[name] = values;
  }
  return { ...given, ...fixed };
}

/** A context of this moment that nobody sits at. */
export function silent(context: CliContext): CliContext {
  const { env, cwd } = context;
  return {
    ...{ env, cwd, now: Date.now(), columns: 80 },
    get stdin() {
      return context.stdin;
    },
    print: () => {},
    emit: () => {},
    ...{ isTerminal: false, isFancy: false, isInteractive: false },
  };
}
