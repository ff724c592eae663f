/* Counts SIGUSR1 and SIGUSR2 until five have come (lesson 17). */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define WANTED 5

static volatile sig_atomic_t usr1, usr2;

static void count(int number)
{
    if (number == SIGUSR1)
        usr1++;
    else
        usr2++;
}

int main(void)
{
    struct sigaction action = {.sa_handler = count};
    sigset_t both, before;

    sigemptyset(&both);
    sigaddset(&both, SIGUSR1);
    sigaddset(&both, SIGUSR2);
    action.sa_mask = both;
    if (sigprocmask(SIG_BLOCK, &both, &before) == -1 || sigaction(SIGUSR1, &action, NULL) == -1
        || sigaction(SIGUSR2, &action, NULL) == -1) {
        perror("SIGUSR1, SIGUSR2");
        return EXIT_FAILURE;
    }
    puts("pret");
    fflush(stdout);
    while (usr1 + usr2 < WANTED)
        sigsuspend(&before);
    printf("Recu %d SIGUSR1 et %d SIGUSR2\n", (int)usr1, (int)usr2);
    return EXIT_SUCCESS;
}
