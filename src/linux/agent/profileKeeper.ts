import { type FSWatcher, watch } from 'node:fs';
import { type Installation, type InstallOptions, installProfiles } from './installProfiles.js';
import { readProfileSource } from './profileSource.js';

export interface KeeperOptions extends InstallOptions {
  /** Directory where the ConfigMap is mounted. */
  readonly source: string;
  readonly onInstallation: (installation: Installation) => void;
  /** Nothing could be done at all. What is installed stays as it is. */
  readonly onFailure: (text: string) => void;
}

/** Keeps profiles in place. */
export interface ProfileKeeper {
  /** True while every profile of the source is in place. */
  readonly ready: () => boolean;
  /** Looks no more. Profiles stay: running pods need them at their next start. */
  readonly stop: () => void;
}

/** Milliseconds after the last of several changes; the kubelet makes a few at once. */
const SETTLE = 50;
/** Milliseconds between looks without a sign of a change: a file system can lose one, and not every one tells. */
const PERIOD = 10_000;

/** Installs the profiles now, and again when the ConfigMap or the files change. */
export function keepProfiles(options: KeeperOptions): ProfileKeeper {
  const { source, target, onInstallation, onFailure } = options;
  let ready = false;
  let settling: NodeJS.Timeout | undefined;
  const look = (): void => {
    try {
      const installation = installProfiles(readProfileSource(source), options);
      ready = installation.failed.size === 0;
      onInstallation(installation);
    } catch (error) {
      ready = false;
      onFailure((error as Error).message);
    }
    watchAgain();
  };
  const soon = (): void => {
    clearTimeout(settling);
    settling = setTimeout(look, SETTLE);
  };
  const watchers = new Map<string, FSWatcher>();
  /** A directory that was away is watched once it is there. */
  const watchAgain = (): void => {
    for (const directory of [source, target]) {
      if (watchers.has(directory)) continue;
      try {
        const watcher = watch(directory, { persistent: false }, (_, name) => {
          // Our own parts come and go.
          if (name === null || !name.endsWith('.part')) soon();
        });
        watcher.on('error', () => {
          watcher.close();
          watchers.delete(directory);
        });
        watchers.set(directory, watcher);
      } catch {
        // The periodic look tells what is wrong with it.
      }
    }
  };
  look();
  const period = setInterval(look, PERIOD);
  return {
    ready: () => ready,
    stop: () => {
      clearInterval(period);
      clearTimeout(settling);
      for (const watcher of watchers.values()) watcher.close();
    },
  };
}
