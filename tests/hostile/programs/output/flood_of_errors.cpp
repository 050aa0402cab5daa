// Prints errors for a while.
// verdict: accepted
bool attack()
{
    static char data[1 << 16];
    for (int i = 0; i < 1000; i++)
        if (write(2, data, sizeof data) < 0)
            return true;
    return false;
}
