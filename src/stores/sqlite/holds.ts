// What configuration files were accepted to say, what is in force by them, and what sessions began under.
import type { Attribution } from '../../domain/attribution.ts';
import type { HoldOperations } from '../holding.ts';
import type { Connection } from './connection.ts';

export const holdRepository = (db: Connection): HoldOperations => ({
  ...heldFiles(db),
  ...sessionStarts(db),
});

function heldFiles(db: Connection): Omit<HoldOperations, keyof ReturnType<typeof sessionStarts>> {
  return {
    readHeldFiles: (files) =>
      files.flatMap((file) => {
        const row = db.get('SELECT * FROM held_file WHERE file = ?', [file]);
        if (row === undefined) return [];
        return {
          file,
          kind: String(row.kind),
          settings: String(row.settings),
          confirmedAt: Number(row.confirmed_at_ms),
          acceptedBy: String(row.accepted_by),
        };
      }),
    writeHeldFile: ({ file, kind, settings, confirmedAt, acceptedBy }) => {
      db.run(
        `INSERT INTO held_file (file, kind, settings, confirmed_at_ms, accepted_by) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET kind = excluded.kind, settings = excluded.settings,
           confirmed_at_ms = excluded.confirmed_at_ms, accepted_by = excluded.accepted_by`,
        [file, kind, settings, confirmedAt, acceptedBy],
      );
    },
    removeHeldFile: (file) => {
      db.run('DELETE FROM held_file WHERE file = ?', [file]);
    },
    confirmHeldFiles: (files, at) => {
      for (const file of files) {
        db.run('UPDATE held_file SET confirmed_at_ms = max(confirmed_at_ms, ?) WHERE file = ?', [
          at,
          file,
        ]);
      }
    },
    readInForce: (place) => {
      const row = db.get('SELECT fingerprint, answer FROM config_in_force WHERE place = ?', [
        place,
      ]);
      return row ? { fingerprint: String(row.fingerprint), answer: String(row.answer) } : null;
    },
    writeInForce: (place, fingerprint, answer) => {
      db.run(
        `INSERT INTO config_in_force (place, fingerprint, answer) VALUES (?, ?, ?)
         ON CONFLICT DO UPDATE SET fingerprint = excluded.fingerprint, answer = excluded.answer`,
        [place, fingerprint, answer],
      );
    },
    forgetInForce: () => {
      db.run('DELETE FROM config_in_force', []);
    },
  };
}

function sessionStarts(db: Connection) {
  return {
    readSessionFiles: (id) =>
      db
        .all('SELECT file FROM session_file WHERE session_id = ? ORDER BY file', [id])
        .map((row) => String(row.file)),
    addSessionFile: (id, file) => {
      db.run('INSERT INTO session_file (session_id, file) VALUES (?, ?) ON CONFLICT DO NOTHING', [
        id,
        file,
      ]);
    },
    readStartLabels: (id) => {
      const row = db.get('SELECT labels FROM session_start WHERE session_id = ?', [id]);
      return row ? (JSON.parse(String(row.labels)) as Partial<Attribution>) : null;
    },
    writeStartLabels: (id, labels) => {
      db.run(
        'INSERT INTO session_start (session_id, labels) VALUES (?, ?) ON CONFLICT DO NOTHING',
        [id, JSON.stringify(labels)],
      );
    },
    bindSession: (scopeKey, id) => {
      const isNew = db.run(
        'INSERT INTO pool_session (scope_key, session_key) VALUES (?, ?) ON CONFLICT DO NOTHING',
        [scopeKey, db.sessionKey(id)],
      );
      // What the session has spent elsewhere so far was not counted.
      if (isNew === 1) {
        db.run('DELETE FROM pool WHERE pool_key = ? OR substr(pool_key, 1, ?) = ?', [
          scopeKey,
          scopeKey.length + 1,
          `${scopeKey}|`,
        ]);
      }
    },
  } satisfies Partial<HoldOperations>;
}
