// Lets children use the time, one after the other.
// verdict: time_limit
bool attack()
{
    for (;;)
        if (fork() == 0) {
            for (volatile int i = 0; i < 20000000; i++)
                ;
            _exit(0);
        } else {
            wait(nullptr);
        }
}
