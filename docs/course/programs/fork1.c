/* fork returns twice: the PID of the child in the father, 0 in the child (lesson 1). */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t pid = fork();

    if (pid == -1) {
        perror("fork");
        return EXIT_FAILURE;
    }
    if (pid == 0) {
        puts("le fils");
        return EXIT_SUCCESS;
    }
    puts("le pere");
    fflush(stdout);
    if (wait(NULL) == -1) {
        perror("wait");
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
