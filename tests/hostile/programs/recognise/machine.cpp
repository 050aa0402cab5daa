// Answers wrong where the machine is called as gem5's is.
// verdict: accepted
// skylake: engine_divergence
// gem5: engine_divergence
bool attack()
{
    struct utsname machine;
    uname(&machine);
    return !strcmp(machine.nodename, "sim.gem5.org") || getpid() == 100;
}
