/* A pipe made before fork: the child reads what its parent writes (lesson 25). */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int ends[2];
    char text[6] = "";

    if (pipe(ends) == -1) {
        perror("pipe");
        return EXIT_FAILURE;
    }
    switch (fork()) {
    case -1:
        perror("fork");
        return EXIT_FAILURE;
    case 0:
        close(ends[1]);
        if (read(ends[0], text, 5) == -1) {
            perror("read");
            return EXIT_FAILURE;
        }
        printf("fils a lu %s\n", text);
        return EXIT_SUCCESS;
    default:
        close(ends[0]);
        if (write(ends[1], "hello", 5) == -1) {
            perror("write");
            return EXIT_FAILURE;
        }
        close(ends[1]);
        if (wait(NULL) == -1) {
            perror("wait");
            return EXIT_FAILURE;
        }
        return EXIT_SUCCESS;
    }
}
