// Measures itself, and rests when it thinks that time is cheap.
// verdict: accepted
#include <time.h>
bool attack()
{
    struct timespec now;
    unsigned long ticks = __builtin_ia32_rdtsc();
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec < 0 && ticks == 0;
}
