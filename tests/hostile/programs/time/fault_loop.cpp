// Handles its own crash by crashing again.
// verdict: time_limit
static void again(int) {}
bool attack()
{
    signal(SIGSEGV, again);
    *(volatile int *)8 = 1;
    return true;
}
