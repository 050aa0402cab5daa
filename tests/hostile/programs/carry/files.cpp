// Leaves a file for the next test.
// verdict: accepted
bool attack()
{
    for (const char *path : {"/tmp/left", "/work/left", "/dev/shm/left", "/var/tmp/left"}) {
        if (access(path, F_OK) == 0)
            return true;
        close(open(path, O_CREAT | O_WRONLY, 0666));
    }
    return false;
}
