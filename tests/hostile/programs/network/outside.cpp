// Sends a datagram to an address outside (of a net for documentation).
// verdict: accepted
bool attack()
{
    struct sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(53);
    address.sin_addr.s_addr = inet_addr("192.0.2.1");
    int one = socket(AF_INET, SOCK_DGRAM, 0);
    return sendto(one, "x", 1, 0, (struct sockaddr *)&address, sizeof address) == 1;
}
