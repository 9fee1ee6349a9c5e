/*
 * A process with a listener of its own, as a runtime hands one over: notifier SOCKET MODE.
 *
 * state    sends a container's state and its listener, makes three mount(2) calls and prints their errnos
 * hang     the same, with a string on a page that is never there (userfaultfd)
 * nothing  sends nothing, and waits until the connection is closed
 * garbage  sends text that is no state
 * pipe     sends a state with an fd that is no listener
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/userfaultfd.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static int filtered(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mount, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

static void send_with(int connection, const char *text, int fd)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec vector = { (void *)text, strlen(text) };
	struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1 };
	if (fd >= 0) {
		message.msg_control = control;
		message.msg_controllen = sizeof(control);
		struct cmsghdr *header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(header), &fd, sizeof(int));
	}
	sendmsg(connection, &message, 0);
}

static void *absent_page(void)
{
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);
	struct uffdio_api api = { .api = UFFD_API };
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct uffdio_register range = { { (unsigned long)page, 4096 }, UFFDIO_REGISTER_MODE_MISSING, 0 };
	if (fd < 0 || ioctl(fd, UFFDIO_API, &api) != 0 || ioctl(fd, UFFDIO_REGISTER, &range) != 0)
		perror("userfaultfd");
	return page;
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return 2;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	strncpy(address.sun_path, argv[1], sizeof(address.sun_path) - 1);
	const char *mode = argv[2];
	char text[256], byte;
	int pipes[2], connection = socket(AF_UNIX, SOCK_STREAM, 0);
	if (connect(connection, (struct sockaddr *)&address, sizeof(address)) != 0 || pipe(pipes) != 0)
		return 3;
	snprintf(text, sizeof(text),
		 "{\"ociVersion\":\"1.0.2\",\"fds\":[\"seccompFd\"],\"pid\":%d,\"metadata\":\"\","
		 "\"state\":{\"ociVersion\":\"1.0.2\",\"id\":\"%s\",\"status\":\"running\",\"pid\":%d,\"bundle\":\"/\"}}",
		 getpid(), mode, getpid());
	if (strcmp(mode, "garbage") == 0)
		send_with(connection, "{\"fds\": 1}", -1), shutdown(connection, SHUT_WR);
	else if (strcmp(mode, "pipe") == 0)
		send_with(connection, text, pipes[0]);
	else if (strcmp(mode, "nothing") != 0) {
		const char *source = strcmp(mode, "hang") == 0 ? absent_page() : "source";
		int listener = filtered();
		/* In two parts: the fd comes with the first. */
		text[strlen(text) - 1] = 0;
		send_with(connection, text, listener);
		send_with(connection, "}", -1);
		close(listener);
		for (int i = 0; i < 3; i++) {
			errno = 0;
			syscall(SYS_mount, source, "/target", "tmpfs", 0, 0);
			printf("%d ", errno);
		}
	}
	/* The agent closes the connection in the end, whatever came. */
	return read(connection, &byte, 1) > 0;
}
