/* Takes the message of type 12 from the queue of key 17, and removes the queue (lesson 40). */
#include <stdio.h>
#include <stdlib.h>
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
    struct message message;
    int queue = msgget(key, 0);
    ssize_t length;

    if (queue == -1) {
        perror("msgget");
        return EXIT_FAILURE;
    }
    length = msgrcv(queue, &message, sizeof message.text - 1, 12, IPC_NOWAIT);
    if (length == -1) {
        perror("msgrcv");
        return EXIT_FAILURE;
    }
    message.text[length] = '\0';
    printf("message lu %s\n", message.text);
    if (msgctl(queue, IPC_RMID, NULL) == -1) {
        perror("msgctl");
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
