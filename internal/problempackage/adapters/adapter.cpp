// Lets a program that speaks one judge's protocol be called by another's. The
// program itself is the file included at the end, unchanged: before its main
// begins, the process splits in two, and the first waits for the second and
// translates its exit code. Linux with glibc, whose constructors are given the
// arguments.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define ADAPT_{{ADAPTER}} 1

// translate is the caller's exit code for the program's.
static int adapterTranslate(int code) {
#if defined(ADAPT_CHECKER_TO_ICPC)
    // testlib: 0 right, 1 wrong, 2 presentation, 4 dirt, 8 unexpected end.
    if (code == 0) return 42;
    return code == 1 || code == 2 || code == 4 || code == 8 ? 43 : 1;
#elif defined(ADAPT_CHECKER_TO_TESTLIB)
    if (code == 42) return 0;
    return code == 43 ? 1 : 3;
#elif defined(ADAPT_VALIDATOR_TO_ICPC)
    return code == 0 ? 42 : 43;
#else
    return code == 42 ? 0 : 3;
#endif
}

#if defined(ADAPT_CHECKER_TO_ICPC)
// From input answer feedback < output to input output answer.
static void adapterArguments(int argc, char** argv) {
    static char path[4096];
    if (argc < 4) _exit(1);
    snprintf(path, sizeof path, "%s/adapted-output", argv[3]);
    int file = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    if (file < 0) _exit(1);
    static char buffer[1 << 16];
    for (ssize_t n; (n = read(0, buffer, sizeof buffer)) > 0;)
        for (ssize_t at = 0, m; at < n; at += m)
            if ((m = write(file, buffer + at, n - at)) <= 0) _exit(1);
    close(file);
    argv[3] = argv[2];
    argv[2] = path;
}
#elif defined(ADAPT_CHECKER_TO_TESTLIB)
// From input output answer to input answer feedback < output.
static void adapterArguments(int argc, char** argv) {
    static char folder[] = "feedback-XXXXXX", elsewhere[] = "/tmp/feedback-XXXXXX", path[64];
    if (argc < 4) _exit(3);
    char* made = mkdtemp(folder);
    if (!made) made = mkdtemp(elsewhere);
    int file = open(argv[2], O_RDONLY);
    if (!made || file < 0 || dup2(file, 0) < 0) _exit(3);
    snprintf(path, sizeof path, "%s/", made);
    argv[2] = argv[3];
    argv[3] = path;
}
#else
static void adapterArguments(int, char**) {}
#endif

__attribute__((constructor)) static void adapterStart(int argc, char** argv, char**) {
    adapterArguments(argc, argv);
    pid_t child = fork();
    if (child == 0) return;
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status)) _exit(adapterTranslate(-1));
    _exit(adapterTranslate(WEXITSTATUS(status)));
}

#include "{{ORIGINAL}}"
