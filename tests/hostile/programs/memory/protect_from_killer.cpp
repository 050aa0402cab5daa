// Asks the kernel to kill others first when memory is short.
// verdict: accepted
bool attack()
{
    int file = open("/proc/self/oom_score_adj", O_WRONLY);
    return write(file, "-1000", 5) == 5;
}
