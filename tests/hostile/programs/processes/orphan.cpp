// Leaves a child that holds the output open for ever.
// verdict: accepted
bool attack()
{
    if (fork() == 0)
        for (;;)
            sleep(1000);
    return false;
}
