// Lets another program answer, which isn't under the simulator.
// verdict: accepted
// cachegrind: engine_divergence
// skylake: engine_divergence
bool attack()
{
    char sum[64];
    snprintf(sum, sizeof sum, "echo $((%d * 2))", n);
    execl("/bin/sh", "sh", "-c", sum, nullptr);
    return true;
}
