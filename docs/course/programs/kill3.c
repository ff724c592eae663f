/* Makes three children that never end, kills them, and says how each has ended (lesson 6). */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILDREN 3

static void tell(pid_t pid, int status)
{
    if (WIFEXITED(status))
        printf("FILS [%ld] s'est termine avec %d\n", (long)pid, WEXITSTATUS(status));
    else if (WIFSIGNALED(status))
        printf("FILS [%ld] a recu le signal %d\n", (long)pid, WTERMSIG(status));
}

int main(void)
{
    pid_t children[CHILDREN];

    for (int i = 0; i < CHILDREN; i++) {
        children[i] = fork();
        if (children[i] == -1) {
            perror("fork");
            while (i-- > 0)
                kill(children[i], SIGKILL);
            return EXIT_FAILURE;
        }
        if (children[i] == 0)
            for (;;)
                pause();
    }
    for (int i = 0; i < CHILDREN; i++)
        if (kill(children[i], SIGKILL) == -1)
            perror("kill");
    for (int i = 0; i < CHILDREN; i++) {
        int status;

        if (waitpid(children[i], &status, 0) == -1) {
            perror("waitpid");
            return EXIT_FAILURE;
        }
        tell(children[i], status);
    }
    return EXIT_SUCCESS;
}
