// Leaves without writing what it has printed.
// verdict: wrong_answer
bool attack()
{
    printf("%d\n", 2 * n);
    _exit(0);
}
