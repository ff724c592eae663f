/* Reads ten bytes from the FIFO `fictub`, once there is a writer (lesson 33). */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(void)
{
    char text[11];
    ssize_t length;
    int fifo = open("fictub", O_RDONLY);

    if (fifo == -1) {
        perror("open");
        return EXIT_FAILURE;
    }
    length = read(fifo, text, sizeof text - 1);
    if (length == -1) {
        perror("read");
        return EXIT_FAILURE;
    }
    text[length] = '\0';
    printf("J'ai lu %s\n", text);
    close(fifo);
    return EXIT_SUCCESS;
}
