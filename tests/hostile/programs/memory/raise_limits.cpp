// Raises its limits, its own and the first process's. QEMU says that it did, and didn't.
// verdict: accepted
// skylake: engine_divergence
bool attack()
{
    struct rlimit most = {RLIM_INFINITY, RLIM_INFINITY};
    for (auto which : {RLIMIT_CPU, RLIMIT_DATA, RLIMIT_FSIZE, RLIMIT_NPROC, RLIMIT_CORE})
        if (setrlimit(which, &most) == 0 && which != RLIMIT_NPROC)
            return true;
    return prlimit(1, RLIMIT_NOFILE, &most, nullptr) == 0;
}
