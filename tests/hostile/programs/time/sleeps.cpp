// Sleeps for ever.
// verdict: time_limit
bool attack()
{
    for (;;)
        sleep(1000);
}
