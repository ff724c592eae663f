/* Divides by zero (lesson 19). */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char *argv[])
{
    int divisor = argc > 1 ? atoi(argv[1]) : 0;

    printf("Calcul de : 1252/%d\n", divisor);
    fflush(stdout);
    printf("%d\n", 1252 / divisor);
    return EXIT_SUCCESS;
}
