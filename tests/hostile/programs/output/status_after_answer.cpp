// Prints the right answer and says that it failed.
// verdict: runtime_error
bool attack()
{
    printf("%d\n", 2 * n);
    fflush(stdout);
    _exit(1);
}
