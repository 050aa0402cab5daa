// Connects to a server on an abstract socket of the host.
// verdict: accepted
bool attack()
{
    struct sockaddr_un address = {AF_UNIX, "\0pie-hostile-@PORT@"};
    int one = socket(AF_UNIX, SOCK_STREAM, 0);
    socklen_t size = offsetof(struct sockaddr_un, sun_path) + sizeof "\0pie-hostile-@PORT@" - 1;
    return connect(one, (struct sockaddr *)&address, size) == 0;
}
