/*
 * Makes calls that are to be denied and tells what became of them: denied DIRECTORY COUNT [SOCKET FDS].
 *
 * In turn mkdir(DIRECTORY/madeI), which a profile answers with EPERM, and rmdir(DIRECTORY/kept), with EACCES; COUNT of
 * them, or with 0 until DIRECTORY/stop is there. Prints its seccomp mode, `CALL=ERRNO COUNT` lines (errno 0: it was
 * made) and the milliseconds of the longest call, and ends with 7.
 *
 * With SOCKET it is a runtime too: it loads a filter of its own for these calls, sends what it reads from standard input
 * there, with a file descriptor for each letter of FDS, and waits until the connection is closed.
 *
 * l  the filter's listener          d  the listener of a process that has ended
 * p  a pipe                         s  a socket
 *
 * A + among the letters sends the text in two pieces, a 2 sends everything over two connections, and with a - the end of
 * the text is not sent at all. With a w it waits for DIRECTORY/stop after its calls.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CODE = 7, MOST_FDS = 253, MOST_ERRNO = 4096 };

static int filtered(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mkdir, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_rmdir, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

/* A process that shares its files has loaded the filter and ended. */
static int dead(void)
{
	int pair[2], fd = -1, status;
	char control[CMSG_SPACE(sizeof(int))], byte = 0;
	struct iovec vector = { &byte, 1 };
	struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
	struct cmsghdr *header = (void *)control;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
		return -1;
	if (fork() == 0) {
		fd = filtered();
		*header = (struct cmsghdr){ CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS };
		memcpy(CMSG_DATA(header), &fd, sizeof(int));
		_exit(sendmsg(pair[0], &message, 0) != 1);
	}
	wait(&status);
	if (recvmsg(pair[1], &message, 0) == 1)
		memcpy(&fd, CMSG_DATA(header), sizeof(int));
	return fd;
}

static long milliseconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Sends text and fds; the fds go with its first piece. */
static void sendAll(int connection, const char *text, size_t length, const int *fds, size_t count)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int) * MOST_FDS)];
		struct cmsghdr header;
	} control;
	struct iovec vector = { (void *)text, length };
	struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1 };
	if (count > 0) {
		message.msg_control = control.bytes;
		message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
		control.header = (struct cmsghdr){ CMSG_LEN(sizeof(int) * count), SOL_SOCKET, SCM_RIGHTS };
		memcpy(CMSG_DATA(&control.header), fds, sizeof(int) * count);
	}
	while (vector.iov_len > 0) {
		ssize_t sent = sendmsg(connection, &message, MSG_NOSIGNAL);
		if (sent <= 0)
			return;
		vector.iov_base = (char *)vector.iov_base + sent;
		vector.iov_len -= sent;
		message.msg_control = NULL;
		message.msg_controllen = 0;
	}
}

static int connected(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	return connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 ? fd : -1;
}

static int handOver(const char *path, const char *letters)
{
	static char text[8 << 20];
	size_t length = fread(text, 1, sizeof(text), stdin);
	int times = strchr(letters, '2') != NULL ? 2 : 1, connections[2] = { -1, -1 }, pipes[2];
	int gone = strchr(letters, 'd') != NULL ? dead() : -1, listener = filtered();
	if (pipe(pipes) != 0 || listener < 0)
		return -1;
	if (strchr(letters, '-') != NULL)
		length--;
	for (int i = 0; i < times; i++) {
		int fds[MOST_FDS];
		size_t count = 0;
		if ((connections[i] = connected(path)) < 0)
			return -1;
		for (const char *letter = letters; *letter != 0 && count < MOST_FDS; letter++)
			switch (*letter) {
			case 'l': fds[count++] = listener; break;
			case 'd': fds[count++] = gone; break;
			case 'p': fds[count++] = pipes[0]; break;
			case 's': fds[count++] = connections[i]; break;
			}
		size_t first = strchr(letters, '+') != NULL ? length / 2 : length;
		sendAll(connections[i], text, first, fds, count);
		sendAll(connections[i], text + first, length - first, NULL, 0);
		if (strchr(letters, '-') == NULL)
			shutdown(connections[i], SHUT_WR);
	}
	close(listener);
	if (gone >= 0)
		close(gone);
	/* The agent closes the connection, whatever came; nobody waits for one that is not complete. */
	char byte;
	for (int i = 0; i < times && strchr(letters, '-') == NULL; i++)
		while (read(connections[i], &byte, 1) > 0)
			;
	return 0;
}

static int mode(void)
{
	char line[256];
	int found = -1;
	FILE *status = fopen("/proc/self/status", "r");
	while (status != NULL && fgets(line, sizeof(line), status) != NULL)
		sscanf(line, "Seccomp: %d", &found);
	if (status != NULL)
		fclose(status);
	return found;
}

int main(int argc, char **argv)
{
	static long counts[2][MOST_ERRNO];
	static const char *const names[] = { "mkdir", "rmdir" };
	char made[512], kept[512], stop[512];
	long count, longest = 0;
	if (argc < 3)
		return 2;
	if (argc > 4 && handOver(argv[3], argv[4]) != 0)
		return 3;
	count = atol(argv[2]);
	snprintf(kept, sizeof(kept), "%s/kept", argv[1]);
	snprintf(stop, sizeof(stop), "%s/stop", argv[1]);
	printf("mode=%d\n", mode());
	fflush(stdout);
	for (long i = 0; count > 0 ? i < count : access(stop, F_OK) != 0; i++) {
		long start = milliseconds();
		errno = 0;
		snprintf(made, sizeof(made), "%s/made%ld", argv[1], i);
		if (i % 2 == 0 ? syscall(SYS_mkdir, made, 0777) == 0 : syscall(SYS_rmdir, kept) == 0)
			errno = 0;
		counts[i % 2][errno % MOST_ERRNO]++;
		long took = milliseconds() - start;
		longest = took > longest ? took : longest;
	}
	for (int which = 0; which < 2; which++)
		for (int number = 0; number < MOST_ERRNO; number++)
			if (counts[which][number] > 0)
				printf("%s=%d %ld\n", names[which], number, counts[which][number]);
	printf("longest=%ld\n", longest);
	fflush(stdout);
	while (argc > 4 && strchr(argv[4], 'w') != NULL && access(stop, F_OK) != 0)
		usleep(5000);
	return CODE;
}
