// Leaves a file for the next test. gem5 says that every file is there (it ignores access), and lets none be made.
// verdict: accepted
// gem5: engine_divergence
bool attack()
{
    for (const char *path : {"/tmp/left", "/work/left", "/dev/shm/left", "/var/tmp/left"}) {
        if (access(path, F_OK) == 0)
            return true;
        close(open(path, O_CREAT | O_WRONLY, 0666));
    }
    return false;
}
