// Sleeps a little, for ever, and says so each time, as if it had to wait for its reader.
// verdict: time_limit
// lasts
bool attack()
{
    for (;;) {
        write(2, "x", 1);
        usleep(100000);
    }
}
