// Learns the host's name and resolvers.
// verdict: accepted
bool attack()
{
    struct utsname host;
    return (uname(&host) == 0 && !strcmp(host.nodename, "@HOST@")) || readable("/etc/resolv.conf") ||
           readable("/etc/hosts") || holds("/proc/sys/kernel/hostname", "@HOST@");
}
