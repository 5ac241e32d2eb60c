// What processes there are, when they began, and the memory they hold.
import { readdirSync, readFileSync } from 'node:fs';

/** Ticks of the kernel's clock in a second; the same on every Linux we build for. */
const TICKS = 100;

const stat = (pid) => {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0], parent: Number(fields[1]), started: Number(fields[19]) / TICKS };
};

/** Whether a process goes on; one that nobody has buried yet does not. */
export function lives(pid) {
  try {
    return stat(pid).state !== 'Z';
  } catch {
    return false;
  }
}

/** A process and all below it. */
export function tree(pid) {
  const parents = new Map();
  for (const name of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      parents.set(Number(name), stat(name).parent);
    } catch {
      // it has just ended
    }
  }
  const found = [pid];
  for (let at = 0; at < found.length; at += 1) {
    for (const [child, parent] of parents) if (parent === found[at]) found.push(child);
  }
  return found;
}

/** The program that a process runs. */
export function command(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0];
  } catch {
    return '';
  }
}

/** The processes of a program, by its path. */
export function processesOf(program) {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => command(pid) === program && lives(pid));
}

/** When a process began, in milliseconds as `Date.now()` counts them. */
export function began(pid) {
  const uptime = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
  return Date.now() - (uptime - stat(pid).started) * 1000;
}

/** Memory of processes together, each shared page counted once, in bytes. */
export function heldBytes(pids) {
  const of = (pid) => {
    try {
      return Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]) * 1024;
    } catch {
      return 0;
    }
  };
  return pids.reduce((sum, pid) => sum + of(pid), 0);
}
