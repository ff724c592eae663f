/* Counts SIGUSR1 until SIGUSR2 comes (lesson 18). */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

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
    if (sigprocmask(SIG_BLOCK, &both, &before) == -1 || sigaction(SIGUSR1, &action, NULL) == -1
        || sigaction(SIGUSR2, &action, NULL) == -1) {
        perror("SIGUSR1, SIGUSR2");
        return EXIT_FAILURE;
    }
    puts("pret");
    fflush(stdout);
    while (usr2 == 0)
        sigsuspend(&before);
    printf("Recu %d SIGUSR1\n", (int)usr1);
    return EXIT_SUCCESS;
}
