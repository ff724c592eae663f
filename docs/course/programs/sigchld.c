/* Three children end while SIGCHLD is blocked: how often does it come then? (lesson 10) */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILDREN 3

static volatile sig_atomic_t signals;

static void note(int number)
{
    (void)number;
    signals++;
}

int main(void)
{
    struct sigaction action = {.sa_handler = note};
    sigset_t blocked;
    siginfo_t found;
    int ended = 0;

    sigemptyset(&blocked);
    sigaddset(&blocked, SIGCHLD);
    if (sigaction(SIGCHLD, &action, NULL) == -1 || sigprocmask(SIG_BLOCK, &blocked, NULL) == -1) {
        perror("SIGCHLD");
        return EXIT_FAILURE;
    }
    for (int i = 0; i < CHILDREN; i++) {
        pid_t pid = fork();

        if (pid == -1) {
            perror("fork");
            return EXIT_FAILURE;
        }
        if (pid == 0)
            _exit(i);
        if (waitid(P_PID, (id_t)pid, &found, WEXITED | WNOWAIT) == -1) {    /* a zombie now */
            perror("waitid");
            return EXIT_FAILURE;
        }
    }
    if (sigprocmask(SIG_UNBLOCK, &blocked, NULL) == -1) {
        perror("sigprocmask");
        return EXIT_FAILURE;
    }
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ended++;
    printf("%d fils termines, %d SIGCHLD\n", ended, (int)signals);
    return EXIT_SUCCESS;
}
