/*
 * Many containers for an agent, without a runtime: pods SOCKET COUNT RATE SECONDS METADATA.
 *
 * COUNT processes with a filter each that asks about unshare(2), whose listeners go to the agent as a runtime hands them
 * over, with the annotations of containerd's CRI plugin. Prints "ready"; after a line on standard input they make RATE calls
 * a second together, for SECONDS, and it prints how many answers were wrong. METADATA is a file with a JSON string.
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
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int filtered(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_unshare, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

static int hand_over(const char *path, int pod, const char *metadata)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int connection = socket(AF_UNIX, SOCK_STREAM, 0), listener = filtered();
	char byte, *text = malloc(strlen(metadata) + 1024), control[CMSG_SPACE(sizeof(int))] = { 0 };
	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	if (text == NULL || listener < 0 || connect(connection, (struct sockaddr *)&address, sizeof(address)) != 0)
		return -1;
	int size = sprintf(text,
			   "{\"ociVersion\":\"1.0.2\",\"fds\":[\"seccompFd\"],\"pid\":%d,\"metadata\":%s,\"state\":"
			   "{\"ociVersion\":\"1.0.2\",\"id\":\"%064d\",\"status\":\"creating\",\"pid\":%d,\"bundle\":\"/\",\"annotations\":"
			   "{\"io.kubernetes.cri.sandbox-namespace\":\"shop\",\"io.kubernetes.cri.sandbox-name\":\"web-%d\","
			   "\"io.kubernetes.cri.container-name\":\"app\"}}}",
			   getpid(), metadata, pod, getpid(), pod);
	struct iovec vector = { text, size };
	struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1 };
	message.msg_control = control;
	message.msg_controllen = sizeof(control);
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &listener, sizeof(int));
	int sent = sendmsg(connection, &message, 0);
	close(listener);
	/* The agent closes the connection when it has the listener. */
	return sent == size && read(connection, &byte, 1) == 0 ? 0 : -1;
}

int main(int argc, char **argv)
{
	static char metadata[1 << 20];
	int ready[2], go[2], wrong = 0;
	char byte = 0;
	if (argc < 6 || pipe(ready) != 0 || pipe(go) != 0)
		return 2;
	int count = atoi(argv[2]), rate = atoi(argv[3]), seconds = atoi(argv[4]);
	FILE *file = fopen(argv[5], "r");
	if (file == NULL || fread(metadata, 1, sizeof(metadata) - 1, file) == 0)
		return 2;
	for (int pod = 0; pod < count; pod++) {
		if (fork() != 0)
			continue;
		close(go[1]);
		if (hand_over(argv[1], pod, metadata) != 0)
			perror("hand over");
		if (write(ready[1], &byte, 1) != 1)
			_exit(255);
		while (read(go[0], &byte, 1) > 0)
			;
		long pause = 1000000L * count / rate, bad = 0;
		usleep(pause * pod / count);
		for (int i = 0; i < rate * seconds / count; i++) {
			errno = 0;
			bad += syscall(SYS_unshare, 0x10000000) != -1 || errno != EPERM;
			usleep(pause);
		}
		_exit(bad > 254 ? 254 : bad);
	}
	for (int pod = 0; pod < count; pod++)
		if (read(ready[0], &byte, 1) != 1)
			return 3;
	printf("ready\n");
	fflush(stdout);
	if (read(0, &byte, 1) < 0)
		return 3;
	close(go[1]);
	for (int status; wait(&status) > 0;)
		wrong += WIFEXITED(status) ? WEXITSTATUS(status) : 255;
	printf("%d wrong\n", wrong);
	return 0;
}
