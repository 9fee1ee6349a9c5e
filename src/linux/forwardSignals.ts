import { readFileSync } from 'node:fs';

/** Passed on to the command; a terminal's own signals reach it without our help. */
const FORWARDED = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGCONT'] as const;
const FROM_TERMINAL: ReadonlySet<NodeJS.Signals> = new Set(['SIGINT', 'SIGQUIT']);

interface Forwarding {
  /** Signals go here from now on, those that have come already first. */
  readonly to: (send: (signal: NodeJS.Signals) => void) => void;
  readonly stop: () => void;
}

/**
 * From now on signals to this process are for the command: it decides what they mean. Call it before the command can
 * run, since that may be what sends one, and this process must not die of it.
 */
export function forwardSignals(): Forwarding {
  const early: NodeJS.Signals[] = [];
  let deliver = (signal: NodeJS.Signals): void => {
    early.push(signal);
  };
  const listener = (signal: NodeJS.Signals): void => {
    if (FROM_TERMINAL.has(signal) && inForeground()) return;
    deliver(signal);
  };
  for (const signal of FORWARDED) process.on(signal, listener);
  return {
    to: (send) => {
      deliver = send;
      for (const signal of early) send(signal);
    },
    stop: () => {
      for (const signal of FORWARDED) process.removeListener(signal, listener);
    },
  };
}

/**
 * True when this process is in its terminal's foreground group. The command is in the same group then, and the
 * terminal has sent it the signal already; a second one would end programs that ask "press again to quit".
 */
function inForeground(): boolean {
  try {
    // proc_pid_stat(5): after the name in parentheses come state, ppid, pgrp, session, tty_nr, tpgid.
    const fields = readFileSync('/proc/self/stat', 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return fields[4] !== '0' && fields[2] === fields[5];
  } catch {
    return false;
  }
}
