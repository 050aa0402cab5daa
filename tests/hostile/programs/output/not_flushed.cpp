// Leaves without writing what it has printed. gem5, and so skylake, says that the output is a terminal: lines are written.
// verdict: wrong_answer
// skylake: accepted
bool attack()
{
    printf("%d\n", 2 * n);
    _exit(0);
}
