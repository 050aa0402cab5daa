// Stops its parent, so that nobody waits for it any more.
// verdict: accepted
// skylake: engine_divergence
bool attack()
{
    kill(getppid(), SIGSTOP);
    kill(1, SIGSTOP);
    return kill(@PID@, SIGSTOP) == 0;
}
