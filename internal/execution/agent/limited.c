// The helper of the agent: it limits itself and becomes the program, because
// limits set from outside would come too late. It is C, and runs before Go's
// runtime does: a helper in Go takes longer to start than most programs run.
//
//	runner agent-limited LIMITS COMMAND ARGUMENT...
//
// LIMITS is nice=N or a number of a resource, = and its limit, with commas
// between. File descriptor 3 gets "ok CPU-MICROSECONDS MAXRSS-KIBIBYTES", which
// is what the helper has used up itself, or "error WORDS", and closes when the
// program starts.

#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/keyctl.h>

#define STARTUP 3

static void fail(const char *what) {
	dprintf(STARTUP, "error %s: %s\n", what, strerror(errno));
	_exit(1);
}

// close_on_exec leaves the program its three streams, and nothing that whoever
// started the agent has left open.
static void close_on_exec(void) {
	DIR *folder;
	struct dirent *entry;
#ifdef SYS_close_range
	if (syscall(SYS_close_range, STARTUP, ~0U, 4 /* CLOSE_RANGE_CLOEXEC */) == 0)
		return;
#endif
	// Linux knows that since 5.11.
	if ((folder = opendir("/proc/self/fd")) == NULL)
		fail("/proc/self/fd");
	while ((entry = readdir(folder)) != NULL) {
		int fd = atoi(entry->d_name);
		if (fd >= STARTUP)
			fcntl(fd, F_SETFD, FD_CLOEXEC);
	}
	closedir(folder);
}

// limit obeys one word of LIMITS.
static void limit(char *word) {
	char *end;
	unsigned long long value;
	char *equals = strchr(word, '=');
	if (equals == NULL) {
		errno = EINVAL;
		fail(word);
	}
	errno = 0;
	value = strtoull(equals + 1, &end, 10);
	if (errno != 0 || *end != 0 || end == equals + 1) {
		errno = EINVAL;
		fail(word);
	}
	if (strncmp(word, "nice=", 5) == 0) {
		if (setpriority(PRIO_PROCESS, 0, (int)value) != 0)
			fail(word);
		return;
	}
	struct rlimit both = {value, value};
	if (setrlimit(atoi(word), &both) != 0)
		fail(word);
}

static long long microseconds(struct timeval t) { return t.tv_sec * 1000000LL + t.tv_usec; }

__attribute__((constructor)) static void become_program(int argc, char **argv) {
	struct rusage usage;
	char *rest, *word;
	if (argc < 4 || strcmp(argv[1], "agent-limited") != 0)
		return;
	close_on_exec();
	// The program ends with the agent, and gains nothing from set-user-ID
	// programs, which the agent could not kill.
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
		fail("PR_SET_PDEATHSIG");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		fail("PR_SET_NO_NEW_PRIVS");
	// A program has no share in the keys of whoever started the agent.
	syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
	for (word = strtok_r(argv[2], ",", &rest); word != NULL; word = strtok_r(NULL, ",", &rest))
		limit(word);
	getrusage(RUSAGE_SELF, &usage);
	dprintf(STARTUP, "ok %lld %ld\n", microseconds(usage.ru_utime) + microseconds(usage.ru_stime), usage.ru_maxrss);
	// execvp would hand a file that is no program to a shell.
	if (strchr(argv[3], '/') != NULL)
		execv(argv[3], argv + 3);
	else
		execvp(argv[3], argv + 3);
	fail(argv[3]);
}
