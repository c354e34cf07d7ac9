// The second of a watchdog: a small shell that sees whether the watchdog runs. Whoever replaces the program and ends the watchdog in one go
// leaves no other part of Tollgate that could tell. Rule: nothing of it is read from a disk, and it needs neither Node nor the program.
import { toPerson } from '../domain/breach-text.ts';
import { type GuardLoss, lossFile } from '../gate/guard-loss.ts';
import { notesFile } from '../hooks/event-notes.ts';
import type { WatchdogTask } from '../hooks/start-watchdog.ts';
import { signFile } from '../hooks/watchdog-sign.ts';
import { startDetached } from '../runtime/detached.ts';
import { identityOf } from '../runtime/processes.ts';
import type { KnownProcess } from './host-process.ts';
import type { WatchedSession } from './report.ts';

/**
 * Ends with the client, and a minute after another watchdog has taken over. Once its own is gone or stopped it counts the session's requests: hooks that run note
 * something between any two of them, and start another watchdog. Sees processes by their number and start; asks /proc, so that it runs on Linux alone.
 */
const SCRIPT = `
look() {
  { read -r line < "/proc/$1/stat"; } 2>/dev/null || return 1
  known=$2
  set -- \${line##*) }
  shift 19 && [ "$1" = "$known" ] || return 1
  state=\${line##*) }
  state=\${state%% *}
}
works() { look "$1" "$2" && case $state in [TtZX]) return 1 ;; esac; }
followed() {
  read -r sign < "$SIGN" || :
  sign=\${sign#*\\"pid\\":}
  sign=\${sign%%[!0-9]*}
  [ -n "$sign" ] && [ "$sign" != "$DOG" ] && [ -d "/proc/$sign" ]
} 2>/dev/null
ids() { grep -o '"id":"msg_[^"]*"' | sort -u | wc -l; }
# Responses since the one whose tools were noted last, itself among them.
since() {
  last=$(grep -F -- "$MARK" "$NOTES" | tail -n 1)
  last=\${last#*"$MARK"}
  last=\${last%%'"'*}
  [ -n "$last" ] || return 1
  sed -n "/$last/,\\$p" "$TALK" | ids
} 2>/dev/null
was= signals=0 calm=0
while sleep 1; do
  look "$HOST" "$HOST_ID" || exit 0
  if works "$DOG" "$DOG_ID"; then was= calm=0; continue; fi
  now=$(ids < "$TALK") 2>/dev/null
  notes=$(grep -cF -- "$SESSION" "$NOTES" 2>/dev/null)
  if [ -z "$was" ]; then
    was=$now
    if ! followed && [ "$(since)" -ge 3 ]; then was=$((now - 2)); fi 2>/dev/null
  elif [ "$notes" != "$noted" ]; then was=$now; fi
  noted=$notes
  # A transcript that is emptied or taken away counts as well.
  if [ "$now" -lt "$((was + 2))" ] && [ "$now" -ge "$was" ]; then
    followed && calm=$((calm + 1))
    [ "$calm" -lt 60 ] || exit 0
    continue
  fi
  was=$now
  if [ "$signals" = 0 ]; then
    mkdir -p "\${LOSS%/*}" && printf '%s%s000%s' "$BEFORE" "$(date +%s)" "$AFTER" > "$LOSS"
    printf '\\n%s\\n' "$TEXT" > "/proc/$HOST/fd/2"
  fi 2>/dev/null
  signals=$((signals + 1))
  [ "$POLICY" = halt ] || continue
  if [ "$signals" -gt 2 ]; then kill -TERM "$HOST"; else kill -INT "$HOST"; fi
done
`;

/** Starts it for a session, beside this process; `null` where the system has no such shell. */
export function startSecond(
  { sessionId, transcriptPath }: WatchedSession,
  { stateHome, hostPid, hostIdentity, onGuardLost }: WatchdogTask,
  env: NodeJS.ProcessEnv,
): KnownProcess | null {
  const file = lossFile(stateHome, sessionId);
  if (process.platform !== 'linux' || file === null) return null;
  const stoppedPid = onGuardLost === 'halt' ? hostPid : null;
  const breach = { code: 'GUARD_LOST', lost: 'hooks', stoppedPid } as const;
  const loss: GuardLoss = {
    ...{ schema: 'tollgate/guard-lost@1', sessionId, lostAt: 0, backAt: null, breach },
  };
  const [before = '', after = ''] = JSON.stringify(loss).split(/(?<="lostAt":)0/);
  // Its words name nothing of ours: it is not found by them.
  const pid = startDetached('/bin/sh', ['-c', 'eval "$G"'], {
    cwd: '/',
    env: {
      ...{
        PATH: env.PATH ?? '/usr/bin:/bin',
        G: SCRIPT,
        POLICY: onGuardLost,
        TALK: transcriptPath,
      },
      ...{ HOST: String(hostPid), HOST_ID: hostIdentity, SIGN: signFile(stateHome, hostPid) },
      ...{ SESSION: sessionId, MARK: `"${sessionId}","",["`, NOTES: notesFile(stateHome, hostPid) },
      ...{ DOG: String(process.pid), DOG_ID: identityOf(process.pid) },
      ...{ LOSS: file, BEFORE: before, AFTER: after, TEXT: toPerson(breach, sessionId) },
    },
  });
  return pid === null ? null : { pid, identity: identityOf(pid) };
}
