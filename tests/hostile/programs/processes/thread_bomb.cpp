// Starts threads as long as it may, which burn the processor.
// verdict: time_limit
static void *burn(void *)
{
    for (volatile unsigned i = 0;; i++)
        ;
}
bool attack()
{
    pthread_t thread;
    while (pthread_create(&thread, nullptr, burn, nullptr) == 0)
        ;
    burn(nullptr);
    return false;
}
