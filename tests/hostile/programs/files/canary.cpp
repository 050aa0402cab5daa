// Reads a file of the harness's user, by its name on the host.
// verdict: accepted
bool attack() { return readable("@CANARY@"); }
