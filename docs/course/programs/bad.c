#include <stdio.h>

int main(void)
{
    return puts("bonjour") == EOF
}
