// Runs an untrusted Node script under the filter of Docker's newest default, and says what it was denied.
import { spawn } from 'callgate/linux';

const script = `
  require('fs').writeFileSync('/proc/self/oom_score_adj', '0');
  try { process.chdir('/'); require('child_process').execFileSync('unshare', ['-U', 'true'], { stdio: 'ignore' }); }
  catch (error) { console.log('the script was stopped with status', error.status); }
`;
const child = spawn(process.execPath, ['-e', script], {
  seccomp: 'docker@28.5.2',
  capabilities: [],
  stdio: 'inherit',
  onDenial: ({ text, count }) => console.log(count === 1 ? text : `${text} ×${count}`),
});
child.on('close', (code) => console.log('ended with', code));
