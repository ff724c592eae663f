/* Makes the FIFO `fictub`, waits for a reader, and writes ten digits (lesson 33). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void)
{
    int fifo;

    if (mkfifo("fictub", S_IRUSR | S_IWUSR) == -1 && errno != EEXIST) {
        perror("mkfifo");
        return EXIT_FAILURE;
    }
    fifo = open("fictub", O_WRONLY);
    if (fifo == -1) {
        perror("open");
        return EXIT_FAILURE;
    }
    if (write(fifo, "0123456789", 10) == -1) {
        perror("write");
        return EXIT_FAILURE;
    }
    if (close(fifo) == -1) {
        perror("close");
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
