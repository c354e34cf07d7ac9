// `tollgate watch --team`: what the whole team spends, live. Rule: it looks and changes nothing; without a terminal it prints once and ends.
import type { ReadStream, WriteStream } from 'node:tty';
import { formatUsd } from '../../domain/money.ts';
import { HOUR_MS, SECOND_MS } from '../../domain/time.ts';
import type { TeamPool, TeamStore } from '../../stores/team-store.ts';
import type { CliContext } from '../command.ts';
import { FINE } from '../exit-code.ts';
import { fitted, toned } from '../live/figures-text.ts';
import { openScreen, type Screen } from '../live/screen.ts';
import { printJson } from '../print-json.ts';
import { withTeam } from './connection.ts';
import {
  readTeamSessions,
  type TeamSession,
  teamSessionJson,
  teamSessionLines,
} from './sessions.ts';
import { POOL_COUNT, poolLines } from './status.ts';

const EVERY_MS = 5 * SECOND_MS;
const SHOWN_COUNT = 50;

interface TeamView {
  readonly team: string;
  readonly at: number;
  readonly sessions: readonly TeamSession[];
  readonly pools: readonly TeamPool[];
}

/** Answers the exit code. */
export const watchTeam = (
  options: Readonly<Record<string, unknown>>,
  isLive: boolean,
  context: CliContext,
): Promise<number> =>
  withTeam(context, async (store, { team }) => {
    if (isLive) {
      await watchLive(() => read(store, team), context, process.stdout);
      return FINE;
    }
    const view = await read(store, team);
    if (options.json) {
      const { at, sessions, pools } = view;
      const shown = { team, at, sessions: sessions.map(teamSessionJson), pools };
      printJson({ schema: 'tollgate/team-watch@1', ...shown }, context);
    } else context.print(`${viewLines(view, context).join('\n')}\n`);
    return FINE;
  });

/** Sessions of the last hour. */
async function read(store: TeamStore, team: string): Promise<TeamView> {
  const at = Date.now();
  const sessions = await readTeamSessions(store, at - HOUR_MS, SHOWN_COUNT, at);
  return { team, at, sessions, pools: await store.readPools(POOL_COUNT.text + 1) };
}

const viewLines = ({ at, sessions, pools }: TeamView, context: CliContext): readonly string[] => [
  ...teamSessionLines(sessions, at, context),
  ...(pools.length === 0 ? [] : ['', ...poolLines(pools)]),
];

/** Draws every few seconds until the person has had enough; what goes wrong is a line at the foot. */
async function watchLive(
  look: () => Promise<TeamView>,
  context: CliContext,
  output: WriteStream,
): Promise<void> {
  let screen: Screen | null = null;
  let view: TeamView | null = null;
  let note = '';
  const draw = () => {
    if (screen === null || view === null) return;
    const burn = view.sessions.reduce((sum, each) => sum + each.burnNanoUsdPerHour, 0);
    const title = `tollgate watch   team ${view.team}   ${formatUsd(burn)} in the last hour`;
    const columns = screen.columns();
    screen.draw([
      toned(title, 'plain', context.isFancy),
      '',
      ...viewLines(view, { ...context, columns }),
      '',
      fitted(note, columns),
      toned('q quit', 'dim', context.isFancy),
    ]);
  };
  const refresh = async () => {
    try {
      view = await look();
      note = '';
    } catch (error) {
      note = (error as Error).message;
    }
    draw();
  };
  await new Promise<void>((resolve) => {
    const onKey = (key: unknown) => {
      const { char } = (key ?? {}) as { readonly char?: string };
      if (key === 'quit' || char === 'q') resolve();
    };
    screen = openScreen(context.stdin as ReadStream, output, {
      ...{ onKey, onResize: draw, onEnd: resolve },
    });
    void keepLooking(refresh, () => screen !== null);
  }).finally(() => {
    screen?.close();
    screen = null;
  });
}

/** One look after the other, so that a slow database is asked no faster. */
async function keepLooking(refresh: () => Promise<void>, isWanted: () => boolean): Promise<void> {
  while (isWanted()) {
    await refresh();
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS).unref());
  }
}
