// What Claude Code has said of the windows of a plan.
import { sessionId } from '../../domain/ids.ts';
import type { PlanProblem, PlanWindowName } from '../../domain/plan-window.ts';
import type { Row } from '../columns.ts';
import type { PlanOperations, PlanReading } from '../plan-readings.ts';
import type { Connection } from './connection.ts';

const PPM = 1_000_000;

export function planReadingRepository(db: Connection) {
  return {
    readPlanReadings: (window, limit) =>
      db
        .all('SELECT * FROM plan_reading WHERE plan_window = ? ORDER BY reading_seq DESC LIMIT ?', [
          window,
          limit,
        ])
        .map(toReading),
    readSessionReading: (window, id) => {
      const row = db.get(
        `SELECT * FROM plan_reading WHERE plan_window = ? AND session_id = ?
         ORDER BY reading_seq DESC LIMIT 1`,
        [window, id],
      );
      return row === undefined ? null : toReading(row);
    },
    readPlanWindowNames: () =>
      db
        .all('SELECT DISTINCT plan_window FROM plan_reading ORDER BY plan_window', [])
        .map((row) => String(row.plan_window) as PlanWindowName),
    readPlanEnds: (window) =>
      db
        .all(
          'SELECT DISTINCT end_at_ms FROM plan_reading WHERE plan_window = ? ORDER BY end_at_ms',
          [window],
        )
        .map((row) => Number(row.end_at_ms)),
    addPlanReading: (reading) => {
      db.run(
        `INSERT INTO plan_reading (plan_window, used_ppm, resets_at_ms, end_at_ms, read_at_ms, session_id,
           host_total_nano_usd, spent_nano_usd, full_nano_usd, error_ppm, sample_count)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        [
          ...[reading.window, Math.round(reading.usedRatio * PPM), reading.resetsAt, reading.endAt],
          ...[reading.readAt, reading.sessionId, reading.hostTotalNanoUsd, reading.spentNanoUsd],
          reading.rate?.fullNanoUsd ?? null,
          reading.rate === null ? null : Math.round(reading.rate.errorRatio * PPM),
          reading.rate?.sampleCount ?? null,
        ],
      );
    },
    ...planProblems(db),
    readFirstSpendAt: (at) => {
      const row = db.get('SELECT min(occurred_at_ms) AS at FROM entry WHERE occurred_at_ms >= ?', [
        at,
      ]);
      return row?.at == null ? null : Number(row.at);
    },
  } satisfies PlanOperations;
}

function toReading(row: Row): PlanReading {
  const rate =
    row.full_nano_usd === null
      ? null
      : {
          fullNanoUsd: Number(row.full_nano_usd),
          errorRatio: Number(row.error_ppm) / PPM,
          sampleCount: Number(row.sample_count),
        };
  return {
    window: String(row.plan_window) as PlanWindowName,
    usedRatio: Number(row.used_ppm) / PPM,
    resetsAt: Number(row.resets_at_ms),
    endAt: Number(row.end_at_ms),
    readAt: Number(row.read_at_ms),
    sessionId: sessionId(String(row.session_id)),
    hostTotalNanoUsd: row.host_total_nano_usd === null ? null : Number(row.host_total_nano_usd),
    spentNanoUsd: Number(row.spent_nano_usd),
    rate,
  };
}

const planProblems = (db: Connection) =>
  ({
    notePlanProblem: ({ code, detail, seenAt }) => {
      db.run(
        `INSERT INTO plan_problem (code, detail, seen_at_ms) VALUES (?, ?, ?)
         ON CONFLICT DO UPDATE SET seen_at_ms = excluded.seen_at_ms`,
        [code, detail, seenAt],
      );
    },
    readPlanProblems: (sinceAt) =>
      db
        .all('SELECT * FROM plan_problem WHERE seen_at_ms >= ? ORDER BY seen_at_ms DESC, code', [
          sinceAt,
        ])
        .map((row) => ({
          code: String(row.code) as PlanProblem['code'],
          detail: String(row.detail),
          seenAt: Number(row.seen_at_ms),
        })),
  }) satisfies Partial<PlanOperations>;
