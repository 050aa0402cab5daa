// Leaves a child with an abstract socket for the next test.
// verdict: accepted
// gem5: engine_divergence
bool attack()
{
    struct sockaddr_un address = {AF_UNIX, "\0pie-left"};
    socklen_t size = offsetof(struct sockaddr_un, sun_path) + 9;
    int one = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(one, (struct sockaddr *)&address, size) == 0)
        return true;
    if (fork() == 0) {
        if (bind(one, (struct sockaddr *)&address, size) == 0)
            listen(one, 8);
        _exit(pause());
    }
    usleep(20000);
    return false;
}
