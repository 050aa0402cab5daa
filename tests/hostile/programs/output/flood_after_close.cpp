// Hides its output behind another descriptor.
// verdict: output_limit
bool attack()
{
    static char data[1 << 16];
    int other = dup(1);
    for (;;)
        if (write(other, data, sizeof data) < 0)
            return true;
}
