// The watchdog's loop: looks at transcripts and notes whenever they change, and now and then by itself. Rule: it ends with its client, leaves
// nothing behind, and costs next to nothing while nothing happens.
import {
  closeSync,
  existsSync,
  type FSWatcher,
  mkdirSync,
  openSync,
  readSync,
  statSync,
  unlinkSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { type SessionId, sessionId } from '../domain/ids.ts';
import { type EpochMs, MINUTE_MS, SECOND_MS } from '../domain/time.ts';
import { type EventNote, notesFile, parseNotes } from '../hooks/event-notes.ts';
import type { WatchdogTask } from '../hooks/start-watchdog.ts';
import { isWatched, readSign, signFile } from '../hooks/watchdog-sign.ts';
import { statOf } from '../runtime/files.ts';
import { commandLineOf, identityOf } from '../runtime/processes.ts';
import { type Alarm, createAlarm } from './alarm.ts';
import { createGuardCheck, type GuardCheck } from './guard-check.ts';
import { isThere } from './host-process.ts';
import { createNestedWatch } from './nested-watch.ts';
import { watchProgram } from './program-files.ts';
import type { WatchedSession } from './report.ts';
import { createRewriteWatch, tellRewritten } from './rewrite-watch.ts';
import { startSecond } from './second.ts';
import { followTranscript, type NewSteps } from './transcript-tail.ts';

/** How often it looks by itself: while something happens, and later. */
const BUSY_MS = SECOND_MS;
const IDLE_MS = 5 * SECOND_MS;
const BUSY_FOR_MS = MINUTE_MS;
/** Several changes in a row are one look. */
const SETTLE_MS = 20;
/** Sessions of one client that have a second. */
const MAX_SECONDS = 4;

interface Watched {
  readonly sessionId: SessionId;
  readonly transcriptPath: string;
  /** Of its transcript. */
  readonly inode: number;
  readonly check: GuardCheck;
  readonly readNew: () => readonly NewSteps[];
}

/** Watches until the client is gone, or another watchdog has taken over. */
export function watchClient(task: WatchdogTask, env: NodeJS.ProcessEnv): Promise<void> {
  const { stateHome, hostPid, hostIdentity } = task;
  const host = { pid: hostPid, identity: hostIdentity };
  const look = createLook(task, env);
  const watchers = createWatchers(() => wake(SETTLE_MS));
  let timer: NodeJS.Timeout | undefined;
  let wakesAt = 0;
  let end: () => void = () => {};
  const wake = (delayMs: number) => {
    if (timer !== undefined && wakesAt <= Date.now() + delayMs) return;
    clearTimeout(timer);
    wakesAt = Date.now() + delayMs;
    timer = setTimeout(run, delayMs);
  };
  const run = () => {
    timer = undefined;
    if (!isThere(host)) return end();
    const { files, isBusy, isChanged, tellTaken } = look(Date.now());
    // Another program may have started what only looks like one.
    if (!isChanged && hasSuccessor(stateHome, hostPid)) {
      tellTaken();
      return end();
    }
    watchers.follow(files);
    wake(isBusy ? BUSY_MS : IDLE_MS);
  };
  return new Promise((resolve) => {
    end = () => {
      clearTimeout(timer);
      watchers.close();
      if (readSign(stateHome, hostPid)?.pid === process.pid) {
        removeFile(signFile(stateHome, hostPid));
        removeFile(notesFile(stateHome, hostPid));
      }
      resolve();
    };
    // It ends with its client and not before, whoever asks.
    for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
      process.on(name, () => wake(SETTLE_MS));
    wake(SETTLE_MS);
  });
}

/** Whether a hook has started another watchdog. A sign that somebody took away is put back. */
function hasSuccessor(stateHome: string, hostPid: number): boolean {
  const sign = readSign(stateHome, hostPid);
  if (sign === null) {
    // The hook that started us writes it a moment later.
    if (process.uptime() >= 10) putBack(signFile(stateHome, hostPid));
    return false;
  }
  if (sign.pid === process.pid || !isWatched(stateHome, hostPid)) return false;
  // A process with a sign need not be a watchdog.
  const words = commandLineOf(sign.pid);
  return words === 'unknown' || (words.at(-2) === process.argv[1] && isFor(words.at(-1), hostPid));
}

function isFor(text: string | undefined, hostPid: number): boolean {
  try {
    return (JSON.parse(text ?? '') as WatchdogTask).hostPid === hostPid;
  } catch {
    return false;
  }
}

function putBack(sign: string): void {
  try {
    if (!existsSync(dirname(sign))) mkdirSync(dirname(sign), { mode: 0o700 });
    const text = JSON.stringify({ pid: process.pid, identity: identityOf(process.pid) });
    writeFileSync(sign, text, { flag: 'wx', mode: 0o600 });
  } catch {
    // The state folder is gone, or a hook is quicker.
  }
}

interface Look {
  /** Files that tell of news. */
  readonly files: readonly string[];
  readonly isBusy: boolean;
  /** The program is another one than it was. */
  readonly isChanged: boolean;
  /** Tells of sessions whose transcript was taken away together with the state folder: nothing is left to count them by. */
  readonly tellTaken: () => void;
}

/** One look at everything. */
function createLook(task: WatchdogTask, env: NodeJS.ProcessEnv): (now: EpochMs) => Look {
  const notes = notesFile(task.stateHome, task.hostPid);
  const readNotes = followNotes(notes);
  const alarm = createAlarm(task, env);
  const nested = createNestedWatch(task, alarm);
  const rewrites = createRewriteWatch((session, paths) => tellRewritten(session, paths, task, env));
  const sessions = new Map<string, Watched>();
  const program = watchProgram();
  const stateInode = inodeOf(task.stateHome);
  const onSession = (session: WatchedSession) => {
    if (sessions.size < MAX_SECONDS) startSecond(session, task, env);
  };
  const host = { pid: task.hostPid, identity: task.hostIdentity };
  let lastNewsAt = 0;
  let askAt = Number.POSITIVE_INFINITY;
  return (now) => {
    // Transcripts first: what a hook has noted was noted before the client went on.
    const found = [...sessions.values()].map((session) => ({ session, news: session.readNew() }));
    const noted = readNotes();
    for (const note of noted) takeIn(note, { sessions, alarm, onSession }, now);
    const isChanged = program.isChanged();
    const hasNews = found.some(({ news }) => news.length > 0);
    const lost = found.filter(({ session, news }) => isUnguarded(session, news));
    for (const { session } of lost) alarm.raise('hooks', session, host, now);
    // Another program may note what hooks note: the gate is asked in its place. That takes a while, so that what is seen at once goes first.
    if (lost.length > 0) askAt = Number.POSITIVE_INFINITY;
    else if (isChanged && hasNews) askAt = Math.min(askAt, now + BUSY_MS);
    if (now >= askAt) {
      askAt = Number.POSITIVE_INFINITY;
      for (const session of sessions.values()) {
        if (alarm.isOver(session, now)) alarm.raise('hooks', session, host, now);
      }
    }
    if (noted.length > 0 || hasNews) lastNewsAt = now;
    const isBusy = now - lastNewsAt < BUSY_FOR_MS;
    nested([...sessions.values()].at(-1) ?? null, now);
    rewrites([...sessions.values()], now);
    return {
      files: [notes, ...[...sessions.values()].map((each) => each.transcriptPath)],
      ...{ isBusy, isChanged },
      tellTaken: () => {
        if (inodeOf(task.stateHome) === stateInode) return;
        for (const session of sessions.values()) {
          if (inodeOf(session.transcriptPath) === session.inode) continue;
          alarm.raise('state', session, host, now);
        }
      },
    };
  };
}

/** 0: it is gone, or nobody can tell. */
const inodeOf = (path: string): number => statOf(path)?.ino ?? 0;

interface Looking {
  readonly sessions: Map<string, Watched>;
  readonly alarm: Alarm;
  readonly onSession: (session: WatchedSession) => void;
}

/** A note of a session that is not known yet begins to be watched. */
function takeIn(note: EventNote, { sessions, alarm, onSession }: Looking, now: EpochMs): void {
  const { transcriptPath } = note;
  const known = sessions.get(note.sessionId);
  if (known === undefined && transcriptPath !== '') {
    const id = sessionId(note.sessionId);
    onSession({ sessionId: id, transcriptPath });
    const readNew = followTranscript(transcriptPath, now);
    readNew();
    const check = createGuardCheck(transcriptPath);
    const inode = inodeOf(transcriptPath);
    sessions.set(id, { sessionId: id, transcriptPath, inode, check, readNew });
  }
  sessions.get(note.sessionId)?.check.note([note]);
  if (note.moment === 'before-tool' || note.moment === 'after-tools')
    alarm.end(note.sessionId, now);
}

/** Whether new steps of a session were done without hooks. */
const isUnguarded = ({ check }: Watched, news: readonly NewSteps[]): boolean =>
  news.map(({ path, steps }) => check.see(path, steps)).includes(true);

/** Reads what hooks have noted since the last time. A file that is gone is made anew: hooks write to none that is not there. */
function followNotes(file: string): () => readonly EventNote[] {
  let inode = 0;
  let offset = 0;
  return () => {
    try {
      const handle = openSync(file, 'a+', 0o600);
      try {
        const stat = statSync(file);
        if (stat.ino !== inode || stat.size < offset) [inode, offset] = [stat.ino, 0];
        const bytes = Buffer.allocUnsafe(stat.size - offset);
        const text = bytes.toString('utf8', 0, readSync(handle, bytes, 0, bytes.length, offset));
        const whole = text.slice(0, text.lastIndexOf('\n') + 1);
        offset += Buffer.byteLength(whole);
        return parseNotes(whole);
      } finally {
        closeSync(handle);
      }
    } catch {
      return []; // the whole folder is gone, or a disk is full
    }
  };
}

/** Tells of changes in files; what cannot be watched is looked at in time anyway. */
function createWatchers(onChange: () => void): {
  readonly follow: (files: readonly string[]) => void;
  readonly close: () => void;
} {
  const open = new Map<string, FSWatcher>();
  const drop = (file: string) => {
    open.get(file)?.close();
    open.delete(file);
  };
  return {
    follow: (files) => {
      for (const file of files) {
        if (open.has(file)) continue;
        try {
          const watcher = watch(file, (kind) => {
            // Another file is under that name now.
            if (kind === 'rename') drop(file);
            onChange();
          });
          watcher.once('error', () => drop(file));
          open.set(file, watcher);
        } catch {
          // Not there yet.
        }
      }
    },
    close: () => {
      for (const file of [...open.keys()]) drop(file);
    },
  };
}

function removeFile(file: string): void {
  try {
    unlinkSync(file);
  } catch {
    // gone already
  }
}
