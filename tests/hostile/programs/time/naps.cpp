// Sleeps a little, for ever, so that it always has used some time.
// verdict: time_limit
bool attack()
{
    for (;;)
        usleep(2000);
}
