// Spreads over many processes.
// verdict: accepted
// needs: limits_tree
bool attack()
{
    int ready[2], made = 0;
    if (pipe(ready) != 0)
        return false;
    for (; made < 12; made++) {
        pid_t child = fork();
        if (child < 0)
            break;
        if (child == 0) {
            volatile char *data = (volatile char *)malloc(40 << 20);
            for (int i = 0; data && i < 40 << 20; i += 4096)
                data[i] = 1;
            if (write(ready[1], data ? "1" : "0", 1) != 1)
                _exit(1);
            _exit(pause());
        }
    }
    close(ready[1]);
    int full = 0, ended = 0;
    char said;
    struct pollfd wait = {ready[0], POLLIN, 0};
    while (full + ended < made) {
        if (poll(&wait, 1, 50) > 0 && read(ready[0], &said, 1) == 1)
            full += said == '1', ended += said == '0';
        while (waitpid(-1, nullptr, WNOHANG) > 0)
            ended++;
    }
    return full * 40 > 330;
}
