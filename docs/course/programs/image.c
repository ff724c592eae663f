/* Shows where its code and its data are, and that its data are its own; waits to be looked at
   (lesson 13). */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int number = 42;

int main(int argc, char *argv[])
{
    if (argc > 1)
        number = atoi(argv[1]);
    printf("number = %d\n", number);
    fflush(stdout);
    for (;;)
        pause();
}
