// What circuit breakers remember of threads. Rule: a row is replaced, and goes with its session's end or a person's word.
import type { WatchOperations } from '../watching.ts';
import type { Connection } from './connection.ts';

export function activityRepository(db: Connection) {
  return {
    readActivity: (id, agent) => {
      const row = db.get('SELECT activity FROM activity WHERE session_id = ? AND agent_id = ?', [
        id,
        agent ?? '',
      ]);
      return row === undefined ? null : String(row.activity);
    },
    writeActivity: (id, agent, activity) => {
      db.run('INSERT OR REPLACE INTO activity (session_id, agent_id, activity) VALUES (?, ?, ?)', [
        id,
        agent ?? '',
        activity,
      ]);
    },
    forgetActivities: (id, which = 'all') => {
      const only = which === 'subagents' ? " AND agent_id <> ''" : '';
      db.run(`DELETE FROM activity WHERE session_id = ?${only}`, [id]);
    },
    readThreadCost: (id, agent) => {
      const key = db.findSessionKey(id) ?? -1;
      const row =
        agent === null
          ? db.get('SELECT sum(cost_nano_usd) AS cost FROM rollup WHERE session_key = ?', [key])
          : db.get(
              'SELECT sum(cost_nano_usd) AS cost FROM entry WHERE session_key = ? AND agent_id = ?',
              [key, agent],
            );
      return Number(row?.cost ?? 0);
    },
  } satisfies WatchOperations;
}
