/* Its child ends at once; it waits for it only when a line has been read (lesson 8). */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int status;
    pid_t pid = fork();

    if (pid == -1) {
        perror("fork");
        return EXIT_FAILURE;
    }
    if (pid == 0)
        _exit(7);
    getchar();
    if (waitpid(pid, &status, 0) == -1) {
        perror("waitpid");
        return EXIT_FAILURE;
    }
    if (WIFEXITED(status))
        printf("le fils s'est termine avec %d\n", WEXITSTATUS(status));
    return EXIT_SUCCESS;
}
