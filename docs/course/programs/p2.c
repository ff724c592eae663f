/* Prints the string in the segment of key 217, and removes the segment (lesson 41).
   With -w it tries to write to the segment attached for reading only: SIGSEGV. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>

#define KEY 217

int main(int argc, char *argv[])
{
    int writes = argc > 1 && strcmp(argv[1], "-w") == 0;
    key_t key = argc > 1 + writes ? (key_t)strtol(argv[1 + writes], NULL, 0) : KEY;
    int segment = shmget(key, 0, 0);
    char *memory;

    if (segment == -1) {
        perror("shmget");
        return EXIT_FAILURE;
    }
    memory = shmat(segment, NULL, writes ? SHM_RDONLY : 0);
    if (memory == (char *)-1) {
        perror("shmat");
        return EXIT_FAILURE;
    }
    if (writes)
        memory[0] = 'x';
    printf("lu: %s\n", memory);
    if (shmdt(memory) == -1) {
        perror("shmdt");
        return EXIT_FAILURE;
    }
    if (shmctl(segment, IPC_RMID, NULL) == -1) {
        perror("shmctl");
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
