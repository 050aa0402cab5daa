// Looks for a secret in the environments and arguments of all processes.
// verdict: accepted
bool attack()
{
    char path[64];
    for (int pid = 1; pid < 300; pid++)
        for (const char *file : {"environ", "cmdline"}) {
            snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
            if (holds(path, "PIE_CANARY") || holds(path, "pytest"))
                return true;
        }
    return false;
}
