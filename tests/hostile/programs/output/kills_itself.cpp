// Ends by the signal with which the kernel ends those who use too much memory.
// verdict: memory_limit
bool attack()
{
    printf("%d\n", 2 * n);
    fflush(stdout);
    raise(SIGKILL);
    return true;
}
