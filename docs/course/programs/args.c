/* Prints its parameters and its environment, as main gets them (lesson 5). */
#include <stdio.h>
#include <stdlib.h>

extern char **environ;

int main(int argc, char *argv[])
{
    int count = 0;

    for (int i = 0; i < argc; i++)
        printf("argv[%d] = %s\n", i, argv[i]);
    while (environ[count]) {
        printf("environ[%d] = %s\n", count, environ[count]);
        count++;
    }
    printf("%d parametres, %d variables\n", argc, count);
    return EXIT_SUCCESS;
}
