// Reads the host's password files.
// verdict: accepted
bool attack() { return readable("/etc/passwd") || readable("/etc/shadow") || readable("/etc/ssh/ssh_host_rsa_key"); }
