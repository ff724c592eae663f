/* Divides by each parameter; its handler of SIGFPE jumps behind the division (lesson 19). */
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static sigjmp_buf before_division;

static void jump(int number)
{
    (void)number;
    siglongjmp(before_division, 1);
}

int main(int argc, char *argv[])
{
    struct sigaction action = {.sa_handler = jump};

    if (sigaction(SIGFPE, &action, NULL) == -1) {
        perror("sigaction");
        return EXIT_FAILURE;
    }
    for (volatile int i = 1; i < argc; i++) {
        char *end;
        volatile long divisor = strtol(argv[i], &end, 10);

        if (*end)
            printf("Argument incorrect : %s\n", argv[i]);
        else if (sigsetjmp(before_division, 1) == 0)
            printf("1252/%ld=%ld\n", divisor, 1252 / divisor);
        else
            printf("1252/%ld=NaN\n", divisor);
    }
    return EXIT_SUCCESS;
}
