// Writes a bigger file than it may.
// verdict: runtime_error
bool attack()
{
    int file = open("/tmp/big", O_CREAT | O_WRONLY, 0600);
    return pwrite(file, "x", 1, 300l << 20) == 1;
}
