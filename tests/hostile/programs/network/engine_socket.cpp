// Talks to the Docker engine, which would do anything for it.
// verdict: accepted
bool attack()
{
    for (const char *path : {"/var/run/docker.sock", "/run/docker.sock", "/run/containerd/containerd.sock"}) {
        struct sockaddr_un address = {AF_UNIX, ""};
        strcpy(address.sun_path, path);
        int one = socket(AF_UNIX, SOCK_STREAM, 0);
        if (connect(one, (struct sockaddr *)&address, sizeof address) == 0)
            return true;
    }
    return false;
}
