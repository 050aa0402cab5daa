// Prints the right answer and dies.
// verdict: runtime_error
bool attack()
{
    printf("%d\n", 2 * n);
    fflush(stdout);
    abort();
}
