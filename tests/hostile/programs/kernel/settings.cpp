// Writes the kernel's settings.
// verdict: accepted
// gem5: engine_divergence
bool attack()
{
    for (const char *path : {"/proc/sys/kernel/core_pattern", "/proc/sys/kernel/hostname", "/proc/sys/vm/overcommit_memory",
                             "/proc/sysrq-trigger", "/sys/kernel/uevent_helper", "/proc/self/uid_map", "/proc/1/oom_score_adj",
                             "/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/cgroup.procs"}) {
        int file = open(path, O_WRONLY);
        if (write(file, "x", 1) == 1)
            return true;
    }
    return false;
}
