// Whether a folder is on another machine: there SQLite's write-ahead log does not work, since its processes share memory. Sources:
// statfs(2), https://sqlite.org/wal.html.
import { statfsSync } from 'node:fs';
import { platform } from 'node:process';

/** File systems that are reached over a network, or from one system to another, by their number on Linux. */
const LINUX: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0xff534d42, 'SMB'],
  [0xfe534d42, 'SMB'],
  [0x517b, 'SMB'],
  [0x01021997, '9P'],
  [0x65735546, 'FUSE'],
  [0x5346414f, 'AFS'],
  [0x00c36400, 'Ceph'],
  [0x6b414653, 'AFS'],
  [0x786f4256, 'VirtualBox'],
]);

/** The name of the network file system that `folder` is on; `null`: it is on this machine, or the system does not tell. */
export function networkDriveOf(folder: string): string | null {
  if (platform === 'win32') return /^[\\/]{2}(?![?.][\\/])/.test(folder) ? 'SMB' : null;
  if (platform !== 'linux') return null;
  try {
    return LINUX.get(statfsSync(folder).type >>> 0) ?? null;
  } catch {
    return null; // not there
  }
}
