/* Reads a character, but waits no longer than some seconds (lessons 21 and 22). */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <unistd.h>

static void nothing(int number)
{
    (void)number;       /* it is enough that read is interrupted */
}

int main(int argc, char *argv[])
{
    struct sigaction action = {.sa_handler = nothing};      /* without SA_RESTART */
    unsigned seconds = argc > 1 ? (unsigned)atoi(argv[1]) : 5;
    /* Again and again: the first one may come before read has begun. */
    struct itimerval timer = {{seconds, 0}, {seconds, 0}};
    char character;
    ssize_t count;

    printf("Tapez return en moins de %u secondes !\n", seconds);
    fflush(stdout);
    if (sigaction(SIGALRM, &action, NULL) == -1) {
        perror("sigaction");
        return EXIT_FAILURE;
    }
    if (setitimer(ITIMER_REAL, &timer, NULL) == -1) {
        perror("setitimer");
        return EXIT_FAILURE;
    }
    count = read(STDIN_FILENO, &character, 1);
    if (count == -1 && errno != EINTR) {
        perror("read");
        return EXIT_FAILURE;
    }
    alarm(0);
    puts(count == 1 ? "Gagne" : "Perdu !");
    return count == 1 ? EXIT_SUCCESS : EXIT_FAILURE;
}
