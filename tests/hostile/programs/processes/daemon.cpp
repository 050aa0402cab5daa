// Leaves a child in a session of its own, that ignores what can be ignored and writes later.
// verdict: accepted
bool attack()
{
    if (fork() == 0) {
        for (int number = 1; number < 65; number++)
            signal(number, SIG_IGN);
        setsid();
        if (fork() == 0) {
            sleep(2);
            for (;;)
                if (write(1, "late\n", 5) < 0)
                    sleep(1);
        }
        _exit(0);
    }
    return false;
}
