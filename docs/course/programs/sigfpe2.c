/* Divides by each parameter; its handler of SIGFPE returns to where it was called (lesson 19). */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void say(int number)
{
    static const char text[] = "Signal SIGFPE recu\n";

    (void)number;
    if (write(STDOUT_FILENO, text, strlen(text)) == -1)
        _exit(EXIT_FAILURE);
}

int main(int argc, char *argv[])
{
    struct sigaction action = {.sa_handler = say};

    if (sigaction(SIGFPE, &action, NULL) == -1) {
        perror("sigaction");
        return EXIT_FAILURE;
    }
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);      /* write comes between: each line at once */
    for (int i = 1; i < argc; i++) {
        char *end;
        long divisor = strtol(argv[i], &end, 10);

        printf("Traitement de argv[%d]=%s\n", i, argv[i]);
        if (*end)
            printf("Argument incorrect : %s\n", argv[i]);
        else
            printf("1252/%ld=%ld\n", divisor, 1252 / divisor);
    }
    return EXIT_SUCCESS;
}
