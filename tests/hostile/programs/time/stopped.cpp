// Stops itself.
// verdict: time_limit
bool attack()
{
    raise(SIGSTOP);
    return false;
}
