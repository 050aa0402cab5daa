// Connects to a server on the host's loopback.
// verdict: accepted
bool attack()
{
    struct sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(@PORT@);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int one = socket(AF_INET, SOCK_STREAM, 0);
    return connect(one, (struct sockaddr *)&address, sizeof address) == 0;
}
