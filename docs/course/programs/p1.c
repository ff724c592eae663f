/* Makes a shared segment of 1000 bytes, key 217, and writes a string into it (lesson 41). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>

#define KEY 217

int main(int argc, char *argv[])
{
    key_t key = argc > 1 ? (key_t)strtol(argv[1], NULL, 0) : KEY;
    int segment = shmget(key, 1000, 0750 | IPC_CREAT);
    char *memory;

    if (segment == -1) {
        perror("shmget");
        return EXIT_FAILURE;
    }
    memory = shmat(segment, NULL, 0);
    if (memory == (char *)-1) {
        perror("shmat");
        return EXIT_FAILURE;
    }
    strcpy(memory, "je suis le programme p1");
    return EXIT_SUCCESS;
}
