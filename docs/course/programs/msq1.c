/* Makes a System V message queue, key 17, and sends one message of type 12 (lesson 40). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>

#define KEY 17

struct message {
    long type;
    char text[100];
};

int main(int argc, char *argv[])
{
    key_t key = argc > 1 ? (key_t)strtol(argv[1], NULL, 0) : KEY;
    struct message message = {.type = 12};
    int queue = msgget(key, 0750 | IPC_CREAT);

    if (queue == -1) {
        perror("msgget");
        return EXIT_FAILURE;
    }
    strcpy(message.text, "ceci est un message");
    if (msgsnd(queue, &message, strlen(message.text), IPC_NOWAIT) == -1) {
        perror("msgsnd");
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
