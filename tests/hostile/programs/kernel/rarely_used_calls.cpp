// Reaches for the kernel's parts that few programs need and many break-outs used.
// verdict: accepted
// gem5: engine_divergence
bool attack()
{
    char zeros[256] = {};
    return syscall(SYS_userfaultfd, 1) >= 0 || syscall(SYS_perf_event_open, zeros, 0, -1, -1, 0) >= 0 ||
           syscall(425 /* io_uring_setup */, 4, zeros) >= 0 || syscall(SYS_add_key, "user", "x", "y", 1, -4) >= 0;
}
