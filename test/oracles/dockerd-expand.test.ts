import { dockerdLacks, startDockerd } from './dockerd.js';
import { judgeDockerd } from './dockerdJudge.js';

judgeDockerd(
  dockerdLacks(),
  'the Docker daemon of this machine',
  () => startDockerd(),
  ({ version }, { requests }) => console.info(`Docker ${version}: ${requests} requests as predicted`),
);
