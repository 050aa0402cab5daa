// Calls everything that the kernel doesn't have.
// verdict: accepted
// gem5: engine_divergence
bool attack()
{
    for (long number = 600; number < 700; number++)
        if (syscall(number, 0, 0, 0, 0, 0, 0) != -1)
            return true;
    return false;
}
