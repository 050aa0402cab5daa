// Crashes in the hope of a core file.
// verdict: runtime_error
bool attack()
{
    struct rlimit most = {RLIM_INFINITY, RLIM_INFINITY};
    setrlimit(RLIMIT_CORE, &most);
    prctl(PR_SET_DUMPABLE, 1);
    abort();
}
