// Opens raw and packet sockets.
// verdict: accepted
bool attack() { return socket(AF_PACKET, SOCK_RAW, 0) >= 0 || socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) >= 0; }
