// Prints a million lines after the answer, which the published rule doesn't look at.
// verdict: accepted
// strict: wrong_answer
bool attack()
{
    printf("%d\n", 2 * n);
    for (int i = 0; i < 50000; i++)
        puts("7");
    return false;
}
