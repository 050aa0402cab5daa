// Forks as long as it lives.
// verdict: time_limit
bool attack()
{
    for (;;)
        fork();
}
