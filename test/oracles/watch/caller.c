/*
 * Makes denied calls and checks each answer: caller COUNT GO.
 *
 * Waits until the file GO is there, so that many callers begin at one moment. Prints how many answers were wrong, and
 * nanoseconds of the median and of the longest call.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static const struct {
	long number, first, second;
	int expected;
} calls[] = {
	{ SYS_unshare, 0x10000000, 0, EPERM },
	{ 435 /* clone3 */, 0, 0, ENOSYS },
	{ SYS_mount, (long)"source", (long)"/target", EPERM },
	{ SYS_personality, 0x40000, 0, EPERM },
	{ SYS_keyctl, 0, 0, EPERM },
};

static int by_size(const void *a, const void *b)
{
	long x = *(const long *)a, y = *(const long *)b;
	return (x > y) - (x < y);
}

static long now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000L + t.tv_nsec;
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return 2;
	int count = atoi(argv[1]), wrong = 0;
	long *took = malloc(sizeof(long) * (count + 1));
	const struct timespec pause = { 0, 5000000 };
	if (took == NULL)
		return 2;
	took[0] = 0;
	while (access(argv[2], F_OK) != 0)
		nanosleep(&pause, NULL);
	for (int i = 0; i < count; i++) {
		int which = i % (sizeof(calls) / sizeof(calls[0]));
		long start = now();
		errno = 0;
		long result = syscall(calls[which].number, calls[which].first, calls[which].second, 0, 0, 0);
		took[i] = now() - start;
		if (result != -1 || errno != calls[which].expected) {
			if (wrong++ < 10)
				fprintf(stderr, "call %ld: result %ld, errno %d\n", calls[which].number, result, errno);
		}
	}
	qsort(took, count, sizeof(long), by_size);
	printf("{\"calls\": %d, \"wrong\": %d, \"median\": %ld, \"longest\": %ld}\n", count, wrong, took[count / 2], took[count > 0 ? count - 1 : 0]);
	return 0;
}
