// Fills files in memory, one after the other.
// verdict: memory_limit
// needs: limits_tree
bool attack()
{
    static char data[1 << 20];
    for (;;) {
        int file = memfd_create("x", 0);
        for (int i = 0; i < 6; i++)
            if (write(file, data, sizeof data) < 0)
                break;
    }
}
