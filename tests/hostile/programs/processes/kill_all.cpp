// Kills all that it can reach.
// verdict: accepted
// skylake: engine_divergence
bool attack()
{
    kill(getppid(), SIGKILL);
    kill(1, SIGKILL);
    kill(-1, SIGKILL);
    return kill(@PID@, SIGKILL) == 0;
}
