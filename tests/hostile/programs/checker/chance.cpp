// Guesses.
// verdict: wrong_answer
bool attack()
{
    struct timeval now;
    gettimeofday(&now, nullptr);
    printf("%ld\n", 1000 + now.tv_usec);
    _exit(fflush(stdout));
}
