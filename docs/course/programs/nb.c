/* What the father changes behind fork is not changed in the child (lessons 1 and 2). */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int number = 42;
    pid_t pid;

    printf("Avant fork, le nombre est %d\n", number);
    pid = fork();
    if (pid == -1) {
        perror("fork");
        return EXIT_FAILURE;
    }
    if (pid == 0) {
        printf("Fils : %d\n", number);
        return EXIT_SUCCESS;
    }
    number *= 2;
    if (wait(NULL) == -1) {
        perror("wait");
        return EXIT_FAILURE;
    }
    printf("Pere : %d\n", number);
    return EXIT_SUCCESS;
}
