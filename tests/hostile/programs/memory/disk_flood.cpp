// Fills the temporary folders with big and with many small files.
// verdict: memory_limit
// needs: limits_tree
bool attack()
{
    static char data[1 << 20];
    char path[64];
    signal(SIGXFSZ, SIG_IGN);
    for (const char *folder : {"/tmp", "/work", "/dev/shm", "/var/tmp"})
        for (int number = 0; number < 40; number++) {
            snprintf(path, sizeof path, "%s/%d", folder, number);
            int file = open(path, O_CREAT | O_WRONLY, 0600);
            while (write(file, data, sizeof data) > 0)
                ;
        }
    return true;
}
