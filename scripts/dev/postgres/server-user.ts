import { spawnSync } from 'node:child_process';
import { mkdtemp, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Another user of this machine, by its numbers, that PostgreSQL runs as because it refuses to run as root. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/** Tried in this order; every Unix has the second. No user is made on a machine that is not ours. */
const names = ['postgres', 'nobody'];

let known: ServerUser | null | undefined;

/** Whom PostgreSQL runs as here; null is whoever we are. Throws a sentence where we are root and can become nobody else. */
export function serverUser(): ServerUser | null {
  known ??= process.getuid?.() === 0 ? anotherUser() : null;
  return known;
}

function anotherUser(): ServerUser {
  for (const name of names) {
    const [uid, gid] = ['-u', '-g'].map((flag) => Number(spawnSync('id', [flag, name]).stdout.toString() || Number.NaN));
    if (uid === undefined || gid === undefined || !(uid > 0) || !(gid > 0)) continue;
    if (spawnSync('true', [], { uid, gid, cwd: '/' }).status === 0) return { uid, gid };
  }
  throw new Error(
    `PostgreSQL refuses to run as root, and this machine lets root start it neither as user ${names.join(' nor as user ')}; run the same command as an ordinary user`,
  );
}

/** Whether this user may enter a folder, with all that lies above it. */
export function mayEnter(user: ServerUser | null, folder: string): boolean {
  return spawnSync('sh', ['-c', 'cd -- "$0"', folder], { cwd: '/', ...user }).status === 0;
}

/** A new temporary folder of ours that PostgreSQL's user may enter, wherever TMPDIR points. */
export async function enterableFolder(prefix: string): Promise<string> {
  const user = serverUser();
  const places = [...new Set([tmpdir(), '/tmp', '/var/tmp'])];
  const place = places.find((candidate) => mayEnter(user, candidate));
  if (place === undefined)
    throw new Error(`PostgreSQL's user may enter none of ${places.join(', ')}; set TMPDIR to a folder that everybody may enter`);
  const folder = await mkdtemp(join(place, prefix));
  await chmod(folder, 0o755);
  return folder;
}
