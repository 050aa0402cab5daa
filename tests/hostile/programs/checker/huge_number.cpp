// Prints a number of a million digits.
// verdict: wrong_answer
bool attack()
{
    for (int i = 0; i < 500000; i++)
        putchar('9');
    puts("");
    return false;
}
