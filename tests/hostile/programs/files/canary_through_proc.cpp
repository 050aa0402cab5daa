// Reaches for the host's files through other processes' roots and folders.
// verdict: accepted
bool attack()
{
    char path[512];
    for (int pid = 1; pid < 100; pid++)
        for (const char *way : {"root", "cwd"}) {
            snprintf(path, sizeof path, "/proc/%d/%s/@CANARY@", pid, way);
            if (readable(path))
                return true;
        }
    return readable("/proc/self/root/@CANARY@") || readable("/../../../@CANARY@");
}
