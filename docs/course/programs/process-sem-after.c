/* Waits until the other has done its part, and removes the semaphore (lesson 39). */
#include <fcntl.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
    const char *name = argc > 1 ? argv[1] : "/lsinf1252";
    sem_t *semaphore = sem_open(name, O_CREAT, S_IRUSR | S_IWUSR, 0);

    if (semaphore == SEM_FAILED) {
        perror("sem_open");
        return EXIT_FAILURE;
    }
    if (sem_wait(semaphore) == -1) {
        perror("sem_wait");
        return EXIT_FAILURE;
    }
    printf("after done, pid=%ld\n", (long)getpid());
    if (sem_close(semaphore) == -1 || sem_unlink(name) == -1) {
        perror("sem_unlink");
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
