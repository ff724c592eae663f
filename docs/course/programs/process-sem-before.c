/* Does its part first, then posts the semaphore that the other waits for (lesson 39). */
#include <fcntl.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
    const char *name = argc > 1 ? argv[1] : "/lsinf1252";
    unsigned seconds = argc > 2 ? (unsigned)atoi(argv[2]) : 2;
    sem_t *semaphore = sem_open(name, O_CREAT, S_IRUSR | S_IWUSR, 0);

    if (semaphore == SEM_FAILED) {
        perror("sem_open");
        return EXIT_FAILURE;
    }
    sleep(seconds);
    printf("before done, pid=%ld\n", (long)getpid());
    fflush(stdout);
    if (sem_post(semaphore) == -1) {
        perror("sem_post");
        return EXIT_FAILURE;
    }
    if (sem_close(semaphore) == -1) {
        perror("sem_close");
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
