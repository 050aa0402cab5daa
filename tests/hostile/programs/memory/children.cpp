// Spreads over many processes.
// verdict: accepted
// needs: limits_tree
bool attack()
{
    const int bytes = 40 << 20;
    int ready[2], alive = 0, full = 0;
    char said;
    if (pipe2(ready, O_NONBLOCK) != 0)
        return false;
    while (alive < 12) {
        pid_t child = fork();
        if (child < 0)
            break;
        if (child == 0) {
            volatile char *data = (volatile char *)malloc(bytes);
            for (int i = 0; data && i < bytes; i += 4096)
                data[i] = 1;
            if (!data || write(ready[1], "x", 1) != 1)
                _exit(1);
            _exit(pause());
        }
        alive++;
    }
    // until everybody has said that it has its memory, or is dead; one that has said so may die for another's sake
    for (; full < alive; usleep(1000)) {
        while (read(ready[0], &said, 1) == 1)
            full++;
        while (waitpid(-1, nullptr, WNOHANG) > 0)
            alive--;
    }
    usleep(50000);
    while (waitpid(-1, nullptr, WNOHANG) > 0)
        alive--;
    return alive * 40 > 330;
}
