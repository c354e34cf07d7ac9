// Where each transcript was read to, and what its reader has to remember. Rule: written in the transaction that records what
// was read.
import { NO_CARRY, type ScanCarry } from '../../agents/agent.ts';
import type { Row } from '../columns.ts';
import type { Checkpoint, Store } from '../store.ts';
import type { Connection } from './connection.ts';

export function checkpointRepository(db: Connection) {
  return {
    readCheckpoint: (file) => {
      const row = db.get('SELECT * FROM checkpoint WHERE path = ?', [file]);
      return row ? toCheckpoint(row) : null;
    },
    readCheckpoints: () =>
      new Map(
        db.all('SELECT * FROM checkpoint', []).map((row) => [String(row.path), toCheckpoint(row)]),
      ),
    writeCheckpoint: ({ path: file, inode, offset, before, writtenAt, read, carry }) => {
      db.run(
        `INSERT INTO checkpoint (path, inode, byte_offset, carry) VALUES (?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET inode = excluded.inode, byte_offset = excluded.byte_offset,
           carry = excluded.carry`,
        [file, inode, offset, JSON.stringify({ ...carry, before, writtenAt, read })],
      );
    },
  } satisfies Partial<Store>;
}

const toCheckpoint = (row: Row): Checkpoint => ({
  path: String(row.path),
  inode: Number(row.inode),
  offset: Number(row.byte_offset),
  ...toCarry(row),
});

/** What a reader has to remember; a field that an older Tollgate did not write is empty. */
function toCarry(row: Row): Pick<Checkpoint, 'before' | 'writtenAt' | 'read' | 'carry'> {
  const { before, writtenAt, read, ...carry } = {
    ...{ before: null, writtenAt: null, ...NO_CARRY },
    ...(JSON.parse(String(row.carry)) as Partial<ScanCarry & Checkpoint>),
  };
  return { before, writtenAt, read, carry };
}
