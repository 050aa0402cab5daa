// Waits for a lock that it holds.
// verdict: time_limit
bool attack()
{
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    pthread_mutex_lock(&lock);
    return true;
}
