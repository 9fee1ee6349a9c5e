/* One IORING_OP_NOP through a ring of its own: io_uring_setup, io_uring_enter and io_uring_register. */
#include <errno.h>
#include <linux/io_uring.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static int fail(const char *what) {
  printf("%s: %s\n", what, strerror(errno));
  return 1;
}

int main(void) {
  struct io_uring_params params;
  memset(&params, 0, sizeof params);
  int ring = syscall(SYS_io_uring_setup, 4, &params);
  if (ring < 0) return fail("io_uring_setup");
  size_t queue_size = params.sq_off.array + params.sq_entries * sizeof(unsigned);
  char *queue = mmap(0, queue_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQ_RING);
  size_t entries_size = params.sq_entries * sizeof(struct io_uring_sqe);
  struct io_uring_sqe *entry = mmap(0, entries_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQES);
  if (queue == MAP_FAILED || entry == MAP_FAILED) return fail("mmap");
  memset(entry, 0, sizeof *entry);
  entry->opcode = IORING_OP_NOP;
  ((unsigned *)(queue + params.sq_off.array))[0] = 0;
  __atomic_store_n((unsigned *)(queue + params.sq_off.tail), 1, __ATOMIC_RELEASE);
  if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, 0, 0) != 1) return fail("io_uring_enter");
  unsigned workers[2] = {0, 0};
  if (syscall(SYS_io_uring_register, ring, IORING_REGISTER_IOWQ_MAX_WORKERS, workers, 2) < 0) return fail("io_uring_register");
  puts("ring works");
  return 0;
}
