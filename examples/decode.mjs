// What a line of the audit log says.
import { decoder } from 'callgate';

const line =
  'type=SECCOMP msg=audit(1700000000.000:42): auid=0 uid=0 gid=0 ses=1 pid=77 comm="dnf" exe="/usr/bin/python3" sig=0 arch=c000003e syscall=435 compat=0 ip=0x7f0000000000 code=0x50000';
const { line: read, end } = decoder('x86_64');

for (const record of [...read(line), ...end()]) console.log(record.syscall, record.meaning);
