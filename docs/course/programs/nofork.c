/* fork where the user may have no more processes; of root it makes nobody, whom limits bind
   (lesson 11). */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#define NOBODY 65534

int main(void)
{
    struct rlimit one = {1, 1};

    if (geteuid() == 0 && setuid(NOBODY) == -1) {
        perror("setuid");
        return EXIT_FAILURE;
    }
    if (setrlimit(RLIMIT_NPROC, &one) == -1) {
        perror("setrlimit");
        return EXIT_FAILURE;
    }
    switch (fork()) {
    case -1:
        perror("fork");
        return EXIT_FAILURE;
    case 0:
        _exit(EXIT_SUCCESS);
    default:
        puts("fork a reussi");
        return EXIT_SUCCESS;
    }
}
