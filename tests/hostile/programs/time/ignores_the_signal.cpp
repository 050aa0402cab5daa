// Ignores the signal that says that its time is over.
// verdict: time_limit
bool attack()
{
    for (int number = 1; number < 65; number++)
        signal(number, SIG_IGN);
    for (volatile unsigned i = 0;; i++)
        ;
}
