/* longjmp goes back to where setjmp was called, in a function that has not returned
   (lesson 19). */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

static jmp_buf label;

static void g(void)
{
    puts("Debut de g");
    longjmp(label, 1);
}

static void f(void)
{
    puts("Debut de f");
    if (setjmp(label) == 0) {
        puts("setjmp a donne 0");
        g();
        puts("jamais affiche");
    }
    else
        puts("setjmp a donne 1, par longjmp");
}

int main(void)
{
    f();
    return EXIT_SUCCESS;
}
