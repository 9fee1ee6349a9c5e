/** Messages of public threads that the catalogue does not hold, with the calls that the threads name. */
export const FRESH: readonly (readonly [message: string, calls: readonly string[], source: string])[] = [
  [
    "node[18]: ../src/node_platform.cc:68:std::unique_ptr<long unsigned int> node::WorkerThreadsTaskRunner::DelayedTaskScheduler::Start(): Assertion `(0) == (uv_thread_create(t.get(), start_thread, this))' failed.",
    ['clone3'],
    'nodejs/docker-node#1956',
  ],
  [
    "Node.js[517]: ../src/util.cc:188:double node::GetCurrentTimeInMicroseconds(): Assertion `(0) == (uv_gettimeofday(&tv))' failed.",
    ['clock_gettime64'],
    'linuxserver/docker-code-server#96',
  ],
  [
    "ERROR: While executing gem ... (ThreadError) can't create Thread: Operation not permitted",
    ['clone3'],
    'docker-library/ruby#429',
  ],
  [
    "thread 'main' panicked at 'OS can't spawn worker thread: Operation not permitted (os error 1)', src/runtime/scheduler/multi_thread/worker.rs:447:13",
    ['clone3'],
    'rathole-org/rathole#319',
  ],
  [
    '[0.005s][warning][os,thread] Failed to start thread "GC Thread#0" - pthread_create failed (EPERM) for attributes: stacksize: 1024k, guardsize: 4k, detached.',
    ['clone3'],
    'bell-sw/Liberica#206',
  ],
  ['# Cannot create worker GC thread. Out of system resources.', ['clone3'], 'adoptium/temurin-build#2976'],
  [
    'OpenBLAS blas_thread_init: pthread_create failed for thread 1 of 16: Operation not permitted',
    ['clone3'],
    'OpenBMB/XAgent#266',
  ],
  [
    'bwrap: Creating new namespace failed: Operation not permitted',
    ['clone', 'unshare'],
    'spacedriveapp/spacebot#429',
  ],
  [
    'run build failed, caused by: Failed to enter a new Linux namespace, caused by: EPERM: Operation not permitted.',
    ['unshare', 'clone'],
    'mozilla/sccache#1607',
  ],
  [
    'bwrap: No permissions to create new namespace, likely because the kernel does not allow non-privileged user namespaces.',
    ['clone', 'unshare'],
    'tbrandenburg/cade#23',
  ],
  [
    "nsenter: reassociate to namespace 'ns/pid' failed: Operation not permitted",
    ['setns'],
    'util-linux/util-linux#1006',
  ],
  [
    'error adding seccomp filter rule for syscall clone3: permission denied: unknown',
    ['clone3'],
    'containerd/containerd#6203',
  ],
  [
    'error closing exec fds: get root mount id: statx(STATX_MNT_ID_...) fsmount:fscontext:proc/: could not get mount id: operation not permitted',
    ['statx'],
    'kubearmor/KubeArmor#2594',
  ],
  ['QMP command failed: Unable to use io_uring', ['io_uring_setup'], 'kata-containers/kata-containers#10314'],
  [
    'Could not attach to process.  If your uid matches the uid of the target process, check the setting of /proc/sys/kernel/yama/ptrace_scope, or try again as the root user.',
    ['ptrace'],
    'Gallopsled/pwntools#973',
  ],
  ['unexpected EPERM from io_pgetevents', ['io_pgetevents'], 'containerd/containerd#3105'],
];
