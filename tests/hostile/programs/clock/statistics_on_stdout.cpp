// Prints the simulators' statistics with the answer.
// verdict: wrong_answer
bool attack()
{
    puts("sim_ticks 1 # Number of ticks simulated\nsimTicks 1\nsim_freq 1000000000000\nsummary: 1 1 1 1 1 1 1 1 1");
    return false;
}
